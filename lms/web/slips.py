"""A family joins by its slip in three taps: the link, a name, the first lesson."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock, codes
from lms.accounts import throttle
from lms.classrooms import joining, slips
from lms.classrooms.door import Pupil, pupils
from lms.classrooms.slips import EXPIRED, OPEN, REVOKED, USED, FoundSlip
from lms.mac import mac
from lms.people import actions as people
from lms.people import queries
from lms.people.memberships import Guardian, guardians_in
from lms.people.names import NameRefused, full_name
from lms.places.queries import Place, place_by_id
from lms.web.access import everyone
from lms.web.door import school_of
from lms.web.household import fresh_code, has_unnamed_results, learn_as, reopen, send_code
from lms.web.transaction import after_rollback, db
from lms.web.visitor import client_address, config, visitor

blueprint = Blueprint("slips", __name__)
Page = tuple[str, int]
FREE_TRIES = 30
UNKNOWN = "Không có phiếu nào mang mã này. Xem lại từng số trên phiếu."


@dataclass(frozen=True)
class Invited:
    """What an open slip invites to: the class, its school, the pupil, the pupil's guardians of record."""

    code: str
    slip: FoundSlip
    lop: Place
    school: str
    pupil: Pupil
    guardians: list[Guardian]

    def ref(self, guardian: Guardian) -> str:
        """Return what stands for a guardian on this slip's page, and on no other."""
        return mac(config().secret, "slip-guardian", self.slip.id.bytes + guardian.person_id.bytes).hex()[:12]


@blueprint.after_request
def _keep_out_of_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/moi")
@everyone
def type_code() -> str:
    """Ask for the 16 digits of a slip."""
    return _code_page("", "")


def _code_page(typed: str, error: str) -> str:
    return render_template("joining/slip_code.html", errors=[("ma", error)] if error else [], typed=typed)


@blueprint.post("/moi")
@everyone
def open_slip() -> Response | Page:
    """Lead a typed code to its page; unknown codes are slowed down."""
    typed = request.form.get("ma", "")
    try:
        code = codes.parse(typed)
    except codes.CodeSlip as slip:
        return _code_page(typed, str(slip)), 422
    now = clock.now()
    try:
        throttle.check(db(), _limits(), now)
    except throttle.TooManyTries as wait:
        return _code_page(typed, f"Gõ sai nhiều lần. Chờ {wait.seconds} giây rồi thử lại."), 429
    if slips.find_slip(db(), slips.slip_mac(config().secret, code), now) is None:
        after_rollback(lambda own: throttle.failed(own, _limits(), now))
        return _code_page(typed, UNKNOWN), 422
    return redirect(url_for("slips.invite", ma=code), 303)


def _limits() -> dict[bytes, int]:
    return {throttle.key(config().secret, "slip-code", client_address()): FREE_TRIES}


@blueprint.get("/moi/<ma>")
@everyone
def invite(ma: str) -> str | Response | Page:
    """Show the class that invites and the names of this pupil's guardians; afterwards, what comes next."""
    now = clock.now()
    code, found = _slip(ma, now)
    if found.state == USED and found.household_id == visitor.household_id:
        return _joined(found)
    if code != ma:
        return redirect(url_for("slips.invite", ma=code))
    invited = _invited(code, found, now)
    if invited is None:
        return _closed(found)
    return _invitation(invited, "khac" in request.args, [])


def _slip(ma: str, now: datetime) -> tuple[str, FoundSlip]:
    """Return the code and the slip that an address names, or end with the page that says it names none."""
    try:
        code = codes.parse(ma)
        throttle.check(db(), _limits(), now)
    except codes.CodeSlip as refused:
        raise _Refused(_code_page(ma[:40], str(refused)), 404) from None
    except throttle.TooManyTries as wait:
        error = f"Gõ sai nhiều lần. Chờ {wait.seconds} giây rồi thử lại."
        raise _Refused(_code_page(ma[:40], error), 429) from None
    found = slips.find_slip(db(), slips.slip_mac(config().secret, code), now)
    if found is None:
        if request.method == "POST":
            after_rollback(lambda own: throttle.failed(own, _limits(), now))
        raise _Refused(_code_page(code, UNKNOWN), 404)
    return code, found


class _Refused(Exception):
    """The address names no slip; carries the page that says so, and its status."""


@blueprint.errorhandler(_Refused)
def _say_refused(refused: _Refused) -> Page:
    page, status = refused.args
    return page, status


