"""Writers in a process of their own: `python -m tests.durability_test.writers ADDRESS write|hold`."""

import json
import sys
import threading
import time

from lms import clock
from lms.db import Database
from lms.people.actions import make_learner

THREADS = 4
SECONDS = 2.5


def write(database: Database, waits: list[float], faults: list[str]) -> None:
    """Write in many small transactions; note how long each took and what went wrong."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            with database.transaction() as db:
                make_learner(db, clock.now())
        except Exception as fault:
            faults.append(repr(fault))
        else:
            waits.append(time.monotonic() - began)


def write_in_threads(database: Database) -> None:
    """Write in several threads and tell on standard output what came of it."""
    waits: list[float] = []
    faults: list[str] = []
    threads = [threading.Thread(target=write, args=(database, waits, faults)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps({"waits": waits, "faults": faults}))


def hold(database: Database) -> None:
    """Begin to write, say so, and never end."""
    with database.transaction() as db:
        make_learner(db, clock.now())
        sys.stdout.write("holding\n")
        sys.stdout.flush()
        time.sleep(60)


if __name__ == "__main__":
    {"write": write_in_threads, "hold": hold}[sys.argv[2]](Database(sys.argv[1]))
