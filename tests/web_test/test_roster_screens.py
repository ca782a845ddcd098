"""From a teacher's Excel to a clean class: upload, preview, cures in the cells, and only then the writing."""

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from lms import clock
from lms.accounts.models import RoleGrant, StaffAct
from lms.accounts.sessions import start
from lms.classrooms.drafts import KEPT, forget_expired
from lms.classrooms.models import Classroom, RosterDraft
from lms.config import Config
from lms.db import ScopedSession
from lms.people.models import Membership, Person
from lms.places.models import Unit
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast
from tests.classrooms_test.dirty_files import CURES, class_of_38, position, xlsx
from tests.classrooms_test.rolls import Desk, desk
from tests.web_test.story import faults, fields

HEADER = ["Họ và tên", "Lớp", "Ngày sinh", "Họ tên mẹ", "SĐT mẹ"]


@pytest.fixture
def office(db: ScopedSession, cast: Cast) -> Desk:
    return desk(db, cast)


@pytest.fixture
def lan(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Give the browser of the teacher of 4A."""
    return browser(app, db, settings, cast.lan.id)


@pytest.fixture
def head(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Give the browser of the officer of Hoa Sen."""
    return browser(app, db, settings, cast.head.id)


def browser(app: Flask, db: ScopedSession, settings: Config, account: object) -> Reader:
    """Give a browser in which an account is signed in."""
    _, token = start(db, settings.secret, clock.now(), account_id=account)
    db.commit()
    reader = Reader(app)
    reader.client.set_cookie("phien", token)
    return reader


def hidden(reader: Reader, name: str) -> list[str]:
    """Return the values of the hidden fields of a name on the last page."""
    assert reader.page is not None
    return [e.get("value", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("name") == name]


def ticks(reader: Reader, name: str) -> dict[str, str]:
    """Return words and values of the radio or check boxes of a name on the last page."""
    assert reader.page is not None
    found = {}
    for label in reader.page.iter(f"{HOUSE}label"):
        for box in label.iter(f"{HOUSE}input"):
            if box.get("name") == name:
                found[" ".join("".join(label.itertext()).split())] = box.get("value", "")
    return found


def chosen(reader: Reader) -> dict[str, str]:
    """Return what every select of the last page stands on."""
    assert reader.page is not None
    found = {}
    for select in reader.page.iter(f"{HOUSE}select"):
        options = list(select.iter(f"{HOUSE}option"))
        marked = next((o for o in options if o.get("selected") is not None), options[0])
        found[select.get("name", "")] = marked.get("value", "")
    return found


def upload(reader: Reader, base: str, file: bytes | None, status: int = 303, **typed: Any) -> str:
    """Send a file, or what was pasted; return the address of the preview."""
    reader.get(base)
    data: dict[str, Any] = {"token": hidden(reader, "token")[0], "dan": ""} | typed
    if file is not None:
        data["tep"] = (io.BytesIO(file), typed.pop("name", "danh sach.xlsx"))
    response = reader.post(base, data, status)
    return response.headers.get("Location", "")


def send_large(reader: Reader, base: str, file: bytes, status: int) -> None:
    """Send a large file in a body made here: the test client leaves its own temporary file open."""
    reader.get(base)
    parts = [("token", "", hidden(reader, "token")[0].encode()), ("tep", '; filename="a.xlsx"', file)]
    body = b"".join(
        f'--xxx\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
        for name, more, content in parts
    )
    response = reader.client.post(
        base,
        data=body + b"--xxx--\r\n",
        content_type="multipart/form-data; boundary=xxx",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    reader._read(response, status)


def say(reader: Reader, preview: str, what: str, **typed: Any) -> str:
    """Send the form of a preview as it stands, with what is typed over it; return where the reply leads."""
    reader.get(preview)
    data: dict[str, Any] = {
        "token": hidden(reader, "token")[0],
        "thay": hidden(reader, "thay")[0],
        "dong": hidden(reader, "dong"),
        "viec": what,
    }
    data |= fields(reader) | chosen(reader) | typed
    return reader.post(preview, data).headers["Location"]


def at(cell: str) -> str:
    """Return the name of the field for a cell, as Excel names it."""
    line, column = position(cell)
    return f"o-{line}-{column}"


def base_of(unit: Unit, rest: str = "nap") -> str:
    return f"/{'gv/lop' if unit.kind == 'class' else 'truong'}/{unit.ref}/{rest}"


def book_of(*rows: list[Any]) -> bytes:
    return xlsx([HEADER, *rows])


def texts(response: Any) -> list[list[str]]:
    """Return the cells of the first sheet of a workbook that was sent."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.data))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


# ---- the teacher's way ----------------------------------------------------------------------


def test_a_workbook_with_twelve_faults_becomes_a_clean_class(lan: Reader, office: Desk, cast: Cast) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38())
    lan.get(preview)
    assert "6 dòng cần sửa" in lan.words
    assert "ngày 31/02/2016 không có thật" in lan.words
    shown = fields(lan)
    assert shown[at("C12")] == "31/02/2016"
    assert {name for name in shown if name.startswith("o-")} == {at(cell) for cell in CURES}
    assert office.names(cast.class_4a) == ["Đinh Thị An"]

    checked = say(lan, preview, "kiem-tra", **{at(cell): cure for cell, cure in CURES.items()})
    lan.get(checked)
    assert "không còn dòng nào lỗi" in lan.words
    assert len(office.names(cast.class_4a)) == 1

    done = say(lan, preview, "nap")
    lan.get(done)
    assert "38 em mới" in lan.words
    assert "76 cha mẹ, người giám hộ mới" in lan.words
    assert len(office.names(cast.class_4a)) == 39
    assert "Lò Văn Sáu" in office.names(cast.class_4a)
    assert len(office.families(cast.class_4a)) == 77


def test_the_same_workbook_again_says_that_nothing_is_new(lan: Reader, office: Desk, cast: Cast) -> None:
    for _ in range(2):
        preview = upload(lan, base_of(cast.class_4a), class_of_38(mended=True))
        done = say(lan, preview, "nap")
    people = office.people()
    lan.get(done)
    assert "Không có gì mới" in lan.words
    preview = upload(lan, base_of(cast.class_4a), class_of_38(mended=True))
    lan.get(preview)
    assert "38 em đã có, không đổi gì" in lan.words
    assert "Nạp 0" not in lan.words
    assert office.people() == people


def test_faulty_rows_stay_out_the_others_go_in_and_the_rest_can_be_downloaded_mended_and_read_again(
    lan: Reader, office: Desk, cast: Cast
) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38())
    before = texts(lan.get(f"{preview}/con-loi.xlsx"))
    done = say(lan, preview, "nap")
    lan.get(done)
    assert "6 dòng còn lỗi chưa nạp" in lan.words
    assert len(office.names(cast.class_4a)) == 33
    rest = texts(lan.get(f"{preview}/con-loi.xlsx"))
    assert rest == before
    assert len(rest) == 7
    assert rest[0][-1] == "Cần sửa"
    assert "ngày 31/02/2016 không có thật" in rest[1][-1]
    assert "Sơn La" not in str(rest)
    rest[1][2] = "28/02/2016"
    again = upload(lan, base_of(cast.class_4a), xlsx(rest[:2]))
    say(lan, again, "nap")
    assert len(office.names(cast.class_4a)) == 34


def test_a_row_can_be_dropped_and_taken_back(lan: Reader, office: Desk, cast: Cast) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38())
    line, _ = position("C12")
    say(lan, preview, "kiem-tra", **{f"bo-{line}": "co"})
    lan.get(preview)
    assert "5 dòng cần sửa" in lan.words
    assert "Dòng đã bỏ (1)" in lan.words
    assert at("C12") not in fields(lan)
    say(lan, preview, "kiem-tra", **{f"bo-{line}": []})
    lan.get(preview)
    assert "6 dòng cần sửa" in lan.words


def test_cells_mended_but_not_checked_are_checked_before_anything_is_written(
    lan: Reader, office: Desk, cast: Cast
) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38())
    led = say(lan, preview, "nap", **{at("C12"): "30/02/2016"})
    assert led.startswith(preview)
    assert "/xong" not in led
    lan.get(led)
    assert fields(lan)[at("C12")] == "30/02/2016"
    assert office.names(cast.class_4a) == ["Đinh Thị An"]


def test_a_list_pasted_from_excel_is_read_like_a_file(lan: Reader, office: Desk, cast: Cast) -> None:
    preview = upload(lan, base_of(cast.class_4a), None, dan="Họ và tên\tNgày sinh\nLò Thị Pâng\t01/02/2017\n")
    say(lan, preview, "nap")
    assert "Lò Thị Pâng" in office.names(cast.class_4a)


def test_nothing_sent_and_files_that_are_no_rosters_are_refused_in_words(lan: Reader, cast: Cast) -> None:
    base = base_of(cast.class_4a)
    upload(lan, base, None, 422)
    assert "Chưa dán gì" in faults(lan)["dan"]
    upload(lan, base, b"MZ" + b"\0" * 100, 422)
    assert "tệp chương trình" in faults(lan)["tep"]
    preview = upload(lan, base, None, dan="Môn\tĐiểm\nToán\t9\n")
    lan.get(preview)
    assert "Không thấy cột Họ và tên" in lan.words
    assert "Nạp " not in " ".join(b for b in re.findall(r"<button[^>]*>.*?</button>", lan.get(preview).text))


@pytest.mark.parametrize(
    "file", [class_of_38()[:4000], b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"%PDF-1.7"]
)
def test_files_that_cannot_be_read_are_refused_and_nothing_is_kept(
    lan: Reader, db: ScopedSession, cast: Cast, file: bytes
) -> None:
    upload(lan, base_of(cast.class_4a), file, 422)
    assert len(faults(lan)["tep"]) > 20
    assert db.scalars(sa.select(RosterDraft)).all() == []


def test_a_file_of_some_megabytes_is_read_one_too_large_is_refused_others_stay_small(
    lan: Reader, client: Reader, cast: Cast
) -> None:
    base = base_of(cast.class_4a)
    send_large(lan, base, b"PK\x03\x04" + b"\0" * (4 * 1024 * 1024), 422)
    send_large(lan, base, b"x" * (5 * 1024 * 1024 + 10), 422)
    assert "quá 5 MB" in faults(lan)["tep"]
    send_large(lan, base, b"x" * (6 * 1024 * 1024 + 10), 413)
    assert "quá lớn" in lan.words
    nobody = client.client.post(
        base,
        data={"tep": (io.BytesIO(b"x" * 100_000), "a.csv")},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert nobody.status_code == 413


def test_who_is_absent_is_shown_and_leaves_only_when_ticked(lan: Reader, office: Desk, cast: Cast) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38(mended=True))
    lan.get(preview)
    boxes = ticks(lan, "roi")
    assert [words.split(",")[0].split(":")[0] for words in boxes] == ["Đinh Thị An"]
    say(lan, preview, "nap", roi=list(boxes.values()))
    assert "Đinh Thị An" not in office.names(cast.class_4a)
    lan.get(f"{preview}/xong")
    assert "1 em đã rời đi" in lan.words


def test_a_doubt_is_asked_and_the_answer_decides(lan: Reader, office: Desk, cast: Cast) -> None:
    first = upload(lan, base_of(cast.class_4a), book_of(["Lê Tú", "4A", date(2017, 5, 1), "", ""]))
    say(lan, first, "nap")
    preview = upload(lan, base_of(cast.class_4a), book_of(["Lê Tú", "4A", date(2017, 5, 2), "", ""]))
    lan.get(preview)
    assert "1 em cần hỏi lại" in lan.words
    choices = ticks(lan, "hoi-1")
    assert len(choices) == 2
    same = next(value for words, value in choices.items() if "Lê Tú" in words)
    people = office.people()
    say(lan, preview, "kiem-tra", **{"hoi-1": same})
    say(lan, preview, "nap")
    assert office.people() == people
    assert office.person("Lê Tú").born_on == date(2017, 5, 2)


def test_an_answer_given_with_the_last_tap_counts(lan: Reader, office: Desk, cast: Cast) -> None:
    say(lan, upload(lan, base_of(cast.class_4a), book_of(["Lê Tú", "4A", date(2017, 5, 1), "", ""])), "nap")
    rows = (["Lê Tú", "4A", date(2017, 5, 2), "", ""], ["Cao Bá", "4A", "", "", ""])
    preview = upload(lan, base_of(cast.class_4a), book_of(*rows))
    say(lan, preview, "nap", **{"hoi-1": "moi"})
    assert office.names(cast.class_4a).count("Lê Tú") == 2


def test_a_column_guessed_wrong_is_chosen_again(lan: Reader, office: Desk, cast: Cast) -> None:
    rows = [["Học sinh", "Ngày", "Điện thoại mẹ", "Mẹ"], ["Lê Tú", "01/05/2017", "0912000111", "Hà Thị Na"]]
    preview = upload(lan, base_of(cast.class_4a), xlsx(rows))
    lan.get(preview)
    assert chosen(lan)["cot-born_on"] == ""
    say(lan, preview, "kiem-tra", **{"cot-born_on": "1"})
    lan.get(preview)
    assert chosen(lan)["cot-born_on"] == "1"
    say(lan, preview, "nap")
    assert office.person("Lê Tú").born_on == date(2017, 5, 1)


def test_a_school_that_changed_meanwhile_is_shown_again_and_two_taps_write_once(
    lan: Reader, office: Desk, cast: Cast, db: ScopedSession
) -> None:
    book = book_of(["Lê Tú", "4A", date(2017, 5, 1), "Hà Thị Na", "0912000001"])
    first, second = (upload(lan, base_of(cast.class_4a), book) for _ in range(2))
    lan.get(second)
    seen = {"token": hidden(lan, "token")[0], "thay": hidden(lan, "thay")[0], "viec": "nap"}
    say(lan, first, "nap")
    led = lan.post(second, seen).headers["Location"]
    lan.get(led)
    assert "vừa đổi trong lúc xem" in lan.words
    people = office.people()
    again = lan.post(first, seen).headers["Location"]
    assert again == f"{first}/xong"
    assert office.people() == people
    acts = sa.select(StaffAct.by).where(StaffAct.act == "roster.import", StaffAct.unit_id == cast.class_4a.id)
    assert list(db.scalars(acts)) == ["Cô Lan"]


def test_a_draft_is_its_own_account_s_its_own_class_s_and_one_day_s(
    lan: Reader, head: Reader, db: ScopedSession, cast: Cast
) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38())
    ref = preview.rsplit("/", 1)[1]
    missing = head.get(f"{base_of(cast.class_4a)}/{'0' * 12}", 404).text
    assert head.get(preview, 404).text.replace(ref, "…") == missing.replace("0" * 12, "…")
    lan.get(f"{base_of(cast.class_4b)}/{ref}", 404)
    head.get(f"{base_of(cast.hoa_sen)}/{ref}", 404)
    lan.get(preview)
    assert forget_expired(db, clock.now()) == 0
    db.execute(sa.update(RosterDraft).values(expires_at=clock.now() - timedelta(seconds=1)))
    lan.get(preview, 404)
    assert forget_expired(db, clock.now()) == 1
    assert timedelta(days=1) == KEPT


def test_what_is_never_taken_is_not_kept_either_and_a_draft_can_be_thrown_away(
    lan: Reader, db: ScopedSession, cast: Cast
) -> None:
    preview = upload(lan, base_of(cast.class_4a), class_of_38())
    body = str(db.scalars(sa.select(RosterDraft.body)).one())
    assert "Sơn La" not in body
    assert "001216000123" not in body
    assert say(lan, preview, "bo") == base_of(cast.class_4a)
    lan.get(preview, 404)


def test_after_writing_only_what_was_left_out_is_kept(lan: Reader, db: ScopedSession, cast: Cast) -> None:
    say(lan, upload(lan, base_of(cast.class_4a), class_of_38()), "nap")
    db.expire_all()
    rows = db.scalars(sa.select(RosterDraft.body)).one()["table"]["rows"]
    assert len(rows) == 7


def test_a_hundred_faulty_rows_are_shown_and_the_page_says_how_many_more(lan: Reader, cast: Cast) -> None:
    rows = [[f"Lê Tú {n}", "4A", "31/02/2017", "", ""] for n in range(1, 141)]
    preview = upload(lan, base_of(cast.class_4a), book_of(*rows))
    lan.get(preview)
    assert "140 dòng cần sửa" in lan.words
    assert "Còn 40 dòng nữa" in lan.words
    cures = {name: "Lê Bá" for name in fields(lan) if name.endswith("-0")}
    assert len(cures) == 100
    say(lan, preview, "kiem-tra", **cures)


# ---- the school ------------------------------------------------------------------------------


def test_the_file_of_a_school_goes_to_its_classes_and_opens_new_ones(
    head: Reader, office: Desk, db: ScopedSession, cast: Cast
) -> None:
    rows = [
        ["Lê Tú", "4A", date(2017, 5, 1), "Hà Thị Na", "0912000001"],
        ["Lê Tâm", "5C", date(2016, 5, 1), "Hà Thị Na", "0912000001"],
    ]
    preview = upload(head, base_of(cast.hoa_sen), book_of(*rows), nam="2026")
    head.get(preview)
    assert "Mở 1 lớp chưa có: 5C" in head.words
    head.get(say(head, preview, "nap"))
    assert "1 lớp được mở" in head.words
    assert "Lê Tú" in office.names(cast.class_4a)
    assert office.person_ids("Hà Thị Na") == 1
    head.get(base_of(cast.hoa_sen, "lop"))
    assert "Lớp 5C" in head.words
    assert "Lớp 6A" not in head.words


def test_two_tabs_of_two_schools_write_each_into_its_own(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    db.add(
        RoleGrant(
            account_id=cast.head.id, role="school_admin", unit_id=cast.sao_mai.id, granted_at=clock.now()
        )
    )
    db.flush()
    both = browser(app, db, settings, cast.head.id)
    first = upload(both, base_of(cast.hoa_sen), book_of(["Lê Tú", "4A", "", "", ""]))
    second = upload(both, base_of(cast.sao_mai), book_of(["Cao Bá", "6A", "", "", ""]))
    crossed = second.replace(cast.sao_mai.ref, cast.hoa_sen.ref)
    both.get(crossed, 404)
    say(both, first, "nap")
    say(both, second, "nap")
    where = sa.select(Membership.unit_id).where(Membership.full_name.in_(("Lê Tú", "Cao Bá")))
    assert set(db.scalars(where)) == {cast.class_4a.id, cast.class_6a.id}


def test_a_staff_list_is_read_the_same_way(head: Reader, db: ScopedSession, cast: Cast) -> None:
    base = base_of(cast.hoa_sen, "thay-co/nap")
    rows = [["Họ và tên", "Vị trí việc làm", "Điện thoại"], ["Mai Văn Phú", "Kế toán", "0912000012"]]
    preview = upload(head, base, xlsx(rows))
    head.get(preview)
    assert "1 người mới" in head.words
    assert cast.lan_person.full_name in head.words
    head.get(say(head, preview, "nap"))
    head.get(base_of(cast.hoa_sen, "thay-co"))
    assert "Mai Văn Phú" in head.words
    assert "CBQL, nhân viên" in head.words


def test_an_empty_staff_list_and_an_empty_year_say_what_to_do(
    head: Reader, db: ScopedSession, cast: Cast
) -> None:
    db.execute(
        sa.update(Membership).where(Membership.unit_id == cast.hoa_sen.id).values(left_on=clock.today())
    )
    head.get(base_of(cast.hoa_sen, "thay-co"))
    assert "Chưa có danh sách thầy cô" in head.words
    head.get(base_of(cast.hoa_sen, "lop") + "?nam=2021")
    assert "Năm học này chưa có lớp nào" in head.words


def test_sample_workbooks_are_read_without_a_fault(lan: Reader, head: Reader, cast: Cast) -> None:
    pupils = lan.get("/gv/mau-danh-sach.xlsx").data
    lan.get(upload(lan, base_of(cast.class_4a), pupils))
    assert "2 em mới" in lan.words
    assert "dòng cần sửa" in lan.words
    assert "Sửa ngay trong ô" not in lan.words
    staff = head.get("/gv/mau-thay-co.xlsx").data
    head.get(upload(head, base_of(cast.hoa_sen, "thay-co/nap"), staff))
    assert "2 người mới" in head.words


# ---- opening a class ---------------------------------------------------------------------------


def open_class(reader: Reader, school: Unit, name: str, status: int = 303) -> str:
    """Send the form of a new class."""
    address = f"/gv/lop-moi?truong={school.ref}"
    reader.get(address)
    data = {"token": hidden(reader, "token")[0], "ten_lop": name, "nam": "2026"}
    return reader.post(address, data, status).headers.get("Location", "")


def test_a_teacher_of_the_school_opens_a_class_and_teaches_it(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    minh = browser(app, db, settings, cast.minh.id)
    assert minh.get("/gv/lop-moi", 302).headers["Location"] == f"/gv/lop-moi?truong={cast.sao_mai.ref}"
    led = open_class(minh, cast.sao_mai, "7B")
    minh.get(led)
    assert "Nạp danh sách lớp 7B" in minh.words
    assert open_class(minh, cast.sao_mai, "7b") == led
    rooms = sa.select(sa.func.count()).select_from(Classroom).where(Classroom.name_key == "7b")
    assert db.scalar(rooms) == 1
    grants = sa.select(RoleGrant.role).where(RoleGrant.account_id == cast.minh.id)
    assert sorted(db.scalars(grants)) == ["teacher", "teacher"]


def test_a_class_that_is_there_is_offered_to_who_may_enter_it(
    app: Flask, db: ScopedSession, settings: Config, head: Reader, cast: Cast
) -> None:
    open_class(head, cast.hoa_sen, "4A", 422)
    assert "Lớp 4A năm học 2026–2027 đã có" in faults(head)["ten_lop"]
    assert f"/gv/lop/{cast.class_4a.ref}" in head.links()
    minh = browser(app, db, settings, cast.minh.id)
    open_class(minh, cast.sao_mai, "6A", 422)
    assert "Nhờ cán bộ trường giao lớp" in minh.words
    open_class(head, cast.hoa_sen, "", 422)
    assert faults(head)["ten_lop"] == "Chưa nhập tên lớp."


def test_a_class_is_opened_nowhere_but_in_one_s_own_school(
    app: Flask, db: ScopedSession, settings: Config, lan: Reader, head: Reader, cast: Cast
) -> None:
    lan.get("/gv/lop-moi")
    assert "Tài khoản này chưa mở lớp được" in lan.words
    lan.get(f"/gv/lop-moi?truong={cast.hoa_sen.ref}", 404)
    head.get(f"/gv/lop-moi?truong={cast.sao_mai.ref}", 404)
    head.get(f"/gv/lop-moi?truong={cast.hoa_sen.ref}")
    data = {"token": hidden(head, "token")[0], "ten_lop": "4C", "nam": "2026", "truong": cast.hoa_sen.ref}
    head.post(f"/gv/lop-moi?truong={cast.sao_mai.ref}", data, 404)
    head.post("/gv/lop-moi", data, 404)


# ---- one pupil by hand --------------------------------------------------------------------------


def pupil_link(reader: Reader, unit: Unit, name: str) -> str:
    """Return the address of a pupil's own form, from the list."""
    reader.get(base_of(unit, "danh-sach"))
    assert reader.page is not None
    return next(
        a.get("href", "") for a in reader.page.iter(f"{HOUSE}a") if "".join(a.itertext()) == f"Sửa {name}"
    )


def test_a_pupil_is_added_corrected_and_the_family_with_it(lan: Reader, office: Desk, cast: Cast) -> None:
    base = base_of(cast.class_4a, "danh-sach")
    lan.get(f"{base}/them")
    data = {
        "token": hidden(lan, "token")[0],
        "ho_ten": "H'Hen Niê",
        "ngay_sinh": "31/2/2017",
        "ten_xep": "Hen",
    }
    data |= {"m0-ten": "H'Mây Niê", "m0-la": "mẹ", "m0-sdt": "09120001"}
    lan.post(f"{base}/them", data, 422)
    assert set(faults(lan)) == {"ngay_sinh", "m0-sdt"}
    assert fields(lan)["m0-ten"] == "H'Mây Niê"
    data |= {"ngay_sinh": "28/2/2017", "m0-sdt": "0912 000 199"}
    lan.post(f"{base}/them", data)
    lan.post(f"{base}/them", data, 422)
    assert "đã có em H'Hen Niê" in faults(lan)["ho_ten"]
    assert ("H'Hen Niê", "mẹ", "H'Mây Niê", "0912000199") in office.families(cast.class_4a)

    form = pupil_link(lan, cast.class_4a, "H'Hen Niê")
    lan.get(form)
    sent = {"token": hidden(lan, "token")[0]} | fields(lan) | chosen(lan)
    mother = next(name for name, value in sent.items() if value == "H'Mây Niê").removesuffix("-ten")
    sent |= {
        "ho_ten": "H'Hen Niê Kđăm",
        "ngay_sinh": "",
        f"{mother}-sdt": "",
        f"{mother}-la": "người giám hộ",
    }
    sent |= {"m0-ten": "Y Thương Kđăm", "m0-la": "bố"}
    lan.post(form, sent)
    hen = office.person("H'Hen Niê Kđăm")
    assert hen.born_on is None
    assert office.families(cast.class_4a) >= {
        ("H'Hen Niê Kđăm", "người giám hộ", "H'Mây Niê", None),
        ("H'Hen Niê Kđăm", "bố", "Y Thương Kđăm", None),
    }
    lan.get(form)
    lan.post(form, {"token": hidden(lan, "token")[0]} | fields(lan) | chosen(lan) | {f"{mother}-bo": "co"})
    left = {f[2] for f in office.families(cast.class_4a) if f[0] == "H'Hen Niê Kđăm"}
    assert left == {"Y Thương Kđăm"}
    assert "H'Mây Niê" not in office.names(cast.class_4a, "parent")


def test_a_namesake_typed_by_hand_is_asked_about(lan: Reader, office: Desk, cast: Cast) -> None:
    base = base_of(cast.class_4a, "danh-sach/them")
    say(lan, upload(lan, base_of(cast.class_4a), book_of(["Lê Tú", "4A", date(2017, 5, 1), "", ""])), "nap")
    lan.get(base)
    data = {"token": hidden(lan, "token")[0], "ho_ten": "Lê Tú", "ngay_sinh": "02/05/2017"}
    lan.post(base, data, 422)
    choices = ticks(lan, "la_ai")
    assert len(choices) == 2
    lan.post(base, data | {"la_ai": "moi"})
    assert office.names(cast.class_4a).count("Lê Tú") == 2


def test_a_pupil_leaves_after_a_question_and_comes_back_with_one_tap(
    lan: Reader, office: Desk, cast: Cast
) -> None:
    form = pupil_link(lan, cast.class_4a, "Đinh Thị An")
    lan.get(f"{form}/roi-lop")
    assert "Đinh Thị An đã rời lớp 4A?" in lan.words
    sent = {"token": hidden(lan, "token")[0]}
    for _ in range(2):
        lan.get(lan.post(f"{form}/roi-lop", sent).headers["Location"])
    assert office.names(cast.class_4a) == []
    assert office.names(cast.class_4a, "parent") == []
    assert "Mới rời lớp" in lan.words
    lan.get(f"{form}/roi-lop", 302)
    for _ in range(2):
        lan.get(lan.post(f"{form}/o-lai", sent).headers["Location"])
    assert office.names(cast.class_4a) == ["Đinh Thị An"]
    assert office.names(cast.class_4a, "parent") == ["Lê Thị Hoa"]


def test_who_stands_in_another_class_by_now_is_not_taken_back(
    lan: Reader, office: Desk, cast: Cast, db: ScopedSession
) -> None:
    form = pupil_link(lan, cast.class_4a, "Đinh Thị An")
    lan.get(form)
    sent = {"token": hidden(lan, "token")[0]}
    held = sa.update(Membership).where(Membership.person_id == cast.an.id)
    db.execute(held.values(left_on=clock.today()))
    desk_row = sa.select(Membership).where(Membership.person_id == cast.an.id)
    an = db.scalars(desk_row).one()
    db.add(
        Membership(
            person_id=an.person_id,
            unit_id=cast.class_4b.id,
            audience="student",
            joined_on=clock.today(),
            full_name=an.full_name,
            sort_key=an.sort_key,
            search_text=an.search_text,
        )
    )
    db.flush()
    lan.get(lan.post(f"{form}/o-lai", sent).headers["Location"])
    assert "nay ở lớp khác" in lan.words
    assert office.names(cast.class_4a) == []


def test_pupils_of_other_classes_and_nobody_answer_alike(
    lan: Reader, head: Reader, office: Desk, cast: Cast, db: ScopedSession
) -> None:
    office.load_name("Cao Bá", cast.class_4b)
    theirs = pupil_link(head, cast.class_4b, "Cao Bá").rsplit("/", 1)[1]
    base = base_of(cast.class_4a, "danh-sach")
    lan.get(f"{base}/{theirs}", 404)
    lan.get(f"{base}/{'0' * 12}", 404)
    lan.get(f"{base_of(cast.class_4b, 'danh-sach')}/{theirs}", 404)
    lan.get(base_of(cast.class_4b), 404)
    lan.get(base_of(cast.class_6a), 404)


def test_an_empty_class_offers_to_read_a_list(head: Reader, cast: Cast) -> None:
    head.get(base_of(cast.class_4b, "danh-sach"))
    assert "Lớp chưa có danh sách" in head.words
    assert "Thêm từng em" in head.words


def test_names_are_never_in_an_address(lan: Reader, cast: Cast, db: ScopedSession) -> None:
    form = pupil_link(lan, cast.class_4a, "Đinh Thị An")
    person = db.scalars(sa.select(Person.id).where(Person.full_name == "Đinh Thị An")).one()
    assert person.hex not in form
    assert re.fullmatch(rf"/gv/lop/{cast.class_4a.ref}/danh-sach/[0-9a-f]{{12}}", form)
