"""Counting what all answers say about the questions, keeping it, and reading it back for authors.

Counted are papers that were handed in: each learner's first at a module, and those of sittings and on
paper. Later tries draw what was missed before, and helped ones show what the helper knows.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import Select, case, delete, func, insert, null, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.db import Database, take_turn, unscoped
from lms.quizzes.analysis import Analysis, analyse
from lms.quizzes.figures import BankFigures, Figures, bank_figures, question_figures
from lms.quizzes.flags import flagged, flagged_bank
from lms.quizzes.independence import HELPED
from lms.quizzes.models import (
    Answer,
    AnswerChange,
    AnswerText,
    Attempt,
    HandIn,
    ItemStatistics,
    PaperQuestion,
)
from lms.quizzes.readings import Given, Readings, rematched

_attempt, _hand_in, _paper = Attempt.__table__, HandIn.__table__, PaperQuestion.__table__
_answer, _change, _text = Answer.__table__, AnswerChange.__table__, AnswerText.__table__
_kept = ItemStatistics.__table__
_TURN = b"item statistics."
_ROWS_AT_ONCE = 2000
_IN_MEMORY = 16 << 20


@dataclass(frozen=True)
class Counted:
    """What a count found: figures by question, and those of whole checks; `at` is None before the first."""

    at: datetime | None
    papers: int
    questions: tuple[Figures, ...]
    banks: tuple[BankFigures, ...]


class _Papers:
    """The cells of every paper in a temporary file: four bytes an answer, whatever their number."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._modules: dict[str, int] = {}
        self.count = 0

    def add(self, module: str, cells: Sequence[int]) -> None:
        number = self._modules.setdefault(module, len(self._modules))
        self._file.write(array("I", [number, len(cells), *cells]).tobytes())
        self.count += 1

    def __iter__(self) -> Iterator[tuple[str, Sequence[int]]]:
        self._file.seek(0)
        modules, width = list(self._modules), array("I").itemsize
        while head := self._file.read(2 * width):
            number, size = array("I", head)
            yield modules[number], array("I", self._file.read(size * width))


@unscoped("counts over all answers and names nobody; for the nightly job and its command only")
def count(db: Session, now: datetime) -> Counted:
    """Count what had been handed in by `now`; the database is read once, in one statement."""
    catalogue = load(db)
    readings = Readings(db, catalogue)
    asked = _answers(now, rematched(db, catalogue)).execution_options(yield_per=_ROWS_AT_ONCE)
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        papers = _Papers(file)
        counts = _read(db.connection().execute(asked), papers)
        cells = [readings.cell(given, number) for given, number in counts.items()]
        analysis = analyse(cells, papers)
    questions, banks = _questions(catalogue, analysis), _banks(catalogue, analysis)
    return Counted(now, papers.count, tuple(questions), tuple(banks))


@unscoped("a statement without persons, run by `count` alone")
def _answers(now: datetime, typed: Iterable[str]) -> Select[Any]:
    same_question = {
        table: (table.c.attempt_id == _paper.c.attempt_id) & (table.c.question_id == _paper.c.question_id)
        for table in (_answer, _change, _text)
    }
    last = select(_change.c.choice).where(same_question[_change]).order_by(_change.c.revision.desc()).limit(1)
    words = select(_text.c.text).where(same_question[_text]).order_by(_text.c.revision.desc()).limit(1)
    changed = func.coalesce(last.scalar_subquery(), _answer.c.choice)
    typed = sorted(typed)
    return (
        select(
            # As the driver gives it: it only tells where a paper ends.
            type_coerce(_attempt.c.id, NullType()),
            _attempt.c.module_id,
            _paper.c.edition_id,
            case((_attempt.c.sitting_id.is_(None), _answer.c.choice), else_=changed),
            case((_paper.c.edition_id.in_(typed), words.scalar_subquery())) if typed else null(),
        )
        .select_from(
            _attempt.join(_hand_in, _hand_in.c.attempt_id == _attempt.c.id)
            .join(_paper, _paper.c.attempt_id == _attempt.c.id)
            .outerjoin(_answer, same_question[_answer])
        )
        .where(
            or_(_attempt.c.number == 1, _attempt.c.sitting_id.is_not(None), _attempt.c.mode == "paper"),
            _attempt.c.mode != HELPED,
            _hand_in.c.at <= now,
        )
        .order_by(_attempt.c.id)
    )


