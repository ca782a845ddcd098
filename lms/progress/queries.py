"""What a learner, and the person behind, has completed."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim
from lms.progress.models import SELF_PACED, ItemCompletion
from lms.progress.rules import Done

_completion, _claim = ItemCompletion.__table__, Claim.__table__
_OWN_LEARNERS = (
    select(_claim.c.learner_id.label("own"))
    .where(_claim.c.person_id == bindparam("person"), _claim.c.undone_at.is_(None))
    .correlate(None)
)
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
    # A missing learner or person is bound as NULL, which equals nothing. Both sides speak of the learner,
    # so that its index answers: of two tables in one “or” every completion would be read.
    .where(or_(_completion.c.learner_id == bindparam("learner"), _completion.c.learner_id.in_(_OWN_LEARNERS)))
    .order_by(_completion.c.at)
)
# “|| ''” keeps the planner from the items' index, which holds everybody: it is to begin at the people.
_DONE_AMONG = _DONE.where(_completion.c.item_id.concat("").in_(bindparam("items", expanding=True)))
_DONE_BY = (
    select(
        _claim.c.person_id,
        _completion.c.item_id,
        _completion.c.at,
        _completion.c.level,
        _completion.c.mode,
        _claim.c.at.label("claimed_at"),
    )
    .join_from(
        _claim,
        _completion,
        (_completion.c.learner_id == _claim.c.learner_id) & _claim.c.undone_at.is_(None),
    )
    .where(
        _claim.c.person_id.in_(bindparam("people", expanding=True)),
        _completion.c.item_id.concat("").in_(bindparam("items", expanding=True)),
    )
    .order_by(_completion.c.at)
)


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
        _add(done, row)
    return done


@unscoped("the caller has found these people within its own scope")
def done_of_people(
    db: Session, people: Collection[uuid.UUID], items: Collection[str]
) -> dict[uuid.UUID, dict[str, Done]]:
    """Return the best completion of each item by each person, as `done_items` does. One statement."""
    rows = db.connection().execute(_DONE_BY, {"people": list(people), "items": list(items)})
    found: dict[uuid.UUID, dict[str, Done]] = {}
    for row in rows:
        _add(found.setdefault(row.person_id, {}), row)
    return found


def _add(done: dict[str, Done], row: Any) -> None:
    """Add one completion to the best ones; the rows come in the order of their moments."""
    level = max(row.level, SELF_PACED) if row.claimed_at else row.level
    at = max(row.at, row.claimed_at) if row.claimed_at else row.at
    held = done.get(row.item_id)
    first_at = min(at, held.first_at) if held else at
    if held is None or level > held.level or (level == held.level and at < held.at):
        done[row.item_id] = Done(first_at, level, row.mode, at)
    elif first_at < held.first_at:
        done[row.item_id] = replace(held, first_at=first_at)


@unscoped("takes the learner of the viewer's own session")
def has_completed_anything(db: Session, learner: uuid.UUID) -> bool:
    """Tell whether a learner has any completion."""
    rows = select(_completion.c.id).where(_completion.c.learner_id == learner).limit(1)
    return db.connection().execute(rows).first() is not None
