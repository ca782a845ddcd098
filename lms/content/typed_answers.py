"""What must hold of the answers a learner types: words and numbers that are accepted or expected."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from lms.content.library import ChoiceDesc, QuestionDesc
from lms.vietnamese.answers import same_answer
from lms.vietnamese.numbers import parse_number

Finding = tuple[ChoiceDesc | str, str]
_MARKDOWN = ("**", "`", "](")


def findings(question: QuestionDesc) -> Iterator[Finding]:
    """Yield the mistakes in the lines and extras of a question whose answer is typed."""
    if question.kind == "number":
        yield from _numbers(question)
    else:
        yield from _words(question)


def decimal_text(number: Decimal) -> str:
    """Write a number as a decimal with a point and no more digits than it needs: 1250000, 12.5."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def vietnamese_text(decimal: str) -> str:
    """Write a decimal with a point the way it is read back from a bank: 12,5."""
    return decimal.replace(".", ",")


def _lines(question: QuestionDesc) -> list[ChoiceDesc]:
    # What is accepted is looked at first, as when an answer is matched.
    lines = [line for line in question.choices if line.text and not line.is_unsure]
    return sorted(lines, key=lambda line: not line.is_right)


def _words(question: QuestionDesc) -> Iterator[Finding]:
    lines = _lines(question)
    for line in lines:
        if any(mark in line.text for mark in _MARKDOWN):
            yield line, "Lời để so với chữ người học gõ chỉ viết chữ thường. Bỏ dấu ** hay ` trong dòng này."
        elif not any(letter.isalnum() for letter in line.text):
            yield line, "Lời này chỉ có dấu câu nên máy không so được. Viết bằng chữ hoặc số."
    yield from _same(lines, lambda a, b: _same_words(question, a, b))
    accepted = [line.text for line in lines if line.is_right]
    for name in question.names:
        if accepted and not any(name in text for text in accepted):
            yield (
                "names",
                f"Tên “{name}” không có trong lời nào được nhận [x]. Viết đúng từng chữ như trong lời đó.",
            )


def _same_words(question: QuestionDesc, a: ChoiceDesc, b: ChoiceDesc) -> bool:
    return any(
        same_answer(one.text, other.text, plain_letters=question.plain_letters, names=question.names)
        for one, other in ((a, b), (b, a))
    )


def _numbers(question: QuestionDesc) -> Iterator[Finding]:
    if any(letter.isdigit() for letter in question.unit):
        yield "unit", "Đơn vị chỉ viết chữ, như đồng hay km. Bỏ chữ số trong “unit”."
    lines = []
    for line in _lines(question):
        if parse_number(line.text, question.unit) is None:
            yield line, f"Không đọc được số “{line.text}”. Viết như 1.250.000 hoặc 12,5."
        else:
            lines.append(line)
    value = {line: parse_number(line.text, question.unit) or Decimal(0) for line in lines}
    repeated = list(_same(lines, lambda a, b: value[a] == value[b]))
    yield from repeated
    tolerance = Decimal(question.tolerance)
    for line in lines:
        near = [a for a in lines if a.is_right and abs(value[a] - value[line]) <= tolerance]
        if near and not line.is_right and all(line is not place for place, _ in repeated):
            yield line, _TOO_WIDE.format(key=near[0].key)


_TOO_WIDE = "Sai số rộng quá: số sai này vẫn được nhận như {key}). Giảm “tolerance”, hoặc bỏ dòng này."


def _same(lines: list[ChoiceDesc], same: Callable[[ChoiceDesc, ChoiceDesc], bool]) -> Iterator[Finding]:
    for index, line in enumerate(lines):
        first = next((other for other in lines[:index] if same(line, other)), None)
        if first is None:
            continue
        if line.is_right == first.is_right:
            yield line, f"Máy coi dòng này và dòng {first.key}) là một. Bỏ một dòng."
        else:
            yield line, f"Máy coi lời sai này giống lời đúng {first.key}) nên vẫn nhận. Bỏ hoặc sửa dòng này."
