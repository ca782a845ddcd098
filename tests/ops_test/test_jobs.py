"""What runs by itself: once each, whoever is killed, however late."""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import select

from lms import clock, queue
from lms.accounts.models import BrowserSession, Throttle
from lms.clock import VIETNAM
from lms.db import Database, new_id
from lms.jobs import TIMETABLE, JobFailed, Pulse, Runner, Site, Task, scheduler_for
from lms.people.actions import make_learner
from lms.people.models import Learner
from tests.ops_test.home import Home

pytestmark = pytest.mark.server

NAMES = {task.name for task in TIMETABLE}
SLOW = """
import sys, time
from pathlib import Path
from lms import clock, jobs, queue, tables
from lms.config import load
from lms.db import Database
from lms.people.actions import make_learner

config = load()
runner = jobs.Runner(jobs.Site(Database(config.database_url), config), ())
with runner.database.transaction() as db:
    job = queue.lease_next(db, clock.now())
print("leased", flush=True)
sys.stdin.readline()
try:
    with runner.database.transaction() as db:
        queue.run(db, job, lambda db: str(make_learner(db, clock.now())), clock.now())
    print("done", flush=True)
except queue.LeaseLost:
    print("refused", flush=True)
"""


def rows(home: Home) -> list[queue.Job]:
    found: list[queue.Job] = []

    def read(database: Database) -> None:
        with database.reading() as db:
            found.extend(db.scalars(select(queue.Job).order_by(queue.Job.name, queue.Job.due)))

    home.with_database(read)
    return found


def eventually(home: Home, what: Callable[[list[queue.Job]], bool], seconds: float = 60) -> list[queue.Job]:
    end = time.monotonic() + seconds
    while not what(found := rows(home)):
        assert time.monotonic() < end, [(job.name, job.state, job.error) for job in found]
        time.sleep(0.2)
    return found


def runner(home: Home, *tasks: Task) -> Runner:
    return Runner(Site(home.database(), home.config()), tasks or TIMETABLE)


def put(home: Home, name: str, due: datetime) -> None:
    def enqueue(database: Database) -> None:
        with database.transaction() as db:
            queue.enqueue(db, name, due)

    home.with_database(enqueue)


# ---- when -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-06-15T02:29", "2026-06-14T02:30", "2026-06-15T02:30"),
        ("2026-06-15T02:30", "2026-06-15T02:30", "2026-06-15T02:30"),
        ("2027-01-01T00:00", "2026-12-31T02:30", "2027-01-01T02:30"),
    ],
)
def test_a_task_is_due_by_the_clock_of_viet_nam(now: str, last: str, following: str) -> None:
    nightly = next(task for task in TIMETABLE if task.name == "nightly-backup")
    moment = datetime.fromisoformat(now).replace(tzinfo=VIETNAM).astimezone(UTC)
    assert nightly.last_due(moment) == datetime.fromisoformat(last).replace(tzinfo=VIETNAM)
    assert nightly.next_due(moment) == datetime.fromisoformat(following).replace(tzinfo=VIETNAM)


def test_what_was_due_while_the_machine_was_off_is_queued_once(home: Home) -> None:
    after_a_week, one = datetime(2026, 11, 22, 1, tzinfo=UTC), runner(home)
    for _ in range(3):
        one.enqueue_due(after_a_week)
    one.database.close()
    assert {(job.name, job.due.astimezone(VIETNAM).date().day) for job in rows(home)} == {
        (name, 22) for name in NAMES
    }
    assert len(rows(home)) == len(NAMES)


def test_a_task_due_more_than_a_day_ago_is_not_made_up_for() -> None:
    yearly = Task("yearly", "0 0 1 1 *")
    assert yearly.last_due(datetime(2026, 1, 3, tzinfo=UTC)) is None


# ---- who --------------------------------------------------------------------------------------


