"""Item analysis with plain values: textbook figures, papers that differ, planted bad questions."""

import random
from collections import Counter
from collections.abc import Hashable
from fractions import Fraction
from statistics import correlation as pearson
from statistics import pvariance

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lms.catalog.catalogue import Choice, Column, Question
from lms.quizzes.analysis import (
    Analysis,
    correlation,
    correlation_bounds,
    facilities,
    reliability_ceiling,
    share_bounds,
)
from lms.quizzes.figures import BankFigures, Figures, Line, bank_figures, question_figures
from lms.quizzes.flags import bank_flags, flagged, flags_of
from lms.quizzes.grading import credit
from tests.quizzes_test.planted import BAD, Answer, analysed, bank, groups_of, sat

TABLE = ("1110", "1101", "1100", "1000", "1111", "0000")
"""Six learners (rows) and four questions, worked out by hand below."""


def papers_of(table: list[list[float]]) -> list[list[Answer]]:
    return [[(item, f"{score}", score) for item, score in enumerate(row)] for row in table]


def discrimination(analysis: Analysis, item: Hashable) -> float | None:
    return correlation((cell.score or 0.0, rest) for cell, rest in groups_of(analysis)[item])


def alpha(table: list[list[float]]) -> float:
    """Cronbach's alpha by its definition, with population variances; KR-20 for zeros and ones."""
    k = len(table[0])
    parts = sum(pvariance(column) for column in zip(*table, strict=True))
    return k / (k - 1) * (1 - parts / pvariance([sum(row) for row in table]))


def test_figures_worked_out_by_hand_come_out() -> None:
    analysis = analysed(papers_of([[float(mark) for mark in row] for row in TABLE]))
    assert facilities(analysis.cells) == pytest.approx({0: 5 / 6, 1: 4 / 6, 2: 2 / 6, 3: 2 / 6})
    # Question 1: scores 1 1 1 1 1 0, the rest of each paper 2 2 1 0 3 0: 8/6 − 5/6 · 8/6 = 2/9 over
    # the roots of 5/36 and 11/9.
    assert discrimination(analysis, 0) == pytest.approx((2 / 9) / ((5 / 36) * (11 / 9)) ** 0.5)
    # KR-20: p·q add up to 29/36; the totals 3 3 2 1 4 0 have the variance 65/36: 4/3 · (1 − 29/65).
    assert analysis.banks["check"].reliability == pytest.approx(4 / 3 * (1 - 29 / 65))
    assert analysis.banks["check"].is_complete(analysis.cells)
    assert analysis.banks["check"].mean == pytest.approx(13 / 24)


marks = st.sampled_from([0.0, 1.0])
parts = st.sampled_from([0.0, 0.25, 0.5, 1.0])


@given(st.integers(2, 6).flatmap(lambda k: st.lists(st.lists(marks, min_size=k, max_size=k), min_size=5)))
def test_where_everybody_has_the_same_paper_the_figures_are_those_of_the_textbooks(
    table: list[list[float]],
) -> None:
    check_against_textbook(table)


@given(st.integers(2, 5).flatmap(lambda k: st.lists(st.lists(parts, min_size=k, max_size=k), min_size=5)))
def test_credit_in_parts_makes_it_the_alpha_of_the_textbooks(table: list[list[float]]) -> None:
    check_against_textbook(table)


def check_against_textbook(table: list[list[float]]) -> None:
    totals = [sum(row) for row in table]
    assume(pvariance(totals) > 0)
    analysis = analysed(papers_of(table))
    assert analysis.banks["check"].reliability == pytest.approx(alpha(table), abs=1e-9)
    for item, column in enumerate(zip(*table, strict=True)):
        rest = [total - score for total, score in zip(totals, column, strict=True)]
        if len(set(column)) == 1 or len(set(rest)) == 1:
            assert discrimination(analysis, item) is None
        else:
            assert discrimination(analysis, item) == pytest.approx(pearson(column, rest), abs=1e-9)


