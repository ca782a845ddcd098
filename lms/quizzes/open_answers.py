"""Answers in a pupil's own words that wait for a person to mark them, without the pupil's name."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.db import unscoped
from lms.people.models import Claim
from lms.quizzes.marking import points_of
from lms.quizzes.models import AnswerText, Attempt, HandIn, PaperQuestion, RubricMark, Sitting

LISTED = 60
"""Questions of sittings on one screen, the newest first."""
_sitting, _attempt, _hand_in = Sitting.__table__, Attempt.__table__, HandIn.__table__
_text, _rubric, _paper = AnswerText.__table__, RubricMark.__table__, PaperQuestion.__table__
_claim = Claim.__table__


@dataclass(frozen=True)
class ToMark:
    """A question of a sitting that was answered in words: by how many, and how many are marked."""

    sitting_ref: str
    module_id: str
    opened_at: datetime
    question_id: str
    answers: int
    marked: int


@dataclass(frozen=True)
class OpenAnswer:
    """Somebody's words; `marks` counts how often it was marked, `points` are the last ones."""

    attempt_id: uuid.UUID
    learner_id: uuid.UUID
    person_id: uuid.UUID | None
    edition_id: str
    text: str
    points: dict[str, int] | None
    marks: int


@unscoped("the caller has found the class within its own scope")
def questions_to_mark(db: Session, unit_id: uuid.UUID, open_questions: Collection[str]) -> list[ToMark]:
    """Return what a class wrote in its sittings, question by question, the newest first. One statement.

    `open_questions` are the ids of the questions that a person marks. Papers still open are not there.
    """
    if not open_questions:
        return []
    marked = (_rubric.c.attempt_id == _text.c.attempt_id) & (_rubric.c.question_id == _text.c.question_id)
    rows = (
        select(
            _sitting.c.ref,
            _sitting.c.module_id,
            _sitting.c.opened_at,
            _text.c.question_id,
            func.count(func.distinct(_text.c.attempt_id)),
            func.count(func.distinct(_rubric.c.attempt_id)),
        )
        .select_from(
            _sitting.join(_attempt, _attempt.c.sitting_id == _sitting.c.id)
            .join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
            .join(_text, _text.c.attempt_id == _attempt.c.id)
            .outerjoin(_rubric, marked)
        )
        .where(_sitting.c.unit_id == unit_id, _text.c.question_id.in_(open_questions))
        .group_by(_sitting.c.id, _text.c.question_id)
        .order_by(_sitting.c.opened_at.desc(), _sitting.c.id, _text.c.question_id)
        .limit(LISTED)
    )
    return [ToMark(*row) for row in db.connection().execute(rows)]


@unscoped("the caller has found the sitting within its own scope")
def open_answers(db: Session, sitting_id: uuid.UUID, question_id: str) -> list[OpenAnswer]:
    """Return what was written in a sitting to one question, in papers handed in. Two statements."""
    paper = (_paper.c.attempt_id == _text.c.attempt_id) & (_paper.c.question_id == _text.c.question_id)
    rows = (
        select(_attempt.c.id, _attempt.c.learner_id, _claim.c.person_id, _paper.c.edition_id, _text.c.text)
        .select_from(
            _text.join(_attempt, _attempt.c.id == _text.c.attempt_id)
            .join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
            .join(_paper, paper)
            .outerjoin(_claim, (_claim.c.learner_id == _attempt.c.learner_id) & _claim.c.undone_at.is_(None))
        )
        .where(_attempt.c.sitting_id == sitting_id, _text.c.question_id == question_id)
        .order_by(_text.c.revision)
    )
    # Words that were changed come once for each answer, the last ones last.
    written = {row.id: row for row in db.connection().execute(rows)}
    marks = _marks(db, written.keys(), question_id)
    return [_open_answer(row, marks.get(key, [])) for key, row in written.items()]


@unscoped("the caller has found these attempts within its own scope")
def _marks(db: Session, attempts: Collection[uuid.UUID], question_id: str) -> dict[uuid.UUID, list[str]]:
    rows = (
        select(_rubric.c.attempt_id, _rubric.c.points)
        .where(_rubric.c.attempt_id.in_(list(attempts)), _rubric.c.question_id == question_id)
        .order_by(_rubric.c.at, _rubric.c.id)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for row in db.connection().execute(rows):
        found.setdefault(row.attempt_id, []).append(row.points)
    return found


def _open_answer(row: Any, marks: list[str]) -> OpenAnswer:
    points = points_of(marks[-1]) if marks else None
    return OpenAnswer(row.id, row.learner_id, row.person_id, row.edition_id, row.text, points, len(marks))
