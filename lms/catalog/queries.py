"""Reading the catalogue from the database, once per revision."""

import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import (
    Catalogue,
    Course,
    Edition,
    Lesson,
    Module,
    Page,
    Part,
    Question,
    Recording,
)
from lms.catalog.models import (
    CatalogItem,
    CatalogState,
    ContentFile,
    CourseEdition,
    FormerSlug,
    QuestionEdition,
    Regrade,
    RegradeEdition,
    RenderedPart,
)
from lms.catalog.rendered import question_of

FRESH_SECONDS = 1.0
EMPTY = Part(id="", title="", variants=((None, ""),))


class CatalogueCache:
    """One process's catalogue: its revision is looked at once a second, its rows once per revision."""

    def __init__(self) -> None:
        """Start empty."""
        self._catalogue: Catalogue | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()

    def fresh(self) -> Catalogue | None:
        """Return the catalogue if it was compared less than FRESH_SECONDS ago, else None."""
        if self._catalogue and time.monotonic() - self._looked_at < FRESH_SECONDS:
            return self._catalogue
        return None

    def get(self, db: Session) -> Catalogue:
        """Return the newest catalogue, read again when the revision has moved."""
        with self._lock:
            revision = revision_of(db)
            if self._catalogue is None or self._catalogue.revision != revision:
                self._catalogue = load(db)
            self._looked_at = time.monotonic()
            return self._catalogue


def revision_of(db: Session) -> int:
    """Return the revision of the last sync, 0 before the first."""
    return db.scalar(select(CatalogState.revision)) or 0


def file_of(db: Session, folder: str, name: str) -> ContentFile | None:
    """Return a picture or recording by its address, or None."""
    return db.scalars(
        select(ContentFile).where(ContentFile.folder == folder, ContentFile.name == name)
    ).one_or_none()


def check_of(db: Session, module_id: str) -> str:
    """Return the id of a module's check, offered or retired."""
    item = select(CatalogItem.id).where(CatalogItem.parent_id == module_id, CatalogItem.kind == "check")
    return db.scalars(item).one()


def question_edition(db: Session, edition_id: str) -> Question | None:
    """Return an edition of a question, older ones too."""
    row = db.scalars(select(QuestionEdition).where(QuestionEdition.id == edition_id)).one_or_none()
    return _question(row, {}) if row else None


def question_editions(db: Session, edition_ids: Collection[str]) -> dict[str, Question]:
    """Return these editions of questions by id, older ones too. At most one statement."""
    rows = select(QuestionEdition).where(QuestionEdition.id.in_(edition_ids))
    return {row.id: _question(row, {}) for row in db.scalars(rows)} if edition_ids else {}


def load(db: Session) -> Catalogue:
    """Build the catalogue from its rows, in seven statements.

    The revision is read first: of a sync that commits in between, the next look finds the rest.
    """
    revision = revision_of(db)
    items = db.scalars(
        select(CatalogItem).where(CatalogItem.retired_at.is_(None)).order_by(CatalogItem.position)
    ).all()
    children: dict[str | None, list[CatalogItem]] = defaultdict(list)
    for item in items:
        children[item.parent_id].append(item)
    judged = judged_until(db)
    reader = _Reader(children, _parts(db), _questions(db, items), _editions(db), judged)
    return Catalogue(
        revision=revision,
        courses=tuple(reader.course(item) for item in children[None] if item.kind == "course"),
        pages=tuple(reader.page(item) for item in children[None] if item.kind == "page"),
        former={(row.kind, row.course_id, row.slug): row.item_id for row in db.scalars(select(FormerSlug))},
        judged=judged,
    )


def judged_until(
    db: Session, question_id: str | None = None, before: Regrade | None = None
) -> dict[str, str | None]:
    """Return by which edition others are judged, of one question or of all; by the regrades before one.

    None: the question was dropped.
    """
    rows = (
        select(RegradeEdition.edition_id, Regrade.to_edition_id)
        .join(Regrade, Regrade.id == RegradeEdition.regrade_id)
        .order_by(Regrade.at, Regrade.id)
    )
    if question_id is not None:
        rows = rows.where(Regrade.question_id == question_id)
    if before is not None:
        earlier = or_(Regrade.at < before.at, (Regrade.at == before.at) & (Regrade.id < before.id))
        rows = rows.where(earlier)
    return {row.edition_id: row.to_edition_id for row in db.execute(rows)}


