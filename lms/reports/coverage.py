"""Coverage: of those in a unit on a date, how many have completed a course; never a rate from nothing."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from lms.catalog.catalogue import Course
from lms.places.queries import Place, places_under
from lms.reports.evidence import AUDIENCES, FAMILY, Asked
from lms.reports.queries import Count, counts, past_classes
from lms.reports.totals import Total, declared
from lms.vietnamese import sort_key

PUPILS = "student"


@dataclass(frozen=True)
class CoverageRow:
    """The figure of one unit and audience.

    `members` come from the roster; `total` is what was declared beside it. For a unit whose parts have
    rows of their own, `unlisted` are people those parts declared beyond their rosters, and `blank` names
    the parts that have neither roster nor total.
    """

    place: Place
    audience: str
    count: Count
    total: Total | None = None
    unlisted: int = 0
    blank: tuple[str, ...] = ()

    @property
    def base(self) -> int | None:
        """Return the denominator: the roster, or the declared total when it is larger; None without both."""
        declared_number = self.total.number if self.total else 0
        return max(self.count.members + self.unlisted, declared_number) or None

    @property
    def rate(self) -> float | None:
        """Return the share that completed the course from level 1, or None without a denominator."""
        return self.share(self.count.completed)

    def share(self, number: int) -> float | None:
        """Return a number of this row's people as a share of the denominator."""
        return number / self.base if self.base else None

    @property
    def is_declared(self) -> bool:
        """Tell whether the declared total is the denominator."""
        return self.total is not None and self.total.number > self.count.members + self.unlisted

    @property
    def total_is_too_small(self) -> bool:
        """Tell whether the roster holds more people than were declared."""
        return self.total is not None and self.total.number < self.count.members


def coverage(
    db: Session,
    unit: Place,
    by: str,
    audience: str | Collection[str],
    course: Course,
    as_of: date,
    known_at: datetime,
) -> list[CoverageRow]:
    """Return the figure of every unit of kind `by` at or under `unit`, in name order, never ranked.

    Several audiences at once cost no statement more: each unit's rows then stand in their order.
    """
    audiences = (audience,) if isinstance(audience, str) else tuple(audience)
    asked = Asked(course, as_of, known_at)
    found = counts(db, unit, by, audiences, asked)
    totals = declared(db, unit, by, as_of, known_at)
    past = past_classes(db, unit, as_of) if by == "class" else set()
    return [
        CoverageRow(
            place,
            name,
            found.get((place.id, name), Count()),
            totals.get((place.id, PUPILS if name == FAMILY else name)),
        )
        for place in sorted(places_under(db, unit.path, by, as_of), key=_name_order)
        if place.id not in past
        for name in audiences
    ]


def _name_order(place: Place) -> list[tuple[int, int, bytes]]:
    """Order units by their whole name, numbers by value: 9A before 10A."""
    parts = re.split(r"([0-9]+)", place.name)
    return [(0, int(part), b"") if part.isdigit() else (1, 0, sort_key(part, part)) for part in parts if part]


def beside_parts(whole: CoverageRow, parts: Iterable[CoverageRow]) -> CoverageRow:
    """Return the row of a unit that knows of its parts' declared people and of its blank parts.

    The distinct count stays what it is; only people on no roster at all are added to the denominator.
    """
    own = [part for part in parts if part.audience == whole.audience]
    unlisted = sum((part.base or 0) - part.count.members for part in own)
    return replace(whole, unlisted=unlisted, blank=tuple(p.place.name for p in own if p.base is None))


@dataclass(frozen=True)
class Figures:
    """A unit's figures on a date: its own rows, and those of its parts."""

    unit: Place
    asked: Asked
    wholes: tuple[CoverageRow, ...]
    parts: tuple[CoverageRow, ...] = ()

    def whole(self, audience: str) -> CoverageRow:
        """Return the unit's own row of an audience."""
        return next(row for row in self.wholes if row.audience == audience)

    def by_part(self) -> list[tuple[Place, dict[str, CoverageRow]]]:
        """Return each part with its rows by audience, in name order."""
        found: dict[Place, dict[str, CoverageRow]] = {}
        for row in self.parts:
            found.setdefault(row.place, {})[row.audience] = row
        return list(found.items())


def share(part: int, whole: int) -> str:
    """Write a share as 78,9 %; never 100 % when one is missing, never 0 % when one is there."""
    thousandths = (part * 2000 + whole) // (2 * whole)
    if part and not thousandths:
        return "dưới 0,1 %"
    if part < whole:
        thousandths = min(thousandths, 999)
    units, tenth = divmod(thousandths, 10)
    return f"{units},{tenth} %" if tenth else f"{units} %"


IN_CLASSES = (FAMILY, PUPILS, "parent")
"""Audiences whose members belong to classes; the others belong to the school."""
PARTS = {"school": "class", "commune": "school"}


def figures(db: Session, unit: Place, asked: Asked) -> Figures:
    """Return the figures of a class, a school with its classes, or a commune with its schools."""

    def rows(by: str, audiences: Collection[str]) -> list[CoverageRow]:
        return coverage(db, unit, by, audiences, asked.course, asked.as_of, asked.known_at)

    wholes = rows(unit.kind, IN_CLASSES if unit.kind == "class" else AUDIENCES)
    kind = PARTS.get(unit.kind)
    if kind is None:
        return Figures(unit, asked, tuple(wholes))
    parts = rows(kind, IN_CLASSES if kind == "class" else AUDIENCES)
    told = tuple(beside_parts(row, parts) for row in wholes)
    return Figures(unit, asked, told, tuple(parts))
