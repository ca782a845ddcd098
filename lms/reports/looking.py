"""Who looked at figures, and took them away: noted once a day for each unit."""

import uuid
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.acts import note_act
from lms.accounts.models import StaffAct
from lms.clock import VIETNAM, local_date
from lms.db import take_turn
from lms.places.queries import Place

LOOKED_AT_COMMUNE = ("figures.commune", "Xem số liệu các trường của xã")
TOOK_FILE = ("figures.file", "Tải bảng tính số liệu")
TOOK_PROGRESS = ("figures.progress", "Tải bảng tiến độ của lớp")


def note_look(
    db: Session, look: tuple[str, str], unit: Place, account_id: uuid.UUID, by: str, now: datetime
) -> bool:
    """Note that somebody looked; return whether it is the first time that day, and only then note it."""
    act, what = look
    take_turn(db, account_id.bytes)
    midnight = datetime.combine(local_date(now), time.min, VIETNAM)
    same = select(StaffAct.id).where(
        StaffAct.account_id == account_id,
        StaffAct.unit_id == unit.id,
        StaffAct.act == act,
        StaffAct.at >= midnight,
    )
    if db.scalars(same.limit(1)).first() is not None:
        return False
    note_act(db, act, what, by=by, now=now, account_id=account_id, unit_id=unit.id)
    return True
