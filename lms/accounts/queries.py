"""Who has an account, for those who run the site."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import Account, RoleGrant


@dataclass(frozen=True)
class Holder:
    """An account with the roles it holds now."""

    login: str
    display_name: str
    roles: tuple[str, ...]
    made_at: datetime
    disabled_at: datetime | None


def holders(db: Session) -> list[Holder]:
    """Return the accounts the viewer sees, by login."""
    grants = db.execute(select(RoleGrant.account_id, RoleGrant.role).where(RoleGrant.revoked_at.is_(None)))
    roles: dict[object, set[str]] = {}
    for grant in grants:
        roles.setdefault(grant.account_id, set()).add(grant.role)
    return [
        Holder(a.login, a.display_name, tuple(sorted(roles.get(a.id, ()))), a.made_at, a.disabled_at)
        for a in db.scalars(select(Account).order_by(Account.login))
    ]
