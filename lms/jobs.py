"""What runs by itself: the timetable, the ticker that puts due jobs into the queue, the runner."""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lms import backup, clock, queue, tables  # noqa: F401  (every table must be known)
from lms.accounts.models import BrowserSession, Throttle
from lms.catalog.queries import load as load_catalogue
from lms.certificates.actions import Issuer
from lms.certificates.queries import broken_links
from lms.classrooms.drafts import forget_expired
from lms.config import Config, load
from lms.content.data import read_facts
from lms.content.problems import Problems
from lms.db import Database
from lms.migrations import is_current
from lms.quizzes.regrade_actions import FINISH, finish_all
from lms.quizzes.sittings import end_overdue, overdue_attempts
from lms.quizzes.statistics import recount

DAY = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=30)
FACTS_AHEAD = timedelta(days=30)
CLOCK_STEP = timedelta(minutes=1)
log = logging.getLogger("lms.jobs")


@dataclass(frozen=True)
class Site:
    """What a command works on."""

    database: Database
    config: Config


Inside = Callable[[Session, datetime], str]
Outside = Callable[[Site, datetime], str]


class JobFailed(Exception):
    """A job could not do its work, or found something wrong; the message says what."""


class AlreadyHeld(Exception):
    """The data folder is being restored; nothing may run on it now."""


@dataclass(frozen=True)
class Task:
    """A named command and when it is due, as a cron line in Việt Nam's time.

    `inside` changes the database only, in the transaction that ends the job. `outside` reads or
    writes files; it may run twice, so it has to end the same each time.
    """

    name: str
    cron: str
    inside: Inside | None = None
    outside: Outside | None = None

    def last_due(self, now: datetime) -> datetime | None:
        """Return the last moment this was due within a day before `now`, or None."""
        trigger, last = self._trigger(), None
        due = trigger.get_next_fire_time(None, now - DAY)
        while due is not None and due <= now:
            last, due = due, trigger.get_next_fire_time(due, due)
        return last

    def next_due(self, now: datetime) -> datetime:
        """Return the next moment this is due after `now`."""
        due: datetime = self._trigger().get_next_fire_time(None, now)
        return due

    def _trigger(self) -> CronTrigger:
        return CronTrigger.from_crontab(self.cron, timezone=clock.VIETNAM)


def back_up(site: Site, now: datetime) -> str:
    """Make the night's backup, then delete those that need not be kept."""
    try:
        made = backup.create(site.config, site.database, now)
    except backup.BackupRefused as refused:
        raise JobFailed(str(refused)) from None
    gone = backup.prune(backup.folder_of(site.config), now)
    return f"đã sao lưu vào {made.name}, xóa {len(gone)} bản cũ"


def verify_register(site: Site, _now: datetime) -> str:
    """Recompute the register of certificates from the first one on."""
    with site.database.reading() as db:
        broken = list(broken_links(db))
    if broken:
        raise JobFailed(f"sổ phiếu có {len(broken)} chỗ đứt, từ phiếu {broken[0]}. Chạy: lms cert audit")
    return "sổ phiếu liền mạch"


def forget_old_sessions(db: Session, now: datetime) -> str:
    """Delete sessions a month after they ran out, and yesterday's counts of wrong guesses."""
    old = delete(BrowserSession).where(BrowserSession.expires_at < now - SESSIONS_KEPT)
    sessions = db.execute(old.returning(BrowserSession.id)).all()
    db.execute(delete(Throttle).where(Throttle.last_at < now - DAY))
    return f"xóa {len(sessions)} phiên đã hết hạn từ lâu"


def forget_drafts(db: Session, now: datetime) -> str:
    """Delete rosters that were read a day ago and more, and never written."""
    return f"xóa {forget_expired(db, now)} danh sách nạp dở"


def end_sittings(site: Site, now: datetime) -> str:
    """Hand in the papers of sittings whose time is over, each in a transaction of its own."""
    with site.database.reading() as db:
        late = overdue_attempts(db, now)
        offered = load_catalogue(db) if late else None
    if offered is None:
        return "không bài kiểm tra nào quá giờ"
    issuer = Issuer(name=site.config.site_name, public_url=site.config.public_url)
    ended = 0
    for one in late:
        with site.database.transaction() as db:
            ended += end_overdue(db, one, offered, issuer, now)
    return f"nộp {ended} bài kiểm tra đã hết giờ"


