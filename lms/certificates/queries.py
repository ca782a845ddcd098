"""Looking certificates up: by anyone with the code, by their holder, and the whole register."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from lms.certificates.frozen import link
from lms.certificates.models import Certificate, CertificateRevocation
from lms.db import unscoped

_certificate, _revocation = Certificate.__table__, CertificateRevocation.__table__
_successor = _certificate.alias("successor")
_VERDICT = (
    select(
        _certificate.c.payload,
        _certificate.c.person_id,
        _certificate.c.issued_at,
        _revocation.c.at.label("revoked_at"),
        _revocation.c.reason,
        _successor.c.code.label("replaced_by"),
    )
    .select_from(
        _certificate.outerjoin(_revocation, _revocation.c.certificate_id == _certificate.c.id).outerjoin(
            _successor, _successor.c.replaces == _certificate.c.id
        )
    )
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


def held(db: Session) -> list[Held]:
    """Return the viewer's certificates that were not replaced, newest first."""
    later = aliased(Certificate)
    rows = db.execute(
        select(Certificate, CertificateRevocation.reason)
        .outerjoin(later, later.replaces == Certificate.id)
        .outerjoin(CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id)
        .where(later.id.is_(None))
        .order_by(Certificate.sequence.desc())
    )
    return [Held(certificate, reason) for certificate, reason in rows]


def own(db: Session, code: str) -> Certificate | None:
    """Return a standing certificate of the viewer by its code, or None."""
    return next((h.certificate for h in held(db) if h.certificate.code == code and h.reason is None), None)


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
