"""Lists of people that a class proposes for the school's certificate, and what the school decided."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lms.accounts.models import Account
from lms.certificates.models import Certificate, Proposal, ProposalLine
from lms.classrooms.models import Classroom
from lms.db import new_id, take_turn, unscoped
from lms.places.models import Unit, UnitDescription

APPROVED, RETURNED = "approved", "returned"
_proposal, _line, _account = Proposal.__table__, ProposalLine.__table__, Account.__table__


class ProposalRefused(ValueError):
    """The list cannot be sent, approved or returned; the message says why and what to do."""


@dataclass(frozen=True)
class Proposed:
    """One person on a list to be sent, as the class knows the name."""

    person_id: uuid.UUID
    full_name: str
    level: int


def put_forward(
    db: Session,
    unit_id: uuid.UUID,
    course_id: str,
    audience: str,
    people: Sequence[Proposed],
    by: uuid.UUID,
    now: datetime,
) -> Proposal:
    """Send a class's list, in the order given, to the school, or correct the one not decided yet.

    One list of a course and audience waits at a time. The same list sent again changes nothing.
    """
    take_turn(db, unit_id.bytes)
    open_list = select(Proposal).where(
        Proposal.unit_id == unit_id,
        Proposal.course_id == course_id,
        Proposal.audience == audience,
        Proposal.decided_at.is_(None),
    )
    found = db.scalars(open_list).one_or_none()
    if found is None:
        found = Proposal(
            id=new_id(),
            ref=secrets.token_hex(6),
            unit_id=unit_id,
            course_id=course_id,
            audience=audience,
            made_at=now,
            made_by=by,
            note="",
        )
        db.add(found)
        db.flush()
    if _write_lines(db, found.id, people):
        found.made_at, found.made_by = now, by
        db.flush()
    return found


@unscoped("writes the lines of the list that the caller has found within its own scope")
def _write_lines(db: Session, proposal_id: uuid.UUID, people: Sequence[Proposed]) -> bool:
    """Make the lines those of these people; return whether that changed anything.

    Their order is kept as it is: the class may sort a name otherwise than its letters say.
    """
    of_list = _line.c.proposal_id == proposal_id
    held = {
        (row.person_id, row.full_name, row.level) for row in db.execute(select(_line).where(of_list)).all()
    }
    if held == {(one.person_id, one.full_name, one.level) for one in people}:
        return False
    connection = db.connection()
    connection.execute(delete(ProposalLine).where(of_list))
    rows = [
        {
            "proposal_id": proposal_id,
            "person_id": one.person_id,
            "full_name": one.full_name,
            "sort_key": place.to_bytes(4),
            "level": one.level,
        }
        for place, one in enumerate(people)
    ]
    connection.execute(insert(ProposalLine), rows)
    return True


@unscoped("decides the list that the caller has found within its own scope")
def decide(
    db: Session, proposal: Proposal, decision: str, by: uuid.UUID, now: datetime, note: str = ""
) -> bool:
    """Close a list that waits; return False, having changed nothing, when it was decided before."""
    change = (
        update(Proposal)
        .where(_proposal.c.id == proposal.id, _proposal.c.decided_at.is_(None))
        .values(decided_at=now, decided_by=by, decision=decision, note=note)
    )
    return db.connection().execute(change).rowcount == 1


def send_back(db: Session, proposal: Proposal, note: str, by: uuid.UUID, now: datetime) -> bool:
    """Return a list to its class with a note; False when it was decided before. Raises ProposalRefused."""
    words = " ".join(note.split())
    if not words:
        raise ProposalRefused("Chưa ghi vì sao trả lại. Viết một câu để thầy cô biết sửa gì.")
    take_turn(db, proposal.unit_id.bytes)
    return decide(db, proposal, RETURNED, by, now, words)


@unscoped("writes beside each line of a list in the caller's scope what was issued for it")
def note_issued(db: Session, proposal_id: uuid.UUID, issued: Mapping[uuid.UUID, Certificate]) -> None:
    """Write which certificate came of each line."""
    change = (
        update(ProposalLine)
        .where(_line.c.proposal_id == proposal_id, _line.c.person_id == bindparam("whose"))
        .values(certificate_id=bindparam("what"))
    )
    rows = [{"whose": person_id, "what": certificate.id} for person_id, certificate in issued.items()]
    if rows:
        db.connection().execute(change, rows)


# ---- reading -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One person of a list; the number of the certificate once it was issued."""

    person_id: uuid.UUID
    full_name: str
    level: int
    register_number: str | None


