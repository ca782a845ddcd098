"""Completing lessons, checks and modules; a completed course becomes a certificate."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Course, Lesson, Module
from lms.certificates.actions import Issuer, issue_self_study
from lms.certificates.models import Certificate
from lms.db import insert_once, new_id, take_turn, unscoped
from lms.people.memberships import is_pupil
from lms.people.models import Claim, Person
from lms.progress.models import GUEST, SELF_PACED, WITNESSED, ItemCompletion
from lms.progress.queries import done_items
from lms.progress.rules import Done, course_done, module_is_done

_claim, _person = Claim.__table__, Person.__table__


@dataclass(frozen=True)
class Doer:
    """Whose event it is: a learner, and the person behind when there is one."""

    learner_id: uuid.UUID
    person_id: uuid.UUID | None = None
    full_name: str | None = None
    partner_id: uuid.UUID | None = None
    """The learner of a second pupil at the same machine, who is credited too."""
    was_helped: bool = False
    """A second pupil was there when what is done now was begun."""
    witness_id: uuid.UUID | None = None
    """The person before whom it is done: a teacher in a sitting, or who typed the answer sheet."""
    done_as: str = "supervised"
    """How what has a witness is done: supervised or paper."""

    @property
    def key(self) -> bytes:
        """Return whose turn a write takes: the person's over all its phones, else the guest's."""
        return (self.person_id or self.learner_id).bytes

    @property
    def level(self) -> int:
        """Return the level of what is done now: 0 for a guest, 1 for a named person, 2 before a witness."""
        if self.witness_id and self.person_id:
            return WITNESSED
        return SELF_PACED if self.person_id else GUEST

    @property
    def mode(self) -> str:
        """Return how what is done now is done: two at one machine help each other."""
        if self.witness_id:
            return self.done_as
        return "assisted" if self.partner_id or self.was_helped else "alone"


@dataclass(frozen=True)
class Settled:
    """What an event led to: was it new, did it complete the module, which certificate came of it."""

    is_new: bool
    module_done: bool = False
    certificate: Certificate | None = None


def complete_lesson(
    db: Session, doer: Doer, lesson: Lesson, catalogue: Catalogue, issuer: Issuer, now: datetime
) -> Settled:
    """Confirm a lesson's last step; a second time changes nothing."""
    take_turn(db, doer.key)
    module = catalogue.modules[lesson.module_id]
    for partner in _partners(db, doer):
        _complete(db, partner, lesson.id, module, catalogue, issuer, now, edition_id=lesson.edition_id)
    return _complete(db, doer, lesson.id, module, catalogue, issuer, now, edition_id=lesson.edition_id)


