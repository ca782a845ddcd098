"""A class in which some learned a course before their teacher's eyes: what certificates come of."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue, Course
from lms.certificates.course_certificates import Room, Signer
from lms.certificates.models import Proposal
from lms.people.actions import add_person, claim, make_learner
from lms.people.memberships import join_unit
from lms.people.models import Claim, Membership
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from lms.progress.actions import Doer, witness_check
from lms.progress.proposing import Approval, approve, propose
from tests.cast import OPENED, Cast
from tests.story import ISSUER, learn_module

SIGNER = Signer("Nguyễn Thị Hạnh", "Hiệu trưởng")


def member(db: Session, unit: Unit, name: str, audience: str = "student") -> Doer:
    """Put a new person into a class, with a learner."""
    now = clock.now()
    person, learner = add_person(db, name, now), make_learner(db, now)
    claim(db, learner, person.id, "learner", now)
    join_unit(db, person.id, unit.id, audience, name, OPENED)
    return Doer(learner, person.id, name)


def doer_of(db: Session, person_id: uuid.UUID, name: str) -> Doer:
    """Return a person of the cast as a learner, made the first time."""
    held = db.scalars(select(Claim.learner_id).where(Claim.person_id == person_id)).first()
    if held is None:
        held = make_learner(db, clock.now())
        claim(db, held, person_id, "learner", clock.now())
    return Doer(held, person_id, name)


def learn(db: Session, doer: Doer, catalogue: Catalogue, now: datetime | None = None) -> Course:
    """Complete the first course alone."""
    course = catalogue.courses[0]
    for module in course.modules:
        learn_module(db, doer, module, catalogue, now)
    return course


def learn_before(
    db: Session, doer: Doer, catalogue: Catalogue, witness: uuid.UUID, now: datetime | None = None
) -> Course:
    """Complete the first course, each check before a witness."""
    course = learn(db, doer, catalogue, now)
    for module in course.modules:
        assert witness_check(db, doer, module, witness, now or clock.now())
    return course


def place_of(db: Session, unit: Unit) -> Place:
    """Return a unit as screens know it."""
    found = place_by_id(db, unit.id, clock.today())
    assert found is not None
    return found


def room_of(db: Session, unit: Unit, school: Unit) -> Room:
    """Return a class as its papers name it."""
    return Room(place_of(db, unit).name, place_of(db, school), "2026–2027")


def ready_class(db: Session, cast: Cast, catalogue: Catalogue, *names: str) -> dict[str, Doer]:
    """Give 4A pupils who completed the first course before cô Lan."""
    doers = {name: member(db, cast.class_4a, name) for name in names}
    for doer in doers.values():
        learn_before(db, doer, catalogue, cast.lan_person.id)
    return doers


def sent(db: Session, cast: Cast, catalogue: Catalogue, *doers: Doer, audience: str = "student") -> Proposal:
    """Let cô Lan send 4A's list for the first course."""
    people = {doer.person_id for doer in doers if doer.person_id}
    return propose(
        db,
        place_of(db, cast.class_4a),
        catalogue.courses[0],
        audience,
        people,
        catalogue,
        by=cast.lan.id,
        now=clock.now(),
    )


def approved(
    db: Session,
    cast: Cast,
    catalogue: Catalogue,
    proposal: Proposal,
    kept: set[uuid.UUID] | None = None,
    now: datetime | None = None,
) -> Approval | None:
    """Let the head of Hoa Sen approve a list of 4A."""
    everybody = {
        *db.scalars(select(Membership.person_id).where(Membership.unit_id == proposal.unit_id)),
    }
    return approve(
        db,
        proposal,
        room_of(db, cast.class_4a, cast.hoa_sen),
        SIGNER,
        everybody if kept is None else kept,
        catalogue,
        ISSUER,
        by=cast.head.id,
        now=now or clock.now(),
    )
