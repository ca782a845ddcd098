"""Declared totals: how many people a unit has, as somebody counted them on a date."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.clock import local_date
from lms.db import new_id, take_turn, unscoped
from lms.places.models import Unit
from lms.places.queries import Place
from lms.reports.models import DeclaredTotal
from lms.vietnamese import nfc

LARGEST = 1_000_000
LONGEST_SOURCE = 200
_total, _unit = DeclaredTotal.__table__, Unit.__table__


class TotalRefused(ValueError):
    """The total cannot be kept; `field` (number, counted_on, source) and the message say why."""

    def __init__(self, field: str, message: str) -> None:
        """Remember which field it is about."""
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Total:
    """A declared number with its date and source."""

    number: int
    counted_on: date
    source: str


@unscoped("the caller has found the unit within its own scope")
def declare(
    db: Session,
    unit: Place,
    audience: str,
    number: int,
    counted_on: date,
    source: str,
    by: uuid.UUID | None,
    now: datetime,
    *,
    learned: int = 0,
) -> bool:
    """Append what somebody counted; return False when just this holds already. Raises TotalRefused.

    `learned` is how many are known to have learned: a smaller total is refused. 0 takes a total back:
    then the roster alone counts.
    """
    source = " ".join(nfc(source).split())
    _check(number, counted_on, source, learned, local_date(now))
    take_turn(db, unit.id.bytes)
    standing = declared(db, unit, unit.kind, local_date(now), now).get((unit.id, audience))
    if standing == Total(number, counted_on, source):
        return False
    if standing is not None and counted_on < standing.counted_on:
        raise TotalRefused(
            "counted_on",
            f"Đã có tổng số đếm ngày {standing.counted_on:%d/%m/%Y}, mới hơn ngày này. Kiểm tra lại ngày.",
        )
    row = DeclaredTotal(
        id=new_id(),
        unit_id=unit.id,
        audience=audience,
        number=number,
        counted_on=counted_on,
        source=source,
        recorded_at=now,
        recorded_by=by,
    )
    db.add(row)
    db.flush()
    return True


def _check(number: int, counted_on: date, source: str, learned: int, today: date) -> None:
    if not 0 <= number <= LARGEST:
        raise TotalRefused("number", f"Tổng số là số từ 0 đến {LARGEST:,}.".replace(",", "."))
    if 0 < number < learned:
        said = f"Số đã học ({learned}) lớn hơn tổng số ({number}). Kiểm tra lại."
        raise TotalRefused("number", said)
    if counted_on > today:
        raise TotalRefused("counted_on", "Ngày đếm chưa tới. Ghi ngày đã đếm.")
    if not source:
        raise TotalRefused(
            "source", "Chưa ghi nguồn: ai đếm, theo sổ nào. Ví dụ: sổ đăng bộ, cô văn thư đếm."
        )
    if len(source) > LONGEST_SOURCE:
        raise TotalRefused("source", f"Nguồn dài quá {LONGEST_SOURCE} chữ. Viết ngắn lại.")


@unscoped("returns counts, of a unit that the caller has found within its own scope")
def declared(
    db: Session, unit: Place, by: str, as_of: date, known_at: datetime, audiences: Collection[str] = ()
) -> dict[tuple[uuid.UUID, str], Total]:
    """Return what holds of units of kind `by` at or under a unit: the latest word on the latest date.

    No audiences: all of them. A total taken back is left out. One statement.
    """
    rows = (
        select(_total.c.unit_id, _total.c.audience, _total.c.number, _total.c.counted_on, _total.c.source)
        .select_from(_total.join(_unit, _unit.c.id == _total.c.unit_id))
        .where(
            _unit.c.path.startswith(unit.path, autoescape=True),
            _unit.c.kind == by,
            _total.c.counted_on <= as_of,
            _total.c.recorded_at <= known_at,
        )
        .order_by(_total.c.counted_on, _total.c.recorded_at, _total.c.id)
    )
    if audiences:
        rows = rows.where(_total.c.audience.in_(audiences))
    latest = {(row.unit_id, row.audience): Total(*row[2:]) for row in db.execute(rows)}
    return {key: total for key, total in latest.items() if total.number}
