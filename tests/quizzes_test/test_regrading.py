"""Regrading: a key corrected, choices moved, added, removed, a question dropped; nothing is taken away."""

import uuid
from datetime import datetime
from fractions import Fraction

import pytest
import sqlalchemy as sa

from lms import clock
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.models import CatalogState, Regrade
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.certificates.models import Certificate
from lms.db import Database, ScopedSession
from lms.progress.actions import Doer, complete_lesson
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import answer, start_attempt
from lms.quizzes.independence import passed_alone
from lms.quizzes.mark_changes import changes_of
from lms.quizzes.marking import edition
from lms.quizzes.models import AnswerText, Attempt, HandIn, MarkChange, PaperQuestion
from lms.quizzes.regrade_actions import decide, finish_all, latest
from lms.quizzes.regrading import RegradeRefused, case_of, editions_of
from tests.quizzes_test.regrade_world import (
    BY,
    DAY,
    MODULE,
    OTHER,
    QUESTION,
    Edit,
    Mark,
    all_of,
    as_text,
    changes,
    count,
    finish,
    key,
    mark,
    plan,
    publish,
    reversed_order,
    reworded,
    settle,
    take,
    typed,
    with_another,
    without,
)
from tests.story import ISSUER, guest, known, learn_module


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


@pytest.fixture
def module(catalogue: Catalogue) -> Module:
    """Give a module all of whose questions stand on every paper; three of three pass."""
    return catalogue.modules[MODULE]


@pytest.fixture
def yesterday() -> datetime:
    """Give a moment long before any decision of the test."""
    return clock.now() - DAY


def ready_but_for(db: ScopedSession, name: str, catalogue: Catalogue, now: datetime) -> Doer:
    """Make somebody to whom only the check of the module is missing."""
    doer = known(db, name, now)
    learn_module(db, doer, catalogue.modules["man-hinh"], catalogue, now)
    for lesson in catalogue.modules[MODULE].lessons:
        complete_lesson(db, doer, lesson, catalogue, ISSUER, now)
    return doer


# ---- a key corrected ------------------------------------------------------------------------------


def test_seven_fails_become_passes_and_issue_seven_certificates_once(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    doers = [ready_but_for(db, f"Trần Thị Na {n}", catalogue, yesterday) for n in range(7)]
    attempts = [take(db, doer, module, catalogue, yesterday, db_dau_cong="c") for doer in doers]
    stranger = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="a")
    assert count(db, Certificate) == 0
    publish(db, offer, db_dau_cong=key("c"))

    told = plan(db)
    assert (told.up, told.down, told.same, told.passes) == (7, 0, 1, 7)
    assert (told.checks, told.modules, told.certificates) == (7, 7, {"lam-quen": 7})
    assert [line.follows.certificates for line in told.lines] == [("lam-quen",)] * 7
    assert (count(db, MarkChange), count(db, Regrade), count(db, Certificate)) == (0, 0, 0)

    regrade, step = settle(database)
    assert regrade is not None
    assert (step.marks, step.passes) == (7, 7)
    assert {mark(db, each) for each in attempts} == {Mark(Fraction(3), 3, passed=True)}
    assert mark(db, stranger) == Mark(Fraction(2), 3, passed=False)
    assert count(db, Certificate) == 7
    assert count(db, ItemCompletion, ItemCompletion.item_id == MODULE) == 7

    assert finish(database, regrade).marks == 0
    assert finish_all(database, ISSUER, clock.now).marks == 0
    again, nothing = settle(database)
    assert again is None
    assert nothing.marks == 0
    assert (count(db, Certificate), count(db, MarkChange), count(db, Regrade)) == (7, 7, 1)


def test_the_trail_says_who_when_why_and_what_stood_before(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    old = module.bank[0].edition_id
    attempt = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="c")
    publish(db, offer, db_dau_cong=key("c"))
    before = clock.now()
    regrade, _ = settle(database)
    assert regrade is not None
    (row,) = changes(db, attempt)
    assert (row.was_points, row.was_out_of, row.was_scale, row.was_passed) == (2, 3, 1, False)
    assert (row.points, row.out_of, row.scale, row.passed) == (3, 3, 1, True)
    assert (row.by, row.reason, row.regrade_id) == (BY.name, BY.reason, regrade.id)
    assert before <= row.at <= clock.now()
    current = load(db).modules[MODULE].bank[0].edition_id
    assert (regrade.to_edition_id, load(db).judged) == (current, {old: current})
    assert db.execute(sa.select(HandIn.points, HandIn.passed)).one() == (2, False)


