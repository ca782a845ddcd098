"""What a learner, and the person behind, has completed."""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim
from lms.progress.models import SELF_PACED, ItemCompletion
from lms.progress.rules import Done

_completion, _claim = ItemCompletion.__table__, Claim.__table__
_DONE = (
    select(
        _completion.c.item_id,
        _completion.c.at,
        _completion.c.level,
        _completion.c.mode,
        _claim.c.at.label("claimed_at"),
    )
    .select_from(
        _completion.outerjoin(
            _claim, (_claim.c.learner_id == _completion.c.learner_id) & _claim.c.undone_at.is_(None)
        )
    )
    # A missing learner or person is bound as NULL, which equals nothing.
    .where(or_(_completion.c.learner_id == bindparam("learner"), _claim.c.person_id == bindparam("person")))
    .order_by(_completion.c.at)
)
_DONE_AMONG = _DONE.where(_completion.c.item_id.in_(bindparam("items", expanding=True)))


@unscoped("takes the learner and person of the viewer's own session")
def done_items(
    db: Session, learner: uuid.UUID | None, person: uuid.UUID | None, items: Iterable[str] | None = None
) -> dict[str, Done]:
    """Return the best completion of each item, by a learner or any learner of a person. One statement.

    A named person's evidence counts from the later of completion and claim, and is level 1 at least.
    """
    whose: dict[str, object] = {"learner": learner, "person": person}
    if items is None:
        rows = db.connection().execute(_DONE, whose)
    else:
        rows = db.connection().execute(_DONE_AMONG, whose | {"items": list(items)})
    done: dict[str, Done] = {}
    for row in rows:
        level = max(row.level, SELF_PACED) if row.claimed_at else row.level
        at = max(row.at, row.claimed_at) if row.claimed_at else row.at
        held = done.get(row.item_id)
        first_at = min(at, held.first_at) if held else at
        if held is None or level > held.level or (level == held.level and at < held.at):
            done[row.item_id] = Done(first_at, level, row.mode, at)
        elif first_at < held.first_at:
            done[row.item_id] = replace(held, first_at=first_at)
    return done


@unscoped("takes the learner of the viewer's own session")
def has_completed_anything(db: Session, learner: uuid.UUID) -> bool:
    """Tell whether a learner has any completion."""
    rows = select(_completion.c.id).where(_completion.c.learner_id == learner).limit(1)
    return db.connection().execute(rows).first() is not None
