"""Papers and results, each in one statement; a sitting's clock and later marks in one more."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim
from lms.quizzes.models import (
    Answer,
    AnswerChange,
    AnswerText,
    Attempt,
    ExtraMinutes,
    HandIn,
    MarkChange,
    PaperQuestion,
    Sitting,
)

_attempt, _paper = Attempt.__table__, PaperQuestion.__table__
_answer, _change, _text = Answer.__table__, AnswerChange.__table__, AnswerText.__table__
_hand_in, _mark = HandIn.__table__, MarkChange.__table__
_sitting, _extra = Sitting.__table__, ExtraMinutes.__table__
_claim = Claim.__table__

# A missing learner or person is bound as NULL, which equals nothing.
OWN = or_(
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
        _attempt.c.learner_id,
        _attempt.c.module_id,
        _attempt.c.number,
        _attempt.c.pass_percent,
        _attempt.c.mode,
        _attempt.c.sitting_id,
        _attempt.c.witness_id,
        _attempt.c.closes_at,
        _paper.c.position,
        _paper.c.question_id,
        _paper.c.edition_id,
        _paper.c.choice_order,
        _answer.c.choice,
        _change.c.revision,
        _change.c.choice.label("changed_to"),
        _hand_in.c.points,
        _hand_in.c.out_of,
        _hand_in.c.scale,
        _hand_in.c.passed,
        _hand_in.c.at.label("ended_at"),
    )
    .select_from(
        _attempt.join(_paper, _paper.c.attempt_id == _attempt.c.id)
        .outerjoin(
            _answer,
            (_answer.c.attempt_id == _attempt.c.id) & (_answer.c.question_id == _paper.c.question_id),
        )
        .outerjoin(
            _change,
            (_change.c.attempt_id == _attempt.c.id) & (_change.c.question_id == _paper.c.question_id),
        )
        .outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
    )
    .order_by(_paper.c.position, _change.c.revision)
)
_PAPER_BY_CODE = _PAPER.where(_attempt.c.code == bindparam("code"), OWN)
_PAPER_BY_ID = _PAPER.where(_attempt.c.id == bindparam("attempt"))
_CLOCK = (
    select(_sitting.c.closed_at, _extra.c.minutes)
    .outerjoin(_extra, (_extra.c.sitting_id == _sitting.c.id) & (_extra.c.person_id == bindparam("person")))
    .where(_sitting.c.id == bindparam("sitting"))
)
_OPEN = (
    select(_attempt.c.code)
    .select_from(_attempt.outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id))
    # “|| ''” keeps the planner from the modules' index, which holds everybody's attempts.
    .where(
        _attempt.c.module_id.concat("") == bindparam("module"),
        _hand_in.c.at.is_(None),
        _attempt.c.sitting_id.is_(None),
        OWN,
    )
    .order_by(_attempt.c.started_at)
    .limit(1)
)
PAST_ROWS = 60
"""Of how many questions answered last the next paper is drawn: a few attempts, however many there were."""
_PAST = (
    select(
        _attempt.c.id,
        _hand_in.c.at,
        _paper.c.question_id,
        _paper.c.edition_id,
        _answer.c.choice,
    )
    .select_from(
        _attempt.join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
        .join(_paper, _paper.c.attempt_id == _attempt.c.id)
        .outerjoin(
            _answer,
            (_answer.c.attempt_id == _attempt.c.id) & (_answer.c.question_id == _paper.c.question_id),
        )
    )
    .where(
        _attempt.c.module_id.concat("") == bindparam("module"),
        _attempt.c.sitting_id.is_(None),
        _attempt.c.mode != "paper",
        OWN,
    )
    .order_by(_hand_in.c.at.desc(), _attempt.c.id)
    .limit(PAST_ROWS)
)
_TRIES = (
    select(func.count())
    .select_from(_attempt.join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id))
    .where(
        _attempt.c.module_id.concat("") == bindparam("module"),
        _attempt.c.sitting_id.is_(None),
        _attempt.c.mode != "paper",
        OWN,
    )
)


@dataclass(frozen=True)
class PaperRow:
    """A question of a paper, and what was answered last, if anything; `revision` counts the answers."""

    position: int
    question_id: str
    edition_id: str
    choice_order: tuple[str, ...]
    choice: str | None
    revision: int = 0


@dataclass(frozen=True)
class OpenPaper:
    """An attempt with its paper, what has been answered, and its mark as handed in.

    `points` and `out_of` count in parts of `scale` a question. `closes_at` is set in a sitting only.
    """

    attempt_id: uuid.UUID
    learner_id: uuid.UUID
    module_id: str
    number: int
    pass_percent: int
    mode: str
    rows: tuple[PaperRow, ...]
    points: int | None
    out_of: int | None
    scale: int | None
    passed: bool | None
    ended_at: datetime | None
    sitting_id: uuid.UUID | None = None
    witness_id: uuid.UUID | None = None
    closes_at: datetime | None = None

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

    def is_over(self, now: datetime) -> bool:
        """Tell whether no more answers are taken: handed in, or past the time of the sitting."""
        return self.ended_at is not None or (self.closes_at is not None and now > self.closes_at)

    def answered(self, position: int, choice: str) -> "OpenPaper":
        """Return this paper with one more answer."""
        rows = tuple(
            replace(row, choice=choice, revision=row.revision + 1) if row.position == position else row
            for row in self.rows
        )
        return replace(self, rows=rows)


@unscoped("takes the learner and person of the viewer's own session")
def paper_by_code(
    db: Session, code: str, learner: uuid.UUID | None, person: uuid.UUID | None
) -> OpenPaper | None:
    """Return the viewer's attempt with this code, or None. One statement; two in a sitting."""
    whose = {"code": code, "learner": learner, "person": person}
    return _assembled(db, db.connection().execute(_PAPER_BY_CODE, whose).all(), person)


