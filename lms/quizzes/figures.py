"""The figures of one question and of one check, as they are kept, shown and judged by lms.quizzes.flags."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from lms.catalog.catalogue import Question
from lms.quizzes.analysis import Analysis, Bank, Cell, Rest, correlation
from lms.quizzes.responses import keys, pairs

ENOUGH = 10
"""Nothing is said of a question that stands on fewer papers than this."""
PICKED = {"single", "multiple", "true-false", "text", "number", "spot"}
"""Kinds of which a line is chosen that is right or wrong."""
PLACED = {"ordering", "matching", "matrix"}
"""Kinds whose lines are not chosen: of a line it is counted how often it was treated rightly."""
ANY_RIGHT = {"single", "true-false", "text", "number"}
"""Kinds that are answered with one line, of which any right one will do."""
NO_LINE = "-"
"""Nothing suspicious (spot), or words that match no line (text, number)."""


@dataclass(frozen=True)
class Line:
    """How many papers chose a line, or treated it rightly where lines are put in place.

    `pull` is the correlation of choosing it with the rest of the paper. Of a wrong line, `ahead` papers
    chose it and not its `rival`, the right line that is chosen least, and `behind` papers the reverse.
    """

    key: str
    count: int
    is_right: bool = False
    is_unsure: bool = False
    pull: float | None = None
    rival: str = ""
    ahead: int = 0
    behind: int = 0


@dataclass(frozen=True)
class Flag:
    """One thing to look at, with the cure: of the whole question or check, or of one line by `key`."""

    name: str
    sentence: str
    key: str = ""


@dataclass(frozen=True)
class Figures:
    """What the answers to a question say; `n` papers had it, of which `rested` had other questions too.

    `mean` and `discrimination` are None for a survey. `wrong` papers chose a wrong line, `other` answers
    fit no line that the question has now. The figures are of the key of `edition_id`.
    """

    question_id: str
    edition_id: str
    kind: str
    n: int
    mean: float | None
    discrimination: float | None
    rested: int
    wrong: int
    unsure: int
    blank: int
    other: int
    lines: tuple[Line, ...]
    counted_at: datetime | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Tell whether anything may be said."""
        return self.n >= ENOUGH

    @property
    def are_lines_placed(self) -> bool:
        """Tell whether lines are counted as treated rightly, not as chosen."""
        return self.kind in PLACED

    def share(self, count: int) -> str:
        """Return a count as a share of the papers: 57 %."""
        return percent(count / self.n if self.n else 0.0)

    @property
    def mean_words(self) -> str:
        """Return the facility: 78 %."""
        return percent(self.mean or 0.0)

    @property
    def discrimination_words(self) -> str:
        """Return the discrimination with its sign: +0,31; empty where there is none."""
        value = self.discrimination
        return "" if value is None or not self.has_discrimination else signed(value)

    @property
    def has_discrimination(self) -> bool:
        """Tell whether enough papers had other questions too."""
        return self.discrimination is not None and self.rested >= ENOUGH

    def body(self) -> dict[str, Any]:
        """Return what is kept in the database."""
        return _kept(self)

    @classmethod
    def of_body(cls, body: dict[str, Any], counted_at: datetime) -> "Figures":
        """Read back what was kept."""
        lines = tuple(Line(**line) for line in body["lines"])
        return cls(**body | {"lines": lines, "counted_at": counted_at})


