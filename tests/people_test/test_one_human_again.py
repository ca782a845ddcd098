"""Ties of one day, and of two records of one human: begun, ended, begun again, without a fault."""

from datetime import datetime

import sqlalchemy as sa

from lms import clock
from lms.accounts.models import Account
from lms.classrooms.joining import add_guardian, merge_record
from lms.clock import local_date
from lms.db import ScopedSession
from lms.people.actions import add_person
from lms.people.merging import merge_person
from lms.people.models import Guardianship, Person
from tests.cast import Cast

MO = "Vũ Thị Mơ"


def tied(db: ScopedSession, cast: Cast, now: datetime) -> Person:
    """Make somebody An's guardian today."""
    person = add_person(db, MO, now)
    add_guardian(db, cast.class_4a.id, cast.an.id, person.id, MO, "mẹ", now)
    return person


def untie(db: ScopedSession, person: Person, now: datetime) -> None:
    """End what somebody is guardian of."""
    own = sa.update(Guardianship).where(Guardianship.guardian_id == person.id)
    db.execute(own.values(valid_to=local_date(now)))


def standing(db: ScopedSession, person: Person) -> list[str]:
    """Return the relations in which somebody is a guardian now."""
    db.expire_all()
    rows = sa.select(Guardianship.relation).where(Guardianship.guardian_id == person.id)
    return list(db.scalars(rows.where(Guardianship.valid_to.is_(None))))


def test_who_was_untied_by_mistake_is_tied_again_the_same_day(db: ScopedSession, cast: Cast) -> None:
    now = clock.now()
    person = tied(db, cast, now)
    untie(db, person, now)
    assert standing(db, person) == []
    for relation in ("bà", "mẹ"):
        add_guardian(db, cast.class_4a.id, cast.an.id, person.id, MO, relation, now)
        assert standing(db, person) == ["bà"]


def test_two_records_tied_on_one_day_become_one_whichever_was_untied(db: ScopedSession, cast: Cast) -> None:
    now = clock.now()
    for ends in ((True, False), (False, True), (True, True), (False, False)):
        pair = kept, record = tied(db, cast, now), tied(db, cast, now)
        for person, is_ended in zip(pair, ends, strict=True):
            if is_ended:
                untie(db, person, now)
        merge_person(db, kept.id, record.id, "slip", now)
        assert standing(db, kept) == ([] if all(ends) else ["mẹ"]), ends
        assert standing(db, record) == []


def test_the_account_of_a_teacher_follows_into_the_person_on_the_phone(db: ScopedSession, cast: Cast) -> None:
    now = clock.now()
    known = add_person(db, cast.hoa_person.full_name, now)
    merge_record(db, known.id, cast.hoa_person.id, "slip", now)
    owner = sa.select(Account.person_id).where(Account.id == cast.hoa.id)
    assert db.execute(owner).scalar_one() == known.id
