"""Keeps a child from outliving the supervisor. As a program: call "module:name" on the leash."""

import ctypes
import os
import signal
import sys
import threading

from lms.serve.settings import named

PR_SET_PDEATHSIG = 1
LAST_SECONDS = 2


def hold() -> None:
    """Tie this process to its parent, whose end of our standard input stays open while it lives.

    On Linux the kernel kills us with the parent. Elsewhere the end of standard input tells: we are sent
    SIGTERM and, LAST_SECONDS later, are gone. Ctrl+C reaches the whole group and is left to the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The parent may have died before the kernel was asked; the pipe knows that too.
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while os.read(0, 1):
        pass
    threading.Timer(LAST_SECONDS, os._exit, (1,)).start()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    hold()
    named(sys.argv[1])()
