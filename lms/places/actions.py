"""Opening units and describing them from a date on."""

import secrets
import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.db import new_id
from lms.places.models import KINDS, Unit, UnitDescription
from lms.places.queries import Place
from lms.vietnamese import nfc, sort_key


class UnitRefused(ValueError):
    """The unit cannot be opened; the message says why."""


def open_unit(
    db: Session,
    kind: str,
    name: str,
    *,
    type: str,  # noqa: A002  (the word of the glossary)
    opened_on: date,
    now: datetime,
    parent: Unit | Place | None = None,
    governing_body: str | None = None,
) -> Unit:
    """Open a unit under another and describe it. Raises UnitRefused for an unknown kind."""
    if kind not in KINDS:
        raise UnitRefused(f"Không có loại đơn vị “{kind}”. Các loại: {', '.join(KINDS)}.")
    unit_id = new_id()
    path = f"{parent.path if parent else '/'}{unit_id.hex}/"
    unit = Unit(
        id=unit_id,
        kind=kind,
        parent_id=parent.id if parent else None,
        path=path,
        ref=secrets.token_hex(6),
        opened_on=opened_on,
    )
    db.add(unit)
    db.flush()
    describe_unit(db, unit.id, name, type=type, valid_from=opened_on, now=now, governing_body=governing_body)
    return unit


def describe_unit(
    db: Session,
    unit_id: uuid.UUID,
    name: str,
    *,
    type: str,  # noqa: A002
    valid_from: date,
    now: datetime,
    governing_body: str | None = None,
) -> UnitDescription:
    """Say what a unit is called from a date on; the same date a second time corrects what was said."""
    row = db.scalars(
        select(UnitDescription).where(
            UnitDescription.unit_id == unit_id, UnitDescription.valid_from == valid_from
        )
    ).one_or_none()
    if row is None:
        row = UnitDescription(unit_id=unit_id, valid_from=valid_from)
        db.add(row)
    row.name, row.type, row.governing_body = nfc(name), type, governing_body
    row.sort_key, row.recorded_at = sort_key(name), now
    db.flush()
    return row
