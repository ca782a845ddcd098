"""The register itself: its next line, and the numbers a school writes on its certificates."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.certificates.frozen import canonical, link
from lms.certificates.models import COURSE, Certificate
from lms.db import new_id, unscoped
from lms.places.queries import Place

REGISTER = b"the register of certificates"
"""Whose turn it is to look at the register and write its next line."""
_certificate = Certificate.__table__


def append(
    db: Session,
    payload: dict[str, Any],
    *,
    person_id: uuid.UUID,
    succession: int,
    replaces: uuid.UUID | None,
    by: str,
    now: datetime,
    unit_id: uuid.UUID | None = None,
) -> Certificate:
    """Write the register's next line; the caller has the register's turn."""
    sequence, chain = _last(db)
    frozen = canonical(payload)
    certificate = Certificate(
        id=new_id(),
        sequence=sequence + 1,
        code=payload["code"],
        kind=payload["kind"],
        person_id=person_id,
        course_id=payload["course_id"],
        audience=payload["audience"],
        course_edition=payload["course_edition"],
        level=payload["level"],
        succession=succession,
        replaces=replaces,
        register_number=payload.get("register_number"),
        unit_id=unit_id,
        design=payload["design"],
        payload=frozen,
        chain=link(chain, frozen),
        issued_at=now,
        issued_by=by,
    )
    db.add(certificate)
    db.flush()
    return certificate


@unscoped("the register's last line says nothing about whose it is")
def _last(db: Session) -> tuple[int, str]:
    table = _certificate
    last = select(table.c.sequence, table.c.chain).order_by(table.c.sequence.desc()).limit(1)
    row = db.connection().execute(last).first()
    return (row.sequence, row.chain) if row else (0, "")


def register_number(number: int, year: int, mark: str) -> str:
    """Write a number of a school's register: 0012/2026-A1B2."""
    return f"{number:04d}/{year}-{mark}"


@unscoped("counts the lines of the school that the caller has found within its own scope")
def last_register_number(db: Session, school_id: uuid.UUID, year: int) -> int:
    """Return the number a school gave last in a calendar year, 0 before the first; with the register's turn.

    Numbers rise with the register's lines, so the last line of the year has the highest.
    """
    table = _certificate
    last = (
        select(table.c.register_number)
        .where(table.c.unit_id == school_id, table.c.register_number.contains(f"/{year}-", autoescape=True))
        .order_by(table.c.sequence.desc())
        .limit(1)
    )
    found: str | None = db.connection().execute(last).scalar_one_or_none()
    return int(found.partition("/")[0]) if found else 0


@unscoped("looks only whether another school writes the same mark behind its numbers")
def register_mark(db: Session, school: Place) -> str:
    """Return what tells the numbers of one school from those of another: its official code, else its ref.

    Four characters of the ref, more when another school of the site has the same four.
    """
    table, ref = _certificate, school.ref.upper()
    wished = [mark for mark in ((school.official_code or "").strip(), ref[:4], ref[:8]) if mark]
    for mark in wished:
        others = select(table.c.id).where(
            table.c.unit_id != school.id, table.c.register_number.endswith(f"-{mark}", autoescape=True)
        )
        if db.connection().execute(others.limit(1)).first() is None:
            return mark
    return ref


@unscoped("counts what was issued to the people whom the caller has found within its own scope")
def successions(
    db: Session, people: Collection[uuid.UUID], course_id: str, audience: str, edition: int
) -> dict[uuid.UUID, int]:
    """Return the number of a school's certificates for one course edition that each person ever had."""
    table = _certificate
    rows = (
        select(table.c.person_id, (func.max(table.c.succession) + 1).label("number"))
        .where(
            table.c.person_id.in_(people),
            table.c.course_id == course_id,
            table.c.audience == audience,
            table.c.course_edition == edition,
            table.c.kind == COURSE,
        )
        .group_by(table.c.person_id)
    )
    return {row.person_id: row.number for row in db.connection().execute(rows)}
