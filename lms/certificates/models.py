"""The register of certificates: frozen at issue, replaced by successors, revoked with a reason."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, new_id, same, scoped

SELF_STUDY = "self_study"
COURSE = "course"


@scoped(lambda scope: same(Certificate.__table__.c.person_id, scope.person))
class Certificate(Base):
    """A certificate as issued: `payload` is canonical JSON, the PDF only a cache of it.

    `succession` counts from 0; a correction, a higher level or a merge issues the next one,
    whose `replaces` is the one before. `chain` is SHA-256 over the chain before and the payload.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "audience", "course_edition", "kind", "succession"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sequence: Mapped[int] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    audience: Mapped[str]
    course_edition: Mapped[int]
    level: Mapped[int]
    succession: Mapped[int]
    replaces: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    register_number: Mapped[str | None] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    design: Mapped[str]
    payload: Mapped[str]
    chain: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]


@scoped(
    lambda scope: CertificateRevocation.__table__.c.certificate_id.in_(
        select(Certificate.__table__.c.id).where(same(Certificate.__table__.c.person_id, scope.person))
    )
)
class CertificateRevocation(Base):
    """Why, when and by whom a certificate was taken back; once, for ever."""

    __tablename__ = "certificate_revocations"

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
