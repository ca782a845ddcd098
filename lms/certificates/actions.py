"""The register: issue once, replace by a successor, revoke with a reason; nothing is ever edited."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Course
from lms.certificates.frozen import canonical, link
from lms.certificates.models import SELF_STUDY, Certificate, CertificateRevocation
from lms.clock import local_date
from lms.codes import new_code
from lms.db import insert_once, new_id, take_turn, unscoped
from lms.people.names import full_name

SELF_STUDY_DESIGN = "phieu-tu-hoc"
SELF_PACED_WORDS = "Tự học, không có người chứng kiến"
REGISTER = b"the register of certificates"
"""Whose turn it is to look at the register and write its next line."""


class CertificateRefused(ValueError):
    """The certificate cannot be issued, replaced or revoked; the message says why."""


@dataclass(frozen=True)
class Issuer:
    """Whose name and address a certificate bears."""

    name: str
    public_url: str


@unscoped("issues to the person named, once for each course edition")
def issue_self_study(
    db: Session,
    issuer: Issuer,
    *,
    person_id: uuid.UUID,
    holder_name: str,
    course: Course,
    edition: int,
    level: int,
    modules: Sequence[tuple[str, datetime]],
    completed_at: datetime,
    now: datetime,
    audience: str = "citizen",
) -> Certificate | None:
    """Issue a *phiếu* and return it, or None when this person already has it.

    Unique per person, course, audience, edition and kind; a second call issues nothing.
    """
    take_turn(db, REGISTER)
    table = Certificate.__table__
    held = select(table.c.id).where(
        table.c.person_id == person_id,
        table.c.course_id == course.id,
        table.c.audience == audience,
        table.c.course_edition == edition,
        table.c.kind == SELF_STUDY,
    )
    if db.connection().execute(held.limit(1)).first():
        return None
    payload = {
        "v": 1,
        "kind": SELF_STUDY,
        "code": new_code(),
        "holder_name": holder_name,
        "course_id": course.id,
        "course_title": course.title,
        "course_edition": edition,
        "audience": audience,
        "modules": [{"title": t, "completed_on": local_date(at).isoformat()} for t, at in modules],
        "completed_on": local_date(completed_at).isoformat(),
        "issued_on": local_date(now).isoformat(),
        "issuer": issuer.name,
        "public_url": issuer.public_url,
        "design": SELF_STUDY_DESIGN,
        "level": level,
        "how": SELF_PACED_WORDS,
    }
    return _append(db, payload, person_id=person_id, succession=0, replaces=None, by="site", now=now)


def replace_certificate(
    db: Session, code: str, *, by: str, now: datetime, holder_name: str | None = None
) -> Certificate:
    """Issue a successor with a corrected name; the old code then says that it was replaced.

    Raises CertificateRefused when there is no such certificate, or it was replaced or revoked.
    """
    old = _standing(db, code)
    payload = json.loads(old.payload) | {"code": new_code(), "issued_on": local_date(now).isoformat()}
    if holder_name:
        payload["holder_name"] = full_name(holder_name)
    return _append(
        db,
        payload,
        person_id=old.person_id,
        succession=old.succession + 1,
        replaces=old.id,
        by=by,
        now=now,
    )


def revoke_certificate(db: Session, code: str, *, reason: str, by: str, now: datetime) -> Certificate:
    """Take a certificate back for ever.

    Raises CertificateRefused when it does not stand, or no reason is given.
    """
    if not reason.strip():
        raise CertificateRefused("Chưa ghi lý do thu hồi.")
    certificate = _standing(db, code)
    insert_once(
        db, CertificateRevocation, certificate_id=certificate.id, at=now, by=by, reason=reason.strip()
    )
    return certificate


def _standing(db: Session, code: str) -> Certificate:
    take_turn(db, REGISTER)
    certificate = db.scalars(select(Certificate).where(Certificate.code == code)).one_or_none()
    if certificate is None:
        raise CertificateRefused("Không có phiếu nào mang mã này.")
    if db.scalar(select(Certificate.id).where(Certificate.replaces == certificate.id)):
        raise CertificateRefused("Phiếu này đã được thay bằng phiếu khác.")
    if db.scalar(
        select(CertificateRevocation.at).where(CertificateRevocation.certificate_id == certificate.id)
    ):
        raise CertificateRefused("Phiếu này đã bị thu hồi.")
    return certificate


def _append(
    db: Session,
    payload: dict[str, Any],
    *,
    person_id: uuid.UUID,
    succession: int,
    replaces: uuid.UUID | None,
    by: str,
    now: datetime,
) -> Certificate:
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
    """Return the last line's number and link; the caller has the register's turn."""
    table = Certificate.__table__
    last = select(table.c.sequence, table.c.chain).order_by(table.c.sequence.desc()).limit(1)
    row = db.connection().execute(last).first()
    return (row.sequence, row.chain) if row else (0, "")
