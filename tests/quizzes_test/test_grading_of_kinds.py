"""What an answer of each kind earns: exact shares, and what holds of every answer."""

import random
from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.catalogue import Question
from lms.quizzes.grading import Score, credit, grade
from lms.quizzes.responses import best, is_valid
from tests.quizzes_test import samples

EACH = samples.one_of_each()
CREDITS = ("exact", "proportional", "penalised")


def ticks(keys: str) -> list[str]:
    """Return every set of keys but the empty one, as an answer."""
    return [",".join(some) for size in range(1, len(keys) + 1) for some in combinations(keys, size)]


def rows(lefts: str, rights: str) -> list[str]:
    """Return every way to give each row a side."""
    chosen = product(rights, repeat=len(lefts))
    return [",".join(f"{a}={b}" for a, b in zip(lefts, way, strict=True)) for way in chosen]


POSSIBLE: dict[str, list[str]] = {
    "single": [*"abcd"],
    "true-false": [*"abc"],
    "multiple": [*ticks("abcd"), "e"],
    "spot": [*ticks("abcd"), "-", "e"],
    "text": ["a", "b", "c", "d", "e", "-"],
    "number": ["a", "b", "c", "d", "-"],
    "ordering": [*(",".join(way) for way in permutations("abcd")), "e"],
    "matching": [*rows("abc", "abd"), "e"],
    "matrix": [*rows("abc", "nk"), "d"],
}
"""Every valid answer to the samples."""
MAKE = {"multiple": samples.multiple, "ordering": samples.ordering, "matching": samples.matching}
WITH_CREDIT = {**MAKE, "matrix": samples.matrix, "spot": lambda credit: samples.spot(credit=credit)}
MARKED = [
    *[EACH[kind] for kind in POSSIBLE],
    *[make(credit=way) for make in WITH_CREDIT.values() for way in CREDITS],
]


SHARES = [
    (samples.single(), {"b": "1", "a": "0", "d": "0", "": "0", "z": "0", "B": "0", "b,b": "0"}),
    (samples.true_false(), {"b": "1", "a": "0", "c": "0"}),
    (samples.text(), {"a": "1", "b": "1", "c": "0", "-": "0", "e": "0", "z": "0"}),
    (samples.number(), {"a": "1", "b": "0", "-": "0", "d": "0"}),
    (samples.multiple("exact"), {"a,c": "1", "c,a": "1", "a": "0", "a,b,c": "0", "a,c,z": "0", "e": "0"}),
    (
        samples.multiple("proportional"),
        {"a,c": "1", "a": "3/4", "a,b,c": "3/4", "b": "1/4", "b,d": "0", "a,b,c,d": "1/2", "e": "0"},
    ),
    (samples.multiple("proportional"), {"a,c,z": "4/5", "z": "0", "": "0", "-": "0", "a,a": "3/4"}),
    (
        samples.multiple("penalised"),
        {"a,c": "1", "a": "1/2", "a,b": "0", "a,b,c": "1/2", "a,b,c,d": "0", "b,d": "0", "a,c,z": "1/2"},
    ),
    (
        samples.spot("ac"),
        {"a,c": "1", "a": "1/2", "-": "0", "a,b,c,d": "0", "a,b,c": "1/2", "e": "0", "": "0"},
    ),
    (samples.spot(""), {"-": "1", "a": "0", "": "0", "e": "0", "z": "0", "a,b,c,d": "0"}),
    (samples.spot("", "proportional"), {"-": "1", "a": "3/4", "a,b,c,d": "0", "z": "0"}),
    (samples.spot("ac", "proportional"), {"-": "1/2", "a,c": "1", "b,d": "0"}),
    (samples.spot("ac", "exact"), {"-": "0", "a,c": "1", "a": "0"}),
    (samples.ordering("exact"), {"b,d,a,c": "1", "d,b,a,c": "0", "b,d,a": "0", "": "0", "e": "0"}),
    (
        samples.ordering("proportional"),
        {"b,d,a,c": "1", "d,b,a,c": "5/6", "c,a,d,b": "0", "b,d,a": "1/2", "b,d,a,z": "1/2", "z,y": "0"},
    ),
    (
        samples.matching("proportional"),
        {"a=a,b=b,c=a": "1", "a=c,b=b,c=c": "1", "a=d,b=b,c=a": "2/3", "a=d,b=d,c=d": "0", "e": "0"},
    ),
    (samples.matching("proportional"), {"a=a": "1/3", "a=z,b=b,c=a": "2/3", "a=a,b=b,c=e": "2/3", "a=": "0"}),
    (samples.matching("exact"), {"a=a,b=b,c=a": "1", "a=d,b=b,c=a": "0"}),
    (samples.matrix("proportional"), {"a=k,b=n,c=k": "1", "a=n,b=n,c=k": "2/3", "a=z": "0", "d": "0"}),
    (samples.matrix("exact"), {"a=k,b=n,c=k": "1", "a=n,b=n,c=k": "0", "a=k,b=n": "0"}),
]


@pytest.mark.parametrize(("asked", "earned"), SHARES)
def test_an_answer_earns_its_exact_share(asked: Question, earned: dict[str, str]) -> None:
    assert {choice: credit(asked, choice) for choice in earned} == {
        choice: Fraction(share) for choice, share in earned.items()
    }


def test_opinions_and_what_a_person_marks_are_not_marked_here() -> None:
    assert credit(samples.survey(), "a") is None
    assert credit(samples.open_question(), "-") is None
    assert grade([(samples.survey(), "a"), (samples.open_question(), "-"), (samples.single(), "b")]) == Score(
        1, 1
    )


