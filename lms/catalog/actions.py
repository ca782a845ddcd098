"""Bringing the catalogue up to what the authors' files say: add, change, retire; never delete."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms.catalog.marking_key import key_of
from lms.catalog.models import (
    CatalogItem,
    CatalogState,
    ContentFile,
    CourseEdition,
    FormerSlug,
    LessonEdition,
    QuestionEdition,
    RenderedPart,
    Skill,
)
from lms.catalog.offer import Offer, OfferedItem
from lms.catalog.rendered import question_of

_FILE = re.compile(r'"/tep/([0-9a-f]+)/([^"]+)"')


class ContentRefused(Exception):
    """The library may not be published as it is; the message says why and what to do."""


@dataclass
class SyncReport:
    """What a sync did, as ids; `rekeyed` are questions whose new edition marks otherwise than the last."""

    revision: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    rekeyed: list[str] = field(default_factory=list)
    is_unchanged: bool = False


def sync(db: Session, offer: Offer, now: datetime, *, retire: Iterable[str] = ()) -> SyncReport:
    """Write an offer in one transaction and raise the revision; the same offer again changes nothing.

    Raises ContentRefused when an id has vanished without being named in `retire`, or when a course
    asks for other modules under the same edition number.
    """
    report = SyncReport()
    state = db.scalars(select(CatalogState).with_for_update()).one_or_none()
    known = {item.id: item for item in db.scalars(select(CatalogItem))}
    _retire_missing(offer, known, set(retire), now, report)
    report.rekeyed = _rekeyed(db, offer, known)
    others_changed = [
        _write_items(db, offer, known, report),
        _write_editions(db, offer, now),
        _write_courses(db, offer, now),
        _write_parts(db, offer),
        _write_skills(db, offer, now),
    ]
    if not (report.added or report.changed or report.retired or any(others_changed)):
        report.is_unchanged, report.revision = True, state.revision if state else 0
        return report
    if state is None:
        state = CatalogState(id=1, revision=0, synced_at=now)
        db.add(state)
    state.revision, state.synced_at = state.revision + 1, now
    report.revision = state.revision
    db.flush()
    return report


def _retire_missing(
    offer: Offer, known: dict[str, CatalogItem], retire: set[str], now: datetime, report: SyncReport
) -> None:
    offered = {item.id for item in offer.items}
    missing = {key for key, item in known.items() if key not in offered and item.retired_at is None}
    # A question leaves with its bank, a lesson with its module: naming the top is enough.
    for key in sorted(missing):
        lineage, at = {key}, known[key]
        while at.parent_id and at.parent_id in known:
            at = known[at.parent_id]
            lineage.add(at.id)
        if not lineage & retire:
            raise ContentRefused(
                f"Mã “{key}” ({known[key].title}) đã công bố nay không còn trong thư mục nội dung. "
                f"Đặt lại mã cũ, hoặc cho nghỉ bằng: lms content sync --retire {key}"
            )
        known[key].retired_at = now
        report.retired.append(key)


def _rekeyed(db: Session, offer: Offer, known: dict[str, CatalogItem]) -> list[str]:
    new = {edition.item_id: edition for edition in offer.questions}
    former = {
        item.edition_id: item.id
        for item in known.values()
        if item.id in new and item.edition_id and item.edition_id != new[item.id].id
    }
    rows = select(QuestionEdition.id, QuestionEdition.rendered).where(QuestionEdition.id.in_(former))
    old = {former[row.id]: row.rendered for row in db.execute(rows)} if former else {}
    return sorted(
        item_id
        for item_id, rendered in old.items()
        if key_of(question_of(item_id, "", rendered, {}))
        != key_of(question_of(item_id, "", new[item_id].rendered or {}, {}))
    )


def _write_items(db: Session, offer: Offer, known: dict[str, CatalogItem], report: SyncReport) -> bool:
    before = {key: (_course_of(item, known), item.slug) for key, item in known.items()}
    for item in offer.items:
        row = known.get(item.id)
        if row is None:
            row = known[item.id] = CatalogItem(id=item.id, kind=item.kind)
            db.add(row)
            report.added.append(item.id)
        elif row.kind != item.kind:
            raise ContentRefused(
                f"Mã “{item.id}” từng là của {row.kind}, không dùng lại cho {item.kind} được."
            )
        elif _values(row) != _values(item) or row.retired_at is not None:
            report.changed.append(item.id)
        row.parent_id, row.position, row.title = item.parent_id, item.position, item.title
        row.slug, row.details, row.edition_id, row.retired_at = item.slug, item.details, item.edition_id, None
        db.flush()
    return _keep_former_addresses(db, offer, known, before)


def _values(item: CatalogItem | OfferedItem) -> tuple[object, ...]:
    return item.parent_id, item.position, item.title, item.slug, item.details, item.edition_id


def _course_of(item: CatalogItem, known: dict[str, CatalogItem]) -> str:
    """Return the course in whose addresses an item stands; empty for a course itself."""
    course = ""
    while item.parent_id and item.parent_id in known:
        item = known[item.parent_id]
        course = item.id
    return course


def _keep_former_addresses(
    db: Session, offer: Offer, known: dict[str, CatalogItem], before: dict[str, tuple[str, str]]
) -> bool:
    held = {(row.kind, row.course_id, row.slug): row for row in db.scalars(select(FormerSlug))}
    changed = False
    for item in offer.items:
        now = _course_of(known[item.id], known), item.slug
        left = {before[item.id]} if item.slug and before.get(item.id, now) != now else set()
        for course_id, slug in sorted(left | {(now[0], slug) for slug in item.former_slugs}):
            row = held.get((item.kind, course_id, slug))
            if row is None:
                row = FormerSlug(kind=item.kind, course_id=course_id, slug=slug, item_id=item.id)
                held[item.kind, course_id, slug] = row
                db.add(row)
                changed = True
            elif row.item_id != item.id:
                row.item_id, changed = item.id, True
    db.flush()
    return changed


def _write_editions(db: Session, offer: Offer, now: datetime) -> bool:
    held = set(db.scalars(select(LessonEdition.id)))
    for edition in offer.lessons:
        if edition.id not in held:
            db.add(
                LessonEdition(
                    id=edition.id,
                    item_id=edition.item_id,
                    language="vi",
                    audience="all",
                    text=edition.text,
                    first_at=now,
                )
            )
    questions, changed = {row.id: row for row in db.scalars(select(QuestionEdition))}, False
    for edition in offer.questions:
        row = questions.get(edition.id)
        if row is None:
            db.add(
                QuestionEdition(
                    id=edition.id,
                    item_id=edition.item_id,
                    language="vi",
                    audience="all",
                    text=edition.text,
                    rendered=edition.rendered or {},
                    first_at=now,
                )
            )
        elif row.rendered != edition.rendered:
            row.rendered, changed = edition.rendered or {}, True
    db.flush()
    return changed


def _write_courses(db: Session, offer: Offer, now: datetime) -> bool:
    changed = False
    for course_id, number, requires in offer.courses:
        rows = db.scalars(select(CourseEdition).where(CourseEdition.course_id == course_id)).all()
        newest = max((row.number for row in rows), default=0)
        same = next((row for row in rows if row.number == number), None)
        if number < newest:
            raise ContentRefused(
                f"Khóa học “{course_id}”: edition {number} nhỏ hơn edition {newest} đã công bố."
            )
        if same is None:
            db.add(CourseEdition(course_id=course_id, number=number, requires=requires, first_at=now))
            changed = True
        elif same.requires != requires:
            raise ContentRefused(
                f"Khóa học “{course_id}” đã đổi các chủ đề bắt buộc. "
                f"Tăng edition trong khoa.md lên {number + 1} rồi chạy lại."
            )
    db.flush()
    return changed


def _write_parts(db: Session, offer: Offer) -> bool:
    wanted = {(p.item_id, p.part, p.variant): p for p in offer.parts}
    held = {(r.item_id, r.part, r.variant): r for r in db.scalars(select(RenderedPart))}
    changed = False
    for key, row in held.items():
        part = wanted.pop(key, None)
        if part is None:
            db.delete(row)
            changed = True
            continue
        new = (part.position, part.title, part.valid_until, part.html, part.audio)
        if new != (row.position, row.title, row.valid_until, row.html, row.audio):
            row.position, row.title, row.valid_until, row.html, row.audio = new
            changed = True
    db.add_all(RenderedPart(**vars(part)) for part in wanted.values())
    return _write_files(db, offer) or changed or bool(wanted)


def _write_files(db: Session, offer: Offer) -> bool:
    wanted = {(file.folder, file.name): file for file in offer.files}
    held = {(folder, name) for folder, name in db.execute(select(ContentFile.folder, ContentFile.name))}
    left = held - wanted.keys() - _files_of_older_questions(db)
    for folder, name in left:
        db.execute(delete(ContentFile).where(ContentFile.folder == folder, ContentFile.name == name))
    new = wanted.keys() - held
    db.add_all(ContentFile(**vars(wanted[key])) for key in sorted(new))
    db.flush()
    return bool(left or new)


def _files_of_older_questions(db: Session) -> set[tuple[str, str]]:
    """Return the pictures of every edition: results show a question as it was when it was answered."""
    kept: set[tuple[str, str]] = set()
    for rendered in db.scalars(select(QuestionEdition.rendered)):
        kept.update(_FILE.findall(rendered.get("picture", "")))
    return kept


def _write_skills(db: Session, offer: Offer, now: datetime) -> bool:
    held = {row.id: row for row in db.scalars(select(Skill))}
    wanted = {skill.id: (skill.title, list(skill.frameworks), None) for skill in offer.skills}
    changed = False
    for key, row in held.items():
        if key not in wanted and row.retired_at is None:
            row.retired_at, changed = now, True
    for key, values in wanted.items():
        row = held.get(key) or Skill(id=key)
        if key not in held:
            db.add(row)
        if key not in held or (row.title, row.frameworks, row.retired_at) != values:
            row.title, row.frameworks, row.retired_at = values
            changed = True
    db.flush()
    return changed
