"""Sittings: the clock of the server, extra minutes, closing, replays, and what they are worth."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms import clock
from lms.db import ScopedSession
from lms.people.actions import claim, make_learner
from lms.progress.actions import Doer
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import NotYet, start_attempt
from lms.quizzes.history import counted, earlier_attempts
from lms.quizzes.models import AnswerChange, Attempt, Sitting
from lms.quizzes.sitting_queries import PAGE, is_still_on, papers_in, people_in, sittings_of
from lms.quizzes.sittings import (
    SittingRefused,
    close_sitting,
    end_overdue,
    give_minutes,
    open_sitting,
    overdue_attempts,
)
from tests.awarding import doer_of, member
from tests.cast import Cast
from tests.conftest import SharedDatabase
from tests.quizzes_test.sitting_class import Room, open_room
from tests.story import ISSUER, take_check
from tests.web_test.test_statements import counting

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def room(db: ScopedSession, cast: Cast) -> Room:
    """Open a sitting of a quarter of an hour."""
    return open_room(db, cast)


@pytest.fixture
def an(db: ScopedSession, cast: Cast) -> Doer:
    """Give An of 4A."""
    return doer_of(db, cast.an.id, cast.an.full_name)


def end_all(room: Room, now: object) -> int:
    """Do what the job does: hand in what is out of time."""
    late = overdue_attempts(room.db, now)  # type: ignore[arg-type]
    return sum(end_overdue(room.db, one, room.catalogue, ISSUER, now) for one in late)  # type: ignore[arg-type]


def test_an_answer_counts_up_to_the_last_second_and_not_one_later(room: Room, an: Doer) -> None:
    code = room.enter(an)
    deadline = room.opened_at + 15 * MINUTE
    right = room.key(an, code, 1, right=True)
    assert room.give(an, code, 1, right, deadline - SECOND).is_kept
    assert room.give(an, code, 2, room.key(an, code, 2, right=True), deadline).is_kept
    late = room.give(an, code, 3, room.key(an, code, 3, right=True), deadline + SECOND)
    assert (late.is_kept, late.is_late) == (False, True)
    paper = room.paper(an, code)
    assert [row.choice is not None for row in paper.rows] == [True, True, False]
    assert (paper.points, paper.out_of, paper.ended_at) == (2, 3, deadline)


def test_extra_minutes_count_before_and_after_the_pupil_begins_and_can_be_taken_back(
    room: Room, an: Doer, cast: Cast
) -> None:
    def more(minutes: int) -> None:
        give_minutes(room.db, room.sitting, cast.an.id, minutes, "Cô Lan", room.opened_at)

    more(5)
    code = room.enter(an)
    assert room.paper(an, code).closes_at == room.opened_at + 20 * MINUTE
    more(10)
    at = room.opened_at + 24 * MINUTE
    assert room.give(an, code, 1, room.key(an, code, 1, right=True), at).is_kept
    assert end_all(room, at) == 0, "the job leaves a paper with extra minutes alone"
    more(0)
    assert room.give(an, code, 2, room.key(an, code, 2, right=True), at).is_late
    with pytest.raises(SittingRefused, match="từ 0 đến 180 phút"):
        more(181)


def test_one_pupils_extra_minutes_are_nobody_elses(room: Room, an: Doer, cast: Cast) -> None:
    other = member(room.db, cast.class_4a, "Vàng Thị Xúa")
    give_minutes(room.db, room.sitting, cast.an.id, 30, "Cô Lan", room.opened_at)
    code = room.enter(other)
    assert room.paper(other, code).closes_at == room.opened_at + 15 * MINUTE


def test_closing_hands_in_what_is_open_as_it_stands_and_once(room: Room, an: Doer) -> None:
    code = room.enter(an)
    room.give(an, code, 1, room.key(an, code, 1, right=True))
    closed_at = room.opened_at + 3 * MINUTE
    assert close_sitting(room.db, room.sitting, closed_at)
    assert not close_sitting(room.db, room.sitting, closed_at + MINUTE)
    assert room.give(an, code, 2, "a", closed_at + SECOND).is_late
    assert end_all(room, closed_at + MINUTE) == 0, "the late answer has handed it in"
    paper = room.paper(an, code)
    assert (paper.points, paper.ended_at) == (1, closed_at)


def test_the_job_hands_in_papers_out_of_time_each_once_and_dates_what_they_earn_now(
    room: Room, an: Doer
) -> None:
    code = room.enter(an)
    room.answer_all(an, code)
    deadline, next_day = room.opened_at + 15 * MINUTE, room.opened_at + timedelta(days=1)
    assert end_all(room, deadline) == 0
    assert (end_all(room, next_day), end_all(room, next_day)) == (1, 0)
    assert room.paper(an, code).ended_at == deadline
    passed = sa.select(ItemCompletion).where(ItemCompletion.item_id == room.module.check_id)
    assert room.db.scalars(passed).one().at == next_day


def test_a_pass_is_witnessed_and_of_two_at_one_machine_only_the_writers(
    room: Room, an: Doer, cast: Cast
) -> None:
    friend = member(room.db, cast.class_4a, "Vàng Thị Xúa")
    together = Doer(an.learner_id, an.person_id, an.full_name, partner_id=friend.learner_id)
    code = room.enter(together)
    room.answer_all(together, code)
    assert room.hand_in(together, code).passed
    passed = sa.select(ItemCompletion).where(ItemCompletion.item_id == room.module.check_id)
    [noted] = room.db.scalars(passed)
    assert (noted.learner_id, noted.level, noted.mode) == (an.learner_id, 2, "supervised")
    assert noted.witness_id == cast.lan_person.id


def test_answers_may_be_changed_until_handing_in_and_replays_change_nothing(room: Room, an: Doer) -> None:
    code = room.enter(an)
    wrong, right = (room.key(an, code, 1, right=answer) for answer in (False, True))
    room.give(an, code, 1, wrong)
    assert room.give(an, code, 1, right, seen=1).is_kept
    late_replay = room.give(an, code, 1, wrong)
    assert (late_replay.is_kept, late_replay.is_conflict) == (False, True)
    assert room.give(an, code, 1, right, seen=1).is_kept, "the same answer again"
    assert room.db.scalar(sa.select(sa.func.count()).select_from(AnswerChange)) == 1
    handed_in = room.hand_in(an, code, room.opened_at + MINUTE)
    assert room.hand_in(an, code, room.opened_at + 2 * MINUTE) == handed_in
    assert room.give(an, code, 1, wrong, room.opened_at + 2 * MINUTE, seen=2).is_late
    assert room.paper(an, code) == handed_in
    assert handed_in.points == 1


def test_of_two_tabs_the_second_learns_what_the_first_answered(room: Room, an: Doer) -> None:
    code = room.enter(an)
    room.give(an, code, 1, "a")
    second = room.give(an, code, 1, "b", seen=0)
    row = second.paper.at(1)
    assert second.is_conflict
    assert row is not None
    assert (row.choice, row.revision) == ("a", 1)
    assert room.give(an, code, 1, "b", seen=row.revision).is_kept


def test_a_phone_and_a_pc_of_one_pupil_have_one_paper(room: Room, an: Doer) -> None:
    assert an.person_id is not None
    phone = Doer(make_learner(room.db, room.opened_at), an.person_id, an.full_name)
    claim(room.db, phone.learner_id, an.person_id, "learner", room.opened_at)
    code = room.enter(an)
    assert room.enter(phone, room.opened_at + MINUTE) == code
    room.give(an, code, 1, "a")
    assert room.paper(phone, code).at(1) == room.paper(an, code).at(1)
    room.hand_in(phone, code)
    assert room.give(an, code, 2, "a").is_late


@pytest.mark.parametrize("form", ["A", "B"])
def test_everybody_with_one_form_gets_its_questions(
    db: ScopedSession, cast: Cast, an: Doer, form: str
) -> None:
    room = open_room(db, cast, form=form, draw=2)
    other = member(db, cast.class_4a, "Vàng Thị Xúa")
    papers = [room.paper(doer, room.enter(doer)) for doer in (an, other)]
    assert len({frozenset(row.question_id for row in paper.rows) for paper in papers}) == 1
    assert set(db.scalars(sa.select(Attempt.form))) == {form}


def test_of_half_and_half_every_second_pupil_gets_form_b(db: ScopedSession, cast: Cast) -> None:
    room = open_room(db, cast, form="AB", draw=2)
    for name in ("Vàng Thị Xúa", "Vàng A Páo", "Vàng A Dế", "Vàng Thị Mỷ"):
        room.enter(member(db, cast.class_4a, name))
    forms = list(db.scalars(sa.select(Attempt.form)))
    assert sorted(form or "" for form in forms) == ["A", "A", "B", "B"]


def test_a_bank_too_small_for_two_forms_is_refused_with_the_cure(db: ScopedSession, cast: Cast) -> None:
    with pytest.raises(SittingRefused, match="Chọn “Mỗi em một đề”"):
        open_room(db, cast, form="AB")


def test_a_module_opened_again_while_it_is_open_is_the_same_sitting(room: Room, cast: Cast) -> None:
    def again(module_id: str, minutes: int = 20) -> Sitting:
        module = room.catalogue.modules[module_id]
        who = (cast.lan.id, cast.lan_person.id)
        return open_sitting(room.db, cast.class_4a.id, module, *who, minutes, "", room.opened_at + MINUTE)

    assert again("man-hinh").id == room.sitting.id
    assert again("danh-ba").id != room.sitting.id
    close_sitting(room.db, room.sitting, room.opened_at + MINUTE)
    assert again("man-hinh").id != room.sitting.id
    with pytest.raises(SittingRefused, match="từ 1 đến 180 phút"):
        again("man-hinh", minutes=0)


def test_a_sitting_is_no_try_of_the_self_paced_check_and_shown_among_the_attempts(
    room: Room, an: Doer
) -> None:
    code = room.enter(an)
    room.hand_in(an, code)
    take_check(room.db, an, room.module, room.catalogue, room.opened_at + MINUTE, wrong=1)
    strict = replace(room.module, wait=10)
    with pytest.raises(NotYet) as wait:
        start_attempt(room.db, an, strict, room.opened_at + 2 * MINUTE)
    assert wait.value.at == room.opened_at + 11 * MINUTE
    found = earlier_attempts(room.db, an.learner_id, an.person_id, room.module.id)
    assert [(one.is_sitting, int(one.points)) for one in found] == [(True, 0), (False, 2)]
    assert counted(found, "best") == counted(found, "latest") == found[1]
    assert counted(tuple(reversed(found)), "latest") == found[0]
    assert counted((), "best") is None
    fallen = replace(found[0], passed=True)
    assert counted((fallen, found[1]), "best") == fallen, "a pass whose points a regrade lowered"


def test_the_teacher_sees_who_is_in_how_far_and_what_it_is_worth(room: Room, an: Doer, cast: Cast) -> None:
    doing, late = (member(room.db, cast.class_4a, name) for name in ("Vàng A Páo", "Vàng Thị Xúa"))
    mother = doer_of(room.db, cast.hoa_person.id, cast.hoa_person.full_name)
    stranger = member(room.db, cast.class_4b, "Lường Văn Tám")
    done = room.enter(an)
    room.answer_all(an, done)
    room.hand_in(an, done, room.opened_at + MINUTE)
    give_minutes(room.db, room.sitting, doing.person_id, 10, "Cô Lan", room.opened_at)  # type: ignore[arg-type]
    for doer in (doing, late, mother):
        room.enter(doer)
    code = room.enter(doing)
    room.give(doing, code, 1, "a")
    now, day = room.opened_at + 16 * MINUTE, clock.local_date(room.opened_at)
    found, has_more = people_in(room.db, room.sitting, day, {"none"})
    states = {one.full_name: one.state(now) for one in found}
    assert states == {
        "Đinh Thị An": "done",
        "Vàng A Páo": "doing",
        "Vàng Thị Xúa": "late",
        "Lê Thị Hoa": "late",
    }
    assert [one.full_name for one in found][-1] == "Lê Thị Hoa", "pupils come first"
    assert not has_more
    assert stranger.person_id not in {one.person_id for one in found}
    papers = {one.full_name: one.paper for one in found}
    best, half = papers["Đinh Thị An"], papers["Vàng A Páo"]
    assert best is not None
    assert half is not None
    assert best.mark is not None
    assert (int(best.mark.points), int(best.mark.out_of), best.mark.passed) == (3, 3, True)
    assert (half.answered, half.questions, half.mark) == (1, 3, None)
    assert half.closes_at == room.opened_at + 25 * MINUTE
    assert papers_in(room.db, room.sitting.id) == (4, 1)
    [row] = sittings_of(room.db, cast.class_4a.id)
    assert (row.ref, row.begun, row.handed_in) == (room.sitting.ref, 4, 1)


def test_a_full_class_is_read_by_the_page_and_by_as_many_statements_as_one_pupil(
    database: SharedDatabase, room: Room, an: Doer, cast: Cast
) -> None:
    def read(page: int = 1) -> tuple[int, int, bool]:
        with counting(database) as count:
            found, has_more = people_in(
                room.db, room.sitting, clock.local_date(room.opened_at), {"none"}, page
            )
        return len(count.statements), len(found), has_more

    room.enter(an)
    alone = read()
    assert alone == (3, 1, False)
    for number in range(PAGE + 1):
        pupil = member(room.db, cast.class_4a, f"Vàng Thị Xúa {number}")
        if number < 3:
            room.enter(pupil)
    assert read() == (3, PAGE, True)
    assert read(2)[1:] == (2, False)


def test_answers_are_told_once_nobody_can_be_answering(room: Room, an: Doer, cast: Cast) -> None:
    last = room.sitting.closes_at + 15 * MINUTE
    assert is_still_on(room.db, room.sitting.id, last)
    assert not is_still_on(room.db, room.sitting.id, last + SECOND)
    give_minutes(room.db, room.sitting, cast.an.id, 5, "Cô Lan", room.opened_at)
    assert is_still_on(room.db, room.sitting.id, last + SECOND)
    close_sitting(room.db, room.sitting, room.opened_at)
    assert not is_still_on(room.db, room.sitting.id, room.opened_at)
