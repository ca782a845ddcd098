"""Joining a class: by its code, with a door for pupils and one for parents."""

import secrets
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock, codes
from lms.accounts import sessions, throttle
from lms.classrooms.joining import RELATIONS, welcome
from lms.classrooms.queries import class_by_code
from lms.classrooms.requests import Asked, TooManyRequests, ask_to_join
from lms.people import actions as people
from lms.people import queries
from lms.people.names import NameRefused, full_name
from lms.web import door
from lms.web.access import everyone, household
from lms.web.household import fresh_code, has_unnamed_results, is_in_room, learn_as, reopen, send_code
from lms.web.transaction import after_rollback, db
from lms.web.visitor import client_address, config, leave, visitor

blueprint = Blueprint("joining", __name__)
Page = tuple[str, int]
# A whole school sits behind one address, and a whole class may hold the cards of a renewed code.
FREE_BY_ADDRESS, FREE_BY_CODE = 60, 60
FREE_REQUESTS = 60
UNKNOWN = "Không có lớp nào dùng mã này. Xem lại mã trên thẻ."


@blueprint.after_request
def _keep_out_of_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/vao-lop")
@everyone
def enter() -> str:
    """Ask for the class's code; once it is typed, show the two doors."""
    found = door.opened()
    if found is not None and "ma" not in request.args:
        return render_template("joining/doors.html", door=found, visitor=visitor)
    return _code_page("", "")


def _code_page(typed: str, error: str) -> str:
    errors = [("ma", error)] if error else []
    return render_template("joining/enter.html", errors=errors, typed=typed, visitor=visitor)


@blueprint.post("/vao-lop")
@everyone
def enter_code() -> Response | Page:
    """Open the door of a class by its code; unknown codes are slowed down.

    The last pupil of a computer room, who learns here without a household, is signed out first.
    """
    typed = request.form.get("ma", "")
    try:
        code = codes.parse_short(typed)
    except codes.CodeSlip as slip:
        return _code_page(typed, str(slip)), 422
    now, secret = clock.now(), config().secret
    keys = {
        throttle.key(secret, "class-code-address", client_address()): FREE_BY_ADDRESS,
        throttle.key(secret, "class-code", code): FREE_BY_CODE,
    }
    try:
        throttle.check(db(), keys, now)
    except throttle.TooManyTries as wait:
        return _code_page(typed, f"Gõ sai nhiều lần. Chờ {wait.seconds} giây rồi thử lại."), 429
    if class_by_code(db(), code, clock.local_date(now)) is None:
        after_rollback(lambda own: throttle.failed(own, keys, now))
        return _code_page(typed, UNKNOWN), 422
    response = redirect(url_for("joining.enter"), 303)
    if is_in_room():
        _end_session(response, now)
    door.open_for(response, code)
    return response


def _end_session(response: Response, now: datetime) -> None:
    """Leave nothing of the last pupil in this browser."""
    assert visitor.session_id is not None  # noqa: S101
    sessions.end(db(), now, visitor.session_id)
    leave()
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


@blueprint.get("/vao-lop/phu-huynh")
@everyone
def parent() -> str | Response:
    """Ask a parent for the own name, the child's and how they belong together; the class shows nothing."""
    found = door.opened()
    return _parent_page(found, []) if found else redirect(url_for("joining.enter"))


def _parent_page(found: door.Door, errors: list[tuple[str, str]]) -> str:
    return render_template(
        "joining/parent.html",
        door=found,
        errors=errors,
        typed=request.form,
        own_name=request.form.get("ho_ten", visitor.full_name or ""),
        relations=RELATIONS,
        unnamed=has_unnamed_results(),
        khoa=secrets.token_hex(16),
    )


@blueprint.post("/vao-lop/phu-huynh")
@everyone
def ask() -> Response | Page:
    """Put a parent into the household of this phone and ask the teacher; the reply tells nothing more."""
    found = door.opened()
    if found is None:
        return redirect(url_for("joining.enter"), 303)
    typed, errors = _typed_names()
    if errors:
        return _parent_page(found, errors), 422
    now = clock.now()
    if (code := reopen(now)) is not None:
        return _led_on(code)
    key = throttle.key(config().secret, "join-request", client_address())
    try:
        throttle.check(db(), {key: FREE_REQUESTS}, now)
    except throttle.TooManyTries as wait:
        error = f"Nhiều người cùng gửi một lúc. Chờ {wait.seconds} giây rồi bấm Gửi lại."
        return _parent_page(found, [("ho_ten", error)]), 429
    try:
        response = _ask(found, *typed, now)
    except people.HouseholdFull:
        error = f"Nhà này đã có {people.HOUSEHOLD_LIMIT} người. Dùng máy khác."
        return _parent_page(found, [("ho_ten", error)]), 422
    except TooManyRequests:
        error = "Hôm nay nhà này đã gửi năm lần. Chờ cô xác nhận, hoặc gọi cô."
        return _parent_page(found, [("ho_ten", error)]), 422
    throttle.failed(db(), [key], now)
    return response


def _typed_names() -> tuple[tuple[str, str, str], list[tuple[str, str]]]:
    """Return own name, child's name and relation as typed, with what is wrong in them."""
    names, errors = [], []
    for field in ("ho_ten", "ten_con"):
        try:
            names.append(full_name(request.form.get(field, "")))
        except NameRefused as refused:
            names.append("")
            words = str(refused).replace("Chưa nhập họ và tên.", "Chưa nhập họ và tên của con, cháu.")
            errors.append((field, words if field == "ten_con" else str(refused)))
    relation = request.form.get("quan_he", "")
    if relation not in RELATIONS:
        errors.append(("quan_he", "Chọn mình là gì của em học sinh."))
    return (names[0], names[1], relation), errors


def _ask(found: door.Door, own_name: str, child_name: str, relation: str, now: datetime) -> Response:
    household_id, code = visitor.household_id, None
    mates = queries.mates(db()) if household_id else []
    if household_id is None:
        made, code = people.open_household(db(), config().secret, now)
        household_id = made.id
    joined = welcome(db(), household_id, mates, own_name, relation, now)
    asked = Asked(joined.person_id, own_name, child_name, relation)
    ask_to_join(db(), found.lop.id, household_id, asked, now)
    takes_results = request.form.get("bai_vua_hoc") == "co"
    learn_as(joined.person_id, joined.full_name, household_id, now, takes_results=takes_results)
    return _led_on(code)


def _led_on(code: str | None) -> Response:
    response = redirect(url_for("joining.asked"), 303)
    if code is not None:
        send_code(response, code)
    return response


@blueprint.get("/vao-lop/da-gui")
@household
def asked() -> str:
    """Say that the teacher was asked, in the same words whatever was typed."""
    return render_template("joining/asked.html", code=fresh_code())
