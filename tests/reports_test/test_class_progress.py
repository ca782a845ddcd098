"""How far a class is with what it was given: each word earned, families by their best, few statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.sessions import start
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.classrooms.assigned import Given, class_head, classes_of
from lms.classrooms.assigning import AlreadyAssigned, AssignRefused, assign, withdraw
from lms.classrooms.targets import target_of
from lms.config import Config
from lms.db import Database, ScopedSession
from lms.people.actions import add_person, claim, make_learner, undo_claim
from lms.people.memberships import guard, join_unit
from lms.people.merging import merge_person
from lms.people.models import Guardianship, Membership, Person
from lms.progress.actions import Doer, complete_lesson, witness_check
from lms.progress.queries import done_items, done_of_people
from lms.progress.witnessing import passes
from lms.reports.classrooms import PAGE, evidence, families, lines, people_asked
from lms.reports.standing import Standing, best
from tests.browser_double import Reader
from tests.cast import OPENED, Cast
from tests.conftest import SharedDatabase
from tests.story import ISSUER, guest, known, learn_course, learn_module, take_check

NOW = clock.now()
TODAY = clock.local_date(NOW)
EARLIER, LONG_AGO = NOW - timedelta(days=10), NOW - timedelta(days=30)


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Count the statements that a database is sent, without the chatter of transactions."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            sent.append(statement)

    sa.event.listen(database.writer, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.writer, "before_cursor_execute", note)


def learner(db: ScopedSession, person: Person, at: datetime = LONG_AGO) -> Doer:
    """Give a person a learner of their own."""
    made = make_learner(db, at)
    claim(db, made, person.id, "learner", at)
    return Doer(made, person.id, person.full_name)


def give(
    db: ScopedSession, cast: Cast, item: str, audience: str, at: datetime = EARLIER, **more: object
) -> None:
    """Give something to 4A, due in a week of now unless said otherwise."""
    due = more.pop("due", TODAY + timedelta(days=7))
    assign(db, cast.class_4a.id, item, audience, due, at, by=None, **more)  # type: ignore[arg-type]


def seen(db: ScopedSession, cast: Cast, catalogue: Catalogue) -> dict[str, Standing]:
    """Return how far each pupil, or pupil's family, of 4A is with the newest assignment."""
    given = class_head(db, cast.class_4a.id, TODAY).given[:1]
    asked: list[tuple[Given, object]] = [(one, target_of(catalogue, one.item_id)) for one in given]
    found, _ = families(db, cast.class_4a.id, TODAY)
    items = {item for _, target in asked for item in target.items}  # type: ignore[attr-defined]
    known_now = evidence(db, people_asked(found, given), items)
    table = lines(found, asked, known_now, TODAY)  # type: ignore[arg-type]
    return {line.family.pupil.full_name: line.cells[0] for line in table}


def an(db: ScopedSession, cast: Cast, catalogue: Catalogue) -> Standing:
    """Return how far An, or An's family, is."""
    return seen(db, cast, catalogue)["Đinh Thị An"]


def test_a_pupil_goes_from_not_started_over_under_way_to_done(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "lam-quen", "student")
    assert an(db, cast, catalogue) == Standing("new", 0, 2)
    doer = learner(db, cast.an)
    assert an(db, cast, catalogue).kind == "new"
    complete_lesson(db, doer, catalogue.lessons["man-hinh-chu-to"], catalogue, ISSUER, NOW)
    assert an(db, cast, catalogue) == Standing("started", 1, 2)
    learn_course(db, doer, catalogue, NOW)
    assert an(db, cast, catalogue) == Standing("done", 2, 2, is_checked=True, level=1, on=TODAY)


def test_a_check_handed_in_without_passing_is_under_way(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "man-hinh", "student")
    module = catalogue.modules["man-hinh"]
    take_check(db, learner(db, cast.an), module, catalogue, wrong=module.draw)
    assert an(db, cast, catalogue) == Standing("started", 0, 1)


def test_a_lesson_nobody_asked_for_starts_nothing(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "man-hinh", "student")
    extra = catalogue.lessons["man-hinh-sang-vua"]
    complete_lesson(db, learner(db, cast.an), extra, catalogue, ISSUER, NOW)
    assert an(db, cast, catalogue).kind == "new"


