"""One piece of work in a process of its own; says its seconds and its greatest memory as JSON."""

import json
import sys
import time
import uuid
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from lms import clock, tables  # noqa: F401  (every table must be known)
from lms.accounts.roles import Actor
from lms.classrooms.importing import apply_pupils, wait_for_turn
from lms.classrooms.planning import plan_pupils
from lms.classrooms.roster import read_pupils
from lms.classrooms.rosters import school_roster
from lms.classrooms.workbook import read_table
from lms.db import Database
from lms.places.actions import open_unit
from lms.places.models import Unit
from lms.places.queries import place_by_id
from lms.reports.queries import progress_rows
from lms.reports.tables import write_csv

OPENED = date(2026, 8, 1)


def write_class(url: str, unit: str, *modules: str) -> None:
    """Write the CSV of a class to nowhere."""
    database = Database(url)
    with database.reading() as db, Path("/dev/null").open("wb") as nowhere:
        write_csv(nowhere, modules, progress_rows(db, uuid.UUID(unit), modules, clock.today()))
    database.close()


def import_roster(url: str, file: str) -> None:
    """Read, compare and write a whole school's roster, as the screen and the command do."""
    database, path, now = Database(url), Path(file), clock.now()
    with database.transaction() as db:
        top = db.scalars(sa.select(Unit).where(Unit.kind == "commune")).first()
        school = open_unit(db, "school", "Trường Mới", type="TH", opened_on=OPENED, now=now, parent=top)
    with database.transaction() as db:
        place = place_by_id(db, school.id, clock.today())
        assert place is not None
        reading = read_pupils(read_table(path.read_bytes(), path.name))
        wait_for_turn(db, place.id)
        plan = plan_pupils(school_roster(db, place.id), reading.rows, 2026)
        outcome = apply_pupils(db, place, plan, Actor(None, "bench"), now)
    assert outcome.new == len(reading.rows) > 9_000, outcome
    database.close()


def main() -> None:
    """Do what is asked for."""
    work = {"csv": write_class, "import": import_roster}[sys.argv[1]]
    begun = time.perf_counter()
    work(*sys.argv[2:])
    seconds = time.perf_counter() - begun
    sys.stdout.write(json.dumps({"seconds": seconds, "mb": _peak()}))


def _peak() -> float:
    """Return the greatest memory of this program in MB; rusage would count the parent's before exec."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
