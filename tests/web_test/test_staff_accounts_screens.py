"""Inviting, accepting, giving and taking back roles; where an account is signed in; its desk."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.invitations import invite as make_invitation
from lms.accounts.models import Account, BrowserSession, Invitation, StaffAct, Throttle
from lms.accounts.roles import Actor, grant
from lms.classrooms.actions import open_classroom
from lms.classrooms.years import first_year_of
from lms.db import ScopedSession
from lms.people.actions import add_person
from lms.people.memberships import join_unit
from lms.people.models import Claim, Person
from lms.places.queries import place_by_id
from tests.browser_double import HOUSE, Reader
from tests.cast import PASSWORD, Cast
from tests.conftest import SharedDatabase
from tests.web_test.story import LESSON, faults, fields, keep_name
from tests.web_test.test_statements import counting

NEW = "bốn cái ghế mây cũ"
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36"


def signed_in(app: Flask, login: str, agent: str = CHROME) -> Reader:
    """Return a browser in which an account signed in."""
    reader = Reader(app)
    data = {"ten_dang_nhap": login, "mat_khau": PASSWORD}
    reader.post("/dang-nhap", data, **{"User-Agent": agent})
    return reader


def send(reader: Reader, address: str, status: int = 303, **typed: str) -> str:
    """Send a form of an account, with the token its pages carry; return where the reply leads."""
    token = reader.client.get("/tai-khoan").text.split('name="token" value="')[1].split('"')[0]
    return reader.post(address, {"token": token} | typed, status).headers.get("Location", "")


def link_of(reader: Reader, address: str) -> str:
    """Return the path of the invitation's link that a page shows."""
    found = re.search(r"http://hoc\.example\.vn(/loi-moi/[\w-]+)", reader.get(address).text)
    assert found
    return found[1]


def invite(app: Flask, cast: Cast, name: str = "Vũ Thị Mai") -> str:
    """Let the officer of Hoa Sen invite somebody to teach 4B; return the link."""
    head = signed_in(app, "hieu-truong")
    home = f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    shown = send(head, f"{home}/loi-moi", ho_ten=name, viec=f"teacher:{cast.class_4b.ref}")
    return link_of(head, shown)


def filled(login: str = "mai", password: str = NEW, again: str | None = None) -> dict[str, str]:
    """Return the form of an invitation as typed."""
    return {"ten_dang_nhap": login, "mat_khau": password, "go_lai": password if again is None else again}


# ---- the invitation -----------------------------------------------------------------------------


def test_an_officer_invites_and_the_teacher_opens_an_account_at_the_own_desk(
    app: Flask, client: Reader, cast: Cast
) -> None:
    link = invite(app, cast)
    client.get(link)
    assert "Cô Hạnh mời Vũ Thị Mai" in client.words
    assert "giáo viên lớp 4B" in client.words
    assert fields(client)["ten_dang_nhap"] == "vu-thi-mai"
    response = client.post(link, filled())
    assert response.headers["Location"] == "/gv"
    client.get("/gv")
    assert f"/gv/lop/{cast.class_4b.ref}" in client.links()
    assert f"/gv/lop/{cast.class_4a.ref}" not in client.links()
    assert len(client.client.get_cookie("phien").value) >= 43  # type: ignore[union-attr]


def test_the_message_to_paste_says_who_invites_to_what_and_that_nothing_secret_is_asked(
    app: Flask, cast: Cast
) -> None:
    head = signed_in(app, "hieu-truong")
    home = f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    head.get(send(head, f"{home}/loi-moi", ho_ten="Vũ Thị Mai", viec=f"teacher:{cast.class_4b.ref}"))
    assert head.page is not None
    text = "".join(next(head.page.iter(f"{HOUSE}textarea")).itertext())
    until = f"{(clock.now() + timedelta(days=7)).astimezone(clock.VIETNAM):%d/%m/%Y}"
    for words in ("Trường Tiểu học Hoa Sen mời", "Vũ Thị Mai", "lớp 4B", until, "không hỏi OTP"):
        assert words in text
    assert re.search(r"^http://hoc\.example\.vn/loi-moi/[\w-]{43}$", text, re.MULTILINE)


