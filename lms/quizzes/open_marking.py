"""A person marks an open answer with the criteria of its question; the mark of the paper follows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Question
from lms.certificates.actions import Issuer
from lms.db import insert_once, new_id, take_turn, unscoped
from lms.progress.actions import Doer
from lms.quizzes.actions import settle_pass
from lms.quizzes.mark_changes import Standing, hold_marks, row_after, standings
from lms.quizzes.marking import judged_by, mark, rubric_of
from lms.quizzes.models import MarkChange, RubricMark
from lms.quizzes.queries import OpenPaper, paper_by_id

REASON = "Thầy cô chấm câu trả lời viết."
_rubric = RubricMark.__table__


class PointsRefused(ValueError):
    """The points do not fit the criteria; `problems` are (key of a criterion, sentence with the cure)."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        """Remember what is wrong."""
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True)
class Marker:
    """Who marks: the name that is kept with the mark, the account, and whose account it is."""

    name: str
    account_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None

    def wrote(self, doer: Doer) -> bool:
        """Tell whether the marker is who wrote an answer."""
        return self.person_id is not None and self.person_id == doer.person_id


@dataclass(frozen=True)
class Marked:
    """What became of a mark: kept, or held up by somebody else's; whether the paper is passed by it now."""

    is_kept: bool = True
    is_conflict: bool = False
    is_new_pass: bool = False


def mark_open(
    db: Session,
    doer: Doer,
    attempt_id: uuid.UUID,
    question_id: str,
    points: Mapping[str, int],
    seen: int,
    marker: Marker,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Marked | None:
    """Mark an open answer of a paper that was handed in; a later mark takes an earlier one's place.

    `doer` is who wrote it. `seen` is how many marks of this answer the marker had seen: of two teachers
    at once the second one learns of the first one's. The same points again change nothing. What was
    passed stays passed; a paper that is passed by it settles what it earns. None when there is no such
    answer, the paper is open, its question was dropped, or the marker wrote it. Raises PointsRefused.
    """
    take_turn(db, doer.key)
    paper = paper_by_id(db, attempt_id, doer.person_id)
    question = open_question(db, paper, question_id, catalogue) if paper else None
    if paper is None or question is None or paper.ended_at is None or marker.wrote(doer):
        return None
    refuse_points(question, points)
    hold_marks(db, [attempt_id])
    if rubric_of(db, attempt_id).get(question_id) == dict(points):
        return Marked(is_kept=False)
    if marks_of_answer(db, attempt_id, question_id) != seen:
        return Marked(is_kept=False, is_conflict=True)
    insert_once(
        db,
        RubricMark,
        id=new_id(),
        attempt_id=attempt_id,
        question_id=question_id,
        points=",".join(f"{key}={points[key]}" for key in sorted(points)),
        at=now,
        by=marker.name,
        account_id=marker.account_id,
    )
    return _follow(db, doer, paper, marker, catalogue, issuer, now)


def open_question(db: Session, paper: OpenPaper, question_id: str, catalogue: Catalogue) -> Question | None:
    """Return the edition by whose criteria an open answer of a paper is marked, or None."""
    row = next((row for row in paper.rows if row.question_id == question_id), None)
    if row is None or row.choice is None:
        return None
    found = judged_by(db, row.edition_id, catalogue)
    return found if found is not None and found.kind == "open" else None


def refuse_points(question: Question, points: Mapping[str, int]) -> None:
    """Raise PointsRefused unless each criterion of a question, and nothing else, has its points."""
    problems = []
    for line in question.lines:
        given = points.get(line.key)
        if given is None:
            problems.append((line.key, "Ý này chưa cho điểm. Chọn một mức."))
        elif not 0 <= given <= int(line.mark):
            problems.append((line.key, f"Ý này cho từ 0 đến {line.mark} điểm."))
    known = {line.key for line in question.lines}
    problems.extend((key, "Câu hỏi không có ý này. Mở lại trang rồi chấm.") for key in points.keys() - known)
    if problems:
        raise PointsRefused(tuple(problems))


@unscoped("the caller has found the attempt within its own scope")
def marks_of_answer(db: Session, attempt_id: uuid.UUID, question_id: str) -> int:
    """Return how often an open answer was marked."""
    rows = (
        select(func.count())
        .select_from(_rubric)
        .where(_rubric.c.attempt_id == attempt_id, _rubric.c.question_id == question_id)
    )
    return db.connection().execute(rows).scalar_one()


def _follow(
    db: Session,
    doer: Doer,
    paper: OpenPaper,
    marker: Marker,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Marked:
    """Let the mark of a paper follow the points of its open answers; settle it when it is passed by them."""
    score, was = mark(db, paper, catalogue), standings(db, [paper.attempt_id])[paper.attempt_id]
    reaches = score.passes(paper.pass_percent)
    if (score.points, Fraction(score.out_of)) != _points(was) or (reaches and not was.passed):
        row = row_after(was, score.parts, passed=was.passed or reaches, now=now)
        insert_once(db, MarkChange, **row, regrade_id=None, by=marker.name, reason=REASON)
    if not reaches or was.passed:
        return Marked()
    settle_pass(db, doer, paper, catalogue, issuer, now)
    return Marked(is_new_pass=True)


def _points(was: Standing) -> tuple[Fraction, Fraction]:
    return Fraction(was.points, was.scale), Fraction(was.out_of, was.scale)
