"""Reads `quizzes/`: the bank of a module, questions with keyed choices and feedback."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lms.content.fields import IDENTIFIER, Fields
from lms.content.files import read_text, report_unfinished
from lms.content.head import Document, Entry, parse
from lms.content.library import ChoiceDesc, QuestionDesc, QuizDesc
from lms.content.problems import Problems, nearest
from lms.content.prose import Line

KEYS = ("title", "id", "module", "draw", "pass")
QUESTION_KEYS = ("skill", "difficulty", "use", "lesson")
UNSURE = "Tôi chưa chắc"
_QUESTION = re.compile(r"## ++(.*)\{#([^{}]*)\}")
_META = re.compile(r"([a-z][a-z0-9-]*)[ \t]*:(.*)")
_CHOICE = re.compile(r"[-*] \[(.)\]\s*(?:([a-z])\)\s*)?(.*)")
_WORDS = re.compile(r"##? *(.*)")


@dataclass(frozen=True)
class Token:
    """One line of a bank and what it is: question, meta, choice, feedback, explanation or unknown."""

    kind: str
    line: int
    text: str
    key: str = ""
    mark: str = ""


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
        questions=tuple(_questions(document, problems)),
        file=file,
    )
    available = sum(question.in_check for question in quiz.questions)
    if quiz.questions and fields.has("draw") and quiz.draw > available:
        fields.report(
            "draw",
            f"Rút {quiz.draw} câu nhưng chỉ có {available} câu dùng để kiểm tra. "
            "Giảm “draw”, hoặc thêm câu có “use: check”.",
        )
    if not quiz.questions:
        problems.add(file, 1, "Chưa có câu hỏi nào. Thêm “## Câu hỏi? {#ma-cau-hoi}” và các phương án.")
    return document, quiz


def tokens(document: Document) -> Iterator[Token]:
    """Say what each line of a bank is."""
    kind = ""
    for number, text in document.numbered_body():
        if not text.strip():
            kind = "" if kind in {"question", "meta", "explanation"} else kind
            continue
        token = _token(number, text, kind)
        kind = token.kind
        yield token


def _token(number: int, text: str, before: str) -> Token:
    bare = text.strip()
    if text.startswith("#"):
        found = _QUESTION.fullmatch(text.rstrip())
        if found:
            return Token("question", number, found[1].strip(), key=found[2])
        words = _WORDS.match(text.split("{")[0])
        return Token("question", number, words[1].strip() if words else bare, mark="no id")
    if found := _CHOICE.fullmatch(text.rstrip()):
        return Token("choice", number, found[3].strip(), key=found[2] or "", mark=found[1])
    if text.startswith("  ") and before in {"choice", "feedback"}:
        return Token("feedback", number, bare)
    if text.startswith(">"):
        return Token("explanation", number, text.lstrip("> ").strip())
    if before in {"question", "meta"} and (found := _META.fullmatch(bare)):
        return Token("meta", number, found[2].strip(), key=found[1])
    return Token("unknown", number, bare)


@dataclass
class _Draft:
    token: Token
    meta: list[Entry] = field(default_factory=list)
    choices: list[tuple[Token, list[Line]]] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)


def _questions(document: Document, problems: Problems) -> Iterator[QuestionDesc]:
    for draft in _drafts(document, problems):
        yield _question(document.file, draft, problems)


def _drafts(document: Document, problems: Problems) -> list[_Draft]:
    drafts: list[_Draft] = []
    for token in tokens(document):
        if token.kind == "question":
            drafts.append(_Draft(token))
        elif not drafts or token.kind == "unknown":
            problems.add(document.file, token.line, _STRANGE)
        elif token.kind == "meta":
            drafts[-1].meta.append(Entry(token.key, token.text, token.line))
        elif token.kind == "choice":
            drafts[-1].choices.append((token, []))
        elif token.kind == "feedback":
            drafts[-1].choices[-1][1].append((token.line, token.text))
        else:
            drafts[-1].explanation.append(token.text)
    return drafts


_STRANGE = (
    "Dòng này không phải câu hỏi, thông tin, phương án hay lời giải thích. "
    "Lời giải thích của phương án phải lùi vào 6 dấu cách."
)


def _question(file: Path, draft: _Draft, problems: Problems) -> QuestionDesc:
    line = draft.token.line
    _report_heading(file, draft.token, problems)
    meta = {entry.key: entry for entry in draft.meta}
    _report_meta(file, draft, problems)
    use = _one_of(file, meta.get("use"), ("practice", "check", "both"), "check", problems)
    if use != "check" and not _value(meta.get("lesson")):
        problems.add(file, line, "Câu luyện tập phải thuộc một bài. Thêm dòng “lesson: mã bài học”.")
    if not draft.explanation:
        problems.add(file, line, "Câu hỏi thiếu lời giải thích chung. Thêm dòng “> …” sau các phương án.")
    return QuestionDesc(
        id=draft.token.key,
        text=draft.token.text,
        skill=_value(meta.get("skill")),
        difficulty=int(_one_of(file, meta.get("difficulty"), ("1", "2", "3"), "1", problems)),
        use=use,
        lesson=_value(meta.get("lesson")),
        choices=_choices(file, draft, problems),
        explanation=" ".join(draft.explanation),
        file=file,
        line=line,
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


def _report_meta(file: Path, draft: _Draft, problems: Problems) -> None:
    seen: set[str] = set()
    for entry in draft.meta:
        if entry.key not in QUESTION_KEYS:
            hint = nearest(entry.key, list(QUESTION_KEYS))
            keys = ", ".join(QUESTION_KEYS)
            problems.add(file, entry.line, f"Không có mục “{entry.key}”. {hint}Các mục dùng được: {keys}.")
        elif entry.key in seen:
            problems.add(file, entry.line, f"Mục “{entry.key}” viết hai lần. Xóa một dòng.")
        elif not entry.value:
            problems.add(file, entry.line, f"Mục “{entry.key}” để trống. Điền vào.")
        seen.add(entry.key)
    for key in ("skill", "difficulty", "use"):
        if key not in seen:
            problems.add(
                file, draft.token.line, f"Câu hỏi thiếu “{key}”. Thêm dòng “{key}: …” ngay dưới câu hỏi."
            )


def _one_of(
    file: Path, entry: Entry | None, allowed: tuple[str, ...], default: str, problems: Problems
) -> str:
    if entry is None or entry.value in allowed:
        return entry.value if entry else default
    if entry.value:
        problems.add(
            file,
            entry.line,
            f"Mục “{entry.key}” chỉ nhận {', '.join(allowed)}, đang là “{entry.value}”.",
        )
    return default


def _value(entry: Entry | None) -> str:
    return entry.value if entry else ""


def _choices(file: Path, draft: _Draft, problems: Problems) -> tuple[ChoiceDesc, ...]:
    keys: set[str] = set()
    for token, feedback in draft.choices:
        _report_choice(file, token, feedback, keys, problems)
        keys.add(token.key)
    _report_set(file, draft, problems)
    return tuple(
        ChoiceDesc(
            key=token.key,
            text=token.text,
            is_right=token.mark == "x",
            is_unsure=token.mark == "?",
            feedback=" ".join(text for _, text in feedback),
        )
        for token, feedback in draft.choices
    )


def _report_choice(
    file: Path, token: Token, feedback: list[Line], keys: set[str], problems: Problems
) -> None:
    if token.mark not in {" ", "x", "?"}:
        problems.add(file, token.line, f"Dấu “[{token.mark}]” không dùng được. Chỉ dùng [ ], [x] hoặc [?].")
    if not token.key:
        problems.add(file, token.line, "Phương án thiếu chữ cái. Viết dạng: - [ ] a) Phương án")
    elif token.key in keys:
        problems.add(file, token.line, f"Chữ cái “{token.key}” dùng hai lần trong câu này. Đổi chữ khác.")
    if not token.text:
        problems.add(file, token.line, "Phương án chưa có chữ. Viết phương án sau chữ cái.")
    if not feedback:
        problems.add(
            file, token.line, "Phương án thiếu lời giải thích. Viết ở dòng dưới, lùi vào 6 dấu cách."
        )


def _report_set(file: Path, draft: _Draft, problems: Problems) -> None:
    line = draft.token.line
    marks = [token.mark for token, _ in draft.choices]
    right, unsure = marks.count("x"), marks.count("?")
    if right != 1:
        problems.add(file, line, f"Câu hỏi có {right} đáp án đúng [x], phải có đúng 1.")
    if unsure != 1:
        problems.add(file, line, f"Câu hỏi có {unsure} phương án [?], phải có đúng 1: “{UNSURE}”.")
    elif marks[-1] != "?":
        problems.add(file, line, f"“{UNSURE}” phải là phương án cuối cùng. Chuyển xuống cuối.")
    for token, _ in draft.choices:
        if (token.mark == "?") != (token.text == UNSURE):
            problems.add(file, token.line, f"Dấu [?] chỉ đi với đúng chữ “{UNSURE}”.")
    if not 3 <= len(marks) - unsure <= 4:
        problems.add(
            file, line, f"Câu hỏi có {len(marks) - unsure} phương án, cần 3 hoặc 4 (không kể “{UNSURE}”)."
        )
