"""Parents who typed the class code: the teacher takes them in, or does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.classrooms.door import pupil_ref
from lms.classrooms.joining import guardians_of, namesake
from lms.classrooms.models import JoinRequest
from lms.classrooms.requests import accept, decline, request_of, waiting_requests
from lms.people.memberships import Guardian, Member, guardians_in, members
from lms.people.merging import HasLearned
from lms.places.queries import Place
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("join_requests", __name__)
Page = tuple[str, int]
A_PAGE = 20
BY_NAME, NEWCOMER = "theo-ten", "them-moi"


@dataclass(frozen=True)
class Shown:
    """A request that waits, with the guardians of record of the pupil it seems to mean."""

    request: JoinRequest
    pupil: str
    guardians: Sequence[Guardian]
    same: Guardian | None


@blueprint.get("/gv/lop/<lop>/cho-xac-nhan")
@at_class
def waiting(lop: Place) -> str:
    """Show who waits to be taken into the class."""
    return _page(lop, [])


def _page(lop: Place, errors: list[tuple[str, str]]) -> str:
    today = clock.today()
    shown = waiting_requests(db(), lop.id, A_PAGE + 1)
    guardians = guardians_in(db(), lop.id, today) if shown else []
    pupils = members(db(), lop.id, "student", today) if shown else []
    return render_template(
        "class_cards/requests.html",
        lop=lop,
        shown=[_shown(lop, one, guardians) for one in shown[:A_PAGE]],
        more=len(shown) > A_PAGE,
        pupils=[(pupil_ref(config().secret, lop.id, p.person_id), p.full_name) for p in pupils],
        ref=lambda guardian: _guardian_ref(lop, guardian),
        errors=errors,
        typed=request.form,
        by_name=BY_NAME,
        newcomer=NEWCOMER,
    )


def _shown(lop: Place, one: JoinRequest, guardians: Sequence[Guardian]) -> Shown:
    if one.pupil_id is None:
        return Shown(one, "", [], None)
    own = guardians_of(guardians, one.pupil_id)
    pupil = pupil_ref(config().secret, lop.id, one.pupil_id)
    return Shown(one, pupil, own, namesake(own, one.own_name))


def _guardian_ref(lop: Place, guardian: Guardian) -> str:
    return pupil_ref(config().secret, lop.id, guardian.person_id)


@blueprint.post("/gv/lop/<lop>/cho-xac-nhan")
@at_class
def take_in(lop: Place) -> Response | Page:
    """Make the one who asked a guardian of record of the pupil chosen; a second tap changes nothing."""
    asked = _asked(lop, request.form.get("yeu_cau", ""))
    if asked.decided_at is not None:
        return redirect(url_for("join_requests.waiting", lop=lop.ref), 303)
    pupil = _chosen_pupil(lop, asked)
    if pupil is None:
        return _page(lop, [(f"em-{asked.ref}", "Chọn học sinh mà người này xin vào cùng.")]), 422
    own = guardians_of(guardians_in(db(), lop.id, clock.today()), pupil.person_id)
    said = request.form.get(f"ho-so-{asked.ref}", BY_NAME)
    record = _record(lop, asked, own, said)
    if record is None and said not in {BY_NAME, NEWCOMER}:
        words = f"Hồ sơ đã chọn không phải của em {pupil.full_name}. Chọn lại."
        return _page(lop, [(f"ho-so-{asked.ref}", words)]), 422
    try:
        record_id = record.person_id if record else None
        taken = accept(db(), asked, pupil.person_id, record_id, visitor.account_id, clock.now())
    except HasLearned:
        words = (
            f"{record.full_name if record else asked.own_name} đã vào lớp trên máy khác và đã có bài. "
            "Nếu là người khác, chọn “Thêm người mới”. Nếu là một người, bấm “Không nhận” và nhờ phụ huynh "
            "mở nhà bằng mã 8 số của máy kia."
        )
        return _page(lop, [(f"ho-so-{asked.ref}", words)]), 422
    if taken:
        note("join.accept", f"Nhận một người của gia đình học sinh vào lớp {lop.name}", lop.id)
    return redirect(url_for("join_requests.waiting", lop=lop.ref), 303)


def _asked(lop: Place, ref: str) -> JoinRequest:
    """Return a request of this class; one of another class does not exist."""
    found = request_of(db(), lop.id, ref)
    if found is None:
        abort(404)
    return found


def _chosen_pupil(lop: Place, asked: JoinRequest) -> Member | None:
    ref = request.form.get(f"em-{asked.ref}", "")
    if not ref:
        return None
    among = members(db(), lop.id, "student", clock.today())
    found = next((m for m in among if pupil_ref(config().secret, lop.id, m.person_id) == ref), None)
    if found is None:
        abort(404)
    return found


def _record(lop: Place, asked: JoinRequest, own: Sequence[Guardian], said: str) -> Guardian | None:
    """Return the guardian of record this human is: the one chosen, or the one of that name, or nobody."""
    if said == BY_NAME:
        return namesake(own, asked.own_name)
    return next((one for one in own if _guardian_ref(lop, one) == said), None)


@blueprint.get("/gv/lop/<lop>/cho-xac-nhan/<ref>/khong-nhan")
@at_class
def confirm_decline(lop: Place, ref: str) -> str | Response:
    """Ask before a request is turned down."""
    asked = _asked(lop, ref)
    if asked.decided_at is not None:
        return redirect(url_for("join_requests.waiting", lop=lop.ref))
    return render_template("class_cards/decline.html", lop=lop, asked=asked)


@blueprint.post("/gv/lop/<lop>/cho-xac-nhan/<ref>/khong-nhan")
@at_class
def turn_down(lop: Place, ref: str) -> Response:
    """Turn a request down; the typed names are forgotten."""
    if decline(db(), _asked(lop, ref), visitor.account_id, clock.now()):
        note("join.decline", f"Không nhận một yêu cầu vào lớp {lop.name}", lop.id)
    return redirect(url_for("join_requests.waiting", lop=lop.ref), 303)
