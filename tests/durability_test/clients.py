"""Learners with a phone each, who write down every answer the server acknowledged."""

import http.client
import random
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

MODULE = "/khoa-hoc/lam-quen/chu-de/man-hinh/kiem-tra"
LESSONS = {
    "man-hinh-chu-to": "/khoa-hoc/lam-quen/chu-to/xong",
    "man-hinh-sang-vua": "/khoa-hoc/lam-quen/sang-vua/xong",
}
QUESTIONS = 3
CHOICES = "abcd"
KEPT = 303
Form = dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What a browser learns from a reply to a form."""

    status: int
    location: str
    token: str | None
    page: str = field(default="", repr=False)

    @property
    def is_kept(self) -> bool:
        """Tell whether the server acknowledged."""
        return self.status == KEPT


class Phone:
    """A browser with one kept-alive connection and its session's cookie."""

    def __init__(self, port: int, token: str | None = None) -> None:
        """Open nothing yet."""
        self.port = port
        self.token = token
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def send(self, path: str, form: Form) -> None:
        """Send a form without waiting for the reply."""
        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        if self.token:
            headers["Cookie"] = f"phien={self.token}"
        self._connection.request("POST", path, urlencode(form), headers)

    def reply(self) -> Reply:
        """Return the reply to what was sent, and keep the cookie it brings."""
        try:
            answer = self._connection.getresponse()
            page = answer.read().decode()
        except BaseException:
            self._connection.close()
            raise
        set_cookie = answer.getheader("Set-Cookie", "")
        token = set_cookie.partition("phien=")[2].partition(";")[0] or None
        self.token = token or self.token
        return Reply(answer.status, answer.getheader("Location", ""), token, page)

    def post(self, path: str, form: Form) -> Reply:
        """Send a form and return the reply."""
        self.send(path, form)
        return self.reply()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass(frozen=True)
class Tap:
    """One form to send, and the cookie of who sends it."""

    token: str | None
    path: str
    form: Form = field(default_factory=dict)


def volley(port: int, taps: Sequence[Tap]) -> list[Reply]:
    """Send every tap over a connection of its own before reading any reply."""
    phones = [Phone(port, tap.token) for tap in taps]
    try:
        for phone, tap in zip(phones, taps, strict=True):
            phone.send(tap.path, tap.form)
        return [phone.reply() for phone in phones]
    finally:
        for phone in phones:
            phone.close()


def tap(port: int, token: str | None, path: str, form: Form | None = None) -> Reply:
    """Send one form over a connection of its own and return the reply."""
    return volley(port, [Tap(token, path, form or {})])[0]


def device_key() -> str:
    """Return the random key that a form carries."""
    return secrets.token_hex(16)


def answer_path(code: str, position: int) -> str:
    """Return where the answer to a question of an attempt goes."""
    return f"/kiem-tra/{code}/cau-{position}"


@dataclass
class Ledger:
    """What was sent and what was acknowledged; `answers` by attempt code and position."""

    started: set[str] = field(default_factory=set)
    sent: set[tuple[str, int]] = field(default_factory=set)
    answers: dict[tuple[str, int], str] = field(default_factory=dict)
    handed_in: set[str] = field(default_factory=set)
    lessons: set[tuple[str, str]] = field(default_factory=set)
    refusals: list[tuple[str, int]] = field(default_factory=list)
    replays: int = 0

    def copy(self) -> "Ledger":
        """Return what stands in it now."""
        return Ledger(
            set(self.started), set(self.sent), dict(self.answers), set(self.handed_in), set(self.lessons)
        )

    @property
    def size(self) -> int:
        """Return how many things were acknowledged."""
        return sum(map(len, (self.started, self.answers, self.handed_in, self.lessons)))


class Learner(threading.Thread):
    """Takes checks one after the other, each as somebody new, until told to stop.

    Taps twice now and then, changes its mind, and sends again whatever was not acknowledged.
    """

    def __init__(self, port: int, ledger: Ledger, seed: int, stop: threading.Event, rounds: int = 0) -> None:
        """Prepare; `rounds` is how many checks are taken at most, 0 for no limit."""
        super().__init__(daemon=True)
        self._phone = Phone(port)
        self._ledger = ledger
        self._random = random.Random(seed)
        self._told_to_stop = stop
        self._rounds = rounds
        self.fault: BaseException | None = None

    def run(self) -> None:
        """Learn until told to stop, or until something goes wrong that must not."""
        taken = 0
        try:
            while not self._told_to_stop.is_set() and (not self._rounds or taken < self._rounds):
                self._take_check()
                taken += 1
        except Stopped:
            return
        except BaseException as error:
            self.fault = error
        finally:
            self._phone.close()

    def _take_check(self) -> None:
        self._phone.token = None
        code = self._insist(MODULE, {"khoa": device_key()}).location.removeprefix("/kiem-tra/")
        self._ledger.started.add(code)
        for position in range(1, QUESTIONS + 1):
            self._answer(code, position)
        self._ledger.handed_in.add(code)
        for lesson, path in LESSONS.items():
            self._insist(path, {})
            self._ledger.lessons.add((code, lesson))

    def _answer(self, code: str, position: int) -> None:
        path, choice = answer_path(code, position), self._random.choice(CHOICES)
        self._ledger.sent.add((code, position))
        mood = self._random.random()
        if mood < 0.2:
            self._tap_together(path, choice)
        self._insist(path, {"chon": choice})
        self._ledger.answers[code, position] = choice
        if mood > 0.9:
            self._insist(path, {"chon": choice})
        elif mood > 0.7:
            self._insist(path, {"chon": self._random.choice(CHOICES)})

    def _tap_together(self, path: str, choice: str) -> None:
        """Tap three times before any reply; what is acknowledged is found out by tapping again."""
        try:
            volley(self._phone.port, [Tap(self._phone.token, path, {"chon": choice})] * 3)
        except (OSError, http.client.HTTPException):
            return

    def _insist(self, path: str, form: Form) -> Reply:
        """Send until acknowledged."""
        while True:
            try:
                reply = self._phone.post(path, form)
            except (OSError, http.client.HTTPException):
                self._phone.close()
                self._ledger.replays += 1
                time.sleep(0.1)
            else:
                if reply.is_kept:
                    return reply
                self._ledger.refusals.append((path, reply.status))
                time.sleep(0.02)
            if self._told_to_stop.is_set():
                raise Stopped


class Stopped(Exception):
    """The learner was told to stop before it got its acknowledgement."""


class Crowd:
    """Learners at work at the same time, with one ledger."""

    def __init__(self, port: int, count: int, rounds: int = 0) -> None:
        """Put them to work."""
        self.ledger = Ledger()
        self._stop = threading.Event()
        self._learners = [Learner(port, self.ledger, seed, self._stop, rounds) for seed in range(count)]
        for learner in self._learners:
            learner.start()

    def after(self, more: int) -> Ledger:
        """Wait for so many more acknowledgements; return a copy of the ledger."""
        enough, end = self.ledger.size + more, time.monotonic() + 60
        while self.ledger.size < enough:
            assert time.monotonic() < end, "nothing is acknowledged any more"
            time.sleep(0.005)
        return self.ledger.copy()

    def finish(self) -> Ledger:
        """Wait until everybody has taken its checks; return the ledger."""
        for learner in self._learners:
            learner.join(60)
            assert not learner.is_alive(), "a learner waits for ever"
            if learner.fault is not None:
                raise learner.fault
        return self.ledger

    def stop(self) -> Ledger:
        """Tell everybody to stop; return the ledger."""
        self._stop.set()
        return self.finish()
