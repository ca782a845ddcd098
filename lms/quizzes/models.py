"""Attempts at a check: paper, answers, handing-in, later marks; sittings and printed tests of classes.

What a learner did is an event, never edited. Words that somebody typed hang on the attempt in a table of
their own, so that they can be erased.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, Scope, hidden, new_id, scoped
from lms.people.models import owned_learner
from lms.places.models import staff_units


def _of_own_attempt(column: ColumnElement[uuid.UUID], scope: Scope) -> ColumnElement[bool]:
    attempt = Attempt.__table__
    return column.in_(select(attempt.c.id).where(owned_learner(attempt.c.learner_id, scope)))


@scoped(lambda scope: owned_learner(Attempt.__table__.c.learner_id, scope))
class Attempt(Base):
    """One try at the check of a module; `code` stands for it in addresses.

    In a sitting answers may be changed until it is handed in or `closes_at` (and the person's extra
    minutes) is over; elsewhere the first answer stands and the last one hands in. `form` is A or B when
    the paper is one of two equivalent forms.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("learner_id", "module_id", "number"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        Index("ix_attempts_sitting_id", "sitting_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    learner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learners.id"))
    module_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), index=True)
    number: Mapped[int]
    started_at: Mapped[datetime]
    out_of: Mapped[int]
    pass_percent: Mapped[int]
    language: Mapped[str]
    audience: Mapped[str]
    level: Mapped[int]
    mode: Mapped[str]
    witness_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    sitting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sittings.id"))
    closes_at: Mapped[datetime | None]
    form: Mapped[str | None]


@scoped(lambda scope: _of_own_attempt(PaperQuestion.__table__.c.attempt_id, scope))
class PaperQuestion(Base):
    """A question of the paper drawn at the start, with the order of its choices (their keys)."""

    __tablename__ = "paper_questions"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id"),)

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    edition_id: Mapped[str] = mapped_column(ForeignKey("question_editions.id"))
    choice_order: Mapped[str]


@scoped(lambda scope: _of_own_attempt(Answer.__table__.c.attempt_id, scope))
class Answer(Base):
    """The first answer to a question in an attempt, as keys of choices, never as positions.

    How each kind writes `choice` is said in lms.quizzes.responses.
    """

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_edition_id", "edition_id"),)

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    edition_id: Mapped[str] = mapped_column(ForeignKey("question_editions.id"))
    choice: Mapped[str]
    at: Mapped[datetime]


@scoped(lambda scope: _of_own_attempt(AnswerChange.__table__.c.attempt_id, scope))
class AnswerChange(Base):
    """A later answer to the same question, in a sitting only; the highest revision counts (2 and up)."""

    __tablename__ = "answer_changes"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[str]
    at: Mapped[datetime]


@scoped(lambda scope: _of_own_attempt(AnswerText.__table__.c.attempt_id, scope))
class AnswerText(Base):
    """The words typed with an answer; not an event, so that they can be erased. Revision 1 is the first."""

    __tablename__ = "answer_texts"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@scoped(lambda scope: _of_own_attempt(HandIn.__table__.c.attempt_id, scope))
class HandIn(Base):
    """The end of an attempt as marked by the server then; later marks are further events.

    `points` and `out_of` count in parts of `scale` a question: 7 of 10 with scale 2 is 3,5 of 5.
    """

    __tablename__ = "hand_ins"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    points: Mapped[int]
    out_of: Mapped[int]
    scale: Mapped[int] = mapped_column(default=1, server_default="1")
    passed: Mapped[bool]
    at: Mapped[datetime]


@scoped(lambda scope: _of_own_attempt(MarkChange.__table__.c.attempt_id, scope))
class MarkChange(Base):
    """A later mark of an attempt, by a regrade or by a person who marked an open answer.

    The last one by (at, id) holds. It says what stood before, so that nothing changes silently.
    """

    __tablename__ = "mark_changes"
    __table_args__ = (UniqueConstraint("attempt_id", "regrade_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    regrade_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("regrades.id"), index=True)
    points: Mapped[int]
    out_of: Mapped[int]
    scale: Mapped[int]
    passed: Mapped[bool]
    was_points: Mapped[int]
    was_out_of: Mapped[int]
    was_scale: Mapped[int]
    was_passed: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]


@scoped(lambda scope: _of_own_attempt(RubricMark.__table__.c.attempt_id, scope))
class RubricMark(Base):
    """How a person marked an open answer: points by criterion, as `a=2,b=0`; the last one holds."""

    __tablename__ = "rubric_marks"
    __table_args__ = (Index("ix_rubric_marks_attempt_id_question_id", "attempt_id", "question_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"))
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    points: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))


@scoped(lambda scope: staff_units(Sitting.__table__.c.unit_id, scope))
class Sitting(Base):
    """A check that a class takes before its teacher: whoever types the code is in, until it closes.

    `form` is empty (each one's own draw), A, B, or AB (half of the class each).
    """

    __tablename__ = "sittings"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), index=True)
    module_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    code: Mapped[str] = mapped_column(unique=True)
    form: Mapped[str]
    minutes: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    witness_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


@scoped(lambda scope: ExtraMinutes.sitting_id.in_(_sittings_of_staff(scope)))
class ExtraMinutes(Base):
    """How many minutes more a person has in a sitting; the teacher may change it while it is open."""

    __tablename__ = "extra_minutes"

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    minutes: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]


def _sittings_of_staff(scope: Scope) -> Any:
    sitting = Sitting.__table__
    return select(sitting.c.id).where(staff_units(sitting.c.unit_id, scope))


@scoped(lambda scope: staff_units(PrintedTest.__table__.c.unit_id, scope))
class PrintedTest(Base):
    """A test printed for a class in several versions.

    `versions` maps a version's code to its questions in order: [question id, edition id, keys in the
    order of the letters A, B, C, D].
    """

    __tablename__ = "printed_tests"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"), index=True)
    module_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    held_on: Mapped[date | None]
    versions: Mapped[dict[str, list[list[Any]]]] = mapped_column(JSON)


def _printed_for_staff(scope: Scope) -> Any:
    printed = PrintedTest.__table__
    return select(printed.c.id).where(staff_units(printed.c.unit_id, scope))


@scoped(lambda scope: TypedSheet.test_id.in_(_printed_for_staff(scope)))
class TypedSheet(Base):
    """What was typed from a pupil's answer sheet, the first or second time; a draft until it lands."""

    __tablename__ = "typed_sheets"
    __table_args__ = (CheckConstraint("entry IN (1, 2)", name="entry"),)

    test_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("printed_tests.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    entry: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str]
    letters: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


@scoped(lambda scope: PrintedResult.test_id.in_(_printed_for_staff(scope)))
class PrintedResult(Base):
    """The attempt that a pupil's answer sheet became, once."""

    __tablename__ = "printed_results"

    test_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("printed_tests.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), unique=True)


@hidden
class ItemStatistics(Base):
    """What answers say about a question, or about the check of a module; counted anew by a job.

    `body` is what lms.quizzes.analysis makes of it; `n` is how many people it rests on.
    """

    __tablename__ = "item_statistics"

    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    counted_at: Mapped[datetime]
    n: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
