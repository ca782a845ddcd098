"""Which unit an address names, and what it is called on a date."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.places.models import Unit, UnitDescription


@dataclass(frozen=True)
class Place:
    """A unit with the name and type it has on a date."""

    id: uuid.UUID
    ref: str
    kind: str
    path: str
    parent_id: uuid.UUID | None
    name: str
    type: str
    governing_body: str | None
    official_code: str | None

    def holds(self, other: "Place") -> bool:
        """Tell whether another unit is this one or lies below it."""
        return other.path.startswith(self.path)


@unscoped("units and their names are public; asked on every page of staff")
def place(db: Session, ref: str, on: date) -> Place | None:
    """Return the unit with this ref, or None when there is none or it was closed."""
    return _open_place(db.connection().execute(_BY_REF, {"ref": ref, "day": on}).one_or_none(), on)


@unscoped("units and their names are public")
def place_by_id(db: Session, unit_id: uuid.UUID, on: date) -> Place | None:
    """Return the unit with this id, or None when it was closed."""
    return _open_place(db.connection().execute(_BY_ID, {"unit": unit_id, "day": on}).one_or_none(), on)


def places_under(db: Session, path: str, kind: str, on: date) -> list[Place]:
    """Return the open units of a kind at or below a path ("/" for all), in name order."""
    below = func.substr(Unit.path, 1, len(path)) == path
    rows = db.execute(
        _described()
        .where(below, Unit.kind == kind, Unit.closed_on.is_(None) | (Unit.closed_on > on))
        .order_by(UnitDescription.sort_key, Unit.id),
        {"day": on},
    )
    return [_place(row) for row in rows]


def children(db: Session, parent_id: uuid.UUID | None, on: date) -> list[Place]:
    """Return the open units right below one, or those at the top; classes left out; by kind and name."""
    above = Unit.parent_id.is_(None) if parent_id is None else Unit.parent_id == parent_id
    rows = db.execute(
        _described()
        .where(above, Unit.kind != "class", Unit.closed_on.is_(None) | (Unit.closed_on > on))
        .order_by(Unit.kind, UnitDescription.sort_key, Unit.id),
        {"day": on},
    )
    return [_place(row) for row in rows]


def descriptions(db: Session, unit_id: uuid.UUID) -> list[UnitDescription]:
    """Return what a unit was and will be called, newest first."""
    rows = select(UnitDescription).where(UnitDescription.unit_id == unit_id)
    return list(db.scalars(rows.order_by(UnitDescription.valid_from.desc())))


def places_by_id(db: Session, ids: set[uuid.UUID], on: date) -> dict[uuid.UUID, Place]:
    """Return the units with these ids, closed ones too."""
    rows = db.execute(_described().where(Unit.id.in_(ids)), {"day": on}) if ids else ()
    return {row.id: _place(row) for row in rows}


def _described() -> Select[Any]:
    """Return the statement of units as they are called on a `day`."""
    latest = (
        select(func.max(UnitDescription.valid_from))
        .where(UnitDescription.unit_id == Unit.id, UnitDescription.valid_from <= bindparam("day"))
        .correlate(Unit)
        .scalar_subquery()
    )
    described: Any = select(
        Unit.id,
        Unit.ref,
        Unit.kind,
        Unit.path,
        Unit.parent_id,
        UnitDescription.name,
        UnitDescription.type,
        UnitDescription.governing_body,
        UnitDescription.official_code,
        Unit.closed_on,
    ).join(UnitDescription, (UnitDescription.unit_id == Unit.id) & (UnitDescription.valid_from == latest))
    return described  # type: ignore[no-any-return]


_BY_REF = _described().where(Unit.ref == bindparam("ref"))
_BY_ID = _described().where(Unit.id == bindparam("unit"))


def _open_place(row: Row[Any] | None, on: date) -> Place | None:
    if row is None or (row.closed_on is not None and row.closed_on <= on):
        return None
    return _place(row)


def _place(row: Row[Any]) -> Place:
    return Place(*tuple(row)[:-1])
