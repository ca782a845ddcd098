"""What counts as another key, and what a corrected key does to answers of every kind: plain values."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from lms.catalog.catalogue import Choice, Question
from lms.catalog.marking_key import key_of
from lms.quizzes.banks import difference, key_in_words
from lms.quizzes.rejudging import Rejudging, Ruling, remarked
from lms.quizzes.responses import best
from tests.quizzes_test import samples
from tests.quizzes_test.samples import line, question

MAKERS: dict[str, Callable[[], Question]] = {
    "single": samples.single,
    "multiple": samples.multiple,
    "true-false": samples.true_false,
    "text": samples.text,
    "number": samples.number,
    "ordering": samples.ordering,
    "matching": samples.matching,
    "matrix": samples.matrix,
    "spot": samples.spot,
}
TYPED = {"text", "number"}
LAST = line("f", "Thêm", mark="5")


def of(found: Question, *lines: Choice, edition: str = "new", **more: object) -> Question:
    """Return another edition of a question with these lines."""
    return replace(found, edition_id=edition, choices=lines or found.choices, **more)  # type: ignore[arg-type]


def turned(found: Question) -> Question:
    """Put the lines the other way round; “Tôi chưa chắc” stays last."""
    *lines, unsure = found.choices
    return of(found, *reversed(lines), unsure)


def reworded(found: Question) -> Question:
    """Say every line in other words."""
    lines = [replace(one, text=f"Chữ {one.key}", html=f"Chữ {one.key}") for one in found.choices]
    return of(found, *lines, html="Hỏi khác", explanation="Giải thích khác")


def with_right(found: Question, *right: str) -> Question:
    """Mark these lines right, and no other."""
    return of(found, *(replace(one, is_right=one.key in right) for one in found.choices))


def ruling(old: Question, new: Question | None, choice: str, text: str | None = None) -> Ruling:
    """Return what judging an answer on one edition by another changes."""
    return Rejudging({old.edition_id: old}, {old.edition_id: old}, new).rule(
        old.edition_id, choice, text, None
    )


@pytest.mark.parametrize("kind", MAKERS)
def test_order_and_words_are_no_part_of_the_key(kind: str) -> None:
    found = MAKERS[kind]()
    assert key_of(turned(found)) == key_of(found)
    if kind not in TYPED:
        assert key_of(reworded(found)) == key_of(found)
        for choice in (best(found), found.choices[-1].key):
            assert not ruling(found, reworded(turned(found)), choice).is_change


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (samples.single(), with_right(samples.single(), "a")),
        (samples.multiple("exact"), samples.multiple("proportional")),
        (samples.number("0"), samples.number("5")),
        (samples.number(unit="đồng"), samples.number(unit="km")),
        (samples.text(), samples.text(plain_letters=True)),
        (samples.text(), samples.text(names=("VNeID",))),
        (samples.text(), of(samples.text(), line("a", "vneid.gov.vn", is_right=True))),
        (samples.ordering(), of(samples.ordering(), line("a", "Báo", mark="1"), line("b", "Tắt", mark="3"))),
        (samples.matrix(), of(samples.matrix(), line("a", "Đọc", mark="n"), line("b", "Gọi", mark="n"))),
        (samples.spot("ac"), samples.spot("a")),
        (samples.single(), replace(samples.single(), kind="true-false")),
    ],
)  # fmt: skip
def test_what_decides_a_mark_is_the_key(old: Question, new: Question) -> None:
    assert key_of(old) != key_of(new)


def test_a_right_side_in_other_words_is_the_same_and_one_that_parts_from_another_is_not() -> None:
    found = samples.matching()
    renamed = [replace(c, pair=c.pair.replace("Không đọc cho ai", "Giữ kín")) for c in found.choices]
    assert key_of(of(found, *renamed)) == key_of(found)
    parted = [replace(c, pair="Giữ kín") if c.key == "c" else c for c in found.choices]
    assert key_of(of(found, *parted)) != key_of(found)


def test_a_wrong_choice_more_counts_only_where_every_choice_is_weighed() -> None:
    extra = line("f", "Ý thêm")
    for credit, is_same in (("exact", True), ("proportional", False)):
        found = samples.multiple(credit)
        *lines, unsure = found.choices
        assert (key_of(of(found, *lines, extra, unsure)) == key_of(found)) is is_same


def test_part_of_a_point_changes_exactly() -> None:
    old = samples.multiple("proportional")
    found = ruling(old, with_right(old, "a", "b", "c"), "a,c")
    assert (found.points, found.out_of) == (Fraction(-1, 4), 0)
    assert remarked(Fraction(5, 2), 4, found).parts == (9, 16, 4)


@pytest.mark.parametrize(
    ("old", "new", "choice"),
    [
        (samples.single(), of(samples.single(), line("a", "Chuyển", is_right=True), line("c", "Hỏi")), "b"),
        (samples.ordering(), of(samples.ordering(), *samples.ordering().lines, LAST), "a,b,c,d"),
        (samples.matrix(), of(samples.matrix(), *samples.matrix().lines, LAST), "a=n,b=n,c=n"),
        (samples.multiple(), of(samples.multiple(), *samples.multiple().choices[1:]), "a,c"),
        (samples.single(), replace(samples.text(), edition_id="new"), "b"),
    ],
)  # fmt: skip
def test_an_answer_that_the_new_edition_does_not_know_is_reported_and_keeps_what_it_earned(
    old: Question, new: Question, choice: str
) -> None:
    found = ruling(old, new, choice)
    assert (found.is_change, found.removed) == (False, choice)


def test_a_letter_that_meant_not_sure_never_earns_or_loses_what_it_means_on_another_edition() -> None:
    """Authors who add a fourth choice give it the letter that “Tôi chưa chắc” had."""
    single, several, typed = samples.single(), samples.multiple("proportional"), samples.text()
    moved = of(single, *with_right(single, "-").lines, line("d", "Báo", is_right=True), samples.unsure("e"))
    assert ruling(single, moved, "d") == Ruling(Fraction(0), 0)
    more = of(several, *several.lines, line("e", "Cất máy"), samples.unsure("f"))
    assert ruling(several, more, "e") == Ruling(Fraction(0), 0)
    other = of(typed, *typed.lines, line("e", "VNeID", is_right=True), samples.unsure("f"))
    assert ruling(typed, other, "e") == Ruling(Fraction(0), 0)
    back = ruling(moved, replace(single, edition_id="newer"), "d")
    assert (back.is_change, back.removed) == (False, "d"), "a choice that is gone is never “Tôi chưa chắc”"


def test_a_matching_answer_is_known_whichever_line_with_the_same_right_side_stands_first() -> None:
    old = samples.matching()
    a, b, c, d, unsure = old.choices
    new = of(old, c, a, replace(b, pair="Đăng lên mạng"), replace(d, pair="Bỏ qua"), unsure)
    found = ruling(old, new, "a=a,b=d,c=a")
    assert (found.removed, found.points) == ("", 0)
    assert ruling(old, of(old, a, b, unsure), "a=a,b=b,c=a").removed


def test_an_open_question_that_became_of_another_kind_keeps_the_points_given() -> None:
    old = samples.open_question()
    judged = Rejudging({old.edition_id: old}, {old.edition_id: old}, of(samples.single()))
    assert judged.rule(old.edition_id, "-", None, "a=2,b=0") == Ruling(Fraction(0), 0, removed="-")


def test_typed_words_are_matched_anew_and_erased_ones_stand() -> None:
    old = samples.text()
    new = of(old, line("a", "vneid.gov.vn", is_right=True), *old.choices[1:])
    assert ruling(old, new, "-", "VNEID.gov.vn").points == 1
    assert ruling(old, new, "a", "dichvucong.gov.vn").points == -1
    gone = ruling(old, new, "a", None)
    assert (gone.is_change, gone.is_erased) == (False, True)
    unsure = ruling(old, new, "e", None)
    assert (unsure.is_change, unsure.is_erased, unsure.removed) == (False, False, "")


def test_dropping_takes_the_point_and_the_question_and_a_survey_never_counted() -> None:
    assert ruling(samples.single(), None, "b") == Ruling(Fraction(-1), -1)
    assert ruling(samples.single(), None, "a") == Ruling(Fraction(0), -1)
    assert ruling(samples.single(), None, "") == Ruling(Fraction(0), -1)
    survey = question("survey", [line("a", "Sáng"), line("b", "Tối")])
    assert not ruling(survey, None, "a").is_change


def test_an_open_answer_keeps_the_points_given_within_the_new_criteria() -> None:
    old = question("open", [line("a", "Nói không", mark="2"), line("b", "Gọi lại", mark="2")])
    new = of(old, line("a", "Nói không", mark="1"), line("b", "Gọi lại", mark="1"))
    judged = Rejudging({old.edition_id: old}, {old.edition_id: old}, new)
    assert key_of(old) != key_of(new)
    assert judged.rule(old.edition_id, "-", None, "a=2,b=0").points == 0
    assert judged.rule(old.edition_id, "-", None, "a=1,b=0").points == Fraction(1, 4)
    assert judged.rule(old.edition_id, "-", None, None) == Ruling(Fraction(0), 0)


def test_editions_are_compared_line_by_line_by_their_letters() -> None:
    old = samples.single()
    assert difference(turned(old), old).is_only_order
    new = of(
        old, line("a", "Chuyển ngay", is_right=True), line("c", "Hỏi lại"), line("e", "Báo"), old.choices[-1]
    )
    found = difference(old, new)
    assert (found.key, found.added, found.removed, found.reworded) == (True, ("e",), ("b",), ("c",))
    assert (found.asked, found.explained) == (False, False)


def test_the_key_of_an_edition_is_told_in_words() -> None:
    assert key_in_words(samples.single()) == ("Gọi lại",)
    assert key_in_words(samples.text()) == ("dichvucong.gov.vn", "Cổng Dịch vụ công quốc gia")
    assert key_in_words(samples.ordering())[0] == "1. Tắt mạng"
    assert key_in_words(question("survey", [line("a", "Sáng")])) == ()
