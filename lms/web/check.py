"""The check of a chủ đề: start, answer one question at a time, read the result."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.quizzes.actions import UnknownChoice, answer, edition, start_attempt
from lms.quizzes.queries import OpenPaper, open_attempt, paper_by_code
from lms.web.access import everyone, learner_write
from lms.web.catalog import catalogue, course_at, module_at
from lms.web.issuer import issuer
from lms.web.learn import done_by_visitor, next_lesson
from lms.web.transaction import db
from lms.web.visitor import doer, visitor

blueprint = Blueprint("check", __name__)


@blueprint.get("/khoa-hoc/<khoa>/chu-de/<chu_de>/kiem-tra")
@everyone
def intro(khoa: str, chu_de: str) -> str:
    """Say what the check asks, before it starts."""
    course = course_at(khoa)
    module = module_at(course, chu_de)
    done = done_by_visitor()
    open_code = (
        open_attempt(db(), visitor.learner_id, visitor.person_id, module.id) if visitor.learner_id else None
    )
    missing = [x for x in module.lessons if x.required and x.id not in done]
    return render_template(
        "check/intro.html", course=course, module=module, open_code=open_code, missing=missing, done=done
    )


@blueprint.post("/khoa-hoc/<khoa>/chu-de/<chu_de>/kiem-tra")
@learner_write
def start(khoa: str, chu_de: str) -> Response:
    """Draw a paper, or go on with the one that is open."""
    module = module_at(course_at(khoa), chu_de)
    now = clock.now()
    code = start_attempt(db(), doer(now), module, now)
    return redirect(url_for("check.resume", ma=code), 303)


@blueprint.get("/kiem-tra/<ma>")
@everyone
def resume(ma: str) -> Response:
    """Lead to the first question without an answer, or to the result."""
    paper = own_paper(ma)
    return redirect(_next_address(ma, paper))


def own_paper(code: str) -> OpenPaper:
    """Return the visitor's own attempt, or end with 404."""
    paper = paper_by_code(db(), code, visitor.learner_id, visitor.person_id) if visitor.learner_id else None
    if paper is None:
        abort(404)
    return paper


def _next_address(code: str, paper: OpenPaper) -> str:
    position = paper.next_position
    if position is None:
        return url_for("check.result", ma=code)
    return url_for("check.question", ma=code, so=position)


@blueprint.get("/kiem-tra/<ma>/cau-<so:so>")
@everyone
def question(ma: str, so: int) -> str | Response:
    """Ask one question of the paper; nothing on the page tells which choice is right."""
    paper = own_paper(ma)
    if paper.at(so) is None:
        abort(404)
    if paper.ended_at is not None:
        return redirect(url_for("check.result", ma=ma))
    return _question_page(ma, paper, so)


def _question_page(code: str, paper: OpenPaper, number: int, error: str | None = None) -> str:
    row = paper.at(number)
    assert row is not None  # noqa: S101
    asked = edition(db(), row.edition_id, catalogue())
    choices = [(key, found.html) for key in row.choice_order if (found := asked.choice(key))]
    return render_template(
        "check/question.html",
        code=code,
        paper=paper,
        number=number,
        question=asked,
        choices=choices,
        chosen=asked.choice(row.choice) if row.choice else None,
        next_address=_next_address(code, paper),
        module=catalogue().modules.get(paper.module_id),
        error=error,
    )


@blueprint.post("/kiem-tra/<ma>/cau-<so:so>")
@learner_write
def give_answer(ma: str, so: int) -> Response | tuple[str, int]:
    """Keep one answer and go on; the last one hands the paper in."""
    if visitor.learner_id is None:
        abort(404)
    now = clock.now()
    chosen = request.form.get("chon", "")
    try:
        answered = answer(db(), doer(now), ma, so, chosen, catalogue(), issuer(), now)
    except UnknownChoice:
        error = "Chọn một câu trả lời rồi bấm Trả lời."
        return _question_page(ma, own_paper(ma), so, error), 422
    if answered is None:
        abort(404)
    return redirect(_next_address(ma, answered.paper), 303)


@blueprint.get("/kiem-tra/<ma>/ket-qua")
@everyone
def result(ma: str) -> str | Response:
    """Show the result: what was right, what was not, and why."""
    paper = own_paper(ma)
    if paper.ended_at is None:
        return redirect(_next_address(ma, paper))
    questions = [(row, edition(db(), row.edition_id, catalogue())) for row in paper.rows]
    module = catalogue().modules.get(paper.module_id)
    course = catalogue().course_by_id.get(module.course_id) if module else None
    done = done_by_visitor()
    following = next_lesson(done)
    return render_template(
        "check/result.html",
        paper=paper,
        questions=questions,
        module=module,
        course=course,
        done=done,
        missing=[x for x in module.lessons if x.required and x.id not in done] if module else [],
        following=following,
        visitor_is_named=visitor.is_named,
        following_course=catalogue().course_by_id[following.course_id] if following else None,
    )
