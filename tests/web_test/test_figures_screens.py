"""The figures of a class, a school and a commune as their people see them, on screen and as files."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from lms import clock
from lms.accounts.models import StaffAct
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load as load_catalogue
from lms.classrooms.models import JoinRequest
from lms.db import ScopedSession
from lms.people.actions import add_person, claim, make_learner
from lms.people.memberships import guard, join_unit
from lms.places.models import Unit
from lms.progress.actions import Doer, witness_check
from lms.reports.coverage import share
from lms.reports.models import DeclaredTotal
from tests.browser_double import Reader
from tests.cast import OPENED, PASSWORD, Cast
from tests.conftest import SharedDatabase
from tests.story import learn_course
from tests.web_test.story import faults, fields

SignIn = Callable[[str], Reader]


@pytest.fixture
def signed_in(app: Flask, cast: Cast, db: ScopedSession) -> SignIn:
    """Give browsers in which somebody of the cast signed in."""
    db.commit()

    def sign_in(login: str) -> Reader:
        reader = Reader(app)
        reader.post("/dang-nhap", {"ten_dang_nhap": login, "mat_khau": PASSWORD})
        return reader

    return sign_in


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give what is taught."""
    return load_catalogue(db)


def learner_of(db: ScopedSession, person_id: object, name: str) -> Doer:
    """Give a person a phone on which they learn."""
    learner = make_learner(db, clock.now())
    claim(db, learner, person_id, "test", clock.now())  # type: ignore[arg-type]
    return Doer(learner, person_id, name)  # type: ignore[arg-type]


def pupil(db: ScopedSession, unit: Unit, name: str, audience: str = "student") -> Doer:
    """Put somebody new into a unit."""
    person = add_person(db, name, clock.now())
    join_unit(db, person.id, unit.id, audience, name, OPENED, phone="0900000001")
    return learner_of(db, person.id, name)


def address(unit: Unit, kind: str = "truong") -> str:
    """Return where a unit's figures are."""
    return f"/gv/lop/{unit.ref}/so-lieu" if kind == "lop" else f"/{kind}/{unit.ref}"


def token(reader: Reader) -> str:
    """Return the token of the form on the last page."""
    assert reader.page is not None
    return next(e.get("value", "") for e in reader.page.iter() if e.get("name") == "token")


