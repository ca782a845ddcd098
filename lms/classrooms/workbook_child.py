"""The child that opens spreadsheets: bytes in, one JSON answer out, within limits of memory and time."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from lms.classrooms.archive import BROKEN, LOCKED, clean_package
from lms.classrooms.header import Header, find_header, hide_private
from lms.classrooms.table import (
    LONGEST_CELL,
    MOST_CELLS,
    FileRefused,
    Table,
    check_size,
    without_empty_end,
)

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
MOST_SHEETS = 60
_LARGEST_WHOLE = 10**15
"""Beyond this a float no longer holds every whole number."""

Rows = list[list[str]]


@dataclass(frozen=True)
class Sheet:
    """One sheet that was read, and what its header says."""

    name: str
    hidden: bool
    rows: Rows
    header: Header | None
    first_row: int
    first_column: int

    @property
    def listed(self) -> bool:
        """Tell whether this is a list of people."""
        return self.header is not None and self.header.named


def main() -> None:
    """Read one workbook from standard input and answer; argument 1 names the sheet, if one is asked for."""
    limit()
    answer = _answer(sys.stdin.buffer.read(), sys.argv[1] if len(sys.argv) > 1 else "")
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))


def _answer(data: bytes, wanted: str) -> dict[str, Any]:
    try:
        package = clean_package(data)
        del data
        return {"table": open_workbook(package, wanted).as_json()}
    except FileRefused as error:
        return {"problem": str(error)}
    except PasswordError:
        return {"problem": LOCKED}
    except (CalamineError, OSError, ValueError, ArithmeticError):
        return {"problem": BROKEN}


def open_workbook(package: bytes, wanted: str = "") -> Table:
    """Return the sheet asked for, else the one whose header is recognised; ties go to the longer one."""
    with CalamineWorkbook.from_filelike(io.BytesIO(package)) as book:
        hidden = {m.name for m in book.sheets_metadata if m.visible != SheetVisibleEnum.Visible}
        sheets = [
            _sheet(name, name in hidden, book.get_sheet_by_name(name))
            for name in book.sheet_names[:MOST_SHEETS]
        ]
    if not any(sheet.rows for sheet in sheets):
        raise FileRefused("Tệp không có chữ nào. Chọn đúng tệp danh sách rồi nạp lại.")
    listed = [sheet for sheet in sheets if sheet.listed]
    shown = [sheet for sheet in listed if not sheet.hidden] or listed
    asked = [sheet for sheet in sheets if sheet.name == wanted]
    chosen = max(asked or shown or sheets, key=lambda sheet: len(sheet.rows))
    others = tuple(sheet.name for sheet in shown)
    return Table(
        rows=without_empty_end(hide_private(chosen.rows, chosen.header)),
        sheet=chosen.name,
        first_row=chosen.first_row,
        first_column=chosen.first_column,
        sheets=others if len(others) > 1 else (),
        notes=_several(others, chosen) if len(others) > 1 else (),
    )


def _several(names: tuple[str, ...], chosen: Sheet) -> tuple[str, ...]:
    shown = ", ".join(f"“{name}”" for name in names[:10])
    return (
        f"Tệp có {len(names)} trang tính có danh sách: {shown}. Trang này đọc “{chosen.name}”, "
        f"{len(chosen.rows)} dòng. Muốn nạp trang khác, chép nó sang tệp riêng.",
    )


def _sheet(name: str, hidden: bool, sheet: CalamineSheet) -> Sheet:
    start = sheet.start
    if start is None:
        return Sheet(name, hidden, [], None, 1, 0)
    check_size(sheet.height, sheet.width)
    rows = [[_text(value) for value in row] for row in sheet.to_python()]
    if sum(1 for row in rows for text in row if text) > MOST_CELLS:
        raise FileRefused("Bảng có quá nhiều ô. Chép riêng danh sách sang tệp mới rồi nạp lại.")
    header = find_header(rows)
    if header is not None and "class_name" in header.mapping:
        _fill_merged(rows, sheet, header.mapping["class_name"], header.last)
    return Sheet(name, hidden, rows, header, start[0] + 1, start[1])


def _fill_merged(rows: Rows, sheet: CalamineSheet, column: int, header_line: int) -> None:
    """Write a class name that stands in a cell over several lines into each of them."""
    top, left = sheet.start or (0, 0)
    for (first_row, first_column), (last_row, _) in sheet.merged_cell_ranges or ():
        first, last = first_row - top, min(last_row - top, len(rows) - 1)
        if first_column - left == column and header_line < first < last:
            for line in range(first + 1, last + 1):
                rows[line][column] = rows[line][column] or rows[first][column]


def _text(value: object) -> str:
    """Return a cell as a person sees it: 12/05/2016, 912345678, Nguyễn Thị Lan."""
    if isinstance(value, str):
        return value[:LONGEST_CELL].strip()
    return next((write(value) for kind, write in _WRITERS if isinstance(value, kind)), "")


def _moment(value: datetime) -> str:
    day = _day(value)
    return day if value.time() == time() else f"{day} {value:%H:%M}"


def _day(value: date) -> str:
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def _float(value: float) -> str:
    whole = value == value // 1 and abs(value) < _LARGEST_WHOLE
    return str(int(value)) if whole else repr(value)


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "x" if value else ""),
    (float, _float),
    (int, str),
    (datetime, _moment),
    (date, _day),
    (time, lambda value: f"{value:%H:%M}"),
)


def limit() -> None:
    """Take no more memory and time than a reader of strangers' files may."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's clock still holds.
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
