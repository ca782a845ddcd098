"""The threads the application runs on: one fast, one slow, each with a bounded queue."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)


HASHES = ("/dang-nhap", "/loi-moi/", "/tai-khoan/mat-khau")
"""Forms whose answer takes the slow hash of a password."""
FILES = (".pdf", ".xlsx", ".csv")
LONG = ("/nap", "/duyet", "/ghi-nhan", "/dong")
"""Forms that read a workbook, issue the certificates of a class, or settle the papers of a class."""
PREVIEWS = "/nap/"
"""Pages of a roster that was read: each compares it with the whole school."""
DRY_RUN = "/cham-lai"
"""The page that foresees a regrade: it marks papers anew, one by one where that cannot be told apart."""


def is_slow(method: str, path: str) -> bool:
    """Tell whether a request is of the slow kind: a password, a file made or read, many certificates."""
    is_long = method == "POST" and (path.startswith(HASHES) or path.endswith(LONG))
    return path.endswith((*FILES, DRY_RUN)) or PREVIEWS in path or is_long


class Lane:
    """One thread that takes its work in the order it came; at most `capacity` wait."""

    def __init__(self, name: str, capacity: int) -> None:
        """Start the thread."""
        self._capacity = capacity
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def offer(self, work: Callable[[], None]) -> bool:
        """Queue `work`; returns False, without queueing, when the lane is full."""
        if self._queue.qsize() >= self._capacity:
            return False
        self._queue.put(work)
        return True

    def _run(self) -> None:
        while True:
            work = self._queue.get()
            try:
                work()
            except BaseException:
                # A lane that died would leave every later request waiting for ever.
                log.exception("lane")
            del work
