"""What judging answers by another edition changes: plain values in, plain values out; no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lms.catalog.catalogue import Question
from lms.quizzes.grading import Score
from lms.quizzes.judging import TYPED, judge, rubric_credit
from lms.quizzes.marking import points_of
from lms.quizzes.responses import is_valid

REMEMBERED = 20_000
"""How many different answers are kept in mind; more are weighed again."""
BY_MARKS = ("ordering", "open")
"""Kinds whose whole key is what stands in the brackets."""


def key_of(question: Question) -> tuple[object, ...]:
    """Return everything that decides what an answer earns; wording and the order of lines are no part.

    Two editions with equal keys mark every answer that both know alike.
    """
    return question.kind, question.credit if question.kind not in TYPED else "", *_key(question)


def _key(question: Question) -> tuple[object, ...]:
    kind, lines = question.kind, question.lines
    if kind == "survey":
        return ()
    if kind in TYPED:
        said = frozenset((line.text, line.is_right) for line in lines)
        ways = (question.plain_letters, frozenset(question.names), question.tolerance, question.unit)
        return said, *ways
    if kind in BY_MARKS:
        return (frozenset((line.key, line.mark) for line in lines),)
    if kind == "matrix":
        return frozenset((line.key, line.mark) for line in lines), frozenset(c.key for c in question.columns)
    if kind == "matching":
        return (frozenset((line.key, _side(question, line.pair)) for line in lines if line.is_right),)
    right = frozenset(line.key for line in lines if line.is_right)
    counts_all = question.credit != "exact" and kind in {"multiple", "spot"}
    return right, frozenset(line.key for line in lines) if counts_all else None


def _side(question: Question, pair: str) -> str:
    """Return a name for a right side that no wording and no order changes."""
    return min(line.key for line in question.lines if line.pair == pair)


@dataclass(frozen=True)
class Ruling:
    """By how much an answer's share of a mark changes: points, and questions that count.

    `removed` is the answer when the new edition does not know it, `is_erased` says that its words are
    gone: then what it earned where it was given stands.
    """

    points: Fraction
    out_of: int
    removed: str = ""
    is_erased: bool = False

    @property
    def is_change(self) -> bool:
        """Tell whether the mark changes at all."""
        return bool(self.points or self.out_of)


class Rejudging:
    """Weighs the answers given on some editions of a question before and after a decision.

    `before` says by which edition each was judged until now; None, there or as `after`: dropped.
    """

    def __init__(
        self,
        given: Mapping[str, Question],
        before: Mapping[str, Question | None],
        after: Question | None,
    ) -> None:
        """Remember the editions, by id."""
        self.given, self.before, self.after = given, before, after
        self.rule = lru_cache(REMEMBERED)(self._rule)

    @property
    def needs_words(self) -> bool:
        """Tell whether typed words are compared anew."""
        return self.after is not None and self.after.kind in TYPED

    @property
    def needs_rubrics(self) -> bool:
        """Tell whether points given by a person count."""
        return any(question.kind == "open" for question in self.given.values())

    def _rule(self, edition_id: str, choice: str, text: str | None, rubric: str | None) -> Ruling:
        given, before = self.given[edition_id], self.before[edition_id]
        was, is_now = (worth(given, by, choice, text, rubric) for by in (before, self.after))
        points, out_of = is_now[0] - was[0], is_now[1] - was[1]
        is_lost = self.after is not None and choice and not _is_known(given, self.after, choice)
        is_erased = bool(self.needs_words and choice and text is None and _is_typed(given, choice))
        return Ruling(points, out_of, choice if is_lost else "", is_erased)


def worth(
    given: Question, by: Question | None, choice: str, text: str | None = None, rubric: str | None = None
) -> tuple[Fraction, int]:
    """Return the points of an answer, and 1 if it counts; an empty choice is a question left out."""
    if by is None:
        return Fraction(0), 0
    points = (
        rubric_credit(by, points_of(rubric or "")) if given.kind == "open" else judge(given, by, choice, text)
    )
    return (Fraction(0), 0) if points is None else (points, 1)


def _is_typed(given: Question, choice: str) -> bool:
    return given.kind in TYPED and not (given.unsure and given.unsure.key == choice)


def _is_known(given: Question, by: Question, choice: str) -> bool:
    """Tell whether the judging edition knows an answer; words are known to every edition."""
    if given.kind != by.kind:
        return False
    return given.kind == "open" or _is_typed(given, choice) or is_valid(by, choice)


def remarked(points: Fraction, out_of: int, ruling: Ruling) -> Score:
    """Return a mark after a ruling."""
    return Score(points + ruling.points, out_of + ruling.out_of)
