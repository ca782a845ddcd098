"""Signing in: a new session each time, old ones open nothing, guessing is slowed down."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.actions import disable_account
from lms.accounts.models import BrowserSession, Throttle
from lms.config import Config, load
from lms.db import ScopedSession
from lms.web import create_app
from tests.browser_double import Reader
from tests.cast import PASSWORD, Cast
from tests.conftest import SharedDatabase
from tests.web_test.story import faults, fields, keep_name

OWN = {"Sec-Fetch-Site": "same-origin"}


def sign_in(reader: Reader, login: str = "lan", password: str = PASSWORD, status: int = 303) -> None:
    """Send the form of /dang-nhap."""
    reader.post("/dang-nhap", {"ten_dang_nhap": login, "mat_khau": password}, status)


def cookie(reader: Reader) -> str:
    """Return the session's cookie of a browser."""
    held = reader.client.get_cookie("phien")
    assert held is not None
    return held.value


def holding(app: Flask, token: str) -> Reader:
    """Return a browser that shows a captured cookie."""
    reader = Reader(app)
    reader.client.set_cookie("phien", token)
    return reader


def token_of_form(reader: Reader) -> str:
    """Return the token that stands in the forms of /tai-khoan."""
    return reader.get("/tai-khoan").text.split('name="token" value="')[1].split('"')[0]


@pytest.mark.parametrize("typed", ["lan", "  LAN ", "Lan"])
def test_an_account_signs_in_and_sees_its_page(client: Reader, cast: Cast, typed: str) -> None:
    sign_in(client, typed)
    client.get("/tai-khoan")
    assert "Cô Lan" in client.words
    assert "giáo viên" in client.words


def test_the_cookie_changes_at_sign_in_and_the_one_before_opens_nothing(
    client: Reader, app: Flask, cast: Cast
) -> None:
    keep_name(client, "Nguyễn Thị Lan")
    before = cookie(client)
    sign_in(client)
    assert cookie(client) != before
    holding(app, before).get("/tai-khoan", 403)
    assert "Nguyễn Thị Lan" not in holding(app, before).get("/nguoi-hoc").text
    sign_in(client)
    assert cookie(client) != before


def test_a_cookie_planted_by_somebody_else_is_never_taken_over(app: Flask, cast: Cast) -> None:
    victim = holding(app, "planted-by-the-attacker")
    sign_in(victim)
    assert cookie(victim) != "planted-by-the-attacker"
    holding(app, "planted-by-the-attacker").get("/tai-khoan", 403)


