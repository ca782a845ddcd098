"""Credentials, roles, browser sessions, and the table that slows down guessing."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, hidden, new_id, same, scoped
from lms.places.models import staff_units

ROLES = ("teacher", "school_admin", "commune_officer", "province_officer", "author", "admin")


@scoped(lambda scope: same(Account.__table__.c.id, scope.account))
class Account(Base):
    """What somebody signs in with; staff, and anyone who wants one."""

    __tablename__ = "accounts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


@scoped(lambda scope: same(RoleGrant.__table__.c.account_id, scope.account))
class RoleGrant(Base):
    """What an account may do, and where: a role in a unit, from one moment to another."""

    __tablename__ = "role_grants"
    __table_args__ = (Index("ix_role_grants_account_id", "account_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@scoped(lambda scope: same(BrowserSession.__table__.c.account_id, scope.account))
class BrowserSession(Base):
    """One browser: who is learning on it, which household it opened, which account signed in.

    `set_aside_id` is a learner whose results stand under nobody's name yet, while somebody else learns.
    `partner_id` is the learner of a second pupil at the same machine. `agent` says in words which kind of
    browser signed in, for the list of sessions.
    The account's time (`account_until`) is short; what was learned here outlives it.
    The cookie holds 256 random bits; only their keyed digest is here, so that neither a copy of
    the database nor a cookie of another installation opens anything.
    """

    __tablename__ = "browser_sessions"
    __table_args__ = (
        Index(
            "ix_browser_sessions_account_id",
            "account_id",
            sqlite_where=text("account_id IS NOT NULL"),
            postgresql_where=text("account_id IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    token_mac: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    learner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("learners.id"))
    household_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("households.id"))
    set_aside_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("learners.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    account_until: Mapped[datetime | None]
    partner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("learners.id"))
    agent: Mapped[str | None]


@hidden
class Throttle(Base):
    """Failures of one kind, by account or code and by address, in the current window."""

    __tablename__ = "throttles"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


@hidden
class Invitation(Base):
    """A link that gives somebody an account and a role, once and for some days.

    Only a keyed digest of the link is kept. `person_id` is the staff member on the roster it is for.
    """

    __tablename__ = "invitations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    token_mac: Mapped[bytes] = mapped_column(unique=True)
    role: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    full_name: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    revoked_at: Mapped[datetime | None]


@scoped(
    lambda scope: or_(
        staff_units(StaffAct.__table__.c.unit_id, scope), same(StaffAct.__table__.c.account_id, scope.account)
    )
)
class StaffAct(Base):
    """What a staff member did, where and when; `what` holds words and counts, never a pupil's name."""

    __tablename__ = "staff_acts"
    __table_args__ = (Index("ix_staff_acts_unit_id_at", "unit_id", "at"), Index("ix_staff_acts_at", "at"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    by: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    act: Mapped[str]
    what: Mapped[str]
