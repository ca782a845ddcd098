"""A table as a person sees it in a spreadsheet: texts in lines and columns, with Excel's names for cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

MOST_LINES = 20_000
MOST_COLUMNS = 300
MOST_CELLS = 1_000_000
LONGEST_CELL = 300
"""Longer texts are cut: no field of a roster is as long."""


class FileRefused(ValueError):
    """The file cannot be read; the message says why and what to do, in Vietnamese."""


@dataclass(frozen=True)
class Table:
    """The texts of one sheet, dates as dd/mm/yyyy.

    Lines and columns count from 0. `first_row` is Excel's number of line 0, `first_column` how many empty
    columns stood before column 0. `sheets` names the sheets that could be read instead; `notes` says what
    the reader of the file had to decide.
    """

    rows: tuple[tuple[str, ...], ...]
    sheet: str
    first_row: int = 1
    first_column: int = 0
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self, line: int, column: int) -> str:
        """Return the text of a cell; empty beyond the edge."""
        row = self.rows[line] if 0 <= line < len(self.rows) else ()
        return row[column] if 0 <= column < len(row) else ""

    def row_number(self, line: int) -> int:
        """Return the number that Excel shows before a line."""
        return self.first_row + line

    def column_letters(self, column: int) -> str:
        """Return the letters that Excel shows over a column."""
        return letters(self.first_column + column)

    def cell(self, line: int, column: int) -> str:
        """Return the name of a cell as Excel shows it, like D12."""
        return f"{self.column_letters(column)}{self.row_number(line)}"

    def as_json(self) -> dict[str, Any]:
        """Return the table as plain lists, to be kept or sent."""
        return {
            "rows": [list(row) for row in self.rows],
            "sheet": self.sheet,
            "first_row": self.first_row,
            "first_column": self.first_column,
            "sheets": list(self.sheets),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Table":
        """Return the table that `as_json` gave."""
        return cls(
            rows=tuple(tuple(row) for row in kept["rows"]),
            sheet=kept["sheet"],
            first_row=kept["first_row"],
            first_column=kept["first_column"],
            sheets=tuple(kept["sheets"]),
            notes=tuple(kept["notes"]),
        )


@cache
def letters(column: int) -> str:
    """Return Excel's letters for a column that counts from 0: A, Z, AA."""
    name = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def without_empty_end(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the rows without empty lines at the end; lines between keep their place."""
    kept = list(rows)
    while kept and not any(text.strip() for text in kept[-1]):
        kept.pop()
    return tuple(tuple(row) for row in kept)


def check_size(lines: int, columns: int) -> None:
    """Raise FileRefused for a table larger than any roster."""
    if lines > MOST_LINES or columns > MOST_COLUMNS:
        raise FileRefused(
            f"Bảng có {_number(lines)} dòng, {_number(columns)} cột; nhiều nhất đọc được "
            f"{_number(MOST_LINES)} dòng, {MOST_COLUMNS} cột. Chép riêng danh sách sang tệp mới rồi nạp lại."
        )


def _number(count: int) -> str:
    return f"{count:,}".replace(",", ".")
