"""The record of what staff did: appended with each act, read by those it concerns."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from lms.accounts.models import StaffAct
from lms.db import new_id


def note_act(
    db: Session,
    act: str,
    what: str,
    *,
    by: str,
    now: datetime,
    account_id: uuid.UUID | None = None,
    unit_id: uuid.UUID | None = None,
) -> None:
    """Append what was done: `act` is a short key, `what` a Vietnamese phrase without names of pupils."""
    db.add(StaffAct(id=new_id(), at=now, account_id=account_id, by=by, unit_id=unit_id, act=act, what=what))
    db.flush()
