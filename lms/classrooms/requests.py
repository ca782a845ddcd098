"""Parents who joined by the class code and wait for the teacher; the typed names go once decided."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.classrooms.joining import add_guardian, merge_record, namesake
from lms.classrooms.models import JoinRequest
from lms.db import new_id, take_turn, unscoped
from lms.people.models import HouseholdMember, Membership
from lms.vietnamese import fold

OPEN_A_DAY = 5
BY_TEACHER = "teacher"
_request, _mate, _member = JoinRequest.__table__, HouseholdMember.__table__, Membership.__table__


class TooManyRequests(Exception):
    """The household has OPEN_A_DAY requests of one day that nobody has decided."""


@dataclass(frozen=True)
class Asked:
    """What a parent typed: who the person is, how it is called, the child's name, the relation."""

    person_id: uuid.UUID
    own_name: str
    child_name: str
    relation: str


@dataclass(frozen=True)
class Known:
    """A pupil of a class under its full name, for matching what a parent typed."""

    person_id: uuid.UUID
    full_name: str


@unscoped("the class's code is the right to ask; nothing of the class is shown")
def ask_to_join(
    db: Session, unit_id: uuid.UUID, household_id: uuid.UUID, asked: Asked, now: datetime
) -> bool:
    """Keep a parent's request with the pupil it means, if one alone has that name; return whether it is new.

    The same person asking for the same child again, before the teacher has decided, changes nothing.
    Raises TooManyRequests.
    """
    waiting = _request.c.decided_at.is_(None)
    own = select(_request.c.child_name).where(
        _request.c.unit_id == unit_id, _request.c.person_id == asked.person_id, waiting
    )
    if fold(asked.child_name) in {fold(row.child_name) for row in db.execute(own)}:
        return False
    mates = select(_mate.c.person_id).where(_mate.c.household_id == household_id)
    count = select(func.count()).select_from(_request)
    today = count.where(_request.c.person_id.in_(mates), waiting, _request.c.at > now - timedelta(days=1))
    if db.execute(today).scalar_one() >= OPEN_A_DAY:
        raise TooManyRequests
    meant = namesake(_pupils(db, unit_id), asked.child_name)
    row = JoinRequest(
        id=new_id(),
        ref=secrets.token_hex(6),
        unit_id=unit_id,
        person_id=asked.person_id,
        own_name=asked.own_name,
        child_name=asked.child_name,
        relation=asked.relation,
        pupil_id=meant.person_id if meant else None,
        at=now,
    )
    db.add(row)
    db.flush()
    return True


@unscoped("compares what was typed with the class's names; none of them is shown")
def _pupils(db: Session, unit_id: uuid.UUID) -> Iterable[Known]:
    rows = select(_member.c.person_id, _member.c.full_name).where(
        _member.c.unit_id == unit_id, _member.c.audience == "student", _member.c.left_on.is_(None)
    )
    return [Known(row.person_id, row.full_name) for row in db.execute(rows)]


def waiting_requests(db: Session, unit_id: uuid.UUID, limit: int) -> list[JoinRequest]:
    """Return the requests of a class that wait, oldest first, within the viewer's scope."""
    rows = select(JoinRequest).where(JoinRequest.unit_id == unit_id, JoinRequest.decided_at.is_(None))
    return list(db.scalars(rows.order_by(JoinRequest.at, JoinRequest.id).limit(limit)))


def request_of(db: Session, unit_id: uuid.UUID, ref: str) -> JoinRequest | None:
    """Return a request of this class, decided or not, within the viewer's scope."""
    rows = select(JoinRequest).where(JoinRequest.unit_id == unit_id, JoinRequest.ref == ref)
    return db.scalars(rows).one_or_none()


def accept(
    db: Session,
    request: JoinRequest,
    pupil_id: uuid.UUID,
    record_id: uuid.UUID | None,
    by: uuid.UUID | None,
    now: datetime,
) -> bool:
    """Make the one who asked a guardian of a pupil; return False when the request was decided before.

    `record_id` is the guardian of record this human is; None for one whom the roster does not name.
    Raises merging.HasLearned when that record has results of its own already; nothing is written then.
    """
    if not _is_undecided(db, request):
        return False
    own_name, relation, person_id = request.own_name, request.relation, request.person_id
    if record_id is not None:
        merge_record(db, person_id, record_id, BY_TEACHER, now)
    add_guardian(db, request.unit_id, pupil_id, person_id, own_name, relation, now)
    _decide(db, request, accepted=True, by=by, now=now)
    return True


def decline(db: Session, request: JoinRequest, by: uuid.UUID | None, now: datetime) -> bool:
    """Turn a request down and forget the typed names; return False when it was decided before."""
    if not _is_undecided(db, request):
        return False
    _decide(db, request, accepted=False, by=by, now=now)
    return True


@unscoped("the caller has found the request within its own scope")
def _is_undecided(db: Session, request: JoinRequest) -> bool:
    """Tell whether this is the first decision: of two taps, or two teachers, the second waits and sees."""
    take_turn(db, request.id.bytes)
    decided = select(_request.c.decided_at).where(_request.c.id == request.id)
    return db.execute(decided).scalar_one() is None


@unscoped("the caller has found the request within its own scope")
def _decide(
    db: Session, request: JoinRequest, *, accepted: bool, by: uuid.UUID | None, now: datetime
) -> None:
    """Note the decision and forget the typed names."""
    change = update(JoinRequest).where(_request.c.id == request.id)
    decision = {"decided_at": now, "decided_by": by, "accepted": accepted, "own_name": "", "child_name": ""}
    db.connection().execute(change.values(decision))
    db.expire(request)
