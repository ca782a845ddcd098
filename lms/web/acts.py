"""The record of what the visitor's account did."""

import uuid

from sqlalchemy.orm import Session

from lms import clock
from lms.accounts.acts import note_act
from lms.web.transaction import db
from lms.web.visitor import visitor


def note(act: str, what: str, unit_id: uuid.UUID | None = None, own: Session | None = None) -> None:
    """Append what the account did, at a unit; with the act, in `own` where that is another transaction."""
    by, now = visitor.account_name, clock.now()
    note_act(own or db(), act, what, by=by, now=now, account_id=visitor.account_id, unit_id=unit_id)
