"""Reading in a roster: the file, the preview with every problem and its cure, and only then the writing."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.accounts.roles import Actor
from lms.classrooms.drafts import (
    CLASS,
    SCHOOL,
    STAFF,
    Draft,
    change_draft,
    draft_at,
    drop_draft,
    finish_draft,
    keep_draft,
)
from lms.classrooms.importing import Outcome, apply_pupils, apply_staff, wait_for_turn
from lms.classrooms.queries import classroom
from lms.classrooms.rosters import school_roster
from lms.classrooms.rows import Reading
from lms.classrooms.staff_planning import StaffPlan
from lms.classrooms.table import FileRefused, Table
from lms.classrooms.workbook import read_pasted, read_table
from lms.classrooms.years import first_year_of
from lms.places.queries import Place, place_by_id
from lms.reports.tables import Sheet, write_xlsx
from lms.web.access import Size, at_class, at_school, larger, staff
from lms.web.roster_form import leaving_in, said_in
from lms.web.roster_review import Review, Where, left_out, person_ref, plan_draft, read_draft, review
from lms.web.transaction import database, db, let_others_write
from lms.web.visitor import config, visitor

blueprint = Blueprint("roster", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UPLOAD = Size(octets=6 * 1024 * 1024, parts=20)
PREVIEW = Size(octets=512 * 1024, parts=2000)
YEARS_AHEAD = 1
SAMPLES = {
    "pupils": (
        "mau-danh-sach.xlsx",
        (
            "Họ và tên",
            "Lớp",
            "Ngày sinh",
            "Mã định danh Bộ GD&ĐT",
            "Họ tên mẹ",
            "SĐT mẹ",
            "Họ tên bố",
            "SĐT bố",
        ),
        (
            (
                "Nguyễn Văn Mẫu",
                "4A",
                "12/05/2017",
                "",
                "Trần Thị Thử",
                "0900 000 001",
                "Nguyễn Văn Ví",
                "0900 000 002",
            ),
            ("H'Mẫu Niê", "4A", "03/11/2016", "", "H'Thử Niê", "0900 000 003", "", ""),
        ),
    ),
    "staff": (
        "mau-thay-co.xlsx",
        ("Họ và tên", "Vị trí việc làm", "Môn dạy", "Số điện thoại"),
        (
            ("Trần Thị Mẫu", "Giáo viên", "Tiểu học", "0900 000 011"),
            ("Lê Văn Thử", "Kế toán", "", "0900 000 012"),
        ),
    ),
}


def at_place(kind: str, unit: Place) -> Where:
    """Return where a roster is read, from the place of the address."""
    if kind != CLASS:
        return Where(kind, unit, unit)
    school = place_by_id(db(), classroom(db(), unit.id).school_id, clock.today())
    if school is None:
        abort(404)
    return Where(kind, unit, school)


def address(where: Where, view: str, **more: object) -> str:
    """Return the address of a view of this roster."""
    name = "lop" if where.kind == CLASS else "truong"
    return url_for(f"roster.{where.kind}_{view}", **{name: where.unit.ref}, **more)  # type: ignore[arg-type]


# ---- the file -------------------------------------------------------------------------------


def _first(where: Where) -> str:
    return _upload_page(where, [])


def _upload_page(where: Where, errors: list[tuple[str, str]]) -> str:
    today = clock.today()
    this = first_year_of(today)
    return render_template(
        "roster/upload.html",
        where=where,
        to=address,
        errors=errors,
        pasted=request.form.get("dan", ""),
        years=[(str(y), f"{y}–{y + 1}") for y in range(this, this + YEARS_AHEAD + 1)],
        year=request.form.get("nam", str(this)),
    )


def _take(where: Where) -> AnyResponse | tuple[str, int]:
    """Read a file or what was pasted, while others write, and keep it for the preview."""
    file, pasted = request.files.get("tep"), request.form.get("dan", "")
    let_others_write()
    try:
        table = (
            read_table(file.read(), file.filename or "") if file and file.filename else read_pasted(pasted)
        )
    except FileRefused as refused:
        name = "tep" if file and file.filename else "dan"
        return _upload_page(where, [(name, str(refused))]), 422
    assert visitor.account_id is not None  # noqa: S101
    name = file.filename or "" if file and file.filename else table.sheet
    draft = keep_draft(
        db(), where.unit.id, visitor.account_id, where.kind, name, table, _year(where), clock.now()
    )
    return redirect(address(where, "look", ban=draft.ref), 303)


def _year(where: Where) -> int:
    """Return the school year that the classes of a file belong to."""
    if where.kind == CLASS:
        return classroom(db(), where.unit.id).first_year
    this, typed = first_year_of(clock.today()), request.form.get("nam", "")
    return int(typed) if typed in {str(this + n) for n in range(YEARS_AHEAD + 1)} else this


# ---- the preview ----------------------------------------------------------------------------


def _draft(own: Session, where: Where, ref: str) -> Draft:
    found = draft_at(own, where.unit.id, where.kind, ref, clock.now())
    if found is None:
        abort(404)
    return found


def _review(own: Session, where: Where, draft: Draft, reading: Reading[Any]) -> Review:
    plan = plan_draft(where, draft, reading, school_roster(own, where.school.id))
    return review(where, draft, reading, plan, config().secret)


def _look(where: Where, ban: str) -> str | AnyResponse:
    draft = _draft(db(), where, ban)
    if draft.done is not None:
        return redirect(address(where, "done", ban=ban))
    shown = _review(db(), where, draft, read_draft(where, draft, clock.today()))
    return render_template(
        "roster/preview.html",
        where=where,
        to=address,
        review=shown,
        refs=[person_ref(config().secret, copy.person_id) for copy in shown.plan.absent],
        checked="kiem-tra" in request.args,
        shifted="doi" in request.args,
    )


def _say(where: Where, ban: str) -> AnyResponse:
    """Keep what was typed and check again; or write, if that was asked and nothing else has changed."""
    let_others_write()
    with database().reading(visitor.scope) as own:
        draft = _draft(own, where, ban)
        if draft.done is not None:
            return redirect(address(where, "done", ban=ban), 303)
        reading = read_draft(where, draft, clock.today())
        shown = _review(own, where, draft, reading)
    if request.form.get("viec") == "bo":
        drop_draft(db(), draft)
        return redirect(address(where, "first"), 303)
    said = said_in(request.form, shown, config().secret)
    if request.form.get("viec") == "nap" and _same_rows(draft, said):
        return _confirm(where, shown, said, reading)
    change_draft(db(), said)
    return redirect(address(where, "look", ban=ban, **{"kiem-tra": 1}), 303)


def _same_rows(draft: Draft, said: Draft) -> bool:
    return (draft.edits, draft.dropped, draft.mapping) == (said.edits, said.dropped, said.mapping)


def _confirm(where: Where, shown: Review, said: Draft, reading: Reading[Any]) -> AnyResponse:
    """Write what was shown; when the school has changed meanwhile, show it anew instead."""
    wait_for_turn(db(), where.school.id)
    if _draft(db(), where, said.ref).done is not None:
        return redirect(address(where, "done", ban=said.ref), 303)
    known = school_roster(db(), where.school.id)
    if plan_draft(where, shown.draft, reading, known).fingerprint != request.form.get("thay"):
        change_draft(db(), said)
        return redirect(address(where, "look", ban=said.ref, doi=1), 303)
    leaving = leaving_in(request.form, shown, config().secret)
    plan = plan_draft(where, said, reading, known, leaving=leaving)
    by, now = Actor(visitor.account_id, visitor.account_name), clock.now()
    if isinstance(plan, StaffPlan):
        outcome = apply_staff(db(), where.school, plan, by, now)
    else:
        outcome = apply_pupils(db(), where.school, plan, by, now, where.unit.id)
    rest = left_out(review(where, said, reading, plan, config().secret))
    finish_draft(db(), said, rest, vars(outcome) | {"left_out": len(rest.rows) - 1})
    return redirect(address(where, "done", ban=said.ref), 303)


# ---- afterwards -----------------------------------------------------------------------------


def _done(where: Where, ban: str) -> str | AnyResponse:
    draft = _draft(db(), where, ban)
    if draft.done is None:
        return redirect(address(where, "look", ban=ban))
    numbers = dict(draft.done)
    left = numbers.pop("left_out", 0)
    return render_template(
        "roster/done.html",
        where=where,
        to=address,
        draft=draft,
        outcome=Outcome(**numbers),
        left_out=left,
    )


def _rest(where: Where, ban: str) -> Response:
    draft = _draft(db(), where, ban)
    if draft.done is None:
        reading = read_draft(where, draft, clock.today())
        return _workbook("dong-con-loi.xlsx", left_out(_review(db(), where, draft, reading)))
    return _workbook("dong-con-loi.xlsx", draft.table)


def _workbook(name: str, table: Table) -> Response:
    header, *rows = table.rows
    file = BytesIO()
    write_xlsx(file, [Sheet(table.sheet, header, rows, widths=[22] * len(header))])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file.getvalue(), headers=headers, content_type=XLSX)


@blueprint.get("/gv/mau-danh-sach.xlsx")
@staff
def sample() -> Response:
    """Send a workbook to fill in: pupils and their parents."""
    name, header, rows = SAMPLES["pupils"]
    return _workbook(name, Table((header, *rows), "Danh sách"))


@blueprint.get("/gv/mau-thay-co.xlsx")
@staff
def staff_sample() -> Response:
    """Send a workbook to fill in: a school's staff."""
    name, header, rows = SAMPLES["staff"]
    return _workbook(name, Table((header, *rows), "Thầy cô"))


