"""GIFT as teachers have it: what is taken, and what Moodle would corrupt without a word is refused."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content.exchange import CHANGED, NOTED, REFUSED, TAKEN, Passage, printed
from lms.content.gift import read_gift
from lms.content.gift_marks import MOST_BYTES, GiftRefused
from lms.content.intake import EXPLAIN, NEVER_MIND, WHY_WRONG, Shelf
from lms.content.library import QuestionDesc

MANY = "Nên làm gì? {=Tắt máy ~Gọi lại ~Chuyển tiền}"


def passage(text: str, shelf: Shelf | None = None) -> Passage:
    return read_gift(text.encode(), shelf or Shelf())


def only(text: str) -> QuestionDesc:
    found = passage(text)
    assert [str(line) for line in printed("x", found.remarks) if "Đã bỏ" in line] == []
    (question,) = found.questions
    return question


def right(question: QuestionDesc) -> list[str]:
    return [line.text for line in question.choices if line.is_right]


def of_kind(found: Passage, kind: str) -> list[tuple[int, str]]:
    return [(remark.line, remark.message) for remark in found.remarks if remark.kind == kind]


CORRUPTIONS = {
    "an address in a wrong choice": ("Trang nào?{=dichvucong.gov.vn ~http://x?a=b ~c.vn}", 1),
    "a sum in a wrong choice": ("Bằng mấy?\n{\n~một\n~x = 5\n~ba\n}", 4),
    "a sum on one line": ("Bằng mấy?{~một ~x = 5 ~ba}", 1),
    "a sum in feedback": ("Bằng mấy?\n{\n=hai #vì 1 + 1 = 2\n~ba\n~bốn\n}", 3),
    "a range with a tilde": ("Bao lâu?\n{\n=5~10 phút\n~một giờ\n~một ngày\n}", 3),
    "an equation among typed words": ("Bằng mấy?{=x = 5}", 1),
    "an equals sign inside a typed word": ("Trang nào?{=x.vn?a=b}", 1),
    "a decimal comma": ("Bao nhiêu? {#0,5:0.1}", 1),
    "a decimal comma in the tolerance": ("Bao nhiêu? {#5:0,1}", 1),
    "a number that is none": ("Bao nhiêu? {#năm}", 1),
    "any number": ("Bao nhiêu? {#*}", 1),
    "no number": ("Bao nhiêu? {#}", 1),
    "braces in the sentence": ("Ngoặc { trong câu } hỏi {F}", 1),
    "braces in the sentence alone": ("Ngoặc { trong câu } hỏi", 1),
    "an open brace": ("Câu hỏi {=a ~b ~c", 1),
    "a closing brace": ("Câu hỏi =a ~b ~c}", 1),
    "braces in an answer": ("Câu hỏi {=a{1} ~b ~c}", 1),
    "any words": ("Gõ gì? {=*}", 1),
    "some wildcard": ("Gõ gì? {=Hà*}", 1),
    "two single answers": ("Chọn gì? {=a =b ~c}", 1),
    "no right answer": ("Chọn gì? {~a ~b ~c}", 1),
    "every answer right": ("Chọn gì? {~%33.33333%a ~%33.33333%b ~%33.33333%c}", 1),
    "a share Moodle does not know": ("Chọn gì? {~%33%a ~%33%b ~%-100%c}", 1),
    "a share with a comma": ("Chọn gì? {~%33,33333%a ~%50%b ~%-100%c}", 1),
    "two choices": ("Chọn gì? {=Tắt máy ~Gọi lại}", 1),
    "five choices": ("Chọn gì? {=a1 ~b1 ~c1 ~d1 ~e1}", 1),
    "an empty choice": ("Chọn gì? {=Tắt máy ~ ~Gọi lại ~Chờ}", 1),
    "words before the answers": ("Chọn gì? {một =hai ~ba ~bốn}", 1),
    "a pair without an arrow": ("Nối {=a1 -> b1 =c1}", 1),
    "feedback in a pair": ("Nối {=a1 -> b1 #đúng =c1 -> d1}", 1),
    "a title left open": ("::Tên câu Chọn gì? {T}", 1),
    "a picture": ('[html]<p>Đây là gì? <img src="@@PLUGINFILE@@/a.png"></p>{T}', 1),
    "tolerances that differ": ("Bao nhiêu? {#=1:0.1 =5:0.5}", 1),
    "a range upside down": ("Bao nhiêu? {#5..1}", 1),
    "no question at all": ("Chỉ là lời dẫn.", 1),
    "no words": ("{=a1 ~b1 ~c1}", 1),
    "general feedback twice": ("Đúng không? {T####một ####hai}", 1),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_what_moodle_corrupts_silently_is_refused_with_its_line(name: str) -> None:
    text, line = CORRUPTIONS[name]
    found = passage(f"{text}\n\n{MANY}\n")
    ((told, message),) = of_kind(found, REFUSED)
    assert (told, found.refused) == (line, 1)
    assert message.endswith(".") and len(message.split()) > 6
    assert [question.text for question in found.questions] == ["Nên làm gì?"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Câu hỏi?\n\n{=a1 ~b1 ~c1}", 2),
        ("Câu hỏi? {\n=a1\n\n~b1\n~c1\n}", 3),
        ("Câu hỏi? {\n=a1\n\n~b1\n\n~c1\n}", 5),
        ("::Tên:: Đoạn một.\n\nĐoạn hai? {=a1 ~b1 ~c1}", 2),
    ],
)
def test_a_blank_line_within_a_question_is_refused_as_one_question(text: str, line: int) -> None:
    found = passage(f"{text}\n\n{MANY}")
    ((told, message),) = of_kind(found, REFUSED)
    assert told == line
    assert message.startswith("Có dòng trống ở giữa câu hỏi")
    assert [question.text for question in found.questions] == ["Nên làm gì?"]


def test_a_signs_escape_keeps_it_a_letter() -> None:
    question = only(r"Trang \{nào\} có \= và \# ?{=x.vn?a\=b ~5\~10 ~C\:\\n}")
    assert question.text == "Trang {nào} có = và # ?"
    assert [line.text for line in question.choices[:3]] == ["x.vn?a=b", "5~10", "C:\\n"]


def test_a_single_choice_keeps_order_feedback_and_general_feedback() -> None:
    question = only(
        "::Số lạ:: Số lạ gọi. {\n~Nghe #Chưa nên.\n=Tắt #Đúng.\n~Gọi lại\n####Tắt máy là an toàn.\n}"
    )
    assert (question.kind, question.id, right(question)) == ("single", "so-la", ["Tắt"])
    assert [line.key for line in question.choices] == ["a", "b", "c", "d"]
    assert [line.feedback for line in question.choices] == ["Chưa nên.", "Đúng.", WHY_WRONG, NEVER_MIND]
    assert question.choices[-1].is_unsure
    assert question.explanation == "Tắt máy là an toàn."


def test_what_is_missing_is_filled_with_todo_and_named() -> None:
    found = passage(MANY)
    ((line, message),) = of_kind(found, TAKEN)
    assert line == 1
    for word in ("mã nen-lam-gi", "kỹ năng TODO", "độ khó 2", "“Tôi chưa chắc”", "4 lời giải thích ghi TODO"):
        assert word in message
    (question,) = found.questions
    assert (question.skill, question.use, question.explanation) == ("TODO", "check", EXPLAIN)
    assert found.summary == "Đã lấy 1 câu · đổi 0 · bỏ 0"


def test_the_only_skill_of_the_module_is_taken_for_granted() -> None:
    assert passage(MANY, Shelf(skills=("luu-so",))).questions[0].skill == "luu-so"
    assert passage(MANY, Shelf(skills=("luu-so", "goi-lai"))).questions[0].skill == "TODO"


@pytest.mark.parametrize(
    ("text", "credit", "told"),
    [
        ("{~%50%a1 ~%50%b1 ~%-50%c1 ~%-50%d1}", "penalised", 0),
        ("{~%50%a1 ~%50%b1 ~%-100%c1 ~d1}", "penalised", 1),
        ("{~%50%a1 ~%50%b1 ~c1 ~d1}", "proportional", 1),
        ("{~%75%a1 ~%25%b1 ~%-25%c1}", "penalised", 2),
    ],
)
def test_several_right_choices_say_how_their_mark_changed(text: str, credit: str, told: int) -> None:
    found = passage(f"Chọn gì? {text}")
    (question,) = found.questions
    assert (question.kind, question.credit, right(question)) == ("multiple", credit, ["a1", "b1"])
    assert len(of_kind(found, CHANGED)) == told


@pytest.mark.parametrize(
    ("answer", "truth"), [("T", "Đúng"), ("TRUE", "Đúng"), ("F", "Sai"), ("FALSE", "Sai")]
)
def test_true_and_false_keep_their_feedback_on_the_right_side(answer: str, truth: str) -> None:
    question = only(f"Mã OTP là bí mật. {{{answer}#Chưa đúng.#Đúng rồi.}}")
    assert (question.kind, right(question)) == ("true-false", [truth])
    told = {line.text: line.feedback for line in question.choices if not line.is_unsure}
    assert told[truth] == "Đúng rồi."
    assert "Chưa đúng." in told.values()


def test_typed_words_keep_accepted_and_expected_wrong_ones() -> None:
    question = only(r"Gọi số nào? {=113 =Công an#Được. =%0%133#Nhầm số. =%0%5\\*3}")
    assert (question.kind, right(question)) == ("text", ["113", "Công an"])
    assert [line.text for line in question.choices] == ["113", "Công an", "133", "5*3", "Tôi chưa chắc"]


def test_half_right_typed_words_become_wrong_and_it_is_said() -> None:
    found = passage("Gõ gì? {=Hà Nội =%50%Hanoi}")
    assert right(found.questions[0]) == ["Hà Nội"]
    assert "50% điểm" in of_kind(found, CHANGED)[0][1]


@pytest.mark.parametrize(
    ("answer", "value", "tolerance"),
    [
        ("#3", "3", "0"),
        ("#3.5:0.25", "3.5", "0.25"),
        ("#1..5", "3", "2"),
        ("#=-2:1#Đúng.", "-2", "1"),
        ("#.5", "0.5", "0"),
    ],
)
def test_numbers_keep_value_and_tolerance(answer: str, value: str, tolerance: str) -> None:
    question = only(f"Bao nhiêu? {{{answer}}}")
    assert (question.kind, question.choices[0].mark, question.tolerance) == ("number", value, tolerance)
    assert question.choices[0].is_right


def test_wrong_numbers_are_kept_and_the_word_for_all_others_is_named_as_lost() -> None:
    found = passage("Bao nhiêu? {#=10:1 =%0%100#Thừa một số không. ~#Thử lại.}")
    assert [(line.mark, line.is_right) for line in found.questions[0].choices[:2]] == [
        ("10", True),
        ("100", False),
    ]
    assert "số khác" in of_kind(found, CHANGED)[0][1]


def test_pairs_keep_their_sides_and_the_side_that_fits_nothing() -> None:
    question = only("Nối. {\n=Cháy -> 114\n=Cướp -> 113\n= -> 115\n}")
    assert question.kind == "matching"
    assert [(line.text, line.pair, line.is_right) for line in question.choices[:3]] == [
        ("Cháy", "114", True),
        ("Cướp", "113", True),
        ("", "115", False),
    ]


def test_an_essay_comes_with_a_criterion_to_write() -> None:
    found = passage("Kể lại. {####Nhớ kể đủ.}")
    assert (found.questions[0].kind, found.questions[0].explanation) == ("open", "Nhớ kể đủ.")
    assert found.questions[0].choices[0].text.startswith("TODO")
    assert found.changed == 1


def test_a_gap_inside_the_sentence_becomes_dots() -> None:
    found = passage("Thủ đô là {=Hà Nội ~Huế ~Vinh} của Việt Nam.")
    assert found.questions[0].text == "Thủ đô là …… của Việt Nam."
    assert found.changed == 1


def test_html_gives_its_words_and_the_loss_of_tags_is_said() -> None:
    found = passage("[html]<p>Chọn &lt;đúng&gt;&nbsp;<b>một</b><br>câu</p>{=<i>Tắt</i> ~Gọi ~Chờ}")
    assert found.questions[0].text == "Chọn <đúng> một câu"
    assert right(found.questions[0]) == ["Tắt"]
    assert "Đã bỏ thẻ HTML, chỉ giữ chữ." in of_kind(found, CHANGED)[0][1]


def test_stars_of_plain_text_do_not_become_markdown_but_those_of_markdown_stay() -> None:
    plain = passage("[plain]Tính 2*3*4 ở x_1{=a1 ~b1 ~c1}")
    assert plain.questions[0].text == r"Tính 2\*3\*4 ở x_1"
    assert plain.changed == 1
    assert only("[markdown]Chọn **một** câu{=a1 ~b1 ~c1}").text == "Chọn **một** câu"


def test_comments_give_ids_and_tags_and_other_tags_are_named_as_lost() -> None:
    found = passage(
        f"// lời nhắc riêng\n// [id:gl-1] [tag:skill:luu-so] [tag:difficulty:3] [tag:lớp 5]\n{MANY}"
    )
    (question,) = found.questions
    assert (question.id, question.skill, question.difficulty) == ("gl-1", "luu-so", 3)
    assert [message for _, message in of_kind(found, CHANGED)] == ["Nhãn “lớp 5” không giữ."]


def test_ids_that_are_taken_or_odd_give_way_to_new_ones() -> None:
    text = f"// [id:cau-1]\n{MANY}\n\n// [id:cau-1]\nCâu hai? {{T}}\n\n// [id:Câu 3]\nCâu ba? {{F}}\n"
    found = passage(text, Shelf(others=frozenset({"cau-1"})))
    assert [question.id for question in found.questions] == ["cau-1-2", "cau-1-3", "cau-3"]
    assert found.changed == 3
    assert passage(text, Shelf(own=frozenset({"cau-1"}))).questions[0].id == "cau-1"


def test_a_question_without_an_id_never_poses_as_one_of_the_bank() -> None:
    found = passage(MANY, Shelf(own=frozenset({"nen-lam-gi"})))
    assert found.questions[0].id == "nen-lam-gi-2"


def test_the_same_question_twice_is_refused_the_second_time() -> None:
    found = passage(f"{MANY}\n\n{MANY}")
    assert of_kind(found, REFUSED) == [(3, "Trùng với câu ở dòng 1. Bỏ một câu, hoặc sửa cho khác nhau.")]


def test_categories_are_named_as_not_kept_and_the_question_below_is() -> None:
    found = passage(f"$CATEGORY: Lớp 5/An toàn\n{MANY}")
    assert len(found.questions) == 1
    assert of_kind(found, NOTED)[0][0] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends_and_marks_of_unicode_do_not_matter(encoding: str) -> None:
    text = f"// [id:c1]\r\n{MANY}\r\n\r\nĐúng không? {{T}}\r\n"
    found = read_gift(text.encode(encoding), Shelf())
    assert [question.line for question in found.questions] == [2, 4]


@pytest.mark.parametrize("encoding", ["cp1252", "cp1258"])
def test_old_encodings_are_refused_with_the_cure(encoding: str) -> None:
    with pytest.raises(GiftRefused, match="UTF-8"):
        read_gift("Café {T}".encode(encoding), Shelf())


def test_a_file_too_large_is_refused() -> None:
    with pytest.raises(GiftRefused, match=r"5\.000"):
        passage("{\n\n" * 60_000)
    with pytest.raises(GiftRefused, match="1 MB"):
        read_gift(b"a" * (MOST_BYTES + 1), Shelf())


def test_letters_in_two_pieces_and_hidden_signs_come_out_whole() -> None:
    found = passage("Ho\u0300a\u200b bình {=a1 ~b1 ~c1}")
    assert found.questions[0].text == "Hòa bình"
    assert of_kind(found, NOTED) == [(1, "Đã bỏ ký tự ẩn trong dòng này.")]


def test_unsure_is_known_by_its_words_and_goes_last() -> None:
    found = passage("Chọn gì? {~tôi chưa chắc. ~Gọi =Tắt ~Chờ}")
    (question,) = found.questions
    assert [line.text for line in question.choices] == ["Gọi", "Tắt", "Chờ", "Tôi chưa chắc"]
    assert found.changed == 1


def test_remarks_are_printed_by_line() -> None:
    found = passage(f"Câu {{#0,5}}\n\n{MANY}")
    first, second = printed("de.gift", found.remarks)
    assert first.startswith("de.gift:1: Đã bỏ: Không đọc được số “0,5”")
    assert second.startswith("de.gift:3: Đã lấy: “Nên làm gì?” thành câu nen-lam-gi (chọn một).")


SIGNS = [
    "{",
    "}",
    "~",
    "=",
    "#",
    "####",
    "::",
    ":",
    "->",
    "\\",
    "%50%",
    "//",
    "[html]",
    "<b>",
    "\n",
    "\n\n",
    " ",
    "T",
]
PATHOLOGICAL = {
    "braces": "{}" * 100_000,
    "open braces": "{" * 200_000,
    "torn pieces": "{\n\n" * 4_999,
    "torn pieces with words": "{\n\na\n\n" * 2_499,
    "marks": "Câu {" + " ~a" * 60_000 + "}",
    "comments": "// " + "[tag:" * 40_000 + "\nCâu {T}",
    "escapes": "\\" * 200_000,
    "tags": "[html]" + "<a " * 60_000 + "{T}",
    "entities": "[html]" + "&a" * 90_000 + "{T}",
    "stars": "[plain]" + "*[_`" * 50_000 + "{T}",
    "titles": "::" * 100_000,
    "spaces": "Câu {=a" + " " * 190_000 + "~b ~c}",
    "many questions": "Câu {T}\n\n" * 4_999,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_no_text_of_200_kb_takes_two_seconds(name: str) -> None:
    started = time.process_time()
    passage(PATHOLOGICAL[name])
    assert time.process_time() - started < 2


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*SIGNS, "a", "Câu hỏi", "5", "0.5"]), max_size=60).map("".join))
def test_no_text_breaks_the_reader_and_nothing_comes_in_wholly_right(text: str) -> None:
    found = passage(text)
    for question in found.questions:
        lines = [line for line in question.choices if not line.is_unsure]
        assert question.kind not in {"single", "multiple", "true-false"} or not all(
            line.is_right for line in lines
        )
        assert question.kind == "open" or any(line.is_right for line in lines)
        assert "*" not in right(question)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with suppress(GiftRefused):
        assert read_gift(data, Shelf()).refused >= 0
