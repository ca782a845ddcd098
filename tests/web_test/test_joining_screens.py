"""Pupils at the door of their class: code, short name, three pictures; one after another, two together."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock, codes
from lms.accounts.models import BrowserSession, Throttle
from lms.catalog.queries import load
from lms.classrooms.door import end_sessions_of
from lms.classrooms.models import Classroom
from lms.config import Config
from lms.db import ScopedSession
from lms.people.memberships import guard
from lms.people.models import Claim
from lms.progress.models import ItemCompletion
from lms.quizzes.models import Attempt, PaperQuestion
from lms.web.pupil_door import pictures_key
from tests.browser_double import Reader
from tests.cast import Cast
from tests.story import choice
from tests.web_test.joining import (
    add_parent,
    add_pupil,
    at_the_door,
    buttons,
    code_of,
    come_in,
    own_pictures,
    signed_in,
    tap,
    wrong_pictures,
)
from tests.web_test.story import address_of_check, answer_page, faults, fields, keep_name

FINISH = "/khoa-hoc/lam-quen/chu-to/xong"
SAME = {"Sec-Fetch-Site": "same-origin"}
AN, BINH = "An (Đinh)", "Bình (Trần)"


def unused_code(db: ScopedSession) -> str:
    """Return a code without a slip that no class has."""
    held = set(db.scalars(sa.select(Classroom.code)))
    return next(code for code in iter(codes.new_short_code, "") if code not in held)


def test_a_pupil_comes_in_by_code_name_and_three_pictures(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    assert come_in(client, db, settings, cast.class_4a, cast.an, AN) == "/lop-em"
    client.get("/nguoi-hoc")
    assert "Đang học: Đinh Thị An" in client.words
    held = db.scalars(sa.select(BrowserSession)).one()
    claimed = db.scalars(sa.select(Claim).where(Claim.person_id == cast.an.id)).one()
    assert (held.learner_id, held.household_id) == (claimed.learner_id, None)
    assert held.expires_at < clock.now() + timedelta(hours=5)
    cookie = client.client.get_cookie("phien")
    assert cookie is not None
    assert cookie.max_age is None, "a shared machine forgets it when the browser is closed"


def test_a_pupil_has_one_learner_on_every_machine(
    app: Flask, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    for _ in range(2):
        machine = Reader(app)
        come_in(machine, db, settings, cast.class_4a, cast.an, AN)
        machine.post(FINISH)
    assert len(db.scalars(sa.select(Claim.id)).all()) == 1
    assert len(db.scalars(sa.select(ItemCompletion.id)).all()) == 1


def test_the_session_of_a_shared_machine_is_never_prolonged(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    come_in(client, db, settings, cast.class_4a, cast.an, AN)
    until = db.scalars(sa.select(BrowserSession.expires_at)).one()
    client.post(FINISH)
    assert db.scalars(sa.select(BrowserSession.expires_at)).one() == until


@pytest.mark.parametrize("typed", ["", "1234", "4829 1356", "abcd efgh"])
def test_a_slip_in_the_class_code_is_named_and_what_was_typed_stays(client: Reader, typed: str) -> None:
    client.post("/vao-lop", {"ma": typed}, 422)
    assert set(faults(client)) == {"ma"}
    assert fields(client)["ma"] == typed


def test_an_unknown_a_renewed_and_a_closed_code_are_answered_alike(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    renewed, closed = code_of(db, cast.class_4a), code_of(db, cast.class_4b)
    rooms = {room.code: room for room in db.scalars(sa.select(Classroom))}
    rooms[renewed].code = unused_code(db)
    rooms[closed].code_until = clock.today() - timedelta(days=1)
    db.commit()
    said = set()
    for code in (unused_code(db), renewed, closed):
        said.add(client.post("/vao-lop", {"ma": code}, 422).text.replace(code, "…"))
        client.get("/vao-lop/ten", 302)
    assert len(said) == 1
    assert faults(client) == {"ma": "Không có lớp nào dùng mã này. Xem lại mã trên thẻ."}


def test_guessing_class_codes_is_slowed_down_but_a_school_behind_one_address_is_not(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    tries = [client.client.post("/vao-lop", data={"ma": unused_code(db)}, headers=SAME) for _ in range(64)]
    statuses = [response.status_code for response in tries]
    assert statuses[:60] == [422] * 60
    assert 429 in statuses[60:]
    assert "Chờ" in tries[statuses.index(429)].text
    db.execute(sa.update(Throttle).values(last_at=clock.now() - timedelta(minutes=10)))
    db.commit()
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})


def test_the_class_shows_short_names_only_and_no_address_names_it(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    for name in ("Trần Văn Bình", "Lê Bình", "H'Hen Niê", "Đinh Văn An"):
        add_pupil(db, cast.class_4a, name)
    add_pupil(db, cast.class_4b, "Phạm Thị Cúc")
    code = code_of(db, cast.class_4a)
    led = client.post("/vao-lop", {"ma": code})
    page = client.follow(led)
    assert "Lớp 4A, Trường Tiểu học Hoa Sen" in client.words
    page = client.get("/vao-lop/ten")
    assert list(buttons(client, "em")) == [
        "An (Đinh Thị)", "An (Đinh Văn)", "Bình (Lê)", "Bình (Trần)", "H'Hen Niê"
    ]  # fmt: skip
    for hidden in ("Lê Thị Hoa", "Phạm", "Trần Văn", cast.an.id.hex, code):
        assert hidden not in page.text
    assert code not in led.headers["Location"]
    assert "Không thấy tên em? Gọi cô." in client.words


def test_a_class_of_45_has_a_jump_by_letter_and_an_empty_one_says_what_to_do(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4b)})
    client.get("/vao-lop/ten")
    assert "Lớp chưa có tên ai" in client.words
    given = ("An", "Ân", "Bình", "Đạt", "Dung", "Giang", "Hà", "Ơn", "Oanh")
    for n in range(45):
        add_pupil(db, cast.class_4b, f"{('Trần', 'Lê', 'Vũ', 'Hồ', 'Đỗ')[n // 9]} {given[n % 9]}")
    client.get("/vao-lop/ten")
    assert len(buttons(client, "em")) == 45
    letters = [link for link in client.links() if link.startswith("#chu-")]
    assert len(letters) == 9
    assert "A Â B D Đ G H O Ơ" in client.words


def test_a_pupil_of_another_class_is_answered_as_one_that_does_not_exist(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    add_pupil(db, cast.class_4b, "Phạm Thị Cúc")
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4b)})
    client.get("/vao-lop/ten")
    other = buttons(client, "em")["Cúc (Phạm)"]
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})
    said = {client.post("/vao-lop/ten", {"em": ref}, 404).text for ref in (other, "0" * 12, "")}
    assert len(said) == 1


def test_the_pages_behind_the_code_lead_back_to_it_without_one(client: Reader) -> None:
    for address in ("/vao-lop/ten", "/vao-lop/hinh", "/vao-lop/phu-huynh"):
        assert client.follow(client.get(address, 302)).request.path == "/vao-lop"
        assert client.follow(client.post(address, {"em": "1"})).request.path == "/vao-lop"


def test_a_cookie_of_somebody_s_own_making_opens_no_class(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})
    held = client.client.get_cookie("lop", path="/vao-lop")
    assert held is not None
    good = held.value.split(".")
    forged = [
        ".".join([code_of(db, cast.class_4b), *good[1:]]),
        ".".join([*good[:2], str(int(good[2]) + 9999), good[3]]),
        ".".join([good[0], "0" * 12, *good[2:]]),
        *(held.value[:-1], "", "....", "a.b.c.d", "ạ.ạ.ạ.ạ"),
    ]
    for value in forged:
        client.client.set_cookie("lop", value, path="/vao-lop")
        client.get("/vao-lop/ten", 302)
    client.client.set_cookie("lop", held.value, path="/vao-lop")
    client.get("/vao-lop/ten")


def test_wrong_pictures_are_told_kindly_slowed_down_and_lock_out_nobody_else(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    right = own_pictures(db, settings, cast.class_4a, cast.an)
    at_the_door(client, code_of(db, cast.class_4a), AN)
    for words in ["Chưa đúng hình. Thử lại nhé."] * 4 + ["Nhờ cô xem lại hình bí mật giúp em."]:
        tap(client, wrong_pictures(right), status=422)
        assert words in client.words
    tap(client, right, status=429)
    assert "Nhờ cô xem lại hình bí mật giúp em. Hoặc chờ" in client.words
    assert come_in(Reader(app), db, settings, cast.class_4a, binh, BINH) == "/lop-em"
    db.execute(sa.update(Throttle).values(last_at=clock.now() - timedelta(seconds=30)))
    db.commit()
    assert tap(client, right) == "/lop-em"
    assert db.scalars(sa.select(Throttle.key)).all() == []


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (0, 0, 0)])
def test_the_right_pictures_in_another_order_are_wrong(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config, order: tuple[int, int, int]
) -> None:
    right = own_pictures(db, settings, cast.class_4a, cast.an)
    at_the_door(client, code_of(db, cast.class_4a), AN)
    a, b, c = (right[n] for n in order)
    tap(client, (a, b, c), status=422)
    client.post("/vao-lop/hinh", {"da_bam": [*right, *right], "hinh": right[0]}, 422)
    client.post("/vao-lop/hinh", {"da_bam": ["khong-co", "khong-co"], "hinh": "la"}, 200)
    assert client.client.get_cookie("phien") is None


def test_one_pupil_after_another_leaves_nothing_behind(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    cuc = add_pupil(db, cast.class_4b, "Phạm Thị Cúc")
    come_in(client, db, settings, cast.class_4a, cast.an, AN)
    client.post(FINISH)
    an = client.client.get_cookie("phien")
    assert an is not None
    client.get("/vao-lop")
    assert "Máy này đang có người học: Đinh Thị An" in client.words
    typed = client.post("/vao-lop", {"ma": code_of(db, cast.class_4b)})
    assert typed.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.client.get_cookie("phien") is None
    assert client.client.get_cookie("ten") is None
    come_in(client, db, settings, cast.class_4b, cuc, "Cúc (Phạm)")
    for address in ("/", "/nguoi-hoc", "/du-lieu", "/phieu", "/vao-lop"):
        assert "An" not in client.get(address).text.replace("An toàn", "")
    client.get("/du-lieu")
    assert "Bài đã xong 0" in client.words
    client.client.set_cookie("phien", an.value)
    client.get("/du-lieu")
    assert "Đinh Thị An" not in client.words


def test_the_end_of_the_lesson_takes_the_door_away_too(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    come_in(client, db, settings, cast.class_4a, cast.an, AN)
    client.get("/thoat")
    assert "Lần sau em vào lớp bằng mã lớp và ba hình của em" in client.words
    client.post("/vao-lop/hai-ban", {"em": "0" * 12}, 404)
    client.post("/thoat")
    assert [c for c in ("phien", "ten") if client.client.get_cookie(c)] == []
    assert client.client.get_cookie("lop", path="/vao-lop") is None
    client.get("/nguoi-hoc")
    assert "Chưa ghi tên ai trên máy này" in client.words


@pytest.mark.parametrize(("said", "done"), [("em", "1"), ("khac", "0")])
def test_what_was_learned_before_the_name_is_offered_once(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config, said: str, done: str
) -> None:
    client.post(FINISH)
    assert come_in(client, db, settings, cast.class_4a, cast.an, AN) == "/vao-lop/bai-vua-hoc"
    client.get("/vao-lop/bai-vua-hoc")
    assert "Chữ to" in client.words or "xong lúc" in client.words
    client.post("/vao-lop/bai-vua-hoc", {"cua_ai": said})
    client.get("/du-lieu")
    assert f"Bài đã xong {done}" in client.words
    assert client.get("/vao-lop/bai-vua-hoc", 302).headers["Location"] == "/lop-em"
    client.post("/vao-lop/bai-vua-hoc", {"cua_ai": "em"})
    client.get("/du-lieu")
    assert f"Bài đã xong {done}" in client.words


def test_a_household_stays_open_for_its_own_child_and_closes_for_another_s(
    app: Flask, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    phone = Reader(app)
    keep_name(phone, "Trần Văn Cha")
    father = db.scalars(sa.select(Claim.person_id)).one()
    at_home = db.scalars(sa.select(BrowserSession.household_id)).one()
    come_in(phone, db, settings, cast.class_4a, cast.an, AN)
    latest = sa.select(BrowserSession.household_id).where(BrowserSession.ended_at.is_(None))
    assert db.scalars(latest).one() is None
    keep_name(phone, "Trần Văn Cha")
    mine = db.scalars(sa.select(Claim.person_id).order_by(Claim.at.desc())).first()
    assert mine not in {None, father}
    guard(db, mine, binh.id, "bố", clock.today())  # type: ignore[arg-type]
    db.commit()
    come_in(phone, db, settings, cast.class_4a, binh, BINH)
    kept = db.scalars(latest).one()
    assert kept is not None
    assert kept != at_home
    phone.get("/nguoi-hoc")
    assert "Đang học: Trần Bình" in phone.words
    assert "Trần Văn Cha" in phone.words


def test_a_teacher_signed_in_on_the_machine_is_signed_out_when_a_pupil_comes_in(
    app: Flask, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    machine = signed_in(app, db, settings, cast.lan)
    machine.get(f"/gv/lop/{cast.class_4a.ref}/the")
    come_in(machine, db, settings, cast.class_4a, cast.an, AN)
    machine.get(f"/gv/lop/{cast.class_4a.ref}/the", 403)


def test_two_at_one_machine_are_both_credited_helped_until_one_goes_back(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    come_in(client, db, settings, cast.class_4a, cast.an, AN)
    client.get("/vao-lop/hai-ban")
    assert list(buttons(client, "em")) == [BINH]
    client.post("/vao-lop/hai-ban", {"em": buttons(client, "em")[BINH]})
    client.get("/vao-lop/hai-ban/hinh")
    right = own_pictures(db, settings, cast.class_4a, binh)
    tap(client, wrong_pictures(right), "/vao-lop/hai-ban/hinh", 422)
    assert tap(client, right, "/vao-lop/hai-ban/hinh") == "/lop-em"
    client.get("/nguoi-hoc")
    assert "Đang học: Đinh Thị An và Trần Bình" in client.words
    chip = client.client.get_cookie("ten")
    assert chip is not None
    assert unquote(chip.value) == "An\N{NO-BREAK SPACE}và\N{NO-BREAK SPACE}Bình"
    client.post(FINISH)
    pass_check(client, db)
    client.post("/vao-lop/hai-ban/ve-cho")
    client.post("/khoa-hoc/lam-quen/luu-so/xong")
    rows = db.execute(
        sa.select(Claim.person_id, ItemCompletion.item_id, ItemCompletion.level, ItemCompletion.mode).join(
            Claim, Claim.learner_id == ItemCompletion.learner_id
        )
    ).all()
    own = {
        person: {(r.item_id, r.level, r.mode) for r in rows if r.person_id == person}
        for person in (cast.an.id, binh.id)
    }
    assert {mode for _, _, mode in own[binh.id]} == {"assisted"}
    assert {level for _, level, _ in own[binh.id]} == {1}
    assert len(own[binh.id]) == 3, "the lesson, the check, the module"
    assert own[binh.id] < own[cast.an.id]
    assert [mode for _, _, mode in own[cast.an.id] - own[binh.id]] == ["alone"]


def test_new_pictures_take_the_second_pupil_off_the_machine_and_the_first_learns_on(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    come_in(client, db, settings, cast.class_4a, cast.an, AN)
    client.get("/vao-lop/hai-ban")
    client.post("/vao-lop/hai-ban", {"em": buttons(client, "em")[BINH]})
    tap(client, own_pictures(db, settings, cast.class_4a, binh), "/vao-lop/hai-ban/hinh")
    end_sessions_of(db, binh.id, clock.now())
    db.commit()
    client.get("/nguoi-hoc")
    assert "Đang học: Đinh Thị An" in client.words
    assert "Trần Bình" not in client.words


def pass_check(reader: Reader, db: ScopedSession) -> None:
    """Answer every question of the first check right."""
    address = address_of_check(reader)
    while not address.endswith("/ket-qua"):
        code, position = address.split("/")[2], int(address.rsplit("-", 1)[1])
        edition = db.scalars(
            sa.select(PaperQuestion.edition_id)
            .join(Attempt, Attempt.id == PaperQuestion.attempt_id)
            .where(Attempt.code == code, PaperQuestion.position == position)
        ).one()
        address = answer_page(reader, address, choice(load(db), edition, right=True))


def test_a_second_pupil_comes_from_the_own_class_and_is_somebody_else(
    client: Reader, db: ScopedSession, cast: Cast, settings: Config
) -> None:
    add_pupil(db, cast.class_4b, "Phạm Thị Cúc")
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4b)})
    client.get("/vao-lop/ten")
    stranger = buttons(client, "em")["Cúc (Phạm)"]
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})
    client.get("/vao-lop/ten")
    herself = buttons(client, "em")[AN]
    come_in(client, db, settings, cast.class_4a, cast.an, AN)
    for ref in (stranger, herself, "0" * 12):
        client.post("/vao-lop/hai-ban", {"em": ref}, 404)
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})
    client.get("/vao-lop/hai-ban", 403)


def test_the_counting_of_wrong_pictures_is_the_pupil_s_own(cast: Cast, app: Flask) -> None:
    with app.test_request_context():
        keys = {pictures_key(lop.id, cast.an.id) for lop in (cast.class_4a, cast.class_4b)}
        keys.add(pictures_key(cast.class_4a.id, cast.hoa_person.id))
    assert len(keys) == 3


def test_a_guardian_of_record_is_no_pupil_at_the_door(client: Reader, db: ScopedSession, cast: Cast) -> None:
    add_parent(db, cast.class_4a, "Đinh Văn Cha", cast.an, "bố")
    client.post("/vao-lop", {"ma": code_of(db, cast.class_4a)})
    client.get("/vao-lop/ten")
    assert list(buttons(client, "em")) == [AN]
