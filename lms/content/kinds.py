"""The kinds of questions as one table: which marks, lines and extras each takes, and what must hold.

`findings` looks at a question as a value, so that questions from a Markdown bank and from any other file
are held to the same rules.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lms.content import typed_answers
from lms.content.bank_lines import ARROW
from lms.content.library import ChoiceDesc, QuestionDesc

UNSURE = "Tôi chưa chắc"
MOST_HINTS = 3
Finding = tuple[ChoiceDesc | str, str]
"""Where (a line of the question, one of its extras by name, or "" for the question) and what is wrong."""


@dataclass(frozen=True)
class Kind:
    """What a kind asks of its author.

    `lines` is how few and how many, “Tôi chưa chắc” apart; the first of `credits` is meant when the
    author says nothing. `marks` is matched against what stands in the brackets; `keeps_mark` kinds keep
    that. `is_drawn`: the number of questions to draw for a check counts it; a survey question comes on
    top of them, an open one only in a sitting.
    """

    name: str
    marks: str
    marks_shown: str
    lines: tuple[int, int]
    rule: Callable[[QuestionDesc], Iterator[Finding]]
    line_name: str = "phương án"
    credits: tuple[str, ...] = ("exact",)
    extras: frozenset[str] = frozenset()
    keeps_mark: bool = False
    needs_unsure: bool = True
    needs_feedback: bool = False
    needs_explanation: bool = True
    is_drawn: bool = True

    def takes(self, mark: str) -> bool:
        """Tell whether a line may carry this mark."""
        return mark == "?" or re.fullmatch(self.marks, mark) is not None


def findings(question: QuestionDesc) -> Iterator[Finding]:
    """Yield every mistake in the lines and extras of a question."""
    kind = KIND[question.kind]
    for line in question.choices:
        yield from _in_line(kind, line)
    yield from _repeated_keys(question)
    yield from _unsure(kind, question)
    lines, (low, high) = _lines(question), kind.lines
    if not low <= len(lines) <= high:
        yield (
            "",
            f"Câu hỏi có {len(lines)} {kind.line_name}, cần {_span(low, high)} (không kể “{UNSURE}”).",
        )
    yield from kind.rule(question)
    if kind.needs_explanation and not question.explanation:
        yield "", "Câu hỏi thiếu lời giải thích chung. Thêm dòng “> …” sau các phương án."
    if len(question.hints) > MOST_HINTS:
        yield "hint", f"Câu hỏi có {len(question.hints)} gợi ý, nhiều nhất là {MOST_HINTS}. Bỏ bớt."


def right_lines(question: QuestionDesc) -> tuple[ChoiceDesc, ...]:
    """Return the lines marked [x]."""
    return tuple(line for line in question.choices if line.is_right)


def _span(low: int, high: int) -> str:
    if low == high:
        return f"đúng {low}"
    return f"{low} hoặc {high}" if high == low + 1 else f"từ {low} đến {high}"


def _lines(question: QuestionDesc) -> tuple[ChoiceDesc, ...]:
    return tuple(line for line in question.choices if not line.is_unsure)


def _in_line(kind: Kind, line: ChoiceDesc) -> Iterator[Finding]:
    if not line.key:
        yield line, "Phương án thiếu chữ cái. Viết dạng: - [ ] a) Phương án"
    if not line.text and not line.pair:
        yield line, "Phương án chưa có chữ. Viết phương án sau chữ cái."
    if line.is_unsure != (line.text == UNSURE):
        yield line, f"Dấu [?] chỉ đi với đúng chữ “{UNSURE}”."
    if kind.needs_feedback and not line.feedback:
        yield line, "Phương án thiếu lời giải thích. Viết ở dòng dưới, lùi vào 6 dấu cách."


def _repeated_keys(question: QuestionDesc) -> Iterator[Finding]:
    seen: set[str] = set()
    for line in question.choices:
        if line.key and line.key in seen:
            yield line, f"Chữ cái “{line.key}” dùng hai lần trong câu này. Đổi chữ khác."
        seen.add(line.key)


def _unsure(kind: Kind, question: QuestionDesc) -> Iterator[Finding]:
    number = sum(line.is_unsure for line in question.choices)
    if number > 1 or (number == 0 and kind.needs_unsure):
        yield "", f"Câu hỏi có {number} phương án [?], phải có đúng 1: “{UNSURE}”."
    elif number and not question.choices[-1].is_unsure:
        yield "", f"“{UNSURE}” phải là phương án cuối cùng. Chuyển xuống cuối."


def _alike(lines: tuple[ChoiceDesc, ...], words: Callable[[ChoiceDesc], str]) -> Iterator[Finding]:
    """Report lines that read the same: nobody can choose between them."""
    seen: dict[str, str] = {}
    for line in lines:
        text = _bare(words(line))
        if not text:
            continue
        if text in seen:
            yield line, f"Dòng này cùng chữ với dòng {seen[text]}). Viết khác đi, hoặc bỏ một dòng."
        seen.setdefault(text, line.key)


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(".!?… ")


def _one_right(question: QuestionDesc) -> Iterator[Finding]:
    right = len(right_lines(question))
    if right != 1:
        yield "", f"Câu hỏi có {right} đáp án đúng [x], phải có đúng 1."
    yield from _alike(_lines(question), lambda line: line.text)


def _some_right(question: QuestionDesc) -> Iterator[Finding]:
    right = len(right_lines(question))
    if right == 0:
        yield "", "Câu hỏi có 0 đáp án đúng [x]. Đánh dấu [x] vào ít nhất một phương án."
    elif right == len(_lines(question)):
        yield "", "Mọi phương án đều đúng thì không hỏi được gì. Thêm phương án chưa đúng [ ]."
    yield from _alike(_lines(question), lambda line: line.text)


def _true_false(question: QuestionDesc) -> Iterator[Finding]:
    right = len(right_lines(question))
    if right != 1:
        yield "", f"Câu hỏi có {right} đáp án đúng [x], phải có đúng 1."
    words = {line.text for line in _lines(question)}
    if words != {"Đúng", "Sai"}:
        yield "", "Câu đúng hay sai chỉ có hai phương án: “Đúng” và “Sai”. Sửa chữ của phương án."


def _typed(question: QuestionDesc) -> Iterator[Finding]:
    if not right_lines(question):
        yield "", "Câu hỏi có 0 đáp án được nhận [x]. Đánh dấu [x] vào ít nhất một dòng."
    yield from typed_answers.findings(question)


def _without_mark(question: QuestionDesc) -> Iterator[Finding]:
    for line in _lines(question):
        if not line.mark:
            yield line, f"Dòng này thiếu {KIND[question.kind].marks_shown}. Viết vào trong ngoặc vuông."


def _ordered(question: QuestionDesc) -> Iterator[Finding]:
    lines = _lines(question)
    yield from _without_mark(question)
    seen: set[str] = set()
    for line in lines:
        if line.mark and line.mark in seen:
            yield line, f"Chỗ [{line.mark}] dùng hai lần. Mỗi chỗ chỉ một dòng, sửa số trong ngoặc."
        seen.add(line.mark)
    wanted = {str(place) for place in range(1, len(lines) + 1)}
    if all(line.mark for line in lines) and len(seen) == len(lines) and seen != wanted:
        yield "", f"Các chỗ phải là [1] đến [{len(lines)}], mỗi chỗ một lần. Sửa số trong ngoặc."
    yield from _alike(lines, lambda line: line.text)


def _matched(question: QuestionDesc) -> Iterator[Finding]:
    lines = _lines(question)
    left = tuple(line for line in lines if line.is_right)
    for line in lines:
        if line.is_right and not (line.text and line.pair):
            yield line, f"Cặp [x] phải có hai vế. Viết dạng: - [x] a) vế trái {ARROW} vế phải"
        elif not line.is_right and (line.text or not line.pair):
            yield line, f"Dòng [ ] là vế phải thừa, không có vế trái. Viết dạng: - [ ] e) {ARROW} vế phải"
    if len(left) < 2:
        yield "", f"Câu ghép có {len(left)} cặp [x], cần ít nhất 2."
    sides = {line.pair for line in lines}
    if len(lines) > 1 and len(sides) < 2:
        yield "", "Mọi vế phải giống nhau thì ghép thế nào cũng đúng. Viết ít nhất 2 vế phải khác nhau."
    yield from _alike(left, lambda line: line.text)
    yield from _sides(lines)


def _sides(lines: tuple[ChoiceDesc, ...]) -> Iterator[Finding]:
    # Equal right sides are one option; nearly equal ones would be two that nobody can tell apart.
    seen: dict[str, ChoiceDesc] = {}
    for line in sorted(lines, key=lambda line: not line.is_right):
        first = seen.setdefault(_bare(line.pair), line) if line.pair else line
        if first is line:
            continue
        if not line.is_right:
            yield line, f"Vế phải thừa này trùng với dòng {first.key}). Viết vế khác, hoặc bỏ dòng này."
        elif first.pair != line.pair:
            yield line, f"Vế phải này chỉ khác dòng {first.key}) ở chữ hoa hay dấu câu. Viết giống hệt nhau."


def _in_columns(question: QuestionDesc) -> Iterator[Finding]:
    columns = question.columns
    keys = {column.key for column in columns}
    yield from _without_mark(question)
    yield from _alike(_lines(question), lambda line: line.text)
    if not columns:
        yield "columns", "Câu bảng chọn thiếu các cột. Thêm dòng: columns: n) Nên làm | k) Không nên"
    elif not 2 <= len(columns) <= 4:
        yield "columns", f"Bảng chọn có {len(columns)} cột, cần từ 2 đến 4. Thêm hoặc bớt cột."
    elif len(keys) < len(columns):
        yield "columns", "Hai cột cùng chữ cái. Mỗi cột một chữ cái khác nhau."
    elif len({_bare(column.text) for column in columns}) < len(columns):
        yield "columns", "Hai cột cùng chữ. Viết khác đi, hoặc bỏ một cột."
    else:
        known = ", ".join(f"[{column.key}]" for column in columns)
        for line in _lines(question):
            if line.mark and line.mark not in keys:
                yield line, f"Không có cột [{line.mark}]. Các cột của câu này: {known}."


def _suspicious(question: QuestionDesc) -> Iterator[Finding]:
    lines = _lines(question)
    if lines and all(line.is_right for line in lines):
        yield "", "Mọi đoạn đều đáng ngờ thì không hỏi được gì. Thêm đoạn bình thường [ ]."


def _asked(question: QuestionDesc) -> Iterator[Finding]:
    yield from _alike(_lines(question), lambda line: line.text)


def _criteria(question: QuestionDesc) -> Iterator[Finding]:
    yield from _without_mark(question)
    yield from _alike(_lines(question), lambda line: line.text)


_CHOSEN = " |x"
KIND: dict[str, Kind] = {
    "single": Kind("Chọn một", _CHOSEN, "[ ], [x]", (3, 4), _one_right, needs_feedback=True),
    "multiple": Kind(
        "Chọn nhiều",
        _CHOSEN,
        "[ ], [x]",
        (3, 6),
        _some_right,
        credits=("exact", "proportional", "penalised"),
        needs_feedback=True,
    ),
    "true-false": Kind("Đúng hay sai", _CHOSEN, "[ ], [x]", (2, 2), _true_false, needs_feedback=True),
    "text": Kind(
        "Gõ chữ",
        _CHOSEN,
        "[ ], [x]",
        (1, 12),
        _typed,
        line_name="lời",
        extras=frozenset({"plain-letters", "names"}),
        needs_feedback=True,
    ),
    "number": Kind(
        "Gõ số",
        _CHOSEN,
        "[ ], [x]",
        (1, 8),
        _typed,
        line_name="số",
        extras=frozenset({"tolerance", "unit"}),
        needs_feedback=True,
    ),
    "ordering": Kind(
        "Xếp thứ tự",
        "[1-9]",
        "số thứ tự [1], [2], [3]…",
        (3, 6),
        _ordered,
        line_name="việc",
        keeps_mark=True,
        credits=("exact", "proportional"),
    ),
    "matching": Kind(
        "Ghép cặp",
        _CHOSEN,
        "[x] (một cặp), [ ] (vế phải thừa)",
        (2, 8),
        _matched,
        line_name="dòng",
        credits=("proportional", "exact"),
    ),
    "matrix": Kind(
        "Bảng chọn",
        "[a-z]",
        "chữ cái của một cột, như [n]",
        (2, 6),
        _in_columns,
        line_name="dòng",
        credits=("proportional", "exact"),
        extras=frozenset({"columns"}),
        keeps_mark=True,
    ),
    "spot": Kind(
        "Chỉ chỗ đáng ngờ",
        _CHOSEN,
        "[x] (đáng ngờ), [ ] (bình thường)",
        (2, 10),
        _suspicious,
        line_name="đoạn",
        credits=("penalised", "proportional", "exact"),
        extras=frozenset({"sender"}),
        needs_feedback=True,
    ),
    "survey": Kind(
        "Hỏi ý kiến",
        " ",
        "[ ] (câu hỏi ý kiến không có đáp án)",
        (2, 8),
        _asked,
        needs_unsure=False,
        needs_explanation=False,
        is_drawn=False,
    ),
    "open": Kind(
        "Viết trả lời",
        "[1-9]|10",
        "số điểm của tiêu chí, từ [1] đến [10]",
        (1, 6),
        _criteria,
        line_name="tiêu chí",
        keeps_mark=True,
        needs_unsure=False,
        is_drawn=False,
    ),
}
