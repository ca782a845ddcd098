"""The administrator's desk: school years and the record of what staff did. No pupil's name on any page."""

import re
import uuid
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import queries
from lms.accounts.actions import login_key
from lms.accounts.queries import Act
from lms.classrooms.calendar import EARLIEST, LATEST, YearRefused, set_dates, year, years
from lms.classrooms.years import first_year_of
from lms.places.queries import Place, place
from lms.web.access import admin
from lms.web.acts import note
from lms.web.classroom import page_number, typed_date
from lms.web.transaction import db

blueprint = Blueprint("admin", __name__)
PAGE = 50
Errors = list[tuple[str, str]]


@blueprint.get("/qt")
@admin
def home() -> str:
    """Show what an administrator looks after."""
    return render_template("admin/home.html")


def date_of(name: str) -> date:
    """Read a date field of the form. Raises ValueError in words."""
    typed = request.form.get(name, "").strip()
    if not typed:
        raise ValueError("Chưa nhập ngày. Gõ ngày/tháng/năm.")
    return typed_date(typed)


@blueprint.get("/qt/nam-hoc")
@admin
def school_years() -> str:
    """Show the school years with their dates."""
    return render_template("admin/years.html", years=years(db(), first_year_of(clock.today())))


def _first_year(nam: str) -> int:
    if not re.fullmatch(r"[0-9]{4}", nam, re.ASCII) or not EARLIEST <= int(nam) <= LATEST:
        abort(404)
    return int(nam)


@blueprint.get("/qt/nam-hoc/<nam>")
@admin
def school_year_form(nam: str) -> str:
    """Ask between which dates a school year runs."""
    one = year(db(), _first_year(nam))
    typed = {"tu": f"{one.starts_on:%d/%m/%Y}", "den": f"{one.ends_on:%d/%m/%Y}"}
    return render_template("admin/year.html", nam=one.first_year, errors=[], typed=typed)


@blueprint.post("/qt/nam-hoc/<nam>")
@admin
def set_school_year(nam: str) -> Response | tuple[str, int]:
    """Change the dates of a school year."""
    first_year, errors, dates = _first_year(nam), [], []
    for name in ("tu", "den"):
        try:
            dates.append(date_of(name))
        except ValueError as refused:
            errors.append((name, str(refused)))
    if not errors:
        try:
            set_dates(db(), first_year, *dates)
        except YearRefused as refused:
            errors.append(("tu" if dates[0].year != first_year else "den", str(refused)))
    if errors:
        return render_template("admin/year.html", nam=first_year, errors=errors, typed=request.form), 422
    span = f"{dates[0]:%d/%m/%Y}–{dates[1]:%d/%m/%Y}"
    note("year.dates", f"Đặt năm học {first_year}–{first_year + 1}: {span}")
    return redirect(url_for("admin.school_years"), 303)


def _acts(where: Place | None, account_id: uuid.UUID | None, page: int) -> list[Act]:
    return queries.acts(
        db(),
        clock.today(),
        path=where.path if where else None,
        account_id=account_id,
        limit=PAGE + 1,
        skip=(page - 1) * PAGE,
    )


@blueprint.get("/qt/nhat-ky")
@admin
def log() -> str:
    """Show what staff did, newest first; of one unit and below, or of one account, when asked."""
    ref, login = request.args.get("don-vi", ""), login_key(request.args.get("ten", ""))
    today, page = clock.today(), page_number()
    where = place(db(), ref, today) if ref else None
    who = queries.holder(db(), login, today) if login else None
    is_unknown = bool((ref and where is None) or (login and who is None))
    found = [] if is_unknown else _acts(where, who[0] if who else None, page)
    return render_template(
        "admin/log.html",
        acts=found[:PAGE],
        has_more=len(found) > PAGE,
        page=page,
        where=where,
        who=who[1] if who else None,
        asked={"don-vi": ref, "ten": login},
        is_unknown=is_unknown,
    )
