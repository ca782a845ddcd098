"""A class's list as its teacher reads and corrects it: pupils with their guardians, page by page."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.classrooms.door import pupil_ref
from lms.classrooms.guardians import FATHER, MOTHER
from lms.classrooms.known import PARENT, PUPIL, STAFF_AUDIENCES, Copy
from lms.db import unscoped
from lms.people.memberships import Guardian, Member, members
from lms.people.models import Guardianship, Membership

PAGE = 60
LATELY = timedelta(days=60)
_FIRST = {MOTHER: 0, FATHER: 1}
_member, _guard = Membership.__table__, Guardianship.__table__


@dataclass(frozen=True)
class Line:
    """One pupil of the list; `ref` stands for the pupil in addresses of this class."""

    ref: str
    pupil: Member
    guardians: tuple[Guardian, ...]


@dataclass(frozen=True)
class Left:
    """A pupil who left lately, and may be taken back."""

    ref: str
    full_name: str
    left_on: date


def roll(db: Session, secret: bytes, unit_id: uuid.UUID, on: date, page: int) -> tuple[list[Line], bool]:
    """Return a page of a class's pupils in name order, and whether more follow. Two statements."""
    found = members(db, unit_id, PUPIL, on, limit=PAGE + 1, skip=(page - 1) * PAGE)
    shown = found[:PAGE]
    guardians = guardians_of(db, unit_id, [member.person_id for member in shown], on)
    lines = [
        Line(pupil_ref(secret, unit_id, m.person_id), m, tuple(guardians.get(m.person_id, ()))) for m in shown
    ]
    return lines, len(found) > PAGE


@unscoped("the caller has found the class, and these pupils in it, within its own scope")
def guardians_of(
    db: Session, unit_id: uuid.UUID, pupils: Collection[uuid.UUID], on: date
) -> dict[uuid.UUID, list[Guardian]]:
    """Return the guardians of record of some pupils of a class, under the names the class knows."""
    rows = db.execute(
        select(
            _guard.c.pupil_id,
            _guard.c.guardian_id,
            _member.c.full_name,
            _guard.c.relation,
            _member.c.phone,
        )
        .join(_member, _member.c.person_id == _guard.c.guardian_id)
        .where(
            _guard.c.pupil_id.in_(pupils),
            _guard.c.valid_to.is_(None) | (_guard.c.valid_to > on),
            _member.c.unit_id == unit_id,
            _member.c.audience == PARENT,
            _member.c.left_on.is_(None) | (_member.c.left_on > on),
        )
        .order_by(_guard.c.valid_from, _guard.c.id)
    )
    found: dict[uuid.UUID, list[Guardian]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _FIRST.get(row.relation, len(_FIRST))):
        found[row.pupil_id].append(Guardian(*row))
    return found


def left_lately(db: Session, secret: bytes, unit_id: uuid.UUID, on: date) -> list[Left]:
    """Return who left a class within two months and is not in it, the last one first."""
    back = (
        select(Membership.person_id)
        .where(Membership.unit_id == unit_id, Membership.audience == PUPIL, Membership.left_on.is_(None))
        .scalar_subquery()
    )
    rows = db.execute(
        select(Membership.person_id, Membership.full_name, Membership.left_on)
        .where(
            Membership.unit_id == unit_id,
            Membership.audience == PUPIL,
            Membership.left_on > on - LATELY,
            Membership.person_id.not_in(back),
        )
        .order_by(Membership.left_on.desc(), Membership.sort_key)
        .limit(PAGE)
    )
    once = {row.person_id: row for row in reversed(rows.all())}
    return [
        Left(pupil_ref(secret, unit_id, row.person_id), row.full_name, row.left_on)
        for row in reversed(once.values())
    ]


def pupil_behind(db: Session, secret: bytes, unit_id: uuid.UUID, ref: str) -> Copy | None:
    """Return the pupil a ref stands for in a class, who left included, within the viewer's scope."""
    rows = db.execute(
        select(
            Membership.id,
            Membership.person_id,
            Membership.unit_id,
            Membership.audience,
            Membership.full_name,
            Membership.sort_key,
            Membership.phone,
            Membership.sector_code,
            Membership.born_on,
            Membership.joined_on,
            Membership.left_on,
        )
        .where(Membership.unit_id == unit_id, Membership.audience == PUPIL)
        .order_by(Membership.left_on.is_not(None), Membership.joined_on.desc())
    )
    return next((Copy(*row) for row in rows if pupil_ref(secret, unit_id, row.person_id) == ref), None)


def head_counts(db: Session, units: Collection[uuid.UUID], on: date) -> dict[tuple[uuid.UUID, str], int]:
    """Return how many people each unit has of each audience on a date, within the viewer's scope."""
    rows = db.execute(
        select(Membership.unit_id, Membership.audience, func.count())
        .where(
            Membership.unit_id.in_(units),
            Membership.joined_on <= on,
            Membership.left_on.is_(None) | (Membership.left_on > on),
        )
        .group_by(Membership.unit_id, Membership.audience)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def staff_of(db: Session, school_id: uuid.UUID, on: date, page: int) -> tuple[list[tuple[Member, str]], bool]:
    """Return a page of a school's staff in name order with their audience, and whether more follow."""
    rows = db.execute(
        select(
            Membership.id,
            Membership.person_id,
            Membership.full_name,
            Membership.search_text,
            Membership.phone,
            Membership.sector_code,
            Membership.born_on,
            Membership.joined_on,
            Membership.audience,
        )
        .where(
            Membership.unit_id == school_id,
            Membership.audience.in_(STAFF_AUDIENCES),
            Membership.joined_on <= on,
            Membership.left_on.is_(None) | (Membership.left_on > on),
        )
        .order_by(Membership.sort_key, Membership.id)
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    ).all()
    people = [
        Member(
            id=row.id,
            person_id=row.person_id,
            full_name=row.full_name,
            search_text=row.search_text,
            phone=row.phone,
            sector_code=row.sector_code,
            born_on=row.born_on,
            joined_on=row.joined_on,
        )
        for row in rows[:PAGE]
    ]
    return list(zip(people, (row.audience for row in rows), strict=False)), len(rows) > PAGE
