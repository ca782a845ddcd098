"""The register: issue once, replace by a successor, revoke with a reason; nothing is ever edited."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Course
from lms.certificates.models import COURSE, SELF_STUDY, Certificate, CertificateRevocation
from lms.certificates.register import REGISTER, append, last_register_number, register_number
from lms.clock import local_date
from lms.codes import new_code
from lms.db import insert_once, take_turn, unscoped
from lms.people.names import full_name

SELF_STUDY_DESIGN = "phieu-tu-hoc"
SELF_PACED_WORDS = "Tự học, không có người chứng kiến"
WITNESSED_WORDS = "Tự học, bài kiểm tra có người chứng kiến"
PAPER: Final = {SELF_STUDY: "phiếu", COURSE: "giấy chứng nhận"}
"""What each kind is called in a sentence."""


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
        "how": SELF_PACED_WORDS if level < 2 else WITNESSED_WORDS,
    }
    return append(db, payload, person_id=person_id, succession=0, replaces=None, by="site", now=now)


def replace_certificate(
    db: Session, code: str, *, by: str, now: datetime, holder_name: str | None = None
) -> Certificate:
    """Issue a successor with a corrected name; the old code then says that it was replaced.

    A school's certificate gets the next number of the school's register and names the old one.
    Raises CertificateRefused when there is no such certificate, or it was replaced or revoked.
    """
    old = _standing(db, code)
    payload = json.loads(old.payload) | {"code": new_code(), "issued_on": local_date(now).isoformat()}
    if holder_name:
        payload["holder_name"] = full_name(holder_name)
    if old.register_number is not None and old.unit_id is not None:
        payload |= _next_number(db, old.unit_id, old.register_number, now)
    return append(
        db,
        payload,
        person_id=old.person_id,
        succession=old.succession + 1,
        replaces=old.id,
        by=by,
        now=now,
        unit_id=old.unit_id,
    )


def _next_number(db: Session, school_id: uuid.UUID, old: str, now: datetime) -> dict[str, Any]:
    year, mark = local_date(now).year, old.partition("-")[2]
    number = register_number(last_register_number(db, school_id, year) + 1, year, mark)
    return {"register_number": number, "replaces_number": old}


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
        raise CertificateRefused("Không có giấy nào mang mã này.")
    paper = PAPER[certificate.kind]
    if db.scalar(select(Certificate.id).where(Certificate.replaces == certificate.id)):
        raise CertificateRefused(f"Mã này của {paper} đã được thay; {paper} mới có mã khác.")
    if db.scalar(
        select(CertificateRevocation.at).where(CertificateRevocation.certificate_id == certificate.id)
    ):
        raise CertificateRefused(f"{paper.capitalize()} này đã bị thu hồi.")
    return certificate
