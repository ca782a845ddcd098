"""Declared totals: how many people a unit has of an audience, as somebody counted on a date."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, new_id, scoped
from lms.places.models import staff_units


@scoped(lambda scope: staff_units(DeclaredTotal.__table__.c.unit_id, scope))
class DeclaredTotal(Base):
    """A total with its date and source; the latest recorded row of the latest date holds."""

    __tablename__ = "declared_totals"
    __table_args__ = (
        CheckConstraint("number >= 0", name="number"),
        Index("ix_declared_totals_unit_id_audience", "unit_id", "audience"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    audience: Mapped[str]
    number: Mapped[int]
    counted_on: Mapped[date]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
