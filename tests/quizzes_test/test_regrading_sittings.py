"""Regrading what classes did before a teacher, and corrections in any order: the mark is that of now."""

from datetime import datetime, timedelta
from fractions import Fraction

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import clock
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.db import Database, ScopedSession
from lms.people.models import Claim
from lms.progress.actions import Doer
from lms.progress.models import ItemCompletion
from lms.quizzes.regrade_actions import finish_all
from lms.quizzes.sittings import end_overdue, overdue_attempts
from tests.awarding import doer_of, member
from tests.cast import Cast
from tests.quizzes_test.regrade_world import (
    DAY,
    MODULE,
    QUESTION,
    Edit,
    Mark,
    all_of,
    key,
    mark,
    publish,
    reversed_order,
    settle,
    take,
    without,
)
from tests.quizzes_test.sitting_class import Room, open_room
from tests.story import ISSUER, guest

LONG_AGO = clock.now() - 10 * DAY


def position(room: Room, code: str, doer: Doer) -> int:
    """Return the place of the question on somebody's paper."""
    return next(row.position for row in room.paper(doer, code).rows if row.question_id == QUESTION)


def test_the_last_answer_of_a_sitting_is_regraded_and_a_question_left_out_is_dropped_too(
    db: ScopedSession, database: Database, cast: Cast, offer: Offer
) -> None:
    room = open_room(db, cast, MODULE)
    an = doer_of(db, cast.an.id, cast.an.full_name)
    ba = member(db, cast.class_4a, "Lý Thị Ba")
    codes = {doer: room.enter(doer, LONG_AGO) for doer in (an, ba)}
    room.answer_all(an, codes[an], LONG_AGO)
    at = position(room, codes[an], an)
    for seen, choice in ((1, "a"), (2, "c")):
        room.give(an, codes[an], at, choice, LONG_AGO, seen=seen)
    for row in room.paper(ba, codes[ba]).rows:
        if row.question_id != QUESTION:
            room.give(
                ba, codes[ba], row.position, room.key(ba, codes[ba], row.position, right=True), LONG_AGO
            )
    of_an, of_ba = (room.hand_in(doer, codes[doer], LONG_AGO).attempt_id for doer in (an, ba))
    assert mark(db, of_an) == mark(db, of_ba) == Mark(Fraction(2), 3, passed=False)

    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    assert mark(db, of_an) == Mark(Fraction(3), 3, passed=True)
    assert mark(db, of_ba) == Mark(Fraction(2), 3, passed=False)
    settle(database, drop=True)
    assert mark(db, of_an) == mark(db, of_ba) == Mark(Fraction(2), 2, passed=True)
    rows = sa.select(ItemCompletion.level, ItemCompletion.mode, ItemCompletion.witness_id)
    done = db.execute(rows.where(ItemCompletion.item_id == f"kt-{MODULE}")).all()
    assert set(done) == {(2, "supervised", cast.lan_person.id)}
    settle(database)
    assert mark(db, of_ba) == Mark(Fraction(2), 3, passed=True)


def test_a_paper_that_ran_out_of_time_before_and_was_handed_in_after_is_not_regraded_twice(
    db: ScopedSession, database: Database, cast: Cast, offer: Offer
) -> None:
    room = open_room(db, cast, MODULE)
    an = doer_of(db, cast.an.id, cast.an.full_name)
    begun = clock.now() - timedelta(hours=5)
    code = room.enter(an, begun)
    room.answer_all(an, code, begun)
    room.give(an, code, position(room, code, an), "c", begun, seen=1)
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    (late,) = overdue_attempts(db, clock.now())
    assert end_overdue(db, late, load(db), ISSUER, clock.now())
    assert mark(db, late.attempt_id) == Mark(Fraction(3), 3, passed=True)
    assert finish_all(database, ISSUER, clock.now).marks == 0
    assert mark(db, late.attempt_id) == Mark(Fraction(3), 3, passed=True)


STEPS: dict[str, Edit | None] = {
    "a": key("a"),
    "b": key("b"),
    "c": key("c"),
    "turned": reversed_order,
    "without a": all_of(without("a"), key("b")),
    "dropped": None,
}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5), near=st.booleans())
def test_after_any_corrections_the_mark_is_that_of_the_paper_now_and_no_pass_is_lost(
    db: ScopedSession, database: Database, offer: Offer, steps: list[str], near: bool
) -> None:
    with db.begin_nested() as example:
        publish(db, offer)
        catalogue = load(db)
        module = catalogue.modules[MODULE]
        at: datetime = clock.now() - (timedelta(0) if near else DAY)
        attempts = [take(db, guest(db), module, catalogue, at, db_dau_cong=choice) for choice in "abcd"]
        passed = [mark(db, each).passed for each in attempts]
        for step in steps:
            edit = STEPS[step]
            if edit is not None:
                publish(db, offer, db_dau_cong=edit)
            settle(database, drop=edit is None)
            now = [mark(db, each).passed for each in attempts]
            assert all(later for earlier, later in zip(passed, now, strict=True) if earlier)
            passed = now
            assert settle(database, drop=edit is None)[0] is None
            assert finish_all(database, ISSUER, clock.now).marks == 0
        example.rollback()


def test_a_claim_made_since_lets_the_person_have_what_the_regrade_earns(
    db: ScopedSession, database: Database, offer: Offer, cast: Cast
) -> None:
    stray, catalogue = guest(db), load(db)
    attempt = take(db, stray, catalogue.modules[MODULE], catalogue, clock.now() - DAY, db_dau_cong="c")
    an = doer_of(db, cast.an.id, cast.an.full_name)
    rows = sa.select(Claim).where(Claim.learner_id == an.learner_id)
    held = db.scalars(rows).one()
    db.add(Claim(learner_id=stray.learner_id, person_id=held.person_id, at=clock.now(), by="learner"))
    db.flush()
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    assert mark(db, attempt).passed
    level = sa.select(ItemCompletion.level).where(ItemCompletion.learner_id == stray.learner_id)
    assert db.scalars(level).all() == [1]
