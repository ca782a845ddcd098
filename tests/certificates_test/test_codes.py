import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lms.codes import (
    CodeSlip,
    check_digit,
    group,
    new_code,
    new_short_code,
    parse,
    parse_short,
)

LENGTHS = {16: parse, 8: parse_short}
DIGITS = st.text(alphabet="0123456789", min_size=7, max_size=7) | st.text(
    alphabet="0123456789", min_size=15, max_size=15
)


def test_the_check_digit_is_the_one_of_damms_published_example() -> None:
    assert check_digit("572") == "4"


@settings(deadline=None)
@given(DIGITS)
def test_a_code_with_its_check_digit_is_read_back(digits: str) -> None:
    code = digits + check_digit(digits)
    assert LENGTHS[len(code)](code) == code


@settings(deadline=None)
@given(DIGITS, st.data())
def test_a_single_wrong_digit_is_always_caught(digits: str, data: st.DataObject) -> None:
    code = digits + check_digit(digits)
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != code[place]]))
    with pytest.raises(CodeSlip, match="Có một số bị gõ sai hoặc hai số bị đổi chỗ"):
        LENGTHS[len(code)](code[:place] + wrong + code[place + 1 :])


@settings(deadline=None)
@given(DIGITS, st.data())
def test_two_neighbours_swapped_are_always_caught(digits: str, data: st.DataObject) -> None:
    code = digits + check_digit(digits)
    place = data.draw(st.integers(0, len(code) - 2))
    assume(code[place] != code[place + 1])
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    with pytest.raises(CodeSlip, match="Có một số bị gõ sai hoặc hai số bị đổi chỗ"):
        LENGTHS[len(code)](swapped)


def test_every_pair_of_digits_swapped_after_every_beginning_is_caught() -> None:
    missed = [
        (first, a, b)
        for first in range(10)
        for a in range(10)
        for b in range(10)
        if a != b and check_digit(f"{first}{a}{b}") == check_digit(f"{first}{b}{a}")
    ]
    assert missed == []


def test_two_thousand_new_codes_are_distinct_and_valid() -> None:
    codes = [new_code() for _ in range(2000)]
    assert len(set(codes)) == 2000
    assert [parse(code) for code in codes] == codes


def test_new_codes_use_every_digit_in_every_random_place() -> None:
    columns = list(zip(*(new_code() for _ in range(2000)), strict=True))
    assert all(set(column) == set("0123456789") for column in columns)


def test_a_household_code_has_eight_digits_and_is_read_back() -> None:
    code = new_short_code()
    assert re.fullmatch(r"[0-9]{8}", code)
    assert parse_short(group(code)) == code


def test_a_code_is_printed_in_four_groups_of_four() -> None:
    assert group("1234567890123456") == "1234 5678 9012 3456"


@pytest.mark.parametrize(
    "pattern",
    [
        "{} {} {} {}",
        "{}.{}.{}.{}",
        "{}-{}-{}-{}",
        " {}{}{}{}\n",
        "{}\u00a0{}\u2013{}\u200b{}",
        "{}．{}－{}\u3000{}",
    ],
)
def test_a_code_is_read_whatever_stands_between_its_groups(pattern: str) -> None:
    code = new_code()
    assert parse(pattern.format(*group(code).split())) == code


def test_full_width_digits_are_read_as_digits() -> None:
    code = new_code()
    assert parse("".join(chr(0xFF10 + int(digit)) for digit in code)) == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Mã có 16 số, chưa gõ số nào."),
        ("1234 5678 9012 345", "Mã có 16 số, mới gõ 15."),
        ("1234 5678 9012 34567", "Mã có 16 số, đã gõ 17. Bớt số thừa."),
        ("1234 5678 9O12 3456", "Mã chỉ gồm các số từ 0 đến 9, không có “O”. Xem lại từng số của mã."),
        ("١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", "Mã chỉ gồm các số từ 0 đến 9, không có “١”. Xem lại từng số của mã."),
    ],
)
def test_a_slip_is_answered_with_a_sentence_that_says_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(CodeSlip) as slip:
        parse(text)
    assert str(slip.value) == sentence


def test_a_short_code_of_the_wrong_length_says_eight() -> None:
    with pytest.raises(CodeSlip, match=r"^Mã có 8 số, mới gõ 3\.$"):
        parse_short("123")


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_a_code_or_a_slip_and_nothing_else(text: str) -> None:
    try:
        code = parse(text)
    except CodeSlip:
        return
    assert re.fullmatch(r"[0-9]{16}", code)


def test_check_digit_refuses_what_is_not_a_digit() -> None:
    with pytest.raises(ValueError, match="0 to 9"):
        check_digit("12³")
