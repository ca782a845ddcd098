"""One pupil of a class corrected by hand: name, guardians, having left; and taking that back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lms.accounts.acts import note_act
from lms.accounts.roles import Actor
from lms.classrooms.families import ADULTS, Families
from lms.classrooms.importing import FamilyWriting, wait_for_turn
from lms.classrooms.known import PARENT, PUPIL, Copy, SchoolRoster, Values
from lms.classrooms.planning import closings, has_ward
from lms.classrooms.rosters import school_roster
from lms.classrooms.rows import GuardianRow
from lms.classrooms.writing import Writing, write
from lms.clock import local_date
from lms.places.queries import Place
from lms.vietnamese import sort_key


class StandsElsewhere(Exception):
    """The pupil is in another class by now, named by the message."""


@dataclass(frozen=True)
class Correction:
    """What a form says of one guardian; `person_id` is None for somebody who is added."""

    person_id: uuid.UUID | None
    told: GuardianRow
    is_removed: bool = False


def correct_pupil(
    db: Session,
    school: Place,
    unit_id: uuid.UUID,
    person_id: uuid.UUID,
    values: Values,
    guardians: Sequence[Correction],
    by: Actor,
    now: datetime,
) -> bool:
    """Write a pupil of a class as a form says, empty fields too; return whether anything changed.

    A guardian who is removed stays known, is no longer the pupil's, and leaves the class unless another
    child is in it.
    """
    wait_for_turn(db, school.id)
    known = school_roster(db, school.id)
    copy = next(iter(known.standing(person_id, PUPIL, unit_id)), None)
    if copy is None:
        return False
    writing = Writing(local_date(now), now)
    if any(getattr(copy, name) != value for name, value in vars(values).items()):
        writing.change(copy, values)
    added = []
    for correction in guardians:
        if correction.person_id is None:
            added.append(correction.told)
        else:
            _correct_guardian(known, writing, copy, correction)
    room = known.rooms[unit_id]
    for step in Families(known).steps(added, person_id, room, room.key, brings_own=False):
        FamilyWriting(known, writing).guardian(step, person_id, room, writing.today)
    return _write(db, school, unit_id, writing, "Sửa thông tin một em", by, now)


def _correct_guardian(known: SchoolRoster, writing: Writing, pupil: Copy, correction: Correction) -> None:
    ties = known.guardians_of(pupil.person_id)
    tie = next((tie for tie in ties if tie.guardian_id == correction.person_id), None)
    if tie is None:
        return
    told, guardian = correction.told, tie.guardian_id
    copy = next(iter(known.standing(guardian, PARENT, pupil.unit_id)), None)
    if correction.is_removed:
        writing.untie(tie, writing.today)
        if copy and not has_ward(known, (guardian, pupil.unit_id), {(pupil.person_id, pupil.unit_id)}):
            writing.close(copy, writing.today)
        return
    if tie.relation != told.relation:
        writing.tie_again(tie, told.relation)
    if copy is None:
        held = known.latest(guardian, ADULTS)
        values = Values(told.full_name, sort_key(told.full_name), told.phone)
        if held is None or (held.full_name, held.phone) != (told.full_name, told.phone):
            writing.join(guardian, pupil.unit_id, PARENT, values, writing.today)
    elif (copy.full_name, copy.phone) != (told.full_name, told.phone):
        is_renamed = copy.full_name != told.full_name
        key = sort_key(told.full_name) if is_renamed else copy.sort_key
        writing.change(copy, Values(told.full_name, key, told.phone, copy.sector_code, copy.born_on))


def leave_class(
    db: Session, school: Place, unit_id: uuid.UUID, person_id: uuid.UUID, by: Actor, now: datetime
) -> bool:
    """Let a pupil leave a class today, with guardians who have no other child in it; once."""
    wait_for_turn(db, school.id)
    known = school_roster(db, school.id)
    gone = known.standing(person_id, PUPIL, unit_id)
    writing = Writing(local_date(now), now)
    for copy in (*gone, *closings(known, (), gone)):
        writing.close(copy, writing.today)
    return _write(db, school, unit_id, writing, "Ghi một em rời lớp", by, now)


def stay_in_class(
    db: Session, school: Place, unit_id: uuid.UUID, person_id: uuid.UUID, by: Actor, now: datetime
) -> bool:
    """Take back that a pupil left: as if it had not been. Raises StandsElsewhere."""
    wait_for_turn(db, school.id)
    known = school_roster(db, school.id)
    year = known.rooms[unit_id].first_year
    for copy in known.standing(person_id, PUPIL):
        if copy.unit_id != unit_id and known.rooms[copy.unit_id].first_year == year:
            raise StandsElsewhere(known.rooms[copy.unit_id].name)
    held = [c for c in known.by_person.get(person_id, ()) if (c.unit_id, c.audience) == (unit_id, PUPIL)]
    if not held or any(copy.left_on is None for copy in held):
        return False
    last = max(held, key=lambda copy: (copy.left_on or copy.joined_on, copy.id))
    writing = Writing(local_date(now), now)
    writing.reopen(last)
    for tie in known.guardians_of(person_id):
        for copy in known.by_person.get(tie.guardian_id, ()):
            is_same_day = (copy.unit_id, copy.audience, copy.left_on) == (unit_id, PARENT, last.left_on)
            if is_same_day and not known.standing(tie.guardian_id, PARENT, unit_id):
                writing.reopen(copy)
                break
    return _write(db, school, unit_id, writing, "Lấy lại một em đã ghi rời lớp", by, now)


def _write(
    db: Session, school: Place, unit_id: uuid.UUID, writing: Writing, what: str, by: Actor, now: datetime
) -> bool:
    if writing.is_empty:
        return False
    write(db, writing, school)
    note_act(db, "roster.correct", what, by=by.name, now=now, account_id=by.account_id, unit_id=unit_id)
    return True