def count_items(site: Site, now: datetime) -> str:
    """Count what answers say about the questions, for their authors."""
    counted = recount(site.database, now)
    return f"đã đếm {counted.papers} bài làm, {len(counted.questions)} câu hỏi"


def finish_regrades(site: Site, _now: datetime) -> str:
    """Change the marks that regrades have left: of one broken off, or given while it was decided."""
    issuer = Issuer(name=site.config.site_name, public_url=site.config.public_url)
    done = finish_all(site.database, issuer, clock.now)
    return f"chấm lại nốt {done.marks} bài" if done.marks else "không bài nào phải chấm lại"


def check_facts(site: Site, now: datetime) -> str:
    """Name the facts that run out within a month."""
    facts, _ = read_facts(site.config.content_root, Problems())
    last = clock.local_date(now + FACTS_AHEAD)
    soon = [f"{fact.id} ({fact.expires:%d/%m/%Y})" for fact in facts if fact.expires <= last]
    return f"số liệu sắp hết hạn: {', '.join(soon)}" if soon else "không số liệu nào sắp hết hạn"


TIMETABLE = (
    Task("nightly-backup", "30 2 * * *", outside=back_up),
    Task("verify-register", "10 3 * * *", outside=verify_register),
    Task("forget-old-sessions", "30 3 * * *", inside=forget_old_sessions),
    Task("forget-drafts", "40 3 * * *", inside=forget_drafts),
    Task(FINISH, "45 3 * * *", outside=finish_regrades),
    Task("end-sittings", "*/10 * * * *", outside=end_sittings),
    Task("count-items", "50 3 * * *", outside=count_items),
    Task("check-facts", "0 6 * * *", outside=check_facts),
)


class Runner:
    """Puts due jobs into the queue and works them off; several may run at once, each job runs once."""

    def __init__(self, site: Site, timetable: tuple[Task, ...] = TIMETABLE) -> None:
        """Remember where to work; nothing is opened yet."""
        self.site, self.database = site, site.database
        self.tasks = {task.name: task for task in timetable}
        self.is_stopping = False

    def tick(self) -> None:
        """Enqueue what has become due, a day back at most and once each, and run what waits."""
        try:
            if not is_current(self.database):
                return
            self.enqueue_due(clock.now())
            while not self.is_stopping and self.run_next():
                pass
        except SQLAlchemyError as error:
            log.warning("không dùng được cơ sở dữ liệu, sẽ thử lại: %s", error)

    def enqueue_due(self, now: datetime) -> None:
        """Put each task's last due moment into the queue unless it is there."""
        dues = {(name, due) for name, task in self.tasks.items() if (due := task.last_due(now))}
        with self.database.reading() as db:
            rows = db.execute(select(queue.Job.name, queue.Job.due).where(queue.Job.due >= now - DAY))
            known = {(row.name, row.due) for row in rows}
        if missing := dues - known:
            with self.database.transaction() as db:
                for name, due in sorted(missing):
                    queue.enqueue(db, name, due)

    def run_next(self) -> bool:
        """Run the next job that waits; return whether there was one."""
        with self.database.reading() as db:
            if not queue.is_anything_due(db, clock.now()):
                return False
        with self.database.transaction() as db:
            job = queue.lease_next(db, clock.now())
        if job is not None:
            self._run(job)
        return job is not None

    def run_now(self, name: str) -> str:
        """Run a task at once, as a job of its own, and return what it said; raises JobFailed."""
        if name not in self.tasks:
            raise JobFailed(f"Không có việc tên “{name}”. Các việc: {', '.join(self.tasks)}.")
        now = clock.now()
        with self.database.transaction() as db:
            job = queue.lease(db, queue.enqueue(db, name, now), now)
        return self._attempt(job)

    def _run(self, job: queue.Job) -> None:
        try:
            log.info("%s: %s", job.name, self._attempt(job))
        except queue.LeaseLost:
            log.warning("%s: tiến trình khác đã làm thay, bỏ kết quả này", job.name)
        except JobFailed as failed:
            log.error("%s: %s", job.name, failed)

    def _attempt(self, job: queue.Job) -> str:
        try:
            return self._effect(job)
        except queue.LeaseLost:
            raise
        except Exception as error:
            with self.database.transaction() as db:
                queue.fail(db, job.id, job.term, str(error), clock.now())
            if isinstance(error, JobFailed):
                raise
            log.debug("%s", job.name, exc_info=True)
            raise JobFailed(f"có lỗi ngoài dự kiến: {error}") from error

    def _effect(self, job: queue.Job) -> str:
        task = self.tasks.get(job.name)
        now = clock.now()
        if task is None:
            raise JobFailed(f"không có việc tên “{job.name}” trong bản phần mềm này")
        said = task.outside(self.site, now) if task.outside else ""

        def effect(db: Session, **_arguments: object) -> str:
            return task.inside(db, now) if task.inside else said

        with self.database.transaction() as db:
            return queue.run(db, job, effect, clock.now())


