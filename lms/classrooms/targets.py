"""What an assignment asks for: the lessons and checks of a module, or of the modules of a course."""

from dataclasses import dataclass
from functools import cached_property

from lms.catalog.catalogue import Catalogue, Course, Lesson, Module


@dataclass(frozen=True)
class Target:
    """A module, or what a course asks for now; without modules when it is offered no more."""

    item_id: str
    title: str
    course: Course | None
    modules: tuple[Module, ...]

    @property
    def is_course(self) -> bool:
        """Tell whether a whole course is asked for."""
        return self.course is not None and self.course.id == self.item_id

    @cached_property
    def lessons(self) -> tuple[Lesson, ...]:
        """Return the lessons that are required, in order."""
        return tuple(lesson for module in self.modules for lesson in module.lessons if lesson.required)

    @property
    def minutes(self) -> int:
        """Return how long the required lessons take together."""
        return sum(lesson.minutes for lesson in self.lessons)

    @cached_property
    def items(self) -> frozenset[str]:
        """Return every id whose completion tells how far somebody is, older editions' modules too."""
        wanted = {self.item_id, *(item for module in self.modules for item in (module.id, module.check_id))}
        wanted |= {lesson.id for lesson in self.lessons}
        if self.is_course and self.course is not None:
            wanted |= {module for edition in self.course.editions for module in edition.modules}
        return frozenset(wanted)

    def is_written_for(self, audience: str) -> bool:
        """Tell whether the course names this audience."""
        return self.course is not None and audience in self.course.audiences


def target_of(catalogue: Catalogue, item_id: str, title: str = "") -> Target:
    """Return what an item asks for; `title` stands in for one that is offered no more."""
    course = catalogue.course_by_id.get(item_id)
    if course is not None:
        wanted = course.editions[-1].modules if course.editions else ()
        modules = tuple(module for module in course.modules if module.id in wanted)
        return Target(item_id, course.title, course, modules)
    module = catalogue.modules.get(item_id)
    if module is not None:
        return Target(item_id, module.title, catalogue.course_by_id[module.course_id], (module,))
    return Target(item_id, title or item_id, None, ())
