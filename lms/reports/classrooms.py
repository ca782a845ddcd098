"""Who of a class is where: pupils and their families by assignment, a page at a time."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    exists,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from lms.catalog.models import CatalogItem
from lms.classrooms.assigned import Given
from lms.classrooms.targets import Target
from lms.db import unscoped
from lms.people.models import Claim, Guardianship, Membership
from lms.progress.models import SELF_PACED, ItemCompletion
from lms.progress.rules import Done
from lms.quizzes.models import Attempt, HandIn, MarkChange
from lms.reports.standing import Standing, best, standing

PAGE = 50
TRIED = -1
_member, _guard, _claim = Membership.__table__, Guardianship.__table__, Claim.__table__
_completion, _attempt, _hand_in = ItemCompletion.__table__, Attempt.__table__, HandIn.__table__
_parent, _whole, _item = _member.alias("parent"), _completion.alias("whole"), CatalogItem.__table__
_mark = MarkChange.__table__
_PEOPLE: BindParameter[Any] = bindparam("people", expanding=True)
_ITEMS: BindParameter[Any] = bindparam("items", expanding=True)
_SINCE = case((_completion.c.at > _claim.c.at, _completion.c.at), else_=_claim.c.at)
# “|| ''” keeps the planner from reading everybody's completions of an item: it is to begin at the people.
_EVIDENCE = union_all(
    select(_claim.c.person_id, _completion.c.item_id, _completion.c.level, _SINCE.label("at"))
    .join(_completion, _completion.c.learner_id == _claim.c.learner_id)
    .join(_item, _item.c.id == _completion.c.item_id)
    .where(
        _claim.c.person_id.in_(_PEOPLE),
        _claim.c.undone_at.is_(None),
        _completion.c.item_id.concat("").in_(_ITEMS),
        # A completed module speaks for its lessons and check: most rows stay where they are.
        ~exists().where(
            _whole.c.learner_id == _completion.c.learner_id, _whole.c.item_id == _item.c.parent_id
        ),
    ),
    select(_claim.c.person_id, _attempt.c.module_id, literal(TRIED), _hand_in.c.at)
    .join(_attempt, _attempt.c.learner_id == _claim.c.learner_id)
    .join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
    .where(
        _claim.c.person_id.in_(_PEOPLE),
        _claim.c.undone_at.is_(None),
        _attempt.c.module_id.concat("").in_(_ITEMS),
        _hand_in.c.passed.is_(False),
        ~exists().where(_mark.c.attempt_id == _attempt.c.id, _mark.c.passed),
    ),
)


@dataclass(frozen=True)
class Somebody:
    """A pupil or a guardian, as the class knows them; `relation` is empty for a pupil."""

    member_id: uuid.UUID
    person_id: uuid.UUID
    full_name: str
    relation: str
    linked_at: datetime | None
    has_joined: bool


@dataclass(frozen=True)
class Family:
    """A pupil and the guardians of record."""

    pupil: Somebody
    guardians: tuple[Somebody, ...]

    @property
    def has_joined(self) -> bool:
        """Tell whether any guardian has been on the site under their name."""
        return any(guardian.has_joined for guardian in self.guardians)

    def those(self, audience: str) -> tuple[Somebody, ...]:
        """Return whom an assignment of this audience is given to."""
        return (self.pupil,) if audience == "student" else self.guardians


@dataclass(frozen=True)
class Evidence:
    """What people have done: the best completion of each item, and the checks they did not pass yet."""

    done: Mapping[uuid.UUID, Mapping[str, Done]] = field(default_factory=dict)
    tried: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=dict)

    def speaks_of(self, who: Somebody) -> bool:
        """Tell whether somebody did anything at all."""
        return who.person_id in self.done or who.person_id in self.tried

    def of(self, who: Somebody) -> Mapping[str, Done]:
        """Return what counts for somebody in this class: what was known before, from `linked_at` on."""
        done = self.done.get(who.person_id, {})
        if who.linked_at is None:
            return done
        since = who.linked_at
        return {
            item: Done(max(one.first_at, since), one.level, one.mode, max(one.at, since))
            for item, one in done.items()
        }


@dataclass(frozen=True)
class Line:
    """A family with its standing in each assignment, in the order asked; of guardians the best one."""

    family: Family
    cells: tuple[Standing, ...]


@unscoped("the caller has found the class within its own scope")
def families(db: Session, unit_id: uuid.UUID, on: date, page: int = 1) -> tuple[list[Family], bool]:
    """Return a page of a class's pupils in name order with their guardians, and whether more follow.

    One statement, as long for a class of 3,000 as for one of 50.
    """
    asked = {"unit": unit_id, "on": on, "skip": (page - 1) * PAGE}
    rows = db.connection().execute(_FAMILIES, asked).all()
    found = [_family(list(group)) for _, group in groupby(rows, lambda row: row.id)]
    return found[:PAGE], len(found) > PAGE


@unscoped("the caller has found these people within its own scope")
def evidence(db: Session, people: Collection[uuid.UUID], items: Collection[str]) -> Evidence:
    """Return what these people have done of these items. One statement; none where nothing is asked."""
    if not people or not items:
        return Evidence()
    done: dict[uuid.UUID, dict[str, Done]] = defaultdict(dict)
    tried: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = db.connection().execute(_EVIDENCE, {"people": list(people), "items": list(items)})
    for person, item, level, at in rows:
        if level == TRIED:
            tried[person].add(item)
        else:
            held = done[person]
            held[item] = _better(held.get(item), max(level, SELF_PACED), at)
    return Evidence(done, {person: frozenset(modules) for person, modules in tried.items()})


def lines(
    found: Sequence[Family], asked: Sequence[tuple[Given, Target]], known: Evidence, today: date
) -> list[Line]:
    """Return how far each family is with each assignment."""
    nothing = [standing(target, given, {}, today) for given, target in asked]
    return [
        Line(
            family,
            tuple(
                best(
                    (
                        of_one(who, given, target, known, today)
                        for who in family.those(given.audience)
                        if known.speaks_of(who)
                    ),
                    none,
                )
                for (given, target), none in zip(asked, nothing, strict=True)
            ),
        )
        for family in found
    ]


def of_one(who: Somebody, given: Given, target: Target, known: Evidence, today: date) -> Standing:
    """Return how far one person is with an assignment."""
    tried = known.tried.get(who.person_id, frozenset())
    return standing(target, given, known.of(who), today, tried)


def people_asked(found: Iterable[Family], asked: Iterable[Given]) -> set[uuid.UUID]:
    """Return the persons whose evidence these assignments look at."""
    audiences = {given.audience for given in asked}
    return {who.person_id for family in found for audience in audiences for who in family.those(audience)}


@unscoped("a part of the statement of families")
def _joined(person: ColumnElement[uuid.UUID]) -> ColumnElement[bool]:
    return exists(select(_claim.c.id).where(_claim.c.person_id == person, _claim.c.undone_at.is_(None)))


@unscoped("bound to a class that the caller has found within its own scope")
def _statement() -> Select[Any]:
    """Return the statement of a page of families; made once, because making it takes longer than asking."""
    unit: BindParameter[Any] = bindparam("unit")
    on: BindParameter[Any] = bindparam("on")
    pupil = (
        select(
            _member.c.id, _member.c.person_id, _member.c.full_name, _member.c.sort_key, _member.c.linked_at
        )
        .where(
            _member.c.unit_id == unit,
            _member.c.audience == "student",
            _member.c.joined_on <= on,
            _member.c.left_on.is_(None) | (_member.c.left_on > on),
        )
        .order_by(_member.c.sort_key, _member.c.id)
        .limit(PAGE + 1)
        .offset(bindparam("skip", type_=Integer))
        .subquery()
    )
    # A standing membership is found by its own index, however large the class is.
    is_parent = (
        (_parent.c.person_id == _guard.c.guardian_id)
        & (_parent.c.unit_id == unit)
        & (_parent.c.audience == "parent")
        & _parent.c.left_on.is_(None)
    )
    is_ward = (_guard.c.pupil_id == pupil.c.person_id) & _guard.c.valid_to.is_(None)
    return (
        select(
            pupil.c.id,
            pupil.c.person_id,
            pupil.c.full_name,
            pupil.c.linked_at,
            _joined(pupil.c.person_id).label("has_joined"),
            _parent.c.id.label("parent_id"),
            _parent.c.person_id.label("parent_person_id"),
            _parent.c.full_name.label("parent_name"),
            _guard.c.relation,
            _parent.c.linked_at.label("parent_linked_at"),
            _joined(_parent.c.person_id).label("parent_has_joined"),
        )
        .select_from(pupil.outerjoin(_guard, is_ward).outerjoin(_parent, is_parent))
        .order_by(pupil.c.sort_key, pupil.c.id, _parent.c.sort_key, _parent.c.id)
    )


_FAMILIES = _statement()


def _family(rows: list[Row[Any]]) -> Family:
    first = rows[0]
    guardians = {
        row.parent_id: Somebody(
            row.parent_id,
            row.parent_person_id,
            row.parent_name,
            row.relation,
            row.parent_linked_at,
            row.parent_has_joined,
        )
        for row in rows
        if row.parent_id
    }
    pupil = Somebody(first.id, first.person_id, first.full_name, "", first.linked_at, first.has_joined)
    return Family(pupil, tuple(guardians.values()))


def _better(held: Done | None, level: int, at: datetime) -> Done:
    """Return the better of two completions: the higher level, then the earlier."""
    if held is None:
        return Done(at, level, "", at)
    first_at = min(held.first_at, at)
    if level > held.level or (level == held.level and at < held.at):
        return Done(first_at, level, "", at)
    return Done(first_at, held.level, "", held.at)
