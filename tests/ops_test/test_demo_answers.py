"""What the people of `lms demo` answer, whatever kinds of questions the library asks."""

import pytest

from lms.demo.doing import given
from lms.quizzes.grading import credit
from lms.quizzes.responses import is_valid
from tests.quizzes_test.samples import one_of_each

ASKED = {kind: question for kind, question in one_of_each().items() if kind != "open"}


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_people_of_the_demo_answer_every_kind_rightly_or_for_nothing(kind: str) -> None:
    question = ASKED[kind]
    earned = []
    for right in (True, False):
        choice = given(question, right=right)
        assert is_valid(question, choice), choice
        earned.append(credit(question, choice))
    assert earned == ([None, None] if kind == "survey" else [1, 0])
