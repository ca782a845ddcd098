"""Browser sessions: made by the first POST, found by a secret cookie, ended for good."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import Account, BrowserSession, RoleGrant
from lms.db import new_id, unscoped
from lms.mac import mac
from lms.people.models import Claim, Person
from lms.places.models import Unit

LEARNER_LIFE = timedelta(days=400)
ACCOUNT_LIFE = timedelta(hours=12)
ROOM_LIFE = timedelta(hours=4)
"""How long a pupil stays signed in on a machine of the computer room, where the next class follows."""

_session, _claim, _person = BrowserSession.__table__, Claim.__table__, Person.__table__
_FIND = (
    select(
        _session.c.id,
        _session.c.learner_id,
        _session.c.household_id,
        _session.c.account_id,
        _session.c.account_until,
        _session.c.set_aside_id,
        _session.c.partner_id,
        _session.c.expires_at,
        _claim.c.person_id,
        _claim.c.at.label("claimed_at"),
        _person.c.full_name,
    )
    .select_from(
        _session.outerjoin(
            _claim, (_claim.c.learner_id == _session.c.learner_id) & _claim.c.undone_at.is_(None)
        ).outerjoin(_person, _person.c.id == _claim.c.person_id)
    )
    .where(_session.c.token_mac == bindparam("token_mac"), _session.c.ended_at.is_(None))
)
_MAKE = insert(BrowserSession)
_account, _grant = Account.__table__, RoleGrant.__table__
_unit = Unit.__table__
_STANDING = (
    select(_account.c.display_name, _account.c.person_id, _grant.c.role, _unit.c.path, _unit.c.kind)
    .select_from(
        _account.outerjoin(
            _grant, (_grant.c.account_id == _account.c.id) & _grant.c.revoked_at.is_(None)
        ).outerjoin(_unit, _unit.c.id == _grant.c.unit_id)
    )
    .where(_account.c.id == bindparam("account_id"), _account.c.disabled_at.is_(None))
)


@dataclass(frozen=True)
class Grant:
    """A role and where it holds: the path and kind of a unit, both None for the whole site."""

    role: str
    path: str | None
    kind: str | None


@dataclass(frozen=True)
class Standing:
    """An account that is not disabled: its name, the person it is, its roles."""

    name: str
    person_id: uuid.UUID | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Found:
    """What a cookie stands for: a browser's learner, household and account."""

    session_id: uuid.UUID
    learner_id: uuid.UUID | None
    household_id: uuid.UUID | None
    account_id: uuid.UUID | None
    person_id: uuid.UUID | None
    claimed_at: datetime | None
    full_name: str | None
    set_aside_id: uuid.UUID | None
    partner_id: uuid.UUID | None
    expires_at: datetime


def token_mac(secret: bytes, token: str) -> bytes:
    """Return what is kept of a session's token."""
    return mac(secret, "browser-session", token)


@unscoped("the token is the right to its own session")
def find(db: Session, secret: bytes, token: str, now: datetime) -> Found | None:
    """Return what a token stands for, or None when it is unknown, ended or too old. One statement."""
    row = db.connection().execute(_FIND, {"token_mac": token_mac(secret, token)}).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Found(
        session_id=row.id,
        learner_id=row.learner_id,
        household_id=row.household_id,
        account_id=row.account_id if row.account_until and row.account_until > now else None,
        person_id=row.person_id,
        claimed_at=row.claimed_at,
        full_name=row.full_name,
        set_aside_id=row.set_aside_id,
        partner_id=row.partner_id,
        expires_at=row.expires_at,
    )


@unscoped("makes a row, reads none")
def start(db: Session, secret: bytes, now: datetime, **holds: Any) -> tuple[uuid.UUID, str]:
    """Make a session and return its id and the token for the cookie, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    session_id = new_id()
    row = {
        "id": session_id,
        "token_mac": token_mac(secret, token),
        "made_at": now,
        "expires_at": now + LEARNER_LIFE,
        "account_until": now + ACCOUNT_LIFE if holds.get("account_id") else None,
    }
    db.connection().execute(_MAKE, row | holds)
    return session_id, token


@unscoped("the token is the right to its own session")
def extend(db: Session, found: Found, now: datetime) -> bool:
    """Give a session that is in use its whole life again once half of it is gone; return whether it was.

    A session of the computer room is never prolonged.
    """
    if not ROOM_LIFE < found.expires_at - now <= LEARNER_LIFE / 2:
        return False
    change = update(BrowserSession).where(_session.c.id == found.session_id)
    db.connection().execute(change.values(expires_at=now + LEARNER_LIFE))
    return True


@unscoped("changes the session whose token the visitor showed")
def hold(db: Session, session_id: uuid.UUID, **holds: Any) -> None:
    """Change which learner or household a session holds."""
    db.connection().execute(update(BrowserSession).where(_session.c.id == session_id).values(**holds))


@unscoped("ends the session whose token the visitor showed")
def end(db: Session, now: datetime, session_id: uuid.UUID) -> None:
    """End a session for good; its token opens nothing any more."""
    change = update(BrowserSession).where(_session.c.id == session_id, _session.c.ended_at.is_(None))
    db.connection().execute(change.values(ended_at=now))


@unscoped("signs out every browser of one account")
def sign_out_everywhere(db: Session, account_id: uuid.UUID) -> int:
    """Take an account out of every session that holds it; return how many. What was learned there stays."""
    change = update(BrowserSession).where(_session.c.account_id == account_id, _session.c.ended_at.is_(None))
    return db.connection().execute(change.values(account_id=None, account_until=None)).rowcount


@unscoped("shuts other browsers out of one household after its code was renewed")
def leave_household(db: Session, household_id: uuid.UUID, but: uuid.UUID | None) -> None:
    """Take a household, and whoever of it was learning, out of every other session."""
    others = (_session.c.household_id == household_id) & (_session.c.id != but)
    claimed = select(_claim.c.learner_id).where(_claim.c.undone_at.is_(None))
    named = update(BrowserSession).where(others, _session.c.learner_id.in_(claimed))
    db.connection().execute(named.values(learner_id=None))
    db.connection().execute(update(BrowserSession).where(others).values(household_id=None))


@unscoped("reads the account that the visitor's own session signed in with")
def standing(db: Session, account_id: uuid.UUID) -> Standing | None:
    """Return who an account is and what it may do, or None when it is disabled. One statement."""
    rows = db.connection().execute(_STANDING, {"account_id": account_id}).all()
    if not rows:
        return None
    grants = tuple(Grant(row.role, row.path, row.kind) for row in rows if row.role)
    return Standing(rows[0].display_name, rows[0].person_id, grants)
