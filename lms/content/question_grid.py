"""A sheet of questions as a grid of texts: which line names the columns, and what each column holds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase

from lms.vietnamese import fold

LOOKED_AT = 30
"""The headings stand within the first lines, or there are none."""
MOST_BLOCKS = 1_000
MOST_LINES_OF_A_BLOCK = 200
"""Of merged cells no more are looked at."""
NOTHING = "nothing"
"""A column known to hold nothing of a question, such as running numbers."""
_PLACE = re.compile(
    r"^(?:(?:phuong an|lua chon|dap an|tra loi|cau tra loi|answer|option|choice)(?: so)? )?([a-z])$"
)
_NUMBERED = re.compile(
    r"^(?:phuong an|lua chon|dap an|tra loi|cau tra loi|answer|option|choice)(?: so)? (\d{1,2})$"
)
_TOLD = re.compile(r"^(?:phan hoi|nhan xet|giai thich|feedback)(?: (?:phuong an|dap an|lua chon))? ([a-z])$")
_WORDS = (
    (NOTHING, r"stt|tt|so tt|so thu tu|no"),
    ("question", r"cau|(?:noi dung )?cau hoi|noi dung|de bai|question(?: text)?"),
    (
        "answer",
        r"dap an(?: dung| chinh xac)?|phuong an dung|(?:cau )?tra loi dung"
        r"|correct(?: answers?)?|answer(?: key)?|key",
    ),
    (
        "explanation",
        r"(?:loi )?giai thich(?: chung)?|loi giai|huong dan(?: giai)?|explanation|feedback|phan hoi",
    ),
    ("difficulty", r"muc do(?: nhan thuc)?|do kho|difficulty|level"),
    ("skill", r"(?:ma )?ky nang|chu de|skill|topic"),
    ("id", r"(?:ma|ma so|id)(?: cau(?: hoi)?)?"),
    ("kind", r"(?:loai|dang|kieu)(?: cau(?: hoi)?)?|(?:question )?type"),
    ("use", r"dung cho|dung de|use"),
    ("lesson", r"(?:ma )?bai(?: hoc)?|lesson"),
    ("hint", r"(?:goi y|hint)(?: \d)?"),
    ("unsure", r"phan hoi (?:toi )?chua chac"),
    ("keys", r"khoa(?: phuong an)?"),
    ("near", r"nhom gan nhau"),
    ("credit", r"cach (?:cho diem|cham)"),
    ("plain", r"khong can dau"),
    ("names", r"ten viet dung"),
    ("tolerance", r"sai so|tolerance"),
    ("unit", r"don vi|unit"),
    ("picture", r"hinh(?: anh| ve)?|picture|image(?: link)?"),
)
_SPELLINGS = tuple((name, re.compile(rf"^(?:{pattern})$")) for name, pattern in _WORDS)
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|- max.*$", re.IGNORECASE)
Place = tuple[int, int]
"""Line and column of a grid, counted from 0."""


@dataclass(frozen=True)
class Grid:
    """The texts of one sheet as a person sees them; numbers with a comma for the point.

    `first_row` is Excel's number of line 0, `first_column` how many empty columns stood before column 0.
    `formulas` are the cells whose value was computed, `dates` those Excel took for dates; `merged` are
    blocks as (top, left, bottom, right). All places count from 0 in the grid.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    first_row: int = 1
    first_column: int = 0
    formulas: frozenset[Place] = frozenset()
    dates: frozenset[Place] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def text(self, line: int, column: int) -> str:
        """Return the text of a cell; empty beyond the edge."""
        row = self.rows[line] if 0 <= line < len(self.rows) else ()
        return row[column] if 0 <= column < len(row) else ""

    @cached_property
    def across(self) -> frozenset[int]:
        """Return the lines on which a cell covers three columns or more, as titles of parts do."""
        blocks = [block for block in self.merged[:MOST_BLOCKS] if block[3] - block[1] > 1]
        return frozenset(line for top, _, bottom, _ in blocks for line in range(top, bottom + 1)[:LOOKED_AT])

    @cached_property
    def _sources(self) -> dict[Place, Place]:
        found: dict[Place, Place] = {}
        for top, left, bottom, right in self.merged[:MOST_BLOCKS]:
            for line in range(top, bottom + 1)[:MOST_LINES_OF_A_BLOCK]:
                found.update({(line, column): (top, left) for column in range(left, right + 1)[:LOOKED_AT]})
        return found

    def spread(self, line: int, column: int) -> str:
        """Return the text of a cell, or of the block that covers it."""
        return self.text(*self._sources.get((line, column), (line, column)))

    def number(self, line: int) -> int:
        """Return the number that Excel shows before a line."""
        return self.first_row + line

    def letters(self, column: int) -> str:
        """Return the letters that Excel shows over a column."""
        name, number = "", self.first_column + column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            name = ascii_uppercase[rest] + name
        return name

    def cell(self, line: int, column: int) -> str:
        """Return the name of a cell as Excel shows it, like D12."""
        return f"{self.letters(column)}{self.number(line)}"