# ---- the same six routes for a class, a school, its staff ---------------------------------------


def _route(
    kind: str, base: str, right: Callable[[Callable[..., Any]], Callable[..., Any]], name: str
) -> None:
    routes = (
        ("GET", "", "first", _first, None),
        ("POST", "", "take", _take, UPLOAD),
        ("GET", "/<ban>", "look", _look, None),
        ("POST", "/<ban>", "say", _say, PREVIEW),
        ("GET", "/<ban>/xong", "done", _done, None),
        ("GET", "/<ban>/con-loi.xlsx", "rest", _rest, None),
    )
    for method, tail, view, answer, size in routes:
        endpoint = f"{kind}_{view}"
        function = _placed(kind, name, answer)
        function.__name__ = endpoint
        if size is not None:
            function = larger(size)(function)
        blueprint.add_url_rule(base + tail, endpoint, right(function), methods=[method])


def _placed(kind: str, name: str, answer: Callable[..., Any]) -> Callable[..., Any]:
    def view(**at: Any) -> Any:
        return answer(at_place(kind, at.pop(name)), **at)

    return view


_route(CLASS, "/gv/lop/<lop>/nap", at_class, "lop")
_route(SCHOOL, "/truong/<truong>/nap", at_school, "truong")
_route(STAFF, "/truong/<truong>/thay-co/nap", at_school, "truong")
