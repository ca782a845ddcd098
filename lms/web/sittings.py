"""Checks that a class takes before its teacher: open one, show its code, see who is in, close it."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.catalog.catalogue import Module
from lms.classrooms.door import MOST_PUPILS, pupil_ref
from lms.db import SYSTEM
from lms.people.memberships import Member, members
from lms.places.queries import Place
from lms.quizzes.models import Sitting
from lms.quizzes.sitting_queries import (
    Sat,
    minutes_for,
    own_paper_in,
    papers_in,
    people_in,
    sitting_in,
    sittings_of,
)
from lms.quizzes.sittings import (
    LONGEST_MINUTES,
    SittingRefused,
    close_sitting,
    end_overdue,
    give_minutes,
    open_sitting,
    overdue_attempts,
)
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.classroom import page_number
from lms.web.issuer import issuer
from lms.web.reviewing import score_words
from lms.web.transaction import database, db, let_others_write
from lms.web.visitor import config, host, visitor

blueprint = Blueprint("sittings", __name__)
MINUTES = 15
AT_ONCE = 60
"""Papers handed in by the closing itself; the job hands in the rest."""
FORMS = {"moi-em": "", "a": "A", "b": "B", "ab": "AB"}
FORM_WORDS = {"": "Mỗi em một đề", "A": "Đề A", "B": "Đề B", "AB": "Nửa lớp đề A, nửa lớp đề B"}


@dataclass(frozen=True)
class Typed:
    """What stands in the form of a new sitting."""

    module_id: str = ""
    minutes: str = str(MINUTES)
    form: str = "moi-em"


@blueprint.get("/gv/lop/<lop>/kiem-tra")
@at_class
def home(lop: Place) -> str:
    """List the sittings of a class and offer to open one."""
    return _home(lop, Typed(module_id=request.args.get("chu_de", "")), [])


def _home(lop: Place, typed: Typed, errors: list[tuple[str, str]]) -> str:
    return render_template(
        "sittings/list.html",
        lop=lop,
        sittings=sittings_of(db(), lop.id),
        modules=_modules(),
        titles={module.id: module.title for module in catalogue().modules.values()},
        words=FORM_WORDS,
        choices=[(key, FORM_WORDS[form]) for key, form in FORMS.items()],
        typed=typed,
        errors=errors,
        now=clock.now(),
        can_witness=visitor.account_person_id is not None,
    )


def _modules() -> list[tuple[str, str]]:
    """Return the modules that have a check, with the course where there are several."""
    several = len(catalogue().courses) > 1
    return [
        (module.id, f"{course.title}: {module.title}" if several else module.title)
        for course in catalogue().courses
        for module in course.modules
        if module.bank
    ]


@blueprint.post("/gv/lop/<lop>/kiem-tra")
@at_class
def open_new(lop: Place) -> Response | tuple[str, int]:
    """Open a sitting; one of the same module that is still open is shown in its place."""
    if visitor.account_person_id is None or visitor.account_id is None:
        return redirect(url_for("sittings.home", lop=lop.ref), 303)
    form, now = request.form, clock.now()
    typed = Typed(form.get("chu_de", ""), form.get("phut", "").strip(), form.get("de", ""))
    module, errors = _checked(typed)
    if module is None or errors:
        return _home(lop, typed, errors), 422
    who = (visitor.account_id, visitor.account_person_id)
    minutes, wanted = int(typed.minutes), FORMS[typed.form]
    try:
        sitting = open_sitting(db(), lop.id, module, *who, minutes, wanted, now)
    except SittingRefused as refused:
        return _home(lop, typed, [("de", str(refused))]), 422
    is_new = sitting.opened_at == now
    if is_new:
        what = f"Mở buổi kiểm tra “{module.title}”, {minutes} phút, lớp {lop.name}"
        note("open-sitting", what, lop.id)
    differs = not is_new and (sitting.minutes, sitting.form) != (minutes, wanted)
    return redirect(_address(lop, sitting, da_mo=1 if differs else None), 303)


def _checked(typed: Typed) -> tuple[Module | None, list[tuple[str, str]]]:
    errors = []
    module = catalogue().modules.get(typed.module_id)
    if module is None or not module.bank:
        module = None
        errors.append(("chu_de", "Chọn một chủ đề có bài kiểm tra."))
    if (fault := _minutes_fault(typed.minutes, 1)) is not None:
        errors.append(("phut", fault))
    if typed.form not in FORMS:
        errors.append(("de", "Chọn một trong các cách ra đề."))
    return module, errors


def _minutes_fault(typed: str, least: int) -> str | None:
    if not re.fullmatch(r"[0-9]{1,3}", typed):
        return "Gõ số phút bằng chữ số. Ví dụ: 15."
    if not least <= int(typed) <= LONGEST_MINUTES:
        return f"Gõ số phút từ {least} đến {LONGEST_MINUTES}."
    return None


def _address(lop: Place, sitting: Sitting, **more: int | None) -> str:
    return url_for("sittings.show", lop=lop.ref, ma=sitting.ref, **more)  # type: ignore[arg-type]


# ---- one sitting -------------------------------------------------------------------------------


def found_sitting(lop: Place, ref: str) -> Sitting:
    """Return the sitting of this class that an address names, or end with 404."""
    found = sitting_in(db(), lop.id, ref)
    if found is None:
        abort(404)
    return found


def open_questions() -> frozenset[str]:
    """Return the ids of the questions that a person marks."""
    return frozenset(question.id for question in catalogue().questions.values() if question.kind == "open")


def title_of(sitting: Sitting) -> str:
    """Return the title of what a sitting checks."""
    module = catalogue().modules.get(sitting.module_id)
    return module.title if module else "Chủ đề không còn trong kho bài"


@blueprint.get("/gv/lop/<lop>/kiem-tra/<ma>")
@at_class
def show(lop: Place, ma: str) -> str:
    """Show a sitting: its code while it may be entered, who is in and how far, then the results."""
    sitting, now, page = found_sitting(lop, ma), clock.now(), page_number()
    held_on = clock.local_date(sitting.opened_at)
    found, has_more = people_in(db(), sitting, held_on, open_questions(), page)
    begun, handed_in = papers_in(db(), sitting.id)
    return render_template(
        "sittings/sitting.html",
        lop=lop,
        sitting=sitting,
        title=title_of(sitting),
        form=FORM_WORDS[sitting.form],
        host=host(),
        lines=[_line(lop, one, now) for one in found],
        begun=begun,
        handed_in=handed_in,
        is_open=_may_enter(sitting, now),
        has_begun="da_mo" in request.args,
        taken=request.args.get("da_thu", type=int),
        page=page,
        has_more=has_more,
        now=now,
    )


def _may_enter(sitting: Sitting, now: datetime) -> bool:
    return sitting.closed_at is None and now < sitting.closes_at


@blueprint.get("/gv/lop/<lop>/kiem-tra/<ma>/ma")
@at_class
def code(lop: Place, ma: str) -> str:
    """Show the code alone, in letters for the back row; no name stands on this page."""
    sitting = found_sitting(lop, ma)
    return render_template(
        "sittings/code.html",
        lop=lop,
        sitting=sitting,
        title=title_of(sitting),
        host=host(),
        is_open=_may_enter(sitting, clock.now()),
    )


@dataclass(frozen=True)
class Line:
    """A row of the page of a sitting; `left` are the whole minutes until the person's time is over."""

    ref: str
    one: Sat
    state: str
    left: int
    score: str


