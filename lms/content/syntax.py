"""Markdown that authors may not use: raw HTML, tables, fences, rules, notes at the foot."""

import re
from pathlib import Path

from lms.content.problems import Problems
from lms.content.prose import FENCE, ITEM, Line, outside_fences, without_code

KNOWN_BLOCKS: frozenset[str] = frozenset()
_HTML = re.compile(r"</?[a-zA-Z][^<>]{0,40}|<[!?]")
_RULE = re.compile(r"\s*(?:(?:-\s*){3,}|(?:_\s*){3,}|(?:\*\s*){3,}|={3,})")
_REFERENCE = re.compile(r"\s{0,3}\[[^\[\]]+\]:")
_CHOICE = re.compile(r"[-*] \[[^\[\]]{0,2}\]")
_TABLE = re.compile(r"\s*\|")


def report_syntax(file: Path, lines: list[Line], problems: Problems) -> None:
    """Report each line that is not allowed Markdown, once."""
    _report_fences(file, lines, problems)
    _report_joined_lists(file, lines, problems)
    for number, text in outside_fences(lines):
        bare = without_code(text)
        if found := _HTML.search(bare):
            shown = found[0][:24]
            problems.add(file, number, f"Có thẻ HTML “{shown}”. Xóa thẻ, chỉ viết chữ và dấu Markdown.")
        elif _RULE.fullmatch(text):
            problems.add(file, number, "Không dùng đường kẻ ngang. Xóa dòng này.")
        elif _REFERENCE.match(text):
            problems.add(file, number, "Viết địa chỉ ngay trong liên kết: [chữ](địa chỉ). Xóa dòng này.")
        elif _TABLE.match(text):
            problems.add(file, number, "Không dùng bảng. Viết lại thành danh sách.")


def _report_joined_lists(file: Path, lines: list[Line], problems: Problems) -> None:
    # Python-Markdown reads a list only after a blank line; without it the dashes stay in the paragraph.
    above = ""
    for number, text in outside_fences(lines):
        starts = bool(ITEM.match(text)) and not _CHOICE.match(text)
        if starts and above == "paragraph":
            problems.add(file, number, "Danh sách dính vào đoạn trên. Thêm một dòng trống ở trên dòng này.")
        if not text.strip() or text.startswith(("#", ">")):
            above = ""
        elif starts:
            above = "list"
        else:
            above = above or "paragraph"


def _report_fences(file: Path, lines: list[Line], problems: Problems) -> None:
    opened: Line | None = None
    for number, text in lines:
        if not (found := FENCE.match(text)):
            continue
        if opened:
            opened = None
            continue
        opened = (number, found[1])
        if found[1] not in KNOWN_BLOCKS:
            problems.add(
                file, number, f"Khối ```{found[1]} chưa dùng được. Viết lại thành đoạn văn hoặc danh sách."
            )
    if opened:
        problems.add(
            file, opened[0], "Khối ``` mở mà không đóng. Thêm dòng ``` ở cuối khối, hoặc xóa dòng này."
        )
