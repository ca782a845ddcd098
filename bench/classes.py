"""Classes of 30, 300 and 3,000: the class page, the CSV of every cell, the workbook, the roster."""

import csv
import io
import json
import subprocess
import sys
import time
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
import xlsxwriter
from pysqlite3 import dbapi2

from bench.site import ROOT, Site, copy_of
from lms import clock
from lms.accounts import sessions
from lms.accounts.models import Account, RoleGrant
from lms.accounts.passwords import hash_password
from lms.classrooms.actions import open_classroom
from lms.classrooms.assigning import assign
from lms.db import Database, ScopedSession, new_id
from lms.people.models import Claim, Guardianship, Learner, Membership, Person
from lms.places.actions import open_unit
from lms.places.models import Unit
from lms.progress.models import ItemCompletion
from lms.reports.queries import progress_rows
from lms.reports.tables import Sheet, write_csv, write_xlsx
from lms.vietnamese import fold, sort_key

SIZES = (30, 300, 3000)
CELLS = (10_000, 10)
OPENED = date(2026, 8, 1)
ROSTER_ROWS = 10_000


@dataclass(frozen=True)
class Classes:
    """A school on the measured site: its classes by size, and the cookie of its officer."""

    pages: dict[int, str]
    units: dict[int, uuid.UUID]
    cookie: str
    modules: tuple[str, ...]


def make_classes(site: Site) -> Classes:
    """Open a school with a class of each size: pupils, a parent each, a third of whom did a module."""
    database = Database(site.config.database_url)
    modules = tuple(site.catalogue.modules)
    with database.transaction() as db:
        now = clock.now()
        commune = open_unit(db, "commune", "Xã Thử", type="xã", opened_on=OPENED, now=now)
        school = open_unit(db, "school", "Trường Thử", type="TH", opened_on=OPENED, now=now, parent=commune)
        units = {size: open_classroom(db, school, f"{size}", 2026, now).unit_id for size in SIZES}
        for size, unit_id in units.items():
            _fill(db, unit_id, size, modules)
            for module in modules:
                assign(db, unit_id, module, "parent", date(2026, 12, 1), now, by=None)
        cookie = _officer(db, site, school)
        refs = {
            size: db.scalars(sa.select(Unit.ref).where(Unit.id == unit_id)).one()
            for size, unit_id in units.items()
        }
    database.close()
    return Classes({size: f"/gv/lop/{ref}" for size, ref in refs.items()}, units, cookie, modules)


def _officer(db: ScopedSession, site: Site, school: Unit) -> str:
    account = Account(
        id=new_id(),
        login="truong",
        display_name="Cán bộ",
        password_hash=hash_password("-"),
        made_at=clock.now(),
    )
    db.add(account)
    db.flush()
    db.add(
        RoleGrant(
            id=new_id(), account_id=account.id, role="school_admin", unit_id=school.id, granted_at=clock.now()
        )
    )
    db.flush()
    return f"phien={sessions.start(db, site.config.secret, clock.now(), account_id=account.id)[1]}"


def _fill(db: ScopedSession, unit_id: uuid.UUID, size: int, modules: tuple[str, ...]) -> None:
    now, rows = clock.now(), {model: [] for model in _ORDER}
    for number in range(size):
        ids = {}
        for audience, family in (("student", "Đinh"), ("parent", "Lê")):
            name = f"{family} Thị Thử {number}"
            ids[audience] = new_id()
            words = {"full_name": name, "sort_key": sort_key(name), "search_text": fold(name)}
            rows[Person].append({"id": ids[audience], "made_at": now} | words)
            place = {
                "person_id": ids[audience],
                "unit_id": unit_id,
                "audience": audience,
                "joined_on": OPENED,
            }
            rows[Membership].append({"id": new_id()} | place | words)
        tie = {
            "guardian_id": ids["parent"],
            "pupil_id": ids["student"],
            "relation": "mẹ",
            "valid_from": OPENED,
        }
        rows[Guardianship].append({"id": new_id()} | tie)
        learner = new_id()
        rows[Learner].append({"id": learner, "made_at": now})
        rows[Claim].append(
            {"id": new_id(), "learner_id": learner, "person_id": ids["parent"], "at": now, "by": "bench"}
        )
        rows[ItemCompletion] += [
            {"id": new_id(), "learner_id": learner, "item_id": item, "at": now, "level": 1, "mode": "alone"}
            for item in modules[: number % 3]
        ]
    for model in _ORDER:
        db.connection().execute(sa.insert(model), rows[model])


_ORDER = (Person, Membership, Guardianship, Learner, Claim, ItemCompletion)


def bare_workbook() -> float:
    """Return the seconds of 10,000 rows of 10 cells through the library alone, in constant memory."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    begun = time.perf_counter()
    with xlsxwriter.Workbook(io.BytesIO(), options) as book:
        page = book.add_worksheet()
        for line, row in enumerate(_cells()):
            for column, cell in enumerate(row):
                page.write(line, column, cell)
    return time.perf_counter() - begun


def product_workbook() -> float:
    """Return the seconds of the same cells through the product's writer."""
    header = [f"Cột {number}" for number in range(CELLS[1])]
    begun = time.perf_counter()
    write_xlsx(io.BytesIO(), [Sheet("Bảng", header, _cells())])
    return time.perf_counter() - begun


