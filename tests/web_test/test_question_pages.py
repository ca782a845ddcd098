"""The author's pages of questions: what was changed, what a regrade would do; what learners read of it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.models import Account, RoleGrant, StaffAct
from lms.accounts.sessions import start
from lms.catalog.models import Regrade
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.certificates.models import Certificate
from lms.db import ScopedSession, new_id
from lms.progress.actions import Doer, complete_lesson
from lms.quizzes.models import Attempt, MarkChange
from lms.web import questions
from tests.browser_double import Reader
from tests.cast import Cast, known_hash
from tests.conftest import SharedDatabase
from tests.quizzes_test.regrade_world import (
    DAY,
    MODULE,
    QUESTION,
    all_of,
    count,
    key,
    mark,
    publish,
    reworded,
    settle,
    take,
    without,
)
from tests.story import ISSUER, guest, home, learn_module
from tests.web_test.story import faults
from tests.web_test.test_staff_accounts_screens import send, signed_in
from tests.web_test.test_statements import counting

LIST, PAGE, FORM = "/qt/cau-hoi", f"/qt/cau-hoi/{QUESTION}", f"/qt/cau-hoi/{QUESTION}/cham-lai"
REASON = "Đáp án cũ ghi nhầm, c mới đúng."


@pytest.fixture
def author(app: Flask, cast: Cast, db: ScopedSession) -> Reader:
    """Give the browser of somebody who writes the content and is nothing else."""
    now = clock.now()
    made = Account(
        id=new_id(), login="mai", display_name="Nguyễn Thị Mai", password_hash=known_hash(), made_at=now
    )
    db.add(made)
    db.flush()
    db.add(RoleGrant(id=new_id(), account_id=made.id, role="author", unit_id=None, granted_at=now))
    db.flush()
    return signed_in(app, "mai")


def taken(db: ScopedSession, *choices: str) -> list[object]:
    """Let guests take the check yesterday with these choices; return their attempts."""
    catalogue, yesterday = load(db), clock.now() - DAY
    module = catalogue.modules[MODULE]
    return [take(db, guest(db), module, catalogue, yesterday, db_dau_cong=choice) for choice in choices]


def agree(reader: Reader, reason: str = REASON, status: int = 303, **more: str) -> str:
    """Send the form of the regrade as the page shows it; return where the reply leads."""
    bo = more.get("bo", "0")
    shown = reader.get(f"{FORM}?bo={bo}").text
    found = re.search(r'name="lan" value="(\w{12})"', shown)
    assert found
    return send(reader, FORM, status, **{"ly_do": reason, "lan": found[1], "bo": bo} | more)


def test_only_who_writes_the_content_or_runs_the_site_sees_the_questions(app: Flask, cast: Cast) -> None:
    for login in ("lan", "hieu-truong", "tu"):
        reader = signed_in(app, login)
        for page in (LIST, PAGE, FORM):
            reader.get(page, 403)
        send(reader, FORM, 403, ly_do=REASON, lan="0" * 12)
    for page in (LIST, PAGE, FORM):
        Reader(app).get(page, 403)
    admin = signed_in(app, "quan-tri")
    assert LIST in (admin.get("/qt") and admin.links())
    for page in (LIST, PAGE, FORM):
        admin.get(page)


def test_the_desk_of_an_author_leads_to_every_question_of_every_bank(author: Reader) -> None:
    author.get("/gv")
    assert LIST in author.links()
    author.get(LIST)
    assert "Muốn lưu số mới vào danh bạ thì bấm vào đâu?" in author.words
    assert {PAGE, "/qt/cau-hoi/db-goi-thu", "/qt/cau-hoi/mh-chu-nho"} <= set(author.links())
    author.get(PAGE)
    assert "b) Dấu cộng (đúng)" in author.words
    assert "Chưa chấm lại lần nào." in author.words
    for unknown in ("/qt/cau-hoi/khong-co", "/qt/cau-hoi/danh-ba", "/qt/cau-hoi/khong-co/cham-lai"):
        author.get(unknown, 404)
    send(author, "/qt/cau-hoi/khong-co/cham-lai", 404, ly_do=REASON, lan="0" * 12)


def test_a_corrected_key_is_flagged_until_it_is_regraded(
    author: Reader, db: ScopedSession, offer: Offer
) -> None:
    flag = "Đáp án đã đổi, bài cũ chưa chấm lại."
    publish(db, offer, db_dau_cong=reworded)
    taken(db, "c")
    author.get(LIST)
    assert flag not in author.words
    publish(db, offer, db_dau_cong=key("c"))
    author.get(LIST)
    assert author.words.count(flag) == 1
    author.get(PAGE)
    assert "Đáp án khác; sửa lời hỏi; sửa chữ ở a, b, c, d." in author.words
    assert author.words.count(flag) == 1
    author.get(FORM)
    assert PAGE in author.links()
    agree(author)
    for page in (LIST, PAGE):
        author.get(page)
        assert flag not in author.words


def test_a_regrade_is_looked_at_agreed_to_and_told(author: Reader, db: ScopedSession, offer: Offer) -> None:
    attempts = taken(db, "c", "b", "a")
    publish(db, offer, db_dau_cong=key("c"))
    author.get(FORM)
    assert "Bài lên điểm 1 Bài xuống điểm 1 Bài không đổi 1 Chưa đạt thành đạt 1" in author.words
    assert "2/3 → 3/3 Thành đạt" in author.words
    assert "3/3 → 2/3 Vẫn giữ đạt" in author.words
    assert count(db, MarkChange) == 0

    led = agree(author)
    assert led == f"{PAGE}#lan-cham-lai"
    author.get(PAGE)
    assert "Đã chấm lại xong: 2 bài đổi điểm." in author.words
    assert f"Nguyễn Thị Mai {REASON}" in author.words
    assert [mark(db, each).points for each in attempts] == [3, 2, 2]  # type: ignore[arg-type]
    act = db.execute(sa.select(StaffAct.by, StaffAct.what).where(StaffAct.act == "regrade")).one()
    assert act == ("Nguyễn Thị Mai", f"Chấm lại câu hỏi {QUESTION}. Lý do: {REASON}")
    assert db.scalars(sa.select(Regrade.account_id)).one() is not None
    author.get(FORM)
    assert "Không có gì phải chấm lại." in author.words


def test_the_same_form_sent_twice_decides_once(author: Reader, db: ScopedSession, offer: Offer) -> None:
    taken(db, "c")
    publish(db, offer, db_dau_cong=key("c"))
    assert agree(author, lan="a" * 12) == agree_again(author)
    assert (count(db, Regrade), count(db, MarkChange)) == (1, 1)
    assert count(db, StaffAct, StaffAct.act == "regrade") == 1


def agree_again(reader: Reader) -> str:
    """Send the form with the same number once more."""
    return send(reader, FORM, ly_do=REASON, lan="a" * 12, bo="0")


def test_without_a_reason_the_page_comes_back_with_everything_on_it(
    author: Reader, db: ScopedSession, offer: Offer
) -> None:
    taken(db, "c")
    publish(db, offer, db_dau_cong=key("c"))
    agree(author, reason="  ", status=422)
    assert faults(author) == {"ly_do": "Chưa ghi lý do. Viết một câu; người học đọc câu này ở trang kết quả."}
    assert "Chưa đạt thành đạt 1" in author.words
    agree(author, reason="y" * 301, status=422)
    assert "y" * 301 in {field.get("value") for field in (author.page or []).iter()}
    assert count(db, Regrade) == 0


def test_a_question_is_dropped_from_its_page(author: Reader, db: ScopedSession) -> None:
    (attempt,) = taken(db, "a")
    author.get(f"{FORM}?bo=1")
    assert "Bỏ câu này khỏi bài chấm?" in author.words
    assert "2/3 → 2/2 Thành đạt" in author.words
    agree(author, bo="1")
    author.get(PAGE)
    assert "Câu này đã được bỏ khỏi bài chấm: không tính cho ai." in author.words
    assert mark(db, attempt).out_of == 2  # type: ignore[arg-type]
    author.get(LIST)
    assert "Đã bỏ, không tính điểm." in author.words
    author.get(f"{FORM}?bo=1")
    assert "Câu này đã được bỏ từ trước." in author.words


def test_removed_choices_are_told_in_their_words(author: Reader, db: ScopedSession, offer: Offer) -> None:
    taken(db, "b", "b", "c")
    publish(db, offer, db_dau_cong=all_of(without("b"), key("c")))
    author.get(FORM)
    assert "“b” Dấu cộng: 2 bài." in author.words
    author.get(PAGE)
    assert "bản nay bỏ b" in author.words


def test_what_a_request_has_no_time_for_is_left_to_the_queue_and_said_so(
    author: Reader, db: ScopedSession, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(db, "c", "c", "c")
    publish(db, offer, db_dau_cong=key("c"))
    monkeypatch.setattr(questions, "SLICE", timedelta(seconds=-1))
    agree(author)
    author.get(PAGE)
    assert "Đã chấm lại 1/3 bài. Việc nền làm tiếp" in author.words


def test_the_pages_cost_the_same_whatever_the_number_of_learners(
    author: Reader, db: ScopedSession, offer: Offer, database: SharedDatabase
) -> None:
    publish(db, offer, db_dau_cong=key("c"))
    costs = []
    for more in (1, 6):
        publish(db, offer)
        taken(db, *("c" * more))
        publish(db, offer, db_dau_cong=key("c"))
        cost = []
        for page in (LIST, PAGE, FORM):
            author.get(page)
            with counting(database) as statements:
                author.get(page)
            cost.append(len(statements.statements))
        costs.append(cost)
    assert costs[0] == costs[1]


# ---- the learner's notice -------------------------------------------------------------------------


def own_result(app: Flask, db: ScopedSession, choice: str) -> tuple[Reader, str, Doer]:
    """Let somebody take the check yesterday as the last thing missing; return browser and result page."""
    now, yesterday = clock.now(), clock.now() - DAY
    one = home(db, "Quách Thị Ngọc Diệp", yesterday, app.extensions["config"].secret)
    catalogue = load(db)
    learn_module(db, one.doer, catalogue.modules["man-hinh"], catalogue, yesterday)
    for lesson in catalogue.modules[MODULE].lessons:
        complete_lesson(db, one.doer, lesson, catalogue, ISSUER, yesterday)
    attempt = take(db, one.doer, catalogue.modules[MODULE], catalogue, yesterday, db_dau_cong=choice)
    code = db.scalars(sa.select(Attempt.code).where(Attempt.id == attempt)).one()
    reader = Reader(app)
    session = {"learner_id": one.doer.learner_id, "household_id": one.household.id}
    _, token = start(db, app.extensions["config"].secret, now, **session)
    reader.client.set_cookie("phien", token)
    return reader, f"/kiem-tra/{code}/ket-qua", one.doer


def test_the_learner_finds_a_plain_notice_and_the_certificate(
    app: Flask, db: ScopedSession, offer: Offer, database: SharedDatabase
) -> None:
    reader, page, doer = own_result(app, db, "c")
    reader.get(page)
    assert "Chưa đạt: đúng 2 trên 3 câu" in reader.words
    assert "được chấm lại" not in reader.words
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    reader.get(page)
    today = f"{clock.today():%d/%m/%Y}"
    assert f"được chấm lại ngày {today}." in reader.words
    assert (
        "Trước: đúng 2 trên 3 câu. Từ ngày ấy: đúng 3 trên 3 câu. Bài kiểm tra này nay đạt." in reader.words
    )
    assert "Lý do: Đáp án cũ ghi nhầm." in reader.words
    assert "Nguyễn Thị Mai" not in reader.words
    assert count(db, Certificate, Certificate.person_id == doer.person_id) == 1


def test_a_learner_whose_points_fall_reads_that_nothing_is_taken(
    app: Flask, db: ScopedSession, offer: Offer, database: SharedDatabase
) -> None:
    reader, page, _ = own_result(app, db, "b")
    publish(db, offer, db_dau_cong=key("c"))
    settle(database)
    reader.get(page)
    assert "Đạt: đúng 2 trên 3 câu" in reader.words
    assert "Kết quả đạt và những gì đã có vẫn giữ nguyên." in reader.words
    settle(database, drop=True)
    reader.get(page)
    assert "Câu này không tính điểm cho ai nữa." in reader.words
