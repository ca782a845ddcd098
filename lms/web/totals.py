"""Declared totals: how many people a school says it has, where the roster does not say it yet."""

import re
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.places.queries import Place
from lms.reports import totals
from lms.reports.coverage import CoverageRow, coverage
from lms.web.access import at_school
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.figures import typed_day
from lms.web.transaction import db
from lms.web.visitor import visitor

blueprint = Blueprint("totals", __name__)
FIELDS = {"hoc_sinh": "student", "cha_me": "parent", "giao_vien": "teacher", "nhan_vien": "staff"}
"""Fields of the form, by audience."""
WORDS = {
    "student": "học sinh",
    "parent": "cha mẹ học sinh",
    "teacher": "giáo viên",
    "staff": "CBQL, nhân viên",
}
_SHARED_FIELDS = {"counted_on": "ngay", "source": "nguon"}


@blueprint.get("/truong/<truong>/so-nguoi")
@at_school
def form(truong: Place) -> str:
    """Ask how many people the school has of each audience, beside what is known."""
    typed = {"ngay": f"{clock.today():%d/%m/%Y}"}
    return _page(truong, typed, [])


@blueprint.post("/truong/<truong>/so-nguoi")
@at_school
def keep(truong: Place) -> Response | tuple[str, int]:
    """Keep the totals that were typed; empty fields change nothing."""
    typed = {name: request.form.get(name, "").strip() for name in (*FIELDS, "ngay", "nguon")}
    errors, numbers, counted_on = _read(typed)
    if not errors and counted_on is not None:
        errors = _declare(truong, numbers, counted_on, typed["nguon"])
    if errors:
        return _page(truong, typed, errors), 422
    return redirect(url_for("totals.form", truong=truong.ref, da_ghi=1), 303)


def _read(typed: dict[str, str]) -> tuple[list[tuple[str, str]], dict[str, int], date | None]:
    errors, numbers = [], {}
    for name in FIELDS:
        digits = re.sub(r"[\s.]", "", typed[name])
        if re.fullmatch(r"[0-9]{1,7}", digits):
            numbers[name] = int(digits)
        elif digits:
            errors.append((name, "Gõ một số, ví dụ 380."))
    if not numbers and not errors:
        errors.append((next(iter(FIELDS)), "Chưa nhập số nào. Nhập ít nhất một ô."))
    counted_on = typed_day(typed["ngay"])
    if counted_on is None:
        errors.append(("ngay", "Ngày gõ chưa đúng. Gõ ngày/tháng/năm, ví dụ 31/05/2027."))
    return errors, numbers, counted_on


def _declare(truong: Place, numbers: dict[str, int], counted_on: date, source: str) -> list[tuple[str, str]]:
    """Append the totals, all or none; return what is refused, by field."""
    now, learned = clock.now(), _learned(truong)
    errors: dict[str, str] = {}
    kept = []
    together = db().begin_nested()
    for name, number in numbers.items():
        who = FIELDS[name]
        try:
            is_new = totals.declare(
                db(), truong, who, number, counted_on, source, visitor.account_id, now, learned=learned[who]
            )
            kept += [f"{WORDS[who]} {number}"] if is_new else []
        except totals.TotalRefused as refused:
            errors[_SHARED_FIELDS.get(refused.field, name)] = str(refused)
    if errors:
        together.rollback()
    elif kept:
        note("totals.declare", f"Ghi tổng số người: {', '.join(kept)}", truong.id)
    return list(errors.items())


def _rows(truong: Place) -> list[CoverageRow]:
    """Return the school's rows for every course: the roster, the totals, who took part."""
    today, now = clock.today(), clock.now()
    return [
        row
        for course in catalogue().courses
        for row in coverage(db(), truong, "school", FIELDS.values(), course, today, now)
    ]


def _learned(truong: Place) -> dict[str, int]:
    """Return how many of each audience took part in the course in which most did."""
    found = dict.fromkeys(FIELDS.values(), 0)
    for row in _rows(truong):
        found[row.audience] = max(found[row.audience], row.count.taken_part)
    return found


def _page(truong: Place, typed: dict[str, str], errors: list[tuple[str, str]]) -> str:
    return render_template(
        "figures/totals.html",
        place=truong,
        fields=FIELDS,
        rows={row.audience: row for row in _rows(truong)},
        typed=typed,
        errors=errors,
        is_kept="da_ghi" in request.args,
    )
