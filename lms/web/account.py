"""Signing in with an account: staff, and anyone who wants one."""

import hmac
import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import sessions, throttle
from lms.accounts.actions import credentials, login_key
from lms.accounts.passwords import verify
from lms.db import SYSTEM
from lms.mac import mac
from lms.web.access import everyone, signed_in
from lms.web.catalog import catalogue
from lms.web.stored import stored_page
from lms.web.transaction import after_rollback, database, db
from lms.web.visitor import YEAR, client_address, config, keep_token, leave, visitor

blueprint = Blueprint("account", __name__)
WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng."
KNOWN_DEVICE = "may"
FREE_ANYWHERE = 20


@blueprint.get("/dang-nhap")
@everyone
def sign_in_form() -> Response:
    """Ask for login and password."""
    return stored_page(
        catalogue().revision, lambda: render_template("account/sign_in.html", errors=[], typed="")
    )


@blueprint.post("/dang-nhap")
@everyone
def sign_in() -> Response | tuple[str, int]:
    """Check a password and start a new session; the old one of this browser ends.

    The slow hash runs before the writing transaction begins, so that nobody waits for it.
    """
    login, password = request.form.get("ten_dang_nhap", ""), request.form.get("mat_khau", "")
    if not login.strip() or not password:
        return _refuse("Gõ tên đăng nhập và mật khẩu.", 422)
    now = clock.now()
    keys = _throttle_keys(login)
    with database().reading(SYSTEM) as reading:
        try:
            had_failures = throttle.check(reading, keys, now)
        except throttle.TooManyTries as wait:
            return _refuse(f"Thử nhiều lần quá. Chờ {wait.seconds} giây rồi thử lại.", 429)
        found = credentials(reading, login)
    if not verify(found[1] if found else None, password) or found is None:
        after_rollback(lambda own: throttle.failed(own, keys, now))
        return _refuse(WRONG, 422)
    _new_session(account_id=found[0])
    if had_failures:
        throttle.succeeded(db(), keys)
    response = redirect(url_for("account.home"), 303)
    mark, secure = _device_mark(login), config().is_https
    response.set_cookie(KNOWN_DEVICE, mark, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _throttle_keys(login: str) -> dict[bytes, int]:
    """Return what counts failures: the account at this address; and the account from anywhere.

    A machine on which this account has signed in before is spared the second count, so that nobody
    can lock somebody else out by guessing.
    """
    secret, name = config().secret, login_key(login)
    keys = {throttle.key(secret, "sign-in", name, client_address()): throttle.FREE}
    if not hmac.compare_digest(request.cookies.get(KNOWN_DEVICE, "").encode(), _device_mark(login).encode()):
        keys[throttle.key(secret, "sign-in-anywhere", name)] = FREE_ANYWHERE
    return keys


def _device_mark(login: str) -> str:
    return mac(config().secret, "known-device", login_key(login)).hex()


def _refuse(error: str, status: int) -> tuple[str, int]:
    typed = request.form.get("ten_dang_nhap", "")
    page = render_template("account/sign_in.html", errors=[("ten_dang_nhap", error)], typed=typed)
    return page, status


@blueprint.get("/tai-khoan")
@signed_in
def home() -> str:
    """Show the account and where it is signed in."""
    return render_template("account/home.html", visitor=visitor)


def _new_session(account_id: uuid.UUID | None = None) -> None:
    """Change this browser's cookie; who was learning here goes on learning, signed in or out."""
    now = clock.now()
    if visitor.session_id is not None:
        sessions.end(db(), now, visitor.session_id)
    kept = {
        "learner_id": visitor.learner_id,
        "household_id": visitor.household_id,
        "set_aside_id": visitor.set_aside_id,
    }
    if account_id is None and not any(kept.values()):
        leave()
        return
    _, token = sessions.start(db(), config().secret, now, account_id=account_id, **kept)
    keep_token(token)


@blueprint.post("/dang-xuat")
@signed_in
def sign_out() -> Response:
    """End this session; the captured cookie opens nothing any more."""
    _new_session()
    return redirect("/", 303)


@blueprint.post("/dang-xuat-het")
@signed_in
def sign_out_everywhere() -> Response:
    """Sign this account out of every browser."""
    assert visitor.account_id is not None  # noqa: S101
    sessions.sign_out_everywhere(db(), visitor.account_id)
    _new_session()
    return redirect("/", 303)
