"""Reads GIFT, the question text of Moodle; what Moodle would corrupt without a word is refused.

GIFT knows essays, true or false, one or several choices, typed words, pairs and numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from lms.content import gift_answers
from lms.content.exchange import Passage, Refused, shown
from lms.content.gift_marks import GiftRefused, Piece, Span, decoded, pieces, without_hidden
from lms.content.gift_words import Words
from lms.content.intake import Intake, Shelf, clean
from lms.content.library import QuestionDesc
from lms.vietnamese import nfc

CATEGORY = "$CATEGORY:"
MOST_PIECES = 5_000
BLANK = "……"
"""Stands where GIFT has the answers inside the sentence."""
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_BLANK_LINE = (
    "Có dòng trống ở giữa câu hỏi: Moodle cắt câu làm hai ở đó. Xóa dòng trống, hoặc viết \\n để xuống dòng."
)
_NO_ANSWERS = (
    "Đoạn này không có { }: GIFT coi là lời dẫn, không phải câu hỏi. Thêm { } và đáp án; "
    "nếu là phần đầu của câu dưới thì xóa dòng trống ở giữa."
)
_TAGS = ("skill", "difficulty", "use", "lesson", "near", "kind", "credit", "keys", "unsure", "unit")


def read_gift(data: bytes, shelf: Shelf) -> Passage:
    """Read a GIFT file into questions for a bank, and say what was taken, changed and refused.

    Raises GiftRefused when it is no text we can read, or too large. Time grows with the length of the file.
    """
    text, hidden = without_hidden(nfc(decoded(data)))
    intake = Intake(shelf)
    for line in hidden:
        intake.record.note(line, "Đã bỏ ký tự ẩn trong dòng này.")
    found = list(islice(pieces(text), MOST_PIECES + 1))
    if len(found) > MOST_PIECES:
        raise GiftRefused("Tệp có hơn 5.000 đoạn. Chia thành nhiều tệp, mỗi tệp một chủ đề.")
    rest = [piece for piece in (_without_category(piece, intake) for piece in found) if piece]
    at = 0
    while at < len(rest):
        at += _take(rest, at, intake)
    return intake.passage()


def _without_category(piece: Piece, intake: Intake) -> Piece | None:
    """Say that categories are not kept; what stands under one without a blank line is still a question."""
    if piece.lines and piece.lines[0].startswith(CATEGORY):
        name = piece.lines[0].removeprefix(CATEGORY).strip()
        intake.record.note(piece.numbers[0], f"Nhóm {shown(name)} không giữ: mọi câu vào chung một bộ.")
        del piece.lines[0], piece.numbers[0]
    elif not piece.lines and (piece.id or piece.tags):
        intake.record.note(
            piece.first, "Mã và nhãn phải đứng ngay trên câu hỏi. Xóa dòng trống ở dưới dòng này."
        )
    return piece if piece.lines else None


def _take(rest: Sequence[Piece], at: int, intake: Intake) -> int:
    """Take or refuse the question that begins at a piece; return how many pieces it covers."""
    piece = rest[at]
    torn = _torn(rest, at)
    try:
        if torn:
            raise Refused(rest[at + torn - 1].last + 1, _BLANK_LINE)
        question, words = _question(piece)
    except Refused as refused:
        intake.record.refuse(refused.line, str(refused))
    else:
        intake.take(question, words.changes, words.title)
    return torn + 1


def _torn(rest: Sequence[Piece], at: int) -> int:
    """Return how many further pieces belong to a question that blank lines tear; 0 when none does."""
    bare = rest[at].whole.bare
    if "{" not in bare and "}" not in bare:
        below = rest[at + 1].whole.bare if at + 1 < len(rest) else ""
        goes_on = below.startswith("{") or (bare.startswith("::") and "{" in below and below[:2] != "::")
        return int(goes_on)
    if bare.count("{") <= bare.count("}"):
        return 0
    for further in range(at + 1, len(rest)):
        below = rest[further].whole.bare
        if "{" in below:
            return 0
        if "}" in below:
            return further - at
    return 0


@dataclass(frozen=True)
class _Parts:
    title: str
    stem: Span
    answers: Span
    tail: Span
    general: Span | None


def _question(piece: Piece) -> tuple[QuestionDesc, Words]:
    parts = _parts(piece)
    words = Words(piece, parts.title)
    text = words.stem(parts.stem)
    if parts.tail:
        text = f"{text} {BLANK} {words.of(parts.tail)}".strip()
        words.change(parts.tail, f"Chỗ trống giữa câu nay ghi là {BLANK}")
    if not text:
        raise words.refuse(parts.answers, "Câu hỏi chưa có chữ. Viết câu hỏi trước dấu {.")
    blank = QuestionDesc(
        id=piece.id,
        text=text,
        skill="",
        difficulty=0,
        use="",
        lesson="",
        choices=(),
        explanation="",
        file=Path(),
        line=piece.line(parts.stem),
    )
    question = _tagged(blank, words)
    question = _answered(question, parts, words)
    if piece.id and parts.title and parts.title != piece.id:
        words.change(parts.stem, f"Tên câu {shown(parts.title)} không giữ.")
    return question, words


def _parts(piece: Piece) -> _Parts:
    whole = piece.whole
    title = ""
    if whole.bare.startswith("::"):
        end = whole.bare.find("::", 2)
        if end < 0:
            raise Refused(piece.line(whole), "Tên câu mở bằng :: mà không đóng. Thêm :: sau tên câu.")
        title, whole = clean(whole.cut(2, end).text), whole.cut(end + 2)
    opening, closing = whole.bare.find("{"), whole.bare.find("}")
    if opening < 0 and closing < 0:
        raise Refused(piece.line(whole), _NO_ANSWERS)
    _refuse_braces(piece, whole)
    answers, general = whole.cut(opening + 1, closing).part("####")
    if general and "####" in general.bare:
        raise Refused(piece.line(general), "Có hai lời giải thích chung ####. Gộp lại thành một.")
    return _Parts(title, whole.cut(0, opening), answers, whole.cut(closing + 1), general)


def _refuse_braces(piece: Piece, whole: Span) -> None:
    places = [(found.start(), found[0]) for found in re.finditer("[{}]", whole.bare)]
    signs = [sign for _, sign in places]
    if signs == ["{", "}"]:
        return
    odd = next((at for at, (_, sign) in enumerate(places) if sign != "{}"[at % 2]), len(places) - 1)
    line = piece.line(whole.start + places[min(odd, 2) if len(places) > 2 else odd][0])
    if signs.count("{") != signs.count("}"):
        raise Refused(line, "Dấu { và } không thành cặp. Thêm dấu còn thiếu; dấu là chữ thì viết \\{ \\}.")
    raise Refused(
        line, "Câu hỏi có nhiều cặp { }: chỉ một cặp chứa đáp án. Dấu ngoặc là chữ thì viết \\{ \\}."
    )


def _answered(question: QuestionDesc, parts: _Parts, words: Words) -> QuestionDesc:
    body = parts.answers
    bare = body.bare
    if not bare:
        return gift_answers.essay(question, parts.general, words)
    question = replace(question, explanation=words.of(parts.general))
    truth = bare.partition("#")[0].strip()
    if bare.startswith("#"):
        return gift_answers.numbers(question, body, words)
    if "~" in bare:
        return gift_answers.choices(question, body, words)
    if "=" in bare and "->" in body.raw:
        return gift_answers.pairs(question, body, words)
    if truth in _TRUTH:
        return gift_answers.truth(question, body, _TRUTH[truth], words)
    if bare.startswith("="):
        return gift_answers.typed(question, body, words)
    raise words.refuse(
        body,
        f"Trong {{ }} là {shown(body.text)}, không phải đáp án. "
        "Đáp án có = hoặc ~ đứng trước; dấu ngoặc là chữ thì viết \\{ \\}.",
    )


def _tagged(question: QuestionDesc, words: Words) -> QuestionDesc:
    """Return the question with what its tags say; tags that are not ours are named as lost."""
    found, names = words.tags, list[str]()
    for tag in words.piece.tags:
        key, colon, value = tag.partition(":")
        if colon and key == "name":
            names.append(value)
        elif colon and (key in _TAGS or tag == "plain-letters:yes"):
            found.setdefault(key, clean(value))
        else:
            words.change(words.piece.whole, f"Nhãn {shown(tag)} không giữ.")
    difficulty = found.get("difficulty", "")
    return replace(
        question,
        skill=found.get("skill", ""),
        difficulty=int(difficulty) if difficulty in {"1", "2", "3"} else 0,
        use=found["use"] if found.get("use") in {"practice", "check", "both"} else "",
        lesson=found.get("lesson", ""),
        near=found.get("near", ""),
        plain_letters="plain-letters" in found,
        names=tuple(names),
        unit=found.get("unit", ""),
    )
