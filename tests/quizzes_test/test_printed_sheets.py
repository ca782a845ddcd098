"""Sheets are typed twice, compared, and become results once: level 2, on paper, before their teacher."""

import uuid
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from lms import clock
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.models import CatalogItem, Regrade, RegradeEdition
from lms.catalog.queries import load
from lms.db import NOBODY, Scope, ScopedSession, new_id
from lms.people.models import Claim, Learner, Membership
from lms.progress.actions import Doer
from lms.progress.models import ItemCompletion
from lms.progress.queries import done_items
from lms.quizzes.actions import start_attempt
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion, PrintedResult, TypedSheet
from lms.quizzes.sheet_entry import make_test, settle
from lms.quizzes.sheet_landing import Landed, land
from lms.quizzes.sheets import PaperTest, landed_counts, paper_test, paper_tests
from tests.cast import Cast
from tests.conftest import SharedDatabase
from tests.quizzes_test.printed_class import answers, by_name, printed, pupil, type_once, type_twice
from tests.story import ISSUER, SECRET, known, learn_module


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    return load(db)


@pytest.fixture
def module(catalogue: Catalogue) -> Module:
    return catalogue.courses[0].modules[0]


@pytest.fixture
def test(db: ScopedSession, cast: Cast, module: Module) -> PaperTest:
    """Give a test of 4A in two versions."""
    return printed(db, cast.class_4a, module, cast.lan)


def landed(db: ScopedSession, test: PaperTest, catalogue: Catalogue, cast: Cast) -> Landed:
    """Land what agrees, before cô Lan."""
    return land(db, SECRET, test, catalogue, ISSUER, cast.lan_person.id, clock.now())


def attempts_of(db: ScopedSession, person: uuid.UUID) -> list[Attempt]:
    learners = sa.select(Claim.learner_id).where(Claim.person_id == person, Claim.undone_at.is_(None))
    return list(db.scalars(sa.select(Attempt).where(Attempt.learner_id.in_(learners))))


def test_a_sheet_typed_twice_alike_becomes_a_witnessed_attempt_on_paper(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, module: Module, test: PaperTest
) -> None:
    code = list(test.versions)[1]
    type_twice(db, test, {cast.an.id: (code, answers(catalogue, test, code))})
    assert landed(db, test, catalogue, cast) == Landed(1, 1)

    [attempt] = attempts_of(db, cast.an.id)
    assert (attempt.level, attempt.mode, attempt.witness_id) == (2, "paper", cast.lan_person.id)
    assert (attempt.module_id, attempt.out_of, attempt.pass_percent) == (module.id, 3, module.pass_percent)
    paper = db.scalars(
        sa.select(PaperQuestion)
        .where(PaperQuestion.attempt_id == attempt.id)
        .order_by(PaperQuestion.position)
    ).all()
    printed_order = [(a.question_id, a.edition_id, a.keys) for a in test.versions[code]]
    assert [(p.question_id, p.edition_id, tuple(p.choice_order.split(","))[:-1]) for p in paper] == (
        printed_order
    )
    ended = db.scalars(sa.select(HandIn).where(HandIn.attempt_id == attempt.id)).one()
    assert (ended.points, ended.out_of, ended.passed) == (3, 3, True)
    done = done_items(db, None, cast.an.id)[module.check_id]
    assert (done.level, done.mode) == (2, "paper")
    witnesses = sa.select(ItemCompletion.witness_id).where(ItemCompletion.attempt_id == attempt.id)
    assert db.scalars(witnesses).all() == [cast.lan_person.id]
    assert by_name(db, test)["Đinh Thị An"].mark is not None


