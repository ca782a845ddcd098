"""School years, classes, assignments; slips and requests by which families join; rosters being read."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, hidden, new_id, public, same, scoped
from lms.places.models import staff_units


@public
class SchoolYear(Base):
    """A school year, named by the calendar year in which it starts: 2026 is năm học 2026–2027."""

    __tablename__ = "school_years"

    first_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_on: Mapped[date]
    ends_on: Mapped[date]

    @property
    def name(self) -> str:
        """Return the year as schools write it."""
        return f"{self.first_year}–{self.first_year + 1}"


@scoped(lambda scope: staff_units(Classroom.__table__.c.unit_id, scope))
class Classroom(Base):
    """What a class is besides a unit: its school, its year, and the code by which its people join.

    `name_key` is the folded name, so that 4A and 4a are one class of a year. The code shows short names
    only; it can be renewed, and opens nothing after `code_until`.
    """

    __tablename__ = "classrooms"
    __table_args__ = (UniqueConstraint("school_id", "first_year", "name_key"),)

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    first_year: Mapped[int] = mapped_column(ForeignKey("school_years.first_year"))
    name_key: Mapped[str]
    grade_level: Mapped[int | None]
    code: Mapped[str] = mapped_column(unique=True)
    code_until: Mapped[date]


@scoped(lambda scope: staff_units(Assignment.__table__.c.unit_id, scope))
class Assignment(Base):
    """A module or course given to whoever is in a class, for an audience, with a due date."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index(
            "uq_assignments_standing",
            "unit_id",
            "item_id",
            "audience",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    audience: Mapped[str]
    due_on: Mapped[date]
    required: Mapped[bool]
    level: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]


@hidden
class PictureKey(Base):
    """How often a pupil's three secret pictures were set anew; the pictures follow from it and a secret."""

    __tablename__ = "picture_keys"

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    round: Mapped[int]
    set_at: Mapped[datetime]


@hidden
class Slip(Base):
    """A paper slip by which a pupil's family joins, once; only a keyed digest of its code is kept."""

    __tablename__ = "slips"
    __table_args__ = (Index("ix_slips_unit_id_pupil_id", "unit_id", "pupil_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    pupil_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    code_mac: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    household_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("households.id"))
    revoked_at: Mapped[datetime | None]


@scoped(lambda scope: staff_units(JoinRequest.__table__.c.unit_id, scope))
class JoinRequest(Base):
    """A parent who joined by the class code and waits for the teacher; the typed names go once decided."""

    __tablename__ = "join_requests"
    __table_args__ = (Index("ix_join_requests_unit_id", "unit_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    own_name: Mapped[str]
    child_name: Mapped[str]
    relation: Mapped[str]
    pupil_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    accepted: Mapped[bool | None]


@scoped(lambda scope: same(RosterDraft.__table__.c.account_id, scope.account))
class RosterDraft(Base):
    """A roster that was read and checked but not written; gone when confirmed, or after a day."""

    __tablename__ = "roster_drafts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
