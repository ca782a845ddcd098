"""Counts and lists behind the figures, each in one statement."""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, String, case, func, or_, select
from sqlalchemy.orm import Session

from lms.classrooms.models import Assignment, Classroom, JoinRequest
from lms.classrooms.years import first_year_of
from lms.clock import VIETNAM
from lms.db import unscoped
from lms.people.models import Claim, Membership
from lms.places.models import Unit, UnitDescription
from lms.places.queries import Place
from lms.progress.models import ItemCompletion
from lms.reports import evidence
from lms.reports.evidence import FAMILY, HELPED, NOTHING, OBSERVED, TAKEN_PART, WITNESSED, Asked

_room, _given = Classroom.__table__, Assignment.__table__
_unit, _member, _request = Unit.__table__, Membership.__table__, JoinRequest.__table__
_claim, _completion, _described = Claim.__table__, ItemCompletion.__table__, UnitDescription.__table__
BATCH = 500


@dataclass(frozen=True)
class Count:
    """People of an audience in a unit: how many there are, and how far they came."""

    members: int = 0
    taken_part: int = 0
    completed: int = 0
    helped: int = 0
    level_2: int = 0
    level_3: int = 0


@dataclass(frozen=True)
class Seat:
    """A person's seat in a unit and how far that person came; `family` is the pupil's family's rank."""

    unit_name: str
    audience: str
    full_name: str
    phone: str | None
    rank: int
    completed_at: datetime | None
    family: int | None


@unscoped("returns counts, of a unit that the caller has found within its own scope")
def counts(
    db: Session, unit: Place, by: str, audiences: Collection[str], asked: Asked
) -> dict[tuple[uuid.UUID, str], Count]:
    """Return the counts of each unit of kind `by` and each audience that has members there.

    Everybody counts once in each unit. One statement.
    """
    seats = evidence.seats(evidence.targets(unit, by, asked.as_of), audiences, asked)
    results = evidence.results(select(seats.c.doer_id), asked)
    rank = func.max(evidence.rank_of(results, seats, asked)).label("rank")
    subjects = (
        select(seats.c.target_id, seats.c.audience, rank)
        .select_from(seats.outerjoin(results, results.c.person_id == seats.c.doer_id))
        .group_by(seats.c.target_id, seats.c.audience, seats.c.subject_id)
        .subquery("subjects")
    )
    came = subjects.c.rank
    number = _number_of
    rows = select(
        subjects.c.target_id,
        subjects.c.audience,
        func.count(),
        number(came >= TAKEN_PART),
        number(came >= HELPED),
        number(came == HELPED),
        number(came >= WITNESSED),
        number(came == OBSERVED),
    ).group_by(subjects.c.target_id, subjects.c.audience)
    return {(row[0], row[1]): Count(*row[2:]) for row in db.connection().execute(rows)}


def _number_of(reached: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((reached, 1), else_=0))


@unscoped("the caller has found the unit within its own scope, and may know its people by name")
def people(db: Session, unit: Place, asked: Asked) -> Iterator[Seat]:
    """Yield every seat at or under a unit, by unit, audience and name, as the unit knows them.

    One statement, read as it comes: a whole school's rows are never in memory together.
    """
    places = evidence.targets(unit, unit.kind, asked.as_of)
    seats = evidence.seats(places, evidence.AUDIENCES, asked)
    results = evidence.results(select(seats.c.doer_id), asked)
    rank, is_family = evidence.rank_of(results, seats, asked), seats.c.audience == FAMILY
    at = case((seats.c.linked_at > results.c.completed_at, seats.c.linked_at), else_=results.c.completed_at)
    came = (
        select(
            seats.c.seat_id,
            func.max(case((is_family, NOTHING), else_=rank)).label("rank"),
            func.max(case((~is_family & (rank >= HELPED), at))).label("completed_at"),
            func.max(case((is_family, rank))).label("family"),
        )
        .select_from(seats.outerjoin(results, results.c.person_id == seats.c.doer_id))
        .group_by(seats.c.seat_id)
        .subquery("came")
    )
    audiences = evidence.AUDIENCES[1:]
    rows = (
        select(
            _described.c.name,
            _member.c.audience,
            _member.c.full_name,
            _member.c.phone,
            came.c.rank,
            came.c.completed_at,
            came.c.family,
        )
        .select_from(
            came.join(_member, _member.c.id == came.c.seat_id).join(
                _described,
                (_described.c.unit_id == _member.c.unit_id) & (_described.c.valid_from == _latest(asked)),
            )
        )
        .order_by(
            _described.c.sort_key,
            _member.c.unit_id,
            case({name: place for place, name in enumerate(audiences)}, value=_member.c.audience),
            _member.c.sort_key,
            _member.c.id,
        )
    )
    for row in db.connection().execute(rows.execution_options(yield_per=BATCH)):
        yield Seat(*row)


