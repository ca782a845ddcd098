"""The earlier attempts of a learner at a check, and which of them its mark is shown of."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.quizzes.models import Attempt, HandIn, MarkChange
from lms.quizzes.queries import OWN

_attempt, _hand_in, _mark = Attempt.__table__, HandIn.__table__, MarkChange.__table__
_EARLIER = (
    select(
        _attempt.c.id,
        _attempt.c.code,
        _attempt.c.mode,
        _attempt.c.sitting_id,
        _hand_in.c.points,
        _hand_in.c.out_of,
        _hand_in.c.scale,
        _hand_in.c.passed,
        _hand_in.c.at,
        _mark.c.points.label("new_points"),
        _mark.c.out_of.label("new_out_of"),
        _mark.c.scale.label("new_scale"),
        _mark.c.passed.label("new_passed"),
    )
    .select_from(
        _attempt.join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id).outerjoin(
            _mark, _mark.c.attempt_id == _attempt.c.id
        )
    )
    # “|| ''” keeps the planner from the modules' index, which holds everybody's attempts.
    .where(_attempt.c.module_id.concat("") == bindparam("module"), OWN)
    .order_by(_hand_in.c.at, _attempt.c.id, _mark.c.at, _mark.c.id)
)


@dataclass(frozen=True)
class Earlier:
    """An attempt that was handed in, with the mark that holds now."""

    code: str
    mode: str
    is_sitting: bool
    points: Fraction
    out_of: Fraction
    passed: bool
    ended_at: datetime

    @property
    def share(self) -> Fraction:
        """Return the points as a share; 0 where nothing counts."""
        return self.points / self.out_of if self.out_of else Fraction(0)


@unscoped("takes the learner and person of the viewer's own session")
def earlier_attempts(
    db: Session, learner: uuid.UUID | None, person: uuid.UUID | None, module_id: str
) -> tuple[Earlier, ...]:
    """Return every attempt of the viewer at a module that was handed in, the oldest first. One statement."""
    whose = {"learner": learner, "person": person, "module": module_id}
    # One that was marked again comes once for each mark, the last one last.
    found = {row.id: _earlier(row) for row in db.connection().execute(_EARLIER, whose)}
    return tuple(found.values())


def _earlier(row: Any) -> Earlier:
    is_marked_again = row.new_scale is not None
    points, out_of, scale = (
        (row.new_points, row.new_out_of, row.new_scale)
        if is_marked_again
        else (row.points, row.out_of, row.scale)
    )
    return Earlier(
        code=row.code,
        mode=row.mode,
        is_sitting=row.sitting_id is not None,
        points=Fraction(points, scale),
        out_of=Fraction(out_of, scale),
        passed=bool(row.passed or row.new_passed),
        ended_at=row.at,
    )


def counted(attempts: Sequence[Earlier], counts: str) -> Earlier | None:
    """Return the attempt whose mark is shown: the latest, or the best one, of equal ones the first.

    A pass is better than more points that did not reach one: a regrade may lower the points of a pass.
    """
    if not attempts:
        return None
    return attempts[-1] if counts == "latest" else max(attempts, key=lambda one: (one.passed, one.share))
