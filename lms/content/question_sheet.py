"""Reads the question sheets teachers keep in Excel: a line a question, columns in any order and wording."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_lowercase

from lms.content import question_row
from lms.content.exchange import Passage, Refused, shown
from lms.content.gift_marks import without_hidden
from lms.content.intake import Intake, Shelf, is_unsure_text
from lms.content.kinds import KIND, UNSURE
from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.question_grid import Grid, find_columns
from lms.content.question_row import Row, decimal
from lms.vietnamese import fold

SHEET_KINDS = ("single", "multiple", "true-false", "text", "number")
NO_HEADINGS = (
    "Không thấy dòng tên cột. Cần ít nhất cột “Câu hỏi” và cột “Đáp án”, trong 30 dòng đầu. "
    "Xem mẫu: lms content questions-out, rồi đặt tên cột như trong đó."
)
_KIND_WORDS = {
    "single": ("mot dap an", "trac nghiem", "mot lua chon", "multiple choice", "mcq"),
    "multiple": ("nhieu dap an", "nhieu lua chon", "checkbox", "multiple select"),
    "true-false": ("dung sai", "true false"),
    "text": ("dien", "dien khuyet", "tra loi ngan", "fill in the blank", "short answer"),
    "number": ("so", "dien so"),
}
_TRUTHS = {"Đúng": ("đúng", "đ", "dung", "true", "t"), "Sai": ("sai", "s", "false", "f")}
_BEFORE = re.compile(r"^(?:đáp án|phương án|câu|chọn)\s*:?\s+", re.IGNORECASE)
_APART = re.compile(r"\s*[,;/&+]\s*|\s+và\s+|\s+", re.IGNORECASE)
_TOKEN = re.compile(r"([a-zA-Z]|\d{1,2})[.):]?")


def read_sheets(grids: Sequence[Grid], shelf: Shelf) -> Passage | None:
    """Read the first sheet that has headings of questions; None when there is none.

    Says what was taken, changed and refused, by Excel's own names of cells.
    """
    cleaned = ((_as_seen(grid), grid) for grid in grids)
    clear = [(grid, columns, was) for grid, was in cleaned if (columns := find_columns(grid))]
    if not clear:
        return None
    grid, columns, was = clear[0]
    intake = Intake(shelf)
    for line, row in enumerate(was.rows):
        if any(_seen(text)[1] for text in row):
            intake.record.note(grid.number(line), "Đã bỏ ký tự ẩn trong dòng này.")
    first = grid.number(columns.last)
    for other, *_ in clear[1:]:
        intake.record.note(
            first, f"Trang {shown(other.name)} cũng có câu hỏi, chưa lấy. Chép sang tệp riêng."
        )
    for column, heading in columns.unknown.items():
        intake.record.note(first, f"Cột {grid.letters(column)} {shown(heading)} không lấy.")
    for line in range(columns.last + 1, len(grid.rows)):
        _take(Row(grid, columns, line), intake)
    return intake.passage()


def _as_seen(grid: Grid) -> Grid:
    """Return a sheet without signs nobody sees; on a terminal some of them are commands."""
    rows = tuple(tuple(_seen(text)[0] for text in row) for row in grid.rows)
    return replace(grid, name=_seen(grid.name)[0], rows=rows)


def _seen(text: str) -> tuple[str, list[int]]:
    return without_hidden(text.replace("\r", "\n"))


def _take(row: Row, intake: Intake) -> None:
    texts = [text for text in row.grid.rows[row.line] if text.strip()]
    used = {*row.columns.single.values(), *row.columns.places.values()}
    filled = [column for column in used if row.grid.text(row.line, column).strip()]
    if not filled or (len(texts) == 1 and texts[0].rstrip(".").isdigit()):
        return
    if row.line in row.grid.across or (len(texts) == 1 and filled != [row.columns.single["question"]]):
        intake.record.note(row.number, f"Dòng {shown(texts[0])} là tiêu đề, không phải câu hỏi.")
        return
    try:
        question = _question(row)
    except Refused as refused:
        intake.record.refuse(refused.line, str(refused))
    else:
        intake.take(question, row.changes)


def _question(row: Row) -> QuestionDesc:
    text = row.words(row.columns.single["question"])
    if not text:
        raise row.refuse("question", "Dòng này chưa có câu hỏi. Viết câu hỏi, hoặc xóa dòng.")
    choices = list(_choices(row))
    kind = _kind(row, choices)
    question = QuestionDesc(
        id=row.plain("id"),
        text=text,
        skill=question_row.skill(row),
        difficulty=question_row.difficulty(row),
        use=question_row.use(row),
        lesson=row.plain("lesson"),
        choices=(),
        explanation=row.words(row.columns.single.get("explanation")),
        file=Path(),
        line=row.number,
        kind=kind,
        credit=question_row.credit(row, kind),
        plain_letters=fold(row.plain("plain")) == "co",
        names=tuple(name.strip() for name in row.plain("names").split(",") if name.strip()),
        tolerance=question_row.tolerance(row),
        unit=row.plain("unit"),
        hints=tuple(hint for column in row.columns.hints if (hint := row.words(column))),
        near=row.plain("near"),
        picture=question_row.picture(row),
    )
    lines = _lines(row, question, choices)
    return replace(question, choices=_with_keys(row, lines))


@dataclass(frozen=True)
class _Choice:
    letter: str
    text: str
    told: str


def _choices(row: Row) -> Iterator[_Choice]:
    gap = ""
    is_typed = _named_kind(row) in {"text", "number"}
    for letter, column in sorted(row.columns.places.items()):
        text = row.at(column) if is_typed else row.words(column)
        if not text:
            gap = gap or letter
            continue
        if gap and not row.is_ours:
            row.change(column, f"Ô {gap.upper()} trống nên các phương án sau dồn lên.")
            gap = ""
        yield _Choice(letter, text, row.words(row.columns.told.get(letter)))


def _named_kind(row: Row) -> str:
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", fold(row.plain("kind"))).split())
    for kind in SHEET_KINDS:
        if words in {kind, kind.replace("-", " "), fold(KIND[kind].name), *_KIND_WORDS[kind]}:
            return kind
    return ""


def _kind(row: Row, choices: list[_Choice]) -> str:
    named = _named_kind(row)
    if named:
        return named
    if written := row.plain("kind"):
        row.change(row.columns.single["kind"], f"Không có loại {shown(written)}: đã đoán theo đáp án.")
    sure = [choice for choice in choices if not is_unsure_text(choice.text)]
    answer = row.plain("answer")
    if sure:
        truths = sorted(_truth(choice.text) for choice in sure)
        if truths == ["Sai", "Đúng"]:
            return "true-false"
        return "single" if len(_chosen(row, sure)) == 1 else "multiple"
    if not answer:
        raise row.refuse("answer", "Câu hỏi chưa có phương án và đáp án. Viết thêm, hoặc xóa dòng.")
    if not _truth(answer) and any(letter.isalpha() for letter in _pointed(row, answer) if len(answer) == 1):
        raise row.refuse(
            "answer", f"Đáp án {answer} nhưng câu hỏi chưa có phương án nào. Viết các phương án."
        )
    kind = "true-false" if _truth(answer) else "number" if decimal(answer, row.plain("unit")) else "text"
    if kind != "true-false":
        row.change(
            row.columns.single["answer"], f"Không có phương án A, B…: hiểu là câu {KIND[kind].name.lower()}."
        )
    return kind


def _truth(text: str) -> str:
    words = text.casefold().strip(" .!")
    return next((truth for truth, spellings in _TRUTHS.items() if words in spellings), "")


def _lines(row: Row, question: QuestionDesc, choices: list[_Choice]) -> list[ChoiceDesc]:
    """Return the lines of the question, “Tôi chưa chắc” last."""
    sure = [choice for choice in choices if not is_unsure_text(choice.text)]
    told = row.words(row.columns.single.get("unsure"))
    told = told or next((choice.told for choice in choices if is_unsure_text(choice.text)), "")
    if not sure:
        lines = _alone(row, question.kind)
    else:
        right = _chosen(row, sure)
        lines = [
            ChoiceDesc("", choice.text, choice.letter in right, is_unsure=False, feedback=choice.told)
            for choice in sure
        ]
        if question.kind == "true-false":
            lines = [replace(line, text=_truth(line.text) or line.text) for line in lines]
    if question.kind == "number":
        lines = [replace(line, mark=decimal(line.text, question.unit)) for line in lines]
    if told or len(choices) > len(sure) or len(row.plain("keys")) > len(lines):
        lines.append(ChoiceDesc("", UNSURE, is_right=False, is_unsure=True, feedback=told))
    return lines


def _alone(row: Row, kind: str) -> list[ChoiceDesc]:
    """Return the lines of a question whose answer stands in the column of answers alone."""
    answer = row.plain("answer")
    if kind == "true-false":
        truth = _truth(answer)
        if not truth:
            raise row.refuse("answer", f"Đáp án {shown(answer)} không phải Đúng hay Sai. Sửa lại.")
        return [ChoiceDesc("", text, text == truth, is_unsure=False, feedback="") for text in ("Đúng", "Sai")]
    if kind not in {"text", "number"}:
        raise row.refuse("question", "Câu chọn chưa có phương án. Viết các phương án vào cột A, B, C…")
    accepted = [part for part in re.split(r"\s*[;|]\s*", answer) if part]
    if not accepted:
        raise row.refuse("answer", "Câu hỏi chưa có đáp án. Viết đáp án.")
    return [ChoiceDesc("", text, is_right=True, is_unsure=False, feedback="") for text in accepted]


def _chosen(row: Row, choices: list[_Choice]) -> set[str]:
    """Return the letters of the right choices: written as letters, numbers, or the words of a choice."""
    answer = row.plain("answer")
    if not answer:
        raise row.refuse("answer", "Câu hỏi chưa có đáp án. Ghi chữ cái của đáp án đúng, như B hay A, C.")
    letters = [choice.letter for choice in choices]
    by_words = {choice.letter for choice in choices if _same(choice.text, answer)}
    pointed = _pointed(row, answer)
    if row.is_ours:
        by_words = set()
    if by_words and pointed and set(pointed) != by_words:
        raise row.refuse(
            "answer",
            f"{shown(answer)} vừa là chữ của một phương án, vừa có thể là chỗ đứng. Ghi chữ cái A, B, C…",
        )
    if by_words:
        return by_words
    if not pointed:
        raise row.refuse("answer", f"Đáp án {shown(answer)} không khớp phương án nào. Ghi chữ cái A, B, C…")
    missing = [letter for letter in pointed if letter not in letters]
    if missing:
        raise row.refuse(
            "answer", f"Đáp án {missing[0].upper()} nhưng không có phương án {missing[0].upper()}. Sửa lại."
        )
    return set(pointed)


def _pointed(row: Row, answer: str) -> list[str]:
    """Return the letters that an answer like B, “A, C”, AC or 2 points at."""
    bare = _BEFORE.sub("", answer)
    last = max(row.columns.places, default="a")
    if re.fullmatch(r"[A-Z]{2,6}", bare) and len(set(bare)) == len(bare) and max(bare.lower()) <= last:
        return sorted(bare.lower())
    tokens = [_TOKEN.fullmatch(token) for token in _APART.split(bare) if token]
    if not tokens or not all(tokens):
        return []
    found = [token[1].lower() for token in tokens if token]
    if all(token.isdigit() for token in found):
        return [ascii_lowercase[int(token) - 1] for token in found if 1 <= int(token) <= len(ascii_lowercase)]
    return [] if any(token.isdigit() for token in found) else found


def _same(a: str, b: str) -> bool:
    return a.casefold().rstrip(". ") == b.casefold().rstrip(". ")


def _with_keys(row: Row, lines: list[ChoiceDesc]) -> tuple[ChoiceDesc, ...]:
    keys = row.plain("keys")
    if not keys:
        return tuple(lines)
    if len(keys) != len(lines) or len(set(keys)) != len(keys) or not (keys.isascii() and keys.islower()):
        row.change(
            row.columns.single["keys"], f"Khóa {shown(keys)} không khớp số phương án: đã đặt lại a, b, c…"
        )
        return tuple(lines)
    return tuple(replace(line, key=key) for line, key in zip(lines, keys, strict=True))
