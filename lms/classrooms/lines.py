"""Tells the lines of people from all others: class titles, repeated headers, totals, signatures, blanks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lms.classrooms.desk import Desk
from lms.classrooms.headings import meaning

BLANK = "dòng trống"
DROPPED = "đã bỏ theo lựa chọn"
REPEATED = "lặp lại dòng tiêu đề"
NUMBERING = "dòng đánh số cột"
FOOTER = "dòng tổng cộng hoặc chữ ký"
SIGNER = "tên người ký ở cuối bảng"
CLASS_TITLE = "tên lớp của các dòng dưới"
NO_NAME = "không có họ tên và thông tin nào được lấy"

_NUMBER = re.compile(r"^\(?\d{1,4}(?:\.0)?[.)]?$")
_DAY = re.compile(r"^'?\d{1,4}[-/.]\d{1,2}|^\d{5}")
_LETTER = re.compile(r"^\(?[A-Za-z0-9]{1,2}\)?$")
_CLASS_ALONE = re.compile(
    r"^lớp\s*[:\-–]?\s*((?!có\b|này\b|gồm\b|trưởng\b|học\b)[^\s:,;(\-–]{1,8}(?: \d{1,2})?)"
    r"\s*(?:[:,;(\-–].*|\b(?:sĩ số|gvcn|năm học|có)\b.*)?$",
    re.IGNORECASE,
)
_CLASS_IN_TITLE = re.compile(
    r"\blớp\s*:?\s*(\d{1,2}(?:[./]\d{1,2}|[a-zđ]{0,3}\d{0,2}))(?![\w/.])", re.IGNORECASE
)
_TOTAL = re.compile(
    r"^(?:tổng(?: số| cộng)?\b|cộng\b|tong (?:so|cong)\b|sĩ số\b|ấn định"
    r"|(?:danh sách|lớp) (?:này )?(?:gồm )?có\b)",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"^(?:(?:tm|kt|tl|t/m)\b\.?\s*)?(?:người lập|nguoi lap|(?:phó )?hiệu trưởng|(?:pho )?hieu truong"
    r"|gvcn\b|giáo viên chủ nhiệm|giao vien chu nhiem|thủ trưởng|kế toán|văn thư|xác nhận|duyệt|ký tên|\(ký)",
    re.IGNORECASE,
)
_PLACE_AND_DAY = re.compile(r"\bngày\b.{1,12}\btháng\b.{1,12}\bnăm\b", re.IGNORECASE)
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class Sections:
    """The lines of people, each with the class title above it, and what the lines over the header say."""

    lines: tuple[tuple[int, str], ...]
    title: str
    several: bool


def people_lines(desk: Desk, dropped: frozenset[int]) -> Sections:
    """Sort the lines below the header; those that are no people go to `desk.skipped` with the reason."""
    title = _title_above(desk)
    current, signed, titles = title, False, {title} - {""}
    lines = []
    for line in range(desk.header.last + 1, len(desk.table.rows)):
        reason, class_name = _reason(desk, line, signed)
        if line in dropped:
            reason = DROPPED
        if class_name:
            current, signed = class_name, False
            titles.add(class_name)
        signed = (signed or reason == FOOTER) and reason != REPEATED
        if reason:
            desk.skipped[line] = reason
        else:
            lines.append((line, current))
    return Sections(tuple(lines), title, len(titles) > 1)


def class_in(text: str) -> str:
    """Return the class that a title names (LỚP 1A, Danh sách lớp 4A năm học…), or nothing."""
    text = text[:_LONGEST_TITLE]
    found = _CLASS_ALONE.match(text) or _CLASS_IN_TITLE.search(text)
    return found[1].upper() if found and found[1][:1].isdigit() else found[1] if found else ""


def _title_above(desk: Desk) -> str:
    for line in range(desk.header.first - 1, -1, -1):
        for text in desk.texts(line):
            if class_name := class_in(text):
                return class_name
    return ""


def _reason(desk: Desk, line: int, signed: bool) -> tuple[str, str]:
    """Return why a line is no person, or nothing; and the class, when it is a title."""
    texts = desk.texts(line)
    if not texts:
        return BLANK, ""
    if len(texts) <= 2 and (class_name := _title(texts)):
        return CLASS_TITLE, class_name
    if _is_header_again(desk, line):
        return REPEATED, ""
    if len(texts) > 2 and all(_LETTER.match(text) for text in texts):
        return NUMBERING, ""
    if _is_footer(desk, line, texts):
        return FOOTER, ""
    return _without_person(desk, line, signed), ""


def _title(texts: list[str]) -> str:
    found = _CLASS_ALONE.match(texts[0])
    return class_in(texts[0]) if found else ""


def _is_header_again(desk: Desk, line: int) -> bool:
    same = desk.repeats_headings(line)
    return same >= 2 or (same == 1 and meaning(desk.name(line)) is not None)


def _is_footer(desk: Desk, line: int, texts: list[str]) -> bool:
    if _DAY.match(desk.text(line, "born_on")) or desk.text(line, "sector_code"):
        return False
    # Beside a name, only the name itself can be a footer: a remark may say “xác nhận…”.
    name = desk.name(line)
    looked_at = [name] if name else texts
    return any(_TOTAL.match(t) or _SIGNED.match(t) or _PLACE_AND_DAY.search(t) for t in looked_at)


def _without_person(desk: Desk, line: int, signed: bool) -> str:
    told = set(_told(desk, line))
    if not told:
        return NO_NAME
    names = {"full_name", "family_name", "given_name"}
    numbered = bool(desk.text(line, "number"))
    return SIGNER if signed and told <= names and not numbered else ""


def _told(desk: Desk, line: int) -> Iterator[str]:
    """Yield the fields that say something about a person; a class alone or a ticked box does not."""
    for name in desk.header.mapping:
        if name in {"number", "class_name", "status"}:
            continue
        text = desk.text(line, name)
        if text and text != "0" and not (name in {"full_name", "given_name"} and _NUMBER.match(text)):
            yield name
