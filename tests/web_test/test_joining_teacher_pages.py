"""What a teacher prints, renews and ends for a class."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from PIL import Image, ImageDraw

from lms import clock
from lms.accounts.models import BrowserSession, StaffAct, Throttle
from lms.classrooms.models import Classroom, Slip
from lms.classrooms.pictures import PICTURES
from lms.config import Config
from lms.db import ScopedSession
from lms.people.models import Membership
from lms.web.class_cards import Qr, qr
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast
from tests.web_test.joining import (
    add_pupil,
    at_the_door,
    buttons,
    code_of,
    come_in,
    own_pictures,
    printed_slip,
    signed_in,
    staff_post,
    standing,
    tap,
    wrong_pictures,
)
from tests.web_test.story import keep_name
from tests.web_test.test_statements import counting

AN = "An (Đinh)"


@pytest.fixture
def teacher(app: Flask, db: ScopedSession, cast: Cast, settings: Config) -> Reader:
    """Give the browser of cô Lan, who teaches class 4A."""
    return signed_in(app, db, settings, cast.lan)


def acts(db: ScopedSession) -> list[str]:
    """Return what the record of staff acts says, oldest first."""
    return list(db.scalars(sa.select(StaffAct.what).order_by(StaffAct.at, StaffAct.id)))


def read_qr(drawn: Qr) -> str:
    """Return what a phone reads from the path of a QR code."""
    image = Image.new("L", (drawn.size * 4, drawn.size * 4), 255)
    pen = ImageDraw.Draw(image)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn.path):
        left, top = int(x) * 4, int(y) * 4
        pen.rectangle((left, top, left + 3, top + 3), fill=0)
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return str(found[0].text)


def test_a_phone_reads_the_address_from_the_qr_code() -> None:
    address = "https://hoc.example.vn/moi/1234567890123456"
    assert read_qr(qr(address)) == address


def test_a_card_holds_the_short_name_the_code_and_the_pictures(
    teacher: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    page = teacher.get(f"/gv/lop/{cast.class_4a.ref}/the")
    own = own_pictures(db, settings, cast.class_4a, cast.an)
    assert teacher.page is not None
    shown = [use.get("href", "") for use in teacher.page.iter() if use.tag.endswith("}use")]
    assert shown == [f"#hinh-{key}" for key in own]
    for words in (AN, "hoc.example.vn/vao-lop", *(PICTURES[key] for key in own)):
        assert words in teacher.words
    code = code_of(db, cast.class_4a)
    assert f"{code[:4]} {code[4:]}" in teacher.words
    assert "đừng chụp đưa lên nhóm Zalo" in teacher.words
    assert "Đinh Thị An" not in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_eight_cards_stand_on_a_sheet_and_many_pupils_on_several_pages_in_as_many_statements(
    teacher: Reader, database: object, db: ScopedSession, cast: Cast
) -> None:
    counts = []
    for wanted in (1, 60):
        for n in range(standing_pupils(db), wanted):
            add_pupil(db, cast.class_4a, f"Trần Thị {'ABCDEGHIKL'[n % 10]}{'aeiouy'[n // 10]}")
        with counting(database) as count:  # type: ignore[arg-type]
            teacher.get(f"/gv/lop/{cast.class_4a.ref}/the")
        counts.append(len(count.statements))
    assert counts[0] == counts[1] <= 9, counts
    assert teacher.page is not None
    sheets = [e for e in teacher.page.iter(f"{HOUSE}div") if (e.get("class") or "").startswith("sheet")]
    assert [len(sheet.findall(f"{HOUSE}section")) for sheet in sheets] == [8] * 6
    teacher.get(f"/gv/lop/{cast.class_4a.ref}/the?trang=2")
    assert len(list(teacher.page.iter(f"{HOUSE}section"))) == 12
    for odd in ("0", "9", "x"):
        teacher.get(f"/gv/lop/{cast.class_4a.ref}/the?trang={odd}")


def standing_pupils(db: ScopedSession) -> int:
    """Return how many pupils there are."""
    return standing(db, Membership, Membership.audience == "student")


def test_setting_the_pictures_anew_ends_the_old_ones_and_the_waiting(
    app: Flask, teacher: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    machine, other = Reader(app), Reader(app)
    come_in(machine, db, settings, cast.class_4a, cast.an, AN)
    old = own_pictures(db, settings, cast.class_4a, cast.an)
    at_the_door(other, code_of(db, cast.class_4a), AN)
    for _ in range(5):
        tap(other, wrong_pictures(old), status=422)
    links = teacher.get(f"/gv/lop/{cast.class_4a.ref}/the") and teacher.links()
    ask = next(link for link in links if link.endswith("/hinh-moi"))
    teacher.get(ask)
    assert f"Đặt lại hình của {AN}?" in teacher.words
    led = staff_post(teacher, ask, ask)
    teacher.get(led)
    new = own_pictures(db, settings, cast.class_4a, cast.an)
    assert new != old
    assert standing(db, Throttle) == 0
    tap(other, old, status=422)
    assert tap(other, new) == "/lop-em"
    machine.get("/nguoi-hoc")
    assert "Đang học" not in machine.words
    assert acts(db) == ["Đặt lại hình bí mật của một em lớp 4A"]


def test_the_pictures_of_a_pupil_of_another_class_are_not_within_reach(
    app: Flask, teacher: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    add_pupil(db, cast.class_4b, "Phạm Thị Cúc")
    head = signed_in(app, db, settings, cast.head)
    head.get(f"/gv/lop/{cast.class_4b.ref}/the")
    link = next(link for link in head.links() if link.endswith("/hinh-moi"))
    ref = link.split("/")[-2]
    swapped = f"/gv/lop/{cast.class_4a.ref}/the/{ref}/hinh-moi"
    form = f"/gv/lop/{cast.class_4a.ref}/ma/moi"
    head.get(swapped, 404)
    staff_post(head, form, swapped, {}, 404)
    head.get(f"/gv/lop/{cast.class_4a.ref}/the?em={ref}", 404)
    staff_post(teacher, form, f"/gv/lop/{cast.class_4a.ref}/phieu-moi", {"em": [ref]}, 404)
    assert standing(db, Slip) == 0


@pytest.mark.parametrize("page", ["the", "phieu-moi", "ma", "ma/moi", "het-gio", "cho-xac-nhan"])
def test_the_pages_of_a_class_are_for_its_teacher_and_its_school(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast, settings: Config, page: str
) -> None:
    address = f"/gv/lop/{cast.class_4a.ref}/{page}"
    client.get(address, 403)
    for account in (cast.lan, cast.head):
        signed_in(app, db, settings, account).get(address)
    told = set()
    for account in (cast.hoa, cast.minh, cast.tu, cast.admin):
        reader = signed_in(app, db, settings, account)
        for ref in (cast.class_4a.ref, "0" * 12, cast.hoa_sen.ref):
            told.add(reader.get(f"/gv/lop/{ref}/{page}", 404).text.replace(ref, "…"))
    assert len(told) == 1
    lan = signed_in(app, db, settings, cast.lan)
    lan.get(f"/gv/lop/{cast.class_4b.ref}/{page}", 404)


def test_a_slip_is_printed_with_everything_a_family_needs_and_its_code_never_again(
    teacher: Reader, db: ScopedSession, cast: Cast
) -> None:
    code = printed_slip(teacher, cast.class_4a, name=AN)
    until = (clock.today() + timedelta(days=30)).strftime("%d/%m/%Y")
    for words in (
        "Phiếu dùng một lần", "Gia đình em An (Đinh)", "Lớp 4A, Trường Tiểu học Hoa Sen",
        "hoc.example.vn/moi", f"Dùng trước ngày {until}", "Cần hỏi: Cô Lan", "không hỏi OTP",
    ):  # fmt: skip
        assert words in teacher.words
    assert teacher.page is not None
    paths = [e.get("d", "") for e in teacher.page.iter() if e.tag.endswith("}path")]
    longest = max(paths, key=len)
    size = next(e.get("viewBox") for e in teacher.page.iter() if e.get("class") == "qr").split()[-1]  # type: ignore[union-attr]
    assert read_qr(Qr(int(size), longest)) == f"http://hoc.example.vn/moi/{code}"
    row = db.scalars(sa.select(Slip)).one()
    assert code.encode() not in row.code_mac
    teacher.get(f"/gv/lop/{cast.class_4a.ref}/phieu-moi")
    assert code not in teacher.words.replace(" ", "")
    assert acts(db) == ["In 1 phiếu mời gia đình lớp 4A"]


def test_pupils_without_a_joined_family_are_ticked_and_nobody_ticked_is_told(
    app: Flask, teacher: Reader, db: ScopedSession, cast: Cast
) -> None:
    add_pupil(db, cast.class_4a, "Trần Bình")
    code = printed_slip(teacher, cast.class_4a, name=AN)
    family = Reader(app)
    family.get(f"/moi/{code}")
    family.post(f"/moi/{code}", {"nguoi": buttons(family, "nguoi")["Lê Thị Hoa"]})
    address = f"/gv/lop/{cast.class_4a.ref}/phieu-moi"
    teacher.get(address)
    assert ticks(teacher) == {"An (Đinh) gia đình đã vào lớp": False, "Bình (Trần)": True}
    teacher.get(f"{address}?ai=ca-lop")
    assert set(ticks(teacher).values()) == {True}
    staff_post(teacher, address, address, {}, 422)
    assert "Chưa chọn em nào" in teacher.words
    assert standing(db, Slip) == 1


def ticks(reader: Reader) -> dict[str, bool]:
    """Return the ticks of the last page by their words."""
    assert reader.page is not None
    return {
        " ".join("".join(label.itertext()).split()): label[0].get("checked") is not None
        for label in reader.page.iter(f"{HOUSE}label")
    }


def test_a_new_code_needs_a_word_first_and_a_second_tap_keeps_it(
    client: Reader, teacher: Reader, db: ScopedSession, cast: Cast
) -> None:
    old = code_of(db, cast.class_4a)
    address = f"/gv/lop/{cast.class_4a.ref}/ma/moi"
    client.post("/vao-lop", {"ma": old})
    client.get("/vao-lop/ten")
    for _ in range(2):
        staff_post(teacher, address, address, {"ma": old})
    db.expire_all()
    new = code_of(db, cast.class_4a)
    assert new != old
    teacher.get(f"/gv/lop/{cast.class_4a.ref}/ma")
    assert f"{new[:4]} {new[4:]}" in teacher.words
    client.get("/vao-lop/ten", 302)
    client.post("/vao-lop", {"ma": old}, 422)
    client.post("/vao-lop", {"ma": new})
    assert acts(db) == ["Đổi mã lớp 4A"]


def test_when_the_school_year_is_over_cards_and_slips_say_so(
    teacher: Reader, db: ScopedSession, cast: Cast
) -> None:
    room = db.scalars(sa.select(Classroom).where(Classroom.unit_id == cast.class_4a.id)).one()
    base = f"/gv/lop/{cast.class_4a.ref}"
    teacher.get(f"{base}/phieu-moi")
    ref = next(iter(e.get("value") for e in teacher.page.iter() if e.get("name") == "em"))  # type: ignore[union-attr]
    room.code_until = clock.today() - timedelta(days=1)
    db.commit()
    for page, words in (("the", "thẻ không dùng được"), ("ma", "Mã lớp đã đóng"), ("phieu-moi", "đã hết")):
        teacher.get(f"{base}/{page}")
        assert words in teacher.words
    staff_post(teacher, f"{base}/ma/moi", f"{base}/phieu-moi", {"em": [ref]}, 422)
    assert standing(db, Slip) == 0


def test_the_end_of_a_lesson_signs_the_class_out_and_nobody_else(
    app: Flask, teacher: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    cuc = add_pupil(db, cast.class_4b, "Phạm Thị Cúc")
    first, second, other_class, family = (Reader(app) for _ in range(4))
    come_in(first, db, settings, cast.class_4a, cast.an, AN)
    come_in(second, db, settings, cast.class_4a, binh, "Bình (Trần)")
    come_in(other_class, db, settings, cast.class_4b, cuc, "Cúc (Phạm)")
    keep_name(family, "Lê Thị Hoa")
    address = f"/gv/lop/{cast.class_4a.ref}/het-gio"
    teacher.get(address)
    assert "Có 2 máy đang có học sinh lớp 4A" in teacher.words
    teacher.get(staff_post(teacher, address, address))
    assert "Đã đăng xuất 2 máy" in teacher.words
    assert standing(db, BrowserSession, BrowserSession.ended_at.is_not(None)) == 2
    for reader, words in ((first, ""), (second, ""), (other_class, "Phạm Thị Cúc"), (family, "Lê Thị Hoa")):
        reader.get("/nguoi-hoc")
        assert (f"Đang học: {words}" in reader.words) == bool(words)
    assert acts(db) == ["Hết giờ lớp 4A: đăng xuất 2 máy"]
    teacher.get(address)
    assert "Không còn máy nào" in teacher.words
