"""Writes questions as GIFT for Moodle: every sign escaped, never an empty line, and a list of what is lost.

Ids and what Moodle has no field for stand in a comment above the question, as `[id:…]` and `[tag:…]`; our
own reader takes them from there.
"""

import re
from collections.abc import Iterable, Iterator
from string import ascii_lowercase

from lms.content.exchange import CHANGED, Passage, Record, Refused, Remark
from lms.content.gift_answers import CRITERIA, spelt
from lms.content.kinds import KIND, findings
from lms.content.library import ChoiceDesc, QuestionDesc

LONGEST_TAG = 50
"""Moodle cuts longer ones."""
_SIGN = re.compile(r"[\\~=#{}:]")
_PLACEHOLDER = re.compile(r"&&(?:010|035|058|061|092|123|125|126)")
_SHARES = {1: "100", 2: "50", 3: "33.33333", 4: "25", 5: "20", 6: "16.66667"}
_NO_FORM = {
    "ordering": "GIFT không có câu xếp thứ tự.",
    "matrix": "GIFT không có câu bảng chọn.",
    "spot": "GIFT không có câu chỉ chỗ đáng ngờ.",
    "survey": "GIFT không có câu hỏi ý kiến: câu nào cũng phải có đáp án.",
}
_CREDIT = "Moodle cho điểm từng phương án, ở đây “{credit}”: điểm của bài làm một phần sẽ khác."


def write_gift(questions: Iterable[QuestionDesc]) -> tuple[str, Passage]:
    """Return the GIFT text, and what was written, what of it Moodle loses, and what stayed behind."""
    record, blocks = Record(), []
    for question in questions:
        try:
            block = _block(question)
        except Refused as refused:
            record.refuse(refused.line, f"Câu {question.id}: {refused}")
            continue
        blocks.append(block)
        losses = [f"Câu {question.id}: {loss}" for loss in _losses(question)]
        record.take(question, question.line, "", [Remark(question.line, CHANGED, loss) for loss in losses])
    return "\n".join(blocks), record.passage()


def escaped(text: str) -> str:
    """Return a text in which GIFT sees no sign of its own."""
    return _SIGN.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))


def _block(question: QuestionDesc) -> str:
    _refuse_unwritable(question)
    lines = [
        f"// {_comment(question)}",
        f"::{question.id}::[markdown]{escaped(question.text)}{{{'#' if question.kind == 'number' else ''}",
        *(f"\t{line}" for line in _WRITERS[question.kind](question)),
    ]
    general = _general(question)
    if general:
        lines.append(f"\t####{general}")
    return "\n".join([*lines, "}", ""])


def _refuse_unwritable(question: QuestionDesc) -> None:
    if question.kind in _NO_FORM:
        raise Refused(question.line, _NO_FORM[question.kind])
    if any(findings(question)):
        raise Refused(question.line, "Câu còn lỗi. Chạy lms content check, sửa rồi xuất lại.")
    lines = question.choices
    told = [part for line in lines for part in (line.text, line.pair, line.feedback)]
    if any(_PLACEHOLDER.search(text) for text in (question.text, question.explanation, *told)):
        raise Refused(question.line, "Có dãy chữ như &&058 mà Moodle đổi thành dấu khác. Viết câu khác đi.")
    if question.kind == "text" and any("->" in text for text in told):
        raise Refused(question.line, "Có dấu -> nên Moodle hiểu là câu ghép. Đổi thành → trong câu này.")
    if question.kind == "text" and any("\\*" in line.text for line in lines):
        raise Refused(question.line, "Moodle không viết được chữ \\* trong câu gõ chữ. Đổi đáp án này.")
    if question.kind == "matching" and any("\\n" in line.text + line.pair for line in lines):
        raise Refused(question.line, "Có chữ \\n mà Moodle hiểu là xuống dòng. Viết câu khác đi.")
    if question.kind == "matching" and any("->" in line.text for line in lines):
        raise Refused(question.line, "Vế trái có dấu -> nên Moodle cắt sai chỗ. Đổi thành → trong câu này.")


def _comment(question: QuestionDesc) -> str:
    return " ".join([f"[id:{question.id}]", *(f"[tag:{tag}]" for tag in _tags(question) if _fits(tag))])


def _fits(tag: str) -> bool:
    return len(tag) <= LONGEST_TAG and not re.search(r"[\[\]\\<>`,]", tag)


