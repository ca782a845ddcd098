"""The check of a chủ đề: start, answer one question at a time, read the result."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.db import take_turn
from lms.progress.actions import Doer
from lms.quizzes.actions import NoMoreTries, NotYet, answer_on, start_attempt
from lms.quizzes.history import counted, earlier_attempts
from lms.quizzes.mark_changes import Told, changes_of
from lms.quizzes.marking import edition
from lms.quizzes.queries import OpenPaper, open_attempt, paper_by_code
from lms.quizzes.responses import BadResponse
from lms.quizzes.responses import Response as Given
from lms.quizzes.sitting_queries import is_still_on
from lms.quizzes.sittings import give_answer_on, hand_in_sitting
from lms.web.access import everyone, learner_write
from lms.web.asking import answer_in, ask, refilled
from lms.web.catalog import catalogue, course_at, module_at
from lms.web.issuer import issuer
from lms.web.learn import done_by_visitor, next_lesson
from lms.web.reviewing import marks_so_far, reviewed_answers, score_words, told_of
from lms.web.sitting_steps import clock_of, next_address, seen_number
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
    earlier = (
        earlier_attempts(db(), visitor.learner_id, visitor.person_id, module.id) if visitor.learner_id else ()
    )
    return render_template(
        "check/intro.html",
        course=course,
        module=module,
        open_code=open_code,
        missing=missing,
        done=done,
        earlier=[(one, score_words(one.points, one.out_of)) for one in earlier],
        shown=counted(earlier, module.counts),
    )


@blueprint.post("/khoa-hoc/<khoa>/chu-de/<chu_de>/kiem-tra")
@learner_write
def start(khoa: str, chu_de: str) -> Response | tuple[str, int]:
    """Draw a paper, or go on with the one that is open."""
    course = course_at(khoa)
    module = module_at(course, chu_de)
    now = clock.now()
    try:
        code = start_attempt(db(), doer(now), module, now)
    except (NoMoreTries, NotYet) as refused:
        at = refused.at if isinstance(refused, NotYet) else None
        return render_template("check/refused.html", course=course, module=module, at=at), 409
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


def _next_address(code: str, paper: OpenPaper, after: int = 0) -> str:
    if paper.sitting_id is not None:
        return next_address(code, paper, clock.now(), after)
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
    if paper.is_over(clock.now()):
        return redirect(_next_address(ma, paper))
    return _question_page(ma, paper, so)


def _question_page(
    code: str,
    paper: OpenPaper,
    number: int,
    problems: tuple[tuple[str, str], ...] = (),
    *,
    is_conflict: bool = False,
) -> str:
    row = paper.at(number)
    assert row is not None  # noqa: S101
    question = edition(db(), row.edition_id, catalogue())
    told = told_of(db(), paper, row, question) if row.choice is not None else None
    given = request.form.to_dict(flat=False) if problems or is_conflict else None
    if given is None and paper.sitting_id is not None and row.choice is not None and told is not None:
        given = refilled(question, row.choice_order, row.choice, told.typed)
    return render_template(
        "check/question.html",
        code=code,
        paper=paper,
        number=number,
        asked=ask(question, row.choice_order, given=given, faults=problems),
        told=told,
        next_address=_next_address(code, paper),
        revision=row.revision,
        sitting_clock=clock_of(paper, clock.now()),
        is_conflict=is_conflict,
        module=catalogue().modules.get(paper.module_id),
    )


@blueprint.post("/kiem-tra/<ma>/cau-<so:so>")
@learner_write
def give_answer(ma: str, so: int) -> Response | tuple[str, int]:
    """Keep one answer and go on; the last one hands the paper in."""
    if visitor.learner_id is None:
        abort(404)
    now = clock.now()
    who = doer(now)
    take_turn(db(), who.key)
    paper = own_paper(ma)
    row = paper.at(so)
    if row is None:
        abort(404)
    if paper.is_over(now) and paper.sitting_id is not None:
        return _too_late(ma, now)
    try:
        asked = edition(db(), row.edition_id, catalogue())
        given = answer_in(asked, row.choice_order, request.form.to_dict(flat=False))
    except BadResponse as bad:
        return _question_page(ma, paper, so, bad.problems), 422
    if paper.sitting_id is not None:
        return _give_in_sitting(ma, who, paper, so, given, now)
    answered = answer_on(db(), who, paper, so, given, catalogue(), issuer(), now)
    if answered is None:
        abort(404)
    return redirect(_next_address(ma, answered.paper), 303)


def _give_in_sitting(
    code: str, who: Doer, paper: OpenPaper, number: int, response: Given, now: datetime
) -> Response | tuple[str, int]:
    """Keep an answer of a sitting, or a later one in its place, and go on to the next empty question."""
    shown = seen_number()
    given = give_answer_on(db(), who, paper, number, response, shown, catalogue(), issuer(), now)
    if given is None:
        abort(404)
    if given.is_late:
        return redirect(url_for("check.result", ma=code, muon=1), 303)
    if given.is_conflict:
        return _question_page(code, given.paper, number, is_conflict=True), 409
    return redirect(_next_address(code, given.paper, number), 303)


def _too_late(code: str, now: datetime) -> Response:
    """Hand in a paper whose time is over, with the answers that came in time."""
    hand_in_sitting(db(), doer(now), code, catalogue(), issuer(), now)
    return redirect(url_for("check.result", ma=code, muon=1), 303)


@blueprint.get("/kiem-tra/<ma>/ket-qua")
@everyone
def result(ma: str) -> str | Response:
    """Show the result: what was right, what was not, and why."""
    paper = own_paper(ma)
    if paper.ended_at is None:
        return redirect(_next_address(ma, paper))
    marks = marks_so_far(db(), paper)
    is_held_back = paper.sitting_id is not None and is_still_on(db(), paper.sitting_id, clock.now())
    answers = reviewed_answers(db(), paper, catalogue())
    module = catalogue().modules.get(paper.module_id)
    course = catalogue().course_by_id.get(module.course_id) if module else None
    done = done_by_visitor()
    following = next_lesson(done)
    return render_template(
        "check/result.html",
        paper=paper,
        marks=marks,
        changes=_changes(paper) if len(marks) > 1 else [],
        score=score_words(marks[-1].points, marks[-1].out_of),
        passed=any(mark.passed for mark in marks),
        answers=answers,
        plain=is_held_back or all(reviewed.is_plain for _, reviewed in answers),
        is_held_back=is_held_back,
        to_mark=sum(told.verdict == "open" and told.marks is None for _, told in answers),
        is_late="muon" in request.args or paper.ended_at == paper.closes_at,
        module=module,
        course=course,
        done=done,
        missing=[x for x in module.lessons if x.required and x.id not in done] if module else [],
        following=following,
        visitor_is_named=visitor.is_named,
        following_course=catalogue().course_by_id[following.course_id] if following else None,
    )


def _changes(paper: OpenPaper) -> list[tuple[Told, str, str]]:
    """Return each change of the mark with the score before and after in words."""
    told = changes_of(db(), paper.attempt_id)
    return [(t, score_words(t.was_points, t.was_out_of), score_words(t.points, t.out_of)) for t in told]
