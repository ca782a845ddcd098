"""Finds the line that names the columns, wherever it stands, and what each column holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lms.classrooms.headings import NUMBER, PRIVATE, WEAK_CODE, meaning

Rows = Sequence[Sequence[str]]
LOOKED_AT = 30
"""The header stands within the first lines, or there is none."""
HIDDEN = "•" * 12
"""What stands in the table instead of a personal identity number (12 digits): it is not kept."""

_SAMPLE = 60
_IDENTITY = re.compile(r"^\s*'?\d{12}(?:\.0)?\s*$")
_LIKE_CODE = re.compile(r"^\s*'?(?:\d{9,10}(?:\.0)?|\d[.,]\d+E\+0?9|TAM.*)\s*$", re.IGNORECASE)
_ONE_WORD = re.compile(r"^[^\W\d_'’-]+(?:['’-][^\W\d_]+)*$")


@dataclass(frozen=True)
class Header:
    """Which columns hold what; `first` and `last` are its lines, both -1 when the columns were given by hand.

    `mapping`: field → column; `headings`: column → its text; `private`: columns that are never read.
    """

    first: int
    last: int
    headings: dict[int, str] = field(default_factory=dict)
    mapping: dict[str, int] = field(default_factory=dict)
    private: frozenset[int] = frozenset()

    @property
    def named(self) -> bool:
        """Tell whether there is a column of names."""
        return "full_name" in self.mapping or {"family_name", "given_name"} <= self.mapping.keys()

    @property
    def score(self) -> int:
        """Return how much of the header was understood; names count most."""
        return 100 * self.named + 2 * len(self.mapping) + len(self.private)


def find_header(rows: Rows) -> Header | None:
    """Return the best header of the first lines, of one line or of two, or None.

    One without a column of names is returned when at least two columns are clear, so that a person can
    point at the names, and what is private stays out all the same.
    """
    best: Header | None = None
    for line in range(min(LOOKED_AT, len(rows))):
        for header in _candidates(rows, line):
            if best is None or header.score > best.score:
                best = header
    return None if best is None else _settled(best, rows)


def hide_private(rows: Iterable[Sequence[str]], header: Header | None) -> list[list[str]]:
    """Return the rows without what we never take: private columns are emptied, identity numbers hidden."""
    private = header.private if header else frozenset()
    last = header.last if header else -1
    return [
        [
            "" if column in private and line > last else HIDDEN if _IDENTITY.match(text) else text
            for column, text in enumerate(row)
        ]
        for line, row in enumerate(rows)
    ]


def _candidates(rows: Rows, line: int) -> Iterable[Header]:
    single = _header(dict(enumerate(rows[line])), line, line)
    if _is_header(single, rows[line]):
        yield single
    if line + 1 < min(LOOKED_AT, len(rows)):
        double = _header(_two_lines(rows[line], rows[line + 1]), line, line + 1)
        more = double.score > max(single.score, _header(dict(enumerate(rows[line + 1])), line, line).score)
        if more and _is_header(double, [*rows[line], *rows[line + 1]]):
            yield double


def _two_lines(upper: Sequence[str], lower: Sequence[str]) -> dict[int, str]:
    """Join two lines of headings; what stands over several columns is written only over the first."""
    texts: dict[int, str] = {}
    over = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column].strip() if column < len(upper) else ""
        below = lower[column].strip() if column < len(lower) else ""
        over = above or (over if below else "")
        texts[column] = f"{over} {below}".strip() if below else above
    return texts


def _header(texts: Mapping[int, str], first: int, last: int) -> Header:
    mapping: dict[str, int] = {}
    private = set()
    for column, text in texts.items():
        found = meaning(text)
        if found == PRIVATE:
            private.add(column)
        elif found:
            mapping.setdefault(found, column)
    headings = {column: " ".join(text.split()) for column, text in texts.items() if text.strip()}
    return Header(first, last, headings, _one_name(mapping), frozenset(private))


def _one_name(mapping: dict[str, int]) -> dict[str, int]:
    """Decide between Họ và tên, Họ đệm + Tên, and Tên alone."""
    chosen = dict(mapping)
    if "full_name" in chosen:
        chosen.pop("family_name", None)
        chosen.pop("given_name", None)
    elif "given_name" in chosen and "family_name" not in chosen:
        chosen["full_name"] = chosen.pop("given_name")
    if "sector_code" in chosen:
        chosen.pop(WEAK_CODE, None)
    return chosen


def _is_header(header: Header, cells: Sequence[str]) -> bool:
    filled = sum(1 for cell in cells if cell.strip())
    known = len(header.mapping) + len(header.private)
    if header.named:
        return known >= 2 or filled <= 2
    fields = len(header.mapping.keys() - {NUMBER})
    return fields >= 1 and fields + len(header.private) >= 2


def _settled(header: Header, rows: Rows) -> Header:
    """Look below the header where its words leave a choice."""
    below = [rows[line] for line in range(header.last + 1, min(len(rows), header.last + 1 + _SAMPLE))]
    return _with_code(_with_given_name(header, below), below)


def _with_given_name(header: Header, below: Rows) -> Header:
    """Take “Họ và tên” written over two columns for what it is: họ đệm | tên."""
    column = header.mapping.get("full_name", -1)
    if column < 0 or column + 1 in header.headings or column + 1 in header.mapping.values():
        return header
    pairs = [(_at(row, column), _at(row, column + 1)) for row in below if _at(row, column)]
    given = sum(bool(_ONE_WORD.match(second)) for _, second in pairs)
    if not pairs or given * 10 < len(pairs) * 7:
        return header
    mapping = {name: at for name, at in header.mapping.items() if name != "full_name"}
    return replace(header, mapping={**mapping, "family_name": column, "given_name": column + 1})


def _with_code(header: Header, below: Rows) -> Header:
    """Take “Mã học sinh” for the Ministry's code only when its values look like that."""
    if WEAK_CODE not in header.mapping:
        return header
    column = header.mapping[WEAK_CODE]
    mapping = {name: at for name, at in header.mapping.items() if name != WEAK_CODE}
    values = [text for row in below if (text := _at(row, column))]
    if values and sum(bool(_LIKE_CODE.match(text)) for text in values) * 2 >= len(values):
        return replace(header, mapping={**mapping, "sector_code": column})
    return replace(header, mapping=mapping, private=header.private | {column})


def _at(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""
