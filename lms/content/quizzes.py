"""Reads `quizzes/`: the bank of a module and how its check is held."""

from pathlib import Path

from lms.content.bank_lines import drafts
from lms.content.fields import Fields
from lms.content.files import read_text, report_unfinished
from lms.content.head import Document, parse
from lms.content.kinds import KIND
from lms.content.library import QuizDesc
from lms.content.problems import Problems
from lms.content.questions import read_question

KEYS = ("title", "id", "module", "draw", "pass", "tries", "wait", "counts")
COUNTS = ("best", "latest")
MOST_TRIES = 20
LONGEST_WAIT = 7 * 24 * 60
"""Minutes between two attempts."""


def read_bank(root: Path, file: Path, problems: Problems) -> tuple[Document, QuizDesc] | None:
    """Read one bank; None when the file cannot be read at all."""
    text = read_text(root, file, problems)
    if text is None:
        return None
    report_unfinished(file, text, problems)
    document = parse(file, text, KEYS, problems)
    fields = Fields(document, problems)
    quiz = QuizDesc(
        title=fields.text("title"),
        id=fields.identifier("id"),
        module=fields.identifier("module"),
        draw=fields.whole("draw", 1, 50),
        pass_percent=fields.whole("pass", 1, 100),
        questions=tuple(read_question(file, draft, problems) for draft in drafts(document, problems)),
        file=file,
        tries=fields.whole("tries", 0, MOST_TRIES) if fields.has("tries") else 0,
        wait=fields.whole("wait", 0, LONGEST_WAIT) if fields.has("wait") else 0,
        counts=fields.choice("counts", COUNTS),
    )
    if not quiz.questions:
        problems.add(file, 1, "Chưa có câu hỏi nào. Thêm “## Câu hỏi? {#ma-cau-hoi}” và các phương án.")
    elif fields.has("draw"):
        _report_draw(fields, quiz)
    return document, quiz


def _report_draw(fields: Fields, quiz: QuizDesc) -> None:
    asked = [question for question in quiz.questions if question.in_check]
    drawn = [question for question in asked if KIND[question.kind].is_drawn]
    apart = {(bool(question.near), question.near or question.id) for question in drawn}
    if quiz.draw > len(drawn):
        others = sorted({question.kind for question in asked} - {question.kind for question in drawn})
        left_out = f" (không kể câu {', '.join(others)})" if others else ""
        fields.report(
            "draw",
            f"Rút {quiz.draw} câu nhưng chỉ có {len(drawn)} câu dùng để kiểm tra{left_out}. "
            "Giảm “draw”, hoặc thêm câu có “use: check”.",
        )
    elif quiz.draw > len(apart):
        fields.report(
            "draw",
            f"Rút {quiz.draw} câu nhưng mỗi nhóm “near” chỉ đứng một câu trong một đề, nên chỉ xếp được "
            f"{len(apart)} câu. Giảm “draw”, hoặc thêm câu ngoài các nhóm.",
        )
