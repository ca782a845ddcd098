"""Opening, checking and disabling accounts."""

import uuid
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lms.accounts import passwords, sessions
from lms.accounts.models import ROLES, Account, RoleGrant
from lms.db import new_id, unscoped
from lms.vietnamese import nfc

_account = Account.__table__
_CREDENTIALS = select(_account.c.id, _account.c.password_hash).where(
    _account.c.login == bindparam("login"), _account.c.disabled_at.is_(None)
)


class AccountRefused(ValueError):
    """The account cannot be opened or changed; the message says why."""


def login_key(typed: str) -> str:
    """Return a login as it is stored and compared: NFC, lower case, no spaces."""
    return "".join(nfc(typed).casefold().split())


def open_account(
    db: Session,
    login: str,
    display_name: str,
    password: str,
    role: str,
    now: datetime,
    unit: uuid.UUID | None = None,
) -> Account:
    """Open an account with a role. Raises AccountRefused or passwords.PasswordRefused."""
    key = login_key(login)
    if not key:
        raise AccountRefused("Chưa có tên đăng nhập.")
    if role not in ROLES:
        raise AccountRefused(f"Không có vai trò “{role}”. Các vai trò: {', '.join(ROLES)}.")
    if db.scalar(select(Account.id).where(Account.login == key)):
        raise AccountRefused(f"Tên đăng nhập “{key}” đã có người dùng. Chọn tên khác.")
    strong = passwords.check_strength(password, key, display_name)
    account = Account(
        id=new_id(),
        login=key,
        display_name=nfc(display_name).strip() or key,
        password_hash=passwords.hash_password(strong),
        made_at=now,
    )
    db.add(account)
    db.flush()
    db.add(RoleGrant(id=new_id(), account_id=account.id, role=role, unit_id=unit, granted_at=now))
    db.flush()
    return account


def disable_account(db: Session, login: str, now: datetime) -> int:
    """Disable an account and end its sessions; return how many ended.

    Raises AccountRefused when there is none, or when it is the last administrator.
    """
    account = db.scalars(select(Account).where(Account.login == login_key(login))).one_or_none()
    if account is None:
        raise AccountRefused(f"Không có tài khoản “{login}”.")
    if account.disabled_at is None and _is_last_admin(db, account):
        raise AccountRefused("Đây là người quản trị cuối cùng. Thêm người quản trị khác trước.")
    account.disabled_at = account.disabled_at or now
    db.flush()
    return sessions.sign_out_everywhere(db, account.id)


def _is_last_admin(db: Session, account: Account) -> bool:
    admins = (
        select(func.count(func.distinct(Account.id)))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == "admin", RoleGrant.revoked_at.is_(None), Account.disabled_at.is_(None))
    )
    here = admins.where(Account.id == account.id)
    return db.scalar(here) == 1 and db.scalar(admins) == 1


@unscoped("the password is the right to the account")
def credentials(db: Session, login: str) -> tuple[uuid.UUID, str] | None:
    """Return the id and password hash of an account that is not disabled, or None."""
    row = db.connection().execute(_CREDENTIALS, {"login": login_key(login)}).one_or_none()
    return (row.id, row.password_hash) if row else None
