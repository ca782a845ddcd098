"""Question sheets as teachers keep them, from plain rows: what is taken, changed and refused."""

import pytest
from any_question import questions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.content.exchange import CHANGED, NOTED, REFUSED, Passage
from lms.content.intake import Shelf, bare
from lms.content.library import QuestionDesc
from lms.content.question_grid import Grid
from lms.content.question_rows import sheet_rows
from lms.content.question_sheet import read_sheets

HEAD = ("STT", "Câu hỏi", "A", "B", "C", "D", "Đáp án")
ROW = ("1", "Số lạ gọi, nên làm gì?", "Nghe", "Tắt máy", "Gọi lại", "", "B")


def passage(*rows: tuple[str, ...], **more: object) -> Passage:
    found = read_sheets([Grid("Trang1", tuple(rows), **more)], Shelf())  # type: ignore[arg-type]
    assert found is not None
    return found


def told(found: Passage, kind: str) -> list[tuple[int, str]]:
    return [(remark.line, remark.message) for remark in found.remarks if remark.kind == kind]


def right(question: QuestionDesc) -> str:
    return "".join(line.key for line in question.choices if line.is_right)


@pytest.mark.parametrize(
    "head",
    [
        ("STT", "Câu hỏi", "A", "B", "C", "D", "Đáp án"),
        ("TT", "NỘI DUNG CÂU HỎI", "Phương án A", "Phương án B", "Phương án C", "Phương án D", "Đáp án đúng"),
        ("No.", "Question Text", "Option 1", "Option 2", "Option 3", "Option 4", "Correct Answer"),
        (
            "#",
            "Question - max 120 characters",
            "Answer 1 - max 75 characters",
            "Answer 2 - max 75 characters",
            "Answer 3 - max 75 characters",
            "Answer 4 - max 75 characters",
            "Correct answer(s)",
        ),
        ("Stt", "Đề bài (*)", "Đáp án a", "Đáp án b", "Đáp án c", "Đáp án d", "Trả lời đúng"),
    ],
)
def test_headings_are_found_in_the_words_teachers_use(head: tuple[str, ...]) -> None:
    found = passage(("TRƯỜNG TIỂU HỌC",), (), head, ROW, first_row=3, first_column=1)
    (question,) = found.questions
    assert (question.line, right(question), [line.text for line in question.choices[:3]]) == (
        6,
        "b",
        ["Nghe", "Tắt máy", "Gọi lại"],
    )
    assert told(found, REFUSED) == []


def test_headings_of_two_lines_are_read_together() -> None:
    found = passage(
        ("STT", "Câu hỏi", "Các phương án", "", "", "", "Đáp án"), ("", "", "A", "B", "C", "D", ""), ROW
    )
    assert right(found.questions[0]) == "b"


@pytest.mark.parametrize("answer", ["B", "b", "B.", "b)", "2", "Tắt máy", "tắt máy.", "Đáp án: B", "Câu B"])
def test_an_answer_is_a_letter_a_number_or_the_words_of_a_choice(answer: str) -> None:
    assert right(passage(HEAD, (*ROW[:-1], answer)).questions[0]) == "b"


@pytest.mark.parametrize("answer", ["A, C", "a;c", "A và C", "AC", "1,3", "A C", "A/C"])
def test_several_answers_make_a_question_with_several_choices(answer: str) -> None:
    (question,) = passage(HEAD, (*ROW[:-1], answer)).questions
    assert (question.kind, right(question)) == ("multiple", "ac")


