"""Giving a module or course to a class; taking it back."""

import secrets
import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classrooms.models import Assignment
from lms.db import new_id, take_turn

AUDIENCES = ("student", "parent")


class AssignRefused(ValueError):
    """The assignment cannot be made; the message says why."""


class AlreadyAssigned(Exception):
    """The class has this item for this audience already; `assignment` is the standing one."""

    def __init__(self, assignment: Assignment) -> None:
        """Remember the standing assignment."""
        super().__init__(assignment.ref)
        self.assignment = assignment


def assign(
    db: Session,
    unit_id: uuid.UUID,
    item_id: str,
    audience: str,
    due_on: date,
    now: datetime,
    *,
    by: uuid.UUID | None,
    required: bool = True,
    level: int = 1,
) -> Assignment:
    """Give a module or course to whoever is in a class when looked at.

    Raises AlreadyAssigned for the same item and audience: two taps make one assignment. Raises
    AssignRefused for an audience that classes do not have.
    """
    if audience not in AUDIENCES:
        raise AssignRefused("Chọn giao cho học sinh hay cho cha mẹ học sinh.")
    take_turn(db, unit_id.bytes)
    standing = select(Assignment).where(
        Assignment.unit_id == unit_id,
        Assignment.item_id == item_id,
        Assignment.audience == audience,
        Assignment.withdrawn_at.is_(None),
    )
    found = db.scalars(standing).one_or_none()
    if found is not None:
        raise AlreadyAssigned(found)
    made = Assignment(
        id=new_id(),
        ref=secrets.token_hex(6),
        unit_id=unit_id,
        item_id=item_id,
        audience=audience,
        due_on=due_on,
        required=required,
        level=level,
        made_at=now,
        made_by=by,
    )
    db.add(made)
    db.flush()
    return made


def withdraw(db: Session, assignment: Assignment, now: datetime) -> bool:
    """Take an assignment back; what was done for it stays. Return whether it stood until now."""
    if assignment.withdrawn_at is not None:
        return False
    assignment.withdrawn_at = now
    db.flush()
    return True


def check_due(due_on: date, today: date) -> None:
    """Raise AssignRefused for a due date that is over, or more than a year away."""
    if due_on < today:
        raise AssignRefused(f"Hạn đã qua. Chọn ngày sau {today:%d/%m/%Y}.")
    if (due_on - today).days > 366:
        raise AssignRefused("Hạn xa quá một năm. Chọn ngày trong năm học này.")
