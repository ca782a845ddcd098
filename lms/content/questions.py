"""From the lines of a question to its value; each odd line is one problem, and reading goes on."""

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lms.content import kinds
from lms.content.bank_lines import ARROW, Draft, Token
from lms.content.fields import IDENTIFIER
from lms.content.head import Entry
from lms.content.library import KINDS, ChoiceDesc, ColumnDesc, QuestionDesc
from lms.content.problems import Problems, nearest
from lms.content.typed_answers import decimal_text
from lms.vietnamese.numbers import parse_number

REQUIRED = ("skill", "difficulty", "use")
EXTRAS = ("credit", "plain-letters", "names", "tolerance", "unit", "sender", "columns")
"""What only some kinds take."""
META_KEYS = (*REQUIRED, "lesson", "kind", *EXTRAS, "hint", "near")
_COLUMN = re.compile(r"([a-z])\)\s*(\S.*)")


def read_question(file: Path, draft: Draft, problems: Problems) -> QuestionDesc:
    """Read one question of a bank, reporting everything that is wrong with it."""
    meta = _Meta(file, draft, problems)
    _report_heading(file, draft.heading, problems)
    meta.report_keys()
    kind = meta.one_of("kind", KINDS, "single")
    question = _question(file, draft, meta, kind)
    if meta.value("kind") not in {"", kind}:
        # What its lines should be, only its kind could tell.
        return question
    meta.report_extras(kind)
    _report_marks(meta, kind)
    for place, message in kinds.findings(question):
        line = place.line if isinstance(place, ChoiceDesc) else meta.line(place)
        if line not in meta.bad:
            problems.add(file, line, message)
    return question


def _question(file: Path, draft: Draft, meta: "_Meta", kind: str) -> QuestionDesc:
    unit = meta.value("unit")
    return QuestionDesc(
        id=draft.heading.key,
        text=draft.heading.text,
        skill=meta.value("skill"),
        difficulty=int(meta.one_of("difficulty", ("1", "2", "3"), "1")),
        use=meta.use(),
        lesson=meta.value("lesson"),
        choices=tuple(_line(kind, unit, token, feedback) for token, feedback in draft.choices),
        explanation=" ".join(draft.explanation),
        file=file,
        line=draft.heading.line,
        kind=kind,
        credit=meta.one_of("credit", kinds.KIND[kind].credits, kinds.KIND[kind].credits[0]),
        columns=meta.columns(),
        plain_letters=meta.one_of("plain-letters", ("yes", "no"), "no") == "yes",
        names=meta.names(),
        tolerance=meta.tolerance(unit),
        unit=unit,
        hints=tuple(entry.value for entry in draft.meta if entry.key == "hint" and entry.value),
        near=meta.identifier("near"),
        sender=meta.value("sender"),
        picture=draft.picture,
    )


def _report_heading(file: Path, token: Token, problems: Problems) -> None:
    if token.mark == "no id":
        problems.add(file, token.line, "Câu hỏi thiếu mã. Viết dạng: ## Câu hỏi? {#ma-cau-hoi}")
    elif not IDENTIFIER.fullmatch(token.key):
        problems.add(
            file,
            token.line,
            f"Mã “{token.key}” chưa đúng dạng. Chỉ dùng chữ thường không dấu, số và gạch nối.",
        )
    if not token.text:
        problems.add(file, token.line, "Câu hỏi chưa có chữ. Viết câu hỏi trước mã.")


def _report_marks(meta: "_Meta", kind: str) -> None:
    for token, _ in meta.draft.choices:
        if not kinds.KIND[kind].takes(token.mark):
            shown = kinds.KIND[kind].marks_shown
            message = f"Chỉ dùng {shown}; dòng “{kinds.UNSURE}” thì [?]."
            meta.problems.add(meta.file, token.line, f"Dấu “[{token.mark}]” không dùng được. {message}")
            meta.bad.add(token.line)


def _line(kind: str, unit: str, token: Token, feedback: list[str]) -> ChoiceDesc:
    text, pair, mark = token.text, "", ""
    is_unsure = token.mark == "?"
    if kind == "matching" and not is_unsure:
        text, _, pair = (part.strip() for part in text.partition(ARROW))
    elif kind == "number" and not is_unsure:
        number = parse_number(text, unit)
        mark = "" if number is None else decimal_text(number)
    elif kinds.KIND[kind].keeps_mark and kinds.KIND[kind].takes(token.mark):
        mark = "" if is_unsure else token.mark
    return ChoiceDesc(
        key=token.key,
        text=text,
        is_right=token.mark == "x" and not kinds.KIND[kind].keeps_mark,
        is_unsure=is_unsure,
        feedback=" ".join(feedback),
        mark=mark,
        pair=pair,
        line=token.line,
    )


