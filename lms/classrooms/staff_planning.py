"""What a staff list would change in a school, worked out before anything is written. Pure."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from lms.classrooms.families import Who
from lms.classrooms.known import BACK, CHANGED, NEW, PARENT, SAME, STAFF_AUDIENCES, Copy, SchoolRoster, Values
from lms.classrooms.matching import Doubt, Face, Found, Matcher, Sought
from lms.classrooms.planning import Answers
from lms.classrooms.rows import StaffRow
from lms.vietnamese import fold, sort_key


@dataclass(frozen=True)
class StaffStep:
    """One staff member of the file; `leaves` is the copy of the audience they were in till now."""

    line: int
    who: Who
    kind: str
    audience: str
    values: Values
    copy: Copy | None = None
    changes: tuple[str, ...] = ()
    leaves: tuple[Copy, ...] = ()


@dataclass(frozen=True)
class StaffQuestion:
    """A row that may be one of several people; it stays out until somebody says which, or none."""

    row: StaffRow
    options: tuple[Copy, ...]


@dataclass(frozen=True)
class StaffPlan:
    """Everything a staff list would change."""

    known: SchoolRoster
    steps: tuple[StaffStep, ...]
    questions: tuple[StaffQuestion, ...]
    absent: tuple[Copy, ...]
    leaving: tuple[Copy, ...]

    def of_kind(self, kind: str) -> tuple[StaffStep, ...]:
        """Return the staff members of one kind."""
        return tuple(step for step in self.steps if step.kind == kind)

    @property
    def people(self) -> int:
        """Return how many people this would write: none when the same file comes again."""
        return sum(step.kind != SAME for step in self.steps)

    @property
    def changes_anything(self) -> bool:
        """Tell whether confirming this would write anything."""
        return bool(self.people or self.leaving)

    @property
    def fingerprint(self) -> str:
        """Return a digest of what was shown, so that only what was seen is confirmed."""
        told = hashlib.sha256(repr([copy.id for copy in self.leaving]).encode())
        for step in self.steps:
            left = [copy.id for copy in step.leaves]
            told.update(repr((step.line, step.who, step.kind, step.audience, step.values, left)).encode())
        return told.hexdigest()[:32]


def plan_staff(
    known: SchoolRoster,
    rows: Sequence[StaffRow],
    *,
    answers: Answers | None = None,
    leaving: AbstractSet[uuid.UUID] = frozenset(),
    unread: AbstractSet[str] = frozenset(),
) -> StaffPlan:
    """Return what a staff list would change; arguments as of `plan_pupils`.

    A parent of the school with the same name and phone is the same human.
    """
    by_line = {row.line: row for row in rows}

    def is_unchanged(line: int, person: uuid.UUID) -> bool:
        row = by_line[line]
        copy = _standing(known, person, (row.audience,))
        return copy is not None and not _changes(copy, _values(row, copy))

    sought = [Sought(row.line, row.full_name, known.school_id, row.sector_code, row.phone) for row in rows]
    matcher = Matcher(sought, _faces(known), is_unchanged, fixed_mark=False, wide=True)
    found = matcher.pairs(answers or {})
    steps = tuple(_steps(known, rows, found))
    questions = tuple(
        StaffQuestion(row, tuple(filter(None, (_latest(known, person) for person in doubt.options))))
        for row in rows
        if isinstance(doubt := found[row.line], Doubt)
    )
    absent = tuple(_absent(known, steps, questions, unread))
    return StaffPlan(
        known, steps, questions, absent, tuple(copy for copy in absent if copy.person_id in leaving)
    )


def _latest(known: SchoolRoster, person: uuid.UUID) -> Copy | None:
    return known.latest(person, STAFF_AUDIENCES) or known.latest(person, (PARENT,))


def _standing(known: SchoolRoster, person: Who | None, audiences: Iterable[str]) -> Copy | None:
    if not isinstance(person, uuid.UUID):
        return None
    held = (copy for audience in audiences for copy in known.standing(person, audience, known.school_id))
    return next(held, None)


def _faces(known: SchoolRoster) -> Iterator[Face]:
    for person in known.by_person:
        copy = _latest(known, person)
        if copy is not None:
            places = {known.school_id} if copy.audience in STAFF_AUDIENCES else set()
            yield Face(person, copy.full_name, frozenset(places), copy.sector_code, copy.phone)


def _steps(known: SchoolRoster, rows: Sequence[StaffRow], found: Mapping[int, Found]) -> Iterator[StaffStep]:
    codes = {copy.sector_code for copy in known.copies if copy.sector_code}
    for row in rows:
        person = found[row.line]
        if isinstance(person, Doubt):
            continue
        held = _latest(known, person) if person else None
        values = _values(row, held)
        if person is None:
            fresh = replace(values, sector_code=None) if values.sector_code in codes else values
            yield StaffStep(row.line, row.line, NEW, row.audience, fresh)
            continue
        copy = _standing(known, person, (row.audience,))
        other = () if copy else _standing(known, person, STAFF_AUDIENCES)
        changes = _changes(held, values) if held else ()
        kind = CHANGED if changes or other else SAME if copy else _arrival(known, person)
        yield StaffStep(
            row.line, person, kind, row.audience, values, copy, changes, (other,) if other else ()
        )


def _arrival(known: SchoolRoster, person: uuid.UUID) -> str:
    """Tell who comes back from a parent of the school who is staff for the first time."""
    return BACK if known.latest(person, STAFF_AUDIENCES) else NEW


def _values(row: StaffRow, held: Copy | None) -> Values:
    is_renamed = held is None or held.full_name != row.full_name
    return Values(
        row.full_name,
        sort_key(row.full_name) if held is None or is_renamed else held.sort_key,
        row.phone or (held.phone if held else None),
        row.sector_code or (held.sector_code if held else None),
    )


def _changes(held: Copy, values: Values) -> tuple[str, ...]:
    names = ("full_name", "phone", "sector_code")
    return tuple(name for name in names if getattr(held, name) != getattr(values, name))


def _absent(
    known: SchoolRoster,
    steps: Iterable[StaffStep],
    questions: Iterable[StaffQuestion],
    unread: AbstractSet[str],
) -> Iterator[Copy]:
    seen = {step.who for step in steps} | {copy.person_id for q in questions for copy in q.options}
    here = (c for c in known.by_unit.get(known.school_id, ()) if c.audience in STAFF_AUDIENCES)
    for copy in sorted(here, key=lambda copy: (copy.sort_key, copy.id)):
        if copy.left_on is None and copy.person_id not in seen and fold(copy.full_name) not in unread:
            yield copy
