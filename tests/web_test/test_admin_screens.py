"""The administrator: units, school years, accounts, the record; and no pupil's name anywhere."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask, template_rendered

from lms import clock
from lms.accounts.acts import note_act
from lms.accounts.models import Account, Invitation, RoleGrant, StaffAct
from lms.accounts.roles import Actor, grant
from lms.classrooms.models import SchoolYear
from lms.classrooms.years import first_year_of, school_year
from lms.db import ScopedSession
from lms.places.models import Unit, UnitDescription
from tests.browser_double import Reader
from tests.cast import Cast
from tests.source import ROOT
from tests.web_test.story import faults, fields
from tests.web_test.test_staff_accounts_screens import link_of, send, signed_in

PAGES = ("/qt", "/qt/don-vi", "/qt/don-vi/mo", "/qt/nam-hoc", "/qt/tai-khoan", "/qt/moi", "/qt/nhat-ky")


def pages(cast: Cast) -> list[str]:
    """Return every page an administrator reads."""
    ref = cast.hoa_sen.ref
    unit = [f"/qt/don-vi/{ref}{more}" for more in ("", "/mo", "/ten", "/moi")]
    person = [f"/qt/nguoi/lan{more}" for more in ("", "/khoa", f"/thu-viec?viec=teacher:{cast.class_4a.ref}")]
    return [*PAGES, *unit, *person, "/qt/nam-hoc/2026"]


def unit_form(name: str, kind: str, governs: str = "", day: str = "01/08/2026") -> dict[str, str]:
    """Return the form that opens or describes a unit."""
    return {"ten": name, "loai": kind, "chu_quan": governs, "ngay": day}


def described(db: ScopedSession, name: str) -> UnitDescription:
    """Return what was said of the unit with this name."""
    return db.scalars(sa.select(UnitDescription).where(UnitDescription.name == name)).one()


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Reader:
    """Give the administrator's browser."""
    return signed_in(app, "quan-tri")


def test_the_administrator_s_pages_are_the_administrator_s_alone(app: Flask, cast: Cast) -> None:
    for login in ("lan", "hieu-truong", "tu"):
        reader = signed_in(app, login)
        for page in pages(cast):
            reader.get(page, 403)
    for page in pages(cast):
        Reader(app).get(page, 403)


def test_no_pupil_or_parent_is_named_on_any_page_of_the_administrator(admin: Reader, cast: Cast) -> None:
    for page in pages(cast):
        text = admin.get(page).text
        assert cast.an.full_name not in text, page
        assert cast.hoa_person.full_name not in text, page


def test_things_that_do_not_exist_answer_404(admin: Reader, cast: Cast) -> None:
    room = cast.class_4a.ref
    for page in (
        f"/qt/don-vi/{'0' * 12}", f"/qt/don-vi/{room}", f"/qt/don-vi/{room}/moi", f"/qt/don-vi/{room}/mo",
        "/qt/nguoi/khong-co", "/qt/nguoi/khong-co/khoa", "/qt/nguoi/lan/thu-viec?viec=admin:",
        "/qt/nam-hoc/1999", "/qt/nam-hoc/02026", "/qt/nam-hoc/abcd",
    ):  # fmt: skip
        admin.get(page, 404)


# ---- units --------------------------------------------------------------------------------------


def test_a_commune_and_a_school_are_opened_from_the_top_down(
    admin: Reader, db: ScopedSession, cast: Cast
) -> None:
    province = send(admin, "/qt/don-vi/mo", **unit_form("Tỉnh Mẫu", "province:tỉnh"))
    commune = send(admin, f"{province}/mo", **unit_form("Xã Mẫu", "commune:xã"))
    school = send(admin, f"{commune}/mo", **unit_form("Trường Tiểu học  Mẫu ", "school:TH"))
    admin.get(school)
    for words in ("Trường Tiểu học Mẫu", "UBND cấp xã", "Chưa có ai"):
        assert words in admin.words
    assert {province, commune} <= set(admin.links())
    admin.get(commune)
    assert school in admin.links()
    said = db.scalars(sa.select(StaffAct.what).order_by(StaffAct.id)).all()
    assert said == ["Mở Tỉnh Mẫu", "Mở Xã Mẫu", "Mở Trường Tiểu học Mẫu"]


