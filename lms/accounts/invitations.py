"""One-time links that give somebody an account and a role."""

import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from lms.accounts import passwords
from lms.accounts.actions import AccountRefused, add_account, new_login, set_person
from lms.accounts.acts import note_act
from lms.accounts.models import Account, Invitation
from lms.accounts.roles import Actor, grant, require_fit, role_words
from lms.clock import local_date
from lms.db import new_id, take_turn, unscoped
from lms.mac import mac
from lms.people.actions import add_person
from lms.people.merging import HasLearned, merge_person
from lms.people.models import Person
from lms.people.names import full_name as checked_name
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from lms.vietnamese import same_name

LIFE = timedelta(days=7)
CURE = "Nhờ nhà trường gửi lời mời mới."
_SITE = b"invitations to the whole site"
_invitation, _account = Invitation.__table__, Account.__table__
_person, _unit = Person.__table__, Unit.__table__


class InvitationRefused(ValueError):
    """The link opens nothing; the message says why and what to do. `is_known`: it did once."""

    def __init__(self, why: str, *, is_known: bool) -> None:
        """Remember the reason."""
        super().__init__(f"{why} {CURE}")
        self.is_known = is_known


@dataclass(frozen=True)
class Invited:
    """What an invitation that still opens says."""

    id: uuid.UUID
    role: str
    place: Place | None
    full_name: str
    person_id: uuid.UUID | None
    expires_at: datetime
    inviter: str

    @property
    def role_words(self) -> str:
        """Return the role with its place."""
        return role_words(self.role, self.place)


