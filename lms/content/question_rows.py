"""Writes questions as lines of a question sheet, with the headings our own reader takes them back by."""

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_uppercase

from lms.content.exchange import Passage, Record, Refused
from lms.content.kinds import KIND, MOST_HINTS, findings
from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.question_row import USES
from lms.content.question_sheet import SHEET_KINDS

FEWEST_CHOICES = 4
LONGEST_CELL = 32_767
"""Excel's own limit."""
NAME, NAME_OF_HELP = "Câu hỏi", "Cách điền"
HEADINGS_OF_HELP = ("Cột", "Điền gì")
HELP = (
    ("Mã", "Mã riêng của câu, chữ thường không dấu. Câu mới thì để trống."),
    ("Loại", "Chọn một, Chọn nhiều, Đúng hay sai, Gõ chữ hoặc Gõ số. Để trống thì đoán theo đáp án."),
    ("Câu hỏi", "Câu hỏi, một dòng."),
    ("A, B, C…", "Các phương án. Câu gõ chữ, gõ số: các lời được nhận và các lời sai hay gặp."),
    ("Đáp án", "Chữ cái của đáp án đúng, như B hoặc A, C."),
    ("Giải thích", "Lời giải thích chung, hiện sau khi trả lời."),
    ("Mức độ", "1 dễ, 2 vừa, 3 khó; hoặc Nhận biết, Thông hiểu, Vận dụng."),
    ("Kỹ năng", "Mã kỹ năng trong courses/skills.toml."),
    ("Dùng cho", "kiểm tra, luyện tập hoặc cả hai."),
    ("Bài", "Mã bài học, khi câu dùng để luyện tập."),
    ("Phản hồi A, B, C…", "Lời giải thích riêng của từng phương án."),
    ("Phản hồi chưa chắc", "Lời dưới “Tôi chưa chắc”."),
    ("Gợi ý 1, 2, 3", "Gợi ý mở dần, không bắt buộc."),
    ("Khóa", "Chữ cái cố định của các phương án. Câu đã dùng thì không sửa; câu mới thì để trống."),
    ("Nhóm gần nhau", "Các câu cùng nhóm không đứng chung một đề."),
    ("Cách cho điểm", "Câu chọn nhiều: exact, proportional hoặc penalised."),
    ("Không cần dấu", "Câu gõ chữ: “có” nếu nhận cả chữ không dấu."),
    ("Tên viết đúng", "Câu gõ chữ: các tên phải viết đúng từng chữ, cách nhau bằng dấu phẩy."),
    ("Sai số, Đơn vị", "Câu gõ số."),
    ("Hình", "Dòng ![lời tả](hinh/ten.svg) của hình trong thư mục chủ đề."),
)
Line = Sequence[str | int]


def sheet_rows(questions: Iterable[QuestionDesc]) -> tuple[list[str], list[Line], Passage]:
    """Return the headings, a line for each question a sheet can hold, and what stayed behind."""
    record = Record()
    for question in questions:
        try:
            _refuse_unwritable(question)
        except Refused as refused:
            record.refuse(refused.line, f"Câu {question.id}: {refused}")
        else:
            record.take(question, question.line, "", ())
    written = record.questions
    count = max([FEWEST_CHOICES, *(len(_sure(question)) for question in written)])
    return list(_headings(count)), [list(_line(question, count)) for question in written], record.passage()


def _refuse_unwritable(question: QuestionDesc) -> None:
    kind = KIND[question.kind]
    if question.kind not in SHEET_KINDS:
        raise Refused(question.line, f"Loại “{kind.name.lower()}” không viết được thành một dòng của bảng.")
    if any(findings(question)):
        raise Refused(question.line, "Câu còn lỗi. Chạy lms content check, sửa rồi xuất lại.")
    texts = (question.text, question.explanation, *question.hints)
    told = (part for line in question.choices for part in (line.text, line.feedback))
    if max(map(len, (*texts, *told))) > LONGEST_CELL:
        raise Refused(question.line, "Có đoạn dài quá 32.767 chữ cái, một ô không chứa hết. Viết ngắn lại.")


def _headings(count: int) -> Iterator[str]:
    letters = ascii_uppercase[:count]
    yield from ("Mã", "Loại", "Câu hỏi", *letters, "Đáp án")
    yield from ("Giải thích", "Mức độ", "Kỹ năng", "Dùng cho", "Bài")
    yield from (f"Phản hồi {letter}" for letter in letters)
    yield "Phản hồi chưa chắc"
    yield from (f"Gợi ý {number}" for number in range(1, MOST_HINTS + 1))
    yield from ("Khóa", "Nhóm gần nhau", "Cách cho điểm", "Không cần dấu")
    yield from ("Tên viết đúng", "Sai số", "Đơn vị", "Hình")


def _line(question: QuestionDesc, count: int) -> Iterator[str | int]:
    lines = _sure(question)
    unsure = next((line for line in question.choices if line.is_unsure), None)
    yield from (question.id, KIND[question.kind].name, question.text)
    yield from _padded([line.text for line in lines], count)
    yield ", ".join(ascii_uppercase[at] for at, line in enumerate(lines) if line.is_right)
    yield from (
        question.explanation,
        question.difficulty,
        question.skill,
        USES[question.use],
        question.lesson,
    )
    yield from _padded([line.feedback for line in lines], count)
    yield unsure.feedback if unsure else ""
    yield from _padded(list(question.hints), MOST_HINTS)
    yield "".join(line.key for line in question.choices)
    yield from (question.near, question.credit if question.kind == "multiple" else "")
    yield from ("có" if question.plain_letters else "", ", ".join(question.names))
    yield "" if question.tolerance == "0" else question.tolerance.replace(".", ",")
    yield from (question.unit, question.picture)


def _sure(question: QuestionDesc) -> list[ChoiceDesc]:
    return [line for line in question.choices if not line.is_unsure]


def _padded(texts: list[str], count: int) -> list[str]:
    return [*texts, *[""] * (count - len(texts))]