def test_a_pass_whose_points_fall_keeps_everything_and_is_told_so(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    doer = ready_but_for(db, "Trần Thị Na", catalogue, yesterday)
    attempt = take(db, doer, module, catalogue, yesterday)
    completions = count(db, ItemCompletion)
    assert count(db, Certificate) == 1
    publish(db, offer, db_dau_cong=key("c"))
    told = plan(db)
    assert (told.up, told.down, told.passes, told.kept_passes) == (0, 1, 0, 1)
    settle(database)
    assert mark(db, attempt) == Mark(Fraction(2), 3, passed=True)
    assert (count(db, ItemCompletion), count(db, Certificate)) == (completions, 1)
    (read,) = changes_of(db, attempt)
    assert (read.was_points, read.points, read.out_of, read.direction) == (3, 2, 3, -1)
    assert (read.was_passed, read.passed, read.is_dropped, read.reason) == (True, True, False, BY.reason)
    rows = sa.select(PaperQuestion.position).where(PaperQuestion.question_id == QUESTION)
    assert read.position == db.scalars(rows).one()


def test_a_regrade_that_was_wrong_is_corrected_back_and_takes_nothing_from_who_passed_by_it(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    lucky = take(db, known(db, "Trần Thị Na"), module, catalogue, yesterday, db_dau_cong="c")
    right = take(db, known(db, "Lê Văn Tý"), module, catalogue, yesterday)
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    publish(db, offer)
    told = plan(db)
    assert (told.up, told.down, told.passes, told.kept_passes) == (1, 1, 0, 1)
    settle(database)
    assert mark(db, lucky) == Mark(Fraction(2), 3, passed=True)
    assert mark(db, right) == Mark(Fraction(3), 3, passed=True)
    assert [(c.was_points, c.points) for c in changes(db, right)] == [(3, 2), (2, 3)]
    assert not case_of(db, QUESTION).is_needed
    assert count(db, Regrade) == 2


def test_two_questions_of_a_paper_are_regraded_one_after_the_other(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    attempt = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="c", db_go_nham="b")
    publish(db, offer, db_dau_cong=key("c"), db_go_nham=key("b"))
    settle(database)
    settle(database, OTHER)
    assert mark(db, attempt) == Mark(Fraction(3), 3, passed=True)
    assert [(c.was_points, c.points) for c in changes(db, attempt)] == [(1, 2), (2, 3)]


# ---- choices moved, reworded, added, removed ------------------------------------------------------


@pytest.mark.parametrize("edit", [reversed_order, reworded, with_another, all_of(reversed_order, reworded)])
def test_reordering_rewording_and_adding_change_nothing_and_write_nothing(
    db: ScopedSession, database: Database, catalogue: Catalogue, module: Module, offer: Offer, edit: Edit,
    yesterday: datetime,
) -> None:  # fmt: skip
    attempts = [take(db, guest(db), module, catalogue, yesterday, db_dau_cong=choice) for choice in "abcd"]
    before = [mark(db, each) for each in attempts]
    publish(db, offer, db_dau_cong=edit)
    assert case_of(db, QUESTION).editions == ()
    told = plan(db)
    assert (told.changed, told.removed) == (0, {})
    revision = db.scalar(sa.select(CatalogState.revision))
    assert settle(database)[0] is None
    assert [mark(db, each) for each in attempts] == before
    assert (count(db, Regrade), count(db, MarkChange)) == (0, 0)
    assert db.scalar(sa.select(CatalogState.revision)) == revision


def test_reordering_together_with_a_corrected_key_goes_by_keys_never_by_places(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    attempts = {c: take(db, guest(db), module, catalogue, yesterday, db_dau_cong=c) for c in "abcd"}
    publish(db, offer, db_dau_cong=all_of(reversed_order, key("c")))
    settle(database)
    assert {c: mark(db, each).points for c, each in attempts.items()} == {"a": 2, "b": 2, "c": 3, "d": 2}


def test_a_removed_choice_that_people_chose_is_reported_and_what_it_earned_stands(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    chosen = {c: take(db, guest(db), module, catalogue, yesterday, db_dau_cong=c) for c in "abc"}
    more = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="b")
    publish(db, offer, db_dau_cong=all_of(without("b"), key("c")))
    told = plan(db)
    assert told.removed == {"b": 2}
    assert (told.up, told.down, told.same) == (1, 0, 3)
    settle(database)
    assert {c: mark(db, each).points for c, each in chosen.items()} == {"a": 2, "b": 3, "c": 3}
    assert changes(db, more) == []


def test_a_removed_wrong_choice_needs_no_regrade_but_who_chose_it_is_reported(
    db: ScopedSession, catalogue: Catalogue, module: Module, offer: Offer, yesterday: datetime
) -> None:
    take(db, guest(db), module, catalogue, yesterday, db_dau_cong="a")
    publish(db, offer, db_dau_cong=without("a"))
    told = plan(db)
    assert (told.case.is_needed, told.changed, told.removed) == (False, 0, {"a": 1})


def test_of_several_editions_only_the_one_named_is_judged_anew(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    first = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="c")
    publish(db, offer, db_dau_cong=all_of(reworded, key("a")))
    second = take(db, guest(db), load(db).modules[MODULE], load(db), yesterday, db_dau_cong="c")
    publish(db, offer, db_dau_cong=key("c"))
    oldest = module.bank[0].edition_id
    assert len(editions_of(db, QUESTION)) == 3
    case = case_of(db, QUESTION, only=[oldest[:10]])
    assert case.editions == (oldest,)
    with pytest.raises(RegradeRefused, match="không chỉ đúng một bản"):
        case_of(db, QUESTION, only=["không-có"])
    with database.transaction() as own:
        regrade = decide(own, QUESTION, BY, clock.now(), ref="chi-mot-ban", only=[oldest])
    assert regrade is not None
    finish(database, regrade)
    assert (mark(db, first).points, mark(db, second).points) == (3, 2)


# ---- a question dropped ---------------------------------------------------------------------------


def test_a_dropped_question_counts_for_nobody_and_comes_back_when_that_was_wrong(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    wrong = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="a")
    right = take(db, guest(db), module, catalogue, yesterday)
    told = plan(db, drop=True)
    assert (told.up, told.even, told.passes) == (1, 1, 1)
    settle(database, drop=True)
    assert mark(db, wrong) == Mark(Fraction(2), 2, passed=True)
    assert mark(db, right) == Mark(Fraction(2), 2, passed=True)
    assert [t.is_dropped for t in changes_of(db, wrong)] == [True]
    assert QUESTION not in {question.id for question in load(db).modules[module.id].bank}
    assert settle(database, drop=True)[0] is None
    settle(database)
    assert QUESTION in {question.id for question in load(db).modules[module.id].bank}
    assert mark(db, wrong) == Mark(Fraction(2), 3, passed=True)
    assert mark(db, right) == Mark(Fraction(3), 3, passed=True)


def test_a_question_that_left_the_bank_can_be_dropped_still(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    attempt = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="a")
    item = next(one for one in offer.items if one.id == QUESTION)
    item_row = sa.text("UPDATE catalog_items SET retired_at = :at WHERE id = :id")
    db.execute(item_row, {"at": "2026-01-01 00:00:00", "id": item.id})
    settle(database, drop=True)
    assert mark(db, attempt) == Mark(Fraction(2), 2, passed=True)


# ---- attempts that meet the decision --------------------------------------------------------------


def test_an_attempt_drawn_before_and_handed_in_after_is_marked_by_the_decision(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    doer = guest(db)
    code = start_attempt(db, doer, module, yesterday)
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    attempt = handed_in(db, doer, code, load(db))
    assert mark(db, attempt) == Mark(Fraction(3), 3, passed=True)
    assert finish_all(database, ISSUER, clock.now).marks == 0


def test_a_worker_that_had_not_heard_of_the_decision_is_put_right_by_the_sweep(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    doer = guest(db)
    code = start_attempt(db, doer, module, yesterday)
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    attempt = handed_in(db, doer, code, catalogue)
    assert db.scalars(sa.select(HandIn.points)).all() == [2]
    assert finish_all(database, ISSUER, clock.now).passes == 1
    assert mark(db, attempt) == Mark(Fraction(3), 3, passed=True)
    assert finish_all(database, ISSUER, clock.now).marks == 0


def handed_in(db: ScopedSession, doer: Doer, code: str, catalogue: Catalogue) -> uuid.UUID:
    """Answer a paper now: c to the question, the others rightly by their own editions."""
    attempt_id = db.scalars(sa.select(Attempt.id).where(Attempt.code == code)).one()
    for row in db.scalars(sa.select(PaperQuestion).where(PaperQuestion.attempt_id == attempt_id)).all():
        given = edition(db, row.edition_id, catalogue)
        right = next(line.key for line in given.choices if line.is_right)
        choice = "c" if row.question_id == QUESTION else right
        answer(db, doer, code, row.position, choice, catalogue, ISSUER, clock.now())
    return attempt_id


def test_a_regrade_broken_off_is_finished_by_the_next_one_in_order(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    lucky = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="c")
    passed_by = take(db, guest(db), module, catalogue, yesterday, db_dau_cong="a")
    publish(db, offer, db_dau_cong=key("a"))
    with database.transaction() as own:
        decide(own, QUESTION, BY, clock.now(), ref="mot")
    publish(db, offer, db_dau_cong=key("c"))
    regrade, _ = settle(database, ref="hai")
    assert regrade is not None
    assert mark(db, lucky) == Mark(Fraction(3), 3, passed=True)
    assert mark(db, passed_by) == Mark(Fraction(2), 3, passed=True)
    assert [(c.was_points, c.points) for c in changes(db, passed_by)] == [(2, 3), (3, 2)]
    held = latest(db, QUESTION)
    assert held is not None
    assert held.id == regrade.id


# ---- what else reads a pass -----------------------------------------------------------------------


def test_a_pass_that_came_by_a_regrade_counts_as_passed_alone(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    doer = known(db, "Trần Thị Na")
    take(db, doer, module, catalogue, yesterday, db_dau_cong="c")
    assert doer.person_id is not None
    assert passed_alone(db, [doer.person_id], [module.id]) == set()
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    assert passed_alone(db, [doer.person_id], [module.id]) == {(doer.person_id, module.id)}


def test_two_pupils_at_one_machine_both_get_what_the_regrade_earns(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    one, two = known(db, "Trần Thị Na"), known(db, "Lê Văn Tý")
    both = Doer(one.learner_id, one.person_id, one.full_name, two.learner_id)
    for lesson in module.lessons:
        complete_lesson(db, both, lesson, catalogue, ISSUER, yesterday)
    take(db, both, module, catalogue, yesterday, db_dau_cong="c")
    publish(db, offer, db_dau_cong=key("c"))
    assert (plan(db).passes, plan(db).checks, plan(db).modules) == (1, 2, 2)
    settle(database)
    rows = sa.select(ItemCompletion.learner_id, ItemCompletion.mode)
    done = db.execute(rows.where(ItemCompletion.item_id == module.id)).all()
    assert set(done) == {(one.learner_id, "assisted"), (two.learner_id, "assisted")}


# ---- typed answers --------------------------------------------------------------------------------


def test_words_are_matched_again_and_erased_ones_keep_what_they_earned(
    db: ScopedSession,
    database: Database,
    catalogue: Catalogue,
    module: Module,
    offer: Offer,
    yesterday: datetime,
) -> None:
    publish(db, offer, db_dau_cong=as_text("dấu cộng"))
    now_typed = load(db).modules[MODULE]
    given = now_typed.bank[0].edition_id
    said = [("a", "Dấu cộng"), ("-", "hình cộng"), ("-", None), ("a", None), ("d", None), ("-", "mặt trời")]
    attempts = typed(db, said, given, QUESTION, now_typed, guest(db).learner_id, yesterday)
    publish(db, offer, db_dau_cong=as_text("nút cộng", "hình cộng"))
    told = plan(db)
    assert (told.up, told.down, told.erased, told.removed) == (1, 1, 2, {})
    settle(database)
    assert [mark(db, each).points for each in attempts] == [0, 1, 0, 1, 0, 0]
    assert [mark(db, each).passed for each in attempts] == [True, True, False, True, False, False]
    assert count(db, AnswerText) == 3


def test_a_question_that_became_of_another_kind_keeps_every_mark_and_reports_them(
    db: ScopedSession, catalogue: Catalogue, module: Module, offer: Offer, yesterday: datetime
) -> None:
    take(db, guest(db), module, catalogue, yesterday)
    take(db, guest(db), module, catalogue, yesterday, db_dau_cong="c")
    publish(db, offer, db_dau_cong=as_text("dấu cộng"))
    told = plan(db)
    assert (told.changed, told.same, told.removed) == (0, 2, {"b": 1, "c": 1})


# ---- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "said"), [("  ", "Chưa ghi lý do"), ("x" * 301, "dài quá 300 chữ")])
def test_a_decision_without_a_plain_reason_is_refused(db: ScopedSession, reason: str, said: str) -> None:
    by = type(BY)(BY.name, reason)
    with pytest.raises(RegradeRefused, match=said):
        decide(db, QUESTION, by, clock.now(), ref="khong")
    assert count(db, Regrade) == 0


def test_an_unknown_question_is_refused_with_where_to_look(db: ScopedSession) -> None:
    with pytest.raises(RegradeRefused, match="Không có câu hỏi mang mã “khong-co”"):
        case_of(db, "khong-co")
