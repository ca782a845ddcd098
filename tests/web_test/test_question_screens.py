"""Every kind of question on the learner's screens: asked, answered, explained, and its result."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask, render_template

from lms import clock, content
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Question
from lms.catalog.models import CatalogItem, Regrade, RegradeEdition
from lms.catalog.offer import Offer, prepare
from lms.catalog.queries import CatalogueCache, load
from lms.content.library import KINDS
from lms.db import ScopedSession, new_id
from lms.quizzes.models import Answer, AnswerText, Attempt, HandIn, MarkChange, PaperQuestion
from lms.quizzes.responses import best, is_valid
from lms.web.asking import answer_in, ask, practice_order, refilled
from lms.web.reviewing import review, score_words
from tests.browser_double import HOUSE, Reader, proofread
from tests.kinds import library_of_kinds
from tests.web_test.story import faults, fields

COURSE = "/khoa-hoc/goi-an-toan"
LESSON = f"{COURSE}/goi-lai-so-da-luu"
MARKED = [kind for kind in KINDS if kind not in {"survey", "open"}]
DRAWN = [kind for kind in KINDS if kind != "open"]
# By the canonical answer that the examples of the guide make wrong, and what is said to it.
WRONG = {
    "single": ("a", "Tiền đã chuyển thì khó lấy lại"),
    "multiple": ("a,b", "Không nên chọn"),
    "true-false": ("a", "Ai hỏi mã cũng là lừa đảo"),
    "text": ("c", "Mật khẩu do mình tự đặt"),
    "number": ("b", "Thiếu một số không"),
    "ordering": ("a,b,c,d", "Đã xếp thứ 1, đúng ra là thứ 3"),
    "matching": ("a=b,b=b,c=c,d=e", "Nên chọn: Bắt vội"),
    "matrix": ("a=n,b=n,c=k,d=n", "Đã chọn: Nên làm"),
    "spot": ("a,c", "Bỏ sót: chỗ này đáng ngờ"),
}
TYPED = {
    "text": {"right": "ma otp", "wrong": "Mật khẩu", "neither": "mã bí mật của tôi"},
    "number": {"right": "1500000", "wrong": "150.000 đồng", "neither": "77"},
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Offer:
    """Render once the library that has a question of each kind."""
    root = library_of_kinds(tmp_path_factory.mktemp("kinds"))
    return prepare(content.load(root), root)


@pytest.fixture
def catalogue(db: ScopedSession, kinds: Offer) -> Catalogue:
    """Offer that library in place of the sample one."""
    sync(db, kinds, clock.now(), retire=db.scalars(sa.select(CatalogItem.id)).all())
    return load(db)


def practice(catalogue: Catalogue, kind: str) -> tuple[Question, str, str]:
    """Return the practice question of a kind, its address, and the part of it that stands for one place."""
    questions = catalogue.lessons["goi-lai-so-da-luu"].practice
    place = next(n for n, question in enumerate(questions, start=1) if question.kind == kind)
    return questions[place - 1], f"{LESSON}/cau-{place}", f"câu {place} trên {len(questions)}"


def words_for(question: Question, choice: str) -> str | None:
    """Return what is typed to give this answer, where it is typed."""
    found = question.choice(choice)
    return found.text if found and question.kind in TYPED else None


def send(reader: Reader, question: Question, address: str, form: dict[str, list[str]]) -> str:
    """Send a practice form as its page does; return the address of the explanation."""
    data = form
    if question.kind in {*TYPED, "open"}:
        return str(reader.post(f"{address}/chon", data).headers["Location"])
    response = reader.client.get(f"{address}/chon", query_string=data)
    assert response.status_code == 303
    return str(response.headers["Location"])


def filled(question: Question, choice: str) -> dict[str, list[str]]:
    """Return the practice form with this answer."""
    return refilled(question, practice_order(question), choice, words_for(question, choice))


def test_the_library_of_kinds_has_them_all(catalogue: Catalogue) -> None:
    assert {q.kind for q in catalogue.lessons["goi-lai-so-da-luu"].practice} == set(KINDS)


@pytest.mark.parametrize("kind", MARKED)
def test_a_right_practice_answer_is_told_right_and_why(
    client: Reader, catalogue: Catalogue, kind: str
) -> None:
    question, address, place = practice(catalogue, kind)
    client.get(address)
    assert place in client.words
    explanation = send(client, question, address, filled(question, best(question)))
    client.get(explanation)
    assert " Đúng. " in client.words
    assert "Chưa đúng" not in client.words
    assert plain(question.explanation) in client.words
    assert "Câu trả lời đúng" not in client.words


@pytest.mark.parametrize("kind", MARKED)
def test_a_wrong_practice_answer_tells_each_line_and_the_right_one(
    client: Reader, catalogue: Catalogue, kind: str
) -> None:
    question, address, _ = practice(catalogue, kind)
    choice, said = WRONG[kind]
    assert is_valid(question, choice)
    explanation = send(client, question, address, filled(question, choice))
    assert explanation == f"{address}/{choice}"
    client.get(explanation)
    assert ("Câu trả lời đã chọn" in client.words) == (kind in {"single", "true-false"})
    assert re.search(r"Chưa đúng( hết)?\.|Đúng một phần\.", client.words)
    assert said in client.words
    for line in question.lines:
        if line.is_right and kind in {"single", "true-false", "text", "number", "multiple", "spot"}:
            assert plain(line.html) in client.words


@pytest.mark.parametrize("kind", MARKED)
def test_being_unsure_is_neither_right_nor_wrong_and_shows_the_right_answer(
    client: Reader, catalogue: Catalogue, kind: str
) -> None:
    question, address, _ = practice(catalogue, kind)
    assert question.unsure is not None
    page = client.get(address).text
    assert plain(question.unsure.html) in page
    explanation = send(client, question, address, filled(question, question.unsure.key))
    client.get(explanation)
    assert "Chưa chắc thì dừng lại là đúng." in client.words
    assert "Chưa đúng" not in client.words
    assert re.search("Nên chọn|Câu trả lời đúng", client.words)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_form_is_refused_beside_its_fields(client: Reader, catalogue: Catalogue, kind: str) -> None:
    question, address, _ = practice(catalogue, kind)
    if question.kind in {*TYPED, "open"}:
        client.post(f"{address}/chon", {}, 422)
    else:
        client.get(f"{address}/chon", 422)
    assert client.page is not None
    ids = {element.get("id") for element in client.page.iter()}
    assert faults(client)
    assert set(faults(client)) <= ids
    for name in faults(client):
        assert f"{name}-loi" in ids
    title = "".join(client.page.itertext())
    assert "Lỗi: " in title


def test_what_was_given_stays_when_something_is_missing(client: Reader, catalogue: Catalogue) -> None:
    for kind, form, kept in (
        ("matching", {"o-a": "2", "o-b": "1"}, [("o-a", "2"), ("o-b", "1")]),
        ("ordering", {"thu-1": "2", "thu-2": "2"}, [("thu-1", "2"), ("thu-2", "2")]),
        ("matrix", {"o-a": "k"}, [("o-a", "k")]),
        ("spot", {"chon": "c", "khong_co": "1"}, [("chon", "c")]),
    ):
        _, address, _ = practice(catalogue, kind)
        client.client.get(address)
        response = client.client.get(f"{address}/chon", query_string=form)
        client._read(response, 422)
        assert set(kept) <= set(chosen_on(client)), kind
    _, address, _ = practice(catalogue, "number")
    client.post(f"{address}/chon", {"viet": "nhiều <b>lắm</b>"}, 422)
    assert fields(client)["viet"] == "nhiều <b>lắm</b>"


def chosen_on(reader: Reader) -> Iterator[tuple[str, str]]:
    """Yield the marks and options that are set on the last page, by field."""
    assert reader.page is not None
    for element in reader.page.iter(f"{HOUSE}input"):
        if element.get("checked") is not None:
            yield element.get("name", ""), element.get("value", "")
    for select in reader.page.iter(f"{HOUSE}select"):
        for option in select.iter(f"{HOUSE}option"):
            if option.get("selected") is not None:
                yield select.get("name", ""), option.get("value", "")


@pytest.mark.parametrize("kind", TYPED)
def test_typed_words_never_stand_in_an_address_and_are_not_kept(
    client: Reader, db: ScopedSession, catalogue: Catalogue, kind: str
) -> None:
    question, address, _ = practice(catalogue, kind)
    page = client.get(address).text
    assert 'method="post"' in page
    assert 'autocapitalize="off"' in page
    led = {name: send(client, question, address, {"viet": [typed]}) for name, typed in TYPED[kind].items()}
    assert led["right"] == f"{address}/{best(question)}"
    assert led["wrong"] == f"{address}/{WRONG[kind][0]}"
    assert led["neither"] == f"{address}/-"
    client.get(led["neither"])
    assert "chưa khớp" in client.words
    assert "Set-Cookie" not in client.post(f"{address}/chon", {"viet": "77"}).headers
    assert db.scalars(sa.select(AnswerText.text)).all() == []


def test_own_words_stand_beside_the_criteria_once_and_nowhere_else(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    question, address, _ = practice(catalogue, "open")
    response = client.post(f"{address}/chon", {"viet": "Đừng <i>bấm</i> vào đó."}, 200)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "So với các ý dưới đây." in client.words
    assert "Đừng <i>bấm</i> vào đó." in client.words
    assert all(plain(line.html) in client.words for line in question.lines)
    assert "Đừng" not in client.get(f"{address}/-").text
    assert db.scalars(sa.select(AnswerText.text)).all() == []


@pytest.mark.parametrize("kind", [*TYPED, "open"])
def test_a_link_cannot_put_words_on_a_page_of_this_site(
    client: Reader, catalogue: Catalogue, kind: str
) -> None:
    _, address, _ = practice(catalogue, kind)
    led = client.client.get(f"{address}/chon", query_string={"viet": "Gọi ngay 0900000000"})
    assert (led.status_code, led.headers.get("Location")) == (302, address)


def test_an_opinion_is_thanked_for_and_judged_by_nobody(client: Reader, catalogue: Catalogue) -> None:
    question, address, _ = practice(catalogue, "survey")
    client.get(send(client, question, address, {"chon": ["b"]}))
    assert "Cảm ơn, câu này không có đúng sai." in client.words
    assert "Buổi chiều" in client.words


def test_hints_open_one_after_another_in_practice_and_are_not_in_a_check(
    app: Flask, client: Reader, catalogue: Catalogue
) -> None:
    question, address, _ = practice(catalogue, "text")
    client.get(address)
    assert client.page is not None
    outer = next(client.page.iter(f"{HOUSE}details"))
    assert len(list(outer.iter(f"{HOUSE}details"))) == len(question.hints) == 2
    assert "Gợi ý" not in question_page(app, question, [c.key for c in question.choices])
    assert "hinh/tin-nhan-ma.svg" in client.get(address).text


@pytest.mark.parametrize(
    ("kind", "choice"),
    [
        ("multiple", "c,a"), ("multiple", "a,a"), ("multiple", "-"), ("multiple", "a,e"), ("single", "a,b"),
        ("text", "ma otp"), ("number", "1500000"), ("ordering", "a,b,c"), ("ordering", "a,b,c,c"),
        ("matching", "b=b,a=a,c=c,d=a"), ("matching", "a=a"), ("matching", "a=d,b=b,c=c,d=a"),
        ("matrix", "a=n,b=n,c=k,d=x"), ("spot", "z"), ("survey", "-"), ("open", "a"),
    ],
)  # fmt: skip
def test_only_whole_answers_of_the_question_have_an_explanation(
    client: Reader, catalogue: Catalogue, kind: str, choice: str
) -> None:
    _, address, _ = practice(catalogue, kind)
    client.get(f"{address}/{choice}", 404)


def test_practice_is_never_asked_solved_and_sides_never_stand_in_pairs(catalogue: Catalogue) -> None:
    ordering, _, _ = practice(catalogue, "ordering")
    for marks in ("1234", "4321", "3142", "2413"):
        lines = [replace(line, mark=mark) for line, mark in zip(ordering.lines, marks, strict=True)]
        asked = replace(ordering, choices=(*lines, ordering.choices[-1]))
        assert ",".join(practice_order(asked)) != best(asked)
        assert practice_order(asked) == practice_order(asked)
    matching, _, _ = practice(catalogue, "matching")
    for sides in ("abcde", "edcba", "bcdea"):
        lines = [replace(line, pair=side) for line, side in zip(matching.lines, sides, strict=True)]
        asked = replace(matching, choices=(*lines, matching.choices[-1]))
        assert list(practice_order(asked)) != [line.key for line in asked.lines]


def question_page(app: Flask, question: Question, order: list[str]) -> str:
    """Return the page that asks a question in a check."""
    with app.test_request_context("/kiem-tra/0/cau-1"):
        paper = SimpleNamespace(rows=[None] * 5)
        return render_template(
            "check/question.html",
            code="0",
            paper=paper,
            number=1,
            asked=ask(question, order),
            told=None,
            revision=0,
            sitting_clock=None,
            is_conflict=False,
            next_address="/",
            module=None,
        )


def with_another_key(question: Question, order: list[str]) -> tuple[Question, list[str]]:
    """Return a question that looks the same and has another right answer, and the paper's order on it.

    Pairs are turned round: the paper shows the same sides in the same order, whichever line they are of.
    """
    lines = list(question.lines)
    turned = [*lines[1:], lines[0]]
    if question.kind in {"text", "number"}:
        changed = [replace(line, is_right=not line.is_right, text="7", html="7") for line in lines[:2]]
    elif question.kind == "matching":
        lefts = [line for line in lines if line.is_right]
        rest = [line for line in lines if not line.is_right]
        other = [*lefts[1:], lefts[0]]
        changed = [
            *(replace(x, pair=y.pair, pair_html=y.pair_html) for x, y in zip(lefts, other, strict=True)),
            *rest,
        ]
    else:
        changed = [
            replace(x, is_right=y.is_right, mark=y.mark, feedback="<p>Lời khác</p>")
            for x, y in zip(lines, turned, strict=True)
        ]
    unsure = (question.unsure,) if question.unsure else ()
    new = replace(question, choices=(*changed, *unsure), explanation="<p>Lời khác</p>", edition_id="khác")
    if question.kind != "matching":
        return new, order
    firsts: dict[str, str] = {}
    for line in changed:
        firsts.setdefault(line.pair, line.key)
    shown = [line.html for line in ask(question, order).options]
    by_html = {line.pair_html: firsts[line.pair] for line in changed}
    return new, [by_html[html] for html in shown]


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_of_a_check_depends_on_the_right_answer(app: Flask, catalogue: Catalogue, kind: str) -> None:
    question, _, _ = practice(catalogue, kind)
    order = [line.key for line in question.choices]
    other, same_order = with_another_key(question, order)
    if kind not in {"survey", "open"}:
        assert best(other) != best(question)
    page = question_page(app, question, order)
    proofread(page)
    assert page == question_page(app, other, same_order)
    for told in (question.explanation, *(line.feedback for line in question.choices)):
        assert not told or told not in page


def test_fields_of_a_check_do_not_carry_the_keys_of_things_and_sides(
    app: Flask, catalogue: Catalogue
) -> None:
    for kind in ("ordering", "matching"):
        question, _, _ = practice(catalogue, kind)
        asked = ask(question, [line.key for line in question.choices])
        sent = {line.key for line in (asked.lines if kind == "ordering" else asked.options)}
        assert sent == {str(n) for n in range(1, len(sent) + 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_comes_back_into_its_form_as_it_was(catalogue: Catalogue, kind: str) -> None:
    question, _, _ = practice(catalogue, kind)
    order = [line.key for line in reversed(question.choices)]
    for choice in {best(question), WRONG.get(kind, ("",))[0]} - {""}:
        form = refilled(question, order, choice, words_for(question, choice))
        assert answer_in(question, order, form).choice == choice


def plain(html: str) -> str:
    """Return the words of some HTML."""
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("&lt;", "<").replace("&gt;", ">").split())


class Taking:
    """Somebody who takes the check of the library of kinds on the screens."""

    def __init__(self, reader: Reader, db: ScopedSession, catalogue: Catalogue) -> None:
        """Start the check."""
        self.reader, self.db, self.catalogue = reader, db, catalogue
        started = reader.post(f"{COURSE}/chu-de/goi-lai/kiem-tra")
        self.address = str(reader.get(started.headers["Location"], 302).headers["Location"])

    def question(self) -> tuple[Question, list[str]]:
        """Return what is asked now and the paper's order of keys."""
        code, place = self.address.split("/")[2], int(self.address.rsplit("-", 1)[1])
        row = self.db.execute(
            sa.select(PaperQuestion.edition_id, PaperQuestion.choice_order)
            .join(Attempt, Attempt.id == PaperQuestion.attempt_id)
            .where(Attempt.code == code, PaperQuestion.position == place)
        ).one()
        return self.catalogue.questions[row.edition_id], row.choice_order.split(",")

    def answer(self, choice: str, typed: str | None = None) -> None:
        """Answer what is asked now and go on."""
        question, order = self.question()
        form = refilled(question, order, choice, typed or words_for(question, choice))
        self.reader.get(self.address)
        self.address = str(self.reader.post(self.address, form).headers["Location"])

    def to_the_end(self, wrong: frozenset[str] = frozenset(), typed: str | None = None) -> str:
        """Answer all, those kinds wrong, and read the result."""
        while not self.address.endswith("/ket-qua"):
            question, _ = self.question()
            right = best(question) or "b"
            is_wrong = question.kind in wrong
            choice = WRONG[question.kind][0] if is_wrong else right
            self.answer(choice, typed if is_wrong and question.kind == "text" else None)
        self.reader.get(self.address)
        return self.reader.words