@pytest.mark.parametrize(
    ("kind", "typed", "governs"),
    [
        ("school:MN", "", "UBND cấp xã"),
        ("school:TH và THCS", "", "UBND cấp xã"),
        ("school:THPT", "", "Sở GD&ĐT"),
        ("school:THCS và THPT", "", "Sở GD&ĐT"),
        ("school:GDTX", "", "Sở GD&ĐT"),
        ("school:TH", "Sở GD&ĐT", "Sở GD&ĐT"),
        ("hamlet:thôn", "", None),
    ],
)
def test_who_governs_a_school_follows_from_its_type_unless_somebody_says_else(
    admin: Reader, db: ScopedSession, cast: Cast, kind: str, typed: str, governs: str | None
) -> None:
    send(admin, f"/qt/don-vi/{cast.commune.ref}/mo", **unit_form("Nơi Mới", kind, typed))
    assert described(db, "Nơi Mới").governing_body == governs


def test_a_unit_opened_twice_is_one_unit(admin: Reader, db: ScopedSession, cast: Cast) -> None:
    address = f"/qt/don-vi/{cast.commune.ref}/mo"
    led = {send(admin, address, **unit_form(name, "school:TH")) for name in ("Trường A", "TRƯỜNG  a")}
    assert len(led) == 1
    assert described(db, "Trường A").type == "TH"


@pytest.mark.parametrize(
    ("name", "kind", "day", "field"),
    [
        ("", "school:TH", "01/08/2026", "ten"),
        ("x" * 121, "school:TH", "01/08/2026", "ten"),
        ("Trường A", "", "01/08/2026", "loai"),
        ("Trường A", "school:", "01/08/2026", "loai"),
        ("Trường A", "province:tỉnh", "01/08/2026", "loai"),
        ("Lớp 4A", "class:lớp", "01/08/2026", "loai"),
        ("Trường A", "school:TH", "", "ngay"),
        ("Trường A", "school:TH", "31/02/2026", "ngay"),
        ("Trường A", "school:TH", "01/08/2999", "ngay"),
    ],
)
def test_a_unit_that_cannot_be_opened_is_refused_at_its_field_and_what_was_typed_stays(
    admin: Reader, db: ScopedSession, cast: Cast, name: str, kind: str, day: str, field: str
) -> None:
    units = db.scalar(sa.select(sa.func.count()).select_from(Unit))
    send(admin, f"/qt/don-vi/{cast.commune.ref}/mo", 422, **unit_form(name, kind, "Tự khai", day))
    assert set(faults(admin)) == {field}
    assert fields(admin) == {"ten": name, "chu_quan": "Tự khai", "ngay": day}
    assert db.scalar(sa.select(sa.func.count()).select_from(Unit)) == units


def test_a_unit_is_called_otherwise_from_a_date_on_and_the_same_date_corrects(
    admin: Reader, db: ScopedSession, cast: Cast
) -> None:
    unit = f"/qt/don-vi/{cast.hoa_sen.ref}"
    day = f"{clock.today():%d/%m/%Y}"
    admin.get(f"{unit}/ten")
    assert fields(admin)["ten"] == "Trường Tiểu học Hoa Sen"
    for name in ("Trường Tiểu học Hoa Senn", "Trường Tiểu học Hoa Sen 2"):
        assert send(admin, f"{unit}/ten", **unit_form(name, "school:TH", "", day)) == unit
    admin.get(unit)
    assert "Trường Tiểu học Hoa Sen 2" in admin.words
    names = sa.select(UnitDescription.name).where(UnitDescription.unit_id == cast.hoa_sen.id)
    assert set(db.scalars(names)) == {"Trường Tiểu học Hoa Sen", "Trường Tiểu học Hoa Sen 2"}
    send(admin, f"{unit}/ten", 422, **unit_form("Trước khi mở", "school:TH", "", "31/07/2026"))
    assert set(faults(admin)) == {"ngay"}


