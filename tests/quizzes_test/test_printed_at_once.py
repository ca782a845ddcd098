"""Two teachers, or a teacher and a pupil's own phone, at the same moment: on real doors."""

import time
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
from lms.db import Database
from lms.progress.models import ItemCompletion
from lms.quizzes.models import Attempt, PrintedResult, TypedSheet
from lms.quizzes.sheet_landing import Landed, land
from lms.quizzes.sheets import PaperTest
from tests.awarding import member
from tests.cast import Cast, gather
from tests.conftest import SERVER, made_database
from tests.quizzes_test.printed_class import answers, printed, type_once, type_twice
from tests.story import ISSUER, SECRET, take_check

One = TypeVar("One")
Two = TypeVar("Two")
PUPILS = 3


@dataclass(frozen=True)
class World:
    """A database with both its doors, and a class whose sheets were typed twice alike."""

    database: Database
    cast: Cast
    catalogue: Catalogue
    test: PaperTest

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

    def land(self, db: Session) -> Landed:
        """Land the class before cô Lan."""
        witness = self.cast.lan_person.id
        return land(db, SECRET, self.test, self.catalogue, ISSUER, witness, clock.now())

    def count(self, model: type) -> int:
        """Return how many rows of a table there are."""
        with self.database.reading() as db:
            return db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, offer: Offer) -> Iterator[World]:
    """Make a database of the test's own."""
    if SERVER:
        with made_database() as url:
            yield from _world(url, offer)
    else:
        yield from _world(f"sqlite:///{tmp_path_factory.mktemp('at-once') / 'lms.db'}", offer)


def _world(url: str, offer: Offer) -> Iterator[World]:
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, offer, clock.now())
    with database.transaction() as db:
        cast, catalogue = gather(db), load(db)
        test = printed(db, cast.class_4a, catalogue.courses[0].modules[0], cast.lan)
        doers = [member(db, cast.class_4a, f"Lý A {number}") for number in range(PUPILS)]
        code = next(iter(test.versions))
        right = answers(catalogue, test, code)
        type_twice(db, test, {doer.person_id: (code, right) for doer in doers if doer.person_id})
    yield World(database, cast, catalogue, test)
    database.close()


def test_two_who_land_at_once_make_each_result_once(world: World) -> None:
    assert world.crosswise(world.land, world.land) == (Landed(PUPILS, PUPILS), Landed(0, 0))
    assert world.count(Attempt) == world.count(PrintedResult) == PUPILS
    assert world.count(ItemCompletion) == PUPILS


def test_a_sheet_typed_anew_while_it_lands_stays_as_it_landed(world: World) -> None:
    with world.database.reading() as db:
        held = db.scalars(sa.select(TypedSheet).where(TypedSheet.entry == 1)).all()
    rows = {row.person_id: (row.version, "---") for row in held}
    shown = {row.person_id: (row.version, row.letters) for row in held}
    told, saved = world.crosswise(world.land, lambda db: type_once(db, world.test, 1, rows, shown=shown))
    assert told == Landed(PUPILS, PUPILS)
    assert saved.changed == 0


def test_a_pupil_who_takes_the_check_on_a_phone_meanwhile_waits_and_both_count(world: World) -> None:
    with world.database.transaction() as db:
        doer = member(db, world.cast.class_4a, "Lý A Bốn")
        assert doer.person_id is not None
        code = next(iter(world.test.versions))
        right = answers(world.catalogue, world.test, code)
        type_twice(db, world.test, {doer.person_id: (code, right)})
    module = world.catalogue.courses[0].modules[0]
    told, answered = world.crosswise(world.land, lambda db: take_check(db, doer, module, world.catalogue))
    assert told.made == PUPILS + 1
    assert answered.score is not None
    with world.database.reading() as db:
        own = sa.select(Attempt.number, Attempt.level).where(Attempt.learner_id == doer.learner_id)
        assert sorted(tuple(row) for row in db.execute(own)) == [(1, 2), (2, 1)]
