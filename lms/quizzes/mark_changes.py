"""The marks that hold, and how they change: read in bulk, appended in bulk, told to the learner."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lms.catalog.models import Regrade
from lms.db import insert_many_once, new_id, unscoped
from lms.quizzes.models import Attempt, HandIn, MarkChange, PaperQuestion, Sitting
from lms.quizzes.rejudging import Ruling, remarked

NEAR = timedelta(minutes=15)
"""Within this time of a decision a mark may have been given by either judging."""
LATE = timedelta(days=3)
"""A paper whose time ran out says when that was; it may be handed in, and marked, that much later."""
TICK = timedelta(microseconds=1)
_attempt, _hand_in, _mark = Attempt.__table__, HandIn.__table__, MarkChange.__table__
_regrade, _paper, _sitting = Regrade.__table__, PaperQuestion.__table__, Sitting.__table__
_later, _mine = _mark.alias("later"), _mark.alias("mine")
_newest = (
    select(_later.c.id)
    .where(_later.c.attempt_id == _hand_in.c.attempt_id)
    .order_by(_later.c.at.desc(), _later.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_first_regrade = (
    select(func.min(_regrade.c.at, type_=_regrade.c.at.type))
    .join(_later, _later.c.regrade_id == _regrade.c.id)
    .where(_later.c.attempt_id == _hand_in.c.attempt_id)
    .scalar_subquery()
)
_last_by_hand = (
    select(func.max(_later.c.at, type_=_later.c.at.type))
    .where(_later.c.attempt_id == _hand_in.c.attempt_id, _later.c.regrade_id.is_(None))
    .scalar_subquery()
)
_STANDING = (
    select(
        _attempt.c.id,
        _attempt.c.learner_id,
        _attempt.c.module_id,
        _attempt.c.pass_percent,
        _attempt.c.mode,
        _attempt.c.witness_id,
        _attempt.c.closes_at,
        _sitting.c.closed_at,
        _hand_in.c.at.label("ended_at"),
        _first_regrade.label("regraded_at"),
        _last_by_hand.label("by_hand_at"),
        _hand_in.c.points.label("first_points"),
        _hand_in.c.out_of.label("first_out_of"),
        _hand_in.c.scale.label("first_scale"),
        _hand_in.c.passed.label("first_passed"),
        _mark.c.points,
        _mark.c.out_of,
        _mark.c.scale,
        _mark.c.passed,
        _mark.c.at.label("marked_at"),
    )
    .select_from(
        _hand_in.join(_attempt, _attempt.c.id == _hand_in.c.attempt_id)
        .outerjoin(_sitting, _sitting.c.id == _attempt.c.sitting_id)
        .outerjoin(_mark, _mark.c.id == _newest)
    )
    .where(_hand_in.c.attempt_id.in_(bindparam("attempts", expanding=True)))
)
_DONE = select(_mine.c.attempt_id).where(
    _mine.c.regrade_id == bindparam("regrade"), _mine.c.attempt_id.in_(bindparam("attempts", expanding=True))
)
_HOLD = (
    select(_hand_in.c.attempt_id)
    .where(_hand_in.c.attempt_id.in_(bindparam("attempts", expanding=True)))
    .order_by(_hand_in.c.attempt_id)
    .with_for_update()
)


@dataclass(frozen=True)
class Standing:
    """The mark of an attempt that holds now; `points` and `out_of` count in parts of `scale` a question."""

    attempt_id: uuid.UUID
    learner_id: uuid.UUID
    module_id: str
    pass_percent: int
    mode: str
    witness_id: uuid.UUID | None
    ended_late: bool
    ended_at: datetime
    points: int
    out_of: int
    scale: int
    passed: bool
    marked_at: datetime
    regraded_at: datetime | None
    by_hand_at: datetime | None

    def may_follow(self, decided_at: datetime) -> bool:
        """Tell whether this mark may have been given after a decision: by a worker, a late end, a person.

        Then the whole paper is marked anew, for adding a difference could add it twice. Marks by regrades
        add differences to what stood, unless the first of them met this doubt already.
        """
        since = min(decided_at, self.regraded_at or decided_at)
        if self.by_hand_at is not None and self.by_hand_at >= since - NEAR:
            return True
        return self.ended_at >= since - (LATE if self.ended_late else NEAR)


@dataclass(frozen=True)
class Change:
    """A mark that becomes another one; what was passed stays passed."""

    was: Standing
    points: int
    out_of: int
    scale: int
    reaches: bool
    """The new points reach the share that passes."""

    @property
    def passed(self) -> bool:
        """Tell whether the attempt is passed afterwards."""
        return self.was.passed or self.reaches

    @property
    def is_new_pass(self) -> bool:
        """Tell whether an attempt that was not passed is passed now."""
        return self.reaches and not self.was.passed

    @property
    def is_kept_pass(self) -> bool:
        """Tell whether a pass stays although the points no longer reach it."""
        return self.was.passed and not self.reaches

    @property
    def direction(self) -> int:
        """Return 1, -1 or 0 as the share of right answers rises, falls or stays."""
        was, is_now = self.was.points * self.out_of, self.points * self.was.out_of
        if not self.out_of or not self.was.out_of:
            return 0
        return (is_now > was) - (is_now < was)


@unscoped("the caller regrades or marks these attempts; no name is read")
def hold_marks(db: Session, attempts: Collection[uuid.UUID]) -> None:
    """Keep others from changing the marks of these attempts until this transaction ends.

    Whoever appends a mark to what stood before calls this, then reads what stands. SQLite's writers take
    turns anyway. The caller has taken the turn of the person before, if it takes one.
    """
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD, {"attempts": list(attempts)}).all()


@unscoped("the caller regrades or marks these attempts; no name is read")
def standings(db: Session, attempts: Collection[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Return the marks of these attempts that hold now. One statement."""
    rows = db.connection().execute(_STANDING, {"attempts": list(attempts)})
    return {row.id: _standing(row) for row in rows}


