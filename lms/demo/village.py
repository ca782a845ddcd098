"""The demo's places, rosters and accounts, written through the actions that the screens use."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import Account, RoleGrant
from lms.accounts.passwords import check_strength, hash_password
from lms.classrooms.actions import open_classroom
from lms.classrooms.models import Classroom
from lms.db import new_id
from lms.demo import names
from lms.demo.people import (
    COMMUNE,
    OTHERS,
    PROVINCE,
    ROOMS,
    SCHOOLS,
    STAFF,
    Employee,
    Guardian,
    Pupil,
    staff_key,
)
from lms.people.actions import add_person
from lms.people.memberships import guard, join_unit
from lms.places.actions import open_unit
from lms.places.models import Unit

PASSWORD = "ấm chén võng đèn dầu"  # noqa: S105  (meant to be known: it opens nothing but the demo)
"""What everybody of the demo signs in with."""


@dataclass(frozen=True)
class Known:
    """A person of record; a parent's relation is that to the children."""

    id: uuid.UUID
    full_name: str
    relation: str = ""


@dataclass
class Village:
    """What was settled, by the keys of the plan."""

    units: dict[str, Unit] = field(default_factory=dict)
    classes: dict[str, Classroom] = field(default_factory=dict)
    people: dict[str, Known] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)


def settle(db: Session, pupils: Sequence[Pupil], first_year: int, opened_on: date, at: datetime) -> Village:
    """Open the units, load the rosters and give the cast its accounts."""
    village = Village()
    _open_places(db, village, first_year, opened_on, at)
    for turn, employee in enumerate(STAFF):
        _employ(db, village, employee, turn, opened_on, at)
    for pupil in pupils:
        _enrol(db, village, pupil, opened_on, at)
    _open_accounts(db, village, at)
    return village


def _open_places(db: Session, village: Village, first_year: int, opened_on: date, at: datetime) -> None:
    def unit(key: str, kind: str, name: str, type_: str, parent: str | None, governed: str | None) -> None:
        village.units[key] = open_unit(
            db,
            kind,
            name,
            type=type_,
            opened_on=opened_on,
            now=at,
            parent=village.units[parent] if parent else None,
            governing_body=governed,
        )

    unit(PROVINCE, "province", PROVINCE, "tỉnh", None, None)
    unit(COMMUNE, "commune", COMMUNE, "xã", PROVINCE, None)
    for key, (name, type_) in SCHOOLS.items():
        unit(key, "school", name, type_, COMMUNE, f"UBND {COMMUNE}")
    for room in ROOMS:
        opened = open_classroom(db, village.units[room.school], room.name, first_year, at, room.grade)
        village.classes[room.name] = opened
        village.units[room.name] = db.scalars(select(Unit).where(Unit.id == opened.unit_id)).one()


def _employ(db: Session, village: Village, employee: Employee, turn: int, on: date, at: datetime) -> None:
    person = add_person(db, employee.full_name, at)
    school, phone = village.units[employee.school], names.phone(turn)
    join_unit(db, person.id, school.id, employee.audience, employee.full_name, on, phone=phone)
    key = staff_key(employee.login or str(turn))
    village.people[key] = Known(person.id, employee.full_name)


def _enrol(db: Session, village: Village, pupil: Pupil, on: date, at: datetime) -> None:
    """Put a pupil and the family into the class; a parent of two classes is one person."""
    unit_id = village.units[pupil.room].id
    person = add_person(db, pupil.full_name, at)
    born = {"sort_name": pupil.sort_name, "born_on": pupil.born_on}
    join_unit(db, person.id, unit_id, "student", pupil.full_name, on, **born)  # type: ignore[arg-type]
    village.people[pupil.key] = Known(person.id, pupil.full_name)
    for each in pupil.guardians:
        known = village.people.get(each.key) or _arrive(db, village, each, at)
        join_unit(db, known.id, unit_id, "parent", each.full_name, on, phone=each.phone)
        guard(db, known.id, person.id, each.relation, on)
        village.children.setdefault(each.key, []).append(pupil.key)


def _arrive(db: Session, village: Village, guardian: Guardian, at: datetime) -> Known:
    person = add_person(db, guardian.full_name, at)
    village.people[guardian.key] = Known(person.id, guardian.full_name, guardian.relation)
    return village.people[guardian.key]


def _open_accounts(db: Session, village: Village, at: datetime) -> None:
    """Open the accounts with one hash for all: each would take its time by design."""
    hashed = hash_password(check_strength(PASSWORD))
    for who in (*STAFF, *OTHERS):
        if not who.login:
            continue
        person = village.people.get(staff_key(who.login))
        account = Account(
            id=new_id(),
            login=who.login,
            display_name=who.full_name,
            password_hash=hashed,
            person_id=person.id if person else None,
            made_at=at,
        )
        db.add(account)
        db.flush()
        where = village.units[who.place].id if who.place else None
        db.add(RoleGrant(id=new_id(), account_id=account.id, role=who.role, unit_id=where, granted_at=at))
        db.flush()
        village.accounts[who.login] = account
