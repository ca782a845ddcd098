"""Two regrades, two workers, a hand-in and a decision at the same moment, on real doors; one broken off."""

import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms import clock, migrations
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue
from lms.catalog.models import Regrade
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.certificates.models import Certificate
from lms.certificates.queries import broken_links
from lms.db import Database, new_id
from lms.progress.actions import Doer, complete_lesson
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import answer, start_attempt
from lms.quizzes.mark_changes import hold_marks, standings
from lms.quizzes.models import HandIn, MarkChange
from lms.quizzes.queries import paper_by_code
from lms.quizzes.regrade_actions import carry_out, decide, finish_all
from tests.conftest import SERVER, made_database
from tests.quizzes_test.regrade_world import (
    BY,
    DAY,
    MODULE,
    QUESTION,
    Mark,
    count,
    finish,
    key,
    mark,
    publish,
    settle,
    take,
)
from tests.story import ISSUER, known, learn_module

One, Two = TypeVar("One"), TypeVar("Two")
FAILS = 7


@dataclass(frozen=True)
class World:
    """A database with both its doors, in which seven people failed by a question since corrected."""

    database: Database
    before: Catalogue
    attempts: tuple[uuid.UUID, ...]

    def crosswise(self, first: Callable[[Session], One], second: Callable[[], Two]) -> tuple[One, Two]:
        """Do the first, and begin the second before the first is committed."""
        with ThreadPoolExecutor() as threads:
            with self.database.transaction() as db:
                one = first(db)
                other = threads.submit(second)
                time.sleep(0.2)
            return one, other.result(20)

    def counts(self) -> tuple[int, int, int, int]:
        """Return how many regrades, later marks, certificates and completed modules there are."""
        with self.database.reading() as db:
            modules = count(db, ItemCompletion, ItemCompletion.item_id == MODULE)
            return count(db, Regrade), count(db, MarkChange), count(db, Certificate), modules

    def marks(self) -> set[Mark]:
        """Return the marks of the seven, each once, having recomputed the register."""
        with self.database.reading() as db:
            assert list(broken_links(db)) == []
            return {mark(db, attempt) for attempt in self.attempts}

    def decide(self) -> Regrade:
        """Decide the regrade, without carrying it out."""
        with self.database.transaction() as db:
            regrade = decide(db, QUESTION, BY, clock.now(), ref=new_id().hex[-12:])
        assert regrade is not None
        return regrade


ONCE = (1, FAILS, FAILS, FAILS)
RIGHT = {Mark(Fraction(3), 3, passed=True)}


