"""What a paper asks again, what never meets on it, in which order its lines stand, and forms A and B."""

import random
import secrets
from collections import Counter
from itertools import combinations
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.catalogue import Question
from lms.quizzes.drawing import Drawn, TooFewQuestions, draw, equivalent_forms, line_order, shuffled
from lms.quizzes.responses import right_order, right_sides
from tests.quizzes_test import samples

EACH = samples.one_of_each()
SOURCES = st.randoms(use_true_random=False)


def one(name: str, skill: str = "s", difficulty: int = 1, near: str = "") -> Question:
    return samples.single(name=name, skill=skill, difficulty=difficulty, near=near)


@st.composite
def banks(draw_: st.DrawFn, most: int = 24) -> list[Question]:
    """Make a bank with skills, difficulties and near groups."""
    size = draw_(st.integers(1, most))
    each = st.tuples(st.sampled_from("xyz"), st.integers(1, 3), st.sampled_from(["", "", "", "g", "h"]))
    return [one(f"q{n:02}", *draw_(each)) for n in range(size)]


def ids(paper: tuple[Drawn, ...]) -> list[str]:
    return [drawn.question.id for drawn in paper]


def groups(questions: list[Question]) -> int:
    """Return how many questions may meet: one of each near group, and all that are in none."""
    return len({q.near for q in questions if q.near}) + sum(not q.near for q in questions)


# ---- which questions ------------------------------------------------------------------------------


@given(bank=banks(), count=st.integers(1, 12), source=SOURCES)
def test_near_duplicates_never_meet_and_keep_nobody_else_out(
    bank: list[Question], count: int, source: random.Random
) -> None:
    paper = [drawn.question for drawn in draw(bank, count, source)]
    assert len(paper) == groups(paper) == min(count, groups(bank))
    assert len({q.id for q in paper}) == len(paper)


def test_what_was_missed_comes_first_then_what_is_new() -> None:
    bank = [one(f"q{n}") for n in range(9)]
    seen, missed = {f"q{n}" for n in range(6)}, {"q1", "q4"}
    for seed in range(30):
        source = random.Random(seed)
        assert {*ids(draw(bank, 2, source, missed=missed, seen=seen))} == missed
        assert {*ids(draw(bank, 5, source, missed=missed, seen=seen))} == {*missed, "q6", "q7", "q8"}
        assert {*missed, "q6", "q7", "q8"} < {*ids(draw(bank, 6, source, missed=missed, seen=seen))}


def test_what_was_missed_chooses_the_skill_when_not_all_have_room() -> None:
    bank = [one(f"{skill}{n}", skill) for skill in "tuvw" for n in range(3)]
    for seed in range(20):
        paper = draw(bank, 2, random.Random(seed), missed={"v1", "w2"}, seen={"v1", "w2"})
        assert {*ids(paper)} == {"v1", "w2"}


def test_missing_a_whole_skill_never_makes_a_paper_of_that_skill_alone() -> None:
    bank = [one(f"{skill}{n}", skill) for skill in "tuv" for n in range(6)]
    missed = {f"t{n}" for n in range(6)}
    for seed in range(20):
        paper = draw(bank, 6, random.Random(seed), missed=missed, seen=missed)
        assert Counter(drawn.question.skill for drawn in paper) == {"t": 2, "u": 2, "v": 2}


@given(bank=banks(), count=st.integers(1, 12), source=SOURCES, data=st.data())
def test_within_a_skill_nothing_known_stands_while_something_missed_or_new_waits(
    bank: list[Question], count: int, source: random.Random, data: st.DataObject
) -> None:
    names = st.sets(st.sampled_from([q.id for q in bank]))
    missed = data.draw(names)
    seen = missed | data.draw(names)
    rank = {q.id: 0 if q.id in missed else 2 if q.id in seen else 1 for q in bank}
    paper = [drawn.question for drawn in draw(bank, count, source, missed=missed, seen=seen)]
    taken = {q.near for q in paper if q.near}
    waiting = [q for q in bank if q not in paper and q.near not in taken]
    for skill in "xyz":
        worst = max((rank[q.id] for q in paper if q.skill == skill), default=0)
        assert all(rank[q.id] >= worst for q in waiting if q.skill == skill)


