"""A class's list, the school's approval in somebody's own name, the papers, and what each person is told."""

import io
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader

from lms import clock, codes
from lms.accounts.models import Account, RoleGrant, StaffAct
from lms.accounts.sessions import start
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.certificates.actions import replace_certificate, revoke_certificate
from lms.certificates.models import COURSE, Certificate, Proposal
from lms.config import Config
from lms.db import ScopedSession, new_id
from lms.people.actions import SHOW_NAME, record_consent
from lms.people.models import Membership
from lms.places.models import Unit
from lms.progress.actions import Doer, witness_check
from lms.web import create_app
from tests.awarding import doer_of, learn, learn_before, member, ready_class
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast, known_hash
from tests.conftest import SharedDatabase
from tests.web_test.story import faults, fields

NAMES = ("Nguyễn Văn Bình", "H'Hen Niê", "Trần Thị Ái")
IN_ORDER = ["Trần Thị Ái", "Nguyễn Văn Bình", "H'Hen Niê"]
COURSE_QUERY = "?khoa=lam-quen&cho=hoc-sinh"


@pytest.fixture
def catalogue(db: ScopedSession) -> Catalogue:
    """Give the sample library."""
    return load(db)


@pytest.fixture
def doers(db: ScopedSession, cast: Cast, catalogue: Catalogue) -> dict[str, Doer]:
    """Give 4A three pupils who are ready for the certificate."""
    made = ready_class(db, cast, catalogue, *NAMES)
    db.commit()
    return made


def browser(app: Flask, db: ScopedSession, settings: Config, **holds: object) -> Reader:
    """Return a browser whose session holds an account or a learner."""
    _, token = start(db, settings.secret, clock.now(), **holds)
    db.commit()
    reader = Reader(app)
    reader.client.set_cookie("phien", token)
    return reader


