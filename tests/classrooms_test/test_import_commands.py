"""`lms roster`: the same rules at the terminal, and a roster that goes out and comes back unchanged."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms import clock
from lms.classrooms.actions import open_classroom
from lms.db import Database
from lms.people.models import Membership, Person
from lms.places.actions import open_unit
from lms.places.models import Unit
from tests.classrooms_test.dirty_files import CURES, class_of_38, xlsx
from tests.ops_test.home import Home

OPENED = date(2026, 8, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give an installation with an empty database of this version."""
    content = Path(__file__).resolve().parents[1] / "sample"
    here = Home(tmp_path / "data", content)
    here.did("db", "upgrade")
    return here


@pytest.fixture
def open_database(home: Home) -> Iterator[Database]:
    database = Database(home.config().database_url)
    yield database
    database.close()


@pytest.fixture
def school(open_database: Database) -> str:
    """Give a school with the class 4A; return its ref."""
    with open_database.transaction() as db:
        made = open_unit(
            db, "school", "Trường Tiểu học Hoa Sen", type="TH", opened_on=OPENED, now=clock.now()
        )
        open_classroom(db, made, "4A", 2026, clock.now())
        return made.ref


def count(db: Session, audience: str) -> int:
    rows = sa.select(sa.func.count()).select_from(Membership)
    return db.scalar(rows.where(Membership.audience == audience)) or 0


def room_ref(database: Database) -> str:
    with database.reading() as db:
        return db.scalars(sa.select(Unit.ref).where(Unit.kind == "class")).one()


def test_a_dry_run_says_what_is_wrong_and_writes_nothing(
    home: Home, open_database: Database, school: str, tmp_path: Path
) -> None:
    file = tmp_path / "4A.xlsx"
    file.write_bytes(class_of_38())
    words = (
        "roster",
        "import",
        str(file),
        "--school",
        school,
        "--class",
        "4a",
        "--year",
        "2026",
        "--dry-run",
    )
    result = home.lms(*words)
    assert result.exit_code == 1
    assert "Dòng 12, cột C: ngày 31/02/2016 không có thật" in result.output
    assert "Sẽ ghi: 32 em mới" in result.output
    told = json.loads(home.lms(*words, "--json").stdout)
    assert sorted(p["cell"] for p in told["refused"]) == sorted(CURES)
    assert told["written"] is False
    with open_database.reading() as db:
        assert (count(db, "student"), db.scalar(sa.select(sa.func.count()).select_from(Person))) == (0, 0)


def test_a_clean_file_goes_in_once_and_comes_out_so_that_nothing_changes(
    home: Home, open_database: Database, school: str, tmp_path: Path
) -> None:
    file = tmp_path / "4A.xlsx"
    file.write_bytes(class_of_38(mended=True))
    said = home.did("roster", "import", str(file), "--school", school, "--class", "4A", "--year", "2026")
    assert "Đã ghi: 38 em mới, 76 cha mẹ, người giám hộ mới." in said
    for name in ("ra.xlsx", "ra.csv"):
        out = tmp_path / name
        assert "38 em" in home.did("roster", "export", "--class", room_ref(open_database), "--out", str(out))
        again = ("roster", "import", str(out), "--school", school, "--year", "2026", "--json")
        told = json.loads(home.did(*again))
        assert (told["read"], told["changes"], told["written"]) == (38, 0, False)
    with open_database.reading() as db:
        assert (count(db, "student"), count(db, "parent")) == (38, 76)


def test_the_file_of_a_school_opens_classes_and_a_staff_list_is_read_too(
    home: Home, open_database: Database, school: str, tmp_path: Path
) -> None:
    file = tmp_path / "truong.xlsx"
    file.write_bytes(xlsx([["Họ và tên", "Lớp"], ["Lê Tú", "4A"], ["Cao Bá", "5B"]]))
    said = home.did("roster", "import", str(file), "--school", school, "--year", "2026")
    assert "1 lớp được mở" in said
    file.write_bytes(xlsx([["Họ và tên", "Vị trí việc làm"], ["Mai Văn Phú", "Giáo viên"]]))
    home.did("roster", "import", str(file), "--school", school, "--staff")
    with open_database.reading() as db:
        assert (count(db, "student"), count(db, "teacher")) == (2, 1)
    out = tmp_path / "truong.csv"
    home.did("roster", "export", "--school", school, "--year", "2026", "--out", str(out), "--quiet")
    assert '"5B","Cao Bá"' in out.read_text(encoding="utf-8-sig")


def test_what_cannot_be_done_is_said_with_the_cure(home: Home, school: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"MZ")
    good = tmp_path / "b.csv"
    good.write_text("Họ và tên\nLê Tú\n", encoding="utf-8")
    refused = (
        (("import", str(file), "--school", school), "tệp chương trình"),
        (("import", str(good), "--school", "0" * 12, "--class", "4A"), "Không có trường nào"),
        (("import", str(good), "--school", school, "--class", "9Z", "--year", "2026"), "chưa có lớp 9Z"),
        (("export", "--out", str(tmp_path / "a.xlsx")), "Chọn một trong hai"),
        (("export", "--class", "0" * 12, "--out", str(tmp_path / "a.xlsx")), "Không có lớp nào"),
        (("export", "--school", school, "--out", str(tmp_path / "a.pdf")), ".xlsx hoặc .csv"),
    )
    for words, cure in refused:
        result = home.lms("roster", *words)
        assert (result.exit_code, cure in result.output) == (1, True), (words, result.output)