def _parts(db: Session) -> dict[str, list[Part]]:
    rows = db.scalars(
        select(RenderedPart).order_by(RenderedPart.item_id, RenderedPart.position, RenderedPart.variant)
    )
    grouped: dict[tuple[str, str], list[RenderedPart]] = defaultdict(list)
    for row in rows:
        grouped[row.item_id, row.part].append(row)
    parts: dict[str, list[Part]] = defaultdict(list)
    for (item_id, part_id), variants in grouped.items():
        made = tuple((row.valid_until, row.html) for row in variants)
        audio = tuple(Recording(**recording) for recording in variants[0].audio)
        parts[item_id].append(Part(part_id, variants[0].title, made, audio))
    return parts


def _questions(db: Session, items: Iterable[CatalogItem]) -> dict[str, Question]:
    current = {item.edition_id: item for item in items if item.kind == "question"}
    rows = db.scalars(
        select(QuestionEdition)
        .join(CatalogItem, CatalogItem.edition_id == QuestionEdition.id)
        .where(CatalogItem.kind == "question", CatalogItem.retired_at.is_(None))
    )
    return {row.item_id: _question(row, current[row.id].details) for row in rows}


def _question(row: QuestionEdition, details: dict[str, Any]) -> Question:
    return question_of(row.item_id, row.id, row.rendered, details)


def _editions(db: Session) -> dict[str, tuple[Edition, ...]]:
    editions: dict[str, tuple[Edition, ...]] = defaultdict(tuple)
    for row in db.scalars(select(CourseEdition).order_by(CourseEdition.course_id, CourseEdition.number)):
        edition = Edition(row.number, tuple(row.requires["modules"]), row.first_at)
        editions[row.course_id] += (edition,)
    return editions


class _Reader:
    """Puts rows together into values, from the course down."""

    def __init__(
        self,
        children: dict[str | None, list[CatalogItem]],
        parts: dict[str, list[Part]],
        questions: dict[str, Question],
        editions: dict[str, tuple[Edition, ...]],
        judged: dict[str, str | None],
    ) -> None:
        self.children, self.parts, self.questions, self.editions = children, parts, questions, editions
        self.judged = judged

    def _text(self, item: CatalogItem) -> Part:
        parts = self.parts.get(item.id)
        return parts[0] if parts else EMPTY

    def page(self, item: CatalogItem) -> Page:
        return Page(id=item.id, slug=item.slug, title=item.title, text=self._text(item))

    def course(self, item: CatalogItem) -> Course:
        return Course(
            id=item.id,
            slug=item.slug,
            title=item.title,
            summary=item.details["summary"],
            audiences=tuple(item.details["audiences"]),
            design=item.details["design"],
            text=self._text(item),
            modules=tuple(self.module(child) for child in self.children[item.id] if child.kind == "module"),
            editions=self.editions[item.id],
        )

    def module(self, item: CatalogItem) -> Module:
        check = next(child for child in self.children[item.id] if child.kind == "check")
        lessons = [child for child in self.children[item.id] if child.kind == "lesson"]
        bank = [child for child in self.children[check.id] if child.details["in_check"]]
        return Module(
            id=item.id,
            course_id=item.parent_id or "",
            slug=item.slug,
            title=item.title,
            goal=item.details["goal"],
            required=item.details["required"],
            is_reviewed=item.details["is_reviewed"],
            text=self._text(item),
            lessons=tuple(self.lesson(lesson, item, check) for lesson in lessons),
            check_id=check.id,
            draw=check.details["draw"],
            pass_percent=check.details["pass_percent"],
            bank=tuple(found for q in bank if not self._is_dropped(found := self.questions[q.id])),
            tries=check.details.get("tries", 0),
            wait=check.details.get("wait", 0),
            counts=check.details.get("counts", "best"),
        )

    def _is_dropped(self, question: Question) -> bool:
        """Tell whether a question was dropped in its current edition: no check asks it any more."""
        return self.judged.get(question.edition_id, question.edition_id) is None

    def lesson(self, item: CatalogItem, module: CatalogItem, check: CatalogItem) -> Lesson:
        practice = [q for q in self.children[check.id] if q.details["practice_of"] == item.id]
        return Lesson(
            id=item.id,
            course_id=module.parent_id or "",
            module_id=module.id,
            slug=item.slug,
            title=item.title,
            goal=item.details["goal"],
            minutes=item.details["minutes"],
            required=item.details["required"],
            remember=item.details["remember"],
            is_reviewed=item.details["is_reviewed"],
            edition_id=item.edition_id or "",
            steps=tuple(self.parts[item.id]),
            practice=tuple(self.questions[question.id] for question in practice),
            search_text=item.details["search_text"],
        )
