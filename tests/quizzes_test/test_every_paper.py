"""What holds of every paper and every score, whatever the bank and the chance."""

import random
from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.catalogue import Choice, Question
from lms.quizzes.drawing import draw
from lms.quizzes.grading import Score


def question(name: str, skill: str = "s", right: str = "b") -> Question:
    """Make a question with three choices and “Tôi chưa chắc”."""
    choices = tuple(Choice(key, key, "", key == right, key == "d") for key in "abcd")
    return Question(name, f"e-{name}", name, name, skill, 1, choices, "")


banks = st.lists(st.sampled_from("xyz"), min_size=1, max_size=20).map(
    lambda skills: [question(f"q{n}", skill) for n, skill in enumerate(skills)]
)


@given(bank=banks, count=st.integers(1, 25), seed=st.integers())
def test_no_skill_has_two_questions_more_than_another_that_still_has_some(
    bank: list[Question], count: int, seed: int
) -> None:
    drawn = Counter(each.question.skill for each in draw(bank, count, random.Random(seed)))
    held = Counter(q.skill for q in bank)
    for skill in held:
        for other in held:
            if drawn[other] < held[other]:
                assert drawn[skill] <= drawn[other] + 1


def test_chance_reaches_every_question_and_every_order() -> None:
    bank = [question(f"q{n}", "xy"[n % 2]) for n in range(6)]
    source = random.Random(1)
    papers = [draw(bank, 3, source) for _ in range(300)]
    assert {drawn.question.id for paper in papers for drawn in paper} == {q.id for q in bank}
    assert len({drawn.choice_order for paper in papers for drawn in paper}) == 6
    firsts = Counter(paper[0].question.skill for paper in papers)
    assert min(firsts.values()) > 90


@given(points=st.integers(0, 200), out_of=st.integers(1, 200), percent=st.integers(1, 100))
def test_passing_is_decided_without_rounding(points: int, out_of: int, percent: int) -> None:
    assert Score(points, out_of).passes(percent) == (Fraction(points, out_of) >= Fraction(percent, 100))