@pytest.fixture
def teacher(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Give cô Lan's browser."""
    return browser(app, db, settings, account_id=cast.lan.id)


@pytest.fixture
def head(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Give the browser of the head of Hoa Sen."""
    return browser(app, db, settings, account_id=cast.head.id)


def token(reader: Reader) -> str:
    """Return the token that stands in the forms of the last page."""
    assert reader.page is not None
    return next(e.get("value", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("name") == "token")


def ticks(reader: Reader, *, checked: bool = False) -> dict[str, str]:
    """Return what the boxes of the last page send, by the name beside each."""
    assert reader.page is not None
    found = {}
    for label in reader.page.iter(f"{HOUSE}label"):
        box = label.find(f"{HOUSE}input")
        if box is not None and box.get("name") == "nguoi" and (not checked or "checked" in box.attrib):
            found[" ".join("".join(label.itertext()).split())] = box.get("value", "")
    return found


def named(boxes: dict[str, str], *names: str) -> list[str]:
    """Return what the boxes beside these names send."""
    return [value for label, value in boxes.items() if label.startswith(names)]


def address_of(unit: Unit, what: str = "") -> str:
    """Return an address of a class."""
    return f"/gv/lop/{unit.ref}/de-nghi{what}"


def send(teacher: Reader, unit: Unit, *names: str, status: int = 303) -> None:
    """Send 4A's list for the first course."""
    teacher.get(address_of(unit, COURSE_QUERY))
    chosen = named(ticks(teacher), *names) if names else []
    form = {"token": token(teacher), "khoa": "lam-quen", "cho": "hoc-sinh", "nguoi": chosen}
    teacher.post(address_of(unit), form, status)


def list_address(head: Reader, cast: Cast) -> str:
    """Return the address of the one list that waits at Hoa Sen."""
    head.get(f"/truong/{cast.hoa_sen.ref}/giay-chung-nhan")
    (found,) = {a for a in head.links() if re.search(r"/giay-chung-nhan/[0-9a-f]{12}$", a)}
    return found


def approve(head: Reader, address: str, *names: str, status: int = 303, **changes: str) -> None:
    """Approve a list, or try to."""
    head.get(address)
    boxes = ticks(head)
    form = {
        "token": token(head),
        "nguoi": named(boxes, *names) if names else list(boxes.values()),
        "chuc_danh": "Hiệu trưởng",
        "dong_y": "co",
    } | changes
    head.post(f"{address}/duyet", form, status)


@pytest.fixture
def issued(teacher: Reader, head: Reader, cast: Cast, doers: dict[str, Doer]) -> str:
    """Give the address of a list of three that was approved."""
    send(teacher, cast.class_4a, *NAMES)
    address = list_address(head, cast)
    approve(head, address)
    return address


def papers(db: ScopedSession) -> list[Certificate]:
    """Return the school's certificates in the order they were issued."""
    return list(
        db.scalars(sa.select(Certificate).where(Certificate.kind == COURSE).order_by(Certificate.sequence))
    )


# ---- the class ------------------------------------------------------------------------------------


def test_the_class_page_says_who_is_ready_what_others_lack_and_where_to_confirm(
    teacher: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue, doers: dict[str, Doer]
) -> None:
    alone = member(db, cast.class_4a, "Lò Văn Tám")
    learn(db, alone, catalogue)
    db.commit()
    teacher.get(address_of(cast.class_4a))
    assert "3 em đủ điều kiện" in teacher.words
    assert [label.split(" có")[0] for label in ticks(teacher, checked=True)] == IN_ORDER
    assert "Chưa xong chủ đề: Nhìn rõ màn hình" in teacher.words.split("Đinh Thị An")[1]
    assert "Đã xong, chưa ai xác nhận" in teacher.words.split("Lò Văn Tám")[1]
    assert "Chủ đề này chưa giao cho lớp nên chưa xác nhận được" in teacher.words
    module = catalogue.courses[0].modules[0]
    from lms.classrooms.assigning import assign

    given = assign(db, cast.class_4a.id, module.id, "student", clock.today(), clock.now(), by=cast.lan.id)
    db.commit()
    teacher.get(address_of(cast.class_4a))
    assert f"/gv/lop/{cast.class_4a.ref}/bai-giao/{given.ref}/xac-nhan" in teacher.links()


def test_a_list_is_sent_corrected_and_told_as_waiting(
    teacher: Reader, db: ScopedSession, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    send(teacher, cast.class_4a, "H'Hen Niê")
    teacher.get(address_of(cast.class_4a, COURSE_QUERY))
    assert "Đã gửi 1 em ngày" in teacher.words
    assert "đang chờ nhà trường duyệt" in teacher.words
    assert [label.split(" có")[0] for label in ticks(teacher, checked=True)] == ["H'Hen Niê"]
    assert db.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 1
    acts = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "propose")).all()
    assert len(acts) == 2
    assert not any("Niê" in what for what in acts)


def test_a_list_of_nobody_is_refused_with_what_was_ticked_kept(
    teacher: Reader, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, status=422)
    assert set(faults(teacher)) == {"nguoi"}
    assert ticks(teacher, checked=True) == {}


def test_parents_have_a_list_of_their_own(
    teacher: Reader, head: Reader, db: ScopedSession, cast: Cast, catalogue: Catalogue
) -> None:
    hoa = doer_of(db, cast.hoa_person.id, "Lê Thị Hoa")
    learn_before(db, hoa, catalogue, cast.lan_person.id)
    db.commit()
    teacher.get(address_of(cast.class_4a))
    assert "1 người đủ điều kiện" in teacher.words, "the first course with somebody ready is shown"
    form = {"token": token(teacher), "khoa": "lam-quen", "cho": "cha-me", "nguoi": [*ticks(teacher).values()]}
    teacher.post(address_of(cast.class_4a), form)
    approve(head, list_address(head, cast))
    (paper,) = papers(db)
    assert (paper.audience, paper.person_id) == ("parent", cast.hoa_person.id)


def test_a_class_without_people_says_what_to_do_first(teacher: Reader, head: Reader, cast: Cast) -> None:
    head.get(address_of(cast.class_4b))
    assert "Lớp chưa có học sinh trong danh sách" in head.words
    assert f"/gv/lop/{cast.class_4b.ref}/nap" in head.links()


# ---- the school -----------------------------------------------------------------------------------


def test_the_officer_sees_the_evidence_and_issues_in_its_own_name(
    teacher: Reader, head: Reader, db: ScopedSession, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    address = list_address(head, cast)
    assert "3 học sinh, Cô Lan gửi ngày" in head.words
    head.get(address)
    assert f"{cast.lan_person.full_name} chứng kiến" in head.words
    assert cast.head.display_name in head.words
    approve(head, address)
    head.get(address)
    assert "Đã cấp 3 giấy" in head.words
    made = papers(db)
    assert [p.register_number for p in made] == re.findall(r"000\d/\d{4}-[0-9A-F]{4}", head.words)
    assert {p.issued_by for p in made} == {cast.head.display_name}
    assert f'"signer_name":"{cast.head.display_name}","signer_title":"Hiệu trưởng"' in made[0].payload
    (act,) = db.scalars(sa.select(StaffAct).where(StaffAct.act == "certify"))
    assert act.unit_id == cast.hoa_sen.id
    assert "Cấp 3 giấy chứng nhận" in act.what


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"dong_y": ""}, {"dong_y"}),
        ({"chuc_danh": ""}, {"chuc_danh"}),
        ({"chuc_danh": "khac"}, {"chuc_danh_khac"}),
        ({"chuc_danh": "khac", "chuc_danh_khac": "Giám đốc 漢"}, {"chuc_danh_khac"}),
        ({"chuc_danh": "khac", "chuc_danh_khac": "G" * 61, "dong_y": "khong"}, {"chuc_danh_khac", "dong_y"}),
        ({"nguoi": "000000000000"}, {"danh-sach"}),
    ],
)
def test_nothing_is_issued_without_the_tick_a_title_and_somebody(
    teacher: Reader,
    head: Reader,
    db: ScopedSession,
    cast: Cast,
    doers: dict[str, Doer],
    changes: dict[str, str],
    wrong: set[str],
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    approve(head, list_address(head, cast), status=422, **changes)
    assert set(faults(head)) == wrong
    assert fields(head)["chuc_danh_khac"] == changes.get("chuc_danh_khac", "")
    assert papers(db) == []
    assert db.scalars(sa.select(Proposal.decided_at)).one() is None


def test_a_title_of_one_s_own_is_printed_as_typed(
    teacher: Reader, head: Reader, db: ScopedSession, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, "H'Hen Niê")
    approve(head, list_address(head, cast), chuc_danh="khac", chuc_danh_khac="  Giám  đốc ")
    (paper,) = papers(db)
    assert '"signer_title":"Giám đốc"' in paper.payload


def test_sending_the_approval_twice_issues_once(
    head: Reader, db: ScopedSession, issued: str, cast: Cast
) -> None:
    head.get("/tai-khoan")
    form = {"token": token(head), "chuc_danh": "Hiệu trưởng", "dong_y": "co", "nguoi": "x"}
    head.post(f"{issued}/duyet", form)
    head.post(f"{issued}/tra-lai", form | {"ly_do": "Nhầm"})
    assert len(papers(db)) == 3
    assert db.scalars(sa.select(Proposal.decision)).one() == "approved"


def test_a_line_taken_out_and_one_no_longer_ready_are_told_to_school_and_class(
    teacher: Reader, head: Reader, db: ScopedSession, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    address = list_address(head, cast)
    gone = sa.update(Membership).where(Membership.person_id == doers["H'Hen Niê"].person_id)
    db.execute(gone.values(left_on=clock.today()))
    db.commit()
    head.get(address)
    assert "Không còn đủ điều kiện nên sẽ không được cấp: H'Hen Niê, không còn trong lớp" in head.words
    approve(head, address, "Trần Thị Ái")
    said = "Trường bỏ khỏi danh sách: số 2, 3."
    assert said in head.get(address).text
    assert "không cấp" in head.words.split("Nguyễn Văn Bình")[1]
    teacher.get(address_of(cast.class_4a, COURSE_QUERY))
    assert "Lần ấy không cấp cho Nguyễn Văn Bình, H'Hen Niê" in teacher.words
    assert len(papers(db)) == 1


def test_a_list_is_returned_with_a_note_the_teacher_reads(
    teacher: Reader, head: Reader, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    address = list_address(head, cast)
    head.get(address)
    head.post(f"{address}/tra-lai", {"token": token(head), "ly_do": " "}, 422)
    assert set(faults(head)) == {"ly_do"}
    head.post(f"{address}/tra-lai", {"token": token(head), "ly_do": "x" * 501}, 422)
    head.post(f"{address}/tra-lai", {"token": token(head), "ly_do": "Thiếu em An"})
    head.get(address)
    assert "“Thiếu em An”" in head.words
    teacher.get(address_of(cast.class_4a, COURSE_QUERY))
    assert "Nhà trường trả lại ngày" in teacher.words
    assert "“Thiếu em An”" in teacher.words
    head.get(f"/truong/{cast.hoa_sen.ref}/giay-chung-nhan")
    assert "Trả lại cho lớp" in head.words
    assert "Không có danh sách nào chờ duyệt" in head.words


def test_a_site_without_its_address_says_so_and_issues_nothing(
    teacher: Reader,
    db: ScopedSession,
    cast: Cast,
    settings: Config,
    database: SharedDatabase,
    doers: dict[str, Doer],
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    bare = replace(settings, public_url="")
    head = browser(create_app(bare, database), db, bare, account_id=cast.head.id)
    address = list_address(head, cast)
    head.get(address)
    assert "Nhờ người quản trị đặt LMS_PUBLIC_URL" in head.words
    approve(head, address, status=422)
    assert set(faults(head)) == {"danh-sach"}
    assert papers(db) == []


# ---- whose ----------------------------------------------------------------------------------------


def officer_of(db: ScopedSession, unit: Unit, login: str) -> Account:
    """Open an account of an officer of a school."""
    now = clock.now()
    made = Account(
        id=new_id(), login=login, display_name="Phạm Văn Sáu", password_hash=known_hash(), made_at=now
    )
    db.add(made)
    db.flush()
    grant = RoleGrant(id=new_id(), account_id=made.id, role="school_admin", unit_id=unit.id, granted_at=now)
    db.add(grant)
    db.commit()
    return made


def test_a_list_is_found_only_below_its_own_class_and_school(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, issued: str
) -> None:
    ref = issued.rsplit("/", 1)[1]
    both = officer_of(db, cast.sao_mai, "sao-mai")
    db.add(
        RoleGrant(
            id=new_id(), account_id=both.id, role="school_admin", unit_id=cast.hoa_sen.id,
            granted_at=clock.now(),
        )
    )  # fmt: skip
    reader = browser(app, db, settings, account_id=both.id)
    reader.get(issued)
    reader.get(f"{issued}.pdf")
    beside = f"/truong/{cast.sao_mai.ref}/giay-chung-nhan"
    for end in ("", ".pdf"):
        reader.get(f"{beside}/{ref}{end}", 404)
        reader.get(f"{beside}/{'0' * 12}{end}", 404)
    for end in ("duyet", "tra-lai"):
        reader.get("/tai-khoan")
        reader.post(f"{beside}/{ref}/{end}", {"token": token(reader), "ly_do": "x"}, 404)
    reader.get(f"/gv/lop/{cast.class_4a.ref}/giay-chung-nhan/{ref}.pdf")
    reader.get(f"/gv/lop/{cast.class_4b.ref}/giay-chung-nhan/{ref}.pdf", 404)
    assert "Không có danh sách nào chờ duyệt" in reader.get(beside).text
    assert "Lớp 4A" not in reader.words


def test_a_teacher_decides_nothing_and_a_stranger_sees_nothing(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, teacher: Reader, issued: str
) -> None:
    teacher.get("/tai-khoan")
    own = token(teacher)
    for address in (f"/truong/{cast.hoa_sen.ref}/giay-chung-nhan", issued, f"{issued}.pdf"):
        teacher.get(address, 404)
    teacher.post(f"{issued}/duyet", {"token": own}, 404)
    stranger = browser(app, db, settings, account_id=cast.minh.id)
    stranger.get(address_of(cast.class_4a), 404)
    stranger.get(issued, 404)
    assert Reader(app).get(issued, 403).status_code == 403


def test_a_form_without_its_token_changes_nothing(
    head: Reader, teacher: Reader, db: ScopedSession, cast: Cast, doers: dict[str, Doer]
) -> None:
    send(teacher, cast.class_4a, *NAMES)
    address = list_address(head, cast)
    head.post(f"{address}/duyet", {"dong_y": "co", "chuc_danh": "Hiệu trưởng"}, 403)
    head.post(f"{address}/tra-lai", {"ly_do": "x"}, 403)
    teacher.post(address_of(cast.class_4a), {"khoa": "lam-quen", "cho": "hoc-sinh"}, 403)
    assert db.scalars(sa.select(Proposal.decided_at)).one() is None


def test_no_page_asks_the_database_more_for_more_people(
    teacher: Reader,
    head: Reader,
    db: ScopedSession,
    database: SharedDatabase,
    cast: Cast,
    catalogue: Catalogue,
    doers: dict[str, Doer],
) -> None:
    from tests.web_test.test_statements import counting

    def asked() -> tuple[int, ...]:
        send(teacher, cast.class_4a, *NAMES, "Lớp")
        pages = (
            (teacher, address_of(cast.class_4a)),
            (head, f"/truong/{cast.hoa_sen.ref}/giay-chung-nhan"),
            (head, list_address(head, cast)),
        )
        counts = []
        for reader, address in pages:
            with counting(database) as count:
                reader.get(address)
            # Once a second any page compares the catalogue's revision; that is not these pages' own.
            counts.append(sum("revision" not in statement for statement in count.statements))
        return tuple(counts)

    few = asked()
    for number in ("Một", "Hai", "Ba", "Bốn", "Năm"):
        learn_before(db, member(db, cast.class_4a, f"Lớp {number}"), catalogue, cast.lan_person.id)
        learn(db, member(db, cast.class_4a, f"Học {number}"), catalogue)
    db.commit()
    many = asked()
    print(f"class, lists, list: {many} statements")
    # One more: where something is not witnessed, the page looks for the assignment to confirm it in.
    assert (many[0] - 1, *many[1:]) == few
    assert max(many) <= 14


# ---- the papers -----------------------------------------------------------------------------------


def test_the_class_is_printed_in_one_file_in_class_order_for_school_and_teacher(
    head: Reader, teacher: Reader, db: ScopedSession, cast: Cast, issued: str
) -> None:
    ref = issued.rsplit("/", 1)[1]
    for reader, address in (
        (head, f"{issued}.pdf"),
        (teacher, f"/gv/lop/{cast.class_4a.ref}/giay-chung-nhan/{ref}.pdf"),
    ):
        sent = reader.get(address)
        assert sent.mimetype == "application/pdf"
        assert "giay-chung-nhan-lop-4a.pdf" in sent.headers["Content-Disposition"]
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(sent.data)).pages]
        assert [next(n for n in NAMES if n in text) for text in pages] == IN_ORDER


def test_a_corrected_paper_is_printed_in_its_place_and_a_revoked_one_no_more(
    head: Reader, db: ScopedSession, issued: str
) -> None:
    first, second, third = papers(db)
    new = replace_certificate(db, first.code, by="lms", now=clock.now(), holder_name="Trần Thị Ngọc Ái")
    revoke_certificate(db, third.code, reason="Nhầm", by="lms", now=clock.now())
    db.commit()
    texts = [p.extract_text() for p in PdfReader(io.BytesIO(head.get(f"{issued}.pdf").data)).pages]
    assert len(texts) == 2
    assert "Trần Thị Ngọc Ái" in texts[0]
    assert new.register_number in texts[0]
    assert f"Thay giấy số: {first.register_number}" in texts[0]
    for one in (new, second):
        revoke_certificate(db, one.code, reason="Nhầm", by="lms", now=clock.now())
    db.commit()
    head.get(f"{issued}.pdf", 404)


def test_anyone_checks_the_paper_at_the_same_address_without_a_child_s_name(
    app: Flask, db: ScopedSession, issued: str, cast: Cast
) -> None:
    paper = papers(db)[0]
    record_consent(db, paper.person_id, SHOW_NAME, True, "Cho hiện tên", "learner", clock.now())
    db.commit()
    stranger = Reader(app)
    text = stranger.get(f"/tra-cuu/{paper.code}").text
    for words in (
        "CÓ THẬT",
        "Giấy chứng nhận này do Trường Tiểu học Hoa Sen cấp và còn giá trị",
        "Giấy chứng nhận hoàn thành khóa học",
        "Học sinh lớp 4A, năm học 2026–2027",
        "trước sự chứng kiến của giáo viên",
        "Hiệu trưởng",
        cast.head.display_name,
        paper.register_number or "?",
        codes.group(paper.code),
    ):
        assert words in stranger.words
    assert "Ái" not in text, "a pupil's name is never shown, whatever was agreed to"
    stranger.post(f"/tra-cuu/{paper.code}", {"ho_ten": "tran thi ai"}, 200)
    assert "KHỚP: họ tên vừa gõ đúng với giấy chứng nhận" in stranger.words
    assert "xác nhận phổ cập" not in text


def test_a_revoked_or_replaced_paper_is_told_by_its_own_name(
    app: Flask, db: ScopedSession, issued: str
) -> None:
    first, second, _ = papers(db)
    revoke_certificate(db, first.code, reason="Ghi nhầm lớp", by="lms", now=clock.now())
    new = replace_certificate(db, second.code, by="lms", now=clock.now(), holder_name="Nguyễn Văn Bỉnh")
    db.commit()
    stranger = Reader(app)
    stranger.get(f"/tra-cuu/{first.code}")
    assert "Giấy chứng nhận này đã bị thu hồi" in stranger.words
    stranger.get(f"/tra-cuu/{second.code}")
    assert "Giấy chứng nhận này không còn dùng" in stranger.words
    stranger.get(f"/tra-cuu/{new.code}")
    assert f"Thay giấy số {second.register_number}" in stranger.words


# ---- one's own page -------------------------------------------------------------------------------


def learner(app: Flask, db: ScopedSession, settings: Config, doer: Doer) -> Reader:
    """Return the browser of a learner."""
    return browser(app, db, settings, learner_id=doer.learner_id)


def test_a_pupil_s_own_page_shows_both_papers_and_downloads_each(
    app: Flask, db: ScopedSession, settings: Config, doers: dict[str, Doer], issued: str
) -> None:
    doer = doers["Trần Thị Ái"]
    own = learner(app, db, settings, doer)
    own.get("/phieu")
    assert "Giấy chứng nhận hoàn thành khóa học" in own.words
    assert "Phiếu ghi nhận kết quả tự học" in own.words
    assert "Đã có phiếu. Đã có giấy chứng nhận của trường." in own.words
    paper = next(p for p in papers(db) if p.person_id == doer.person_id)
    sent = own.get(f"/phieu/{paper.code}.pdf")
    assert f"giay-chung-nhan-{paper.code}.pdf" in sent.headers["Content-Disposition"]
    assert "GIẤY CHỨNG NHẬN" in PdfReader(io.BytesIO(sent.data)).pages[0].extract_text()


def test_one_s_own_page_says_what_is_missing_for_the_school_s_paper(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, catalogue: Catalogue
) -> None:
    pupil = member(db, cast.class_4a, "Lò Văn Tám")
    first, second = catalogue.courses[0].modules
    own = learner(app, db, settings, pupil)
    own.get("/phieu")
    assert "Làm bài kiểm tra trước mặt thầy cô thì có giấy chứng nhận của trường" in own.words
    assert f"{first.title}: còn 1 bài và bài kiểm tra" in own.words
    learn(db, pupil, catalogue)
    db.commit()
    own.get("/phieu")
    wanted = "em cần làm bài kiểm tra trước mặt thầy cô: "
    assert f"{wanted}{first.title}; {second.title}." in own.words
    witness_check(db, pupil, first, cast.lan_person.id, clock.now())
    db.commit()
    own.get("/phieu")
    assert f"{wanted}{second.title}." in own.words
    witness_check(db, pupil, second, cast.lan_person.id, clock.now())
    db.commit()
    own.get("/phieu")
    assert "Đã đủ điều kiện nhận giấy chứng nhận của trường, chờ nhà trường duyệt." in own.words


def test_somebody_of_no_class_is_told_nothing_of_a_school(
    app: Flask, db: ScopedSession, settings: Config, catalogue: Catalogue
) -> None:
    from tests.story import known

    doer = known(db, "Quách Thị Diệp")
    learn(db, doer, catalogue)
    own = learner(app, db, settings, doer)
    own.get("/phieu")
    assert "của trường" not in own.words


def test_an_officer_who_learns_sees_its_own_papers_only(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, catalogue: Catalogue, issued: str
) -> None:
    from tests.story import known

    doer = known(db, "Nguyễn Thị Hạnh")
    both = browser(app, db, settings, account_id=cast.head.id, learner_id=doer.learner_id)
    both.get("/phieu")
    for name in NAMES:
        assert name not in both.words
    both.get(f"/phieu/{papers(db)[0].code}.pdf", 404)


def test_the_screens_promise_nothing_they_must_not(
    head: Reader, teacher: Reader, cast: Cast, issued: str
) -> None:
    for reader, address in (
        (head, issued),
        (head, f"/truong/{cast.hoa_sen.ref}/giay-chung-nhan"),
        (teacher, address_of(cast.class_4a)),
    ):
        assert "phổ cập" not in reader.get(address).text.lower()