def test_a_harder_paper_makes_nobody_weaker() -> None:
    """Everybody is equally able; half have easy other questions and half hard ones.

    The plain total would say that those who fail the question are the weak ones.
    """
    chance = random.Random(7)
    papers: list[list[Answer]] = []
    for number in range(4000):
        share = 0.9 if number % 2 else 0.2
        others = [(f"{number % 2}-{k}", float(chance.random() < share)) for k in range(5)]
        asked = ("asked", float(chance.random() < (0.8 if number % 2 else 0.4)))
        papers.append([(item, f"{score}", score) for item, score in (asked, *others)])
    analysis = analysed(papers)
    found = discrimination(analysis, "asked")
    assert found is not None
    assert abs(found) < 0.05
    plain = [sum(score or 0.0 for _, _, score in paper[1:]) for paper in papers]
    assert pearson([paper[0][2] or 0.0 for paper in papers], plain) > 0.3
    assert not analysis.banks["check"].is_complete(analysis.cells)


def test_random_papers_estimate_the_reliability_of_a_whole_one() -> None:
    chance = random.Random(20261122)
    questions = [q for q in bank(chance) if q.is_healthy]
    whole, drawn = [], []
    for _ in range(3000):
        ability = chance.gauss(0, 1)
        row = [(q.name, float(q.answer(ability, chance) == q.key)) for q in questions]
        whole.append([score for _, score in row])
        drawn.append([(name, f"{score}", score) for name, score in chance.sample(row, 10)])
    of_ten = analysed(drawn).banks["check"].reliability
    assert of_ten is not None
    # Spearman and Brown: a third of a paper that has the reliability r has r / (3 − 2 r).
    r = alpha(whole)
    assert of_ten == pytest.approx(r / (3 - 2 * r), abs=0.02)


def test_questions_that_are_not_marked_stand_outside_every_total() -> None:
    with_survey = [
        [*paper, ("survey", "ab"[n % 2], None)]
        for n, paper in enumerate(papers_of([[float(mark) for mark in row] for row in TABLE]))
    ]
    analysis = analysed(with_survey)
    assert analysis.banks["check"].reliability == pytest.approx(4 / 3 * (1 - 29 / 65))
    assert "survey" not in facilities(analysis.cells)


def test_a_paper_with_one_marked_question_says_nothing_of_its_rest() -> None:
    analysis = analysed([[("only", "b", float(n % 2)), ("survey", "a", None)] for n in range(40)])
    assert discrimination(analysis, "only") is None
    assert analysis.banks["check"].reliability is None
    assert analysis.banks["check"].mean == 0.5


@pytest.mark.parametrize(
    ("count", "n", "low", "high"), [(0, 10, 0.0, 0.2130), (10, 10, 0.7870, 1.0), (41, 57, 0.6132, 0.8055)]
)
def test_bounds_of_shares_are_those_of_wilson(count: int, n: int, low: float, high: float) -> None:
    assert share_bounds(count, n) == pytest.approx((low, high), abs=5e-4)


