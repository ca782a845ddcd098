"""Several people on one phone: keeping results under a name, “Ai đang học?”, handing the phone over."""

import uuid
from contextlib import suppress
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock, codes
from lms.accounts import sessions, throttle
from lms.classrooms.door import name_of_learner
from lms.db import take_turn
from lms.people import actions as people
from lms.people import queries
from lms.people.memberships import is_pupil
from lms.people.names import NameRefused, full_name
from lms.progress.actions import Doer, settle_person
from lms.progress.queries import has_completed_anything
from lms.quizzes.queries import has_started_anything
from lms.web import door
from lms.web.access import everyone, household
from lms.web.catalog import catalogue
from lms.web.issuer import issuer
from lms.web.transaction import after_rollback, db
from lms.web.visitor import (
    Visitor,
    become,
    client_address,
    config,
    device_key,
    hold,
    keep_name,
    leave,
    visitor,
)

blueprint = Blueprint("household", __name__)
BY_LEARNER = "learner"
CODE_COOKIE = "ma"
CODE_SECONDS = 600
FREE_TRIES = 10


def learn_as(
    person_id: uuid.UUID, name: str, household_id: uuid.UUID, now: datetime, *, takes_results: bool
) -> None:
    """Let a person of a household learn in this browser, with the results that have no name, or without."""
    leave_room(now)
    unnamed = visitor.learner_id if has_unnamed_results() else None
    if unnamed is not None and takes_results:
        people.claim(db(), unnamed, person_id, BY_LEARNER, now)
    else:
        set_aside(now)
    learner_id = learner_of(person_id, now)
    hold(now, household_id=household_id, learner_id=learner_id, partner_id=None)
    keep_name(name)
    settle_person(db(), Doer(learner_id, person_id, name), catalogue(), issuer(), now)


def learner_of(person_id: uuid.UUID, now: datetime) -> uuid.UUID:
    """Return a person's first learner, made where there is none."""
    held = queries.learners_of(db(), person_id)
    if held:
        return held[0]
    learner_id = people.make_learner(db(), now, device_key() if visitor.session_id is None else None)
    people.claim(db(), learner_id, person_id, BY_LEARNER, now)
    return learner_id


def reopen(now: datetime) -> str | None:
    """Open what the first of two taps made before this browser had a cookie; return the household's code.

    The first reply, with the code in it, may never have been read: this reply brings a new one.
    """
    key = device_key()
    if visitor.session_id is not None or key is None:
        return None
    take_turn(db(), key)
    first = queries.settled_by_tap(db(), key, now - people.SAME_TAP)
    if first is None:
        return None
    renewed = people.renew_code(db(), first.household_id, config().secret, now)
    hold(now, household_id=first.household_id, learner_id=first.learner_id)
    keep_name(first.full_name)
    return renewed


def has_unnamed_results() -> bool:
    """Tell whether this browser's learner has results, or a check begun, under nobody's name."""
    learner_id = visitor.learner_id
    if learner_id is None or visitor.person_id is not None:
        return False
    return has_completed_anything(db(), learner_id) or has_started_anything(db(), learner_id)


def is_in_room() -> bool:
    """Tell whether a pupil learns here without a household: on a machine that the next pupil uses too."""
    return visitor.household_id is None and _is_pupil()


def leave_room(now: datetime) -> None:
    """End the short session of a pupil before a household takes this browser over, which lasts longer."""
    if is_in_room() and visitor.session_id is not None:
        sessions.end(db(), now, visitor.session_id)
        become(Visitor())
        keep_name(None)


def _is_pupil() -> bool:
    return visitor.person_id is not None and is_pupil(db(), visitor.person_id)


@blueprint.get("/nguoi-hoc")
@everyone
def who() -> str:
    """Ask who is learning on this phone."""
    return render_template(
        "household/who.html",
        mates=queries.mates(db()) if visitor.household_id else [],
        visitor=visitor,
        unnamed=has_unnamed_results(),
        set_aside=visitor.set_aside_id is not None,
        partner=name_of_learner(db(), visitor.partner_id) if visitor.partner_id else None,
        in_class=_is_pupil(),
    )


@blueprint.get("/giu-ket-qua")
@everyone
def keep() -> str | Response:
    """Offer to keep results under a name."""
    if visitor.is_named:
        return redirect(url_for("household.who"))
    return _name_page([])


def _name_page(errors: list[tuple[str, str]]) -> str:
    return render_template(
        "household/name.html",
        errors=errors,
        typed=request.form.get("ho_ten", ""),
        show_name=request.form.get("hien_ten") == "co",
        whose=request.form.get("cua_ai", ""),
        unnamed=has_unnamed_results(),
        adding=visitor.household_id is not None,
        consent_words=people.SHOW_NAME_WORDS,
    )


