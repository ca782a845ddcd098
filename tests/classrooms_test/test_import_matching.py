"""Which row is which child: certain, asked, or new; never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.classrooms.known import BACK, CHANGED, MOVED, NEW, SAME
from lms.classrooms.matching import Doubt, Face, Matcher, Sought
from lms.db import ScopedSession, new_id
from tests.cast import Cast
from tests.classrooms_test.rolls import Desk, desk, pupil

MAY = date(2017, 5, 12)
JUNE = date(2017, 6, 1)


@pytest.fixture
def office(db: ScopedSession, cast: Cast) -> Desk:
    return desk(db, cast)


def kinds(office: Desk, cast: Cast, *rows: object, **said: object) -> list[str]:
    plan = office.plan(*rows, room=cast.class_4b, **said)  # type: ignore[arg-type]
    return [step.kind for step in plan.steps]


def test_the_same_row_again_is_the_same_child(office: Desk, cast: Cast) -> None:
    rows = (pupil(1, "Vàng A Phúc", MAY), pupil(2, "Đỗ Minh Hoà"), pupil(3, "H'Hen Niê", code="0123456789"))
    office.load(*rows, room=cast.class_4b)
    assert kinds(office, cast, *rows) == [SAME, SAME, SAME]


def test_hoa_with_the_mark_on_the_other_vowel_is_the_same_child_without_the_mark_a_question(
    office: Desk, cast: Cast
) -> None:
    office.load(pupil(1, "Đỗ Minh Hoà"), room=cast.class_4b)
    assert kinds(office, cast, pupil(1, "Đỗ Minh Hòa")) == [CHANGED]
    plan = office.plan(pupil(1, "Đỗ Minh Hoa"), room=cast.class_4b)
    assert [c.full_name for c in plan.questions[0].options] == ["Đỗ Minh Hoà"]
    assert plan.steps == ()


def test_the_birthday_makes_a_name_without_marks_certain(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Đỗ Minh Hoà", MAY), room=cast.class_4b)
    assert kinds(office, cast, pupil(1, "DO MINH HOA", MAY)) == [CHANGED]


def test_another_birthday_under_the_same_name_is_asked_not_guessed(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Trần Gia Bảo", MAY), room=cast.class_4b)
    row = pupil(1, "Trần Gia Bảo", JUNE)
    plan = office.plan(row, room=cast.class_4b)
    assert len(plan.questions) == 1
    assert plan.absent == ()
    known = plan.questions[0].options[0].person_id
    assert kinds(office, cast, row, answers={1: known}) == [CHANGED]
    assert kinds(office, cast, row, answers={1: None}) == [NEW]


def test_an_answer_that_was_not_among_the_choices_is_no_answer(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Trần Gia Bảo", MAY), room=cast.class_4b)
    row = pupil(1, "Trần Gia Bảo", JUNE)
    forged = office.plan(row, room=cast.class_4b, answers={1: cast.an.id})
    assert [step.who for step in forged.steps] == []
    assert len(forged.questions) == 1


def test_two_children_of_one_name_and_birthday_in_a_file_stay_two_and_come_back_as_two(
    office: Desk, cast: Cast
) -> None:
    rows = (pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na")), pupil(2, "Lê An", MAY, ("mẹ", "Bùi Thị Lý")))
    assert office.load(*rows, room=cast.class_4b).new == 2
    assert kinds(office, cast, *rows) == [SAME, SAME]
    plain = (pupil(1, "Cao Tú", JUNE), pupil(2, "Cao Tú", JUNE))
    office.load(*rows, *(pupil(r.line + 2, r.full_name, r.born_on) for r in plain), room=cast.class_4b)
    assert kinds(office, cast, *rows, pupil(3, "Cao Tú", JUNE), pupil(4, "Cao Tú", JUNE)) == [SAME] * 4


def test_one_row_for_two_known_namesakes_is_a_question(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Cao Tú", JUNE), pupil(2, "Cao Tú", JUNE), room=cast.class_4b)
    plan = office.plan(pupil(1, "Cao Tú", JUNE), room=cast.class_4b)
    assert len(plan.questions[0].options) == 2


def test_name_and_birthday_never_merge_children_whose_codes_differ(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Lê An", MAY, code="1111111111"), room=cast.class_4b)
    assert kinds(office, cast, pupil(1, "Lê An", MAY, code="2222222222")) == [NEW]


def test_the_sector_code_finds_a_child_whose_name_was_corrected(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Lê Ang", MAY, code="1111111111"), room=cast.class_4b)
    assert kinds(office, cast, pupil(1, "Lê Văn An", MAY, code="1111111111")) == [CHANGED]


def test_a_code_beside_another_name_and_birthday_is_a_question(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Lê An", MAY, code="1111111111"), room=cast.class_4b)
    sorted_apart = pupil(1, "Vũ Thu Hà", JUNE, code="1111111111")
    plan = office.plan(sorted_apart, room=cast.class_4b)
    assert len(plan.questions) == 1
    other = office.plan(sorted_apart, room=cast.class_4b, answers={1: None})
    assert [(s.kind, s.values.sector_code) for s in other.steps] == [(NEW, None)]


def test_a_child_of_another_class_moves_by_code_and_is_asked_about_by_name_and_birthday(
    office: Desk, cast: Cast
) -> None:
    coded, plain = pupil(1, "Lê An", MAY, code="1111111111"), pupil(2, "Vũ Thu Hà", JUNE)
    office.load(coded, plain, room=cast.class_4a)
    plan = office.plan(coded, plain, room=cast.class_4b)
    assert [s.kind for s in plan.steps] == [MOVED]
    assert [q.row.full_name for q in plan.questions] == ["Vũ Thu Hà"]


def test_in_the_file_of_the_whole_school_name_and_birthday_follow_a_child_into_another_class(
    office: Desk, cast: Cast
) -> None:
    office.load(pupil(1, "Vũ Thu Hà", JUNE), room=cast.class_4a)
    moved = office.plan(pupil(1, "Vũ Thu Hà", JUNE, room="4B"))
    assert [s.kind for s in moved.steps] == [MOVED]
    twice = office.plan(pupil(1, "Vũ Thu Hà", JUNE, room="4B"), pupil(2, "Vũ Thu Hà", JUNE, room="4C"))
    assert (twice.steps, len(twice.questions)) == ((), 2)


def test_a_child_of_another_school_is_never_found(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Vũ Thu Hà", JUNE, code="1111111111"), room=cast.class_4b)
    next_door = Desk(office.db, cast.sao_mai, office.now)
    plan = next_door.plan(pupil(1, "Vũ Thu Hà", JUNE, code="1111111111"), room=cast.class_6a)
    assert [s.kind for s in plan.steps] == [NEW]
    assert plan.steps[0].values.sector_code == "1111111111"


def test_who_left_and_stands_in_the_file_again_comes_back_as_the_same_person(
    office: Desk, cast: Cast
) -> None:
    row = pupil(1, "Vũ Thu Hà", JUNE)
    office.load(row, room=cast.class_4b)
    gone = office.person("Vũ Thu Hà")
    person = gone.person_id
    gone.left_on = gone.joined_on + timedelta(days=20)
    office.db.flush()
    assert kinds(office, cast, row) == [BACK]
    office.load(row, room=cast.class_4b)
    assert office.person("Vũ Thu Hà").person_id == person
    assert kinds(office, cast, row) == [SAME]


def test_rows_of_another_class_are_set_aside_not_put_into_this_one(office: Desk, cast: Cast) -> None:
    plan = office.plan(pupil(1, "Lê An", room="lớp 4b"), pupil(2, "Cao Tú", room="4C"), room=cast.class_4b)
    assert [s.values.full_name for s in plan.steps] == ["Lê An"]
    assert [row.full_name for row in plan.elsewhere] == ["Cao Tú"]


names = st.sampled_from(["Lê An", "Lê Ấn", "LÊ AN", "Cao Tú", "Cao Tu"])
marks = st.sampled_from([None, MAY, JUNE])
codes = st.sampled_from([None, None, "1", "2"])
places = st.sampled_from(["4A", "4B"])


@given(
    st.lists(st.tuples(names, marks, codes, places), max_size=6),
    st.lists(st.tuples(names, marks, codes, places), max_size=6),
    st.booleans(),
)
def test_no_child_is_two_rows_and_codes_that_differ_are_never_one(
    told: list[tuple[str, date | None, str | None, str]],
    held: list[tuple[str, date | None, str | None, str]],
    wide: bool,
) -> None:
    rows = [Sought(n, name, place, code, mark) for n, (name, mark, code, place) in enumerate(told)]
    faces = [Face(new_id(), name, frozenset({place}), code, mark) for name, mark, code, place in held]
    by_id = {face.id: face for face in faces}
    found = Matcher(rows, faces, lambda line, who: False, fixed_mark=True, wide=wide).pairs({})
    assert set(found) == {row.line for row in rows}
    taken = [who for who in found.values() if who is not None and not isinstance(who, Doubt)]
    assert len(taken) == len(set(taken))
    for row in rows:
        who = found[row.line]
        if who is None or isinstance(who, Doubt):
            assert not isinstance(who, Doubt) or who.options
            continue
        face = by_id[who]
        assert not (row.code and face.code and row.code != face.code)
        assert row.code == face.code or row.place in face.places or (wide and row.mark == face.mark)