def test_the_link_is_shown_on_the_machine_that_made_it_only(app: Flask, cast: Cast) -> None:
    invite(app, cast)
    elsewhere, address = signed_in(app, "hieu-truong"), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    assert elsewhere.get(f"{address}/loi-moi", 302).headers["Location"] == address


def test_a_used_link_an_old_one_and_a_made_up_one_say_what_to_do(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast
) -> None:
    used, old = invite(app, cast), invite(app, cast, "Bùi Văn Nam")
    client.post(used, filled())
    change = sa.update(Invitation).where(Invitation.full_name == "Bùi Văn Nam")
    db.execute(change.values(expires_at=clock.now()))
    db.commit()
    for link, status, words in (
        (used, 410, "đã được dùng"),
        (old, 410, "quá hạn 7 ngày"),
        (f"/loi-moi/{'a' * 43}", 404, "Không có lời mời nào"),
    ):
        stranger = Reader(app)
        for response in (stranger.get(link, status), stranger.post(link, filled("nam"), status)):
            assert words in response.text
            assert "Nhờ nhà trường gửi lời mời mới." in stranger.words
    assert db.scalars(sa.select(Account.id).where(Account.login == "nam")).all() == []


def test_guessing_links_is_slowed_down_and_a_true_one_still_opens(
    app: Flask, db: ScopedSession, cast: Cast
) -> None:
    link, guesser = invite(app, cast), Reader(app)
    statuses = [
        guesser.client.post(f"/loi-moi/{n:043d}", headers={"Sec-Fetch-Site": "same-origin"}).status_code
        for n in range(21)
    ]
    assert statuses == [404] * 20 + [429]
    assert db.scalars(sa.select(Throttle.failures)).all() == [21]
    guesser.post(link, filled())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (filled(""), "ten_dang_nhap"),
        (filled("lan"), "ten_dang_nhap"),
        (filled("a/b"), "ten_dang_nhap"),
        (filled(password="ngắn quá"), "mat_khau"),
        (filled("vuthimaiduongxa", "vuthimaiduongxa"), "mat_khau"),
        (filled(again="khác hẳn"), "go_lai"),
    ],
)
def test_a_form_filled_in_wrongly_is_shown_again_and_the_link_still_opens(
    app: Flask, client: Reader, cast: Cast, typed: dict[str, str], field: str
) -> None:
    link = invite(app, cast)
    client.post(link, typed, 422)
    assert field in faults(client)
    assert fields(client)["ten_dang_nhap"] == typed["ten_dang_nhap"]
    client.post(link, filled())


def test_a_signed_in_account_takes_the_role_without_a_second_account(
    app: Flask, db: ScopedSession, cast: Cast
) -> None:
    link, minh = invite(app, cast, "Trần Văn Minh"), signed_in(app, "minh")
    minh.get(link)
    assert "Thầy Minh" in minh.words
    assert "mat_khau" not in fields(minh)
    minh.post(link, {"cach": "tai-khoan-nay"}, 403)
    assert send(minh, link, cach="tai-khoan-nay") == "/gv"
    minh.get("/gv")
    assert f"/gv/lop/{cast.class_4b.ref}" in minh.links()
    minh.get(link, 410)
    assert db.scalar(sa.select(sa.func.count()).select_from(Account)) == 7


def test_nobody_can_take_a_role_with_an_account_that_is_not_signed_in(
    app: Flask, client: Reader, cast: Cast
) -> None:
    link = invite(app, cast)
    client.post(link, {"cach": "tai-khoan-nay", "token": "-"}, 403)
    client.get(link)


# ---- the accounts of a school -------------------------------------------------------------------


