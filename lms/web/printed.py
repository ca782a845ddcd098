"""Tests on paper for a class: making the versions, printing them, who has which result."""

import re
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.catalog.catalogue import Module
from lms.mac import mac
from lms.places.queries import Place
from lms.quizzes.printing import MOST_QUESTIONS, MOST_VERSIONS, left_out, make_versions, most_on_paper
from lms.quizzes.sheet_entry import make_test
from lms.quizzes.sheets import (
    DIFFERS,
    FAULTY,
    FIRST,
    LANDED,
    NOTHING,
    ONCE,
    READY,
    Line,
    PaperTest,
    landed_counts,
    lines,
    paper_test,
    paper_tests,
    tested_module,
    titles,
)
from lms.vietnamese import slug
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.classroom import page_number, typed_date
from lms.web.door import school_of
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("printed", __name__)
SHOWN, A_PAGE = 50, 60
USUAL_VERSIONS = 2
FAR = timedelta(days=366)
KINDS = {
    "multiple": "chọn nhiều ý",
    "text": "tự viết chữ",
    "number": "tự viết số",
    "ordering": "xếp thứ tự",
    "matching": "ghép cặp",
    "matrix": "bảng",
    "spot": "tìm chỗ đáng ngờ",
    "survey": "hỏi ý kiến",
    "open": "tự luận",
    "picture": "có hình",
}
_RANDOM = secrets.SystemRandom()
Errors = list[tuple[str, str]]


@dataclass(frozen=True)
class Offer:
    """A module that can be printed: how many questions a version can ask, and which kinds stay out."""

    module: Module
    count: int
    out: Counter[str]


@dataclass(frozen=True)
class Typed:
    """What stands in the form of a new test; the first time, the usual answers."""

    module_id: str
    count: str = ""
    versions: str = str(USUAL_VERSIONS)
    is_alike: bool = True
    held: str = ""


@dataclass(frozen=True)
class Wanted:
    """A new test, checked."""

    module: Module
    count: int
    versions: int
    held_on: date | None


def found_test(lop: Place, ref: str) -> PaperTest:
    """Return the test of the class in the address, or end with 404."""
    found = paper_test(db(), lop.id, ref)
    if found is None:
        abort(404)
    return found


@blueprint.get("/gv/lop/<lop>/de-giay")
@at_class
def tests(lop: Place) -> str:
    """Show the tests printed for a class, the newest first."""
    found = paper_tests(db(), lop.id, SHOWN)
    return render_template(
        "printed/tests.html",
        lop=lop,
        tests=found,
        titles=titles(db(), {test.module_id for test in found}),
        landed=landed_counts(db(), [test.id for test in found]),
    )


# ---- making -------------------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/de-giay/moi")
@at_class
def make_form(lop: Place) -> str:
    """Ask what to print, with the usual answers filled in."""
    return _form(lop, Typed(request.args.get("chu_de", ""), held=f"{clock.today():%d/%m/%Y}"), [])


def _form(lop: Place, typed: Typed, errors: Errors) -> str:
    return render_template(
        "printed/make.html",
        lop=lop,
        offers=_offers(),
        typed=typed,
        errors=errors,
        kinds=KINDS,
        most=MOST_VERSIONS,
        khoa=secrets.token_hex(16),
    )


def _offers() -> list[Offer]:
    modules = (module for course in catalogue().courses for module in course.modules)
    found = [Offer(m, most_on_paper(m.bank), left_out(m.bank)) for m in modules]
    return [offer for offer in found if offer.count]


@blueprint.post("/gv/lop/<lop>/de-giay/moi")
@at_class
def make(lop: Place) -> AnyResponse | tuple[str, int]:
    """Draw the versions and keep them; the second tap leads to the first one's test."""
    form, now = request.form, clock.now()
    typed = Typed(
        form.get("chu_de", ""),
        form.get("so_cau", "").strip(),
        form.get("so_ma", "").strip(),
        form.get("kieu") != "khac",
        form.get("ngay", "").strip(),
    )
    wanted, errors = _checked(typed, clock.local_date(now))
    if wanted is None:
        return _form(lop, typed, errors), 422
    assert visitor.account_id is not None  # noqa: S101
    tap = lop.id.bytes + visitor.account_id.bytes + form.get("khoa", "").encode()
    test, is_new = make_test(
        db(),
        lop.id,
        wanted.module,
        make_versions(wanted.module.bank, wanted.count, wanted.versions, _RANDOM, alike=typed.is_alike),
        ref=mac(config().secret, "printed-test", tap).hex()[:12],
        held_on=wanted.held_on,
        by=visitor.account_id,
        now=now,
    )
    if is_new:
        what = f"Làm đề giấy “{wanted.module.title}”, {wanted.versions} mã đề, cho lớp {lop.name}"
        note("print", what, lop.id)
    return redirect(url_for("printed.home", lop=lop.ref, ma=test.ref), 303)


