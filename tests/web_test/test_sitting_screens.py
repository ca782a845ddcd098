"""A sitting on the screens: the teacher's code and list, the pupil's paper, the clock, closing, who may."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.models import StaffAct
from lms.accounts.sessions import start
from lms.classrooms.door import pupil_ref
from lms.config import Config
from lms.db import ScopedSession
from lms.progress.actions import Doer
from lms.quizzes.models import Attempt, ExtraMinutes, HandIn, PaperQuestion, Sitting
from tests.awarding import doer_of, member
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast
from tests.quizzes_test.sitting_class import Room, open_room
from tests.web_test.joining import hidden, signed_in, staff_post
from tests.web_test.story import faults

MINUTE = timedelta(minutes=1)


@pytest.fixture
def lan(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Sign cô Lan of 4A in."""
    return signed_in(app, db, settings, cast.lan)


@pytest.fixture
def room(db: ScopedSession, cast: Cast) -> Room:
    """Open a sitting of 4A."""
    opened = open_room(db, cast)
    db.commit()
    return opened


def browser(app: Flask, db: ScopedSession, settings: Config, doer: Doer, **more: uuid.UUID | None) -> Reader:
    """Open a browser in which somebody learns."""
    reader = Reader(app)
    _, token = start(db, settings.secret, clock.now(), learner_id=doer.learner_id, **more)
    db.commit()
    reader.client.set_cookie("phien", token)
    return reader


