"""The paper of an attempt: which questions, in which order, with which order of choices."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from lms.catalog.catalogue import Question


@dataclass(frozen=True)
class Drawn:
    """A question of a paper and the order of its choices, as keys."""

    question: Question
    choice_order: tuple[str, ...]


def draw(bank: Sequence[Question], count: int, source: random.Random) -> tuple[Drawn, ...]:
    """Draw a paper, balanced over skills; “Tôi chưa chắc” always stands last.

    Questions are taken skill by skill in turn, so that none is left out by chance.
    """
    by_skill: dict[str, list[Question]] = {}
    for question in source.sample(list(bank), len(bank)):
        by_skill.setdefault(question.skill, []).append(question)
    turns = source.sample(sorted(by_skill), len(by_skill))
    chosen: list[Question] = []
    while len(chosen) < min(count, len(bank)):
        for skill in turns:
            if by_skill[skill] and len(chosen) < count:
                chosen.append(by_skill[skill].pop())
    source.shuffle(chosen)
    return tuple(Drawn(question, _choice_order(question, source)) for question in chosen)


def _choice_order(question: Question, source: random.Random) -> tuple[str, ...]:
    keys = [choice.key for choice in question.choices if not choice.is_unsure]
    source.shuffle(keys)
    return (*keys, *(choice.key for choice in question.choices if choice.is_unsure))