def wall_ahead() -> float:
    """Return by how many seconds the machine's clock leads the one that is never put back."""
    return clock.now().timestamp() - time.monotonic()


class Pulse:
    """Shows that the ticker lives, and wakes it when the machine's clock is put back.

    APScheduler plans by the wall clock: after a step back it would sleep until the old time returns.
    """

    def __init__(
        self, path: Path, scheduler: BlockingScheduler, measure: Callable[[], float] = wall_ahead
    ) -> None:
        """Remember what to touch and whom to wake; `measure` tells the clock's lead over the steady one."""
        self._path, self._scheduler, self._measure = path, scheduler, measure
        self._ahead = measure()

    def beat(self) -> None:
        """Touch the heartbeat; after a step back make every job due now."""
        os.utime(self._path)
        ahead = self._measure()
        if ahead < self._ahead - CLOCK_STEP.total_seconds():
            log.warning("đồng hồ của máy vừa lùi lại, các việc được tính giờ lại")
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=clock.now())
        self._ahead = ahead

    def run(self) -> None:
        """Beat for ever."""
        while True:
            time.sleep(queue.HEARTBEAT_SECONDS)
            self.beat()


@contextmanager
def present(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the ticker's file while the block runs, together with other tickers or alone.

    Raises AlreadyHeld when somebody holds it the other way. Who is killed holds nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyHeld(path.name) from None
        yield
    finally:
        os.close(descriptor)


def scheduler_for(runner: Runner) -> BlockingScheduler:
    """Return the scheduler that wakes a runner; late ticks are made up for once, never dropped."""
    scheduler = BlockingScheduler(
        timezone=clock.VIETNAM,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    scheduler.add_job(
        runner.tick, "interval", seconds=queue.HEARTBEAT_SECONDS, id="tick", next_run_time=clock.now()
    )
    return scheduler


def run_ticker() -> None:
    """Tick until SIGTERM, which lets the job that runs finish. `lms serve` starts this as its child."""
    logging.basicConfig(format="%(asctime)s việc nền: %(message)s")
    logging.getLogger("lms").setLevel(logging.INFO)
    # It warns each time a tick comes while a long job runs.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    config = load()
    runner = Runner(Site(Database(config.database_url), config))

    def leave(*_signal: object) -> None:
        runner.is_stopping = True
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    heartbeat = config.data / queue.HEARTBEAT
    with present(heartbeat):
        scheduler = scheduler_for(runner)
        pulse = Pulse(heartbeat, scheduler)
        pulse.beat()
        threading.Thread(target=pulse.run, name="pulse", daemon=True).start()
        try:
            scheduler.start()
        finally:
            if scheduler.running:
                scheduler.shutdown(wait=True)
            runner.database.close()


@dataclass(frozen=True)
class Standing:
    """How a task stands: when it is due next, and what became of its last run."""

    name: str
    next_due: datetime
    last_at: datetime | None
    state: str
    error: str | None


def standings(db: Session, now: datetime) -> list[Standing]:
    """Return how every task of the timetable stands."""
    found = []
    for task in TIMETABLE:
        runs = select(queue.Job).where(queue.Job.name == task.name).order_by(queue.Job.due.desc())
        job = db.scalars(runs.limit(1)).one_or_none()
        last, state, error = (job.ended_at, job.state, job.error) if job else (None, "never", None)
        found.append(Standing(task.name, task.next_due(now), last, state, error))
    return found
