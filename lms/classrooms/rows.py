"""What a roster file says, row by row, and what is wrong with it: plain values, no database."""

from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

ERROR, MENDED, NOTICE = "error", "mended", "notice"


@dataclass(frozen=True)
class Problem:
    """Something about one cell: where it stands, what it holds, what is wrong, what to do.

    `kind`: ERROR keeps the row out until it is mended; MENDED was put right by us, as the message says;
    NOTICE is worth a look. `line` and `column` count from 0 in the table; `cell` is Excel's name (D12).
    """

    kind: str
    line: int
    column: int | None
    cell: str
    value: str
    message: str


@dataclass(frozen=True)
class GuardianRow:
    """A parent or guardian as the pupil's row names them; relation: mẹ, bố, người giám hộ."""

    full_name: str
    relation: str
    phone: str | None = None


@dataclass(frozen=True)
class PupilRow:
    """One pupil of a roster; `line` counts from 0 in the table."""

    line: int
    full_name: str
    class_name: str | None = None
    born_on: date | None = None
    sector_code: str | None = None
    sort_name: str = ""
    phone: str | None = None
    guardians: tuple[GuardianRow, ...] = ()


@dataclass(frozen=True)
class StaffRow:
    """One staff member of a school; audience: teacher, or staff for CBQL and NV."""

    line: int
    full_name: str
    audience: str
    position: str = ""
    phone: str | None = None
    sector_code: str | None = None


R = TypeVar("R", PupilRow, StaffRow)


@dataclass(frozen=True)
class Reading(Generic[R]):
    """What a table says: the good rows, the problems, which column was taken for what.

    Every line below the header is either a row, or has an ERROR, or is in `skipped` (blank lines, titles,
    repeated headers, totals, signatures) with the reason: rows in = accepted + refused + skipped.

    `header_line` is the last line of the header, None when none was found. `mapping` says which column each
    field is read from, `headings` what stands over every column, `not_taken` the headings of columns we
    leave alone; `notes` are about the file as a whole.
    """

    rows: tuple[R, ...]
    problems: tuple[Problem, ...]
    columns: dict[str, str] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    header_line: int | None = None
    mapping: dict[str, int] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)
    not_taken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def bad_lines(self) -> frozenset[int]:
        """Return the lines that stay out until they are mended."""
        return frozenset(p.line for p in self.problems if p.kind == ERROR)