@unscoped("the caller may give this role at this place")
def invite(
    db: Session,
    secret: bytes,
    role: str,
    place: Place | None,
    full_name: str,
    by: Actor,
    now: datetime,
    person_id: uuid.UUID | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation and return it with its token, which is kept nowhere.

    `person_id` is the staff member on the roster it is for. A waiting invitation of the same name to the
    same role and place is taken back: the newest link is the one that opens. Raises RoleRefused or
    names.NameRefused.
    """
    require_fit(role, place)
    name = checked_name(full_name)
    unit_id = place.id if place else None
    take_turn(db, place.id.bytes if place else _SITE)
    _withdraw_same(db, role, unit_id, name, person_id, now)
    token = secrets.token_urlsafe(32)
    made = Invitation(
        id=new_id(),
        ref=secrets.token_hex(6),
        token_mac=token_mac(secret, token),
        role=role,
        unit_id=unit_id,
        full_name=name,
        person_id=person_id,
        made_at=now,
        made_by=by.account_id,
        expires_at=now + LIFE,
    )
    db.add(made)
    db.flush()
    what = f"Mời {name} làm {role_words(role, place)}"
    note_act(db, "invitation.make", what, by=by.name, now=now, account_id=by.account_id, unit_id=unit_id)
    return made, token


def token_mac(secret: bytes, token: str) -> bytes:
    """Return what is kept of an invitation's token."""
    return mac(secret, "invitation", token)


@unscoped("the token is the right to its own invitation")
def look_up(db: Session, secret: bytes, token: str, now: datetime) -> Invited:
    """Return what an invitation says, changing nothing: the preview of a chat program opens links too.

    Raises InvitationRefused when it is unknown, used, taken back or too old.
    """
    rows = (
        select(_invitation, _account.c.display_name)
        .select_from(_invitation.outerjoin(_account, _account.c.id == _invitation.c.made_by))
        .where(_invitation.c.token_mac == token_mac(secret, token))
    )
    row = db.execute(rows).one_or_none()
    if row is None:
        raise InvitationRefused(
            "Không có lời mời nào ở địa chỉ này. Có thể địa chỉ bị chép thiếu.", is_known=False
        )
    place = place_by_id(db, row.unit_id, local_date(now)) if row.unit_id else None
    why = _why_closed(row, now)
    if why or (row.unit_id and place is None):
        raise InvitationRefused(why or "Đơn vị trong lời mời này đã đóng.", is_known=True)
    return Invited(
        row.id, row.role, place, row.full_name, row.person_id, row.expires_at, row.display_name or ""
    )


def hash_for(invited: Invited, login: str, password: str) -> str:
    """Check and hash the password of a new account: slow, so before the writing transaction begins.

    Raises passwords.PasswordRefused.
    """
    return passwords.hash_password(passwords.check_strength(password, login, invited.full_name))


def accept(db: Session, secret: bytes, token: str, login: str, password_hash: str, now: datetime) -> Account:
    """Open the account that an invitation gives, with its role, once.

    The account is the person on the roster the invitation was for, else a new person: a teacher is a
    witness. Of two tabs at once one opens an account. Raises InvitationRefused or AccountRefused.
    """
    invited = look_up(db, secret, token, now)
    _use(db, invited, now)
    key = new_login(db, login)
    _refuse_second_account(db, invited, None)
    person_id = invited.person_id or add_person(db, invited.full_name, now).id
    account = add_account(db, key, invited.full_name, password_hash, now, person_id)
    _give(db, invited, account.id, account.display_name, now)
    return account


def accept_with(db: Session, secret: bytes, token: str, by: Actor, now: datetime) -> Invited:
    """Give the invitation's role to an account that is there already: one human, one account.

    A person on the roster of the same name becomes the account's person. Raises InvitationRefused, or
    AccountRefused when that person has an account already.
    """
    assert by.account_id is not None  # noqa: S101
    invited = look_up(db, secret, token, now)
    _use(db, invited, now)
    _refuse_second_account(db, invited, by.account_id)
    _settle_person(db, invited, by.account_id, now)
    _give(db, invited, by.account_id, by.name, now)
    return invited


@unscoped("the caller may give roles within this place, or everywhere")
def revoke(db: Session, ref: str, within: Place | None, by: Actor, now: datetime) -> bool:
    """Take an invitation back; return whether there is such a one within a place (None: anywhere).

    One that was used or taken back before stays as it is.
    """
    found = select(_invitation.c.id, _invitation.c.full_name, _invitation.c.unit_id).where(
        _invitation.c.ref == ref
    )
    if within is not None:
        below = _unit.c.path.startswith(within.path, autoescape=True)
        found = found.where(_invitation.c.unit_id.in_(select(_unit.c.id).where(below)))
    row = db.execute(found).one_or_none()
    if row is None:
        return False
    waiting = update(Invitation).where(
        _invitation.c.id == row.id, _invitation.c.used_at.is_(None), _invitation.c.revoked_at.is_(None)
    )
    if db.connection().execute(waiting.values(revoked_at=now)).rowcount == 1:
        what, who, unit_id = f"Rút lời mời gửi {row.full_name}", by.account_id, row.unit_id
        note_act(db, "invitation.revoke", what, by=by.name, now=now, account_id=who, unit_id=unit_id)
    return True


def _why_closed(row: Row[Any], now: datetime) -> str:
    if row.used_at is not None:
        return "Lời mời này đã được dùng. Nếu chính thầy/cô đã dùng thì đăng nhập bằng tài khoản đã mở."
    if row.revoked_at is not None:
        return "Lời mời này đã được rút lại."
    return "Lời mời này đã quá hạn 7 ngày." if row.expires_at <= now else ""


@unscoped("the token is the right to use its own invitation")
def _use(db: Session, invited: Invited, now: datetime) -> None:
    """Use the invitation up; of two at once the second waits here and is told that it is used."""
    change = update(Invitation).where(
        _invitation.c.id == invited.id, _invitation.c.used_at.is_(None), _invitation.c.revoked_at.is_(None)
    )
    if db.connection().execute(change.values(used_at=now)).rowcount != 1:
        raise InvitationRefused("Lời mời này vừa được dùng ở một trang khác.", is_known=True)


@unscoped("the token is the right to use its own invitation")
def _give(db: Session, invited: Invited, account_id: uuid.UUID, name: str, now: datetime) -> None:
    used = update(Invitation).where(_invitation.c.id == invited.id)
    db.connection().execute(used.values(used_by=account_id))
    by = f"{name}, theo lời mời của {invited.inviter}" if invited.inviter else f"{name}, theo lời mời"
    grant(db, account_id, invited.role, invited.place, Actor(account_id, by), now)


@unscoped("asked for the person that the invitation was made for")
def _refuse_second_account(db: Session, invited: Invited, own: uuid.UUID | None) -> None:
    if invited.person_id is None:
        return
    held = select(_account.c.login).where(
        _account.c.person_id == invited.person_id, _account.c.disabled_at.is_(None), _account.c.id != own
    )
    login = db.execute(held.limit(1)).scalar_one_or_none()
    if login is not None:
        raise AccountRefused(
            f"{invited.full_name} đã có tài khoản “{login}”. Đăng nhập bằng tài khoản đó rồi mở lại lời mời."
        )


@unscoped("the account's owner accepts being the person whom the school invited")
def _settle_person(db: Session, invited: Invited, account_id: uuid.UUID, now: datetime) -> None:
    """Give the account a person; make one of two when the school's roster and the account name the same."""
    own = (
        select(_person.c.id, _person.c.full_name)
        .join(_account, _account.c.person_id == _person.c.id)
        .where(_account.c.id == account_id)
    )
    kept = db.execute(own).one_or_none()
    if kept is None:
        set_person(db, account_id, invited.person_id or add_person(db, invited.full_name, now).id)
    elif invited.person_id and same_name(kept.full_name, invited.full_name):
        with suppress(HasLearned):
            merge_person(db, kept.id, invited.person_id, "account", now)


@unscoped("the caller may give this role at this place")
def _withdraw_same(
    db: Session,
    role: str,
    unit_id: uuid.UUID | None,
    name: str,
    person_id: uuid.UUID | None,
    now: datetime,
) -> None:
    same = update(Invitation).where(
        _invitation.c.unit_id == unit_id if unit_id else _invitation.c.unit_id.is_(None),
        _invitation.c.person_id == person_id if person_id else _invitation.c.person_id.is_(None),
        _invitation.c.role == role,
        _invitation.c.full_name == name,
        _invitation.c.used_at.is_(None),
        _invitation.c.revoked_at.is_(None),
    )
    db.connection().execute(same.values(revoked_at=now))
