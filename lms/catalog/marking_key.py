"""What decides marks in an edition of a question: the one meaning of “the key has changed”."""

from lms.catalog.catalogue import Question

_TYPED = ("text", "number")
_BY_MARKS = ("ordering", "open")
"""Kinds whose whole key is what stands in the brackets."""


def key_of(question: Question) -> tuple[object, ...]:
    """Return everything that decides what an answer earns, as a value to compare.

    Two editions with equal keys mark every answer that both know alike: wording, feedback, hints, pictures
    and the order of lines are no part, nor is a wrong line more or less, unless the credit weighs every
    line. Of a question whose answer is typed the accepted words are the key.
    """
    return question.kind, question.credit if question.kind not in _TYPED else "", *_key(question)


def _key(question: Question) -> tuple[object, ...]:
    kind, lines = question.kind, question.lines
    if kind == "survey":
        return ()
    if kind in _TYPED:
        said = frozenset(line.text for line in lines if line.is_right)
        return said, question.plain_letters, frozenset(question.names), question.tolerance, question.unit
    if kind in _BY_MARKS:
        return (frozenset((line.key, line.mark) for line in lines),)
    if kind == "matrix":
        return frozenset((line.key, line.mark) for line in lines), frozenset(c.key for c in question.columns)
    if kind == "matching":
        return (frozenset((line.key, _side(question, line.pair)) for line in lines if line.is_right),)
    right = frozenset(line.key for line in lines if line.is_right)
    return right, frozenset(line.key for line in lines) if question.credit == "proportional" else None


def _side(question: Question, pair: str) -> str:
    """Return a name for a right side that no wording and no order changes."""
    return min(line.key for line in question.lines if line.pair == pair)