REFUSED_ROWS = {
    "a dangling letter": ((*ROW[:-1], "D"), "Ô G2: Đáp án D nhưng không có phương án D."),
    "a letter without a column": ((*ROW[:-1], "F"), "Ô G2: Đáp án F nhưng không có phương án F."),
    "no answer": ((*ROW[:-1], ""), "Ô G2: Câu hỏi chưa có đáp án."),
    "an answer that is no choice": ((*ROW[:-1], "Báo công an"), "Ô G2: Đáp án “Báo công an” không khớp"),
    "a number that is a choice too": (("1", "Bằng mấy?", "2", "4", "6", "8", "2"), "Ô G2: “2” vừa là chữ"),
    "no question": (("1", "", "Nghe", "Tắt", "Gọi", "", "B"), "Ô B2: Dòng này chưa có câu hỏi."),
    "no choices": (("1", "Nên làm gì?", "", "", "", "", "B"), "Ô G2: Đáp án B nhưng câu hỏi chưa có"),
    "nothing but the question": (("", "Nên làm gì?", "", "", "", "", ""), "Ô G2: Câu hỏi chưa có phương án"),
    "two choices": (
        ("1", "Nên làm gì?", "Nghe", "Tắt", "", "", "B"),
        "“Nên làm gì?”: Câu hỏi có 2 phương án",
    ),
    "every answer right": (
        ("1", "Chọn?", "Nghe", "Tắt", "Gọi", "", "A,B,C"),
        "“Chọn?”: Mọi phương án đều đúng",
    ),
    "equal choices": (("1", "Chọn?", "Tắt", "Tắt", "Gọi", "", "C"), "“Chọn?”: Dòng này cùng chữ"),
}


@pytest.mark.parametrize("name", REFUSED_ROWS)
def test_a_row_that_cannot_be_right_is_refused_by_its_cell(name: str) -> None:
    row, message = REFUSED_ROWS[name]
    found = passage(HEAD, row, ("2", "Câu sau?", "Một", "Hai", "Ba", "", "A"))
    ((line, said),) = told(found, REFUSED)
    assert line == 2
    assert said.startswith(message)
    assert [question.text for question in found.questions] == ["Câu sau?"]


def test_formulas_are_refused_and_dates_named() -> None:
    found = passage(
        HEAD,
        ROW,
        ("2", "Ngày nào?", "01/05/2026", "Tắt", "Gọi", "", "A"),
        formulas=frozenset({(1, 3)}),
        dates=frozenset({(2, 2)}),
    )
    assert told(found, REFUSED)[0][1].startswith("Ô D2 là công thức.")
    assert told(found, CHANGED) == [(3, "Ô C3: Excel cất ô này như ngày giờ, nay đọc là “01/05/2026”.")]


def test_a_computed_running_number_harms_nothing() -> None:
    assert passage(HEAD, ROW, formulas=frozenset({(1, 0)})).refused == 0


def test_titles_of_parts_and_empty_rows_are_passed_over() -> None:
    found = passage(
        HEAD,
        ("PHẦN I. AN TOÀN",),
        ROW,
        ("3",),
        ("", "Phần hai", "", "", "", "", ""),
        ("2", "Câu hai?", "Một", "Hai", "Ba", "", "C"),
        merged=((4, 1, 4, 5),),
    )
    assert [question.line for question in found.questions] == [3, 6]
    assert [line for line, message in told(found, NOTED)] == [2, 5]
    assert found.refused == 0


def test_level_and_skill_may_stand_in_merged_cells() -> None:
    head = (*HEAD, "Mức độ", "Chủ đề")
    found = passage(
        head,
        (*ROW, "Vận dụng", "luu-so"),
        ("2", "Câu hai?", "Một", "Hai", "Ba", "", "C", "", ""),
        merged=((1, 7, 2, 7), (1, 8, 2, 8)),
    )
    assert [(question.difficulty, question.skill) for question in found.questions] == [(3, "luu-so")] * 2


def test_words_that_are_no_level_or_skill_are_named_as_lost() -> None:
    found = passage((*HEAD, "Mức độ", "Chủ đề", "Thời gian"), (*ROW, "Khá", "An toàn mạng", "30"))
    assert (found.questions[0].difficulty, found.questions[0].skill) == (2, "TODO")
    assert [line for line, _ in told(found, CHANGED)] == [2, 2]
    assert told(found, NOTED) == [(1, "Cột J “Thời gian” không lấy.")]