def _checked(typed: Typed, today: date) -> tuple[Wanted | None, Errors]:
    errors: Errors = []
    offer = next((one for one in _offers() if one.module.id == typed.module_id), None)
    if offer is None:
        errors.append(("chu_de", "Chọn một chủ đề."))
    most = min(offer.count if offer else MOST_QUESTIONS, MOST_QUESTIONS)
    usual = min(offer.module.draw if offer else 1, most)
    count = usual if not typed.count else _whole(typed.count)
    if not 1 <= count <= most:
        errors.append(("so_cau", f"Ghi một số từ 1 đến {most}, hoặc để trống."))
    versions = _whole(typed.versions)
    if not 1 <= versions <= MOST_VERSIONS:
        errors.append(("so_ma", f"Chọn từ 1 đến {MOST_VERSIONS} mã đề."))
    held_on, fault = _held_on(typed.held, today)
    if fault:
        errors.append(("ngay", fault))
    return (None if errors or offer is None else Wanted(offer.module, count, versions, held_on)), errors


def _whole(typed: str) -> int:
    return int(typed) if re.fullmatch(r"[0-9]{1,3}", typed) else 0


def _held_on(typed: str, today: date) -> tuple[date | None, str]:
    if not typed:
        return None, ""
    try:
        day = typed_date(typed)
    except ValueError as refused:
        return None, str(refused)
    if not today - FAR <= day <= today + FAR:
        return None, "Ngày làm bài cách hôm nay quá một năm. Xem lại năm."
    return day, ""


# ---- one test -----------------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>")
@at_class
def home(lop: Place, ma: str) -> str:
    """Show a test: its files, what is to be done next, each pupil's result."""
    test, page = found_test(lop, ma), page_number()
    everybody = lines(db(), config().secret, test, clock.today())
    states = Counter(line.state for line in everybody)
    return render_template(
        "printed/test.html",
        lop=lop,
        test=test,
        title=titles(db(), [test.module_id])[test.module_id],
        lines=everybody[(page - 1) * A_PAGE : page * A_PAGE],
        total=len(everybody),
        typed=sum(line.state != NOTHING for line in everybody),
        states={name: states[name] for name in (NOTHING, ONCE, FAULTY, DIFFERS, READY, LANDED)},
        awaited=[_awaited(line) for line in everybody if line.state == ONCE],
        passed=sum(line.mark.passed for line in everybody if line.mark),
        page=page,
        has_more=len(everybody) > page * A_PAGE,
        landed_now=request.args.get("da_ghi", type=int),
        is_unprintable="chua_in" in request.args,
    )


def _awaited(line: Line) -> int:
    """Return which entry of a sheet is still to come."""
    return 2 if line.entry(FIRST) else FIRST


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>/de.pdf")
@at_class
def questions_file(lop: Place, ma: str) -> AnyResponse:
    """Send the questions of every version, or of the one asked for; never the key."""
    # Typst and its fonts are loaded by workers that draw, when they first do.
    from lms.quizzes.paper_pdf import LARGE, NORMAL, questions_pdf

    test = found_test(lop, ma)
    code, size = request.args.get("made", ""), LARGE if "to" in request.args else NORMAL
    if code and code not in test.versions:
        abort(404)
    only = (code,) if code else tuple(test.versions)
    return _send(
        lop,
        test,
        "-".join(("de", *([code] if code else []), *(["chu-to"] if size == LARGE else []))),
        lambda at: questions_pdf(db(), test, catalogue(), at, only=only, size=size),
    )


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>/phieu-tra-loi.pdf")
@at_class
def sheets_file(lop: Place, ma: str) -> AnyResponse:
    """Send an answer sheet for each pupil by name; `trong` asks for a page of blank ones."""
    from lms.quizzes.paper_pdf import A_PAGE_OF_SHEETS, sheets_pdf

    test = found_test(lop, ma)
    names, is_blank = [""] * A_PAGE_OF_SHEETS, "trong" in request.args
    if not is_blank:
        everybody = lines(db(), config().secret, test, clock.today())
        names = [line.pupil.full_name for line in everybody if not line.pupil.has_left] or names
    name = "phieu-tra-loi-trong" if is_blank else "phieu-tra-loi"
    return _send(lop, test, name, lambda at: sheets_pdf(test, at, names))


@blueprint.get("/gv/lop/<lop>/de-giay/<ma>/dap-an.pdf")
@at_class
def key_file(lop: Place, ma: str) -> AnyResponse:
    """Send the right letters of every version, for the teacher alone."""
    from lms.quizzes.paper_pdf import key_pdf

    test = found_test(lop, ma)
    return _send(lop, test, "dap-an", lambda at: key_pdf(db(), test, catalogue(), at))


def _send(lop: Place, test: PaperTest, name: str, draw: Callable[..., bytes]) -> AnyResponse:
    from lms.certificates.pdf import DesignError
    from lms.quizzes.paper_pdf import Frame

    module = tested_module(db(), test, catalogue())
    frame = Frame(
        school_of(lop),
        lop.name,
        module.title,
        module.pass_percent,
        config().templates / "printed",
        config().designs / "fonts",
    )
    try:
        body = draw(frame)
    except DesignError:
        return redirect(url_for("printed.home", lop=lop.ref, ma=test.ref, chua_in=1))
    file = f"{name}-{slug(module.title)}-lop-{slug(lop.name)}.pdf"
    return Response(
        body,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )
