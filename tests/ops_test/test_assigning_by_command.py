"""`lms assign`: a module given to a class from the terminal, once, and refused in words."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms import clock
from lms.accounts.models import StaffAct
from lms.classrooms.models import Assignment
from lms.db import Database
from tests.cast import gather
from tests.ops_test.home import Home

DUE = clock.today() + timedelta(days=7)


@pytest.fixture
def refs(home: Home) -> dict[str, str]:
    """Give the refs of 4A and of its school, on a site with the cast."""
    found: dict[str, str] = {}

    def fill(database: Database) -> None:
        with database.transaction() as db:
            cast = gather(db)
            found.update(room=cast.class_4a.ref, school=cast.hoa_sen.ref)

    home.with_database(fill)
    return found


def given(home: Home) -> list[tuple[str, str, bool]]:
    """Return what was assigned."""
    rows: list[tuple[str, str, bool]] = []

    def read(database: Database) -> None:
        with database.reading() as db:
            rows.extend((a.item_id, a.audience, a.required) for a in db.scalars(select(Assignment)))

    home.with_database(read)
    return rows


def test_a_module_is_given_once_however_often_it_is_typed(home: Home, refs: dict[str, str]) -> None:
    words = ("assign", "--class", refs["room"], "--item", "man-hinh", "--due", f"{DUE}")
    said = home.did(*words)
    assert said == f"Đã giao “Nhìn rõ màn hình” cho cha mẹ học sinh lớp 4A, hạn {DUE:%d/%m/%Y}.\n"
    assert "từ trước" in home.did(*words)
    assert home.did(*words, "--quiet") == ""
    assert given(home) == [("man-hinh", "parent", True)]
    assert home.count(StaffAct) == 1
    home.did(*words, "--audience", "student", "--advised", "--quiet")
    assert ("man-hinh", "student", False) in given(home)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--class": "0" * 12}, "Không có lớp"),
        ({"--class": "school"}, "Không có lớp"),
        ({"--item": "khong-co"}, "Đang có: lam-quen, man-hinh, danh-ba."),
        ({"--item": "man-hinh-chu-to"}, "Không có chủ đề hay khóa học"),
        ({"--due": f"{clock.today() - timedelta(days=1)}"}, "Hạn đã qua. Chọn ngày sau"),
        ({"--due": f"{clock.today() + timedelta(days=400)}"}, "Hạn xa quá"),
    ],
)
def test_what_cannot_be_given_is_refused_in_words(
    home: Home, refs: dict[str, str], changed: dict[str, str], said: str
) -> None:
    typed = {"--class": refs["room"], "--item": "man-hinh", "--due": f"{DUE}"} | changed
    if typed["--class"] == "school":
        typed["--class"] = refs["school"]
    result = home.lms("assign", *(word for pair in typed.items() for word in pair))
    assert result.exit_code == 1
    assert said in result.output
    assert given(home) == []


def test_another_due_date_for_what_stands_already_is_refused_with_the_way_to_change_it(
    home: Home, refs: dict[str, str]
) -> None:
    words = ("assign", "--class", refs["room"], "--item", "man-hinh", "--due")
    home.did(*words, f"{DUE}")
    result = home.lms(*words, f"{DUE + timedelta(days=1)}")
    assert result.exit_code == 1
    assert f"hạn {DUE:%d/%m/%Y}. Muốn đổi hạn thì thu hồi" in result.output
