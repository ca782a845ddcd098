"""The paper of an attempt: which questions, in which order, with which order of lines."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, takewhile

from lms.catalog.catalogue import Question
from lms.quizzes.responses import right_order, right_sides

_SHUFFLED = frozenset({"single", "multiple", "ordering", "matching", "matrix"})
_SLIGHT = 1e-9
_Rank = Callable[[Question], int]
_Couple = tuple[Question, Question]


@dataclass(frozen=True)
class Drawn:
    """A question of a paper and the order of its lines, as keys, “Tôi chưa chắc” last.

    Of a matching question the rows stand as the author wrote them, and each right side where the first line
    that has it stands in this order. The columns of a matrix always stand as the author wrote them.
    """

    question: Question
    choice_order: tuple[str, ...]


def draw(
    bank: Sequence[Question],
    count: int,
    source: random.Random,
    *,
    missed: Collection[str] = frozenset(),
    seen: Collection[str] = frozenset(),
    with_open: bool = False,
) -> tuple[Drawn, ...]:
    """Draw `count` questions, or as many as may meet, balanced over skills, then over difficulty.

    `missed` and `seen` are ids of questions that this learner got wrong or met in earlier attempts: within
    a skill what was missed comes first, then what is new. Two questions of one `near` group never meet.
    Questions that a person marks are drawn only `with_open`. Survey questions take nobody's place: those of
    the bank stand at the end, beyond `count`, as the author ordered them.
    """

    def rank(question: Question) -> int:
        return 0 if question.id in missed else 2 if question.id in seen else 1

    marked = [q for q in bank if q.kind != "survey" and (with_open or q.kind != "open")]
    chosen = _chosen(marked, count, source, rank)
    source.shuffle(chosen)
    surveys = [question for question in bank if question.kind == "survey"]
    return tuple(Drawn(question, line_order(question, source)) for question in (*chosen, *surveys))


def shuffled(form: Sequence[Question], source: random.Random) -> tuple[Drawn, ...]:
    """Return the questions of a form as a paper: they and their lines in an order of chance."""
    return tuple(Drawn(question, line_order(question, source)) for question in source.sample(form, len(form)))


def line_order(question: Question, source: random.Random) -> tuple[str, ...]:
    """Return the keys of a question in the order to show: by chance where the author's order says nothing.

    Đúng and Sai, the pieces of a message, the steps of a survey's scale and what is not shown keep their
    order. Things to put in order never stand in the right one already, nor right sides beside their rows.
    """
    shown = [line.key for line in question.lines]
    if question.kind in _SHUFFLED:
        source.shuffle(shown)
    if len(solved := _solved(question, shown)) > 1:
        place = source.randrange(len(solved) - 1)
        one, other = shown.index(solved[place]), shown.index(solved[place + 1])
        shown[one], shown[other] = shown[other], shown[one]
    return (*shown, *(line.key for line in question.choices if line.is_unsure))


def _solved(question: Question, shown: list[str]) -> tuple[str, ...]:
    """Return the keys that tell the answer by their order, when they stand in it."""
    if question.kind == "ordering":
        right = right_order(question)
    elif question.kind == "matching":
        right = tuple(side.key for side in right_sides(question))
    else:
        return ()
    return right if tuple(key for key in shown if key in right) == right else ()


def _chosen(bank: list[Question], count: int, source: random.Random, rank: _Rank) -> list[Question]:
    """Take a question of the skill that has fewest on the paper, again and again."""
    pools: dict[str, list[Question]] = {}
    for question in source.sample(bank, len(bank)):
        pools.setdefault(question.skill, []).append(question)
    turns = source.sample(sorted(pools), len(pools))
    for pool in pools.values():
        pool.sort(key=rank)
    skills: Counter[str] = Counter()
    difficulties: Counter[int] = Counter()
    chosen: list[Question] = []
    while len(chosen) < count and (left := [skill for skill in turns if pools[skill]]):
        skill = min(left, key=lambda one: (skills[one], rank(pools[one][0])))
        question = _least_used(pools[skill], difficulties, rank)
        pools[skill].remove(question)
        if question.near:
            pools = {s: [q for q in pool if q.near != question.near] for s, pool in pools.items()}
        chosen.append(question)
        skills[skill] += 1
        difficulties[question.difficulty] += 1
    return chosen


def _least_used(pool: list[Question], difficulties: Counter[int], rank: _Rank) -> Question:
    first = rank(pool[0])
    best = takewhile(lambda question: rank(question) == first, pool)
    return min(best, key=lambda question: difficulties[question.difficulty])


class TooFewQuestions(ValueError):
    """The bank cannot make the two forms; the message says what to do."""


def equivalent_forms(
    bank: Sequence[Question], count: int, facility: Mapping[str, float] | None = None
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Return two disjoint forms of `count` questions each, A and B, for before and after a course.

    The n-th question of A faces the n-th of B: of the same skill, and as near in difficulty as the bank
    allows; easier ones first. Near-duplicates may face each other, never stand in one form. `facility` is
    the share of people (0 to 1) who got a question right, by its id; where it is not known the author's
    difficulty stands for it. The same bank always gives the same forms. Raises TooFewQuestions.
    """
    marked = [question for question in bank if question.kind not in {"survey", "open"}]
    ease = _eases(marked, facility or {})
    usable = _two_of_each_group(marked, ease)
    if len(usable) < 2 * count:
        raise TooFewQuestions(
            f"Ngân hàng có {len(usable)} câu dùng được cho hai đề, chưa đủ hai đề {count} câu. "
            f"Thêm {2 * count - len(usable)} câu, hoặc giảm còn nhiều nhất {len(usable) // 2} câu mỗi đề."
        )
    couples = _couples(usable, count, ease)
    couples.sort(key=lambda couple: (-ease[couple[0].id] - ease[couple[1].id], couple[0].id))
    return _parted(couples, ease)


