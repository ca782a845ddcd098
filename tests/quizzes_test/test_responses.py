"""From a form to the answer that is kept, and back to words."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.catalogue import Question
from lms.quizzes.grading import credit
from lms.quizzes.responses import (
    LONGEST_OPEN,
    LONGEST_TEXT,
    BadResponse,
    Response,
    best,
    is_valid,
    keys,
    match,
    pairs,
    read,
    words,
)
from tests.quizzes_test import samples

EACH = samples.one_of_each()
NO_BEST = {"survey", "open"}


def form(**fields: str | Sequence[str]) -> dict[str, list[str]]:
    """Return the fields as a form gives them: thu_a stands for thu-a."""
    return {
        name.replace("_", "-") if name not in {"khong_co", "chua_chac"} else name: [value]
        if isinstance(value, str)
        else list(value)
        for name, value in fields.items()
    }


def problems(question: Question, sent: Mapping[str, Sequence[str]]) -> dict[str, str]:
    with pytest.raises(BadResponse) as caught:
        read(question, sent)
    return dict(caught.value.problems)


GOOD = [
    ("single", form(chon="b"), Response("b")),
    ("single", form(chon="d"), Response("d")),
    ("single", form(chon=["b", "b"]), Response("b")),
    ("true-false", form(chon="a"), Response("a")),
    ("survey", form(chon="c"), Response("c")),
    ("multiple", form(chon=["c", "a"]), Response("a,c")),
    ("multiple", form(chon="d"), Response("d")),
    ("multiple", form(chon="e"), Response("e")),
    ("multiple", form(chua_chac="1"), Response("e")),
    ("multiple", form(chon="a", chua_chac="1"), Response("e")),
    ("spot", form(chon=["d", "a"]), Response("a,d")),
    ("spot", form(khong_co="1"), Response("-")),
    ("spot", form(chua_chac="1"), Response("e")),
    ("text", form(viet=" https://dichvucong.gov.vn/ "), Response("a", "https://dichvucong.gov.vn/")),
    ("text", form(viet="dichvucong.com"), Response("c", "dichvucong.com")),
    ("text", form(viet="Cổng   dịch vụ công\nquốc gia"), Response("b", "Cổng dịch vụ công quốc gia")),
    ("text", form(viet="không nhớ"), Response("-", "không nhớ")),
    ("text", form(viet="a\x00b\x07"), Response("-", "ab")),
    ("open", form(viet="\u202eđã\u202c gọi\u200b 👩\u200d🌾"), Response("-", "đã gọi 👩\u200d🌾")),
    ("text", form(chua_chac="1", viet="gì đó"), Response("e")),
    ("number", form(viet="1,5 triệu"), Response("a", "1,5 triệu")),
    ("number", form(viet="1.500đ"), Response("b", "1.500đ")),
    ("number", form(viet="7"), Response("-", "7")),
    ("ordering", form(thu_a="3", thu_b="1", thu_c="4", thu_d="2"), Response("b,d,a,c")),
    ("ordering", form(thu_a="1", thu_b=" 2 ", thu_c="3", thu_d="4"), Response("a,b,c,d")),
    ("ordering", form(chua_chac="1", thu_a="1"), Response("e")),
    ("matching", form(o_a="a", o_b="b", o_c="c"), Response("a=a,b=b,c=a")),
    ("matching", form(o_a="d", o_b="d", o_c="b"), Response("a=d,b=d,c=b")),
    ("matrix", form(o_a="k", o_b="n", o_c="n"), Response("a=k,b=n,c=n")),
    ("matrix", form(chua_chac="1"), Response("d")),
    ("open", form(viet="Dừng lại.\r\nGọi con gái."), Response("-", "Dừng lại.\nGọi con gái.")),
]


@pytest.mark.parametrize(("kind", "sent", "kept"), GOOD)
def test_a_whole_answer_is_kept_as_keys(kind: str, sent: dict[str, list[str]], kept: Response) -> None:
    response = read(EACH[kind], sent)
    assert response == kept
    assert is_valid(EACH[kind], response.choice)


BAD = [
    ("single", form(), {"chon": "Chưa chọn ý nào. Chọn một ý, hoặc chọn “Tôi chưa chắc”."}),
    ("single", form(chon=""), {"chon": "Chưa chọn ý nào. Chọn một ý, hoặc chọn “Tôi chưa chắc”."}),
    ("single", form(chon=["a", "b"]), {"chon": "Câu này chỉ nhận một ý. Chọn lại một ý."}),
    ("survey", form(), {"chon": "Chưa chọn ý nào. Chọn một ý."}),
    ("survey", form(chua_chac="1"), {"chon": "Chưa chọn ý nào. Chọn một ý."}),
    ("multiple", form(), {"chon": "Chưa chọn ý nào. Chọn những ý đúng, hoặc chọn “Tôi chưa chắc”."}),
    ("multiple", form(khong_co="1"), {
        "chon": "Chưa chọn ý nào. Chọn những ý đúng, hoặc chọn “Tôi chưa chắc”.",
    }),
    ("multiple", form(chon=["a", "e"]), {"chon": "Đã chọn cả “Tôi chưa chắc” lẫn ý khác. Bỏ một trong hai."}),
    (
        "spot",
        form(),
        {"chon": "Chưa chọn chỗ nào. Chọn những chỗ đáng ngờ, hoặc chọn “Không có gì đáng ngờ”."},
    ),
    (
        "spot",
        form(chon="a", khong_co="1"),
        {"chon": "Đã chọn cả chỗ đáng ngờ lẫn “Không có gì đáng ngờ”. Bỏ một trong hai."},
    ),
    ("text", form(), {"viet": "Chưa viết gì. Viết câu trả lời, hoặc chọn “Tôi chưa chắc”."}),
    ("text", form(viet=" \t "), {"viet": "Chưa viết gì. Viết câu trả lời, hoặc chọn “Tôi chưa chắc”."}),
    ("open", form(viet="\x00"), {"viet": "Chưa viết gì. Viết câu trả lời."}),
    ("open", form(viet="\u202e\u200b"), {"viet": "Chưa viết gì. Viết câu trả lời."}),
    (
        "text",
        form(viet="a" * (LONGEST_TEXT + 1)),
        {"viet": "Câu trả lời dài 501 ký tự, quá dài để gửi. Rút còn nhiều nhất 500 ký tự."},
    ),
    (
        "open",
        form(viet="a" * (LONGEST_OPEN + 1)),
        {"viet": "Câu trả lời dài 2.001 ký tự, quá dài để gửi. Rút còn nhiều nhất 2.000 ký tự."},
    ),
    ("number", form(), {"viet": "Chưa viết số nào. Viết một số, hoặc chọn “Tôi chưa chắc”."}),
    (
        "number",
        form(viet="một triệu rưỡi"),
        {
            "viet": "Chưa đọc được số này. Viết số, như 1.500.000 hoặc 1,5. "
            "Đơn vị ở đây là đồng, không cần viết kèm."
        },
    ),
    ("ordering", form(thu_a="3", thu_b="1", thu_c="", thu_d="2"), {
        "thu-c": "Chưa xếp “Kể cho người nhà”. Chọn thứ tự từ 1 đến 4.",
    }),
    ("ordering", form(thu_a="0", thu_b="1", thu_c="5", thu_d="x"), {
        "thu-a": "Chưa xếp “Trình báo”. Chọn thứ tự từ 1 đến 4.",
        "thu-c": "Chưa xếp “Kể cho người nhà”. Chọn thứ tự từ 1 đến 4.",
        "thu-d": "Chưa xếp “Gọi ngân hàng”. Chọn thứ tự từ 1 đến 4.",
    }),
    ("ordering", form(thu_a="1", thu_b="1", thu_c="4", thu_d="2"), {
        "thu-b": "“Trình báo” và “Tắt mạng” cùng đứng thứ 1. Mỗi thứ tự chỉ dùng một lần.",
    }),
    ("matching", form(o_a="a", o_c="b"), {
        "o-b": "“Số tổng đài” còn để trống. Chọn một ý cho dòng này.",
    }),
    ("matching", form(o_a="e", o_b="b", o_c="b"), {
        "o-a": "“Mã OTP” còn để trống. Chọn một ý cho dòng này.",
    }),
    ("matrix", form(o_a="a", o_b="n"), {
        "o-a": "“Đọc mã OTP” còn để trống. Chọn một ý cho dòng này.",
        "o-c": "“Bấm liên kết lạ” còn để trống. Chọn một ý cho dòng này.",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "said"), BAD)
def test_what_is_missing_or_doubled_is_named_with_its_cure(
    kind: str, sent: dict[str, list[str]], said: dict[str, str]
) -> None:
    assert problems(EACH[kind], sent) == said


@pytest.mark.parametrize("kind", ["single", "multiple", "spot", "survey", "true-false"])
def test_a_choice_that_is_not_offered_is_refused(kind: str) -> None:
    for sent in (form(chon="z"), form(chon="A"), form(chon="a,b"), form(chon="-")):
        assert set(problems(EACH[kind], sent)) == {"chon"}


def test_names_in_messages_are_plain_words_however_the_author_marked_them() -> None:
    asked = EACH["matrix"]
    marked = replace(asked.lines[0], html="Đọc <strong>mã</strong> &lt;OTP&gt;")
    asked = replace(asked, choices=(marked, *asked.choices[1:]))
    said = problems(asked, form(o_b="n", o_c="k"))
    assert said == {"o-a": "“Đọc mã <OTP>” còn để trống. Chọn một ý cho dòng này."}


def test_words_that_their_author_put_in_quotation_marks_are_quoted_once() -> None:
    asked = EACH["matrix"]
    spoken = replace(asked.lines[0], html="“Đọc mã đi”")
    said = problems(replace(asked, choices=(spoken, *asked.choices[1:])), form(o_b="n", o_c="k"))
    assert said == {"o-a": "“Đọc mã đi” còn để trống. Chọn một ý cho dòng này."}


FIELDS = [
    "chon",
    "khong_co",
    "chua_chac",
    "viet",
    "la",
    *(f"{of}-{key}" for of in ("thu", "o") for key in "abcd"),
]
VALUES = st.one_of(st.sampled_from([*"abcdenk1234"]), st.text(max_size=9))


@given(
    kind=st.sampled_from(sorted(EACH)),
    sent=st.dictionaries(st.sampled_from(FIELDS), st.lists(VALUES, max_size=4)),
)
def test_whatever_is_sent_is_a_valid_answer_or_said_to_be_bad(kind: str, sent: dict[str, list[str]]) -> None:
    asked = EACH[kind]
    try:
        response = read(asked, sent)
    except BadResponse as refused:
        said = refused.problems
        response = None
    if response is None:
        assert said
        assert all(field and sentence.endswith(".") for field, sentence in said)
        return
    assert is_valid(asked, response.choice)
    assert response.text is None or kind in {"text", "number", "open"}


VALID = {
    "single": ["a", "b", "d"],
    "true-false": ["a", "c"],
    "survey": ["a"],
    "multiple": ["a", "a,c", "a,b,c,d", "e"],
    "spot": ["-", "a", "b,d", "e"],
    "text": ["-", "a", "c", "e"],
    "number": ["-", "b", "d"],
    "ordering": ["a,b,c,d", "d,c,b,a", "e"],
    "matching": ["a=a,b=b,c=a", "a=d,b=d,c=d", "e"],
    "matrix": ["a=n,b=n,c=n", "a=k,b=n,c=k", "d"],
    "open": ["-"],
}
NEVER = [
    "",
    ",",
    "a,",
    ",a",
    "z",
    "A",
    "a a",
    "a,a",
    "c,a",
    "a=",
    "=a",
    "a=b",
    "a=a,b=b",
    "a=a",
    " a,b",
    "--",
]


@pytest.mark.parametrize("kind", sorted(VALID))
def test_only_the_canonical_form_of_an_answer_is_valid(kind: str) -> None:
    asked = EACH[kind]
    assert [choice for choice in VALID[kind] if not is_valid(asked, choice)] == []
    assert [choice for choice in NEVER if is_valid(asked, choice)] == []
    others = {choice for name, choices in VALID.items() for choice in choices if name != kind}
    taken = {choice for choice in others if is_valid(asked, choice)}
    simple = {"a", "b", "c", "d", "e", "-", "a,c", "b,d", "a,b,c,d"}
    assert taken <= simple, "no kind takes the rows or order of another"


@pytest.mark.parametrize(
    ("choice"),
    ["a=c,b=b,c=a", "b=b,a=a,c=a", "a=a,b=b,c=a,d=a", "a=a,b=b,c=e", "a=a,b=b,c=a,", "a=a,b=b,b=b,c=a"],
)
def test_rows_of_matching_are_whole_sorted_and_name_the_first_line_of_a_side(choice: str) -> None:
    assert not is_valid(EACH["matching"], choice)


def test_keys_and_pairs_read_what_is_kept() -> None:
    assert keys("a,c") == ("a", "c")
    assert keys("c,a,b") == ("c", "a", "b")
    assert keys("-") == keys("") == ()
    assert pairs("a=c,b=b") == {"a": "c", "b": "b"}
    assert pairs("-") == pairs("") == pairs("a,b") == pairs("a=,=b") == {}


def test_words_are_matched_with_right_answers_first_and_full_marks_before_plain_ones() -> None:
    asked = samples.text(plain_letters=True)
    assert match(asked, "Cổng dịch vụ công quốc gia") == "b"
    assert match(asked, "cống dịch vụ công quốc gia") == "d"
    assert match(asked, "cong dich vu cong quoc gia") == "b"
    assert match(samples.text(), "cong dich vu cong quoc gia") == "-"
    assert match(asked, "DICHVUCONG.COM.") == "c"
    assert match(asked, "Tôi chưa chắc") == "-"


def test_names_of_the_question_are_matched_letter_for_letter() -> None:
    asked = samples.question(
        "text", [samples.line("a", "ứng dụng VNeID", is_right=True)], plain_letters=True, names=("VNeID",)
    )
    assert match(asked, "ung dung vneid") == "a"
    assert match(asked, "ung dung VNelD") == "-"


@pytest.mark.parametrize(
    ("tolerance", "typed", "key"),
    [
        ("0", "1.500.000", "a"),
        ("0", "1500000.1", "-"),
        ("0", "1499999", "-"),
        ("5", "1.500.005", "a"),
        ("5", "1.499.995", "a"),
        ("5", "1500005.000001", "-"),
        ("5", "1.505", "b"),
        ("0.1", "1.500,1", "b"),
        ("0.1", "1500,11", "-"),
        ("20000000", "15.000.000", "a"),
        ("0", "1,5 triệu đồng", "a"),
        ("0", "1,5 giờ", "-"),
    ],
)
def test_a_number_is_matched_exactly_within_its_tolerance(tolerance: str, typed: str, key: str) -> None:
    assert match(samples.number(tolerance), typed) == key


def test_of_the_known_wrong_numbers_the_nearest_counts() -> None:
    lines = [samples.line("a", "100", is_right=True), samples.line("b", "10"), samples.line("c", "12")]
    asked = samples.question("number", lines, tolerance="3")
    typed = {"9": "b", "10,9": "b", "11": "b", "11,1": "c", "13": "c", "15": "c", "16": "-", "99": "a"}
    assert {text: match(asked, text) for text in typed} == typed


@pytest.mark.parametrize("kind", sorted(EACH))
def test_the_best_answer_earns_everything_and_nothing_is_best_where_nothing_is_marked(kind: str) -> None:
    answer = best(EACH[kind])
    if kind in NO_BEST:
        assert answer == ""
        return
    assert is_valid(EACH[kind], answer)
    assert credit(EACH[kind], answer) == 1


def test_the_best_answer_of_an_honest_message_is_that_nothing_is_suspicious() -> None:
    assert best(samples.spot(right="")) == "-"


@given(kind=st.sampled_from(sorted(EACH)), source=st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_answer(kind: str, source: random.Random) -> None:
    asked = EACH[kind]
    mixed = replace(
        asked, choices=(*source.sample(asked.lines, len(asked.lines)), *asked.choices[len(asked.lines) :])
    )
    for choice in VALID[kind]:
        if kind != "matching" or choice == "e":
            assert is_valid(mixed, choice)
        assert credit(mixed, choice) == credit(asked, choice)


SAID = [
    ("single", "b", None, ("Gọi lại",)),
    ("single", "d", None, ("Tôi chưa chắc",)),
    ("single", "z", None, ()),
    ("single", "", None, ()),
    ("multiple", "a,c", None, ("Tắt máy", "Gọi lại số đã lưu")),
    ("multiple", "a,z", None, ("Tắt máy",)),
    ("spot", "-", None, ("Không có gì đáng ngờ",)),
    ("spot", "a", None, ("Tài khoản sắp khóa",)),
    ("text", "-", "x < y & z", ("“x &lt; y &amp; z”",)),
    ("text", "a", None, ("dichvucong.gov.vn",)),
    ("text", "-", None, ()),
    ("text", "e", None, ("Tôi chưa chắc",)),
    ("number", "a", "1,5 triệu", ("“1,5 triệu”",)),
    ("number", "a", None, ("1.500.000 đồng",)),
    ("ordering", "b,d,a,c", None, ("1. Tắt mạng", "2. Gọi ngân hàng", "3. Trình báo", "4. Kể cho người nhà")),
    ("matching", "a=a,b=d,c=a", None, (
        "Mã OTP → Không đọc cho ai", "Số tổng đài → Đăng lên mạng", "Mã PIN → Không đọc cho ai",
    )),
    ("matrix", "a=k,b=n", None, ("Đọc mã OTP → Không nên", "Gọi lại số đã lưu → Nên làm")),
    ("matrix", "a=z", None, ()),
    ("open", "-", "Dừng lại.\n\nGọi con.", ("“Dừng lại.”", "“Gọi con.”")),
    ("survey", "c", None, ("Khó",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "choice", "text", "said"), SAID)
def test_an_answer_is_said_in_words(kind: str, choice: str, text: str | None, said: tuple[str, ...]) -> None:
    assert words(EACH[kind], choice, text) == said


def test_a_share_is_said_with_a_comma_and_its_unit() -> None:
    asked = samples.question("number", [samples.line("a", "12.5", is_right=True)], unit="%")
    assert words(asked, "a") == ("12,5%",)
