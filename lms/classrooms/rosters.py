"""Reading what a school knows of its people, for a roster to be compared with: five statements."""

import uuid

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lms.classrooms.known import PUPIL, Copy, Room, SchoolRoster, Tie
from lms.classrooms.models import Classroom
from lms.db import unscoped
from lms.people.models import Guardianship, Membership
from lms.places.models import Unit, UnitDescription

_room, _unit, _described = Classroom.__table__, Unit.__table__, UnitDescription.__table__
_member, _guard = Membership.__table__, Guardianship.__table__
_COPY = (
    _member.c.id,
    _member.c.person_id,
    _member.c.unit_id,
    _member.c.audience,
    _member.c.full_name,
    _member.c.sort_key,
    _member.c.phone,
    _member.c.sector_code,
    _member.c.born_on,
    _member.c.joined_on,
    _member.c.left_on,
)
_TIE = (
    _guard.c.id,
    _guard.c.guardian_id,
    _guard.c.pupil_id,
    _guard.c.relation,
    _guard.c.valid_from,
    _guard.c.valid_to,
)


@unscoped("the caller has found the school within its own scope; a roster is matched inside one school")
def school_roster(db: Session, school_id: uuid.UUID) -> SchoolRoster:
    """Return everybody a school knows, in all its classes of all years, who left included."""
    connection = db.connection()
    rooms = _rooms(db, school_id)
    units = select(_room.c.unit_id).where(_room.c.school_id == school_id)
    people = select(*_COPY).where(or_(_member.c.unit_id == school_id, _member.c.unit_id.in_(units)))
    pupils = select(_member.c.person_id).where(_member.c.unit_id.in_(units), _member.c.audience == PUPIL)
    ties = select(*_TIE).where(_guard.c.pupil_id.in_(pupils))
    return SchoolRoster(
        school_id,
        {room.unit_id: room for room in rooms},
        [Copy(*row) for row in connection.execute(people)],
        [Tie(*row) for row in connection.execute(ties)],
    )


@unscoped("the classes of a school that the caller has found within its own scope")
def _rooms(db: Session, school_id: uuid.UUID) -> list[Room]:
    used = (
        select(func.count())
        .select_from(_member)
        .where(_member.c.unit_id == _room.c.unit_id, _member.c.audience == PUPIL)
        .scalar_subquery()
    )
    rows = db.connection().execute(
        select(
            _room.c.unit_id,
            _unit.c.ref,
            _described.c.name,
            _room.c.name_key,
            _room.c.first_year,
            _unit.c.opened_on,
            (used == 0).label("is_unused"),
        )
        .join(_unit, _unit.c.id == _room.c.unit_id)
        .join(
            _described,
            (_described.c.unit_id == _unit.c.id) & (_described.c.valid_from == _unit.c.opened_on),
        )
        .where(_room.c.school_id == school_id)
    )
    return [Room(*row) for row in rows]
