"""The installation that is measured: a data folder with the real library, and real servers."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import wire
from lms import clock, content, migrations, tables  # noqa: F401  (scope rules of every table)
from lms.accounts import sessions
from lms.accounts.actions import open_account
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.offer import prepare
from lms.catalog.queries import load as load_catalogue
from lms.config import Config, load
from lms.content import checking
from lms.content.problems import Problems
from lms.content.reading import read
from lms.db import Database
from lms.people.actions import add_person, claim, make_learner
from lms.serve import ServeSettings

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
PASSWORD = "ấm chén võng đèn dầu"
LOGINS = tuple(f"thu-{number}" for number in range(8))
PATIENCE = 60.0
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Site:
    """A data folder ready to be served, and the addresses that the loads ask for."""

    config: Config
    catalogue: Catalogue
    person_cookie: str
    build_seconds: float

    @property
    def module(self) -> Module:
        """Return the chủ đề whose check the loads take."""
        return self.catalogue.courses[0].modules[0]

    @property
    def check(self) -> str:
        """Return the address that starts the check."""
        return f"/khoa-hoc/{self.catalogue.courses[0].slug}/chu-de/{self.module.slug}/kiem-tra"

    @property
    def lesson(self) -> str:
        """Return the address of a lesson's first step."""
        lesson = self.module.lessons[0]
        return f"/khoa-hoc/{self.catalogue.courses[0].slug}/{lesson.slug}/{lesson.steps[0].id}"

    @property
    def draw(self) -> int:
        """Return how many questions a check has."""
        return self.module.draw

    @property
    def choice(self) -> str:
        """Return a key that every question of the bank has."""
        keys = [{choice.key for choice in question.choices} for question in self.module.bank]
        return min(set.intersection(*keys))


def make_site(folder: Path) -> Site:
    """Fill a new data folder: schema, the real library, accounts, one named learner."""
    config = _config(folder)
    database = Database(config.database_url)
    migrations.upgrade(database)
    seconds = build_content(database)
    with database.transaction() as db:
        now = clock.now()
        for login in LOGINS:
            open_account(db, login, login, PASSWORD, "teacher", now)
        learner, person = make_learner(db, now), add_person(db, "Lê Thị Thử", now)
        claim(db, learner, person.id, "bench", now)
        _, token = sessions.start(db, config.secret, now, learner_id=learner)
    with database.reading() as db:
        catalogue = load_catalogue(db)
    database.close()
    return Site(config, catalogue, f"phien={token}", seconds)


def _config(folder: Path) -> Config:
    return load({"LMS_DATA": str(folder), "LMS_CONTENT_ROOT": str(ROOT)} | _NAMES)


_NAMES = {"LMS_PUBLIC_URL": "http://127.0.0.1:8000", "LMS_SITE_NAME": "Trường Tiểu học Hoa Sen"}


def build_content(database: Database) -> float:
    """Check, render and sync the real library; return how long it took."""
    begun = time.perf_counter()
    problems = Problems()
    checking.report(read(ROOT, problems), clock.today(), problems, require_review=False)
    offer = prepare(content.load(ROOT), ROOT)
    with database.transaction() as db:
        sync(db, offer, clock.now())
    return time.perf_counter() - begun


def make_twin(site: Site, url: str) -> None:
    """Give a second database the schema and the content of the measured site."""
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, prepare(content.load(ROOT), ROOT), clock.now())
    database.close()


@dataclass(frozen=True)
class Server:
    """A running server: its first process and its port."""

    process: "subprocess.Popen[bytes]"
    port: int
    start_seconds: float
    """From the start of the process to the whole first page."""

    def memory(self) -> float:
        """Return the proportional memory (PSS) of all its processes, in MB."""
        return sum(_pss(pid) for pid in _family(self.process.pid)) / 1024

    def settled_memory(self) -> float:
        """Return the memory once it no longer changes."""
        before, now = 0.0, self.memory()
        end = time.monotonic() + PATIENCE
        while abs(now - before) > 0.3 and time.monotonic() < end:
            time.sleep(0.5)
            before, now = now, self.memory()
        return now


@contextmanager
def serving_product(data: Path, **environ: str) -> Iterator[Server]:
    """Run `lms serve` on a data folder, or on the database that `DATABASE_URL` names."""
    port = _free_port()
    words = ("lms.cli", "serve", "--port", str(port), "--workers", str(WORKERS), "--no-jobs")
    with _serving(data, words, port, "/", environ) as server:
        yield server


@contextmanager
def serving_toys(data: Path) -> Iterator[Server]:
    """Run the toy routes on the same server code."""
    data.mkdir(exist_ok=True)
    port = _free_port()
    settings = ServeSettings(port=port, workers=WORKERS, jobs="", app_factory="bench.toys:create_app")
    with _serving(data, ("bench.launch", settings.to_json()), port, "/cached") as server:
        yield server


@contextmanager
def _serving(
    data: Path, words: tuple[str, ...], port: int, page: str, more: Mapping[str, str] = _NOTHING
) -> Iterator[Server]:
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | _NAMES
    environ |= {"LMS_DATA": str(data), "LMS_CONTENT_ROOT": str(ROOT), "PYTHONPATH": str(ROOT)}
    environ |= more
    with (data / "said.txt").open("wb") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=ROOT, env=environ, stdout=said, stderr=said
        )
        try:
            _wait_for_page(process, port, page, data)
            yield Server(process, port, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _wait_for_page(process: "subprocess.Popen[bytes]", port: int, page: str, data: Path) -> None:
    end = time.monotonic() + PATIENCE
    sent = wire.request("GET", page)
    while time.monotonic() < end and process.poll() is None:
        try:
            if wire.once(port, sent).status == 200:
                return
        except OSError:
            time.sleep(0.005)
    said = (data / "said.txt").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"the server did not start: {said}")


def copy_of(site: Site, folder: Path) -> Path:
    """Copy the data folder, so that a second server may run on it."""
    folder.mkdir()
    for name in ("lms.db", "secret.key"):
        shutil.copy(site.config.data / name, folder / name)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _pss(pid: int) -> int:
    """Return the proportional set size of a process in kB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
