"""Starting a check, answering it, handing it in. What was acknowledged is kept, and only once."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.queries import check_of
from lms.certificates.actions import Issuer
from lms.db import insert_many_once, insert_once, new_id, take_turn, unscoped
from lms.progress.actions import Doer, Settled, note_pass, pass_check
from lms.quizzes.drawing import Drawn, draw
from lms.quizzes.grading import Score, credit
from lms.quizzes.marking import edition, mark
from lms.quizzes.models import Answer, AnswerText, Attempt, HandIn, PaperQuestion
from lms.quizzes.queries import (
    OpenPaper,
    PaperRow,
    Past,
    open_attempt,
    paper_by_code,
    paper_by_id,
    past_answers,
    tries_made,
)
from lms.quizzes.responses import Response, is_valid

_RANDOM = secrets.SystemRandom()
_attempts = Attempt.__table__
_LAST = select(func.max(_attempts.c.number)).where(
    _attempts.c.learner_id == bindparam("learner"), _attempts.c.module_id == bindparam("module")
)
_DRAW = insert(PaperQuestion)


class UnknownChoice(ValueError):
    """The answer cannot be given to this question."""


class NoMoreTries(ValueError):
    """The check may be taken so many times, and was; `tries` says how many."""

    def __init__(self, tries: int) -> None:
        """Remember the limit."""
        super().__init__(tries)
        self.tries = tries


class NotYet(ValueError):
    """The next try may begin at `at`."""

    def __init__(self, at: datetime) -> None:
        """Remember the moment."""
        super().__init__(at)
        self.at = at


@dataclass(frozen=True)
class Answered:
    """What an answer led to; `score` and `settled` only when it was the last of the paper."""

    paper: OpenPaper
    score: Score | None = None
    settled: Settled | None = None


@unscoped("the learner is that of the viewer's own session")
def start_attempt(db: Session, doer: Doer, module: Module, now: datetime) -> str:
    """Draw a paper and return the attempt's code; an attempt still open is returned as it is.

    What was missed and what was never seen is drawn first. Raises NoMoreTries and NotYet by the rules of
    the bank.
    """
    take_turn(db, doer.key)
    under_way = open_attempt(db, doer.learner_id, doer.person_id, module.id)
    if under_way is not None:
        return under_way
    last = last_number(db, doer, module)
    past = past_answers(db, doer.learner_id, doer.person_id, module.id) if last or doer.person_id else ()
    made = tries_made(db, doer.learner_id, doer.person_id, module.id) if module.tries and past else 0
    refuse_try(module, made, past, now)
    drawn = draw(
        module.bank,
        module.draw,
        _RANDOM,
        missed=missed_questions(module, past),
        seen=frozenset(one.question_id for one in past),
    )
    return write_attempt(db, doer, module, drawn, last + 1, now)


@unscoped("the learner is that of the viewer's own session, or of a person of the caller's own class")
def last_number(db: Session, doer: Doer, module: Module) -> int:
    """Return the number of a learner's last attempt at a module, 0 before the first."""
    asked = {"learner": doer.learner_id, "module": module.id}
    return db.connection().execute(_LAST, asked).scalar() or 0


def refuse_try(module: Module, made: int, past: tuple[Past, ...], now: datetime) -> None:
    """Raise NoMoreTries or NotYet when the rules of a bank do not allow another try now."""
    if module.tries and made >= module.tries:
        raise NoMoreTries(module.tries)
    if module.wait and past:
        at = past[-1].ended_at + timedelta(minutes=module.wait)
        if now < at:
            raise NotYet(at)


def missed_questions(module: Module, past: tuple[Past, ...]) -> frozenset[str]:
    """Return the questions whose last answer did not earn its whole point."""
    bank = {question.id: question for question in module.bank}
    last = {one.question_id: one.choice or "" for one in past}
    return frozenset(
        key
        for key, choice in last.items()
        if (question := bank.get(key)) and (earned := credit(question, choice)) is not None and earned < 1
    )


@unscoped("the learner is that of the viewer's own session, or of a person of the caller's own class")
def write_attempt(
    db: Session,
    doer: Doer,
    module: Module,
    paper: tuple[Drawn, ...],
    number: int,
    now: datetime,
    **of_sitting: object,
) -> str:
    """Write an attempt with its paper and return its code; the same number again returns the first's."""
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
        witness_id=doer.witness_id,
        **of_sitting,
    )
    if not made:
        # On PostgreSQL two taps may meet here; the first one's paper is the paper.
        same = (_attempts.c.learner_id == doer.learner_id) & (_attempts.c.module_id == module.id)
        found = db.connection().execute(select(_attempts.c.code).where(same & (_attempts.c.number == number)))
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
    text: str | None = None,
) -> Answered | None:
    """Keep one answer; the last one hands the paper in, marks it and settles what it earns.

    The first answer to a question stands: the same tap again, or another choice, changes nothing. An
    attempt of a sitting is answered by lms.quizzes.sittings. Returns None when the viewer has no such
    attempt or position. Raises UnknownChoice.
    """
    take_turn(db, doer.key)
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    if paper is None:
        return None
    return answer_on(db, doer, paper, position, Response(choice, text), catalogue, issuer, now)


