"""When a school's dossier is due: before 15 June (QĐ 1517/QĐ-BGDĐT), so the last day is the 14th."""

from dataclasses import dataclass
from datetime import date

LAST_DAY = (6, 14)


@dataclass(frozen=True)
class Deadline:
    """The last day to send the dossier, and how many days are left on a date."""

    last_day: date
    days_left: int


def next_deadline(today: date) -> Deadline:
    """Return the next last day: this year's until it has passed."""
    last = date(today.year, *LAST_DAY)
    if today > last:
        last = date(today.year + 1, *LAST_DAY)
    return Deadline(last, (last - today).days)