def test_the_school_sees_its_own_roles_and_no_others(app: Flask, db: ScopedSession, cast: Cast) -> None:
    school = place_by_id(db, cast.hoa_sen.id, clock.today())
    grant(db, cast.hoa.id, "teacher", school, Actor(None, "lms"), clock.now())
    db.commit()
    head = signed_in(app, "hieu-truong")
    head.get(f"/truong/{cast.hoa_sen.ref}/tai-khoan")
    for words in ("Cô Hạnh", "Cô Lan", "lớp 4A", "Chị Hoa"):
        assert words in head.words
    for words in ("Thầy Minh", "Sao Mai", "Quản trị trang"):
        assert words not in head.words


def test_only_an_officer_of_the_school_opens_its_accounts(app: Flask, cast: Cast) -> None:
    for login in ("lan", "minh", "tu", "quan-tri"):
        reader = signed_in(app, login)
        for page in (
            "",
            "/loi-moi",
            "/giao-viec?ten=lan",
            f"/thu-viec?ten=lan&viec=teacher:{cast.class_4a.ref}",
        ):
            reader.get(f"/truong/{cast.hoa_sen.ref}/tai-khoan{page}", 404)
    signed_in(app, "hieu-truong").get(f"/truong/{cast.sao_mai.ref}/tai-khoan", 404)
    Reader(app).get(f"/truong/{cast.hoa_sen.ref}/tai-khoan", 403)


@pytest.mark.parametrize("role", ["teacher", "school_admin", "admin", "commune_officer", "author"])
@pytest.mark.parametrize("where", ["sao_mai", "class_6a", "commune", ""])
def test_an_officer_invites_to_nothing_beyond_the_school(
    app: Flask, db: ScopedSession, cast: Cast, role: str, where: str
) -> None:
    head = signed_in(app, "hieu-truong")
    ref = getattr(cast, where).ref if where else ""
    home = f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    send(head, f"{home}/loi-moi", 422, ho_ten="Vũ Thị Mai", viec=f"{role}:{ref}")
    assert set(faults(head)) == {"viec"}
    assert fields(head)["ho_ten"] == "Vũ Thị Mai"
    send(head, f"{home}/giao-viec", 422, ten="lan", viec=f"{role}:{ref}")
    assert db.scalars(sa.select(Invitation.id)).all() == []
    assert db.scalars(sa.select(StaffAct.id)).all() == []


def test_an_invitation_without_a_name_is_shown_again_and_keeps_the_choice(app: Flask, cast: Cast) -> None:
    head, home = signed_in(app, "hieu-truong"), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    send(head, f"{home}/loi-moi", 422, ho_ten="Mai", viec=f"teacher:{cast.class_4b.ref}")
    assert set(faults(head)) == {"ho_ten"}
    assert head.page is not None
    chosen = [o.get("value") for o in head.page.iter(f"{HOUSE}option") if o.get("selected") is not None]
    assert chosen == [f"teacher:{cast.class_4b.ref}"]


def test_a_waiting_invitation_is_listed_and_taken_back_by_its_own_school_only(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast
) -> None:
    link, home = invite(app, cast), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    ref = db.scalars(sa.select(Invitation.ref)).one()
    there = place_by_id(db, cast.sao_mai.id, clock.today())
    grant(db, cast.minh.id, "school_admin", there, Actor(None, "lms"), clock.now())
    db.commit()
    minh, head = signed_in(app, "minh"), signed_in(app, "hieu-truong")
    send(minh, f"/truong/{cast.sao_mai.ref}/tai-khoan/rut-loi-moi", 404, loi_moi=ref)
    send(head, f"{home}/rut-loi-moi", 404, loi_moi="0" * 12)
    head.get(home)
    assert "Vũ Thị Mai" in head.words
    for _ in range(2):
        assert send(head, f"{home}/rut-loi-moi", loi_moi=ref) == home
    head.get(home)
    assert "Vũ Thị Mai" not in head.words
    client.get(link, 410)
    acts = sa.select(sa.func.count()).select_from(StaffAct).where(StaffAct.act == "invitation.revoke")
    assert db.scalar(acts) == 1


