"""Simulated learners and a bank with bad questions planted in it: what item analysis has to find.

A learner of ability θ knows a question with probability 1 / (1 + exp(−a (θ − b))) (two-parameter logistic);
who does not know it takes a wrong line by its weight, or “Tôi chưa chắc”.
"""

import math
import random
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from lms.catalog.catalogue import Choice, Question
from lms.quizzes.analysis import Analysis, Cell, analyse
from lms.quizzes.figures import Figures, question_figures

WRONG = {"a": 0.45, "c": 0.35, "d": 0.20}
EVEN = dict.fromkeys("abcd", 1.0)
TWO_WAYS = {"a": 0.32, "b": 0.53, "c": 0.08, "d": 0.07}
UNSURE_SHARE = 0.15


@dataclass(frozen=True)
class Planted:
    """A question as learners meet it: what those who know take, and what the others take.

    `told` are the flags that find what is wrong with it, as name or name:key of the line.
    """

    name: str
    told: frozenset[str] = frozenset()
    slope: float = 1.3
    difficulty: float = 0.0
    known: dict[str, float] = field(default_factory=lambda: {"b": 1.0})
    wrong: dict[str, float] = field(default_factory=lambda: dict(WRONG))
    unsure: float = UNSURE_SHARE
    blank: float = 0.0
    key: str = "b"

    @property
    def is_healthy(self) -> bool:
        return not self.told

    def answer(self, ability: float, chance: random.Random) -> str | None:
        if chance.random() < self.blank:
            return None
        knows = chance.random() < 1 / (1 + math.exp(-self.slope * (ability - self.difficulty)))
        if not knows and chance.random() < self.unsure:
            return "e"
        weights = self.known if knows else self.wrong
        return chance.choices(list(weights), list(weights.values()))[0]

    @property
    def question(self) -> Question:
        choices = tuple(Choice(k, k, "", k == self.key, k == "e") for k in "abcde")
        return Question(self.name, f"edition-{self.name}", self.name, self.name, "s", 1, choices, "")


def _bad(name: str, told: str, **values: object) -> Planted:
    return Planted(name, frozenset(told.split()), **values)  # type: ignore[arg-type]


BAD = (
    _bad("wrong key", "ahead:b pulls:b reversed", key="c", wrong={"a": 0.5, "c": 0.3, "d": 0.2}),
    _bad("dead distractor", "dead:d", wrong={"a": 0.55, "c": 0.45}),
    _bad("two right answers", "pulls:d", slope=1.8, known={"b": 0.5, "d": 0.5}, wrong={"a": 0.6, "c": 0.4}),
    _bad("answered by chance", "hard flat reversed", slope=0.0, known=EVEN, wrong=EVEN, unsure=0.0),
    _bad("understood in two ways", "flat reversed", slope=0.0, known=TWO_WAYS, wrong=TWO_WAYS, unsure=0.0),
    _bad("too easy", "easy", difficulty=-5.0),
    _bad("too hard", "hard", difficulty=4.0),
    _bad("tricky for strong ones", "reversed", slope=-1.3),
    _bad("many unsure", "unsure", unsure=0.9, difficulty=0.5),
    _bad("left blank", "blank", blank=0.85),
)


def bank(chance: random.Random, healthy: int = 30) -> list[Planted]:
    """Make a bank: healthy questions of many difficulties, and one of each bad kind."""
    good = [
        Planted(f"healthy {n}", slope=chance.uniform(0.9, 1.8), difficulty=chance.uniform(-1.8, 0.4))
        for n in range(healthy)
    ]
    return [*good, *BAD]


Answer = tuple[Hashable, str | None, float | None]


def analysed(papers: Sequence[Sequence[Answer]], check: str = "check") -> Analysis:
    """Analyse papers given as (question, choice, score) for each answer."""
    counts = Counter(answer for paper in papers for answer in paper)
    number = {answer: place for place, answer in enumerate(counts)}
    cells = [Cell(item, choice, count, score) for (item, choice, score), count in counts.items()]
    return analyse(cells, ((check, [number[answer] for answer in paper]) for paper in papers))


def sat(questions: Sequence[Planted], n: int, draw: int, chance: random.Random) -> dict[str, Figures]:
    """Let so many people take papers that a question stands on about `n`; return the figures of each."""
    papers: list[list[Answer]] = []
    for _ in range(n * len(questions) // draw):
        ability = chance.gauss(0, 1)
        drawn = chance.sample(list(questions), draw)
        choices = [(question, question.answer(ability, chance)) for question in drawn]
        papers.append([(q.name, choice, float(choice == q.key)) for q, choice in choices])
    groups = groups_of(analysed(papers))
    return {q.name: question_figures(q.question, groups.get(q.name, [])) for q in questions}


def groups_of(analysis: Analysis) -> dict[Hashable, list]:  # type: ignore[type-arg]
    """Return the cells of each question with what their people did on the rest."""
    groups: dict[Hashable, list] = {}  # type: ignore[type-arg]
    for cell, rest in zip(analysis.cells, analysis.rests, strict=True):
        groups.setdefault(cell.item, []).append((cell, rest))
    return groups
