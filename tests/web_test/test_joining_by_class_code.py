"""Families join by the class code: nothing is shown to them, and the teacher says who belongs to whom."""

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.classrooms.models import JoinRequest
from lms.config import Config
from lms.db import ScopedSession
from lms.people.actions import claim, make_learner
from lms.people.memberships import guardians_in
from lms.people.models import Membership, Person, PersonMerge
from lms.progress.models import ItemCompletion
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast
from tests.web_test.joining import add_pupil, code_of, hidden, signed_in, staff_post, standing
from tests.web_test.story import faults, fields

FINISH = "/khoa-hoc/lam-quen/chu-to/xong"


@pytest.fixture
def teacher(app: Flask, db: ScopedSession, cast: Cast, settings: Config) -> Reader:
    """Give the browser of cô Lan, who teaches class 4A."""
    return signed_in(app, db, settings, cast.lan)


def ask(reader: Reader, code: str, own: str, child: str, relation: str = "mẹ", status: int = 303) -> str:
    """Ask to join by the class's code; return the words of the page that follows."""
    reader.post("/vao-lop", {"ma": code})
    reader.get("/vao-lop/phu-huynh")
    said = {"ho_ten": own, "ten_con": child, "quan_he": relation}
    reader.follow(reader.post("/vao-lop/phu-huynh", said, status), 200 if status == 303 else status)
    return reader.words


def test_the_reply_is_the_same_whether_the_child_s_name_matched_or_not(
    app: Flask, db: ScopedSession, cast: Cast
) -> None:
    code = code_of(db, cast.class_4a)
    home = "Mã của nhà"
    said = {
        ask(Reader(app), code, "Lê Thị Hoa", child).partition(home)[0] for child in ("dinh thi an", "Vũ Lan")
    }
    assert len(said) == 1
    assert "Cô xác nhận xong thì bài của lớp hiện ở đây" in said.pop()
    matched = {row.child_name: row.pupil_id for row in db.scalars(sa.select(JoinRequest))}
    assert matched == {"dinh thi an": cast.an.id, "Vũ Lan": None}


def test_the_page_shows_no_list_and_one_who_waits_learns_at_once(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})
    page = client.get("/vao-lop/phu-huynh")
    for name in ("Đinh", "An (", "Lê Thị Hoa"):
        assert name not in page.text
    ask(client, code_of(db, cast.class_4a), "Phan Thị Mới", "Đinh Thị An")
    client.post(FINISH)
    assert db.scalars(sa.select(ItemCompletion.level)).one() == 1


