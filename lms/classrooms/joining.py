"""Bringing a guardian into a class: the record the school has and the person on the phone become one."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import Account
from lms.clock import local_date
from lms.db import unscoped
from lms.people.actions import add_person, join_household
from lms.people.memberships import Guardian, guard, join_unit
from lms.people.merging import HasLearned, merge_person
from lms.people.models import Claim, Guardianship, Membership
from lms.people.queries import Mate
from lms.vietnamese import fold, same_name

RELATIONS = ("mẹ", "bố", "bà", "ông", "anh, chị", "cô, dì, chú, bác", "người giám hộ")
BY_SLIP = "slip"
_member, _guard, _claim = Membership.__table__, Guardianship.__table__, Claim.__table__
_account = Account.__table__


class JoinedElsewhere(Exception):
    """The guardian of record learns already, and belongs to more than the class of the slip."""


@dataclass(frozen=True)
class Joined:
    """The person who learns on this phone from now on."""

    person_id: uuid.UUID
    full_name: str


class _Named(Protocol):
    @property
    def full_name(self) -> str:
        """Return the name."""


N = TypeVar("N", bound=_Named)


def namesake(people: Iterable[N], name: str) -> N | None:
    """Return the one of some people who has this name, or None when there is none or several.

    Hoà is Hòa. A name written without any mark (Le Thi Hoa) is taken for the same name with marks; Hoa
    and Hòa are two people.
    """
    among = list(people)
    found = [one for one in among if same_name(one.full_name, name)]
    if not found:
        found = [one for one in among if _without_marks(one.full_name, name)]
    return found[0] if len(found) == 1 else None


def _without_marks(a: str, b: str) -> bool:
    plain = fold(a)
    return plain == fold(b) and plain in {" ".join(a.casefold().split()), " ".join(b.casefold().split())}


def take_in(
    db: Session,
    household_id: uuid.UUID,
    mates: Iterable[Mate],
    guardian: Guardian,
    unit_id: uuid.UUID,
    now: datetime,
) -> Joined:
    """Put a guardian of record into a household, as the human tapped its own name there.

    Somebody of that name in the household is that human: the record is merged into the person known. A
    record that has results of its own joins the household beside. A slip is the word of one class: it does
    not open somebody who learns already and belongs elsewhere too. Raises HouseholdFull, JoinedElsewhere.
    """
    among = list(mates)
    if any(mate.person_id == guardian.person_id for mate in among):
        return Joined(guardian.person_id, guardian.full_name)
    known = namesake(among, guardian.full_name)
    if known is not None:
        with suppress(HasLearned):
            merge_record(db, known.person_id, guardian.person_id, BY_SLIP, now)
            return Joined(known.person_id, known.full_name)
    if _learns_elsewhere(db, guardian.person_id, unit_id):
        raise JoinedElsewhere
    join_household(db, household_id, guardian.person_id, guardian.relation, now)
    return Joined(guardian.person_id, guardian.full_name)


@unscoped("asked about the guardian whom the slip names; says yes or no")
def _learns_elsewhere(db: Session, person_id: uuid.UUID, unit_id: uuid.UUID) -> bool:
    learns = select(_claim.c.id).where(_claim.c.person_id == person_id, _claim.c.undone_at.is_(None))
    elsewhere = select(_member.c.id).where(
        _member.c.person_id == person_id, _member.c.unit_id != unit_id, _member.c.left_on.is_(None)
    )
    signs_in = select(_account.c.id).where(_account.c.person_id == person_id)
    both = select(learns.exists()).where(or_(elsewhere.exists(), signs_in.exists()))
    return bool(db.execute(both).scalar())


@unscoped("the caller has found the record within its own scope, or by the slip")
def merge_record(db: Session, known: uuid.UUID, record: uuid.UUID, by: str, now: datetime) -> None:
    """Make a guardian of record the person known before, as `merge_person` does. Raises HasLearned.

    The account of a teacher who is that guardian follows: nobody is a witness of their own check.
    """
    merge_person(db, known, record, by, now)
    own = update(Account).where(_account.c.person_id == record)
    db.connection().execute(own.values(person_id=known))


def welcome(
    db: Session, household_id: uuid.UUID, mates: Iterable[Mate], name: str, relation: str, now: datetime
) -> Joined:
    """Return the person of a household with this name, added where there is none. Raises HouseholdFull."""
    known = namesake(mates, name)
    if known is not None:
        return Joined(known.person_id, known.full_name)
    person = add_person(db, name, now)
    join_household(db, household_id, person.id, relation, now)
    return Joined(person.id, name)


@unscoped("the caller has found class and pupil by the slip, or within its own scope")
def add_guardian(
    db: Session,
    unit_id: uuid.UUID,
    pupil_id: uuid.UUID,
    person_id: uuid.UUID,
    full_name: str,
    relation: str,
    now: datetime,
) -> None:
    """Make a known person a guardian of record of a pupil; a second time changes nothing.

    What the person did before counts in the class from this moment on (`linked_at`).
    """
    standing = select(_member.c.id).where(
        _member.c.unit_id == unit_id,
        _member.c.person_id == person_id,
        _member.c.audience == "parent",
        _member.c.left_on.is_(None),
    )
    if db.execute(standing.limit(1)).first() is None:
        row = join_unit(db, person_id, unit_id, "parent", full_name, local_date(now))
        row.linked_at = now
        db.flush()
    guard(db, person_id, pupil_id, relation, local_date(now))


@unscoped("the caller has found the class within its own scope")
def joined_pupils(db: Session, unit_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the pupils of a class of whom a guardian of record has joined: is known to be a learner."""
    rows = db.execute(
        select(_guard.c.pupil_id)
        .join(_member, (_member.c.person_id == _guard.c.pupil_id) & (_member.c.audience == "student"))
        .join(_claim, (_claim.c.person_id == _guard.c.guardian_id) & _claim.c.undone_at.is_(None))
        .where(_member.c.unit_id == unit_id, _guard.c.valid_to.is_(None))
        .distinct()
    )
    return {row.pupil_id for row in rows}


def guardians_of(guardians: Iterable[Guardian], pupil_id: uuid.UUID) -> list[Guardian]:
    """Return the guardians of record of one pupil among those of a class."""
    return [one for one in guardians if one.pupil_id == pupil_id]
