"""A school's classes and staff: opening a class, the classes of a year, who works here."""

import re
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts.acts import note_act
from lms.accounts.roles import Actor, grant
from lms.classrooms.actions import LONGEST_NAME, ClassRefused, classroom_named, open_classroom
from lms.classrooms.queries import classrooms
from lms.classrooms.roll import PAGE, head_counts, staff_of
from lms.classrooms.years import FIRST_MONTH, first_year_of
from lms.places.queries import Place, place, place_by_id, places_under
from lms.web.access import at_school, staff
from lms.web.classroom import page_number
from lms.web.transaction import db
from lms.web.visitor import visitor

blueprint = Blueprint("school_classes", __name__)
OPENERS = ("school_admin", "teacher")


def _schools() -> list[Place]:
    """Return the schools in which the visitor may open classes."""
    paths = {g.path for g in visitor.grants if g.role in OPENERS and g.kind == "school" and g.path}
    today = clock.today()
    return [found for path in sorted(paths) for found in places_under(db(), path, "school", today)]


def _school() -> Place:
    """Return the school that the address names, or end with 404."""
    found = place(db(), request.args.get("truong", ""), clock.today())
    if found is None or found.kind != "school" or not visitor.may(OPENERS, found.path):
        abort(404)
    return found


def _years() -> list[tuple[str, str]]:
    this = first_year_of(clock.today())
    return [(str(year), f"{year}–{year + 1}") for year in (this, this + 1)]


@blueprint.get("/gv/lop-moi")
@staff
def new_form() -> str | Response:
    """Ask for the name of a class; first for the school, where there are several."""
    if "truong" in request.args:
        return _new_page(_school(), [])
    schools = _schools()
    if len(schools) == 1:
        return redirect(url_for("school_classes.new_form", truong=schools[0].ref))
    return render_template("school_classes/choose.html", schools=schools)


def _new_page(school: Place, errors: list[tuple[str, str]], there: Place | None = None) -> str:
    years = _years()
    return render_template(
        "school_classes/new.html",
        school=school,
        errors=errors,
        there=there,
        may_enter=there is not None and _may_enter(there),
        typed=request.form.get("ten_lop", ""),
        years=years,
        year=request.form.get("nam", years[0][0]),
        longest=LONGEST_NAME,
        is_officer=visitor.may(("school_admin",), school.path),
    )


@blueprint.post("/gv/lop-moi")
@staff
def new() -> Response | tuple[str, int]:
    """Open a class; a teacher who does teaches it. One that is there is offered, not made again."""
    school, now = _school(), clock.now()
    typed, name = request.form.get("nam", ""), request.form.get("ten_lop", "")
    if typed not in dict(_years()):
        return _new_page(school, [("nam", "Chọn năm học.")]), 422
    there = _there(school, name, int(typed))
    if there and _may_enter(there) and not head_counts(db(), [there.id], clock.today()):
        # The second tap: the class was opened a moment ago and is still empty.
        return redirect(url_for("roster.class_first", lop=there.ref), 303)
    try:
        room = open_classroom(db(), school, name, int(typed), now)
    except ClassRefused as refused:
        return _new_page(school, [("ten_lop", str(refused))], there), 422
    opened = place_by_id(db(), room.unit_id, clock.today())
    assert opened is not None  # noqa: S101
    by = Actor(visitor.account_id, visitor.account_name)
    words = f"Mở lớp {opened.name} năm học {typed}–{int(typed) + 1}"
    note_act(db(), "class.open", words, by=by.name, now=now, account_id=by.account_id, unit_id=opened.id)
    if not visitor.may(("school_admin",), school.path):
        assert visitor.account_id is not None  # noqa: S101
        grant(db(), visitor.account_id, "teacher", opened, by, now)
    return redirect(url_for("roster.class_first", lop=opened.ref), 303)


def _there(school: Place, name: str, first_year: int) -> Place | None:
    unit_id = classroom_named(db(), school.id, first_year, name) if name.strip() else None
    return place_by_id(db(), unit_id, clock.today()) if unit_id else None


def _may_enter(room: Place) -> bool:
    return visitor.may(OPENERS, room.path)


@blueprint.get("/truong/<truong>/lop")
@at_school
def classes(truong: Place) -> str:
    """Show a school's classes of a year with how many people are in each."""
    today = clock.today()
    this, typed = first_year_of(today), request.args.get("nam", "")
    year = int(typed) if re.fullmatch("[1-9][0-9]{3}", typed) else this
    rooms = classrooms(db(), year, truong.id)
    return render_template(
        "school_classes/classes.html",
        truong=truong,
        rooms=rooms,
        counts=head_counts(db(), [room.unit_id for room in rooms], max(today, date(year, FIRST_MONTH, 1))),
        year=year,
        this=this,
    )


@blueprint.get("/truong/<truong>/thay-co")
@at_school
def people(truong: Place) -> str:
    """Show who works at a school, page by page."""
    page = page_number()
    found, has_more = staff_of(db(), truong.id, clock.today(), page)
    return render_template(
        "school_classes/people.html",
        truong=truong,
        people=found,
        page=page,
        has_more=has_more,
        first=(page - 1) * PAGE,
    )
