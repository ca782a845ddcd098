"""What `lms content stats --remarks` prints: what answers say, on the lines of the authors' files."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from lms import clock
from lms.cli.site import site
from lms.content.problems import Problems
from lms.content.reading import read
from lms.content.remarks import Remark, Said, remarks
from lms.quizzes.figures import ENOUGH, BankFigures
from lms.quizzes.statistics import Counted, all_figures, recount


def print_remarks(root: Path, *, as_json: bool, anew: bool) -> None:
    """Print the remarks of the last count; count first when there is none, or when asked to."""
    with site() as here:
        with here.database.reading() as db:
            counted = all_figures(db)
        if anew or counted.at is None:
            counted = recount(here.database, clock.now())
    found = remarks(read(root, Problems()).library, _said(counted))
    if as_json:
        click.echo(json.dumps(_json(counted, found), ensure_ascii=False))
    else:
        click.echo("\n".join([*map(str, found), _summary(counted)]))


def _said(counted: Counted) -> Iterator[Said]:
    for bank in counted.banks:
        if bank.is_enough:
            words = " ".join([_bank_words(bank), *(flag.sentence for flag in bank.flags)])
            yield Said(bank.check_id, bank.n, words)
    for figures in counted.questions:
        for flag in figures.flags:
            yield Said(figures.question_id, figures.n, flag.sentence, flag.key, figures.edition_id)


def _bank_words(bank: BankFigures) -> str:
    reliability = f", {bank.reliability_name} {bank.reliability_words}" if bank.reliability_words else ""
    return f"Điểm trung bình {bank.mean_words}{reliability}."


def _summary(counted: Counted) -> str:
    if not counted.papers or counted.at is None:
        return "Chưa có bài kiểm tra nào đã nộp, nên chưa có gì để nói."
    flagged = sum(bool(figures.flags) for figures in counted.questions)
    few = sum(not figures.is_enough for figures in counted.questions)
    at = f"{counted.at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}"
    return (
        f"Đếm lúc {at}: {counted.papers} bài làm, {len(counted.questions)} câu hỏi; "
        f"{flagged} câu nên xem lại, {few} câu chưa đủ {ENOUGH} bài để nói gì."
    )


def _json(counted: Counted, found: list[Remark]) -> dict[str, object]:
    return {
        "counted_at": counted.at.isoformat() if counted.at else None,
        "papers": counted.papers,
        "remarks": [
            {"file": r.file.as_posix(), "line": r.line, "n": r.n, "message": r.message} for r in found
        ],
    }