def test_a_school_sees_families_first_in_words_with_the_date(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    learn_course(db, learner_of(db, cast.hoa_person.id, "Lê Thị Hoa"), catalogue)
    db.commit()
    head = signed_in("hieu-truong")
    head.get(address(cast.hoa_sen))
    words = head.words
    assert "1 trên 1 học sinh có cha mẹ hoặc người giám hộ đã hoàn thành 100 %" in words
    assert "0 trên 1 học sinh đã hoàn thành 0 %" in words
    assert words.index("Gia đình học sinh") < words.index("0 trên 1 học sinh")
    assert re.search(r"Tính đến \d\d/\d\d/\d{4}, lúc \d\d:\d\d\.", words)
    assert re.search(r"Còn \d+ ngày đến hạn gửi hồ sơ: ngày cuối là 14/06/\d{4} \(trước 15/6\)", words)


def test_the_figure_changes_by_exactly_who_completed(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    binh = pupil(db, cast.class_4a, "Ngô Gia Bình")
    db.commit()
    head = signed_in("hieu-truong")
    head.get(address(cast.hoa_sen))
    assert "0 trên 2 học sinh đã hoàn thành 0 %" in head.words
    learn_course(db, binh, catalogue)
    for module in catalogue.courses[0].modules:
        witness_check(db, binh, module, cast.lan_person.id, clock.now())
    db.commit()
    head.get(address(cast.hoa_sen))
    assert "1 trên 2 học sinh đã hoàn thành 50 % Đã tham gia: 1. Mức 2, có chứng kiến: 1 (50 %)" in head.words
    head.get(address(cast.sao_mai), 404)


def test_what_has_no_denominator_is_blank_with_one_button(signed_in: SignIn, cast: Cast) -> None:
    head = signed_in("hieu-truong")
    text = head.get(address(cast.hoa_sen)).text
    assert "Chưa tính được tỷ lệ của: CBQL, nhân viên. Chưa có danh sách và chưa nhập tổng số." in head.words
    assert text.count(">Nhập tổng số<") == 1
    row = head.words.split("Theo lớp")[1]
    assert "4B Chưa có danh sách. Nạp danh sách lớp 4B" in row
    assert f"/gv/lop/{cast.class_4b.ref}/nap" in head.links()
    assert f"/gv/lop/{cast.class_4a.ref}" in head.links()


def test_a_class_without_a_roster_shows_the_way_to_one_and_no_rate(signed_in: SignIn, cast: Cast) -> None:
    head = signed_in("hieu-truong")
    text = head.get(address(cast.class_4b, "lop")).text
    assert "Chưa tính được tỷ lệ" in head.words
    assert "%" not in head.words.split("Cách đếm")[0]
    assert text.count(f'href="/gv/lop/{cast.class_4b.ref}/nap"') == 1
    assert "so-lieu.xlsx" not in text


def test_classes_stand_in_name_order_whatever_their_rates(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    learn_course(db, pupil(db, cast.class_4b, "Vũ Kim Oanh"), catalogue)
    db.commit()
    head = signed_in("hieu-truong")
    head.get(address(cast.hoa_sen))
    table = head.words.split("Theo lớp")[1]
    assert table.index("4A") < table.index("4B")
    assert "4B" in table
    assert "1 trên 1 (100 %)" in table.split("4B")[1]


def test_a_teacher_sees_her_own_class_only_and_the_officer_every_class_of_the_school(
    signed_in: SignIn, cast: Cast
) -> None:
    lan, head = signed_in("lan"), signed_in("hieu-truong")
    lan.get(address(cast.class_4a, "lop"))
    for reader, unit in ((lan, cast.class_4b), (lan, cast.class_6a), (head, cast.class_6a)):
        for file in ("", ".xlsx"):
            reader.get(f"{address(unit, 'lop')}{file}", 404)
        reader.get(f"/gv/lop/{unit.ref}/tien-do.csv", 404)
    head.get(address(cast.class_4b, "lop"))
    lan.get(address(cast.hoa_sen), 404)
    lan.get(f"{address(cast.hoa_sen)}/so-lieu.xlsx", 404)


@pytest.mark.parametrize("login", ["lan", "hieu-truong", "minh", "quan-tri"])
def test_only_its_officer_opens_a_commune(signed_in: SignIn, cast: Cast, login: str) -> None:
    signed_in(login).get(address(cast.commune, "xa"), 404)


def test_a_commune_sees_counts_of_its_schools_without_names_and_that_is_noted_once(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    learn_course(db, learner_of(db, cast.an.id, "Đinh Thị An"), catalogue)
    db.commit()
    tu = signed_in("tu")
    text = tu.get(address(cast.commune, "xa")).text
    tu.get(address(cast.commune, "xa"))
    assert "1 trên 1 học sinh đã hoàn thành 100 %" in tu.words, "no cell under ten is hidden here"
    assert "Trường THCS Sao Mai" in tu.words.split("Theo trường")[1]
    for name in ("Đinh Thị An", "Lê Thị Hoa", cast.lan_person.full_name):
        assert name not in text
    assert not [link for link in tu.links() if link.startswith(("/truong/", "/gv/lop/"))]
    noted = db.scalars(sa.select(StaffAct).where(StaffAct.act == "figures.commune")).all()
    assert [(act.by, act.unit_id) for act in noted] == [("Anh Tư", cast.commune.id)]


def test_a_human_who_teaches_here_and_is_a_parent_there_is_one_teacher_and_one_parent(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    learn_course(db, learner_of(db, cast.hoa_person.id, "Lê Thị Hoa"), catalogue)
    db.commit()
    tu = signed_in("tu")
    tu.get(address(cast.commune, "xa"))
    assert "1 trên 2 giáo viên đã hoàn thành 50 %" in tu.words
    assert "1 trên 1 cha mẹ, người giám hộ đã hoàn thành 100 %" in tu.words


def test_another_date_and_course_may_be_asked_for_and_a_slip_is_explained(
    signed_in: SignIn, cast: Cast
) -> None:
    head = signed_in("hieu-truong")
    head.get(f"{address(cast.hoa_sen)}?ngay=31/07/2026&khoa=lam-quen")
    assert "Tính đến 31/07/2026, theo dữ liệu lúc" in head.words
    assert "Chưa tính được tỷ lệ" in head.words, "the school opened on 1 August"
    for typed in ("hom+qua", "31/02/2026", "01/01/2999"):
        head.get(f"{address(cast.hoa_sen)}?ngay={typed}", 422)
        assert faults(head).keys() == {"ngay"}
        assert fields(head)["ngay"] == typed.replace("+", " ")
        head.get(f"{address(cast.hoa_sen)}/so-lieu.xlsx?ngay={typed}", 404)
    head.get(f"{address(cast.hoa_sen)}?khoa=khong-co", 404)


def test_who_waits_for_the_teacher_stands_beside_the_figure_and_not_in_it(
    signed_in: SignIn, cast: Cast, db: ScopedSession
) -> None:
    stranger = add_person(db, "Lưu Thị Xa", clock.now())
    asked = {"own_name": "Lưu Thị Xa", "child_name": "An", "relation": "mẹ", "at": clock.now()}
    db.add(JoinRequest(ref="0123456789ab", unit_id=cast.class_4a.id, person_id=stranger.id, **asked))
    db.commit()
    for reader, where in (
        (signed_in("hieu-truong"), address(cast.hoa_sen)),
        (signed_in("tu"), address(cast.commune, "xa")),
    ):
        text = reader.get(where).text
        assert "Chờ đối chiếu: 1 người xin vào lớp" in reader.words
        assert "0 trên 1 cha mẹ, người giám hộ" in reader.words
        assert "Lưu Thị Xa" not in text


def read_workbook(body: bytes) -> dict[str, list[list[object]]]:
    """Return the sheets of a workbook."""
    book = CalamineWorkbook.from_filelike(BytesIO(body))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_school_takes_its_figures_away_as_a_workbook(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    evil = pupil(db, cast.class_4a, "=HYPERLINK(1)")
    learn_course(db, evil, catalogue)
    db.commit()
    head = signed_in("hieu-truong")
    response = head.get(f"{address(cast.hoa_sen)}/so-lieu.xlsx")
    name = f"so-lieu-truong-tieu-hoc-hoa-sen-{clock.today():%Y-%m-%d}.xlsx"
    assert name in response.headers["Content-Disposition"]
    sheets = read_workbook(response.data)
    assert list(sheets) == ["Tổng hợp", "Theo lớp", "Từng người", "Cách tính"]
    summary = {row[0]: row for row in sheets["Tổng hợp"]}
    assert summary["Học sinh"][1:10] == [2.0, "", "", "", 2.0, 1.0, 1.0, 0.5, 0.0]
    assert summary["CBQL, nhân viên"][5:9] == ["", "", "", ""], "blank, not 0"
    assert "Tính đến ngày" in str(sheets["Tổng hợp"][2][0])
    assert [row[:3] for row in sheets["Theo lớp"][4:]] == [
        ["4A", "Gia đình học sinh", 2.0],
        ["4A", "Học sinh", 2.0],
        ["4A", "Cha mẹ học sinh, người giám hộ (từng người)", 1.0],
        ["4B", "Gia đình học sinh", 0.0],
        ["4B", "Học sinh", 0.0],
        ["4B", "Cha mẹ học sinh, người giám hộ (từng người)", 0.0],
    ]
    people = {row[2]: row for row in sheets["Từng người"][4:]}
    assert people["=HYPERLINK(1)"][3:7] == ["0900000001", "Hoàn thành", 1.0, clock.today()]
    assert people["Đinh Thị An"][4] == "Chưa học"
    assert people[cast.lan_person.full_name][1] == "Giáo viên"
    noted = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "figures.file")).all()
    assert noted == ["Tải bảng tính số liệu"]


def test_a_teacher_takes_her_class_away_as_a_workbook_and_its_progress_as_csv(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    learn_course(db, learner_of(db, cast.an.id, "Đinh Thị An"), catalogue)
    db.commit()
    lan = signed_in("lan")
    sheets = read_workbook(lan.get(f"{address(cast.class_4a, 'lop')}.xlsx").data)
    assert list(sheets) == ["Tổng hợp", "Từng người", "Cách tính"]
    assert [row[2] for row in sheets["Từng người"][4:]] == ["Đinh Thị An", "Lê Thị Hoa"]
    response = lan.get(f"/gv/lop/{cast.class_4a.ref}/tien-do.csv")
    today, titles = f"{clock.today():%d/%m/%Y}", [m.title for m in catalogue.courses[0].modules]
    assert response.mimetype == "text/csv"
    assert response.data.decode("utf-8-sig").splitlines() == [
        ",".join(f'"{word}"' for word in ("Họ tên", "Đối tượng", *titles)),
        f'"Đinh Thị An","học sinh","{today}","{today}"',
        '"Lê Thị Hoa","cha mẹ học sinh","",""',
    ]


def test_an_officer_declares_totals_and_the_figure_is_divided_by_them(
    signed_in: SignIn, cast: Cast, db: ScopedSession
) -> None:
    head = signed_in("hieu-truong")
    where = f"{address(cast.hoa_sen)}/so-nguoi"
    head.get(where)
    assert "Trong danh sách: 1." in head.words
    typed = {"hoc_sinh": "1.250", "nhan_vien": "6", "ngay": "01/10/2026", "nguon": "sổ đăng bộ"}
    sent = head.post(where, typed | {"token": token(head)})
    head.follow(sent)
    assert "Đã lưu." in head.words
    assert "Đã khai: 1250, đếm ngày 01/10/2026, nguồn: sổ đăng bộ." in head.words
    head.post(where, typed | {"token": token(head)})
    assert db.scalar(sa.select(sa.func.count()).select_from(DeclaredTotal)) == 2, "a second tap adds nothing"
    head.get(address(cast.hoa_sen))
    assert "0 trên 1250 học sinh đã hoàn thành 0 %" in head.words
    assert "tổng số 1250 đã khai, đếm ngày 01/10/2026, nguồn: sổ đăng bộ. Trong danh sách có 1." in head.words
    assert "Chưa tính được tỷ lệ" not in head.words
    acts = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "totals.declare")).all()
    assert acts == ["Ghi tổng số người: học sinh 1250, CBQL, nhân viên 6"]


def test_a_total_smaller_than_who_learned_is_refused_and_nothing_typed_is_lost(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    for name in ("Ngô Gia Bình", "Ngô Gia Châu", "Bùi Hương Giang"):
        learn_course(db, pupil(db, cast.class_4a, name), catalogue)
    db.commit()
    head = signed_in("hieu-truong")
    where = f"{address(cast.hoa_sen)}/so-nguoi"
    head.get(where)
    typed = {"hoc_sinh": "2", "giao_vien": "9", "ngay": "01/10/2026", "nguon": "sổ <đăng> bộ"}
    head.post(where, typed | {"token": token(head)}, 422)
    assert faults(head) == {"hoc_sinh": "Số đã học (3) lớn hơn tổng số (2). Kiểm tra lại."}
    assert typed.items() <= fields(head).items()
    assert "Đã khai: 9" not in head.words
    assert db.scalar(sa.select(sa.func.count()).select_from(DeclaredTotal)) == 0
    assert db.scalar(sa.select(sa.func.count()).select_from(StaffAct)) == 0


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"hoc_sinh", "ngay"}),
        ({"hoc_sinh": "nhiều", "ngay": "01/10/2026", "nguon": "sổ"}, {"hoc_sinh"}),
        ({"cha_me": "12", "ngay": "31/02/2026", "nguon": "sổ"}, {"ngay"}),
        ({"cha_me": "12", "ngay": "01/01/2999", "nguon": "sổ"}, {"ngay"}),
        ({"cha_me": "12", "ngay": "01/10/2026"}, {"nguon"}),
        ({"cha_me": "12", "ngay": "01/10/2026", "nguon": "x" * 201}, {"nguon"}),
    ],
)
def test_a_slip_in_the_form_of_totals_is_answered_beside_its_field(
    signed_in: SignIn, cast: Cast, typed: dict[str, str], wrong: set[str]
) -> None:
    head = signed_in("hieu-truong")
    where = f"{address(cast.hoa_sen)}/so-nguoi"
    head.get(where)
    head.post(where, typed | {"token": token(head)}, 422)
    assert faults(head).keys() == wrong


