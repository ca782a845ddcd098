"""The author's side of the questions: what each says now and said before, and regrading it."""

import re
import secrets
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock, queue
from lms.catalog.models import Regrade
from lms.quizzes.banks import Sheet, banks, key_in_words, sheet
from lms.quizzes.regrade_actions import FINISH, By, carry_out, decide, tidy_reason
from lms.quizzes.regrade_plan import Plan, Progress, dry_run, progress
from lms.quizzes.regrading import RegradeRefused, case_of, case_of_regrade
from lms.quizzes.statistics import figures_of
from lms.web.access import author
from lms.web.catalog import catalogue
from lms.web.issuer import issuer
from lms.web.transaction import database, db, let_others_write
from lms.web.visitor import visitor

blueprint = Blueprint("questions", __name__)
LISTED, LOOKED_AT = 50, 2000
SLICE = timedelta(seconds=2)
"""How long a form may change marks itself; the queue does the rest."""
WATCHED = timedelta(days=1)
Errors = list[tuple[str, str]]


@blueprint.get("/qt/cau-hoi")
@author
def all_questions() -> str:
    """List the banks with their questions, and which of them want looking at."""
    found = banks(db())
    figures = figures_of(db(), [row.id for bank in found for row in bank.questions])
    flags = {key: len(one.flags) for key, one in figures.items()}
    return render_template("questions/banks.html", banks=found, flags=flags)


@blueprint.get("/qt/cau-hoi/<cau>")
@author
def question(cau: str) -> str:
    """Show a question: what it says, what the answers say, its editions and its regrades."""
    shown = _sheet(cau)
    newest = shown.regrades[0].regrade if shown.regrades else None
    return render_template(
        "questions/question.html",
        shown=shown,
        asked=shown.question,
        figures=figures_of(db(), [cau]).get(cau),
        key_in_words=key_in_words,
        newest=newest,
        progress=_progress(newest),
    )


def _sheet(question_id: str) -> Sheet:
    found = sheet(db(), question_id)
    if found is None:
        abort(404)
    return found


def _progress(newest: Regrade | None) -> Progress | None:
    """Return how far a regrade of today is."""
    if newest is None or newest.at < clock.now() - WATCHED:
        return None
    return progress(db(), case_of_regrade(db(), newest), newest, catalogue(), LOOKED_AT)


@blueprint.get("/qt/cau-hoi/<cau>/cham-lai")
@author
def regrade_form(cau: str) -> str:
    """Show what a regrade would change, before it does."""
    return _regrade_page(cau, drop=request.args.get("bo") == "1")


def _regrade_page(cau: str, *, drop: bool, errors: Errors | None = None, reason: str = "") -> str:
    shown = _sheet(cau)
    plan, refused = _plan(cau, drop=drop)
    return render_template(
        "questions/regrade.html",
        shown=shown,
        drop=drop,
        plan=plan,
        refused=refused,
        errors=errors or [],
        reason=reason,
        ref=request.form.get("lan") or secrets.token_hex(6),
        module_titles={key: module.title for key, module in catalogue().modules.items()},
        course_titles={key: course.title for key, course in catalogue().course_by_id.items()},
        key_in_words=key_in_words,
        can_issue=bool(issuer().public_url),
    )


def _plan(cau: str, *, drop: bool) -> tuple[Plan | None, str]:
    try:
        case = case_of(db(), cau, drop=drop)
    except RegradeRefused as refused:
        return None, str(refused)
    now = clock.now()
    return dry_run(db(), case, catalogue(), issuer(), now, lines=LISTED, answers=LOOKED_AT), ""


@blueprint.post("/qt/cau-hoi/<cau>/cham-lai")
@author
def regrade(cau: str) -> Response | tuple[str, int]:
    """Decide a regrade and carry out as much as a request may; the same form twice decides once."""
    _sheet(cau)
    drop, typed, ref = (
        request.form.get("bo") == "1",
        request.form.get("ly_do", ""),
        request.form.get("lan", ""),
    )
    try:
        by = By(visitor.account_name, tidy_reason(typed), visitor.account_id)
    except RegradeRefused as refused:
        return _regrade_page(cau, drop=drop, errors=[("ly_do", str(refused))], reason=typed), 422
    if not re.fullmatch(r"[0-9a-f]{12}", ref, re.ASCII):
        abort(400)
    offered = issuer()
    # Each step is a transaction of its own: this request keeps no turn of a writer meanwhile.
    let_others_write()
    try:
        with database().transaction() as own:
            made = decide(own, cau, by, clock.now(), ref=ref, drop=drop)
    except RegradeRefused:
        return _regrade_page(cau, drop=drop, reason=typed), 422
    if made is None or made.question_id != cau:
        return redirect(url_for("questions.regrade_form", cau=cau, bo="1" if drop else None), 303)
    begun, is_done = clock.now(), True
    for _ in carry_out(database(), made, offered, clock.now):
        if clock.now() - begun > SLICE:
            is_done = False
            break
    if not is_done:
        with database().transaction() as own:
            queue.enqueue(own, FINISH, clock.now())
    return redirect(f"{url_for('questions.question', cau=cau)}#lan-cham-lai", 303)
