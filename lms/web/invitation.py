"""A one-time invitation: the link shown once to whoever made it, and the page it opens."""

import hmac
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import invitations, throttle
from lms.accounts.actions import AccountRefused, free_login, login_key
from lms.accounts.invitations import InvitationRefused, Invited
from lms.accounts.passwords import PasswordRefused, check_strength
from lms.accounts.roles import Actor
from lms.db import SYSTEM
from lms.vietnamese import slug
from lms.web.access import everyone
from lms.web.account import new_session, remember_device
from lms.web.origin import TOKEN, form_token
from lms.web.transaction import after_rollback, database, db
from lms.web.visitor import client_address, config, visitor

blueprint = Blueprint("invitation", __name__)
LINK_COOKIE = "loi-moi"
LINK_SECONDS = 600
FREE_TRIES = 20
WITH_OWN = "tai-khoan-nay"


def actor() -> Actor:
    """Return the visitor's account as the one who does something."""
    return Actor(visitor.account_id, visitor.account_name)


def send_to_link(address: str, token: str) -> Response:
    """Lead to the page that shows a new link; the token travels in a cookie of minutes, kept nowhere else."""
    response = redirect(address, 303)
    response.set_cookie(
        LINK_COOKIE, token, max_age=LINK_SECONDS, secure=config().is_https, httponly=True, samesite="Lax"
    )
    return response


def link_shown() -> tuple[Invited, str] | None:
    """Return the invitation this browser made some minutes ago, with its link; None when there is none.

    The caller checks that its place is the one of the address.
    """
    token = request.cookies.get(LINK_COOKIE, "")
    try:
        invited = invitations.look_up(db(), config().secret, token, clock.now())
    except InvitationRefused:
        return None
    return invited, f"{config().public_url or request.url_root.rstrip('/')}/loi-moi/{token}"


@blueprint.get("/loi-moi/<token>")
@everyone
def form(token: str) -> str | tuple[str, int]:
    """Show what an invitation gives; opening the page uses nothing up."""
    try:
        invited = invitations.look_up(db(), config().secret, token, clock.now())
    except InvitationRefused as refused:
        return _closed(refused)
    return _page(token, invited, [])


@blueprint.post("/loi-moi/<token>")
@everyone
def accept(token: str) -> Response | tuple[str, int]:
    """Open the account, or give the role to the account that is signed in here."""
    now = clock.now()
    try:
        if request.form.get("cach") == WITH_OWN:
            return _accept_with_own(token, now)
        with database().reading(SYSTEM) as reading:
            invited = invitations.look_up(reading, config().secret, token, now)
            errors = _faults(reading, invited)
        if errors:
            return _page(token, invited, errors), 422
        return _open_account(token, invited, now)
    except InvitationRefused as refused:
        return _closed(refused, now)


def _open_account(token: str, invited: Invited, now: datetime) -> Response | tuple[str, int]:
    """Open the account; the slow hash is made before the writing transaction begins."""
    login, secret = request.form.get("ten_dang_nhap", ""), config().secret
    hashed = invitations.hash_for(invited, login_key(login), request.form.get("mat_khau", ""))
    try:
        account = invitations.accept(db(), secret, token, login, hashed, now)
    except AccountRefused as refused:
        return _page(token, invited, [("ten_dang_nhap", str(refused))]), 422
    new_session(account_id=account.id)
    return remember_device(redirect("/gv", 303), account.login)


def _accept_with_own(token: str, now: datetime) -> Response | tuple[str, int]:
    said = request.form.get(TOKEN, "").encode()
    if not current_user.is_authenticated or not hmac.compare_digest(said, form_token().encode()):
        abort(403, "signed_in")
    invited = invitations.look_up(db(), config().secret, token, now)
    try:
        invitations.accept_with(db(), config().secret, token, actor(), now)
    except AccountRefused as refused:
        return _page(token, invited, [("nhan", str(refused))]), 422
    return redirect("/gv", 303)


def _faults(reading: Session, invited: Invited) -> list[tuple[str, str]]:
    """Return what is wrong with the form, before anything slow is done."""
    errors = []
    login, password = request.form.get("ten_dang_nhap", ""), request.form.get("mat_khau", "")
    try:
        free_login(reading, login)
    except AccountRefused as refused:
        errors.append(("ten_dang_nhap", str(refused)))
    try:
        check_strength(password, login_key(login), invited.full_name)
    except PasswordRefused as refused:
        errors.append(("mat_khau", str(refused)))
    else:
        if password != request.form.get("go_lai", ""):
            errors.append(("go_lai", "Hai lần gõ mật khẩu không giống nhau. Gõ lại chậm hơn."))
    return errors


def _page(token: str, invited: Invited, errors: list[tuple[str, str]]) -> str:
    return render_template(
        "invitation/accept.html",
        invited=invited,
        token=token,
        errors=errors,
        typed=request.form.get("ten_dang_nhap", slug(invited.full_name)),
        visitor=visitor,
        with_own=WITH_OWN,
    )


def _closed(refused: InvitationRefused, now: datetime | None = None) -> tuple[str, int]:
    """Say why a link opens nothing; a guess that was sent is counted, and guessing slowed down."""
    moment = now or clock.now()
    status = 410 if refused.is_known else 404
    if not refused.is_known:
        key = throttle.key(config().secret, "invitation", client_address())
        with database().reading(SYSTEM) as reading:
            try:
                throttle.check(reading, {key: FREE_TRIES}, moment)
            except throttle.TooManyTries:
                status = 429
        if now is not None:
            after_rollback(lambda own: throttle.failed(own, [key], moment))
    return render_template("invitation/closed.html", why=str(refused), visitor=visitor), status
