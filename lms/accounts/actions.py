"""Opening, checking, disabling accounts; their passwords; where they are signed in."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from lms.accounts import passwords, roles, sessions
from lms.accounts.acts import note_act
from lms.accounts.models import ROLES, Account, BrowserSession, RoleGrant
from lms.accounts.roles import Actor
from lms.db import new_id, take_turn, unscoped
from lms.people.models import Claim
from lms.places.queries import Place
from lms.vietnamese import nfc

LONGEST_LOGIN = 60
_SIGNS = frozenset("._-@")
_COMMAND_LINE = Actor(None, "lms")
_account, _session, _claim = Account.__table__, BrowserSession.__table__, Claim.__table__
_CREDENTIALS = select(_account.c.id, _account.c.password_hash).where(
    _account.c.login == bindparam("login"), _account.c.disabled_at.is_(None)
)


class AccountRefused(ValueError):
    """The account cannot be opened or changed; the message says why."""


def login_key(typed: str) -> str:
    """Return a login as it is stored and compared: NFC, lower case, no spaces."""
    return "".join(nfc(typed).casefold().split())


def new_login(db: Session, typed: str) -> str:
    """Return a login that nobody has, as it is stored, and keep it free until this transaction ends.

    Raises AccountRefused.
    """
    take_turn(db, b"login" + login_key(typed).encode().rjust(16, b"\0"))
    return free_login(db, typed)


@unscoped("looks only whether a login is in use")
def free_login(db: Session, typed: str) -> str:
    """Return a login that nobody has at this moment, as it is stored. Raises AccountRefused."""
    key = login_key(typed)
    if not key:
        raise AccountRefused("Chưa có tên đăng nhập.")
    if len(key) > LONGEST_LOGIN:
        raise AccountRefused(f"Tên đăng nhập dài quá {LONGEST_LOGIN} chữ. Chọn tên ngắn hơn.")
    if not key[0].isalnum() or not all(c.isalnum() or c in _SIGNS for c in key):
        raise AccountRefused("Tên đăng nhập chỉ gồm chữ, số và các dấu . - _ @, bắt đầu bằng chữ hoặc số.")
    if db.execute(select(_account.c.id).where(_account.c.login == key)).first():
        raise AccountRefused(f"Tên đăng nhập “{key}” đã có người dùng. Chọn tên khác.")
    return key


def add_account(
    db: Session,
    login: str,
    display_name: str,
    password_hash: str,
    now: datetime,
    person_id: uuid.UUID | None = None,
) -> Account:
    """Add an account whose login `new_login` returned and whose password is hashed already."""
    name = nfc(display_name).strip() or login
    account = Account(
        id=new_id(),
        login=login,
        display_name=name,
        password_hash=password_hash,
        person_id=person_id,
        made_at=now,
    )
    db.add(account)
    db.flush()
    return account


def open_account(
    db: Session,
    login: str,
    display_name: str,
    password: str,
    role: str,
    now: datetime,
    unit: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
) -> Account:
    """Open an account with a role. Raises AccountRefused or passwords.PasswordRefused."""
    key = new_login(db, login)
    if role not in ROLES:
        raise AccountRefused(f"Không có vai trò “{role}”. Các vai trò: {', '.join(ROLES)}.")
    strong = passwords.check_strength(password, key, display_name)
    account = add_account(db, key, display_name, passwords.hash_password(strong), now, person_id)
    db.add(RoleGrant(id=new_id(), account_id=account.id, role=role, unit_id=unit, granted_at=now))
    db.flush()
    return account


def note_opened(
    db: Session, account: Account, role: str, place: Place | None, by: Actor, now: datetime
) -> None:
    """Record that somebody opened an account by hand."""
    what = f"Thêm tài khoản {account.login}, vai trò {roles.role_words(role, place)}"
    unit_id = place.id if place else None
    note_act(db, "account.open", what, by=by.name, now=now, account_id=by.account_id, unit_id=unit_id)


def disable_account(db: Session, login: str, now: datetime, by: Actor = _COMMAND_LINE) -> int:
    """Disable an account, end its sessions, take back its invitations; return how many sessions ended.

    Raises AccountRefused when there is none, or when it is the last administrator.
    """
    account = _by_login(db, login)
    take_turn(db, account.id.bytes)
    if roles.is_last_admin(db, account.id):
        raise AccountRefused("Đây là người quản trị cuối cùng. Thêm người quản trị khác trước.")
    if _set_disabled(db, account.id, now):
        roles.withdraw_invitations_of(db, account.id, now)
        what = f"Khóa tài khoản {account.login}"
        note_act(db, "account.disable", what, by=by.name, now=now, account_id=by.account_id)
    return sessions.sign_out_everywhere(db, account.id)


def enable_account(db: Session, login: str, now: datetime, by: Actor = _COMMAND_LINE) -> None:
    """Let a disabled account sign in again, with the roles it has. Raises AccountRefused."""
    account = _by_login(db, login)
    if _set_disabled(db, account.id, None):
        what = f"Mở lại tài khoản {account.login}"
        note_act(db, "account.enable", what, by=by.name, now=now, account_id=by.account_id)


def set_password(db: Session, login: str, password: str, now: datetime, by: Actor = _COMMAND_LINE) -> int:
    """Give an account a new password and sign it out everywhere; return how many sessions ended.

    Raises AccountRefused or passwords.PasswordRefused.
    """
    account = _by_login(db, login)
    strong = passwords.check_strength(password, account.login, account.display_name)
    change_password(db, account.id, account.password_hash, passwords.hash_password(strong))
    what = f"Đặt lại mật khẩu của {account.login}"
    note_act(db, "account.password", what, by=by.name, now=now, account_id=by.account_id)
    return sessions.sign_out_everywhere(db, account.id)


@unscoped("the current password, or the command line, is the right to the account")
def change_password(db: Session, account_id: uuid.UUID, old_hash: str, new_hash: str) -> bool:
    """Replace a password hash; return False when it is no longer the one that was checked."""
    change = update(Account).where(_account.c.id == account_id, _account.c.password_hash == old_hash)
    return db.connection().execute(change.values(password_hash=new_hash)).rowcount == 1


@unscoped("the account ends its own sessions")
def sign_out_of(db: Session, account_id: uuid.UUID, session_ids: list[uuid.UUID]) -> int:
    """Take an account out of some of its sessions; return how many.

    Where the account's own person was learning, that ends too; what others learned there stays.
    """
    own = select(_account.c.person_id).where(_account.c.id == account_id).scalar_subquery()
    mine = select(_claim.c.learner_id).where(_claim.c.undone_at.is_(None), _claim.c.person_id == own)
    these = (_session.c.id.in_(session_ids)) & (_session.c.account_id == account_id)
    learning = update(BrowserSession).where(these, _session.c.learner_id.in_(mine))
    db.connection().execute(learning.values(learner_id=None, partner_id=None))
    change = update(BrowserSession).where(these).values(account_id=None, account_until=None)
    return db.connection().execute(change).rowcount


@unscoped("names the person that the account's own owner is")
def set_person(db: Session, account_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Say which person an account is; return False when that was said before."""
    change = update(Account).where(_account.c.id == account_id, _account.c.person_id.is_(None))
    return db.connection().execute(change.values(person_id=person_id)).rowcount == 1


@unscoped("the password is the right to the account")
def credentials(db: Session, login: str) -> tuple[uuid.UUID, str] | None:
    """Return the id and password hash of an account that is not disabled, or None."""
    row = db.connection().execute(_CREDENTIALS, {"login": login_key(login)}).one_or_none()
    return (row.id, row.password_hash) if row else None


@unscoped("the caller administers accounts")
def _by_login(db: Session, login: str) -> Row[Any]:
    found = db.execute(select(_account).where(_account.c.login == login_key(login))).one_or_none()
    if found is None:
        raise AccountRefused(f"Không có tài khoản “{login}”.")
    return found


@unscoped("the caller administers accounts")
def _set_disabled(db: Session, account_id: uuid.UUID, at: datetime | None) -> bool:
    standing = _account.c.disabled_at.is_not(None) if at is None else _account.c.disabled_at.is_(None)
    change = update(Account).where(_account.c.id == account_id, standing).values(disabled_at=at)
    return db.connection().execute(change).rowcount == 1
