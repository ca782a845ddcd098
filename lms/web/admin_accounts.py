"""The accounts of the whole site: finding, inviting, giving and taking back roles, disabling."""

import uuid

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import queries, roles
from lms.accounts.actions import AccountRefused, disable_account, enable_account, login_key
from lms.accounts.invitations import invite, revoke
from lms.accounts.queries import Holder, Post
from lms.people.names import NameRefused
from lms.places.queries import Place, place
from lms.web.access import admin
from lms.web.admin import PAGE, Errors
from lms.web.classroom import page_number
from lms.web.invitation import actor, link_shown, send_to_link
from lms.web.transaction import db
from lms.web.visitor import config

blueprint = Blueprint("admin_accounts", __name__)
LONGEST_SEARCH = 100
SITE_WIDE = [role for role in roles.PLACES if roles.fits(role, None)]


@blueprint.get("/qt/tai-khoan")
@admin
def accounts() -> str:
    """Show the accounts, those found by login or name when something was typed."""
    typed, page, today = request.args.get("tim", "")[:LONGEST_SEARCH], page_number(), clock.today()
    found = queries.find_holders(db(), typed, today, limit=PAGE + 1, skip=(page - 1) * PAGE)
    return render_template(
        "admin/accounts.html",
        holders=found[:PAGE],
        has_more=len(found) > PAGE,
        page=page,
        typed=typed,
        waiting=queries.waiting(db(), None, clock.now(), today),
    )


@blueprint.get("/qt/moi")
@admin
def invite_form() -> str:
    """Ask whom to invite to a role for the whole site."""
    return _invite_page([])


def _invite_page(errors: Errors) -> str:
    return render_template(
        "admin/invite.html",
        unit=None,
        crumbs=[
            ("Quản trị", url_for("admin.home")),
            ("Tài khoản của trang", url_for("admin_accounts.accounts")),
        ],
        gives=SITE_WIDE,
        errors=errors,
        typed=request.form,
        action=url_for("admin_accounts.make_link"),
        give_action=None,
    )


@blueprint.post("/qt/moi")
@admin
def make_link() -> Response | tuple[str, int]:
    """Invite somebody to a role for the whole site."""
    role, name = request.form.get("vai_tro", ""), request.form.get("ho_ten", "")
    try:
        _, token = invite(db(), config().secret, role, None, name, actor(), clock.now())
    except roles.RoleRefused:
        return _invite_page([("vai_tro", "Chọn vai trò.")]), 422
    except NameRefused as refused:
        return _invite_page([("ho_ten", str(refused))]), 422
    return send_to_link(url_for("admin_accounts.link"), token)


@blueprint.get("/qt/loi-moi")
@admin
def link() -> str | Response:
    """Show the link of an invitation just made, on the machine that made it, for some minutes."""
    shown, back = link_shown(), url_for("admin_accounts.accounts")
    if shown is None or shown[0].place is not None:
        return redirect(back)
    return render_template(
        "staff_accounts/link.html", invited=shown[0], link=shown[1], from_whom="", back=("Tài khoản", back)
    )


@blueprint.post("/qt/loi-moi/rut")
@admin
def take_link_back() -> Response:
    """Take an invitation back that nobody has used; its link opens nothing any more."""
    if not revoke(db(), request.form.get("loi_moi", ""), None, actor(), clock.now()):
        abort(404)
    ref = request.form.get("don_vi", "")
    here = place(db(), ref, clock.today()) if ref else None
    back = url_for("admin_units.unit", ref=here.ref) if here else url_for("admin_accounts.accounts")
    return redirect(back, 303)


def _holder(ten: str) -> tuple[uuid.UUID, Holder]:
    return queries.holder(db(), login_key(ten), clock.today()) or abort(404)


@blueprint.get("/qt/nguoi/<ten>")
@admin
def account(ten: str) -> str:
    """Show one account with its roles."""
    return _account_page(_holder(ten)[1], [])


