"""Sittings as their class sees them: who is in, how far, what each paper is worth."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim, Membership
from lms.quizzes.models import (
    Answer,
    AnswerText,
    Attempt,
    ExtraMinutes,
    HandIn,
    MarkChange,
    RubricMark,
    Sitting,
)
from lms.quizzes.queries import Mark, ends_at

PAGE = 50
LISTED = 30
"""Sittings on one screen, the newest first."""
_sitting, _extra, _attempt = Sitting.__table__, ExtraMinutes.__table__, Attempt.__table__
_hand_in, _mark, _answer = HandIn.__table__, MarkChange.__table__, Answer.__table__
_text, _rubric = AnswerText.__table__, RubricMark.__table__
_member, _claim = Membership.__table__, Claim.__table__


@dataclass(frozen=True)
class SittingRow:
    """A sitting in the list of its class, with how many papers were begun and handed in."""

    ref: str
    module_id: str
    minutes: int
    form: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    begun: int
    handed_in: int


@dataclass(frozen=True)
class Progress:
    """A paper of a sitting; `closes_at` counts the person's extra minutes and the teacher's closing.

    `waiting` is how many of its open answers nobody has marked.
    """

    attempt_id: uuid.UUID
    form: str | None
    answered: int
    questions: int
    closes_at: datetime
    ended_at: datetime | None
    mark: Mark | None
    waiting: int = 0


@dataclass(frozen=True)
class Sat:
    """A pupil of the class, or somebody else of it who came in, with the paper, if there is one."""

    person_id: uuid.UUID
    full_name: str
    is_pupil: bool
    extra: int
    paper: Progress | None

    def state(self, now: datetime) -> str:
        """Return out, doing, late (the time is over, nothing handed in yet) or done."""
        if self.paper is None:
            return "out"
        if self.paper.ended_at is not None:
            return "done"
        return "doing" if now <= self.paper.closes_at else "late"


@unscoped("the caller has found the class within its own scope")
def sittings_of(db: Session, unit_id: uuid.UUID) -> list[SittingRow]:
    """Return the latest sittings of a class, the newest first. One statement."""
    rows = (
        select(
            _sitting.c.ref,
            _sitting.c.module_id,
            _sitting.c.minutes,
            _sitting.c.form,
            _sitting.c.opened_at,
            _sitting.c.closes_at,
            _sitting.c.closed_at,
            func.count(_attempt.c.id),
            func.count(_hand_in.c.attempt_id),
        )
        .outerjoin(_attempt, _attempt.c.sitting_id == _sitting.c.id)
        .outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
        .where(_sitting.c.unit_id == unit_id)
        .group_by(_sitting.c.id)
        .order_by(_sitting.c.opened_at.desc(), _sitting.c.id)
        .limit(LISTED)
    )
    return [SittingRow(*row) for row in db.connection().execute(rows)]


def sitting_in(db: Session, unit_id: uuid.UUID, ref: str) -> Sitting | None:
    """Return a sitting of one class by its ref, within the viewer's scope."""
    return db.scalars(select(Sitting).where(Sitting.unit_id == unit_id, Sitting.ref == ref)).one_or_none()


@unscoped("the caller has found the sitting within its own scope")
def people_in(
    db: Session, sitting: Sitting, on: date, open_questions: Collection[str], page: int = 1
) -> tuple[list[Sat], bool]:
    """Return a page of those who may sit, pupils first and in name order, and whether more follow.

    A pupil of the class on that date is listed always, another member once a paper was begun.
    `open_questions` are the ids of those a person marks. Three statements whatever the class.
    """
    rows = db.connection().execute(_people(sitting, on, page)).all()
    attempts = [row.attempt_id for row in rows if row.attempt_id is not None]
    later, waiting = _last_marks(db, attempts), _waiting(db, attempts, open_questions)
    found = {row.person_id: _sat(row, sitting, later, waiting) for row in rows[:PAGE]}
    return list(found.values()), len(rows) > PAGE


@unscoped("a statement of one sitting, which the caller has found within its own scope")
def _people(sitting: Sitting, on: date, page: int) -> Any:
    own = (_attempt.c.learner_id == _claim.c.learner_id) & (_attempt.c.sitting_id == sitting.id)
    papers = (
        select(_claim.c.person_id, *_attempt.c)
        .join(_attempt, own)
        .where(_claim.c.undone_at.is_(None))
        .subquery()
    )
    answered = (
        select(func.count())
        .select_from(_answer)
        .where(_answer.c.attempt_id == papers.c.id)
        .correlate(papers)
        .scalar_subquery()
    )
    more = (_extra.c.sitting_id == sitting.id) & (_extra.c.person_id == _member.c.person_id)
    return (
        select(
            _member.c.person_id,
            _member.c.full_name,
            _member.c.audience,
            _extra.c.minutes.label("extra"),
            papers.c.id.label("attempt_id"),
            papers.c.form,
            papers.c.closes_at,
            papers.c.out_of.label("questions"),
            answered.label("answered"),
            _hand_in.c.points,
            _hand_in.c.out_of,
            _hand_in.c.scale,
            _hand_in.c.passed,
            _hand_in.c.at,
        )
        .select_from(
            _member.outerjoin(papers, papers.c.person_id == _member.c.person_id)
            .outerjoin(_hand_in, _hand_in.c.attempt_id == papers.c.id)
            .outerjoin(_extra, more)
        )
        .where(
            _member.c.unit_id == sitting.unit_id,
            _member.c.joined_on <= on,
            _member.c.left_on.is_(None) | (_member.c.left_on > on),
            (_member.c.audience == "student") | papers.c.id.is_not(None),
        )
        .order_by(case((_member.c.audience == "student", 0), else_=1), _member.c.sort_key, _member.c.id)
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )


