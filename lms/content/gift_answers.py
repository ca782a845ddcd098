"""What stands between { and } in GIFT, kind by kind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from string import ascii_lowercase

from lms.content.exchange import shown
from lms.content.gift_marks import Mark, Span, marks
from lms.content.gift_words import Words
from lms.content.intake import clean, is_unsure_text
from lms.content.kinds import KIND, UNSURE
from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.typed_answers import decimal_text
from lms.vietnamese import fold

WHOLE = Decimal(100)
_TENTHS = ("100", "90", "80", "75", "70", "60", "50", "40", "30", "25", "20", "12.5", "10", "5", "0")
_PARTS = ("83.33333", "66.66667", "33.33333", "16.66667", "14.28571", "11.11111")
FRACTIONS = tuple(Decimal(text) for text in (*_TENTHS, *_PARTS))
"""The shares of a mark that Moodle knows, in percent; it refuses every other."""
_NEAR = Decimal("0.001")
_WEIGHT = re.compile(r"%(-?)(\d{1,3}(?:\.\d{0,8})?)%")
_LIKE_WEIGHT = re.compile(r"%[-+\d.,\s]{1,12}%")
_NUMBER = re.compile(r"[-+]?(?:\d{1,30}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,2})?")
_CRITERION = re.compile(r"\[(\d{1,2})\] ([a-z])\) (.+)")
_LETTERS = ascii_lowercase
CRITERIA = "Tiêu chí chấm:"
_TRUTHS = {"dung": "Đúng", "true": "Đúng", "sai": "Sai", "false": "Sai"}


@dataclass(frozen=True)
class _Answer:
    """One answer with its share of the mark in percent, None when it says nothing."""

    mark: Mark
    weight: Decimal | None
    body: Span
    feedback: str


def choices(question: QuestionDesc, body: Span, words: Words) -> QuestionDesc:
    """Read single and multiple choice, and true or false that our own writer wrote so."""
    answers = [_answer(mark, words, weighs=mark.sign == "~") for mark in marks(words.piece, body)]
    lines = [_line(answer, words.of(answer.body), words) for answer in answers]
    lines = _with_unsure(lines, answers, words)
    equal = sum(answer.mark.sign == "=" for answer in answers)
    if equal > 1:
        raise words.refuse(body, "Có hơn một đáp án =. Câu chọn nhiều thì viết ~%50% cho mỗi đáp án đúng.")
    question = replace(question, choices=tuple(lines))
    if equal == 0:
        return _several(question, answers, body, words)
    if any(answer.weight for answer in answers):
        words.change(body, "Điểm phần trăm của phương án sai không giữ: chỉ đáp án = được điểm.")
    lines = [replace(line, is_right=a.mark.sign == "=") for line, a in zip(lines, answers, strict=True)]
    return _ordered(_two_truths(replace(question, choices=tuple(lines)), words), words)


def truth(question: QuestionDesc, body: Span, is_true: bool, words: Words) -> QuestionDesc:
    """Read {T#feedback for the wrong one#feedback for the right one}."""
    _, told = body.part("#")
    wrong, right = told.part("#") if told else (None, None)
    feedback = {is_true: words.of(right), not is_true: words.of(wrong)}
    lines = [
        ChoiceDesc("", text, is_right=value is is_true, is_unsure=False, feedback=feedback[value])
        for text, value in (("Đúng", True), ("Sai", False))
    ]
    return _ordered(replace(question, kind="true-false", choices=tuple(lines)), words)


def typed(question: QuestionDesc, body: Span, words: Words) -> QuestionDesc:
    """Read {=accepted =%0%a wrong answer people give}."""
    kept, answers = list[ChoiceDesc](), list[_Answer]()
    for answer in (_answer(mark, words) for mark in marks(words.piece, body)):
        text = words.typed(answer.body)
        if text == "*" and answer.weight is not None and answer.weight <= 0:
            words.change(answer.body, "Lời cho mọi câu trả lời khác (*) không giữ.")
            continue
        if "*" in text.replace("\\*", ""):
            raise words.refuse(
                answer.body,
                f"Dấu * trong {shown(text)} nhận mọi chữ. Ghi rõ từng câu trả lời; là chữ thì viết \\*.",
            )
        line = _line(answer, text.replace("\\*", "*"), words)
        kept.append(replace(line, is_right=_is_full(answer, words)))
        answers.append(answer)
    kept = _with_unsure(kept, answers, words)
    return _ordered(replace(question, kind="text", choices=tuple(kept)), words)


def numbers(question: QuestionDesc, body: Span, words: Words) -> QuestionDesc:
    """Read {#value:tolerance}, {#low..high}, {#=value:tolerance =%0%a wrong value}."""
    inner, other = body.cut(1).part("~")
    if other is not None:
        if other.part("#")[0] or "~" in other.bare:
            raise words.refuse(
                other, "Trong câu gõ số, dấu ~ chỉ dùng một lần, dạng ~#lời cho số khác. Sửa lại."
            )
        words.change(other, "Lời cho mọi số khác (~#…) không giữ.")
    found = marks(words.piece, inner) if "=" in inner.bare else [Mark("=", inner, words.piece.line(inner))]
    kept, tolerances = [], set()
    for answer in (_answer(mark, words) for mark in found):
        value, tolerance = _value(answer.body, words)
        is_right = _is_full(answer, words)
        if is_right:
            tolerances.add(tolerance)
        elif tolerance:
            words.change(answer.body, "Sai số của số sai không giữ.")
        text = decimal_text(value)
        line = _line(answer, spelt(text), words)
        kept.append(replace(line, mark=text, is_right=is_right))
    if len(tolerances) > 1:
        raise words.refuse(
            body, "Mỗi câu chỉ một sai số, câu này có nhiều. Ghi cùng một sai số, hoặc chia câu."
        )
    margin = decimal_text(tolerances.pop()) if tolerances else "0"
    question = replace(question, kind="number", tolerance=margin, choices=tuple(kept))
    return _ordered(question, words)


def pairs(question: QuestionDesc, body: Span, words: Words) -> QuestionDesc:
    """Read {=left -> right =-> a right side that fits nothing}."""
    lines = []
    for mark in marks(words.piece, body):
        left, right = mark.body.part("->")
        if right is None or not right:
            raise words.refuse(
                mark.body, "Câu ghép: mỗi dòng phải là = vế trái -> vế phải. Thêm -> và vế phải."
            )
        if "#" in mark.body.bare:
            raise words.refuse(mark.body, "Câu ghép không có lời giải thích #. Bỏ đi; là chữ thì viết \\#.")
        lines.append(
            ChoiceDesc(
                "", words.of(left), is_right=bool(left), is_unsure=False, feedback="", pair=clean(right.text)
            )
        )
    credit = words.tags.get("credit", "")
    credit = credit if credit in KIND["matching"].credits else KIND["matching"].credits[0]
    return _ordered(replace(question, kind="matching", credit=credit, choices=tuple(lines)), words)


def essay(question: QuestionDesc, general: Span | None, words: Words) -> QuestionDesc:
    """Read {}: marked by a person; criteria come back when our own writer put them there."""
    question = replace(question, kind="open")
    text = general.text if general is not None and words.tags.get("kind") == "open" else ""
    before, found, after = text.partition(f"\n{CRITERIA}\n")
    listed = [_CRITERION.fullmatch(clean(line)) for line in after.split("\n") if line.strip()]
    lines = [
        ChoiceDesc(one[2], one[3], is_right=False, is_unsure=False, feedback="", mark=one[1])
        for one in listed
        if one
    ]
    if found and len(lines) == len(listed):
        explanation = clean(before.removeprefix("[markdown]"))
        return replace(question, explanation=explanation, choices=tuple(lines))
    words.change(words.piece.whole, "Câu viết trả lời chưa có tiêu chí: đã thêm một tiêu chí ghi TODO.")
    line = ChoiceDesc("", "TODO: tiêu chí chấm", is_right=False, is_unsure=False, feedback="", mark="1")
    return replace(question, explanation=words.of(general), choices=(line,))


def spelt(decimal: str) -> str:
    """Write a decimal with a point as people write it: from 10.000 on in threes, so that years stay 2026."""
    whole, _, part = decimal.partition(".")
    digits = whole.lstrip("-")
    grouped = f"{int(digits):,}".replace(",", ".") if len(digits) > 4 else digits
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{grouped},{part}" if part else f"{sign}{grouped}"


def _answer(mark: Mark, words: Words, *, weighs: bool = True) -> _Answer:
    body, told = mark.body.part("#")
    weight = None
    if weighs and body.bare.startswith("%"):
        found = _WEIGHT.match(body.bare)
        if found:
            weight = _fraction(found, body, words)
            body = body.cut(found.end())
        elif _LIKE_WEIGHT.match(body.bare):
            raise words.refuse(body, "Phần trăm điểm viết với dấu chấm, như %33.33333%. Sửa lại.")
    if not body:
        raise words.refuse(mark.body, f"Sau dấu {mark.sign} chưa có chữ. Viết đáp án, hoặc xóa dấu.")
    return _Answer(mark, weight, body, words.of(told))


def _fraction(found: re.Match[str], body: Span, words: Words) -> Decimal:
    size = Decimal(found[2].rstrip("."))
    if not any(abs(size - known) < _NEAR for known in FRACTIONS):
        nearest = min(FRACTIONS, key=lambda known: abs(known - size))
        raise words.refuse(
            body, f"Moodle không nhận %{found[1]}{found[2]}%. Có phải %{found[1]}{nearest}% không? Sửa lại."
        )
    return -size if found[1] else size


def _line(answer: _Answer, text: str, words: Words) -> ChoiceDesc:
    if not text:
        raise words.refuse(answer.mark.body, "Phương án không còn chữ nào. Viết phương án, hoặc xóa dấu.")
    return ChoiceDesc("", text, False, False, answer.feedback, line=answer.mark.line)


def _is_full(answer: _Answer, words: Words) -> bool:
    if answer.weight is None or answer.weight == WHOLE:
        return True
    if answer.weight > 0:
        words.change(
            answer.body, f"Đáp án được {answer.weight}% điểm nay tính là sai: ở đây chỉ có đúng hoặc sai."
        )
    return False


def _with_unsure(lines: list[ChoiceDesc], answers: Sequence[_Answer], words: Words) -> list[ChoiceDesc]:
    """Find “Tôi chưa chắc”: by its tag, else by its words."""
    keys = words.tags.get("keys", "")
    tagged = words.tags.get("unsure", "")
    place = (keys or _LETTERS).find(tagged) if len(tagged) == 1 else -1
    for at, line in enumerate(lines):
        if line.is_right or not (at == place or is_unsure_text(line.text)):
            continue
        if not is_unsure_text(line.text):
            words.change(answers[at].body, f"{shown(line.text)} nay ghi là “{UNSURE}”.")
        lines[at] = replace(line, text=UNSURE, is_unsure=True)
        break
    return lines


def _several(question: QuestionDesc, answers: Sequence[_Answer], body: Span, words: Words) -> QuestionDesc:
    lines = question.choices
    right = [a.weight for a in answers if a.weight is not None and a.weight > 0]
    if not right:
        raise words.refuse(body, "Không phương án nào đúng. Đặt dấu = trước đáp án đúng.")
    if abs(sum(right, Decimal(0)) - WHOLE) > 1 or len(set(right)) > 1:
        words.change(body, "Các đáp án đúng nay được điểm bằng nhau, tổng là 100%.")
    marked = [
        replace(line, is_right=bool(answer.weight and answer.weight > 0))
        for line, answer in zip(lines, answers, strict=True)
    ]
    if any(line.is_right and line.is_unsure for line in marked):
        raise words.refuse(body, f"“{UNSURE}” không thể là đáp án đúng. Sửa phần trăm.")
    wrong = [
        a.weight or Decimal(0)
        for a, line in zip(answers, marked, strict=True)
        if not (line.is_right or line.is_unsure)
    ]
    credit = words.tags.get("credit", "")
    if credit not in KIND["multiple"].credits:
        credit = "penalised" if any(wrong) else "proportional"
        if any(abs(share + right[0]) > _NEAR for share in wrong):
            words.change(body, f"Cách cho điểm nay là {credit}, không theo phần trăm của từng phương án.")
    return _ordered(replace(question, kind="multiple", credit=credit, choices=tuple(marked)), words)


def _two_truths(question: QuestionDesc, words: Words) -> QuestionDesc:
    """Make true or false of a single choice between the two."""
    sure = [line for line in question.choices if not line.is_unsure]
    truths = [_TRUTHS.get(fold(line.text).strip(" .!"), "") for line in sure]
    if sorted(truths) != ["Sai", "Đúng"]:
        return question
    for line, text in zip(sure, truths, strict=True):
        if line.text != text:
            words.change(words.piece.whole, f"{shown(line.text)} nay ghi là “{text}”.")
    texts = iter(truths)
    lines = (line if line.is_unsure else replace(line, text=next(texts)) for line in question.choices)
    return replace(question, kind="true-false", choices=tuple(lines))


def _ordered(question: QuestionDesc, words: Words) -> QuestionDesc:
    """Give the lines their keys: those of the tag, else a, b, c…; “Tôi chưa chắc” goes last."""
    lines = list(question.choices)
    if not any(line.is_unsure for line in lines) and words.tags.get("unsure"):
        # GIFT has no place for it among pairs and numbers, where its tag alone tells that it was there.
        lines.append(ChoiceDesc("", UNSURE, is_right=False, is_unsure=True, feedback=""))
    keys = words.tags.get("keys", _LETTERS)
    if not (keys.isascii() and keys.islower() and len(set(keys)) == len(keys) >= len(lines)):
        words.change(words.piece.whole, "Nhãn keys không khớp số phương án: đã đặt lại chữ cái a, b, c…")
        keys = _LETTERS
    if any(line.is_unsure for line in lines[:-1]):
        words.change(words.piece.whole, f"“{UNSURE}” nay đứng cuối.")
        lines.sort(key=lambda line: line.is_unsure)
    marked = (replace(line, key=key) for line, key in zip(lines, keys, strict=False))
    return replace(question, choices=tuple(marked))


def _value(body: Span, words: Words) -> tuple[Decimal, Decimal]:
    """Return a number and its tolerance."""
    text = clean(body.raw)
    low, dots, high = text.partition("..")
    if dots:
        least, most = _decimal(low, body, words), _decimal(high, body, words)
        if least > most:
            raise words.refuse(body, f"Khoảng {text} ngược: số nhỏ phải đứng trước. Đổi chỗ hai số.")
        return (least + most) / 2, (most - least) / 2
    value, colon, tolerance = text.partition(":")
    found = _decimal(tolerance, body, words) if colon else Decimal(0)
    if found < 0:
        raise words.refuse(body, "Sai số phải là số không âm. Sửa số sau dấu hai chấm.")
    return _decimal(value, body, words), found


def _decimal(text: str, body: Span, words: Words) -> Decimal:
    bare = text.strip()
    try:
        if _NUMBER.fullmatch(bare):
            return Decimal(bare)
    except InvalidOperation:
        pass
    cure = "Dùng dấu chấm cho phần lẻ và không chấm hàng nghìn, như 1250000 hay 0.5."
    raise words.refuse(body, f"Không đọc được số {shown(bare)}: Moodle sẽ nhận mọi câu trả lời. {cure}")
