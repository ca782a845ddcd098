"""Which classes there are, for whom."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classrooms.models import Classroom
from lms.db import unscoped
from lms.places.models import Unit, UnitDescription
from lms.places.queries import Place, place_by_id

_room = Classroom.__table__


@dataclass(frozen=True)
class ClassroomRow:
    """A class as lists show it."""

    unit_id: uuid.UUID
    ref: str
    name: str
    school_id: uuid.UUID
    first_year: int
    grade_level: int | None


def classroom(db: Session, unit_id: uuid.UUID) -> Classroom:
    """Return what a class is besides a unit, within the viewer's scope."""
    return db.scalars(select(Classroom).where(Classroom.unit_id == unit_id)).one()


def classrooms(db: Session, first_year: int, school_id: uuid.UUID | None = None) -> list[ClassroomRow]:
    """Return the classes of a school year that the viewer's roles cover, in order of grade and name."""
    rows = (
        select(
            Classroom.unit_id,
            Unit.ref,
            UnitDescription.name,
            Classroom.school_id,
            Classroom.first_year,
            Classroom.grade_level,
        )
        .join(Unit, Unit.id == Classroom.unit_id)
        .join(
            UnitDescription,
            (UnitDescription.unit_id == Unit.id) & (UnitDescription.valid_from == Unit.opened_on),
        )
        .where(Classroom.first_year == first_year, Unit.closed_on.is_(None))
        .order_by(Classroom.grade_level, UnitDescription.sort_key, Unit.id)
    )
    if school_id is not None:
        rows = rows.where(Classroom.school_id == school_id)
    return [ClassroomRow(*row) for row in db.execute(rows)]


@unscoped("the code is the right to the class's short names")
def class_by_code(db: Session, code: str, on: date) -> Place | None:
    """Return the class that a code opens on a date, or None when there is none or its time is over."""
    found = select(_room.c.unit_id).where(_room.c.code == code, _room.c.code_until >= on)
    unit_id = db.execute(found).scalar_one_or_none()
    return place_by_id(db, unit_id, on) if unit_id else None
