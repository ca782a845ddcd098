"""A whole computer room presses “Bắt đầu” in one second: one paper each, and even halves."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms import clock, migrations
from lms.catalog.actions import sync
from lms.catalog.offer import Offer
from lms.db import Database
from lms.progress.actions import Doer
from lms.quizzes.models import Attempt, Sitting
from lms.quizzes.sittings import enter_sitting
from tests.awarding import member
from tests.cast import gather
from tests.conftest import SERVER, made_database
from tests.quizzes_test.sitting_class import Room, open_room

TAPS = 20


@pytest.fixture
def own_database(tmp_path: Path, offer: Offer) -> Iterator[Database]:
    """Give a database with real transactions and the sample library."""
    if SERVER:
        with made_database() as url:
            yield from _filled(Database(url), offer)
    else:
        yield from _filled(Database(f"sqlite:///{tmp_path / 'own.db'}"), offer)


def _filled(database: Database, offer: Offer) -> Iterator[Database]:
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, offer, clock.now())
    yield database
    database.close()


def all_at_once(doers: list[Doer], enter: Callable[[Doer], None]) -> None:
    """Let everybody enter in one moment."""
    together = threading.Barrier(len(doers))

    def run(doer: Doer) -> None:
        together.wait()
        enter(doer)

    threads = [threading.Thread(target=run, args=(doer,)) for doer in doers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_pupil_in_twenty_tabs_has_one_paper_and_a_class_even_halves(own_database: Database) -> None:
    with own_database.transaction() as db:
        room = open_room(db, gather(db), form="AB", draw=2)
        pupils = [member(db, room.cast.class_4a, f"Vàng Thị {name}") for name in ("Xúa", "Mỷ", "Dế", "Say")]
        last = member(db, room.cast.class_4a, "Vàng A Páo")
    codes: list[str] = []

    def enter(doer: Doer) -> None:
        with own_database.transaction() as own:
            sitting = own.scalars(sa.select(Sitting).where(Sitting.id == room.sitting.id)).one()
            codes.append(enter_sitting(own, doer, sitting, room.module, room.opened_at))

    all_at_once([last] * TAPS, enter)
    assert len(codes) == TAPS
    assert len(set(codes)) == 1
    all_at_once(pupils, enter)
    assert forms(room, own_database) == Counter(A=3, B=2)


def forms(room: Room, database: Database) -> Counter[str | None]:
    """Return how many papers of each form there are."""
    with database.reading() as db:
        return Counter(db.scalars(sa.select(Attempt.form).where(Attempt.sitting_id == room.sitting.id)))
