"""One installation: its data folder, its database, its server while it runs."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from lms.db import Database
from lms.serve import ServeSettings
from tests.ports import free_port
from tests.serve_test.harness import ROOT, lives, wait_for

APP = "lms.web:create_app"


@dataclass
class Site:
    """A server of our own on a database of our own."""

    data: Path
    url: str
    workers: int = 2
    app_factory: str = APP
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def kind(self) -> str:
        """Return the kind of the database: sqlite or postgresql."""
        return sa.make_url(self.url).get_backend_name()

    def start(self) -> float:
        """Start the server; return the seconds until it was ready."""
        began = time.monotonic()
        wanted = ServeSettings(port=self.port, workers=self.workers, app_factory=self.app_factory, jobs="")
        own = {
            "LMS_DATA": str(self.data),
            "LMS_CONTENT_ROOT": str(ROOT),
            "LMS_PUBLIC_URL": "http://hoc.example.vn",
            "DATABASE_URL": self.url,
            "PYTHONPATH": str(ROOT),
        }
        with (self.data / "said.txt").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.serve_test.launch", wanted.to_json()],
                cwd=ROOT,
                env=os.environ | own,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        wait_for(lambda: self._is_ready() or self.process is None or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        return time.monotonic() - began

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def said(self) -> str:
        """Return everything the server has written."""
        return (self.data / "said.txt").read_text(encoding="utf-8")

    def children(self) -> list[int]:
        """Return the pids of the server's workers."""
        assert self.process is not None
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """End the whole process group as a power cut of the machine's programs would."""
        assert self.process is not None
        members = self.children()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_for(lambda: not any(lives(pid) for pid in members))

    def stop(self) -> None:
        """End the server, whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    @contextmanager
    def database(self) -> Iterator[sa.Connection]:
        """Give a connection past the product, which is committed at the end."""
        database = Database(self.url)
        try:
            with database.writer.begin() as connection:
                yield connection
        finally:
            database.close()

    def rows(self, statement: str, **values: object) -> list[sa.Row[tuple[object, ...]]]:
        """Return what a statement finds."""
        with self.database() as connection:
            return list(connection.execute(sa.text(statement), values))

    def one(self, statement: str, **values: object) -> object:
        """Return the one value that a statement finds."""
        return self.rows(statement, **values)[0][0]
