"""Who has an account, which roles where, what waits to be accepted, what staff did."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import Account, BrowserSession, Invitation, RoleGrant, StaffAct
from lms.accounts.sessions import Grant
from lms.db import unscoped
from lms.mac import mac
from lms.people.models import Person
from lms.places.models import Unit
from lms.places.queries import Place, places_by_id
from lms.vietnamese import fold, nfc

_account, _grant, _unit = Account.__table__, RoleGrant.__table__, Unit.__table__
_invitation, _person, _act = Invitation.__table__, Person.__table__, StaffAct.__table__


@dataclass(frozen=True)
class Post:
    """A role with its place, and the school of a class; a role for the whole site has none."""

    role: str
    place: Place | None
    school: Place | None = None

    @property
    def where(self) -> str:
        """Return the place in words: “lớp 4A, Trường Tiểu học Hoa Sen”; empty for the whole site."""
        if self.place is None:
            return ""
        if self.place.kind != "class":
            return self.place.name
        return f"lớp {self.place.name}" + (f", {self.school.name}" if self.school else "")


@dataclass(frozen=True)
class Holder:
    """An account with the roles it holds now."""

    login: str
    display_name: str
    posts: tuple[Post, ...]
    made_at: datetime
    disabled_at: datetime | None

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles, each once."""
        return tuple(sorted({post.role for post in self.posts}))


@dataclass(frozen=True)
class SignIn:
    """A browser in which an account is signed in; `ref` stands for it in forms."""

    ref: str
    session_id: uuid.UUID
    agent: str
    since: datetime


@dataclass(frozen=True)
class Waiting:
    """An invitation that nobody has used yet."""

    ref: str
    full_name: str
    post: Post
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Act:
    """What a staff member did, where and when."""

    at: datetime
    by: str
    place: Place | None
    act: str
    what: str


def posts(db: Session, grants: Iterable[Grant], on: date) -> list[Post]:
    """Return the roles of a visitor with their places, in the order of the grants. One statement."""
    held = [(grant.role, grant.path) for grant in grants]
    found = _places(db, (path for _, path in held), on)
    return [_post(role, path, found) for role, path in held]


@unscoped("the caller administers accounts")
def holders(db: Session, on: date) -> list[Holder]:
    """Return every account, by login. Three statements."""
    return _with_posts(db, db.execute(select(_account).order_by(_account.c.login)).all(), None, on)


@unscoped("the caller administers accounts")
def find_holders(db: Session, typed: str, on: date, *, limit: int, skip: int = 0) -> list[Holder]:
    """Return the accounts whose login or name holds what was typed, by login; at most `limit`."""
    rows = select(_account).order_by(_account.c.login).limit(limit).offset(skip)
    if typed.strip():
        raw, folded = " ".join(nfc(typed).split()), fold(typed)
        rows = rows.outerjoin(_person, _person.c.id == _account.c.person_id).where(
            or_(
                _account.c.login.contains(raw.casefold(), autoescape=True),
                _account.c.login.contains(folded, autoescape=True),
                _account.c.display_name.contains(raw, autoescape=True),
                _person.c.search_text.contains(folded, autoescape=True),
            )
        )
    return _with_posts(db, db.execute(rows).all(), None, on)


@unscoped("the caller administers accounts")
def holder(db: Session, login: str, on: date) -> tuple[uuid.UUID, Holder] | None:
    """Return one account by its stored login, with its id, or None."""
    rows = db.execute(select(_account).where(_account.c.login == login)).all()
    return (rows[0].id, _with_posts(db, rows, None, on)[0]) if rows else None


@unscoped("the caller may give roles at this place, and sees the roles there and below, no others")
def holders_at(
    db: Session, place: Place, on: date, *, limit: int, skip: int = 0, right_there: bool = False
) -> list[Holder]:
    """Return the accounts with a role at a unit or below, those roles only, in name order.

    With `right_there`, what is below is left out.
    """
    there = _ever_at(place).where(_grant.c.revoked_at.is_(None))
    if right_there:
        there = there.where(_unit.c.id == place.id)
    rows = (
        select(_account)
        .outerjoin(_person, _person.c.id == _account.c.person_id)
        .where(_account.c.id.in_(there))
        .order_by(_person.c.sort_key.is_(None), _person.c.sort_key, _account.c.login)
        .limit(limit)
        .offset(skip)
    )
    return _with_posts(db, db.execute(rows).all(), place, on)


@unscoped("the caller may give roles at this place, and sees the roles there and below, no others")
def holder_at(db: Session, place: Place, login: str, on: date) -> tuple[uuid.UUID, Holder] | None:
    """Return an account that has or had a role at a unit or below, with its id; else None.

    Its posts are those it has there now.
    """
    mine = select(_account).where(_account.c.login == login, _account.c.id.in_(_ever_at(place)))
    rows = db.execute(mine).all()
    return (rows[0].id, _with_posts(db, rows, place, on)[0]) if rows else None