def test_totals_of_another_school_cannot_be_declared(signed_in: SignIn, cast: Cast) -> None:
    head = signed_in("hieu-truong")
    head.get(f"{address(cast.hoa_sen)}/so-nguoi")
    typed = {"hoc_sinh": "5", "ngay": "01/10/2026", "nguon": "sổ", "token": token(head)}
    head.post(f"{address(cast.sao_mai)}/so-nguoi", typed, 404)
    head.post(f"{address(cast.hoa_sen)}/so-nguoi", typed | {"token": "-"}, 403)


def test_a_family_of_three_children_counts_in_each_childs_class_and_once_as_a_person(
    signed_in: SignIn, cast: Cast, db: ScopedSession, catalogue: Catalogue
) -> None:
    second = pupil(db, cast.class_4b, "Đinh Văn Bảo")
    join_unit(db, cast.hoa_person.id, cast.class_4b.id, "parent", "Lê Thị Hoa", OPENED)
    guard(db, cast.hoa_person.id, second.person_id, "mẹ", OPENED)  # type: ignore[arg-type]
    learn_course(db, learner_of(db, cast.hoa_person.id, "Lê Thị Hoa"), catalogue)
    db.commit()
    head = signed_in("hieu-truong")
    head.get(address(cast.hoa_sen))
    assert "2 trên 2 học sinh có cha mẹ hoặc người giám hộ đã hoàn thành 100 %" in head.words
    assert "1 trên 1 cha mẹ, người giám hộ đã hoàn thành 100 %" in head.words


