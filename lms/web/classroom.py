"""A class: who is where, and giving it a module or course."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.classrooms.assigned import ClassHead, Given, class_head
from lms.classrooms.assigning import AUDIENCES, AlreadyAssigned, assign, check_due
from lms.classrooms.targets import Target, target_of
from lms.places.queries import Place
from lms.reports.classrooms import PAGE, Line, evidence, families, lines, people_asked
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.transaction import db
from lms.web.visitor import visitor

blueprint = Blueprint("classroom", __name__)
SHOWN = 6
DAYS = 7
WHOM = {"student": "học sinh", "parent": "cha mẹ học sinh"}
_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")


def page_number() -> int:
    """Return which page of a long list is asked for, from 1."""
    typed = request.values.get("trang", "")
    return int(typed) if re.fullmatch(r"[1-9][0-9]{0,3}", typed) else 1


def with_targets(given: Sequence[Given]) -> list[tuple[Given, Target]]:
    """Return assignments with what each asks for."""
    return [(one, target_of(catalogue(), one.item_id, one.title)) for one in given]


def standings(
    lop: Place, asked: Sequence[tuple[Given, Target]], page: int, today: date
) -> tuple[list[Line], bool]:
    """Return a page of a class's families with how far each is, and whether more follow. Two statements."""
    found, has_more = families(db(), lop.id, today, page)
    items = {item for _, target in asked for item in target.items}
    known = evidence(db(), people_asked(found, [given for given, _ in asked]), items)
    return lines(found, asked, known, today), has_more


@blueprint.get("/gv/lop/<lop>")
@at_class
def home(lop: Place) -> str:
    """Show a class: who has not started, is under way, is done; what to do next."""
    today, page = clock.today(), page_number()
    head = class_head(db(), lop.id, today)
    asked = sorted(with_targets(head.given[:SHOWN]), key=lambda pair: (pair[0].due_on, pair[0].made_at))
    table, has_more = standings(lop, asked, page, today)
    return render_template(
        "classroom/class.html",
        lop=lop,
        head=head,
        asked=asked,
        older=head.given[SHOWN:],
        table=table,
        distinct={cell for line in table for cell in line.cells},
        done=[sum(line.cells[i].is_done for line in table) for i in range(len(asked))],
        pupils=(page - 1) * PAGE + len(table),
        is_whole=page == 1 and not has_more,
        page=page,
        has_more=has_more,
        today=today,
        withdrawn="thu_hoi" in request.args,
    )


@dataclass(frozen=True)
class Typed:
    """What stands in the form of an assignment; the first time, the defaults."""

    item_id: str
    audience: str
    due: str
    required: bool


@blueprint.get("/gv/lop/<lop>/giao-bai")
@at_class
def assign_form(lop: Place) -> str:
    """Offer what can be given to the class, with the usual answers filled in."""
    today = clock.today()
    typed = Typed(
        item_id=request.args.get("bai", ""),
        audience=_one_of(request.args.get("cho", ""), "parent"),
        due=f"{today + timedelta(days=DAYS):%d/%m/%Y}",
        required=True,
    )
    return _form(lop, class_head(db(), lop.id, today), typed, [])


def _one_of(audience: str, otherwise: str) -> str:
    return audience if audience in AUDIENCES else otherwise


def _form(lop: Place, head: ClassHead, typed: Typed, errors: list[tuple[str, str]]) -> str:
    return render_template(
        "classroom/assign.html",
        lop=lop,
        head=head,
        courses=[course for course in catalogue().courses if course.modules],
        taken={(one.item_id, one.audience): one for one in head.given},
        typed=typed,
        errors=errors,
        whom=WHOM,
        target=lambda item_id: target_of(catalogue(), item_id),
    )


@blueprint.post("/gv/lop/<lop>/giao-bai")
@at_class
def assign_item(lop: Place) -> Response | tuple[str, int]:
    """Give a module or course to the class; the second tap leads to the first one's assignment."""
    now = clock.now()
    form = request.form
    typed = Typed(
        item_id=form.get("bai", ""),
        audience=form.get("cho", ""),
        due=form.get("han", "").strip(),
        required=form.get("muc") != "khuyen-khich",
    )
    due_on, errors = _checked(typed, clock.local_date(now))
    if due_on is not None and not errors:
        try:
            made = assign(
                db(),
                lop.id,
                typed.item_id,
                typed.audience,
                due_on,
                now,
                by=visitor.account_id,
                required=typed.required,
            )
        except AlreadyAssigned as already:
            standing = already.assignment
            if (standing.due_on, standing.required) == (due_on, typed.required):
                return redirect(url_for("assignment.remind", lop=lop.ref, bai=standing.ref, moi=1), 303)
            errors = [("bai", _taken(standing.audience, standing.due_on))]
        else:
            title = target_of(catalogue(), typed.item_id).title
            note("assign", f"Giao “{title}” cho {WHOM[typed.audience]} lớp {lop.name}", lop.id)
            return redirect(url_for("assignment.remind", lop=lop.ref, bai=made.ref, moi=1), 303)
    return _form(lop, class_head(db(), lop.id, clock.local_date(now)), typed, errors), 422


def _checked(typed: Typed, today: date) -> tuple[date | None, list[tuple[str, str]]]:
    errors = []
    if not target_of(catalogue(), typed.item_id).modules:
        errors.append(("bai", "Chọn một chủ đề, hoặc cả khóa."))
    if typed.audience not in AUDIENCES:
        errors.append(("cho", "Chọn giao cho học sinh hay cho cha mẹ học sinh."))
    try:
        due_on = typed_date(typed.due)
        check_due(due_on, today)
    except ValueError as refused:
        return None, [*errors, ("han", str(refused))]
    return due_on, errors


def typed_date(typed: str) -> date:
    """Read a date as people type it (5/12/2026) or browsers send it. Raises ValueError in words."""
    if not typed:
        raise ValueError("Chưa nhập hạn. Gõ ngày/tháng/năm.")
    found = _DATE.fullmatch(typed)
    try:
        if found is None:
            return date.fromisoformat(typed)
        day, month, year = (int(part) for part in found.groups())
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"Không có ngày {typed[:20]}. Gõ như 05/12/2026.") from None


def _taken(audience: str, due_on: date) -> str:
    return (
        f"Bài này đã giao cho {WHOM[audience]}, hạn {due_on:%d/%m/%Y}. "
        "Muốn đổi hạn thì mở bài đó ở trang lớp, thu hồi, rồi giao lại."
    )
