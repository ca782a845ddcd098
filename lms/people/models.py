"""Learners, persons and what ties them: claims, households, memberships, guardianships, consents."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, Scope, hidden, new_id, same, scoped
from lms.places.models import staff_units

AUDIENCES = ("student", "parent", "teacher", "staff", "citizen")


def _people(scope: Scope) -> ColumnElement[bool]:
    """Return the persons a viewer knows: itself and the others of its household."""
    mates = select(HouseholdMember.__table__.c.person_id).where(
        same(HouseholdMember.__table__.c.household_id, scope.household)
    )
    return or_(same(Person.__table__.c.id, scope.person), Person.id.in_(mates))


def owned_learner(column: ColumnElement[uuid.UUID], scope: Scope) -> ColumnElement[bool]:
    """Return the criterion for rows of the viewer's own learners: this one, or claimed by its person."""
    claim = Claim.__table__
    claimed = select(claim.c.learner_id).where(
        same(claim.c.person_id, scope.person), claim.c.undone_at.is_(None)
    )
    return or_(same(column, scope.learner), column.in_(claimed))


@scoped(lambda scope: owned_learner(Learner.__table__.c.id, scope))
class Learner(Base):
    """Whoever takes a course, made once and never changed; every event points to one."""

    __tablename__ = "learners"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    made_at: Mapped[datetime]
    device_key: Mapped[bytes | None] = mapped_column(unique=True)


@scoped(_people)
class Person(Base):
    """A known human."""

    __tablename__ = "persons"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    made_at: Mapped[datetime]
    full_name: Mapped[str]
    sort_key: Mapped[bytes]
    search_text: Mapped[str] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]


@scoped(lambda scope: owned_learner(Claim.__table__.c.learner_id, scope))
class Claim(Base):
    """Which person a learner is, as somebody said; undone, never edited."""

    __tablename__ = "claims"
    __table_args__ = (
        Index(
            "uq_claims_standing",
            "learner_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_claims_person_id", "person_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    learner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learners.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    undone_at: Mapped[datetime | None]


@scoped(lambda scope: same(Household.__table__.c.id, scope.household))
class Household(Base):
    """What a code opens: “Ai đang học?”. Only a keyed digest of the code is kept."""

    __tablename__ = "households"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    made_at: Mapped[datetime]
    code_mac: Mapped[bytes] = mapped_column(unique=True)
    code_set_at: Mapped[datetime]


@scoped(lambda scope: same(HouseholdMember.__table__.c.household_id, scope.household))
class HouseholdMember(Base):
    """A person in a household; `ref` stands for the person in addresses and forms."""

    __tablename__ = "household_members"
    __table_args__ = (UniqueConstraint("household_id", "ref"),)

    household_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("households.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    ref: Mapped[str]
    relation: Mapped[str]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


@scoped(
    lambda scope: or_(
        staff_units(Membership.__table__.c.unit_id, scope),
        same(Membership.__table__.c.person_id, scope.person),
    )
)
class Membership(Base):
    """A person in a unit and an audience, with that unit's own copy of name, phone and code.

    `linked_at` is the moment when the person, known elsewhere before, said that this is who they are:
    what they had done by then counts here from that moment on.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_unit_id_audience", "unit_id", "audience"),
        Index(
            "uq_memberships_standing",
            "unit_id",
            "person_id",
            "audience",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    audience: Mapped[str]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    full_name: Mapped[str]
    sort_key: Mapped[bytes]
    search_text: Mapped[str]
    phone: Mapped[str | None]
    sector_code: Mapped[str | None]
    born_on: Mapped[date | None]
    linked_at: Mapped[datetime | None]


@hidden
class Guardianship(Base):
    """Guardian and pupil, dated, with the consent that was given."""

    __tablename__ = "guardianships"
    __table_args__ = (UniqueConstraint("guardian_id", "pupil_id", "valid_from"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    guardian_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    pupil_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    relation: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    consent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consents.id"))


@scoped(lambda scope: same(Consent.__table__.c.person_id, scope.person))
class Consent(Base):
    """What a person agreed to or withdrew, in which words; the latest row of a purpose holds."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_person_id_purpose", "person_id", "purpose"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    purpose: Mapped[str]
    given: Mapped[bool]
    wording: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


@hidden
class PersonMerge(Base):
    """Two persons were one human, as that human said; `moved` names the rows that changed hands."""

    __tablename__ = "person_merges"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kept_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    merged_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
