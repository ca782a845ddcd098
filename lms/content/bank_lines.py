"""The lines of a bank: what each one is, and which of them make one question."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lms.content.head import Document, Entry
from lms.content.problems import Problems
from lms.content.prose import PICTURE

ARROW = "=>"
_QUESTION = re.compile(r"## ++(.*)\{#([^{}]*)\}")
_META = re.compile(r"([a-z][a-z0-9-]*)[ \t]*:(.*)")
_CHOICE = re.compile(r"[-*] \[([^\[\]]{0,2})\](?!\()\s*(?:([a-z])\)\s*)?(.*)")
_WORDS = re.compile(r"##? *(.*)")
_ENDED_BY_A_BLANK = {"question", "meta", "picture", "explanation"}


@dataclass(frozen=True)
class Token:
    """One line of a bank and what it is.

    `kind` is question, meta, picture, choice, feedback, explanation or unknown.
    """

    kind: str
    line: int
    text: str
    key: str = ""
    mark: str = ""


@dataclass
class Draft:
    """The lines of one question, not yet understood."""

    heading: Token
    meta: list[Entry] = field(default_factory=list)
    picture: str = ""
    choices: list[tuple[Token, list[str]]] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)


def tokens(document: Document) -> Iterator[Token]:
    """Say what each line of a bank is."""
    kind = ""
    for number, text in document.numbered_body():
        if not text.strip():
            kind = "" if kind in _ENDED_BY_A_BLANK else kind
            continue
        token = _token(number, text, kind)
        kind = token.kind
        yield token


def drafts(document: Document, problems: Problems) -> list[Draft]:
    """Put the lines of each question together, reporting those that belong nowhere."""
    found: list[Draft] = []
    for token in tokens(document):
        if token.kind == "question":
            found.append(Draft(token))
        elif problem := _add(token, found[-1] if found else None):
            problems.add(document.file, token.line, problem)
        elif token.kind != "picture" and PICTURE.search(token.text):
            problems.add(document.file, token.line, _PICTURE_PLACE)
    return found


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
    if PICTURE.fullmatch(bare):
        return Token("picture", number, bare)
    if text.startswith(">"):
        return Token("explanation", number, text[1:].strip())
    if before in {"question", "meta", "picture"} and (found := _META.fullmatch(bare)):
        return Token("meta", number, found[2].strip(), key=found[1])
    return Token("unknown", number, bare)


def _add(token: Token, draft: Draft | None) -> str:
    """Add a line to its question; return what is wrong with it, or nothing."""
    if draft is None or token.kind == "unknown":
        return _STRANGE
    if token.kind == "picture" and draft.picture:
        return "Mỗi câu hỏi chỉ một hình. Xóa dòng này, hoặc vẽ gộp vào một hình."
    if token.kind == "picture" and draft.choices:
        return _PICTURE_PLACE
    if token.kind == "picture":
        draft.picture = token.text
    elif token.kind == "meta":
        draft.meta.append(Entry(token.key, token.text, token.line))
    elif token.kind == "choice":
        draft.choices.append((token, []))
    elif token.kind == "feedback":
        draft.choices[-1][1].append(token.text)
    else:
        draft.explanation.append(token.text)
    return ""


_STRANGE = (
    "Dòng này không phải câu hỏi, thông tin, hình, phương án hay lời giải thích. "
    "Lời giải thích của phương án phải lùi vào 6 dấu cách."
)
_PICTURE_PLACE = (
    "Hình phải đứng riêng một dòng, ngay dưới thông tin của câu hỏi, trên các phương án. Chuyển hình lên đó."
)
