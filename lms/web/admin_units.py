"""The units of the site, from the province down to the school: opening, describing, giving roles there."""

import uuid
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import queries, roles
from lms.accounts.actions import login_key
from lms.accounts.invitations import invite
from lms.classrooms.years import FIRST_MONTH, first_year_of
from lms.people.names import NameRefused
from lms.places.actions import UnitRefused
from lms.places.opening import BELOW, TYPES, DateRefused, TypeRefused, describe_from, open_below
from lms.places.queries import Place, children, descriptions, place, places_by_id
from lms.web.access import admin
from lms.web.acts import note
from lms.web.admin import PAGE, Errors, date_of
from lms.web.invitation import actor, link_shown, send_to_link
from lms.web.transaction import db
from lms.web.visitor import config

blueprint = Blueprint("admin_units", __name__)
Crumbs = list[tuple[str, str]]


def unit_for(ref: str) -> Place:
    """Return the unit in the address, or end with 404; classes are their schools' own."""
    found = place(db(), ref, clock.today())
    if found is None or found.kind not in TYPES:
        abort(404)
    return found


def crumbs_to(unit: Place | None, *, itself: bool = True) -> Crumbs:
    """Return the way down to a unit, the unit itself with it when a page below it asks."""
    top = [("Quản trị", url_for("admin.home")), ("Đơn vị", url_for("admin_units.top"))]
    if unit is None:
        return top
    ids = [uuid.UUID(hex=part) for part in unit.path.strip("/").split("/")]
    wanted = ids if itself else ids[:-1]
    found = places_by_id(db(), set(wanted), clock.today())
    return top + [
        (found[i].name, url_for("admin_units.unit", ref=found[i].ref)) for i in wanted if i in found
    ]


@blueprint.get("/qt/don-vi")
@admin
def top() -> str:
    """Show the units at the top."""
    return render_template("admin/units.html", below=children(db(), None, clock.today()))


@blueprint.get("/qt/don-vi/<ref>")
@admin
def unit(ref: str) -> str:
    """Show a unit: what it is, what stands below it, who holds a role right there."""
    here, today = unit_for(ref), clock.today()
    holders = queries.holders_at(db(), here, today, limit=PAGE, right_there=True)
    return render_template(
        "admin/unit.html",
        unit=here,
        crumbs=crumbs_to(here, itself=False),
        below=children(db(), here.id, today),
        opens=BELOW.get(here.kind, ()),
        gives=_gives(here),
        descriptions=descriptions(db(), here.id),
        holders=holders,
        waiting=queries.waiting(db(), here, clock.now(), today, right_there=True),
    )


def _gives(here: Place) -> list[str]:
    """Return the roles that can be held at a unit."""
    return [role for role in roles.PLACES if roles.fits(role, here)]


# ---- opening and describing ------------------------------------------------------------------


@blueprint.get("/qt/don-vi/mo")
@admin
def open_top_form() -> str:
    """Ask which unit to open at the top."""
    return _open_page(None, [])


@blueprint.post("/qt/don-vi/mo")
@admin
def open_top() -> Response | tuple[str, int]:
    """Open a unit at the top; the same name twice is one unit."""
    return _open(None)


@blueprint.get("/qt/don-vi/<ref>/mo")
@admin
def open_form(ref: str) -> str:
    """Ask which unit to open below one."""
    return _open_page(unit_for(ref), [])


@blueprint.post("/qt/don-vi/<ref>/mo")
@admin
def open_here(ref: str) -> Response | tuple[str, int]:
    """Open a unit below one; the same name twice is one unit."""
    return _open(unit_for(ref))


def _open_page(parent: Place | None, errors: Errors) -> str:
    kinds = BELOW.get(parent.kind if parent else None) or abort(404)
    start = date(first_year_of(clock.today()), FIRST_MONTH, 1)
    return render_template(
        "admin/open.html",
        parent=parent,
        crumbs=crumbs_to(parent),
        choices=[(f"{kind}:{type_}", kind, type_) for kind in kinds for type_ in TYPES[kind]],
        action=url_for("admin_units.open_here", ref=parent.ref)
        if parent
        else url_for("admin_units.open_top"),
        errors=errors,
        typed={"ngay": f"{start:%d/%m/%Y}"} | dict(request.form),
    )


def _open(parent: Place | None) -> Response | tuple[str, int]:
    kind, _, type_ = request.form.get("loai", "").partition(":")
    name, governs = request.form.get("ten", ""), request.form.get("chu_quan", "")
    try:
        made, is_new = open_below(db(), parent, kind, name, type_, governs, date_of("ngay"), clock.now())
    except ValueError as refused:
        return _open_page(parent, [(_field_of(refused), str(refused))]), 422
    if is_new:
        note("unit.open", f"Mở {made.name}", made.id)
    return redirect(url_for("admin_units.unit", ref=made.ref), 303)


