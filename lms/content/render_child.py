"""The child that renders: one JSON line in, one JSON line out, within limits of memory and time."""

import json
import signal
import sys
from collections.abc import Mapping
from typing import Any

from lms.markup import MarkupTooComplex, inline_html, to_html

MEMORY_BYTES = 512 * 1024 * 1024
# The parent stops a slow child after 2 seconds; the alarm is for a child whose parent is gone.
ALARM_SECONDS = 10


def main() -> None:
    """Answer each line of standard input until it ends."""
    _limit_memory()
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    _reply({"ready": True})
    for line in sys.stdin:
        _alarm(ALARM_SECONDS)
        _reply(_answer(json.loads(line)))
        _alarm(0)


def _answer(task: Mapping[str, Any]) -> dict[str, str]:
    try:
        if task["inline"]:
            return {"html": inline_html(task["source"])}
        sizes = {name: (width, height) for name, (width, height) in task["sizes"].items()}
        return {"html": to_html(task["source"], task["image_base"], sizes)}
    except MarkupTooComplex as error:
        return {"problem": str(error)}
    except (RecursionError, MemoryError):
        return {"problem": "Đoạn này quá phức tạp để dựng trang. Viết lại đơn giản hơn."}


def _reply(answer: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's clock still holds.
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    main()