@blueprint.get("/nguoi-hoc/them")
@everyone
def add() -> str:
    """Ask for the name of one more person on this phone."""
    return _name_page([])


@blueprint.post("/nguoi-hoc/them")
@everyone
def add_person() -> tuple[str, int] | Response:
    """Put a name to this browser's results, or add a person; the first one gets the household's code."""
    errors: list[tuple[str, str]] = []
    name = ""
    try:
        name = full_name(request.form.get("ho_ten", ""))
    except NameRefused as refused:
        errors.append(("ho_ten", str(refused)))
    unnamed = has_unnamed_results()
    whose = request.form.get("cua_ai", "")
    if unnamed and whose not in {"minh", "khac"}:
        errors.append(("cua_ai", "Chọn bài vừa học trên máy này là của ai."))
    if errors:
        return _name_page(errors), 422
    now = clock.now()
    namesake = _namesake(name)
    if namesake is not None and now - namesake.made_at < people.SAME_TAP:
        set_aside(now)
        return _switch(namesake, now)
    if namesake is not None:
        error = "Nhà này đã có người tên như vậy. Bấm tên đó ở trang “Ai đang học?”."
        return _name_page([("ho_ten", error)]), 422
    return _add(name, claims_results=unnamed and whose == "minh", now=now)


def _namesake(name: str) -> queries.Mate | None:
    """Find somebody of the household with the same name; made moments ago, it was the same tap."""
    if not visitor.household_id:
        return None
    return next((mate for mate in queries.mates(db()) if mate.full_name == name), None)


def _add(name: str, *, claims_results: bool, now: datetime) -> tuple[str, int] | Response:
    leave_room(now)
    code = None
    household_id = visitor.household_id
    if household_id is None:
        made, code = people.open_household(db(), config().secret, now)
        household_id = made.id
    person = people.add_person(db(), name, now)
    try:
        people.join_household(db(), household_id, person.id, "", now)
    except people.HouseholdFull:
        error = f"Nhà này đã có {people.HOUSEHOLD_LIMIT} người. Mở nhà khác ở máy khác."
        return _name_page([("ho_ten", error)]), 422
    if request.form.get("hien_ten") == "co":
        people.record_consent(
            db(), person.id, people.SHOW_NAME, True, people.SHOW_NAME_WORDS, BY_LEARNER, now
        )
    learner_id = visitor.learner_id if claims_results else None
    if learner_id is None:
        set_aside(now)
        learner_id = people.make_learner(db(), now)
    hold(now, household_id=household_id, learner_id=learner_id, partner_id=None)
    give_results(learner_id, person.id, name, now)
    keep_name(name)
    if code is None:
        return redirect(url_for("household.hand_over"), 303)
    return _show_code(code)


def give_results(learner_id: uuid.UUID, person_id: uuid.UUID, name: str, now: datetime) -> None:
    """Say whose a learner's results are, and issue what they earn."""
    people.claim(db(), learner_id, person_id, BY_LEARNER, now)
    settle_person(db(), Doer(learner_id, person_id, name), catalogue(), issuer(), now)


def set_aside(now: datetime) -> None:
    """Keep results without a name within reach of this phone, while somebody else learns on it."""
    if has_unnamed_results():
        hold(now, set_aside_id=visitor.learner_id)


def _show_code(code: str) -> Response:
    """Lead to the page that shows a new code."""
    response = redirect(url_for("household.code"), 303)
    send_code(response, code)
    return response


def send_code(response: Response, code: str) -> None:
    """Let a new code travel in a cookie of minutes; it is kept nowhere else."""
    response.set_cookie(
        CODE_COOKIE, code, max_age=CODE_SECONDS, secure=config().is_https, httponly=True, samesite="Lax"
    )


def fresh_code() -> str | None:
    """Return the new code of this visitor's household, on the phone that asked for it, for some minutes."""
    shown = request.cookies.get(CODE_COOKIE, "")
    if not shown or visitor.household_id is None:
        return None
    opened = queries.household_by_code(db(), people.code_mac(config().secret, shown))
    return shown if opened == visitor.household_id else None


@blueprint.get("/nguoi-hoc/ma")
@household
def code() -> str | Response:
    """Show the household's new code for some minutes, on the phone that asked for it."""
    shown = fresh_code()
    if shown is None:
        return redirect(url_for("household.who"))
    return render_template("household/code.html", code=shown, name=visitor.full_name)


