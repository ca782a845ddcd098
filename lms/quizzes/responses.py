"""Answers as keys: from a form to the canonical string that is kept, and back to words.

How each kind writes it: single, true-false, survey `b` · multiple, spot `a,c` (sorted; a spot question where
nothing is suspicious `-`) · text, number the key of the line that the words match, else `-` · ordering
`c,a,b`, the keys in the order given · matching `a=c,b=b`, left key = key of the first line with the right
side that was chosen · matrix `a=n,b=k`, row = column · open `-`. Rows stand sorted by their key, so that the
string does not depend on the order of the lines. “Tôi chưa chắc” is, in every kind, the key of its line.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import escape, unescape

from lms.catalog.catalogue import Choice, Question
from lms.vietnamese.answers import same_answer
from lms.vietnamese.numbers import parse_number

NOTHING = "-"
LONGEST_TEXT, LONGEST_OPEN = 500, 2000
_ONE_OF_MANY = frozenset({"single", "true-false", "survey"})
_TICKED = frozenset({"multiple", "spot"})
_TYPED = frozenset({"text", "number", "open"})
_POINTS = str.maketrans(",.", ".,")
_TAG = re.compile(r"<[^>]*>")
_UNMEANT = frozenset({"Cc", "Cf", "Cs"})

Form = Mapping[str, Sequence[str]]
Problem = tuple[str, str]


class BadResponse(ValueError):
    """The form holds no whole answer; `problems` are (field, sentence with the cure)."""

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems in the order of the fields."""
        super().__init__("; ".join(sentence for _, sentence in problems))
        self.problems: tuple[Problem, ...] = problems


@dataclass(frozen=True)
class Response:
    """An answer as it is kept: keys, and the words that were typed, if any."""

    choice: str
    text: str | None = None


def read(question: Question, form: Form) -> Response:
    """Read the answer to a question from a form (`to_dict(flat=False)`). Raises BadResponse.

    Fields: chon · khong_co (spot: nothing suspicious) · chua_chac (the button “Tôi chưa chắc”) · viet ·
    thu-<key> (ordering: place from 1) · o-<key> (matching, matrix: key of the right side or column).
    """
    if _values(form, "chua_chac") and question.unsure is not None:
        return Response(question.unsure.key)
    return _READERS[question.kind](question, form)


def is_valid(question: Question, choice: str) -> bool:
    """Tell whether `choice` is a whole answer to this edition, in the canonical form."""
    unsure = question.unsure
    if unsure is not None and choice == unsure.key:
        return True
    line_keys = {line.key for line in question.lines}
    if question.kind in _ONE_OF_MANY:
        return choice in line_keys
    if question.kind == "open":
        return choice == NOTHING
    if question.kind in {"text", "number"}:
        return choice == NOTHING or choice in line_keys
    if question.kind == "ordering":
        return sorted(choice.split(",")) == sorted(line_keys)
    if question.kind in _TICKED:
        ticked = choice.split(",")
        is_whole = set(ticked) <= line_keys and ticked == sorted(set(ticked))
        return is_whole or _is_nothing(question, choice)
    return _are_whole_rows(question, choice)


def match(question: Question, text: str) -> str:
    """Return the key of the line that typed words or a number match, or `-`.

    Right answers come first. Words with all their marks come before those that a question accepts without.
    Of numbers, the line nearest to the typed one counts, within the tolerance.
    """
    if question.kind == "number":
        return _match_number(question, text)
    return _match_words(question, text)


def keys(choice: str) -> tuple[str, ...]:
    """Return the keys in an answer such as `a,c`; none in `-`."""
    return tuple(key for key in choice.split(",") if key and key != NOTHING)


def pairs(choice: str) -> dict[str, str]:
    """Return row → right side or column of an answer such as `a=c,b=b`; other strings give nothing."""
    parted = (part.partition("=") for part in choice.split(","))
    return {row: chosen for row, _, chosen in parted if row and chosen}


def left_sides(question: Question) -> tuple[Choice, ...]:
    """Return the rows to fill of a matching or matrix question; a side that fits nothing is no row."""
    return tuple(line for line in question.lines if question.kind == "matrix" or line.is_right)


def right_sides(question: Question) -> tuple[Choice, ...]:
    """Return, of a matching question, the first line with each right side, in the order of the lines."""
    firsts: dict[str, Choice] = {}
    for line in question.lines:
        firsts.setdefault(line.pair, line)
    return tuple(firsts.values())


def right_order(question: Question) -> tuple[str, ...]:
    """Return the keys of an ordering question in their right order."""
    return tuple(line.key for line in sorted(question.lines, key=lambda line: int(line.mark or 0)))


