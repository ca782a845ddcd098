"""The site as people meet it: the repository's own courses on a real server, and the library's own key."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lms import clock, content, migrations
from lms.accounts.actions import open_account
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Course, Module, Question
from lms.catalog.offer import prepare
from lms.catalog.queries import load as load_catalogue
from lms.config import load
from lms.db import Database, ScopedSession
from lms.serve import ServeSettings
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
NAME = "Trường Tiểu học Hoa Sen"
PHONE = "0255 123 4567"
STAFF, PASSWORD = "co-lan", "ấm chén võng đèn dầu"
PATIENCE = 30.0


@dataclass(frozen=True)
class Site:
    """A running site and what its library says; the pages never tell the key."""

    address: str
    data: Path
    catalogue: Catalogue

    def at(self, path: str) -> str:
        """Return the full address of a path."""
        return self.address + path

    @property
    def course(self) -> Course:
        """Return the course that the stories go through."""
        return self.catalogue.course_by_slug["ky-nang-so-co-ban"]

    def question(self, module: Module, words: str) -> Question:
        """Return the question of a module's bank that reads so."""
        return next(q for q in module.bank if _plain(q.text) == _plain(words))

    def practice(self, words: str) -> Question:
        """Return the practice question that reads so."""
        lessons = self.catalogue.lessons.values()
        return next(q for lesson in lessons for q in lesson.practice if _plain(q.text) == _plain(words))


def _plain(words: str) -> str:
    return " ".join(words.split())


def right_key(question: Question) -> str:
    """Return the key of the right choice."""
    return next(choice.key for choice in question.choices if choice.is_right)


def wrong_key(question: Question) -> str:
    """Return the key of a wrong choice, not of “Tôi chưa chắc”."""
    return next(c.key for c in question.choices if not c.is_right and not c.is_unsure)


def unsure_key(question: Question) -> str:
    """Return the key of “Tôi chưa chắc”."""
    return next(choice.key for choice in question.choices if choice.is_unsure)


Filler = Callable[[ScopedSession, datetime], object]
"""Puts people into a new site, before it is served."""


@contextmanager
def running_site(data: Path, fill: Filler | None = None, library: Path = ROOT) -> Iterator[Site]:
    """Fill a new data folder, serve it on a free port of loopback, stop the server at the end."""
    catalogue = _fill(data, fill or _one_teacher, library)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (data / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serve_test.launch", ServeSettings(port=port, jobs="").to_json()],
            cwd=ROOT,
            env=_environ(data, address),
            stdout=said,
            stderr=said,
        )
    try:
        _wait_until_ready(process, address, data)
        yield Site(address, data, catalogue)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _one_teacher(db: ScopedSession, now: datetime) -> object:
    return open_account(db, STAFF, "Cô Lan", PASSWORD, "teacher", now, None)


def _fill(data: Path, fill: Filler, library: Path) -> Catalogue:
    database = Database(load({"LMS_DATA": str(data)}).database_url)
    migrations.upgrade(database)
    offer = prepare(content.load(library), library)
    with database.transaction() as db:
        now = clock.now()
        sync(db, offer, now)
        fill(db, now)
    with database.reading() as db:
        catalogue = load_catalogue(db)
    database.close()
    return catalogue


def _environ(data: Path, address: str) -> dict[str, str]:
    own = {
        "LMS_CONTENT_ROOT": str(ROOT),
        "LMS_DATA": str(data),
        "LMS_PUBLIC_URL": address,
        "LMS_SITE_NAME": NAME,
        "LMS_SITE_PHONE": PHONE,
        "PYTHONPATH": str(ROOT),
    }
    return {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | own


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str, data: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        alive = process.poll() is None and time.monotonic() < end
        assert alive, (data / "said.txt").read_text(encoding="utf-8")
        time.sleep(0.05)