@given(source=SOURCES, count=st.integers(1, 9))
def test_within_a_skill_difficulties_are_even(source: random.Random, count: int) -> None:
    bank = [one(f"q{n}", difficulty=1 + n % 3) for n in range(9)]
    found = Counter(drawn.question.difficulty for drawn in draw(bank, count, source))
    assert max(found.values()) - min(found[level] for level in (1, 2, 3)) <= 1


def test_what_a_person_marks_is_drawn_only_on_demand_and_opinions_stand_last_beyond_the_count() -> None:
    bank = [samples.survey(name="v"), *(one(f"q{n}") for n in range(4)), samples.open_question(name="o")]
    for seed in range(20):
        source = random.Random(seed)
        assert "o" not in ids(draw(bank, 9, source))
        assert "o" in ids(draw(bank, 9, source, with_open=True))
        paper = ids(draw(bank, 3, source))
        assert (len(paper), paper[-1]) == (4, "v")


def test_an_empty_bank_gives_an_empty_paper() -> None:
    assert draw([], 5, random.Random(1)) == ()


def test_drawing_from_500_questions_takes_a_few_milliseconds_at_most() -> None:
    bank = [
        one(f"q{n}", f"s{n % 24}", 1 + n % 3, near=f"g{n // 2}" if n % 10 < 2 else "") for n in range(500)
    ]
    seen = {f"q{n}" for n in range(100)}
    took = []
    for _ in range(15):
        begun = perf_counter()
        paper = draw(bank, 10, secrets.SystemRandom(), missed=frozenset(list(seen)[:20]), seen=seen)
        took.append(perf_counter() - begun)
        assert len(paper) == 10
    print(f"drawing 10 of 500: {sorted(took)[7] * 1000:.1f} ms")
    assert min(took) < 0.005


# ---- the order of lines ---------------------------------------------------------------------------


@given(kind=st.sampled_from(sorted(EACH)), source=SOURCES)
def test_every_line_stands_once_and_chua_chac_last(kind: str, source: random.Random) -> None:
    asked = EACH[kind]
    order = line_order(asked, source)
    assert sorted(order) == sorted(choice.key for choice in asked.choices)
    if asked.unsure is not None:
        assert order[-1] == asked.unsure.key


@pytest.mark.parametrize("kind", ["true-false", "spot", "survey", "text", "number", "open"])
def test_an_order_that_means_something_is_kept(kind: str) -> None:
    written = tuple(choice.key for choice in EACH[kind].choices)
    assert {line_order(EACH[kind], random.Random(seed)) for seed in range(20)} == {written}


@pytest.mark.parametrize(
    ("kind", "orders"), [("single", 6), ("multiple", 24), ("matrix", 6), ("ordering", 23), ("matching", 20)]
)
def test_every_other_order_comes_up_but_none_that_shows_the_answer(kind: str, orders: int) -> None:
    asked = EACH[kind]
    found = {line_order(asked, random.Random(seed))[:-1] for seed in range(800)}
    assert len(found) == orders
    assert right_order(asked) not in found if kind == "ordering" else True
    if kind == "matching":
        sides = [side.key for side in right_sides(asked)]
        assert all([key for key in order if key in sides] != sides for order in found)


def test_two_things_to_order_stand_the_wrong_way_round() -> None:
    asked = samples.question("ordering", [samples.line("a", "A", mark="1"), samples.line("b", "B", mark="2")])
    assert {line_order(asked, random.Random(seed)) for seed in range(20)} == {("b", "a")}


# ---- forms A and B --------------------------------------------------------------------------------


