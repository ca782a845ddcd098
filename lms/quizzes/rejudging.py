"""What judging answers by another edition changes: plain values in, plain values out; no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lms.catalog.catalogue import Question
from lms.quizzes.grading import Score
from lms.quizzes.judging import TYPED, is_known, is_unsure, judge, judge_open
from lms.quizzes.marking import points_of

REMEMBERED = 20_000
"""How many different answers are kept in mind; more are weighed again."""


@dataclass(frozen=True)
class Ruling:
    """By how much an answer's share of a mark changes: points, and questions that count.

    `removed` is the answer when the new edition does not know it, `is_erased` says that its words are
    gone: then what it earned where it was given stands. `is_untold`: a regrade judged the words before they
    were gone, so what is taken out with the question can be told only from the rest of the paper.
    """

    points: Fraction
    out_of: int
    removed: str = ""
    is_erased: bool = False
    is_untold: bool = False

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
        """Tell whether typed words are compared anew: by this decision, or by the one before it."""
        judges = (self.after, *self.before.values())
        return any(question is not None and question.kind in TYPED for question in judges)

    @property
    def needs_rubrics(self) -> bool:
        """Tell whether points given by a person count."""
        return any(question.kind == "open" for question in self.given.values())

    def _rule(self, edition_id: str, choice: str, text: str | None, rubric: str | None) -> Ruling:
        given, before = self.given[edition_id], self.before[edition_id]
        was, is_now = (worth(given, by, choice, text, rubric) for by in (before, self.after))
        points, out_of = is_now[0] - was[0], is_now[1] - was[1]
        is_lost = self.after is not None and choice and not is_known(given, self.after, choice)
        is_gone = bool(choice and text is None and _is_typed(given, choice))
        is_erased = is_gone and self.after is not None and self.after.kind in TYPED
        is_untold = is_gone and self.after is None and before is not given
        return Ruling(points, out_of, choice if is_lost else "", is_erased, is_untold)


def worth(
    given: Question, by: Question | None, choice: str, text: str | None = None, rubric: str | None = None
) -> tuple[Fraction, int]:
    """Return the points of an answer, and 1 if it counts; an empty choice is a question left out."""
    if by is None:
        return Fraction(0), 0
    if given.kind == "open":
        return judge_open(given, by, points_of(rubric or "")), 1
    points = judge(given, by, choice, text)
    return (Fraction(0), 0) if points is None else (points, 1)


def _is_typed(given: Question, choice: str) -> bool:
    return given.kind in TYPED and not is_unsure(given, choice)


def remarked(points: Fraction, out_of: int, ruling: Ruling) -> Score:
    """Return a mark after a ruling."""
    return Score(points + ruling.points, out_of + ruling.out_of)
