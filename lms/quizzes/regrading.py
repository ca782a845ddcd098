"""Which answers a regrade judges anew, and by how much each changes; nothing is written here."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, null, or_, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Question
from lms.catalog.marking_key import key_of
from lms.catalog.models import CatalogItem, QuestionEdition, Regrade, RegradeEdition
from lms.catalog.queries import judged_until, question_editions
from lms.db import unscoped
from lms.quizzes.judging import TYPED
from lms.quizzes.mark_changes import NEAR
from lms.quizzes.models import (
    Answer,
    AnswerChange,
    AnswerText,
    Attempt,
    HandIn,
    MarkChange,
    PaperQuestion,
    PrintedResult,
    RubricMark,
)
from lms.quizzes.rejudging import Rejudging, Ruling

BATCH = 1000
PAGE = 20_000
Reading = Callable[[], AbstractContextManager[Session]]
_answer, _change, _text = Answer.__table__, AnswerChange.__table__, AnswerText.__table__
_hand_in, _mark, _rubric = HandIn.__table__, MarkChange.__table__, RubricMark.__table__
_paper, _attempt, _printed = PaperQuestion.__table__, Attempt.__table__, PrintedResult.__table__
Rows = tuple[Select[Any] | None, ColumnElement[uuid.UUID]]


class RegradeRefused(ValueError):
    """The question cannot be regraded so; the message says why and what to do."""


@dataclass(frozen=True)
class Case:
    """A question to regrade: which editions' answers are judged anew (`editions`), by which one.

    Without `to` the question is dropped. `reported` are editions whose marks stay, but which have lines
    that are gone now.
    """

    question_id: str
    title: str
    to: Question | None
    editions: tuple[str, ...]
    reported: tuple[str, ...]
    rejudging: Rejudging = field(repr=False)

    @property
    def is_needed(self) -> bool:
        """Tell whether any answer could be judged otherwise than until now."""
        return bool(self.editions)


def case_of(db: Session, question_id: str, *, drop: bool = False, only: Collection[str] = ()) -> Case:
    """Return what judging by the question's current edition, or dropping it, would touch.

    Editions that mark alike already are left out: reordering or rewording needs nothing. `only` names
    editions by the beginning of their ids. Raises RegradeRefused.
    """
    item = _item(db, question_id)
    found = editions_of(db, question_id)
    target = None if drop else found.get(item.edition_id or "")
    if target is None and not drop:
        raise RegradeRefused(f"Câu “{question_id}” chưa có bản nào được công bố. Chạy: lms content sync")
    judged = judged_until(db, question_id)
    before = {key: _by(found, judged.get(key, key)) for key in found}
    wanted = _named(found, only)
    needing = tuple(key for key in wanted if _needs(before[key], target))
    reported = tuple(key for key in wanted if key not in needing and _lacks(found[key], target))
    return _case(item, found, before, target, needing, reported)


def case_of_regrade(db: Session, regrade: Regrade) -> Case:
    """Return what a regrade that was decided touches, as it was when it was decided."""
    found = editions_of(db, regrade.question_id)
    judged = judged_until(db, regrade.question_id, regrade)
    before = {key: _by(found, judged.get(key, key)) for key in found}
    rows = select(RegradeEdition.edition_id).where(RegradeEdition.regrade_id == regrade.id)
    needing = tuple(sorted(db.scalars(rows)))
    target = _by(found, regrade.to_edition_id)
    return _case(_item(db, regrade.question_id), found, before, target, needing, ())


def _item(db: Session, question_id: str) -> CatalogItem:
    asked = select(CatalogItem).where(CatalogItem.id == question_id, CatalogItem.kind == "question")
    item = db.scalars(asked).one_or_none()
    if item is None:
        raise RegradeRefused(f"Không có câu hỏi mang mã “{question_id}”. Xem mã ở /qt/cau-hoi.")
    return item


def _case(
    item: CatalogItem,
    found: Mapping[str, Question],
    before: Mapping[str, Question | None],
    target: Question | None,
    needing: tuple[str, ...],
    reported: tuple[str, ...],
) -> Case:
    touched = (*needing, *reported)
    rejudging = Rejudging({key: found[key] for key in touched}, {key: before[key] for key in touched}, target)
    return Case(item.id, item.title, target, needing, reported, rejudging)


def editions_of(db: Session, question_id: str) -> dict[str, Question]:
    """Return every edition of a question by id, oldest first. Two statements."""
    rows = select(QuestionEdition.id).where(QuestionEdition.item_id == question_id)
    ordered = db.scalars(rows.order_by(QuestionEdition.first_at, QuestionEdition.id)).all()
    found = question_editions(db, ordered)
    return {key: found[key] for key in ordered}


def _by(found: Mapping[str, Question], edition_id: str | None) -> Question | None:
    return found[edition_id] if edition_id is not None else None


def _named(found: Mapping[str, Question], only: Collection[str]) -> tuple[str, ...]:
    named: set[str] = set()
    for start in only:
        matching = [key for key in found if start and key.startswith(start)]
        if len(matching) != 1:
            raise RegradeRefused(
                f"“{start}” không chỉ đúng một bản của câu này. Các bản: "
                f"{', '.join(key[:8] for key in found)}."
            )
        named.update(matching)
    return tuple(key for key in found if key in named or not only)


def _needs(before: Question | None, target: Question | None) -> bool:
    if before is None or target is None:
        return before is not target
    return key_of(before) != key_of(target)


def _lacks(given: Question, target: Question | None) -> bool:
    """Tell whether lines that could be chosen on an edition are gone from another one."""
    if target is None or given.kind in {*TYPED, "open"}:
        return False
    return not {line.key for line in given.lines} <= {line.key for line in target.lines}


# ---- the answers ----------------------------------------------------------------------------------


@dataclass
class Scanned:
    """A stretch of answers: how many there were, those whose mark changes, and what is not judged."""

    looked_at: int = 0
    changes: dict[uuid.UUID, Ruling] = field(default_factory=dict)
    removed: Counter[str] = field(default_factory=Counter)
    erased: int = 0


def scan(
    reading: Reading, case: Case, regrade: Regrade | None = None, at_most: int | None = None
) -> Iterator[Scanned]:
    """Yield what changes in attempts handed in, BATCH answers at a time, by the order of their ids.

    `reading` opens a session for each page of answers: nothing is held open between them. Of a regrade
    that was decided, attempts it has changed already are left out. `at_most` answers, in no order, are a
    sample that takes no longer the more there are.
    """
    for rows, attempt_id in (_answers(case, regrade), _left_out(case, regrade)):
        after: uuid.UUID | None = None
        is_last = False
        while rows is not None and not is_last:
            with reading() as db:
                found = _page(db, rows.limit(at_most) if at_most else _after(rows, attempt_id, after))
            for start in range(0, len(found), BATCH):
                yield _weighed(case, found[start : start + BATCH])
            is_last = at_most is not None or len(found) < PAGE
            after = found[-1][0] if found else None


def _after(rows: Select[Any], attempt_id: ColumnElement[uuid.UUID], after: uuid.UUID | None) -> Select[Any]:
    wanted = rows.order_by(attempt_id).limit(PAGE)
    return wanted if after is None else wanted.where(attempt_id > literal(after, attempt_id.type))


@unscoped("weighs answers without names; the caller is an author or the system")
def _page(db: Session, rows: Select[Any]) -> Sequence[Any]:
    return db.connection().execute(rows).all()


def _weighed(case: Case, rows: Sequence[Any]) -> Scanned:
    found, rule = Scanned(len(rows)), case.rejudging.rule
    for attempt_id, edition_id, choice, text, rubric in rows:
        ruling = rule(edition_id, choice, text, rubric)
        if ruling.is_change:
            found.changes[attempt_id] = ruling
        if ruling.removed:
            found.removed[ruling.removed] += 1
        found.erased += ruling.is_erased
    return found


@unscoped("weighs answers without names; the caller is an author or the system")
def _answers(case: Case, regrade: Regrade | None) -> Rows:
    """Return the statement of the last answers on these editions in attempts handed in, and its order."""
    own = (_change.c.attempt_id == _answer.c.attempt_id) & (_change.c.question_id == _answer.c.question_id)
    last = select(_change.c.choice).where(own).order_by(_change.c.revision.desc()).limit(1)
    rows = (
        select(
            _answer.c.attempt_id,
            _answer.c.edition_id,
            func.coalesce(last.scalar_subquery(), _answer.c.choice),
            _last_words() if case.rejudging.needs_words else null(),
            _last_rubric() if case.rejudging.needs_rubrics else null(),
        )
        .join(_hand_in, _hand_in.c.attempt_id == _answer.c.attempt_id)
        .where(_answer.c.edition_id.in_([*case.editions, *case.reported]))
    )
    return _waiting(rows, regrade), _answer.c.attempt_id


@unscoped("weighs answers without names; the caller is an author or the system")
def _last_words() -> Any:
    """Return the words typed with the last answer; none if those were erased, whatever was typed before."""
    own = (_change.c.attempt_id == _answer.c.attempt_id) & (_change.c.question_id == _answer.c.question_id)
    revision = func.coalesce(select(func.max(_change.c.revision)).where(own).scalar_subquery(), 1)
    same = (_text.c.attempt_id == _answer.c.attempt_id) & (_text.c.question_id == _answer.c.question_id)
    return select(_text.c.text).where(same, _text.c.revision == revision).scalar_subquery()


@unscoped("weighs answers without names; the caller is an author or the system")
def _last_rubric() -> Any:
    same = (_rubric.c.attempt_id == _answer.c.attempt_id) & (_rubric.c.question_id == _answer.c.question_id)
    newest = _rubric.c.at.desc(), _rubric.c.id.desc()
    return select(_rubric.c.points).where(same).order_by(*newest).limit(1).scalar_subquery()


@unscoped("weighs answers without names; the caller is an author or the system")
def _left_out(case: Case, regrade: Regrade | None) -> Rows:
    """Return the statement of papers handed in without an answer to the question, if that changes a mark.

    Only sittings and answer sheets are handed in with questions left out.
    """
    blank = [key for key in case.editions if case.rejudging.rule(key, "", None, None).is_change]
    if not blank:
        return None, _paper.c.attempt_id
    answered = exists().where(
        _answer.c.attempt_id == _paper.c.attempt_id, _answer.c.question_id == _paper.c.question_id
    )
    on_paper = _attempt.c.id.in_(select(_printed.c.attempt_id))
    rows = (
        select(_paper.c.attempt_id, _paper.c.edition_id, literal(""), null(), null())
        .select_from(
            _attempt.join(_paper, _paper.c.attempt_id == _attempt.c.id).join(
                _hand_in, _hand_in.c.attempt_id == _attempt.c.id
            )
        )
        .where(
            or_(_attempt.c.sitting_id.is_not(None), on_paper),
            _paper.c.question_id == case.question_id,
            _paper.c.edition_id.in_(blank),
            ~answered,
        )
    )
    return _waiting(rows, regrade), _paper.c.attempt_id


@unscoped("weighs answers without names; the caller is an author or the system")
def _waiting(rows: Select[Any], regrade: Regrade | None) -> Select[Any]:
    """Leave out what was handed in long after a decision, and what it has changed already."""
    if regrade is None:
        return rows
    changed = exists().where(
        _mark.c.attempt_id == _hand_in.c.attempt_id,
        _mark.c.regrade_id == literal(regrade.id, _mark.c.id.type),
    )
    until: datetime = regrade.at + NEAR
    return rows.where(_hand_in.c.at <= until, ~changed)