@pytest.mark.server
def test_two_tickers_at_once_run_each_job_once_and_stop_when_asked(home: Home) -> None:
    tickers = [home.start("-m", "lms.cli", "jobs", "ticker") for _ in range(2)]
    try:
        done = eventually(
            home, lambda jobs: len(jobs) == len(NAMES) and all(job.state == "done" for job in jobs)
        )
        assert {job.name for job in done} == NAMES
        assert [(job.tries, job.term) for job in done] == [(1, 1)] * len(NAMES)
        assert len(list((home.data / "backups").glob("sao-luu-*"))) == 1
        beat = (home.data / queue.HEARTBEAT).stat().st_mtime
        assert abs(clock.now().timestamp() - beat) < 60
    finally:
        for ticker in tickers:
            ticker.send_signal(signal.SIGTERM)
        said = [ticker.communicate(timeout=30)[1] for ticker in tickers]
    assert [ticker.returncode for ticker in tickers] == [0, 0], said
    assert sum(text.count("đã sao lưu vào") for text in said) == 1
    assert not any("Traceback" in text for text in said)


@pytest.mark.server
def test_the_ticker_ends_with_the_server_that_started_it(home: Home) -> None:
    ticker = home.start("-m", "lms.serve.leash", "lms.jobs:run_ticker")
    eventually(home, lambda jobs: bool(jobs))
    assert ticker.stdin
    ticker.stdin.close()
    assert ticker.wait(30) in (0, 1)
    for stream in (ticker.stdout, ticker.stderr):
        assert stream
        stream.close()


def leased_by_another(home: Home) -> "subprocess.Popen[str]":
    put(home, "work", clock.now())
    other = home.start("-c", SLOW)
    assert other.stdout
    assert other.stdout.readline() == "leased\n"
    return other


def taken_over(home: Home, now: datetime) -> queue.Job | None:
    taken: list[queue.Job | None] = []

    def take(database: Database) -> None:
        with database.transaction() as db:
            taken.append(queue.lease_next(db, now))

    home.with_database(take)
    return taken[0]


def test_a_run_that_was_killed_is_taken_over_when_its_lease_ends(home: Home) -> None:
    other = leased_by_another(home)
    other.kill()
    other.communicate()
    assert taken_over(home, clock.now()) is None
    job = taken_over(home, clock.now() + queue.LEASE + timedelta(seconds=1))
    assert job is not None
    assert (job.term, job.tries) == (2, 2)


def test_a_run_that_slept_through_its_lease_leaves_no_effect(home: Home) -> None:
    other = leased_by_another(home)
    later = clock.now() + queue.LEASE + timedelta(seconds=1)
    job = taken_over(home, later)

    def finish(database: Database) -> None:
        assert job is not None
        with database.transaction() as db:
            queue.run(db, job, lambda db: str(make_learner(db, later)), later)

    home.with_database(finish)
    said, _ = other.communicate("go\n", timeout=30)
    assert said == "refused\n"
    assert home.count(Learner) == 1
    assert [(one.state, one.term) for one in rows(home)] == [("done", 2)]


def test_a_run_still_in_its_lease_has_its_effect_once(home: Home) -> None:
    other = leased_by_another(home)
    assert other.communicate("go\n", timeout=30)[0] == "done\n"
    assert home.count(Learner) == 1
    assert taken_over(home, clock.now() + timedelta(days=1)) is None


def test_a_job_whose_every_run_was_killed_is_given_up(home: Home) -> None:
    now = clock.now()
    put(home, "work", now)
    for number in range(1, queue.TRIES + 1):
        job = taken_over(home, now + number * (queue.LEASE + timedelta(seconds=1)))
        assert job is not None
    assert taken_over(home, now + timedelta(days=1)) is None
    assert [(job.state, job.error) for job in rows(home)] == [("failed", "bị dừng giữa chừng nhiều lần")]


# ---- what -------------------------------------------------------------------------------------


def broken(site: Site, now: datetime) -> str:
    raise JobFailed("đĩa đầy")


