"""Families join by a slip in three taps; it is good once, for one pupil's family, for some weeks."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock, codes
from lms.accounts.models import BrowserSession, Throttle
from lms.classrooms.models import Slip
from lms.classrooms.slips import find_slip, make_slips, redeem, slip_mac
from lms.config import Config
from lms.db import ScopedSession
from lms.people.memberships import guardians_in
from lms.people.models import Claim, Guardianship, Household, HouseholdMember, Membership, Person, PersonMerge
from lms.progress.models import ItemCompletion
from tests.browser_double import Reader
from tests.cast import Cast
from tests.web_test.joining import (
    add_parent,
    add_pupil,
    buttons,
    come_in,
    hidden,
    printed_slip,
    signed_in,
    standing,
)
from tests.web_test.story import faults, fields, keep_name

FINISH = "/khoa-hoc/lam-quen/chu-to/xong"
KHOA = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def teacher(app: Flask, db: ScopedSession, cast: Cast, settings: Config) -> Reader:
    """Give the browser of cô Lan, who teaches class 4A."""
    return signed_in(app, db, settings, cast.lan)


@pytest.fixture
def slip(teacher: Reader, cast: Cast) -> str:
    """Give the code of a slip for An's family."""
    return printed_slip(teacher, cast.class_4a, name="An (Đinh)")


def tap_name(reader: Reader, code: str, name: str, **more: str) -> str:
    """Open the link of a slip and tap a name on it; return where the reply leads."""
    reader.get(f"/moi/{code}")
    ref = buttons(reader, "nguoi")[name]
    return str(reader.post(f"/moi/{code}", {"nguoi": ref} | more).headers["Location"])


def test_a_family_joins_in_three_taps(client: Reader, db: ScopedSession, cast: Cast, slip: str) -> None:
    client.get(f"/moi/{slip}")
    assert client.words.startswith("Lớp 4A, Trường Tiểu học Hoa Sen: mời gia đình em An (Đinh)")
    assert list(buttons(client, "nguoi")) == ["Lê Thị Hoa"]
    assert tap_name(client, slip, "Lê Thị Hoa") == f"/moi/{slip}"
    client.get(f"/moi/{slip}")
    assert "Đã vào lớp 4A" in client.words
    assert "kết quả ghi cho Lê Thị Hoa" in client.words
    assert "Mã chỉ hiện trong mười phút" in client.words
    assert "/bai-co-giao" in client.links()
    claimed = db.scalars(sa.select(Claim)).one()
    assert claimed.person_id == cast.hoa_person.id
    used = db.scalars(sa.select(Slip)).one()
    assert used.household_id == db.scalars(sa.select(Household.id)).one()
    assert standing(db, Person, Person.full_name == "Lê Thị Hoa") == 1


def test_the_page_before_the_tap_shows_this_pupil_s_people_only(
    client: Reader, db: ScopedSession, cast: Cast, slip: str
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    add_parent(db, cast.class_4a, "Trần Văn Cha", binh, "bố")
    page = client.get(f"/moi/{slip}")
    for hidden_words in ("Trần Bình", "Bình (", "Trần Văn Cha", "Đinh Thị An", cast.hoa_person.id.hex):
        assert hidden_words not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]


