"""Who of a class is ready for the school's certificate; sending the list, approving it."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Course, Module
from lms.certificates.actions import Issuer
from lms.certificates.course_certificates import (
    Holder,
    Room,
    Signer,
    can_be_printed,
    issue_course_certificates,
)
from lms.certificates.models import Certificate, Proposal
from lms.certificates.proposals import (
    APPROVED,
    ProposalRefused,
    Proposed,
    decide,
    lines,
    note_issued,
    put_forward,
)
from lms.certificates.queries import Earned, standing_numbers
from lms.classrooms.assigning import AUDIENCES
from lms.clock import local_date
from lms.db import take_turn, unscoped
from lms.people.memberships import members
from lms.people.models import Claim, Person
from lms.people.names import NameRefused, full_name
from lms.places.queries import Place
from lms.progress.models import WITNESSED, ItemCompletion
from lms.progress.queries import done_of_people
from lms.progress.rules import CourseDone, Done, course_done

_claim, _person, _completion = Claim.__table__, Person.__table__, ItemCompletion.__table__


@dataclass(frozen=True)
class Candidate:
    """A member of a class, and how far from the school's certificate for a course."""

    person_id: uuid.UUID
    full_name: str
    finished: CourseDone | None
    done: Mapping[str, Done]
    missing: tuple[Module, ...]
    unwitnessed: tuple[Module, ...]
    number: str | None
    """The number of the standing certificate."""
    name_fault: str | None
    """Why the name cannot stand on paper as the class wrote it."""

    @property
    def is_ready(self) -> bool:
        """Tell whether the certificate can be issued now."""
        return self.is_witnessed and self.number is None and self.name_fault is None

    @property
    def is_witnessed(self) -> bool:
        """Tell whether the whole course is completed before a witness."""
        return self.finished is not None and self.finished.level >= WITNESSED


@dataclass(frozen=True)
class Witnessing:
    """Who saw a person's checks of a course being done, and when last; None for an unknown witness."""

    witness: str | None
    at: datetime


@dataclass(frozen=True)
class Approval:
    """What came of an approval: certificates in class order, and the names left without one."""

    issued: tuple[Certificate, ...]
    taken_out: tuple[str, ...]
    skipped: tuple[str, ...]


def survey(
    db: Session, room_id: uuid.UUID, courses: Sequence[Course], catalogue: Catalogue, on: date
) -> dict[tuple[str, str], list[Candidate]]:
    """Return where each member of a class stands, by (course id, audience), in class order.

    Within the viewer's scope. Four statements, whatever the number of people and courses.
    """
    belonging = {audience: members(db, room_id, audience, on) for audience in AUDIENCES}
    people = {member.person_id for of in belonging.values() for member in of}
    items = {m for course in courses for edition in course.editions for m in edition.modules}
    done, numbers = done_of_people(db, people, items), standing_numbers(db, people)
    return {
        (course.id, audience): [
            _candidate(
                m.person_id, m.full_name, course, audience, done.get(m.person_id, {}), numbers, catalogue
            )
            for m in of
        ]
        for course in courses
        for audience, of in belonging.items()
    }


def _candidate(
    person_id: uuid.UUID,
    name: str,
    course: Course,
    audience: str,
    done: Mapping[str, Done],
    numbers: Mapping[Earned, str],
    catalogue: Catalogue,
) -> Candidate:
    finished = course_done(course, done)
    asked = finished.edition if finished else course.editions[-1] if course.editions else None
    modules = [catalogue.modules[m] for m in asked.modules if m in catalogue.modules] if asked else []
    edition = asked.number if asked else 0
    return Candidate(
        person_id=person_id,
        full_name=name,
        finished=finished,
        done=done,
        missing=tuple(m for m in modules if m.id not in done),
        unwitnessed=tuple(m for m in modules if m.id in done and done[m.id].level < WITNESSED),
        number=numbers.get((person_id, course.id, audience, edition)),
        name_fault=_name_fault(name),
    )


def _name_fault(name: str) -> str | None:
    try:
        full_name(name)
    except NameRefused as fault:
        return str(fault)
    return None


def eligible(
    db: Session, room_id: uuid.UUID, course: Course, audience: str, catalogue: Catalogue, on: date
) -> list[Candidate]:
    """Return the members of a class to whom the school's certificate can be issued now, in class order."""
    found = survey(db, room_id, [course], catalogue, on)
    return [one for one in found[course.id, audience] if one.is_ready]


def propose(
    db: Session,
    room: Place,
    course: Course,
    audience: str,
    people: Collection[uuid.UUID],
    catalogue: Catalogue,
    *,
    by: uuid.UUID,
    now: datetime,
) -> Proposal:
    """Send those of a class who are ready to the school as one list; whoever is not ready is left out.

    While the list waits, sending again makes it what is sent now. Raises ProposalRefused.
    """
    ready = eligible(db, room.id, course, audience, catalogue, local_date(now))
    chosen = [
        Proposed(one.person_id, one.full_name, one.finished.level)
        for one in ready
        if one.person_id in people and one.finished is not None
    ]
    if not chosen:
        raise ProposalRefused("Chưa chọn ai. Đánh dấu ít nhất một người đủ điều kiện rồi gửi.")
    return put_forward(db, room.id, course.id, audience, chosen, by, now)


