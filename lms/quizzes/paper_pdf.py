"""The files of a printed test: questions without the key, answer sheets, the key for the teacher."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Question
from lms.certificates.pdf import VIETNAM, render_design
from lms.clock import local_date
from lms.quizzes.grading import credit
from lms.quizzes.marking import edition, judged_by
from lms.quizzes.printing import LETTERS, Asked
from lms.quizzes.sheets import PaperTest

NORMAL, LARGE = 13, 18
"""Points of the letters of a test; the large print is for pupils who see poorly."""
NAMES: Final = {"questions": "Đề", "sheets": "Phiếu trả lời", "key": "Đáp án"}
A_PAGE_OF_SHEETS = 2
"""Blank sheets in one file: what one page of paper holds."""
DROPPED = "bỏ"
_STRONG = {"strong", "em"}
Data = dict[str, object]


@dataclass(frozen=True)
class Frame:
    """What every file of a test is drawn with: the words at its head, the design's folder, the fonts."""

    school: str
    room: str
    title: str
    pass_percent: int
    folder: Path
    fonts: Path


class _Runs(HTMLParser):
    """Turns the HTML of one line into words with and without stress."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[dict[str, object]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._depth += tag in _STRONG

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag in _STRONG

    def handle_data(self, data: str) -> None:
        self.runs.append({"text": data, "strong": self._depth > 0})


def runs(html: str) -> list[dict[str, object]]:
    """Return the words of a line of safe HTML, in pieces with and without stress."""
    parser = _Runs()
    parser.feed(html)
    parser.close()
    return parser.runs


def questions_pdf(
    db: Session,
    test: PaperTest,
    catalogue: Catalogue,
    frame: Frame,
    *,
    only: Sequence[str],
    size: int = NORMAL,
) -> bytes:
    """Return versions of a test, each from a page of its own, in the words of the editions printed."""
    found = _editions(db, test, catalogue)
    versions = [
        {"code": code, "questions": [_printed(found[one.edition_id], one) for one in test.versions[code]]}
        for code in only
    ]
    return _file("questions", test, frame, {"versions": versions, "size": size})


def sheets_pdf(test: PaperTest, frame: Frame, names: Sequence[str]) -> bytes:
    """Return an answer sheet for each name; an empty name leaves a line to fill."""
    return _file("sheets", test, frame, {"names": list(names)})


def key_pdf(db: Session, test: PaperTest, catalogue: Catalogue, frame: Frame) -> bytes:
    """Return the right letters of every version, as they are judged now; a dropped question says so."""
    found = _editions(db, test, catalogue)
    judges = {key: judged_by(db, key, catalogue) for key in found}
    versions = [
        {"code": code, "key": [_right(found[a.edition_id], judges[a.edition_id], a) for a in version]}
        for code, version in test.versions.items()
    ]
    marked = min(sum(letter != DROPPED for letter in one["key"]) for one in versions)
    need = -(-marked * frame.pass_percent // 100)
    return _file("key", test, frame, {"versions": versions, "need": need, "marked": marked})


def _editions(db: Session, test: PaperTest, catalogue: Catalogue) -> Mapping[str, Question]:
    asked = {one.edition_id for version in test.versions.values() for one in version}
    return {key: edition(db, key, catalogue) for key in asked}


def _printed(question: Question, asked: Asked) -> Data:
    choices = {choice.key: runs(choice.html) for choice in question.lines}
    return {"words": runs(question.html), "choices": [choices[key] for key in asked.keys]}


def _right(given: Question, judge: Question | None, asked: Asked) -> str:
    if judge is None:
        return DROPPED
    letters = [
        letter
        for letter, key in zip(LETTERS, asked.keys, strict=False)
        if (credit(judge if judge.choice(key) else given, key) or 0) > 0
    ]
    return " ".join(letters) or "?"


def _file(part: str, test: PaperTest, frame: Frame, values: Data) -> bytes:
    data = {
        "part": part,
        "name": NAMES[part],
        "school": frame.school,
        "room": frame.room,
        "title": frame.title,
        "count": test.count,
        "held_on": f"{test.held_on:%d/%m/%Y}" if test.held_on else "",
        "size": NORMAL,
    } | values
    words = json.dumps(data, ensure_ascii=False)
    # Typst writes UTC, and noon in Việt Nam is the same day there.
    noon = datetime.combine(local_date(test.made_at), time(12), tzinfo=VIETNAM)
    return render_design(frame.folder, frame.fonts, {"data": words}, noon)
