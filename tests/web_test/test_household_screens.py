"""Several people on one phone: a name and a code once, changing who learns, opening by code, leaving."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock, codes
from lms.accounts.models import Throttle
from lms.db import ScopedSession
from lms.people.actions import HOUSEHOLD_LIMIT
from lms.people.models import Claim, HouseholdMember, Person
from lms.progress.models import ItemCompletion
from tests.browser_double import Reader
from tests.web_test.story import faults, fields, keep_name, shown_code

FINISH = "/khoa-hoc/lam-quen/chu-to/xong"


def refs(reader: Reader) -> dict[str, str]:
    """Return the people that “Ai đang học?” offers: name → what stands for it in the form."""
    reader.get("/nguoi-hoc")
    assert reader.page is not None
    buttons = [e for e in reader.page.iter() if e.get("name") == "nguoi"]
    return {
        " ".join("".join(b.find(".//*[@class='card-title']").itertext()).split()): b.get("value", "")
        for b in buttons
    }  # type: ignore[union-attr]


def unknown_code(known: str) -> str:
    """Return a code without a slip that opens no household."""
    return next(code for code in iter(codes.new_short_code, "") if code != known)


def test_a_name_is_given_once_and_a_code_shown_once(client: Reader, db: ScopedSession) -> None:
    client.post(FINISH)
    code = keep_name(client, "Nguyễn Thị Lan", "minh")
    assert codes.parse_short(code) == code
    assert "Mã chỉ hiện trong mười phút" in client.words
    for address in ("/nguoi-hoc", "/nguoi-hoc/trao-may", "/du-lieu", "/phieu", "/"):
        assert code not in client.get(address).text.replace(" ", "")
    assert db.scalars(sa.select(Person.full_name)).all() == ["Nguyễn Thị Lan"]
    assert len(db.scalars(sa.select(Claim.id)).all()) == 1


def test_results_without_a_name_are_asked_about_before_they_get_one(
    client: Reader, db: ScopedSession
) -> None:
    client.post(FINISH)
    keep_name(client, "Nguyễn Thị Lan", status=422)
    assert set(faults(client)) == {"cua_ai"}
    assert fields(client)["ho_ten"] == "Nguyễn Thị Lan"
    assert db.scalars(sa.select(Person.id)).all() == []


def test_results_of_somebody_else_stay_without_a_name(client: Reader, db: ScopedSession) -> None:
    client.post(FINISH)
    keep_name(client, "Nguyễn Thị Lan", "khac")
    claimed = set(db.scalars(sa.select(Claim.learner_id)))
    assert not claimed & set(db.scalars(sa.select(ItemCompletion.learner_id)))
    client.get("/du-lieu")
    assert "Bài đã xong 0" in client.words


def test_two_people_take_turns_and_keep_their_results_apart(client: Reader) -> None:
    client.post(FINISH)
    keep_name(client, "Nguyễn Thị Lan", "minh")
    keep_name(client, "Trần Văn Minh", status=303)
    client.get("/nguoi-hoc/trao-may")
    assert "Đưa máy cho Trần Văn Minh" in client.words
    client.get("/du-lieu")
    assert "Bài đã xong 0" in client.words
    people = refs(client)
    assert set(people) == {"Nguyễn Thị Lan", "Trần Văn Minh"}
    client.follow(client.post("/nguoi-hoc/chon", {"nguoi": people["Nguyễn Thị Lan"]}))
    assert "Đưa máy cho Nguyễn Thị Lan" in client.words
    client.get("/du-lieu")
    assert "Bài đã xong 1" in client.words


def test_the_same_name_sent_twice_makes_one_person(client: Reader, db: ScopedSession) -> None:
    keep_name(client, "Nguyễn Thị Lan")
    for _ in range(2):
        keep_name(client, "Trần Văn Minh", status=303)
    assert sorted(db.scalars(sa.select(Person.full_name))) == ["Nguyễn Thị Lan", "Trần Văn Minh"]


def test_results_made_before_choosing_a_person_are_asked_about(app: Flask, db: ScopedSession) -> None:
    code = keep_name(Reader(app), "Nguyễn Thị Lan")
    phone = Reader(app)
    phone.post(FINISH)
    phone.post("/mo-nha", {"ma": code})
    ref = refs(phone)["Nguyễn Thị Lan"]
    asked = phone.post("/nguoi-hoc/chon", {"nguoi": ref})
    assert asked.headers["Location"] == f"/nguoi-hoc/{ref}/bai-vua-hoc"
    phone.follow(asked)
    phone.post("/nguoi-hoc/chon", {"nguoi": ref, "cua_ai": "minh"})
    phone.get("/du-lieu")
    assert "Bài đã xong 1" in phone.words
    assert len(db.scalars(sa.select(Claim.id).where(Claim.undone_at.is_(None))).all()) == 2


def test_a_household_has_room_for_so_many_and_says_when_it_is_full(client: Reader, db: ScopedSession) -> None:
    letters = "ABCDEGHIKLMN"
    for number in range(HOUSEHOLD_LIMIT):
        keep_name(client, f"Trần Văn {letters[number]}", status=303)
    keep_name(client, "Trần Văn Thêm", status=422)
    assert "ho_ten" in faults(client)
    assert fields(client)["ho_ten"] == "Trần Văn Thêm"
    assert len(db.scalars(sa.select(Person.id)).all()) == HOUSEHOLD_LIMIT


def test_the_code_opens_the_household_on_another_phone(app: Flask) -> None:
    code = keep_name(Reader(app), "Nguyễn Thị Lan")
    phone = Reader(app)
    phone.follow(phone.post("/mo-nha", {"ma": f" {code[:4]}-{code[4:]} "}))
    assert "Nguyễn Thị Lan" in phone.words


@pytest.mark.parametrize("typed", ["", "1234", "1234567812345678", "abcd efgh", "１２３"])
def test_a_slip_in_the_code_is_named_and_what_was_typed_stays(client: Reader, typed: str) -> None:
    client.post("/mo-nha", {"ma": typed}, 422)
    assert set(faults(client)) == {"ma"}
    assert fields(client)["ma"] == typed


def test_one_wrong_digit_is_told_as_a_slip_and_not_counted_as_a_try(
    client: Reader, app: Flask, db: ScopedSession
) -> None:
    code = keep_name(Reader(app), "Nguyễn Thị Lan")
    wrong = code[:3] + str((int(code[3]) + 1) % 10) + code[4:]
    client.post("/mo-nha", {"ma": wrong}, 422)
    assert "gõ sai" in faults(client)["ma"]
    assert db.scalars(sa.select(Throttle.failures)).all() == []


def test_guessing_is_slowed_down_although_each_guess_is_refused_and_the_true_code_opens_later(
    client: Reader, app: Flask, db: ScopedSession
) -> None:
    code = keep_name(Reader(app), "Nguyễn Thị Lan")
    for _ in range(11):
        last = client.client.post(
            "/mo-nha", data={"ma": unknown_code(code)}, headers={"Sec-Fetch-Site": "same-origin"}
        )
    assert last.status_code == 429
    assert db.scalars(sa.select(Throttle.failures)).all() == [10]
    client.post("/mo-nha", {"ma": code}, 429)
    assert "Chờ" in faults(client)["ma"]
    ago = clock.now() - timedelta(minutes=5)
    db.execute(sa.update(Throttle).values(last_at=ago))
    db.commit()
    client.follow(client.post("/mo-nha", {"ma": code}))
    assert "Nguyễn Thị Lan" in client.words


def test_a_new_code_opens_and_the_old_one_opens_nothing_any_more(app: Flask, client: Reader) -> None:
    old = keep_name(client, "Nguyễn Thị Lan")
    assert client.post("/nguoi-hoc/ma-moi").headers["Location"] == "/nguoi-hoc/ma"
    new = shown_code(client)
    assert new != old
    phone = Reader(app)
    phone.post("/mo-nha", {"ma": old}, 422)
    phone.post("/mo-nha", {"ma": new})


def test_a_renewed_code_shuts_every_other_phone_out(app: Flask, client: Reader) -> None:
    phone = Reader(app)
    phone.post("/mo-nha", {"ma": keep_name(client, "Nguyễn Thị Lan")})
    phone.post("/nguoi-hoc/chon", {"nguoi": refs(phone)["Nguyễn Thị Lan"]})
    client.post("/nguoi-hoc/ma-moi")
    assert "Nguyễn Thị Lan" not in phone.get("/nguoi-hoc").text + phone.get("/du-lieu").text
    assert "Nguyễn Thị Lan" in client.get("/nguoi-hoc").text


def test_the_code_is_shown_to_nobody_who_did_not_ask_for_it(app: Flask, client: Reader) -> None:
    code = keep_name(client, "Nguyễn Thị Lan")
    phone = Reader(app)
    phone.get("/nguoi-hoc/ma", 403)
    phone.post("/mo-nha", {"ma": code})
    phone.get("/nguoi-hoc/ma", 302)
    client.post("/thoat")
    client.get("/nguoi-hoc/ma", 403)


def test_results_set_aside_are_given_to_whom_they_belong_later(client: Reader, db: ScopedSession) -> None:
    client.post(FINISH)
    keep_name(client, "Nguyễn Thị Lan", "khac")
    keep_name(client, "Trần Văn Minh")
    client.get("/nguoi-hoc")
    assert "Bài để riêng, chưa có tên" in client.words
    ref = refs(client)["Trần Văn Minh"]
    for _ in range(2):
        client.post("/nguoi-hoc/nhan-bai", {"nguoi": ref})
    client.get("/nguoi-hoc")
    assert "Bài để riêng" not in client.words
    client.post("/nguoi-hoc/chon", {"nguoi": ref})
    client.get("/du-lieu")
    assert "Bài đã xong 1" in client.words


def test_a_namesake_added_later_is_pointed_to_the_one_who_is_there(client: Reader, db: ScopedSession) -> None:
    keep_name(client, "Nguyễn Thị Lan")
    db.execute(sa.update(Person).values(made_at=clock.now() - timedelta(days=1)))
    db.commit()
    keep_name(client, "Nguyễn Thị Lan", status=422)
    assert "đã có người tên như vậy" in faults(client)["ho_ten"]
    assert len(db.scalars(sa.select(Person.id)).all()) == 1


def test_leaving_a_shared_machine_leaves_nothing_to_the_next_person(client: Reader, app: Flask) -> None:
    client.post(FINISH)
    keep_name(client, "Nguyễn Thị Lan", "minh")
    held = client.client.get_cookie("phien")
    assert held is not None
    left = client.post("/thoat")
    assert left.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert client.client.get_cookie("phien") is None
    assert client.client.get_cookie("ten") is None
    client.follow(left)
    assert "Lan" not in client.get("/nguoi-hoc").text
    thief = Reader(app)
    thief.client.set_cookie("phien", held.value)
    assert "Nguyễn Thị Lan" not in thief.get("/nguoi-hoc").text + thief.get("/du-lieu").text
    thief.get("/nguoi-hoc/trao-may", 302)


def test_leaving_warns_when_results_have_no_name_yet(client: Reader) -> None:
    client.post(FINISH)
    client.get("/thoat")
    assert "Thoát bây giờ thì không mở lại được" in client.words


def test_who_left_the_household_is_not_offered_any_more(client: Reader, db: ScopedSession) -> None:
    keep_name(client, "Nguyễn Thị Lan")
    keep_name(client, "Trần Văn Minh", status=303)
    gone = sa.select(Person.id).where(Person.full_name == "Nguyễn Thị Lan").scalar_subquery()
    db.execute(
        sa.update(HouseholdMember)
        .where(HouseholdMember.person_id == gone)
        .values(left_on=clock.today())
        .execution_options(synchronize_session=False)
    )
    db.commit()
    assert set(refs(client)) == {"Trần Văn Minh"}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "Lan",
        "Nguyễn Văn 2",
        "<b>Lan</b> Anh",
        "Trần\u202e Lan",
        "a" * 40 + " " + "b" * 41,
        "=1+1 Lan",
        "Lan @mail",
    ],
)
def test_a_name_that_cannot_be_one_is_refused_and_stays_in_its_field(
    client: Reader, db: ScopedSession, typed: str
) -> None:
    client.post("/nguoi-hoc/them", {"ho_ten": typed}, 422)
    assert set(faults(client)) == {"ho_ten"}
    if typed.isprintable():
        assert fields(client)["ho_ten"] == typed
    assert db.scalars(sa.select(Person.id)).all() == []


@pytest.mark.parametrize("name", ["H'Hen Niê", "A Phúc", "Nguyễn Thị Thu-Hà", "K’Sor Phước", "Y Ê Ban"])
def test_every_real_name_is_taken_as_its_owner_writes_it(
    client: Reader, db: ScopedSession, name: str
) -> None:
    keep_name(client, f"  {name.replace(' ', '   ')} ")
    assert db.scalars(sa.select(Person.full_name)).all() == [name]
