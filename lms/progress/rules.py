"""What completes a module and a course: plain values in, plain values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.catalog.catalogue import Course, Edition, Module


@dataclass(frozen=True)
class Done:
    """An item completed: since when, and the best level with the moment and way it was reached."""

    first_at: datetime
    level: int
    mode: str
    at: datetime


@dataclass(frozen=True)
class CourseDone:
    """A completed course: in which edition, at which level, when its last module was completed."""

    edition: Edition
    level: int
    at: datetime


def module_is_done(module: Module, done: Mapping[str, Done]) -> bool:
    """Tell whether the required lessons are completed and the check is passed."""
    return all(item in done for item in module.required_items)


def course_done(course: Course, done: Mapping[str, Done]) -> CourseDone | None:
    """Return how a course is completed, by the newest edition whose modules were all done in its time.

    An edition counts for what was completed before the next one came, so nothing drops because
    content was added. The level is that of the weakest module.
    """
    until: datetime | None = None
    for edition in reversed(course.editions):
        found = [done.get(module) for module in edition.modules]
        in_time = [d for d in found if d is not None and (until is None or d.first_at < until)]
        if edition.modules and len(in_time) == len(edition.modules):
            return CourseDone(edition, min(d.level for d in in_time), max(d.at for d in in_time))
        until = edition.first_at
    return None
