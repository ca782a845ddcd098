"""Opening classes and renewing the codes by which their people join."""

import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.classrooms.models import Classroom
from lms.classrooms.years import school_year
from lms.clock import local_date
from lms.codes import new_short_code
from lms.db import take_turn, unscoped
from lms.places.actions import open_unit
from lms.places.models import Unit
from lms.places.queries import Place
from lms.vietnamese import fold, nfc

LONGEST_NAME = 20
_room = Classroom.__table__


class ClassRefused(ValueError):
    """The class cannot be opened; the message says why."""


@unscoped("the caller has found the school within its own scope; the new class is looked for by name")
def open_classroom(
    db: Session,
    school: Unit | Place,
    name: str,
    first_year: int,
    now: datetime,
    grade_level: int | None = None,
) -> Classroom:
    """Open a class of a school for a school year, with a code to join it. Raises ClassRefused.

    A class of that name in that year is one class: the second call raises, nothing changes.
    """
    name = " ".join(nfc(name).split())
    if not name:
        raise ClassRefused("Chưa nhập tên lớp.")
    if len(name) > LONGEST_NAME:
        raise ClassRefused(f"Tên lớp dài quá {LONGEST_NAME} chữ. Viết như 4A, 6/1, 12.6.")
    year = school_year(db, first_year)
    take_turn(db, school.id.bytes)
    if classroom_named(db, school.id, first_year, name) is not None:
        raise ClassRefused(f"Lớp {name} năm học {year.name} đã có.")
    # A class of the next year can be entered from the day it is opened.
    opened_on = min(year.starts_on, local_date(now))
    unit = open_unit(db, "class", name, type="lớp", opened_on=opened_on, now=now, parent=school)
    room = Classroom(
        unit_id=unit.id,
        school_id=school.id,
        first_year=first_year,
        name_key=class_key(name),
        grade_level=grade_level if grade_level is not None else grade_of(name),
        code=_unused_code(db),
        code_until=year.ends_on,
    )
    db.add(room)
    db.flush()
    return room


@unscoped("looks for a class of the school that the caller has found within its own scope")
def classroom_named(db: Session, school_id: uuid.UUID, first_year: int, name: str) -> uuid.UUID | None:
    """Return the unit id of the class with this name in a school year, or None."""
    found = select(_room.c.unit_id).where(
        _room.c.school_id == school_id,
        _room.c.first_year == first_year,
        _room.c.name_key == class_key(name),
    )
    return db.execute(found).scalar_one_or_none()


def renew_class_code(db: Session, classroom: Classroom, until: date) -> str:
    """Give a class a new code; the old one opens nothing any more."""
    classroom.code, classroom.code_until = _unused_code(db), until
    db.flush()
    return classroom.code


def class_key(name: str) -> str:
    """Return what makes a class name one: folded, without spaces and “lớp”."""
    return "".join(fold(name).removeprefix("lop ").split())


def grade_of(name: str) -> int | None:
    """Return the grade that a class name begins with (4A, 12.6, 6/1), or None."""
    digits = ""
    for character in class_key(name):
        if not character.isdigit() or len(digits) == 2:
            break
        digits += character
    return int(digits) if digits and 1 <= int(digits) <= 12 else None


@unscoped("looks only whether a code is in use, by a class or by anything else that is typed as 8 digits")
def _unused_code(db: Session) -> str:
    while True:
        code = new_short_code()
        if not db.execute(select(func.count()).where(_room.c.code == code)).scalar_one():
            return code
