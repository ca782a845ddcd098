"""The accounts of a school: who may do what there, inviting, giving and taking back roles."""

import uuid

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import queries, roles
from lms.accounts.actions import login_key
from lms.accounts.invitations import invite, revoke
from lms.accounts.queries import Holder
from lms.accounts.roles import RoleRefused
from lms.classrooms.joining import namesake
from lms.classrooms.known import STAFF_AUDIENCES
from lms.classrooms.queries import classrooms
from lms.classrooms.years import first_year_of
from lms.people.memberships import members
from lms.people.names import NameRefused
from lms.places.queries import Place, place
from lms.web.access import at_school
from lms.web.classroom import page_number
from lms.web.invitation import actor, link_shown, send_to_link
from lms.web.transaction import db
from lms.web.visitor import config

blueprint = Blueprint("staff_accounts", __name__)
PAGE = 50
Errors = list[tuple[str, str]]


@blueprint.get("/truong/<truong>/tai-khoan")
@at_school
def people(truong: Place) -> str:
    """Show who holds a role in the school or its classes, and which invitations wait."""
    return _page(truong, [])


def _page(truong: Place, errors: Errors) -> str:
    today, page = clock.today(), page_number()
    found = queries.holders_at(db(), truong, today, limit=PAGE + 1, skip=(page - 1) * PAGE)
    return render_template(
        "staff_accounts/people.html",
        truong=truong,
        holders=found[:PAGE],
        page=page,
        has_more=len(found) > PAGE,
        waiting=queries.waiting(db(), truong, clock.now(), today),
        options=options(truong),
        errors=errors,
        typed=request.form,
    )


def options(truong: Place) -> list[tuple[str, str]]:
    """Return the roles an officer may give in a school, as values and words of a form."""
    rooms = classrooms(db(), first_year_of(clock.today()), truong.id)
    return [
        *((f"teacher:{room.ref}", f"Giáo viên lớp {room.name}") for room in rooms),
        (f"teacher:{truong.ref}", "Giáo viên của trường, tự tạo lớp của mình"),
        (f"school_admin:{truong.ref}", "Cán bộ trường: xem cả trường, duyệt giấy chứng nhận"),
    ]


def _job(truong: Place, typed: str) -> tuple[str, Place] | None:
    """Return the role and place that a value of the form names, within the school only."""
    role, _, ref = typed.partition(":")
    found = place(db(), ref, clock.today())
    if found is None or not truong.holds(found) or role not in roles.SCHOOL_GIVES:
        return None
    return (role, found) if roles.fits(role, found) else None


@blueprint.get("/truong/<truong>/tai-khoan/loi-moi")
@at_school
def link(truong: Place) -> str | Response:
    """Show the link of an invitation just made, on the machine that made it, for some minutes."""
    shown = link_shown()
    if shown is None or shown[0].place is None or not truong.holds(shown[0].place):
        return redirect(url_for("staff_accounts.people", truong=truong.ref))
    back = ("Tài khoản của trường", url_for("staff_accounts.people", truong=truong.ref))
    return render_template(
        "staff_accounts/link.html", invited=shown[0], link=shown[1], from_whom=truong.name, back=back
    )


@blueprint.post("/truong/<truong>/tai-khoan/loi-moi")
@at_school
def make_link(truong: Place) -> Response | tuple[str, int]:
    """Invite somebody to a role in the school or one of its classes.

    Whoever alone has that name on the school's staff list gets the account as that person: what they learn
    with it counts in the school's figures.
    """
    job, name = _job(truong, request.form.get("viec", "")), request.form.get("ho_ten", "")
    errors: Errors = [] if job else [("viec", "Chọn việc giao cho người này.")]
    if job:
        try:
            person_id = _on_staff_list(truong, name)
            _, token = invite(db(), config().secret, *job, name, actor(), clock.now(), person_id)
            return send_to_link(url_for("staff_accounts.link", truong=truong.ref), token)
        except NameRefused as refused:
            errors = [("ho_ten", str(refused))]
    return _page(truong, errors), 422


def _on_staff_list(truong: Place, name: str) -> uuid.UUID | None:
    today = clock.today()
    staff = {m.person_id: m for each in STAFF_AUDIENCES for m in members(db(), truong.id, each, today)}
    found = namesake(staff.values(), name)
    return found.person_id if found else None


@blueprint.post("/truong/<truong>/tai-khoan/rut-loi-moi")
@at_school
def take_link_back(truong: Place) -> Response:
    """Take an invitation back that nobody has used; its link opens nothing any more."""
    if not revoke(db(), request.form.get("loi_moi", ""), truong, actor(), clock.now()):
        abort(404)
    return redirect(url_for("staff_accounts.people", truong=truong.ref), 303)


def _holder(truong: Place) -> tuple[uuid.UUID, Holder]:
    """Return the account that the request names, which has or had a role in the school; else end with 404."""
    found = queries.holder_at(db(), truong, login_key(request.values.get("ten", "")), clock.today())
    return found or abort(404)


@blueprint.get("/truong/<truong>/tai-khoan/giao-viec")
@at_school
def give_form(truong: Place) -> str:
    """Ask which role to give to somebody who has one in the school already."""
    return _give_page(truong, _holder(truong)[1], [])


def _give_page(truong: Place, holder: Holder, errors: Errors) -> str:
    held = {f"{post.role}:{post.place.ref}" for post in holder.posts if post.place}
    left = [(value, words) for value, words in options(truong) if value not in held]
    return render_template(
        "staff_accounts/give.html", truong=truong, holder=holder, options=left, errors=errors
    )


@blueprint.post("/truong/<truong>/tai-khoan/giao-viec")
@at_school
def give(truong: Place) -> Response | tuple[str, int]:
    """Give a role in the school to somebody who has one there already; twice changes nothing."""
    account_id, holder = _holder(truong)
    job = _job(truong, request.form.get("viec", ""))
    if job is None:
        return _give_page(truong, holder, [("viec", "Chọn việc giao cho người này.")]), 422
    roles.grant(db(), account_id, *job, actor(), clock.now())
    return redirect(url_for("staff_accounts.people", truong=truong.ref), 303)


@blueprint.get("/truong/<truong>/tai-khoan/thu-viec")
@at_school
def take_form(truong: Place) -> str:
    """Ask before a role is taken back."""
    return _take_page(truong, _holder(truong)[1], request.args.get("viec", ""), None)


def _take_page(truong: Place, holder: Holder, job: str, error: str | None) -> str:
    post = next((p for p in holder.posts if p.place and f"{p.role}:{p.place.ref}" == job), None)
    if post is None:
        abort(404)
    return render_template(
        "staff_accounts/take.html",
        holder=holder,
        post=post,
        job=job,
        error=error,
        action=url_for("staff_accounts.take", truong=truong.ref),
        back=("Tài khoản của trường", url_for("staff_accounts.people", truong=truong.ref)),
        above=[(truong.name, f"/truong/{truong.ref}")],
    )


@blueprint.post("/truong/<truong>/tai-khoan/thu-viec")
@at_school
def take(truong: Place) -> Response | tuple[str, int]:
    """Take a role in the school back; twice changes nothing."""
    account_id, holder = _holder(truong)
    typed = request.form.get("viec", "")
    job = _job(truong, typed) or abort(404)
    try:
        roles.revoke(db(), account_id, *job, actor(), clock.now())
    except RoleRefused as refused:
        return _take_page(truong, holder, typed, str(refused)), 422
    return redirect(url_for("staff_accounts.people", truong=truong.ref), 303)