def test_true_and_false_are_known_with_and_without_choices() -> None:
    found = passage(
        HEAD,
        ("1", "OTP là bí mật.", "Đúng", "Sai", "", "", "A"),
        ("2", "Ai cũng biết OTP.", "", "", "", "", "Sai"),
        ("3", "Mật khẩu ngắn là tốt.", "", "", "", "", "S"),
    )
    assert [(question.kind, right(question)) for question in found.questions] == [
        ("true-false", "a"),
        ("true-false", "b"),
        ("true-false", "b"),
    ]


def test_answers_without_choices_are_typed_and_it_is_said() -> None:
    found = passage(
        HEAD,
        ("1", "Gọi mã gì?", "", "", "", "", "mã OTP; OTP"),
        ("2", "Bao nhiêu đồng?", "", "", "", "", "1.250.000"),
    )
    text, number = found.questions
    assert (text.kind, [line.text for line in text.choices]) == ("text", ["mã OTP", "OTP", "Tôi chưa chắc"])
    assert (number.kind, number.choices[0].mark) == ("number", "1250000")
    assert found.changed == 2


def test_unsure_among_the_choices_is_ours() -> None:
    (question,) = passage(HEAD, ("1", "Nên làm gì?", "Nghe", "Tắt", "Gọi", "Tôi chưa chắc", "B")).questions
    assert [(line.key, line.is_unsure) for line in question.choices] == [
        ("a", False),
        ("b", False),
        ("c", False),
        ("d", True),
    ]


def test_the_same_question_twice_is_refused_the_second_time() -> None:
    found = passage(HEAD, ROW, ("2", *ROW[1:]))
    assert told(found, REFUSED) == [(3, "Trùng với câu ở dòng 2. Bỏ một câu, hoặc sửa cho khác nhau.")]


def test_signs_nobody_sees_are_left_out_and_it_is_said() -> None:
    odd = ("1", "Số \u202elạ gọi,\u200b nên\r\nlàm \x1bgì?", *ROW[2:])
    found = passage(HEAD, odd, ("2", "Ai gọi?\r\nGọi ai?", *ROW[2:]))
    assert [question.text for question in found.questions] == ["Số lạ gọi, nên làm gì?", "Ai gọi? Gọi ai?"]
    assert told(found, NOTED) == [(2, "Đã bỏ ký tự ẩn trong dòng này.")]


def test_stars_of_a_teachers_sheet_stay_stars() -> None:
    found = passage(HEAD, ("1", "2*3*4 bằng mấy?", "9", "24", "12", "", "B"))
    assert found.questions[0].text == r"2\*3\*4 bằng mấy?"
    assert found.changed == 1


def test_a_sheet_without_headings_is_none() -> None:
    assert read_sheets([Grid("Trang1", (ROW,)), Grid("Trống", ())], Shelf()) is None


quick = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.parametrize("kind", ["single", "multiple", "true-false", "text", "number"])
def test_a_question_comes_back_from_its_row_as_it_was(kind: str) -> None:
    @quick
    @given(questions(kind))
    def check(question: QuestionDesc) -> None:
        header, rows, out = sheet_rows([question])
        assert out.refused == 0
        found = passage(tuple(header), tuple(str(cell) for cell in rows[0]))
        assert [bare(one) for one in found.questions] == [question]
        assert found.changed == 0

    check()


@pytest.mark.parametrize("kind", ["matching", "open"])
def test_what_has_no_row_is_listed(kind: str) -> None:
    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    @given(questions(kind))
    def check(question: QuestionDesc) -> None:
        _, rows, out = sheet_rows([question])
        assert (rows, out.refused) == ([], 1)
        assert question.id in out.remarks[0].message

    check()


CELLS = [
    "",
    "A",
    "B",
    "a, c",
    "2",
    "Đúng",
    "=1+1",
    "Câu hỏi?",
    "Đáp án",
    "Câu hỏi",
    "|",
    "x" * 5000,
    "{#a}",
    "=>",
    "0,5",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=7, max_size=7).map(tuple), max_size=8))
def test_no_rows_break_the_reader(rows: list[tuple[str, ...]]) -> None:
    found = passage(HEAD, *rows)
    for question in found.questions:
        assert any(line.is_right for line in question.choices)
