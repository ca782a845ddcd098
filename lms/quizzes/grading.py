"""Marking: an edition and an answer in, points out as exact fractions; no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from lms.catalog.catalogue import Choice, Question
from lms.quizzes.responses import keys, left_sides, pairs, right_order

_NONE, _FULL = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Score:
    """Points, exact, out of the number of marked questions; percent only when shown."""

    points: Fraction | int
    out_of: int

    def passes(self, percent: int) -> bool:
        """Tell whether the points reach a share, exactly: 4 of 5 is 80 percent."""
        return self.out_of > 0 and self.points * 100 >= percent * self.out_of

    @property
    def parts(self) -> tuple[int, int, int]:
        """Return (points, out of, scale) in whole parts of a question: 3,5 of 5 is (7, 10, 2)."""
        scale = self.points.denominator
        return self.points.numerator, self.out_of * scale, scale


def grade(answers: Iterable[tuple[Question, str]]) -> Score:
    """Mark each answer with the edition it came with; what is not marked is not counted.

    An empty string stands for a question without an answer. Whole points are plain integers.
    """
    earned = [credit(question, choice) for question, choice in answers]
    counted = [share for share in earned if share is not None]
    points = sum(counted, _NONE)
    return Score(points.numerator if points.denominator == 1 else points, len(counted))


def credit(question: Question, choice: str) -> Fraction | None:
    """Return the share of a point that an answer earns, 0 to 1; None for survey and open questions.

    “Tôi chưa chắc” and keys that the edition does not have earn nothing; nothing that is kept as an answer
    makes this raise. How much is earned in part is said by `question.credit`.
    """
    if question.kind in {"survey", "open"}:
        return None
    if question.unsure is not None and choice == question.unsure.key:
        return _NONE
    if question.kind in {"multiple", "spot"}:
        return _credit_of_ticks(question, choice)
    if question.kind == "ordering":
        return _credit_of_order(question, keys(choice))
    if question.kind in {"matching", "matrix"}:
        return _credit_of_rows(question, pairs(choice))
    chosen = question.choice(choice)
    return _FULL if chosen is not None and chosen.is_right else _NONE


def _credit_of_ticks(question: Question, choice: str) -> Fraction:
    ticked, held = set(keys(choice)), {line.key for line in question.lines}
    right = {line.key for line in question.lines if line.is_right}
    if not ticked & held and (ticked or question.kind != "spot" or choice != "-"):
        return _NONE
    if question.credit == "proportional":
        # A key that is no longer there counts as one more line, treated wrongly.
        treated = held | ticked
        return Fraction(len(treated) - len(ticked ^ right), len(treated))
    if question.credit == "penalised" and right:
        return max(_NONE, Fraction(len(ticked & right) - len(ticked - right), len(right)))
    return _FULL if ticked == right else _NONE


def _credit_of_order(question: Question, given: tuple[str, ...]) -> Fraction:
    right = right_order(question)
    couples = list(combinations(right, 2))
    if question.credit != "proportional" or not couples:
        return _FULL if given and given == right else _NONE
    place = {key: n for n, key in enumerate(given)}
    kept = sum(a in place and b in place and place[a] < place[b] for a, b in couples)
    return Fraction(kept, len(couples))


def _credit_of_rows(question: Question, chosen: dict[str, str]) -> Fraction:
    rows = left_sides(question)
    right = sum(_is_right(question, row, chosen.get(row.key, "")) for row in rows)
    if question.credit == "proportional" and rows:
        return Fraction(right, len(rows))
    return _FULL if rows and right == len(rows) else _NONE


def _is_right(question: Question, row: Choice, chosen: str) -> bool:
    if question.kind == "matrix":
        return bool(chosen) and chosen == row.mark
    other = question.choice(chosen)
    return other is not None and not other.is_unsure and other.pair == row.pair