@dataclass(frozen=True)
class Listed:
    """A list as pages show it: whose, how many, who sent and who decided it."""

    id: uuid.UUID
    ref: str
    unit_id: uuid.UUID
    class_ref: str
    class_name: str
    first_year: int
    course_id: str
    audience: str
    made_at: datetime
    sender: str
    decided_at: datetime | None
    decider: str | None
    decision: str | None
    note: str
    people: int
    issued: int

    @property
    def school_year(self) -> str:
        """Return the class's school year as schools write it."""
        return f"{self.first_year}–{self.first_year + 1}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has decided it yet."""
        return self.decided_at is None


def proposal(db: Session, ref: str, unit_id: uuid.UUID | None, school_id: uuid.UUID) -> Proposal | None:
    """Return a list by its ref, of one class or any class of a school, within the viewer's scope."""
    found = (
        select(Proposal)
        .join(Classroom, Classroom.unit_id == Proposal.unit_id)
        .where(Proposal.ref == ref, Classroom.school_id == school_id)
    )
    if unit_id is not None:
        found = found.where(Proposal.unit_id == unit_id)
    return db.scalars(found).one_or_none()


def lists_of_class(db: Session, unit_id: uuid.UUID, course_id: str, audience: str) -> list[Listed]:
    """Return the lists that a class sent for a course and audience, newest first. One statement."""
    mine = _listed().where(
        Proposal.unit_id == unit_id, Proposal.course_id == course_id, Proposal.audience == audience
    )
    return _read(db, mine.order_by(Proposal.made_at.desc(), Proposal.id.desc()).limit(20))


def lists_of_school(
    db: Session, school_id: uuid.UUID, *, waiting: bool, limit: int | None = None, skip: int = 0
) -> list[Listed]:
    """Return the lists of a school's classes: those that wait, oldest first; else the decided, newest first.

    Within the viewer's scope. One statement.
    """
    rows = _listed().where(Classroom.school_id == school_id)
    if waiting:
        return _read(db, rows.where(Proposal.decided_at.is_(None)).order_by(Proposal.made_at, Proposal.id))
    decided = rows.where(Proposal.decided_at.is_not(None))
    ordered = decided.order_by(Proposal.decided_at.desc(), Proposal.id.desc())
    return _read(db, ordered.limit(limit).offset(skip))


def listed(db: Session, proposal_id: uuid.UUID) -> Listed:
    """Return one list as pages show it, within the viewer's scope."""
    return _read(db, _listed().where(Proposal.id == proposal_id))[0]


@unscoped("names the staff who sent and decided; the lists themselves carry the viewer's scope")
def _listed() -> Select[Any]:
    sender, decider = _account.alias("sender"), _account.alias("decider")
    of_list = ProposalLine.proposal_id == Proposal.id
    people = select(func.count()).select_from(ProposalLine).where(of_list)
    described: Any = (
        select(
            Proposal.id,
            Proposal.ref,
            Proposal.unit_id,
            Unit.ref,
            UnitDescription.name,
            Classroom.first_year,
            Proposal.course_id,
            Proposal.audience,
            Proposal.made_at,
            sender.c.display_name,
            Proposal.decided_at,
            decider.c.display_name,
            Proposal.decision,
            Proposal.note,
            people.correlate(Proposal).scalar_subquery(),
            people.where(ProposalLine.certificate_id.is_not(None)).correlate(Proposal).scalar_subquery(),
        )
        .join(Classroom, Classroom.unit_id == Proposal.unit_id)
        .join(Unit, Unit.id == Proposal.unit_id)
        .join(
            UnitDescription,
            (UnitDescription.unit_id == Unit.id) & (UnitDescription.valid_from == Unit.opened_on),
        )
        .join(sender, sender.c.id == Proposal.made_by)
        .outerjoin(decider, decider.c.id == Proposal.decided_by)
    )
    return described  # type: ignore[no-any-return]


def _read(db: Session, rows: Select[Any]) -> list[Listed]:
    return [Listed(*row) for row in db.execute(rows)]


@unscoped("reads the lines of a list that the caller has found within its own scope")
def lines(db: Session, proposal_id: uuid.UUID) -> list[Line]:
    """Return the people of a list in class order. One statement."""
    paper = Certificate.__table__
    rows = (
        select(_line.c.person_id, _line.c.full_name, _line.c.level, paper.c.register_number)
        .select_from(_line.outerjoin(paper, paper.c.id == _line.c.certificate_id))
        .where(_line.c.proposal_id == proposal_id)
        .order_by(_line.c.sort_key, _line.c.person_id)
    )
    return [Line(*row) for row in db.execute(rows)]