def test_what_was_done_before_it_was_given_counts_and_is_called_so(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    learn_module(db, learner(db, cast.an), catalogue.modules["man-hinh"], catalogue, LONG_AGO)
    give(db, cast, "man-hinh", "student", due=TODAY - timedelta(days=1))
    assert an(db, cast, catalogue).kind == "before"
    assert an(db, cast, catalogue).is_done
    assert not an(db, cast, catalogue).is_late


def test_a_witness_after_the_assignment_does_not_make_earlier_work_new(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    doer = learner(db, cast.an)
    learn_module(db, doer, catalogue.modules["man-hinh"], catalogue, LONG_AGO)
    give(db, cast, "man-hinh", "student")
    witness_check(db, doer, catalogue.modules["man-hinh"], cast.lan_person.id, NOW)
    assert (an(db, cast, catalogue).kind, an(db, cast, catalogue).level) == ("before", 2)


def test_where_a_witness_is_asked_the_work_alone_is_not_enough(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "lam-quen", "student", level=2, due=TODAY - timedelta(days=1))
    doer = learner(db, cast.an)
    learn_course(db, doer, catalogue, NOW)
    assert (an(db, cast, catalogue).kind, an(db, cast, catalogue).is_late) == ("unwitnessed", True)
    for module in catalogue.modules.values():
        witness_check(db, doer, module, cast.lan_person.id, NOW)
    assert (an(db, cast, catalogue).kind, an(db, cast, catalogue).is_late) == ("done", False)


def test_the_day_after_the_due_date_is_late_the_day_itself_is_not(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "man-hinh", "student", due=TODAY)
    assert not an(db, cast, catalogue).is_late
    give(db, cast, "danh-ba", "student", at=NOW, due=TODAY - timedelta(days=1))
    assert an(db, cast, catalogue).is_late


def test_a_guest_s_work_counts_from_the_day_it_was_said_whose_it_is(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    stranger = guest(db, LONG_AGO)
    learn_module(db, stranger, catalogue.modules["man-hinh"], catalogue, LONG_AGO)
    give(db, cast, "man-hinh", "student")
    assert an(db, cast, catalogue).kind == "new"
    claim(db, stranger.learner_id, cast.an.id, "learner", NOW)
    assert (an(db, cast, catalogue).kind, an(db, cast, catalogue).on) == ("done", TODAY)
    undo_claim(db, stranger.learner_id, NOW)
    assert an(db, cast, catalogue).kind == "new"


def test_somebody_known_before_counts_here_from_the_day_they_said_who_they_are(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    before = known(db, "Lê Thị Hoa", LONG_AGO)
    assert before.person_id is not None
    learn_module(db, before, catalogue.modules["man-hinh"], catalogue, LONG_AGO)
    give(db, cast, "man-hinh", "parent")
    assert an(db, cast, catalogue).kind == "new"
    merge_person(db, before.person_id, cast.hoa_person.id, "learner", NOW)
    assert (an(db, cast, catalogue).kind, an(db, cast, catalogue).on) == ("done", TODAY)


def test_a_family_stands_where_its_best_guardian_stands(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    grandfather = add_person(db, "Đinh Văn Năm", NOW)
    join_unit(db, grandfather.id, cast.class_4a.id, "parent", "Đinh Văn Năm", OPENED)
    guard(db, grandfather.id, cast.an.id, "ông", OPENED)
    give(db, cast, "man-hinh", "parent")
    complete_lesson(
        db, learner(db, cast.hoa_person), catalogue.lessons["man-hinh-chu-to"], catalogue, ISSUER, NOW
    )
    assert an(db, cast, catalogue).kind == "started"
    learn_module(db, learner(db, grandfather), catalogue.modules["man-hinh"], catalogue, NOW)
    assert an(db, cast, catalogue).kind == "done"
    family = families(db, cast.class_4a.id, TODAY)[0][0]
    assert [(g.full_name, g.relation, g.has_joined) for g in family.guardians] == [
        ("Lê Thị Hoa", "mẹ", True),
        ("Đinh Văn Năm", "ông", True),
    ]


def test_the_pupil_s_own_work_is_not_the_family_s_and_the_other_way_round(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    learn_module(db, learner(db, cast.an), catalogue.modules["man-hinh"], catalogue, NOW)
    learn_module(db, learner(db, cast.hoa_person), catalogue.modules["danh-ba"], catalogue, NOW)
    give(db, cast, "man-hinh", "parent")
    assert an(db, cast, catalogue).kind == "new"
    give(db, cast, "danh-ba", "student", at=NOW)
    assert an(db, cast, catalogue).kind == "new"


def test_only_guardians_of_record_in_this_class_speak_for_the_family(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    learn_module(db, learner(db, cast.hoa_person), catalogue.modules["man-hinh"], catalogue, NOW)
    give(db, cast, "man-hinh", "parent")
    assert an(db, cast, catalogue).kind == "done"
    db.execute(sa.update(Guardianship).values(valid_to=TODAY))
    assert an(db, cast, catalogue).kind == "new"
    db.execute(sa.update(Guardianship).values(valid_to=None))
    parent_here = (Membership.audience == "parent") & (Membership.unit_id == cast.class_4a.id)
    db.execute(sa.update(Membership).where(parent_here).values(left_on=TODAY))
    assert an(db, cast, catalogue).kind == "new"
    assert families(db, cast.class_4a.id, TODAY)[0][0].guardians == ()


def test_a_guardian_of_two_in_one_class_stands_in_both_rows(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    twin = add_person(db, "Đinh Thị Ánh", NOW)
    join_unit(db, twin.id, cast.class_4a.id, "student", "Đinh Thị Ánh", OPENED)
    guard(db, cast.hoa_person.id, twin.id, "mẹ", OPENED)
    give(db, cast, "man-hinh", "parent")
    learn_module(db, learner(db, cast.hoa_person), catalogue.modules["man-hinh"], catalogue, NOW)
    assert {name: one.kind for name, one in seen(db, cast, catalogue).items()} == {
        "Đinh Thị An": "done",
        "Đinh Thị Ánh": "done",
    }


def test_an_assignment_holds_for_whoever_is_in_the_class_when_looked_at(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "man-hinh", "student")
    late = add_person(db, "Vũ Văn Dũng", NOW)
    join_unit(db, late.id, cast.class_4a.id, "student", "Vũ Văn Dũng", TODAY)
    left = Membership.person_id == cast.an.id
    db.execute(sa.update(Membership).where(left).values(left_on=TODAY))
    assert list(seen(db, cast, catalogue)) == ["Vũ Văn Dũng"]


def test_a_module_that_is_offered_no_more_keeps_its_title_and_asks_nothing(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, "man-hinh", "student")
    given = class_head(db, cast.class_4a.id, TODAY).given[0]
    gone = target_of(Catalogue(9, (), (), {}), given.item_id, given.title)
    assert (gone.title, gone.modules, gone.minutes, gone.is_course) == ("Nhìn rõ màn hình", (), 0, False)


def test_of_two_guardians_who_are_done_the_earlier_day_is_told() -> None:
    early, late = Standing("done", 1, 1, on=TODAY - timedelta(days=3)), Standing("done", 1, 1, on=TODAY)
    assert best([late, early], Standing("new")) is early
    assert best([], Standing("new")).kind == "new"


def test_a_pass_is_told_with_its_best_level_and_the_learner_who_holds_it(
    db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    module = catalogue.modules["man-hinh"]
    first, second = learner(db, cast.an), learner(db, cast.an)
    learn_module(db, second, module, catalogue, NOW)
    learn_module(db, first, module, catalogue, EARLIER)
    held = passes(db, [cast.an.id], [module.check_id])[cast.an.id, module.check_id]
    assert (held.learner_id, held.at, held.is_witnessed) == (first.learner_id, EARLIER, False)
    witness_check(db, Doer(held.learner_id, cast.an.id), module, cast.lan_person.id, NOW)
    assert passes(db, [cast.an.id], [module.check_id])[cast.an.id, module.check_id].is_witnessed
    assert passes(db, [cast.hoa_person.id], [module.check_id]) == {}


# ---- assigning -----------------------------------------------------------------------------------------


def test_what_was_withdrawn_may_be_given_again_and_stands_alone(db: ScopedSession, cast: Cast) -> None:
    due = TODAY + timedelta(days=7)
    first = assign(db, cast.class_4a.id, "man-hinh", "parent", due, NOW, by=None)
    with pytest.raises(AlreadyAssigned) as already:
        assign(db, cast.class_4a.id, "man-hinh", "parent", due, NOW, by=None)
    assert already.value.assignment is first
    assert withdraw(db, first, NOW)
    assert not withdraw(db, first, NOW + timedelta(days=1))
    assert first.withdrawn_at == NOW
    second = assign(db, cast.class_4a.id, "man-hinh", "parent", due, NOW, by=None)
    assert [one.ref for one in class_head(db, cast.class_4a.id, TODAY).given] == [second.ref]


def test_a_class_is_given_nothing_for_teachers(db: ScopedSession, cast: Cast) -> None:
    with pytest.raises(AssignRefused):
        assign(db, cast.class_4a.id, "man-hinh", "teacher", TODAY, NOW, by=None)


def test_what_a_guardian_is_given_comes_by_class_with_the_children_named(
    db: ScopedSession, cast: Cast
) -> None:
    give(db, cast, "man-hinh", "parent")
    give(db, cast, "danh-ba", "student")
    own = classes_of(db, cast.hoa_person.id, TODAY)
    assert [(c.name, c.audience, c.children) for c in own] == [("4A", "parent", ("Đinh Thị An",))]
    assert [g.item_id for g in own[0].given] == ["man-hinh"]
    assert [g.item_id for g in classes_of(db, cast.an.id, TODAY)[0].given] == ["danh-ba"]
    assert classes_of(db, cast.lan_person.id, TODAY) == []


def test_last_year_s_class_gives_nothing_any_more(db: ScopedSession, cast: Cast) -> None:
    give(db, cast, "danh-ba", "student")
    next_year = datetime(2027, 8, 1, tzinfo=UTC).date()
    assert classes_of(db, cast.an.id, next_year) == []


# ---- how much is asked of the database -------------------------------------------------------------------


def crowd(db: ScopedSession, cast: Cast, number: int) -> None:
    """Fill 4A with pupils who each have a mother."""
    for n in range(number):
        pupil, mother = add_person(db, f"Bùi Văn Em{n:04}", NOW), add_person(db, f"Bùi Thị Chị{n:04}", NOW)
        join_unit(db, pupil.id, cast.class_4a.id, "student", pupil.full_name, OPENED)
        join_unit(db, mother.id, cast.class_4a.id, "parent", mother.full_name, OPENED)
        guard(db, mother.id, pupil.id, "mẹ", OPENED)


@pytest.mark.parametrize("number", [0, 20, PAGE + 10])
def test_the_class_page_takes_four_statements_beside_the_session_however_large_the_class(
    app: Flask, db: ScopedSession, database: SharedDatabase, settings: Config, cast: Cast, number: int
) -> None:
    crowd(db, cast, number)
    for item in ("man-hinh", "danh-ba", "lam-quen"):
        give(db, cast, item, "parent")
        give(db, cast, item, "student")
    reader = _browser(app, db, settings, account_id=cast.lan.id)
    reader.get("/khoa-hoc")
    with counting(database) as sent:
        reader.get(f"/gv/lop/{cast.class_4a.ref}")
    session = [s for s in sent if "browser_sessions" in s or "role_grants" in s]
    assert len(session) == 2
    rest = [s for s in sent if s not in session and "catalog_state" not in s]
    assert len(rest) == 4, "\n".join(rest)


def test_an_assignment_s_page_and_its_witness_page_take_five_and_six(
    app: Flask,
    db: ScopedSession,
    database: SharedDatabase,
    settings: Config,
    cast: Cast,
    catalogue: Catalogue,
) -> None:
    crowd(db, cast, 20)
    learn_module(db, learner(db, cast.an), catalogue.modules["man-hinh"], catalogue)
    give(db, cast, "lam-quen", "student")
    ref = class_head(db, cast.class_4a.id, TODAY).given[0].ref
    reader = _browser(app, db, settings, account_id=cast.lan.id)
    reader.get("/khoa-hoc")
    for rest, most in (("", 5), ("/xac-nhan", 6)):
        with counting(database) as sent:
            reader.get(f"/gv/lop/{cast.class_4a.ref}/bai-giao/{ref}{rest}")
        assert len([s for s in sent if "catalog_state" not in s]) <= 2 + most, "\n".join(sent)


def test_what_a_family_was_given_takes_four_and_the_home_page_three(
    app: Flask, db: ScopedSession, database: SharedDatabase, settings: Config, cast: Cast
) -> None:
    for item in ("man-hinh", "danh-ba"):
        give(db, cast, item, "parent")
    reader = _browser(app, db, settings, learner_id=learner(db, cast.hoa_person).learner_id)
    reader.get("/khoa-hoc")
    for address, most in (("/", 3), ("/bai-co-giao", 4), ("/lop-em", 3)):
        with counting(database) as sent:
            reader.client.get(address)
        assert len([s for s in sent if "catalog_state" not in s]) <= most, "\n".join(sent)


@pytest.mark.parametrize("asked", ["evidence", "passes", "done_of_people", "done_items"])
def test_what_people_did_is_looked_up_from_the_people_never_from_everybody(
    db: ScopedSession, database: SharedDatabase, cast: Cast, asked: str
) -> None:
    """An index of items holds all completions of the site: a plan that begins there grows with the site."""
    people, items = [cast.an.id, cast.hoa_person.id], ["man-hinh", "danh-ba", "lam-quen"]
    calls: dict[str, Callable[[], object]] = {
        "evidence": lambda: evidence(db, people, items),
        "passes": lambda: passes(db, people, items),
        "done_of_people": lambda: done_of_people(db, people, items),
        "done_items": lambda: done_items(db, cast.an.id, cast.an.id, items),
    }
    sent: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, values: object, *rest: object) -> None:
        sent.append((statement, values))

    sa.event.listen(database.writer, "before_cursor_execute", note)
    calls[asked]()
    sa.event.remove(database.writer, "before_cursor_execute", note)
    assert len(sent) == 1
    if database.is_sqlite:
        plan = database.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent[0][0]}", sent[0][1])
        steps = [row[3] for row in plan]
        assert any("item_completions" in step for step in steps)
        assert [s for s in steps if s.startswith("SCAN") or "item_id" in s.split("(")[0]] == []


def _browser(app: Flask, db: ScopedSession, settings: Config, **holds: object) -> Reader:
    _, token = start(db, settings.secret, NOW, **holds)
    db.commit()
    reader = Reader(app)
    reader.client.set_cookie("phien", token)
    return reader
