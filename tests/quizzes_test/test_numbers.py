"""Numbers as Vietnamese write them: what is read, and what cannot be told."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.vietnamese.numbers import LONGEST, parse_number

READ = [
    # digits, grouped or divided
    ("1500000", "", "1500000"),
    ("1.500.000", "", "1500000"),
    ("1,500,000", "", "1500000"),
    ("1 500 000", "", "1500000"),
    ("1\u00a0500\u202f000", "", "1500000"),
    ("1.500", "", "1500"),
    ("1500", "", "1500"),
    ("1 500", "", "1500"),
    ("50.000", "", "50000"),
    ("50,000", "", "50000"),
    ("1,250", "", "1250"),
    ("1,5", "", "1.5"),
    ("1.5", "", "1.5"),
    ("1,25", "", "1.25"),
    ("1.50", "", "1.5"),
    ("3,142", "", "3.142"),
    ("0,125", "", "0.125"),
    ("0.125", "", "0.125"),
    ("0,500", "", "0.5"),
    (",5", "", "0.5"),
    ("1234,567", "", "1234.567"),
    ("1234.567", "", "1234.567"),
    ("12.3456", "", "12.3456"),
    ("1.500.000,5", "", "1500000.5"),
    ("1,500,000.5", "", "1500000.5"),
    ("1 500 000,5", "", "1500000.5"),
    ("1.500,25", "", "1500.25"),
    ("007", "", "7"),
    ("0", "", "0"),
    ("１２３", "", "123"),
    ("１．５００", "", "1500"),
    ("  12 ", "", "12"),
    ("12.", "", "12"),
    ("12!", "", "12"),
    ("1\u200b2", "", "12"),
    # signs
    ("-5", "", "-5"),
    ("- 5", "", "-5"),
    ("−5", "", "-5"),
    ("–5", "", "-5"),
    ("âm 5", "", "-5"),
    ("Âm 1,5 triệu", "", "-1500000"),
    ("+5", "", "5"),
    # magnitudes
    ("1,5 triệu", "", "1500000"),
    ("1.5 triệu", "", "1500000"),
    ("1,5 TRIỆU", "", "1500000"),
    ("1,250 triệu", "", "1250000"),
    ("1.250 tỷ", "", "1250000000000"),
    ("15 nghìn", "", "15000"),
    ("15 ngàn", "", "15000"),
    ("15 nghin", "", "15000"),
    ("15nghìn", "", "15000"),
    ("2 tỷ", "", "2000000000"),
    ("2 tỉ", "", "2000000000"),
    ("2 ty", "", "2000000000"),
    ("500k", "", "500000"),
    ("500K", "", "500000"),
    ("3 tr", "", "3000000"),
    ("3tr", "", "3000000"),
    ("1tr5", "", "1500000"),
    ("1tr250", "", "1250000"),
    ("2 tỷ rưỡi", "", "2500000000"),
    ("1 triệu rưỡi", "", "1500000"),
    ("5 trăm", "", "500"),
    ("5 trăm nghìn", "", "500000"),
    ("3 nghìn tỷ", "", "3000000000000"),
    ("1 triệu 500 nghìn", "", "1500000"),
    ("2 tỷ 300 triệu", "", "2300000000"),
    ("1 triệu, 500 nghìn", "", None),
    # units
    ("500000 đồng", "đồng", "500000"),
    ("500.000đ", "đồng", "500000"),
    ("500.000 d", "đồng", "500000"),
    ("500000 VNĐ", "đồng", "500000"),
    ("500000vnd", "đồng", "500000"),
    ("VND 500.000", "đồng", "500000"),
    ("₫500.000", "đồng", "500000"),
    ("500.000₫", "đồng", "500000"),
    ("1,5 triệu đồng", "đồng", "1500000"),
    ("500k đ", "đồng", "500000"),
    ("1tr5 đồng", "đồng", "1500000"),
    ("1 triệu 500 nghìn đồng.", "đồng", "1500000"),
    ("500.000", "đồng", "500000"),
    ("500.000", "đ", "500000"),
    ("500.000 đồng", "VNĐ", "500000"),
    ("50%", "%", "50"),
    ("50 %", "%", "50"),
    ("50 phần trăm", "%", "50"),
    ("50 phan tram", "%", "50"),
    ("12,5%", "%", "12.5"),
    ("5 phút", "phút", "5"),
    ("5 phut", "phút", "5"),
    ("5p", "phút", "5"),
    ("2 giờ", "giờ", "2"),
    ("2h", "giờ", "2"),
    ("2 tiếng", "giờ", "2"),
    ("2,5 giờ", "giờ", "2.5"),
    ("6 số", "số", "6"),
    ("6 chữ số", "số", "6"),
    ("6 so", "số", "6"),
    ("8 ký tự", "ký tự", "8"),
    ("8 kí tự", "ký tự", "8"),
    ("18 tuổi", "tuổi", "18"),
    ("5 km", "km", "5"),
    ("5 cây số", "km", "5"),
    ("5 m", "m", "5"),
    ("3 thửa", "thửa", "3"),
    ("-5 °C", "°C", "-5"),
    ("5 GB", "GB", "5"),
    # a unit that begins with a magnitude
    ("1,5", "triệu đồng", "1.5"),
    ("1,5 triệu", "triệu đồng", "1.5"),
    ("1,5 triệu đồng", "triệu đồng", "1.5"),
    ("1.500.000 đồng", "triệu đồng", "1.5"),
    ("500 nghìn", "triệu đồng", "0.5"),
    ("1,5 triệu", "triệu", "1.5"),
    # what cannot be told
    ("", "", None),
    ("   ", "", None),
    ("không", "", None),
    ("năm", "", None),
    ("năm", "năm", None),
    ("đồng", "đồng", None),
    ("triệu", "", None),
    ("mười lăm", "", None),
    ("5 phút", "giờ", None),
    ("5 giờ", "phút", None),
    ("5 đô", "đồng", None),
    ("5 USD", "đồng", None),
    ("$5", "đồng", None),
    ("50%", "", None),
    ("500.000 đồng", "", None),
    ("5 km", "m", None),
    ("5k", "km", None),
    ("5 đông", "đồng", None),
    ("1.50.000", "", None),
    ("1.5.0", "", None),
    ("1,5,0", "", None),
    ("1.500,000.5", "", None),
    ("1,500.000,5", "", None),
    ("15 00", "", None),
    ("1 5", "", None),
    ("1..5", "", None),
    ("1,.5", "", None),
    ("2-3", "", None),
    ("2 - 3", "", None),
    ("1/2", "", None),
    ("2 hoặc 3", "", None),
    ("khoảng 5", "", None),
    ("~5", "", None),
    ("5+5", "", None),
    ("2*3", "", None),
    ("1e5", "", None),
    ("0x10", "", None),
    ("1_000", "", None),
    ("--5", "", None),
    ("²", "", None),
    ("٣", "", None),
    ("½", "", None),
    ("NaN", "", None),
    ("Infinity", "", None),
    ("7h30", "giờ", None),
    ("1 triệu 500", "", None),
    ("500 nghìn 1 triệu", "", None),
    ("1 triệu 2 triệu", "", None),
    ("1,5 triệu 200 nghìn", "", "1700000"),
    ("5 triều", "", None),
    ("l0", "", None),
    ("1O", "", None),
    ("__import__('os')", "", None),
    ("9" * 18, "", "9" * 18),
    ("9" * 19, "", None),
    ("1" + " " * (LONGEST - 1), "", "1"),
    ("5 chục", "", "50"),
    ("5 chuc", "", "50"),
    ("1" + " " * LONGEST, "", None),
]


@pytest.mark.parametrize(("text", "unit", "value"), READ)
def test_a_number_is_read_as_people_mean_it(text: str, unit: str, value: str | None) -> None:
    assert parse_number(text, unit) == (None if value is None else Decimal(value))


def written(value: int, group: str) -> str:
    return f"{value:,}".replace(",", group)


@given(
    value=st.integers(0, 10**15), group=st.sampled_from(["", ".", ",", " "]), sign=st.sampled_from(["", "-"])
)
def test_every_way_to_group_the_digits_gives_the_same_number(value: int, group: str, sign: str) -> None:
    if group == "," and 1000 <= value < 1_000_000 and value % 10:
        value -= value % 10
    expected = -value if sign else value
    assert parse_number(sign + written(value, group)) == expected
    assert parse_number(sign + written(value, group) + " đồng", "đồng") == expected


@given(whole=st.integers(0, 10**9), part=st.text(alphabet="0123456789", min_size=1, max_size=6))
def test_a_comma_divides_what_the_law_on_accounting_writes(whole: int, part: str) -> None:
    if len(part) == 3 and part.endswith("0"):
        part = part[:2]
    expected = Decimal(f"{whole}.{part}")
    assert parse_number(f"{whole},{part}") == expected
    if whole >= 1000:
        assert parse_number(f"{written(whole, '.')},{part}") == expected


@given(text=st.text(max_size=80), unit=st.sampled_from(["", "đồng", "%", "triệu đồng", "giờ", "((", "k"]))
def test_any_text_is_read_or_not_and_nothing_else(text: str, unit: str) -> None:
    value = parse_number(text, unit)
    assert value is None or value.is_finite()


@given(
    st.text(alphabet="0123456789., kđtrtỷiệuềnghìrưỡ-+", max_size=LONGEST),
    st.sampled_from(["", "đồng", "triệu đồng"]),
)
def test_what_looks_like_a_number_never_raises(text: str, unit: str) -> None:
    value = parse_number(text, unit)
    assert value is None or value.is_finite()
