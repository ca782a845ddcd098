"""Letters, tones and names: the traps of real rosters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.vietnamese import fold, nfc, same_name, slug, sort_key, syllables

# In the order of ICU's Vietnamese collation, applied to given name, then middle, then family name.
IN_ORDER = [
    "Lê Văn An",
    "Nguyễn Văn An",
    "Trần Văn An",
    "Đinh Xuân An",
    "Nguyễn Thị Anh",
    "Phạm Thị Ảnh",
    "Bùi Thị Ánh",
    "Trần Ân",
    "Trần Văn Ân",
    "Lê Công Ẩn",
    "Lê Ấn",
    "Lê Văn Ấn",
    "Hoàng Bách",
    "Vũ Bình",
    "Ngô Bính",
    "Đỗ Cường",
    "Lý Dạt",
    "Hồ Dung",
    "Hồ Dùng",
    "Hồ Dũng",
    "Hồ Dụng",
    "Trịnh Đan",
    "Âu Đạt",
    "Phan Đạt",
    "Võ Em",
    "Võ Êm",
    "Mai Giang",
    "Cao Hà",
    "Cao Hạ",
    "Đặng Hoa",
    "Đặng Hòa",
    "Đặng Hóa",
    "Tạ Linh",
    "Tạ Ly",
    "Tô Nga",
    "Tô Ngân",
    "Kim Oanh",
    "Kim Ôn",
    "Lương Ơn",
    "Lâm Quân",
    "Lâm Tâm",
    "Lâm Thu",
    "Lâm Thư",
    "Lâm Tú",
    "Lâm Tư",
    "Lâm Tứ",
    "Lâm Út",
    "Lâm Ưng",
    "Đào Xuân",
    "Hà Ý",
    "Hà Yên",
    "Chu Yến",
]


def test_names_stand_in_the_order_of_the_vietnamese_alphabet_and_tones() -> None:
    assert len(IN_ORDER) > 35
    shuffled = sorted(IN_ORDER, key=lambda name: name[::-1])
    assert shuffled != IN_ORDER
    assert sorted(shuffled, key=sort_key) == IN_ORDER


def test_a_given_name_is_compared_with_its_tone_before_the_family_name() -> None:
    names = ["Lê Văn Ấn", "Trần Văn Ân", "Lê Công Ẩn", "Trần Ân", "Lê Ấn"]
    assert sorted(names, key=sort_key) == ["Trần Ân", "Trần Văn Ân", "Lê Công Ẩn", "Lê Ấn", "Lê Văn Ấn"]


def test_letters_with_marks_follow_their_plain_letter_and_not_the_end_of_the_alphabet() -> None:
    given_names = ["Yến", "Ơn", "Đạt", "Ánh", "Dũng", "An", "Ôn", "Oanh"]
    assert sorted(given_names, key=sort_key) == ["An", "Ánh", "Dũng", "Đạt", "Oanh", "Ôn", "Ơn", "Yến"]


def test_an_override_sorts_a_name_whose_given_name_does_not_stand_last() -> None:
    people = [
        ("H'Hen Niê", "H'Hen"),
        ("A Phúc", "Phúc"),
        ("Lê Văn Hà", ""),
        ("Trần Văn Phú", ""),
        ("Tô Nga", ""),
    ]
    in_order = [name for name, override in sorted(people, key=lambda person: sort_key(*person))]
    assert in_order == ["H'Hen Niê", "Lê Văn Hà", "Tô Nga", "Trần Văn Phú", "A Phúc"]


def test_letters_of_central_highland_names_stand_beside_their_plain_letter() -> None:
    letters = ["v", "ŭ", "ơ̆", "ô̆", "ŏ", "ñ", "ĭ", "ê̆", "ĕ", "č", "ƀ", "b", "c", "e", "ê", "i", "n", "o", "u"]
    assert sorted(letters, key=sort_key) == [
        "b", "ƀ", "c", "č", "e", "ĕ", "ê", "ê̆", "i", "ĭ", "n", "ñ", "o", "ŏ", "ô̆", "ơ̆", "u", "ŭ", "v",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Thủy Đặng", "H'Hen Niê", "Y Moan Ênuôl", "Ksor H'Bŏ Khăp", "Ƀuôn Yă"]
)
def test_how_a_name_is_coded_does_not_change_its_place(name: str) -> None:
    forms = [
        nfc(name),
        unicodedata.normalize("NFD", name),
        name.upper(),
        name.replace(" ", "\u00a0"),
        f"\u202e{name}\u200d",
        f"  {name}  ",
        name.replace("'", "’"),
        name.replace("Đ", "Ð"),
    ]
    assert {sort_key(form) for form in forms} == {sort_key(name)}
    assert {fold(form) for form in forms} == {fold(name)}
    assert all(same_name(form, name) for form in forms)


def test_a_name_of_one_word_and_one_of_seven_both_sort() -> None:
    assert sorted(["Nguyễn Thị Hoàng Thanh Trúc Quỳnh Như", "Nga", ""], key=sort_key) == [
        "",
        "Nga",
        "Nguyễn Thị Hoàng Thanh Trúc Quỳnh Như",
    ]


def test_the_place_of_a_tone_mark_does_not_matter_but_the_tone_does() -> None:
    assert same_name("Hoà Thuý", "Hòa Thúy")
    assert same_name("NGUYỄN  văn hoà", "Nguyễn Văn Hòa")
    assert not same_name("Hoa", "Hòa")
    assert not same_name("Ân", "Ấn")
    assert not same_name("Dung", "Đung")


def test_folding_lets_a_search_without_marks_find_a_name() -> None:
    assert fold("Đăng nhập") == "dang nhap"
    assert fold("\u00d0\u1eb6NG") == fold("Đặng") == "dang"
    assert fold("H’Bŏ Khăp, Ƀuôn") == "h'bo khap, buon"
    assert fold("Nguye\u0302\u0303n\u00a0Hoà") == "nguyen hoa"
    assert fold("Đặng\u200d\u202e\ufeff") == "dang"


def test_cyrillic_look_alikes_stay_apart_from_latin_letters() -> None:
    assert fold("\u0410n") != fold("An")
    assert not same_name("\u0410n", "An")


def test_a_slug_keeps_đ_and_drops_what_an_address_cannot_hold() -> None:
    assert slug("Đúng/Sai: mật khẩu  mạnh?") == "dung-sai-mat-khau-manh"
    assert slug("Ðường 3/2 \u202eƠ") == "duong-3-2-o"
    assert slug("…") == ""


def test_syllables_are_words_with_a_letter_or_digit() -> None:
    assert syllables("Dừng – kiểm tra – gọi số đã lưu: 3 việc.") == 9
    assert syllables(" … — ") == 0


def test_nfc_composes() -> None:
    assert nfc(unicodedata.normalize("NFD", "Nguyễn")) == "Nguyễn"
    assert len(nfc("Nguye\u0302\u0303n")) == 6


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_a_slug_is_empty_or_kebab_case_and_stable(text: str) -> None:
    made = slug(text)
    assert made == "" or all(
        part.isascii() and part.isalnum() and part == part.lower() for part in made.split("-")
    )
    assert slug(made) == made


@given(st.text(), st.text())
def test_any_text_has_a_sort_key_and_equal_forms_share_it(name: str, override: str) -> None:
    assert sort_key(name, override) == sort_key(unicodedata.normalize("NFD", name), override)