@unscoped("the caller has found the attempt within its own scope")
def paper_by_id(db: Session, attempt_id: uuid.UUID, person: uuid.UUID | None = None) -> OpenPaper | None:
    """Return an attempt by its id, with the extra minutes of `person` in a sitting."""
    return _assembled(db, db.connection().execute(_PAPER_BY_ID, {"attempt": attempt_id}).all(), person)


@unscoped("the attempt is the caller's own")
def _assembled(db: Session, rows: Sequence[Any], person: uuid.UUID | None) -> OpenPaper | None:
    if not rows:
        return None
    first = rows[0]
    # A changed question comes once for each revision, the last one last.
    by_position = {row.position: _row(row) for row in rows}
    return OpenPaper(
        attempt_id=first.id,
        learner_id=first.learner_id,
        module_id=first.module_id,
        number=first.number,
        pass_percent=first.pass_percent,
        mode=first.mode,
        rows=tuple(by_position.values()),
        points=first.points,
        out_of=first.out_of,
        scale=first.scale,
        passed=first.passed,
        ended_at=first.ended_at,
        sitting_id=first.sitting_id,
        witness_id=first.witness_id,
        closes_at=_closes_at(db, first, person) if first.sitting_id else None,
    )


def _row(row: Any) -> PaperRow:
    order = tuple(row.choice_order.split(","))
    if row.revision is not None:
        choice, revision = row.changed_to, row.revision
    else:
        choice, revision = row.choice, int(row.choice is not None)
    return PaperRow(row.position, row.question_id, row.edition_id, order, choice, revision)


def ends_at(closes_at: datetime, extra_minutes: int | None, closed_at: datetime | None) -> datetime:
    """Return when a paper's time is over: its own time with the extra minutes, or the sitting's closing."""
    own = closes_at + timedelta(minutes=extra_minutes or 0)
    return own if closed_at is None else min(own, closed_at)


@unscoped("the attempt is the caller's own")
def _closes_at(db: Session, attempt: Any, person: uuid.UUID | None) -> datetime:
    """Return the end of an attempt's time: with the person's extra minutes, no later than the sitting."""
    asked = {"sitting": attempt.sitting_id, "person": person}
    clock = db.connection().execute(_CLOCK, asked).one()
    return ends_at(attempt.closes_at, clock.minutes, clock.closed_at)


