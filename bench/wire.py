"""A light load generator: many keep-alive connections in one thread, each driven by its own script.

Requests are bytes made beforehand and replies are hardly looked at, so that the generator, which runs
on the same cores as the servers, takes little from them. `Load.client_cpu` tells how much it took.
"""

import re
import select
import socket
import time
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from statistics import quantiles

GRACE = 10.0
LONGEST_WARM_UP = 0.4
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, or nothing; the first one when it stands twice."""
        found = re.search(rf"\r\n{name}: ([^\r]*)".encode(), self.head, re.IGNORECASE)
        return found[1].decode() if found else ""

    @property
    def cookie(self) -> str:
        """Return the first cookie the answer sets, as it is sent back."""
        return self.header("set-cookie").partition(";")[0]


@dataclass(frozen=True)
class Ask:
    """A request, the status that means it was done, and whether the figures are about it."""

    sent: bytes
    status: int = 200
    counts: bool = True


Script = Generator[Ask, Reply, None]


def request(method: str, path: str, cookie: str = "", form: str | None = None, **more: str) -> bytes:
    """Return a request as a browser on the site would send it."""
    headers = {
        "Host": "127.0.0.1",
        "User-Agent": "Mozilla/5.0 (Linux; Android 13) bench",
        "Accept": "text/html",
        "Accept-Language": "vi",
        "Accept-Encoding": "gzip, br",
        "Sec-Fetch-Site": "same-origin",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    if cookie:
        headers["Cookie"] = cookie
    if form is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n{form or ''}".encode()


@dataclass
class Load:
    """What a load saw: times of the counted requests in seconds, and everything that went wrong."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    done: int = 0
    """Every counted request answered as expected, those of the warm-up and the last ones included."""
    errors: int = 0
    client_cpu: float = 0.0
    """Share of one core that the generator itself took."""

    @property
    def rate(self) -> float:
        """Return counted requests a second, never nothing."""
        return max(1, len(self.times)) / self.seconds

    def percentile(self, share: int) -> float:
        """Return the time within which `share` percent of the requests were answered, in seconds.

        Of fewer than two requests nothing can be said but that they took all the time there was.
        """
        if len(self.times) < 2:
            return self.seconds
        return quantiles(self.times, n=100, method="inclusive")[share - 1]


class _Line:
    """One connection and the script that speaks on it."""

    def __init__(self, port: int, script: Script) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=GRACE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.script = script
        self.got = b""
        self.ask = next(script)

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.ask.sent)

    def receive(self) -> Reply | None:
        """Return the reply once it is whole. Raises ConnectionError when the server hangs up."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError
        self.got += part
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.got[:end]
        length = _LENGTH.search(head)
        body = self.got[end + 4 :]
        if length and len(body) < int(length[1]):
            return None
        self.got = b""
        return Reply(int(head[9:12]), head, body)


def drive(port: int, scripts: Iterable[Script], seconds: float) -> Load:
    """Run scripts at once, each in a closed loop, to warm up and then for `seconds`, which are counted.

    A script that ends leaves the load. Requests under way at the end are waited for, never cut.
    """
    lines = [_Line(port, script) for script in scripts]
    by_number = {line.socket.fileno(): line for line in lines}
    poll = select.epoll()
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    load, warm = Load(seconds=seconds), min(LONGEST_WARM_UP, seconds / 2)
    begun, cpu = time.perf_counter(), time.process_time()
    with closing(poll):
        _turn(poll, by_number, load, begun + warm, begun + warm + seconds)
    load.client_cpu = (time.process_time() - cpu) / (time.perf_counter() - begun)
    for line in lines:
        line.socket.close()
    return load


def _turn(poll: select.epoll, lines: dict[int, _Line], load: Load, first: float, last: float) -> None:
    waiting = set(lines)
    for line in lines.values():
        line.send()
    while waiting:
        ready = poll.poll(GRACE)
        if not ready:
            load.errors += len(waiting)
            return
        for number, _ in ready:
            line = lines[number]
            try:
                reply = line.receive()
            except OSError:
                load.errors += 1
                poll.unregister(number)
                waiting.discard(number)
                continue
            if reply is not None and not _goes_on(line, reply, load, first, last):
                waiting.discard(number)


def _goes_on(line: _Line, reply: Reply, load: Load, first: float, last: float) -> bool:
    """Note a reply and send the next request; False when this line has nothing more to send."""
    now = time.perf_counter()
    if reply.status != line.ask.status:
        load.errors += 1
        return False
    if line.ask.counts:
        load.done += 1
        if first <= now < last:
            load.times.append(now - line.sent_at)
    if now >= last:
        return False
    try:
        line.ask = line.script.send(reply)
    except StopIteration:
        return False
    line.send()
    return True


def once(port: int, sent: bytes) -> Reply:
    """Send one request over a connection of its own. Raises OSError when nobody answers."""

    def script() -> Script:
        yield Ask(sent)

    line = _Line(port, script())
    with closing(line.socket):
        line.send()
        while (reply := line.receive()) is None:
            pass
    return reply
