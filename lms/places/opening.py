"""Which units stand below which, of what types, under whom; opening one once."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.clock import local_date
from lms.db import take_turn
from lms.places.actions import UnitRefused, describe_unit, open_unit
from lms.places.models import Unit
from lms.places.queries import Place, children, place_by_id
from lms.vietnamese import fold, nfc

BELOW: Mapping[str | None, tuple[str, ...]] = {
    None: ("province", "commune", "school"),
    "province": ("commune", "school"),
    "commune": ("school", "hamlet"),
    "school": ("site",),
}
"""Which kinds an administrator opens below which; there is no district, and classes are the school's own."""
TYPES: Mapping[str, tuple[str, ...]] = {
    "province": ("tỉnh", "thành phố"),
    "commune": ("xã", "phường", "đặc khu"),
    "hamlet": ("thôn", "bản", "làng", "tổ dân phố"),
    "school": ("MN", "TH", "THCS", "TH và THCS", "THPT", "THCS và THPT", "GDTX"),
    "site": ("điểm trường",),
}
COMMUNE_GOVERNS, PROVINCE_GOVERNS = "UBND cấp xã", "Sở GD&ĐT"
LONGEST_NAME = 120
_TOP = b"units without one above"


class TypeRefused(UnitRefused):
    """The unit's kind or type does not fit; the message says which do."""


class DateRefused(UnitRefused):
    """The date does not fit; the message says which do."""


def governing_body(kind: str, type_: str) -> str | None:
    """Return who governs a unit of a type unless somebody says otherwise.

    Schools up to THCS are the commune's; THPT and GDTX the Sở's (the two-level government of 2025).
    """
    if kind != "school":
        return None
    return PROVINCE_GOVERNS if "THPT" in type_ or type_ == "GDTX" else COMMUNE_GOVERNS


def open_below(
    db: Session,
    parent: Place | None,
    kind: str,
    name: str,
    type_: str,
    governs: str,
    opened_on: date,
    now: datetime,
) -> tuple[Place, bool]:
    """Open a unit below another and return it, and whether it is new.

    A unit of that kind and name below the same parent is the same one: the second tap finds it.
    Raises UnitRefused.
    """
    if kind not in BELOW.get(parent.kind if parent else None, ()):
        raise TypeRefused("Chọn loại đơn vị trong danh sách.")
    name, body = checked(kind, name, type_, governs)
    today = local_date(now)
    if opened_on > today:
        raise DateRefused("Ngày này chưa tới. Chọn ngày đến hôm nay.")
    take_turn(db, parent.id.bytes if parent else _TOP)
    for beside in children(db, parent.id if parent else None, today):
        if beside.kind == kind and fold(beside.name) == fold(name):
            return beside, False
    made = open_unit(
        db, kind, name, type=type_, opened_on=opened_on, now=now, parent=parent, governing_body=body
    )
    opened = place_by_id(db, made.id, today)
    assert opened is not None  # noqa: S101
    return opened, True


def describe_from(
    db: Session, unit: Place, name: str, type_: str, governs: str, valid_from: date, now: datetime
) -> None:
    """Say what a unit is called, of which type, under whom, from a date on. Raises UnitRefused.

    The day it was opened corrects what was said at its opening; nothing is said of earlier days.
    """
    opened_on = db.scalars(select(Unit.opened_on).where(Unit.id == unit.id)).one()
    if valid_from < opened_on:
        raise DateRefused(f"Đơn vị này mở từ {opened_on:%d/%m/%Y}. Chọn ngày đó hoặc sau đó.")
    name, body = checked(unit.kind, name, type_, governs)
    describe_unit(db, unit.id, name, type=type_, valid_from=valid_from, now=now, governing_body=body)


def checked(kind: str, name: str, type_: str, governs: str) -> tuple[str, str | None]:
    """Return the name with single spaces, and the governing body, the usual one where none is said."""
    name, governs = " ".join(nfc(name).split()), " ".join(nfc(governs).split())
    if not name:
        raise UnitRefused("Chưa nhập tên đơn vị.")
    if max(len(name), len(governs)) > LONGEST_NAME:
        raise UnitRefused(f"Tên dài quá {LONGEST_NAME} chữ. Viết ngắn lại.")
    if type_ not in TYPES.get(kind, ()):
        raise TypeRefused(f"Chọn một trong các loại: {', '.join(TYPES.get(kind, ()))}.")
    return name, governs or governing_body(kind, type_)
