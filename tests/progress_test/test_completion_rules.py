"""What completes a module and a course: plain values in, plain values out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.catalogue import Course, Edition, Lesson, Module, Part
from lms.progress.rules import CourseDone, Done, course_done, module_is_done

START = datetime(2026, 9, 1, tzinfo=UTC)
NOTHING = Part("", "", ((None, ""),))


def at(day: int) -> datetime:
    """Return the moment a number of days after the start."""
    return START + timedelta(days=day)


def lesson(name: str, *, required: bool = True) -> Lesson:
    """Make a lesson with nothing in it."""
    return Lesson(name, "c", "m", name, name, "", 5, required, "", False, "", (), (), "")


def module(name: str, *lessons: Lesson) -> Module:
    """Make a module with a check named after it."""
    return Module(name, "c", name, name, "", True, False, NOTHING, lessons, f"kt-{name}", 3, 80, ())


def course(*editions: tuple[int, tuple[str, ...], int]) -> Course:
    """Make a course whose editions are given as (number, modules asked, day it began)."""
    made = tuple(Edition(number, modules, at(day)) for number, modules, day in editions)
    return Course("c", "c", "C", "", (), "", NOTHING, (), made)


def done(**days: int) -> dict[str, Done]:
    """Say on which day each module was completed, at level 1."""
    return {name: Done(at(day), 1, "alone", at(day)) for name, day in days.items()}


def test_a_module_needs_its_required_lessons_and_its_check_and_no_more() -> None:
    topic = module("m", lesson("a"), lesson("b"), lesson("c", required=False))
    every = {"a", "b", "kt-m"}
    standing = {name: Done(START, 0, "alone", START) for name in every}
    assert module_is_done(topic, standing)
    for missing in every:
        assert not module_is_done(topic, {k: v for k, v in standing.items() if k != missing})
    assert not module_is_done(topic, {})


def test_a_course_without_editions_or_modules_is_never_completed() -> None:
    assert course_done(course(), done(x=1)) is None
    assert course_done(course((1, (), 0)), done(x=1)) is None


def test_a_course_is_completed_when_the_last_of_its_modules_is() -> None:
    found = course_done(course((1, ("x", "y"), 0)), done(x=3, y=2))
    assert found is not None
    assert (found.edition.number, found.at, found.level) == (1, at(3), 1)
    assert course_done(course((1, ("x", "y"), 0)), done(x=3)) is None


def test_a_module_added_later_takes_nothing_from_who_was_done_before() -> None:
    grown = course((1, ("x",), 0), (2, ("x", "y"), 10))
    found = course_done(grown, done(x=5))
    assert found is not None
    assert found.edition.number == 1


def test_who_was_not_done_before_the_new_edition_needs_what_it_asks() -> None:
    grown = course((1, ("x",), 0), (2, ("x", "y"), 10))
    assert course_done(grown, done(x=11)) is None
    found = course_done(grown, done(x=11, y=12))
    assert found is not None
    assert (found.edition.number, found.at) == (2, at(12))


def test_who_goes_on_to_the_new_module_completes_the_new_edition() -> None:
    found = course_done(course((1, ("x",), 0), (2, ("x", "y"), 10)), done(x=5, y=12))
    assert found is not None
    assert found.edition.number == 2


def test_a_module_taken_away_is_asked_of_nobody_any_more() -> None:
    found = course_done(course((1, ("x", "y"), 0), (2, ("x",), 10)), done(x=5))
    assert found is not None
    assert found.edition.number == 2


@pytest.mark.parametrize(("levels", "weakest"), [((1, 2), 1), ((2, 2), 2), ((0, 3), 0)])
def test_the_level_of_a_course_is_that_of_its_weakest_module(levels: tuple[int, int], weakest: int) -> None:
    standing = {name: Done(START, level, "alone", START) for name, level in zip("xy", levels, strict=True)}
    found = course_done(course((1, ("x", "y"), 0)), standing)
    assert isinstance(found, CourseDone)
    assert found.level == weakest


names = st.sampled_from("vwxyz")


@given(
    asked=st.lists(st.frozensets(names, min_size=1), min_size=1, max_size=4),
    days=st.dictionaries(names, st.integers(0, 39)),
    added=st.frozensets(names, min_size=1),
)
def test_nothing_that_was_completed_drops_when_a_further_edition_comes(
    asked: list[frozenset[str]], days: dict[str, int], added: frozenset[str]
) -> None:
    editions = [(n, tuple(sorted(modules)), n * 10) for n, modules in enumerate(asked)]
    before = course_done(course(*editions), done(**days))
    after = course_done(course(*editions, (99, tuple(sorted(added)), 40)), done(**days))
    if before is not None:
        assert after is not None
        assert after.edition.number >= before.edition.number