def _sat(row: Any, sitting: Sitting, later: dict[uuid.UUID, Mark], waiting: dict[uuid.UUID, int]) -> Sat:
    extra = row.extra or 0
    paper = None
    if row.attempt_id is not None:
        paper = Progress(
            attempt_id=row.attempt_id,
            form=row.form,
            answered=row.answered,
            questions=row.questions,
            closes_at=ends_at(row.closes_at, extra, sitting.closed_at),
            ended_at=row.at,
            mark=later.get(row.attempt_id) or (Mark.of(row) if row.at else None),
            waiting=waiting.get(row.attempt_id, 0),
        )
    return Sat(row.person_id, row.full_name, row.audience == "student", extra, paper)


@unscoped("the caller has found these attempts within its own scope")
def _last_marks(db: Session, attempts: list[uuid.UUID]) -> dict[uuid.UUID, Mark]:
    """Return the mark that holds of each attempt that was marked again."""
    if not attempts:
        return {}
    rows = select(_mark).where(_mark.c.attempt_id.in_(attempts)).order_by(_mark.c.at, _mark.c.id)
    return {row.attempt_id: Mark.of(row) for row in db.connection().execute(rows)}


@unscoped("the caller has found these attempts within its own scope")
def _waiting(db: Session, attempts: list[uuid.UUID], open_questions: Collection[str]) -> dict[uuid.UUID, int]:
    """Return how many written answers of each attempt nobody has marked."""
    if not attempts or not open_questions:
        return {}
    marked = select(_rubric.c.id).where(
        _rubric.c.attempt_id == _text.c.attempt_id, _rubric.c.question_id == _text.c.question_id
    )
    rows = (
        select(_text.c.attempt_id, func.count(func.distinct(_text.c.question_id)).label("waiting"))
        .where(
            _text.c.attempt_id.in_(attempts),
            _text.c.question_id.in_(open_questions),
            ~marked.exists(),
        )
        .group_by(_text.c.attempt_id)
    )
    return {row.attempt_id: row.waiting for row in db.connection().execute(rows)}


@unscoped("the caller has found the sitting within its own scope")
def papers_in(db: Session, sitting_id: uuid.UUID) -> tuple[int, int]:
    """Return how many papers of a sitting were begun, and how many of them are handed in."""
    rows = (
        select(func.count(_attempt.c.id), func.count(_hand_in.c.attempt_id))
        .select_from(_attempt.outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id))
        .where(_attempt.c.sitting_id == sitting_id)
    )
    begun, handed_in = db.connection().execute(rows).one()
    return begun, handed_in


# ---- the pupil's side ----------------------------------------------------------------------------


@unscoped("the code was typed, or its ref led to, by the viewer, whose membership the caller asks for")
def sitting_named(db: Session, *, code: str = "", ref: str = "") -> Sitting | None:
    """Return the sitting with a code or a ref, open or not, or None."""
    named = _sitting.c.code == code if code else _sitting.c.ref == ref
    row = db.connection().execute(select(_sitting).where(named)).one_or_none()
    return Sitting(**row._mapping) if row else None


@unscoped("the person is the viewer's own")
def is_of_class(db: Session, person_id: uuid.UUID, unit_id: uuid.UUID, on: date) -> bool:
    """Tell whether a person belongs to a class on a date, as whatever."""
    rows = select(_member.c.id).where(
        _member.c.person_id == person_id,
        _member.c.unit_id == unit_id,
        _member.c.joined_on <= on,
        _member.c.left_on.is_(None) | (_member.c.left_on > on),
    )
    return db.connection().execute(rows.limit(1)).first() is not None


@unscoped("the person is the viewer's own")
def own_paper_in(db: Session, sitting_id: uuid.UUID, person_id: uuid.UUID) -> str | None:
    """Return the code of a person's paper in a sitting, or None before it was begun."""
    rows = (
        select(_attempt.c.code)
        .join(_claim, (_claim.c.learner_id == _attempt.c.learner_id) & _claim.c.undone_at.is_(None))
        .where(_attempt.c.sitting_id == sitting_id, _claim.c.person_id == person_id)
    )
    return db.connection().execute(rows.limit(1)).scalar()


@unscoped("the person is the viewer's own")
def minutes_for(db: Session, sitting: Sitting, person_id: uuid.UUID) -> int:
    """Return how many minutes a person has in a sitting, extra ones included."""
    held = select(_extra.c.minutes).where(_extra.c.sitting_id == sitting.id, _extra.c.person_id == person_id)
    return sitting.minutes + (db.connection().execute(held).scalar() or 0)


@unscoped("looks at the sitting of the viewer's own attempt")
def is_still_on(db: Session, sitting_id: uuid.UUID, now: datetime) -> bool:
    """Tell whether somebody may still be answering in a sitting: then its answers are told to nobody."""
    longest = select(func.max(_extra.c.minutes)).where(_extra.c.sitting_id == sitting_id).scalar_subquery()
    rows = select(_sitting.c.closed_at, _sitting.c.closes_at, _sitting.c.minutes, longest.label("extra"))
    found = db.connection().execute(rows.where(_sitting.c.id == sitting_id)).one()
    minutes = timedelta(minutes=found.minutes + (found.extra or 0))
    return found.closed_at is None and now <= found.closes_at + minutes