def _read(rows: Iterable[Any], papers: _Papers) -> dict[Given, int]:
    """Count equal answers; write down each paper by the numbers of its answers."""
    numbers: dict[Given, int] = {}
    counts: list[int] = []
    paper: list[int] = []
    current, of = None, ""
    for attempt, module, edition_id, choice, text in rows:
        if attempt != current:
            if paper:
                papers.add(of, paper)
            paper, current, of = [], attempt, module
        key = (edition_id, choice, text)
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(counts)
            counts.append(0)
        counts[number] += 1
        paper.append(number)
    if paper:
        papers.add(of, paper)
    return dict(zip(numbers, counts, strict=True))


def _questions(catalogue: Catalogue, analysis: Analysis) -> Iterator[Figures]:
    groups: dict[Any, list[Any]] = {}
    for cell, rest in zip(analysis.cells, analysis.rests, strict=True):
        groups.setdefault(cell.item, []).append((cell, rest))
    for question in catalogue.questions.values():
        if question.id in groups and question.kind != "open":
            yield flagged(question_figures(question, groups[question.id]))


def _banks(catalogue: Catalogue, analysis: Analysis) -> Iterator[BankFigures]:
    for module_id, bank in analysis.banks.items():
        if module := catalogue.modules.get(module_id):
            yield flagged_bank(bank_figures(module.check_id, bank, analysis))


@unscoped("writes counts without persons; for the nightly job and its command only")
def keep(db: Session, counted: Counted) -> None:
    """Put new figures in the place of the old ones."""
    take_turn(db, _TURN)
    named: list[tuple[str, Figures | BankFigures]] = [(one.question_id, one) for one in counted.questions]
    named += [(one.check_id, one) for one in counted.banks]
    rows = [
        {"item_id": item_id, "counted_at": counted.at, "n": figures.n, "body": figures.body()}
        for item_id, figures in named
    ]
    db.connection().execute(delete(ItemStatistics))
    if rows:
        db.connection().execute(insert(ItemStatistics), rows)


def recount(database: Database, now: datetime) -> Counted:
    """Count everything and keep it. Nobody waits meanwhile: only the keeping writes, for a moment."""
    with database.reading() as db:
        counted = count(db, now)
    with database.transaction() as db:
        keep(db, counted)
    return counted


@unscoped("counts over all schools, without persons; the pages that show them are the authors'")
def figures_of(db: Session, ids: Iterable[str]) -> dict[str, Figures]:
    """Return the figures of questions by id; those on no paper yet are missing. One statement."""
    rows = select(_kept).where(_kept.c.item_id.in_(list(ids)))
    found = db.connection().execute(rows).all()
    return {row.item_id: _figures(row) for row in found if _is_question(row)}


@unscoped("counts over all schools, without persons; the pages that show them are the authors'")
def figures_of_banks(db: Session, check_ids: Iterable[str]) -> dict[str, BankFigures]:
    """Return the figures of checks by id; those nobody has taken are missing. One statement."""
    rows = select(_kept).where(_kept.c.item_id.in_(list(check_ids)))
    found = db.connection().execute(rows).all()
    return {row.item_id: _bank(row) for row in found if not _is_question(row)}


def figures_of_bank(db: Session, check_id: str) -> BankFigures | None:
    """Return the figures of a check by its id; None while nobody has taken it."""
    return figures_of_banks(db, [check_id]).get(check_id)


@unscoped("counts over all schools, without persons; for a command of the administrator")
def all_figures(db: Session) -> Counted:
    """Return everything that the last count kept; `papers` counts those of the checks offered now."""
    rows = db.connection().execute(select(_kept).order_by(_kept.c.item_id)).all()
    questions = [_figures(row) for row in rows if _is_question(row)]
    banks = [_bank(row) for row in rows if not _is_question(row)]
    at = max((row.counted_at for row in rows), default=None)
    return Counted(at, sum(bank.n for bank in banks), tuple(questions), tuple(banks))


def _figures(row: Any) -> Figures:
    return flagged(Figures.of_body(row.body, row.counted_at))


def _bank(row: Any) -> BankFigures:
    return flagged_bank(BankFigures.of_body(row.body, row.counted_at))


def _is_question(row: Any) -> bool:
    return "question_id" in row.body
