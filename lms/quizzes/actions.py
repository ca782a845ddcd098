"""Starting a check, answering it, handing it in. What was acknowledged is kept, and only once."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Module, Question
from lms.catalog.queries import check_of, question_edition
from lms.certificates.actions import Issuer
from lms.db import insert_once, new_id, take_turn, unscoped
from lms.progress.actions import Doer, Settled, note_pass, pass_check
from lms.quizzes.drawing import draw
from lms.quizzes.grading import Score, grade
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion
from lms.quizzes.queries import OpenPaper, PaperRow, open_attempt, paper_by_code

_RANDOM = secrets.SystemRandom()
_attempts = Attempt.__table__
_LAST = select(func.max(_attempts.c.number)).where(
    _attempts.c.learner_id == bindparam("learner"), _attempts.c.module_id == bindparam("module")
)
_DRAW = insert(PaperQuestion)


class UnknownChoice(ValueError):
    """The choice does not stand on the paper."""


@dataclass(frozen=True)
class Answered:
    """What an answer led to; `score` and `settled` only when it was the last of the paper."""

    paper: OpenPaper
    score: Score | None = None
    settled: Settled | None = None


@unscoped("the learner is that of the viewer's own session")
def start_attempt(db: Session, doer: Doer, module: Module, now: datetime) -> str:
    """Draw a paper and return the attempt's code; an attempt still open is returned as it is."""
    take_turn(db, doer.key)
    under_way = open_attempt(db, doer.learner_id, doer.person_id, module.id)
    if under_way is not None:
        return under_way
    last = db.connection().execute(_LAST, {"learner": doer.learner_id, "module": module.id}).scalar()
    return _draw_attempt(db, doer, module, (last or 0) + 1, now)


@unscoped("the learner is that of the viewer's own session")
def _draw_attempt(db: Session, doer: Doer, module: Module, number: int, now: datetime) -> str:
    paper = draw(module.bank, module.draw, _RANDOM)
    attempt_id, code = new_id(), secrets.token_hex(16)
    made = insert_once(
        db,
        Attempt,
        id=attempt_id,
        code=code,
        learner_id=doer.learner_id,
        module_id=module.id,
        number=number,
        started_at=now,
        out_of=len(paper),
        pass_percent=module.pass_percent,
        language="vi",
        audience="citizen",
        level=doer.level,
        mode=doer.mode,
    )
    if not made:
        # On PostgreSQL two taps may meet here; the first one's paper is the paper.
        table = Attempt.__table__
        same = (table.c.learner_id == doer.learner_id) & (table.c.module_id == module.id)
        found = db.connection().execute(select(table.c.code).where(same & (table.c.number == number)))
        return str(found.scalar_one())
    rows = [
        {
            "attempt_id": attempt_id,
            "position": position,
            "question_id": drawn.question.id,
            "edition_id": drawn.question.edition_id,
            "choice_order": ",".join(drawn.choice_order),
        }
        for position, drawn in enumerate(paper, start=1)
    ]
    db.connection().execute(_DRAW, rows)
    return code


def answer(
    db: Session,
    doer: Doer,
    code: str,
    position: int,
    choice: str,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Answered | None:
    """Keep one answer; the last one hands the paper in, marks it and settles what it earns.

    The first answer to a question stands: the same tap again, or another choice, changes nothing.
    Returns None when the viewer has no such attempt or position. Raises UnknownChoice.
    """
    take_turn(db, doer.key)
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    row = paper.at(position) if paper else None
    if paper is None or row is None:
        return None
    if choice not in row.choice_order:
        raise UnknownChoice(choice)
    if row.choice is None:
        _keep(db, paper, row, choice, now)
        paper = paper.answered(position, choice)
    if paper.ended_at is not None or not paper.is_complete:
        return Answered(paper)
    return _hand_in(db, doer, paper, catalogue, issuer, now)


def _keep(db: Session, paper: OpenPaper, row: PaperRow, choice: str, now: datetime) -> None:
    insert_once(
        db,
        Answer,
        attempt_id=paper.attempt_id,
        question_id=row.question_id,
        edition_id=row.edition_id,
        choice=choice,
        at=now,
    )


def _hand_in(
    db: Session, doer: Doer, paper: OpenPaper, catalogue: Catalogue, issuer: Issuer, now: datetime
) -> Answered:
    score = mark(db, paper, catalogue)
    passed = score.passes(paper.pass_percent)
    ended = insert_once(
        db,
        HandIn,
        attempt_id=paper.attempt_id,
        points=score.points,
        out_of=score.out_of,
        passed=passed,
        at=now,
    )
    if not ended or not passed:
        return Answered(paper, score)
    module = catalogue.modules.get(paper.module_id)
    if module is None:
        # Retired meanwhile: the pass is kept, should the module come back.
        note_pass(db, doer, check_of(db, paper.module_id), paper.attempt_id, now)
        return Answered(paper, score)
    doer = replace(doer, was_helped=paper.mode == "assisted")
    settled = pass_check(db, doer, module, paper.attempt_id, catalogue, issuer, now)
    return Answered(paper, score, settled)


def mark(db: Session, paper: OpenPaper, catalogue: Catalogue) -> Score:
    """Mark a paper with the editions its answers were given on."""
    return grade((edition(db, row.edition_id, catalogue), row.choice or "") for row in paper.rows)


def edition(db: Session, edition_id: str, catalogue: Catalogue) -> Question:
    """Return an edition of a question: from the catalogue, or an older one from the database."""
    found = catalogue.questions.get(edition_id) or question_edition(db, edition_id)
    if found is None:
        raise LookupError(edition_id)
    return found