def approve(
    db: Session,
    proposal: Proposal,
    room: Room,
    signer: Signer,
    kept: Collection[uuid.UUID],
    catalogue: Catalogue,
    issuer: Issuer,
    *,
    by: uuid.UUID,
    now: datetime,
) -> Approval | None:
    """Issue the school's certificate to those of a list who are kept and still ready, in class order.

    Readiness is looked at again. None, and nothing changed, when the list was decided before.
    Raises ProposalRefused when nothing could be issued; the caller then lets nothing of it stand.
    """
    course = _approvable(proposal, room, catalogue, issuer)
    take_turn(db, proposal.unit_id.bytes)
    listed = lines(db, proposal.id)
    ready = {
        one.person_id: one
        for one in eligible(db, proposal.unit_id, course, proposal.audience, catalogue, local_date(now))
    }
    out = [n for n, line in enumerate(listed, 1) if line.person_id not in kept]
    late = [n for n, line in enumerate(listed, 1) if line.person_id in kept and line.person_id not in ready]
    if not decide(db, proposal, APPROVED, by, now, _note(out, late)):
        return None
    holders = [
        _holder(ready[line.person_id], catalogue)
        for line in listed
        if line.person_id in kept and line.person_id in ready
    ]
    if not holders:
        raise ProposalRefused("Không có ai để cấp giấy. Nếu cả danh sách chưa được, hãy trả lại cho lớp.")
    issued = issue_course_certificates(
        db, issuer, signer, room, course, proposal.audience, holders, by=signer.name, now=now
    )
    if not issued:
        # The list of another class, approved at the same moment, gave them theirs.
        raise ProposalRefused("Những người này vừa được cấp giấy theo danh sách của lớp khác.")
    note_issued(db, proposal.id, issued)
    return Approval(
        issued=tuple(issued.values()),
        taken_out=tuple(listed[n - 1].full_name for n in out),
        skipped=tuple(listed[n - 1].full_name for n in late),
    )


def _approvable(proposal: Proposal, room: Room, catalogue: Catalogue, issuer: Issuer) -> Course:
    course = catalogue.course_by_id.get(proposal.course_id)
    if course is None:
        raise ProposalRefused("Khóa học này không còn trên trang, nên chưa cấp giấy được.")
    if not issuer.public_url:
        raise ProposalRefused(
            "Trang chưa có địa chỉ công khai để in lên giấy. Nhờ người quản trị đặt LMS_PUBLIC_URL."
        )
    for words in (room.school.name, room.name, course.title):
        if not can_be_printed(words):
            raise ProposalRefused(f"“{words}” có chữ không in được lên giấy. Sửa tên này rồi duyệt lại.")
    return course


def _note(out: Sequence[int], late: Sequence[int]) -> str:
    """Say which lines of a list got no certificate, by their numbers: a note holds no names."""
    said = [
        ("Trường bỏ khỏi danh sách: số ", out),
        ("Không còn đủ điều kiện lúc duyệt: số ", late),
    ]
    return " ".join(f"{words}{', '.join(map(str, numbers))}." for words, numbers in said if numbers)


def _holder(one: Candidate, catalogue: Catalogue) -> Holder:
    assert one.finished is not None  # noqa: S101
    edition = one.finished.edition
    return Holder(
        person_id=one.person_id,
        full_name=full_name(one.full_name),
        level=one.finished.level,
        edition=edition.number,
        modules=tuple(
            (catalogue.modules[m].title, one.done[m].at) for m in edition.modules if m in catalogue.modules
        ),
        completed_at=one.finished.at,
    )


@unscoped("the caller has found these people within its own scope")
def witnessings(
    db: Session, people: Collection[uuid.UUID], course: Course
) -> dict[uuid.UUID, tuple[Witnessing, ...]]:
    """Return who witnessed each person's checks of a course, the latest moment first. One statement."""
    checks = [module.check_id for module in course.modules]
    rows = (
        select(_claim.c.person_id, _person.c.full_name, _completion.c.at)
        .select_from(
            _claim.join(_completion, _completion.c.learner_id == _claim.c.learner_id).outerjoin(
                _person, _person.c.id == _completion.c.witness_id
            )
        )
        .where(
            _claim.c.undone_at.is_(None),
            _claim.c.person_id.in_(people),
            _completion.c.item_id.in_(checks),
            _completion.c.level >= WITNESSED,
        )
        .order_by(_completion.c.at.desc(), _completion.c.id)
    )
    found: dict[uuid.UUID, dict[str | None, Witnessing]] = {}
    for row in db.connection().execute(rows):
        found.setdefault(row.person_id, {}).setdefault(row.full_name, Witnessing(row.full_name, row.at))
    return {person: tuple(of.values()) for person, of in found.items()}
