"""The floors: the same work without a framework, in this process or a bare one."""

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import segno
import typst
from argon2 import PasswordHasher
from pysqlite3 import dbapi2

from bench.site import PASSWORD, ROOT, WORKERS
from lms.accounts.passwords import LAST_IN_LINE

# What every answer of this kind of application needs, and nothing of ours.
BARE_IMPORTS = "import flask, flask_login, sqlalchemy.orm, granian, argon2"
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_HASH = _HASHER.hash(PASSWORD)


def raw_commits(folder: Path, seconds: float) -> float:
    """Return FULL commits a second: one insert with one index each, in a WAL database."""
    with TemporaryDirectory(dir=folder) as made:
        connection = dbapi2.connect(f"{made}/raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=full")
        connection.execute("CREATE TABLE answers (id INTEGER PRIMARY KEY, learner TEXT, choice TEXT)")
        connection.execute("CREATE INDEX by_learner ON answers (learner)")
        done, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO answers (learner, choice) VALUES (?, 'a')", (f"{done % 997}",))
            connection.execute("COMMIT")
            done += 1
        connection.close()
    return done / seconds


def verify_seconds(times: int) -> float:
    """Return the median time of one argon2id check with OWASP's least settings."""
    took: list[float] = []

    def check() -> None:
        _step_back()
        for _ in range(times):
            begun = time.perf_counter()
            _HASHER.verify(_HASH, PASSWORD)
            took.append(time.perf_counter() - begun)

    _together([check])
    return median(took)


def verifies_at_once(seconds: float) -> float:
    """Return argon2id checks a second with as many threads as the server has workers."""
    done: list[int] = []
    end = time.perf_counter() + seconds

    def check() -> None:
        _step_back()
        while time.perf_counter() < end:
            _HASHER.verify(_HASH, PASSWORD)
            done.append(1)

    _together([check] * WORKERS)
    return len(done) / seconds


def _step_back() -> None:
    """Take the place the product's hashes have, so that what else runs here slows both alike."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST_IN_LINE)


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def import_seconds() -> float:
    """Return how long a bare Python takes to load the libraries and end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE_IMPORTS], check=True)
    return time.perf_counter() - begun


class BarePress:
    """typst and segno alone: the design as it stands, its own fonts, a kept compiler, no check of ours."""

    def __init__(self) -> None:
        """Load the fonts and the design."""
        folder = ROOT / "certificates"
        self._compiler = typst.Compiler(
            folder / "phieu-tu-hoc" / "design.typ",
            root=folder / "phieu-tu-hoc",
            font_paths=typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder / "fonts"]
            ),
            ignore_system_fonts=True,
        )

    def page(self, data: str) -> bytes:
        """Return one page as PDF."""
        return self._compiler.compile(format="pdf", sys_inputs={"data": data})

    @staticmethod
    def qr(address: str) -> str:
        """Return the code of an address as SVG."""
        picture = io.BytesIO()
        segno.make_qr(address, error="m").save(picture, kind="svg", border=0, xmldecl=False)
        return picture.getvalue().decode()
