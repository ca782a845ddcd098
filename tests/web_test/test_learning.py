"""A person who gives no name: learns, practises, finishes, takes the check, reads the result."""

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.progress.models import ItemCompletion
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion
from tests.browser_double import Reader
from tests.story import choice
from tests.web_test.story import LESSON, address_of_check, answer_page, faults


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


def take(reader: Reader, db: ScopedSession, catalogue: Catalogue, module: str, *, wrong: int = 0) -> str:
    """Take a check on the screens to its end and return the address of the result."""
    address = address_of_check(reader, module)
    while not address.endswith("/ket-qua"):
        code, position = address.split("/")[2], int(address.rsplit("-", 1)[1])
        asked = sa.select(PaperQuestion.edition_id).join(Attempt, Attempt.id == PaperQuestion.attempt_id)
        edition = db.scalars(asked.where(Attempt.code == code, PaperQuestion.position == position)).one()
        reader.get(address)
        address = answer_page(reader, address, choice(catalogue, edition, right=position > wrong))
    return address


def test_a_guest_goes_from_the_first_page_to_a_passed_check_without_giving_a_name(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    client.get("/")
    assert "/hoc-ngay" in client.links()
    client.follow(client.get("/hoc-ngay", 302))
    for step in ("keo-thanh", "xem-lai", "lam-ngay"):
        onward = f"/khoa-hoc/lam-quen/chu-to/{step}"
        assert onward in client.links()
        client.get(onward)
    client.get("/khoa-hoc/lam-quen/chu-to/cau-1")
    client.follow(client.get("/khoa-hoc/lam-quen/chu-to/cau-1/chon?chon=a", 303))
    assert "Chưa đúng" in client.words
    assert "Mở Cài đặt, tìm dòng Cỡ chữ" in client.words
    client.follow(client.get("/khoa-hoc/lam-quen/chu-to/cau-2/chon?chon=a", 303))
    client.follow(client.post("/khoa-hoc/lam-quen/chu-to/xong"))
    assert "chữ nhỏ thì chỉnh máy" in client.words
    client.get(take(client, db, catalogue, "man-hinh"))
    assert "Đạt: đúng 3 trên 3 câu" in client.words
    assert "Đã hoàn thành chủ đề" in client.words
    assert set(db.scalars(sa.select(ItemCompletion.level))) == {0}


def test_a_check_left_midway_is_found_again_from_its_topic(client: Reader) -> None:
    topic = "/khoa-hoc/lam-quen/chu-de/man-hinh"
    client.get(topic)
    assert "Chưa làm · không tính giờ" in client.words
    address_of_check(client)
    client.get(topic)
    assert "Đang làm · không tính giờ" in client.words
    client.get(f"{topic}/kiem-tra")
    assert "Làm tiếp" in client.words


def test_reading_and_practising_leave_no_trace_and_no_cookie(client: Reader, db: ScopedSession) -> None:
    for address in (
        "/",
        LESSON,
        "/khoa-hoc/lam-quen/chu-to/cau-1",
        "/khoa-hoc/lam-quen/chu-to/cau-1/b",
        "/tim?q=chu",
    ):
        assert "Set-Cookie" not in client.get(address).headers
    assert db.scalars(sa.select(ItemCompletion.id)).all() == []


def test_finishing_a_lesson_twice_counts_once(client: Reader, db: ScopedSession) -> None:
    for _ in range(3):
        client.post("/khoa-hoc/lam-quen/chu-to/xong")
    assert len(db.scalars(sa.select(ItemCompletion.id)).all()) == 1


def test_two_first_taps_of_one_form_make_one_learner(app: Flask, db: ScopedSession) -> None:
    key = {"khoa": "0123456789abcdef0123456789abcdef"}
    first, second = Reader(app), Reader(app)
    for reader in (first, second):
        reader.post("/khoa-hoc/lam-quen/chu-to/xong", key)
    assert len(db.scalars(sa.select(ItemCompletion.id)).all()) == 1
    Reader(app).post("/khoa-hoc/lam-quen/chu-to/xong", {"khoa": "f" * 32})
    assert len(db.scalars(sa.select(ItemCompletion.id)).all()) == 2


def test_no_page_of_a_check_tells_which_choice_is_right(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    address = address_of_check(client)
    page = client.get(address).text
    for question in catalogue.modules["man-hinh"].bank:
        assert question.explanation not in page
        assert not [c for c in question.choices if c.feedback in page]
    assert "is_right" not in page
    assert client.get(address).headers["Cache-Control"] == "private, no-store"


def test_a_failed_check_says_how_many_were_right_and_offers_another_paper(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    client.get(take(client, db, catalogue, "man-hinh", wrong=1))
    assert "Chưa đạt: đúng 2 trên 3 câu" in client.words
    assert "Làm lại với đề khác" in client.words
    assert take(client, db, catalogue, "man-hinh").endswith("/ket-qua")
    assert db.scalars(sa.select(HandIn.passed).order_by(HandIn.passed)).all() == [False, True]


def test_the_first_answer_to_a_question_stands(client: Reader, db: ScopedSession) -> None:
    address = address_of_check(client)
    for chosen in ("a", "b", "a"):
        client.post(address, {"chon": chosen})
    assert db.scalars(sa.select(Answer.choice)).all() == ["a"]
    client.get(address)
    assert "Câu này đã trả lời" in client.words


def test_starting_again_before_the_end_leads_back_to_the_same_paper(client: Reader) -> None:
    first = address_of_check(client)
    client.post(first, {"chon": "a"})
    again = address_of_check(client)
    assert again.split("/")[2] == first.split("/")[2]
    assert again.endswith("/cau-2")


@pytest.mark.parametrize("chosen", ["", "z", "a,b", "A", "á", "a" * 500])
def test_a_choice_that_is_not_on_the_paper_is_refused_with_the_field_named(
    client: Reader, db: ScopedSession, chosen: str
) -> None:
    client.post(address_of_check(client), {"chon": chosen}, 422)
    assert set(faults(client)) == {"chon"}
    assert "Chọn một câu trả lời" in client.words
    assert db.scalars(sa.select(Answer.choice)).all() == []


def test_a_question_that_the_paper_does_not_have_is_not_there(client: Reader) -> None:
    address = address_of_check(client).rsplit("-", 1)[0]
    for number in (0, 4, 99999999999999999999):
        client.get(f"{address}-{number}", 404)
        client.post(f"{address}-{number}", {"chon": "a"}, 404)


def test_score_time_level_and_learner_sent_by_a_browser_change_nothing(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    lies = {
        "level": "3", "mode": "observed", "points": "3", "passed": "1", "correct": "true", "at": "2020-01-01",
        "learner_id": "0", "person_id": "0", "attempt_id": "0", "witness_id": "0", "is_right": "1", "id": "7",
    }  # fmt: skip
    client.post("/khoa-hoc/lam-quen/chu-to/xong", lies)
    address = address_of_check(client)
    while not address.endswith("/ket-qua"):
        address = str(client.post(address, lies | {"chon": "d"}).headers["Location"])
    completion = db.execute(sa.select(ItemCompletion.level, ItemCompletion.mode, ItemCompletion.at)).one()
    assert (completion.level, completion.mode, completion.at.year > 2020) == (0, "alone", True)
    assert db.execute(sa.select(HandIn.points, HandIn.passed)).one() == (0, False)


def test_an_old_address_leads_on_for_ever(client: Reader) -> None:
    moved = {
        "/khoa-hoc/dien-thoai": "/khoa-hoc/lam-quen",
        "/khoa-hoc/lam-quen/phong-chu": "/khoa-hoc/lam-quen/chu-to",
        "/khoa-hoc/lam-quen/phong-chu/mo-cai-dat": LESSON,
    }
    for old, new in moved.items():
        assert client.get(old, 301).headers["Location"] == new
    assert client.follow(client.get("/khoa-hoc/dien-thoai/phong-chu/mo-cai-dat", 301)).status_code == 200
