"""Guessing is slowed down: failures only, by account or code and by address, in a table."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import Throttle
from lms.db import insert_once, unscoped
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


_AMONG = select(Throttle.__table__).where(Throttle.__table__.c.key.in_(bindparam("keys", expanding=True)))


def key(secret: bytes, kind: str, *parts: str) -> bytes:
    """Return the key of a throttle: a digest, so that no address or login is kept."""
    return mac(secret, f"throttle:{kind}", "\0".join(parts))


@unscoped("failures belong to nobody's data")
def check(db: Session, limits: Mapping[bytes, int], now: datetime) -> bool:
    """Return whether any of these keys has failures; one statement.

    Raises TooManyTries while the delay after the last failure of a key runs. Each key has its number
    of free failures; from there on the delay doubles, up to the length of the window.
    """
    rows = db.connection().execute(_AMONG, {"keys": list(limits)}).all()
    for row in rows:
        more = row.failures - limits[row.key]
        if now - row.first_at > WINDOW or more < 0:
            continue
        delay = (
            WINDOW if row.failures >= HARD_LIMIT else min(WINDOW, timedelta(seconds=2 ** min(more + 1, 12)))
        )
        wait = row.last_at + delay - now
        if wait > timedelta(0):
            raise TooManyTries(int(wait.total_seconds()) + 1)
    return bool(rows)


@unscoped("failures belong to nobody's data")
def failed(db: Session, keys: Iterable[bytes], now: datetime) -> None:
    """Count a failure of each key; a window that has passed starts anew."""
    table = Throttle.__table__
    for key_ in keys:
        row = db.execute(select(table).where(table.c.key == key_)).one_or_none()
        if row is None:
            insert_once(db, Throttle, key=key_, failures=1, first_at=now, last_at=now)
            continue
        is_over = now - row.first_at > WINDOW
        fresh = {"failures": 1, "first_at": now, "last_at": now}
        more = {"failures": table.c.failures + 1, "last_at": now}
        change = update(Throttle).where(table.c.key == key_).values(**(fresh if is_over else more))
        db.connection().execute(change)


@unscoped("failures belong to nobody's data")
def failures(db: Session, key_: bytes, now: datetime) -> int:
    """Return how many failures of a key the current window holds."""
    row = db.connection().execute(_AMONG, {"keys": [key_]}).one_or_none()
    return row.failures if row is not None and now - row.first_at <= WINDOW else 0


@unscoped("failures belong to nobody's data")
def succeeded(db: Session, keys: Iterable[bytes]) -> None:
    """Forget the failures of these keys."""
    db.connection().execute(delete(Throttle).where(Throttle.__table__.c.key.in_(list(keys))))
