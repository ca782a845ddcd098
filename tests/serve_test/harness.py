"""Start real servers on free ports, talk to them, see which processes live."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lms.serve import ServeSettings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
T = TypeVar("T")


def wait_for(what: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Return the first truthy value of `what`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(**changes: Any) -> ServeSettings:
    """Return settings for the echo application: one worker, a free port, no jobs."""
    usual = {"port": free_port(), "workers": 1, "app_factory": "tests.serve_test.echo:create_app", "jobs": ""}
    return ServeSettings(**(usual | changes))


def environ(data: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a server on the data folder `data`."""
    content = data / "content"
    for folder in ("courses", "templates"):
        (content / folder).mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "LMS_PUBLIC_URL"}}
    own = {"LMS_DATA": str(data), "LMS_CONTENT_ROOT": str(content), "PYTHONPATH": str(ROOT)}
    return kept | own | changes


@dataclass
class Running:
    """A server process, where it listens, where its words go."""

    process: "subprocess.Popen[bytes]"
    port: int
    data: Path

    def said(self) -> str:
        """Return everything the server has written."""
        return (self.data / "said.txt").read_text(encoding="utf-8")

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of one answer, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def raw(self, sent: bytes) -> bytes:
        """Return all the server sends, until it closes, for these exact bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def worker(self) -> int:
        """Return the pid of the worker that answered; 0 when none did."""
        try:
            return int(self.request("GET", "/pid")[2])
        except (OSError, http.client.HTTPException):
            return 0

    def stop(self) -> int:
        """Ask the server to stop; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def launch(data: Path, wanted: ServeSettings, **variables: str) -> Running:
    """Start a server and return at once."""
    environment = environ(data, **variables)
    command = [sys.executable, "-m", "tests.serve_test.launch", wanted.to_json()]
    with (data / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    return Running(process, wanted.port, data)


def start(data: Path, wanted: ServeSettings, **variables: str) -> Running:
    """Start a server and return when it has said where it runs."""
    running = launch(data, wanted, **variables)
    wait_for(lambda: "Trang học chạy ở" in running.said() or running.process.poll() is not None)
    assert running.process.poll() is None, running.said()
    return running


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that has ended but was not collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
