"""Writing a roster that was looked at: one turn a school, all of it or nothing."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lms.accounts.acts import note_act
from lms.accounts.roles import Actor
from lms.classrooms.actions import open_classroom
from lms.classrooms.families import GuardianStep, Who
from lms.classrooms.known import (
    BACK,
    CHANGED,
    MOVED,
    NEW,
    PARENT,
    PUPIL,
    SAME,
    STAFF_AUDIENCES,
    Room,
    SchoolRoster,
    Values,
)
from lms.classrooms.planning import Plan, PupilStep
from lms.classrooms.staff_planning import StaffPlan
from lms.classrooms.writing import Writing, write
from lms.classrooms.years import first_year_of, school_year
from lms.clock import local_date
from lms.db import take_turn
from lms.places.queries import Place
from lms.vietnamese import sort_key


@dataclass(frozen=True)
class Outcome:
    """What an import did, in numbers of people; `changes` is 0 when the same file came again."""

    new: int = 0
    changed: int = 0
    moved: int = 0
    back: int = 0
    same: int = 0
    left: int = 0
    guardians_new: int = 0
    guardians_changed: int = 0
    rooms_opened: int = 0

    @property
    def changes(self) -> int:
        """Return how many people were written."""
        people = self.new + self.changed + self.moved + self.back + self.left
        return people + self.guardians_new + self.guardians_changed

    @property
    def words(self) -> str:
        """Return the numbers as a phrase for the record, without names."""
        told = (
            (self.new, "em mới"),
            (self.changed, "em được sửa"),
            (self.moved, "em chuyển đến"),
            (self.back, "em trở lại"),
            (self.left, "em rời lớp"),
            (self.guardians_new, "cha mẹ, người giám hộ mới"),
            (self.guardians_changed, "cha mẹ, người giám hộ được sửa"),
            (self.rooms_opened, "lớp được mở"),
        )
        return ", ".join(f"{number} {what}" for number, what in told if number) or "không có gì mới"


def outcome_of(plan: Plan) -> Outcome:
    """Return what confirming a plan would do."""
    grown_ups = plan.guardians.values()
    new = sum(kind == NEW for kind in grown_ups)
    return Outcome(
        new=len(plan.of_kind(NEW)),
        changed=len(plan.of_kind(CHANGED)),
        moved=len(plan.of_kind(MOVED)),
        back=len(plan.of_kind(BACK)),
        same=len(plan.of_kind(SAME)),
        left=len(plan.leaving),
        guardians_new=new,
        guardians_changed=sum(kind not in (NEW, SAME) for kind in grown_ups),
        rooms_opened=len(plan.new_rooms),
    )


def wait_for_turn(db: Session, school_id: uuid.UUID) -> None:
    """Let one roster of a school be compared and written at a time: two at once would double everybody."""
    take_turn(db, school_id.bytes)


def apply_pupils(
    db: Session,
    school: Place,
    plan: Plan,
    by: Actor,
    now: datetime,
    unit_id: uuid.UUID | None = None,
) -> Outcome:
    """Write a plan that was made in this same turn (`wait_for_turn`), and note it at the unit.

    Who is on the first roster a class gets has been in it since the class was opened: figures of earlier
    dates need them, and nobody types a roster on the first day of school. Who comes later, or moves from
    another class of the year, is in it from today on.
    """
    rooms = {key: room for key, room in plan.rooms.items() if room}
    rooms |= {key: _open(db, school, plan, key, now) for key in plan.new_rooms}
    writing = Writing(local_date(now), now)
    families = FamilyWriting(plan.known, writing)
    for step in plan.steps:
        families.pupil(step, rooms[step.room_key])
    for copy in (*plan.leaving, *plan.closings):
        writing.close(copy, writing.today)
    write(db, writing, school)
    outcome = outcome_of(plan)
    if outcome.changes:
        _note(db, unit_id or school.id, f"Nạp danh sách: {outcome.words}", by, now)
        _note_where_they_left(db, plan, by, now)
    return outcome


def _open(db: Session, school: Place, plan: Plan, key: str, now: datetime) -> Room:
    opened = open_classroom(db, school, plan.room_names[key], plan.first_year, now)
    opened_on = min(school_year(db, plan.first_year).starts_on, local_date(now))
    return Room(opened.unit_id, "", plan.room_names[key], key, plan.first_year, opened_on, is_unused=True)


def _note(db: Session, unit_id: uuid.UUID, what: str, by: Actor, now: datetime) -> None:
    note_act(db, "roster.import", what, by=by.name, now=now, account_id=by.account_id, unit_id=unit_id)


def _note_where_they_left(db: Session, plan: Plan, by: Actor, now: datetime) -> None:
    left: dict[uuid.UUID, int] = {}
    for copy in (copy for step in plan.of_kind(MOVED) for copy in step.leaves):
        left[copy.unit_id] = left.get(copy.unit_id, 0) + 1
    for unit_id, number in left.items():
        _note(db, unit_id, f"{number} em chuyển sang lớp khác theo danh sách vừa nạp ở lớp đó", by, now)


class FamilyWriting:
    """Turns the steps of a plan into rows."""

    def __init__(self, known: SchoolRoster, writing: Writing) -> None:
        """Remember where the rows go."""
        self._known, self._writing = known, writing
        self._new: dict[Who, uuid.UUID] = {}
        self._placed: set[tuple[uuid.UUID, uuid.UUID]] = set()

    def pupil(self, step: PupilStep, room: Room) -> None:
        """Write one pupil of a class and the guardians named."""
        on = self._joined_on(step, room)
        person_id = step.who if isinstance(step.who, uuid.UUID) else self._writing.person(step.values)
        if step.copy is None:
            self._writing.join(person_id, room.unit_id, PUPIL, step.values, on)
        elif step.changes:
            self._writing.change(step.copy, step.values)
        for copy in step.leaves:
            self._writing.close(copy, on)
        for guardian in step.guardians:
            self.guardian(guardian, person_id, room, on)

    def _joined_on(self, step: PupilStep, room: Room) -> date:
        first = room.is_unused and not any(
            self._known.rooms[copy.unit_id].first_year == room.first_year for copy in step.leaves
        )
        return room.opened_on if first else max(self._writing.today, room.opened_on)

    def guardian(self, step: GuardianStep, pupil_id: uuid.UUID, room: Room, on: date) -> None:
        """Write one guardian of a pupil of a class."""
        person_id = step.who if isinstance(step.who, uuid.UUID) else self._new.get(step.who)
        if person_id is None:
            person_id = self._new[step.who] = self._writing.person(_values(step))
        self._tie(step, person_id, pupil_id, on)
        if (person_id, room.unit_id) in self._placed:
            return
        self._placed.add((person_id, room.unit_id))
        if step.copy is None:
            self._writing.join(person_id, room.unit_id, PARENT, _values(step), on)
        elif (step.full_name, step.phone or step.copy.phone) != (step.copy.full_name, step.copy.phone):
            self._writing.change(step.copy, _values(step))

    def _tie(self, step: GuardianStep, guardian_id: uuid.UUID, pupil_id: uuid.UUID, on: date) -> None:
        held = step.tie or next(
            (
                tie
                for tie in self._known.guardians.get(pupil_id, ())
                if (tie.guardian_id, tie.valid_from) == (guardian_id, on)
            ),
            None,
        )
        if held is None:
            self._writing.tie(guardian_id, pupil_id, step.relation, on)
        elif step.tie is None or held.relation != step.relation:
            self._writing.tie_again(held, step.relation)


def _values(step: GuardianStep) -> Values:
    """Return what a class writes of a guardian; where the file says nothing, what it wrote before."""
    held = step.copy
    if held is None:
        return Values(step.full_name, sort_key(step.full_name), step.phone)
    is_renamed = step.full_name != held.full_name
    key = sort_key(step.full_name) if is_renamed else held.sort_key
    return Values(step.full_name, key, step.phone or held.phone, held.sector_code, held.born_on)


def apply_staff(db: Session, school: Place, plan: StaffPlan, by: Actor, now: datetime) -> Outcome:
    """Write a staff list, as `apply_pupils` does; the first one holds from the school year's beginning."""
    today = local_date(now)
    is_first = not any(copy.audience in STAFF_AUDIENCES for copy in plan.known.copies)
    on = school_year(db, first_year_of(today)).starts_on if is_first else today
    writing = Writing(today, now)
    for step in plan.steps:
        for copy in step.leaves:
            writing.close(copy, today)
        if step.copy is None:
            person_id = step.who if isinstance(step.who, uuid.UUID) else writing.person(step.values)
            writing.join(person_id, school.id, step.audience, step.values, on)
        elif step.changes:
            writing.change(step.copy, step.values)
    for copy in plan.leaving:
        writing.close(copy, today)
    write(db, writing, school)
    outcome = staff_outcome(plan)
    if outcome.changes:
        words = outcome.words.replace("em ", "người ")
        _note(db, school.id, f"Nạp danh sách thầy cô: {words}", by, now)
    return outcome


def staff_outcome(plan: StaffPlan) -> Outcome:
    """Return what confirming a plan would do."""
    return Outcome(
        new=len(plan.of_kind(NEW)),
        changed=len(plan.of_kind(CHANGED)),
        back=len(plan.of_kind(BACK)),
        same=len(plan.of_kind(SAME)),
        left=len(plan.leaving),
    )