def test_bounds_narrow_as_papers_come_in() -> None:
    assert share_bounds(0, 0) == (0.0, 1.0)
    assert correlation_bounds(0.9, 3) == (-1.0, 1.0)
    assert reliability_ceiling(0.3, 5, 2) == 1.0
    for n in (10, 100, 1000):
        low, high = correlation_bounds(0.3, n)
        assert low < 0.3 < high
        wider = correlation_bounds(0.3, n // 2)
        assert wider[0] < low
        assert high < wider[1]
        assert 0.3 < reliability_ceiling(0.3, 5, n) < reliability_ceiling(0.3, 5, n // 2)
    assert -1 <= correlation_bounds(1.0, 12)[0] <= correlation_bounds(1.0, 12)[1] <= 1


# ---- what is told, and what is not -----------------------------------------------------------


@pytest.mark.parametrize(("n", "found", "alarms"), [(30, 0.60, 0.03), (100, 0.90, 0.015), (300, 0.97, 0.01)])
@pytest.mark.parametrize("draw", [5, 10])
def test_planted_bad_questions_are_found_and_healthy_ones_left_alone(
    n: int, found: float, alarms: float, draw: int
) -> None:
    chance = random.Random(20261122 + n + draw)
    hits: Counter[str] = Counter()
    rounds, healthy, false = 20, 0, 0
    for _ in range(rounds):
        questions = bank(chance)
        figures = sat(questions, n, draw, chance)
        for question in questions:
            flags = flags_of(figures[question.name])
            told = {name for flag in flags for name in (flag.name, f"{flag.name}:{flag.key}")}
            hits[question.name] += bool(told & question.told)
            healthy += question.is_healthy
            false += question.is_healthy and bool(flags)
    told = {bad.name: f"{hits[bad.name]}/{rounds}" for bad in BAD}
    print(f"n = {n}, {draw} questions a paper: hits {told}; false alarms {false}/{healthy}")
    # A distractor nobody takes cannot be told apart from one that few take, with 30 papers.
    sought = [bad.name for bad in BAD if n > 30 or bad.name != "dead distractor"]
    assert sum(hits[name] for name in sought) >= found * rounds * len(sought)
    assert false <= alarms * healthy
    if n == 300:
        assert min(hits[name] for name in sought) >= 0.6 * rounds


def test_nothing_is_claimed_on_nine_papers() -> None:
    chance = random.Random(9)
    for _ in range(20):
        papers: list[list[Answer]] = []
        questions = bank(chance, healthy=2)
        for _ in range(9):
            ability = chance.gauss(0, 1)
            given = [(q, q.answer(ability, chance)) for q in questions]
            papers.append([(q.name, choice, float(choice == q.key)) for q, choice in given])
        analysis = analysed(papers)
        groups = groups_of(analysis)
        figures = [question_figures(q.question, groups[q.name]) for q in questions]
        assert {one.n for one in figures} == {9}
        assert [flags_of(one) for one in figures] == [()] * len(figures)
        whole = bank_figures("check", analysis.banks["check"], analysis)
        assert (whole.n, whole.is_enough, bank_flags(whole)) == (9, False, ())


def test_ten_papers_are_enough_for_what_nobody_can_miss() -> None:
    papers: list[list[Answer]] = [[("q", "a", 0.0), ("other", "b", float(n % 2))] for n in range(10)]
    figures = question_figures(BAD[0].question, groups_of(analysed(papers))["q"])
    assert [flag.name for flag in flags_of(figures)] == ["hard", "ahead"]


def test_every_flag_is_a_whole_sentence_with_a_cure() -> None:
    chance = random.Random(5)
    seen: dict[str, str] = {}
    for _ in range(3):
        questions = bank(chance)
        for one in sat(questions, 100, 10, chance).values():
            seen |= {flag.name: flag.sentence for flag in flags_of(one)}
    seen |= {flag.name: flag.sentence for flag in bank_flags(weak_bank())}
    assert set(seen) == {
        "easy",
        "hard",
        "reversed",
        "flat",
        "unsure",
        "blank",
        "ahead",
        "pulls",
        "dead",
        "shaky",
    }
    for sentence in seen.values():
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.count(".") >= 2, f"what is wrong, then what to do: {sentence}"


def weak_bank(n: int = 200) -> BankFigures:
    return BankFigures("kt", n, 0.7, 0.1, 5.0, is_estimate=True, is_all_or_nothing=True)


def test_a_check_is_called_shaky_only_when_that_is_sure() -> None:
    assert [flag.name for flag in bank_flags(weak_bank())] == ["shaky"]
    assert "KR-20 chỉ 0,10 (ước lượng)" in bank_flags(weak_bank())[0].sentence
    assert bank_flags(weak_bank(n=12)) == ()


# ---- one question of each kind ----------------------------------------------------------------


def line(key: str, **values: object) -> Choice:
    given: dict[str, object] = {"is_right": False, "is_unsure": key == "z"} | values
    return Choice(key, key, "", **given)  # type: ignore[arg-type]


def asked(kind: str, *lines: Choice, columns: str = "") -> Question:
    choices = (*lines, line("z")) if kind != "survey" else lines
    own = {"kind": kind, "credit": "proportional", "columns": tuple(Column(k, k) for k in columns)}
    return Question("q", "e", "q", "q", "s", 1, choices, "", **own)  # type: ignore[arg-type]


def figures_of(question: Question, *given: str | None) -> Figures:
    def score(choice: str | None) -> float | None:
        earned = credit(question, choice or "")
        return None if earned is None else float(Fraction(earned))

    papers: list[list[Answer]] = [
        [("q", choice, score(choice)), ("other", f"{n % 2}", float(n % 2))] for n, choice in enumerate(given)
    ]
    return question_figures(question, groups_of(analysed(papers))["q"])


def counts(figures: Figures) -> dict[str, int]:
    return {one.key: one.count for one in figures.lines}


MULTIPLE = asked("multiple", line("a", is_right=True), line("b"), line("c", is_right=True))


def test_of_ticks_each_line_is_counted_by_itself() -> None:
    figures = figures_of(MULTIPLE, "a,c", "a,c", "a,b", "b", "z", None)
    assert counts(figures) == {"a": 3, "b": 2, "c": 2, "z": 1}
    assert (figures.n, figures.unsure, figures.blank, figures.wrong) == (6, 1, 1, 2)
    wrong = next(one for one in figures.lines if one.key == "b")
    assert (wrong.rival, wrong.ahead, wrong.behind) == ("c", 2, 2)


@pytest.mark.parametrize(
    ("question", "given", "rightly"),
    [
        (
            asked("ordering", line("a", mark="2"), line("b", mark="1"), line("c", mark="3")),
            ["b,a,c", "a,b,c", "c,a,b", "z"],
            {"a": 2, "b": 1, "c": 2, "z": 1},
        ),
        (
            asked(
                "matching",
                line("a", is_right=True, pair="x"),
                line("b", is_right=True, pair="y"),
                line("c", pair="w"),
            ),
            ["a=a,b=b", "a=b,b=b", "a=c,b=a", "z"],
            {"a": 1, "b": 2, "z": 1},
        ),
        (
            asked("matrix", line("a", mark="n"), line("b", mark="k"), columns="nk"),
            ["a=n,b=k", "a=n,b=n", "a=k,b=n", "z"],
            {"a": 2, "b": 1, "z": 1},
        ),
    ],
)
def test_of_lines_put_in_place_it_is_counted_how_often_each_was_treated_rightly(
    question: Question, given: list[str | None], rightly: dict[str, int]
) -> None:
    figures = figures_of(question, *given)
    assert figures.are_lines_placed
    assert counts(figures) == rightly
    assert figures.wrong == 0, "lines that are put in place are not chosen"
    assert flags_of(figures_of(question, *(given * 30))) is not None


def test_typed_answers_that_match_no_line_stand_under_a_line_of_their_own() -> None:
    question = asked("text", line("a", is_right=True, text="VNeID"), line("b", text="VssID"))
    figures = figures_of(question, "a", "-", "-", "b", "z")
    assert counts(figures) == {"a": 1, "b": 1, "z": 1, "-": 2}


def test_a_genuine_message_is_answered_rightly_by_nothing() -> None:
    figures = figures_of(asked("spot", line("a"), line("b")), "-", "-", "a", "z")
    assert [one for one in figures.lines if one.is_right] == [Line("-", 2, is_right=True)]
    assert figures.mean == 0.625, "one of two pieces is treated rightly by whoever taps the other"


def test_a_survey_has_shares_and_nothing_else() -> None:
    figures = flagged(figures_of(asked("survey", line("a"), line("b")), *(["a"] * 40 + ["b"] * 2)))
    assert counts(figures) == {"a": 40, "b": 2}
    assert (figures.mean, figures.discrimination, figures.flags) == (None, None, ())
    assert figures.share(40) == "95 %"


def test_keys_that_the_question_no_longer_has_are_counted_apart() -> None:
    question = asked("single", line("a", is_right=True), line("b"))
    figures = figures_of(question, "a", "b", "y", "y", None)
    assert (figures.other, figures.blank, figures.n) == (2, 1, 5)


def test_figures_survive_the_database() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 22, tzinfo=UTC)
    kept = flagged(figures_of(MULTIPLE, *(["a,c", "b"] * 20)))
    assert "flags" not in kept.body()
    read = flagged(Figures.of_body(kept.body(), now))
    assert read.counted_at == now
    assert (read.lines, read.flags, read.mean) == (kept.lines, kept.flags, kept.mean)
    whole = BankFigures.of_body(weak_bank().body(), now)
    assert (whole.reliability_words, whole.mean_words) == ("0,10 (ước lượng)", "70 %")