def pass_check(
    db: Session,
    doer: Doer,
    module: Module,
    attempt_id: uuid.UUID,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Settled:
    """Note that the check of a module is passed; passing it again changes nothing.

    The caller has taken the doer's turn.
    """
    for partner in _partners(db, doer):
        _complete(db, partner, module.check_id, module, catalogue, issuer, now, attempt_id=attempt_id)
    return _complete(db, doer, module.check_id, module, catalogue, issuer, now, attempt_id=attempt_id)


def witness_check(
    db: Session,
    doer: Doer,
    module: Module,
    witness_id: uuid.UUID,
    now: datetime,
) -> bool:
    """Note that a check passed before was done before a witness (level 2); return whether that was new.

    The module is raised with it once its lessons are confirmed. A check that was not passed stays so.
    """
    take_turn(db, doer.key)
    done = done_items(db, doer.learner_id, doer.person_id, module.required_items)
    held = done.get(module.check_id)
    if held is None or held.level >= WITNESSED:
        return False
    items = [module.check_id, module.id] if module_is_done(module, done) else [module.check_id]
    noted = [
        _note(db, doer, item, now, level=WITNESSED, mode="supervised", witness_id=witness_id)
        for item in items
    ]
    return noted[0]


@unscoped("the caller has found this learner within its own scope")
def doer_of(db: Session, learner_id: uuid.UUID) -> Doer:
    """Return a learner as whoever does something: with the person behind, if there is one."""
    rows = (
        select(_person.c.id, _person.c.full_name)
        .join(_claim, (_claim.c.person_id == _person.c.id) & _claim.c.undone_at.is_(None))
        .where(_claim.c.learner_id == learner_id)
    )
    found = db.connection().execute(rows).one_or_none()
    return Doer(learner_id, found.id, found.full_name) if found else Doer(learner_id)


def _partners(db: Session, doer: Doer) -> list[Doer]:
    """Return the second pupil at the same machine, if any, as somebody helped."""
    if doer.partner_id is None:
        return []
    partner = doer_of(db, doer.partner_id)
    return [replace(partner, partner_id=doer.learner_id)] if partner.person_id else []


def note_pass(db: Session, doer: Doer, check_id: str, attempt_id: uuid.UUID, now: datetime) -> None:
    """Note a passed check whose module is not offered now; it counts when the module comes back."""
    _note(db, doer, check_id, now, attempt_id=attempt_id)


def settle_person(
    db: Session, doer: Doer, catalogue: Catalogue, issuer: Issuer, now: datetime
) -> list[Certificate]:
    """Issue what a person's results already earn: after a claim, or when an address was set.

    Settle one person a transaction: two that settle several could wait for each other.
    """
    take_turn(db, doer.key)
    done = done_items(db, doer.learner_id, doer.person_id)
    for module in catalogue.modules.values():
        if module.id not in done and module_is_done(module, done):
            done[module.id] = _note_module(db, doer, module, done, now)
    issued = [_settle_course(db, doer, course, done, catalogue, issuer, now) for course in catalogue.courses]
    return [certificate for certificate in issued if certificate]


def _complete(
    db: Session,
    doer: Doer,
    item_id: str,
    module: Module,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
    edition_id: str | None = None,
    attempt_id: uuid.UUID | None = None,
) -> Settled:
    is_new = _note(
        db, doer, item_id, now, edition_id=edition_id, attempt_id=attempt_id, witness_id=doer.witness_id
    )
    course = catalogue.course_by_id[module.course_id]
    wanted = {*module.required_items, *(m.id for m in course.modules)}
    done = done_items(db, doer.learner_id, doer.person_id, sorted(wanted))
    held = done.get(module.id)
    if held and not (doer.witness_id and held.level < doer.level):
        return Settled(is_new, module_done=True)
    if not module_is_done(module, done):
        return Settled(is_new)
    done[module.id] = _note_module(db, doer, module, done, now)
    certificate = _settle_course(db, doer, course, done, catalogue, issuer, now)
    return Settled(is_new, module_done=True, certificate=certificate)


def _note_module(db: Session, doer: Doer, module: Module, done: dict[str, Done], now: datetime) -> Done:
    """Note a module at the level of its check, which may have been witnessed before the last lesson."""
    check = done[module.check_id]
    is_witnessed = check.level > doer.level
    level, mode = (check.level, check.mode) if is_witnessed else (doer.level, doer.mode)
    _note(db, doer, module.id, now, level=level, mode=mode, witness_id=doer.witness_id)
    return Done(now, level, mode, now)


def _note(
    db: Session,
    doer: Doer,
    item_id: str,
    now: datetime,
    edition_id: str | None = None,
    attempt_id: uuid.UUID | None = None,
    level: int | None = None,
    mode: str | None = None,
    witness_id: uuid.UUID | None = None,
) -> bool:
    return insert_once(
        db,
        ItemCompletion,
        id=new_id(),
        learner_id=doer.learner_id,
        item_id=item_id,
        edition_id=edition_id,
        attempt_id=attempt_id,
        at=now,
        level=doer.level if level is None else level,
        mode=mode or doer.mode,
        witness_id=witness_id,
    )


def _settle_course(
    db: Session,
    doer: Doer,
    course: Course,
    done: dict[str, Done],
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
) -> Certificate | None:
    finished = course_done(course, done)
    if finished is None or doer.person_id is None or doer.full_name is None:
        return None
    if finished.level < SELF_PACED or not issuer.public_url:
        return None
    titles = [
        (catalogue.modules[m].title, done[m].at) for m in finished.edition.modules if m in catalogue.modules
    ]
    return issue_self_study(
        db,
        issuer,
        person_id=doer.person_id,
        holder_name=doer.full_name,
        course=course,
        edition=finished.edition.number,
        level=finished.level,
        modules=titles,
        completed_at=finished.at,
        now=now,
        audience="student" if is_pupil(db, doer.person_id) else "citizen",
    )
