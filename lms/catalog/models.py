"""What has ever been offered: items by their content id, and every edition a learner may have seen."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, new_id, public


@public
class CatalogState(Base):
    """One row: the revision that every worker's cached catalogue is compared with."""

    __tablename__ = "catalog_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    revision: Mapped[int]
    synced_at: Mapped[datetime]


@public
class CatalogItem(Base):
    """A course, module, lesson, question or page; never deleted, only retired."""

    __tablename__ = "catalog_items"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("catalog_items.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    slug: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    edition_id: Mapped[str | None]
    retired_at: Mapped[datetime | None]


@public
class FormerSlug(Base):
    """An address that once led to an item, and still does; the item that left it last has it.

    `course_id` is the course in whose address the slug stood, empty for a course's own.
    """

    __tablename__ = "former_slugs"

    kind: Mapped[str] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"))


@public
class LessonEdition(Base):
    """The exact text of a lesson that some learner may have seen; the id is its SHA-256."""

    __tablename__ = "lesson_editions"

    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), index=True)
    language: Mapped[str]
    audience: Mapped[str]
    text: Mapped[str]
    first_at: Mapped[datetime]


@public
class QuestionEdition(Base):
    """The exact text and key of a question; every answer points to one. The id is its SHA-256."""

    __tablename__ = "question_editions"

    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), index=True)
    language: Mapped[str]
    audience: Mapped[str]
    text: Mapped[str]
    rendered: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_at: Mapped[datetime]


@public
class Regrade(Base):
    """An author's decision: answers given on some editions of a question are judged by another one.

    Without `to_edition_id` the question is dropped: it counts for nobody.
    """

    __tablename__ = "regrades"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(unique=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), index=True)
    to_edition_id: Mapped[str | None] = mapped_column(ForeignKey("question_editions.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))


@public
class RegradeEdition(Base):
    """An edition whose answers a regrade judges anew; of several regrades of one edition the last holds."""

    __tablename__ = "regrade_editions"

    regrade_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regrades.id"), primary_key=True)
    edition_id: Mapped[str] = mapped_column(ForeignKey("question_editions.id"), primary_key=True)


@public
class CourseEdition(Base):
    """What a course asked in one edition; its author raises the number when that changes."""

    __tablename__ = "course_editions"

    course_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    requires: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_at: Mapped[datetime]


@public
class RenderedPart(Base):
    """Safe HTML of a step, an opening or a page, by the last day on which it holds."""

    __tablename__ = "rendered_parts"

    item_id: Mapped[str] = mapped_column(ForeignKey("catalog_items.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    variant: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    title: Mapped[str]
    valid_until: Mapped[date | None]
    html: Mapped[str]
    audio: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


@public
class Skill(Base):
    """A can-do statement and its codes in official frameworks."""

    __tablename__ = "skills"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    frameworks: Mapped[list[str]] = mapped_column(JSON)
    retired_at: Mapped[datetime | None]


@public
class ContentFile(Base):
    """A picture or recording of a lesson; `folder` changes with the bytes, so it may be kept for ever."""

    __tablename__ = "content_files"

    folder: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    body: Mapped[bytes]
