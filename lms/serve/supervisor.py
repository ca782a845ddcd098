"""The supervisor: starts the workers and the jobs child, brings back what dies, stops all."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

from lms.config import Config
from lms.serve.lock import only_server
from lms.serve.settings import BAD_START, ServeSettings, StartError

CODE_ROOT = Path(__file__).resolve().parents[2]
STEADY_SECONDS = 10
LONGEST_WAIT = 30.0
# On top of the workers' own `stop_seconds`.
KILL_AFTER = 1.5

Say = Callable[[str], None]


@dataclass(frozen=True)
class Child:
    """A program that has to be running: what to call it, how to start it."""

    name: str
    command: tuple[str, ...]


def serve(config: Config, settings: ServeSettings, say: Say) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code, 0 or 2 when the first worker cannot start.

    Raises StartError when another server runs on the data folder or the port is taken.
    """
    settings = replace(settings, host=_numeric(settings.host))
    with ExitStack() as stack:
        if config.database_url.startswith("sqlite"):
            stack.enter_context(only_server(config.data / "serve.lock"))
        _claim_port(settings.host, settings.port)
        return asyncio.run(Supervisor(config, settings, say).run())


class Supervisor:
    """Keeps the children of one server running."""

    def __init__(self, config: Config, settings: ServeSettings, say: Say) -> None:
        """Prepare; nothing runs before `run`."""
        self._settings = settings
        self._say = say
        self._stop = asyncio.Event()
        self._running: set[Process] = set()
        paths = [str(CODE_ROOT), os.environ.get("PYTHONPATH", "")]
        self._environ = os.environ | {
            "LMS_DATA": str(config.data),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }

    async def run(self) -> int:
        """Start, watch and stop; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        worker, jobs = self._children()
        first = await self._start(worker)
        if not await self._listens(first):
            stopped = self._stop.is_set()
            if not stopped and first.returncode != BAD_START:
                self._say(f"Tiến trình {worker.name} không khởi động được (mã {first.returncode}).")
            await self._end()
            return 0 if stopped else BAD_START
        keepers = [asyncio.create_task(self._keep(worker, first))]
        keepers += [asyncio.create_task(self._keep(worker)) for _ in range(self._settings.workers - 1)]
        keepers += [asyncio.create_task(self._keep(child)) for child in jobs]
        self._say(f"Trang học chạy ở {_shown(self._settings)} (dừng: Ctrl+C)")
        await self._stop.wait()
        await self._end()
        await asyncio.gather(*keepers)
        return 0

    def _children(self) -> tuple[Child, list[Child]]:
        # -P: the folder the command was typed in must not lend its files as modules.
        python = (sys.executable, "-P", "-m")
        worker = Child("phục vụ trang", (*python, "lms.serve.worker", self._settings.to_json()))
        if not self._settings.jobs:
            return worker, []
        return worker, [Child("việc nền", (*python, "lms.serve.leash", self._settings.jobs))]

    async def _start(self, child: Child) -> Process:
        process = await asyncio.create_subprocess_exec(*child.command, stdin=PIPE, env=self._environ)
        self._running.add(process)
        return process

    async def _keep(self, child: Child, process: Process | None = None) -> None:
        """Bring the child back whenever it ends, each time later while it ends soon after its start."""
        loop = asyncio.get_running_loop()
        wait = 0.0
        while not self._stop.is_set():
            started = loop.time()
            process = process or await self._start(child)
            if self._stop.is_set():
                # Started while the others were being asked to finish: it has nothing to finish yet.
                _signal(process, signal.SIGKILL)
            code = await process.wait()
            self._running.discard(process)
            process = None
            if self._stop.is_set():
                return
            wait = 0.0 if loop.time() - started > STEADY_SECONDS else min(LONGEST_WAIT, wait * 2 or 0.5)
            self._say(f"Tiến trình {child.name} dừng bất ngờ (mã {code}). Tự bật lại sau {wait:g} giây.")
            await self._pause(wait)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def _listens(self, worker: Process) -> bool:
        """Wait until the worker takes connections; False when it ended, or we are to stop, before."""
        while worker.returncode is None and not self._stop.is_set():
            try:
                _, writer = await asyncio.open_connection(
                    _reachable(self._settings.host), self._settings.port
                )
            except OSError:
                await self._pause(0.05)
            else:
                writer.close()
                return True
        return False

    async def _end(self) -> None:
        """Ask every child to finish, then kill what is left."""
        for process in self._running:
            _signal(process, signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in self._running]
        if waits:
            _, late = await asyncio.wait(waits, timeout=self._settings.stop_seconds + KILL_AFTER)
            for process in self._running if late else ():
                _signal(process, signal.SIGKILL)
            await asyncio.gather(*waits)


def _signal(process: Process, number: signal.Signals) -> None:
    if process.returncode is None:
        try:
            process.send_signal(number)
        except ProcessLookupError:
            return


def _numeric(host: str) -> str:
    """Return the address of `host`, IPv4 before IPv6; raises StartError when there is none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return str(min(found, key=lambda entry: entry[0] != socket.AF_INET)[4][0])
    except OSError:
        raise StartError(
            f"Không tìm thấy địa chỉ “{host}”. Dùng --host 127.0.0.1 (chỉ máy này) "
            "hoặc --host 0.0.0.0 (mọi máy trong mạng)."
        ) from None


def _claim_port(host: str, port: int) -> None:
    """Raise StartError when the port is not ours; Granian shares ports, so it would not notice."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise StartError(
                f"Máy không cho mở cổng {port}. Dùng cổng từ 1024 trở lên, ví dụ --port 8000."
            ) from None
        except OSError:
            raise StartError(
                f"Không mở được {host}, cổng {port}: có chương trình khác đang dùng, "
                f"hoặc địa chỉ không thuộc máy này. Thử cổng khác, ví dụ --port {port + 1}."
            ) from None


def _reachable(host: str) -> str:
    """Return where a listener on `host` is reached from this machine."""
    if not ip_address(host).is_unspecified:
        return host
    return "::1" if ":" in host else "127.0.0.1"


def _shown(settings: ServeSettings) -> str:
    host = _reachable(settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
