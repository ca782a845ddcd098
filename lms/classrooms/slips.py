"""Paper slips by which a family joins its child's class, once; only a keyed digest of the code is kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms import codes
from lms.classrooms.models import Slip
from lms.db import new_id, take_turn, unscoped
from lms.mac import mac
from lms.places.models import Unit
from lms.places.queries import Place

DAYS = 30
OPEN, USED, EXPIRED, REVOKED = "open", "used", "expired", "revoked"
_slip = Slip.__table__


@dataclass(frozen=True)
class FoundSlip:
    """A slip that a code opens, and whether it still does: open, used, expired, revoked."""

    id: uuid.UUID
    unit_id: uuid.UUID
    pupil_id: uuid.UUID
    state: str
    household_id: uuid.UUID | None


def slip_mac(secret: bytes, code: str) -> bytes:
    """Return what is kept of a slip's code."""
    return mac(secret, "slip-code", code)


@unscoped("the caller has found the class and its pupils within its own scope")
def make_slips(
    db: Session,
    secret: bytes,
    unit: Unit | Place,
    pupil_ids: Sequence[uuid.UUID],
    by: uuid.UUID | None,
    now: datetime,
    days: int = DAYS,
) -> list[tuple[uuid.UUID, str]]:
    """Make a slip for each pupil and return the pupils with their 16-digit codes, kept nowhere else.

    A pupil has one open slip: older ones that were not used are revoked.
    """
    if not pupil_ids:
        return []
    take_turn(db, unit.id.bytes)
    older = update(Slip).where(
        _slip.c.unit_id == unit.id,
        _slip.c.pupil_id.in_(pupil_ids),
        _slip.c.used_at.is_(None),
        _slip.c.revoked_at.is_(None),
    )
    db.connection().execute(older.values(revoked_at=now))
    made = [(pupil_id, codes.new_code()) for pupil_id in pupil_ids]
    rows = [
        {
            "id": new_id(),
            "unit_id": unit.id,
            "pupil_id": pupil_id,
            "code_mac": slip_mac(secret, code),
            "made_at": now,
            "made_by": by,
            "expires_at": now + timedelta(days=days),
        }
        for pupil_id, code in made
    ]
    db.connection().execute(insert(Slip), rows)
    return made


@unscoped("the code is the right to its slip")
def find_slip(db: Session, mac_of_code: bytes, now: datetime) -> FoundSlip | None:
    """Return the slip that a code belongs to, whatever became of it, or None."""
    row = db.execute(select(_slip).where(_slip.c.code_mac == mac_of_code)).one_or_none()
    if row is None:
        return None
    state = OPEN
    if row.used_at is not None:
        state = USED
    elif row.revoked_at is not None:
        state = REVOKED
    elif row.expires_at <= now:
        state = EXPIRED
    return FoundSlip(row.id, row.unit_id, row.pupil_id, state, row.household_id)


@unscoped("the caller was shown the slip's code")
def redeem(db: Session, slip_id: uuid.UUID, household_id: uuid.UUID, now: datetime) -> bool:
    """Use a slip for a household; return whether it was still open. Of two phones at once one wins."""
    still_open = update(Slip).where(
        _slip.c.id == slip_id,
        _slip.c.used_at.is_(None),
        _slip.c.revoked_at.is_(None),
        _slip.c.expires_at > now,
    )
    return db.connection().execute(still_open.values(used_at=now, household_id=household_id)).rowcount == 1
