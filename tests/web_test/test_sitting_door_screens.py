"""The door of a sitting: whose code opens it, guesses, who is not known, and who may not come in."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.config import Config
from lms.db import ScopedSession
from lms.people.memberships import join_unit
from lms.quizzes.models import Attempt, Sitting
from tests.awarding import doer_of, member
from tests.browser_double import Reader
from tests.cast import Cast
from tests.quizzes_test.sitting_class import Room, open_room
from tests.web_test.story import faults
from tests.web_test.test_sitting_screens import browser


@pytest.fixture
def room(db: ScopedSession, cast: Cast) -> Room:
    """Open a sitting of 4A."""
    opened = open_room(db, cast)
    db.commit()
    return opened


@pytest.fixture
def an(app: Flask, db: ScopedSession, settings: Config, cast: Cast) -> Reader:
    """Open the machine of An of 4A."""
    return browser(app, db, settings, doer_of(db, cast.an.id, cast.an.full_name))


def test_codes_that_open_nothing_are_told_plainly(
    app: Flask, an: Reader, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    def told(reader: Reader, code: str) -> str:
        reader.post("/kiem-tra/vao", {"ma": code}, 422)
        return faults(reader)["ma"]

    assert told(an, "12") == "Mã có 8 số, mới gõ 2."
    assert "Xem lại mã trên bảng" in told(an, "00000000")
    stranger = browser(app, db, settings, member(db, cast.class_4b, "Lường Văn Tám"))
    assert "không phải của lớp em" in told(stranger, room.sitting.code)
    stranger.get(f"/kiem-tra/vao/{room.sitting.ref}", 404)
    stranger.post(f"/kiem-tra/vao/{room.sitting.ref}", status=404)
    db.execute(sa.update(Sitting).values(closed_at=clock.now()))
    db.commit()
    assert "đã hết giờ vào" in told(an, room.sitting.code)
    an.get(f"/kiem-tra/vao/{room.sitting.ref}", 422)
    an.post(f"/kiem-tra/vao/{room.sitting.ref}", status=422)
    assert db.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 0


def test_guesses_are_slowed_down_and_a_right_code_waits_too(an: Reader, room: Room) -> None:
    for _ in range(10):
        an.post("/kiem-tra/vao", {"ma": "00000000"}, 422)
    an.post("/kiem-tra/vao", {"ma": room.sitting.code}, 429)
    assert "Gõ sai nhiều lần" in faults(an)["ma"]


def test_who_is_not_known_is_led_to_the_door_of_the_class(client: Reader, room: Room) -> None:
    client.get("/kiem-tra/vao")
    assert "/vao-lop" in client.links()
    assert "bấm “Vào kiểm tra”" in client.words
    assert client.post("/kiem-tra/vao", {"ma": room.sitting.code}).headers["Location"] == "/kiem-tra/vao"
    client.get(f"/kiem-tra/vao/{room.sitting.ref}", 404)


def test_the_witness_writes_no_paper_in_the_own_sitting(
    app: Flask, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    teacher = doer_of(db, cast.lan_person.id, cast.lan_person.full_name)
    join_unit(db, cast.lan_person.id, cast.class_4a.id, "parent", "Phạm Thị Lan", clock.today())
    reader = browser(app, db, settings, teacher)
    reader.post("/kiem-tra/vao", {"ma": room.sitting.code}, 422)
    assert "Người coi kiểm tra không làm bài" in faults(reader)["ma"]


def test_of_two_at_one_machine_the_start_says_whose_paper_it_is(
    app: Flask, room: Room, db: ScopedSession, settings: Config, cast: Cast
) -> None:
    friend = member(db, cast.class_4a, "Vàng Thị Xúa")
    doer = doer_of(db, cast.an.id, cast.an.full_name)
    reader = browser(app, db, settings, doer, partner_id=friend.learner_id)
    led = reader.post("/kiem-tra/vao", {"ma": room.sitting.code}).headers["Location"]
    reader.get(led)
    assert "chỉ ghi cho Đinh Thị An, Vàng Thị Xúa làm bài của mình ở máy khác" in reader.words
    assert re.search(r"Có 3 câu ?, làm trong 15 phút", reader.words)
