"""Lists of staff: teachers, and the others beside them."""

import pytest
from dirty_files import pasted

from lms.classrooms.rows import Reading, StaffRow
from lms.classrooms.staff_list import read_staff
from lms.classrooms.workbook import read_pasted

HEADER = "STT|Họ tên|Email|Trạng thái CB|Vị trí việc làm|Nhóm chức vụ|Môn dạy|Số điện thoại"


def read(*lines: str) -> Reading[StaffRow]:
    """Read a list of staff that was pasted, cells parted by `|`."""
    return read_staff(read_pasted(pasted(lines)))


def test_the_ministrys_list_of_staff_is_read() -> None:
    reading = read(
        HEADER,
        "1|Lò Thị Hạnh|hanh@example.vn|Đang làm việc|Giáo viên tiểu học|Giáo viên|Toán|912000101",
        "2|CÀ VĂN BÌNH||Đang làm việc|Hiệu trưởng|Cán bộ quản lý||",
        "3|Lê Thị Chi||Nghỉ hưu|Kế toán|Nhân viên||",
    )
    assert reading.rows == (
        StaffRow(1, "Lò Thị Hạnh", "teacher", "Giáo viên tiểu học", "0912000101"),
        StaffRow(2, "Cà Văn Bình", "staff", "Hiệu trưởng"),
    )
    assert reading.skipped == {3: "trạng thái: Nghỉ hưu"}
    assert reading.not_taken == ("Email",)


@pytest.mark.parametrize(
    ("place", "audience"),
    [
        ("Giáo viên|", "teacher"),
        ("GV|", "teacher"),
        ("|Giáo viên", "teacher"),
        ("Tổ trưởng|Giáo viên", "teacher"),
        ("Phó Hiệu trưởng|CBQL", "staff"),
        ("Nhân viên thư viện|Nhân viên", "staff"),
        ("Kế toán|", "staff"),
    ],
)
def test_who_teaches_is_told_by_position_or_group(place: str, audience: str) -> None:
    (row,) = read("Họ tên|Vị trí việc làm|Nhóm chức vụ", f"Lò Thị Hạnh|{place}").rows
    assert row.audience == audience


def test_a_subject_makes_a_teacher_where_no_position_is_given() -> None:
    reading = read("Họ tên|Môn dạy", "Lò Thị Hạnh|Toán", "Cà Văn Bình|")
    assert [row.audience for row in reading.rows] == ["teacher", "staff"]


def test_without_any_such_column_all_are_staff_and_that_is_said() -> None:
    reading = read("Họ tên|SĐT", "Lò Thị Hạnh|0912000101")
    assert [row.audience for row in reading.rows] == ["staff"]
    assert "không có cột Vị trí việc làm" in reading.notes[0]


def test_doubles_are_told_and_a_wrong_phone_is_an_error() -> None:
    reading = read(
        "Họ tên|Mã định danh Bộ GD&ĐT|SĐT",
        "Lò Thị Hạnh|2400000001|0912000101",
        "Lò Thị Hạnh|2400000001|",
        "Cà Văn Bình||0912",
    )
    assert [(p.kind, p.cell) for p in reading.problems] == [
        ("notice", "A3"),
        ("error", "B3"),
        ("error", "C4"),
    ]
    assert [row.full_name for row in reading.rows] == ["Lò Thị Hạnh"]


def test_a_list_without_names_is_not_read() -> None:
    reading = read("STT|Vị trí việc làm|Môn dạy", "1|Giáo viên|Toán")
    assert reading.rows == () and reading.header_line == 0
    assert reading.problems[0].message.startswith("Không thấy cột Họ và tên.")
