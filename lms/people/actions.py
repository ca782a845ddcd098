"""Making learners and persons, and saying which person a learner is."""

import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from lms.clock import local_date
from lms.codes import new_short_code
from lms.db import insert_once, new_id, unscoped
from lms.mac import mac
from lms.people.models import Claim, Consent, Household, HouseholdMember, Learner, Person
from lms.people.queries import household_by_code
from lms.vietnamese import fold, sort_key

SHOW_NAME = "show_name_on_check_page"
SHOW_NAME_WORDS = "Cho hiện họ tên ở trang tra cứu phiếu"
HOUSEHOLD_LIMIT = 12
SAME_TAP = timedelta(minutes=5)


class AlreadyClaimed(Exception):
    """The learner's results already stand under another person's name."""


class HouseholdFull(Exception):
    """The household has HOUSEHOLD_LIMIT people."""


@unscoped("makes the row that the visitor's scope then points to")
def make_learner(db: Session, now: datetime, device_key: bytes | None = None) -> uuid.UUID:
    """Make a learner and return its id.

    The same device key a second time (two taps before the first reply) returns the first learner, for
    SAME_TAP and while it is nobody's; later the key says nothing.
    """
    learner_id = new_id()
    if insert_once(db, Learner, id=learner_id, made_at=now, device_key=device_key):
        return learner_id
    learner, standing = Learner.__table__, Claim.__table__
    claimed = select(standing.c.learner_id).where(standing.c.undone_at.is_(None))
    first: uuid.UUID | None = db.execute(
        select(learner.c.id).where(
            learner.c.device_key == device_key,
            learner.c.made_at > now - SAME_TAP,
            learner.c.id.not_in(claimed),
        )
    ).scalar_one_or_none()
    return first or make_learner(db, now)


def add_person(db: Session, name: str, now: datetime) -> Person:
    """Make a person; `name` has passed `names.full_name`."""
    person = Person(id=new_id(), made_at=now, full_name=name, sort_key=sort_key(name), search_text=fold(name))
    db.add(person)
    db.flush()
    return person


@unscoped("a claim looks at the learner named, whoever holds it")
def claim(db: Session, learner_id: uuid.UUID, person_id: uuid.UUID, by: str, now: datetime) -> None:
    """Say that a learner is this person; the same claim a second time changes nothing.

    Raises AlreadyClaimed when the learner stands under somebody else.
    """
    if insert_once(db, Claim, id=new_id(), learner_id=learner_id, person_id=person_id, at=now, by=by):
        return
    table = Claim.__table__
    holder = db.execute(
        select(table.c.person_id).where(table.c.learner_id == learner_id, table.c.undone_at.is_(None))
    ).scalar_one_or_none()
    if holder != person_id:
        raise AlreadyClaimed


@unscoped("undoing looks at the learner named, whoever holds it")
def undo_claim(db: Session, learner_id: uuid.UUID, now: datetime) -> bool:
    """Take back the standing claim of a learner; return whether there was one."""
    table = Claim.__table__
    standing = update(Claim).where(table.c.learner_id == learner_id, table.c.undone_at.is_(None))
    return db.connection().execute(standing.values(undone_at=now)).rowcount == 1


def open_household(db: Session, secret: bytes, now: datetime) -> tuple[Household, str]:
    """Make a household and the 8-digit code that opens it; the code is returned only here."""
    code = _unused_code(db, secret)
    household = Household(id=new_id(), made_at=now, code_mac=code_mac(secret, code), code_set_at=now)
    db.add(household)
    db.flush()
    return household, code


@unscoped("the viewer's own household, whose id its session holds")
def renew_code(db: Session, household_id: uuid.UUID, secret: bytes, now: datetime) -> str:
    """Give a household a new code; the old one opens nothing any more."""
    code = _unused_code(db, secret)
    change = update(Household).where(Household.__table__.c.id == household_id)
    db.connection().execute(change.values(code_mac=code_mac(secret, code), code_set_at=now))
    return code


def _unused_code(db: Session, secret: bytes) -> str:
    while True:
        code = new_short_code()
        if household_by_code(db, code_mac(secret, code)) is None:
            return code


def code_mac(secret: bytes, code: str) -> bytes:
    """Return what is kept of a household's code."""
    return mac(secret, "household-code", code)


@unscoped("counts and adds within the household named by the session")
def join_household(
    db: Session, household_id: uuid.UUID, person_id: uuid.UUID, relation: str, now: datetime
) -> str:
    """Put a person into a household and return its `ref`. Raises HouseholdFull."""
    table = HouseholdMember.__table__
    count = select(func.count()).select_from(table).where(table.c.household_id == household_id)
    if db.execute(count).scalar_one() >= HOUSEHOLD_LIMIT:
        raise HouseholdFull
    ref = secrets.token_hex(6)
    db.execute(
        insert(HouseholdMember).values(
            household_id=household_id,
            person_id=person_id,
            ref=ref,
            relation=relation,
            joined_on=local_date(now),
        )
    )
    return ref


def record_consent(
    db: Session, person_id: uuid.UUID, purpose: str, given: bool, wording: str, by: str, now: datetime
) -> None:
    """Append what a person agreed to, or withdrew, in the words it was asked in."""
    row = Consent(
        id=new_id(), person_id=person_id, purpose=purpose, given=given, wording=wording, by=by, at=now
    )
    db.add(row)
    db.flush()