def _line(lop: Place, one: Sat, now: datetime) -> Line:
    paper, state = one.paper, one.state(now)
    left = int((paper.closes_at - now).total_seconds() // 60) if paper and state == "doing" else 0
    score = score_words(paper.mark.points, paper.mark.out_of) if paper and paper.mark else ""
    return Line(_ref(lop, one.person_id), one, state, left, score)


def _ref(lop: Place, person_id: uuid.UUID) -> str:
    return pupil_ref(config().secret, lop.id, person_id)


# ---- more time ---------------------------------------------------------------------------------


def _pupil(lop: Place, sitting: Sitting, ref: str) -> Member:
    """Return the pupil that a ref stands for, of the class as it was at the sitting, or end with 404."""
    held_on = clock.local_date(sitting.opened_at)
    among = members(db(), lop.id, "student", held_on, limit=MOST_PUPILS)
    found = next((one for one in among if _ref(lop, one.person_id) == ref), None)
    if found is None:
        abort(404)
    return found


@blueprint.get("/gv/lop/<lop>/kiem-tra/<ma>/them-phut/<em>")
@at_class
def more_time_form(lop: Place, ma: str, em: str) -> str:
    """Ask how many minutes more a pupil has."""
    sitting = found_sitting(lop, ma)
    pupil = _pupil(lop, sitting, em)
    held = minutes_for(db(), sitting, pupil.person_id) - sitting.minutes
    return _more_time(lop, sitting, em, pupil, str(held or 5))


def _more_time(
    lop: Place, sitting: Sitting, ref: str, pupil: Member, typed: str, error: str | None = None
) -> str:
    return render_template(
        "sittings/more_time.html",
        lop=lop,
        sitting=sitting,
        title=title_of(sitting),
        em=ref,
        pupil=pupil,
        held=minutes_for(db(), sitting, pupil.person_id) - sitting.minutes,
        has_begun=own_paper_in(db(), sitting.id, pupil.person_id) is not None,
        typed=typed,
        error=error,
    )


@blueprint.post("/gv/lop/<lop>/kiem-tra/<ma>/them-phut/<em>")
@at_class
def more_time(lop: Place, ma: str, em: str) -> Response | tuple[str, int]:
    """Give a pupil more minutes, also when the paper is begun; the same number again changes nothing."""
    sitting = found_sitting(lop, ma)
    pupil = _pupil(lop, sitting, em)
    typed, now = request.form.get("phut", "").strip(), clock.now()
    fault = _minutes_fault(typed, 0)
    if fault is not None:
        return _more_time(lop, sitting, em, pupil, typed, fault), 422
    held = minutes_for(db(), sitting, pupil.person_id) - sitting.minutes
    if sitting.closed_at is None and int(typed) != held:
        give_minutes(db(), sitting, pupil.person_id, int(typed), visitor.account_name, now)
        what = f"Thêm {typed} phút cho một em, kiểm tra “{title_of(sitting)}”, lớp {lop.name}"
        note("extra-minutes", what, lop.id)
    return redirect(_address(lop, sitting), 303)


# ---- the end -----------------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/kiem-tra/<ma>/dong")
@at_class
def close_form(lop: Place, ma: str) -> str:
    """Say what closing does, before it is done."""
    sitting = found_sitting(lop, ma)
    begun, handed_in = papers_in(db(), sitting.id)
    return render_template(
        "sittings/close.html", lop=lop, sitting=sitting, title=title_of(sitting), doing=begun - handed_in
    )


@blueprint.post("/gv/lop/<lop>/kiem-tra/<ma>/dong")
@at_class
def close(lop: Place, ma: str) -> Response:
    """Close a sitting and hand in what is still open, as it stands; a second time changes nothing.

    Each paper is handed in by a transaction of its own, after the closing: what takes the turns of several
    people in one could wait for another that does.
    """
    sitting, now, offered = found_sitting(lop, ma), clock.now(), catalogue()
    sitting_id, title = sitting.id, title_of(sitting)
    let_others_write()
    with database().transaction(visitor.scope) as own:
        standing = sitting_in(own, lop.id, ma)
        if standing is not None and close_sitting(own, standing, now):
            note("close-sitting", f"Đóng buổi kiểm tra “{title}”, lớp {lop.name}", lop.id, own)
    ended, later = 0, clock.now()
    with database().reading(SYSTEM) as reading:
        late = overdue_attempts(reading, later, sitting_id, AT_ONCE)
    for one in late:
        with database().transaction(SYSTEM) as own:
            ended += end_overdue(own, one, offered, issuer(), later)
    return redirect(url_for("sittings.show", lop=lop.ref, ma=ma, da_thu=ended), 303)
