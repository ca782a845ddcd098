"""How far somebody is with an assignment: plain values in, plain values out."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date

from lms.classrooms.assigned import Given
from lms.classrooms.targets import Target
from lms.clock import local_date
from lms.progress.models import SELF_PACED
from lms.progress.rules import Done, course_done

NEW, STARTED, UNWITNESSED, DONE, BEFORE = "new", "started", "unwitnessed", "done", "before"


@dataclass(frozen=True)
class Standing:
    """How far somebody is; `kind` is one of the words above.

    UNWITNESSED: everything is done, but below the level asked. BEFORE: done at that level before it was
    assigned. `on` is the day it was done. `is_late`: past due and not done.
    """

    kind: str
    lessons: int = 0
    of: int = 0
    is_checked: bool = False
    level: int = 0
    on: date | None = None
    is_late: bool = False

    @property
    def is_done(self) -> bool:
        """Tell whether the assignment is fulfilled."""
        return self.kind in (DONE, BEFORE)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return what makes one standing better than another: higher is farther, then earlier."""
        stage = {NEW: 0, STARTED: 1, UNWITNESSED: 2, DONE: 3, BEFORE: 3}[self.kind]
        return stage, self.lessons + self.is_checked, -(self.on.toordinal() if self.on else 0)


def standing(
    target: Target,
    given: Given,
    done: Mapping[str, Done],
    today: date,
    tried: Set[str] = frozenset(),
) -> Standing:
    """Return how far somebody is who has done these items; `tried` are modules whose check was handed in.

    A completed module speaks for its lessons and its check.
    """
    lessons = sum(lesson.id in done or lesson.module_id in done for lesson in target.lessons)
    checks = sum(module.check_id in done or module.id in done for module in target.modules)
    found = Standing(
        NEW,
        lessons=lessons,
        of=len(target.lessons),
        is_checked=bool(target.modules) and checks == len(target.modules),
        is_late=given.due_on < today,
    )
    whole = _whole(target, given.level, done)
    if whole is None:
        has_begun = lessons or checks or any(module.id in tried for module in target.modules)
        return replace(found, kind=STARTED) if has_begun else found
    if whole.level < given.level:
        return replace(found, kind=UNWITNESSED, level=whole.level)
    kind = BEFORE if whole.at < given.made_at else DONE
    return replace(found, kind=kind, level=whole.level, on=local_date(whole.at), is_late=False)


def best(standings: Iterable[Standing], otherwise: Standing) -> Standing:
    """Return the best standing of a family, or how it is where nobody stands on record."""
    return max(standings, key=lambda one: one.rank, default=otherwise)


def _whole(target: Target, asked: int, done: Mapping[str, Done]) -> Done | None:
    """Return how a whole module or course was done: its level, and since when at the level asked."""
    if not target.is_course or target.course is None:
        held = done.get(target.item_id)
        return _since(held, asked) if held else None
    since = {item: _since(held, asked) for item, held in done.items()}
    finished = course_done(target.course, since)
    if finished is None:
        return None
    return Done(finished.at, finished.level, "", finished.at)


def _since(held: Done, asked: int) -> Done:
    """Return a completion dated by its first moment where any level will do."""
    return replace(held, at=held.first_at) if asked <= SELF_PACED else held
