"""The desk on which a table is read: texts with what was typed in the preview over them, and what is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lms.classrooms.cells import Found, clean
from lms.classrooms.header import Header, find_header
from lms.classrooms.headings import NUMBER
from lms.classrooms.plain_list import plain_list
from lms.classrooms.rows import ERROR, Problem
from lms.classrooms.table import Table

V = TypeVar("V")
Edits = Mapping[tuple[int, int], str]


@dataclass
class Desk:
    """A table, its header, the edits over it, and the problems found so far."""

    table: Table
    header: Header
    edits: Edits
    fields: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    bad_lines: set[int] = field(default_factory=set)
    _said: set[str] = field(default_factory=set)
    _rows: dict[int, list[str]] = field(default_factory=dict)
    _headings: dict[int, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note the words over each column that is read."""
        for column in set(self.header.mapping.values()):
            words = clean(self.header.headings.get(column, "")).casefold().split()
            endings = {" ".join(words[at:]) for at in range(len(words))}
            self._headings[column] = {ending for ending in endings if len(ending) > 1}

    def has(self, name: str) -> bool:
        """Tell whether a field has a column."""
        return name in self.header.mapping

    def column(self, name: str) -> int | None:
        """Return the column of a field."""
        return self.header.mapping.get(name)

    def raw(self, line: int, column: int) -> str:
        """Return the text of a cell as it stands, or as it was typed in the preview."""
        return self.edits.get((line, column), self.table.text(line, column))

    def text(self, line: int, name: str) -> str:
        """Return the text of a field, cleaned; empty when it has no column."""
        column = self.header.mapping.get(name)
        row = self.row(line)
        return row[column] if column is not None and column < len(row) else ""

    def row(self, line: int) -> list[str]:
        """Return the texts of a line, cleaned, edits among them."""
        known = self._rows.get(line)
        if known is None:
            edited = [column for row, column in self.edits if row == line] if self.edits else []
            known = [clean(text) for text in self.table.rows[line]]
            known += [""] * (max([-1, *edited]) + 1 - len(known))
            for column in edited:
                known[column] = clean(self.edits[line, column])
            self._rows[line] = known
        return known

    def texts(self, line: int) -> list[str]:
        """Return the texts of a line that are not empty."""
        return [text for text in self.row(line) if text]

    def repeats_headings(self, line: int) -> int:
        """Count the fields' cells that say again what stands over them, or the lower part of it."""
        row = self.row(line)
        return sum(
            row[column].casefold() in words for column, words in self._headings.items() if column < len(row)
        )

    def name(self, line: int) -> str:
        """Return the full name as it stands, from one column or two."""
        if self.has("full_name"):
            return self.text(line, "full_name")
        return f"{self.text(line, 'family_name')} {self.text(line, 'given_name')}".strip()

    @property
    def name_column(self) -> int | None:
        """Return the column where a faulty name is to be mended."""
        columns = (self.column(name) for name in ("full_name", "given_name", "family_name"))
        return next((column for column in columns if column is not None), None)

    def tell(self, kind: str, line: int, column: int | None, message: str) -> None:
        """Add a problem of a line; the message ends the sentence “Dòng 12, cột D:”."""
        row = self.table.row_number(line)
        if column is None:
            place, cell, value = f"Dòng {row}", "", ""
        else:
            place = f"Dòng {row}, cột {self.table.column_letters(column)}"
            cell, value = self.table.cell(line, column), self.raw(line, column)
        self.problems.append(Problem(kind, line, column, cell, value, f"{place}: {message}"))
        if kind == ERROR:
            self.bad_lines.add(line)

    def take(self, line: int, column: int | None, found: Found[V]) -> V | None:
        """Return what was found in a cell, having said what there is to say."""
        if found.kind:
            self.tell(found.kind, line, column, found.message)
        return found.value

    def tell_once(self, key: str, note: str) -> None:
        """Add a note about the file as a whole, the first time only."""
        if key not in self._said:
            self._said.add(key)
            self.notes.append(note)

    def columns(self) -> dict[str, str]:
        """Return which column each field is read from, in words: B “Họ và tên”."""
        taken = self.header.mapping
        return {name: self._shown(taken[name]) for name in self.fields if name in taken}

    def not_taken(self) -> tuple[str, ...]:
        """Return the headings of the columns we leave alone by intent."""
        return tuple(self.header.headings.get(column, "") for column in sorted(self.header.private))

    def _shown(self, column: int) -> str:
        heading = self.header.headings.get(column, "")
        letters = self.table.column_letters(column)
        return f"{letters} “{heading}”" if heading else letters


def lay_out(
    table: Table, fields: Mapping[str, str], mapping: Mapping[str, int] | None, edits: Edits | None
) -> Desk:
    """Put a table on the desk: its own header, or the columns a person pointed at.

    A mapping given replaces the guess as a whole; columns that are never taken cannot be pointed at.
    """
    seen = find_header(table.rows)
    guess = None if seen or mapping is not None else plain_list(table.rows)
    found = seen or guess or Header(-1, -1)
    chosen = found.mapping if mapping is None else mapping
    chosen = {name: at for name, at in chosen.items() if name in fields and at not in found.private}
    number = found.mapping.get(NUMBER)
    if number is not None and number not in chosen.values():
        chosen[NUMBER] = number
    desk = Desk(table, replace(found, mapping=chosen), edits or {}, fields)
    desk.notes += table.notes
    if guess:
        where = table.column_letters(guess.mapping["full_name"])
        desk.tell_once("plain", f"Không thấy dòng tiêu đề: cột {where} được hiểu là họ và tên.")
    return desk