# ---- roles and invitations ----------------------------------------------------------------------


def test_the_first_officer_of_a_commune_is_invited_and_comes(
    app: Flask, client: Reader, admin: Reader, cast: Cast
) -> None:
    unit = f"/qt/don-vi/{cast.commune.ref}"
    admin.get(f"{unit}/moi")
    link = link_of(admin, send(admin, f"{unit}/moi", ho_ten="Hồ Văn Tâm", vai_tro="commune_officer"))
    admin.get(unit)
    assert "Hồ Văn Tâm" in admin.words
    new = "bốn cái ghế mây cũ"
    client.post(link, {"ten_dang_nhap": "tam", "mat_khau": new, "go_lai": new})
    client.get("/gv")
    assert f"/xa/{cast.commune.ref}" in client.links()
    admin.get(unit)
    assert "cán bộ xã · tam" in admin.words


def test_an_administrator_is_invited_to_the_whole_site_and_taken_back(
    admin: Reader, client: Reader, db: ScopedSession, cast: Cast
) -> None:
    link = link_of(admin, send(admin, "/qt/moi", ho_ten="Hồ Văn Tâm", vai_tro="admin"))
    admin.get("/qt/tai-khoan")
    assert "Hồ Văn Tâm" in admin.words
    ref = db.scalars(sa.select(Invitation.ref)).one()
    send(admin, "/qt/loi-moi/rut", 404, loi_moi="0" * 12)
    for _ in range(2):
        assert send(admin, "/qt/loi-moi/rut", loi_moi=ref) == "/qt/tai-khoan"
    client.get(link, 410)


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("/qt/moi", "teacher"),
        ("/qt/moi", ""),
        ("/qt/don-vi/{school}/moi", "admin"),
        ("/qt/don-vi/{school}/moi", ""),
    ],
)
def test_a_role_that_does_not_fit_is_not_given_by_invitation(
    admin: Reader, db: ScopedSession, cast: Cast, address: str, role: str
) -> None:
    send(admin, address.format(school=cast.hoa_sen.ref), 422, ho_ten="Hồ Văn Tâm", vai_tro=role)
    assert set(faults(admin)) == {"vai_tro"}
    assert fields(admin)["ho_ten"] == "Hồ Văn Tâm"
    assert db.scalars(sa.select(Invitation.id)).all() == []


def test_a_role_is_given_to_an_account_that_is_there_and_taken_back_after_a_question(
    app: Flask, admin: Reader, db: ScopedSession, cast: Cast
) -> None:
    unit, minh = f"/qt/don-vi/{cast.sao_mai.ref}", signed_in(app, "minh")
    typed = {"ten_dang_nhap": "Minh", "giao_vai_tro": "school_admin"}
    for _ in range(2):
        assert send(admin, f"{unit}/giao-viec", **typed) == unit
    minh.get(f"/truong/{cast.sao_mai.ref}/tai-khoan")
    send(admin, f"{unit}/giao-viec", 422, **typed | {"ten_dang_nhap": "khong-co"})
    assert set(faults(admin)) == {"ten_dang_nhap"}
    job = f"school_admin:{cast.sao_mai.ref}"
    admin.get(f"/qt/nguoi/minh/thu-viec?viec={job}")
    for _ in range(2):
        assert send(admin, "/qt/nguoi/minh/thu-viec", viec=job) == "/qt/nguoi/minh"
    minh.get(f"/truong/{cast.sao_mai.ref}/tai-khoan", 404)
    given = db.scalars(sa.select(RoleGrant).where(RoleGrant.account_id == cast.minh.id)).all()
    assert [(g.role, g.revoked_at is None) for g in given] == [("teacher", True), ("school_admin", False)]