@unscoped("names of units are public")
def _latest(asked: Asked) -> ScalarSelect[date]:
    """Return the date of the description of a seat's unit that holds on the date."""
    later = _described.alias("later")
    return (
        select(func.max(later.c.valid_from))
        .where(later.c.unit_id == _member.c.unit_id, later.c.valid_from <= asked.as_of)
        .correlate(_member)
        .scalar_subquery()
    )


@unscoped("names classes of a unit that the caller has found within its own scope")
def past_classes(db: Session, unit: Place, as_of: date) -> set[uuid.UUID]:
    """Return the classes at or under a unit whose school year is not that of the date."""
    below = _unit.c.path.startswith(unit.path, autoescape=True)
    rows = (
        select(_room.c.unit_id)
        .select_from(_room.join(_unit, _unit.c.id == _room.c.unit_id))
        .where(below, _room.c.first_year != first_year_of(as_of))
    )
    return set(db.execute(rows).scalars())


@unscoped("names an item of the catalogue, of a unit that the caller has found within its own scope")
def last_assigned(db: Session, unit: Place) -> str | None:
    """Return the module or course that a class at or under a unit was given last, or None."""
    below = _unit.c.path.startswith(unit.path, autoescape=True)
    rows = (
        select(_given.c.item_id)
        .select_from(_given.join(_unit, _unit.c.id == _given.c.unit_id))
        .where(below, _given.c.withdrawn_at.is_(None))
        .order_by(_given.c.made_at.desc(), _given.c.id.desc())
    )
    return db.execute(rows.limit(1)).scalar_one_or_none()


@unscoped("returns a count, of a unit that the caller has found within its own scope")
def waiting(db: Session, unit: Place, known_at: datetime) -> int:
    """Return how many parents asked to join at or under a unit and wait for a teacher's answer."""
    below = _unit.c.path.startswith(unit.path, autoescape=True)
    rows = (
        select(func.count())
        .select_from(_request.join(_unit, _unit.c.id == _request.c.unit_id))
        .where(
            below,
            _request.c.at <= known_at,
            or_(_request.c.decided_at.is_(None), _request.c.decided_at > known_at),
        )
    )
    return db.execute(rows).scalar_one()


@unscoped("the caller has found the class within its own scope, and may know its people by name")
def progress_rows(db: Session, unit_id: uuid.UUID, modules: Sequence[str], on: date) -> Iterator[list[str]]:
    """Yield a row for each pupil and parent of a class: name, audience, when each module was completed.

    Dates are written by the database (dd/mm/yyyy, Việt Nam), empty where a module is not completed.
    One statement through a server's cursor: a class of any size takes the memory of one batch.
    """
    at = evidence.later(_completion.c.at, _claim.c.at)
    here = case((_member.c.linked_at > at, _member.c.linked_at), else_=at)
    write = _day_writer(db)
    rows = (
        select(
            _member.c.full_name,
            case({"student": "học sinh"}, value=_member.c.audience, else_="cha mẹ học sinh"),
            *(
                func.coalesce(write(func.min(case((_completion.c.item_id == module, here)))), "")
                for module in modules
            ),
        )
        .select_from(
            _member.outerjoin(
                _claim, (_claim.c.person_id == _member.c.person_id) & _claim.c.undone_at.is_(None)
            ).outerjoin(
                _completion,
                (_completion.c.learner_id == _claim.c.learner_id) & _completion.c.item_id.in_(modules),
            )
        )
        .where(
            _member.c.unit_id == unit_id,
            _member.c.audience.in_(("student", "parent")),
            evidence.present(_member, on),
        )
        .group_by(_member.c.id, _member.c.full_name, _member.c.audience, _member.c.sort_key)
        .order_by(_member.c.audience.desc(), _member.c.sort_key, _member.c.id)
    )
    for row in db.connection().execute(rows.execution_options(yield_per=BATCH)):
        yield list(row)


@unscoped("asks the connection for its dialect")
def _day_writer(db: Session) -> Callable[[ColumnElement[datetime]], ColumnElement[str]]:
    if db.connection().dialect.name == "sqlite":
        return lambda moment: func.strftime("%d/%m/%Y", moment, "+7 hours", type_=String)
    return lambda moment: func.to_char(func.timezone(VIETNAM.key, moment), "DD/MM/YYYY", type_=String)