@dataclass
class _Meta:
    """The `key: value` lines under a question."""

    file: Path
    draft: Draft
    problems: Problems

    def __post_init__(self) -> None:
        # Of a line written twice the last one is read; that there are two is a problem of its own.
        self.entries: dict[str, Entry] = {entry.key: entry for entry in self.draft.meta}
        self.bad: set[int] = set()
        """Lines whose problem is told: what follows from it is not told again."""

    def value(self, key: str) -> str:
        return self.entries[key].value if key in self.entries else ""

    def line(self, key: str) -> int:
        return self.entries[key].line if key in self.entries else self.draft.heading.line

    def report(self, key: str, message: str) -> None:
        self.problems.add(self.file, self.line(key), message)

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.value(key)
        if not value or value in allowed:
            return value or default
        if key != "credit" or len(allowed) > 1:
            hint = nearest(value, list(allowed))
            self.report(key, f"Mục “{key}” chỉ nhận {', '.join(allowed)}, đang là “{value}”. {hint}".strip())
        return default

    def use(self) -> str:
        use = self.one_of("use", ("practice", "check", "both"), "check")
        if use != "check" and not self.value("lesson"):
            self.report("", "Câu luyện tập phải thuộc một bài. Thêm dòng “lesson: mã bài học”.")
        return use

    def identifier(self, key: str) -> str:
        value = self.value(key)
        if value and not IDENTIFIER.fullmatch(value):
            self.report(
                key,
                f"“{value}” chưa đúng dạng. Chỉ dùng chữ thường không dấu, số và gạch nối.",
            )
        return value

    def names(self) -> tuple[str, ...]:
        names = [name.strip() for name in self.value("names").split(",") if name.strip()]
        if len(set(names)) < len(names):
            self.report("names", "Mục “names” có tên viết hai lần. Bỏ bớt một.")
        return tuple(dict.fromkeys(names))

    def tolerance(self, unit: str) -> str:
        value = self.value("tolerance")
        number = parse_number(value, unit) if value else Decimal(0)
        if number is None or number < 0:
            self.report("tolerance", f"Sai số “{value}” phải là số không âm. Viết như 5 hoặc 0,5.")
            number = Decimal(0)
        return decimal_text(number)

    def columns(self) -> tuple[ColumnDesc, ...]:
        columns = []
        for part in self.value("columns").split("|") if self.value("columns") else ():
            found = _COLUMN.fullmatch(part.strip())
            if found is None:
                self.report(
                    "columns", f"Cột “{part.strip()}” chưa đúng dạng. Viết như: n) Nên làm | k) Không nên"
                )
                self.bad.add(self.line("columns"))
                return ()
            columns.append(ColumnDesc(found[1], found[2].strip()))
        return tuple(columns)

    def report_keys(self) -> None:
        seen: set[str] = set()
        for entry in self.draft.meta:
            if entry.key not in META_KEYS:
                hint = nearest(entry.key, list(META_KEYS))
                keys = ", ".join(META_KEYS)
                message = f"Không có mục “{entry.key}”. {hint}Các mục dùng được: {keys}."
            elif entry.key in seen and entry.key != "hint":
                message = f"Mục “{entry.key}” viết hai lần. Xóa một dòng."
            elif not entry.value:
                message = f"Mục “{entry.key}” để trống. Điền vào, hoặc xóa dòng nếu không bắt buộc."
            else:
                message = ""
            seen.add(entry.key)
            if message:
                self.problems.add(self.file, entry.line, message)
        for key in REQUIRED:
            if key not in seen:
                self.report("", f"Câu hỏi thiếu “{key}”. Thêm dòng “{key}: …” ngay dưới câu hỏi.")

    def report_extras(self, kind: str) -> None:
        rule = kinds.KIND[kind]
        allowed = rule.extras | ({"credit"} if len(rule.credits) > 1 else set())
        for key in EXTRAS:
            if key in self.entries and key not in allowed:
                self.report(key, f"Câu loại {kind} không dùng mục “{key}”. Xóa dòng này.")