def test_a_role_is_given_and_taken_back_after_a_question_and_a_second_tap_changes_nothing(
    app: Flask, cast: Cast
) -> None:
    head, home = signed_in(app, "hieu-truong"), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    lan, room = signed_in(app, "lan"), f"/gv/lop/{cast.class_4b.ref}"
    head.get(f"{home}/giao-viec?ten=lan")
    send(head, f"{home}/giao-viec", 422, ten="lan")
    job = f"teacher:{cast.class_4b.ref}"
    for _ in range(2):
        assert send(head, f"{home}/giao-viec", ten="lan", viec=job) == home
    lan.get("/gv")
    assert room in lan.links()
    head.get(f"{home}/thu-viec?ten=lan&viec={job}")
    assert "lớp 4B" in head.words
    for _ in range(2):
        assert send(head, f"{home}/thu-viec", ten="lan", viec=job) == home
    lan.get("/gv")
    assert room not in lan.links()
    head.get(f"{home}/thu-viec?ten=lan&viec={job}", 404)


def test_the_last_role_of_somebody_taken_twice_leads_back_to_the_list(app: Flask, cast: Cast) -> None:
    head, home = signed_in(app, "hieu-truong"), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    for _ in range(2):
        assert send(head, f"{home}/thu-viec", ten="lan", viec=f"teacher:{cast.class_4a.ref}") == home
    head.get(home)
    assert "Cô Lan" not in head.words


def test_an_account_without_a_role_in_the_school_cannot_be_touched_there(app: Flask, cast: Cast) -> None:
    head, home = signed_in(app, "hieu-truong"), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    for login, job in (
        ("minh", f"teacher:{cast.sao_mai.ref}"),
        ("quan-tri", "admin:"),
        ("khong-co", f"teacher:{cast.class_4a.ref}"),
        ("lan", f"teacher:{cast.class_6a.ref}"),
        ("lan", "admin:"),
    ):
        send(head, f"{home}/thu-viec", 404, ten=login, viec=job)
    for login in ("minh", "quan-tri", "khong-co", ""):
        head.get(f"{home}/giao-viec?ten={login}", 404)
        send(head, f"{home}/giao-viec", 404, ten=login, viec=f"teacher:{cast.class_4a.ref}")


def test_the_last_officer_of_a_school_cannot_leave_it(app: Flask, cast: Cast) -> None:
    head, home = signed_in(app, "hieu-truong"), f"/truong/{cast.hoa_sen.ref}/tai-khoan"
    job = f"school_admin:{cast.hoa_sen.ref}"
    send(head, f"{home}/thu-viec", 422, ten="hieu-truong", viec=job)
    assert "cán bộ trường cuối cùng" in head.words
    assert "Mời người thay trước" in head.words
    head.get(home)


# ---- where an account is signed in --------------------------------------------------------------


def machines(reader: Reader) -> list[str]:
    """Return the browsers that /tai-khoan lists."""
    reader.get("/tai-khoan")
    assert reader.page is not None
    lists = [ul for ul in reader.page.iter(f"{HOUSE}ul") if ul.get("class") == "machines"]
    return [" ".join("".join(b.itertext()).split()) for ul in lists for b in ul.iter(f"{HOUSE}b")]


def refs(reader: Reader) -> list[str]:
    """Return what stands for the other browsers in the forms of /tai-khoan."""
    return re.findall(r'name="may" value="([0-9a-f]{12})"', reader.get("/tai-khoan").text)


def test_an_account_sees_where_it_is_signed_in_and_ends_one_browser(app: Flask, cast: Cast) -> None:
    phone = signed_in(app, "lan", "Mozilla/5.0 (Linux; Android 9) Chrome/109.0 Mobile")
    here, stranger = signed_in(app, "lan"), signed_in(app, "minh")
    assert machines(here) == ["Chrome trên Windows", "Chrome trên Android"]
    assert "Chrome trên Windows · máy này" in here.words
    (ref,) = refs(here)
    send(stranger, "/tai-khoan/may", may=ref)
    phone.get("/tai-khoan")
    for _ in range(2):
        send(here, "/tai-khoan/may", may=ref)
    phone.get("/tai-khoan", 403)
    assert machines(here) == ["Chrome trên Windows"]


