"""Whether a check was passed without help: helped work is never witnessed (level 1 at most)."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Module
from lms.db import unscoped
from lms.people.models import Claim
from lms.progress.actions import Doer, witness_check
from lms.progress.models import ItemCompletion
from lms.quizzes.models import Attempt, HandIn, MarkChange

_attempt, _hand_in, _claim = Attempt.__table__, HandIn.__table__, Claim.__table__
_done, _mark = ItemCompletion.__table__, MarkChange.__table__
HELPED = "assisted"


@unscoped("the caller has found these people within its own scope")
def passed_alone(
    db: Session, people: Collection[uuid.UUID], modules: Collection[str]
) -> set[tuple[uuid.UUID, str]]:
    """Return who passed the check of which module by themselves, as (person, module). One statement.

    A check begun alone to which a second pupil came is no one's own. A pass by a later mark counts too.
    """
    helped_later = exists().where(
        _done.c.learner_id == _attempt.c.learner_id,
        _done.c.attempt_id == _attempt.c.id,
        _done.c.mode == HELPED,
    )
    passed_later = exists().where(_mark.c.attempt_id == _attempt.c.id, _mark.c.passed)
    rows = (
        select(_claim.c.person_id, _attempt.c.module_id)
        .join(_attempt, _attempt.c.learner_id == _claim.c.learner_id)
        .join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
        .where(
            _claim.c.person_id.in_(people),
            _claim.c.undone_at.is_(None),
            _attempt.c.module_id.in_(modules),
            _attempt.c.mode != HELPED,
            ~helped_later,
            or_(_hand_in.c.passed, passed_later),
        )
    )
    return {(row.person_id, row.module_id) for row in db.execute(rows)} if people and modules else set()


def witness_own_check(db: Session, doer: Doer, module: Module, witness_id: uuid.UUID, now: datetime) -> bool:
    """Note a check as done before a witness, if its person passed it alone; return whether that was new."""
    if doer.person_id is None or (doer.person_id, module.id) not in passed_alone(
        db, [doer.person_id], [module.id]
    ):
        return False
    return witness_check(db, doer, module, witness_id, now)