def test_a_whole_check_of_all_kinds_is_taken_without_script_and_passed(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    words = Taking(client, db, catalogue).to_the_end()
    assert "Đạt: đúng 9 trên 9 câu" in words
    assert "Cảm ơn, câu này không tính điểm." in words
    assert "Chưa đúng" not in words
    assert "Đã viết: mã OTP" in words
    assert db.execute(sa.select(HandIn.points, HandIn.out_of, HandIn.scale)).one() == (9, 9, 1)
    assert len(db.scalars(sa.select(Answer.choice)).all()) == len(DRAWN)


def test_a_result_tells_every_line_and_the_share_of_a_point(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    words = Taking(client, db, catalogue).to_the_end(frozenset(WRONG))
    assert re.search(r"Chưa đạt: được \d(,\d+)? trên 9 điểm", words)
    for said in (said for _, said in WRONG.values()):
        assert said in words, said
    assert "Được 3/4 điểm câu này." in words
    assert "Đúng một phần." in words
    assert "Câu trả lời đúng: mã OTP Cũng được: OTP" in words
    assert "Câu trả lời đúng: 1.500.000 đồng" in words


def test_an_answered_question_says_what_was_sent_and_not_whether_it_was_right(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    taking = Taking(client, db, catalogue)
    seen = set()
    while not taking.address.endswith("/ket-qua"):
        question, _ = taking.question()
        address = taking.address
        taking.answer(best(question) or "b", "<b>mã OTP</b>" if question.kind == "text" else None)
        if taking.address.endswith("/ket-qua"):
            break
        page = client.get(address).text
        assert "Câu trả lời đã gửi:" in client.words
        assert not any(line.feedback in page for line in question.lines if line.feedback)
        seen.add(question.kind)
        if question.kind == "text":
            assert "<b>mã OTP</b>" in client.words
    assert len(seen) == len(DRAWN) - 1


def test_a_bad_form_in_a_check_keeps_what_was_given_and_answers_nothing(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    taking = Taking(client, db, catalogue)
    while taking.question()[0].kind != "matching":
        taking.answer(best(taking.question()[0]) or "b")
    kept = len(db.scalars(sa.select(Answer.choice)).all())
    client.post(taking.address, {"o-a": "2"}, 422)
    assert ("o-a", "2") in chosen_on(client)
    assert set(faults(client)) == {"o-b", "o-c", "o-d"}
    assert len(db.scalars(sa.select(Answer.choice)).all()) == kept


def test_a_dropped_question_says_that_it_does_not_count(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    taking = Taking(client, db, catalogue)
    taking.to_the_end(frozenset({"ordering"}))
    question, _, _ = practice(catalogue, "ordering")
    regrade = new_id()
    db.add(
        Regrade(
            id=regrade,
            ref=regrade.hex[-12:],
            question_id=question.id,
            reason="Câu hỏi không rõ",
            at=clock.now(),
            by="Người soạn bài",
        )
    )
    db.flush()
    db.add(RegradeEdition(regrade_id=regrade, edition_id=question.edition_id))
    attempt = db.scalars(sa.select(Attempt.id)).one()
    db.add(
        MarkChange(
            id=new_id(),
            attempt_id=attempt,
            regrade_id=regrade,
            points=8, out_of=8, scale=1, passed=True,
            was_points=8, was_out_of=9, was_scale=1, was_passed=True,
            at=clock.now(),
            by="Người soạn bài",
            reason="Câu hỏi không rõ",
        )
    )  # fmt: skip
    db.execute(sa.text("UPDATE catalog_state SET revision = revision + 1"))
    db.flush()
    client.client.application.extensions["catalogue"] = CatalogueCache()
    client.get(taking.address)
    assert "Câu này đã bỏ, không tính điểm." in client.words
    assert "Đạt: đúng 8 trên 8 câu" in client.words
    assert "đúng ra là thứ" not in client.words


def test_an_open_answer_waits_then_shows_the_points_by_criterion(catalogue: Catalogue) -> None:
    question, _, _ = practice(catalogue, "open")
    waiting = review(question, question, "-", "Đừng bấm.")
    assert (waiting.verdict, waiting.marks, waiting.told.typed) == ("open", None, "Đừng bấm.")
    marked = review(question, question, "-", "Đừng bấm.", {"a": 2, "b": 0, "c": 1})
    assert marked.points == Fraction(3, 4)


def test_an_answer_is_reviewed_by_the_edition_that_judges_it_in_the_words_that_were_read(
    catalogue: Catalogue,
) -> None:
    given, _, _ = practice(catalogue, "single")
    swapped = {"a": True, "b": False}
    by = replace(
        given,
        edition_id="mới",
        html="Câu đã viết lại",
        choices=tuple(
            replace(c, html=f"{c.html} (mới)", is_right=swapped.get(c.key, c.is_right)) for c in given.choices
        ),
    )
    seen = review(given, by, "a")
    assert (seen.verdict, seen.html) == ("right", given.html)
    assert seen.told.lines == ((given.choices[0].html, ""),)
    without = replace(by, choices=by.choices[1:])
    assert review(given, without, "a").verdict == "wrong"
    assert review(given, None, "a").verdict == "dropped"
    assert review(given, given, None).verdict == "none"


def test_not_sure_stays_so_whatever_its_letter_means_on_the_edition_that_judges(
    catalogue: Catalogue,
) -> None:
    given, _, _ = practice(catalogue, "single")
    assert given.unsure is not None
    fourth = replace(given.unsure, is_unsure=True, key="z")
    lines = [replace(one, is_right=False) for one in given.lines]
    by = replace(
        given,
        edition_id="mới",
        choices=(*lines, replace(given.unsure, is_unsure=False, is_right=True), fourth),
    )
    seen = review(given, by, given.unsure.key)
    assert (seen.verdict, seen.points) == ("unsure", 0)


def test_a_right_side_is_right_whichever_line_with_it_stands_first(catalogue: Catalogue) -> None:
    given, _, _ = practice(catalogue, "matching")
    sides = [line.pair for line in given.lines]
    assert len(set(sides)) < len(sides), "two lines share a right side"
    turned = replace(
        given, edition_id="mới", choices=(*reversed(given.lines), *(c for c in given.choices if c.is_unsure))
    )
    seen = review(given, turned, best(given))
    assert (seen.verdict, {line.state for line in seen.lines}) == ("right", {"right"})


def test_typed_words_are_read_anew_by_the_edition_that_judges_them(catalogue: Catalogue) -> None:
    given, _, _ = practice(catalogue, "text")
    more = replace(given.choices[0], key="h", text="mã bí mật", html="mã bí mật")
    by = replace(given, edition_id="mới", choices=(more, *given.choices))
    assert review(given, by, "-", "Mã bí mật").verdict == "right"
    assert review(given, by, "-", None).verdict == "wrong"


def test_a_score_reads_as_it_is_spoken_and_is_never_rounded_up() -> None:
    assert score_words(Fraction(4), Fraction(5)) == "đúng 4 trên 5 câu"
    assert score_words(Fraction(7, 2), Fraction(5)) == "được 3,5 trên 5 điểm"
    assert score_words(Fraction(10, 3), Fraction(5)) == "được 3,33 trên 5 điểm"
    assert score_words(Fraction(399999, 100000), Fraction(5)) == "được 3,99 trên 5 điểm"


def test_only_pages_that_need_it_load_the_style_of_questions(client: Reader, catalogue: Catalogue) -> None:
    for kind in KINDS:
        question, address, _ = practice(catalogue, kind)
        needs = kind not in {"single", "true-false", "survey"} or bool(question.picture or question.hints)
        assert ("css/questions." in client.get(address).text) == needs, kind
