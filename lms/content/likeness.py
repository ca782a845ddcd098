"""Questions of one bank that are nearly the same: only one of them should stand on a paper."""

import re
from collections.abc import Iterator, Sequence

from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.problems import Problems
from lms.content.shelf import Reading
from lms.vietnamese import fold

STEM, ANSWER = 0.6, 0.5
"""From which share of common words on two stems, and two right answers, are nearly the same."""
_WORD = re.compile(r"[^\W_]+")
Words = frozenset[str]


def report(reading: Reading, problems: Problems) -> None:
    """Report each question of a check that an earlier one of its bank nearly says, group `near` apart."""
    for bank in reading.banks:
        for first, second in alike(bank.questions):
            problems.add(
                second.file,
                second.line,
                f"Câu này gần giống câu “{first.id}” ở dòng {first.line}. Viết khác đi, bỏ một câu, "
                "hoặc ghi cùng một dòng “near: ten-nhom” ở cả hai câu để chúng không đứng chung một đề.",
            )


def alike(questions: Sequence[QuestionDesc]) -> Iterator[tuple[QuestionDesc, QuestionDesc]]:
    """Yield each question that may be drawn after the first earlier one that is nearly the same.

    Both the stem and the right answer must be alike; marks on letters and the order of words count for
    nothing. Every pair is looked at: 500 questions take about a tenth of a second.
    """
    seen: list[tuple[QuestionDesc, Words, Words]] = []
    for question in questions:
        if not question.in_check:
            continue
        stem, answer = _words(question.text), _words(_answer(question))
        for other, other_stem, other_answer in seen:
            if (
                _share(stem, other_stem) >= STEM
                and _share(answer, other_answer) >= ANSWER
                and not (question.near and question.near == other.near)
            ):
                yield other, question
                break
        seen.append((question, stem, answer))


def _share(a: Words, b: Words) -> float:
    common = len(a & b)
    every = len(a) + len(b) - common
    return common / every if every else 1.0


def _words(text: str) -> Words:
    return frozenset(_WORD.findall(fold(text)))


def _answer(question: QuestionDesc) -> str:
    """Return what must be known to answer: the right lines, or all where each has its own place."""
    lines = [line for line in question.choices if not line.is_unsure]
    if any(line.is_right for line in lines):
        lines = [line for line in lines if line.is_right]
    return " ".join(_said(question, line) for line in lines)


def _said(question: QuestionDesc, line: ChoiceDesc) -> str:
    columns = {column.key: column.text for column in question.columns}
    return f"{line.text} {line.pair} {columns.get(line.mark, '')}"
