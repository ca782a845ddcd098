"""By which edition an answer is judged, and what it earns there: plain values, no database."""

from fractions import Fraction

from lms.catalog.catalogue import Question
from lms.quizzes.grading import credit
from lms.quizzes.responses import is_valid, left_sides, match, pairs

TYPED = ("text", "number")
"""Kinds whose answers are words: they are matched anew with the edition that judges them."""


def judge(given: Question, by: Question, choice: str, text: str | None = None) -> Fraction | None:
    """Return what an answer given on one edition earns judged by another; None when it is not marked.

    A key that the judging edition does not have, and typed words that were erased, keep what they earned
    on the edition they were given on: nothing is guessed. “Tôi chưa chắc” earns nothing on any.
    """
    if by.edition_id == given.edition_id or not is_known(given, by, choice) or is_unsure(given, choice):
        return credit(given, choice)
    if by.kind in TYPED:
        return credit(by, match(by, text)) if text is not None else credit(given, choice)
    return credit(by, choice)


def judge_open(given: Question, by: Question, points: dict[str, int]) -> Fraction:
    """Return what an open answer earns by the points given; of another kind nothing can be judged anew."""
    return rubric_credit(by if by.kind == "open" else given, points)


def is_known(given: Question, by: Question, choice: str) -> bool:
    """Tell whether an edition knows an answer given on another one; words every one of the kind knows.

    A letter that meant “Tôi chưa chắc” on one of them means something else on the other: it is unknown.
    """
    if given.kind != by.kind:
        return False
    if is_unsure(given, choice) or given.kind in {*TYPED, "open"}:
        return True
    if given.kind == "matching":
        # The first line with a right side stands for it, and the order of lines is the author's to change.
        chosen = pairs(choice)
        is_whole = chosen.keys() == {line.key for line in left_sides(by)}
        return is_whole and set(chosen.values()) <= {line.key for line in by.lines}
    return is_valid(by, choice) and not is_unsure(by, choice)


def is_unsure(question: Question, choice: str) -> bool:
    """Tell whether an answer is “Tôi chưa chắc”."""
    return question.unsure is not None and question.unsure.key == choice


def rubric_credit(question: Question, points: dict[str, int]) -> Fraction:
    """Return what an open answer earns: the points given of the points there are, each criterion capped."""
    worth = {line.key: int(line.mark) for line in question.lines}
    given = sum(min(max(points.get(key, 0), 0), most) for key, most in worth.items())
    return Fraction(given, sum(worth.values())) if worth else Fraction(0)
