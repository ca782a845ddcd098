"""A pupil comes into a sitting: the code on the board, what it asks, and the own paper begins."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock, codes
from lms.accounts import throttle
from lms.catalog.catalogue import Module
from lms.classrooms.door import name_of_learner
from lms.quizzes.models import Sitting
from lms.quizzes.sitting_queries import is_of_class, minutes_for, own_paper_in, sitting_named
from lms.quizzes.sittings import enter_sitting
from lms.web.access import everyone
from lms.web.catalog import catalogue
from lms.web.transaction import after_rollback, db
from lms.web.visitor import client_address, config, doer, visitor

blueprint = Blueprint("sitting_door", __name__)
Page = tuple[str, int]
# A whole computer room sits behind one address; the check digit catches most slips before they count.
FREE_BY_ADDRESS, FREE_BY_PERSON = 60, 10
UNKNOWN = "Không có buổi kiểm tra nào dùng mã này. Xem lại mã trên bảng."
OTHER_CLASS = (
    "Mã này không phải của lớp em. Hỏi thầy cô mã của lớp, hoặc đổi người học nếu máy đang vào tên bạn khác."
)
OVER = "Buổi kiểm tra này đã hết giờ vào. Nhờ thầy cô mở buổi mới."
WITNESS = "Người coi kiểm tra không làm bài trong chính buổi đó. Nhờ thầy cô khác mở buổi."
GONE = "Bài kiểm tra này không còn trong kho bài. Nhờ thầy cô mở buổi khác."


@blueprint.get("/kiem-tra/vao")
@everyone
def enter() -> str:
    """Ask for the code of a sitting; who is not known yet is led to the class's door first."""
    return _code_page("", "")


def _code_page(typed: str, error: str) -> str:
    return render_template("sittings/enter.html", typed=typed, error=error, visitor=visitor)


@blueprint.post("/kiem-tra/vao")
@everyone
def enter_code() -> Response | Page:
    """Lead to the sitting that a code opens, or back to the own paper in it; guesses are slowed down."""
    if visitor.person_id is None:
        return redirect(url_for("sitting_door.enter"), 303)
    typed = request.form.get("ma", "")
    try:
        code = codes.parse_short(typed)
    except codes.CodeSlip as slip:
        return _code_page(typed, str(slip)), 422
    now, secret = clock.now(), config().secret
    keys = {
        throttle.key(secret, "sitting-code-address", client_address()): FREE_BY_ADDRESS,
        throttle.key(secret, "sitting-code-person", visitor.person_id.hex): FREE_BY_PERSON,
    }
    try:
        throttle.check(db(), keys, now)
    except throttle.TooManyTries as wait:
        return _code_page(typed, f"Gõ sai nhiều lần. Chờ {wait.seconds} giây rồi thử lại."), 429
    sitting = sitting_named(db(), code=code)
    if sitting is None or not _is_own(sitting):
        after_rollback(lambda own: throttle.failed(own, keys, now))
        return _code_page(typed, OTHER_CLASS if sitting else UNKNOWN), 422
    begun = own_paper_in(db(), sitting.id, visitor.person_id)
    if begun is not None:
        return redirect(url_for("check.resume", ma=begun), 303)
    if (refused := _refused(sitting, now)) is not None:
        return _code_page(typed, refused), 422
    return redirect(url_for("sitting_door.start_form", buoi=sitting.ref), 303)


def _is_own(sitting: Sitting) -> bool:
    """Tell whether the visitor belonged to the class of a sitting when it was opened."""
    assert visitor.person_id is not None  # noqa: S101
    return is_of_class(db(), visitor.person_id, sitting.unit_id, clock.local_date(sitting.opened_at))


def _refused(sitting: Sitting, now: datetime) -> str | None:
    """Return why nobody, or not this visitor, may begin a paper of a sitting now."""
    if sitting.closed_at is not None or now >= sitting.closes_at:
        return OVER
    if sitting.witness_id == visitor.person_id:
        return WITNESS
    return None if _module(sitting) else GONE


def _module(sitting: Sitting) -> Module | None:
    found = catalogue().modules.get(sitting.module_id)
    return found if found is not None and found.bank else None


def _own_sitting(ref: str) -> Sitting:
    """Return the sitting in the address, whose ref a typed code led to; another class's is 404."""
    sitting = sitting_named(db(), ref=ref) if visitor.person_id else None
    if sitting is None or not _is_own(sitting):
        abort(404)
    return sitting


@blueprint.get("/kiem-tra/vao/<buoi>")
@everyone
def start_form(buoi: str) -> str | Response | Page:
    """Say what the sitting asks and how long it lasts, before the time runs."""
    sitting, now = _own_sitting(buoi), clock.now()
    assert visitor.person_id is not None  # noqa: S101
    begun = own_paper_in(db(), sitting.id, visitor.person_id)
    if begun is not None:
        return redirect(url_for("check.resume", ma=begun))
    module, refused = _module(sitting), _refused(sitting, now)
    if module is None or refused is not None:
        return _code_page("", refused or GONE), 422
    return render_template(
        "sittings/start.html",
        sitting=sitting,
        module=module,
        questions=_questions(sitting, module),
        minutes=minutes_for(db(), sitting, visitor.person_id),
        visitor=visitor,
        partner=name_of_learner(db(), visitor.partner_id) if visitor.partner_id else None,
    )


def _questions(sitting: Sitting, module: Module) -> int:
    """Return how many questions a paper will have: questions of opinion stand beyond those drawn."""
    return module.draw + (0 if sitting.form else module.opinions)


@blueprint.post("/kiem-tra/vao/<buoi>")
@everyone
def start(buoi: str) -> Response | Page:
    """Begin the own paper: from now on the time runs; a second tap leads to the same paper."""
    sitting, now = _own_sitting(buoi), clock.now()
    assert visitor.person_id is not None  # noqa: S101
    begun = own_paper_in(db(), sitting.id, visitor.person_id)
    if begun is None:
        module, refused = _module(sitting), _refused(sitting, now)
        if module is None or refused is not None:
            return _code_page("", refused or GONE), 422
        begun = enter_sitting(db(), doer(now), sitting, module, now)
    return redirect(url_for("check.resume", ma=begun), 303)