def best(question: Question) -> str:
    """Return the answer that is wholly right, or an empty string for survey and open questions."""
    right = [line.key for line in question.lines if line.is_right]
    if question.kind in {"survey", "open"}:
        return ""
    if question.kind in _TICKED:
        return ",".join(sorted(right)) or NOTHING
    if question.kind == "ordering":
        return ",".join(right_order(question))
    if question.kind == "matching":
        firsts = {side.pair: side.key for side in right_sides(question)}
        return _rows({line.key: firsts[line.pair] for line in left_sides(question)})
    if question.kind == "matrix":
        return _rows({line.key: line.mark for line in question.lines})
    return right[0] if right else ""


def words(question: Question, choice: str, text: str | None = None) -> tuple[str, ...]:
    """Return an answer as lines of safe HTML, ready for the filter `rendered`; none for no answer.

    Typed words are escaped here. A key that the edition does not have is left out, never guessed.
    """
    if text is not None and question.kind in _TYPED:
        return tuple(f"“{escape(line)}”" for line in text.splitlines() if line.strip())
    unsure = question.unsure
    if unsure is not None and choice == unsure.key:
        return (unsure.html,)
    if question.kind in {"matching", "matrix"}:
        return tuple(_said_rows(question, pairs(choice)))
    if _is_nothing(question, choice):
        return ("Không có gì đáng ngờ",)
    said = [_line_html(question, line) for key in keys(choice) if (line := question.choice(key))]
    if question.kind == "ordering":
        return tuple(f"{place}. {html}" for place, html in enumerate(said, start=1))
    return tuple(said)


def _said_rows(question: Question, chosen: Mapping[str, str]) -> Iterator[str]:
    columns = {column.key: column.html for column in question.columns}
    sides = {line.key: line.pair_html or escape(line.pair) for line in question.lines}
    shown = columns if question.kind == "matrix" else sides
    for line in left_sides(question):
        if html := shown.get(chosen.get(line.key, "")):
            yield f"{line.html} → {html}"


def _line_html(question: Question, line: Choice) -> str:
    value = _decimal(line.mark or line.text, question.unit) if question.kind == "number" else None
    if value is None:
        return line.html
    figures = f"{value:,f}".translate(_POINTS)
    return f"{figures}{'' if question.unit == '%' else ' '}{escape(question.unit)}".strip()


def _is_nothing(question: Question, choice: str) -> bool:
    return question.kind == "spot" and choice == NOTHING


def _are_whole_rows(question: Question, choice: str) -> bool:
    chosen = pairs(choice)
    if question.kind == "matrix":
        offered = {column.key for column in question.columns}
    else:
        offered = {side.key for side in right_sides(question)}
    whole = set(chosen) == {line.key for line in left_sides(question)} and set(chosen.values()) <= offered
    return whole and choice == _rows(chosen)


def _rows(chosen: Mapping[str, str]) -> str:
    return ",".join(f"{row}={chosen[row]}" for row in sorted(chosen))


def _match_words(question: Question, text: str) -> str:
    lines = sorted(question.lines, key=lambda line: not line.is_right)
    for plain in (False, True) if question.plain_letters else (False,):
        for line in lines:
            if same_answer(text, line.text, plain_letters=plain, names=question.names):
                return line.key
    return NOTHING


def _match_number(question: Question, text: str) -> str:
    value = parse_number(text, question.unit)
    if value is None:
        return NOTHING
    tolerance = _decimal(question.tolerance, "") or Decimal(0)
    near: list[tuple[bool, Decimal, int, str]] = []
    for n, line in enumerate(question.lines):
        expected = _decimal(line.mark or line.text, question.unit)
        if expected is not None and abs(value - expected) <= tolerance:
            near.append((not line.is_right, abs(value - expected), n, line.key))
    return min(near)[3] if near else NOTHING


