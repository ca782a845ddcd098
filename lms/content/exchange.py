"""What came of moving questions in or out: taken, changed, refused, each with its line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lms.content.library import QuestionDesc

TAKEN, CHANGED, REFUSED, NOTED = "taken", "changed", "refused", "noted"
"""A question came over; something of it is not as it was; it stayed behind; a word about the file."""


@dataclass(frozen=True)
class Remark:
    """A sentence about one line of the file that was read; lines count from 1."""

    line: int
    kind: str
    message: str


class Refused(ValueError):
    """A question cannot come over; the message says why and what to do."""

    def __init__(self, line: int, message: str) -> None:
        """Keep the line at which the cure begins."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Passage:
    """The questions that came over, and everything there is to say, in the order of the file.

    `changed` and `refused` count questions, not remarks.
    """

    questions: tuple[QuestionDesc, ...]
    remarks: tuple[Remark, ...]
    changed: int
    refused: int

    @property
    def summary(self) -> str:
        """Return the line that says how much came in."""
        return f"Đã lấy {len(self.questions)} câu · đổi {self.changed} · bỏ {self.refused}"

    @property
    def summary_out(self) -> str:
        """Return the line that says how much went out."""
        return f"Đã ghi {len(self.questions)} câu · mất một phần {self.changed} · không ghi {self.refused}"


class Record:
    """Gathers questions and remarks; one refusal or any number of changes count once for a question."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.questions: list[QuestionDesc] = []
        self._remarks: list[Remark] = []
        self._changed = self._refused = 0

    def take(self, question: QuestionDesc, line: int, message: str, changes: Iterable[Remark]) -> None:
        """Keep a question, and what is not as it was."""
        kept = list(changes)
        self.questions.append(question)
        self._remarks += [Remark(line, TAKEN, message), *kept] if message else kept
        self._changed += any(remark.kind == CHANGED for remark in kept)

    def refuse(self, line: int, message: str) -> None:
        """Leave a question behind."""
        self._remarks.append(Remark(line, REFUSED, message))
        self._refused += 1

    def note(self, line: int, message: str) -> None:
        """Say something about the file itself."""
        self._remarks.append(Remark(line, NOTED, message))

    def passage(self) -> Passage:
        """Return what was gathered; remarks on one line stay in the order they were made."""
        remarks = sorted(self._remarks, key=lambda remark: remark.line)
        return Passage(tuple(self.questions), tuple(remarks), self._changed, self._refused)


_HEADS = {TAKEN: "Đã lấy", CHANGED: "Đã đổi", REFUSED: "Đã bỏ", NOTED: "Lưu ý"}
_HEADS_OUT = _HEADS | {CHANGED: "Mất một phần", REFUSED: "Không ghi"}


def printed(file: Path | str, remarks: Iterable[Remark], *, out: bool = False) -> Iterator[str]:
    """Yield the remarks as `file:line: câu`, which editors turn into links."""
    heads = _HEADS_OUT if out else _HEADS
    for remark in remarks:
        yield f"{file}:{remark.line}: {heads[remark.kind]}: {remark.message}"


def shown(text: str, most: int = 60) -> str:
    """Return the beginning of a text in quotation marks, to name what a sentence is about."""
    words = " ".join(text.split())
    return f"“{words}”" if len(words) <= most else f"“{words[: most - 1].rstrip()}…”"
