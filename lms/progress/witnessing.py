"""Checks that were passed and wait for a witness: who passed, by which learner, at which level."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim
from lms.progress.models import WITNESSED, ItemCompletion

_completion, _claim = ItemCompletion.__table__, Claim.__table__
_HELD = (
    select(
        _claim.c.person_id,
        _completion.c.item_id,
        _completion.c.learner_id,
        _completion.c.at,
        _completion.c.level,
        _completion.c.mode,
    )
    .join(_completion, _completion.c.learner_id == _claim.c.learner_id)
    .where(
        _claim.c.person_id.in_(bindparam("people", expanding=True)),
        _claim.c.undone_at.is_(None),
        # Not by the item's index, which holds everybody: from the people on.
        _completion.c.item_id.concat("").in_(bindparam("checks", expanding=True)),
    )
    .order_by(_completion.c.level, _completion.c.at.desc())
)


@dataclass(frozen=True)
class Pass:
    """A check that somebody passed: by which of their learners, when and how; the best one."""

    learner_id: uuid.UUID
    at: datetime
    level: int
    mode: str

    @property
    def is_witnessed(self) -> bool:
        """Tell whether somebody saw it done."""
        return self.level >= WITNESSED


@unscoped("the caller has found these people within its own scope")
def passes(
    db: Session, people: Collection[uuid.UUID], checks: Collection[str]
) -> dict[tuple[uuid.UUID, str], Pass]:
    """Return the best pass of each check by each person: highest level, then earliest. One statement."""
    if not people or not checks:
        return {}
    rows = db.connection().execute(_HELD, {"people": list(people), "checks": list(checks)})
    return {(row.person_id, row.item_id): Pass(row.learner_id, row.at, row.level, row.mode) for row in rows}