def test_a_page_asks_the_database_as_often_for_forty_pupils_as_for_one(
    signed_in: SignIn, cast: Cast, db: ScopedSession, migrated: SharedDatabase
) -> None:
    head, tu = signed_in("hieu-truong"), signed_in("tu")

    def asked(reader: Reader, where: str) -> int:
        sent: list[str] = []
        reader.get(where)

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            # Whether the catalogue's revision is looked at depends on the clock.
            if statement.lstrip().startswith(("SELECT", "WITH")) and "catalog_state" not in statement:
                sent.append(statement)

        sa.event.listen(migrated.writer, "before_cursor_execute", note)
        reader.get(where)
        sa.event.remove(migrated.writer, "before_cursor_execute", note)
        return len(sent)

    pages = [
        (head, address(cast.hoa_sen)),
        (head, address(cast.class_4a, "lop")),
        (head, f"{address(cast.hoa_sen)}/so-lieu.xlsx"),
        (tu, address(cast.commune, "xa")),
    ]
    before = [asked(reader, where) for reader, where in pages]
    for number in range(40):
        child, mother = pupil(db, cast.class_4b, f"Em {number}"), pupil(db, cast.class_4b, "Mẹ", "parent")
        guard(db, mother.person_id, child.person_id, "mẹ", OPENED)  # type: ignore[arg-type]
    db.commit()
    after = [asked(reader, where) for reader, where in pages]
    print(f"figures: {before} statements")
    assert after == before
    assert max(before) <= 16


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 30, "0 %"), (30, 30, "100 %"), (30, 38, "78,9 %"), (12, 38, "31,6 %"), (1, 2, "50 %"),
        (1, 3000, "dưới 0,1 %"),
        (2999, 3000, "99,9 %"),
    ],
)  # fmt: skip
def test_a_share_is_never_whole_when_one_is_missing_nor_nothing_when_one_is_there(
    part: int, whole: int, words: str
) -> None:
    assert share(part, whole) == words