def room(bank: list[Question]) -> int:
    """Return how many questions each of two forms can hold: a near group gives one to each."""
    sizes = Counter(q.near for q in bank if q.near)
    return (sum(min(size, 2) for size in sizes.values()) + sum(not q.near for q in bank)) // 2


@given(bank=banks(), count=st.integers(1, 12), source=SOURCES)
def test_two_forms_share_nothing_hold_no_near_duplicates_and_are_always_the_same(
    bank: list[Question], count: int, source: random.Random
) -> None:
    if room(bank) < count:
        with pytest.raises(TooFewQuestions):
            equivalent_forms(bank, count)
        return
    a, b = equivalent_forms(bank, count)
    assert len(a) == len(b) == count
    assert len({q.id for q in (*a, *b)}) == 2 * count
    assert groups(list(a)) == groups(list(b)) == count
    assert equivalent_forms(source.sample(bank, len(bank)), count) == (a, b)


@given(bank=banks(), count=st.integers(1, 12))
def test_two_forms_ask_the_same_skills_as_hard_as_each_other(bank: list[Question], count: int) -> None:
    plain = [one(q.id, q.skill, q.difficulty) for q in bank]
    held = Counter(q.skill for q in plain)
    if sum(number // 2 for number in held.values()) < count:
        return
    a, b = equivalent_forms(plain, count)
    assert [q.skill for q in a] == [q.skill for q in b]
    shares = Counter(q.skill for q in a)
    for skill, other in combinations(held, 2):
        if shares[skill] < held[skill] // 2:
            assert shares[other] <= shares[skill] + 1
    gaps = [abs(x.difficulty - y.difficulty) for x, y in zip(a, b, strict=True)]
    assert abs(sum(q.difficulty for q in a) - sum(q.difficulty for q in b)) <= max(gaps)


def _least(values: list[float], count: int) -> float:
    """Return the least sum of differences of `count` couples, by trying them all."""
    if not count:
        return 0.0
    tries = [
        abs(values[i] - values[j]) + _least([v for k, v in enumerate(values) if k not in {i, j}], count - 1)
        for i, j in combinations(range(len(values)), 2)
    ]
    return min(tries)


@given(facility=st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=2, max_size=6), data=st.data())
def test_no_other_couples_of_a_skill_are_nearer_in_facility(
    facility: list[float], data: st.DataObject
) -> None:
    bank = [one(f"q{n}") for n in range(len(facility))]
    measured = dict(zip((q.id for q in bank), facility, strict=True))
    count = data.draw(st.integers(1, len(bank) // 2))
    a, b = equivalent_forms(bank, count, measured)
    gaps = [abs(measured[x.id] - measured[y.id]) for x, y in zip(a, b, strict=True)]
    assert sum(gaps) == pytest.approx(_least(facility, count))
    lead = sum(measured[x.id] for x in a) - sum(measured[y.id] for y in b)
    assert abs(lead) <= max(gaps) + 1e-9


def test_facility_outweighs_what_the_author_thought() -> None:
    bank = [one("a", difficulty=1), one("b", difficulty=3), one("c", difficulty=1), one("d", difficulty=3)]
    measured = {"a": 0.9, "b": 0.88, "c": 0.4, "d": 0.41}
    faced = [{x.id, y.id} for x, y in zip(*equivalent_forms(bank, 2, measured), strict=True)]
    assert faced == [{"a", "b"}, {"c", "d"}]
    guessed = [{x.id, y.id} for x, y in zip(*equivalent_forms(bank, 2), strict=True)]
    assert guessed == [{"a", "c"}, {"b", "d"}]


def test_a_question_nobody_answered_yet_is_taken_as_hard_as_others_of_its_difficulty() -> None:
    bank = [one("a", difficulty=1), one("b", difficulty=1), one("c", difficulty=2), one("d", difficulty=2)]
    faced = zip(*equivalent_forms(bank, 2, {"a": 0.9, "c": 0.5}), strict=True)
    assert [{x.id, y.id} for x, y in faced] == [{"a", "b"}, {"c", "d"}]


def test_unmeasured_questions_are_placed_by_their_difficulty_between_measured_ones() -> None:
    bank = [one("a", difficulty=1), one("b", difficulty=2), one("c", difficulty=3), one("d", difficulty=3)]
    faced = zip(*equivalent_forms(bank, 2, {"c": 0.74, "d": 0.51}), strict=True)
    assert [{x.id, y.id} for x, y in faced] == [{"a", "c"}, {"b", "d"}]


def test_of_a_near_group_the_two_most_alike_are_kept() -> None:
    group = [one("a", difficulty=1, near="g"), one("b", difficulty=3, near="g"), one("c", near="g")]
    a, b = equivalent_forms(group, 1)
    assert {a[0].id, b[0].id} == {"a", "c"}
    apart = [one("d", "t", near="h"), one("e", "u", 1, near="h"), one("f", "u", 3, near="h")]
    a, b = equivalent_forms(apart, 1)
    assert {a[0].id, b[0].id} == {"e", "f"}, "one skill goes before one difficulty"


def test_near_duplicates_may_face_each_other() -> None:
    bank = [one("a", near="g"), one("b", near="g"), one("c", near="g")]
    a, b = equivalent_forms(bank, 1)
    assert {q.near for q in (*a, *b)} == {"g"}
    with pytest.raises(TooFewQuestions, match="Thêm 2 câu, hoặc giảm còn nhiều nhất 1 câu mỗi đề"):
        equivalent_forms(bank, 2)


def test_forms_hold_neither_opinions_nor_what_a_person_marks() -> None:
    bank = [samples.survey(name="v"), samples.open_question(name="o"), one("a"), one("b")]
    a, b = equivalent_forms(bank, 1)
    assert {a[0].id, b[0].id} == {"a", "b"}


def test_a_bank_that_is_too_small_says_by_how_much() -> None:
    with pytest.raises(TooFewQuestions) as told:
        equivalent_forms([one(f"q{n}") for n in range(7)], 5)
    assert str(told.value) == (
        "Ngân hàng có 7 câu dùng được cho hai đề, chưa đủ hai đề 5 câu. "
        "Thêm 3 câu, hoặc giảm còn nhiều nhất 3 câu mỗi đề."
    )


def test_easier_questions_stand_first_and_all_difficulties_are_met() -> None:
    bank = [one(f"q{n:02}", difficulty=1 + n % 3) for n in range(30)]
    a, b = equivalent_forms(bank, 5)
    assert [q.difficulty for q in a] == [q.difficulty for q in b] == sorted(q.difficulty for q in a)
    assert {q.difficulty for q in a} == {1, 2, 3}


def test_a_form_becomes_a_paper_with_all_its_questions_in_an_order_of_chance() -> None:
    form = [one(f"q{n}") for n in range(5)]
    papers = [shuffled(form, random.Random(seed)) for seed in range(30)]
    assert all({*ids(paper)} == {q.id for q in form} for paper in papers)
    assert len({tuple(ids(paper)) for paper in papers}) > 20
    assert len({drawn.choice_order for paper in papers for drawn in paper}) == 6


def test_making_forms_of_a_bank_of_500_takes_little_time() -> None:
    bank = [one(f"q{n}", f"s{n % 3}", 1 + n % 3, near=f"g{n // 2}" if n % 10 < 2 else "") for n in range(500)]
    took = []
    for _ in range(5):
        begun = perf_counter()
        a, b = equivalent_forms(bank, 40)
        took.append(perf_counter() - begun)
        assert len(a) == len(b) == 40
    print(f"two forms of 40 from 500: {sorted(took)[2] * 1000:.1f} ms")
    assert min(took) < 0.1
