"""A phiếu from a completed course, and the page on which a stranger checks it."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import codes
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.certificates.actions import replace_certificate, revoke_certificate
from lms.certificates.models import Certificate
from lms.clock import now
from lms.config import Config
from lms.db import ScopedSession
from lms.people.actions import SHOW_NAME, record_consent
from lms.people.models import Person
from lms.web import create_app
from tests.browser_double import Reader
from tests.conftest import SharedDatabase
from tests.web_test.story import faults, fields, keep_name
from tests.web_test.test_learning import take

NAME = "Quách Thị Ngọc Diệp"


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


def learn_everything(reader: Reader, db: ScopedSession, catalogue: Catalogue) -> str:
    """Complete the course on the screens; return the address of the last result."""
    for lesson in ("chu-to", "luu-so"):
        reader.post(f"/khoa-hoc/lam-quen/{lesson}/xong")
    return [take(reader, db, catalogue, module) for module in ("man-hinh", "danh-ba")][-1]


@pytest.fixture
def phieu(client: Reader, db: ScopedSession, catalogue: Catalogue) -> str:
    """Give the code of a phiếu that `client` has just earned under NAME."""
    keep_name(client, NAME)
    learn_everything(client, db, catalogue)
    return db.scalars(sa.select(Certificate.code)).one()


def issued(db: ScopedSession) -> int:
    """Return how many certificates the register holds."""
    return db.scalar(sa.select(sa.func.count()).select_from(Certificate)) or 0


def test_completing_a_course_under_a_name_issues_one_phieu_that_anyone_can_check(
    client: Reader, app: Flask, db: ScopedSession, phieu: str
) -> None:
    client.get("/phieu")
    assert NAME in client.words
    pdf = client.get(f"/phieu/{phieu}.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert phieu in pdf.headers["Content-Disposition"]
    stranger = Reader(app)
    stranger.follow(stranger.get(f"/tra-cuu?ma={phieu[:4]}%20{phieu[4:8]}-{phieu[8:]}", 303))
    assert stranger.words.startswith("Tra cứu phiếu khác CÓ THẬT")
    assert codes.group(phieu) in stranger.words


def test_sending_the_last_answer_twice_issues_one(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    keep_name(client, NAME)
    last = learn_everything(client, db, catalogue)
    for chosen in "abcd":
        assert client.post(last.replace("ket-qua", "cau-3"), {"chon": chosen}).headers["Location"] == last
    client.post("/phieu/nhan")
    client.post("/khoa-hoc/lam-quen/chu-to/xong")
    take(client, db, catalogue, "danh-ba")
    assert issued(db) == 1


def test_a_guest_s_course_becomes_a_phieu_when_a_name_is_given_and_only_once(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    learn_everything(client, db, catalogue)
    assert issued(db) == 0
    client.get("/phieu")
    assert "Ghi tên là có phiếu" in client.words
    keep_name(client, NAME, "minh")
    assert issued(db) == 1
    keep_name(client, NAME, status=303)
    client.post("/phieu/nhan")
    assert issued(db) == 1


def test_two_phones_of_one_person_earn_one_phieu_together(
    client: Reader, app: Flask, db: ScopedSession, catalogue: Catalogue
) -> None:
    code = keep_name(client, NAME)
    client.post("/khoa-hoc/lam-quen/chu-to/xong")
    take(client, db, catalogue, "man-hinh")
    second = Reader(app)
    second.post("/khoa-hoc/lam-quen/luu-so/xong")
    take(second, db, catalogue, "danh-ba")
    second.post("/mo-nha", {"ma": code})
    second.get("/nguoi-hoc")
    assert second.page is not None
    ref = next(e.get("value", "") for e in second.page.iter() if e.get("name") == "nguoi")
    for _ in range(2):
        second.post("/nguoi-hoc/chon", {"nguoi": ref, "cua_ai": "minh"})
    assert issued(db) == 1
    client.get("/phieu")
    assert NAME in client.words


def test_a_site_without_its_address_issues_nothing_until_it_has_one(
    settings: Config, database: SharedDatabase, db: ScopedSession, catalogue: Catalogue
) -> None:
    early = Reader(create_app(replace(settings, public_url=""), database))
    keep_name(early, NAME)
    learn_everything(early, db, catalogue)
    early.get("/phieu")
    assert "chưa cấp phiếu được" in early.words
    assert issued(db) == 0
    later = Reader(create_app(settings, database))
    cookie = early.client.get_cookie("phien")
    assert cookie is not None
    later.client.set_cookie("phien", cookie.value)
    later.get("/phieu")
    assert "Nhận phiếu" in later.words
    later.follow(later.post("/phieu/nhan"))
    assert issued(db) == 1
    assert NAME in later.words


def test_a_certificate_says_what_it_said_when_it_was_issued(
    client: Reader, db: ScopedSession, phieu: str, settings: Config, database: SharedDatabase
) -> None:
    db.execute(sa.update(Person).values(full_name="Tên Đã Đổi"))
    db.commit()
    renamed = Reader(create_app(replace(settings, site_name="Tên Mới", public_url="http://moi.vn"), database))
    page = renamed.get(f"/tra-cuu/{phieu}").text
    assert "Nơi cấp</dt><dd>Trường Tiểu học Hoa Sen" in page
    frozen = json.loads(db.scalars(sa.select(Certificate.payload)).one())
    assert (frozen["holder_name"], frozen["public_url"]) == (NAME, "http://hoc.example.vn")


def test_a_revoked_one_says_so_with_its_date_and_reason_and_is_downloaded_no_more(
    client: Reader, db: ScopedSession, phieu: str
) -> None:
    revoke_certificate(db, phieu, reason="Cấp nhầm người", by="quan-tri", now=now())
    db.commit()
    client.get(f"/tra-cuu/{phieu}")
    assert "ĐÃ THU HỒI" in client.words
    assert "Cấp nhầm người" in client.words
    assert "còn giá trị" not in client.words
    client.get("/phieu")
    assert "Phiếu này đã bị thu hồi. Lý do: Cấp nhầm người" in client.words
    assert "Tải phiếu" not in client.words
    client.get(f"/phieu/{phieu}.pdf", 404)


def test_a_replaced_one_says_so_without_telling_the_new_code(
    client: Reader, db: ScopedSession, phieu: str
) -> None:
    new = replace_certificate(db, phieu, by="quan-tri", now=now(), holder_name="Quách Thị Diệp")
    db.commit()
    page = client.get(f"/tra-cuu/{phieu}").text
    assert "ĐÃ ĐƯỢC THAY" in client.words
    assert new.code not in page.replace(" ", "")
    client.get(f"/tra-cuu/{new.code}")
    assert "CÓ THẬT" in client.words
    client.get("/phieu")
    assert codes.group(new.code) in client.words
    assert codes.group(phieu) not in client.words


def test_a_code_that_nobody_holds_is_not_genuine(client: Reader, phieu: str) -> None:
    stray = next(code for code in iter(codes.new_code, "") if code != phieu)
    client.get(f"/tra-cuu/{stray}", 404)
    assert client.words.startswith("KHÔNG CÓ THẬT")


@pytest.mark.parametrize("slip", ["1234", "abcd", "12345678123456789", "０１２３"])
def test_a_slip_is_told_as_a_slip_on_the_form_and_behind_a_bad_address(client: Reader, slip: str) -> None:
    client.get(f"/tra-cuu?ma={slip}", 422)
    assert set(faults(client)) == {"ma"}
    assert fields(client)["ma"] == slip
    client.get(f"/tra-cuu/{slip}", 404)
    assert fields(client)["ma"] == slip


def test_every_single_wrong_digit_is_caught_before_the_register_is_asked(client: Reader, phieu: str) -> None:
    for place in range(16):
        wrong = phieu[:place] + str((int(phieu[place]) + 3) % 10) + phieu[place + 1 :]
        client.get(f"/tra-cuu?ma={wrong}", 422)
        assert "gõ sai" in faults(client)["ma"]


def test_a_database_that_fails_never_reads_as_not_genuine(
    client: Reader, db: ScopedSession, phieu: str
) -> None:
    db.execute(sa.text("ALTER TABLE certificate_revocations RENAME TO away"))
    db.commit()
    client.get(f"/tra-cuu/{phieu}", 503)
    assert "CHƯA KIỂM TRA ĐƯỢC" in client.words
    assert not client.words.startswith("KHÔNG CÓ THẬT")


def test_the_name_stays_hidden_and_can_only_be_compared(client: Reader, app: Flask, phieu: str) -> None:
    stranger = Reader(app)
    page = stranger.get(f"/tra-cuu/{phieu}").text
    for word in ("Quách", "Diệp"):
        assert word not in page
    stranger.post(f"/tra-cuu/{phieu}", {"ho_ten": "Nguyễn Thị Diệp"}, 422)
    assert "KHÔNG KHỚP" in stranger.words
    assert fields(stranger)["ho_ten"] == "Nguyễn Thị Diệp"
    for typed in (NAME, "  quách   thị ngọc diệp ", "QUÁCH THỊ NGỌC DIỆP"):
        stranger.post(f"/tra-cuu/{phieu}", {"ho_ten": typed}, 200)
        assert "KHỚP: họ tên vừa gõ đúng" in stranger.words
    stranger.post(f"/tra-cuu/{phieu}", {"ho_ten": " "}, 422)
    assert set(faults(stranger)) == {"ho_ten"}


def test_guessing_names_is_slowed_down(app: Flask, phieu: str) -> None:
    stranger = Reader(app)
    own = {"Sec-Fetch-Site": "same-origin"}
    statuses = [
        stranger.client.post(f"/tra-cuu/{phieu}", data={"ho_ten": "Ai Đó"}, headers=own).status_code
        for _ in range(12)
    ]
    assert statuses[:10] == [422] * 10
    assert statuses[-1] == 429
    assert stranger.get(f"/tra-cuu/{phieu}").status_code == 200


def test_a_name_shows_only_while_its_holder_agrees(client: Reader, app: Flask, db: ScopedSession) -> None:
    client.post("/nguoi-hoc/them", {"ho_ten": NAME, "hien_ten": "co"})
    learn_everything(client, db, load(db))
    code, person = db.execute(sa.select(Certificate.code, Certificate.person_id)).one()
    stranger = Reader(app)
    assert NAME in stranger.get(f"/tra-cuu/{code}").text
    record_consent(db, person, SHOW_NAME, False, "Không cho hiện nữa", "learner", now())
    db.commit()
    assert NAME not in stranger.get(f"/tra-cuu/{code}").text


def test_somebody_else_s_phieu_is_not_there_to_download(app: Flask, phieu: str) -> None:
    other = Reader(app)
    other.get(f"/phieu/{phieu}.pdf", 403)
    keep_name(other, "Trần Văn Bảy")
    other.get(f"/phieu/{phieu}.pdf", 404)


def test_the_words_of_the_page_promise_nothing_they_must_not(client: Reader, phieu: str) -> None:
    for address in (f"/tra-cuu/{phieu}", "/phieu"):
        text = client.get(address).text
        assert "xác nhận phổ cập" not in text
        assert "Cộng hòa xã hội" not in text