def test_a_failure_is_noted_and_tried_again_later_five_times(home: Home) -> None:
    one, now = runner(home, Task("work", "0 0 * * *", outside=broken)), clock.now()
    put(home, "work", now - timedelta(minutes=1))
    assert one.run_next()
    assert not one.run_next()
    assert [(job.state, job.tries, job.error) for job in rows(home)] == [("waiting", 1, "đĩa đầy")]
    for _ in range(queue.TRIES - 1):
        now += timedelta(hours=1)
        with one.database.transaction() as db:
            job = queue.lease_next(db, now)
            assert job is not None
            queue.fail(db, job.id, job.term, "đĩa đầy", now)
    one.database.close()
    assert taken_over(home, now + timedelta(days=1)) is None
    assert [(job.state, job.tries) for job in rows(home)] == [("failed", queue.TRIES)]


def test_an_effect_that_fails_halfway_leaves_nothing(home: Home) -> None:
    def half(db: object, now: datetime) -> str:
        make_learner(db, now)  # type: ignore[arg-type]
        raise ValueError("giữa chừng")

    one = runner(home, Task("work", "0 0 * * *", inside=half))
    with pytest.raises(JobFailed, match="giữa chừng"):
        one.run_now("work")
    one.database.close()
    assert home.count(Learner) == 0
    assert [job.state for job in rows(home)] == ["waiting"]


def test_old_sessions_and_counts_of_guesses_are_forgotten_and_new_ones_kept(home: Home) -> None:
    now = clock.now()

    def fill(database: Database) -> None:
        with database.transaction() as db:
            for number, days in enumerate((-31, -29, 10)):
                expires = now + timedelta(days=days)
                row = {"id": new_id(), "token_mac": bytes([number]), "made_at": now, "expires_at": expires}
                db.add(BrowserSession(**row))
            for number, hours in enumerate((25, 1)):
                at = now - timedelta(hours=hours)
                db.add(Throttle(key=bytes([number]), failures=1, first_at=at, last_at=at))

    home.with_database(fill)
    assert "xóa 1 phiên" in home.did("jobs", "run", "forget-old-sessions")
    assert (home.count(BrowserSession), home.count(Throttle)) == (2, 1)


def test_facts_that_run_out_soon_are_named(home: Home, own_content: Callable[[Home], Home]) -> None:
    home = own_content(home)
    assert "không số liệu nào" in home.did("jobs", "run", "check-facts")
    facts = home.content / "courses" / "facts.toml"
    soon = clock.today() + timedelta(days=20)
    facts.write_text(
        re.sub(r"^expires = .*", f"expires = {soon}", facts.read_text("utf-8"), count=1, flags=re.MULTILINE),
        encoding="utf-8",
    )
    assert f"({soon:%d/%m/%Y})" in home.did("jobs", "run", "check-facts")


def test_the_list_says_when_each_job_runs_and_how_it_went(home: Home) -> None:
    home.did("jobs", "run", "nightly-backup")
    said = home.did("jobs", "list").splitlines()
    assert len(said) == len(NAMES)
    nightly = next(line for line in said if line.startswith("nightly-backup"))
    assert re.search(r"lần tới 02:30 \d\d/\d\d/\d{4}, lần trước \d\d:\d\d \d\d/\d\d/\d{4}, xong$", nightly)
    assert sum("chưa chạy lần nào" in line for line in said) == len(NAMES) - 1


def test_an_unknown_job_is_refused_with_the_names_there_are(home: Home) -> None:
    result = home.lms("jobs", "run", "nau-com")
    assert result.exit_code == 1
    assert all(name in result.output for name in NAMES)


def test_after_the_clock_was_put_back_the_ticker_wakes_at_once(home: Home, tmp_path: Path) -> None:
    scheduler, leads = scheduler_for(runner(home)), iter([0.0, 0.0, -3600.0])
    asleep = clock.now() + timedelta(hours=1)
    job = scheduler.get_job("tick")
    assert isinstance(scheduler, BlockingScheduler)
    job.modify(next_run_time=asleep)
    (tmp_path / "beat").touch()
    pulse = Pulse(tmp_path / "beat", scheduler, lambda: next(leads))
    pulse.beat()
    assert job.next_run_time == asleep
    pulse.beat()
    assert job.next_run_time <= clock.now()
