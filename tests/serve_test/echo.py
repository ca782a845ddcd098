"""Tiny applications and a jobs process for the tests of the server; no Flask, no database."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from lms.config import Config

Start = Callable[..., Callable[[bytes], None]]


def create_app(config: Config) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """Return an application with one page for every thing a test wants to see."""

    def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        page = PAGES.get(environ["PATH_INFO"], tell_environ)
        return page(environ, start_response, config)

    return application


def broken_app(config: Config) -> None:
    """Fail as an application with a spoilt database would."""
    raise RuntimeError("không mở được cơ sở dữ liệu")


def tick() -> None:
    """Stand for the jobs: write our pid, then wait."""
    pid_file = Path(os.environ["LMS_DATA"]) / "jobs.pid"
    pid_file.write_text(str(os.getpid()))
    while True:
        time.sleep(60)


def tell_environ(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    told = {key: value for key, value in environ.items() if isinstance(value, str | bool)}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told | {"body": body.decode("latin-1")}).encode()]


def pid(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


def sleep(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    (config.data / "asleep").touch()
    time.sleep(float(parse_qs(environ["QUERY_STRING"])["seconds"][0]))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"awake"]


def large(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x" * 1024] * 512


def fail(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    raise ValueError("a fault of the application")


def leave(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    raise SystemExit("an application must not end the thread it runs on")


def wrong_length(environ: dict[str, Any], start_response: Start, config: Config) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "5000")])
    return [b"short"]


def stream(environ: dict[str, Any], start_response: Start, config: Config) -> Iterator[bytes]:
    try:
        write = start_response("206 Partial Content", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        write(b"zero ")
        yield b"one "
        yield b"two"
    finally:
        (config.data / "closed").touch()


PAGES = {
    "/pid": pid,
    "/sleep": sleep,
    "/sleep.pdf": sleep,
    "/large": large,
    "/fail": fail,
    "/leave": leave,
    "/wrong-length": wrong_length,
    "/stream": stream,
}
