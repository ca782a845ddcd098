"""Single cells: names, birth dates, telephone numbers and codes as they arrive."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.classrooms.cells import birthday_of, clean, name_of, phone_of, sector_code_of
from lms.classrooms.header import HIDDEN

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "typed",
    [
        "Đặng Thị Hồng",
        unicodedata.normalize("NFD", "Đặng Thị Hồng"),
        "  Đặng\u00a0Thị   Hồng ",
        "Đặng\u200b Thị Hồng\ufeff",
        "Ðặng Thị Hồng",
        "Đặng\nThị Hồng",
        "Đặng Thị\u202f\u200eHồng",
    ],
    ids=["plain", "NFD", "spaces", "zero width", "eth", "line break", "marks"],
)
def test_what_cannot_be_seen_is_mended_silently(typed: str) -> None:
    found = name_of(typed)
    assert (found.value, found.kind) == ("Đặng Thị Hồng", "")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ĐẶNG THỊ HỒNG", "Đặng Thị Hồng"),
        ("đặng thị hồng", "Đặng Thị Hồng"),
        ("H'HEN NIÊ", "H'Hen Niê"),
        ("Y MOAN ÊNUÔL", "Y Moan Ênuôl"),
        ("LÊ Thị ÁNH", "Lê Thị Ánh"),
        ("12. Lò Thị An", "Lò Thị An"),
    ],
)
def test_names_in_capitals_become_proper_names(typed: str, name: str) -> None:
    assert name_of(typed).value == name


@pytest.mark.parametrize(
    "name", ["H'Hen Niê", "Y Moan Ênuôl", "A Phúc", "Y Thương", "H’Bia Ayŭn", "Lò Thị Mai-Ly"]
)
def test_names_of_all_peoples_stay_as_they_are(name: str) -> None:
    found = name_of(name)
    assert (found.value, found.kind) == (name, "")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Lò Văn Sáu 2", "có chữ số"),
        ("An", "viết đủ họ và tên"),
        ("Lò Vаn An", "tiếng nước ngoài"),
        ("Lò Văn <b>An</b>", "chỉ gồm chữ"),
        ("Lò " * 40, "dài quá"),
        ("=HYPERLINK(A1)", "có chữ số"),
    ],
)
def test_what_is_no_name_is_an_error_that_says_the_cure(typed: str, says: str) -> None:
    found = name_of(typed)
    assert (found.value, found.kind) == (None, "error")
    assert says in found.message and found.message.endswith(".")


@pytest.mark.parametrize(
    "typed",
    [
        "12/05/2016",
        "12/5/16",
        "12-05-2016",
        "12.05.2016",
        "12 / 05 / 2016",
        "2016-05-12",
        "2016-05-12 00:00:00",
        "12/05/2016 00:00",
        "'12/05/2016",
        "12 5 2016",
        "ngày 12 tháng 5 năm 2016",
        "12052016",
    ],
)
def test_a_birth_date_is_read_day_first_or_as_iso(typed: str) -> None:
    found = birthday_of(typed, TODAY)
    assert (found.value, found.kind) == (date(2016, 5, 12), "")


def test_excels_number_of_days_is_a_date_and_we_say_so() -> None:
    found = birthday_of("42502", TODAY)
    assert (found.value, found.kind) == (date(2016, 5, 12), "mended")
    assert "12/05/2016" in found.message


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("31/02/2016", "ngày 31/02/2016 không có thật. Sửa lại ngày, hoặc để trống."),
        ("29/02/2015", "không có thật"),
        ("05/13/2016", "có phải 13/05/2016?"),
        ("00/05/2016", "không có thật"),
        ("mồng 5 Tết", "không phải ngày"),
        ("12/05/2061", "còn chưa tới"),
        ("99/99/9999", "có thật"),
    ],
)
def test_a_day_that_is_none_is_an_error(typed: str, says: str) -> None:
    found = birthday_of(typed, TODAY)
    assert (found.value, found.kind) == (None, "error")
    assert says in found.message


@pytest.mark.parametrize(("typed", "age"), [("01/01/1980", "46 tuổi"), ("01/01/2025", "1 tuổi")])
def test_an_odd_age_is_taken_and_pointed_at(typed: str, age: str) -> None:
    found = birthday_of(typed, TODAY)
    assert found.value is not None
    assert found.kind == "notice" and age in found.message


def test_a_year_alone_is_not_taken() -> None:
    for typed in ("2016", "5/2016"):
        found = birthday_of(typed, TODAY)
        assert (found.value, found.kind) == (None, "notice")


def test_two_figures_of_a_year_never_lie_ahead() -> None:
    assert birthday_of("1/1/26", TODAY).value == date(2026, 1, 1)
    assert birthday_of("1/1/27", TODAY).value == date(1927, 1, 1)


@pytest.mark.parametrize(
    "typed", ["0912000123", "0912 000 123", "0912.000.123", "0912-000-123", "(0912) 000123"]
)
def test_a_phone_number_may_have_any_signs_between(typed: str) -> None:
    found = phone_of(typed)
    assert (found.value, found.kind) == ("0912000123", "")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("912000123", "thiếu số 0 đầu số điện thoại, đã thêm giúp."),
        ("912000123.0", "thiếu số 0 đầu"),
        ("+84 912 000 123", "mã nước 84"),
        ("84912000123", "mã nước 84"),
        ("0084912000123", "mã nước 84"),
        ("+84 0912 000 123", "mã nước 84"),
    ],
)
def test_a_phone_number_that_lost_its_zero_gets_it_back(typed: str, says: str) -> None:
    found = phone_of(typed)
    assert (found.value, found.kind) == ("0912000123", "mended")
    assert says in found.message


@pytest.mark.parametrize(
    "typed",
    ["0912000123 / 0987000456", "0912000123, 0987000456", "0912000123 - 0987000456", "0912000123 0987000456"],
)
def test_of_two_phone_numbers_the_first_is_kept(typed: str) -> None:
    found = phone_of(typed)
    assert (found.value, found.kind) == ("0912000123", "notice")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("09120001", "có 8 chữ số, cần 10"),
        ("0112000123", "đầu số 011"),
        ("01682000123", "kiểu cũ"),
        ("9,12E+08", "mất các chữ số cuối"),
        ("9.12E+08", "mất các chữ số cuối"),
        ("gọi bà", "không phải số điện thoại"),
        (HIDDEN, "12 chữ số"),
    ],
)
def test_a_wrong_phone_number_is_an_error_with_its_cure(typed: str, says: str) -> None:
    found = phone_of(typed)
    assert (found.value, found.kind) == (None, "error")
    assert says in found.message and "để trống" in found.message


def test_a_landline_is_not_taken_but_keeps_nobody_out() -> None:
    assert phone_of("024 3000 0123").kind == "notice"


@pytest.mark.parametrize("nothing", ["", "-", "x", "không", "Không có", "0", "#N/A"])
def test_ways_of_writing_nothing_are_nothing(nothing: str) -> None:
    for found in (phone_of(nothing), birthday_of(nothing, TODAY), sector_code_of(nothing)):
        assert (found.value, found.kind) == (None, "")


@pytest.mark.parametrize(
    ("typed", "code", "kind"),
    [
        ("2400000001", "2400000001", ""),
        ("2400000001.0", "2400000001", ""),
        ("'2400000001", "2400000001", ""),
        ("240000001", "0240000001", "mended"),
        ("TAM-2026-17", None, ""),
        (HIDDEN, None, "notice"),
        ("001216000123", None, "notice"),
        ("1.23E+09", None, "error"),
        ("24000", None, "error"),
        ("HS-0001", None, "error"),
    ],
)
def test_a_sector_code_has_ten_digits(typed: str, code: str | None, kind: str) -> None:
    found = sector_code_of(typed)
    assert (found.value, found.kind) == (code, kind)


def test_an_identity_number_is_never_repeated() -> None:
    assert "001216000123" not in sector_code_of("001216000123").message


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cell(text: str) -> None:
    for found in (name_of(text), birthday_of(text, TODAY), phone_of(text), sector_code_of(text)):
        assert (found.kind == "error") <= (found.value is None)
        assert bool(found.kind) == bool(found.message)
    assert clean(clean(text)) == clean(text)