def test_a_pupil_without_a_learner_gets_one_from_the_roster_and_others_keep_their_first(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    old = known(db, "Hà Văn Cũ")
    assert old.person_id is not None
    db.add(
        Membership(
            id=new_id(),
            person_id=old.person_id,
            unit_id=cast.class_4a.id,
            audience="student",
            joined_on=clock.today(),
            full_name="Hà Văn Cũ",
            sort_key=b"c",
            search_text="ha van cu",
        )
    )
    code = next(iter(test.versions))
    type_twice(db, test, dict.fromkeys([cast.an.id, old.person_id], (code, "AAA")))
    landed(db, test, catalogue, cast)
    claim = db.scalars(sa.select(Claim).where(Claim.person_id == cast.an.id)).one()
    assert claim.by == "roster"
    assert [a.learner_id for a in attempts_of(db, old.person_id)] == [old.learner_id]


def test_a_sheet_takes_none_of_the_tries_that_a_pupil_has_alone_and_makes_nobody_wait(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, module: Module, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    type_twice(db, test, {cast.an.id: (code, answers(catalogue, test, code, wrong=3))})
    assert landed(db, test, catalogue, cast) == Landed(1, 0)
    [sheet] = attempts_of(db, cast.an.id)
    doer = Doer(sheet.learner_id, cast.an.id, cast.an.full_name)
    assert start_attempt(db, doer, replace(module, tries=1, wait=30), clock.now()) != sheet.code


def test_landing_twice_makes_nothing_twice(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    type_twice(db, test, {cast.an.id: (code, answers(catalogue, test, code))})
    assert landed(db, test, catalogue, cast) == Landed(1, 1)
    assert landed(db, test, catalogue, cast) == Landed(0, 0)
    for model in (Attempt, PrintedResult, HandIn):
        assert db.scalar(sa.select(sa.func.count()).select_from(model)) == 1
    assert landed_counts(db, [test.id]) == {test.id: 1}
    assert db.scalar(sa.select(sa.func.count()).select_from(Learner)) == 1


def test_nothing_lands_that_was_typed_once_differs_or_cannot_be_read(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    once, unlike, faulty, _ = (
        pupil(db, cast.class_4a, name) for name in ("Lý A Một", "Lý A Hai", "Lý A Ba", "Lý A Vắng")
    )
    type_once(db, test, 1, {once.id: (code, "AAA"), unlike.id: (code, "AAA"), faulty.id: (code, "AA")})
    type_once(db, test, 2, {unlike.id: (code, "AAB"), faulty.id: (code, "AAA"), cast.an.id: ("", "")})
    states = {name: line.state for name, line in by_name(db, test).items()}
    assert states == {
        "Đinh Thị An": "nothing",
        "Lý A Một": "once",
        "Lý A Hai": "differs",
        "Lý A Ba": "faulty",
        "Lý A Vắng": "nothing",
    }
    assert landed(db, test, catalogue, cast) == Landed(0, 0)
    assert db.scalars(sa.select(Attempt)).all() == []
    faulty_entry = by_name(db, test)["Lý A Ba"].first
    assert faulty_entry is not None
    assert (faulty_entry.letters, faulty_entry.letters_problem) == (
        "AA",
        "Bài có 3 câu, đã gõ 2. Câu bỏ trống gõ dấu -",
    )


def test_the_teacher_settles_slips_from_the_paper_one_by_one(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    one, other = test.versions
    right = answers(catalogue, test, other)
    typed = right[:2] + next(letter for letter in "ABC" if letter != right[2])
    type_once(db, test, 1, {cast.an.id: (one, right)})
    type_once(db, test, 2, {cast.an.id: (other, typed)})
    assert [slip.position for slip in by_name(db, test)["Đinh Thị An"].slips] == [0, 3]
    assert settle(db, test, {cast.an.id: {3: right[2], 1: "-"}}, "Cô Lan", clock.now()) == 1
    assert [slip.position for slip in by_name(db, test)["Đinh Thị An"].slips] == [0]
    assert settle(db, test, {cast.an.id: {0: other}}, "Cô Lan", clock.now()) == 1
    assert settle(db, test, {cast.an.id: {0: one}}, "Cô Lan", clock.now()) == 0
    assert landed(db, test, catalogue, cast) == Landed(1, 1)
    assert settle(db, test, {cast.an.id: {0: one}}, "Cô Lan", clock.now()) == 0


def test_a_row_left_blank_is_kept_as_not_sure_and_earns_nothing(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, module: Module, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    type_twice(db, test, {cast.an.id: (code, answers(catalogue, test, code, wrong=1, blank=1))})
    assert landed(db, test, catalogue, cast) == Landed(1, 0)
    [attempt] = attempts_of(db, cast.an.id)
    given = dict(
        db.execute(sa.select(Answer.question_id, Answer.choice).where(Answer.attempt_id == attempt.id)).all()
    )
    asked = test.versions[code][1]
    unsure = catalogue.questions[asked.edition_id].unsure
    assert unsure is not None
    assert given[asked.question_id] == unsure.key
    mark = by_name(db, test)["Đinh Thị An"].mark
    assert mark is not None
    assert (mark.points, mark.out_of, mark.passed) == (Fraction(1), Fraction(3), False)
    assert module.check_id not in done_items(db, None, cast.an.id)


def test_a_check_passed_alone_before_is_raised_and_the_module_with_it(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, module: Module, test: PaperTest
) -> None:
    doer = known(db, "Hà Thị Học")
    assert doer.person_id is not None
    db.execute(
        sa.update(Membership).where(Membership.person_id == cast.an.id).values(person_id=doer.person_id)
    )
    learn_module(db, doer, module, catalogue)
    code = next(iter(test.versions))
    type_twice(db, test, {doer.person_id: (code, answers(catalogue, test, code))})
    landed(db, test, catalogue, cast)
    done = done_items(db, doer.learner_id, doer.person_id)
    assert {(done[item].level, done[item].mode) for item in (module.id, module.check_id)} == {(2, "paper")}
    assert sorted(a.number for a in attempts_of(db, doer.person_id)) == [1, 2]


def test_who_left_the_class_meanwhile_still_gets_the_result_and_newcomers_are_listed(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    type_twice(db, test, {cast.an.id: (code, answers(catalogue, test, code))})
    leaves = sa.update(Membership).where(Membership.person_id == cast.an.id, Membership.audience == "student")
    db.execute(leaves.values(left_on=clock.today()))
    test = replace(test, made_at=test.made_at - timedelta(days=1))
    gone = pupil(db, cast.class_4a, "Lý A Đi")
    db.execute(
        sa.update(Membership)
        .where(Membership.person_id == gone.id)
        .values(left_on=clock.today() - timedelta(days=9))
    )
    pupil(db, cast.class_4a, "Lý A Mới")
    found = by_name(db, test)
    assert set(found) == {"Đinh Thị An", "Lý A Mới"}
    assert found["Đinh Thị An"].pupil.has_left
    assert landed(db, test, catalogue, cast) == Landed(1, 1)


def test_a_retired_module_and_an_older_edition_land_as_they_were_printed(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, module: Module, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    right = answers(catalogue, test, code)
    type_twice(db, test, {cast.an.id: (code, right)})
    asked = [a.question_id for a in test.versions[code]]
    retire = sa.update(CatalogItem).where(CatalogItem.id.in_([module.id, module.check_id, *asked]))
    db.execute(retire.values(retired_at=clock.now()))
    without = load(db)
    assert module.id not in without.modules
    assert landed(db, test, without, cast) == Landed(1, 1)
    assert done_items(db, None, cast.an.id)[module.check_id].level == 2


def test_a_question_dropped_by_a_regrade_counts_for_nobody(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    dropped = test.versions[code][0]
    regrade = Regrade(
        id=new_id(),
        ref="0" * 12,
        question_id=dropped.question_id,
        to_edition_id=None,
        reason="Câu hỏi sai",
        at=clock.now(),
        by="Người soạn",
    )
    db.add(regrade)
    db.flush()
    db.add(RegradeEdition(regrade_id=regrade.id, edition_id=dropped.edition_id))
    db.flush()
    type_twice(db, test, {cast.an.id: (code, answers(catalogue, test, code, wrong=1))})
    assert landed(db, test, load(db), cast) == Landed(1, 1)
    mark = by_name(db, test)["Đinh Thị An"].mark
    assert mark is not None
    assert (mark.points, mark.out_of) == (2, 2)


def test_nobody_is_the_witness_of_their_own_sheet(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    type_twice(db, test, {cast.an.id: (code, "AAA")})
    assert land(db, SECRET, test, catalogue, ISSUER, cast.an.id, clock.now()) == Landed(0, 0)


# ---- typing -------------------------------------------------------------------------------------


def test_saving_changes_only_what_was_typed_and_the_same_again_changes_nothing(
    db: ScopedSession, cast: Cast, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    row = {cast.an.id: (code, "aab")}
    assert type_once(db, test, 1, row).changed == 1
    kept = {cast.an.id: (code, "AAB")}
    assert type_once(db, test, 1, row, shown=kept).changed == 0
    assert type_once(db, test, 1, kept, shown=kept).changed == 0
    assert type_once(db, test, 1, {cast.an.id: (code, "AA")}, shown=kept).changed == 1
    assert type_once(db, test, 1, {cast.an.id: ("", " ")}, shown={cast.an.id: (code, "AA")}).changed == 1
    assert db.scalars(sa.select(TypedSheet)).all() == []


def test_two_who_type_at_once_keep_each_others_rows(db: ScopedSession, cast: Cast, test: PaperTest) -> None:
    code = next(iter(test.versions))
    second = pupil(db, cast.class_4a, "Lý A Hai")
    first_tab = type_once(db, test, 1, {cast.an.id: (code, "AAA"), second.id: ("", "")})
    other_tab = type_once(db, test, 1, {cast.an.id: ("", ""), second.id: (code, "BBB")}, by="Thầy Minh")
    late = type_once(db, test, 1, {cast.an.id: (code, "CCC")}, by="Thầy Minh")
    assert (first_tab.changed, other_tab.changed, late.changed, late.kept) == (1, 1, 0, 1)
    rows = db.execute(sa.select(TypedSheet.letters, TypedSheet.by).order_by(TypedSheet.letters)).all()
    assert [tuple(row) for row in rows] == [("AAA", "Cô Lan"), ("BBB", "Thầy Minh")]


def test_what_became_a_result_is_typed_over_no_more(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    row = {cast.an.id: (code, "AAA")}
    type_twice(db, test, row)
    landed(db, test, catalogue, cast)
    assert type_once(db, test, 1, {cast.an.id: (code, "BBB")}, shown=row).changed == 0


def test_the_same_tap_makes_one_test_and_a_class_sees_its_own_only(
    db: ScopedSession, cast: Cast, module: Module, test: PaperTest, database: SharedDatabase
) -> None:
    again, is_new = make_test(
        db,
        cast.class_4a.id,
        module,
        test.versions,
        ref=test.ref,
        held_on=None,
        by=cast.lan.id,
        now=clock.now(),
    )
    assert (again, is_new) == (test, False)
    db.commit()
    with database.session(Scope(unit_paths=(cast.class_4a.path,)), writes=False) as own:
        assert [one.ref for one in paper_tests(own, cast.class_4a.id, 9)] == [test.ref]
        assert paper_test(own, cast.class_4b.id, test.ref) is None
    for scope in (NOBODY, Scope(unit_paths=(cast.class_6a.path,))):
        with database.session(scope, writes=False) as other:
            assert paper_tests(other, cast.class_4a.id, 9) == []
            assert by_name(other, test) == {}
