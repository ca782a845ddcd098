"""The part of a question's page that shows what answers say: plain words, no claim under ten papers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask, render_template_string

from lms.catalog.catalogue import Question
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.quizzes.figures import Figures, Line
from lms.quizzes.flags import flagged
from tests.browser_double import HOUSE, proofread

PAGE = """{% extends "staff.html" %}{% block title %}Câu hỏi{% endblock %}{% block content %}
<h1>Câu hỏi</h1>{% include "questions/_figures.html" %}{% endblock %}"""
COUNTED = datetime(2026, 11, 21, 20, 50, tzinfo=UTC)


def shown(app: Flask, figures: Figures | None, **context: object) -> str:
    """Return the words of the part on a page of its own, proofread."""
    with app.test_request_context("/"):
        page = proofread(render_template_string(PAGE, figures=figures, **context))
    main = page.find(f".//{HOUSE}main")
    assert main is not None
    return " ".join(" ".join(main.itertext()).split())


def figures(n: int = 57, **values: object) -> Figures:
    lines = (
        Line("a", n // 2, pull=0.2, rival="b", ahead=n // 2, behind=n // 4),
        Line("b", n // 4, is_right=True, pull=-0.3),
        Line("c", 0, rival="b", behind=n // 4),
        Line("d", n // 10, is_unsure=True),
    )
    given: dict[str, object] = {
        "question_id": "q",
        "edition_id": "e",
        "kind": "single",
        "n": n,
        "mean": 0.25,
        "discrimination": -0.31,
        "rested": n,
        "wrong": n // 2,
        "unsure": n // 10,
        "blank": 1,
        "other": 0,
        "lines": lines,
        "counted_at": COUNTED,
    } | values
    return flagged(Figures(**given))  # type: ignore[arg-type]


@pytest.fixture
def question(db: ScopedSession) -> Question:
    return load(db).courses[0].modules[0].bank[0]


def test_figures_come_with_n_and_with_what_to_do(app: Flask, question: Question) -> None:
    words = shown(app, figures(), asked=question)
    assert "Số bài làm có câu này 57" in words
    assert "Được trung bình 25 % số điểm" in words
    assert "Tương quan với các câu khác −0,31" in words
    assert (
        "Người làm tốt các câu khác lại hay sai câu này (tương quan −0,31). Có thể đáp án ghi nhầm" in words
    )
    assert "Trong 28 bài chọn sai, không bài nào chọn c): phương án này không ai tin." in words
    assert "Nên xem lại, theo 57 bài làm:" in words
    assert f"b) {question.choices[1].html} (đúng) 14 25 %" in words
    assert "28 49 %" in words
    assert "Đếm lúc 03:50 22/11/2026" in words


def test_nothing_is_shown_under_ten_papers(app: Flask) -> None:
    words = shown(app, figures(7))
    assert "Mới có 7 bài làm, chưa đủ 10 để nói gì." in words
    assert "%" not in words
    assert "tương quan" not in words.lower()


def test_a_question_nobody_has_met_says_so(app: Flask) -> None:
    assert "Chưa có bài làm nào có câu này." in shown(app, None)


def test_a_sound_question_is_told_to_be_sound(app: Flask) -> None:
    sound = replace(figures(mean=0.7, discrimination=0.4, lines=(Line("a", 40, is_right=True),)), flags=())
    assert "Chưa thấy điều gì phải xem lại, theo 57 bài làm." in shown(app, flagged(sound))


def test_a_survey_has_shares_and_no_right_answer(app: Flask) -> None:
    survey = figures(kind="survey", mean=None, discrimination=None, lines=(Line("a", 40), Line("b", 17)))
    words = shown(app, survey)
    assert "a) 40 70 %" in words
    assert "(đúng)" not in words
    assert "Được trung bình" not in words
    assert "Tương quan với các câu khác" not in words


def test_lines_put_in_place_are_shown_as_treated_rightly(app: Flask) -> None:
    words = shown(app, figures(kind="ordering", lines=(Line("a", 40), Line("b", 17))))
    assert "Dòng Làm đúng Tỷ lệ" in words
    assert "(đúng)" not in shown(app, figures(kind="matching", lines=(Line("a", 40, is_right=True),)))


def test_typed_answers_and_genuine_messages_name_what_fits_no_line(app: Flask) -> None:
    lines = (Line("a", 40, is_right=True), Line("-", 17))
    assert "Câu trả lời khác 17 30 %" in shown(app, figures(kind="text", lines=lines))
    assert "Không có gì đáng ngờ 17 30 %" in shown(app, figures(kind="spot", lines=lines))
    assert "Chọn dòng nay không còn 3 bài (5 %)" in shown(app, figures(other=3))
