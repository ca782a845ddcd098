"""Renders authors' Markdown in a child process that can be stopped; pages with facts by validity."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from lms.content.library import FactDesc
from lms.content.prose import FACT

START_SECONDS = 60.0
DOCUMENT_SECONDS = 2.0
IN_REVISION = "đang kiểm tra lại"
Sizes = Mapping[str, tuple[int, int]]


class RenderFailed(ValueError):
    """A text could not be rendered within the limits; the message says what to do."""


@dataclass(frozen=True)
class Variant:
    """A page as it reads up to and including `valid_until`; None is for ever after."""

    valid_until: date | None
    html: str


class Renderer:
    """A child process that turns Markdown into safe HTML, started anew when it had to be stopped.

    For one thread at a time.
    """

    def __init__(self, seconds: float = DOCUMENT_SECONDS) -> None:
        """Allow each text `seconds` of time by the clock."""
        self._seconds = seconds
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        """Start nothing yet: the child starts with the first text."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the child."""
        self._stop()

    def html(self, markdown: str, image_base: str = "", sizes: Sizes | None = None) -> str:
        """Render a text of blocks; raises RenderFailed."""
        return self._ask(
            {"source": markdown, "image_base": image_base, "sizes": sizes or {}, "inline": False}
        )

    def inline(self, markdown: str) -> str:
        """Render a text of one line, without a paragraph around it; raises RenderFailed."""
        return self._ask({"source": markdown, "inline": True})

    def _ask(self, task: Mapping[str, object]) -> str:
        child = self._child or self._start()
        try:
            child.stdin.write(json.dumps(task) + "\n")  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
            answer = json.loads(self._answers.get(timeout=self._seconds) or "{}")
        except queue.Empty:
            self._stop()
            raise RenderFailed(f"Dựng trang quá {self._seconds:g} giây. Viết lại đơn giản hơn.") from None
        except OSError:
            answer = {}
        if "html" in answer:
            return str(answer["html"])
        if "problem" not in answer:
            self._stop()
        raise RenderFailed(answer.get("problem", "Dựng trang tốn quá nhiều bộ nhớ. Viết lại đơn giản hơn."))

    def _start(self) -> subprocess.Popen[str]:
        self._answers = queue.SimpleQueue()
        child = subprocess.Popen(
            [sys.executable, "-m", "lms.content.render_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": _import_path()},
        )
        self._child = child
        threading.Thread(target=_listen, args=(child, self._answers), daemon=True).start()
        try:
            ready = self._answers.get(timeout=START_SECONDS)
        except queue.Empty:
            ready = ""
        if not ready:
            self._stop()
            raise RenderFailed("Không khởi động được phần dựng trang. Chạy lại với lms --debug.")
        return child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        with contextlib.suppress(OSError):
            child.stdin.close()  # type: ignore[union-attr]


def render_variants(
    renderer: Renderer,
    markdown: str,
    facts: Mapping[str, FactDesc],
    image_base: str = "",
    sizes: Sizes | None = None,
    inline: bool = False,
) -> tuple[Variant, ...]:
    """Render a text once for each span of days in which its facts hold.

    The first variant holds until the first expiry among the facts used, that day included; in each
    next one the facts expired by then read “đang kiểm tra lại”. Raises KeyError for an unknown fact.
    """
    used = {name: facts[name] for name in dict.fromkeys(FACT.findall(markdown))}
    ends: list[date | None] = [*sorted({fact.expires for fact in used.values()}), None]
    return tuple(
        Variant(end, renderer.inline(text) if inline else renderer.html(text, image_base, sizes))
        for end in ends
        for text in [_with_facts(markdown, used, end)]
    )


def _with_facts(markdown: str, facts: Mapping[str, FactDesc], end: date | None) -> str:
    def words(identifier: str) -> str:
        fact = facts[identifier]
        return fact.text if end is not None and fact.expires >= end else IN_REVISION

    return FACT.sub(lambda found: words(found[1]), markdown)


def _listen(child: subprocess.Popen[str], answers: "queue.SimpleQueue[str]") -> None:
    with child.stdout as lines:  # type: ignore[union-attr]
        for line in lines:
            answers.put(line)
    answers.put("")


def _import_path() -> str:
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(part for part in (here, os.environ.get("PYTHONPATH")) if part)