def _standing(row: Any) -> Standing:
    is_later = row.marked_at is not None
    return Standing(
        attempt_id=row.id,
        learner_id=row.learner_id,
        module_id=row.module_id,
        pass_percent=row.pass_percent,
        mode=row.mode,
        witness_id=row.witness_id,
        ended_late=_ran_out(row),
        ended_at=row.ended_at,
        points=row.points if is_later else row.first_points,
        out_of=row.out_of if is_later else row.first_out_of,
        scale=row.scale if is_later else row.first_scale,
        passed=row.passed if is_later else row.first_passed,
        marked_at=row.marked_at or row.ended_at,
        regraded_at=row.regraded_at,
        by_hand_at=row.by_hand_at,
    )


def _ran_out(row: Any) -> bool:
    """Tell whether a paper was handed in by its time running out, or by its sitting being closed."""
    is_over = row.closes_at is not None and row.ended_at >= row.closes_at
    return bool(is_over or row.ended_at == row.closed_at)


@unscoped("the caller regrades these attempts; no name is read")
def changed_already(db: Session, attempts: Collection[uuid.UUID], regrade: Regrade) -> set[uuid.UUID]:
    """Return which of these attempts a regrade has changed."""
    rows = db.connection().execute(_DONE, {"attempts": list(attempts), "regrade": regrade.id})
    return set(rows.scalars())


def change_of(was: Standing, ruling: Ruling) -> Change:
    """Return what a mark becomes by a ruling."""
    return Change(was, *_remarked(was.points, was.out_of, was.scale, was.pass_percent, ruling))


# Of a hundred thousand marks there are a few dozen different ones.
@lru_cache(10_000)
def _remarked(
    points: int, out_of: int, scale: int, percent: int, ruling: Ruling
) -> tuple[int, int, int, bool]:
    score = remarked(Fraction(points, scale), out_of // scale, ruling)
    return *score.parts, score.passes(percent)


def append(db: Session, changes: Iterable[Change], regrade: Regrade, now: datetime) -> None:
    """Append later marks by a regrade, each after the one it follows; a second time adds nothing."""
    by = {"regrade_id": regrade.id, "by": regrade.by, "reason": regrade.reason}
    rows = [row_after(c.was, (c.points, c.out_of, c.scale), passed=c.passed, now=now) | by for c in changes]
    insert_many_once(db, MarkChange, rows)


def row_after(
    was: Standing, parts: tuple[int, int, int], *, passed: bool, now: datetime
) -> dict[str, object]:
    """Return the row of a mark that follows another one, but for who gave it and why."""
    points, out_of, scale = parts
    return {
        "id": new_id(),
        "attempt_id": was.attempt_id,
        "points": points,
        "out_of": out_of,
        "scale": scale,
        "passed": passed,
        "was_points": was.points,
        "was_out_of": was.out_of,
        "was_scale": was.scale,
        "was_passed": was.passed,
        # A clock that was put back does not put a mark before the one it follows.
        "at": max(now, was.marked_at + TICK),
    }


# ---- what the learner reads -----------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A change of an attempt's mark as its result page tells it.

    `position` is the question's place on the paper, None when a person marked an open answer; points are
    in questions, exact.
    """

    at: datetime
    reason: str
    position: int | None
    is_dropped: bool
    was_points: Fraction
    was_out_of: Fraction
    points: Fraction
    out_of: Fraction
    was_passed: bool
    passed: bool
    direction: int


@unscoped("the caller has found the attempt within its own scope")
def changes_of(db: Session, attempt_id: uuid.UUID) -> tuple[Told, ...]:
    """Return the changes of an attempt's mark, oldest first, for templates/check/_changes.html."""
    same = (_paper.c.attempt_id == _mark.c.attempt_id) & (_paper.c.question_id == _regrade.c.question_id)
    rows = (
        select(_mark, _paper.c.position, _regrade.c.to_edition_id)
        .select_from(_mark.outerjoin(_regrade, _regrade.c.id == _mark.c.regrade_id).outerjoin(_paper, same))
        .where(_mark.c.attempt_id == attempt_id)
        .order_by(_mark.c.at, _mark.c.id)
    )
    return tuple(_told(row) for row in db.connection().execute(rows))


def _told(row: Any) -> Told:
    was = Fraction(row.was_points, row.was_out_of) if row.was_out_of else Fraction(0)
    is_now = Fraction(row.points, row.out_of) if row.out_of else Fraction(0)
    return Told(
        at=row.at,
        reason=row.reason,
        position=row.position,
        is_dropped=row.regrade_id is not None and row.to_edition_id is None,
        was_points=Fraction(row.was_points, row.was_scale),
        was_out_of=Fraction(row.was_out_of, row.was_scale),
        points=Fraction(row.points, row.scale),
        out_of=Fraction(row.out_of, row.scale),
        was_passed=row.was_passed,
        passed=row.passed,
        direction=(is_now > was) - (is_now < was),
    )
