"""What checks that become passed would complete, and which certificates would come of it."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Course, Module
from lms.certificates.actions import Issuer
from lms.certificates.models import SELF_STUDY, Certificate
from lms.db import unscoped
from lms.people.models import Claim, Membership, Person
from lms.progress.models import GUEST, SELF_PACED, WITNESSED, ItemCompletion
from lms.progress.queries import done_of_people
from lms.progress.rules import Done, course_done, module_is_done
from lms.quizzes.mark_changes import Change

_claim, _person, _member = Claim.__table__, Person.__table__, Membership.__table__
_completion, _certificate = ItemCompletion.__table__, Certificate.__table__
_together = _completion.alias("together")
_PEOPLE = (
    select(_claim.c.learner_id, _claim.c.person_id)
    .join(_person, _person.c.id == _claim.c.person_id)
    .where(_claim.c.undone_at.is_(None), _claim.c.learner_id.in_(bindparam("learners", expanding=True)))
)
_GUESTS = select(
    _completion.c.learner_id, _completion.c.item_id, _completion.c.at, _completion.c.level
).where(_completion.c.learner_id.in_(bindparam("learners", expanding=True)))
_PUPILS = (
    select(_member.c.person_id)
    .where(_member.c.audience == "student", _member.c.person_id.in_(bindparam("people", expanding=True)))
    .distinct()
)
_HELD = select(
    _certificate.c.person_id, _certificate.c.course_id, _certificate.c.audience, _certificate.c.course_edition
).where(_certificate.c.kind == SELF_STUDY, _certificate.c.person_id.in_(bindparam("people", expanding=True)))
_TOGETHER = (
    select(_completion.c.learner_id, _together.c.learner_id.label("partner_id"), _completion.c.at)
    .join(
        _together,
        (_together.c.item_id == _completion.c.item_id)
        & (_together.c.at == _completion.c.at)
        & (_together.c.learner_id != _completion.c.learner_id),
    )
    .where(
        _completion.c.learner_id.in_(bindparam("learners", expanding=True)),
        _completion.c.item_id.in_(bindparam("items", expanding=True)),
        _completion.c.mode == "assisted",
        _together.c.mode == "assisted",
    )
    .order_by(_completion.c.at)
)


@dataclass(frozen=True)
class Consequence:
    """What a new pass leads to, for its learner and a partner: ids of modules and courses."""

    checks: int = 0
    modules: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()


@unscoped("the caller regrades these attempts; no name is read")
def partners_of(
    db: Session, learners: Collection[uuid.UUID], items: Collection[str]
) -> dict[uuid.UUID, uuid.UUID]:
    """Return with whom each learner last confirmed one of these lessons at the same machine.

    A lesson of two is confirmed for both in one instant: nothing else ties them afterwards.
    """
    if not learners or not items:
        return {}
    rows = db.connection().execute(_TOGETHER, {"learners": list(learners), "items": list(items)})
    return {row.learner_id: row.partner_id for row in rows}


class Foresight:
    """Foretells what new passes lead to; somebody who passes twice is told of once."""

    def __init__(self, catalogue: Catalogue, issuer: Issuer, now: datetime) -> None:
        """Remember what is offered and who issues."""
        self.catalogue, self.issuer, self.now = catalogue, issuer, now
        self._seen: set[tuple[uuid.UUID, str]] = set()

    def of(self, db: Session, passes: Sequence[Change]) -> dict[uuid.UUID, Consequence]:
        """Return what each of these new passes leads to, by attempt. At most six statements."""
        offered = [(change, self.catalogue.modules.get(change.was.module_id)) for change in passes]
        known = [(change, module) for change, module in offered if module is not None]
        pairs = self._partners(db, known)
        learners = {change.was.learner_id for change, _ in known} | set(pairs.values())
        world = _World.read(db, learners, self._items({module.id: module for _, module in known}))
        found = {}
        for change, module in known:
            was = change.was
            partner = pairs.get(was.attempt_id)
            both = [was.learner_id, partner] if partner in world.people else [was.learner_id]
            told = [self._one(world, learner, module, change) for learner in both if learner]
            found[was.attempt_id] = Consequence(
                sum(one.checks for one in told),
                tuple(module_id for one in told for module_id in one.modules),
                tuple(course_id for one in told for course_id in one.certificates),
            )
        return found

    def _partners(self, db: Session, known: Sequence[tuple[Change, Module]]) -> dict[uuid.UUID, uuid.UUID]:
        helped = [(change.was, module) for change, module in known if change.was.mode == "assisted"]
        lessons = {lesson.id for _, module in helped for lesson in module.lessons}
        by_learner = partners_of(db, {was.learner_id for was, _ in helped}, lessons)
        return {
            was.attempt_id: by_learner[was.learner_id] for was, _ in helped if was.learner_id in by_learner
        }

    def _items(self, modules: Mapping[str, Module]) -> list[str]:
        courses = {self.catalogue.course_by_id[module.course_id].id for module in modules.values()}
        among = [m.id for course in courses for m in self.catalogue.course_by_id[course].modules]
        return sorted({*among, *(item for module in modules.values() for item in module.required_items)})

    def _one(self, world: "_World", learner: uuid.UUID, module: Module, change: Change) -> Consequence:
        """Do as lms.progress.actions does when a check is passed, in memory."""
        person = world.people.get(learner)
        whose = person or learner
        if (whose, module.id) in self._seen:
            return Consequence()
        self._seen.add((whose, module.id))
        done = dict(world.done.get(whose, {}))
        is_seen = change.was.witness_id is not None and person is not None
        level = WITNESSED if is_seen else SELF_PACED if person else GUEST
        reached = Done(self.now, level, change.was.mode, self.now)
        checks = int(_raises(done, module.check_id, level))
        if checks:
            done[module.check_id] = reached
        raises = module.id not in done or (is_seen and done[module.id].level < level)
        if not raises or not module_is_done(module, done):
            return Consequence(checks)
        done[module.id] = reached
        course = self.catalogue.course_by_id[module.course_id]
        earned = person is not None and self._earns(world, person, course, done)
        return Consequence(checks, (module.id,), (course.id,) if earned else ())

    def _earns(self, world: "_World", person: uuid.UUID, course: Course, done: dict[str, Done]) -> bool:
        finished = course_done(course, done)
        if finished is None or finished.level < SELF_PACED or not self.issuer.public_url:
            return False
        audience = "student" if person in world.pupils else "citizen"
        return (person, course.id, audience, finished.edition.number) not in world.held


def _raises(done: Mapping[str, Done], item_id: str, level: int) -> bool:
    held = done.get(item_id)
    return held is None or held.level < level


@dataclass(frozen=True)
class _World:
    """What is known of some learners: who they are, what they have done, what they hold."""

    people: Mapping[uuid.UUID, uuid.UUID]
    done: Mapping[uuid.UUID, Mapping[str, Done]]
    pupils: frozenset[uuid.UUID]
    held: frozenset[tuple[Any, ...]]

    @classmethod
    @unscoped("the caller regrades these attempts; no name is read")
    def read(cls, db: Session, learners: Collection[uuid.UUID], items: Collection[str]) -> "_World":
        """Read it all, whatever the number of learners."""
        connection = db.connection()
        claims = connection.execute(_PEOPLE, {"learners": list(learners)})
        people = {row.learner_id: row.person_id for row in claims}
        persons = sorted(set(people.values()))
        guests = [learner for learner in learners if learner not in people]
        done: dict[uuid.UUID, dict[str, Done]] = done_of_people(db, persons, items) if persons else {}
        for row in connection.execute(_GUESTS, {"learners": guests}):
            done.setdefault(row.learner_id, {})[row.item_id] = Done(row.at, row.level, "alone", row.at)
        pupils = connection.execute(_PUPILS, {"people": persons}).scalars()
        held = connection.execute(_HELD, {"people": persons})
        return cls(people, done, frozenset(pupils), frozenset(tuple(row) for row in held))
