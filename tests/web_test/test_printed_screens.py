"""Tests on paper at the screens: making, printing, typing without script, comparing, and who may."""

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader

from lms import clock
from lms.accounts.models import StaffAct
from lms.catalog.queries import load
from lms.config import Config
from lms.db import ScopedSession
from lms.people.models import Membership
from lms.quizzes.models import Attempt, PrintedTest, TypedSheet
from lms.quizzes.printing import read_versions
from lms.quizzes.sheets import PaperTest, as_test
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast
from tests.quizzes_test.printed_class import answers, printed, pupil, type_once, type_twice
from tests.web_test.joining import hidden, signed_in
from tests.web_test.story import faults

MODULE = "man-hinh"


@pytest.fixture
def lan(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Give the browser of the teacher of 4A."""
    return signed_in(app, db, settings, cast.lan)


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/gv/lop/{cast.class_4a.ref}/de-giay"


@pytest.fixture
def test(db: ScopedSession, cast: Cast) -> PaperTest:
    """Give a test of 4A in two versions, and a second pupil."""
    pupil(db, cast.class_4a, "Lý A Sử")
    made = printed(db, cast.class_4a, load(db).modules[MODULE], cast.lan)
    db.commit()
    return made


def send(reader: Reader, page: str, address: str = "", status: int = 303, **typed: str) -> str:
    """Send the form of a page, with what stands in it; return where it leads."""
    reader.get(page)
    assert reader.page is not None
    stands = {
        field.get("name", ""): field.get("value", "")
        for field in reader.page.iter(f"{HOUSE}input")
        if field.get("type") not in {"radio", "checkbox"} and field.get("name")
    }
    response = reader.post(address or page, stands | typed, status)
    return response.headers.get("Location", "")


def field_of(reader: Reader, label: str) -> str:
    """Return the name of the field of the last page that is read out so."""
    assert reader.page is not None
    return next(e.get("name", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("aria-label") == label)


def pdf(reader: Reader, address: str) -> tuple[int, str]:
    """Fetch a file; return its number of pages and its words."""
    response = reader.get(address)
    assert response.mimetype == "application/pdf"
    assert "attachment" in response.headers["Content-Disposition"]
    pages = PdfReader(io.BytesIO(response.data)).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


# ---- making and printing ------------------------------------------------------------------------


def test_a_teacher_makes_a_test_with_the_usual_answers_and_a_second_tap_changes_nothing(
    lan: Reader, db: ScopedSession, base: str
) -> None:
    lan.get(base)
    assert "Lớp chưa có đề giấy nào." in lan.words
    lan.get(f"{base}/moi")
    sent = {"token": hidden(lan, "token")[0], "khoa": hidden(lan, "khoa")[0], "chu_de": MODULE}
    sent |= {"so_cau": "", "so_ma": "2", "kieu": "nhu", "ngay": "05/12/2026"}
    first = lan.post(f"{base}/moi", sent).headers["Location"]
    assert lan.post(f"{base}/moi", sent).headers["Location"] == first
    [made] = db.scalars(sa.select(PrintedTest)).all()
    versions = read_versions(made.versions)
    assert [len(version) for version in versions.values()] == [3, 3]
    assert f"{made.held_on:%d/%m/%Y}" == "05/12/2026"
    acts = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "print")).all()
    assert len(acts) == 1
    lan.get(first)
    assert f"Mã đề {', '.join(versions)}" in lan.words
    lan.get(base)
    assert f"mã {', '.join(versions)} · đã ghi kết quả 0 em" in lan.words


def test_a_wrong_form_is_drawn_again_with_what_was_typed(lan: Reader, base: str) -> None:
    send(lan, f"{base}/moi", status=422, chu_de="khong-co", so_cau="99", so_ma="9", ngay="31/02/2026")
    assert len(faults(lan)) == 4
    assert "Không có ngày 31/02/2026. Gõ như 05/12/2026." in lan.words
    assert lan.page is not None
    assert "99" in [e.get("value") for e in lan.page.iter(f"{HOUSE}input")]
    send(lan, f"{base}/moi", status=422, chu_de=MODULE, so_ma="2", ngay="05/12/2062")
    assert faults(lan) == {"ngay": "Ngày làm bài cách hôm nay quá một năm. Xem lại năm."}


def test_the_questions_are_printed_without_the_key_and_the_key_apart(
    lan: Reader, db: ScopedSession, base: str, test: PaperTest
) -> None:
    catalogue = load(db)
    here = f"{base}/{test.ref}"
    pages, words = pdf(lan, f"{here}/de.pdf")
    assert pages == 2
    for code, version in test.versions.items():
        assert words.count(f"Mã đề {code} – trang 1 trên 1") == 1
        for asked in version:
            question = catalogue.questions[asked.edition_id]
            assert words.count(" ".join(question.text.split())) == 2
            assert question.explanation[3:20] not in words
            assert "Tôi chưa chắc" not in words
    assert "giáo viên" not in words.casefold()
    one, other = test.versions
    assert pdf(lan, f"{here}/de.pdf?made={one}")[1].count(other) == 0
    assert pdf(lan, f"{here}/de.pdf?to=1")[0] >= pages
    lan.get(f"{here}/de.pdf?made=0000", 404)

    _, key = pdf(lan, f"{here}/dap-an.pdf")
    assert "DÀNH CHO GIÁO VIÊN" in key
    assert "Đạt khi đúng từ 3 trên 3 câu." in key
    right = [answers(catalogue, test, code) for code in (one, other)]
    for number in range(3):
        assert f"{number + 1} {right[0][number]} {right[1][number]}" in key


def test_answer_sheets_bear_the_names_of_the_class_or_none(lan: Reader, base: str, test: PaperTest) -> None:
    pages, words = pdf(lan, f"{base}/{test.ref}/phieu-tra-loi.pdf")
    assert (pages, words.count("Phiếu trả lời")) == (1, 2)
    assert words.index("Đinh Thị An") < words.index("Lý A Sử")
    pages, words = pdf(lan, f"{base}/{test.ref}/phieu-tra-loi.pdf?trong=1")
    assert (pages, words.count("Phiếu trả lời")) == (1, 2)
    assert "An" not in words
    assert "Chưa chắc thì để trống" in words


def test_files_that_differ_never_share_a_name(lan: Reader, base: str, test: PaperTest) -> None:
    files = ("de.pdf", "de.pdf?to=1", f"de.pdf?made={next(iter(test.versions))}", "dap-an.pdf")
    sheets = ("phieu-tra-loi.pdf", "phieu-tra-loi.pdf?trong=1")
    names = {lan.get(f"{base}/{test.ref}/{file}").headers["Content-Disposition"] for file in files + sheets}
    assert len(names) == 6


def test_the_same_test_prints_the_same_bytes(lan: Reader, base: str, test: PaperTest) -> None:
    for file in ("de.pdf", "phieu-tra-loi.pdf", "dap-an.pdf"):
        address = f"{base}/{test.ref}/{file}"
        assert lan.get(address).data == lan.get(address).data


def test_a_letter_that_cannot_be_printed_is_told_not_left_out(
    lan: Reader, db: ScopedSession, cast: Cast, base: str, test: PaperTest
) -> None:
    change = sa.update(Membership).where(Membership.person_id == cast.an.id)
    db.execute(change.values(full_name="Đinh Thị An 🙂"))
    db.commit()
    answer = lan.get(f"{base}/{test.ref}/phieu-tra-loi.pdf", 302)
    lan.follow(answer)
    assert "Chưa in được tệp này" in lan.words


# ---- typing, comparing, landing -----------------------------------------------------------------


def test_without_script_sheets_are_typed_in_rows_and_what_is_wrong_stands_at_its_row(
    lan: Reader, db: ScopedSession, base: str, test: PaperTest
) -> None:
    grid, code = f"{base}/{test.ref}/nhap", next(iter(test.versions))
    lan.get(grid)
    an, su = (field_of(lan, f"Các câu của {name}") for name in ("Đinh Thị An", "Lý A Sử"))
    names = {"an": f"ma-{an[3:]}", "su": f"ma-{su[3:]}"}
    led = send(lan, grid, **{names["an"]: code, an: "abc", names["su"]: "0000", su: "ÂB"})
    lan.get(led)
    assert "Đã lưu 2 trên 2 em." in lan.words
    assert faults(lan) == {
        names["su"]: f"Lý A Sử: Bài này không có mã đề 0000. Các mã: {', '.join(test.versions)}.",
        su: "Lý A Sử: Bộ gõ tiếng Việt đã đổi chữ. Tắt bộ gõ rồi gõ lại, hoặc gõ 1 2 3 4 thay cho A B C D.",
    }
    kept = db.execute(sa.select(TypedSheet.letters).order_by(TypedSheet.letters)).scalars().all()
    assert kept == ["ABC", "ÂB"], "what cannot be read is not lost"

    lan.get(f"{base}/{test.ref}/nhap-lai")
    assert lan.page is not None
    assert {e.get("value") for e in lan.page.iter(f"{HOUSE}input") if e.get("aria-label")} == {""}

    send(lan, grid, **{su: "", names["su"]: ""})
    lan.get(grid)
    assert faults(lan) == {}
    assert db.scalars(sa.select(TypedSheet.letters)).all() == ["ABC"]


def test_a_row_of_somebody_else_is_not_typed_over_and_that_is_said(
    lan: Reader, db: ScopedSession, cast: Cast, base: str, test: PaperTest
) -> None:
    grid, code = f"{base}/{test.ref}/nhap", next(iter(test.versions))
    lan.get(grid)
    an = field_of(lan, "Các câu của Đinh Thị An")
    sent = {"token": hidden(lan, "token")[0], f"ma-{an[3:]}": code, an: "AAA"}
    sent |= {f"cu-ma-{an[3:]}": "", f"cu-tl-{an[3:]}": ""}
    type_once(db, test, 1, {cast.an.id: (code, "BBB")}, by="Cô Hạnh")
    db.commit()
    lan.follow(lan.post(grid, sent))
    assert "Có 1 em người khác vừa nhập" in lan.words
    assert db.scalars(sa.select(TypedSheet.letters)).all() == ["BBB"]


def test_slips_are_settled_and_results_kept_once_with_an_act_on_record(
    lan: Reader, db: ScopedSession, cast: Cast, base: str, test: PaperTest
) -> None:
    catalogue, here, code = load(db), f"{base}/{test.ref}", next(iter(test.versions))
    right = answers(catalogue, test, code)
    type_twice(db, test, {cast.an.id: (code, right)})
    su = db.scalars(sa.select(Membership.person_id).where(Membership.full_name == "Lý A Sử")).one()
    type_once(db, test, 1, {su: (code, "-" + right[1:])})
    type_once(db, test, 2, {su: (code, right)})
    db.commit()

    lan.get(here)
    assert "Đối chiếu và ghi kết quả (2 em)" in lan.words
    lan.get(f"{here}/doi-chieu")
    assert f"Câu 1: lần một trống, lần hai {right[0]}" in lan.words
    assert lan.page is not None
    radios = [e for e in lan.page.iter(f"{HOUSE}input") if e.get("type") == "radio"]
    assert [e.get("value") for e in radios] == [*test.versions[code][0].letters, "-"]
    name = radios[0].get("name", "")
    send(lan, f"{here}/doi-chieu", **{name: "Z"})
    lan.get(f"{here}/doi-chieu?da_chon=0")
    assert "1 em có chỗ khác nhau" in lan.words
    lan.get(send(lan, f"{here}/doi-chieu", **{name: "-"}))
    assert "Đã lưu 1 chỗ vừa chọn." in lan.words
    assert "2 em hai lần giống nhau" in lan.words

    led = send(lan, f"{here}/doi-chieu", f"{here}/ghi-nhan")
    assert led.endswith("da_ghi=2")
    assert send(lan, f"{base}/moi", f"{here}/ghi-nhan").endswith("da_ghi=0")
    lan.get(led)
    assert "Đã ghi kết quả 2 trên 2 em, đạt 1" in lan.words
    assert re.search(r"Đinh Thị An 3 trên 3 Đạt Lý A Sử 2 trên 3 Chưa đạt", lan.words)
    modes = db.execute(sa.select(Attempt.level, Attempt.mode, Attempt.witness_id)).all()
    assert {tuple(row) for row in modes} == {(2, "paper", cast.lan_person.id)}
    acts = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "paper")).all()
    assert len(acts) == 1
    assert "2 em lớp 4A" in acts[0]
    assert "Đinh" not in acts[0]
    lan.get(f"{here}/doi-chieu")
    assert "Không còn phiếu nào chờ ghi." in lan.words
    lan.get(f"{here}/nhap")
    assert "đã ghi: 3 trên 3" in lan.words


def test_an_account_without_a_person_is_told_how_to_get_one_and_keeps_nothing(
    app: Flask, settings: Config, db: ScopedSession, cast: Cast, base: str, test: PaperTest
) -> None:
    code = next(iter(test.versions))
    type_twice(db, test, {cast.an.id: (code, "AAA")})
    db.commit()
    head, here = signed_in(app, db, settings, cast.head), f"{base}/{test.ref}"
    head.get(f"{here}/doi-chieu")
    assert "chưa đứng tên người chấm được" in head.words
    head.get(f"{here}/nhap")
    head.post(f"{here}/ghi-nhan", {"token": hidden(head, "token")[0]})
    assert db.scalars(sa.select(Attempt)).all() == []


def test_a_test_of_another_class_or_school_is_as_one_that_does_not_exist(
    app: Flask, settings: Config, db: ScopedSession, cast: Cast, test: PaperTest
) -> None:
    head = signed_in(app, db, settings, cast.head)
    other = f"/gv/lop/{cast.class_4b.ref}/de-giay/{test.ref}"
    for tail in ("", "/de.pdf", "/phieu-tra-loi.pdf", "/dap-an.pdf", "/nhap", "/nhap-lai", "/doi-chieu"):
        head.get(other + tail, 404)
    minh = signed_in(app, db, settings, cast.minh)
    minh.get(f"/gv/lop/{cast.class_4a.ref}/de-giay/{test.ref}", 404)
    head.get(f"/gv/lop/{cast.class_4b.ref}/de-giay/moi")
    token = {"token": hidden(head, "token")[0]}
    for tail in ("/nhap", "/nhap-lai", "/doi-chieu", "/ghi-nhan"):
        head.post(other + tail, token, 404)


def test_what_is_read_does_not_grow_with_the_class(
    lan: Reader, db: ScopedSession, cast: Cast, base: str, test: PaperTest, app: Flask
) -> None:
    from tests.web_test.test_statements import counting

    pages = [f"{base}/{test.ref}{tail}" for tail in ("", "/nhap", "/doi-chieu")]

    def statements() -> list[int]:
        numbers = []
        for page in pages:
            with counting(app.extensions["database"]) as count:
                lan.get(page)
            numbers.append(len(count.statements))
        return numbers

    statements()
    few = statements()
    code = next(iter(test.versions))
    for number in range(60):
        who = pupil(db, cast.class_4a, f"Lý A {number}")
        type_once(db, test, 1 + number % 2, {who.id: (code, "ABC")})
    db.commit()
    assert statements() == few
    lan.get(f"{base}/{test.ref}/nhap?trang=2")
    assert lan.page is not None
    assert len([e for e in lan.page.iter(f"{HOUSE}input") if e.get("class") == "typed-letters"]) == 2


def test_old_tests_are_as_they_were_when_the_module_is_offered_no_more(
    lan: Reader, db: ScopedSession, base: str, test: PaperTest
) -> None:
    from lms.catalog.models import CatalogItem, CatalogState

    item = sa.update(CatalogItem).where(CatalogItem.parent_id == MODULE)
    db.execute(item.values(retired_at=clock.now()))
    db.execute(sa.update(CatalogItem).where(CatalogItem.id == MODULE).values(retired_at=clock.now()))
    db.execute(sa.update(CatalogState).values(revision=CatalogState.revision + 1))
    db.commit()
    lan.get(f"{base}/{test.ref}")
    assert pdf(lan, f"{base}/{test.ref}/de.pdf")[0] == 2
    row = db.scalars(sa.select(PrintedTest)).one()
    assert as_test(row) == test
