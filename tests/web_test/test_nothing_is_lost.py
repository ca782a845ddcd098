"""What was learned on a phone stays within reach, whoever takes the phone next."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.actions import sync
from lms.catalog.offer import Offer
from lms.people.models import Person
from tests.browser_double import Reader
from tests.cast import PASSWORD, Cast
from tests.catalog_test.test_sync import changed
from tests.web_test.story import address_of_check, keep_name, shown_code

DONE = "/khoa-hoc/lam-quen/chu-to/xong"


def lessons_done(reader: Reader) -> str:
    """Return what “Dữ liệu của tôi” says of the lessons done."""
    reader.get("/du-lieu")
    return reader.words.partition("Bài đã xong ")[2].split()[0]


def ref_of(reader: Reader, name: str) -> str:
    """Return the reference behind somebody's button on “Ai đang học?”."""
    reader.get("/nguoi-hoc")
    assert reader.page is not None
    buttons = [e for e in reader.page.iter() if e.get("name") == "nguoi"]
    return next(e.get("value", "") for e in buttons if name in "".join(e.itertext()))


def test_a_check_under_way_goes_on_after_a_name_is_given(client: Reader) -> None:
    question = address_of_check(client)
    keep_name(client, "Nguyễn Thị Lan", "minh")
    client.get(question)
    assert address_of_check(client) == question


def test_a_check_begun_is_reason_enough_to_ask_whose_it_is(client: Reader) -> None:
    address_of_check(client)
    client.post("/nguoi-hoc/them", {"ho_ten": "Nguyễn Thị Lan"}, 422)
    assert "của ai" in client.words


def test_signing_in_and_out_keeps_what_was_learned_here(client: Reader, cast: Cast) -> None:
    client.post(DONE)
    before = client.client.get_cookie("phien")
    client.post("/dang-nhap", {"ten_dang_nhap": cast.lan.login, "mat_khau": PASSWORD})
    assert lessons_done(client) == "1"
    signed_in = client.client.get_cookie("phien")
    client.get("/tai-khoan")
    assert client.page is not None
    token = next(e.get("value") for e in client.page.iter() if e.get("name") == "token")
    client.post("/dang-xuat", {"token": token})
    assert lessons_done(client) == "1"
    client.get("/tai-khoan", 403)
    after = client.client.get_cookie("phien")
    assert before is not None
    assert signed_in is not None
    assert after is not None
    assert len({before.value, signed_in.value, after.value}) == 3, "the cookie changes each time"


def test_results_set_aside_wait_on_the_phone_for_their_owner(client: Reader) -> None:
    client.post(DONE)
    keep_name(client, "Đinh Văn An", "khac")
    assert lessons_done(client) == "0"
    client.get("/nguoi-hoc")
    assert "Bài để riêng" in client.words
    keep_name(client, "Lê Thị Hoa")
    client.post("/nguoi-hoc/nhan-bai", {"nguoi": ref_of(client, "Lê Thị Hoa")})
    assert lessons_done(client) == "1"
    client.get("/nguoi-hoc")
    assert "Bài để riêng" not in client.words


def test_results_set_aside_are_given_to_nobody_outside_the_household(app: Flask, client: Reader) -> None:
    client.post(DONE)
    keep_name(client, "Đinh Văn An", "khac")
    other = Reader(app)
    keep_name(other, "Trần Văn Minh")
    client.post("/nguoi-hoc/nhan-bai", {"nguoi": ref_of(other, "Trần Văn Minh")}, 404)
    client.get("/nguoi-hoc")
    assert "Bài để riêng" in client.words


def test_a_second_tap_adds_nobody_and_a_namesake_later_is_told(client: Reader, db: Session) -> None:
    keep_name(client, "Nguyễn Thị Lan")
    client.post("/nguoi-hoc/them", {"ho_ten": "Nguyễn Thị Lan"})
    client.get("/nguoi-hoc")
    assert client.words.count("Nguyễn Thị Lan") == 2, "the learner now, and her button"
    db.execute(update(Person).values(made_at=clock.now() - timedelta(days=2)))
    db.commit()
    client.post("/nguoi-hoc/them", {"ho_ten": "Nguyễn Thị Lan"}, 422)
    assert "đã có người tên như vậy" in client.words


def test_a_new_code_shuts_out_a_phone_that_the_old_one_opened(app: Flask, client: Reader) -> None:
    code = keep_name(client, "Nguyễn Thị Lan")
    stranger = Reader(app)
    stranger.post("/mo-nha", {"ma": code})
    stranger.post("/nguoi-hoc/chon", {"nguoi": ref_of(stranger, "Nguyễn Thị Lan")})
    client.post("/nguoi-hoc/ma-moi")
    assert shown_code(client) != code
    stranger.get("/nguoi-hoc")
    assert "Nguyễn Thị Lan" not in stranger.words
    stranger.post("/nguoi-hoc/ma-moi", status=403)
    client.get("/nguoi-hoc")
    assert "Nguyễn Thị Lan" in client.words


def test_the_key_of_a_form_opens_nothing_once_the_learner_has_a_name(app: Flask, client: Reader) -> None:
    key = {"khoa": "0123456789abcdef" * 2}
    client.post(DONE, key)
    again = Reader(app)
    again.post(DONE, key)
    assert lessons_done(again) == "1", "two first taps are one learner"
    keep_name(client, "Nguyễn Thị Lan", "minh")
    later = Reader(app)
    later.post(DONE, key)
    later.get("/nguoi-hoc")
    assert "Nguyễn Thị Lan" not in later.words


def test_a_tap_on_a_page_that_moved_is_sent_again_and_kept(
    app: Flask, client: Reader, db: Session, offer: Offer
) -> None:
    client.get("/khoa-hoc/lam-quen/chu-to/mo-cai-dat")
    sync(db, changed(offer, lambda i: replace(i, slug="chu-lon") if i.slug == "chu-to" else i), clock.now())
    db.commit()
    app.extensions["catalogue"]._looked_at = 0.0
    moved = client.post(DONE, status=308)
    assert moved.headers["Location"].endswith("/khoa-hoc/lam-quen/chu-lon/xong")
    client.post(moved.headers["Location"])
    assert lessons_done(client) == "1"
    client.get("/khoa-hoc/lam-quen/chu-to/mo-cai-dat", 301)


@pytest.mark.parametrize("cookie", ["abc", "5|abc", "x" * 300])
def test_a_cookie_of_another_program_on_the_host_changes_nothing(client: Reader, cookie: str) -> None:
    client.post(DONE)
    client.client.set_cookie("remember_token", cookie)
    assert lessons_done(client) == "1"


@pytest.mark.parametrize("number", ["01", "0", "0000000001", "１", "1000"])
def test_a_question_has_one_address(client: Reader, number: str) -> None:
    client.get("/khoa-hoc/lam-quen/chu-to/cau-1")
    client.get(f"/khoa-hoc/lam-quen/chu-to/cau-{number}", 404)
