"""Marking and drawing with plain values."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.catalogue import Choice, Question
from lms.quizzes.drawing import draw
from lms.quizzes.grading import Score, grade


def question(name: str, skill: str = "s", right: str = "b") -> Question:
    choices = tuple(
        Choice(key=key, html=key, feedback="", is_right=key == right, is_unsure=key == "d") for key in "abcd"
    )
    return Question(name, f"edition-{name}", name, name, skill, 1, choices, "")


@pytest.mark.parametrize(
    ("points", "out_of", "percent", "passes"),
    [
        (4, 5, 80, True),
        (3, 5, 80, False),
        (7, 9, 80, False),
        (8, 10, 80, True),
        (0, 0, 80, False),
        (2, 3, 67, False),
    ],
)
def test_the_pass_mark_is_exact(points: int, out_of: int, percent: int, passes: bool) -> None:
    assert Score(points, out_of).passes(percent) is passes


@pytest.mark.parametrize(("key", "points"), [("b", 1), ("a", 0), ("d", 0), ("", 0), ("z", 0), ("B", 0)])
def test_only_the_right_key_earns_a_point(key: str, points: int) -> None:
    assert grade([(question("q"), key)]) == Score(points, 1)


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.randoms())
def test_the_order_of_answers_never_changes_the_score(keys: list[str], source: random.Random) -> None:
    answers = [(question(str(n)), key) for n, key in enumerate(keys)]
    shuffled = source.sample(answers, len(answers))
    assert grade(answers) == grade(shuffled)
    assert 0 <= grade(answers).points <= grade(answers).out_of == len(keys)


@given(st.integers(1, 30), st.integers(1, 12), st.integers(1, 5), st.randoms(use_true_random=False))
def test_a_paper_has_each_question_once_and_no_more_than_the_bank(
    size: int, count: int, skills: int, source: random.Random
) -> None:
    bank = [question(f"q{n}", skill=f"skill-{n % skills}") for n in range(size)]
    paper = draw(bank, count, source)
    names = [drawn.question.id for drawn in paper]
    assert len(names) == len(set(names)) == min(size, count)
    assert all(sorted(drawn.choice_order) == ["a", "b", "c", "d"] for drawn in paper)
    assert all(drawn.choice_order[-1] == "d" for drawn in paper), "“Tôi chưa chắc” stands last"


@given(st.randoms(use_true_random=False))
def test_a_paper_takes_from_every_skill_before_it_takes_twice_from_one(source: random.Random) -> None:
    bank = [question(f"a{n}", "many") for n in range(20)] + [question("b", "one"), question("c", "other")]
    drawn = {q.question.skill for q in draw(bank, 3, source)}
    assert drawn == {"many", "one", "other"}


def test_two_papers_of_a_large_bank_differ() -> None:
    bank = [question(f"q{n}") for n in range(40)]
    papers = {tuple(d.question.id for d in draw(bank, 5, random.Random(seed))) for seed in range(20)}
    assert len(papers) == 20
