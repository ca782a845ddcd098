"""Plain wording: short sentences, short paragraphs, short steps.

Limits of the house: 20 tiếng a sentence (25 in the stem of a question), 3 sentences a paragraph,
120 tiếng a step.
"""

from collections.abc import Mapping
from pathlib import Path

from lms.content.bank_lines import ARROW, Token, tokens
from lms.content.head import Document
from lms.content.lessons import sections
from lms.content.problems import Problems
from lms.content.prose import Block, Line, blocks, sentences, visible
from lms.content.shelf import Reading
from lms.content.syntax import report_syntax
from lms.vietnamese import syllables

SENTENCE, STEM, STEP, PARAGRAPH = 20, 25, 120, 3
SHOWN_META = frozenset({"hint", "sender", "columns"})
"""The lines under a question that learners read."""


def report(reading: Reading, problems: Problems) -> None:
    """Report wording that is too long, and Markdown that is not allowed, in every file."""
    facts = {fact.id: fact.text for fact in reading.library.facts}
    banks = {bank.file for bank in reading.banks}
    lessons = {lesson.file for lesson in reading.library.lessons()}
    for file, document in reading.documents.items():
        report_syntax(file, document.numbered_body(), problems)
        if file in banks:
            for token in tokens(document):
                _report_token(file, token, facts, problems)
            continue
        for block in blocks(document.numbered_body()):
            _report_block(file, block, facts, problems)
        if file in lessons:
            _report_steps(document, facts, problems)


def words(lines: tuple[Line, ...], facts: Mapping[str, str]) -> int:
    """Count the tiếng a reader sees in some lines."""
    return sum(syllables(visible(text, facts)) for block in blocks(lines) for _, text in block.lines)


def _report_steps(document: Document, facts: Mapping[str, str], problems: Problems) -> None:
    opening, *steps = sections(document, Problems())
    for part, name in ((opening, "Lời mở đầu"), *((step, "Phần này") for step in steps)):
        count = words(part.lines, facts)
        if count > STEP:
            problems.add(
                document.file, part.line, f"{name} dài {count} tiếng, quá {STEP}. Cắt bớt, hoặc tách phần."
            )


def _report_block(file: Path, block: Block, facts: Mapping[str, str], problems: Problems) -> None:
    found = sentences(block, facts)
    for line, sentence in found:
        _report_sentence(file, line, sentence, SENTENCE, problems)
    if block.kind == "paragraph" and len(found) > PARAGRAPH:
        problems.add(
            file,
            block.lines[0][0],
            f"Đoạn có {len(found)} câu, quá {PARAGRAPH}. Thêm một dòng trống để tách đoạn.",
        )


def _report_token(file: Path, token: Token, facts: Mapping[str, str], problems: Problems) -> None:
    limit = STEM if token.kind == "question" else SENTENCE
    for piece in _shown(token):
        for line, sentence in sentences(Block("paragraph", ((token.line, piece),)), facts):
            _report_sentence(file, line, sentence, limit, problems)


def _shown(token: Token) -> list[str]:
    """Return what a learner reads of a line of a bank, in the pieces it is read in."""
    if token.kind == "meta":
        parts = token.text.split("|") if token.key == "columns" else [token.text]
        return parts if token.key in SHOWN_META else []
    if token.kind in {"unknown", "picture"}:
        return []
    return token.text.split(ARROW) if token.kind == "choice" else [token.text]


def _report_sentence(file: Path, line: int, sentence: str, limit: int, problems: Problems) -> None:
    count = syllables(sentence)
    if count > limit:
        problems.add(
            file, line, f"Câu dài {count} tiếng. Tách thành hai câu, mỗi câu không quá {limit} tiếng."
        )
