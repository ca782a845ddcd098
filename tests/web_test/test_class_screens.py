"""The class page, giving a module, who is behind, the message, the witness, and what a family sees of it."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.models import StaffAct
from lms.accounts.sessions import start
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.classrooms.assigning import assign
from lms.classrooms.models import Assignment, Classroom, JoinRequest
from lms.config import Config
from lms.config import load as load_settings
from lms.db import ScopedSession, new_id
from lms.people.actions import add_person, claim, make_learner
from lms.people.memberships import guard, join_unit
from lms.people.models import Membership, Person
from lms.places.models import Unit
from lms.progress.actions import Doer, complete_lesson
from lms.progress.models import ItemCompletion
from lms.progress.queries import done_items
from lms.web import create_app
from tests.browser_double import HOUSE, Reader
from tests.cast import OPENED, Cast
from tests.conftest import SharedDatabase
from tests.story import ISSUER, learn_course, learn_module, take_check
from tests.web_test.story import faults, fields

TODAY = clock.today()
SOON = TODAY + timedelta(days=7)


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


@pytest.fixture
def lan(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Give the browser of the teacher of 4A."""
    return browser(app, db, settings, account_id=cast.lan.id)


def browser(app: Flask, db: ScopedSession, settings: Config, **holds: object) -> Reader:
    """Give a browser whose session holds an account or a learner."""
    _, token = start(db, settings.secret, clock.now(), **holds)
    db.commit()
    reader = Reader(app)
    reader.client.set_cookie("phien", token)
    return reader


def learner_of(db: ScopedSession, person: Person) -> Doer:
    """Give a person a learner of their own."""
    learner = make_learner(db, clock.now())
    claim(db, learner, person.id, "learner", clock.now())
    return Doer(learner, person.id, person.full_name)


def a_pupil(db: ScopedSession, unit: Unit, name: str, parent: str = "") -> tuple[Person, Person | None]:
    """Put a pupil, and a parent, on the roster of a class."""
    now = clock.now()
    pupil = add_person(db, name, now)
    join_unit(db, pupil.id, unit.id, "student", name, OPENED)
    if not parent:
        return pupil, None
    guardian = add_person(db, parent, now)
    join_unit(db, guardian.id, unit.id, "parent", parent, OPENED)
    guard(db, guardian.id, pupil.id, "bố", OPENED)
    return pupil, guardian


def give(
    db: ScopedSession,
    cast: Cast,
    item: str = "man-hinh",
    audience: str = "parent",
    due: date = SOON,
    **more: object,
) -> Assignment:
    """Give something to 4A."""
    made = assign(db, cast.class_4a.id, item, audience, due, clock.now(), by=cast.lan.id, **more)  # type: ignore[arg-type]
    db.commit()
    return made


def at(cast: Cast, rest: str = "") -> str:
    """Return an address of 4A."""
    return f"/gv/lop/{cast.class_4a.ref}{rest}"


