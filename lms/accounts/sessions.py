"""Browser sessions: made by the first POST, found by a secret cookie, ended for good."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import Account, BrowserSession, RoleGrant
from lms.db import new_id, same, unscoped
from lms.mac import mac
from lms.people.models import Claim, Person

LEARNER_LIFE = timedelta(days=400)
ACCOUNT_LIFE = timedelta(hours=12)

_session, _claim, _person = BrowserSession.__table__, Claim.__table__, Person.__table__
_FIND = (
    select(
        _session.c.id,
        _session.c.learner_id,
        _session.c.household_id,
        _session.c.account_id,
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
_account, _grant = Account.__table__, RoleGrant.__table__
_STANDING = (
    select(_account.c.display_name, _grant.c.role)
    .select_from(
        _account.outerjoin(_grant, (_grant.c.account_id == _account.c.id) & _grant.c.revoked_at.is_(None))
    )
    .where(_account.c.id == bindparam("account_id"), _account.c.disabled_at.is_(None))
)


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
        account_id=row.account_id,
        person_id=row.person_id,
        claimed_at=row.claimed_at,
        full_name=row.full_name,
    )


def start(db: Session, secret: bytes, now: datetime, **holds: Any) -> tuple[uuid.UUID, str]:
    """Make a session and return its id and the token for the cookie, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    session_id = new_id()
    life = ACCOUNT_LIFE if holds.get("account_id") else LEARNER_LIFE
    row = {"id": session_id, "token_mac": token_mac(secret, token), "made_at": now, "expires_at": now + life}
    db.execute(insert(BrowserSession).values(**row, **holds))
    return session_id, token


@unscoped("changes the session whose token the visitor showed")
def hold(db: Session, session_id: uuid.UUID, **holds: Any) -> None:
    """Change which learner or household a session holds."""
    db.connection().execute(update(BrowserSession).where(_session.c.id == session_id).values(**holds))


@unscoped("ends the session whose token the visitor showed, or all of one account")
def end(
    db: Session, now: datetime, *, session_id: uuid.UUID | None = None, account_id: uuid.UUID | None = None
) -> int:
    """End one session, or every session of an account; return how many ended."""
    which = same(_session.c.id, session_id) | same(_session.c.account_id, account_id)
    change = update(BrowserSession).where(which, _session.c.ended_at.is_(None)).values(ended_at=now)
    return db.connection().execute(change).rowcount


@unscoped("reads the account that the visitor's own session signed in with")
def standing(db: Session, account_id: uuid.UUID) -> tuple[str, frozenset[str]] | None:
    """Return the name and the roles of an account that is not disabled, or None. One statement."""
    rows = db.connection().execute(_STANDING, {"account_id": account_id}).all()
    if not rows:
        return None
    return rows[0].display_name, frozenset(row.role for row in rows if row.role)