@dataclass(frozen=True)
class Columns:
    """Which column holds what. `last` is the last line of the headings.

    `places` and `told` go by the letter of the choice: its words, and the feedback under it; `single` goes
    by name; `hints` in their order; `unknown` are headings that mean nothing here.
    """

    last: int
    single: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    hints: tuple[int, ...] = ()
    unknown: dict[int, str] = field(default_factory=dict)

    @property
    def is_clear(self) -> bool:
        """Tell whether these can be the headings of questions."""
        return {"question", "answer"} <= self.single.keys()

    @property
    def score(self) -> int:
        """Return how many headings were understood."""
        return len(self.single) + len(self.places) + len(self.told) + len(self.hints)


def find_columns(grid: Grid) -> Columns | None:
    """Return the clearest headings of the first lines, of one line or of two, or None."""
    best: Columns | None = None
    for columns in _candidates(grid):
        if columns.is_clear and (best is None or columns.score > best.score):
            best = columns
    return best


def _candidates(grid: Grid) -> Iterator[Columns]:
    for line in range(min(LOOKED_AT, len(grid.rows))):
        yield _columns(grid.rows[line], line)
        if line + 1 < len(grid.rows):
            upper, lower = grid.rows[line], grid.rows[line + 1]
            yield _columns([below or above for above, below in zip(upper, lower, strict=False)], line + 1)


def _columns(texts: Sequence[str], last: int) -> Columns:
    single: dict[str, int] = {}
    places: dict[str, int] = {}
    told: dict[str, int] = {}
    hints: list[int] = []
    unknown: dict[int, str] = {}
    for column, text in enumerate(texts):
        words = _plain(text)
        letter = _letter(words)
        if letter:
            places.setdefault(letter, column)
        elif found := _TOLD.match(words):
            told.setdefault(found[1], column)
        elif (name := _name(words)) == "hint":
            hints.append(column)
        elif name and name not in single:
            single[name] = column
        elif words and name != NOTHING:
            unknown[column] = " ".join(text.split())
    return Columns(last, single, places, told, tuple(hints), unknown)


def _letter(words: str) -> str:
    if found := _PLACE.match(words):
        return found[1]
    found = _NUMBERED.match(words)
    number = int(found[1]) if found else 0
    return ascii_lowercase[number - 1] if 1 <= number <= len(ascii_lowercase) else ""


def _name(words: str) -> str:
    if len(words) > 60:
        return ""
    return next((name for name, pattern in _SPELLINGS if pattern.match(words)), "")


def _plain(text: str) -> str:
    """Return a heading folded, without brackets and signs: `Đáp án (A, B…)*` is `dap an`."""
    if len(text) > 300:
        return ""
    without = _ASIDE.sub(" ", text)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(without if without.strip() else text)).split())