def test_the_same_request_again_is_one_and_the_sixth_of_a_day_is_refused(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    code = code_of(db, cast.class_4a)
    for child in ("Đinh Thị An", "dinh thi an", "Vũ Một", "Vũ Hai", "Vũ Ba", "Vũ Bốn"):
        ask(client, code, "Lê Thị Hoa", child)
    assert standing(db, JoinRequest) == 5
    words = ask(client, code, "Lê Thị Hoa", "Vũ Năm", status=422)
    assert "Hôm nay nhà này đã gửi năm lần" in words
    assert fields(client)["ten_con"] == "Vũ Năm"
    assert standing(db, Person, Person.full_name == "Lê Thị Hoa") == 2


def test_bad_names_are_told_beside_their_fields(client: Reader, db: ScopedSession, cast: Cast) -> None:
    ask(client, code_of(db, cast.class_4a), "Lan", "", "vua", 422)
    assert set(faults(client)) == {"ho_ten", "ten_con", "quan_he"}
    assert standing(db, JoinRequest) == 0


def waiting(teacher: Reader, cast: Cast) -> str:
    """Open the page of those who wait; return the first one's reference."""
    teacher.get(f"/gv/lop/{cast.class_4a.ref}/cho-xac-nhan")
    return next(iter(hidden(teacher, "yeu_cau")), "")


def decide(teacher: Reader, cast: Cast, status: int = 303, **fields_of_it: str) -> str:
    """Take in the first one who waits, with what the page offers unless said otherwise."""
    ref = waiting(teacher, cast)
    assert teacher.page is not None
    said = {"yeu_cau": ref}
    for select in teacher.page.iter(f"{HOUSE}select"):
        options = list(select)
        chosen = next((o for o in options if o.get("selected") is not None), options[0])
        wanted = fields_of_it.get(select.get("name", "").removesuffix(f"-{ref}").replace("-", "_"))
        if wanted is not None:
            chosen = next(o for o in options if wanted in "".join(o.itertext()))
        said[select.get("name", "")] = chosen.get("value", "")
    address = f"/gv/lop/{cast.class_4a.ref}/cho-xac-nhan"
    return staff_post(teacher, address, address, dict(said), status)


def test_the_teacher_takes_a_parent_in_with_one_tap_and_the_record_becomes_the_person(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader
) -> None:
    ask(client, code_of(db, cast.class_4a), "Lê Thị Hoa", "dinh thi an")
    person = db.scalars(sa.select(JoinRequest.person_id)).one()
    ref = waiting(teacher, cast)
    assert "Ghi mình là mẹ của dinh thi an" in teacher.words
    assert "Cùng tên: Lê Thị Hoa (mẹ)" in teacher.words
    decide(teacher, cast)
    (guardian,) = guardians_in(db, cast.class_4a.id, clock.today())
    assert (guardian.person_id, guardian.full_name) == (person, "Lê Thị Hoa")
    row = db.scalars(sa.select(JoinRequest)).one()
    assert (row.own_name, row.child_name, row.accepted, row.decided_by) == ("", "", True, cast.lan.id)
    address = f"/gv/lop/{cast.class_4a.ref}/cho-xac-nhan"
    staff_post(teacher, f"/gv/lop/{cast.class_4a.ref}/ma/moi", address, {"yeu_cau": ref})
    assert standing(db, PersonMerge) == 1
    waiting(teacher, cast)
    assert "Không có ai đang chờ" in teacher.words


def test_the_teacher_chooses_the_pupil_and_a_newcomer(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    ask(client, code_of(db, cast.class_4a), "Trần Thị Bà", "Trần Văn Bin", "bà")
    decide(teacher, cast, 422)
    assert list(faults(teacher).values()) == ["Chọn học sinh mà người này xin vào cùng."]
    decide(teacher, cast, em="Trần Bình", ho_so="Thêm người mới")
    added = next(g for g in guardians_in(db, cast.class_4a.id, clock.today()) if g.pupil_id == binh.id)
    assert (added.full_name, added.relation) == ("Trần Thị Bà", "bà")


def test_a_record_that_learned_elsewhere_is_not_moved_and_the_teacher_is_told(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader
) -> None:
    now = clock.now()
    claim(db, make_learner(db, now), cast.hoa_person.id, "slip", now)
    db.commit()
    ask(client, code_of(db, cast.class_4a), "Lê Thị Hoa", "Đinh Thị An")
    text = decide(teacher, cast, 422)
    assert "đã vào lớp trên máy khác" in text
    row = db.scalars(sa.select(JoinRequest)).one()
    assert (row.decided_at, row.own_name) == (None, "Lê Thị Hoa")
    decide(teacher, cast, ho_so="Thêm người mới")
    assert len(guardians_in(db, cast.class_4a.id, clock.today())) == 2


def test_turning_down_asks_first_and_forgets_the_names(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader
) -> None:
    ask(client, code_of(db, cast.class_4a), "Người Lạ", "Đinh Thị An")
    ref = waiting(teacher, cast)
    address = f"/gv/lop/{cast.class_4a.ref}/cho-xac-nhan/{ref}/khong-nhan"
    teacher.get(address)
    assert "Không nhận Người Lạ?" in teacher.words
    staff_post(teacher, address, address)
    row = db.scalars(sa.select(JoinRequest)).one()
    assert (row.own_name, row.child_name, row.accepted) == ("", "", False)
    teacher.get(address, 302)
    assert standing(db, Membership, Membership.audience == "parent") == 1


def test_a_request_of_another_class_does_not_exist(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    ask(client, code_of(db, cast.class_4a), "Lê Thị Hoa", "Đinh Thị An")
    ref = db.scalars(sa.select(JoinRequest.ref)).one()
    head = signed_in(app, db, settings, cast.head)
    head.get(f"/gv/lop/{cast.class_4a.ref}/cho-xac-nhan/{ref}/khong-nhan")
    head.get(f"/gv/lop/{cast.class_4b.ref}/cho-xac-nhan/{ref}/khong-nhan", 404)
    form, address = (f"/gv/lop/{cast.class_4b.ref}/{page}" for page in ("ma/moi", "cho-xac-nhan"))
    staff_post(head, form, address, {"yeu_cau": ref}, 404)
    staff_post(head, form, f"{address}/{ref}/khong-nhan", {}, 404)
    minh = signed_in(app, db, settings, cast.minh)
    minh.get(f"/gv/lop/{cast.class_4a.ref}/cho-xac-nhan", 404)
    assert db.scalars(sa.select(JoinRequest.decided_at)).one() is None
