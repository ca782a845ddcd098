"""Checks that a class takes before its teacher: opened with a code, timed by the server, handed in once."""

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Module
from lms.certificates.actions import Issuer
from lms.codes import new_short_code
from lms.db import insert_once, new_id, take_turn, unscoped
from lms.people.models import Claim
from lms.progress.actions import Doer, doer_of
from lms.quizzes.actions import (
    Answered,
    UnknownChoice,
    hand_in,
    keep_first,
    keep_text,
    last_number,
    write_attempt,
)
from lms.quizzes.drawing import Drawn, draw, equivalent_forms, shuffled
from lms.quizzes.marking import edition
from lms.quizzes.models import AnswerChange, Attempt, ExtraMinutes, HandIn, Sitting
from lms.quizzes.queries import OpenPaper, PaperRow, paper_by_code, paper_by_id, texts_of
from lms.quizzes.responses import Response, is_valid
from lms.quizzes.sitting_queries import own_paper_in

FORMS = ("", "A", "B", "AB")
LONGEST_MINUTES = 180
ENTRY = timedelta(minutes=60)
"""How long after its opening a sitting may be entered."""
_RANDOM = secrets.SystemRandom()
_attempt, _hand_in, _claim = Attempt.__table__, HandIn.__table__, Claim.__table__
_sitting, _extra = Sitting.__table__, ExtraMinutes.__table__


class SittingRefused(ValueError):
    """The sitting cannot be opened or entered so; the message says why and what to do."""


@dataclass(frozen=True)
class Given:
    """What became of an answer in a sitting: the paper now, and whether another answer came between."""

    paper: OpenPaper
    is_kept: bool = True
    is_late: bool = False
    is_conflict: bool = False


def open_sitting(
    db: Session,
    unit_id: uuid.UUID,
    module: Module,
    account_id: uuid.UUID,
    witness_id: uuid.UUID,
    minutes: int,
    form: str,
    now: datetime,
) -> Sitting:
    """Open a sitting of a class; the same module opened again while one is open returns that one.

    Raises SittingRefused for minutes out of range, an unknown form, or a bank too small for two forms.
    """
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise SittingRefused(f"Thời gian làm bài từ 1 đến {LONGEST_MINUTES} phút.")
    if form not in FORMS:
        raise SittingRefused("Chọn một trong các cách ra đề.")
    if form:
        refuse_forms(module)
    take_turn(db, unit_id.bytes)
    held = select(Sitting).where(
        Sitting.unit_id == unit_id,
        Sitting.module_id == module.id,
        Sitting.closed_at.is_(None),
        Sitting.closes_at > now,
    )
    standing = db.scalars(held).first()
    if standing is not None:
        return standing
    sitting = Sitting(
        id=new_id(),
        ref=secrets.token_hex(6),
        unit_id=unit_id,
        module_id=module.id,
        code=_unused_code(db),
        form=form,
        minutes=minutes,
        opened_at=now,
        opened_by=account_id,
        witness_id=witness_id,
        closes_at=now + ENTRY,
    )
    db.add(sitting)
    db.flush()
    return sitting


def refuse_forms(module: Module) -> None:
    """Raise SittingRefused when the bank of a module cannot give two equivalent forms."""
    try:
        equivalent_forms(module.bank, module.draw)
    except ValueError:
        words = "Chủ đề này chưa đủ câu hỏi để ra hai đề khó như nhau. Chọn “Mỗi em một đề”."
        raise SittingRefused(words) from None


@unscoped("looks only whether a code is in use")
def _unused_code(db: Session) -> str:
    while True:
        code = new_short_code()
        if db.connection().execute(select(_sitting.c.id).where(_sitting.c.code == code)).first() is None:
            return code


def close_sitting(db: Session, sitting: Sitting, now: datetime) -> bool:
    """End a sitting for everybody in it; return whether it was open. What was answered counts."""
    if sitting.closed_at is not None:
        return False
    sitting.closed_at = now
    db.flush()
    return True


def give_minutes(
    db: Session, sitting: Sitting, person_id: uuid.UUID, minutes: int, by: str, now: datetime
) -> None:
    """Give a person more time in a sitting; 0 takes it back. Raises SittingRefused out of range."""
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise SittingRefused(f"Thời gian thêm từ 0 đến {LONGEST_MINUTES} phút.")
    take_turn(db, sitting.id.bytes)
    held = db.scalars(
        select(ExtraMinutes).where(ExtraMinutes.sitting_id == sitting.id, ExtraMinutes.person_id == person_id)
    ).one_or_none()
    if held is None:
        held = ExtraMinutes(sitting_id=sitting.id, person_id=person_id)
        db.add(held)
    held.minutes, held.at, held.by = minutes, now, by
    db.flush()


@unscoped("the person is the viewer's own; the caller has seen that it belongs to the class")
def enter_sitting(db: Session, doer: Doer, sitting: Sitting, module: Module, now: datetime) -> str:
    """Begin the paper of a sitting and return the attempt's code; a person has one paper a sitting."""
    take_turn(db, doer.key)
    found = own_paper_in(db, sitting.id, doer.person_id) if doer.person_id else None
    if found is not None:
        return found
    form = _form_for(db, sitting)
    doer = replace(doer, witness_id=sitting.witness_id, done_as="supervised", partner_id=None)
    return write_attempt(
        db,
        doer,
        module,
        _paper_of(module, form),
        last_number(db, doer, module) + 1,
        now,
        sitting_id=sitting.id,
        closes_at=now + timedelta(minutes=sitting.minutes),
        form=form or None,
    )


