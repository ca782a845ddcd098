"""Signing in with an account, where it is signed in, its password, learning under its owner's name."""

import hmac
import uuid
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import actions, queries, sessions, throttle
from lms.accounts.actions import credentials, login_key
from lms.accounts.acts import note_act
from lms.accounts.agents import agent_words
from lms.accounts.passwords import PasswordRefused, check_strength, hash_password, verify
from lms.db import SYSTEM
from lms.mac import mac
from lms.people import actions as people
from lms.people.names import NameRefused, full_name
from lms.web.access import everyone, signed_in
from lms.web.catalog import catalogue
from lms.web.household import has_unnamed_results, learner_of, set_aside
from lms.web.stored import stored_page
from lms.web.transaction import after_rollback, database, db
from lms.web.visitor import YEAR, client_address, config, hold, keep_name, keep_token, leave, visitor

blueprint = Blueprint("account", __name__)
WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng."
KNOWN_DEVICE = "may"
FREE_ANYWHERE = 20
DONE = {
    "mat-khau": "Đã đổi mật khẩu. Các máy khác đã đăng xuất.",
    "may": "Máy đó đã đăng xuất.",
    "may-khac": "Các máy khác đã đăng xuất.",
}


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
        stands = sessions.standing(reading, found[0]) if found else None
    if not verify(found[1] if found else None, password) or found is None:
        after_rollback(lambda own: throttle.failed(own, keys, now))
        return _refuse(WRONG, 422)
    new_session(account_id=found[0])
    if had_failures:
        throttle.succeeded(db(), keys)
    response = redirect("/gv" if stands and stands.grants else url_for("account.home"), 303)
    return remember_device(response, login)


def remember_device(response: Response, login: str) -> Response:
    """Mark the browser as one on which this account has signed in."""
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
    """Show the account, its roles, and where it is signed in."""
    return _home_page([])


def _home_page(errors: list[tuple[str, str]]) -> str:
    account_id = _own_id()
    return render_template(
        "account/home.html",
        visitor=visitor,
        errors=errors,
        typed=request.form.get("ho_ten", ""),
        login=queries.own_login(db(), account_id),
        posts=queries.posts(db(), visitor.grants, clock.today()),
        own=queries.own_person(db(), account_id),
        unnamed=has_unnamed_results(),
        sign_ins=queries.sign_ins(db(), config().secret, account_id, clock.now()),
        done=DONE.get(request.args.get("xong", "")),
    )


def _own_id() -> uuid.UUID:
    assert visitor.account_id is not None  # noqa: S101
    return visitor.account_id


def new_session(account_id: uuid.UUID | None = None) -> None:
    """Change this browser's cookie; who was learning here goes on learning, signed in or out.

    Only the account's own person stops learning when the account leaves, and a pupil in the computer
    room when a teacher comes: such a session is short, and must not live on in the teacher's long one.
    """
    now = clock.now()
    if visitor.session_id is not None:
        sessions.end(db(), now, visitor.session_id)
    kept = {
        "learner_id": visitor.learner_id,
        "household_id": visitor.household_id,
        "set_aside_id": visitor.set_aside_id,
        "partner_id": visitor.partner_id,
    }
    leaves = account_id is None and visitor.person_id == visitor.account_person_id
    is_in_room = visitor.account_id is None and visitor.household_id is None
    if visitor.person_id and (leaves or is_in_room):
        kept["learner_id"] = kept["partner_id"] = None
        keep_name(None)
    if account_id is None and not any(kept.values()):
        leave()
        return
    agent = agent_words(request.user_agent.string) if account_id else None
    _, token = sessions.start(db(), config().secret, now, account_id=account_id, agent=agent, **kept)
    keep_token(token)


@blueprint.post("/dang-xuat")
@signed_in
def sign_out() -> Response:
    """End this session; the captured cookie opens nothing any more."""
    new_session()
    return redirect("/", 303)


@blueprint.post("/dang-xuat-het")
@signed_in
def sign_out_everywhere() -> Response:
    """Sign this account out of every browser."""
    actions.sign_out_of(db(), _own_id(), _other_sessions())
    sessions.sign_out_everywhere(db(), _own_id())
    new_session()
    return redirect("/", 303)