def test_the_last_administrator_is_neither_disabled_nor_stripped_on_any_page(
    app: Flask, admin: Reader, cast: Cast
) -> None:
    send(admin, "/qt/nguoi/quan-tri/thu-viec", 422, viec="admin:")
    assert "người quản trị cuối cùng" in admin.words
    send(admin, "/qt/nguoi/quan-tri/khoa", 422)
    assert "người quản trị cuối cùng" in admin.words
    send(admin, "/qt/nguoi/lan/giao-viec", vai_tro="admin")
    assert send(admin, "/qt/nguoi/quan-tri/thu-viec", viec="admin:") == "/qt/nguoi/quan-tri"
    admin.get("/qt", 403)
    signed_in(app, "lan").get("/qt")


def test_an_account_is_disabled_after_a_question_and_opened_again(
    app: Flask, admin: Reader, cast: Cast
) -> None:
    lan = signed_in(app, "lan")
    admin.get("/qt/nguoi/lan/khoa")
    for _ in range(2):
        send(admin, "/qt/nguoi/lan/khoa")
    lan.get("/tai-khoan", 403)
    admin.get("/qt/nguoi/lan")
    assert "bị khóa" in admin.words
    send(admin, "/qt/nguoi/lan/mo")
    signed_in(app, "lan").get("/gv")


@pytest.mark.parametrize("typed", ["lan", "LAN", "Cô Lan", "co lan"])
def test_accounts_are_found_by_login_or_name(
    admin: Reader, db: ScopedSession, cast: Cast, typed: str
) -> None:
    admin.get("/qt/tai-khoan", 200)
    assert "Thầy Minh" in admin.words
    if typed == "co lan":
        person = cast.lan_person
        typed = " ".join(person.search_text.split()[-2:])
    admin.get(f"/qt/tai-khoan?tim={typed}")
    assert "Cô Lan" in admin.words
    assert "Thầy Minh" not in admin.words
    admin.get("/qt/tai-khoan?tim=%25")
    assert "Không thấy tài khoản nào" in admin.words


def test_a_long_list_of_accounts_is_cut_into_pages(admin: Reader, db: ScopedSession, cast: Cast) -> None:
    now = clock.now()
    for n in range(60):
        db.add(Account(login=f"x-{n:02d}", display_name=f"Người {n}", password_hash="", made_at=now))
    db.commit()
    admin.get("/qt/tai-khoan?tim=x-")
    first = set(re.findall(r"x-\d\d", admin.words))
    admin.get("/qt/tai-khoan?tim=x-&trang=2")
    second = set(re.findall(r"x-\d\d", admin.words))
    assert (len(first), len(second), len(first & second)) == (50, 10, 0)


# ---- school years and the record ----------------------------------------------------------------


def test_the_dates_of_a_school_year_are_changed_and_new_classes_take_them(
    admin: Reader, db: ScopedSession, cast: Cast
) -> None:
    year = first_year_of(clock.today())
    admin.get("/qt/nam-hoc")
    assert f"31/05/{year + 1}" in admin.words
    admin.get(f"/qt/nam-hoc/{year}")
    typed = {"tu": f"05/09/{year}", "den": f"{year + 1}-05-25"}
    assert send(admin, f"/qt/nam-hoc/{year}", **typed) == "/qt/nam-hoc"
    db.expire_all()
    kept = school_year(db, year)
    assert (kept.starts_on, kept.ends_on) == (date(year, 9, 5), date(year + 1, 5, 25))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"tu": "", "den": "31/05/2028"}, {"tu"}),
        ({"tu": "31/02/2027", "den": "xx"}, {"tu", "den"}),
        ({"tu": "01/08/2026", "den": "31/05/2028"}, {"tu"}),
        ({"tu": "01/08/2027", "den": "31/05/2027"}, {"den"}),
    ],
)
def test_dates_that_are_no_school_year_s_are_refused_at_their_field(
    admin: Reader, db: ScopedSession, typed: dict[str, str], wrong: set[str]
) -> None:
    send(admin, "/qt/nam-hoc/2027", 422, **typed)
    assert set(faults(admin)) == wrong
    assert fields(admin) == typed
    assert db.scalars(sa.select(SchoolYear).where(SchoolYear.first_year == 2027)).all() == []


