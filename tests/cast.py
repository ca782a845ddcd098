"""The people of the tests, by name: who may, who is beside, who is a stranger."""

import uuid
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import clock
from lms.accounts.models import Account, RoleGrant
from lms.accounts.passwords import hash_password
from lms.classrooms.actions import open_classroom
from lms.db import new_id
from lms.people.actions import add_person
from lms.people.models import Guardianship, Membership, Person
from lms.places.actions import open_unit
from lms.places.models import Unit
from lms.vietnamese import fold, sort_key

PASSWORD = "ấm chén võng đèn dầu"
OPENED = date(2026, 8, 1)


@dataclass(frozen=True)
class Cast:
    """Cô Lan teaches An at Hoa Sen; Hoa is An's mother and teaches at Sao Mai, as thầy Minh does."""

    commune: Unit
    hoa_sen: Unit
    sao_mai: Unit
    class_4a: Unit
    class_4b: Unit
    class_6a: Unit
    lan: Account
    hoa: Account
    minh: Account
    tu: Account
    head: Account
    author: Account
    admin: Account
    an: Person
    hoa_person: Person
    lan_person: Person

    @property
    def accounts(self) -> dict[str, Account]:
        """Return everybody who signs in, by name."""
        names = ("lan", "hoa", "minh", "tu", "head", "author", "admin")
        return {name: getattr(self, name) for name in names}


@cache
def known_hash() -> str:
    """Return the hash of everybody's password: made once, because each takes its time by design."""
    return hash_password(PASSWORD)


def gather(db: Session) -> Cast:
    """Make the cast: a commune, two schools, a class, accounts, a pupil and her mother."""
    now = clock.now()

    def unit(kind: str, name: str, type_: str, parent: Unit | None = None) -> Unit:
        return open_unit(db, kind, name, type=type_, opened_on=OPENED, now=now, parent=parent)

    def room(name: str, school: Unit) -> Unit:
        opened = open_classroom(db, school, name, OPENED.year, now)
        return db.scalars(select(Unit).where(Unit.id == opened.unit_id)).one()

    def account(
        login: str, name: str, role: str, where: Unit | None, person: Person | None = None
    ) -> Account:
        made = Account(
            id=new_id(),
            login=login,
            display_name=name,
            password_hash=known_hash(),
            person_id=person.id if person else None,
            made_at=now,
        )
        db.add(made)
        db.flush()
        where_id = where.id if where else None
        db.add(RoleGrant(id=new_id(), account_id=made.id, role=role, unit_id=where_id, granted_at=now))
        db.flush()
        return made

    province = unit("province", "Tỉnh Thử", "tỉnh")
    commune = unit("commune", "Xã Thử", "xã", province)
    hoa_sen, sao_mai = (
        unit("school", "Trường Tiểu học Hoa Sen", "TH", commune),
        unit("school", "Trường THCS Sao Mai", "THCS", commune),
    )
    class_4a, class_4b, class_6a = room("4A", hoa_sen), room("4B", hoa_sen), room("6A", sao_mai)
    an, hoa_person = add_person(db, "Đinh Thị An", now), add_person(db, "Lê Thị Hoa", now)
    lan_person = add_person(db, "Phạm Thị Lan", now)
    _join(db, an, class_4a, "student")
    _join(db, hoa_person, class_4a, "parent")
    _join(db, hoa_person, sao_mai, "teacher")
    _join(db, lan_person, hoa_sen, "teacher")
    db.add(
        Guardianship(id=new_id(), guardian_id=hoa_person.id, pupil_id=an.id, relation="mẹ", valid_from=OPENED)
    )
    db.flush()
    return Cast(
        commune=commune,
        hoa_sen=hoa_sen,
        sao_mai=sao_mai,
        class_4a=class_4a,
        class_4b=class_4b,
        class_6a=class_6a,
        lan=account("lan", "Cô Lan", "teacher", class_4a, lan_person),
        hoa=account("hoa", "Chị Hoa", "teacher", sao_mai, hoa_person),
        minh=account("minh", "Thầy Minh", "teacher", sao_mai),
        tu=account("tu", "Anh Tư", "commune_officer", commune),
        head=account("hieu-truong", "Cô Hạnh", "school_admin", hoa_sen),
        author=account("soan-bai", "Anh Sáng", "author", None),
        admin=account("quan-tri", "Quản trị", "admin", None),
        an=an,
        hoa_person=hoa_person,
        lan_person=lan_person,
    )


def _join(db: Session, person: Person, unit: Unit, audience: str) -> uuid.UUID:
    row = Membership(
        id=new_id(),
        person_id=person.id,
        unit_id=unit.id,
        audience=audience,
        joined_on=OPENED,
        full_name=person.full_name,
        sort_key=sort_key(person.full_name),
        search_text=fold(person.full_name),
    )
    db.add(row)
    db.flush()
    return row.id
