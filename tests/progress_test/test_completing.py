"""Completing lessons and checks in the database, alone and under a name."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.people.actions import add_person, claim, undo_claim
from lms.progress.actions import Doer, complete_lesson, settle_person
from lms.progress.models import ItemCompletion
from lms.progress.queries import done_items, has_completed_anything
from tests.story import ISSUER, guest, known, learn_module, take_check

MONDAY = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


def standing(db: ScopedSession, doer: Doer) -> dict[str, tuple[datetime, int]]:
    """Return what counts for somebody: item → (since when, level)."""
    done = done_items(db, doer.learner_id, doer.person_id)
    return {item: (found.at, found.level) for item, found in done.items()}


@pytest.mark.parametrize("check_first", [True, False])
def test_a_module_is_completed_in_either_order(
    db: ScopedSession, catalogue: Catalogue, check_first: bool
) -> None:
    doer, module = guest(db), catalogue.modules["man-hinh"]
    required = next(lesson for lesson in module.lessons if lesson.required)
    if check_first:
        take_check(db, doer, module, catalogue)
        settled = complete_lesson(db, doer, required, catalogue, ISSUER, MONDAY)
    else:
        assert not complete_lesson(db, doer, required, catalogue, ISSUER, MONDAY).module_done
        ended = take_check(db, doer, module, catalogue)
        assert ended.settled is not None
        settled = ended.settled
    assert settled.module_done
    assert {module.id, module.check_id, required.id} == set(standing(db, doer))


def test_a_lesson_that_is_not_required_completes_nothing_and_is_missed_by_nothing(
    db: ScopedSession, catalogue: Catalogue
) -> None:
    doer, module = guest(db), catalogue.modules["man-hinh"]
    extra = next(lesson for lesson in module.lessons if not lesson.required)
    assert not complete_lesson(db, doer, extra, catalogue, ISSUER, MONDAY).module_done
    other = guest(db)
    learn_module(db, other, module, catalogue)
    assert module.id in standing(db, other)
    assert extra.id not in standing(db, other)


def test_a_completion_keeps_the_edition_that_was_read(db: ScopedSession, catalogue: Catalogue) -> None:
    doer, lesson = guest(db), catalogue.lessons["man-hinh-chu-to"]
    complete_lesson(db, doer, lesson, catalogue, ISSUER, MONDAY)
    assert db.scalars(sa.select(ItemCompletion.edition_id)).one() == lesson.edition_id
    assert has_completed_anything(db, doer.learner_id)
    assert not has_completed_anything(db, guest(db).learner_id)


def test_what_a_guest_did_counts_from_the_claim_on_and_at_level_one(
    db: ScopedSession, catalogue: Catalogue
) -> None:
    doer, lesson = guest(db, MONDAY), catalogue.lessons["man-hinh-chu-to"]
    complete_lesson(db, doer, lesson, catalogue, ISSUER, MONDAY)
    person = add_person(db, "Nguyễn Thị Lan", FRIDAY)
    claim(db, doer.learner_id, person.id, "learner", FRIDAY)
    named = Doer(doer.learner_id, person.id, person.full_name)
    assert standing(db, named)[lesson.id] == (FRIDAY, 1)
    assert undo_claim(db, doer.learner_id, FRIDAY)
    assert standing(db, doer)[lesson.id] == (MONDAY, 0)
    assert standing(db, Doer(guest(db).learner_id, person.id)) == {}


def test_what_is_done_after_the_claim_counts_from_its_own_moment(
    db: ScopedSession, catalogue: Catalogue
) -> None:
    doer, lesson = known(db, "Nguyễn Thị Lan", MONDAY), catalogue.lessons["man-hinh-chu-to"]
    complete_lesson(db, doer, lesson, catalogue, ISSUER, FRIDAY)
    assert standing(db, doer)[lesson.id] == (FRIDAY, 1)


def test_a_lesson_done_on_two_phones_counts_once_for_the_person(
    db: ScopedSession, catalogue: Catalogue
) -> None:
    phone, other = known(db, "Nguyễn Thị Lan", MONDAY), guest(db, MONDAY)
    lesson = catalogue.lessons["man-hinh-chu-to"]
    for doer in (phone, other):
        complete_lesson(db, doer, lesson, catalogue, ISSUER, MONDAY)
    assert phone.person_id is not None
    claim(db, other.learner_id, phone.person_id, "learner", FRIDAY)
    assert list(standing(db, phone)) == [lesson.id]
    assert standing(db, phone)[lesson.id] == (MONDAY, 1)


def test_two_claimed_halves_of_one_module_make_it_whole_when_settled(
    db: ScopedSession, catalogue: Catalogue
) -> None:
    phone, other = known(db, "Nguyễn Thị Lan", MONDAY), guest(db, MONDAY)
    module = catalogue.modules["danh-ba"]
    complete_lesson(db, phone, module.lessons[0], catalogue, ISSUER, MONDAY)
    take_check(db, other, module, catalogue, MONDAY)
    assert phone.person_id is not None
    claim(db, other.learner_id, phone.person_id, "learner", FRIDAY)
    assert module.id not in standing(db, phone)
    settle_person(db, phone, catalogue, ISSUER, FRIDAY)
    assert standing(db, phone)[module.id] == (FRIDAY, 1)
