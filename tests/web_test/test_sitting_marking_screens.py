"""Marking what pupils wrote, without names and by keyboard; the rules of a bank on its pages."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock, content
from lms.accounts.models import StaffAct
from lms.catalog.actions import sync
from lms.catalog.models import CatalogItem
from lms.catalog.offer import Offer, prepare
from lms.config import Config
from lms.db import ScopedSession
from lms.progress.actions import Doer
from lms.quizzes.actions import answer, start_attempt
from lms.quizzes.models import RubricMark, Sitting
from lms.quizzes.queries import paper_by_code
from lms.quizzes.responses import best
from lms.quizzes.sittings import close_sitting, give_answer
from tests.awarding import doer_of, member
from tests.browser_double import HOUSE, Reader
from tests.cast import Cast
from tests.kinds import library_of_kinds
from tests.quizzes_test.sitting_class import Room, open_room
from tests.story import ISSUER
from tests.web_test.joining import hidden, signed_in, staff_post
from tests.web_test.story import faults
from tests.web_test.test_sitting_screens import browser

CHECK = "/khoa-hoc/goi-an-toan/chu-de/goi-lai/kiem-tra"
MINUTE = timedelta(minutes=1)
WRITERS = {"Đinh Thị An": "Chưa bấm đâu bà ơi.", "Vàng A Páo": "Hỏi cô Lan đã <b>nhé</b>."}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Offer:
    """Render once a library whose check may be taken twice, ten minutes apart."""
    head = "draw: 9\npass: 100\ntries: 2\nwait: 10\ncounts: latest\n"
    root = library_of_kinds(tmp_path_factory.mktemp("kinds"), head)
    return prepare(content.load(root), root)


@pytest.fixture
def room(db: ScopedSession, cast: Cast, kinds: Offer) -> Room:
    """Let two pupils of 4A write to the open question, all else right, and hand in."""
    sync(db, kinds, clock.now(), retire=db.scalars(sa.select(CatalogItem.id)).all())
    room = open_room(db, cast, "goi-lai", draw=10)
    an = doer_of(db, cast.an.id, cast.an.full_name)
    for doer in (an, member(db, cast.class_4a, "Vàng A Páo")):
        write(room, doer, WRITERS[doer.full_name or ""])
    db.commit()
    return room


def write(room: Room, doer: Doer, words: str) -> None:
    """Answer all but the survey right, and hand in."""
    code = room.enter(doer)
    asked = {question.edition_id: question for question in room.module.bank}
    for row in room.paper(doer, code).rows:
        question = asked[row.edition_id]
        choice, text = best(question) or question.lines[0].key, None
        if question.kind == "open":
            choice, text = "-", words
        elif question.kind in {"text", "number"}:
            text = next(line.text for line in question.lines if line.key == choice)
        give(room, doer, code, row.position, choice, text)
    room.hand_in(doer, code)


def give(room: Room, doer: Doer, code: str, position: int, choice: str, text: str | None) -> None:

    given = give_answer(
        *(room.db, doer, code, position, choice, 0, room.catalogue, ISSUER, room.opened_at), text=text
    )
    assert given is not None
    assert given.is_kept


@pytest.fixture
def lan(app: Flask, db: ScopedSession, settings: Config, cast: Cast, room: Room) -> Reader:
    """Sign cô Lan of 4A in."""
    return signed_in(app, db, settings, cast.lan)


def pile_of(room: Room) -> str:
    question = next(question for question in room.module.bank if question.kind == "open")
    return f"/gv/lop/{room.cast.class_4a.ref}/cham-bai/{room.sitting.ref}/{question.id}"


def points(a: int, b: int, c: int, seen: int = 0) -> dict[str, object]:
    return {"y-a": str(a), "y-b": str(b), "y-c": str(c), "lan": str(seen)}


def test_answers_are_marked_one_after_the_other_without_names(
    lan: Reader, room: Room, db: ScopedSession
) -> None:
    home = f"/gv/lop/{room.cast.class_4a.ref}/cham-bai"
    lan.get(home)
    assert "còn 2 trên 2 bài chờ chấm" in lan.words
    assert pile_of(room) in lan.links()
    lan.get(pile_of(room))
    first = next(link for link in lan.links() if link.startswith(f"{pile_of(room)}/"))
    text = lan.get(first).text
    assert "Bài 1 trên 2" in lan.words
    assert not any(name in text for name in WRITERS)
    assert "<b>nhé</b>" not in text
    legends = ["".join(e.itertext()) for e in lan.page.iter(f"{HOUSE}legend")]  # type: ignore[union-attr]
    assert legends[0] == "Khuyên chưa bấm đường dẫn, chưa chuyển tiền"
    second = staff_post(lan, first, first, points(2, 1, 1))
    assert second.startswith(f"{pile_of(room)}/")
    assert second != first
    end = staff_post(lan, second, second, points(1, 0, 0))
    assert end == f"{pile_of(room)}?xong=1"
    lan.get(end)
    assert "Đã chấm hết" in lan.words
    assert "4 trên 4 điểm" in lan.words
    assert "1 trên 4 điểm" in lan.words
    lan.get(home)
    assert "đã chấm cả 2 bài" in lan.words
    acts = list(db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "mark-open")))
    assert len(acts) == 2
    assert not any(name in act for act in acts for name in WRITERS)
    lan.get(f"/gv/lop/{room.cast.class_4a.ref}/kiem-tra/{room.sitting.ref}")
    assert re.search(r"Đạt, đúng 10 trên 10 câu", lan.words)
    assert re.search(r"Chưa đạt, được 9,25 trên 10 điểm", lan.words)


def test_nobody_marks_what_they_wrote_themselves(lan: Reader, room: Room, db: ScopedSession) -> None:
    db.execute(sa.update(Sitting).values(witness_id=room.cast.hoa_person.id))
    write(room, doer_of(db, room.cast.lan_person.id, room.cast.lan_person.full_name), "Cô tự viết câu này.")
    db.commit()
    lan.get(pile_of(room))
    sheets = sorted({link for link in lan.links() if link.startswith(f"{pile_of(room)}/")})
    own = next(sheet for sheet in sheets if "Cô tự viết câu này." in lan.get(sheet).text)
    assert "Nhờ thầy cô khác" in lan.words
    assert not hidden(lan, "lan")
    following = [staff_post(lan, sheet, sheet, points(1, 1, 1)) for sheet in sheets if sheet != own]
    assert own not in following
    lan.get(following[-1])
    assert "Chỉ còn bài do chính thầy cô viết." in lan.words
    staff_post(lan, sheets[sheets[0] == own], own, points(2, 1, 1), 404)
    assert db.scalar(sa.select(sa.func.count()).select_from(RubricMark)) == len(WRITERS)


def test_points_forgotten_are_asked_for_and_what_was_chosen_stays(lan: Reader, room: Room) -> None:
    lan.get(pile_of(room))
    first = next(link for link in lan.links() if link.startswith(f"{pile_of(room)}/"))
    staff_post(lan, first, first, {"y-a": "2", "y-b": "7", "lan": "0"}, 422)
    assert faults(lan) == {"y-b": "Ý này cho từ 0 đến 1 điểm.", "y-c": "Ý này chưa cho điểm. Chọn một mức."}
    checked = [e.get("name") for e in lan.page.iter(f"{HOUSE}input") if "checked" in e.attrib]  # type: ignore[union-attr]
    assert checked == ["y-a"]


def test_of_two_teachers_the_second_sees_the_firsts_points_and_decides(
    lan: Reader, room: Room, app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    head = signed_in(app, db, settings, cast.head)
    lan.get(pile_of(room))
    first = next(link for link in lan.links() if link.startswith(f"{pile_of(room)}/"))
    staff_post(lan, first, first, points(2, 1, 1))
    staff_post(head, first, first, points(0, 0, 0), 409)
    assert "Có người vừa chấm bài này: 2 trên 2, 1 trên 1, 1 trên 1 điểm" in head.words
    assert hidden(head, "lan") == ["1"]
    staff_post(head, first, first, points(0, 0, 0, seen=1))
    assert sorted(db.scalars(sa.select(RubricMark.by))) == ["Cô Hạnh", "Cô Lan"]


def test_piles_of_another_class_and_questions_of_another_kind_are_no_pages(
    lan: Reader, room: Room, app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    lan.get(f"{pile_of(room)}/{'0' * 12}", 404)
    lan.get(f"{pile_of(room).rsplit('/', 1)[0]}/khong-co", 404)
    head = signed_in(app, db, settings, cast.head)
    head.get(pile_of(room))
    head.get(pile_of(room).replace(cast.class_4a.ref, cast.class_4b.ref), 404)
    signed_in(app, db, settings, cast.minh).get(pile_of(room), 404)
    empty = f"/gv/lop/{cast.class_4b.ref}/cham-bai"
    head.get(empty)
    assert "Chưa có gì để chấm" in head.words


def test_the_pupil_reads_that_words_wait_and_then_the_new_mark(
    lan: Reader, room: Room, app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    an = browser(app, db, settings, doer_of(db, cast.an.id, cast.an.full_name))
    result = str(an.post("/kiem-tra/vao", {"ma": room.sitting.code}).headers["Location"]) + "/ket-qua"
    an.get(result)
    assert "Chưa đạt: đúng 9 trên 10 câu" in an.words
    assert "Còn 1 câu viết chờ thầy cô chấm" in an.words
    close_sitting(db, db.scalars(sa.select(Sitting)).one(), clock.now())
    db.commit()
    lan.get(pile_of(room))
    for link in {link for link in lan.links() if link.startswith(f"{pile_of(room)}/")}:
        staff_post(lan, link, link, points(2, 1, 1))
    an.get(result)
    assert "Đạt: đúng 10 trên 10 câu" in an.words
    assert "chờ thầy cô chấm" not in an.words
    assert WRITERS["Đinh Thị An"] in an.words


# ---- tries, waiting, which mark is shown -------------------------------------------------------


def take(room: Room, doer: Doer, minutes_ago: int, wrong: int = 0) -> None:
    """Take the self-paced check some minutes ago."""
    at = clock.now() - minutes_ago * MINUTE
    code = start_attempt(room.db, doer, room.catalogue.modules["goi-lai"], at)
    paper = paper_by_code(room.db, code, doer.learner_id, doer.person_id)
    assert paper is not None
    for row in paper.rows:
        question = room.catalogue.questions[row.edition_id]
        unsure = question.unsure.key if question.unsure else question.lines[0].key
        choice = unsure if row.position <= wrong else best(question) or unsure
        answer(room.db, doer, code, row.position, choice, room.catalogue, ISSUER, at)
    room.db.commit()


def test_the_rules_of_a_bank_are_told_before_and_kept_after(
    room: Room, app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    doer = member(db, cast.class_4a, "Vàng Thị Xúa")
    reader = browser(app, db, settings, doer)
    reader.get(CHECK)
    assert "Được làm nhiều nhất 2 lần" in reader.words
    assert "cách nhau ít nhất 10 phút" in reader.words
    assert "Kết quả lấy theo lần làm gần nhất" in reader.words
    assert "Các lần đã làm" not in reader.words
    take(room, doer, 4)
    reader.post(CHECK, status=409)
    at = (clock.now() + 6 * MINUTE).astimezone(clock.VIETNAM)
    assert re.search(rf"làm được từ \d\d:\d\d ngày {at:%d/%m/%Y}", reader.words)
    assert "Chưa đến giờ làm lại." in reader.words


def test_when_every_try_is_taken_the_page_says_so_and_lists_them(
    room: Room, app: Flask, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    doer = member(db, cast.class_4a, "Vàng Thị Xúa")
    reader = browser(app, db, settings, doer)
    take(room, doer, 40)
    take(room, doer, 20, wrong=2)
    reader.post(CHECK, status=409)
    assert "Đã làm đủ 2 lần." in reader.words
    reader.get(CHECK)
    assert re.search(r"Chưa đạt, .* · kết quả tính theo lần này .*Đạt, đúng 9 trên 9 câu", reader.words)
