"""Questions written out in the authors' Markdown, so that reading them back gives the same questions."""

from collections.abc import Iterator

from lms.content.bank_lines import ARROW
from lms.content.head import print_document
from lms.content.kinds import KIND
from lms.content.library import ChoiceDesc, QuestionDesc, QuizDesc
from lms.content.typed_answers import vietnamese_text

INDENT = " " * 6


def print_bank(quiz: QuizDesc) -> str:
    """Write a whole bank: its head, then its questions."""
    entries = [
        ("title", quiz.title),
        ("id", quiz.id),
        ("module", quiz.module),
        ("draw", str(quiz.draw)),
        ("pass", str(quiz.pass_percent)),
    ]
    if quiz.tries:
        entries.append(("tries", str(quiz.tries)))
    if quiz.wait:
        entries.append(("wait", str(quiz.wait)))
    if quiz.counts != "best":
        entries.append(("counts", quiz.counts))
    body = "\n".join(print_question(question) for question in quiz.questions)
    return print_document(entries, body.split("\n"))


def print_question(question: QuestionDesc) -> str:
    """Write one question, ending with a line end; runs of spaces and line ends become one space.

    What means what it would mean anyway is left out: the kind single, the usual credit of a kind.
    """
    lines = [f"## {_one_line(question.text)} {{#{question.id}}}"]
    lines += [f"{key}: {_one_line(value)}" for key, value in _meta(question) if value]
    lines += [question.picture] if question.picture else []
    lines.append("")
    for choice in question.choices:
        lines.append(f"- [{_mark(question, choice)}] {choice.key}) {_words(question, choice)}".rstrip())
        lines += [f"{INDENT}{_one_line(choice.feedback)}"] if choice.feedback else []
    if question.explanation:
        lines += ["", f"> {_one_line(question.explanation)}"]
    return "\n".join([*lines, ""])


def _meta(question: QuestionDesc) -> Iterator[tuple[str, str]]:
    yield "skill", question.skill
    yield "difficulty", str(question.difficulty)
    yield "use", question.use
    yield "lesson", question.lesson
    yield "kind", "" if question.kind == "single" else question.kind
    yield "credit", "" if question.credit == KIND[question.kind].credits[0] else question.credit
    yield "plain-letters", "yes" if question.plain_letters else ""
    yield "names", ", ".join(question.names)
    yield "tolerance", "" if question.tolerance == "0" else vietnamese_text(question.tolerance)
    yield "unit", question.unit
    yield "columns", " | ".join(f"{column.key}) {column.text}" for column in question.columns)
    yield "sender", question.sender
    yield "near", question.near
    for hint in question.hints:
        yield "hint", hint


def _mark(question: QuestionDesc, choice: ChoiceDesc) -> str:
    if choice.is_unsure:
        return "?"
    if KIND[question.kind].keeps_mark:
        return choice.mark
    return "x" if choice.is_right else " "


def _words(question: QuestionDesc, choice: ChoiceDesc) -> str:
    words = _one_line(choice.text)
    if question.kind != "matching" or choice.is_unsure:
        return words
    return f"{words} {ARROW} {_one_line(choice.pair)}".strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
