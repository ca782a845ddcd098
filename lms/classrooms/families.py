"""Whose guardians a roster names: people of record known to the school, or new ones. Pure.

Without a phone nobody is taken for a stranger of the same name. The first row that names somebody in a
class decides how that class writes them, so that the same file again changes nothing.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lms.classrooms.known import (
    CHANGED,
    JOINS,
    NEW,
    PARENT,
    SAME,
    STAFF_AUDIENCES,
    Copy,
    Room,
    SchoolRoster,
    Tie,
)
from lms.classrooms.rows import GuardianRow
from lms.vietnamese import fold, same_name

ADULTS = (PARENT, *STAFF_AUDIENCES)
Who = uuid.UUID | int
"""A person known, or the number of a new one within the file."""


@dataclass(frozen=True)
class GuardianStep:
    """One guardian of one pupil: who it is, how the class writes them, what is new.

    `kind`: NEW person; JOINS the class or the pupil, known before; CHANGED name, phone or relation; SAME.
    `copy` is the class's standing copy, `tie` the standing guardianship, None where they are to be made.
    """

    who: Who
    kind: str
    full_name: str
    relation: str
    phone: str | None
    copy: Copy | None = None
    tie: Tie | None = None


class Families:
    """Finds the guardians that the rows of one file name."""

    def __init__(self, known: SchoolRoster) -> None:
        """Index the school's grown-ups by phone and folded name."""
        self._known = known
        self._by_phone: dict[tuple[str, str], Who] = {}
        self._written: dict[tuple[Who, str], tuple[str, str | None]] = {}
        self._new = 0
        for copy in sorted(known.copies, key=lambda copy: copy.person_id, reverse=True):
            if copy.phone and copy.audience in ADULTS:
                self._by_phone[(copy.phone, fold(copy.full_name))] = copy.person_id

    def steps(
        self,
        told: Iterable[GuardianRow],
        pupil: uuid.UUID | None,
        room: Room | None,
        room_key: str,
        *,
        brings_own: bool,
    ) -> tuple[GuardianStep, ...]:
        """Return the guardians of one pupil in a class, which may be new itself.

        `brings_own`: the pupil comes into the class, and those of record who are not named come along.
        """
        of_record = self._own(pupil, room) if pupil else {}
        found: dict[Who, GuardianRow] = {}
        for row in told:
            twice = next((who for who, other in found.items() if _named_twice(row, other)), None)
            if twice is not None:
                found[twice] = replace(found[twice], phone=found[twice].phone or row.phone)
                continue
            who = self._find(row, {w: held for w, held in of_record.items() if w not in found})
            found.setdefault(who, row)
        if brings_own:
            for who, (tie, copy) in of_record.items():
                found.setdefault(who, GuardianRow(copy.full_name, tie.relation, copy.phone))
        return tuple(self._step(who, row, of_record.get(who), room, room_key) for who, row in found.items())

    def says_nothing_new(self, told: Iterable[GuardianRow], pupil: uuid.UUID, room: Room | None) -> bool:
        """Tell whether every guardian named is one of record, written the same."""
        own = [copy for _, copy in self._own(pupil, room).values()] if pupil else []
        return all(
            any(row.full_name == copy.full_name and row.phone in (None, copy.phone) for copy in own)
            for row in told
        )

    def _own(self, pupil: uuid.UUID, room: Room | None) -> dict[Who, tuple[Tie, Copy]]:
        held: dict[Who, tuple[Tie, Copy]] = {}
        for tie in self._known.guardians_of(pupil):
            copy = self._copy_in(tie.guardian_id, room) or self._known.latest(tie.guardian_id, ADULTS)
            if copy is not None:
                held.setdefault(tie.guardian_id, (tie, copy))
        return held

    def _copy_in(self, who: Who, room: Room | None) -> Copy | None:
        if room is None or isinstance(who, int):
            return None
        return next(iter(self._known.standing(who, PARENT, room.unit_id)), None)

    def _find(self, row: GuardianRow, own: dict[Who, tuple[Tie, Copy]]) -> Who:
        for is_same in (_exactly, _but_for_marks, _by_relation_and_phone):
            found = next((who for who, (tie, copy) in own.items() if is_same(row, tie, copy)), None)
            if found is not None:
                return found
        key = (row.phone, fold(row.full_name)) if row.phone else None
        if key and key in self._by_phone:
            return self._by_phone[key]
        self._new += 1
        if key:
            self._by_phone[key] = self._new
        return self._new

    def _step(
        self, who: Who, row: GuardianRow, held: tuple[Tie, Copy] | None, room: Room | None, room_key: str
    ) -> GuardianStep:
        copy = self._copy_in(who, room)
        name, phone = self._written.get((who, room_key), (row.full_name, None))
        phone = phone or row.phone
        self._written[(who, room_key)] = (name, phone)
        step = GuardianStep(who, SAME, name, row.relation, phone, copy, held[0] if held else None)
        return replace(step, kind=_kind(step))


def _kind(step: GuardianStep) -> str:
    if isinstance(step.who, int):
        return NEW
    if step.copy is None or step.tie is None:
        return JOINS
    is_same = (
        step.full_name == step.copy.full_name
        and step.phone in (None, step.copy.phone)
        and step.relation == step.tie.relation
    )
    return SAME if is_same else CHANGED


def _named_twice(row: GuardianRow, other: GuardianRow) -> bool:
    """Tell whether one pupil's row names somebody as mother and again as guardian."""
    return row.full_name == other.full_name and (row.phone == other.phone or None in (row.phone, other.phone))


def _exactly(row: GuardianRow, _tie: Tie, copy: Copy) -> bool:
    return row.full_name == copy.full_name or same_name(row.full_name, copy.full_name)


def _but_for_marks(row: GuardianRow, _tie: Tie, copy: Copy) -> bool:
    return fold(row.full_name) == fold(copy.full_name)


def _by_relation_and_phone(row: GuardianRow, tie: Tie, copy: Copy) -> bool:
    return row.phone is not None and (row.relation, row.phone) == (tie.relation, copy.phone)