def test_a_session_s_cookie_is_long_secret_and_out_of_reach_of_scripts(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    response = client.post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": PASSWORD})
    said = next(c for c in response.headers.getlist("Set-Cookie") if c.startswith("phien="))
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert "Path=/" in said
    assert len(cookie(client)) >= 43
    stored = db.scalars(sa.select(BrowserSession.token_mac)).one()
    assert cookie(client).encode() not in stored
    assert len(stored) == 32


def test_on_https_the_cookie_is_bound_to_the_host(database: SharedDatabase, tmp_path: object) -> None:
    settings = load({"LMS_DATA": f"{tmp_path}/https", "LMS_PUBLIC_URL": "https://hoc.example.vn"})
    client = create_app(settings, database).test_client()
    response = client.post("/khoa-hoc/lam-quen/chu-to/xong", headers=OWN, base_url="https://localhost")
    said = response.headers.getlist("Set-Cookie")
    assert [c for c in said if c.startswith("__Host-phien=") and "Secure" in c and "Domain" not in c]
    assert response.headers["Strict-Transport-Security"]


def test_a_cookie_captured_before_signing_out_opens_nothing(client: Reader, app: Flask, cast: Cast) -> None:
    sign_in(client)
    captured = cookie(client)
    client.post("/dang-xuat", {"token": token_of_form(client)})
    client.get("/tai-khoan", 403)
    holding(app, captured).get("/tai-khoan", 403)


def test_signing_out_everywhere_ends_every_session_of_that_account_only(app: Flask, cast: Cast) -> None:
    here, there, other = Reader(app), Reader(app), Reader(app)
    sign_in(here)
    sign_in(there)
    sign_in(other, "minh")
    here.post("/dang-xuat-het", {"token": token_of_form(here)})
    there.get("/tai-khoan", 403)
    other.get("/tai-khoan")


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    sign_in(client)
    assert disable_account(db, "lan", clock.now()) == 1
    db.commit()
    client.get("/tai-khoan", 403)
    sign_in(client, status=422)
    assert "chưa đúng" in client.words


def test_an_account_s_session_is_over_after_its_time(client: Reader, db: ScopedSession, cast: Cast) -> None:
    sign_in(client)
    until = db.scalars(sa.select(BrowserSession.account_until)).one()
    assert until is not None
    assert timedelta(hours=11) < until - clock.now() <= timedelta(hours=12)
    db.execute(sa.update(BrowserSession).values(account_until=clock.now()))
    db.commit()
    client.get("/tai-khoan", 403)


def test_a_cookie_of_another_installation_opens_nothing_here(
    client: Reader, database: SharedDatabase, tmp_path: object, cast: Cast, settings: Config
) -> None:
    sign_in(client)
    other = load({"LMS_DATA": f"{tmp_path}/other", "LMS_PUBLIC_URL": settings.public_url})
    assert other.secret != settings.secret
    holding(create_app(other, database), cookie(client)).get("/tai-khoan", 403)


@pytest.mark.parametrize(
    ("login", "password", "status"),
    [
        ("lan", "không phải mật khẩu", 422),
        ("khong-co", PASSWORD, 422),
        ("", PASSWORD, 422),
        ("lan", "", 422),
        ("lan", PASSWORD + " ", 422),
    ],
)
def test_a_refused_sign_in_says_the_same_whatever_was_wrong_and_keeps_the_login(
    client: Reader, db: ScopedSession, cast: Cast, login: str, password: str, status: int
) -> None:
    sign_in(client, login, password, status)
    assert set(faults(client)) == {"ten_dang_nhap"}
    assert fields(client)["ten_dang_nhap"] == login
    if login and password:
        assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in client.words
    assert client.client.get_cookie("phien") is None
    assert db.scalars(sa.select(BrowserSession.id)).all() == []


def test_failures_are_counted_although_the_request_is_refused_and_forgotten_after_success(
    client: Reader, db: ScopedSession, cast: Cast
) -> None:
    for _ in range(3):
        sign_in(client, password="không phải mật khẩu", status=422)
    assert 3 in db.scalars(sa.select(Throttle.failures)).all()
    sign_in(client)
    assert db.scalars(sa.select(Throttle.failures)).all() == []


def test_guessing_one_account_is_slowed_down_and_another_account_is_not(
    app: Flask, db: ScopedSession, cast: Cast
) -> None:
    guesser = Reader(app)
    statuses = [
        guesser.client.post(
            "/dang-nhap", data={"ten_dang_nhap": "lan", "mat_khau": "đoán mò thôi mà"}, headers=OWN
        ).status_code
        for _ in range(6)
    ]
    assert statuses == [422] * 5 + [429]
    sign_in(guesser, "minh")
    sign_in(Reader(app), "lan", status=429)
    db.execute(sa.update(Throttle).values(last_at=clock.now() - timedelta(minutes=1)))
    db.commit()
    sign_in(Reader(app), "lan")


def test_a_role_taken_away_is_gone_with_the_next_page(client: Reader, db: ScopedSession, cast: Cast) -> None:
    from lms.accounts.models import RoleGrant

    sign_in(client)
    db.execute(sa.update(RoleGrant).where(RoleGrant.account_id == cast.lan.id).values(revoked_at=clock.now()))
    db.commit()
    client.get("/tai-khoan")
    assert "giáo viên" not in client.words
    assert "chưa có" in client.words