@dataclass(frozen=True)
class BankFigures:
    """What the papers of a check say: their number, mean share of points and reliability.

    `reliability` is an estimate where papers differ; it is KR-20 where every question earns all or
    nothing, Cronbach's alpha else.
    """

    check_id: str
    n: int
    mean: float | None
    reliability: float | None
    length: float
    is_estimate: bool
    is_all_or_nothing: bool
    counted_at: datetime | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Tell whether anything may be said."""
        return self.n >= ENOUGH

    @property
    def mean_words(self) -> str:
        """Return the mean share of points: 78 %."""
        return percent(self.mean or 0.0)

    @property
    def reliability_name(self) -> str:
        """Return the name of the coefficient."""
        return "KR-20" if self.is_all_or_nothing else "alpha Cronbach"

    @property
    def reliability_words(self) -> str:
        """Return the reliability: 0,62 (ước lượng); empty where it cannot be told."""
        if self.reliability is None:
            return ""
        return decimal(self.reliability) + (" (ước lượng)" if self.is_estimate else "")

    def body(self) -> dict[str, Any]:
        """Return what is kept in the database."""
        return _kept(self)

    @classmethod
    def of_body(cls, body: dict[str, Any], counted_at: datetime) -> "BankFigures":
        """Read back what was kept."""
        return cls(**body | {"counted_at": counted_at})


def _kept(figures: Figures | BankFigures) -> dict[str, Any]:
    """Return everything but the moment, which has a column, and the flags, whose words may improve."""
    return {k: value for k, value in asdict(figures).items() if k not in {"counted_at", "flags"}}


def percent(share: float) -> str:
    """Write a share in whole percent, halves up: 78 %."""
    return f"{int(share * 100 + 0.5)} %"


def decimal(value: float) -> str:
    """Write a number with two places and a comma: 0,31."""
    return f"{value:.2f}".replace(".", ",").replace("-", "−")


def signed(value: float) -> str:
    """Write a number with its sign: +0,31."""
    return ("" if value < 0 else "+") + decimal(value)


def chosen_lines(question: Question, choice: str) -> frozenset[str]:
    """Return the lines that an answer chose, or treated rightly where lines are put in place."""
    if question.unsure is not None and choice == question.unsure.key:
        return frozenset({choice})
    match question.kind:
        case "ordering":
            placed = dict(zip(keys(choice), itertools.count(1)))
            return frozenset(line.key for line in question.lines if str(placed.get(line.key)) == line.mark)
        case "matching":
            sides, given = {line.key: line.pair for line in question.lines}, pairs(choice)
            right = (line for line in question.lines if line.is_right and line.key in given)
            return frozenset(line.key for line in right if sides.get(given[line.key]) == line.pair)
        case "matrix":
            given = pairs(choice)
            return frozenset(line.key for line in question.lines if given.get(line.key) == line.mark)
    return frozenset(keys(choice)) - {NO_LINE}


Group = tuple[Cell, Rest]
Test = Callable[[Cell], bool]


def question_figures(question: Question, groups: Sequence[Group]) -> Figures:
    """Put the cells of one question together."""
    counter = _Counter(question, groups)
    marked = [(cell.score, rest) for cell, rest in groups if cell.score is not None]
    n = counter.papers(lambda cell: True)
    earned = sum(cell.count * cell.score for cell, _ in groups if cell.score is not None)
    wrong = {c.key for c in question.lines if not c.is_right and question.kind in PICKED}
    return Figures(
        question_id=question.id,
        edition_id=question.edition_id,
        kind=question.kind,
        n=n,
        mean=earned / n if marked and n else None,
        discrimination=correlation(marked) if marked else None,
        rested=sum(rest.n for _, rest in marked),
        wrong=counter.papers(lambda cell: bool(counter.chosen(cell) & wrong)),
        unsure=counter.papers(lambda cell: counter.is_unsure(cell)),
        blank=counter.papers(lambda cell: not cell.choice),
        other=counter.papers(lambda cell: counter.fits_nothing(cell)),
        lines=tuple(counter.lines()),
    )


class _Counter:
    """Counts papers of a question by what they chose."""

    def __init__(self, question: Question, groups: Sequence[Group]) -> None:
        self.question, self.groups = question, groups
        self._chosen = {c.choice: chosen_lines(question, c.choice) for c, _ in groups if c.choice}
        self._unsure = question.unsure.key if question.unsure else None
        self._keys = {choice.key for choice in question.choices}

    def chosen(self, cell: Cell) -> frozenset[str]:
        return self._chosen.get(cell.choice or "", frozenset())

    def is_unsure(self, cell: Cell) -> bool:
        return self._unsure is not None and cell.choice == self._unsure

    def fits_nothing(self, cell: Cell) -> bool:
        if not cell.choice or self.question.kind in PLACED or cell.choice == NO_LINE:
            return False
        return not self.chosen(cell) & self._keys

    def papers(self, holds: Test) -> int:
        return sum(cell.count for cell, _ in self.groups if holds(cell))

    def lines(self) -> Iterable[Line]:
        kind = self.question.kind
        for choice in self.question.choices:
            if kind == "matching" and not choice.is_right and not choice.is_unsure:
                continue
            count = self.papers(lambda cell, key=choice.key: key in self.chosen(cell))  # type: ignore[misc]
            line = Line(choice.key, count, choice.is_right, choice.is_unsure)
            yield self._compared(line) if kind in PICKED else line
        if kind in {"spot", "text", "number"}:
            count = self.papers(lambda cell: cell.choice == NO_LINE)
            is_right = kind == "spot" and not any(choice.is_right for choice in self.question.choices)
            yield Line(NO_LINE, count, is_right)

    def _compared(self, line: Line) -> Line:
        chosen = [(float(line.key in self.chosen(cell)), rest) for cell, rest in self.groups]
        line = replace(line, pull=correlation(chosen))
        rivals = self._rights() if not line.is_right and not line.is_unsure else []
        if not rivals:
            return line
        rival = min(rivals, key=lambda keys: self.papers(lambda cell: bool(keys & self.chosen(cell))))
        return replace(
            line,
            rival=", ".join(sorted(rival)),
            ahead=self.papers(lambda c: line.key in self.chosen(c) and not rival & self.chosen(c)),
            behind=self.papers(lambda c: line.key not in self.chosen(c) and bool(rival & self.chosen(c))),
        )

    def _rights(self) -> list[frozenset[str]]:
        rights = [choice.key for choice in self.question.choices if choice.is_right]
        if self.question.kind in ANY_RIGHT:
            return [frozenset(rights)] if rights else []
        return [frozenset({key}) for key in rights]


def bank_figures(check_id: str, bank: Bank, analysis: Analysis) -> BankFigures:
    """Put the papers of one check together."""
    scores = (analysis.cells[number].score for number in bank.cells)
    return BankFigures(
        check_id=check_id,
        n=bank.papers,
        mean=bank.mean,
        reliability=bank.reliability,
        length=bank.length,
        is_estimate=not bank.is_complete(analysis.cells),
        is_all_or_nothing=all(score in (0.0, 1.0) for score in scores),
    )
