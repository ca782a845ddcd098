"""By which edition an answer is judged, and what it earns there: plain values, no database."""

from fractions import Fraction

from lms.catalog.catalogue import Question
from lms.quizzes.grading import credit
from lms.quizzes.responses import is_valid, match

TYPED = ("text", "number")
"""Kinds whose answers are words: they are matched anew with the edition that judges them."""


def judge(given: Question, by: Question, choice: str, text: str | None = None) -> Fraction | None:
    """Return what an answer given on one edition earns judged by another; None when it is not marked.

    A key that the judging edition does not have, and typed words that were erased, keep what they earned
    on the edition they were given on: nothing is guessed.
    """
    if by.edition_id == given.edition_id:
        return credit(given, choice)
    if by.kind != given.kind:
        return credit(given, choice)
    if by.kind in TYPED and not _is_unsure(given, choice):
        return credit(by, match(by, text)) if text is not None else credit(given, choice)
    return credit(by if is_valid(by, choice) else given, choice)


def _is_unsure(question: Question, choice: str) -> bool:
    return question.unsure is not None and question.unsure.key == choice


def rubric_credit(question: Question, points: dict[str, int]) -> Fraction:
    """Return what an open answer earns: the points given of the points there are, each criterion capped."""
    worth = {line.key: int(line.mark) for line in question.lines}
    given = sum(min(max(points.get(key, 0), 0), most) for key, most in worth.items())
    return Fraction(given, sum(worth.values())) if worth else Fraction(0)
