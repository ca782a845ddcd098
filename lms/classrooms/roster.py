"""Reads a table as a roster of pupils and guardians: rows, problems with their cures, what was skipped."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from lms import clock
from lms.classrooms.actions import LONGEST_NAME, class_key
from lms.classrooms.cells import birthday_of, letters_of, name_of, same_person, sector_code_of
from lms.classrooms.desk import Desk, Edits, lay_out
from lms.classrooms.guardians import guardians_of, note_phones_without_names
from lms.classrooms.headings import PUPIL_FIELDS
from lms.classrooms.lines import Sections, class_in, people_lines
from lms.classrooms.rows import ERROR, NOTICE, Problem, PupilRow, Reading, StaffRow
from lms.classrooms.table import Table
from lms.vietnamese import fold

_LEFT = re.compile(
    r"\b(thoi hoc|bo hoc|nghi hoc|chuyen di|da chuyen|chuyen truong|bao luu|dinh chi|tot nghiep|ra truong"
    r"|da nghi|nghi viec|nghi huu|thoi viec|nghi khong luong|da mat|xoa)\b"
)
_LOOKS_LIKE_DAY = re.compile(r"^\d{1,2}/\d{1,2}/\d{4}$")
_CLASS_SHEET = re.compile(r"^(?:lớp\s*)?\d{1,2}(?:[a-zđ]{1,3}\d{0,2}|[./]\d{1,2})$", re.IGNORECASE)
_LONGEST_NAME = 80
_ALL_OF_OTHERS = (
    "Tệp ghi lớp khác, đang nạp vào lớp {class_name}: không lấy dòng nào. "
    "Nếu đúng là lớp này, ở phần chọn cột hãy bỏ chọn cột Lớp."
)
_TITLE_OF_OTHER = (
    "Tiêu đề trong tệp ghi lớp {title}, đang nạp vào lớp {class_name}. Xem lại có đúng tệp không."
)
UNREAD = "chưa đọc được vì thiếu cột"
Placed = list[tuple[int, str | None]]
R = TypeVar("R", PupilRow, StaffRow)


def read_pupils(
    table: Table,
    mapping: Mapping[str, int] | None = None,
    edits: Edits | None = None,
    dropped: Collection[int] = frozenset(),
    class_name: str | None = None,
    *,
    on: date | None = None,
) -> Reading[PupilRow]:
    """Read a roster; the same call checks again what was typed over cells (`edits`) or left out (`dropped`).

    `mapping` (field → column, fields of PUPIL_FIELDS) replaces the guess as a whole. `class_name` is the
    class that is being read: rows of another class are skipped; None reads a whole school, where every row
    needs its class. `on` is the day of reading, today by default. Without a column of names, or of classes
    for a whole school, one ERROR without a column says so and every line is skipped.
    """
    desk = lay_out(table, PUPIL_FIELDS, mapping, edits)
    if not desk.header.named:
        return refused(desk, no_names(desk))
    sections = present_lines(desk, dropped)
    if class_name is None:
        placed = _placed_in_classes(desk, sections)
    else:
        placed = _of_one_class(desk, sections, class_name)
    if placed is None:
        return refused(desk, "không thấy cột Lớp. Thêm cột Lớp vào tệp, hoặc nạp từ trang của từng lớp.")
    day = on or clock.today()
    rows = [_pupil(desk, line, room, day) for line, room in placed]
    note_phones_without_names(desk)
    _tell_doubles(desk, rows)
    return reading(desk, rows)


def reading(desk: Desk, rows: Iterable[R]) -> Reading[R]:
    """Return what was read, rows with errors left out, problems in the order of the table."""
    problems = sorted(desk.problems, key=lambda p: (p.line, -1 if p.column is None else p.column))
    return Reading(
        rows=tuple(row for row in rows if row.line not in desk.bad_lines),
        problems=tuple(problems),
        columns=desk.columns(),
        skipped=dict(sorted(desk.skipped.items())),
        header_line=desk.header.last if desk.header.last >= 0 else None,
        mapping={name: at for name, at in desk.header.mapping.items() if name in desk.fields},
        headings=desk.header.headings,
        not_taken=desk.not_taken(),
        notes=tuple(desk.notes),
    )


def refused(desk: Desk, message: str) -> Reading[Any]:
    """Return the reading of a table that lacks what nobody can do without; every line is skipped."""
    whole = Problem(ERROR, desk.header.last, None, "", "", message[:1].upper() + message[1:])
    lines = range(desk.header.last + 1, len(desk.table.rows))
    desk.problems, desk.skipped = [whole], dict.fromkeys(lines, UNREAD)
    return reading(desk, ())


def no_names(desk: Desk) -> str:
    """Say that no column of names was found, and what was found instead."""
    found = ", ".join(f"“{text}”" for text in list(desk.header.headings.values())[:12])
    seen = f" Các cột thấy được: {found}." if found else " Không thấy dòng tiêu đề nào."
    return f"không thấy cột Họ và tên.{seen} Chỉ ra cột họ và tên, hoặc sửa tiêu đề trong tệp rồi nạp lại."


def present_lines(desk: Desk, dropped: Collection[int]) -> Sections:
    """Return the lines of people, without those whose status says that they are no longer there."""
    sections, present = people_lines(desk, frozenset(dropped)), []
    for line, section in sections.lines:
        status = desk.text(line, "status")
        if _says_left(status):
            desk.skipped[line] = f"trạng thái: {status}"
        else:
            present.append((line, section))
    return replace(sections, lines=tuple(present))


@lru_cache(maxsize=256)
def _says_left(status: str) -> bool:
    return bool(_LEFT.search(fold(status)))


def take_name(desk: Desk, line: int) -> str:
    """Read the full name of a line; a missing one is an error."""
    name = desk.name(line)
    if not name:
        desk.tell(ERROR, line, desk.name_column, "chưa có họ và tên. Ghi họ và tên, hoặc bỏ dòng này.")
        return ""
    return desk.take(line, desk.name_column, name_of(name)) or ""


def _pupil(desk: Desk, line: int, room: str | None, on: date) -> PupilRow:
    column = desk.column
    return PupilRow(
        line=line,
        full_name=take_name(desk, line),
        class_name=room,
        born_on=desk.take(line, column("born_on"), birthday_of(desk.text(line, "born_on"), on)),
        sector_code=desk.take(line, column("sector_code"), sector_code_of(desk.text(line, "sector_code"))),
        sort_name=desk.text(line, "sort_name")[:_LONGEST_NAME],
        guardians=guardians_of(desk, line),
    )


def _placed_in_classes(desk: Desk, sections: Sections) -> Placed | None:
    """Return each line with its own class, or None when the file names no class at all."""
    of_sheet = class_in(f"lớp {desk.table.sheet}") if _CLASS_SHEET.match(desk.table.sheet) else ""
    above = bool(sections.title or sections.several or of_sheet)
    if not (above or desk.has("class_name") or any(section for _, section in sections.lines)):
        return None
    return [(line, _room(desk, line, section or of_sheet)) for line, section in sections.lines]


def _room(desk: Desk, line: int, above: str) -> str | None:
    typed, column = desk.text(line, "class_name"), desk.column("class_name")
    name = re.sub(r"^lớp\s*:?\s*", "", typed, flags=re.IGNORECASE) or above
    if not name:
        desk.tell(ERROR, line, column, "chưa có tên lớp. Ghi lớp, ví dụ 4A.")
    elif _LOOKS_LIKE_DAY.match(name):
        message = f"Excel đã đổi tên lớp thành ngày {name}. Gõ lại tên lớp, ví dụ 6/1."
        desk.tell(ERROR, line, column, message)
    elif len(name) > LONGEST_NAME:
        desk.tell(ERROR, line, column, f"tên lớp dài quá {LONGEST_NAME} chữ. Viết như 4A, 6/1, 12.6.")
    return name or None


def _of_one_class(desk: Desk, sections: Sections, class_name: str) -> Placed:
    """Return the lines of one class; what says that it belongs to another is skipped."""
    key = class_key(class_name)
    placed: Placed = []
    for line, section in sections.lines:
        named = desk.text(line, "class_name") or (section if sections.several else "")
        if named and class_key(named) != key:
            shown = re.sub(r"^lớp ", "", named, flags=re.IGNORECASE)
            desk.skipped[line] = f"lớp {shown}, không phải lớp {class_name}"
        else:
            placed.append((line, class_name))
    if sections.lines and not placed:
        desk.tell_once("class", _ALL_OF_OTHERS.format(class_name=class_name))
    elif sections.title and not sections.several and class_key(sections.title) != key:
        desk.tell_once("class", _TITLE_OF_OTHER.format(title=sections.title, class_name=class_name))
    return placed


def _tell_doubles(desk: Desk, rows: list[PupilRow]) -> None:
    codes: dict[str, PupilRow] = {}
    alike: dict[tuple[object, ...], list[PupilRow]] = {}
    for row in rows:
        if row.sector_code and (first := codes.setdefault(row.sector_code, row)) is not row:
            desk.tell(ERROR, row.line, desk.column("sector_code"), _same_code(desk, first))
        where = None if row.born_on else row.class_name
        group = alike.setdefault((letters_of(row.full_name), row.born_on, where), [])
        twin = next((one for one in group if same_person(one.full_name, row.full_name)), None)
        if twin is None:
            group.append(row)
        elif row.full_name:
            desk.tell(NOTICE, row.line, desk.name_column, _same_name(desk, twin))


def _same_code(desk: Desk, first: PupilRow) -> str:
    where = desk.table.row_number(first.line)
    return f"trùng mã định danh với dòng {where} ({first.full_name}). Sửa mã sai, hoặc bỏ một trong hai dòng."


def _same_name(desk: Desk, first: PupilRow) -> str:
    what = "tên và ngày sinh" if first.born_on else "tên, chưa có ngày sinh"
    where = desk.table.row_number(first.line)
    return f"hai em trùng {what} (dòng {where}): giữ cả hai nếu đúng là hai em, không thì bỏ một dòng."