@unscoped("the caller may give roles at this place, or for the whole site")
def waiting(
    db: Session, place: Place | None, now: datetime, on: date, *, right_there: bool = False
) -> list[Waiting]:
    """Return the invitations that still open, to a unit and below, newest first.

    Without a place: those to the whole site. With `right_there`, what is below is left out. Two statements.
    """
    rows = (
        select(_invitation, _unit.c.path)
        .select_from(_invitation.outerjoin(_unit, _unit.c.id == _invitation.c.unit_id))
        .where(
            _below(place) if place else _invitation.c.unit_id.is_(None),
            _invitation.c.used_at.is_(None),
            _invitation.c.revoked_at.is_(None),
            _invitation.c.expires_at > now,
        )
        .order_by(_invitation.c.made_at.desc(), _invitation.c.id)
    )
    if place is not None and right_there:
        rows = rows.where(_unit.c.id == place.id)
    found = db.execute(rows).all()
    places = _places(db, (row.path for row in found), on)
    return [
        Waiting(row.ref, row.full_name, _post(row.role, row.path, places), row.made_at, row.expires_at)
        for row in found
    ]


def sign_ins(db: Session, secret: bytes, account_id: uuid.UUID, now: datetime) -> list[SignIn]:
    """Return where an account is signed in, newest first, within the viewer's scope. One statement."""
    rows = db.execute(
        select(BrowserSession.id, BrowserSession.agent, BrowserSession.made_at)
        .where(
            BrowserSession.account_id == account_id,
            BrowserSession.account_until > now,
            BrowserSession.ended_at.is_(None),
        )
        .order_by(BrowserSession.made_at.desc(), BrowserSession.id)
    )
    return [
        SignIn(mac(secret, "sign-in-ref", row.id.bytes).hex()[:12], row.id, row.agent or "", row.made_at)
        for row in rows
    ]


def own_login(db: Session, account_id: uuid.UUID) -> str:
    """Return the login of the viewer's own account."""
    return db.scalars(select(Account.login).where(Account.id == account_id)).one()


@unscoped("the viewer's own account")
def own_person(db: Session, account_id: uuid.UUID) -> tuple[uuid.UUID, str] | None:
    """Return id and name of the person that an account is, or None."""
    rows = select(_person.c.id, _person.c.full_name).join(_account, _account.c.person_id == _person.c.id)
    found = db.execute(rows.where(_account.c.id == account_id)).one_or_none()
    return (found.id, found.full_name) if found else None


@unscoped("the caller administers the site, or is the command line; acts name no pupils")
def acts(
    db: Session,
    on: date,
    *,
    path: str | None = None,
    account_id: uuid.UUID | None = None,
    since: datetime | None = None,
    limit: int,
    skip: int = 0,
) -> list[Act]:
    """Return what staff did, newest first: at a unit and below, by one account, since a moment.

    Two statements.
    """
    rows: Select[Any] = select(_act).order_by(_act.c.at.desc(), _act.c.id.desc()).limit(limit).offset(skip)
    if path is not None:
        below = select(_unit.c.id).where(_unit.c.path.startswith(path, autoescape=True))
        rows = rows.where(_act.c.unit_id.in_(below))
    if account_id is not None:
        rows = rows.where(_act.c.account_id == account_id)
    if since is not None:
        rows = rows.where(_act.c.at >= since)
    found = db.execute(rows).all()
    places = places_by_id(db, {row.unit_id for row in found if row.unit_id}, on)
    return [
        Act(row.at, row.by, places.get(row.unit_id) if row.unit_id else None, row.act, row.what)
        for row in found
    ]


@unscoped("part of the statements above")
def _ever_at(place: Place) -> Select[tuple[uuid.UUID]]:
    return select(_grant.c.account_id).join(_unit, _unit.c.id == _grant.c.unit_id).where(_below(place))


@unscoped("part of the statements above")
def _below(place: Place) -> ColumnElement[bool]:
    return _unit.c.path.startswith(place.path, autoescape=True)


@unscoped("the accounts were found by a caller who may see their roles there")
def _with_posts(db: Session, rows: Iterable[Row[Any]], within: Place | None, on: date) -> list[Holder]:
    accounts = list(rows)
    standing = (
        select(_grant.c.account_id, _grant.c.role, _unit.c.path)
        .select_from(_grant.outerjoin(_unit, _unit.c.id == _grant.c.unit_id))
        .where(_grant.c.account_id.in_([row.id for row in accounts]), _grant.c.revoked_at.is_(None))
        .order_by(_grant.c.granted_at, _grant.c.id)
    )
    held = db.execute(standing.where(_below(within)) if within else standing).all() if accounts else []
    places = _places(db, (row.path for row in held), on)
    by_account: dict[uuid.UUID, list[Post]] = {}
    for row in held:
        by_account.setdefault(row.account_id, []).append(_post(row.role, row.path, places))
    return [
        Holder(row.login, row.display_name, tuple(by_account.get(row.id, ())), row.made_at, row.disabled_at)
        for row in accounts
    ]


def _places(db: Session, paths: Iterable[str | None], on: date) -> Mapping[uuid.UUID, Place]:
    """Return the units that paths end with, and those above a class."""
    return places_by_id(db, {key for path in paths if path for key in _ids(path)[-2:]}, on)


def _ids(path: str) -> list[uuid.UUID]:
    return [uuid.UUID(hex=part) for part in path.strip("/").split("/")]


def _post(role: str, path: str | None, places: Mapping[uuid.UUID, Place]) -> Post:
    if path is None:
        return Post(role, None)
    ids = _ids(path)
    place = places.get(ids[-1])
    is_class = place is not None and place.kind == "class" and len(ids) > 1
    return Post(role, place, places.get(ids[-2]) if is_class else None)
