"""School years: which one a date lies in, and between which dates it runs."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classrooms.models import SchoolYear
from lms.db import insert_once

FIRST_MONTH = 8


def first_year_of(day: date) -> int:
    """Return the school year a date lies in, by the year it starts: from August on, the new one."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def school_year(db: Session, first_year: int) -> SchoolYear:
    """Return a school year, made the first time it is needed: 1 August to 31 May, until somebody says else.

    The Ministry's frame for 2025–2026 ends the year before 31 May (QĐ 2269/QĐ-BGDĐT); later frames may
    differ, so the dates are data.
    """
    insert_once(
        db,
        SchoolYear,
        first_year=first_year,
        starts_on=date(first_year, FIRST_MONTH, 1),
        ends_on=date(first_year + 1, 5, 31),
    )
    return db.scalars(select(SchoolYear).where(SchoolYear.first_year == first_year)).one()
