"""What a class shows at its door: short names to whoever has the code; ending a room's lesson."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import BrowserSession
from lms.classrooms.models import Classroom
from lms.classrooms.short_names import short_names
from lms.db import unscoped
from lms.mac import mac
from lms.people.models import Claim, Guardianship, HouseholdMember, Membership, Person
from lms.places.queries import Place, places_by_id

MOST_PUPILS = 300
_member, _person, _claim = Membership.__table__, Person.__table__, Claim.__table__
_guard, _mate = Guardianship.__table__, HouseholdMember.__table__
_session, _room = BrowserSession.__table__, Classroom.__table__


@dataclass(frozen=True)
class Pupil:
    """A pupil as the class's door knows it; `ref` stands for the pupil in forms, of this class only."""

    person_id: uuid.UUID
    short_name: str
    ref: str


def pupil_ref(secret: bytes, unit_id: uuid.UUID, person_id: uuid.UUID) -> str:
    """Return what stands for a pupil in a class's forms and addresses: 12 hex digits."""
    return mac(secret, "pupil-ref", unit_id.bytes + person_id.bytes).hex()[:12]


@unscoped("a criterion that narrows what its caller reads")
def _belongs(audience: str, on: date) -> ColumnElement[bool]:
    is_there = _member.c.left_on.is_(None) | (_member.c.left_on > on)
    return (_member.c.audience == audience) & (_member.c.joined_on <= on) & is_there


@unscoped("the class's code, checked by the caller, is the right to its short names")
def pupils(db: Session, secret: bytes, unit_id: uuid.UUID, on: date) -> list[Pupil]:
    """Return the pupils of a class on a date under their short names, in name order. One statement."""
    rows = db.execute(
        select(_member.c.person_id, _member.c.full_name)
        .where(_member.c.unit_id == unit_id, _belongs("student", on))
        .order_by(_member.c.sort_key, _member.c.id)
        .limit(MOST_PUPILS)
    ).all()
    names = short_names([row.full_name for row in rows])
    return [
        Pupil(row.person_id, name, pupil_ref(secret, unit_id, row.person_id))
        for row, name in zip(rows, names, strict=True)
    ]


@unscoped("looks at the person whom the visitor's own session holds")
def classes_of(db: Session, person_id: uuid.UUID, on: date) -> list[Place]:
    """Return the classes in which a person is a pupil on a date and whose code is still open."""
    rows = db.execute(
        select(_member.c.unit_id)
        .join(_room, _room.c.unit_id == _member.c.unit_id)
        .where(_member.c.person_id == person_id, _belongs("student", on), _room.c.code_until >= on)
    )
    found = places_by_id(db, {row.unit_id for row in rows}, on)
    return sorted(found.values(), key=lambda place: place.path)


@unscoped("the caller has found the class by the visitor's own membership")
def code_of(db: Session, unit_id: uuid.UUID) -> str:
    """Return the code of a class."""
    return str(db.execute(select(_room.c.code).where(_room.c.unit_id == unit_id)).scalar_one())


@unscoped("the pictures, checked by the caller, are the right to the pupil's own name")
def name_of(db: Session, person_id: uuid.UUID) -> str:
    """Return the full name of a person."""
    return str(db.execute(select(_person.c.full_name).where(_person.c.id == person_id)).scalar_one())


@unscoped("the second pupil's learner is held by the viewer's own session")
def name_of_learner(db: Session, learner_id: uuid.UUID) -> str | None:
    """Return the full name of the person a learner is, or None for a guest."""
    standing = (_claim.c.person_id == _person.c.id) & _claim.c.undone_at.is_(None)
    rows = select(_person.c.full_name).join(_claim, standing).where(_claim.c.learner_id == learner_id)
    return db.execute(rows).scalar_one_or_none()


@unscoped("looks at the household that the visitor's own session holds")
def is_at_home(db: Session, household_id: uuid.UUID, pupil_id: uuid.UUID) -> bool:
    """Tell whether a household is the pupil's: the pupil is in it, or a guardian of record is."""
    wards = (_guard.c.guardian_id == _mate.c.person_id) & _guard.c.valid_to.is_(None)
    rows = (
        select(_mate.c.person_id)
        .outerjoin(_guard, wards & (_guard.c.pupil_id == pupil_id))
        .where(
            _mate.c.household_id == household_id,
            _mate.c.left_on.is_(None),
            or_(_mate.c.person_id == pupil_id, _guard.c.pupil_id == pupil_id),
        )
    )
    return db.execute(rows.limit(1)).first() is not None


@unscoped("the caller has found the class within its own scope")
def _in_the_room(unit_id: uuid.UUID, on: date, now: datetime) -> ColumnElement[bool]:
    """Return the criterion for open sessions of a class's pupils, but those on a family's own phone."""
    learners = (
        select(_claim.c.learner_id)
        .join(_member, _member.c.person_id == _claim.c.person_id)
        .where(_claim.c.undone_at.is_(None), _member.c.unit_id == unit_id, _belongs("student", on))
    )
    return (
        _session.c.ended_at.is_(None)
        & (_session.c.expires_at > now)
        & _session.c.household_id.is_(None)
        & or_(_session.c.learner_id.in_(learners), _session.c.partner_id.in_(learners))
    )


@unscoped("the caller has found the class within its own scope")
def open_machines(db: Session, unit_id: uuid.UUID, on: date, now: datetime) -> int:
    """Return on how many machines of the school a pupil of a class is signed in."""
    rows = select(_session.c.id).where(_in_the_room(unit_id, on, now))
    return len(db.execute(rows).all())


@unscoped("the caller has found the class within its own scope")
def end_lesson(db: Session, unit_id: uuid.UUID, on: date, now: datetime) -> int:
    """Sign the pupils of a class out of every shared machine; return of how many. What was learned stays."""
    change = update(BrowserSession).where(_in_the_room(unit_id, on, now)).values(ended_at=now)
    return db.connection().execute(change).rowcount


@unscoped("the caller has found the pupil's class within its own scope and sets the pictures anew")
def end_sessions_of(db: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Sign one pupil out of every shared machine, because the old pictures may be known to others.

    Where the pupil was the second one, the first learns on alone.
    """
    learners = select(_claim.c.learner_id).where(
        _claim.c.person_id == person_id, _claim.c.undone_at.is_(None)
    )
    change = update(BrowserSession).where(
        _session.c.ended_at.is_(None), _session.c.household_id.is_(None), _session.c.learner_id.in_(learners)
    )
    db.connection().execute(change.values(ended_at=now))
    beside = update(BrowserSession).where(_session.c.ended_at.is_(None), _session.c.partner_id.in_(learners))
    db.connection().execute(beside.values(partner_id=None))
