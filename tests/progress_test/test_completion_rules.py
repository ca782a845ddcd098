"""What completes a module and a course, with plain values."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.catalog.catalogue import Course, Edition, Lesson, Module, Part
from lms.progress.rules import Done, course_done, module_is_done

EMPTY = Part("", "", ((None, ""),))
START = datetime(2026, 9, 1, tzinfo=UTC)


def on(days: int, level: int = 1) -> Done:
    return Done(START + timedelta(days=days), level, "alone")


def lesson(name: str, required: bool = True) -> Lesson:
    return Lesson(name, "c", "m", name, name, "", 5, required, "", False, "e", (), (), "")


def module(*lessons: Lesson) -> Module:
    return Module("m", "c", "m", "M", "", True, False, EMPTY, lessons, "kt-m", 5, 80, ())


def course(*editions: tuple[int, tuple[str, ...], int]) -> Course:
    made = tuple(Edition(n, modules, START + timedelta(days=days)) for n, modules, days in editions)
    return Course("c", "c", "C", "", ("citizen",), "d", EMPTY, (), made)


@pytest.mark.parametrize(
    ("done", "is_done"),
    [
        ({"a", "b", "kt-m"}, True),
        ({"a", "b"}, False),
        ({"a", "kt-m"}, False),
        ({"kt-m"}, False),
        ({"a", "b", "extra"}, False),
        (set(), False),
    ],
)
def test_a_module_needs_its_required_lessons_and_its_check(done: set[str], is_done: bool) -> None:
    taught = module(lesson("a"), lesson("b"), lesson("extra", required=False))
    assert module_is_done(taught, {item: on(1) for item in done}) is is_done


def test_a_course_is_done_when_the_modules_of_its_edition_are() -> None:
    two = course((1, ("m1", "m2"), 0))
    assert course_done(two, {"m1": on(1)}) is None
    found = course_done(two, {"m1": on(1), "m2": on(5)})
    assert found is not None
    assert (found.edition.number, found.at) == (1, START + timedelta(days=5))


def test_nothing_drops_because_content_was_added() -> None:
    grown = course((1, ("m1",), 0), (2, ("m1", "m2"), 30))
    before = course_done(grown, {"m1": on(10)})
    assert before is not None
    assert before.edition.number == 1


def test_who_comes_after_the_change_does_what_the_course_asks_now() -> None:
    grown = course((1, ("m1",), 0), (2, ("m1", "m2"), 30))
    assert course_done(grown, {"m1": on(40)}) is None
    after = course_done(grown, {"m1": on(40), "m2": on(41)})
    assert after is not None
    assert after.edition.number == 2


def test_the_newest_edition_done_is_the_one_that_counts() -> None:
    grown = course((1, ("m1",), 0), (2, ("m1", "m2"), 30))
    both = course_done(grown, {"m1": on(10), "m2": on(50)})
    assert both is not None
    assert both.edition.number == 2


def test_the_level_of_a_course_is_that_of_its_weakest_module() -> None:
    found = course_done(course((1, ("m1", "m2"), 0)), {"m1": on(1, level=2), "m2": on(2, level=1)})
    assert found is not None
    assert found.level == 1


def test_a_course_that_asks_nothing_is_never_done() -> None:
    assert course_done(course((1, (), 0)), {}) is None