def test_the_same_tap_again_changes_nothing_and_another_phone_is_told(
    app: Flask, client: Reader, db: ScopedSession, slip: str
) -> None:
    other = Reader(app)
    other.get(f"/moi/{slip}")
    ref = buttons(other, "nguoi")["Lê Thị Hoa"]
    for _ in range(2):
        tap = client.client.post(
            f"/moi/{slip}", data={"nguoi": ref}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert tap.status_code == 303
    before = standing(db, BrowserSession)
    other.post(f"/moi/{slip}", {"nguoi": ref}, 410)
    assert "Phiếu này đã dùng rồi" in other.words
    assert "Gõ mã nhà" in other.words
    assert "/mo-nha" in other.links()
    other.get(f"/moi/{slip}", 410)
    assert (standing(db, Household), standing(db, BrowserSession)) == (1, before)
    assert other.client.get_cookie("phien") is None


def test_of_two_phones_at_once_one_wins(db: ScopedSession, cast: Cast, settings: Config) -> None:
    now = clock.now()
    ((_, code),) = make_slips(db, settings.secret, cast.class_4a, [cast.an.id], cast.lan.id, now)
    found = find_slip(db, slip_mac(settings.secret, code), now)
    assert found is not None
    homes = [Household(made_at=now, code_mac=bytes([n]) * 32, code_set_at=now) for n in (1, 2)]
    db.add_all(homes)
    db.flush()
    assert [redeem(db, found.id, home.id, now) for home in homes] == [True, False]
    assert db.scalars(sa.select(Slip.household_id)).one() == homes[0].id


def test_two_first_taps_before_any_cookie_make_one_household_and_show_a_code_that_opens_it(
    app: Flask, db: ScopedSession, slip: str
) -> None:
    first, second = Reader(app), Reader(app)
    first.get(f"/moi/{slip}")
    ref = buttons(first, "nguoi")["Lê Thị Hoa"]
    assert len(hidden(first, "khoa")[0]) == 32
    for reader in (first, second):
        reader.follow(reader.post(f"/moi/{slip}", {"nguoi": ref, "khoa": KHOA}))
        assert "Đã vào lớp 4A" in reader.words
    assert "Mã của nhà" in second.words
    assert (standing(db, Household), standing(db, Claim)) == (1, 1)


def test_a_link_with_gaps_leads_to_its_page_and_a_wrong_one_tells_what_to_look_at(
    client: Reader, slip: str
) -> None:
    spaced = client.get(f"/moi/{slip[:4]} {slip[4:]}", 302)
    assert spaced.headers["Location"] == f"/moi/{slip}"
    client.get("/moi/1234", 404)
    assert faults(client) == {"ma": "Mã có 16 số, mới gõ 4."}
    client.get(f"/moi/{codes.new_code()}", 404)
    assert "Không có phiếu nào mang mã này" in faults(client)["ma"]
    client.post("/moi", {"ma": "1234"}, 422)
    assert fields(client)["ma"] == "1234"
    led = client.post("/moi", {"ma": " ".join(slip[n : n + 4] for n in range(0, 16, 4))})
    assert led.headers["Location"] == f"/moi/{slip}"


def test_guessing_slips_finds_nothing_and_is_slowed_down(
    client: Reader, db: ScopedSession, slip: str
) -> None:
    same = {"Sec-Fetch-Site": "same-origin"}
    tries = [client.client.post("/moi", data={"ma": codes.new_code()}, headers=same) for _ in range(34)]
    assert {t.status_code for t in tries[:30]} == {422}
    assert 429 in {t.status_code for t in tries[30:]}
    client.get(f"/moi/{slip}", 429)
    db.execute(sa.update(Throttle).values(last_at=clock.now() - timedelta(minutes=10)))
    db.commit()
    client.get(f"/moi/{slip}")


def test_guesses_sent_to_a_slip_s_own_page_are_slowed_down_too(client: Reader, slip: str) -> None:
    same = {"Sec-Fetch-Site": "same-origin"}
    tries = [client.client.post(f"/moi/{codes.new_code()}", headers=same) for _ in range(34)]
    assert {t.status_code for t in tries[:30]} == {404}
    assert 429 in {t.status_code for t in tries[30:]}
    client.get(f"/moi/{slip}", 429)


def test_an_expired_a_revoked_slip_and_one_of_a_pupil_who_left_say_the_cure(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader, slip: str
) -> None:
    newer = printed_slip(teacher, cast.class_4a, name="An (Đinh)")
    client.get(f"/moi/{slip}", 410)
    assert "đã được thay bằng phiếu mới" in client.words
    client.post(f"/moi/{slip}", {"nguoi": "0" * 12}, 410)
    client.get(f"/moi/{newer}")
    ref = buttons(client, "nguoi")["Lê Thị Hoa"]
    db.execute(sa.update(Membership).where(Membership.person_id == cast.an.id).values(left_on=clock.today()))
    db.commit()
    client.get(f"/moi/{newer}", 410)
    db.execute(sa.update(Membership).values(left_on=None))
    db.execute(sa.update(Slip).values(expires_at=clock.now() - timedelta(seconds=1)))
    db.commit()
    client.get(f"/moi/{newer}", 410)
    assert "Phiếu này đã hết hạn Xin cô phiếu mới" in client.words
    client.post(f"/moi/{newer}", {"nguoi": ref}, 410)
    assert (standing(db, Claim), standing(db, Household)) == (0, 0)


def test_a_guardian_s_button_of_one_slip_says_nothing_on_another(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader, slip: str
) -> None:
    binh = add_pupil(db, cast.class_4a, "Trần Bình")
    add_parent(db, cast.class_4a, "Lê Thị Hoà", binh, "mẹ")
    others = printed_slip(teacher, cast.class_4a, name="Bình (Trần)")
    client.get(f"/moi/{others}")
    ref = buttons(client, "nguoi")["Lê Thị Hoà"]
    client.post(f"/moi/{slip}", {"nguoi": ref}, 404)
    assert standing(db, Slip, Slip.used_at.is_not(None)) == 0


def test_somebody_of_the_household_with_that_name_is_that_human(
    client: Reader, db: ScopedSession, cast: Cast, slip: str
) -> None:
    client.post(FINISH)
    keep_name(client, "le thi hoa", "minh")
    known_before = db.scalars(sa.select(Claim.person_id)).one()
    tap_name(client, slip, "Lê Thị Hoa")
    assert db.scalars(sa.select(PersonMerge.kept_id)).one() == known_before
    held = db.scalars(
        sa.select(Membership).where(Membership.unit_id == cast.class_4a.id, Membership.audience == "parent")
    ).one()
    assert (held.person_id, held.full_name) == (known_before, "Lê Thị Hoa")
    assert held.linked_at is not None
    (guardian,) = guardians_in(db, cast.class_4a.id, clock.today())
    assert guardian.person_id == known_before
    assert standing(db, HouseholdMember) == 1


def test_hoa_and_another_hoa_of_the_household_stay_two_people(
    client: Reader, db: ScopedSession, cast: Cast, slip: str
) -> None:
    keep_name(client, "Lê Thị Hòa")
    tap_name(client, slip, "Lê Thị Hoa")
    assert standing(db, PersonMerge) == 0
    assert standing(db, HouseholdMember) == 2


def test_a_record_with_results_of_its_own_joins_beside_the_namesake(
    client: Reader, app: Flask, db: ScopedSession, cast: Cast, teacher: Reader, slip: str
) -> None:
    grandfather = {"ho_ten": "Đinh Văn Ông", "quan_he": "ông"}
    Reader(app).post(f"/moi/{slip}", grandfather)
    his = db.scalars(sa.select(Person.id).where(Person.full_name == "Đinh Văn Ông")).one()
    keep_name(client, "Đinh Văn Ông")
    again = printed_slip(teacher, cast.class_4a, name="An (Đinh)")
    tap_name(client, again, "Đinh Văn Ông")
    assert standing(db, PersonMerge) == 0
    assert standing(db, HouseholdMember, HouseholdMember.person_id == his) == 2
    assert standing(db, Claim, Claim.person_id == his) == 1


def test_a_slip_opens_nobody_who_learns_already_and_belongs_to_another_place_too(
    client: Reader, app: Flask, db: ScopedSession, cast: Cast, teacher: Reader, slip: str
) -> None:
    own = Reader(app)
    tap_name(own, slip, "Lê Thị Hoa")
    again = printed_slip(teacher, cast.class_4a, name="An (Đinh)")
    page = client.get(f"/moi/{again}").text
    tapped = re.search(r'name="nguoi" value="([^"]+)"', page)
    assert tapped is not None
    client.post(f"/moi/{again}", {"nguoi": tapped[1]}, 422)
    assert "Người này đã vào trang ở máy khác. Mở nhà bằng mã 8 số" in client.words
    assert standing(db, HouseholdMember, HouseholdMember.person_id == cast.hoa_person.id) == 1
    client.get("/bai-co-giao")
    assert "Máy này chưa vào lớp." in client.words
    tap_name(own, again, "Lê Thị Hoa")
    own.get(f"/moi/{again}")
    assert "Đã vào lớp 4A" in own.words


@pytest.mark.parametrize(("ticked", "level"), [("co", "1"), ("", "0")])
def test_what_was_learned_without_a_name_goes_to_who_tapped_only_when_ticked(
    client: Reader, db: ScopedSession, slip: str, ticked: str, level: str
) -> None:
    client.post(FINISH)
    page = client.get(f"/moi/{slip}")
    assert 'name="bai_vua_hoc" value="co" checked' in page.text
    tap_name(client, slip, "Lê Thị Hoa", **({"bai_vua_hoc": "co"} if ticked else {}))
    client.get("/du-lieu")
    assert f"Bài đã xong {level}" in client.words
    client.get("/nguoi-hoc")
    assert ("Bài để riêng" in client.words) == (not ticked)
    assert standing(db, ItemCompletion) == 1


def test_somebody_else_of_the_family_becomes_a_guardian_of_record_by_the_slip(
    client: Reader, db: ScopedSession, cast: Cast, slip: str
) -> None:
    client.get(f"/moi/{slip}?khac=co")
    client.post(f"/moi/{slip}", {"ho_ten": "Lan", "quan_he": "vua"}, 422)
    assert set(faults(client)) == {"ho_ten", "quan_he"}
    assert fields(client)["ho_ten"] == "Lan"
    client.follow(client.post(f"/moi/{slip}", {"ho_ten": "Đinh Văn Ông", "quan_he": "ông"}))
    assert "Đã vào lớp 4A" in client.words
    grown_ups = {g.full_name: g.relation for g in guardians_in(db, cast.class_4a.id, clock.today())}
    assert grown_ups == {"Lê Thị Hoa": "mẹ", "Đinh Văn Ông": "ông"}


def test_typing_the_name_of_a_guardian_of_record_makes_nobody_new(
    client: Reader, db: ScopedSession, cast: Cast, slip: str
) -> None:
    people = standing(db, Person)
    client.post(f"/moi/{slip}", {"ho_ten": "lê thị hoa", "quan_he": "mẹ"})
    assert standing(db, Person) == people
    assert db.scalars(sa.select(Claim.person_id)).one() == cast.hoa_person.id


def test_a_guardian_of_two_by_two_slips_is_one_person_in_one_household(
    client: Reader, db: ScopedSession, cast: Cast, teacher: Reader, slip: str
) -> None:
    binh = add_pupil(db, cast.class_4a, "Đinh Văn Bình")
    second = printed_slip(teacher, cast.class_4a, name="Bình (Đinh)")
    tap_name(client, slip, "Lê Thị Hoa")
    client.get(f"/moi/{second}")
    assert "Lớp chưa ghi tên người nhà của em" in client.words
    client.post(f"/moi/{second}", {"ho_ten": "Lê Thị Hoa", "quan_he": "mẹ"})
    wards = db.scalars(sa.select(Guardianship.pupil_id).where(Guardianship.guardian_id == cast.hoa_person.id))
    assert set(wards) == {cast.an.id, binh.id}
    assert standing(db, HouseholdMember) == 1
    assert standing(db, Membership, Membership.audience == "parent") == 1


@pytest.mark.parametrize("way", ["slip", "name", "household"])
def test_a_household_that_takes_a_phone_over_from_a_pupil_lasts_longer_than_a_lesson(
    app: Flask, client: Reader, db: ScopedSession, cast: Cast, settings: Config, slip: str, way: str
) -> None:
    home_code = keep_name(Reader(app), "Trần Văn Bảy")
    come_in(client, db, settings, cast.class_4a, cast.an, "An (Đinh)")
    if way == "slip":
        tap_name(client, slip, "Lê Thị Hoa")
    elif way == "name":
        keep_name(client, "Lê Thị Hoa")
    else:
        client.post("/mo-nha", {"ma": home_code})
        assert client.client.get_cookie("ten") is None
    latest = sa.select(BrowserSession).where(BrowserSession.ended_at.is_(None))
    held = db.scalars(latest.order_by(BrowserSession.made_at.desc(), BrowserSession.id.desc())).first()
    assert held is not None
    assert held.household_id is not None
    assert held.expires_at > clock.now() + timedelta(days=300)
    client.get("/nguoi-hoc")
    assert "Đang học: Đinh Thị An" not in client.words
