"""What goes out as GIFT comes back as it was, or is named as lost."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from any_question import questions
from hypothesis import HealthCheck, given, settings

from lms.content.exchange import CHANGED, REFUSED
from lms.content.gift import read_gift
from lms.content.gift_text import write_gift
from lms.content.intake import NEVER_MIND, Shelf, bare
from lms.content.kinds import KIND, UNSURE
from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.problems import Problems
from lms.content.reading import read

ROOT = Path(__file__).parents[2]
KINDS = ["single", "multiple", "true-false", "text", "number", "matching", "open"]
WITH_UNSURE = {"single", "multiple", "true-false", "text"}
quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def without_unwritable(question: QuestionDesc) -> QuestionDesc:
    """Return what GIFT can hold: no words under “Tôi chưa chắc” beside pairs and numbers."""
    if question.kind not in {"number", "matching"}:
        return question
    told = NEVER_MIND if KIND[question.kind].needs_feedback else ""
    lines = (replace(line, feedback=told) if line.is_unsure else line for line in question.choices)
    return replace(question, choices=tuple(lines))


def assert_whole(text: str, question: QuestionDesc) -> None:
    """Assert that no sign of the words is left for GIFT to see, and that no line is empty."""
    bare = re.sub(r"\\[\\~=#{}:]", "", text)
    answers = [line for line in question.choices if not line.is_unsure or question.kind in WITH_UNSURE]
    below = re.sub(r"(?m)^(//|::).*$", "", bare)
    assert (bare.count("{"), bare.count("}")) == (1, 1)
    assert len(re.findall("[~=]", below)) == (0 if question.kind == "open" else len(answers))
    assert re.search(r"\n\s*\n", text) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_comes_back_from_gift_as_it_was(kind: str) -> None:
    written = 0

    @quick
    @given(questions(kind))
    def check(question: QuestionDesc) -> None:
        nonlocal written
        text, out = write_gift([question])
        if out.refused:
            assert text == ""
            return
        written += 1
        assert_whole(text, question)
        back = read_gift(text.encode(), Shelf())
        assert [bare(one) for one in back.questions] == [without_unwritable(question)]
        assert [remark for remark in back.remarks if remark.kind in {CHANGED, REFUSED}] == []

    check()
    assert written > 10


def test_the_courses_that_ship_come_back_from_gift_whole() -> None:
    banks = read(ROOT, Problems()).banks
    assert banks
    for bank in banks:
        text, out = write_gift(bank.questions)
        back = read_gift(text.encode(), Shelf(own=frozenset(one.id for one in bank.questions)))
        kept = [without_unwritable(bare(one)) for one in out.questions]
        assert [bare(one) for one in back.questions] == kept
        assert back.refused == 0
        assert len(kept) + out.refused == len(bank.questions)


@pytest.mark.parametrize("left", ["A -> B", "dòng \\n này"])
def test_a_side_that_gift_would_cut_is_refused_and_nothing_is_written(left: str) -> None:
    lines = [
        ChoiceDesc(key, text, is_right=True, is_unsure=False, feedback="", pair=pair)
        for key, text, pair in (("a", left, "một"), ("b", "hai", "hai"), ("c", "ba", "ba"))
    ]
    unsure = ChoiceDesc("d", UNSURE, is_right=False, is_unsure=True, feedback="Không sao.")
    question = QuestionDesc(
        "ghep", "Ghép các vế", "s", 1, "check", "", (*lines, unsure), "Vì thế.", Path(), 1, "matching"
    )
    question = replace(question, credit="proportional")
    text, out = write_gift([question])
    assert (text, out.refused) == ("", 1)
    assert "->" in out.remarks[0].message or "\\n" in out.remarks[0].message
