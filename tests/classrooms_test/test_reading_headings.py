"""Headings as schools write them, and header lines wherever they stand."""

import unicodedata

import pytest

from lms.classrooms.header import find_header
from lms.classrooms.headings import PRIVATE, WEAK_CODE, meaning

SPELLINGS = {
    "full_name": (
        "Họ và tên|Họ tên|Ho ten|HỌ VÀ TÊN HS|Họ và tên học sinh|Họ, tên|Họ và tên*|Họ và tên (chữ in hoa)"
        "|Họ  và\ntên|Họ tên trẻ|Full name|Họ và tên khai sinh|Họ đệm và tên"
    ),
    "family_name": "Họ đệm|Họ và đệm|Họ và tên đệm|Họ lót|Họ",
    "given_name": "Tên|Tên học sinh|Tên HS",
    "born_on": (
        "Ngày sinh|Ngày, tháng, năm sinh|Ngày tháng\nnăm sinh|NTNS|Ngày sinh (dd/mm/yyyy)|Năm sinh|Sinh ngày"
    ),
    "class_name": "Lớp|Lớp học|Mã lớp|Tên lớp|LỚP|Lop|Lớp (2026-2027)|Lớp năm học 2026-2027",
    "sector_code": (
        "Mã định danh Bộ GD&ĐT|Mã định danh Bộ GD&ĐT (trên CSDL ngành)|Mã định danh của Bộ|Mã MOET"
    ),
    WEAK_CODE: "Mã học sinh|Mã HS|Mã định danh|Mã số học sinh|Mã giáo viên",
    "status": "Trạng thái|Trạng thái HS|Trạng thái CB|Tình trạng|Tình trạng học tập",
    "sort_name": "Tên dùng để xếp|Tên để sắp xếp|Tên xếp",
    "contact_phone": "SĐT liên hệ|Điện thoại|Số ĐT|SĐT phụ huynh|Đ/thoại|Số điện thoại|SĐT cha/mẹ|Zalo",
    "father_name": "Họ tên cha|Tên cha|Họ và tên bố|Bố|Ho ten bo|Họ tên ba|Cha (hoặc người giám hộ)",
    "father_phone": "SĐT cha|ĐT bố|Số điện thoại của cha|SDT bo",
    "mother_name": "Họ tên mẹ|Họ và tên mẹ*|Tên mẹ|Mẹ|Ho ten me|Họ tên má",
    "mother_phone": "SĐT mẹ|Điện thoại mẹ|Số ĐT của mẹ",
    "guardian_name": (
        "Họ và tên người giám hộ|Họ tên phụ huynh|Phụ huynh|Họ tên cha mẹ|Người giám hộ|Họ tên bà"
    ),
    "guardian_phone": "SĐT người giám hộ",
    "guardian_relation": "Quan hệ với học sinh|Mối quan hệ|Quan hệ",
    "position": "Vị trí việc làm|Chức vụ|Chức danh",
    "position_group": "Nhóm chức vụ",
    "subject": "Môn dạy|Môn học đang dạy|Môn giảng dạy",
    PRIVATE: (
        "Nơi sinh|Nơi sinh chi tiết|Nghề nghiệp cha|Nghề nghiệp mẹ|Năm sinh cha|Năm sinh của mẹ*"
        "|Số định danh cá nhân|Số CMND|Số ĐDCN|Ngày cấp|Dân tộc|Tôn giáo|Giới tính|Loại khuyết tật"
        "|Số thẻ BHYT|Chỗ ở hiện nay|Địa chỉ|Tổ/thôn Hộ khẩu thường trú|Phường Xã quê quán|Quốc tịch"
        "|Email|Email của mẹ|Điện thoại học sinh|Hộ nghèo"
    ),
}
CASES = [(spelling, field) for field, spellings in SPELLINGS.items() for spelling in spellings.split("|")]
UNKNOWN = (
    *("Ghi chú", "Khối", "Nữ", "Giáo viên", "Lớp cũ", "Điểm", "Lớp 4A", "DANH SÁCH HỌC SINH LỚP 4A"),
    *("Giáo viên chủ nhiệm", "Nguyễn Thị An", "", "  ", "12/05/2016", "Đang học"),
)
CITY_EXPORT = (
    "STT|Mã định danh Bộ GD&ĐT|Họ tên|Ngày sinh|Giới tính|Dân tộc|Trạng thái|SĐT liên hệ|Nơi sinh chi tiết"
    "|Tổ/thôn Hộ khẩu thường trú|Tỉnh thành quê quán|Phường Xã quê quán|Chỗ ở hiện nay|Số CMND|Ngày cấp"
    "|Nơi cấp|Tên cha|Nghề nghiệp cha|Năm sinh cha|Tên mẹ|Nghề nghiệp mẹ|Năm sinh mẹ|Lớp học|Khối học"
    "|Số định danh cá nhân"
)


