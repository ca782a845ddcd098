"""Units: provinces, communes, thôn, schools, classes; their names and types are dated."""

import uuid
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, Scope, new_id, public

KINDS = ("province", "commune", "hamlet", "school", "site", "class", "group")


@public
class Unit(Base):
    """A place people belong to; `path` holds the ids from the top down, for scope.

    `ref` stands for the unit in addresses and forms.
    """

    __tablename__ = "units"
    __table_args__ = (Index("uq_units_ref", "ref", unique=True),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)
    ref: Mapped[str] = mapped_column(server_default="")
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


@public
class UnitDescription(Base):
    """What a unit is called, what type it is and who governs it, from a date on."""

    __tablename__ = "unit_descriptions"

    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    sort_key: Mapped[bytes]
    type: Mapped[str]
    official_code: Mapped[str | None]
    governing_body: Mapped[str | None]
    recorded_at: Mapped[datetime]


def staff_units(column: ColumnElement[uuid.UUID], scope: Scope) -> ColumnElement[bool]:
    """Return the criterion for rows of the units that a staff member's grants cover, and below."""
    if not scope.unit_paths:
        return false()
    path = Unit.__table__.c.path
    covered = or_(*(path.startswith(prefix, autoescape=True) for prefix in scope.unit_paths))
    return column.in_(select(Unit.__table__.c.id).where(covered))
