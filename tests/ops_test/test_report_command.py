"""`lms report coverage`: the same figures from a terminal, with nobody's name."""

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from lms import clock
from lms.db import Database, ScopedSession
from lms.people.memberships import join_unit
from tests.cast import OPENED, Cast, gather
from tests.ops_test.home import Home


@pytest.fixture
def school(home: Home) -> tuple[Home, Cast]:
    """Give an installation with the cast, in which one pupil of 4B has completed the course."""
    done = home.finish_course("Ngô Gia Bình")

    def fill(database: Database) -> Cast:
        with database.transaction() as db:
            cast = gather(db)
            join_unit(db, done, cast.class_4b.id, "student", "Ngô Gia Bình", OPENED)
            add_modules(db, done)
        return cast

    return home, home.with_database(fill)  # type: ignore[return-value]


def add_modules(db: ScopedSession, person_id: object) -> None:
    """Note the modules that the person's lessons and checks complete."""
    from sqlalchemy import select

    from lms.catalog.queries import load as load_catalogue
    from lms.people.models import Claim
    from lms.progress.actions import Doer, settle_person
    from tests.story import ISSUER

    learner = db.scalars(select(Claim.learner_id).where(Claim.person_id == person_id)).one()
    settle_person(db, Doer(learner, person_id, "Ngô Gia Bình"), load_catalogue(db), ISSUER, clock.now())  # type: ignore[arg-type]


def test_the_figure_of_a_school_is_printed_in_words_with_blanks_where_nothing_is_known(
    school: tuple[Home, Cast],
) -> None:
    home, cast = school
    said = home.did("report", "coverage", "--unit", cast.hoa_sen.ref)
    assert "Tỷ lệ hoàn thành khóa học “Làm quen: điện thoại của nhà mình”" in said
    assert "Học sinh: 1 trên 2 (50 %); đã tham gia 1, có người giúp 0, mức 2: 0, mức 3: 0." in said
    assert "CBQL, nhân viên: Chưa có danh sách, chưa có tổng số: chưa tính tỷ lệ." in said
    assert "Ngô" not in said


def test_json_holds_a_row_for_each_class_and_no_rate_without_a_roster(school: tuple[Home, Cast]) -> None:
    home, cast = school
    words = ("--unit", cast.hoa_sen.ref, "--by", "class", "--audience", "student", "--json")
    told = json.loads(home.did("report", "coverage", *words))
    assert [(row["name"], row["completed"], row["base"], row["rate"]) for row in told["rows"]] == [
        ("4A", 0, 1, 0.0),
        ("4B", 1, 1, 1.0),
    ]
    before = json.loads(home.did("report", "coverage", *words, "--as-of", "2026-08-01"))
    assert [row["completed"] for row in before["rows"]] == [0, 0]


def test_the_workbook_of_the_terminal_names_nobody(school: tuple[Home, Cast], tmp_path: Path) -> None:
    home, cast = school
    target = tmp_path / "so-lieu.xlsx"
    home.did("report", "coverage", "--unit", cast.commune.ref, "--xlsx", str(target))
    book = CalamineWorkbook.from_path(str(target))
    assert book.sheet_names == ["Tổng hợp", "Theo trường", "Cách tính"]
    assert "Ngô" not in str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--unit", "000000000000"), "không có lớp, trường hay xã “000000000000”"),
        (("--unit", "{class}", "--course", "khong-co"), "Không có khóa học “khong-co”. Đang có: lam-quen."),
        (("--unit", "{class}", "--as-of", "2999-01-01"), "Ngày này chưa tới."),
        (("--unit", "{class}", "--by", "school"), "--by class kê các lớp của một trường"),
        (("--unit", "{class}", "--xlsx", "/khong-co/so-lieu.xlsx"), "Không ghi được /khong-co/so-lieu.xlsx"),
    ],
)
def test_what_cannot_be_reported_is_said_with_its_cure(
    school: tuple[Home, Cast], words: tuple[str, ...], said: str
) -> None:
    home, cast = school
    result = home.lms("report", "coverage", *(word.replace("{class}", cast.class_4a.ref) for word in words))
    assert result.exit_code == 1
    assert said in result.output