@blueprint.post("/nguoi-hoc/chon")
@household
def choose() -> Response:
    """Let another person of the household learn on this phone."""
    ref = request.form.get("nguoi", "")
    mate = next((mate for mate in queries.mates(db()) if mate.ref == ref), None)
    if mate is None:
        abort(404)
    whose = request.form.get("cua_ai", "")
    if has_unnamed_results() and whose not in {"minh", "khac"}:
        return redirect(url_for("household.whose", ref=ref), 303)
    now = clock.now()
    if whose == "minh" and visitor.learner_id and visitor.person_id is None:
        give_results(visitor.learner_id, mate.person_id, mate.full_name, now)
    else:
        set_aside(now)
    return _switch(mate, now)


@blueprint.post("/nguoi-hoc/nhan-bai")
@household
def take_set_aside() -> Response:
    """Give the results that were set aside on this phone to the person chosen."""
    ref = request.form.get("nguoi", "")
    mate = next((mate for mate in queries.mates(db()) if mate.ref == ref), None)
    if mate is None:
        abort(404)
    now = clock.now()
    learner_id = visitor.set_aside_id
    if learner_id is not None:
        hold(now, set_aside_id=None)
        with suppress(people.AlreadyClaimed):
            give_results(learner_id, mate.person_id, mate.full_name, now)
    return redirect(url_for("household.who"), 303)


def _switch(mate: queries.Mate, now: datetime) -> Response:
    hold(now, learner_id=learner_of(mate.person_id, now), partner_id=None)
    keep_name(mate.full_name)
    return redirect(url_for("household.hand_over"), 303)


@blueprint.get("/nguoi-hoc/<ref>/bai-vua-hoc")
@household
def whose(ref: str) -> str:
    """Ask whether the results without a name belong to the person just chosen."""
    mate = next((mate for mate in queries.mates(db()) if mate.ref == ref), None)
    if mate is None:
        abort(404)
    return render_template("household/whose.html", mate=mate)


@blueprint.get("/nguoi-hoc/trao-may")
@everyone
def hand_over() -> str | Response:
    """Ask that the phone be handed to the person who learns now."""
    if not visitor.is_named:
        return redirect(url_for("household.who"))
    return render_template("household/hand_over.html", visitor=visitor)


@blueprint.get("/mo-nha")
@everyone
def open_form() -> str:
    """Ask for the household's code."""
    return render_template("household/open.html", errors=[], typed="")


@blueprint.post("/mo-nha")
@everyone
def open_household() -> Response | tuple[str, int]:
    """Open a household on this phone by its 8-digit code; wrong codes are slowed down."""
    typed = request.form.get("ma", "")
    try:
        code = codes.parse_short(typed)
    except codes.CodeSlip as slip:
        return render_template("household/open.html", errors=[("ma", str(slip))], typed=typed), 422
    now = clock.now()
    key = throttle.key(config().secret, "household-code", client_address())
    try:
        throttle.check(db(), {key: FREE_TRIES}, now)
    except throttle.TooManyTries as wait:
        error = f"Gõ sai nhiều lần. Chờ {wait.seconds} giây rồi thử lại."
        return render_template("household/open.html", errors=[("ma", error)], typed=typed), 429
    found = queries.household_by_code(db(), people.code_mac(config().secret, code))
    if found is None:
        after_rollback(lambda own: throttle.failed(own, [key], now))
        error = "Không có nhà nào dùng mã này. Xem lại tờ giấy ghi mã."
        return render_template("household/open.html", errors=[("ma", error)], typed=typed), 422
    leave_room(now)
    hold(now, household_id=found)
    return redirect(url_for("household.who"), 303)


@blueprint.post("/nguoi-hoc/ma-moi")
@household
def new_code() -> Response:
    """Give the household a new code; the old one, and every other phone, opens nothing any more."""
    assert visitor.household_id is not None  # noqa: S101
    renewed = people.renew_code(db(), visitor.household_id, config().secret, clock.now())
    sessions.leave_household(db(), visitor.household_id, but=visitor.session_id)
    return _show_code(renewed)


@blueprint.get("/thoat")
@everyone
def leave_form() -> str:
    """Say what happens to the results before a shared machine is left."""
    return render_template(
        "household/leave.html", visitor=visitor, unnamed=has_unnamed_results(), is_in_room=is_in_room()
    )


@blueprint.post("/thoat")
@everyone
def leave_machine() -> Response:
    """End this browser's session and leave nothing to the next person."""
    if visitor.session_id is not None:
        sessions.end(db(), clock.now(), visitor.session_id)
    leave()
    response = redirect(url_for("pages.left"), 303)
    response.delete_cookie(CODE_COOKIE, secure=config().is_https, httponly=True, samesite="Lax")
    door.shut(response)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
