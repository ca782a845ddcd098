"""The body of a lesson: an opening, then steps, and the one sentence to remember."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lms.content.fields import IDENTIFIER
from lms.content.head import Document
from lms.content.library import StepDesc
from lms.content.problems import Problems
from lms.content.prose import FENCE, Line
from lms.vietnamese import slug

MAX_STEPS = 8
REMEMBER = "Hôm nay nhớ một điều"
_HEADING = re.compile(r"(#+)\s*(.*)")
_STEP = re.compile(r"## ++(.*)\{#([^{}]*)\}")
_REMEMBER = re.compile(r">\s*" + REMEMBER + r":\s*\*\*([^*]+)\*\*\s*")
_TAKEN = re.compile(r"xong|cau-\d+")
_AUDIO = (".mp3", ".opus")


@dataclass(frozen=True)
class Section:
    """What stands under one `##` heading, and before the first (with an empty id)."""

    id: str
    title: str
    lines: tuple[Line, ...]
    line: int

    @property
    def markdown(self) -> str:
        """Return the source under the heading."""
        return "\n".join(text for _, text in self.lines).strip("\n")


def sections(document: Document, problems: Problems) -> tuple[Section, ...]:
    """Split a body at its `##` headings; the first section is the opening.

    Reports other headings, and headings without a proper id.
    """
    found = [Section("", "", (), document.body_line)]
    fenced = False
    for number, text in document.numbered_body():
        fenced ^= bool(FENCE.match(text))
        heading = None if fenced else _HEADING.match(text)
        if heading and heading[1] == "##":
            found.append(_section(document.file, number, text, problems))
        else:
            if heading:
                problems.add(document.file, number, _OTHER_HEADING)
            last = found[-1]
            found[-1] = Section(last.id, last.title, (*last.lines, (number, text)), last.line)
    _report_repeated(document.file, found, problems)
    return tuple(found)


def steps(
    root: Path, document: Document, parts: Iterable[Section], problems: Problems
) -> tuple[StepDesc, ...]:
    """Turn the sections under headings into steps, with the sound files that stand beside them."""
    made = tuple(
        StepDesc(part.id, part.title, part.markdown, part.line, _audio(root, document.file, part.id))
        for part in parts
    )
    if not made:
        problems.add(document.file, 1, "Bài chưa có phần nào. Thêm “## Tên phần {#ten-phan}” và nội dung.")
    elif len(made) > MAX_STEPS:
        problems.add(
            document.file,
            made[MAX_STEPS].line,
            f"Bài có {len(made)} phần, nhiều hơn {MAX_STEPS}. Tách thành hai bài.",
        )
    for part in made:
        if _TAKEN.fullmatch(part.id):
            problems.add(
                document.file, part.line, f"Mã phần “{part.id}” đã dành cho trang khác. Đặt mã khác."
            )
        if not part.markdown.strip():
            problems.add(document.file, part.line, "Phần này chưa có nội dung. Viết thêm, hoặc xóa phần.")
    return made


def remember(document: Document, problems: Problems) -> str:
    """Return the one sentence to remember; reports none, several, or one not in its form."""
    held: list[str] = []
    last = document.body_line
    for number, text in document.numbered_body():
        if text.startswith("## "):
            last = number
        if REMEMBER not in text:
            continue
        found = _REMEMBER.fullmatch(text)
        if held:
            problems.add(document.file, number, f"“{REMEMBER}” viết hơn một lần. Giữ lại một câu.")
        elif not found:
            problems.add(document.file, number, f"Viết đúng dạng: > {REMEMBER}: **câu cần nhớ.**")
        held.append(found[1].strip() if found else "")
    if not held:
        problems.add(document.file, last, f"Bài thiếu câu cần nhớ. Thêm vào phần cuối: > {REMEMBER}: **…**")
    return held[0] if held else ""


_OTHER_HEADING = "Chỉ dùng tiêu đề “## Tên phần {#ten-phan}”. Đổi dòng này, hoặc bỏ dấu # ở đầu dòng."


def _section(file: Path, number: int, text: str, problems: Problems) -> Section:
    found = _STEP.fullmatch(text.rstrip())
    if not found:
        title = text.lstrip("# ").split("{")[0].strip()
        example = slug(title)[:24].strip("-") or "ten-phan"
        problems.add(file, number, f"Tiêu đề thiếu mã. Viết dạng: ## {title or 'Tên phần'} {{#{example}}}")
        return Section("", title, (), number)
    if not IDENTIFIER.fullmatch(found[2]):
        problems.add(
            file, number, f"Mã “{found[2]}” chưa đúng dạng. Chỉ dùng chữ thường không dấu, số và gạch nối."
        )
    if not found[1].strip():
        problems.add(file, number, "Tiêu đề chưa có chữ. Viết tên phần trước mã.")
    return Section(found[2], found[1].strip(), (), number)


def _report_repeated(file: Path, found: list[Section], problems: Problems) -> None:
    seen: set[str] = set()
    for part in found:
        if part.id and part.id in seen:
            problems.add(file, part.line, f"Mã “{part.id}” đã dùng trong tệp này. Đặt mã khác.")
        seen.add(part.id)


def _audio(root: Path, lesson: Path, step: str) -> tuple[Path, ...]:
    files = (lesson.with_name(f"{lesson.stem}.{step}{suffix}") for suffix in _AUDIO)
    return tuple(file for file in files if (root / file).is_file())
