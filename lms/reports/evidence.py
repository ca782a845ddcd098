"""Who has done what of a course, as SQL: seats, evidence, and how far the evidence reaches.

The rule is `lms.progress.rules.course_done`; this file says the same to the database, for everybody at once.
A rank is how far somebody came: NOTHING, TAKEN_PART, HELPED (completed, but only with help), ALONE
(completed, level 1), WITNESSED (level 2), OBSERVED (level 3). The rank of a family is that of its best
guardian.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, func, literal, null, or_, select

from lms.catalog.catalogue import Course, Edition
from lms.catalog.models import CatalogItem
from lms.classrooms.models import Classroom
from lms.classrooms.years import first_year_of
from lms.clock import VIETNAM
from lms.db import unscoped
from lms.people.models import Claim, Guardianship, Membership, PersonMerge
from lms.places.models import Unit
from lms.places.queries import Place
from lms.progress.models import SELF_PACED, ItemCompletion
from lms.quizzes.models import Attempt, HandIn

NOTHING, TAKEN_PART, HELPED, ALONE, WITNESSED, OBSERVED = range(6)
FAMILY = "family"
"""Gia đình học sinh: pupils, each by whichever guardian came farthest."""
AUDIENCES = (FAMILY, "student", "parent", "teacher", "staff")

_unit, _room = Unit.__table__, Classroom.__table__
_member, _guard, _merge = Membership.__table__, Guardianship.__table__, PersonMerge.__table__
_claim, _completion, _item = Claim.__table__, ItemCompletion.__table__, CatalogItem.__table__
_attempt, _hand_in = Attempt.__table__, HandIn.__table__


@dataclass(frozen=True)
class Asked:
    """What a figure is asked about: a course on a date, as it was known at a moment."""

    course: Course
    as_of: date
    known_at: datetime

    @property
    def until(self) -> datetime:
        """Return the last moment whose evidence counts."""
        midnight = datetime.combine(self.as_of + timedelta(days=1), time.min, VIETNAM)
        return min(self.known_at, midnight - timedelta(microseconds=1))

    @property
    def editions(self) -> tuple[Edition, ...]:
        """Return the editions that there were by then; the first one holds from the beginning."""
        later = (edition for edition in self.course.editions[1:] if edition.first_at <= self.until)
        return (*self.course.editions[:1], *later)


@unscoped("the caller has found the unit within its own scope")
def targets(unit: Place, by: str, as_of: date) -> CTE:
    """Return pairs of a unit of kind `by`, at or under `unit`, and each open unit in it (target, unit).

    A class belongs to its school year: last year's roster is no roster any more.
    """
    target, inner = _unit.alias("target"), _unit.alias("inner_unit")
    past = select(_room.c.unit_id).where(_room.c.first_year != first_year_of(as_of))
    within = [alias.c.path.startswith(unit.path, autoescape=True) for alias in (target, inner)]
    return (
        select(target.c.id.label("target_id"), inner.c.id.label("unit_id"))
        .where(
            *within,
            target.c.kind == by,
            func.substr(inner.c.path, 1, func.length(target.c.path)) == target.c.path,
            inner.c.opened_on <= as_of,
            or_(inner.c.closed_on.is_(None), inner.c.closed_on > as_of),
            inner.c.id.not_in(past),
        )
        .cte("targets")
        .prefix_with("MATERIALIZED")
    )


@unscoped("the caller has found the unit within its own scope")
def seats(places: CTE, audiences: Collection[str], asked: Asked) -> CTE:
    """Return who is where on the date: seat, target, audience, subject, doer, from when the doer counts.

    The subject is who is counted; the doer whose evidence counts for it. They differ for families, where
    the subject is the pupil and each guardian a doer (or none).
    """
    own = [audience for audience in audiences if audience != FAMILY]
    kept = _kept(_member.c.person_id, asked)
    rows = select(
        _member.c.id.label("seat_id"),
        places.c.target_id,
        _member.c.audience,
        kept.label("subject_id"),
        kept.label("doer_id"),
        _member.c.linked_at,
    ).select_from(places.join(_member, _member.c.unit_id == places.c.unit_id))
    here = _member.c.unit_id.in_(select(places.c.unit_id)) & present(_member, asked.as_of)
    parts = [rows.where(here, _member.c.audience.in_(own))] if own else []
    if FAMILY in audiences:
        parts.append(_families(places, asked).where(here))
    return parts[0].union_all(*parts[1:]).cte("seats") if parts[1:] else parts[0].cte("seats")


@unscoped("the caller has found the unit within its own scope")
def _families(places: CTE, asked: Asked) -> Select[Any]:
    """Return every pupil with each guardian of the date; the link of the guardian's own seat holds."""
    parent = _member.alias("parent")
    guarded = (_guard.c.pupil_id == _member.c.person_id) & _valid(_guard, asked.as_of)
    seated = (
        (parent.c.person_id == _guard.c.guardian_id)
        # Kept from SQLite's planner: by unit it would look through the whole class for every guardian.
        & (func.coalesce(parent.c.unit_id, parent.c.unit_id) == _member.c.unit_id)
        & (parent.c.audience == "parent")
        & present(parent, asked.as_of)
    )
    return (
        select(
            _member.c.id.label("seat_id"),
            places.c.target_id,
            literal(FAMILY).label("audience"),
            _kept(_member.c.person_id, asked).label("subject_id"),
            _kept(_guard.c.guardian_id, asked).label("doer_id"),
            parent.c.linked_at,
        )
        .select_from(
            places.join(_member, _member.c.unit_id == places.c.unit_id)
            .outerjoin(_guard, guarded)
            .outerjoin(parent, seated)
        )
        .where(_member.c.audience == "student")
    )