@unscoped("counts the papers of one sitting")
def _form_for(db: Session, sitting: Sitting) -> str:
    """Return the form of the next paper; of AB every second one is B."""
    if sitting.form != "AB":
        return sitting.form
    # Of two who begin at once each must see the other's paper, or the halves come out uneven.
    take_turn(db, sitting.id.bytes)
    taken = db.connection().execute(select(_attempt.c.id).where(_attempt.c.sitting_id == sitting.id)).all()
    return "AB"[len(taken) % 2]


def _paper_of(module: Module, form: str) -> tuple[Drawn, ...]:
    if not form:
        return draw(module.bank, module.draw, _RANDOM, with_open=True)
    return shuffled(equivalent_forms(module.bank, module.draw)["AB".index(form)], _RANDOM)


def give_answer(
    db: Session,
    doer: Doer,
    code: str,
    position: int,
    choice: str,
    seen: int,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
    text: str | None = None,
) -> Given | None:
    """Keep an answer of a sitting, or a later one in its place; return what became of it.

    `seen` is the number of answers the viewer had seen to this question (0 for none): an answer that
    does not know of a later one never overwrites it. The same answer again changes nothing. After the
    time, or after handing in, nothing changes; the paper is then handed in with what it holds. None when
    the viewer has no such attempt or position. Raises UnknownChoice.
    """
    take_turn(db, doer.key)
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    if paper is None:
        return None
    return give_answer_on(db, doer, paper, position, Response(choice, text), seen, catalogue, issuer, now)


def give_answer_on(
    db: Session,
    doer: Doer,
    paper: OpenPaper,
    position: int,
    response: Response,
    seen: int,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Given | None:
    """Keep an answer of a paper that was read after its doer's turn was taken, as `give_answer` does."""
    row, choice, text = paper.at(position), response.choice, response.text
    if row is None or paper.sitting_id is None:
        return None
    if paper.is_over(now):
        return Given(end_attempt(db, doer, paper, catalogue, issuer, now), is_kept=False, is_late=True)
    if not is_valid(edition(db, row.edition_id, catalogue), choice):
        raise UnknownChoice(choice)
    if row.choice == choice and (text is None or texts_of(db, paper.attempt_id).get(row.question_id) == text):
        return Given(paper)
    if row.revision != seen:
        return Given(paper, is_kept=False, is_conflict=True)
    _keep(db, paper, row, choice, text, now)
    return Given(paper.answered(position, choice))


def _keep(db: Session, paper: OpenPaper, row: PaperRow, choice: str, text: str | None, now: datetime) -> None:
    if row.revision == 0:
        keep_first(db, paper, row, choice, text, now)
        return
    where = {"attempt_id": paper.attempt_id, "question_id": row.question_id, "revision": row.revision + 1}
    insert_once(db, AnswerChange, **where, choice=choice, at=now)
    if text is not None:
        keep_text(db, paper, row, row.revision + 1, text)


def hand_in_sitting(
    db: Session, doer: Doer, code: str, catalogue: Catalogue, issuer: Issuer, now: datetime
) -> Answered | None:
    """Hand in a paper of a sitting, complete or not; a second time changes nothing.

    None when the viewer has no such attempt.
    """
    take_turn(db, doer.key)
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    if paper is None or paper.sitting_id is None:
        return None
    return Answered(end_attempt(db, doer, paper, catalogue, issuer, now))


def end_attempt(
    db: Session, doer: Doer, paper: OpenPaper, catalogue: Catalogue, issuer: Issuer, now: datetime
) -> OpenPaper:
    """Hand in a paper at its last moment if its time is over, else now; return it as it stands then."""
    if paper.ended_at is not None:
        return paper
    at = min(now, paper.closes_at) if paper.closes_at is not None else now
    hand_in(db, doer, paper, catalogue, issuer, now, at)
    return replace(paper, ended_at=at)


@dataclass(frozen=True)
class Overdue:
    """A paper whose time may be over, and whose it is."""

    attempt_id: uuid.UUID
    learner_id: uuid.UUID


@unscoped("finds what ran out of time, for everybody")
def overdue_attempts(
    db: Session, now: datetime, sitting_id: uuid.UUID | None = None, limit: int | None = None
) -> list[Overdue]:
    """Return the papers of sittings, or of one, past their time or closed by the teacher, not handed in.

    Extra minutes are looked at when each is ended. `limit` is the most that are returned.
    """
    rows = (
        select(_attempt.c.id, _attempt.c.learner_id)
        .join(_sitting, _sitting.c.id == _attempt.c.sitting_id)
        .outerjoin(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
        .where(_hand_in.c.at.is_(None), or_(_attempt.c.closes_at < now, _sitting.c.closed_at.is_not(None)))
        .limit(limit)
    )
    if sitting_id is not None:
        rows = rows.where(_sitting.c.id == sitting_id)
    return [Overdue(row.id, row.learner_id) for row in db.connection().execute(rows)]


@unscoped("ends what ran out of time, for everybody")
def end_overdue(db: Session, late: Overdue, catalogue: Catalogue, issuer: Issuer, now: datetime) -> bool:
    """Hand in a paper whose time is over, as it stands; return whether it was. One in a transaction:
    two that take several people's turns could wait for each other.
    """
    doer = doer_of(db, late.learner_id)
    take_turn(db, doer.key)
    paper = paper_by_id(db, late.attempt_id, doer.person_id)
    if paper is None or paper.ended_at is not None or not paper.is_over(now):
        return False
    end_attempt(db, doer, paper, catalogue, issuer, now)
    return True
