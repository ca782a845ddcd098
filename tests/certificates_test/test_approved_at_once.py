"""Two officers, two classes, two taps at the same moment: on real doors, one after the other."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms import clock, migrations
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.certificates.models import COURSE, Certificate, Proposal
from lms.certificates.proposals import ProposalRefused, lines, send_back
from lms.certificates.queries import broken_links
from lms.db import Database
from lms.people.memberships import join_unit
from lms.places.models import Unit
from lms.progress.proposing import Approval, approve, propose
from tests.awarding import SIGNER, learn_before, member, place_of, room_of
from tests.cast import OPENED, Cast, gather
from tests.conftest import SERVER, made_database
from tests.story import ISSUER

One = TypeVar("One")
Two = TypeVar("Two")


@dataclass(frozen=True)
class World:
    """A database with both its doors, and in each class of Hoa Sen two pupils who are ready."""

    database: Database
    cast: Cast
    catalogue: Catalogue
    ready: dict[uuid.UUID, set[uuid.UUID]]

    def crosswise(self, first: Callable[[Session], One], second: Callable[[Session], Two]) -> tuple[One, Two]:
        """Do the first, and begin the second before the first is committed."""

        def later() -> Two:
            with self.database.transaction() as db:
                return second(db)

        with ThreadPoolExecutor() as threads:
            with self.database.transaction() as db:
                one = first(db)
                other = threads.submit(later)
                time.sleep(0.2)
            return one, other.result(20)

    def send(self, db: Session, unit: Unit) -> uuid.UUID:
        """Send a class's list; return its id."""
        made = propose(
            db,
            place_of(db, unit),
            self.catalogue.courses[0],
            "student",
            self.ready[unit.id],
            self.catalogue,
            by=self.cast.lan.id,
            now=clock.now(),
        )
        return made.id

    def approve(self, db: Session, unit: Unit, proposal_id: uuid.UUID) -> Approval | None:
        """Approve a list as the head of the school."""
        found = db.scalars(sa.select(Proposal).where(Proposal.id == proposal_id)).one()
        return approve(
            db,
            found,
            room_of(db, unit, self.cast.hoa_sen),
            SIGNER,
            self.ready[unit.id],
            self.catalogue,
            ISSUER,
            by=self.cast.head.id,
            now=clock.now(),
        )

    def papers(self) -> list[Certificate]:
        """Return the school's certificates in the order of the register."""
        with self.database.reading() as db:
            found = sa.select(Certificate).where(Certificate.kind == COURSE).order_by(Certificate.sequence)
            return list(db.scalars(found))


@pytest.fixture
def world(offer: Offer, tmp_path: object) -> Iterator[World]:
    """Give a world of the test's own."""
    if SERVER:
        with made_database() as url:
            yield from _filled(Database(url), offer)
        return
    yield from _filled(Database(f"sqlite:///{tmp_path}/lms.db"), offer)


def _filled(database: Database, offer: Offer) -> Iterator[World]:
    migrations.upgrade(database)
    ready: dict[uuid.UUID, set[uuid.UUID]] = {}
    with database.transaction() as db:
        sync(db, offer, clock.now())
        cast, catalogue = gather(db), load(db)
        for unit in (cast.class_4a, cast.class_4b):
            doers = [member(db, unit, f"{name} Lớp") for name in ("Một", "Hai")]
            for doer in doers:
                learn_before(db, doer, catalogue, cast.lan_person.id)
            ready[unit.id] = {doer.person_id for doer in doers if doer.person_id}
    # Connections are open beforehand: the second writer must not come late because it dials.
    with database.writer.connect():
        pass
    yield World(database, cast, catalogue, ready)
    database.close()


def test_two_officers_approving_one_list_issue_once(world: World) -> None:
    unit = world.cast.class_4a
    with world.database.transaction() as db:
        made = world.send(db, unit)
    first, second = world.crosswise(
        lambda db: world.approve(db, unit, made), lambda db: world.approve(db, unit, made)
    )
    assert first is not None
    assert second is None
    assert len(world.papers()) == 2


def test_two_classes_approved_at_once_get_numbers_without_gap_or_double(world: World) -> None:
    a, b = world.cast.class_4a, world.cast.class_4b
    with world.database.transaction() as db:
        of_a, of_b = world.send(db, a), world.send(db, b)
    world.crosswise(lambda db: world.approve(db, a, of_a), lambda db: world.approve(db, b, of_b))
    numbers = [paper.register_number or "" for paper in world.papers()]
    assert [number[:4] for number in numbers] == ["0001", "0002", "0003", "0004"]
    with world.database.reading() as db:
        assert list(broken_links(db)) == []


def test_people_of_two_classes_approved_at_once_get_one_paper_each(world: World) -> None:
    a, b = world.cast.class_4a, world.cast.class_4b
    world.ready[b.id] = world.ready[a.id]
    with world.database.transaction() as db:
        for person_id in world.ready[a.id]:
            join_unit(db, person_id, b.id, "student", "Hai Lớp", OPENED)
        of_a, of_b = world.send(db, a), world.send(db, b)
    with pytest.raises(ProposalRefused):
        world.crosswise(lambda db: world.approve(db, a, of_a), lambda db: world.approve(db, b, of_b))
    assert len(world.papers()) == 2


def test_a_list_approved_and_returned_at_once_is_only_what_came_first(world: World) -> None:
    unit = world.cast.class_4a

    def return_it(db: Session) -> bool:
        found = db.scalars(sa.select(Proposal).where(Proposal.id == made)).one()
        return send_back(db, found, "Xem lại", world.cast.head.id, clock.now())

    with world.database.transaction() as db:
        made = world.send(db, unit)
    approved, returned = world.crosswise(lambda db: world.approve(db, unit, made), return_it)
    assert approved is not None
    assert returned is False
    with world.database.reading() as db:
        assert db.scalars(sa.select(Proposal.decision)).one() == "approved"


def test_two_teachers_sending_at_once_make_one_list(world: World) -> None:
    unit = world.cast.class_4a
    first, second = world.crosswise(lambda db: world.send(db, unit), lambda db: world.send(db, unit))
    assert first == second
    with world.database.reading() as db:
        assert len(lines(db, first)) == 2


def test_an_approval_that_fails_leaves_no_gap_in_the_numbers(world: World) -> None:
    a, b = world.cast.class_4a, world.cast.class_4b
    with world.database.transaction() as db:
        of_a, of_b = world.send(db, a), world.send(db, b)
    with pytest.raises(ZeroDivisionError), world.database.transaction() as db:
        _break_after(world.approve(db, a, of_a))
    with world.database.transaction() as db:
        world.approve(db, b, of_b)
    assert [(paper.register_number or "")[:4] for paper in world.papers()] == ["0001", "0002"]


def _break_after(done: Approval | None) -> None:
    assert done is not None
    raise ZeroDivisionError