def _account_page(holder: Holder, errors: Errors) -> str:
    held = {post.role for post in holder.posts if post.place is None}
    left = [role for role in SITE_WIDE if role not in held]
    return render_template("admin/account.html", holder=holder, gives=left, errors=errors)


@blueprint.post("/qt/nguoi/<ten>/giao-viec")
@admin
def give(ten: str) -> Response | tuple[str, int]:
    """Give an account a role for the whole site; twice changes nothing."""
    account_id, holder = _holder(ten)
    try:
        roles.grant(db(), account_id, request.form.get("vai_tro", ""), None, actor(), clock.now())
    except roles.RoleRefused:
        return _account_page(holder, [("vai_tro", "Chọn vai trò.")]), 422
    return redirect(url_for("admin_accounts.account", ten=holder.login), 303)


@blueprint.get("/qt/nguoi/<ten>/thu-viec")
@admin
def take_form(ten: str) -> str:
    """Ask before a role is taken back."""
    return _take_page(_holder(ten)[1], request.args.get("viec", ""), None)


def _take_page(holder: Holder, job: str, error: str | None) -> str:
    post = next((p for p in holder.posts if _value(p) == job), None)
    if post is None:
        abort(404)
    return render_template(
        "staff_accounts/take.html",
        holder=holder,
        post=post,
        job=job,
        error=error,
        action=url_for("admin_accounts.take", ten=holder.login),
        back=(holder.display_name, url_for("admin_accounts.account", ten=holder.login)),
        above=[
            ("Quản trị", url_for("admin.home")),
            ("Tài khoản của trang", url_for("admin_accounts.accounts")),
        ],
    )


@blueprint.post("/qt/nguoi/<ten>/thu-viec")
@admin
def take(ten: str) -> Response | tuple[str, int]:
    """Take a role back; twice changes nothing, and the last administrator's stays."""
    account_id, holder = _holder(ten)
    typed = request.form.get("viec", "")
    role, where = _job(holder, typed)
    try:
        roles.revoke(db(), account_id, role, where, actor(), clock.now())
    except roles.RoleRefused as refused:
        return _take_page(holder, typed, str(refused)), 422
    return redirect(url_for("admin_accounts.account", ten=holder.login), 303)


def _value(post: Post) -> str:
    return f"{post.role}:{post.place.ref if post.place else ''}"


def _job(holder: Holder, typed: str) -> tuple[str, Place | None]:
    """Return the role and place that a form names: held now, or before a second tap; else end with 404."""
    for post in holder.posts:
        if _value(post) == typed:
            return post.role, post.place
    role, _, ref = typed.partition(":")
    where = place(db(), ref, clock.today()) if ref else None
    if role not in roles.PLACES or (ref and where is None):
        abort(404)
    return role, where


@blueprint.get("/qt/nguoi/<ten>/khoa")
@admin
def disable_form(ten: str) -> str:
    """Ask before an account is disabled."""
    return render_template("admin/disable.html", holder=_holder(ten)[1], error=None)


@blueprint.post("/qt/nguoi/<ten>/khoa")
@admin
def disable(ten: str) -> Response | tuple[str, int]:
    """Disable an account and sign it out everywhere; the last administrator's stays open."""
    holder = _holder(ten)[1]
    try:
        disable_account(db(), holder.login, clock.now(), actor())
    except AccountRefused as refused:
        return render_template("admin/disable.html", holder=holder, error=str(refused)), 422
    return redirect(url_for("admin_accounts.account", ten=holder.login), 303)


@blueprint.post("/qt/nguoi/<ten>/mo")
@admin
def enable(ten: str) -> Response:
    """Let a disabled account sign in again."""
    holder = _holder(ten)[1]
    enable_account(db(), holder.login, clock.now(), actor())
    return redirect(url_for("admin_accounts.account", ten=holder.login), 303)
