"""What was learned elsewhere about a question, as a remark on its line of the authors' files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lms.content.editions import canonical, edition_id
from lms.content.library import Library, QuestionDesc

FORMER = "Đếm trên bản trước lần sửa này."


@dataclass(frozen=True)
class Said:
    """Something about a question or a bank by its id, or about one line of a question by `key`.

    `edition_id` is the edition of the question that it was said of.
    """

    item_id: str
    n: int
    message: str
    key: str = ""
    edition_id: str = ""


@dataclass(frozen=True, order=True)
class Remark:
    """A sentence at its place; `file` is relative to the content root, `n` is how many papers it rests on."""

    file: Path
    line: int
    n: int
    message: str

    def __str__(self) -> str:
        """Print as `file:line: n=57: câu`, which editors turn into a link."""
        return f"{self.file.as_posix()}:{self.line}: n={self.n}: {self.message}"


def remarks(library: Library, said: Iterable[Said]) -> list[Remark]:
    """Return what was said by file and line; what is about a question no longer in the files is left out.

    A question that was edited since keeps its remarks, with a note: the author may have mended it.
    """
    questions = {question.id: question for question in library.questions()}
    banks = {module.quiz.id: module.quiz for module in library.modules() if module.quiz}
    found = []
    for one in said:
        if question := questions.get(one.item_id):
            note = f" {FORMER}" if one.edition_id != edition_id(canonical(question)) else ""
            found.append(Remark(question.file, _line(question, one.key), one.n, one.message + note))
        elif bank := banks.get(one.item_id):
            found.append(Remark(bank.file, 1, one.n, one.message))
    return sorted(found)


def _line(question: QuestionDesc, key: str) -> int:
    lines = (choice.line for choice in question.choices if choice.key == key)
    return next(lines, 0) or question.line
