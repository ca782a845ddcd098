"""Results of a test on paper: typed twice by keyboard, compared, and only then kept."""

import uuid
from collections import defaultdict
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.places.queries import Place
from lms.quizzes.printing import LONGEST_TYPED, Slip
from lms.quizzes.sheet_entry import TypedRow, save_entry, settle
from lms.quizzes.sheet_landing import land
from lms.quizzes.sheets import DIFFERS, FAULTY, FIRST, LANDED, ONCE, READY, SECOND, Line, lines, titles
from lms.web.access import Size, at_class, larger
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.classroom import page_number
from lms.web.issuer import issuer
from lms.web.printed import A_PAGE, found_test
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("printed_entry", __name__)
GRID = Size(128 * 1024, 600)
WIDE_FROM = 12
"""Questions from which the grid has two columns in place of three."""


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>/nhap")
@at_class
def first_entry(lop: Place, ma: str) -> str:
    """Show the grid of the first entry: every pupil of the class on one screen."""
    return _grid(lop, ma, FIRST)


@blueprint.post("/gv/lop/<lop>/de-giay/<ma>/nhap")
@at_class
@larger(GRID)
def save_first(lop: Place, ma: str) -> Response:
    """Keep the first entry as far as it has come."""
    return _save(lop, ma, FIRST)


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>/nhap-lai")
@at_class
def second_entry(lop: Place, ma: str) -> str:
    """Show the grid of the second entry, which shows nothing of the first."""
    return _grid(lop, ma, SECOND)


@blueprint.post("/gv/lop/<lop>/de-giay/<ma>/nhap-lai")
@at_class
@larger(GRID)
def save_second(lop: Place, ma: str) -> Response:
    """Keep the second entry as far as it has come."""
    return _save(lop, ma, SECOND)


def _grid(lop: Place, ma: str, number: int) -> str:
    test, page = found_test(lop, ma), page_number()
    everybody = lines(db(), config().secret, test, clock.today())
    shown = everybody[(page - 1) * A_PAGE : page * A_PAGE]
    return render_template(
        "printed/grid.html",
        lop=lop,
        test=test,
        title=titles(db(), [test.module_id])[test.module_id],
        number=number,
        rows=[(line, line.entry(number)) for line in shown],
        errors=_errors(shown, number),
        typed=sum(line.entry(number) is not None for line in everybody),
        total=len(everybody),
        first=(page - 1) * A_PAGE,
        page=page,
        has_more=len(everybody) > page * A_PAGE,
        is_wide=test.count > WIDE_FROM,
        longest=LONGEST_TYPED,
        is_saved="da_luu" in request.args,
        kept=request.args.get("giu", 0, type=int),
    )


def _errors(shown: list[Line], number: int) -> list[tuple[str, str]]:
    """Return what cannot be read, with the field it stands in."""
    errors = []
    for line in shown:
        entry = line.entry(number)
        if entry is None or line.state == LANDED:
            continue
        for field, problem in (("ma", entry.code_problem), ("tl", entry.letters_problem)):
            if problem:
                errors.append((f"{field}-{line.pupil.ref}", f"{line.pupil.full_name}: {problem}"))
    return errors


def _save(lop: Place, ma: str, number: int) -> Response:
    test, form = found_test(lop, ma), request.form
    pupils = (line.pupil for line in lines(db(), config().secret, test, clock.today()))
    sent = {pupil.person_id: row for pupil in pupils if (row := _sent(form, pupil.ref))}
    saved = save_entry(db(), test, number, sent, visitor.account_name, clock.now())
    view = "first_entry" if number == FIRST else "second_entry"
    page = page_number()
    address = url_for(
        f"printed_entry.{view}",
        lop=lop.ref,
        ma=test.ref,
        da_luu=1,
        giu=saved.kept or None,
        trang=page if page > 1 else None,
    )
    return redirect(address, 303)


def _sent(form: Mapping[str, str], ref: str) -> TypedRow | None:
    """Return a pupil's row of the form; None when the form had no such row."""
    if f"tl-{ref}" not in form:
        return None
    shown, typed = (
        tuple(form.get(f"{name}-{ref}", "")[: 2 * LONGEST_TYPED] for name in names)
        for names in (("cu-ma", "cu-tl"), ("ma", "tl"))
    )
    return TypedRow((shown[0], shown[1]), (typed[0], typed[1]))


# ---- comparing, landing -------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>/doi-chieu")
@at_class
def compare(lop: Place, ma: str) -> str:
    """Show where the two entries differ, and offer to keep the results that agree."""
    test = found_test(lop, ma)
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines(db(), config().secret, test, clock.today()):
        groups[line.state].append(line)
    return render_template(
        "printed/compare.html",
        lop=lop,
        test=test,
        title=titles(db(), [test.module_id])[test.module_id],
        faulty=groups[FAULTY],
        once=[(line, SECOND if line.first else FIRST) for line in groups[ONCE]],
        differing=groups[DIFFERS],
        ready=groups[READY],
        landed=len(groups[LANDED]),
        can_witness=visitor.account_person_id is not None,
        writer=visitor.account_name,
        settled=request.args.get("da_chon", type=int),
    )


@blueprint.post("/gv/lop/<lop>/de-giay/<ma>/doi-chieu")
@at_class
@larger(GRID)
def settle_slips(lop: Place, ma: str) -> Response:
    """Write what the teacher read on the paper where the two entries differ."""
    test = found_test(lop, ma)
    everybody = lines(db(), config().secret, test, clock.today())
    chosen = {line.pupil.person_id: _chosen(line) for line in everybody if line.state == DIFFERS}
    count = settle(db(), test, _told(chosen), visitor.account_name, clock.now())
    if count:
        title = titles(db(), [test.module_id])[test.module_id]
        note("settle", f"Đối chiếu {count} chỗ của bài giấy “{title}” với phiếu, lớp {lop.name}", lop.id)
    return redirect(url_for("printed_entry.compare", lop=lop.ref, ma=ma, da_chon=count), 303)


def _chosen(line: Line) -> dict[int, str]:
    typed = ((slip, request.form.get(slip_name(slip, line.pupil.ref), "")) for slip in line.slips)
    return {slip.position: value for slip, value in typed if value in slip.options}


def _told(chosen: Mapping[uuid.UUID, dict[int, str]]) -> dict[uuid.UUID, dict[int, str]]:
    return {person: choices for person, choices in chosen.items() if choices}


def slip_name(slip: Slip, ref: str) -> str:
    """Return the name of the field in which a slip is settled."""
    return f"cau-{slip.position}-{ref}"


@blueprint.post("/gv/lop/<lop>/de-giay/<ma>/ghi-nhan")
@at_class
def keep_results(lop: Place, ma: str) -> Response:
    """Turn the sheets whose entries agree into results; a second tap finds nothing left to do."""
    test = found_test(lop, ma)
    if visitor.account_person_id is None:
        return redirect(url_for("printed_entry.compare", lop=lop.ref, ma=ma), 303)
    told = land(db(), config().secret, test, catalogue(), issuer(), visitor.account_person_id, clock.now())
    if told.made:
        title = titles(db(), [test.module_id])[test.module_id]
        note("paper", f"Ghi kết quả bài giấy “{title}” của {told.made} em lớp {lop.name}", lop.id)
    return redirect(url_for("printed.home", lop=lop.ref, ma=ma, da_ghi=told.made), 303)
