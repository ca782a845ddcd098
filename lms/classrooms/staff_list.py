"""Reads a table as a list of a school's staff: teachers, and CBQL and NV beside them."""

import re
from collections.abc import Collection, Mapping

from lms.classrooms.cells import phone_of, sector_code_of
from lms.classrooms.desk import Desk, Edits, lay_out
from lms.classrooms.headings import STAFF_FIELDS
from lms.classrooms.roster import no_names, present_lines, reading, refused, take_name
from lms.classrooms.rows import ERROR, NOTICE, Reading, StaffRow
from lms.classrooms.table import Table
from lms.vietnamese import fold, sort_key

TEACHER, STAFF = "teacher", "staff"
_MANAGES = re.compile(r"\b(hieu truong|hieu pho|cbql|quan ly|giam doc)\b")
_TEACHES = re.compile(r"\b(giao vien|gv|gvcn|gvbm|tong phu trach)\b")
_LONGEST_POSITION = 80


def read_staff(
    table: Table,
    mapping: Mapping[str, int] | None = None,
    edits: Edits | None = None,
    dropped: Collection[int] = frozenset(),
) -> Reading[StaffRow]:
    """Read a list of staff; edits, dropped lines and mapping (fields of STAFF_FIELDS) as in `read_pupils`.

    Teacher is whose position or group says giáo viên, or who has a subject where there is no position.
    """
    desk = lay_out(table, STAFF_FIELDS, mapping, edits)
    if not desk.header.named:
        return refused(desk, no_names(desk))
    sections = present_lines(desk, dropped)
    if not any(desk.has(name) for name in ("position", "position_group", "subject")):
        desk.tell_once(
            "position",
            "Tệp không có cột Vị trí việc làm: mọi người được ghi là nhân viên, không phải giáo viên.",
        )
    rows = [_member(desk, line) for line, _ in sections.lines]
    _tell_doubles(desk, rows)
    return reading(desk, rows)


def _member(desk: Desk, line: int) -> StaffRow:
    phone = phone_of(desk.text(line, "contact_phone"))
    code = sector_code_of(desk.text(line, "sector_code"))
    return StaffRow(
        line=line,
        full_name=take_name(desk, line),
        audience=_audience(desk, line),
        position=(desk.text(line, "position") or desk.text(line, "position_group"))[:_LONGEST_POSITION],
        phone=desk.take(line, desk.column("contact_phone"), phone),
        sector_code=desk.take(line, desk.column("sector_code"), code),
    )


def _audience(desk: Desk, line: int) -> str:
    place = fold(f"{desk.text(line, 'position')} {desk.text(line, 'position_group')}")
    if not place:
        return TEACHER if desk.text(line, "subject") else STAFF
    return TEACHER if _TEACHES.search(place) and not _MANAGES.search(place) else STAFF


def _tell_doubles(desk: Desk, rows: list[StaffRow]) -> None:
    codes: dict[str, StaffRow] = {}
    names: dict[bytes, StaffRow] = {}
    for row in rows:
        if row.sector_code and (first := codes.setdefault(row.sector_code, row)) is not row:
            message = f"trùng mã định danh với {_place(desk, first)}. Sửa mã sai, hoặc bỏ một trong hai dòng."
            desk.tell(ERROR, row.line, desk.column("sector_code"), message)
        if row.full_name and (first := names.setdefault(sort_key(row.full_name), row)) is not row:
            message = f"trùng họ tên với {_place(desk, first)}: giữ cả hai nếu đúng là hai người."
            desk.tell(NOTICE, row.line, desk.name_column, message)


def _place(desk: Desk, row: StaffRow) -> str:
    return f"dòng {desk.table.row_number(row.line)} ({row.full_name})"