def test_the_record_is_read_newest_first_by_unit_and_by_account(
    admin: Reader, db: ScopedSession, cast: Cast
) -> None:
    now = clock.now()
    for n, (account, unit) in enumerate(
        [(cast.lan, cast.class_4a), (cast.head, cast.hoa_sen), (cast.minh, cast.sao_mai)]
    ):
        at = now + timedelta(seconds=n)
        note_act(
            db, "try", f"Việc {n}", by=account.display_name, now=at, account_id=account.id, unit_id=unit.id
        )
    db.commit()
    seen = {}
    for query in ("", f"?don-vi={cast.hoa_sen.ref}", "?ten=minh", f"?don-vi={cast.sao_mai.ref}&ten=lan"):
        admin.get(f"/qt/nhat-ky{query}")
        seen[query] = re.findall(r"Việc \d", admin.words)
    assert list(seen.values()) == [["Việc 2", "Việc 1", "Việc 0"], ["Việc 1", "Việc 0"], ["Việc 2"], []]
    for query in (f"?don-vi={'0' * 12}", "?ten=khong-co"):
        admin.get(f"/qt/nhat-ky{query}")
        assert "Không có đơn vị hay tài khoản này" in admin.words


def test_a_long_record_is_cut_into_pages(admin: Reader, db: ScopedSession, cast: Cast) -> None:
    for n in range(70):
        note_act(db, "try", f"Việc số {n:02d}", by="Cô Lan", now=clock.now(), account_id=cast.lan.id)
    db.commit()
    found = []
    for page in (1, 2):
        admin.get(f"/qt/nhat-ky?ten=lan&trang={page}")
        found += re.findall(r"Việc số (\d\d)", admin.words)
    assert found == [f"{n:02d}" for n in reversed(range(70))]


def test_what_the_screens_do_is_recorded_with_who_and_where(
    admin: Reader, db: ScopedSession, cast: Cast
) -> None:
    send(admin, f"/qt/don-vi/{cast.sao_mai.ref}/giao-viec", ten_dang_nhap="minh", giao_vai_tro="school_admin")
    send(admin, "/qt/nguoi/lan/khoa")
    acts = db.scalars(sa.select(StaffAct).order_by(StaffAct.id)).all()
    assert [(a.act, a.by, a.account_id, a.unit_id) for a in acts] == [
        ("role.grant", "Quản trị", cast.admin.id, cast.sao_mai.id),
        ("account.disable", "Quản trị", cast.admin.id, None),
    ]
    assert grant(db, cast.tu.id, "admin", None, Actor(None, "lms"), clock.now())


def test_every_screen_of_staff_accounts_and_of_the_administrator_is_shown(
    app: Flask, admin: Reader, cast: Cast
) -> None:
    folders = ("account", "invitation", "workplace", "admin", "staff_accounts")
    screens = {f"{f}/{p.name}" for f in folders for p in (ROOT / "templates" / f).glob("*.html")}
    seen: set[str] = set()

    def shown(sender: object, template: object, **extra: object) -> None:
        seen.add(str(template.name))  # type: ignore[attr-defined]

    school, head = f"/truong/{cast.hoa_sen.ref}/tai-khoan", signed_in(app, "hieu-truong")
    with template_rendered.connected_to(shown, app):
        for page in pages(cast):
            admin.get(page)
        Reader(app).get("/dang-nhap")
        job = f"teacher:{cast.class_4a.ref}"
        for page in ("/gv", "/tai-khoan", "/tai-khoan/mat-khau", school, f"{school}/giao-viec?ten=lan"):
            head.get(page)
        link = link_of(head, send(head, f"{school}/loi-moi", ho_ten="Vũ Thị Mai", viec=job))
        head.get(f"{school}/thu-viec?ten=lan&viec={job}")
        Reader(app).get(link)
        Reader(app).get(f"{link}x", 404)
    assert screens - seen == set()
