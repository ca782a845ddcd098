"""Deciding a regrade and carrying it out: once, whoever is killed, however often it is asked for."""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import queue
from lms.accounts.acts import note_act
from lms.catalog.catalogue import Catalogue
from lms.catalog.models import CatalogState, Regrade, RegradeEdition
from lms.catalog.queries import load
from lms.certificates.actions import Issuer
from lms.db import Database, insert_once, new_id, take_turn
from lms.people.models import Claim, Person
from lms.progress.actions import doer_of
from lms.quizzes.actions import settle_pass
from lms.quizzes.foreseeing import partners_of
from lms.quizzes.mark_changes import TICK, Change, append, hold_marks
from lms.quizzes.queries import paper_by_id
from lms.quizzes.regrade_plan import changes_in
from lms.quizzes.regrading import RegradeRefused, Scanned, case_of, case_of_regrade, scan

FINISH = "finish-regrades"
"""The job that does what a regrade has left: of one broken off, or of marks given meanwhile."""
SWEEP_AFTER = timedelta(minutes=2)
SWEPT = timedelta(days=30)
LONGEST_REASON = 300
Moment = Callable[[], datetime]
_claim, _person = Claim.__table__, Person.__table__


@dataclass(frozen=True)
class By:
    """Who decides a regrade, and why; the reason is read by learners."""

    name: str
    reason: str
    account_id: uuid.UUID | None = None


def tidy_reason(typed: str) -> str:
    """Return a reason as it is kept. Raises RegradeRefused when there is none, or it is too long."""
    reason = " ".join(typed.split())
    if not reason:
        raise RegradeRefused("Chưa ghi lý do. Viết một câu; người học đọc câu này ở trang kết quả.")
    if len(reason) > LONGEST_REASON:
        raise RegradeRefused(f"Lý do dài quá {LONGEST_REASON} chữ. Viết ngắn lại.")
    return reason


def decide(
    db: Session,
    question_id: str,
    by: By,
    now: datetime,
    *,
    ref: str,
    drop: bool = False,
    only: Collection[str] = (),
) -> Regrade | None:
    """Write down how a question is judged from now on, and let every worker know; no mark changes yet.

    The same `ref` a second time returns the first decision. None when nothing is judged otherwise than
    before. Raises RegradeRefused.
    """
    reason = tidy_reason(by.reason)
    # Decisions and syncs wait for each other here: the second sees what the first decided.
    state = db.scalars(select(CatalogState).with_for_update()).one()
    held = regrade_by_ref(db, ref)
    if held is not None:
        return held
    case = case_of(db, question_id, drop=drop, only=only)
    if not case.is_needed:
        return None
    last = latest(db, question_id)
    regrade = Regrade(
        id=new_id(),
        ref=ref,
        question_id=question_id,
        to_edition_id=case.to.edition_id if case.to else None,
        reason=reason,
        at=max(now, last.at + TICK) if last else now,
        by=by.name,
        account_id=by.account_id,
    )
    db.add(regrade)
    db.flush()
    for edition_id in case.editions:
        insert_once(db, RegradeEdition, regrade_id=regrade.id, edition_id=edition_id)
    state.revision += 1
    queue.enqueue(db, FINISH, regrade.at + SWEEP_AFTER)
    what = f"{'Bỏ' if drop else 'Chấm lại'} câu hỏi {question_id}. Lý do: {reason}"
    note_act(db, "regrade", what, by=by.name, now=now, account_id=by.account_id)
    return regrade


def regrade_by_ref(db: Session, ref: str) -> Regrade | None:
    """Return a regrade by its ref, or None."""
    return db.scalars(select(Regrade).where(Regrade.ref == ref)).one_or_none()


def regrades_of(db: Session, question_id: str) -> Sequence[Regrade]:
    """Return the regrades of a question, oldest first."""
    rows = select(Regrade).where(Regrade.question_id == question_id)
    return db.scalars(rows.order_by(Regrade.at, Regrade.id)).all()