def _invited(code: str, found: FoundSlip, now: datetime) -> Invited | None:
    """Return what a slip invites to, or None when it is spent, or the pupil or the class has gone."""
    today = clock.local_date(now)
    lop = place_by_id(db(), found.unit_id, today)
    if found.state != OPEN or lop is None:
        return None
    pupil = next(
        (p for p in pupils(db(), config().secret, lop.id, today) if p.person_id == found.pupil_id), None
    )
    if pupil is None:
        return None
    guardians = joining.guardians_of(guardians_in(db(), lop.id, today), pupil.person_id)
    return Invited(code, found, lop, school_of(lop), pupil, guardians)


def _invitation(invited: Invited, is_other: bool, errors: list[tuple[str, str]]) -> str:
    return render_template(
        "joining/slip_other.html" if is_other else "joining/slip.html",
        invited=invited,
        errors=errors,
        typed=request.form,
        relations=joining.RELATIONS,
        unnamed=has_unnamed_results(),
        khoa=secrets.token_hex(16),
    )


def _closed(found: FoundSlip) -> Page:
    state = found.state if found.state in {USED, EXPIRED, REVOKED} else EXPIRED
    return render_template("joining/slip_closed.html", state=state), 410


def _joined(found: FoundSlip) -> str:
    lop = place_by_id(db(), found.unit_id, clock.today())
    return render_template("joining/slip_joined.html", lop=lop, code=fresh_code(), visitor=visitor)


@blueprint.post("/moi/<ma>")
@everyone
def join(ma: str) -> str | Response | Page:
    """Put whoever tapped a name into the class and this phone's household; the slip is used up by it.

    The same tap again leads to the same page. Of two phones at once the second is told that it is late.
    """
    now = clock.now()
    code, found = _slip(ma, now)
    if found.state == USED and found.household_id == visitor.household_id:
        return _led_on(code, None)
    if found.state == USED and (new_code := reopen(now)) and found.household_id == visitor.household_id:
        return _led_on(code, new_code)
    invited = _invited(code, found, now)
    if invited is None:
        return _closed(found)
    chosen, relation, errors = _chosen(invited)
    if errors:
        return _invitation(invited, True, errors), 422
    try:
        return _join(invited, chosen, relation, now)
    except joining.JoinedElsewhere:
        error = (
            "Người này đã vào trang ở máy khác. Mở nhà bằng mã 8 số trên máy này trước, rồi mở lại phiếu. "
            "Mất mã thì gọi thầy, cô."
        )
        return _invitation(invited, False, [("nguoi", error)]), 422
    except people.HouseholdFull:
        error = f"Nhà này đã có {people.HOUSEHOLD_LIMIT} người. Mở phiếu ở máy khác."
        return _invitation(invited, True, [("ho_ten", error)]), 422


def _chosen(invited: Invited) -> tuple[Guardian | str, str, list[tuple[str, str]]]:
    """Return the guardian of record tapped, or the name typed, with the relation and what is wrong."""
    tapped = request.form.get("nguoi", "")
    if tapped:
        guardian = next((g for g in invited.guardians if invited.ref(g) == tapped), None)
        if guardian is None:
            abort(404)
        return guardian, guardian.relation, []
    errors, name, relation = [], "", request.form.get("quan_he", "")
    try:
        name = full_name(request.form.get("ho_ten", ""))
    except NameRefused as refused:
        errors.append(("ho_ten", str(refused)))
    if relation not in joining.RELATIONS:
        errors.append(("quan_he", "Chọn mình là gì của em học sinh."))
    recorded = joining.namesake(invited.guardians, name) if name else None
    return recorded or name, relation, errors


def _join(invited: Invited, chosen: Guardian | str, relation: str, now: datetime) -> Response | Page:
    household_id, code = visitor.household_id, None
    mates = queries.mates(db()) if household_id else []
    if household_id is None:
        made, code = people.open_household(db(), config().secret, now)
        household_id = made.id
    if not slips.redeem(db(), invited.slip.id, household_id, now):
        return render_template("joining/slip_closed.html", state=USED), 410
    if isinstance(chosen, Guardian):
        joined = joining.take_in(db(), household_id, mates, chosen, invited.lop.id, now)
    else:
        joined = joining.welcome(db(), household_id, mates, chosen, relation, now)
        joining.add_guardian(
            db(), invited.lop.id, invited.pupil.person_id, joined.person_id, chosen, relation, now
        )
    takes_results = request.form.get("bai_vua_hoc") == "co"
    learn_as(joined.person_id, joined.full_name, household_id, now, takes_results=takes_results)
    return _led_on(invited.code, code)


def _led_on(code: str, household_code: str | None) -> Response:
    response = redirect(url_for("slips.invite", ma=code), 303)
    if household_code is not None:
        send_code(response, household_code)
    return response
