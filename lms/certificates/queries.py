"""Looking certificates up: by anyone with the code, by their holder, and the whole register."""

import json
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from lms.certificates.frozen import link
from lms.certificates.models import COURSE, Certificate, CertificateRevocation, ProposalLine
from lms.db import unscoped

_certificate, _revocation = Certificate.__table__, CertificateRevocation.__table__
_successor, _line = _certificate.alias("successor"), ProposalLine.__table__
_STANDING = _certificate.outerjoin(_revocation, _revocation.c.certificate_id == _certificate.c.id).outerjoin(
    _successor, _successor.c.replaces == _certificate.c.id
)
_IS_STANDING = _revocation.c.certificate_id.is_(None) & _successor.c.id.is_(None)
_VERDICT = (
    select(
        _certificate.c.payload,
        _certificate.c.person_id,
        _certificate.c.issued_at,
        _revocation.c.at.label("revoked_at"),
        _revocation.c.reason,
        _successor.c.code.label("replaced_by"),
    )
    .select_from(_STANDING)
    .where(_certificate.c.code == bindparam("code"))
)


@dataclass(frozen=True)
class Verdict:
    """What the register says of a code that it knows."""

    payload: dict[str, Any]
    person_id: uuid.UUID
    issued_at: datetime
    revoked_at: datetime | None
    reason: str | None
    replaced_by: str | None

    @property
    def kind(self) -> str:
        """Return which kind it is, a phiếu or a school's certificate."""
        return str(self.payload["kind"])

    @property
    def stands(self) -> bool:
        """Tell whether the certificate is neither revoked nor replaced."""
        return self.revoked_at is None and self.replaced_by is None


@unscoped("anyone who holds the paper may check it")
def verdict(db: Session, code: str) -> Verdict | None:
    """Return what the register says of a code, or None when there is no such certificate. One statement."""
    row = db.connection().execute(_VERDICT, {"code": code}).one_or_none()
    if row is None:
        return None
    return Verdict(
        json.loads(row.payload), row.person_id, row.issued_at, row.revoked_at, row.reason, row.replaced_by
    )


@dataclass(frozen=True)
class Held:
    """A certificate of the viewer, with the reason when it was revoked."""

    certificate: Certificate
    reason: str | None


def held(db: Session, person_id: uuid.UUID) -> list[Held]:
    """Return a person's certificates that were not replaced, newest first, within the viewer's scope."""
    later = aliased(Certificate)
    rows = db.execute(
        select(Certificate, CertificateRevocation.reason)
        .outerjoin(later, later.replaces == Certificate.id)
        .outerjoin(CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id)
        .where(Certificate.person_id == person_id, later.id.is_(None))
        .order_by(Certificate.sequence.desc())
    )
    return [Held(certificate, reason) for certificate, reason in rows]


def own(db: Session, person_id: uuid.UUID, code: str) -> Certificate | None:
    """Return a person's standing certificate by its code, or None."""
    mine = held(db, person_id)
    return next((h.certificate for h in mine if h.certificate.code == code and h.reason is None), None)


Earned = tuple[uuid.UUID, str, str, int]
"""Who holds a school's certificate, of which course, for which audience, in which edition."""


@unscoped("the caller has found these people within its own scope")
def standing_numbers(db: Session, people: Collection[uuid.UUID]) -> dict[Earned, str]:
    """Return the numbers of the schools' certificates that people hold and that stand. One statement."""
    table = _certificate
    rows = (
        select(
            table.c.person_id,
            table.c.course_id,
            table.c.audience,
            table.c.course_edition,
            table.c.register_number,
        )
        .select_from(_STANDING)
        .where(table.c.kind == COURSE, table.c.person_id.in_(people), _IS_STANDING)
    )
    return {tuple(row[:4]): row.register_number or "" for row in db.connection().execute(rows)}


@dataclass(frozen=True)
class Page:
    """A certificate as it is printed: its frozen words."""

    person_id: uuid.UUID
    code: str
    payload: dict[str, Any]


@unscoped("prints the list that the caller has found within its own scope")
def pages_of(db: Session, proposal_id: uuid.UUID) -> list[Page]:
    """Return the certificates that came of a list and stand, or what replaced them, in class order.

    One statement. Whoever holds none of them any more is left out.
    """
    table, first = _certificate, _certificate.alias("first")
    same_paper = (
        (table.c.person_id == first.c.person_id)
        & (table.c.course_id == first.c.course_id)
        & (table.c.audience == first.c.audience)
        & (table.c.course_edition == first.c.course_edition)
        & (table.c.kind == first.c.kind)
        & (table.c.unit_id == first.c.unit_id)
    )
    rows = (
        select(table.c.person_id, table.c.code, table.c.payload)
        .select_from(
            _line.join(first, first.c.id == _line.c.certificate_id)
            .join(table, same_paper)
            .outerjoin(_revocation, _revocation.c.certificate_id == table.c.id)
            .outerjoin(_successor, _successor.c.replaces == table.c.id)
        )
        .where(_line.c.proposal_id == proposal_id, _IS_STANDING)
        .order_by(_line.c.sort_key, _line.c.person_id)
    )
    return [Page(r.person_id, r.code, json.loads(r.payload)) for r in db.connection().execute(rows)]


@unscoped("recomputes the register; shows codes only")
def broken_links(db: Session) -> Iterator[str]:
    """Yield the code of every certificate whose link does not follow from the one before."""
    chain = ""
    rows = db.connection().execute(
        select(_certificate.c.code, _certificate.c.payload, _certificate.c.chain).order_by(
            _certificate.c.sequence
        )
    )
    for row in rows:
        if link(chain, row.payload) != row.chain:
            yield row.code
        chain = row.chain


@dataclass(frozen=True)
class RegisterLine:
    """A line of the register without names; state: stands, revoked, replaced."""

    code: str
    kind: str
    register_number: str | None
    course_id: str
    audience: str
    issued_at: datetime
    state: str


@unscoped("lists the register for whoever runs the site; shows no names")
def register_lines(db: Session, kind: str | None = None) -> Iterator[RegisterLine]:
    """Yield the lines of the register in the order they were written, of one kind or all."""
    table = _certificate
    rows = select(
        table.c.code,
        table.c.kind,
        table.c.register_number,
        table.c.course_id,
        table.c.audience,
        table.c.issued_at,
        _revocation.c.at.label("revoked_at"),
        _successor.c.id.label("successor_id"),
    ).select_from(_STANDING)
    if kind is not None:
        rows = rows.where(table.c.kind == kind)
    for row in db.connection().execute(rows.order_by(table.c.sequence)):
        state = "revoked" if row.revoked_at else "replaced" if row.successor_id else "stands"
        yield RegisterLine(
            row.code, row.kind, row.register_number, row.course_id, row.audience, row.issued_at, state
        )