def _decimal(text: str, unit: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return parse_number(text, unit)
    return value if value.is_finite() else None


def _values(form: Form, field: str) -> list[str]:
    return [value.strip() for value in form.get(field, ()) if value.strip()]


def _first(form: Form, field: str) -> str:
    return next(iter(_values(form, field)), "")


def _said(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())


def _quoted(html: str) -> str:
    """Return words within quotation marks, once, though their author may have put them there."""
    words = _said(html)
    return words if words.startswith("“") and words.endswith("”") else f"“{words}”"


def _or_unsure(question: Question) -> str:
    return f", hoặc chọn “{_said(question.unsure.html)}”." if question.unsure else "."


def _read_one(question: Question, form: Form) -> Response:
    chosen = set(_values(form, "chon"))
    if not chosen:
        raise BadResponse(("chon", f"Chưa chọn ý nào. Chọn một ý{_or_unsure(question)}"))
    if len(chosen) > 1:
        raise BadResponse(("chon", "Câu này chỉ nhận một ý. Chọn lại một ý."))
    return _offered(question, chosen.pop())


def _read_ticks(question: Question, form: Form) -> Response:
    chosen = set(_values(form, "chon"))
    nothing = question.kind == "spot" and bool(_values(form, "khong_co"))
    unsure = question.unsure
    if chosen and nothing:
        sentence = "Đã chọn cả chỗ đáng ngờ lẫn “Không có gì đáng ngờ”. Bỏ một trong hai."
        raise BadResponse(("chon", sentence))
    if nothing:
        return Response(NOTHING)
    if unsure is not None and unsure.key in chosen and len(chosen) > 1:
        sentence = f"Đã chọn cả “{_said(unsure.html)}” lẫn ý khác. Bỏ một trong hai."
        raise BadResponse(("chon", sentence))
    if not chosen and question.kind == "spot":
        sentence = "Chưa chọn chỗ nào. Chọn những chỗ đáng ngờ, hoặc chọn “Không có gì đáng ngờ”."
        raise BadResponse(("chon", sentence))
    if not chosen:
        raise BadResponse(("chon", f"Chưa chọn ý nào. Chọn những ý đúng{_or_unsure(question)}"))
    whole = chosen <= {choice.key for choice in question.choices}
    return _offered(question, ",".join(sorted(chosen)) if whole else "")


def _offered(question: Question, choice: str) -> Response:
    if not is_valid(question, choice):
        raise BadResponse(("chon", "Ý vừa chọn không có trong câu này. Tải lại trang rồi chọn lại."))
    return Response(choice)


def _read_typed(question: Question, form: Form) -> Response:
    longest = LONGEST_OPEN if question.kind == "open" else LONGEST_TEXT
    text = _typed(_first(form, "viet"))
    if not text:
        what = "số nào. Viết một số" if question.kind == "number" else "gì. Viết câu trả lời"
        raise BadResponse(("viet", f"Chưa viết {what}{_or_unsure(question)}"))
    if len(text) > longest:
        limit = f"{longest:,}".replace(",", ".")
        now = f"{len(text):,}".replace(",", ".")
        sentence = f"Câu trả lời dài {now} ký tự, quá dài để gửi. Rút còn nhiều nhất {limit} ký tự."
        raise BadResponse(("viet", sentence))
    if question.kind == "open":
        return Response(NOTHING, text)
    text = " ".join(text.split())
    if question.kind == "number" and parse_number(text, question.unit) is None:
        unit = f" Đơn vị ở đây là {question.unit}, không cần viết kèm." if question.unit else ""
        raise BadResponse(("viet", f"Chưa đọc được số này. Viết số, như 1.500.000 hoặc 1,5.{unit}"))
    return Response(match(question, text), text)


def _typed(text: str) -> str:
    """Return typed words composed, their lines ended alike, without what no keyboard means to send."""
    ended = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Lone surrogates cannot be stored, PostgreSQL refuses NUL, and direction marks turn the words of whoever
    # reads them round. Joined emoji keep their joiner.
    return "".join(c for c in ended if c in "\n\t\u200d" or unicodedata.category(c) not in _UNMEANT).strip()


def _read_order(question: Question, form: Form) -> Response:
    typed = {line.key: _first(form, f"thu-{line.key}") for line in question.lines}
    possible = [str(place) for place in range(1, len(typed) + 1)]
    problems = list(_order_problems(question, typed, possible))
    if problems:
        raise BadResponse(*problems)
    return Response(",".join(sorted(typed, key=lambda key: int(typed[key]))))


def _order_problems(question: Question, typed: Mapping[str, str], possible: list[str]) -> Iterator[Problem]:
    first_at: dict[str, Choice] = {}
    for line in question.lines:
        place = typed[line.key]
        if place not in possible:
            sentence = f"Chưa xếp {_quoted(line.html)}. Chọn thứ tự từ 1 đến {len(possible)}."
            yield f"thu-{line.key}", sentence
        elif place in first_at:
            both = f"{_quoted(first_at[place].html)} và {_quoted(line.html)} cùng đứng thứ {place}"
            yield f"thu-{line.key}", f"{both}. Mỗi thứ tự chỉ dùng một lần."
        else:
            first_at[place] = line


def _read_rows(question: Question, form: Form) -> Response:
    if question.kind == "matrix":
        kept = {column.key: column.key for column in question.columns}
    else:
        first = {side.pair: side.key for side in right_sides(question)}
        kept = {line.key: first[line.pair] for line in question.lines}
    rows = left_sides(question)
    chosen = {line.key: _first(form, f"o-{line.key}") for line in rows}
    empty = [line for line in rows if chosen[line.key] not in kept]
    if empty:
        cure = "Chọn một ý cho dòng này."
        raise BadResponse(
            *((f"o-{line.key}", f"{_quoted(line.html)} còn để trống. {cure}") for line in empty)
        )
    return Response(_rows({row: kept[key] for row, key in chosen.items()}))


_READERS: Mapping[str, Callable[[Question, Form], Response]] = {
    **dict.fromkeys(_ONE_OF_MANY, _read_one),
    **dict.fromkeys(_TICKED, _read_ticks),
    **dict.fromkeys(_TYPED, _read_typed),
    "ordering": _read_order,
    "matching": _read_rows,
    "matrix": _read_rows,
}
