"""Guessing is slowed down: failures only, by account or code and by address, in a table."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import Throttle
from lms.db import unscoped
from lms.mac import mac

WINDOW = timedelta(hours=1)
FREE = 5
HARD_LIMIT = 100


class TooManyTries(Exception):
    """Wait before the next try; `seconds` says how long."""

    def __init__(self, seconds: int) -> None:
        """Remember the wait."""
        super().__init__(seconds)
        self.seconds = seconds


def key(secret: bytes, kind: str, *parts: str) -> bytes:
    """Return the key of a throttle: a digest, so that no address or login is kept."""
    return mac(secret, f"throttle:{kind}", "\0".join(parts))


@unscoped("failures belong to nobody's data")
def check(db: Session, throttle_key: bytes, now: datetime, free: int = FREE) -> None:
    """Raise TooManyTries while the delay after the last failure runs; it doubles from `free` on."""
    row = db.execute(select(Throttle.__table__).where(Throttle.__table__.c.key == throttle_key)).one_or_none()
    if row is None or now - row.first_at > WINDOW or row.failures < free:
        return
    delay = (
        WINDOW
        if row.failures >= HARD_LIMIT
        else min(WINDOW, timedelta(seconds=2 ** (row.failures - free + 1)))
    )
    wait = row.last_at + delay - now
    if wait > timedelta(0):
        raise TooManyTries(int(wait.total_seconds()) + 1)


@unscoped("failures belong to nobody's data")
def failed(db: Session, throttle_key: bytes, now: datetime) -> None:
    """Count a failure; a window that has passed starts anew."""
    table = Throttle.__table__
    row = db.execute(select(table).where(table.c.key == throttle_key)).one_or_none()
    if row is None:
        db.execute(insert(Throttle).values(key=throttle_key, failures=1, first_at=now, last_at=now))
    elif now - row.first_at > WINDOW:
        fresh = {"failures": 1, "first_at": now, "last_at": now}
        db.execute(update(Throttle).where(table.c.key == throttle_key).values(**fresh))
    else:
        more = {"failures": row.failures + 1, "last_at": now}
        db.execute(update(Throttle).where(table.c.key == throttle_key).values(**more))


@unscoped("failures belong to nobody's data")
def succeeded(db: Session, throttle_key: bytes) -> None:
    """Forget the failures of a key."""
    db.execute(delete(Throttle).where(Throttle.__table__.c.key == throttle_key))
