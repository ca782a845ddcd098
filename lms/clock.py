"""The only file that asks the time: moments in UTC, dates in Việt Nam."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return this moment, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in Việt Nam."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """Return the date in Việt Nam at `moment`."""
    return moment.astimezone(VIETNAM).date()
