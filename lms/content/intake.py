"""Makes questions from elsewhere fit for a bank: what is missing is filled in and named, the rest is refused.

A question on its way in is a QuestionDesc with gaps: an empty id, skill or use, difficulty 0, lines
without keys or feedback.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_lowercase

from lms.content import kinds
from lms.content.bank_lines import drafts
from lms.content.bank_text import print_question
from lms.content.exchange import CHANGED, Passage, Record, Refused, Remark, shown
from lms.content.fields import IDENTIFIER
from lms.content.head import Document
from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.problems import Problems
from lms.content.questions import read_question
from lms.vietnamese import fold, nfc, slug

MOST_QUESTIONS = 1_000
LONGEST_ID = 40
LONGEST_TEXT = 4_000
"""In letters, of one line; no bank of ours comes near."""
_NO_FILE = Path()
_MARKDOWN = re.compile(r"[*`]|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|\[(?=[^\[\]]*\]\()|\\(?=[\W_])")
_PAIRED = "*`"
"""Markdown sees these only when a second one follows."""
WHY_WRONG = "TODO: vì sao chưa đúng."
WHY_RIGHT = "Đúng. TODO: vì sao."
NEVER_MIND = "Không sao. TODO: nên xem lại phần nào."
EXPLAIN = "TODO: giải thích chung."


@dataclass(frozen=True)
class Shelf:
    """What the module and the library hold already.

    `own` are the ids of the module's present bank, which an incoming question may bear to replace one;
    `others` are all further ids, which it may not.
    """

    skills: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


class Intake:
    """Takes questions one by one, in the order of their file."""

    def __init__(self, shelf: Shelf) -> None:
        """Begin with none."""
        self.record = Record()
        self._shelf = shelf
        self._ids: dict[str, int] = {}
        self._seen: dict[tuple[str, ...], int] = {}

    def take(self, draft: QuestionDesc, changes: Iterable[Remark] = (), title: str = "") -> None:
        """Fill the gaps of a question and keep it, or refuse it with the reason.

        A question without an id gets one made of its `title`, or of its first words.
        """
        try:
            self._refuse_doubles(draft)
            notes = list(changes)
            question = self._named(draft, notes, title)
            question, added = _filled(question, self._shelf.skills)
            if not draft.id:
                added.insert(0, f"mã {question.id}")
            _check(question)
        except Refused as refused:
            self.record.refuse(refused.line, str(refused))
            return
        self._ids[question.id] = draft.line
        self._seen.setdefault(_likeness(draft), draft.line)
        self.record.take(question, draft.line, _taken(question, added), notes)

    def passage(self) -> Passage:
        """Return what was taken and everything there is to say."""
        return self.record.passage()

    def _refuse_doubles(self, draft: QuestionDesc) -> None:
        if len(self.record.questions) >= MOST_QUESTIONS:
            raise Refused(
                draft.line, f"Một lần lấy nhiều nhất {MOST_QUESTIONS} câu. Chia tệp thành nhiều phần."
            )
        first = self._seen.get(_likeness(draft))
        if first is not None and not draft.id:
            raise Refused(draft.line, f"Trùng với câu ở dòng {first}. Bỏ một câu, hoặc sửa cho khác nhau.")

    def _named(self, draft: QuestionDesc, notes: list[Remark], title: str) -> QuestionDesc:
        """Return the question with an id that nothing else bears."""
        wanted = draft.id
        if wanted and IDENTIFIER.fullmatch(wanted) and wanted not in self._shelf.others | self._ids.keys():
            return draft
        own = frozenset() if wanted else self._shelf.own
        base = _short_slug(wanted or title) or _short_slug(draft.text) or "cau"
        taken = self._shelf.others | self._ids.keys() | own
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        if wanted and name != wanted:
            why = f"đã dùng ở dòng {self._ids[wanted]}" if wanted in self._ids else "đã dùng trong thư viện"
            why = why if IDENTIFIER.fullmatch(wanted) else "chưa đúng dạng"
            notes.insert(0, Remark(draft.line, CHANGED, f"Mã {shown(wanted)} {why}, thay bằng {name}."))
        return replace(draft, id=name)


def clean(text: str) -> str:
    """Return a text of one line as the product stores it: composed letters, single spaces."""
    return " ".join(nfc(text).split())


def guarded(text: str) -> str:
    """Put a backslash before the signs of a plain text that Markdown would take for marks."""
    alone = {sign for sign in _PAIRED if text.count(sign) < 2}
    return _MARKDOWN.sub(lambda found: found[0] if found[0] in alone else f"\\{found[0]}", text)


def is_unsure_text(text: str) -> bool:
    """Tell whether a choice says “Tôi chưa chắc”, however it is spelt."""
    return fold(text).strip(" .!…") == fold(kinds.UNSURE)


def _short_slug(text: str) -> str:
    whole = slug(text)
    if len(whole) <= LONGEST_ID:
        return whole
    return whole[: LONGEST_ID + 1].rpartition("-")[0] or whole[:LONGEST_ID]


def _likeness(question: QuestionDesc) -> tuple[str, ...]:
    lines = (f"{line.text} {line.pair}" for line in question.choices if not line.is_unsure)
    return (question.kind, fold(question.text), *(fold(line) for line in lines))


def _filled(question: QuestionDesc, skills: tuple[str, ...]) -> tuple[QuestionDesc, list[str]]:
    """Return the question without gaps, and the names of what was put in."""
    kind, added = kinds.KIND[question.kind], []
    skill = question.skill or (skills[0] if len(skills) == 1 else "TODO")
    if not question.skill:
        added.append(f"kỹ năng {skill}")
    if not question.difficulty:
        added.append("độ khó 2")
    use = question.use if question.use == "check" or question.lesson else ""
    if not use:
        added.append("dùng để kiểm tra")
    lines = list(question.choices)
    if kind.needs_unsure and not any(line.is_unsure for line in lines):
        lines.append(ChoiceDesc("", kinds.UNSURE, is_right=False, is_unsure=True, feedback=""))
        added.append(f"dòng “{kinds.UNSURE}”")
    if kind.needs_feedback:
        gaps = sum(not line.feedback for line in lines)
        lines = [line if line.feedback else replace(line, feedback=_reason(line)) for line in lines]
        added += [f"{gaps} lời giải thích ghi TODO"] if gaps else []
    if kind.needs_explanation and not question.explanation:
        added.append("lời giải thích chung ghi TODO")
    return replace(
        question,
        skill=skill,
        difficulty=question.difficulty or 2,
        use=use or "check",
        choices=_with_keys(lines),
        explanation=question.explanation or (EXPLAIN if kind.needs_explanation else ""),
    ), added


def _with_keys(lines: Sequence[ChoiceDesc]) -> tuple[ChoiceDesc, ...]:
    free = iter(letter for letter in ascii_lowercase if letter not in {line.key for line in lines})
    return tuple(line if line.key else replace(line, key=next(free, "")) for line in lines)


def _reason(line: ChoiceDesc) -> str:
    if line.is_unsure:
        return NEVER_MIND
    return WHY_RIGHT if line.is_right else WHY_WRONG


def _check(question: QuestionDesc) -> None:
    """Raise Refused unless the question obeys the rules of a bank and a bank gives it back as it is."""
    texts = [question.text, question.explanation, *question.hints]
    texts += [part for line in question.choices for part in (line.text, line.pair, line.feedback)]
    if max(map(len, texts)) > LONGEST_TEXT:
        raise Refused(question.line, f"Có đoạn chữ dài quá {LONGEST_TEXT} chữ cái. Viết ngắn lại.")
    found = [message for _, message in kinds.findings(question)]
    if not found:
        found = _lost_in_a_bank(question)
    if found:
        raise Refused(question.line, f"{shown(question.text)}: {' '.join(dict.fromkeys(found))}")


def _lost_in_a_bank(question: QuestionDesc) -> list[str]:
    problems = Problems()
    document = Document(_NO_FILE, (), tuple(print_question(question).split("\n")), 1)
    again = [read_question(_NO_FILE, draft, problems) for draft in drafts(document, problems)]
    if len(problems):
        return [problem.message for problem in problems]
    if [bare(one) for one in again] != [bare(question)]:
        return ["Có dấu mà bộ câu hỏi hiểu khác đi, như => hay {#…}. Viết câu này bằng tay."]
    return []


def bare(question: QuestionDesc) -> QuestionDesc:
    """Return a question without the file and lines it was read from, to compare it with another."""
    lines = tuple(replace(line, line=0) for line in question.choices)
    return replace(question, choices=lines, file=_NO_FILE, line=0)


def _taken(question: QuestionDesc, added: Sequence[str]) -> str:
    name = kinds.KIND[question.kind].name.lower()
    more = f" Đã thêm: {', '.join(added)}." if added else ""
    return f"{shown(question.text)} thành câu {question.id} ({name}).{more}"