def token(reader: Reader) -> str:
    """Return the token of the last page's form."""
    assert reader.page is not None
    return next(e.get("value", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("name") == "token")


def hidden(reader: Reader, name: str) -> list[str]:
    """Return the values of the hidden fields of a name on the last page."""
    assert reader.page is not None
    return [e.get("value", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("name") == name]


def main_buttons(reader: Reader) -> list[str]:
    """Return the words of the main buttons of the last page."""
    assert reader.page is not None
    return [
        " ".join("".join(e.itertext()).split())
        for e in reader.page.iter()
        if "main" in (e.get("class") or "").split() and "button" in (e.get("class") or "").split()
    ]


def fill_assign(reader: Reader, cast: Cast, status: int = 303, **typed: str) -> str:
    """Open the form and send it, changed by what is typed; return where the reply leads."""
    reader.get(at(cast, "/giao-bai"))
    data = {"token": token(reader), "bai": "man-hinh", "cho": "parent", "muc": "bat-buoc"}
    data["han"] = fields(reader)["han"]
    return str(reader.post(at(cast, "/giao-bai"), data | typed, status).headers.get("Location", ""))


# ---- the class page ------------------------------------------------------------------------------------


def test_a_class_without_a_roster_asks_for_one_and_for_nothing_else(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    head = browser(app, db, settings, account_id=cast.head.id)
    head.get(f"/gv/lop/{cast.class_4b.ref}")
    assert main_buttons(head) == ["Nạp danh sách từ Excel"]
    assert f"/gv/lop/{cast.class_4b.ref}/nap" in head.links()


def test_a_class_with_a_roster_and_nothing_assigned_asks_to_assign(lan: Reader, cast: Cast) -> None:
    lan.get(at(cast))
    assert main_buttons(lan) == ["Giao bài"]
    assert "Đinh Thị An" in lan.words
    assert "Trường Tiểu học Hoa Sen, năm học 2026–2027" in lan.words
    assert "0 trên 1" in lan.words


def test_the_class_page_says_in_words_who_is_where(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    _, binh = a_pupil(db, cast.class_4a, "Trần Văn Bình", "Trần Văn Bảy")
    _, chi = a_pupil(db, cast.class_4a, "Lê Thị Chi", "Lê Văn Cường")
    a_pupil(db, cast.class_4a, "Vũ Văn Dũng")
    give(db, cast)
    assert binh is not None
    assert chi is not None
    learn_module(db, learner_of(db, binh), catalogue.modules["man-hinh"], catalogue)
    complete_lesson(
        db, learner_of(db, chi), catalogue.lessons["man-hinh-chu-to"], catalogue, ISSUER, clock.now()
    )
    db.commit()
    lan.get(at(cast))
    rows = _rows(lan)
    assert rows["Trần Văn Bình"] == ["Đã vào trang", f"Đã xong {TODAY:%d/%m}"]
    assert rows["Lê Thị Chi"] == ["Đã vào trang", "Đang học (1/1 bài, còn kiểm tra)"]
    assert rows["Đinh Thị An"] == ["Chưa vào trang", "Chưa học"]
    assert rows["Vũ Văn Dũng"] == ["Chưa ghi trong danh sách", "Chưa học"]
    assert list(rows) == ["Đinh Thị An", "Trần Văn Bình", "Lê Thị Chi", "Vũ Văn Dũng"]
    assert "1 trên 4 gia đình đã xong" in lan.words
    assert "2 trên 4" in lan.words


def _rows(reader: Reader) -> dict[str, list[str]]:
    assert reader.page is not None
    found = {}
    for row in reader.page.iter(f"{HOUSE}tr"):
        name, cells = row.find(f"{HOUSE}th"), row.findall(f"{HOUSE}td")
        if name is not None and cells:
            words = [" ".join("".join(cell.itertext()).split()) for cell in cells]
            found["".join(name.itertext()).strip()] = words
    return found


def test_what_is_past_due_and_not_done_is_called_late_never_by_colour_alone(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    give(db, cast, audience="student", due=TODAY - timedelta(days=4))
    response = lan.get(at(cast))
    assert _rows(lan)["Đinh Thị An"][1] == "Trễ: chưa học"
    assert response.text.count("<svg") > 1


def test_parents_who_wait_are_told_on_the_class_page(lan: Reader, db: ScopedSession, cast: Cast) -> None:
    lan.get(at(cast))
    assert "đang chờ" not in lan.words
    db.add(
        JoinRequest(
            id=new_id(), ref="0123456789ab", unit_id=cast.class_4a.id, person_id=cast.hoa_person.id,
            own_name="Lê Thị Hoa", child_name="Đinh Thị An", relation="mẹ", at=clock.now(),
        )
    )  # fmt: skip
    db.commit()
    lan.get(at(cast))
    assert "Có 1 phụ huynh xin vào lớp" in lan.words
    assert at(cast, "/cho-xac-nhan") in lan.links()
    assert "Lê Thị Hoa" not in lan.words


def test_a_long_class_comes_in_pages_of_fifty_without_totals(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    for number in range(60):
        a_pupil(db, cast.class_4a, f"Bùi Văn {chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}")
    give(db, cast, audience="student")
    lan.get(at(cast))
    assert len(_rows(lan)) == 50
    assert "đã xong" not in lan.words
    first = set(_rows(lan))
    lan.get(at(cast, "?trang=2"))
    assert len(_rows(lan)) == 11
    assert not first & set(_rows(lan))
    for odd in ("0", "-1", "x", "²", "9" * 5000):
        lan.get(at(cast, f"?trang={odd}"))
        assert set(_rows(lan)) == first


# ---- giving --------------------------------------------------------------------------------------------


def test_from_an_empty_class_to_an_assignment_it_takes_three_taps(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    lan.get(at(cast))
    assert at(cast, "/giao-bai") in lan.links()
    lan.get(at(cast, "/giao-bai"))
    assert fields(lan)["han"] == f"{SOON:%d/%m/%Y}"
    page = lan.page
    assert page is not None
    chosen = {
        (e.get("name"), e.get("value")) for e in page.iter(f"{HOUSE}input") if e.get("checked") is not None
    }
    assert chosen == {("cho", "parent"), ("muc", "bat-buoc")}
    led = fill_assign(lan, cast)
    made = db.scalars(sa.select(Assignment)).one()
    assert (made.item_id, made.audience, made.due_on, made.required, made.level) == (
        "man-hinh",
        "parent",
        SOON,
        True,
        1,
    )
    lan.get(led)
    assert "Đã giao “Nhìn rõ màn hình” cho cha mẹ học sinh" in lan.words or "Đã giao" in lan.words
    assert db.scalars(sa.select(StaffAct.act)).all() == ["assign"]


def test_two_taps_make_one_assignment_and_end_at_the_same_page(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    assert fill_assign(lan, cast) == fill_assign(lan, cast)
    assert db.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 1
    assert db.scalar(sa.select(sa.func.count()).select_from(StaffAct)) == 1


def test_giving_it_again_with_another_date_says_what_to_do(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    fill_assign(lan, cast)
    fill_assign(lan, cast, 422, han=f"{SOON + timedelta(days=1):%d/%m/%Y}")
    assert f"đã giao cho cha mẹ học sinh, hạn {SOON:%d/%m/%Y}" in faults(lan)["bai"]
    fill_assign(lan, cast, cho="student", han=f"{SOON + timedelta(days=1):%d/%m/%Y}")
    assert db.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 2


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("bai", "", "Chọn một chủ đề"),
        ("bai", "khong-co", "Chọn một chủ đề"),
        ("bai", "man-hinh-chu-to", "Chọn một chủ đề"),
        ("cho", "teacher", "Chọn giao cho học sinh"),
        ("han", "", "Chưa nhập hạn"),
        ("han", "31/02/2027", "Không có ngày 31/02/2027"),
        ("han", "mai", "Không có ngày mai"),
        ("han", f"{TODAY - timedelta(days=1):%d/%m/%Y}", f"Hạn đã qua. Chọn ngày sau {TODAY:%d/%m/%Y}."),
        ("han", f"{TODAY + timedelta(days=400):%d/%m/%Y}", "Hạn xa quá"),
    ],
)
def test_an_odd_assignment_is_refused_in_words_and_keeps_what_was_typed(
    lan: Reader, db: ScopedSession, cast: Cast, field: str, typed: str, words: str
) -> None:
    fill_assign(lan, cast, 422, **{"muc": "khuyen-khich", field: typed})
    assert words in faults(lan)[field]
    if field != "han":
        assert fields(lan)["han"] == f"{SOON:%d/%m/%Y}"
    assert 'value="khuyen-khich" checked' in re.sub(r"\s+", " ", lan.client.post(
        at(cast, "/giao-bai"),
        data={"token": token(lan), "muc": "khuyen-khich"},
        headers={"Sec-Fetch-Site": "same-origin"},
    ).text)  # fmt: skip
    assert db.scalars(sa.select(Assignment)).all() == []


@pytest.mark.parametrize("typed", ["5/12/2027", "05.12.2027", "2027-12-05", "5-12-2027"])
def test_a_date_is_read_however_it_is_written(typed: str) -> None:
    from lms.web.classroom import typed_date

    assert typed_date(typed) == date(2027, 12, 5)


def test_a_course_may_be_given_to_an_audience_it_was_not_written_for_with_a_notice(
    lan: Reader, db: ScopedSession, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lms.classrooms.targets import Target

    monkeypatch.setattr(Target, "is_written_for", lambda self, audience: False)
    lan.get(fill_assign(lan, cast, cho="student", bai="lam-quen"))
    assert "không viết riêng cho học sinh" in lan.words


# ---- the message -----------------------------------------------------------------------------------------


def message(reader: Reader) -> str:
    """Return the text to paste into Zalo on the last page."""
    assert reader.page is not None
    return "".join("".join(e.itertext()) for e in reader.page.iter(f"{HOUSE}textarea")).strip()


def test_the_message_can_be_trusted_and_names_nobody_who_is_behind(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    code = db.scalars(sa.select(Classroom.code).where(Classroom.unit_id == cast.class_4a.id)).one()
    lan.get(fill_assign(lan, cast))
    lines = message(lan).splitlines()
    assert lines[0] == "Cô Lan, lớp 4A, Trường Tiểu học Hoa Sen."
    assert lines[1].startswith("Nhờ quý phụ huynh học bài “")
    assert "khoảng " in lines[1]
    assert lines[1].endswith(f"hạn hết ngày {SOON:%d/%m/%Y}.")
    assert "http://hoc.example.vn/vao-lop" in lines
    assert f"{code[:4]} {code[4:]}" in message(lan)
    assert lines[-1] == (
        "Trang này không hỏi OTP, mật khẩu, số căn cước. Chưa chắc thì gọi số cô đã cho đầu năm."
    )
    assert "An" not in message(lan).split()
    assert not re.search(r"\d+ (người|em|phụ huynh|gia đình)", message(lan))


def test_without_a_public_address_there_is_no_message_but_the_reason(
    db: ScopedSession, database: SharedDatabase, cast: Cast, tmp_path: object
) -> None:
    settings = load_settings({"LMS_DATA": f"{tmp_path}/data"})
    app = create_app(settings, database)
    lan = browser(app, db, settings, account_id=cast.lan.id)
    lan.get(at(cast, f"/bai-giao/{give(db, cast).ref}/nhac"))
    assert "LMS_PUBLIC_URL" in lan.words
    assert message(lan) == ""


def test_a_message_with_a_code_that_opens_nothing_is_not_written(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    made = give(db, cast)
    db.execute(sa.update(Classroom).values(code_until=TODAY - timedelta(days=1)))
    db.commit()
    lan.get(at(cast, f"/bai-giao/{made.ref}/nhac"))
    assert message(lan) == ""
    assert at(cast, "/ma") in lan.links()


# ---- one assignment --------------------------------------------------------------------------------------


def test_an_assignment_s_page_tells_the_teacher_who_is_behind(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    _, binh = a_pupil(db, cast.class_4a, "Trần Văn Bình", "Trần Văn Bảy")
    assert binh is not None
    learn_module(db, learner_of(db, binh), catalogue.modules["man-hinh"], catalogue)
    made = give(db, cast)
    lan.get(at(cast, f"/bai-giao/{made.ref}"))
    assert main_buttons(lan) == ["Soạn tin nhắc Zalo"]
    assert _rows(lan)["Đinh Thị An"] == ["Lê Thị Hoa (mẹ, chưa vào trang)", "Chưa học"]
    assert _rows(lan)["Trần Văn Bình"] == ["Trần Văn Bảy (bố)", "Đã học trước"]
    assert "1 trên 2" in lan.words


def test_when_everybody_is_done_the_next_step_is_the_certificate(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    made = give(db, cast, audience="student")
    learn_module(db, learner_of(db, cast.an), catalogue.modules["man-hinh"], catalogue)
    db.commit()
    lan.get(at(cast, f"/bai-giao/{made.ref}"))
    assert "Cả lớp đã xong." in lan.words
    assert main_buttons(lan) == ["Đề nghị giấy chứng nhận"]


def test_withdrawing_asks_first_happens_once_and_keeps_what_was_done(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    made = give(db, cast, audience="student")
    learn_module(db, learner_of(db, cast.an), catalogue.modules["man-hinh"], catalogue)
    db.commit()
    lan.get(at(cast, f"/bai-giao/{made.ref}/thu-hoi"))
    sent = {"token": token(lan)}
    for _ in range(2):
        led = lan.post(at(cast, f"/bai-giao/{made.ref}/thu-hoi"), sent)
    lan.follow(led)
    assert "đã thu hồi" in lan.words
    assert db.scalars(sa.select(StaffAct.act)).all() == ["withdraw"]
    for rest in ("", "/nhac", "/thu-hoi", "/xac-nhan"):
        lan.get(at(cast, f"/bai-giao/{made.ref}{rest}"), 302)
    give(db, cast, audience="student")
    lan.get(at(cast))
    assert _rows(lan)["Đinh Thị An"][1] == "Đã học trước"


# ---- the witness -----------------------------------------------------------------------------------------


def witness(reader: Reader, cast: Cast, ref: str, names: list[str]) -> str:
    """Tick names, confirm, and return where the reply leads."""
    address = at(cast, f"/bai-giao/{ref}/xac-nhan")
    response = reader.get(address)
    chosen = [
        m[1]
        for m in re.finditer(r'value="([0-9a-f]{12})"><span>([^<]+?)\s*<', response.text)
        if m[2].strip() in names
    ]
    assert len(chosen) == len(names)
    module = hidden(reader, "chu_de")[0]
    reader.get(f"{address}?chu_de={module}&" + "&".join(f"nguoi={one}" for one in chosen))
    assert "không lấy lại được" in reader.words
    sent = {"token": token(reader), "chu_de": module, "nguoi": hidden(reader, "nguoi")}
    return str(reader.post(address, sent).headers["Location"])


def levels(db: ScopedSession, doer: Doer) -> dict[str, int]:
    """Return the level of each item somebody completed."""
    return {item: done.level for item, done in done_items(db, doer.learner_id, doer.person_id).items()}


def test_the_teacher_confirms_whose_check_she_saw_and_is_named_as_witness(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    binh, _ = a_pupil(db, cast.class_4a, "Trần Văn Bình")
    module = catalogue.modules["man-hinh"]
    an_doer, binh_doer = learner_of(db, cast.an), learner_of(db, binh)
    for doer in (an_doer, binh_doer):
        learn_module(db, doer, module, catalogue)
    made = give(db, cast, audience="student")
    led = witness(lan, cast, made.ref, ["Đinh Thị An"])
    lan.get(led)
    assert "Đã xác nhận 1 bài kiểm tra" in lan.words
    assert (levels(db, an_doer)[module.check_id], levels(db, an_doer)[module.id]) == (2, 2)
    assert levels(db, binh_doer)[module.id] == 1
    seen = db.scalars(sa.select(ItemCompletion).where(ItemCompletion.level == 2)).all()
    assert {row.witness_id for row in seen} == {cast.lan_person.id}
    acts = db.scalars(sa.select(StaffAct)).all()
    assert [act.act for act in acts] == ["witness"]
    assert "Đinh" not in acts[0].what
    lan.get(at(cast, f"/bai-giao/{made.ref}/xac-nhan"))
    assert "Đinh Thị An" not in lan.words
    assert "Trần Văn Bình" in lan.words


def test_confirming_twice_changes_nothing_the_second_time(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    learn_module(db, learner_of(db, cast.an), catalogue.modules["man-hinh"], catalogue)
    made = give(db, cast, audience="student")
    address = at(cast, f"/bai-giao/{made.ref}/xac-nhan")
    response = lan.get(address)
    ref = re.search(r'name="nguoi" value="([0-9a-f]{12})"', response.text)
    assert ref is not None
    lan.get(f"{address}?chu_de=man-hinh&nguoi={ref[1]}")
    sent = {"token": token(lan), "chu_de": "man-hinh", "nguoi": ref[1]}
    for _ in range(2):
        led = lan.post(address, sent)
    lan.follow(led)
    assert "Không có gì mới" in lan.words
    assert len(db.scalars(sa.select(ItemCompletion).where(ItemCompletion.level == 2)).all()) == 2


def test_a_check_that_was_not_passed_is_not_offered_and_choosing_nobody_is_told(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    binh, _ = a_pupil(db, cast.class_4a, "Trần Văn Bình")
    module = catalogue.modules["man-hinh"]
    take_check(db, learner_of(db, binh), module, catalogue, wrong=module.draw)
    made = give(db, cast, audience="student")
    lan.get(at(cast, f"/bai-giao/{made.ref}/xac-nhan"))
    assert "Chưa có ai chờ xác nhận." in lan.words
    take_check(db, learner_of(db, cast.an), module, catalogue)
    db.commit()
    lan.get(at(cast, f"/bai-giao/{made.ref}/xac-nhan?chu_de=man-hinh"), 422)
    assert list(faults(lan).values()) == ["Chọn ít nhất một người."]
    lan.get(at(cast, f"/bai-giao/{made.ref}"))
    assert _rows(lan)["Trần Văn Bình"] == ["Đang học (0/1 bài)"]


def test_an_account_that_is_no_known_person_cannot_be_a_witness(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, catalogue: Catalogue
) -> None:
    learn_module(db, learner_of(db, cast.an), catalogue.modules["man-hinh"], catalogue)
    made = give(db, cast, audience="student")
    head = browser(app, db, settings, account_id=cast.head.id)
    head.get(at(cast, f"/bai-giao/{made.ref}/xac-nhan"))
    assert "chưa đứng tên chứng kiến được" in head.words
    head.get(at(cast, "/giao-bai"))
    head.post(at(cast, f"/bai-giao/{made.ref}/xac-nhan"), {"token": token(head), "chu_de": "man-hinh"})
    assert db.scalars(sa.select(ItemCompletion).where(ItemCompletion.level == 2)).all() == []


def test_nobody_is_a_witness_of_their_own_check(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    join_unit(db, cast.lan_person.id, cast.class_4a.id, "parent", "Nguyễn Thị Lan", OPENED)
    guard(db, cast.lan_person.id, cast.an.id, "dì", OPENED)
    learn_module(db, learner_of(db, cast.lan_person), catalogue.modules["man-hinh"], catalogue)
    made = give(db, cast)
    lan.get(at(cast, f"/bai-giao/{made.ref}/xac-nhan"))
    assert "Chưa có ai chờ xác nhận." in lan.words


def test_of_a_course_each_module_is_confirmed_by_itself(
    lan: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    doer = learner_of(db, cast.hoa_person)
    learn_course(db, doer, catalogue)
    made = give(db, cast, item="lam-quen")
    lan.get(at(cast, f"/bai-giao/{made.ref}/xac-nhan"))
    assert hidden(lan, "chu_de") == ["man-hinh", "danh-ba"]
    witness_one = witness_ref(lan)
    address = at(cast, f"/bai-giao/{made.ref}/xac-nhan")
    lan.get(f"{address}?chu_de=danh-ba&nguoi={witness_one}")
    assert "Lê Thị Hoa (mẹ của Đinh Thị An)" in lan.words
    lan.post(address, {"token": token(lan), "chu_de": "danh-ba", "nguoi": witness_one})
    assert levels(db, doer)["danh-ba"] == 2
    assert levels(db, doer)["man-hinh"] == 1


def witness_ref(reader: Reader) -> str:
    """Return what stands for the first person on the list."""
    return hidden(reader, "nguoi")[0]


# ---- other classes, other schools ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "status"),
    [("", 404), ("/nhac", 404), ("/thu-hoi", 404), ("/xac-nhan", 404)],
)
def test_an_assignment_of_another_class_answers_as_a_missing_one(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, rest: str, status: int
) -> None:
    theirs = assign(db, cast.class_4b.id, "man-hinh", "student", SOON, clock.now(), by=None)
    db.commit()
    head = browser(app, db, settings, account_id=cast.head.id)
    head.get(f"/gv/lop/{cast.class_4b.ref}/bai-giao/{theirs.ref}{rest}", 200)
    missing = head.get(at(cast, f"/bai-giao/{'0' * 12}{rest}"), status)
    assert (
        head.get(at(cast, f"/bai-giao/{theirs.ref}{rest}"), status).text.replace(theirs.ref, "0" * 12)
        == missing.text
    )


def test_the_ref_of_another_class_s_pupil_confirms_nobody(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, catalogue: Catalogue
) -> None:
    other, _ = a_pupil(db, cast.class_4b, "Trần Văn Bình")
    learn_module(db, learner_of(db, other), catalogue.modules["man-hinh"], catalogue)
    theirs = assign(db, cast.class_4b.id, "man-hinh", "student", SOON, clock.now(), by=None)
    ours = give(db, cast, audience="student")
    cast.head.person_id = cast.lan_person.id
    db.commit()
    head = browser(app, db, settings, account_id=cast.head.id)
    head.get(f"/gv/lop/{cast.class_4b.ref}/bai-giao/{theirs.ref}/xac-nhan")
    ref = witness_ref(head)
    head.get(at(cast, "/giao-bai"))
    sent = {"token": token(head), "chu_de": "man-hinh", "nguoi": ref}
    head.post(at(cast, f"/bai-giao/{ours.ref}/xac-nhan"), sent)
    assert db.scalars(sa.select(ItemCompletion).where(ItemCompletion.level == 2)).all() == []


# ---- what pupils and families see ------------------------------------------------------------------------


def of(app: Flask, db: ScopedSession, settings: Config, person: Person) -> tuple[Reader, Doer]:
    """Give the browser in which a person learns, and who that is."""
    doer = learner_of(db, person)
    return browser(app, db, settings, learner_id=doer.learner_id), doer


def test_a_pupil_sees_the_nearest_task_first_and_goes_straight_to_its_first_step(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, catalogue: Catalogue
) -> None:
    give(db, cast, item="danh-ba", audience="student", due=SOON)
    give(db, cast, item="man-hinh", audience="student", due=TODAY - timedelta(days=4))
    pupil, doer = of(app, db, settings, cast.an)
    pupil.get("/lop-em")
    assert main_buttons(pupil) == ["Làm bài"]
    assert "/khoa-hoc/lam-quen/chu-to/mo-cai-dat" in pupil.links()
    assert "Trễ 4 ngày. Làm bây giờ vẫn được tính." in pupil.words
    complete_lesson(db, doer, catalogue.lessons["man-hinh-chu-to"], catalogue, ISSUER, clock.now())
    db.commit()
    pupil.get("/lop-em")
    assert "/khoa-hoc/lam-quen/chu-de/man-hinh/kiem-tra" in pupil.links()
    pupil.get("/")
    assert main_buttons(pupil) == ["Làm bài"]
    assert "Bài của lớp em" in pupil.words
    learn_course(db, doer, catalogue)
    db.commit()
    pupil.get("/lop-em")
    assert "Hôm nay không có bài." in pupil.words
    assert "Em dạy ông bà bài này nhé?" in pupil.words
    assert "Đã xong ngày" in pupil.words


def test_out_of_time_leaves_nothing_of_the_pupil_behind(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    pupil, _ = of(app, db, settings, cast.an)
    pupil.get("/lop-em")
    assert "Hết giờ" in pupil.words
    pupil.post("/thoat")
    assert pupil.get("/lop-em", 302).headers["Location"] == "/vao-lop"


def test_whoever_is_no_pupil_is_led_to_the_door_of_the_class(
    app: Flask, client: Reader, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    assert client.get("/lop-em", 302).headers["Location"] == "/vao-lop"
    parent, _ = of(app, db, settings, cast.hoa_person)
    assert parent.get("/lop-em", 302).headers["Location"] == "/vao-lop"
    pupil, _ = of(app, db, settings, cast.an)
    assert pupil.get("/bai-co-giao", 302).headers["Location"] == "/lop-em"


def test_a_family_sees_what_the_teacher_set_by_child_and_does_it(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, catalogue: Catalogue
) -> None:
    second, _ = a_pupil(db, cast.class_4b, "Đinh Văn Em")
    join_unit(db, cast.hoa_person.id, cast.class_4b.id, "parent", "Lê Thị Hoa", OPENED)
    guard(db, cast.hoa_person.id, second.id, "mẹ", OPENED)
    give(db, cast, due=TODAY - timedelta(days=4))
    give(db, cast, item="danh-ba", audience="student")
    assign(db, cast.class_4b.id, "danh-ba", "parent", SOON, clock.now(), by=None)
    hoa, doer = of(app, db, settings, cast.hoa_person)
    hoa.get("/bai-co-giao")
    assert main_buttons(hoa) == ["Làm bài cô giao"]
    assert "Lớp 4A: Đinh Thị An" in hoa.words
    assert "Lớp 4B: Đinh Văn Em" in hoa.words
    assert "Trễ 4 ngày. Làm bây giờ vẫn được tính." in hoa.words
    assert "còn 1 bài và bài kiểm tra" in hoa.words
    hoa.get("/")
    assert main_buttons(hoa) == ["Làm bài cô giao"]
    learn_course(db, doer, catalogue)
    db.commit()
    hoa.get("/bai-co-giao")
    assert "Không có bài nào đang chờ." in hoa.words


def test_a_parent_who_waits_for_the_teacher_is_told_so(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    stranger = add_person(db, "Phạm Thị Giang", clock.now())
    db.add(
        JoinRequest(
            id=new_id(), ref="0123456789ab", unit_id=cast.class_4a.id, person_id=stranger.id,
            own_name="Phạm Thị Giang", child_name="Đinh Thị An", relation="bà", at=clock.now(),
        )
    )  # fmt: skip
    give(db, cast)
    reader, _ = of(app, db, settings, stranger)
    reader.get("/bai-co-giao")
    assert "Đang chờ cô xác nhận" in reader.words
    assert "Lớp 4A" not in reader.words


def test_a_stranger_is_shown_the_ways_in(client: Reader, cast: Cast) -> None:
    client.get("/bai-co-giao")
    assert "/vao-lop" in client.links()
    assert "/hoc-ngay" in client.links()


def test_somebody_who_left_the_class_sees_its_tasks_no_more(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    give(db, cast, audience="student")
    pupil, _ = of(app, db, settings, cast.an)
    pupil.get("/lop-em")
    db.execute(sa.update(Membership).where(Membership.person_id == cast.an.id).values(left_on=TODAY))
    db.commit()
    pupil.get("/lop-em", 302)
