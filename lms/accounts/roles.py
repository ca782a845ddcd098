"""Roles with a place: which role fits where, who may give it, giving it and taking it back."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from lms.accounts.acts import note_act
from lms.accounts.models import Account, Invitation, RoleGrant
from lms.accounts.sessions import Grant
from lms.db import new_id, take_turn, unscoped
from lms.places.queries import Place

PLACES: Mapping[str, tuple[str, ...]] = {
    "teacher": ("school", "class"),
    "school_admin": ("school",),
    "commune_officer": ("commune",),
    "province_officer": ("province",),
    "author": (),
    "admin": (),
}
"""The kinds of unit at which a role can be held; none: it holds for the whole site."""
SCHOOL_GIVES = ("teacher", "school_admin")
"""What an officer may give within the own school; an administrator gives any role."""
WORDS: Mapping[str, str] = {
    "teacher": "giáo viên",
    "school_admin": "cán bộ trường",
    "commune_officer": "cán bộ xã",
    "province_officer": "cán bộ tỉnh",
    "author": "người soạn bài",
    "admin": "quản trị",
}
OFFICER = "cán bộ"
"""What an officer is called before the full name of the unit, which tells its kind itself."""
_ADMINS = b"the administrators of the site"
_account, _grant, _invitation = Account.__table__, RoleGrant.__table__, Invitation.__table__


class RoleRefused(ValueError):
    """The role cannot be given or taken back; the message says why."""


@dataclass(frozen=True)
class Actor:
    """Who does something of consequence, for the record: an account, or the command line without one."""

    account_id: uuid.UUID | None
    name: str


def fits(role: str, place: Place | None) -> bool:
    """Tell whether a role can be held at a unit, or without one."""
    kinds = PLACES.get(role)
    if kinds is None:
        return False
    return place.kind in kinds if place else not kinds


def may_give(grants: Iterable[Grant], role: str, place: Place | None) -> bool:
    """Tell whether somebody with these grants may give a role at a unit, by invitation or at once."""
    if not fits(role, place):
        return False
    for held in grants:
        if held.role == "admin":
            return True
        within = place is not None and held.path is not None and place.path.startswith(held.path)
        if held.role == "school_admin" and role in SCHOOL_GIVES and within:
            return True
    return False


def role_words(role: str, place: Place | None) -> str:
    """Return a role with its place as records and letters write it: “giáo viên lớp 4A”, “cán bộ Xã Ví Dụ”."""
    if place is None:
        return WORDS[role]
    word = WORDS[role] if role == "teacher" else OFFICER
    return f"{word} {'lớp ' if place.kind == 'class' else ''}{place.name}"


def require_fit(role: str, place: Place | None) -> None:
    """Raise RoleRefused when a role cannot be held at a unit."""
    if role not in PLACES:
        raise RoleRefused(f"Không có vai trò “{role}”. Các vai trò: {', '.join(PLACES)}.")
    if not fits(role, place):
        said = f"Vai trò {WORDS[role]} "
        raise RoleRefused(said + ("không giao ở nơi này." if place else "cần một nơi làm việc."))


@unscoped("the caller may give this role at this place, and was given the account by its owner or by name")
def grant(
    db: Session, account_id: uuid.UUID, role: str, place: Place | None, by: Actor, now: datetime
) -> bool:
    """Give an account a role at a place; return whether it is new. Raises RoleRefused."""
    require_fit(role, place)
    take_turn(db, account_id.bytes)
    if db.execute(_held(account_id, role, place)).first():
        return False
    unit_id = place.id if place else None
    db.add(RoleGrant(id=new_id(), account_id=account_id, role=role, unit_id=unit_id, granted_at=now))
    db.flush()
    what = f"Giao vai trò {role_words(role, place)} cho {_name(db, account_id)}"
    note_act(db, "role.grant", what, by=by.name, now=now, account_id=by.account_id, unit_id=unit_id)
    return True


@unscoped("the caller may give, and so take back, this role at this place")
def revoke(
    db: Session, account_id: uuid.UUID, role: str, place: Place | None, by: Actor, now: datetime
) -> bool:
    """Take a role at a place back; return whether it was held. The next page knows.

    With a role that invites go the invitations of that account which wait. Raises RoleRefused for the
    last administrator of the site, and for an officer who would leave the own school without any.
    """
    take_turn(db, account_id.bytes)
    held = db.execute(_held(account_id, role, place)).first()
    if held is None:
        return False
    if role == "admin" and is_last_admin(db, account_id):
        raise RoleRefused("Đây là người quản trị cuối cùng. Thêm người quản trị khác trước.")
    if (
        role == "school_admin"
        and by.account_id == account_id
        and place
        and _is_last_officer(db, account_id, place)
    ):
        raise RoleRefused(
            f"Đây là cán bộ trường cuối cùng của {place.name}. Mời người thay trước, rồi mới thôi vai trò."
        )
    change = update(RoleGrant).where(_grant.c.id == held.id, _grant.c.revoked_at.is_(None))
    db.connection().execute(change.values(revoked_at=now))
    if role in {"admin", "school_admin"}:
        withdraw_invitations_of(db, account_id, now)
    what = f"Thu vai trò {role_words(role, place)} của {_name(db, account_id)}"
    unit_id = place.id if place else None
    note_act(db, "role.revoke", what, by=by.name, now=now, account_id=by.account_id, unit_id=unit_id)
    return True


@unscoped("counts administrators, names nobody")
def is_last_admin(db: Session, account_id: uuid.UUID) -> bool:
    """Tell whether this account administers the site and no other one that is not disabled does.

    Whoever takes an administrator away asks here first: of two at once the second waits, and is told.
    """
    take_turn(db, _ADMINS)
    admins = (
        select(_account.c.id)
        .join(_grant, _grant.c.account_id == _account.c.id)
        .where(_grant.c.role == "admin", _grant.c.revoked_at.is_(None), _account.c.disabled_at.is_(None))
    )
    return set(db.execute(admins).scalars()) == {account_id}


@unscoped("the account's own rights to invite are being taken away")
def withdraw_invitations_of(db: Session, account_id: uuid.UUID, now: datetime) -> None:
    """Take back the invitations that an account made and nobody has used yet."""
    waiting = update(Invitation).where(
        _invitation.c.made_by == account_id,
        _invitation.c.used_at.is_(None),
        _invitation.c.revoked_at.is_(None),
    )
    db.connection().execute(waiting.values(revoked_at=now))


@unscoped("the officer looks at the own school only")
def _is_last_officer(db: Session, account_id: uuid.UUID, place: Place) -> bool:
    take_turn(db, place.id.bytes)
    others = (
        select(_grant.c.id)
        .join(_account, _account.c.id == _grant.c.account_id)
        .where(
            _grant.c.role == "school_admin",
            _grant.c.unit_id == place.id,
            _grant.c.revoked_at.is_(None),
            _grant.c.account_id != account_id,
            _account.c.disabled_at.is_(None),
        )
    )
    return db.execute(others.limit(1)).first() is None


@unscoped("one account's own roles")
def _held(account_id: uuid.UUID, role: str, place: Place | None) -> Select[Any]:
    where = _grant.c.unit_id == place.id if place else _grant.c.unit_id.is_(None)
    return select(_grant.c.id).where(
        _grant.c.account_id == account_id, _grant.c.role == role, where, _grant.c.revoked_at.is_(None)
    )


@unscoped("the name for the record of what was done to this account")
def _name(db: Session, account_id: uuid.UUID) -> str:
    found = select(_account.c.display_name).where(_account.c.id == account_id)
    return str(db.execute(found).scalar_one())
