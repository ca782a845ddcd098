"""The register of certificates: frozen at issue, replaced by successors, revoked with a reason."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, new_id, same, scoped
from lms.places.models import staff_units

SELF_STUDY = "self_study"
COURSE = "course"


@scoped(
    lambda scope: or_(
        same(Certificate.__table__.c.person_id, scope.person),
        staff_units(Certificate.__table__.c.unit_id, scope),
    )
)
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


@scoped(lambda scope: staff_units(Proposal.__table__.c.unit_id, scope))
class Proposal(Base):
    """A class's list of people proposed for the school's certificate, and what the school decided."""

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "uq_proposals_open",
            "unit_id",
            "course_id",
            "audience",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    audience: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decision: Mapped[str | None]
    note: Mapped[str]


@scoped(
    lambda scope: ProposalLine.__table__.c.proposal_id.in_(
        select(Proposal.__table__.c.id).where(staff_units(Proposal.__table__.c.unit_id, scope))
    )
)
class ProposalLine(Base):
    """One person on a proposal list, as the class knew the name then; the certificate once issued."""

    __tablename__ = "proposal_lines"

    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    full_name: Mapped[str]
    sort_key: Mapped[bytes]
    level: Mapped[int]
    certificate_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"))
