"""Completions: what a learner finished, at which level, and how it was done."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, new_id, scoped
from lms.people.models import owned_learner

GUEST, SELF_PACED, WITNESSED, OBSERVED = 0, 1, 2, 3
MODES = ("alone", "assisted", "supervised", "paper", "observed", "self_declared")


@scoped(lambda scope: owned_learner(ItemCompletion.__table__.c.learner_id, scope))
class ItemCompletion(Base):
    """A lesson confirmed, or a module whose lessons are confirmed and whose check is passed."""

    __tablename__ = "item_completions"
    __table_args__ = (
        UniqueConstraint("learner_id", "item_id", "level"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        Index("ix_item_completions_item_id_at", "item_id", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    learner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("learners.id"))
    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))
    edition_id: Mapped[str | None] = mapped_column(ForeignKey("lesson_editions.id"))
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("attempts.id"))
    at: Mapped[datetime]
    level: Mapped[int]
    mode: Mapped[str]
    witness_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
