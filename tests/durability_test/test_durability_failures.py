"""What cannot be kept is never acknowledged, and nothing is kept by halves; then work goes on."""

import os
import resource
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.durability_test.clients import (
    LESSONS,
    MODULE,
    QUESTIONS,
    Crowd,
    Reply,
    answer_path,
    device_key,
    tap,
)
from tests.durability_test.conftest import MakeUrl, furnish
from tests.durability_test.holdings import assert_intact, doubles, half_done, losses
from tests.durability_test.site import Site
from tests.run import postgresql

pytestmark = pytest.mark.server
TABLES = ("learners", "browser_sessions", "attempts", "paper_questions", "answers", "hand_ins")
RECOVERY_SECONDS = 10
Faults = dict[str, tuple[str, ...]]
FAIL = "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fault'; END $$"
COMMIT_FAILS: Faults = {
    "sqlite": (
        "CREATE TABLE IF NOT EXISTS nowhere (id INTEGER PRIMARY KEY)",
        "CREATE TABLE IF NOT EXISTS dangling (nowhere REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER fault AFTER INSERT ON {table} BEGIN INSERT INTO dangling VALUES (1); END",
    ),
    "postgresql": (
        FAIL,
        "CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION fail()",
    ),
}
INSERT_FAILS: Faults = {
    "sqlite": ("CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'fault'); END",),
    "postgresql": (
        FAIL,
        "CREATE TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()",
    ),
}


@contextmanager
def spoilt(site: Site, faults: Faults, table: str) -> Iterator[None]:
    """Make every insert into a table, or its commit, fail."""
    mend = {"sqlite": "DROP TRIGGER fault", "postgresql": "DROP TRIGGER fault ON {table}"}
    run(site, faults[site.kind], table)
    try:
        yield
    finally:
        run(site, [mend[site.kind]], table)


def run(site: Site, statements: Sequence[str], table: str) -> None:
    """Run statements past the product."""
    with site.database() as connection:
        for statement in statements:
            connection.execute(sa.text(statement.format(table=table)))


def held(site: Site) -> list[object]:
    """Return how many rows the tables of a check have."""
    return [site.one(f"SELECT count(*) FROM {table}") for table in TABLES]


def almost_answered(site: Site) -> tuple[str | None, str]:
    """Start a check and leave one question; return the cookie and where its answer goes."""
    reply = tap(site.port, None, MODULE, {"khoa": device_key()})
    code = reply.location.removeprefix("/kiem-tra/")
    for position in range(1, QUESTIONS):
        assert tap(site.port, reply.token, answer_path(code, position), {"chon": "a"}).is_kept
    return reply.token, answer_path(code, QUESTIONS)


def assert_refused(reply: Reply) -> None:
    """Insist that a reply cannot be taken for an acknowledgement."""
    assert reply.status >= 500, reply
    assert reply.token is None
    assert reply.location == ""
    assert "Bài đã làm vẫn còn." in reply.page


@pytest.mark.parametrize("faults", [COMMIT_FAILS, INSERT_FAILS], ids=["commit", "insert"])
def test_an_answer_that_cannot_be_kept_is_refused_whole_and_can_be_given_again(
    running: Site, faults: Faults
) -> None:
    token, path = almost_answered(running)
    before = held(running)
    with spoilt(running, faults, "hand_ins"):
        assert_refused(tap(running.port, token, path, {"chon": "a"}))
        assert_refused(tap(running.port, token, path, {"chon": "b"}))
        assert held(running) == before
    assert tap(running.port, token, path, {"chon": "a"}).is_kept
    assert held(running) == [*before[:-2], *(int(str(n)) + 1 for n in before[-2:])]
    assert half_done(running) == []


@pytest.mark.parametrize("faults", [COMMIT_FAILS, INSERT_FAILS], ids=["commit", "insert"])
def test_a_first_tap_that_cannot_be_kept_leaves_neither_a_learner_nor_a_cookie(
    running: Site, faults: Faults
) -> None:
    before = held(running)
    with spoilt(running, faults, "attempts"):
        assert_refused(tap(running.port, None, MODULE, {"khoa": device_key()}))
    assert held(running) == before
    assert tap(running.port, None, MODULE, {"khoa": device_key()}).is_kept


def limit_files(site: Site, size: int) -> None:
    """Let the server's workers write no file beyond a size, as on a full disk."""
    for pid in site.children():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_refuses_answers_keeps_what_it_acknowledged_and_recovers_alone(
    make_url: MakeUrl, tmp_path: Path
) -> None:
    site = Site(tmp_path, make_url("SQLite"))
    site.start()
    try:
        crowd = Crowd(site.port, 8)
        crowd.after(60)
        limit_files(site, 300_000)
        end = time.monotonic() + 20
        while len(crowd.ledger.refusals) < 20:
            assert time.monotonic() < end, "the disk never filled up"
            time.sleep(0.02)
        during = crowd.ledger.copy()
        assert losses(site, during) == []
        limit_files(site, resource.RLIM_INFINITY)
        crowd.after(60)
        ledger = crowd.stop()
        assert {status for _, status in ledger.refusals} == {503}
        assert losses(site, ledger) == []
        assert doubles(site, ledger) == []
        assert half_done(site) == []
        assert_intact(site)
    finally:
        site.stop()


@pytest.fixture
def own_server(tmp_path: Path, offer: object) -> Iterator[Site]:
    """Give an installation on a PostgreSQL of the test's own, which may be crashed."""
    with postgresql() as address:
        site = Site(tmp_path, f"{address}/postgres")
        furnish(site.url, offer)
        site.start()
        yield site
        site.stop()


def test_a_crashed_database_loses_no_acknowledged_answer_and_needs_no_restart_of_the_server(
    own_server: Site,
) -> None:
    site = own_server
    workers = site.children()
    crowd = Crowd(site.port, 16)
    pauses = []
    for _ in range(3):
        crowd.after(60)
        backends = site.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'postgres' AND pid != pg_backend_pid()"
        )
        os.kill(int(str(backends[0][0])), signal.SIGQUIT)
        began = time.monotonic()
        crowd.after(40)
        pauses.append(time.monotonic() - began)
    ledger = crowd.stop()
    print(f"crashed 3 times, at work again after {max(pauses):.1f} s at worst")
    assert max(pauses) < RECOVERY_SECONDS
    assert site.children() == workers
    assert {status for _, status in ledger.refusals} <= {503}
    assert losses(site, ledger) == []
    assert doubles(site, ledger) == []
    assert half_done(site) == []
    assert_intact(site)


def test_a_connection_the_database_has_closed_is_noticed_before_a_request_uses_it(own_server: Site) -> None:
    site = own_server
    token = tap(site.port, None, LESSONS["man-hinh-chu-to"], {"khoa": device_key()}).token
    for _ in range(5):
        site.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = 'postgres' AND pid != pg_backend_pid()"
        )
        time.sleep(0.05)
        assert tap(site.port, token, LESSONS["man-hinh-sang-vua"]).is_kept
    assert site.one("SELECT count(*) FROM item_completions") == 2
