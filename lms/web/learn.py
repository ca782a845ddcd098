"""Learning: courses, chủ đề, steps of a lesson, practice, “xong”."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.catalog.catalogue import Course, Lesson, Module, Question
from lms.progress.actions import complete_lesson
from lms.progress.queries import done_items
from lms.progress.rules import Done
from lms.quizzes.queries import open_attempt
from lms.quizzes.responses import BadResponse, is_valid
from lms.web.access import everyone, learner_write
from lms.web.asking import TYPED, Form, answer_in, ask, practice_order
from lms.web.catalog import catalogue, course_at, lesson_at, module_at
from lms.web.issuer import issuer
from lms.web.reviewing import review
from lms.web.stored import stored_page
from lms.web.transaction import db
from lms.web.visitor import doer, has_cookie, visitor

blueprint = Blueprint("learn", __name__)
Problems = tuple[tuple[str, str], ...]
MANY_ANSWERS = {"ordering", "matching", "matrix"}
"""Kinds with so many possible answers that their explanations would push other pages out of memory."""


def done_by_visitor() -> dict[str, Done]:
    """Return what the visitor has completed; nothing, and no statement, for an unknown one."""
    if not has_cookie() or not visitor.learner_id:
        return {}
    return done_items(db(), visitor.learner_id, visitor.person_id)


def step_address(course: Course, lesson: Lesson, position: int = 0) -> str:
    """Return the address of a lesson's step, from 0."""
    return url_for("learn.step", khoa=course.slug, bai=lesson.slug, phan=lesson.steps[position].id)


def next_lesson(done: dict[str, Done], after: Lesson | None = None) -> Lesson | None:
    """Return the lesson to learn next: the first not done, beginning behind `after`."""
    lessons = list(catalogue().lessons.values())
    start = lessons.index(after) + 1 if after else 0
    return next((x for x in lessons[start:] + lessons[:start] if x.id not in done), None)


@blueprint.get("/hoc-ngay")
@everyone
def start() -> AnyResponse:
    """Lead to the first step of the first lesson not done."""
    done = done_by_visitor()
    lesson = next_lesson(done) or next(iter(catalogue().lessons.values()), None)
    if lesson is None:
        return redirect("/")
    return redirect(step_address(catalogue().course_by_id[lesson.course_id], lesson))


@blueprint.get("/khoa-hoc")
@everyone
def courses() -> str | Response:
    """List the courses."""
    done = done_by_visitor()
    return equal_or_live(
        done, lambda: render_template("learn/courses.html", courses=catalogue().courses, done=done)
    )


@blueprint.get("/khoa-hoc/<khoa>")
@everyone
def course(khoa: str) -> str | Response:
    """Show a course: its chủ đề and lessons."""
    found = course_at(khoa)
    done = done_by_visitor()
    return equal_or_live(
        done,
        lambda: render_template("learn/course.html", course=found, done=done, today=clock.today()),
    )


@blueprint.get("/khoa-hoc/<khoa>/chu-de/<chu_de>")
@everyone
def module(khoa: str, chu_de: str) -> str | Response:
    """Show a chủ đề: its goal, lessons and check."""
    found = course_at(khoa)
    topic = module_at(found, chu_de)
    done, is_open = done_by_visitor(), _has_open_check(topic)
    return equal_or_live(
        bool(done) or is_open,
        lambda: render_template(
            "learn/module.html", course=found, module=topic, done=done, today=clock.today(), is_open=is_open
        ),
    )


def _has_open_check(module: Module) -> bool:
    """Tell whether the visitor left a check of a chủ đề midway; no statement for an unknown one."""
    if not has_cookie() or not visitor.learner_id:
        return False
    return open_attempt(db(), visitor.learner_id, visitor.person_id, module.id) is not None


def equal_or_live(done: dict[str, Done] | bool, render: Callable[[], str]) -> str | Response:
    """Send the stored page to a visitor who has done nothing, a live one to a known learner."""
    return render() if done else stored_page(catalogue().revision, render)


@blueprint.get("/khoa-hoc/<khoa>/<bai>")
@everyone
def lesson(khoa: str, bai: str) -> AnyResponse:
    """Lead to the first step of a lesson."""
    found = course_at(khoa)
    return redirect(step_address(found, lesson_at(found, bai)))


@blueprint.get("/khoa-hoc/<khoa>/<bai>/<phan>")
@everyone
def step(khoa: str, bai: str, phan: str) -> Response:
    """Show one step of a lesson; the page is equal for everybody."""
    found = course_at(khoa)
    taught = lesson_at(found, bai)
    position = taught.step_position(phan)
    if position is None:
        abort(404)
    return stored_page(
        catalogue().revision,
        lambda: render_template(
            "learn/step.html",
            course=found,
            module=catalogue().modules[taught.module_id],
            lesson=taught,
            step=taught.steps[position],
            position=position,
            today=clock.today(),
        ),
    )