@pytest.mark.parametrize(("spelling", "field"), CASES)
def test_a_heading_is_known_however_it_is_spelled(spelling: str, field: str) -> None:
    decomposed = unicodedata.normalize("NFD", spelling)
    assert {meaning(s) for s in (spelling, decomposed, spelling.upper(), f"  {spelling} :")} == {field}


def test_the_table_of_spellings_is_long_enough() -> None:
    taken = [spelling for spelling, field in CASES if field != PRIVATE]
    assert len(taken) >= 40


@pytest.mark.parametrize("text", UNKNOWN)
def test_other_texts_are_no_headings(text: str) -> None:
    assert meaning(text) is None


def test_the_ministrys_export_of_the_city_is_read_under_its_two_titles() -> None:
    heading = CITY_EXPORT.split("|")
    titles = [["PHÒNG VĂN HÓA"], ["DANH SÁCH HỌC SINH"], []]
    header = find_header([*titles, heading, ["1", "2400000001", "Lò Thị An"]])
    assert header is not None
    assert (header.first, header.last) == (3, 3)
    assert {field: heading[column] for field, column in header.mapping.items()} == {
        "number": "STT",
        "sector_code": "Mã định danh Bộ GD&ĐT",
        "full_name": "Họ tên",
        "born_on": "Ngày sinh",
        "status": "Trạng thái",
        "contact_phone": "SĐT liên hệ",
        "father_name": "Tên cha",
        "mother_name": "Tên mẹ",
        "class_name": "Lớp học",
    }
    assert {heading[column] for column in range(len(heading)) if column not in header.private} == {
        "Khối học",
        *(heading[column] for column in header.mapping.values()),
    }


def test_two_lines_of_headings_are_read_together() -> None:
    rows = [
        ["STT", "Họ và tên", "Ngày sinh", "Cha", "", "Mẹ", "", ""],
        ["", "", "", "Họ tên", "SĐT", "Họ tên", "SĐT", "Nghề nghiệp"],
        ["1", "Lò Thị An", "12/05/2016", "Lò Văn Sơn", "0912000101", "Cà Thị Mây", "0912000102", "Nông dân"],
    ]
    header = find_header(rows)
    assert header is not None
    assert (header.first, header.last) == (0, 1)
    assert header.mapping == {
        "number": 0,
        "full_name": 1,
        "born_on": 2,
        "father_name": 3,
        "father_phone": 4,
        "mother_name": 5,
        "mother_phone": 6,
    }
    assert header.private == {7}


def test_a_name_written_over_two_columns_is_family_and_given_name() -> None:
    header = find_header(
        [["STT", "Họ và tên", "", "Lớp"], ["1", "Lò Thị", "An", "4A"], ["2", "Cà Văn", "Bình", "4A"]]
    )
    assert header is not None
    assert header.mapping == {"number": 0, "class_name": 3, "family_name": 1, "given_name": 2}


def test_an_empty_column_beside_the_name_is_no_given_name() -> None:
    header = find_header([["STT", "Họ và tên", "", "Lớp"], ["1", "Lò Thị An", "", "4A"]])
    assert header is not None
    assert header.mapping["full_name"] == 1


def test_ten_alone_is_the_whole_name_and_beside_ho_dem_the_given_name() -> None:
    alone, split = find_header([["STT", "Tên", "Lớp"]]), find_header([["STT", "Họ đệm", "Tên"]])
    assert alone is not None and split is not None
    assert alone.mapping["full_name"] == 1
    assert (split.mapping["family_name"], split.mapping["given_name"]) == (1, 2)


@pytest.mark.parametrize(
    ("values", "taken"),
    [
        (["2400000001", "TAM-4", "2400000003"], True),
        (["HS001", "HS002", "HS003"], False),
        (["001216000123", "001216000124"], False),
    ],
    ids=["the Ministry's", "the school's own", "identity numbers"],
)
def test_a_code_that_may_be_anybodys_is_judged_by_its_values(values: list[str], taken: bool) -> None:
    rows = [["Mã học sinh", "Họ tên"], *[[value, "Lò Thị An"] for value in values]]
    header = find_header(rows)
    assert header is not None
    assert ("sector_code" in header.mapping) is taken
    assert (0 in header.private) is not taken


def test_a_header_below_the_thirtieth_line_is_not_looked_for() -> None:
    assert find_header([[""]] * 30 + [["Họ tên", "Lớp"]]) is None
    assert find_header([[""]] * 29 + [["Họ tên", "Lớp"]]) is not None
