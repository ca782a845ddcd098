"""Many writers on one database: they wait for each other, none is refused, none is left behind."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from lms import clock
from lms.db import Database, sqlite_module
from lms.people.actions import make_learner
from lms.people.models import Learner
from tests.durability_test.conftest import MakeUrl

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database and close it at the end."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def writers(url: str, what: str) -> "subprocess.Popen[str]":
    """Start a process that writes."""
    command = [sys.executable, "-m", "tests.durability_test.writers", url, what]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def count(database: Database) -> int:
    """Return how many learners there are."""
    with database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(Learner)) or 0


def add(database: Database) -> None:
    """Write one learner."""
    with database.transaction() as db:
        make_learner(db, clock.now())


def add_and_fail(database: Database) -> None:
    """Write one learner and think better of it."""
    with database.transaction() as db:
        make_learner(db, clock.now())
        raise ZeroDivisionError


def test_writers_of_two_processes_wait_for_each_other_and_none_is_refused(url: str) -> None:
    processes = [writers(url, "write") for _ in range(2)]
    told = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert [one["faults"] for one in told] == [[], []]
    waits = sorted(wait for one in told for wait in one["waits"])
    print(f"{len(waits)} writes, p99 {waits[len(waits) * 99 // 100] * 1000:.0f} ms, worst {waits[-1]:.2f} s")
    with opened(url) as database:
        assert count(database) == len(waits)
    shares = sorted(len(one["waits"]) for one in told)
    assert shares[0] * 5 > shares[1], "one process hardly got a turn"
    assert waits[-1] < 3, "a writer was left behind"


def test_a_writer_killed_in_its_turn_keeps_nobody_waiting(make_url: MakeUrl) -> None:
    url = make_url("SQLite")
    with writers(url, "hold") as holder, opened(url) as database, ThreadPoolExecutor() as threads:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        waiting = threads.submit(add, database)
        with pytest.raises(StillWaiting):
            waiting.result(0.3)
        killed = time.monotonic()
        holder.kill()
        waiting.result(10)
        assert time.monotonic() - killed < 2
        assert count(database) == 1


def test_a_writer_that_finds_the_file_locked_gives_its_turn_away(make_url: MakeUrl) -> None:
    url = make_url("SQLite")
    stranger = sqlite_module().connect(sa.make_url(url).database, isolation_level=None)
    with opened(url) as refused, opened(url) as other:
        event.listen(refused.writer, "checkout", lambda dbapi, *_: dbapi.execute("PRAGMA busy_timeout=50"))
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            add(refused)
        stranger.execute("ROLLBACK")
        stranger.close()
        with ThreadPoolExecutor() as threads:
            threads.submit(add, other).result(2)
        add(refused)
        assert count(other) == 2


def test_a_turn_ends_with_its_transaction_however_that_ends(make_url: MakeUrl) -> None:
    url = make_url("SQLite")
    with opened(url) as failing, opened(url) as other, ThreadPoolExecutor() as threads:
        with pytest.raises(ZeroDivisionError):
            add_and_fail(failing)
        threads.submit(add, other).result(2)
        with failing.transaction() as db:
            make_learner(db, clock.now())
            db.connection().invalidate()
            db.rollback()
            threads.submit(add, other).result(2)
        assert count(other) == 2
