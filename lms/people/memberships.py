"""Who belongs to a unit on a date: pupils, guardians, staff."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.db import new_id, unscoped
from lms.people.models import Guardianship, Membership
from lms.vietnamese import fold, nfc, sort_key

_member, _guard = Membership.__table__, Guardianship.__table__


@dataclass(frozen=True)
class Member:
    """A person in a unit, under the name that unit knows."""

    id: uuid.UUID
    person_id: uuid.UUID
    full_name: str
    search_text: str
    phone: str | None
    sector_code: str | None
    born_on: date | None
    joined_on: date


@dataclass(frozen=True)
class Guardian:
    """A guardian of a pupil, under the name the pupil's class knows."""

    pupil_id: uuid.UUID
    person_id: uuid.UUID
    full_name: str
    relation: str
    phone: str | None


def members(
    db: Session, unit_id: uuid.UUID, audience: str, on: date, *, limit: int | None = None, skip: int = 0
) -> list[Member]:
    """Return the members of one unit on a date, in name order, within the viewer's scope. One statement."""
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
        )
        .where(
            Membership.unit_id == unit_id,
            Membership.audience == audience,
            Membership.joined_on <= on,
            Membership.left_on.is_(None) | (Membership.left_on > on),
        )
        .order_by(Membership.sort_key, Membership.id)
        .limit(limit)
        .offset(skip)
    )
    return [Member(*row) for row in rows]


@unscoped("the caller has found the class within its own scope")
def member_count(db: Session, unit_id: uuid.UUID, audience: str, on: date) -> int:
    """Return how many people of an audience one unit has on a date."""
    rows = (
        select(func.count())
        .select_from(_member)
        .where(
            _member.c.unit_id == unit_id,
            _member.c.audience == audience,
            _member.c.joined_on <= on,
            _member.c.left_on.is_(None) | (_member.c.left_on > on),
        )
    )
    return db.execute(rows).scalar_one()


@unscoped("the caller has found the class within its own scope")
def guardians_in(db: Session, unit_id: uuid.UUID, on: date) -> list[Guardian]:
    """Return the guardians of record of the pupils of a class on a date, in name order. One statement."""
    pupil = _member.alias("pupil")
    parent = _member.alias("parent")
    rows = db.execute(
        select(
            _guard.c.pupil_id,
            _guard.c.guardian_id,
            parent.c.full_name,
            _guard.c.relation,
            parent.c.phone,
        )
        .join(pupil, pupil.c.person_id == _guard.c.pupil_id)
        .join(
            parent,
            (parent.c.person_id == _guard.c.guardian_id)
            & (parent.c.unit_id == unit_id)
            & (parent.c.audience == "parent")
            & (parent.c.joined_on <= on)
            & (parent.c.left_on.is_(None) | (parent.c.left_on > on)),
        )
        .where(
            pupil.c.unit_id == unit_id,
            pupil.c.audience == "student",
            pupil.c.joined_on <= on,
            pupil.c.left_on.is_(None) | (pupil.c.left_on > on),
            _guard.c.valid_from <= on,
            _guard.c.valid_to.is_(None) | (_guard.c.valid_to > on),
        )
        .order_by(parent.c.sort_key, parent.c.id)
    )
    return [Guardian(*row) for row in rows]


def join_unit(
    db: Session,
    person_id: uuid.UUID,
    unit_id: uuid.UUID,
    audience: str,
    full_name: str,
    on: date,
    *,
    sort_name: str = "",
    phone: str | None = None,
    sector_code: str | None = None,
    born_on: date | None = None,
) -> Membership:
    """Put a person into a unit from a date on, with the unit's own copy of the name."""
    name = nfc(full_name)
    row = Membership(
        id=new_id(),
        person_id=person_id,
        unit_id=unit_id,
        audience=audience,
        joined_on=on,
        full_name=name,
        sort_key=sort_key(name, sort_name),
        search_text=fold(name),
        phone=phone,
        sector_code=sector_code,
        born_on=born_on,
    )
    db.add(row)
    db.flush()
    return row


@unscoped("the caller has found both persons within its own scope")
def guard(db: Session, guardian_id: uuid.UUID, pupil_id: uuid.UUID, relation: str, on: date) -> None:
    """Tie a guardian to a pupil from a date on; tied already, nothing changes.

    A tie that began and ended on that date stands again.
    """
    pair = (_guard.c.guardian_id == guardian_id) & (_guard.c.pupil_id == pupil_id)
    if db.execute(select(_guard.c.id).where(pair, _guard.c.valid_to.is_(None)).limit(1)).first():
        return
    again = update(Guardianship).where(pair, _guard.c.valid_from == on)
    if db.connection().execute(again.values(valid_to=None, relation=relation)).rowcount == 0:
        row = Guardianship(
            id=new_id(), guardian_id=guardian_id, pupil_id=pupil_id, relation=relation, valid_from=on
        )
        db.add(row)
        db.flush()


@unscoped("asked about the person whose results are settled")
def is_pupil(db: Session, person_id: uuid.UUID) -> bool:
    """Tell whether a person is, or was, a pupil of any class."""
    rows = select(_member.c.id).where(_member.c.person_id == person_id, _member.c.audience == "student")
    return db.execute(rows.limit(1)).first() is not None
