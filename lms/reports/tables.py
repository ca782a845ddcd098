"""The one writer of spreadsheets: XLSX and CSV, in which nothing that somebody typed can run.

A name such as `=HYPERLINK(…)` is typed on a phone and opened in an officer's Excel.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from lms.clock import VIETNAM

LONGEST_CELL = 32_767
"""Excel's own limit; a longer text is cut, where the library would leave the cell empty."""
A4 = 9
BATCH = 500
BOM = "\ufeff".encode()

_STARTERS = "=+\\-@＝＋－＠|"
_RISKY = re.compile(f"[{_STARTERS}\t\r]")
_START = re.compile(f'[\t\r]|[\\s"]*[{_STARTERS}]')
# Excel in Vietnamese parts cells at semicolons: behind one, or on a new line, a formula may begin too.
_START_INSIDE = re.compile(f'(?<=[;\t\r\n])(?=[\\s"]*[{_STARTERS}])')
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


class Share(float):
    """A share from 0 to 1, written as a percentage."""


Cell = str | int | float | date | datetime | Share | None


@dataclass(frozen=True)
class Sheet:
    """One sheet: lines of words above, a header, rows that are read once.

    `widths` are in characters, for the first columns. Moments stand as Việt Nam reads the clock.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    above: Sequence[str] = ()
    widths: Sequence[int] = ()


def write_xlsx(file: BinaryIO | Path, sheets: Iterable[Sheet]) -> None:
    """Write a workbook, row by row: its size does not show in memory.

    Text stays text (no formulas, no links), the header is frozen and filtered, pages are A4 landscape.
    """
    if isinstance(file, Path):
        with file.open("wb") as opened:
            write_xlsx(opened, sheets)
        return
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        formats = _Formats(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_sheet_name(sheet.name)), sheet, formats)


class _Formats:
    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.header = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format({"num_format": "@"})
        self.date = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        self.moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"})
        self.share = book.add_format({"num_format": "0.0%"})


def _write_sheet(page: Any, sheet: Sheet, formats: _Formats) -> None:
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    top = len(sheet.above)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)
    for line, words in enumerate(sheet.above):
        page.write_string(line, 0, words[:LONGEST_CELL], formats.title if line == 0 else None)
    for column, words in enumerate(sheet.header):
        page.write_string(top, column, words, formats.header)
    last = _write_rows(page, sheet.rows, top + 1, formats)
    page.autofilter(top, 0, max(last, top), max(len(sheet.header) - 1, 0))


def _write_rows(page: Any, rows: Iterable[Sequence[Cell]], first: int, formats: _Formats) -> int:
    """Write rows from a line on; return the last line written."""
    write = _writers(page, formats)
    line = first - 1
    for line, row in enumerate(rows, start=first):
        for column, cell in enumerate(row):
            if cell is not None and cell != "":
                write[type(cell)](line, column, cell)
    return line


def _writers(page: Any, formats: _Formats) -> dict[type, Callable[[int, int, Any], object]]:
    text, number, moment = page.write_string, page.write_number, page.write_datetime
    return {
        str: lambda line, column, cell: text(line, column, cell[:LONGEST_CELL], formats.text),
        int: number,
        float: number,
        Share: lambda line, column, cell: number(line, column, cell, formats.share),
        date: lambda line, column, cell: moment(line, column, cell, formats.date),
        # Excel knows no zones.
        datetime: lambda line, column, cell: moment(
            line, column, cell.astimezone(VIETNAM).replace(tzinfo=None), formats.moment
        ),
    }


def _sheet_name(name: str) -> str:
    return _NOT_IN_A_SHEET_NAME.sub(" ", name).strip("'")[:31]


def write_csv(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV in UTF-8 with BOM, every cell quoted and guarded."""
    for chunk in csv_chunks(header, rows):
        file.write(chunk)


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a CSV in pieces of BATCH rows, so that an answer of any size is never whole in memory."""
    buffer = StringIO(newline="")
    write = csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow
    write(_guarded_row(header))
    yield BOM
    for number, row in enumerate(rows, start=1):
        write(_guarded_row(row))
        if number % BATCH == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _guarded_row(row: Sequence[str]) -> Sequence[str]:
    # Most rows hold nothing of the kind: one look at the whole row is cheaper than one at each cell.
    return [guarded(cell) for cell in row] if _RISKY.search("".join(row)) else row


def guarded(text: str) -> str:
    """Return text with an apostrophe before whatever Excel would take for the start of a formula."""
    inside = _START_INSIDE.sub("'", text)
    return f"'{inside}" if _START.match(text) else inside