@unscoped("looks up whom a person seated in the caller's unit was merged into")
def _kept(person: ColumnElement[uuid.UUID], asked: Asked) -> ColumnElement[uuid.UUID]:
    """Return the person, or the one it was merged into.

    One step is enough: a merged person has learned nothing, and whoever takes its place has.
    """
    merged = (
        select(_merge.c.kept_id)
        .where(
            _merge.c.merged_id == person,
            _merge.c.at <= asked.known_at,
            or_(_merge.c.undone_at.is_(None), _merge.c.undone_at > asked.known_at),
        )
        .order_by(_merge.c.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(merged, person, type_=_member.c.person_id.type)


def present(member: FromClause, on: date) -> ColumnElement[bool]:
    """Return whether a membership holds on a date: from the day of joining to the day before leaving."""
    return (member.c.joined_on <= on) & or_(member.c.left_on.is_(None), member.c.left_on > on)


def _valid(guard: FromClause, on: date) -> ColumnElement[bool]:
    return (guard.c.valid_from <= on) & or_(guard.c.valid_to.is_(None), guard.c.valid_to > on)


@unscoped("counts only for the persons seated in the caller's unit")
def results(doers: Select[Any], asked: Asked) -> CTE:
    """Return each of these persons who took part: person, rank, and when the course was completed first.

    Evidence counts from the later of its own moment and the claim.
    """
    items = _items_of(asked.course)
    claimed = _claims(doers, asked)
    at = later(_completion.c.at, claimed.c.at)
    done = (
        select(
            claimed.c.person_id,
            _completion.c.item_id,
            func.min(at).label("first_at"),
            func.max(case((_completion.c.level < SELF_PACED, SELF_PACED), else_=_completion.c.level)).label(
                "level"
            ),
            func.min(case((_completion.c.mode == "assisted", 1), else_=0)).label("helped"),
        )
        .select_from(claimed.join(_completion, _completion.c.learner_id == claimed.c.learner_id))
        .where(_completion.c.at <= asked.until, _completion.c.item_id.in_(items))
        .group_by(claimed.c.person_id, _completion.c.item_id)
        .cte("done")
    )
    rank, completed_at = _reached(done, asked.editions)
    reached = select(done.c.person_id, rank.label("rank"), completed_at.label("completed_at"))
    tried = (
        select(claimed.c.person_id, literal(TAKEN_PART).label("rank"), null().label("completed_at"))
        .select_from(
            claimed.join(_attempt, _attempt.c.learner_id == claimed.c.learner_id).join(
                _hand_in, _hand_in.c.attempt_id == _attempt.c.id
            )
        )
        .where(_hand_in.c.at <= asked.until, _attempt.c.module_id.in_(items))
    )
    every = reached.group_by(done.c.person_id).union_all(tried).subquery("every")
    return (
        select(
            every.c.person_id,
            func.max(every.c.rank).label("rank"),
            func.max(every.c.completed_at, type_=_completion.c.at.type).label("completed_at"),
        )
        .group_by(every.c.person_id)
        .cte("results")
    )


@unscoped("claims of the persons seated in the caller's unit")
def _claims(doers: Select[Any], asked: Asked) -> CTE:
    """Return the claims of these persons that stood at the moment asked about."""
    return (
        select(_claim.c.learner_id, _claim.c.person_id, _claim.c.at)
        .where(
            _claim.c.person_id.in_(doers),
            _claim.c.at <= asked.until,
            or_(_claim.c.undone_at.is_(None), _claim.c.undone_at > asked.known_at),
        )
        .cte("claimed")
    )


@unscoped("reads the catalogue only, which everybody may")
def _items_of(course: Course) -> Select[Any]:
    """Return the ids of whatever belongs, or belonged, to a course: modules, lessons, checks."""
    modules = select(_item.c.id).where(_item.c.parent_id == course.id)
    asked_for = {module for edition in course.editions for module in edition.modules}
    return select(_item.c.id).where(
        or_(_item.c.parent_id == course.id, _item.c.parent_id.in_(modules), _item.c.id.in_(asked_for))
    )


def _reached(done: CTE, editions: tuple[Edition, ...]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the rank and the moment of completion, by the newest edition done in its time."""
    ranks: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    moments: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = []
    until: datetime | None = None
    for edition in reversed(editions):
        wanted = set(edition.modules)
        if wanted:
            in_time: ColumnElement[bool] = done.c.item_id.in_(wanted)
            if until is not None:
                in_time = in_time & (done.c.first_at < until)
            is_done = func.sum(case((in_time, 1), else_=0)) == len(wanted)
            level = func.min(case((in_time, done.c.level)))
            helped = func.max(case((in_time, done.c.helped)))
            ranks.append((is_done & (level == SELF_PACED) & (helped == 1), literal(HELPED)))
            ranks.append((is_done, level + (ALONE - SELF_PACED)))
            moments.append((is_done, func.max(case((in_time, done.c.first_at)))))
        until = edition.first_at
    if not ranks:
        return literal(TAKEN_PART), null()
    return case(*ranks, else_=TAKEN_PART), case(*moments, else_=null())


def later(a: ColumnElement[datetime], b: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """Return the later of two moments, neither of which is missing."""
    return case((a >= b, a), else_=b)


def rank_of(result: FromClause, seat: FromClause, asked: Asked) -> ColumnElement[int]:
    """Return the rank of a seat's doer there: what was done elsewhere counts from the link on."""
    counts = or_(seat.c.linked_at.is_(None), seat.c.linked_at <= asked.until)
    return case((counts & result.c.rank.is_not(None), result.c.rank), else_=NOTHING)
