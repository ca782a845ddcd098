"""What stands assigned: to a class, and to one person through the classes it belongs to."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session

from lms.catalog.models import CatalogItem
from lms.classrooms.models import Assignment, Classroom, JoinRequest
from lms.classrooms.years import first_year_of
from lms.db import unscoped
from lms.people.models import Guardianship, Membership
from lms.places.models import Unit, UnitDescription

_given, _room, _item = Assignment.__table__, Classroom.__table__, CatalogItem.__table__
_unit, _called, _asked = Unit.__table__, UnitDescription.__table__, JoinRequest.__table__
_member, _guard = Membership.__table__, Guardianship.__table__
_GIVEN = (
    _given.c.id,
    _given.c.ref,
    _given.c.item_id,
    _item.c.title,
    _given.c.audience,
    _given.c.due_on,
    _given.c.required,
    _given.c.level,
    _given.c.made_at,
)


@dataclass(frozen=True)
class Given:
    """One assignment; `title` is the item's, also when it is offered no more."""

    id: uuid.UUID
    ref: str
    item_id: str
    title: str
    audience: str
    due_on: date
    required: bool
    level: int
    made_at: datetime


@dataclass(frozen=True)
class ClassHead:
    """A class as its page begins: its school, year and code, who waits, what stands assigned."""

    school_ref: str
    school_name: str
    first_year: int
    code: str
    code_until: date
    waiting: int
    given: tuple[Given, ...]

    @property
    def year(self) -> str:
        """Return the school year as schools write it."""
        return f"{self.first_year}–{self.first_year + 1}"


@dataclass(frozen=True)
class OwnClass:
    """A class that a person belongs to, as pupil or as guardian of `children`, and what it was given."""

    unit_id: uuid.UUID
    name: str
    audience: str
    children: tuple[str, ...]
    given: tuple[Given, ...]


@unscoped("the caller has found the class within its own scope")
def class_head(db: Session, unit_id: uuid.UUID, on: date) -> ClassHead:
    """Return how a class's page begins; assignments newest first. One statement."""
    rows = db.connection().execute(_HEAD, {"class_id": unit_id, "day": on}).all()
    school_ref, school_name, first_year, code, code_until, waiting_now = tuple(rows[0])[:6]
    given = tuple(_read(tuple(row)[6:]) for row in rows if row.id)
    return ClassHead(school_ref, school_name, first_year, code, code_until, waiting_now, given)


@unscoped("bound to a class that the caller has found within its own scope")
def _head() -> Select[Any]:
    """Return the statement of a class's head; made once, because making it takes longer than asking."""
    unit_id: BindParameter[Any] = bindparam("class_id")
    described = (
        select(func.max(_called.c.valid_from))
        .where(_called.c.unit_id == _room.c.school_id, _called.c.valid_from <= bindparam("day"))
        .correlate(_room)
        .scalar_subquery()
    )
    waiting = (
        select(func.count())
        .where(_asked.c.unit_id == unit_id, _asked.c.decided_at.is_(None))
        .scalar_subquery()
    )
    columns = (_unit.c.ref, _called.c.name, _room.c.first_year, _room.c.code, _room.c.code_until, waiting)
    return (
        select(*columns, *_GIVEN)
        .select_from(
            _room.join(_unit, _unit.c.id == _room.c.school_id)
            .join(_called, (_called.c.unit_id == _unit.c.id) & (_called.c.valid_from == described))
            .outerjoin(_given, (_given.c.unit_id == _room.c.unit_id) & _given.c.withdrawn_at.is_(None))
            .outerjoin(_item, _item.c.id == _given.c.item_id)
        )
        .where(_room.c.unit_id == unit_id)
        .order_by(_given.c.made_at.desc(), _given.c.id.desc())
    )


_HEAD = _head()


def assignment(db: Session, unit_id: uuid.UUID, ref: str) -> Assignment | None:
    """Return an assignment of this class, withdrawn or not, within the viewer's scope."""
    return db.scalars(
        select(Assignment).where(Assignment.unit_id == unit_id, Assignment.ref == ref)
    ).one_or_none()


@unscoped("asked about the person of the viewer's own session")
def classes_of(db: Session, person_id: uuid.UUID, on: date) -> list[OwnClass]:
    """Return the classes that a person belongs to now, with what each was given for it. One statement.

    A pupil's classes are those it is a member of; a guardian's, those in whose list it stands.
    """
    named = (
        select(func.max(_called.c.valid_from))
        .where(_called.c.unit_id == _member.c.unit_id, _called.c.valid_from <= on)
        .correlate(_member)
        .scalar_subquery()
    )
    pupil = _member.alias("pupil")
    rows = db.execute(
        select(_member.c.unit_id, _called.c.name, _member.c.audience, pupil.c.full_name, *_GIVEN)
        .select_from(
            _member.join(_room, _room.c.unit_id == _member.c.unit_id)
            .join(_unit, _unit.c.id == _member.c.unit_id)
            .join(_called, (_called.c.unit_id == _member.c.unit_id) & (_called.c.valid_from == named))
            .outerjoin(
                _guard,
                (_member.c.audience == "parent")
                & (_guard.c.guardian_id == _member.c.person_id)
                & _guard.c.valid_to.is_(None),
            )
            .outerjoin(
                pupil,
                (pupil.c.person_id == _guard.c.pupil_id)
                & (pupil.c.unit_id == _member.c.unit_id)
                & (pupil.c.audience == "student")
                & pupil.c.left_on.is_(None),
            )
            .outerjoin(
                _given,
                (_given.c.unit_id == _member.c.unit_id)
                & (_given.c.audience == _member.c.audience)
                & _given.c.withdrawn_at.is_(None),
            )
            .outerjoin(_item, _item.c.id == _given.c.item_id)
        )
        .where(
            _member.c.person_id == person_id,
            _member.c.audience.in_(("student", "parent")),
            _member.c.joined_on <= on,
            _member.c.left_on.is_(None),
            _room.c.first_year >= first_year_of(on),
            _unit.c.closed_on.is_(None),
        )
        .order_by(_called.c.sort_key, _member.c.unit_id, _member.c.audience, _given.c.due_on, _given.c.id)
    ).all()
    kept = [tuple(row) for row in rows]
    return [_own_class(list(group)) for _, group in groupby(kept, lambda row: (row[0], row[2]))]


@unscoped("asked about the person of the viewer's own session")
def waits_for_teacher(db: Session, person_id: uuid.UUID) -> bool:
    """Tell whether a person asked to join a class and nobody has decided yet."""
    rows = select(_asked.c.id).where(_asked.c.person_id == person_id, _asked.c.decided_at.is_(None))
    return db.execute(rows.limit(1)).first() is not None


def _own_class(rows: list[tuple[Any, ...]]) -> OwnClass:
    unit_id, name, audience, _ = rows[0][:4]
    children = dict.fromkeys(row[3] for row in rows if row[3])
    given = {row[4]: _read(row[4:]) for row in rows if row[4]}
    return OwnClass(unit_id, name, audience, tuple(children), tuple(given.values()))


def _read(values: tuple[Any, ...]) -> Given:
    return Given(*values)
