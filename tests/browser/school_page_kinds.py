"""Every kind of page of schools, classes and families, on the fictional commune of `lms demo`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lms.certificates.actions import Issuer
from lms.classrooms.pictures import PICTURES
from lms.config import load
from lms.db import ScopedSession
from lms.demo.building import Told, build
from lms.demo.village import PASSWORD
from tests.browser.page_kinds import Opener, Stop
from tests.browser.people import Learner
from tests.browser.shortcuts import finish
from tests.browser.site import Filler, Site
from tests.classrooms_test.dirty_files import class_of_38


@dataclass(frozen=True)
class Village:
    """The running demo and what opens it."""

    site: Site
    told: Told


def demo(data: Path, told: list[Told]) -> Filler:
    """Return what builds the demo in a data folder; what it says is put into `told`."""

    def fill(db: ScopedSession, now: datetime) -> None:
        issuer = Issuer("Trường Tiểu học Hoa Sen", "https://hoc.example")
        secret = load({"LMS_DATA": str(data)}).secret
        told.append(build(db, issuer, secret, 1, now, "tests", lambda deeds, _count: deeds))

    return fill


def every_school_page_kind(opener: Opener, told: Told, newcomer: str) -> Iterator[Stop]:
    """Walk through the pages of staff, families and pupils; with another new pupil it can be walked again."""
    teacher = opener()
    yield from _class_pages(teacher)
    yield from _paper_pages(teacher)
    yield from _slip_pages(opener(), opener(), printed_slip(teacher))
    yield from _sitting_pages(teacher, opener(), told)
    yield from _printed_pages(teacher)
    yield from _author_pages(opener())
    yield from _asking_pages(opener(), told)
    yield from _pupil_pages(opener(), told)
    yield from _roster_pages(teacher, newcomer)
    yield from _school_pages(opener())
    yield from _award_pages(opener())
    yield from _commune_pages(opener())
    yield from _admin_pages(opener(), opener())


def _stops(who: Learner, *kinds: tuple[str, str]) -> Iterator[Stop]:
    for kind, path in kinds:
        answer = who.open(path)
        assert answer.status == 200, (path, answer.status)
        yield kind, who


def sign_in(who: Learner, login: str) -> None:
    """Sign in with an account of the demo."""
    who.open("/dang-nhap")
    who.type("ten_dang_nhap", login)
    who.type("mat_khau", PASSWORD)
    who.press("Đăng nhập")
    assert who.path == "/gv", who.words


def first(who: Learner, start: str) -> str:
    """Return where the first link of the main part leads whose address starts so."""
    found = who.page.locator(f"main a[href^='{start}']").first.get_attribute("href")
    assert found is not None
    return found


def enter(who: Learner, code: str) -> None:
    """Type the code of a class."""
    who.open("/vao-lop?ma=")
    who.type("ma", code)
    who.press("Vào lớp")


def printed_slip(teacher: Learner) -> str:
    """Return the code of the first slip on the sheets that the teacher has just made."""
    return "".join(teacher.page.locator(".paper-card .paper-code").first.inner_text().split())


def tap(who: Learner, *pictures: str) -> None:
    for picture in pictures:
        who.press_it(who.page.locator(".pad button").filter(has_text=picture).first)


def _pupil_pages(who: Learner, told: Told) -> Iterator[Stop]:
    finish(who, who.site.course.modules[0].lessons[0])
    yield from _stops(who, ("class code", "/vao-lop"), ("assigned, nobody", "/bai-co-giao"))
    who.press_it(who.page.locator("main .button").first)
    who.press("Vào lớp")
    yield "class code, error", who
    enter(who, told.class_code)
    yield "class doors", who
    who.open("/vao-lop/ten")
    yield "pupils' names", who
    given = told.pupil.split()[-1]
    who.press_it(who.page.locator(".names button").filter(has_text=given).first)
    yield "pictures", who
    wrong = next(name for name in PICTURES.values() if name not in told.pictures)
    tap(who, wrong, wrong, wrong)
    yield "pictures, wrong", who
    tap(who, *told.pictures)
    assert who.path == "/vao-lop/bai-vua-hoc", who.words
    yield "whose lesson, pupil", who
    who.press("Không phải của em")
    yield "pupil's class", who
    yield from _stops(who, ("phieu, pupil", "/phieu"), ("partner", "/vao-lop/hai-ban"))
    who.press_it(who.page.locator(".names button").first)
    yield "partner's pictures", who


def _asking_pages(who: Learner, told: Told) -> Iterator[Stop]:
    enter(who, told.class_code)
    who.open("/vao-lop/phu-huynh")
    yield "parent", who
    who.press("Gửi cô giáo")
    yield "parent, error", who
    who.type("ho_ten", "Quàng Thị Nụ")
    who.type("ten_con", told.pupil)
    who.page.select_option("#quan_he", "mẹ")
    who.press("Gửi cô giáo")
    assert who.heading == "Đã gửi cô giáo"
    yield "asked", who
    yield from _stops(who, ("assigned, waiting", "/bai-co-giao"), ("class code, known", "/vao-lop"))


def _slip_pages(who: Learner, stranger: Learner, code: str) -> Iterator[Stop]:
    yield from _stops(who, ("slip code", "/moi"))
    who.press("Mở phiếu")
    yield "slip code, error", who
    yield from _stops(
        who,
        ("slip", f"/moi/{code}"),
        ("slip, somebody else", f"/moi/{code}?khac=co"),
    )
    who.press("Vào lớp")
    yield "slip, somebody else, error", who
    who.open(f"/moi/{code}")
    who.press_it(who.page.locator(".person-button").first)
    assert who.heading.startswith("Đã vào lớp")
    yield "joined", who
    yield from _stops(who, ("assigned", "/bai-co-giao"), ("assigned, home", "/"))
    stranger.open(f"/moi/{code}")
    assert "Phiếu này đã dùng rồi" in stranger.words
    yield "slip, used", stranger


def _class_pages(who: Learner) -> Iterator[Stop]:
    sign_in(who, "lan")
    yield "desk, teacher", who
    room = first(who, "/gv/lop/")
    yield from _stops(who, ("class", room), ("class, assign", f"{room}/giao-bai"))
    who.press("Giao cho lớp")
    yield "class, assign, error", who
    who.open(room)
    given = first(who, f"{room}/bai-giao/")
    yield from _stops(
        who,
        ("assignment", given),
        ("assignment, message", f"{given}/nhac"),
        ("assignment, withdraw", f"{given}/thu-hoi"),
        ("assignment, witness", f"{given}/xac-nhan"),
        ("class, requests", f"{room}/cho-xac-nhan"),
    )
    who.page.locator("main select").first.select_option("")
    who.press("Nhận vào lớp")
    yield "class, requests, error", who
    who.open(f"{room}/cho-xac-nhan")
    who.press("Không nhận")
    yield "class, turn down", who
    yield from _stops(
        who,
        ("class, certificates", f"{room}/de-nghi"),
        ("class, figures", f"{room}/so-lieu"),
        ("class, end of lesson", f"{room}/het-gio"),
        ("account, signed in", "/tai-khoan"),
    )


def _paper_pages(who: Learner) -> Iterator[Stop]:
    who.open("/gv")
    room = first(who, "/gv/lop/")
    yield from _stops(who, ("cards", f"{room}/the"))
    yield from _stops(
        who,
        ("cards, new pictures", first(who, f"{room}/the/")),
        ("class code of the teacher", f"{room}/ma"),
        ("new class code", f"{room}/ma/moi"),
        ("slips, choose", f"{room}/phieu-moi"),
    )
    who.press("Tạo phiếu để in")
    assert who.page.locator(".paper-card").count() > 0
    yield "slips", who


def _sitting_pages(who: Learner, pupil: Learner, told: Told) -> Iterator[Stop]:
    who.open("/gv")
    yield from _stops(who, ("sittings", f"{first(who, '/gv/lop/')}/kiem-tra"))
    who.page.select_option("#chu_de", index=1)
    who.press("Mở buổi kiểm tra")
    yield "sitting", who
    code = who.page.locator(".big-code").inner_text()
    enter(pupil, told.class_code)
    pupil.open("/vao-lop/ten")
    given = told.pupil.split()[-1]
    pupil.press_it(pupil.page.locator(".names button").filter(has_text=given).first)
    tap(pupil, *told.pictures)
    pupil.open("/kiem-tra/vao")
    pupil.press("Tiếp tục")
    yield "code of a sitting, error", pupil
    pupil.type("ma", code)
    pupil.press("Tiếp tục")
    if pupil.has("Bắt đầu"):
        pupil.press("Bắt đầu")
    pupil.press("Xem tất cả các câu, nộp bài")
    yield "sitting, how far", pupil


def _printed_pages(who: Learner) -> Iterator[Stop]:
    who.open("/gv")
    who.open(f"{first(who, '/gv/lop/')}/de-giay/moi")
    who.press("Làm đề")
    yield "printed test, error", who
    who.page.select_option("#chu_de", index=1)
    who.press("Làm đề")
    who.press("Nhập kết quả lần một")
    yield "printed test, grid", who


def _author_pages(who: Learner) -> Iterator[Stop]:
    sign_in(who, "soan-bai")
    who.open("/qt/cau-hoi")
    address = first(who, "/qt/cau-hoi/mk-nhan-vien-hoi")
    yield from _stops(who, ("author, question", address), ("author, drop", f"{address}/cham-lai?bo=1"))


def _roster_pages(who: Learner, newcomer: str) -> Iterator[Stop]:
    who.open("/gv")
    room = first(who, "/gv/lop/")
    yield from _stops(who, ("roster", f"{room}/danh-sach"))
    yield from _stops(who, ("new pupil", f"{room}/danh-sach/them"))
    who.press("Thêm vào lớp")
    yield "new pupil, error", who
    who.open(f"{room}/danh-sach")
    edit = who.page.locator(".roll td a").first.get_attribute("href")
    yield from _stops(
        who, ("pupil", edit or ""), ("pupil leaves", f"{edit}/roi-lop"), ("upload", f"{room}/nap")
    )
    who.press("Xem trước")
    yield "upload, error", who
    file = {"name": "lop 4A.xlsx", "mimeType": "application/octet-stream", "buffer": class_of_38("4A")}
    who.page.set_input_files("#tep", file)  # type: ignore[arg-type]
    who.press("Xem trước")
    assert who.page.locator("fieldset.faulty").count() > 0
    for notes in who.page.locator("details.notes > summary").all():
        notes.click()
    yield "preview", who
    who.open(f"{room}/nap")
    who.type("dan", f"Họ và tên\tNgày sinh\n{newcomer}\t03/02/2016")
    who.press("Xem trước")
    who.press_it(who.page.locator("main button[value=nap]"))
    assert who.heading == "Đã nạp danh sách"
    yield "roster read in", who


def _school_pages(who: Learner) -> Iterator[Stop]:
    sign_in(who, "hieu-truong")
    yield "desk, officer", who
    school = first(who, "/truong/")
    who.open(f"{school}?ngay=31/02/2026")
    yield "school, error", who
    yield from _stops(
        who,
        ("school", school),
        ("school, classes", f"{school}/lop"),
        ("school, upload", f"{school}/nap"),
        ("new class, officer", f"/gv/lop-moi?truong={school.rpartition('/')[2]}"),
        ("school, teachers", f"{school}/thay-co"),
        ("school, teachers, upload", f"{school}/thay-co/nap"),
        ("school, how many", f"{school}/so-nguoi"),
        ("school, certificates", f"{school}/giay-chung-nhan"),
    )
    yield from _stops(
        who,
        ("school, decided list", first(who, f"{school}/giay-chung-nhan/")),
        ("school, accounts", f"{school}/tai-khoan"),
    )
    take, give = first(who, f"{school}/tai-khoan/thu-viec"), first(who, f"{school}/tai-khoan/giao-viec")
    who.press("Tạo lời mời")
    yield "school, accounts, error", who
    yield from _stops(who, ("take a role", take), ("give a role", give))


def _award_pages(who: Learner) -> Iterator[Stop]:
    sign_in(who, "sao-mai")
    school = first(who, "/truong/")
    yield from _stops(who, ("school, declared", school))
    who.open(f"{school}/giay-chung-nhan")
    yield from _stops(who, ("school, waiting list", first(who, f"{school}/giay-chung-nhan/")))
    who.press("Duyệt và cấp giấy")
    yield "school, waiting list, error", who
    who.open(f"{school}/so-nguoi")
    who.type("hoc_sinh", "x")
    who.press("Lưu")
    yield "school, how many, error", who


def _commune_pages(who: Learner) -> Iterator[Stop]:
    sign_in(who, "tu")
    yield "desk, commune", who
    yield from _stops(who, ("commune", first(who, "/xa/")))


def _admin_pages(who: Learner, invited: Learner) -> Iterator[Stop]:
    sign_in(who, "quan-tri")
    yield from _stops(who, ("admin", "/qt"), ("admin, top", "/qt/don-vi"))
    province = first(who, "/qt/don-vi/")
    who.open(province)
    commune = who.page.locator("main .units a").first.get_attribute("href")
    yield from _stops(
        who,
        ("admin, unit", commune or ""),
        ("admin, open a unit", f"{commune}/mo"),
        ("admin, rename", f"{commune}/ten"),
        ("admin, invite", f"{commune}/moi"),
    )
    who.press("Tạo lời mời")
    yield "admin, invite, error", who
    who.type("ho_ten", "Vàng A Sính")
    who.choose("commune_officer", name="vai_tro")
    who.press("Tạo lời mời")
    yield "link of an invitation", who
    message = who.page.locator("textarea").input_value()
    link = next(word for word in message.split() if "/loi-moi/" in word)
    invited.page.goto(link)
    yield "invitation", invited
    yield from _stops(
        who,
        ("admin, unit with invitation", commune or ""),
        ("admin, accounts", "/qt/tai-khoan"),
        ("admin, account", "/qt/nguoi/lan"),
        ("admin, disable", "/qt/nguoi/lan/khoa"),
        ("admin, invite to the site", "/qt/moi"),
        ("admin, years", "/qt/nam-hoc"),
        ("admin, year", "/qt/nam-hoc/2026"),
        ("admin, log", "/qt/nhat-ky"),
    )
    invited.open("/loi-moi/x")
    yield "invitation, closed", invited
