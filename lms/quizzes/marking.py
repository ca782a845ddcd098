"""Marking a paper as its answers count now: editions, regrades, open answers that somebody marked."""

import uuid
from collections.abc import Iterable
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Question
from lms.catalog.queries import question_edition, question_editions
from lms.db import unscoped
from lms.quizzes.grading import Score
from lms.quizzes.judging import TYPED, judge, judge_open
from lms.quizzes.models import RubricMark
from lms.quizzes.queries import OpenPaper, PaperRow, texts_of

_rubric = RubricMark.__table__


def edition(db: Session, edition_id: str, catalogue: Catalogue) -> Question:
    """Return an edition of a question: from the catalogue, or an older one from the database."""
    found = catalogue.questions.get(edition_id) or question_edition(db, edition_id)
    if found is None:
        raise LookupError(edition_id)
    return found


def editions(db: Session, edition_ids: Iterable[str], catalogue: Catalogue) -> dict[str, Question]:
    """Return these editions and those that judge them, by id. At most one statement, for older ones."""
    asked = set(edition_ids)
    asked |= {by for key in asked if (by := catalogue.judged.get(key)) is not None}
    offered = {key: catalogue.questions[key] for key in asked if key in catalogue.questions}
    return offered | question_editions(db, sorted(asked - offered.keys()))


def judged_by(db: Session, edition_id: str, catalogue: Catalogue) -> Question | None:
    """Return the edition that judges answers given on this one; None when the question was dropped."""
    by = catalogue.judged.get(edition_id, edition_id)
    return edition(db, by, catalogue) if by is not None else None


def mark(db: Session, paper: OpenPaper, catalogue: Catalogue) -> Score:
    """Mark a paper: each answer by the edition that judges it; a question dropped since counts for nobody.

    A question without an answer earns nothing. An open one earns nothing until somebody has marked it.
    """
    known = editions(db, (row.edition_id for row in paper.rows), catalogue)
    kinds = {known[row.edition_id].kind for row in paper.rows}
    texts = texts_of(db, paper.attempt_id) if kinds.intersection(TYPED) else {}
    rubric = rubric_of(db, paper.attempt_id) if "open" in kinds else {}
    earned = []
    for row in paper.rows:
        by = catalogue.judged.get(row.edition_id, row.edition_id)
        if by is not None:
            earned.append(_earned(row, known[row.edition_id], known[by], texts.get(row.question_id), rubric))
    marked = [points for points in earned if points is not None]
    return Score(sum(marked, Fraction(0)), len(marked))


def _earned(
    row: PaperRow, given: Question, by: Question, text: str | None, rubric: dict[str, dict[str, int]]
) -> Fraction | None:
    if given.kind == "open":
        return judge_open(given, by, rubric.get(row.question_id, {}))
    return judge(given, by, row.choice or "", text)


@unscoped("the caller has found the attempt within its own scope")
def rubric_of(db: Session, attempt_id: uuid.UUID) -> dict[str, dict[str, int]]:
    """Return the points given last to each open answer of an attempt, by criterion."""
    rows = (
        select(_rubric.c.question_id, _rubric.c.points)
        .where(_rubric.c.attempt_id == attempt_id)
        .order_by(_rubric.c.at, _rubric.c.id)
    )
    return {row.question_id: points_of(row.points) for row in db.connection().execute(rows)}


def points_of(written: str) -> dict[str, int]:
    """Return the points by criterion that a rubric mark holds as `a=2,b=0`."""
    pairs = (part.split("=", 1) for part in written.split(",") if "=" in part)
    return {key: int(points) for key, points in pairs}