def _tags(question: QuestionDesc) -> Iterator[str]:
    keys = "".join(line.key for line in question.choices)
    unsure = next((line.key for line in question.choices if line.is_unsure), "")
    pairs = {
        "skill": question.skill,
        "difficulty": str(question.difficulty),
        "use": question.use,
        "lesson": question.lesson,
        "near": question.near,
        "kind": question.kind if question.kind in {"true-false", "open"} else "",
        "credit": question.credit if len(KIND[question.kind].credits) > 1 else "",
        "keys": "" if ascii_lowercase.startswith(keys) else keys,
        "unsure": unsure,
        "plain-letters": "yes" if question.plain_letters else "",
        "unit": question.unit,
    }
    yield from (f"{key}:{value}" for key, value in pairs.items() if value)
    yield from (f"name:{name}" for name in question.names)


def _losses(question: QuestionDesc) -> Iterator[str]:
    """Yield what does not come back from Moodle, a sentence each."""
    kind = question.kind
    if question.hints:
        yield f"{len(question.hints)} gợi ý không ghi được."
    if question.picture:
        yield "hình không ghi được, phải thêm lại trong Moodle."
    for tag in _tags(question):
        if not _fits(tag):
            yield f"mục {tag.partition(':')[0]} dài quá hoặc có dấu lạ nên không ghi được."
    if kind in {"number", "matching"} and any(line.is_unsure and line.feedback for line in question.choices):
        yield "lời dưới “Tôi chưa chắc” không ghi được."
    if kind in {"matching", "open"} and any(line.feedback for line in question.choices if not line.is_unsure):
        yield "lời dưới từng dòng không ghi được."
    if kind == "number" and any(_respelt(line) for line in question.choices if not line.is_unsure):
        yield "số trở về viết cách khác (như 1.500.000), giá trị vẫn như cũ."
    if (kind == "multiple" and question.credit != "penalised") or (
        kind == "matching" and question.credit == "exact"
    ):
        yield _CREDIT.format(credit=question.credit)


def _respelt(line: ChoiceDesc) -> bool:
    return line.text != spelt(line.mark)


def _general(question: QuestionDesc) -> str:
    text = _told(question.explanation)
    if question.kind != "open":
        return text
    lines = [f"[{line.mark}] {line.key}) {escaped(line.text)}" for line in question.choices]
    return "\\n".join([text or "[markdown]", escaped(CRITERIA), *lines])


def _single(question: QuestionDesc) -> Iterator[str]:
    for line in question.choices:
        share = "%0%" if line.is_unsure or line.text.startswith("%") else ""
        yield f"={_body(line)}" if line.is_right else f"~{share}{_body(line)}"


def _multiple(question: QuestionDesc) -> Iterator[str]:
    share = _SHARES[sum(line.is_right for line in question.choices)]
    wrong = "100" if question.credit == "exact" else share
    for line in question.choices:
        weight = "0" if line.is_unsure else share if line.is_right else f"-{wrong}"
        yield f"~%{weight}%{_body(line)}"


def _text(question: QuestionDesc) -> Iterator[str]:
    for line in question.choices:
        share = "" if line.is_right and not line.text.startswith("%") else f"%{100 * line.is_right}%"
        # A star would be any letters to Moodle.
        text = escaped(line.text.replace("*", "\\*"))
        yield f"={share}{_guarded(line.text)}{text}{_feedback(line)}"


def _number(question: QuestionDesc) -> Iterator[str]:
    margin = "" if question.tolerance == "0" else f":{question.tolerance}"
    for line in question.choices:
        if not line.is_unsure:
            yield (
                f"={line.mark}{margin}{_feedback(line)}"
                if line.is_right
                else f"=%0%{line.mark}:0{_feedback(line)}"
            )


def _pairs(question: QuestionDesc) -> Iterator[str]:
    for line in question.choices:
        if not line.is_unsure:
            left = f"{_guarded(line.text)}{escaped(line.text)} " if line.text else ""
            yield f"={left}-> {escaped(line.pair)}"


def _nothing(_question: QuestionDesc) -> Iterator[str]:
    return iter(())


_WRITERS = {
    "single": _single,
    "true-false": _single,
    "multiple": _multiple,
    "text": _text,
    "number": _number,
    "matching": _pairs,
    "open": _nothing,
}


def _body(line: ChoiceDesc) -> str:
    return f"{_guarded(line.text)}{escaped(line.text)}{_feedback(line)}"


def _feedback(line: ChoiceDesc) -> str:
    return f"#{_told(line.feedback)}" if line.feedback else ""


def _told(text: str) -> str:
    return f"{_guarded(text)}{escaped(text)}"


def _guarded(text: str) -> str:
    """Return a format for a text that begins like one, so that `[html]` stays words."""
    return "[markdown]" if text.startswith("[") else ""
