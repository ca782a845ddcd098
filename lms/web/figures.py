"""Figures of a class, a school, a commune: how many have completed a course; the same as files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from flask import Blueprint, abort, render_template, request, send_file
from werkzeug.wrappers import Response

from lms import clock
from lms.catalog.catalogue import Course
from lms.db import SYSTEM
from lms.places.queries import Place
from lms.reports import looking
from lms.reports.coverage import figures, share
from lms.reports.deadline import next_deadline
from lms.reports.evidence import Asked
from lms.reports.figures_file import AUDIENCE, DEFINITIONS, remark, write_figures
from lms.reports.queries import last_assigned, people, progress_rows, waiting
from lms.reports.tables import csv_chunks
from lms.vietnamese import slug
from lms.web.access import at_class, at_commune, at_school
from lms.web.catalog import catalogue
from lms.web.transaction import database, db
from lms.web.visitor import visitor

blueprint = Blueprint("figures", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")


@dataclass(frozen=True)
class Choice:
    """What is asked by the address: a course and a date; `errors` where the date is none."""

    course: Course | None
    as_of: date
    typed: str
    errors: tuple[tuple[str, str], ...]

    @property
    def status(self) -> int:
        """Return the status of the page."""
        return 422 if self.errors else 200

    @property
    def query_of_course(self) -> dict[str, str]:
        """Return what an address of the same course carries."""
        return {"khoa": self.course.slug} if "khoa" in request.args and self.course else {}

    @property
    def query(self) -> dict[str, str]:
        """Return what an address of the same figures carries."""
        is_dated = "ngay" in request.args and not self.errors
        return self.query_of_course | ({"ngay": self.as_of.isoformat()} if is_dated else {})

    def asked(self) -> Asked:
        """Return the question; 404 where nothing is taught yet."""
        if self.course is None:
            abort(404)
        return Asked(self.course, self.as_of, clock.now())


def _choice(place: Place) -> Choice:
    today, typed = clock.today(), request.args.get("ngay", "").strip()
    as_of = typed_day(typed) if typed else today
    errors: tuple[tuple[str, str], ...] = ()
    if as_of is None:
        errors = (("ngay", "Ngày gõ chưa đúng. Gõ ngày/tháng/năm, ví dụ 31/05/2027."),)
    elif as_of > today:
        errors = (("ngay", "Ngày này chưa tới. Chọn hôm nay hoặc một ngày đã qua."),)
    holds = today if errors or as_of is None else as_of
    return Choice(_course(place), holds, typed if errors else f"{holds:%d/%m/%Y}", errors)


def _course(place: Place) -> Course | None:
    """Return the course of the address, else the one assigned last there, else the first; unknown is 404."""
    offered = [course for course in catalogue().courses if course.modules]
    address = request.args.get("khoa", "")
    if not address:
        given = last_assigned(db(), place)
        asked = next((c for c in offered if given in (c.id, *(module.id for module in c.modules))), None)
        return asked or (offered[0] if offered else None)
    return next((course for course in offered if course.slug == address), None) or abort(404)


def typed_day(typed: str) -> date | None:
    """Return a date typed as 31/05/2027, or as browsers send it; None for anything else."""
    said = _DAY.fullmatch(typed)
    try:
        return date(int(said[3]), int(said[2]), int(said[1])) if said else date.fromisoformat(typed)
    except ValueError:
        return None


blueprint.add_app_template_filter(share, "share")


@blueprint.app_template_filter("clock_time")
def clock_time(moment: datetime) -> str:
    """Write the time of day as 09:12, in Việt Nam."""
    return f"{moment.astimezone(clock.VIETNAM):%H:%M}"


def _page(template: str, place: Place, choice: Choice) -> tuple[str, int]:
    found = figures(db(), place, choice.asked()) if choice.course else None
    page = render_template(
        f"figures/{template}.html",
        place=place,
        figures=found,
        choice=choice,
        courses=[(course.slug, course.title) for course in catalogue().courses if course.modules],
        waiting=waiting(db(), place, clock.now()),
        audience=AUDIENCE,
        definitions=DEFINITIONS,
        remark=remark,
        today=clock.today(),
        deadline=next_deadline(clock.today()),
    )
    return page, choice.status


@blueprint.get("/truong/<truong>")
@at_school
def school(truong: Place) -> tuple[str, int]:
    """Show a school's figures, by audience and by class; the way to everything else of the school."""
    return _page("school", truong, _choice(truong))


@blueprint.get("/gv/lop/<lop>/so-lieu")
@at_class
def classroom(lop: Place) -> tuple[str, int]:
    """Show a class's figures."""
    return _page("class", lop, _choice(lop))


@blueprint.get("/xa/<xa>")
@at_commune
def commune(xa: Place) -> tuple[str, int]:
    """Show the figures of a commune and its schools: counts without names. That it was seen is noted."""
    answer = _page("commune", xa, _choice(xa))
    _note(looking.LOOKED_AT_COMMUNE, xa)
    return answer


@blueprint.get("/truong/<truong>/so-lieu.xlsx")
@at_school
def school_file(truong: Place) -> Response:
    """Send a school's figures, and where everybody stands, as a workbook."""
    return _workbook(truong)


@blueprint.get("/gv/lop/<lop>/so-lieu.xlsx")
@at_class
def class_file(lop: Place) -> Response:
    """Send a class's figures, and where everybody stands, as a workbook."""
    return _workbook(lop)


def _workbook(place: Place) -> Response:
    choice = _choice(place)
    if choice.errors:
        abort(404)
    asked = choice.asked()
    found = figures(db(), place, asked)
    file = BytesIO()
    write_figures(file, found, waiting(db(), place, asked.known_at), people(db(), place, asked))
    file.seek(0)
    _note(looking.TOOK_FILE, place)
    name = f"so-lieu-{slug(place.name)}-{asked.as_of:%Y-%m-%d}.xlsx"
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


@blueprint.get("/gv/lop/<lop>/tien-do.csv")
@at_class
def progress_file(lop: Place) -> Response:
    """Send a class's progress as CSV: a row for each person, a column for each module, read as it is sent."""
    course = _course(lop) or abort(404)
    today, source, scope = clock.today(), database(), visitor.scope

    def body() -> Iterator[bytes]:
        header = ("Họ tên", "Đối tượng", *(module.title for module in course.modules))
        modules = [module.id for module in course.modules]
        with source.reading(scope) as own:
            yield from csv_chunks(header, progress_rows(own, lop.id, modules, today))

    _note(looking.TOOK_PROGRESS, lop)
    name = f"tien-do-{slug(lop.name)}-{today:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body(), content_type="text/csv; charset=utf-8", headers=headers)


def _note(look: tuple[str, str], place: Place) -> None:
    """Note, once a day, that figures were looked at or taken; by another door, as a GET cannot write."""
    assert visitor.account_id is not None  # noqa: S101
    with database().transaction(SYSTEM) as own:
        looking.note_look(own, look, place, visitor.account_id, visitor.account_name, clock.now())
