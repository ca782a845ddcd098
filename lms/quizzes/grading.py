"""Marking: an edition and the key of a choice in, points out; no database."""

from collections.abc import Iterable
from dataclasses import dataclass

from lms.catalog.catalogue import Question


@dataclass(frozen=True)
class Score:
    """Points as integers; percent only when shown."""

    points: int
    out_of: int

    def passes(self, percent: int) -> bool:
        """Tell whether the points reach a share, exactly: 4 of 5 is 80 percent."""
        return self.out_of > 0 and self.points * 100 >= percent * self.out_of


def grade(answers: Iterable[tuple[Question, str]]) -> Score:
    """Mark each answer with the edition it was given on: one point when the choice is right.

    A key that the edition does not have, and “Tôi chưa chắc”, earn nothing.
    """
    points = out_of = 0
    for question, key in answers:
        choice = question.choice(key)
        points += choice is not None and choice.is_right
        out_of += 1
    return Score(points, out_of)
