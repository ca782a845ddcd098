"""From completions to a phiếu: levels, claims, several learners of one person."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.certificates.actions import Issuer
from lms.certificates.models import Certificate
from lms.people import actions as people
from lms.progress.actions import Doer, complete_lesson, settle_person
from lms.progress.models import ItemCompletion
from lms.progress.queries import done_items
from tests.story import ISSUER, guest, known, learn_course, learn_module


@pytest.fixture
def catalogue(db: Session) -> Catalogue:
    return load(db)


def phieu(db: Session) -> list[Certificate]:
    return list(db.scalars(select(Certificate)))


def test_confirming_a_lesson_twice_is_one_completion(db: Session, catalogue: Catalogue) -> None:
    doer, lesson = guest(db), next(iter(catalogue.lessons.values()))
    assert complete_lesson(db, doer, lesson, catalogue, ISSUER, clock.now()).is_new
    assert not complete_lesson(db, doer, lesson, catalogue, ISSUER, clock.now()).is_new
    rows = db.execute(select(ItemCompletion.item_id, ItemCompletion.level)).all()
    assert rows == [(lesson.id, 0)]


def test_a_guest_earns_no_phieu_however_much_is_learned(db: Session, catalogue: Catalogue) -> None:
    learn_course(db, guest(db), catalogue)
    assert phieu(db) == []


def test_a_named_person_gets_one_phieu_for_a_course(db: Session, catalogue: Catalogue) -> None:
    doer = known(db, "H'Hen Niê")
    issued = learn_course(db, doer, catalogue)
    assert issued is not None
    words = json.loads(issued.payload)
    course = catalogue.courses[0]
    assert words["holder_name"] == "H'Hen Niê"
    assert [m["title"] for m in words["modules"]] == [m.title for m in course.modules]
    assert words["how"] == "Tự học, không có người chứng kiến"
    settle_person(db, doer, catalogue, ISSUER, clock.now())
    learn_module(db, doer, course.modules[0], catalogue)
    assert len(phieu(db)) == 1


def test_what_a_guest_learned_counts_from_the_claim(db: Session, catalogue: Catalogue) -> None:
    learned = clock.now() - timedelta(days=20)
    claimed = clock.now() - timedelta(days=3)
    doer = guest(db, learned)
    learn_course(db, doer, catalogue, learned)
    person = people.add_person(db, "Nguyễn Thị Lan", claimed)
    people.claim(db, doer.learner_id, person.id, "learner", claimed)
    named = Doer(doer.learner_id, person.id, person.full_name)
    done = done_items(db, named.learner_id, named.person_id)
    assert {(d.at, d.level) for d in done.values()} == {(claimed, 1)}
    settle_person(db, named, catalogue, ISSUER, clock.now())
    assert [c.level for c in phieu(db)] == [1]


def test_two_phones_of_one_person_complete_a_course_together(db: Session, catalogue: Catalogue) -> None:
    first = known(db, "Nguyễn Thị Lan")
    second = Doer(people.make_learner(db, clock.now()), first.person_id, first.full_name)
    assert first.person_id is not None
    people.claim(db, second.learner_id, first.person_id, "learner", clock.now())
    one, other = catalogue.courses[0].modules
    learn_module(db, first, one, catalogue)
    assert phieu(db) == []
    learn_module(db, second, other, catalogue)
    assert len(phieu(db)) == 1


def test_an_undone_claim_takes_its_evidence_along(db: Session, catalogue: Catalogue) -> None:
    doer = known(db, "Nguyễn Thị Lan")
    complete_lesson(db, doer, next(iter(catalogue.lessons.values())), catalogue, ISSUER, clock.now())
    assert done_items(db, None, doer.person_id)
    assert people.undo_claim(db, doer.learner_id, clock.now())
    assert not done_items(db, None, doer.person_id)
    assert done_items(db, doer.learner_id, None), "the learner keeps what was done"


def test_nobody_at_all_has_done_nothing(db: Session, catalogue: Catalogue) -> None:
    learn_course(db, guest(db), catalogue)
    learn_course(db, known(db, "Trần Văn Minh"), catalogue)
    assert done_items(db, None, None) == {}


def test_without_a_public_address_the_phieu_waits_for_it(db: Session, catalogue: Catalogue) -> None:
    doer = known(db, "Nguyễn Thị Lan")
    nowhere = Issuer("Trường Tiểu học Hoa Sen", "")
    for module in catalogue.courses[0].modules:
        learn_module(db, doer, module, catalogue)
    assert len(phieu(db)) == 1
    other = known(db, "Trần Văn Minh")
    for lesson in catalogue.lessons.values():
        complete_lesson(db, other, lesson, catalogue, nowhere, clock.now())
    settle_person(db, other, catalogue, nowhere, clock.now())
    assert len(phieu(db)) == 1