def _cells() -> Iterator[list[str | int]]:
    rows, columns = CELLS
    for line in range(rows):
        yield [line, *(f"Nguyễn Thị Thử {line} {column}" for column in range(1, columns))]


def csv_rates(site: Site, classes: Classes) -> tuple[float, float]:
    """Return rows a second of the largest class's CSV: the product's, and the bare driver's and csv module's.

    The bare one runs the very statement that the product runs, without SQLAlchemy and without guards.
    """
    database = Database(site.config.database_url)
    unit_id, asked = classes.units[SIZES[-1]], []

    def hear(_c: object, _k: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    sa.event.listen(database.reader, "before_cursor_execute", hear)
    rows = 2 * SIZES[-1]
    with database.reading() as db:
        begun = time.perf_counter()
        write_csv(io.BytesIO(), classes.modules, progress_rows(db, unit_id, classes.modules, clock.today()))
        product = time.perf_counter() - begun
    database.close()
    statement, values = asked[-1]
    with closing(dbapi2.connect(str(database.reader.url.database))) as bare:
        begun = time.perf_counter()
        writer = csv.writer(io.StringIO())
        writer.writerow(classes.modules)
        writer.writerows(bare.execute(statement, values))
        limit = time.perf_counter() - begun
    return rows / product, rows / limit


def csv_growth(site: Site, classes: Classes) -> float:
    """Return by how many MB the largest class's CSV needs more memory than the smallest's."""
    small, large = (
        _child("csv", site.config.database_url, classes.units[size].hex, *classes.modules)["mb"]
        for size in (SIZES[0], SIZES[-1])
    )
    return large - small


def import_figures(site: Site, folder: Path) -> tuple[float, float]:
    """Return the seconds of importing a roster of 10,000 pupils into a new school, and the memory in MB."""
    roster = folder / "roster.csv"
    if not roster.exists():
        roster.write_text("\n".join(",".join(row) for row in roster_rows()), encoding="utf-8-sig")
    with TemporaryDirectory(dir=folder) as made:
        data = copy_of(site, Path(made) / "data")
        said = _child("import", f"sqlite:///{data / 'lms.db'}", str(roster))
    return said["seconds"], said["mb"]


def roster_rows() -> Iterator[tuple[str, ...]]:
    """Yield the lines of the roster that is imported, with its header."""
    yield ("STT", "Họ và tên", "Ngày sinh", "Lớp", "Mã định danh Bộ GD&ĐT")
    for number in range(ROSTER_ROWS):
        day = OPENED - timedelta(days=365 * 9 + number % 300)
        name = f"{_FAMILIES[number % 7]} {_MIDDLES[number % 11]} {_GIVEN[number % 13]}"
        yield (f"{number + 1}", name, f"{day:%d/%m/%Y}", f"{number % 250 + 1}", f"{number:010d}")


_FAMILIES = ["Nguyễn", "Trần", "Lê", "Phạm", "Đinh", "Quách", "Bùi"]
_MIDDLES = ["Thị", "Văn", "Minh", "Thu", "Ngọc", "Đức", "Hải", "Thanh", "Hồng", "Quốc", "Gia"]
_GIVEN = ["An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Mai", "Nam", "Oanh", "Phúc", "Quỳnh"]


def raw_import(folder: Path) -> float:
    """Return the seconds of the same roster by the csv module and the driver: one FULL commit."""
    roster = folder / "roster.csv"
    with TemporaryDirectory(dir=folder) as made:
        bare = dbapi2.connect(f"{made}/raw.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode=wal")
        bare.execute("PRAGMA synchronous=full")
        bare.execute("CREATE TABLE users (id BLOB PRIMARY KEY, name TEXT, born TEXT, code TEXT UNIQUE)")
        bare.execute("CREATE TABLE members (id BLOB PRIMARY KEY, user BLOB REFERENCES users, class TEXT)")
        begun = time.perf_counter()
        users, members, seen = [], [], set()
        with roster.open(encoding="utf-8-sig", newline="") as file:
            for _, name, born, room, code in list(csv.reader(file))[1:]:
                name = " ".join(unicodedata.normalize("NFC", name).split())
                if not name or code in seen:
                    continue
                seen.add(code)
                key = uuid.uuid4().bytes
                users.append((key, name, "-".join(reversed(born.split("/"))), code))
                members.append((uuid.uuid4().bytes, key, room))
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", users)
        bare.executemany("INSERT INTO members VALUES (?, ?, ?)", members)
        bare.execute("COMMIT")
        took = time.perf_counter() - begun
        bare.close()
    return took


def _child(*words: str) -> dict[str, float]:
    """Run one piece of work in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.child", *words]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(said))
