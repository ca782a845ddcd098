"""Attempts at a check: the paper drawn, the answers, and the handing-in. All are events."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, Scope, new_id, scoped
from lms.people.models import owned_learner


def _of_own_attempt(column: ColumnElement[uuid.UUID], scope: Scope) -> ColumnElement[bool]:
    attempt = Attempt.__table__
    return column.in_(select(attempt.c.id).where(owned_learner(attempt.c.learner_id, scope)))


@scoped(lambda scope: owned_learner(Attempt.__table__.c.learner_id, scope))
class Attempt(Base):
    """One try at the check of a module; `code` stands for it in addresses."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("learner_id", "module_id", "number"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
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
    """The one answer to a question in an attempt: the key of a choice, never its position."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_edition_id", "edition_id"),)

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    edition_id: Mapped[str] = mapped_column(ForeignKey("question_editions.id"))
    choice: Mapped[str]
    at: Mapped[datetime]


@scoped(lambda scope: _of_own_attempt(HandIn.__table__.c.attempt_id, scope))
class HandIn(Base):
    """The end of an attempt: points as marked by the server then. Later marks are further events."""

    __tablename__ = "hand_ins"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    points: Mapped[int]
    out_of: Mapped[int]
    passed: Mapped[bool]
    at: Mapped[datetime]
