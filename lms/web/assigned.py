"""What the teacher set, as a pupil and as a pupil's family see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.catalog.catalogue import Module
from lms.classrooms.assigned import Given, OwnClass, classes_of, waits_for_teacher
from lms.classrooms.door import name_of_learner
from lms.classrooms.targets import Target, target_of
from lms.progress.rules import Done
from lms.reports.standing import UNWITNESSED, Standing, standing
from lms.web.access import everyone
from lms.web.catalog import catalogue
from lms.web.learn import done_by_visitor, next_lesson, step_address
from lms.web.transaction import db
from lms.web.visitor import visitor

blueprint = Blueprint("assigned", __name__)


@dataclass(frozen=True)
class Task:
    """An assignment as its learner sees it; `address` leads to the first step not done, if any is left."""

    given: Given
    target: Target
    standing: Standing
    address: str | None
    days_late: int

    @property
    def is_open(self) -> bool:
        """Tell whether the learner can go on with it."""
        return not self.standing.is_done and self.standing.kind != UNWITNESSED and self.address is not None


@dataclass(frozen=True)
class OwnTasks:
    """A class of the visitor with what it was given, nearest due first."""

    group: OwnClass
    tasks: tuple[Task, ...]


def own_tasks(done: Mapping[str, Done], audiences: tuple[str, ...] = ("student", "parent")) -> list[OwnTasks]:
    """Return what the visitor's classes were given; nothing, and no statement, for one without a name."""
    if visitor.person_id is None:
        return []
    today = clock.today()
    return [
        OwnTasks(group, tuple(_task(given, done, today) for given in group.given))
        for group in classes_of(db(), visitor.person_id, today)
        if group.audience in audiences
    ]


def nearest(own: list[OwnTasks]) -> Task | None:
    """Return the open task that is due first."""
    open_tasks = [task for each in own for task in each.tasks if task.is_open]
    return min(open_tasks, key=lambda task: (task.given.due_on, not task.given.required), default=None)


def _task(given: Given, done: Mapping[str, Done], today: date) -> Task:
    target = target_of(catalogue(), given.item_id, given.title)
    return Task(
        given,
        target,
        standing(target, given, done, today),
        _next_address(target, done),
        max((today - given.due_on).days, 0),
    )


def _next_address(target: Target, done: Mapping[str, Done]) -> str | None:
    unfinished = (module for module in target.modules if module.id not in done)
    return next((address for module in unfinished if (address := _step(target, module, done))), None)


def _step(target: Target, module: Module, done: Mapping[str, Done]) -> str | None:
    """Return where a module goes on: its first required lesson not done, then its check."""
    if target.course is None:
        return None
    lesson = next((x for x in module.lessons if x.required and x.id not in done), None)
    if lesson is not None:
        return step_address(target.course, lesson)
    if module.check_id not in done:
        return url_for("check.intro", khoa=target.course.slug, chu_de=module.slug)
    return None


@blueprint.get("/lop-em")
@everyone
def pupil() -> str | Response:
    """Show a pupil what the class was given, nearest due first; anybody else is led to the class's door."""
    done = done_by_visitor()
    own = own_tasks(done, ("student",))
    if not own:
        return redirect("/vao-lop")
    lesson = next_lesson(done) or next(iter(catalogue().lessons.values()), None)
    return render_template(
        "assigned/pupil.html",
        own=own,
        task=nearest(own),
        done=done,
        visitor=visitor,
        partner=name_of_learner(db(), visitor.partner_id) if visitor.partner_id else None,
        teach=lesson,
        teach_at=step_address(catalogue().course_by_id[lesson.course_id], lesson) if lesson else None,
    )


@blueprint.get("/bai-co-giao")
@everyone
def family() -> str | Response:
    """Show a guardian what the teachers set, by child's class."""
    done = done_by_visitor()
    every = own_tasks(done)
    own = [each for each in every if each.group.audience == "parent"]
    if every and not own:
        return redirect(url_for("assigned.pupil"))
    waits = visitor.person_id is not None and waits_for_teacher(db(), visitor.person_id)
    return render_template(
        "assigned/family.html", own=own, task=nearest(own), done=done, visitor=visitor, waits=waits
    )
