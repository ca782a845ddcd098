"""Rosters for the tests of importing: invented people, written as a file would name them."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from lms import clock
from lms.accounts.models import StaffAct
from lms.accounts.roles import Actor
from lms.classrooms.importing import Outcome, apply_pupils
from lms.classrooms.known import Room
from lms.classrooms.planning import Plan, plan_pupils
from lms.classrooms.rosters import school_roster
from lms.classrooms.rows import GuardianRow, PupilRow
from lms.db import ScopedSession
from lms.people.memberships import Member, guardians_in, members
from lms.people.models import Membership, Person
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from tests.cast import Cast

YEAR = 2026
CLERK = Actor(None, "lms: kiểm thử")


def pupil(
    line: int,
    name: str,
    born: date | None = None,
    *guardians: tuple[str, str] | tuple[str, str, str],
    code: str | None = None,
    room: str | None = None,
) -> PupilRow:
    """Return one row; guardians are (relation, name) or (relation, name, phone)."""
    named = tuple(GuardianRow(g[1], g[0], g[2] if len(g) == 3 else None) for g in guardians)
    return PupilRow(line, name, room, born, code, guardians=named)


@dataclass
class Desk:
    """Where rosters are read in for one school."""

    db: ScopedSession
    school: Unit
    now: datetime

    @property
    def place(self) -> Place:
        """Return the school as actions take it."""
        found = place_by_id(self.db, self.school.id, clock.local_date(self.now))
        assert found is not None
        return found

    def plan(self, *rows: PupilRow, room: Unit | None = None, **said: object) -> Plan:
        """Compare rows with what the school knows, for one class or the whole school."""
        known = school_roster(self.db, self.school.id)
        here: Room | None = known.rooms[room.id] if room else None
        return plan_pupils(known, rows, YEAR, room=here, **said)  # type: ignore[arg-type]

    def load(self, *rows: PupilRow, room: Unit | None = None, **said: object) -> Outcome:
        """Read rows in."""
        plan = self.plan(*rows, room=room, **said)
        outcome = apply_pupils(self.db, self.place, plan, CLERK, self.now, room.id if room else None)
        self.db.expire_all()
        return outcome

    def load_name(self, name: str, room: Unit) -> None:
        """Put one pupil into a class."""
        self.load(pupil(1, name), room=room)

    def pupils(self, room: Unit, on: date | None = None) -> list[Member]:
        """Return the pupils of a class on a date."""
        return members(self.db, room.id, "student", on or clock.local_date(self.now))

    def names(self, room: Unit, audience: str = "student") -> list[str]:
        """Return the names in a class today."""
        return [m.full_name for m in members(self.db, room.id, audience, clock.local_date(self.now))]

    def families(self, room: Unit) -> set[tuple[str, str, str, str | None]]:
        """Return (pupil, relation, guardian, phone) of a class today."""
        names = {m.person_id: m.full_name for m in self.pupils(room)}
        return {
            (names[g.pupil_id], g.relation, g.full_name, g.phone)
            for g in guardians_in(self.db, room.id, clock.local_date(self.now))
        }

    def people(self) -> int:
        """Return how many persons there are at all."""
        return self.db.scalar(sa.select(sa.func.count()).select_from(Person)) or 0

    def person_ids(self, name: str) -> int:
        """Return how many humans bear a name in the copies of the school's units."""
        found = sa.select(sa.func.count(sa.distinct(Membership.person_id)))
        return self.db.scalar(found.where(Membership.full_name == name)) or 0

    def acts(self) -> int:
        """Return how many acts were noted."""
        return self.db.scalar(sa.select(sa.func.count()).select_from(StaffAct)) or 0

    def first_answers(self, row: PupilRow, room: Unit) -> dict[int, uuid.UUID | None]:
        """Return the answer that takes the first choice of every question."""
        questions = self.plan(row, room=room).questions
        return {q.row.line: q.options[0].person_id for q in questions}

    def person(self, name: str, audience: str = "student") -> Membership:
        """Return the standing membership of the one person of a name."""
        found = sa.select(Membership).where(
            Membership.full_name == name, Membership.audience == audience, Membership.left_on.is_(None)
        )
        return self.db.scalars(found).one()


def desk(db: ScopedSession, cast: Cast) -> Desk:
    """Return the desk of Hoa Sen, on a day in the school year."""
    return Desk(db, cast.hoa_sen, clock.now())
