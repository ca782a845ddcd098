"""Attempts in the database: one paper, one answer a question, one handing-in, whatever the order."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import clock, content
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.offer import Offer, prepare
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.people.actions import claim
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import UnknownChoice, answer, mark, start_attempt
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion
from lms.quizzes.queries import open_attempt, paper_by_code
from tests.conftest import SAMPLE
from tests.story import ISSUER, begin, choice, guest, known, take_check


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


@pytest.fixture
def module(catalogue: Catalogue) -> Module:
    """Give the first module."""
    return catalogue.modules["man-hinh"]


def kept(db: ScopedSession, code: str) -> dict[str, str]:
    """Return what the database holds as answers of an attempt: question → key."""
    rows = sa.select(Answer.question_id, Answer.choice).join(Attempt, Attempt.id == Answer.attempt_id)
    return {row.question_id: row.choice for row in db.execute(rows.where(Attempt.code == code))}


def test_an_open_attempt_is_gone_on_with_and_a_new_one_counts_up(
    db: ScopedSession, catalogue: Catalogue, module: Module
) -> None:
    doer = guest(db)
    first = start_attempt(db, doer, module, clock.now())
    assert start_attempt(db, doer, module, clock.now()) == first
    assert open_attempt(db, doer.learner_id, doer.person_id, module.id) == first
    take_check(db, doer, module, catalogue)
    assert open_attempt(db, doer.learner_id, doer.person_id, module.id) is None
    second = start_attempt(db, doer, module, clock.now())
    assert second != first
    assert sorted(db.scalars(sa.select(Attempt.number))) == [1, 2]


def test_the_paper_is_drawn_once_and_stays(db: ScopedSession, module: Module) -> None:
    doer = guest(db)
    code, paper = begin(db, doer, module)
    assert len(paper.rows) == module.draw
    again = paper_by_code(db, code, doer.learner_id, None)
    assert again == paper
    assert {row.question_id for row in paper.rows} <= {q.id for q in module.bank}


def test_an_attempt_code_cannot_be_guessed(db: ScopedSession, module: Module) -> None:
    codes = {start_attempt(db, guest(db), module, clock.now()) for _ in range(20)}
    assert len(codes) == 20
    assert {len(code) for code in codes} == {32}


def test_the_last_answer_hands_the_paper_in_and_marks_it(
    db: ScopedSession, catalogue: Catalogue, module: Module
) -> None:
    answered = take_check(db, guest(db), module, catalogue, wrong=1)
    assert answered.score is not None
    assert (answered.score.points, answered.score.out_of) == (2, 3)
    assert answered.settled is None
    assert db.execute(sa.select(HandIn.points, HandIn.out_of, HandIn.passed)).one() == (2, 3, False)
    assert db.scalars(sa.select(ItemCompletion.item_id)).all() == []


def test_a_passed_check_is_completed_once(db: ScopedSession, catalogue: Catalogue, module: Module) -> None:
    doer = guest(db)
    first, second = (take_check(db, doer, module, catalogue) for _ in range(2))
    assert first.settled is not None
    assert second.settled is not None
    assert (first.settled.is_new, second.settled.is_new) == (True, False)
    assert db.scalars(sa.select(ItemCompletion.item_id)).all() == [module.check_id]


def test_an_answer_after_the_paper_was_handed_in_changes_nothing(
    db: ScopedSession, catalogue: Catalogue, module: Module
) -> None:
    doer = guest(db)
    take_check(db, doer, module, catalogue, wrong=2)
    code = db.scalars(sa.select(Attempt.code)).one()
    before = kept(db, code)
    paper = paper_by_code(db, code, doer.learner_id, None)
    assert paper is not None
    for row in paper.rows:
        right = choice(catalogue, row.edition_id, right=True)
        late = answer(db, doer, code, row.position, right, catalogue, ISSUER, clock.now())
        assert late is not None
        assert late.score is None
    assert kept(db, code) == before
    assert db.scalars(sa.select(HandIn.points)).all() == [1]


@pytest.mark.parametrize("chosen", ["", "z", "a b", "abcd", "á"])
def test_a_choice_that_is_not_on_the_paper_is_refused(
    db: ScopedSession, catalogue: Catalogue, module: Module, chosen: str
) -> None:
    doer = guest(db)
    code, _ = begin(db, doer, module)
    with pytest.raises(UnknownChoice):
        answer(db, doer, code, 1, chosen, catalogue, ISSUER, clock.now())
    assert kept(db, code) == {}


def test_somebody_else_s_attempt_is_not_there(
    db: ScopedSession, catalogue: Catalogue, module: Module
) -> None:
    code, _ = begin(db, guest(db), module)
    stranger = known(db, "Trần Văn Bảy")
    assert paper_by_code(db, code, stranger.learner_id, stranger.person_id) is None
    assert answer(db, stranger, code, 1, "a", catalogue, ISSUER, clock.now()) is None
    assert kept(db, code) == {}


@pytest.mark.parametrize("position", [0, -1, 4, 10**12])
def test_a_position_outside_the_paper_is_not_there(
    db: ScopedSession, catalogue: Catalogue, module: Module, position: int
) -> None:
    doer = guest(db)
    code, _ = begin(db, doer, module)
    assert answer(db, doer, code, position, "a", catalogue, ISSUER, clock.now()) is None


def test_an_attempt_is_gone_on_with_from_another_phone_of_the_same_person(
    db: ScopedSession, catalogue: Catalogue, module: Module
) -> None:
    here = known(db, "Nguyễn Thị Lan")
    there = replace(guest(db), person_id=here.person_id, full_name=here.full_name)
    assert here.person_id is not None
    claim(db, there.learner_id, here.person_id, "learner", clock.now())
    code, paper = begin(db, here, module)
    for row, doer in zip(paper.rows, (here, there, here), strict=True):
        right = choice(catalogue, row.edition_id, right=True)
        assert answer(db, doer, code, row.position, right, catalogue, ISSUER, clock.now()) is not None
    assert db.scalars(sa.select(HandIn.passed)).all() == [True]


ACTS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abcd")), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_the_order_of_answers_from_several_tabs_the_first_of_each_counts(
    db: ScopedSession, catalogue: Catalogue, acts: list[tuple[int, str]]
) -> None:
    module = catalogue.modules["man-hinh"]
    doer = guest(db)
    code, paper = begin(db, doer, module)
    first: dict[int, str] = {}
    for position, key in acts:
        first.setdefault(position, key)
        assert answer(db, doer, code, position, key, catalogue, ISSUER, clock.now()) is not None
    assert kept(db, code) == {paper.rows[p - 1].question_id: key for p, key in first.items()}
    ended = paper_by_code(db, code, doer.learner_id, None)
    assert ended is not None
    assert (ended.ended_at is not None) == (len(first) == 3)
    if len(first) == 3:
        right = sum(
            choice(catalogue, row.edition_id, right=True) == first[row.position] for row in paper.rows
        )
        assert (ended.points, ended.passed) == (right, right == 3)
        assert mark(db, ended, catalogue).points == ended.points


def test_an_answer_is_marked_with_the_edition_it_was_given_on_though_the_key_changed_since(
    db: ScopedSession, catalogue: Catalogue, module: Module, tmp_path: object
) -> None:
    doer = guest(db)
    code, paper = begin(db, doer, module)
    for row in paper.rows[:2]:
        right = choice(catalogue, row.edition_id, right=True)
        answer(db, doer, code, row.position, right, catalogue, ISSUER, clock.now())
    sync(db, _with_all_keys_moved(), clock.now())
    changed = load(db)
    assert changed.revision > catalogue.revision
    last = paper.rows[2]
    assert last.edition_id not in changed.questions
    right = choice(catalogue, last.edition_id, right=True)
    ended = answer(db, doer, code, 3, right, changed, ISSUER, clock.now())
    assert ended is not None
    assert ended.score is not None
    assert ended.score.points == 3


def _with_all_keys_moved() -> Offer:
    """Return the sample library with another choice marked right in every question of the first bank."""
    library = content.load(SAMPLE)
    course = library.courses[0]
    module = course.modules[0]
    assert module.quiz is not None
    questions = tuple(
        replace(
            q,
            choices=tuple(
                replace(c, is_right=not c.is_right if c.key in {q.choices[0].key, _right(q)} else c.is_right)
                for c in q.choices
            )
            if _right(q) != q.choices[0].key
            else tuple(replace(c, is_right=c.key == "b") for c in q.choices),
        )
        for q in module.quiz.questions
    )
    moved = replace(module, quiz=replace(module.quiz, questions=questions))
    modules = (moved, *course.modules[1:])
    return prepare(replace(library, courses=(replace(course, modules=modules),)), SAMPLE)


def _right(question: object) -> str:
    return next(c.key for c in question.choices if c.is_right)  # type: ignore[attr-defined]


def test_a_paper_drawn_before_a_change_keeps_its_questions_and_words(
    db: ScopedSession, catalogue: Catalogue, module: Module
) -> None:
    doer = guest(db)
    code, paper = begin(db, doer, module)
    sync(db, _with_all_keys_moved(), clock.now())
    again = paper_by_code(db, code, doer.learner_id, None)
    assert again == paper
    editions = set(db.scalars(sa.select(PaperQuestion.edition_id)))
    assert editions == {row.edition_id for row in paper.rows}
