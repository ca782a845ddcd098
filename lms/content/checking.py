"""The whole check of a library: every mistake in one run."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from lms.content import ageing, ids, likeness, links, wording
from lms.content.bank_lines import tokens
from lms.content.lessons import sections
from lms.content.library import FactDesc, LessonDesc, ModuleDesc
from lms.content.problems import Problem, Problems
from lms.content.prose import FACT
from lms.content.reading import read
from lms.content.render import Renderer, RenderFailed, render_variants
from lms.content.shelf import Reading


def check(
    root: Path,
    today: date,
    *,
    known_ids: frozenset[str] = frozenset(),
    require_review: bool = False,
    renderer: Renderer | None = None,
) -> list[Problem]:
    """Return every mistake of the library under `root`, by file and line.

    `known_ids` are ids published besides those of `courses/ids.txt`. With `require_review` a
    module or lesson that nobody has reviewed is a mistake. A `renderer` given is used, not closed.
    """
    problems = Problems()
    report(
        read(root, problems),
        today,
        problems,
        known_ids=known_ids,
        require_review=require_review,
        renderer=renderer,
    )
    return list(problems)


def report(
    reading: Reading,
    today: date,
    problems: Problems,
    *,
    known_ids: frozenset[str] = frozenset(),
    require_review: bool = False,
    renderer: Renderer | None = None,
) -> None:
    """Add to `problems` what a check finds in a library already read."""
    if not reading.library.courses:
        problems.add(
            Path("courses"), 1, "Chưa có khóa học nào. Thêm bằng: lms content new course ma-khoa-hoc"
        )
    wording.report(reading, problems)
    links.report(reading, problems)
    likeness.report(reading, problems)
    ageing.report(reading, today)
    ids.report(reading, known_ids, problems)
    if require_review:
        _report_unreviewed(reading, problems)
    if renderer:
        _report_unrenderable(reading, renderer, problems)
        return
    with Renderer() as own:
        _report_unrenderable(reading, own, problems)


def _report_unreviewed(reading: Reading, problems: Problems) -> None:
    items: list[ModuleDesc | LessonDesc] = [*reading.library.modules(), *reading.library.lessons()]
    for item in items:
        if not item.reviewer:
            problems.add(
                item.file, 1, "Chưa có người thẩm định. Thêm “reviewer” và “reviewed-on” sau khi đã đọc soát."
            )


def _report_unrenderable(reading: Reading, renderer: Renderer, problems: Problems) -> None:
    facts = {fact.id: fact for fact in reading.library.facts}
    for file, line, text, inline in _texts(reading):
        if not _knows(text, facts):
            continue
        try:
            render_variants(renderer, text, facts, inline=inline)
        except RenderFailed as error:
            problems.add(file, line, str(error))


def _knows(text: str, facts: dict[str, FactDesc]) -> bool:
    return all(name in facts for name in FACT.findall(text))


def _texts(reading: Reading) -> Iterator[tuple[Path, int, str, bool]]:
    banks = {bank.file for bank in reading.banks}
    for file, document in reading.documents.items():
        if file in banks:
            for token in tokens(document):
                yield file, token.line, token.text, True
        else:
            for part in sections(document, Problems()):
                yield file, part.line, part.markdown, False