@unscoped("the caller has found the attempt within its own scope")
def texts_of(db: Session, attempt_id: uuid.UUID) -> dict[str, str]:
    """Return the words typed last for each question of an attempt; erased ones are missing."""
    rows = (
        select(_text.c.question_id, _text.c.text)
        .where(_text.c.attempt_id == attempt_id)
        .order_by(_text.c.revision)
    )
    return {row.question_id: row.text for row in db.connection().execute(rows)}


@dataclass(frozen=True)
class Mark:
    """What an attempt is worth, and since when; `by` and `reason` of a later mark."""

    points: Fraction
    out_of: Fraction
    passed: bool
    at: datetime
    by: str = ""
    reason: str = ""

    @classmethod
    def of(cls, row: Any) -> "Mark":
        """Return the mark that a row of hand-ins or of later marks holds."""
        said = {name: getattr(row, name, "") for name in ("by", "reason")}
        points, out_of = Fraction(row.points, row.scale), Fraction(row.out_of, row.scale)
        return cls(points, out_of, bool(row.passed), row.at, **said)


@unscoped("the caller has found the attempt within its own scope")
def marks_of(db: Session, attempt_id: uuid.UUID) -> tuple[Mark, ...]:
    """Return every mark of an attempt after its handing-in, oldest first; the last one holds."""
    rows = select(_mark).where(_mark.c.attempt_id == attempt_id).order_by(_mark.c.at, _mark.c.id)
    return tuple(Mark.of(row) for row in db.connection().execute(rows))


def handed_in_mark(paper: OpenPaper) -> Mark | None:
    """Return the mark of a paper at its handing-in; None while it is open."""
    if paper.points is None or paper.out_of is None or paper.ended_at is None:
        return None
    scale = paper.scale or 1
    out_of = Fraction(paper.out_of, scale)
    return Mark(Fraction(paper.points, scale), out_of, bool(paper.passed), paper.ended_at)


@dataclass(frozen=True)
class Past:
    """A question answered in an attempt that was handed in; `choice` is None where nothing was said."""

    attempt_id: uuid.UUID
    ended_at: datetime
    question_id: str
    edition_id: str
    choice: str | None


@unscoped("takes the learner and person of the viewer's own session")
def past_answers(
    db: Session, learner: uuid.UUID | None, person: uuid.UUID | None, module_id: str
) -> tuple[Past, ...]:
    """Return what was answered last, PAST_ROWS at most, in self-paced attempts handed in, oldest first."""
    whose = {"learner": learner, "person": person, "module": module_id}
    rows = db.connection().execute(_PAST, whose).all()
    return tuple(Past(row.id, row.at, row.question_id, row.edition_id, row.choice) for row in reversed(rows))


@unscoped("takes the learner and person of the viewer's own session")
def tries_made(db: Session, learner: uuid.UUID | None, person: uuid.UUID | None, module_id: str) -> int:
    """Return how many self-paced attempts at a module a learner, or the person, has handed in."""
    whose = {"learner": learner, "person": person, "module": module_id}
    return db.connection().execute(_TRIES, whose).scalar_one()


@unscoped("takes the learner and person of the viewer's own session")
def open_attempt(
    db: Session, learner: uuid.UUID | None, person: uuid.UUID | None, module_id: str
) -> str | None:
    """Return the code of a self-paced attempt that the learner, or the person, has not handed in."""
    whose = {"learner": learner, "person": person, "module": module_id}
    return db.connection().execute(_OPEN, whose).scalars().first()


@unscoped("takes the learner of the viewer's own session")
def has_started_anything(db: Session, learner: uuid.UUID) -> bool:
    """Tell whether a learner has begun any check."""
    rows = select(_attempt.c.id).where(_attempt.c.learner_id == learner).limit(1)
    return db.connection().execute(rows).first() is not None