@pytest.fixture(scope="module")
def original(offer: Offer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Make the database that every test here has a copy of."""
    folder = tmp_path_factory.mktemp("regrading")
    if SERVER:
        with made_database() as url:
            furnish(url, offer)
            yield url, folder
    else:
        furnish(f"sqlite:///{folder / 'original.db'}", offer)
        yield f"sqlite:///{folder / 'original.db'}", folder


def furnish(url: str, offer: Offer) -> None:
    """Let seven people learn everything, and fail by a question that is corrected afterwards."""
    database, yesterday = Database(url), clock.now() - DAY
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, offer, clock.now())
    with database.transaction() as db:
        catalogue = load(db)
        for n in range(FAILS):
            doer = known(db, f"Trần Thị Na {n}", yesterday)
            learn_module(db, doer, catalogue.modules["man-hinh"], catalogue, yesterday)
            for lesson in catalogue.modules[MODULE].lessons:
                complete_lesson(db, doer, lesson, catalogue, ISSUER, yesterday)
            take(db, doer, catalogue.modules[MODULE], catalogue, yesterday, db_dau_cong="c")
    database.close()


@pytest.fixture
def world(original: tuple[str, Path], offer: Offer) -> Iterator[World]:
    """Give a test a copy, in which the key has just been corrected."""
    url, folder = original
    if SERVER:
        copy = made_database()
        address = copy.__enter__()
        copy._run(f"DROP DATABASE {copy.name}")
        copy._run(f"CREATE DATABASE {copy.name} TEMPLATE {url.rpartition('/')[2]}")
    else:
        address = f"sqlite:///{shutil.copy(folder / 'original.db', folder / f'{uuid.uuid4().hex}.db')}"
    database = Database(address)
    with database.transaction() as db:
        before = load(db)
        failed = sa.select(HandIn.attempt_id).where(HandIn.passed.is_(False))
        attempts = tuple(db.scalars(failed))
        publish(db, offer, db_dau_cong=key("c"))
    yield World(database, before, attempts)
    database.close()
    if SERVER:
        copy.__exit__()


def test_two_who_apply_the_same_correction_at_once_decide_it_once(world: World) -> None:
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(settle, world.database) for _ in range(2)]
        found = [each.result(60) for each in both]
    assert sum(regrade is not None for regrade, _ in found) == 1
    assert world.counts() == ONCE
    assert world.marks() == RIGHT


def test_two_workers_carry_one_regrade_out_once(world: World) -> None:
    regrade = world.decide()
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(finish, world.database, regrade) for _ in range(2)]
        steps = [each.result(60) for each in both]
    assert sum(step.marks for step in steps) == sum(step.passes for step in steps) == FAILS
    assert world.counts() == ONCE
    assert world.marks() == RIGHT


@pytest.mark.parametrize("done", [0, 1, 4])
def test_a_regrade_killed_on_its_way_is_finished_by_the_next_run(world: World, done: int) -> None:
    regrade = world.decide()
    steps = carry_out(world.database, regrade, ISSUER, clock.now)
    for _ in range(done):
        next(steps)
    del steps
    assert world.counts() == (1, done, done, done)
    assert finish_all(world.database, ISSUER, clock.now).passes == FAILS - done
    assert world.counts() == ONCE
    assert world.marks() == RIGHT


def test_a_paper_handed_in_while_the_decision_is_made_ends_with_the_right_mark(world: World) -> None:
    module, now = world.before.modules[MODULE], clock.now()
    with world.database.transaction() as db:
        doer = known(db, "Lê Văn Tý", now)
        code = start_attempt(db, doer, module, now - DAY)

    def hand_in(db: Session) -> uuid.UUID:
        return answered(db, doer, code, world.before)

    def regrade() -> Regrade:
        decided = world.decide()
        finish(world.database, decided)
        return decided

    attempt, _ = world.crosswise(hand_in, regrade)
    finish_all(world.database, ISSUER, clock.now)
    with world.database.reading() as db:
        assert mark(db, attempt) == Mark(Fraction(3), 3, passed=True)
        assert count(db, MarkChange, MarkChange.attempt_id == attempt) == 1
    assert world.marks() == RIGHT


def answered(db: Session, doer: Doer, code: str, catalogue: Catalogue) -> uuid.UUID:
    """Answer a paper by the catalogue of before: c to the question, the others rightly."""
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    assert paper is not None
    for row in paper.rows:
        right = next(c.key for c in catalogue.questions[row.edition_id].choices if c.is_right)
        choice = "c" if row.question_id == QUESTION else right
        answer(db, doer, code, row.position, choice, catalogue, ISSUER, clock.now())
    return paper.attempt_id


def test_a_mark_given_by_hand_meanwhile_is_neither_lost_nor_added_twice(world: World) -> None:
    attempt = world.attempts[0]

    def by_hand(db: Session) -> None:
        hold_marks(db, [attempt])
        was = standings(db, [attempt])[attempt]
        same = {"points": was.points, "out_of": was.out_of, "scale": was.scale, "passed": was.passed}
        before = {f"was_{name}": value for name, value in same.items()}
        said = {"at": clock.now(), "by": "Cô Lan", "reason": "Chấm câu viết."}
        row = MarkChange(id=new_id(), attempt_id=attempt, regrade_id=None, **same, **before, **said)
        db.add(row)
        db.flush()

    world.crosswise(by_hand, lambda: settle(world.database))
    with world.database.reading() as db:
        rows = sa.select(MarkChange.points, MarkChange.was_points).where(MarkChange.attempt_id == attempt)
        assert [tuple(row) for row in db.execute(rows.order_by(MarkChange.at))] == [(2, 2), (3, 2)]
    assert world.marks() == RIGHT