def answer_on(
    db: Session,
    doer: Doer,
    paper: OpenPaper,
    position: int,
    given: Response,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Answered | None:
    """Keep one answer of a paper that was read after its doer's turn was taken, as `answer` does."""
    row, choice = paper.at(position), given.choice
    if row is None or paper.sitting_id is not None:
        return None
    if not is_valid(edition(db, row.edition_id, catalogue), choice):
        raise UnknownChoice(choice)
    if row.choice is None:
        kept = keep_first(db, paper, row, choice, given.text, now)
        # A guest who is claimed meanwhile takes another turn: then the other tap's answer is the answer.
        paper = paper.answered(position, choice) if kept else paper_again(db, paper, doer)
    if paper.ended_at is not None or not paper.is_complete:
        return Answered(paper)
    return hand_in(db, doer, paper, catalogue, issuer, now)


def answer_many(
    db: Session,
    doer: Doer,
    code: str,
    given: Mapping[int, Response],
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Answered | None:
    """Keep the answers of a whole page by position, as if each had come alone, in one transaction.

    What was answered before stands; the same page again changes nothing. Returns None when the viewer
    has no such attempt. Raises UnknownChoice, and then nothing is kept.
    """
    take_turn(db, doer.key)
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    if paper is None or paper.sitting_id is not None:
        return None
    rows = [row for row in paper.rows if row.choice is None and row.position in given]
    for row in rows:
        if not is_valid(edition(db, row.edition_id, catalogue), given[row.position].choice):
            raise UnknownChoice(given[row.position].choice)
    paper = keep_all(db, paper, rows, given, now)
    if paper.ended_at is not None or not paper.is_complete:
        return Answered(paper)
    return hand_in(db, doer, paper, catalogue, issuer, now)


def keep_all(
    db: Session, paper: OpenPaper, rows: Iterable[PaperRow], given: Mapping[int, Response], now: datetime
) -> OpenPaper:
    """Keep the first answers to several questions at once, by position; return the paper with them."""
    answers, texts = [], []
    for row in rows:
        own = {"attempt_id": paper.attempt_id, "question_id": row.question_id}
        choice, text = given[row.position].choice, given[row.position].text
        answers.append(own | {"edition_id": row.edition_id, "choice": choice, "at": now})
        if text is not None:
            texts.append(own | {"revision": 1, "text": text})
        paper = paper.answered(row.position, choice)
    insert_many_once(db, Answer, answers)
    insert_many_once(db, AnswerText, texts)
    return paper


def keep_first(
    db: Session, paper: OpenPaper, row: PaperRow, choice: str, text: str | None, now: datetime
) -> bool:
    """Keep the first answer to a question, and the words typed with it; return whether it was the first."""
    kept = insert_once(
        db,
        Answer,
        attempt_id=paper.attempt_id,
        question_id=row.question_id,
        edition_id=row.edition_id,
        choice=choice,
        at=now,
    )
    if kept and text is not None:
        keep_text(db, paper, row, 1, text)
    return kept


def paper_again(db: Session, paper: OpenPaper, doer: Doer) -> OpenPaper:
    """Return a paper as it stands now."""
    found = paper_by_id(db, paper.attempt_id, doer.person_id)
    assert found is not None, "attempts are never deleted"  # noqa: S101
    return found


def keep_text(db: Session, paper: OpenPaper, row: PaperRow, revision: int, text: str) -> None:
    """Keep the words typed with an answer apart from it, so that they can be erased."""
    where = {"attempt_id": paper.attempt_id, "question_id": row.question_id, "revision": revision}
    insert_once(db, AnswerText, **where, text=text)


def hand_in(
    db: Session,
    doer: Doer,
    paper: OpenPaper,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
    ended_at: datetime | None = None,
) -> Answered:
    """End an attempt: mark it and settle what it earns; a second time changes nothing.

    The caller has taken the doer's turn and has seen that nothing more may be answered. `ended_at` is
    when its time was over, if that was before now: what it earns is dated now all the same.
    """
    score = mark(db, paper, catalogue)
    points, out_of, scale = score.parts
    passed = score.passes(paper.pass_percent)
    ended = insert_once(
        db,
        HandIn,
        attempt_id=paper.attempt_id,
        points=points,
        out_of=out_of,
        scale=scale,
        passed=passed,
        at=ended_at or now,
    )
    if not ended or not passed:
        return Answered(paper, score)
    return Answered(paper, score, settle_pass(db, doer, paper, catalogue, issuer, now))


def settle_pass(
    db: Session, doer: Doer, paper: OpenPaper, catalogue: Catalogue, issuer: Issuer, now: datetime
) -> Settled | None:
    """Settle what a passed attempt earns, in the way it was done; a second time changes nothing.

    The caller has taken the doer's turn. None when the module is not offered now: the pass is kept,
    should it come back.
    """
    doer = replace(
        doer,
        was_helped=paper.mode == "assisted",
        witness_id=paper.witness_id,
        done_as=paper.mode,
        partner_id=None if paper.witness_id else doer.partner_id,
    )
    module = catalogue.modules.get(paper.module_id)
    if module is None:
        note_pass(db, doer, check_of(db, paper.module_id), paper.attempt_id, now)
        return None
    return pass_check(db, doer, module, paper.attempt_id, catalogue, issuer, now)