def _field_of(refused: ValueError) -> str:
    if isinstance(refused, TypeRefused):
        return "loai"
    return "ten" if isinstance(refused, UnitRefused) and not isinstance(refused, DateRefused) else "ngay"


@blueprint.get("/qt/don-vi/<ref>/ten")
@admin
def describe_form(ref: str) -> str:
    """Ask what a unit is called from a date on."""
    here = unit_for(ref)
    typed = {
        "ten": here.name,
        "loai": f"{here.kind}:{here.type}",
        "chu_quan": here.governing_body or "",
        "ngay": f"{clock.today():%d/%m/%Y}",
    }
    return _describe_page(here, [], typed)


def _describe_page(here: Place, errors: Errors, typed: dict[str, str]) -> str:
    known = [*TYPES[here.kind], *([here.type] if here.type not in TYPES[here.kind] else [])]
    choices = [(f"{here.kind}:{type_}", here.kind, type_) for type_ in known]
    return render_template(
        "admin/describe.html",
        unit=here,
        crumbs=crumbs_to(here),
        choices=choices,
        errors=errors,
        typed=typed,
    )


@blueprint.post("/qt/don-vi/<ref>/ten")
@admin
def describe(ref: str) -> Response | tuple[str, int]:
    """Say what a unit is called from a date on; the same date again corrects it."""
    here, form = unit_for(ref), request.form
    _, _, type_ = form.get("loai", "").partition(":")
    name, governs = form.get("ten", ""), form.get("chu_quan", "")
    try:
        since = date_of("ngay")
        describe_from(db(), here, name, type_, governs, since, clock.now())
    except ValueError as refused:
        return _describe_page(here, [(_field_of(refused), str(refused))], dict(form)), 422
    note("unit.describe", f"Từ {since:%d/%m/%Y} gọi {here.name} là {' '.join(name.split())}", here.id)
    return redirect(url_for("admin_units.unit", ref=here.ref), 303)


# ---- roles at a unit --------------------------------------------------------------------------


@blueprint.get("/qt/don-vi/<ref>/moi")
@admin
def invite_form(ref: str) -> str:
    """Ask whom to invite to a unit, or which account to give a role there."""
    return _invite_page(unit_for(ref), [])


def _invite_page(here: Place, errors: Errors) -> str:
    gives = _gives(here) or abort(404)
    return render_template(
        "admin/invite.html",
        unit=here,
        crumbs=crumbs_to(here),
        gives=gives,
        errors=errors,
        typed=request.form,
        action=url_for("admin_units.make_link", ref=here.ref),
        give_action=url_for("admin_units.give", ref=here.ref),
    )


@blueprint.post("/qt/don-vi/<ref>/moi")
@admin
def make_link(ref: str) -> Response | tuple[str, int]:
    """Invite somebody to a role at a unit."""
    here, role = unit_for(ref), request.form.get("vai_tro", "")
    try:
        name = request.form.get("ho_ten", "")
        _, token = invite(db(), config().secret, role, here, name, actor(), clock.now())
    except roles.RoleRefused as refused:
        return _invite_page(here, [("vai_tro", str(refused))]), 422
    except NameRefused as refused:
        return _invite_page(here, [("ho_ten", str(refused))]), 422
    return send_to_link(url_for("admin_units.link", ref=here.ref), token)


@blueprint.get("/qt/don-vi/<ref>/loi-moi")
@admin
def link(ref: str) -> str | Response:
    """Show the link of an invitation just made, on the machine that made it, for some minutes."""
    here, shown = unit_for(ref), link_shown()
    back = url_for("admin_units.unit", ref=here.ref)
    if shown is None or shown[0].place != here:
        return redirect(back)
    return render_template(
        "staff_accounts/link.html",
        invited=shown[0],
        link=shown[1],
        from_whom=here.name,
        back=(here.name, back),
    )


@blueprint.post("/qt/don-vi/<ref>/giao-viec")
@admin
def give(ref: str) -> Response | tuple[str, int]:
    """Give a role at a unit to an account that is there already; twice changes nothing."""
    here, role = unit_for(ref), request.form.get("giao_vai_tro", "")
    found = queries.holder(db(), login_key(request.form.get("ten_dang_nhap", "")), clock.today())
    if found is None:
        error = "Không có tài khoản này. Xem tên đăng nhập ở trang Tài khoản, hoặc gửi lời mời."
        return _invite_page(here, [("ten_dang_nhap", error)]), 422
    try:
        roles.grant(db(), found[0], role, here, actor(), clock.now())
    except roles.RoleRefused as refused:
        return _invite_page(here, [("giao_vai_tro", str(refused))]), 422
    return redirect(url_for("admin_units.unit", ref=here.ref), 303)