def practice_question(khoa: str, bai: str, so: int) -> tuple[Course, Lesson, Question]:
    """Return a practice question by its address, or end with 404."""
    found = course_at(khoa)
    taught = lesson_at(found, bai)
    if not 1 <= so <= len(taught.practice):
        abort(404)
    return found, taught, taught.practice[so - 1]


@blueprint.get("/khoa-hoc/<khoa>/<bai>/cau-<so:so>")
@everyone
def practice(khoa: str, bai: str, so: int) -> Response:
    """Ask a practice question."""
    found, taught, question = practice_question(khoa, bai, so)
    return stored_page(catalogue().revision, lambda: _practice_page(found, taught, question, so))


def _practice_page(
    found: Course, taught: Lesson, question: Question, number: int, problems: Problems = ()
) -> str:
    given = request.values.to_dict(flat=False) if problems else None
    asked = ask(question, practice_order(question), given=given, faults=problems, hints=True)
    return render_template("learn/practice.html", course=found, lesson=taught, asked=asked, number=number)


@blueprint.get("/khoa-hoc/<khoa>/<bai>/cau-<so:so>/chon")
@everyone
def choose(khoa: str, bai: str, so: int) -> AnyResponse | tuple[str, int]:
    """Lead from the answer given to its explanation; nothing is kept of practice.

    Words are never taken from an address: whoever makes a link would write on this site's pages.
    """
    if practice_question(khoa, bai, so)[2].kind in TYPED:
        return redirect(url_for("learn.practice", khoa=khoa, bai=bai, so=so))
    return _explained(khoa, bai, so, request.args.to_dict(flat=False))


@blueprint.post("/khoa-hoc/<khoa>/<bai>/cau-<so:so>/chon")
@learner_write
def write(khoa: str, bai: str, so: int) -> AnyResponse | tuple[str, int]:
    """Lead from the words typed to their explanation; sent so that they stand in no address, and not kept."""
    return _explained(khoa, bai, so, request.form.to_dict(flat=False))


def _explained(khoa: str, bai: str, so: int, form: Form) -> AnyResponse | tuple[str, int]:
    found, taught, question = practice_question(khoa, bai, so)
    try:
        given = answer_in(question, practice_order(question), form)
    except BadResponse as bad:
        return _practice_page(found, taught, question, so, bad.problems), 422
    if question.kind == "open":
        # Their own words beside what to compare them with: shown once, on a page nobody keeps.
        return _explanation_page(found, taught, question, so, given.choice, given.text), 200
    return redirect(url_for("learn.explanation", khoa=khoa, bai=bai, so=so, chon=given.choice), 303)


@blueprint.get("/khoa-hoc/<khoa>/<bai>/cau-<so:so>/<chon>")
@everyone
def explanation(khoa: str, bai: str, so: int, chon: str) -> Response:
    """Explain an answer; anybody may read it."""
    found, taught, question = practice_question(khoa, bai, so)
    if not is_valid(question, chon):
        abort(404)
    return stored_page(
        catalogue().revision,
        lambda: _explanation_page(found, taught, question, so, chon),
        keep=question.kind not in MANY_ANSWERS,
    )


def _explanation_page(
    found: Course, taught: Lesson, question: Question, number: int, choice: str, text: str | None = None
) -> str:
    reviewed = review(question, question, choice, text)
    return render_template(
        "learn/explanation.html", course=found, lesson=taught, reviewed=reviewed, number=number
    )


@blueprint.post("/khoa-hoc/<khoa>/<bai>/xong")
@learner_write
def finish(khoa: str, bai: str) -> AnyResponse:
    """Note that a lesson is completed; the second tap changes nothing."""
    found = course_at(khoa)
    taught = lesson_at(found, bai)
    now = clock.now()
    complete_lesson(db(), doer(now), taught, catalogue(), issuer(), now)
    return redirect(url_for("learn.finished", khoa=found.slug, bai=taught.slug), 303)


@blueprint.get("/khoa-hoc/<khoa>/<bai>/xong")
@everyone
def finished(khoa: str, bai: str) -> str | AnyResponse:
    """Show what to remember and what comes next, once a lesson is completed."""
    found = course_at(khoa)
    taught = lesson_at(found, bai)
    done = done_by_visitor()
    if taught.id not in done:
        return redirect(step_address(found, taught))
    topic: Module = catalogue().modules[taught.module_id]
    rest = [lesson for lesson in topic.lessons if lesson.id not in done]
    following = next((x for x in topic.lessons[topic.lessons.index(taught) :] if x in rest), None)
    return render_template(
        "learn/finished.html",
        course=found,
        module=topic,
        lesson=taught,
        done=done,
        following=following or (rest[0] if rest else None),
        check_passed=topic.check_id in done,
        further=next_lesson(done, taught),
        visitor_is_named=visitor.is_named,
        catalogue=catalogue(),
    )