@pytest.mark.parametrize("asked", MARKED, ids=lambda asked: f"{asked.kind}-{asked.credit}")
def test_every_valid_answer_earns_between_nothing_and_one_and_only_right_ones_earn_it(
    asked: Question,
) -> None:
    earned = {choice: credit(asked, choice) for choice in POSSIBLE[asked.kind]}
    assert [choice for choice in earned if not is_valid(asked, choice)] == []
    assert all(isinstance(share, Fraction) and 0 <= share <= 1 for share in earned.values())
    whole = {choice for choice, share in earned.items() if share == 1}
    assert whole == ({"a", "b"} if asked.kind == "text" else {best(asked)})
    assert asked.unsure is not None
    assert earned[asked.unsure.key] == 0


def _steps(asked: Question, choice: str) -> Iterable[str]:
    """Yield the answers that are better than this one in a single place, all else alike."""
    if asked.kind in {"multiple", "spot"}:
        ticked = set(choice.split(",")) - {"-"}
        for line in asked.lines:
            if line.is_right != (line.key in ticked):
                better = ticked ^ {line.key}
                yield ",".join(sorted(better)) or "-"
    elif asked.kind == "ordering":
        given, place = choice.split(","), {line.key: int(line.mark) for line in asked.lines}
        for n in range(len(given) - 1):
            if place[given[n]] > place[given[n + 1]]:
                yield ",".join([*given[:n], given[n + 1], given[n], *given[n + 2 :]])
    elif "=" in choice:
        right = dict(row.split("=") for row in best(asked).split(","))
        for row in choice.split(","):
            left = row.split("=")[0]
            yield choice.replace(row, f"{left}={right[left]}")


@pytest.mark.parametrize("asked", MARKED, ids=lambda asked: f"{asked.kind}-{asked.credit}")
def test_doing_one_thing_better_never_earns_less(asked: Question) -> None:
    worse = [
        (choice, better)
        for choice in POSSIBLE[asked.kind]
        if asked.unsure is None or choice != asked.unsure.key
        for better in _steps(asked, choice)
        if is_valid(asked, better) and (credit(asked, better) or 0) < (credit(asked, choice) or 0)
    ]
    assert worse == []


@given(asked=st.sampled_from(MARKED), choice=st.text(alphabet="abcdenkz=,-1 ", max_size=16))
def test_nothing_that_could_be_kept_raises_or_earns_more_than_one(asked: Question, choice: str) -> None:
    share = credit(asked, choice)
    assert share is not None
    assert 0 <= share <= 1


@given(asked=st.sampled_from(MARKED), place=st.integers(0, 9), data=st.data())
def test_a_choice_that_was_removed_never_earns(asked: Question, place: int, data: st.DataObject) -> None:
    choice = data.draw(st.sampled_from(POSSIBLE[asked.kind]))
    gone = asked.lines[place % len(asked.lines)].key
    unknown = choice.replace(gone, "z")
    if unknown != choice:
        assert (credit(asked, unknown) or 0) < 1
    if set(unknown) <= {"z", ",", "="}:
        assert credit(asked, unknown) == 0


ANSWERS = st.lists(
    st.sampled_from(MARKED).flatmap(
        lambda asked: st.tuples(st.just(asked), st.sampled_from([*POSSIBLE[asked.kind], "", "z"]))
    ),
    max_size=12,
)


@given(answers=ANSWERS, source=st.randoms(use_true_random=False))
def test_the_order_of_answers_never_changes_the_score_of_any_kind(
    answers: list[tuple[Question, str]], source: random.Random
) -> None:
    score = grade(answers)
    assert grade(source.sample(answers, len(answers))) == score
    assert score.out_of == len(answers)
    assert 0 <= score.points <= score.out_of
    assert score.points == sum(credit(asked, choice) or 0 for asked, choice in answers)


@given(answers=ANSWERS, place=st.integers(0, 11))
def test_putting_one_answer_right_never_lowers_the_score(
    answers: list[tuple[Question, str]], place: int
) -> None:
    if not answers:
        return
    place %= len(answers)
    asked = answers[place][0]
    better = [*answers[:place], (asked, best(asked)), *answers[place + 1 :]]
    before, after = grade(answers), grade(better)
    assert after.points >= before.points
    assert all(after.passes(percent) or not before.passes(percent) for percent in (1, 50, 80, 100))


@given(points=st.fractions(0, 20, max_denominator=60), out_of=st.integers(1, 20), percent=st.integers(1, 100))
def test_a_score_with_shares_is_exact_in_the_database_too(
    points: Fraction, out_of: int, percent: int
) -> None:
    score = Score(points, out_of)
    whole, of, scale = score.parts
    assert all(type(part) is int for part in (whole, of, scale))
    assert (Fraction(whole, scale), of) == (points, out_of * scale)
    assert Score(whole, of).passes(percent) is score.passes(percent) is (points / out_of * 100 >= percent)


def test_whole_points_are_plain_integers() -> None:
    score = grade([(samples.single(), "b"), (samples.single(), "a")])
    assert (type(score.points), score, score.parts) == (int, Score(1, 2), (1, 2, 1))
    half = grade([(samples.spot("ac"), "a"), (samples.single(), "b")])
    assert (half.points, half.parts) == (Fraction(3, 2), (3, 4, 2))
    assert grade([]) == Score(0, 0)
    assert not grade([]).passes(1)
