"""The child that opens question sheets: bytes in, one JSON answer out, within limits of memory and time."""

import io
import json
import sys
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from lms.classrooms.archive import BROKEN, LOCKED, SAVE_AGAIN, clean_package
from lms.classrooms.table import MOST_CELLS, FileRefused, check_size
from lms.classrooms.workbook_child import MOST_SHEETS, limit
from lms.cli.question_grid_look import Look, Looks


def main() -> None:
    """Read one workbook from standard input and answer."""
    limit()
    sys.stdout.buffer.write(
        json.dumps(_answer(sys.stdin.buffer.read()), ensure_ascii=False).encode("utf-8", "replace")
    )


def _answer(data: bytes) -> dict[str, Any]:
    try:
        package = clean_package(data)
        return {"sheets": list(_sheets(package))}
    except FileRefused as error:
        return {"problem": str(error)}
    except PasswordError:
        return {"problem": LOCKED}
    except (CalamineError, OSError, ValueError, ArithmeticError, expat.ExpatError, KeyError):
        return {"problem": BROKEN}


def _sheets(package: bytes) -> list[dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise FileRefused(f"Tệp này không phải .xlsx. {SAVE_AGAIN}")
        looks = Looks(archive)
        with CalamineWorkbook.from_filelike(io.BytesIO(package)) as book:
            shown = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
            return [_sheet(book.get_sheet_by_name(name), looks.of(name)) for name in shown[:MOST_SHEETS]]


def _sheet(sheet: CalamineSheet, look: Look) -> dict[str, Any]:
    top, left = sheet.start or (0, 0)
    check_size(sheet.height, sheet.width)
    values = sheet.to_python()
    if sum(1 for row in values for value in row if value != "") > MOST_CELLS:
        raise FileRefused("Bảng có quá nhiều ô. Chép riêng các câu hỏi sang tệp mới rồi nạp lại.")
    dates = [
        (line, column)
        for line, row in enumerate(values)
        for column, value in enumerate(row)
        if isinstance(value, date | time)
    ]
    merged = [
        (first[0] - top, first[1] - left, last[0] - top, last[1] - left)
        for first, last in sheet.merged_cell_ranges or ()
    ]
    return {
        "name": sheet.name,
        "rows": [
            [_text(value, (line, column) in look.shares) for column, value in enumerate(row, left)]
            for line, row in enumerate(values, top)
        ],
        "first_row": top + 1,
        "first_column": left,
        "formulas": [(line - top, column - left) for line, column in sorted(look.formulas)],
        "dates": dates,
        "merged": merged,
    }


def _text(value: object, is_share: bool) -> str:
    """Return a cell as a person reads it: Đúng, 0,5, 50%, 12/05/2026."""
    if isinstance(value, bool):
        return "Đúng" if value else "Sai"
    if isinstance(value, float | int):
        # 1.234 would be read as a thousand and more: in Vietnamese the comma divides.
        number = Decimal(repr(value)) * (100 if is_share else 1)
        return format(number.normalize(), "f").replace(".", ",") + ("%" if is_share else "")
    if isinstance(value, date):
        return (
            f"{value:%d/%m/%Y %H:%M}"
            if isinstance(value, datetime) and value.time() != time()
            else f"{value:%d/%m/%Y}"
        )
    return str(value).strip()


if __name__ == "__main__":
    main()