def test_no_session_s_id_stands_on_the_page(app: Flask, db: ScopedSession, cast: Cast) -> None:
    signed_in(app, "lan")
    here = signed_in(app, "lan")
    page = here.get("/tai-khoan").text
    for key in db.scalars(sa.select(BrowserSession.id)):
        assert key.hex not in page
        assert str(key) not in page


def test_all_other_browsers_are_ended_at_once(app: Flask, cast: Cast) -> None:
    others, here, minh = (
        [signed_in(app, "lan") for _ in range(3)],
        signed_in(app, "lan"),
        signed_in(app, "minh"),
    )
    send(here, "/tai-khoan/may-khac")
    for other in others:
        other.get("/tai-khoan", 403)
    here.get("/tai-khoan")
    minh.get("/tai-khoan")


def test_roles_are_shown_with_their_places(app: Flask, cast: Cast) -> None:
    lan, head, admin = (signed_in(app, login) for login in ("lan", "hieu-truong", "quan-tri"))
    lan.get("/tai-khoan")
    assert "giáo viên, lớp 4A, Trường Tiểu học Hoa Sen" in lan.words
    head.get("/tai-khoan")
    assert "cán bộ trường, Trường Tiểu học Hoa Sen" in head.words
    admin.get("/tai-khoan")
    assert "Vai trò quản trị" in admin.words


# ---- the password -------------------------------------------------------------------------------


def change(reader: Reader, status: int, current: str, wanted: str, again: str | None = None) -> None:
    """Send the form of /tai-khoan/mat-khau."""
    typed = {"mat_khau": current, "mat_khau_moi": wanted, "go_lai": wanted if again is None else again}
    send(reader, "/tai-khoan/mat-khau", status, **typed)


def test_a_new_password_ends_every_other_browser_and_the_old_one_opens_nothing(
    app: Flask, client: Reader, cast: Cast
) -> None:
    here, there = signed_in(app, "minh"), signed_in(app, "minh")
    here.get("/tai-khoan/mat-khau")
    before = here.client.get_cookie("phien")
    change(here, 303, PASSWORD, NEW)
    here.get("/tai-khoan?xong=mat-khau")
    assert "Đã đổi mật khẩu" in here.words
    there.get("/tai-khoan", 403)
    assert before is not None
    captured = Reader(app)
    captured.client.set_cookie("phien", before.value)
    captured.get("/tai-khoan", 403)
    client.post("/dang-nhap", {"ten_dang_nhap": "minh", "mat_khau": PASSWORD}, 422)
    client.post("/dang-nhap", {"ten_dang_nhap": "minh", "mat_khau": NEW})