def latest(db: Session, question_id: str) -> Regrade | None:
    """Return the last regrade of a question, or None."""
    return next(iter(reversed(regrades_of(db, question_id))), None)


# ---- carrying out ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """What a step of a regrade changed: marks, and among them attempts that are passed now."""

    marks: int
    passes: int = 0


def carry_out(database: Database, regrade: Regrade, issuer: Issuer, moment: Moment) -> Iterator[Step]:
    """Change the marks a regrade changes, a step at a time; begin again and it goes on where it stopped.

    Earlier regrades that were broken off are finished first, in their order. Each BATCH of marks, and
    each new pass with what it earns, is a transaction of its own.
    """
    with database.reading() as db:
        since = regrade.at - timedelta(days=1)
        rows = select(Regrade).where((Regrade.at > since) | (Regrade.question_id == regrade.question_id))
        due = db.scalars(rows.where(Regrade.at <= regrade.at).order_by(Regrade.at, Regrade.id)).all()
        catalogue = load(db)
    for one in due:
        yield from _carry_out(_Work(database, one, catalogue, issuer, moment))


def finish_all(database: Database, issuer: Issuer, moment: Moment) -> Step:
    """Finish what the regrades of the last weeks have left; return how much that was."""
    with database.reading() as db:
        rows = select(Regrade).where(Regrade.at > moment() - SWEPT)
        due = db.scalars(rows.order_by(Regrade.at, Regrade.id)).all()
        catalogue = load(db) if due else None
    marks = passes = 0
    for one in due:
        assert catalogue is not None  # noqa: S101
        for step in _carry_out(_Work(database, one, catalogue, issuer, moment)):
            marks, passes = marks + step.marks, passes + step.passes
    return Step(marks, passes)


@dataclass(frozen=True)
class _Work:
    database: Database
    regrade: Regrade
    catalogue: Catalogue
    issuer: Issuer
    moment: Moment


def _carry_out(work: _Work) -> Iterator[Step]:
    with work.database.reading() as db:
        case = case_of_regrade(db, work.regrade)
    for scanned in scan(work.database.reading, case, work.regrade):
        if not scanned.changes:
            continue
        marks, passes = _change_marks(work, scanned)
        if marks:
            yield Step(marks)
        for change in passes:
            attempt_id = change.was.attempt_id
            if _pass(work, change, Scanned(1, {attempt_id: scanned.changes[attempt_id]})):
                yield Step(1, 1)


def _change_marks(work: _Work, scanned: Scanned) -> tuple[int, list[Change]]:
    """Append the marks that earn nothing new; return how many, and the new passes, which are not written."""
    with work.database.transaction() as db:
        hold_marks(db, scanned.changes)
        changes = changes_in(db, scanned, work.catalogue, work.regrade.at, work.regrade)
        plain = [change for change in changes if not change.is_new_pass]
        append(db, plain, work.regrade, work.moment())
    return len(plain), [change for change in changes if change.is_new_pass]


def _pass(work: _Work, foreseen: Change, scanned: Scanned) -> bool:
    """Append a mark that passes and settle what it earns, one person a transaction; once only."""
    with work.database.transaction() as db:
        doer = doer_of(db, foreseen.was.learner_id)
        take_turn(db, doer.key)
        hold_marks(db, scanned.changes)
        changes = changes_in(db, scanned, work.catalogue, work.regrade.at, work.regrade)
        paper, now = paper_by_id(db, foreseen.was.attempt_id), work.moment()
        if not changes or paper is None:
            return False
        append(db, changes, work.regrade, now)
        if changes[0].is_new_pass:
            module = work.catalogue.modules.get(paper.module_id)
            lessons = [lesson.id for lesson in module.lessons] if module else []
            partners = partners_of(db, [doer.learner_id], lessons) if paper.mode == "assisted" else {}
            doer = replace(doer, partner_id=partners.get(doer.learner_id))
            settle_pass(db, doer, paper, work.catalogue, work.issuer, now)
    return True