@blueprint.post("/tai-khoan/may")
@signed_in
def sign_out_there() -> Response:
    """Sign this account out of one browser of the list; one that is out already stays out."""
    ref = request.form.get("may", "")
    here = queries.sign_ins(db(), config().secret, _own_id(), clock.now())
    chosen = [one.session_id for one in here if one.ref == ref]
    if visitor.session_id in chosen:
        new_session()
        return redirect("/", 303)
    actions.sign_out_of(db(), _own_id(), chosen)
    return redirect(url_for("account.home", xong="may"), 303)


@blueprint.post("/tai-khoan/may-khac")
@signed_in
def sign_out_elsewhere() -> Response:
    """Sign this account out of every browser but this one."""
    actions.sign_out_of(db(), _own_id(), _other_sessions())
    return redirect(url_for("account.home", xong="may-khac"), 303)


def _other_sessions() -> list[uuid.UUID]:
    found = queries.sign_ins(db(), config().secret, _own_id(), clock.now())
    return [one.session_id for one in found if one.session_id != visitor.session_id]


@blueprint.get("/tai-khoan/mat-khau")
@signed_in
def password_form() -> str:
    """Ask for the password of now and for a new one."""
    return _password_page([])


def _password_page(errors: list[tuple[str, str]]) -> str:
    return render_template("account/password.html", errors=errors)


@blueprint.post("/tai-khoan/mat-khau")
@signed_in
def change_password() -> Response | tuple[str, int]:
    """Change the password; the current one is asked, and every other browser is signed out."""
    now, login = clock.now(), queries.own_login(db(), _own_id())
    current, wanted = request.form.get("mat_khau", ""), request.form.get("mat_khau_moi", "")
    keys = _throttle_keys(login)
    try:
        had_failures = throttle.check(db(), keys, now)
    except throttle.TooManyTries as wait:
        error = f"Thử nhiều lần quá. Chờ {wait.seconds} giây rồi thử lại."
        return _password_page([("mat_khau", error)]), 429
    found, errors = credentials(db(), login), _faults_of_new(login, wanted)
    # The hashes are slow: until they are made, this request gives the writers' queue free.
    db().rollback()
    if found is None or not verify(found[1], current):
        after_rollback(lambda own: throttle.failed(own, keys, now))
        return _password_page([("mat_khau", "Mật khẩu đang dùng chưa đúng."), *errors]), 422
    if errors:
        return _password_page(errors), 422
    new_hash = hash_password(check_strength(wanted))
    if not actions.change_password(db(), _own_id(), found[1], new_hash):
        return _password_page([("mat_khau", "Mật khẩu vừa được đổi ở máy khác. Gõ mật khẩu mới đó.")]), 422
    if had_failures:
        throttle.succeeded(db(), keys)
    actions.sign_out_of(db(), _own_id(), _other_sessions())
    name = visitor.account_name
    note_act(db(), "account.password", "Đổi mật khẩu của mình", by=name, now=now, account_id=_own_id())
    new_session(account_id=_own_id())
    return redirect(url_for("account.home", xong="mat-khau"), 303)


def _faults_of_new(login: str, wanted: str) -> list[tuple[str, str]]:
    try:
        check_strength(wanted, login, visitor.account_name)
    except PasswordRefused as refused:
        return [("mat_khau_moi", str(refused))]
    if wanted != request.form.get("go_lai", ""):
        return [("go_lai", "Hai lần gõ mật khẩu mới không giống nhau. Gõ lại chậm hơn.")]
    return []


@blueprint.post("/tai-khoan/hoc")
@signed_in
def learn_as_me() -> Response | tuple[str, int]:
    """Let the account's own person learn in this browser; results without a name are kept apart."""
    now = clock.now()
    try:
        person_id, name = queries.own_person(db(), _own_id()) or _say_who(now)
    except NameRefused as refused:
        return _home_page([("ho_ten", str(refused))]), 422
    set_aside(now)
    hold(now, learner_id=learner_of(person_id, now), partner_id=None)
    keep_name(name)
    return redirect("/", 303)


def _say_who(now: datetime) -> tuple[uuid.UUID, str]:
    """Make the person that the account's owner is, under the name typed. Raises NameRefused."""
    person = people.add_person(db(), full_name(request.form.get("ho_ten", "")), now)
    actions.set_person(db(), _own_id(), person.id)
    return person.id, person.full_name
