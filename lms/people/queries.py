"""Who is who: the people of a household, the learners of a person."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim, Consent, Household, HouseholdMember, Learner, Person


@dataclass(frozen=True)
class Mate:
    """One person of a household, as the list “Ai đang học?” shows it."""

    person_id: uuid.UUID
    ref: str
    full_name: str
    relation: str
    made_at: datetime


def mates(db: Session) -> list[Mate]:
    """Return the people of the viewer's household, in the order they joined."""
    rows = db.execute(
        select(Person.id, HouseholdMember.ref, Person.full_name, HouseholdMember.relation, Person.made_at)
        .join(HouseholdMember, HouseholdMember.person_id == Person.id)
        .where(HouseholdMember.left_on.is_(None))
        .order_by(HouseholdMember.joined_on, Person.id)
    )
    return [Mate(*row) for row in rows]


@unscoped("the code is the right to open the household")
def household_by_code(db: Session, mac_of_code: bytes) -> uuid.UUID | None:
    """Return the household that a code opens, or None."""
    table = Household.__table__
    return db.execute(select(table.c.id).where(table.c.code_mac == mac_of_code)).scalar_one_or_none()


@unscoped("the caller has found the person within its own scope")
def learners_of(db: Session, person_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the learners a person claims, oldest first."""
    table = Claim.__table__
    standing = select(table.c.learner_id).where(table.c.person_id == person_id, table.c.undone_at.is_(None))
    return list(db.execute(standing.order_by(table.c.at, table.c.learner_id)).scalars())


@dataclass(frozen=True)
class Settled:
    """A person who was put into a household in one tap, and the learner made for it."""

    household_id: uuid.UUID
    learner_id: uuid.UUID
    full_name: str


@unscoped("the key was made for one showing of one form; whoever sends it again is the same browser")
def settled_by_tap(db: Session, device_key: bytes, since: datetime) -> Settled | None:
    """Return whom the first of two taps put into a household, or None when this is the first."""
    learner, standing, mate, person = (
        Learner.__table__,
        Claim.__table__,
        HouseholdMember.__table__,
        Person.__table__,
    )
    rows = (
        select(mate.c.household_id, learner.c.id, person.c.full_name)
        .join(standing, (standing.c.learner_id == learner.c.id) & standing.c.undone_at.is_(None))
        .join(mate, mate.c.person_id == standing.c.person_id)
        .join(person, person.c.id == standing.c.person_id)
        .where(learner.c.device_key == device_key, learner.c.made_at > since)
        .order_by(mate.c.joined_on.desc())
    )
    row = db.execute(rows.limit(1)).one_or_none()
    return Settled(*row) if row else None


_consent = Consent.__table__
_LATEST_CONSENT = (
    select(_consent.c.given)
    .where(_consent.c.person_id == bindparam("person"), _consent.c.purpose == bindparam("purpose"))
    .order_by(_consent.c.at.desc(), _consent.c.id.desc())
    .limit(1)
)


@unscoped("shown only where the certificate's own page asks")
def has_consented(db: Session, person_id: uuid.UUID, purpose: str) -> bool:
    """Tell whether the latest consent of a person for a purpose was given."""
    latest = db.connection().execute(_LATEST_CONSENT, {"person": person_id, "purpose": purpose})
    return bool(latest.scalar_one_or_none())


def claimed_people(db: Session, after: uuid.UUID | None, limit: int) -> list[tuple[uuid.UUID, str]]:
    """Return id and name of persons with a standing claim, in the order of their ids, after one of them."""
    rows = select(Person.id, Person.full_name).where(
        Person.erased_at.is_(None),
        Person.id.in_(select(Claim.person_id).where(Claim.undone_at.is_(None))),
    )
    if after is not None:
        rows = rows.where(Person.id > after)
    return [(row.id, row.full_name) for row in db.execute(rows.order_by(Person.id).limit(limit))]
