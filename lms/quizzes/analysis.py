"""What answers say about questions: facility, discrimination, reliability, and how sure one may be of them.

Plain values, no database. Papers are drawn at random, so they differ: what a learner did on the rest of a
paper is counted as the sum of (score − mean of that question) over its other questions. Where everybody
had the same paper this gives the corrected point-biserial correlation and the KR-20 of the textbooks
exactly (Lord & Novick 1968, §4.4 and §15.3; Kuder & Richardson 1937).
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

Z = 1.645
"""One-sided bounds of 95 percent: a flag is raised when even the cautious end is beyond its limit."""
ALMOST_NOTHING = 1e-9


@dataclass(frozen=True)
class Cell:
    """One way in which a question was answered: how many papers did, what it earned (0 to 1).

    `item` is the question as it is marked now; a question whose key was changed is another item. A score
    of None (survey, open, dropped) stands outside totals.
    """

    item: Hashable
    choice: str | None
    count: int
    score: float | None


@dataclass(slots=True)
class Rest:
    """What those who answered one way did on the rest of their papers: number, sum, sum of squares."""

    n: int = 0
    sum: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Rest") -> "Rest":
        """Put two groups of papers together."""
        return Rest(self.n + other.n, self.sum + other.sum, self.squares + other.squares)


@dataclass(slots=True)
class Bank:
    """The papers of one check: sums over papers of what reliability and the mean are made of."""

    papers: int = 0
    answers: int = 0
    pairs: int = 0
    shares: float = 0.0
    total_squares: float = 0.0
    squares: float = 0.0
    cells: set[int] = field(default_factory=set)

    def add(self, numbers: Sequence[int], earned: float, total: float, squares: float) -> None:
        """Count one paper: its cells, points, deviation from what was to be expected, and its squares."""
        size = len(numbers)
        self.papers += 1
        self.answers += size
        self.pairs += size * (size - 1)
        self.shares += earned / size
        self.total_squares += total * total
        self.squares += squares
        self.cells.update(numbers)

    @property
    def mean(self) -> float | None:
        """Return the mean share of points of a paper."""
        return self.shares / self.papers if self.papers else None

    @property
    def length(self) -> float:
        """Return how many marked questions a paper has, on average."""
        return self.answers / self.papers if self.papers else 0.0

    @property
    def reliability(self) -> float | None:
        """Return KR-20 (Cronbach's alpha where questions earn parts) for a paper of average length.

        The sum over pairs of different questions is the square of the total less the sum of squares, so
        the mean covariance of two questions needs no table of pairs.
        """
        if not self.pairs or self.squares < ALMOST_NOTHING:
            return None
        covariance = (self.total_squares - self.squares) / self.pairs
        variance = self.squares / self.answers
        whole = variance + (self.length - 1) * covariance
        return self.length * covariance / whole if whole > ALMOST_NOTHING else None

    def is_complete(self, cells: Sequence[Cell]) -> bool:
        """Tell whether every paper had the same questions, so that the reliability is no estimate."""
        return len({cells[number].item for number in self.cells}) * self.papers == self.answers


@dataclass(frozen=True)
class Analysis:
    """The cells as given, with what their people did on the rest; the checks by name."""

    cells: tuple[Cell, ...]
    rests: tuple[Rest, ...]
    banks: dict[str, Bank]


def analyse(cells: Sequence[Cell], papers: Iterable[tuple[str, Sequence[int]]]) -> Analysis:
    """Go through every paper once: its check, and the numbers of its cells.

    Takes time in proportion to the answers, memory in proportion to the cells.
    """
    means = facilities(cells)
    marked = [cell.score is not None for cell in cells]
    scores = [cell.score or 0.0 for cell in cells]
    away = [score - means.get(cell.item, 0.0) for cell, score in zip(cells, scores, strict=True)]
    rests = [Rest() for _ in cells]
    banks: dict[str, Bank] = {}
    for name, paper in papers:
        numbers = [number for number in paper if marked[number]]
        if not numbers:
            continue
        deviations = [away[number] for number in numbers]
        total = sum(deviations)
        bank = banks.get(name) or banks.setdefault(name, Bank())
        bank.add(
            numbers, sum([scores[number] for number in numbers]), total, sum([d * d for d in deviations])
        )
        if len(numbers) > 1:
            for number, deviation in zip(numbers, deviations, strict=True):
                rest, others = rests[number], total - deviation
                rest.n += 1
                rest.sum += others
                rest.squares += others * others
    return Analysis(tuple(cells), tuple(rests), banks)


def facilities(cells: Iterable[Cell]) -> dict[Hashable, float]:
    """Return the mean score of each item that is marked."""
    counts: dict[Hashable, int] = {}
    sums: dict[Hashable, float] = {}
    for cell in cells:
        if cell.score is not None:
            counts[cell.item] = counts.get(cell.item, 0) + cell.count
            sums[cell.item] = sums.get(cell.item, 0.0) + cell.count * cell.score
    return {item: sums[item] / count for item, count in counts.items() if count}


def correlation(groups: Iterable[tuple[float, Rest]]) -> float | None:
    """Return how a value goes with the rest of the paper; None where either never varies.

    Each group is a value and the papers that have it. With the score of a question as value this is the
    corrected point-biserial correlation, with 1 and 0 that of choosing a line.
    """
    n = 0
    x = xx = r = rr = xr = 0.0
    for value, rest in groups:
        n += rest.n
        x += value * rest.n
        xx += value * value * rest.n
        r += rest.sum
        rr += rest.squares
        xr += value * rest.sum
    spread = (n * xx - x * x) * (n * rr - r * r)
    if n < 3 or spread <= ALMOST_NOTHING * n**4:
        return None
    return max(-1.0, min(1.0, (n * xr - x * r) / math.sqrt(spread)))


def share_bounds(count: float, n: int) -> tuple[float, float]:
    """Return between what a share lies, each end with 95 percent certainty (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    share, spread = count / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return middle - reach, middle + reach


def correlation_bounds(value: float, n: int) -> tuple[float, float]:
    """Return between what a correlation lies, each end with 95 percent certainty (Fisher's z)."""
    if n <= 3:
        return -1.0, 1.0
    middle, reach = math.atanh(max(-0.999999, min(0.999999, value))), Z / math.sqrt(n - 3)
    return math.tanh(middle - reach), math.tanh(middle + reach)


def reliability_ceiling(value: float, length: float, n: int) -> float:
    """Return what the reliability stays below with 95 percent certainty (Bonett 2002)."""
    if n <= 2 or length <= 1:
        return 1.0
    return 1 - (1 - value) * math.exp(-Z * math.sqrt(2 * length / ((length - 1) * (n - 2))))
