"""Attempts with a database: what is kept, once, and what ends them."""

import json

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.models import QuestionEdition
from lms.catalog.offer import Offer, OfferedEdition
from lms.catalog.queries import load
from lms.progress.actions import complete_lesson
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import UnknownChoice, answer, start_attempt
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion
from tests.story import ISSUER, begin, choice, guest, known, learn_module, take_check


@pytest.fixture
def catalogue(db: Session) -> Catalogue:
    return load(db)


@pytest.fixture
def module(catalogue: Catalogue) -> Module:
    return next(iter(catalogue.modules.values()))


def count(db: Session, model: type) -> int:
    return db.scalar(select(func.count()).select_from(model)) or 0


def test_an_open_attempt_is_gone_on_with(db: Session, module: Module) -> None:
    doer = guest(db)
    first = start_attempt(db, doer, module, clock.now())
    assert start_attempt(db, doer, module, clock.now()) == first
    assert count(db, Attempt) == 1
    assert count(db, PaperQuestion) == module.draw


def test_a_new_try_after_handing_in_is_a_new_attempt(
    db: Session, module: Module, catalogue: Catalogue
) -> None:
    doer = guest(db)
    take_check(db, doer, module, catalogue, wrong=module.draw)
    _second, paper = begin(db, doer, module)
    assert paper.number == 2
    assert paper.ended_at is None
    assert paper.next_position == 1


def test_the_first_answer_to_a_question_stands(db: Session, module: Module, catalogue: Catalogue) -> None:
    doer = guest(db)
    code, paper = begin(db, doer, module)
    row = paper.rows[0]
    right, wrong = (choice(catalogue, row.edition_id, right=r) for r in (True, False))
    answer(db, doer, code, 1, wrong, catalogue, ISSUER, clock.now())
    answer(db, doer, code, 1, right, catalogue, ISSUER, clock.now())
    assert db.scalars(select(Answer.choice)).all() == [wrong]


def test_a_choice_that_is_not_on_the_paper_is_refused(
    db: Session, module: Module, catalogue: Catalogue
) -> None:
    doer = guest(db)
    code, _ = begin(db, doer, module)
    for typed in ("", "z", "A", "a,b", "a\x00"):
        with pytest.raises(UnknownChoice):
            answer(db, doer, code, 1, typed, catalogue, ISSUER, clock.now())
    assert count(db, Answer) == 0


def test_nobody_answers_on_the_paper_of_somebody_else(
    db: Session, module: Module, catalogue: Catalogue
) -> None:
    code, _ = begin(db, guest(db), module)
    for stranger in (guest(db), known(db, "Trần Văn Minh")):
        assert answer(db, stranger, code, 1, "a", catalogue, ISSUER, clock.now()) is None
    assert count(db, Answer) == 0


def test_the_last_answer_hands_in_and_marks(db: Session, module: Module, catalogue: Catalogue) -> None:
    passed = take_check(db, guest(db), module, catalogue)
    failed = take_check(db, guest(db), module, catalogue, wrong=2)
    assert passed.score is not None
    assert failed.score is not None
    assert (passed.score.points, failed.score.points) == (module.draw, module.draw - 2)
    assert sorted(db.scalars(select(HandIn.passed))) == [False, True]
    done = db.scalars(select(ItemCompletion.item_id)).all()
    assert done == [module.check_id], "only the passed check completes an item"


def test_a_late_answer_after_handing_in_changes_nothing(
    db: Session, module: Module, catalogue: Catalogue
) -> None:
    doer = guest(db)
    code, paper = begin(db, doer, module)
    for row in paper.rows:
        key = choice(catalogue, row.edition_id, right=False)
        answer(db, doer, code, row.position, key, catalogue, ISSUER, clock.now())
    right = choice(catalogue, paper.rows[0].edition_id, right=True)
    late = answer(db, doer, code, 1, right, catalogue, ISSUER, clock.now())
    assert late is not None
    assert late.settled is None
    assert db.scalars(select(HandIn.points)).all() == [0]


def test_an_answer_is_marked_by_the_edition_that_was_shown(
    db: Session, module: Module, catalogue: Catalogue, offer: Offer
) -> None:
    doer = guest(db)
    code, paper = begin(db, doer, module)
    keys = {row.position: choice(catalogue, row.edition_id, right=True) for row in paper.rows}
    sync(db, _with_other_keys(offer), clock.now())
    later = load(db)
    assert not set(later.questions) & set(catalogue.questions), "every question has a new edition"
    for row in paper.rows:
        done = answer(db, doer, code, row.position, keys[row.position], later, ISSUER, clock.now())
    assert done is not None
    assert done.score is not None
    assert done.score.points == module.draw
    held = set(db.scalars(select(QuestionEdition.id)))
    assert {row.edition_id for row in paper.rows} <= held


def _with_other_keys(offer: Offer) -> Offer:
    """Return the same library after its author moved every right answer to another choice."""
    changed = Offer(**(vars(offer) | {"items": list(offer.items), "questions": []}))
    for edition in offer.questions:
        rendered = json.loads(json.dumps(edition.rendered))
        choices = [c for c in rendered["choices"] if not c["is_unsure"]]
        place = next(n for n, c in enumerate(choices) if c["is_right"])
        choices[place]["is_right"], choices[place - 1]["is_right"] = False, True
        text, name = f"{edition.text}!", f"{edition.id[:60]}+new"
        changed.questions.append(OfferedEdition(name, edition.item_id, text, rendered))
        at = next(n for n, item in enumerate(changed.items) if item.id == edition.item_id)
        changed.items[at] = type(changed.items[at])(**(vars(changed.items[at]) | {"edition_id": name}))
    return changed


def test_the_module_is_completed_in_either_order(db: Session, module: Module, catalogue: Catalogue) -> None:
    first, second = guest(db), guest(db)
    learn_module(db, first, module, catalogue)
    take_check(db, second, module, catalogue)
    completed = select(ItemCompletion.learner_id).where(ItemCompletion.item_id == module.id)
    assert db.scalars(completed).all() == [first.learner_id]
    for lesson in module.lessons:
        if lesson.required:
            complete_lesson(db, second, lesson, catalogue, ISSUER, clock.now())
    assert set(db.scalars(completed)) == {first.learner_id, second.learner_id}


def test_the_database_refuses_to_change_an_answer(db: Session, module: Module, catalogue: Catalogue) -> None:
    take_check(db, guest(db), module, catalogue)
    with pytest.raises(Exception, match="events are appended, never edited"), db.begin_nested():
        db.execute(update(Answer).values(choice="a"))