@pytest.mark.parametrize(
    ("current", "wanted", "again", "field"),
    [
        ("không phải mật khẩu", NEW, NEW, "mat_khau"),
        ("", NEW, NEW, "mat_khau"),
        (PASSWORD, "ngắn quá", "ngắn quá", "mat_khau_moi"),
        (PASSWORD, NEW, "khác hẳn", "go_lai"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_the_current_one_and_types_a_good_one_twice(
    app: Flask, cast: Cast, current: str, wanted: str, again: str, field: str
) -> None:
    here, there = signed_in(app, "lan"), signed_in(app, "lan")
    change(here, 422, current, wanted, again)
    assert set(faults(here)) == {field}
    there.get("/tai-khoan")
    signed_in(app, "lan")


def test_guessing_the_current_password_is_slowed_down_like_signing_in(app: Flask, cast: Cast) -> None:
    here = signed_in(app, "lan")
    for _ in range(5):
        change(here, 422, "đoán mò thôi mà", NEW)
    change(here, 429, PASSWORD, NEW)
    Reader(app).post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": PASSWORD}, 429)


# ---- learning under the own name ----------------------------------------------------------------


def test_an_account_learns_under_its_own_name_and_leaves_nothing_of_it_behind(
    app: Flask, db: ScopedSession, cast: Cast
) -> None:
    lan = signed_in(app, "lan")
    for _ in range(2):
        assert send(lan, "/tai-khoan/hoc") == "/"
    lan.post("/khoa-hoc/lam-quen/chu-to/xong")
    lan.get("/")
    assert f"Đang học: {cast.lan_person.full_name}" in lan.words
    assert db.scalars(sa.select(Claim.person_id)).all() == [cast.lan_person.id]
    send(lan, "/dang-xuat")
    lan.get("/")
    assert cast.lan_person.full_name not in lan.words
    elsewhere = signed_in(app, "lan")
    send(elsewhere, "/tai-khoan/hoc")
    elsewhere.get("/")
    assert "Đã xong 1 trên" in elsewhere.words


def test_results_without_a_name_are_set_aside_and_not_the_teacher_s(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast
) -> None:
    client.post("/khoa-hoc/lam-quen/chu-to/xong")
    client.post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": PASSWORD})
    client.get("/tai-khoan")
    assert "để riêng" in client.words
    send(client, "/tai-khoan/hoc")
    client.get("/")
    assert "Đã xong 0 trên" in client.words
    held = db.scalars(sa.select(BrowserSession).where(BrowserSession.ended_at.is_(None))).one()
    assert held.set_aside_id is not None
    assert held.set_aside_id != held.learner_id


def test_an_account_without_a_person_says_its_name_first(app: Flask, db: ScopedSession, cast: Cast) -> None:
    minh = signed_in(app, "minh")
    send(minh, "/tai-khoan/hoc", 422, ho_ten="Minh")
    assert set(faults(minh)) == {"ho_ten"}
    assert fields(minh)["ho_ten"] == "Minh"
    for _ in range(2):
        send(minh, "/tai-khoan/hoc", ho_ten="Trần Văn Minh")
    named = sa.select(Person.full_name).join(Account, Account.person_id == Person.id)
    assert db.scalars(named.where(Account.login == "minh")).all() == ["Trần Văn Minh"]


def test_ending_a_browser_ends_the_account_s_learning_there_and_nobody_else_s(app: Flask, cast: Cast) -> None:
    there, family, here = signed_in(app, "lan"), Reader(app), signed_in(app, "lan")
    send(there, "/tai-khoan/hoc")
    keep_name(family, "Lê Thị Hoa")
    family.post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": PASSWORD})
    send(here, "/tai-khoan/may-khac")
    there.get(LESSON)
    assert cast.lan_person.full_name not in there.get("/nguoi-hoc").text
    assert "Lê Thị Hoa" in family.get("/nguoi-hoc").text


# ---- the desk -----------------------------------------------------------------------------------


def test_each_role_finds_its_own_work_on_the_desk(app: Flask, cast: Cast) -> None:
    school, commune = f"/truong/{cast.hoa_sen.ref}", f"/xa/{cast.commune.ref}"
    room, other_room = f"/gv/lop/{cast.class_4a.ref}", f"/gv/lop/{cast.class_4b.ref}"
    wanted = {
        "lan": {room},
        "minh": {f"/gv/lop-moi?truong={cast.sao_mai.ref}"},
        "hieu-truong": {room, other_room, school, f"{school}/lop", f"{school}/tai-khoan"},
        "tu": {commune},
        "quan-tri": {"/qt"},
    }
    everything = set().union(*wanted.values())
    for login, links in wanted.items():
        reader = signed_in(app, login)
        reader.get("/gv")
        assert everything & set(reader.links()) == links, login


def test_a_teacher_of_a_school_without_a_class_is_offered_the_first_one(app: Flask, cast: Cast) -> None:
    minh = signed_in(app, "minh")
    minh.get("/gv")
    assert "Tạo lớp đầu tiên: mất khoảng 3 phút." in minh.words
    assert cast.class_6a.ref not in minh.get("/gv").text


def test_classes_of_another_year_do_not_stand_on_the_desk(app: Flask, db: ScopedSession, cast: Cast) -> None:
    year = first_year_of(clock.today())
    later = open_classroom(db, cast.hoa_sen, "5A", year + 1, clock.now())
    db.commit()
    ref = place_by_id(db, later.unit_id, clock.today().replace(year=year + 2))
    head = signed_in(app, "hieu-truong")
    assert ref is not None
    assert ref.ref not in head.get("/gv").text


def test_signing_in_leads_to_the_desk_or_to_the_account_without_a_role(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast
) -> None:
    data = {"ten_dang_nhap": "lan", "mat_khau": PASSWORD}
    assert client.post("/dang-nhap", data).headers["Location"] == "/gv"
    head = signed_in(app, "hieu-truong")
    job = f"teacher:{cast.class_4a.ref}"
    send(head, f"/truong/{cast.hoa_sen.ref}/tai-khoan/thu-viec", ten="lan", viec=job)
    assert Reader(app).post("/dang-nhap", data).headers["Location"] == "/tai-khoan"
    client.get("/gv", 403)
    client.get("/tai-khoan")


# ---- how much is asked of the database ----------------------------------------------------------


def asked(reader: Reader, database: SharedDatabase, address: str) -> int:
    """Return how many statements a page takes."""
    with counting(database) as count:
        reader.get(address)
    assert count.writes == []
    return len(count.statements)


def fill(db: ScopedSession, cast: Cast, names: list[str]) -> None:
    """Open classes of Hoa Sen, each with a teacher of its own, cô Lan beside her, and an invitation."""
    now, by = clock.now(), Actor(cast.head.id, "Cô Hạnh")
    for name in names:
        opened = open_classroom(db, cast.hoa_sen, name, first_year_of(clock.today()), now)
        room = place_by_id(db, opened.unit_id, clock.today())
        account = Account(login=f"gv-{name}", display_name=f"Cô {name}", password_hash="", made_at=now)
        db.add(account)
        db.flush()
        grant(db, account.id, "teacher", room, by, now)
        grant(db, cast.lan.id, "teacher", room, by, now)
        make_invitation(db, b"x" * 32, "teacher", room, "Vũ Thị Mai", by, now)
    db.commit()


def test_the_pages_of_staff_take_as_many_statements_however_many_there_are(
    app: Flask, db: ScopedSession, database: SharedDatabase, cast: Cast
) -> None:
    head, lan, admin = (signed_in(app, login) for login in ("hieu-truong", "lan", "quan-tri"))
    unit = f"/qt/don-vi/{cast.hoa_sen.ref}"
    visits = [
        (head, "/gv"),
        (head, f"/truong/{cast.hoa_sen.ref}/tai-khoan"),
        (lan, "/gv"),
        (lan, "/tai-khoan"),
    ]
    visits += [(admin, page) for page in ("/gv", "/qt/tai-khoan", "/qt/nhat-ky", "/qt/don-vi", unit)]
    fill(db, cast, ["5.0"])
    before = [asked(reader, database, address) for reader, address in visits]
    fill(db, cast, [f"5.{n}" for n in range(1, 13)])
    signed_in(app, "lan")
    after = [asked(reader, database, address) for reader, address in visits]
    print(dict(zip((address for _, address in visits), after, strict=True)))
    assert after == before
    assert max(after) <= 10


def test_signing_in_asks_little(app: Flask, database: SharedDatabase, cast: Cast) -> None:
    with counting(database) as count:
        signed_in(app, "lan")
    assert len(count.statements) <= 5, count.statements


def test_whoever_stands_on_the_staff_list_gets_the_account_as_that_person(
    app: Flask, db: ScopedSession, cast: Cast
) -> None:
    listed = add_person(db, "Vũ Thị Mai", clock.now())
    join_unit(db, listed.id, cast.hoa_sen.id, "teacher", "Vũ Thị Mai", clock.today())
    db.commit()
    for name, person_id in (("Vũ Thị Mai", listed.id), ("Bùi Văn Nam", None)):
        invite(app, cast, name)
        held = sa.select(Invitation.person_id).where(Invitation.full_name == name)
        assert db.scalars(held).one() == person_id
