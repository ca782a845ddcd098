"""The school years of the site, and between which dates each runs."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classrooms.models import SchoolYear
from lms.classrooms.years import FIRST_MONTH, school_year

EARLIEST, LATEST = 2020, 2100


class YearRefused(ValueError):
    """The dates cannot be a school year's; the message says why."""


@dataclass(frozen=True)
class Year:
    """A school year; `is_kept` when somebody used or changed it, else the usual dates are shown."""

    first_year: int
    starts_on: date
    ends_on: date
    is_kept: bool

    @property
    def name(self) -> str:
        """Return the year as schools write it."""
        return f"{self.first_year}–{self.first_year + 1}"


def years(db: Session, current: int) -> list[Year]:
    """Return every school year kept, with the current and the next one, newest first. One statement."""
    kept = {row.first_year: row for row in db.scalars(select(SchoolYear))}
    wanted = sorted({*kept, current, current + 1}, reverse=True)
    return [
        Year(y, kept[y].starts_on, kept[y].ends_on, is_kept=True) if y in kept else usual(y) for y in wanted
    ]


def year(db: Session, first_year: int) -> Year:
    """Return one school year, with its usual dates when nobody has said else."""
    kept = db.scalars(select(SchoolYear).where(SchoolYear.first_year == first_year)).one_or_none()
    return Year(first_year, kept.starts_on, kept.ends_on, is_kept=True) if kept else usual(first_year)


def usual(first_year: int) -> Year:
    """Return the dates of a school year that `years.school_year` gives it at first."""
    return Year(first_year, date(first_year, FIRST_MONTH, 1), date(first_year + 1, 5, 31), is_kept=False)


def set_dates(db: Session, first_year: int, starts_on: date, ends_on: date) -> None:
    """Say between which dates a school year runs. Raises YearRefused.

    Class codes that were printed keep their own date.
    """
    if starts_on.year != first_year:
        raise YearRefused(f"Ngày đầu phải trong năm {first_year}.")
    if ends_on.year != first_year + 1:
        raise YearRefused(f"Ngày cuối phải trong năm {first_year + 1}.")
    row = school_year(db, first_year)
    row.starts_on, row.ends_on = starts_on, ends_on
    db.flush()