@pytest.fixture
def an(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Open the machine of An of 4A."""
    return browser(app, db, settings, doer_of(db, cast.an.id, cast.an.full_name))


def own_list(cast: Cast) -> str:
    return f"/gv/lop/{cast.class_4a.ref}/kiem-tra"


def page_of(room: Room) -> str:
    return f"{own_list(room.cast)}/{room.sitting.ref}"


def begin(reader: Reader, code: str) -> str:
    """Type the code and press “Bắt đầu”; return the address of the paper."""
    led = reader.post("/kiem-tra/vao", {"ma": code}).headers["Location"]
    reader.get(led)
    return str(reader.post(led).headers["Location"])


def answer(reader: Reader, address: str, key: str, seen: str = "0", status: int = 303) -> str:
    """Answer the question at an address, as the page with this `lan` does; return where it leads."""
    return reader.post(address, {"chon": key, "lan": seen}, status).headers.get("Location", "")


def keys(db: ScopedSession, room: Room, address: str) -> tuple[str, str]:
    """Return a right and a wrong key of the question at an address of a paper."""
    code, position = address.split("/")[2], int(address.rsplit("-", 1)[1])
    edition = db.scalars(
        sa.select(PaperQuestion.edition_id)
        .join(Attempt, Attempt.id == PaperQuestion.attempt_id)
        .where(Attempt.code == code, PaperQuestion.position == position)
    ).one()
    choices = room.catalogue.questions[edition].choices
    right = next(c.key for c in choices if c.is_right)
    return right, next(c.key for c in choices if not c.is_right and not c.is_unsure)


def began_before(room: Room, minutes: int) -> str:
    """Let An have begun so many minutes ago; return the address of the paper."""
    doer = doer_of(room.db, room.cast.an.id, room.cast.an.full_name)
    code = room.enter(doer, room.opened_at - minutes * MINUTE)
    room.db.commit()
    return f"/kiem-tra/{code}"


# ---- the teacher -------------------------------------------------------------------------------


def test_a_teacher_opens_a_sitting_in_one_step_and_twice_is_once(
    lan: Reader, cast: Cast, db: ScopedSession
) -> None:
    lan.get(own_list(cast))
    assert "Đề A và đề B khó như nhau" in lan.words
    typed: dict[str, object] = {"chu_de": "man-hinh", "phut": "20", "de": "moi-em"}
    first = staff_post(lan, own_list(cast), own_list(cast), typed)
    assert staff_post(lan, own_list(cast), own_list(cast), typed) == first
    [sitting] = db.scalars(sa.select(Sitting))
    assert (sitting.minutes, sitting.form, sitting.witness_id) == (20, "", cast.lan_person.id)
    lan.get(first)
    grouped = f"{sitting.code[:4]} {sitting.code[4:]}"
    assert grouped in lan.words
    assert "hoc.example.vn/kiem-tra/vao" in lan.words
    assert "1 chưa vào 0 đang làm 0 đã nộp" in lan.words
    board = lan.get(f"{first}/ma").text
    assert grouped in lan.words
    assert "Đinh Thị An" not in board
    lan.get(first)
    assert "Đinh Thị An Chưa vào" in lan.words
    acts = list(db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "open-sitting")))
    assert acts == ["Mở buổi kiểm tra “Nhìn rõ màn hình”, 20 phút, lớp 4A"]
    other = staff_post(lan, own_list(cast), own_list(cast), typed | {"phut": "30"})
    lan.get(other)
    assert "đang có một buổi mở sẵn" in lan.words


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"chu_de": ""}, "chu_de", "Chọn một chủ đề có bài kiểm tra."),
        ({"phut": "mười lăm"}, "phut", "Gõ số phút bằng chữ số."),
        ({"phut": "500"}, "phut", "từ 1 đến 180"),
        ({"de": "c"}, "de", "Chọn một trong các cách ra đề."),
        ({"de": "ab"}, "de", "Chọn “Mỗi em một đề”."),
    ],
)
def test_a_form_with_a_slip_is_shown_again_with_the_cure(
    lan: Reader, cast: Cast, db: ScopedSession, typed: dict[str, str], field: str, told: str
) -> None:
    address, usual = own_list(cast), {"chu_de": "man-hinh", "phut": "15", "de": "moi-em"}
    staff_post(lan, address, address, {**usual, **typed}, 422)
    assert told in faults(lan)[field]
    assert db.scalar(sa.select(sa.func.count()).select_from(Sitting)) == 0


def test_an_account_without_a_person_is_told_how_to_get_one(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, room: Room
) -> None:
    head = signed_in(app, db, settings, cast.head)
    head.get(own_list(cast))
    assert "Nhờ nhà trường gửi một lời mời" in head.words
    form = page_of(room) + "/dong"
    typed: dict[str, object] = {"chu_de": "danh-ba", "phut": "15", "de": "moi-em"}
    assert staff_post(head, form, own_list(cast), typed) == own_list(cast)
    assert db.scalar(sa.select(sa.func.count()).select_from(Sitting)) == 1


def test_the_page_of_a_sitting_says_how_far_each_one_is_and_then_the_results(
    lan: Reader, an: Reader, room: Room, db: ScopedSession
) -> None:
    at = begin(an, room.sitting.code)
    question = an.get(at, 302).headers["Location"]
    answer(an, question, keys(db, room, question)[0])
    lan.get(page_of(room))
    assert re.search(r"Đinh Thị An Đang làm 1/3, còn 1[45] phút", lan.words)
    address = staff_post(lan, page_of(room) + "/dong", page_of(room) + "/dong")
    lan.get(address)
    assert "Đã thu 1 bài còn dở" in lan.words
    assert re.search(r"Đinh Thị An Đã nộp lúc \d\d:\d\d Chưa đạt, đúng 1 trên 3 câu", lan.words)
    assert "Thêm phút" not in lan.words
    assert staff_post(lan, page_of(room) + "/dong", page_of(room) + "/dong").endswith("da_thu=0")
    closed = list(db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "close-sitting")))
    assert closed == ["Đóng buổi kiểm tra “Nhìn rõ màn hình”, lớp 4A"]
    assert db.scalar(sa.select(sa.func.count()).select_from(HandIn)) == 1
    lan.get(f"{page_of(room)}/ma")
    assert "Mã này đã hết dùng." in lan.words


def test_a_pupil_gets_more_minutes_while_writing_and_the_act_names_nobody(
    lan: Reader, an: Reader, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    question = began_before(room, 16) + "/cau-1"
    ref = pupil_ref(settings.secret, cast.class_4a.id, cast.an.id)
    form = f"{page_of(room)}/them-phut/{ref}"
    for typed, told in (("", "bằng chữ số"), ("181", "từ 0 đến 180")):
        staff_post(lan, form, form, {"phut": typed}, 422)
        assert told in faults(lan)["phut"]
    for _ in range(2):
        assert staff_post(lan, form, form, {"phut": "10"}) == page_of(room)
    assert db.scalars(sa.select(ExtraMinutes.minutes)).one() == 10
    lan.get(page_of(room))
    assert re.search(r"Đang làm 0/3, còn [89] phút", lan.words)
    assert "Thêm 10 phút." in lan.words
    an.get(question)
    assert re.search(r"Nộp trước \d\d:\d\d ?, còn [89] phút", an.words)
    [act] = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "extra-minutes"))
    assert "An" not in act
    assert answer(an, question, keys(db, room, question)[0]).endswith("cau-2"), "the ten minutes hold"


def test_minutes_go_to_pupils_of_the_class_only(
    lan: Reader, room: Room, settings: Config, cast: Cast, db: ScopedSession
) -> None:
    stranger = member(db, cast.class_4b, "Lường Văn Tám")
    db.commit()
    assert stranger.person_id is not None
    for ref in (pupil_ref(settings.secret, cast.class_4b.id, stranger.person_id), "0" * 12):
        lan.get(f"{page_of(room)}/them-phut/{ref}", 404)


def test_a_closed_sitting_takes_no_more_minutes(
    lan: Reader, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    form = f"{page_of(room)}/them-phut/{pupil_ref(settings.secret, cast.class_4a.id, cast.an.id)}"
    staff_post(lan, page_of(room) + "/dong", page_of(room) + "/dong")
    staff_post(lan, page_of(room) + "/dong", form, {"phut": "10"})
    assert db.scalar(sa.select(sa.func.count()).select_from(ExtraMinutes)) == 0
    lan.get(form)
    assert "Buổi kiểm tra đã đóng" in lan.words


def test_another_class_finds_nothing_at_the_address_of_a_sitting(
    lan: Reader, room: Room, app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    head = signed_in(app, db, settings, cast.head)
    head.get(page_of(room))
    for more in (
        "",
        "/ma",
        "/dong",
        f"/them-phut/{pupil_ref(settings.secret, cast.class_4a.id, cast.an.id)}",
    ):
        head.get(f"/gv/lop/{cast.class_4b.ref}/kiem-tra/{room.sitting.ref}{more}", 404)
    lan.get(f"{own_list(cast)}/{'0' * 12}", 404)
    signed_in(app, db, settings, cast.minh).get(page_of(room), 404)


# ---- the pupil ---------------------------------------------------------------------------------


def test_a_pupil_writes_changes_hands_in_and_sees_the_answers_once_it_is_closed(
    lan: Reader, an: Reader, room: Room, db: ScopedSession
) -> None:
    address = begin(an, room.sitting.code)
    first = an.get(address, 302).headers["Location"]
    an.get(first)
    right, wrong = keys(db, room, first)
    second = answer(an, first, wrong)
    assert second.endswith("cau-2")
    an.get(first)
    assert "Câu trả lời đang giữ" in an.words
    assert hidden(an, "lan") == ["1"]
    checked = [e.get("value") for e in an.page.iter(f"{HOUSE}input") if "checked" in e.attrib]  # type: ignore[union-attr]
    assert checked == [wrong]
    answer(an, first, right, "1")
    overview = answer(an, f"{address}/cau-3", keys(db, room, f"{address}/cau-3")[0])
    assert overview == f"{address}/nop"
    an.get(overview)
    assert "Còn 1 câu chưa trả lời" in an.words
    assert "Làm tiếp câu 2" in an.words
    assert "Nộp bài, bỏ trống 1 câu" in an.words
    answer(an, second, keys(db, room, second)[0])
    assert an.get(address, 302).headers["Location"] == overview
    an.get(overview)
    assert "Đã trả lời đủ 3 câu" in an.words
    result = an.post(overview).headers["Location"]
    assert an.post(overview).headers["Location"] == result
    an.get(result)
    assert "Đạt: đúng 3 trên 3 câu" in an.words
    assert "Các bạn khác còn đang làm" in an.words
    assert "Từng câu" not in an.words
    staff_post(lan, page_of(room) + "/dong", page_of(room) + "/dong")
    an.get(result)
    assert "Từng câu" in an.words
    for page in (overview, first):
        assert an.get(page, 302).headers["Location"] == result
    an.get("/khoa-hoc/lam-quen/chu-de/man-hinh/kiem-tra")
    assert "Đạt, đúng 3 trên 3 câu" in an.words
    assert "có thầy cô coi" in an.words


def test_of_two_tabs_the_second_is_shown_what_stands_and_asked_again(
    an: Reader, room: Room, db: ScopedSession
) -> None:
    question = an.get(begin(an, room.sitting.code), 302).headers["Location"]
    right, wrong = keys(db, room, question)
    answer(an, question, right)
    answer(an, question, wrong, "0", 409)
    assert "vừa được trả lời ở một máy hay một trang khác" in an.words
    assert hidden(an, "lan") == ["1"]
    checked = [e.get("value") for e in an.page.iter(f"{HOUSE}input") if "checked" in e.attrib]  # type: ignore[union-attr]
    assert checked == [wrong], "what was chosen is not lost"
    answer(an, question, wrong, "1")
    answer(an, question, right, "0", 409)
    answer(an, question, wrong, "chữ")


def test_a_closed_browser_resumes_by_the_same_code_even_when_nobody_may_enter_any_more(
    app: Flask, an: Reader, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    address = begin(an, room.sitting.code)
    question = an.get(address, 302).headers["Location"]
    answer(an, question, keys(db, room, question)[0])
    db.execute(sa.update(Sitting).values(closes_at=clock.now() - MINUTE))
    db.commit()
    other_machine = browser(app, db, settings, doer_of(db, cast.an.id, cast.an.full_name))
    assert other_machine.post("/kiem-tra/vao", {"ma": room.sitting.code}).headers["Location"] == address
    assert other_machine.get(f"/kiem-tra/vao/{room.sitting.ref}", 302).headers["Location"] == address
    assert other_machine.get(address, 302).headers["Location"].endswith("cau-2")


def test_after_the_time_one_button_hands_in_and_a_late_answer_is_told_so(
    an: Reader, room: Room, db: ScopedSession
) -> None:
    address = began_before(room, 16)
    code, following = address.rsplit("/", 1)[1], f"{address}/cau-2"
    doer = doer_of(db, room.cast.an.id, "")
    room.give(doer, code, 1, keys(db, room, f"{address}/cau-1")[0], room.opened_at - 10 * MINUTE)
    db.commit()
    assert an.get(address, 302).headers["Location"] == f"{address}/nop"
    assert an.get(following, 302).headers["Location"] == f"{address}/nop"
    an.get(f"{address}/nop")
    assert "Đã hết giờ Bài nộp với 1 trên 3 câu đã trả lời." in an.words
    assert db.scalar(sa.select(sa.func.count()).select_from(HandIn)) == 0, "looking changes nothing"
    an.get(answer(an, following, "a"))
    assert "Hết giờ, bài đã nộp với các câu đã trả lời." in an.words
    an.get(f"{address}/ket-qua")
    assert "Hết giờ, bài đã nộp với các câu đã trả lời." in an.words, "however the page was reached"
    assert "Không sao. Xem lại các bài học, buổi sau làm lại." in an.words
    assert "Chưa đạt: đúng 1 trên 3 câu" in an.words
    [handed_in] = db.scalars(sa.select(HandIn))
    assert handed_in.at < clock.now() - MINUTE / 2, "at the end of its time"
    assert answer(an, following, "a").endswith("ket-qua?muon=1")


def test_another_persons_paper_is_no_page(
    app: Flask, an: Reader, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    address = begin(an, room.sitting.code)
    other = browser(app, db, settings, member(db, cast.class_4a, "Vàng Thị Xúa"))
    other.get(f"{address}/nop", 404)
    other.post(f"{address}/nop", status=404)
    other.post(f"{address}/cau-1", {"chon": "a", "lan": "0"}, 404)
    assert db.scalar(sa.select(sa.func.count()).select_from(HandIn)) == 0


def test_a_self_paced_paper_is_not_handed_in_half(client: Reader) -> None:
    led = client.post("/khoa-hoc/lam-quen/chu-de/man-hinh/kiem-tra").headers["Location"]
    client.get(f"{led}/nop", 404)
    client.post(f"{led}/nop", status=404)
