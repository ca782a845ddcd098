"""Every kind of page, reached as people reach it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from lms import clock
from lms.certificates.actions import replace_certificate, revoke_certificate
from lms.db import Database
from tests.browser.people import Learner
from tests.browser.shortcuts import add_person, check_path, complete_course, finish, hand_in, start_check
from tests.browser.site import PASSWORD, STAFF, Site, right_key, unsure_key, wrong_key

Opener = Callable[[], Learner]
Stop = tuple[str, Learner]


def every_page_kind(opener: Opener) -> Iterator[Stop]:
    """Walk through all kinds of pages; at each stop the page stands in the learner's browser."""
    yield from _equal_pages(opener())
    yield from _practice_pages(opener())
    yield from _known_pages(opener())
    yield from _family_pages(opener())
    yield from _certificate_pages(opener(), opener())
    yield from _consenting(opener())
    yield from _staff_pages(opener())


def _equal_pages(who: Learner) -> Iterator[Stop]:
    course = who.site.course
    module, lesson = course.modules[0], course.modules[0].lessons[0]
    pictured = next(step for step in lesson.steps if any("<img" in html for _, html in step.variants))
    base = f"/khoa-hoc/{course.slug}"
    for kind, path in (
        ("home", "/"),
        ("courses", "/khoa-hoc"),
        ("course", base),
        ("module", f"{base}/chu-de/{module.slug}"),
        ("step", f"{base}/{lesson.slug}/{lesson.steps[0].id}"),
        ("step with picture", f"{base}/{lesson.slug}/{pictured.id}"),
        ("last step", f"{base}/{lesson.slug}/{lesson.steps[-1].id}"),
        ("check intro", check_path(who, module)),
        ("first hour", "/bi-lua"),
        ("help", "/tro-giup"),
        ("genuine", "/co-that-khong"),
        ("own data of nobody", "/du-lieu"),
        ("search", "/tim"),
        ("search, found", "/tim?q=mat+khau"),
        ("search, nothing", "/tim?q=xyzzy"),
        ("looks", "/tuy-chon"),
        ("who, nobody", "/nguoi-hoc"),
        ("open household", "/mo-nha"),
        ("leave, nobody", "/thoat"),
        ("phieu, nobody", "/phieu"),
        ("left", "/da-thoat"),
        ("look-up", "/tra-cuu"),
        ("look-up, slip", "/tra-cuu?ma=123"),
        ("look-up, missing", "/tra-cuu/123"),
        ("sign in", "/dang-nhap"),
        ("signed in only", "/tai-khoan"),
        ("no such page", "/khong-co-trang-nay"),
    ):
        who.open(path)
        yield kind, who
    who.open("/mo-nha")
    who.type("ma", "1234")
    who.press("Mở nhà")
    yield "open household, error", who


def _practice_pages(who: Learner) -> Iterator[Stop]:
    lesson = who.site.course.modules[0].lessons[0]
    path = f"/khoa-hoc/{who.site.course.slug}/{lesson.slug}/cau-1"
    who.open(path)
    yield "practice", who
    who.press("Trả lời")
    yield "practice, error", who
    for kind, chosen in (("wrong", wrong_key), ("unsure", unsure_key), ("right", right_key)):
        who.open(f"{path}/{chosen(lesson.practice[0])}")
        yield f"explanation, {kind}", who


def _known_pages(who: Learner) -> Iterator[Stop]:
    module = who.site.course.modules[0]
    finish(who, module.lessons[0])
    for kind, path in (
        ("known home", "/"),
        ("finished", f"/khoa-hoc/{who.site.course.slug}/{module.lessons[0].slug}/xong"),
        ("check intro, known", check_path(who, module)),
        ("own data", "/du-lieu"),
        ("leave, unnamed", "/thoat"),
        ("phieu, unnamed", "/phieu"),
        ("question", start_check(who, module)),
    ):
        who.open(path)
        yield kind, who
    who.press("Trả lời")
    yield "question, error", who
    first = who.path
    who.choose(right_key(who.site.question(module, who.heading)))
    who.press("Trả lời")
    who.open(first)
    yield "question, answered", who
    who.press("Câu chưa trả lời")
    for _ in range(module.draw - 1):
        who.choose(wrong_key(who.site.question(module, who.heading)))
        who.press("Trả lời")
    yield "result, failed", who
    who.open(hand_in(who, module))
    yield "result, passed", who