def _eases(bank: list[Question], facility: Mapping[str, float]) -> dict[str, float]:
    """Return how easy each question is: as measured, or as others of its difficulty were, or as guessed."""
    measured: dict[int, list[float]] = {}
    for question in bank:
        if question.id in facility:
            measured.setdefault(question.difficulty, []).append(facility[question.id])
    guessed = {level: sum(found) / len(found) for level, found in measured.items()}
    return {
        question.id: facility.get(question.id, guessed.get(question.difficulty, 1 - question.difficulty / 4))
        for question in bank
    }


def _two_of_each_group(bank: list[Question], ease: Mapping[str, float]) -> list[Question]:
    """Keep of each near group at most two questions, one for each form: those most alike."""
    groups: dict[str, list[Question]] = {}
    for question in sorted(bank, key=lambda q: q.id):
        if question.near:
            groups.setdefault(question.near, []).append(question)
    kept = {question.id for question in bank if not question.near}
    for group in groups.values():
        best = min(combinations(group, 2), key=lambda couple: _distance(couple, ease), default=group)
        kept.update(question.id for question in best)
    return [question for question in bank if question.id in kept]


def _distance(couple: Sequence[Question], ease: Mapping[str, float]) -> tuple[bool, float, str, str]:
    one, other = couple
    return one.skill != other.skill, abs(ease[one.id] - ease[other.id]), one.id, other.id


def _couples(bank: list[Question], count: int, ease: Mapping[str, float]) -> list[_Couple]:
    """Choose couples skill by skill in turn; what is left over is coupled across skills."""
    by_skill: dict[str, list[Question]] = {}
    for question in sorted(bank, key=lambda q: (ease[q.id], q.id)):
        by_skill.setdefault(question.skill, []).append(question)
    shares: Counter[str] = Counter()
    while shares.total() < count:
        left = [skill for skill, held in by_skill.items() if shares[skill] < len(held) // 2]
        if not left:
            break
        shares[min(left, key=lambda s: (shares[s], shares[s] - len(by_skill[s]), s))] += 1
    couples = [c for skill in sorted(by_skill) for c in _nearest(by_skill[skill], shares[skill], ease)]
    taken = {question.id for couple in couples for question in couple}
    rest = sorted((q for q in bank if q.id not in taken), key=lambda q: (ease[q.id], q.id))
    return couples + _nearest(rest, count - len(couples), ease)


def _nearest(ordered: list[Question], count: int, ease: Mapping[str, float]) -> list[_Couple]:
    """Return the `count` couples of neighbours that differ least in all, spread evenly where they are equal.

    `best[taken]` is the least cost of that many couples among the questions so far, and which they are.
    """
    spread = max(len(ordered), 1)
    nothing: tuple[float, tuple[int, ...]] = (0.0, ())
    before, best = [nothing], [nothing]
    for place in range(1, len(ordered)):
        grown = list(best)
        gap = ease[ordered[place].id] - ease[ordered[place - 1].id]
        for taken in range(1, min(count, (place + 1) // 2) + 1):
            wanted = (taken - 0.5) * len(ordered) / count
            cost, places = before[taken - 1]
            offer = (cost + gap + abs(place - wanted) / spread * _SLIGHT, (*places, place))
            if taken == len(grown):
                grown.append(offer)
            elif offer < grown[taken]:
                grown[taken] = offer
        before, best = best, grown
    return [(ordered[place - 1], ordered[place]) for place in best[count][1]] if count else []


def _parted(
    couples: list[_Couple], ease: Mapping[str, float]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Give one of each couple to A and the other to B: twins of a near group apart, both forms as hard.

    Couples and twins alternate along a chain, so a chain can always be parted, and turned as a whole.
    """
    turned: dict[int, bool] = {}
    total = 0.0
    chains = [(sum(_lead(couples[n], turn, ease) for n, turn in c.items()), c) for c in _chains(couples)]
    for lead, chain in sorted(chains, key=lambda found: (-abs(found[0]), min(found[1]))):
        turn_all = (lead > 0) == (total > 0)
        total += -lead if turn_all else lead
        turned.update({place: turn != turn_all for place, turn in chain.items()})
    a = tuple(couple[turned[place]] for place, couple in enumerate(couples))
    return a, tuple(couple[not turned[place]] for place, couple in enumerate(couples))


def _lead(couple: _Couple, turned: bool, ease: Mapping[str, float]) -> float:
    """Return how much easier A becomes than B by a couple."""
    return ease[couple[turned].id] - ease[couple[not turned].id]


def _chains(couples: list[_Couple]) -> list[dict[int, bool]]:
    """Return couples that hang together by twins, each with whether it stands turned (second one in A)."""
    members: dict[str, list[tuple[int, int]]] = {}
    for place, couple in enumerate(couples):
        for side, question in enumerate(couple):
            if question.near:
                members.setdefault(question.near, []).append((place, side))
    chains: list[dict[int, bool]] = []
    done: set[int] = set()
    for start in range(len(couples)):
        if start in done:
            continue
        chain, open_ends = {start: False}, [start]
        while open_ends:
            place = open_ends.pop()
            for side, question in enumerate(couples[place]):
                for other, its_side in members.get(question.near, ()):
                    if other not in chain:
                        # Twins stand in different forms: of sides alike, one of the couples is turned.
                        chain[other] = chain[place] != (side == its_side)
                        open_ends.append(other)
        done |= set(chain)
        chains.append(chain)
    return chains
