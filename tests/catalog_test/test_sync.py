"""Bringing the catalogue up to date: add, change, move, retire; never lose an edition."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.actions import ContentRefused, sync
from lms.catalog.catalogue import Part
from lms.catalog.models import CatalogItem, CourseEdition, LessonEdition
from lms.catalog.offer import Offer, OfferedItem
from lms.catalog.queries import CatalogueCache, load, revision_of


def changed(offer: Offer, change: Callable[[OfferedItem], OfferedItem | None]) -> Offer:
    """Return the offer after something was done to each item; None takes it away."""
    items = [new for item in offer.items if (new := change(item)) is not None]
    kept = {item.id for item in items}
    return Offer(
        items=items,
        parts=[part for part in offer.parts if part.item_id in kept],
        lessons=[edition for edition in offer.lessons if edition.item_id in kept],
        questions=[edition for edition in offer.questions if edition.item_id in kept],
        courses=offer.courses,
        files=offer.files,
        skills=offer.skills,
    )


def a_lesson(offer: Offer) -> OfferedItem:
    return next(item for item in offer.items if item.kind == "lesson")


def test_the_same_library_again_changes_nothing(db: Session, offer: Offer) -> None:
    before = revision_of(db)
    report = sync(db, offer, clock.now())
    assert report.is_unchanged
    assert revision_of(db) == before


def test_a_new_title_raises_the_revision_and_is_read_again(db: Session, offer: Offer) -> None:
    cache = CatalogueCache()
    old = cache.get(db)
    lesson = a_lesson(offer)
    report = sync(
        db, changed(offer, lambda i: replace(i, title="Tên mới") if i.id == lesson.id else i), clock.now()
    )
    assert report.changed == [lesson.id]
    assert cache.get(db).lessons[lesson.id].title == "Tên mới"
    assert old.lessons[lesson.id].title != "Tên mới"


def test_an_old_address_still_leads_to_its_lesson(db: Session, offer: Offer) -> None:
    lesson = a_lesson(offer)
    sync(
        db, changed(offer, lambda i: replace(i, slug="dia-chi-moi") if i.id == lesson.id else i), clock.now()
    )
    catalogue = load(db)
    assert catalogue.lessons[lesson.id].slug == "dia-chi-moi"
    course = catalogue.lessons[lesson.id].course_id
    assert catalogue.former["lesson", course, lesson.slug] == lesson.id


def test_an_id_that_vanishes_is_refused_until_it_is_named(db: Session, offer: Offer) -> None:
    lesson = a_lesson(offer)
    without = changed(offer, lambda i: None if i.id == lesson.id else i)
    with pytest.raises(ContentRefused, match=lesson.id):
        sync(db, without, clock.now())
    report = sync(db, without, clock.now(), retire=[lesson.id])
    assert report.retired == [lesson.id]
    assert lesson.id not in load(db).lessons
    assert db.scalar(select(CatalogItem.title).where(CatalogItem.id == lesson.id)) == lesson.title
    editions = db.scalars(select(LessonEdition.id).where(LessonEdition.item_id == lesson.id)).all()
    assert editions, "what a learner saw is kept"


def test_a_retired_lesson_may_come_back(db: Session, offer: Offer) -> None:
    lesson = a_lesson(offer)
    sync(db, changed(offer, lambda i: None if i.id == lesson.id else i), clock.now(), retire=[lesson.id])
    sync(db, offer, clock.now())
    assert lesson.id in load(db).lessons


def test_an_id_is_never_used_again_for_another_kind(db: Session, offer: Offer) -> None:
    page = OfferedItem(a_lesson(offer).id, "page", None, 9, "Trang", "trang", {})
    other = changed(offer, lambda i: None if i.id == page.id else i)
    other.items.append(page)
    with pytest.raises(ContentRefused, match="không dùng lại"):
        sync(db, other, clock.now())


def test_other_required_modules_need_a_new_edition_number(db: Session, offer: Offer) -> None:
    course_id, number, requires = offer.courses[0]
    fewer = {"modules": requires["modules"][:1]}
    same_number = Offer(**(vars(offer) | {"courses": [(course_id, number, fewer)]}))
    with pytest.raises(ContentRefused, match=f"edition trong khoa.md lên {number + 1}"):
        sync(db, same_number, clock.now())
    sync(db, Offer(**(vars(offer) | {"courses": [(course_id, number + 1, fewer)]})), clock.now())
    kept = db.scalars(select(CourseEdition.number).where(CourseEdition.course_id == course_id)).all()
    assert sorted(kept) == [number, number + 1]


def test_an_older_edition_number_is_refused(db: Session, offer: Offer) -> None:
    course_id, number, requires = offer.courses[0]
    with pytest.raises(ContentRefused, match="nhỏ hơn"):
        sync(db, Offer(**(vars(offer) | {"courses": [(course_id, number - 1, requires)]})), clock.now())


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 1), "cả hai"),
        (date(2026, 5, 1), "cả hai"),
        (date(2026, 5, 2), "một"),
        (date(2026, 9, 30), "một"),
        (date(2027, 1, 1), "không"),
    ],
)
def test_a_page_says_what_holds_on_the_day(day: date, words: str) -> None:
    part = Part("p", "P", ((date(2026, 5, 1), "cả hai"), (date(2026, 9, 30), "một"), (None, "không")))
    assert part.html(day) == words
