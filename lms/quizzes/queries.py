"""Papers and results, each in one statement."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion

_attempt, _paper = Attempt.__table__, PaperQuestion.__table__
_answer, _hand_in = Answer.__table__, HandIn.__table__
_claim = Claim.__table__

# A missing learner or person is bound as NULL, which equals nothing.
_OWN = or_(
    _attempt.c.learner_id == bindparam("learner"),
    _attempt.c.learner_id.in_(
        select(_claim.c.learner_id).where(
            _claim.c.person_id == bindparam("person"), _claim.c.undone_at.is_(None)
        )
    ),
)
_PAPER = (
    select(
        _attempt.c.id,
        _attempt.c.module_id,
        _attempt.c.number,
        _attempt.c.out_of,
        _attempt.c.pass_percent,
        _attempt.c.mode,
        _paper.c.position,
        _paper.c.question_id,
        _paper.c.edition_id,
        _paper.c.choice_order,
        _answer.c.choice,
        _hand_in.c.points,
        _hand_in.c.passed,
        _hand_in.c.at.label("ended_at"),
    )
    .select_from(
        _attempt.join(_paper, _paper.c.attempt_id == _attempt.c.id)
        .outerjoin(
            _answer,
            (_answer.c.attempt_id == _attempt.c.id) & (_answer.c.question_id == _paper.c.question_id),
        )
        .outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
    )
    .where(_attempt.c.code == bindparam("code"), _OWN)
    .order_by(_paper.c.position)
)
_OPEN = (
    select(_attempt.c.code)
    .select_from(_attempt.outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id))
    # “|| ''” keeps the planner from the modules' index, which holds everybody's attempts.
    .where(_attempt.c.module_id.concat("") == bindparam("module"), _hand_in.c.at.is_(None), _OWN)
    .order_by(_attempt.c.started_at)
    .limit(1)
)


@dataclass(frozen=True)
class PaperRow:
    """A question of a paper, and the choice made, if any."""

    position: int
    question_id: str
    edition_id: str
    choice_order: tuple[str, ...]
    choice: str | None


@dataclass(frozen=True)
class OpenPaper:
    """An attempt with its paper and what has been answered."""

    attempt_id: uuid.UUID
    module_id: str
    number: int
    pass_percent: int
    mode: str
    rows: tuple[PaperRow, ...]
    points: int | None
    passed: bool | None
    ended_at: datetime | None

    @property
    def is_complete(self) -> bool:
        """Tell whether every question has its answer."""
        return all(row.choice is not None for row in self.rows)

    @property
    def next_position(self) -> int | None:
        """Return the first question without an answer, or None."""
        return next((row.position for row in self.rows if row.choice is None), None)

    def at(self, position: int) -> PaperRow | None:
        """Return the question at a position, from 1, or None."""
        return self.rows[position - 1] if 1 <= position <= len(self.rows) else None

    def answered(self, position: int, choice: str) -> "OpenPaper":
        """Return this paper with one more answer."""
        rows = tuple(replace(row, choice=choice) if row.position == position else row for row in self.rows)
        return replace(self, rows=rows)


@unscoped("takes the learner and person of the viewer's own session")
def paper_by_code(
    db: Session, code: str, learner: uuid.UUID | None, person: uuid.UUID | None
) -> OpenPaper | None:
    """Return the viewer's attempt with this code, or None. One statement."""
    rows = db.connection().execute(_PAPER, {"code": code, "learner": learner, "person": person}).all()
    if not rows:
        return None
    first = rows[0]
    return OpenPaper(
        attempt_id=first.id,
        module_id=first.module_id,
        number=first.number,
        pass_percent=first.pass_percent,
        mode=first.mode,
        rows=tuple(
            PaperRow(r.position, r.question_id, r.edition_id, tuple(r.choice_order.split(",")), r.choice)
            for r in rows
        ),
        points=first.points,
        passed=first.passed,
        ended_at=first.ended_at,
    )


@unscoped("takes the learner and person of the viewer's own session")
def open_attempt(
    db: Session, learner: uuid.UUID | None, person: uuid.UUID | None, module_id: str
) -> str | None:
    """Return the code of an attempt at a module that the learner, or the person, has not handed in."""
    whose = {"learner": learner, "person": person, "module": module_id}
    return db.connection().execute(_OPEN, whose).scalars().first()


@unscoped("takes the learner of the viewer's own session")
def has_started_anything(db: Session, learner: uuid.UUID) -> bool:
    """Tell whether a learner has begun any check."""
    rows = select(_attempt.c.id).where(_attempt.c.learner_id == learner).limit(1)
    return db.connection().execute(rows).first() is not None
