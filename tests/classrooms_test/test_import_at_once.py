"""Two imports of one school at the same moment: one after the other, nobody twice."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms import clock, migrations
from lms.classrooms.importing import Outcome, apply_pupils, wait_for_turn
from lms.classrooms.planning import plan_pupils
from lms.classrooms.rosters import school_roster
from lms.db import Database
from lms.people.models import Membership, Person
from lms.places.actions import open_unit
from lms.places.queries import Place, place
from tests.classrooms_test.rolls import CLERK, YEAR, pupil
from tests.conftest import SERVER, made_database

ROWS = [
    pupil(
        n, f"Lò Thị {name}", date(2017, 1, 1 + n), ("mẹ", f"Lò Thị {name} Anh", f"0900000{n:03}"), room="4A"
    )
    for n, name in enumerate(("Pâng", "Én", "Mai"))
]


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[Database]:
    """Give a database with real transactions."""
    if SERVER:
        with made_database() as url:
            yield from opened(url)
    else:
        yield from opened(f"sqlite:///{tmp_path / 'own.db'}")


def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    migrations.upgrade(database)
    yield database
    database.close()


def test_two_imports_at_once_write_everybody_once(own_database: Database) -> None:
    today, now = clock.today(), clock.now()
    with own_database.transaction() as db:
        ref = open_unit(db, "school", "Trường Thử", type="TH", opened_on=date(2026, 8, 1), now=now).ref
    both, outcomes = threading.Barrier(2), []

    def read_in() -> None:
        both.wait()
        with own_database.transaction() as db:
            school = place(db, ref, today)
            assert isinstance(school, Place)
            wait_for_turn(db, school.id)
            plan = plan_pupils(school_roster(db, school.id), ROWS, YEAR)
            outcomes.append(apply_pupils(db, school, plan, CLERK, now))

    threads = [threading.Thread(target=read_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.changes for outcome in outcomes) == [0, 6]
    assert Outcome(same=3) in outcomes
    with own_database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Person)) == 6
        assert db.scalar(sa.select(sa.func.count()).select_from(Membership)) == 6