def _family_pages(who: Learner) -> Iterator[Stop]:
    finish(who, who.site.course.modules[0].lessons[0])
    who.open("/giu-ket-qua")
    yield "keep result", who
    who.press("Lưu")
    yield "keep result, error", who
    who.keep_result("Trần Văn Bình")
    yield "household code", who
    who.open("/nguoi-hoc/trao-may")
    yield "hand over", who
    add_person(who, "Nguyễn Thị Thanh Huyền Trang")
    for kind, path in (("who", "/nguoi-hoc"), ("leave, named", "/thoat"), ("named home", "/")):
        who.open(path)
        yield kind, who
    yield from _unnamed_at_home(who)


def _unnamed_at_home(who: Learner) -> Iterator[Stop]:
    """Learn without a name first, then open a household and choose somebody of it."""
    who.open("/nguoi-hoc")
    who.press("Lấy mã mới")
    code = who.page.locator(".big-code").inner_text()
    who.page.context.clear_cookies()
    finish(who, who.site.course.modules[0].lessons[0])
    who.open("/mo-nha")
    who.type("ma", code)
    who.press("Mở nhà")
    who.press_it(who.page.locator(".person-button").first)
    yield "whose result", who


def _consenting(who: Learner) -> Iterator[Stop]:
    complete_course(who)
    add_person(who, "Phạm Văn Đông", cua_ai="minh", hien_ten="co")
    who.open("/phieu")
    who.press("Xem trang tra cứu")
    yield "certificate, name shown", who


def _certificate_pages(who: Learner, stranger: Learner) -> Iterator[Stop]:
    complete_course(who)
    who.open("/phieu")
    yield "phieu, waiting", who
    who.keep_result("Lê Thị Hoa")
    who.open("/phieu")
    yield "phieu", who
    code = _code_on(who)
    stranger.open(f"/tra-cuu/{code}")
    yield "certificate, real", stranger
    stranger.type("ho_ten", "Lê Thị Hoa")
    stranger.press("So họ tên")
    yield "certificate, name matches", stranger
    stranger.type("ho_ten", "Lê Thị Hoài")
    stranger.press("So họ tên")
    yield "certificate, name differs", stranger
    with _database(who.site) as db:
        new = replace_certificate(db, code.replace(" ", ""), by="tests", now=clock.now()).code
    stranger.open(f"/tra-cuu/{code}")
    yield "certificate, replaced", stranger
    with _database(who.site) as db:
        revoke_certificate(db, new, reason="cấp nhầm người", by="tests", now=clock.now())
    stranger.open(f"/tra-cuu/{new}")
    yield "certificate, revoked", stranger


def _code_on(who: Learner) -> str:
    found = re.search(r"\d{4} \d{4} \d{4} \d{4}", who.words)
    assert found
    return found[0]


@contextmanager
def _database(site: Site) -> Iterator[Session]:
    database = Database(f"sqlite:///{site.data / 'lms.db'}")
    with database.transaction() as db:
        yield db
    database.close()


def _staff_pages(who: Learner) -> Iterator[Stop]:
    who.open("/dang-nhap")
    who.press("Đăng nhập")
    yield "sign in, error", who
    who.type("ten_dang_nhap", STAFF)
    who.type("mat_khau", PASSWORD)
    who.press("Đăng nhập")
    assert who.path == "/gv", who.words
    yield "desk", who
    who.open("/tai-khoan")
    yield "account", who
    who.open("/tai-khoan/mat-khau")
    yield "new password", who
