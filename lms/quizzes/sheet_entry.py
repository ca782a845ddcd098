"""Typing the answer sheets of a printed test: drafts, twice, until both entries say the same."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Module
from lms.db import insert_once, new_id, take_turn
from lms.quizzes.models import PrintedResult, PrintedTest, TypedSheet
from lms.quizzes.printing import (
    Sheet,
    TypedSlip,
    Version,
    Versions,
    as_typed,
    read_code,
    read_letters,
    settled,
    written,
)
from lms.quizzes.sheets import ENTRIES, PaperTest, entry_of, paper_test


@dataclass(frozen=True)
class TypedRow:
    """A row of the grid as it was sent: what stood in it when it was shown, and what stands in it now."""

    shown: tuple[str, str]
    typed: tuple[str, str]


@dataclass(frozen=True)
class Saved:
    """How many rows a form changed, and how many it left as somebody else had typed them meanwhile."""

    changed: int
    kept: int


def make_test(
    db: Session,
    unit_id: uuid.UUID,
    module: Module,
    versions: Mapping[str, Version],
    *,
    ref: str,
    held_on: date | None,
    by: uuid.UUID,
    now: datetime,
) -> tuple[PaperTest, bool]:
    """Keep a printed test of a class, and say whether it is new; the same `ref` again is the same test."""
    made = insert_once(
        db,
        PrintedTest,
        id=new_id(),
        ref=ref,
        unit_id=unit_id,
        module_id=module.id,
        made_at=now,
        made_by=by,
        held_on=held_on,
        versions=written(versions),
    )
    found = paper_test(db, unit_id, ref)
    assert found is not None, "the ref is bound to the class"  # noqa: S101
    return found, made


def save_entry(
    db: Session, test: PaperTest, number: int, rows: Mapping[uuid.UUID, TypedRow], by: str, now: datetime
) -> Saved:
    """Keep what was typed in the first or second entry; sheets that became results stay as they are.

    What cannot be read is kept as typed and said where it is shown. A row that somebody else changed
    since it was shown is left to them.
    """
    take_turn(db, test.id.bytes)
    held, landed = _held(db, test, number), _landed(db, test)
    changed = kept = 0
    for person_id, row in rows.items():
        new, old = _clean(row.typed, test.versions), held.get(person_id)
        stands = (old.version, old.letters) if old else ("", "")
        if person_id in landed or new in (stands, _clean(row.shown, test.versions)):
            continue
        if row.shown != stands:
            kept += 1
            continue
        _put(db, test, number, person_id, new, old, by, now)
        changed += 1
    db.flush()
    return Saved(changed, kept)


def _held(db: Session, test: PaperTest, number: int) -> dict[uuid.UUID, TypedSheet]:
    rows = select(TypedSheet).where(TypedSheet.test_id == test.id, TypedSheet.entry == number)
    return {row.person_id: row for row in db.scalars(rows.execution_options(populate_existing=True))}


def _landed(db: Session, test: PaperTest) -> set[uuid.UUID]:
    return set(db.scalars(select(PrintedResult.person_id).where(PrintedResult.test_id == test.id)))


def _clean(typed: tuple[str, str], versions: Versions) -> tuple[str, str]:
    """Return what is kept of a row: as it reads, or as it was typed where it does not."""
    code, letters = (as_typed(text) for text in typed)
    if not code.strip() and not letters.strip():
        return "", ""
    try:
        code = read_code(code, versions)
        return code, read_letters(letters, versions[code])
    except TypedSlip:
        return code.strip(), letters.rstrip()


def _put(
    db: Session,
    test: PaperTest,
    number: int,
    person_id: uuid.UUID,
    new: tuple[str, str],
    old: TypedSheet | None,
    by: str,
    now: datetime,
) -> None:
    if new == ("", ""):
        db.delete(old)
        return
    if old is None:
        old = TypedSheet(test_id=test.id, person_id=person_id, entry=number)
        db.add(old)
    (old.version, old.letters), old.at, old.by = new, now, by


def settle(
    db: Session,
    test: PaperTest,
    choices: Mapping[uuid.UUID, Mapping[int, str]],
    by: str,
    now: datetime,
) -> int:
    """Write into both entries what the teacher read on the paper; return how many places that settled.

    `choices` is what is right, by pupil and position (0: the code). Where both entries say the same
    already, or the sheet became a result, nothing changes.
    """
    take_turn(db, test.id.bytes)
    landed = _landed(db, test)
    entries = [_held(db, test, number) for number in ENTRIES]
    count = 0
    for person_id in choices.keys() - landed:
        rows = [held[person_id] for held in entries if person_id in held]
        sheets = [entry_of(row, test.versions).sheet for row in rows]
        if len(rows) == len(ENTRIES) and all(sheets):
            count += _settle_one(rows, [s for s in sheets if s], choices[person_id], by, now)
    db.flush()
    return count


def _settle_one(
    rows: Iterable[TypedSheet], sheets: Sequence[Sheet], choices: Mapping[int, str], by: str, now: datetime
) -> int:
    one, other = sheets
    unlike = {n for n, (a, b) in enumerate(zip(one.letters, other.letters, strict=True), 1) if a != b}
    unlike |= {0} if one.version != other.version else set()
    right = {position: value for position, value in choices.items() if position in unlike}
    for row, sheet in zip(rows, sheets, strict=True):
        now_says = settled(sheet, right)
        if now_says != sheet:
            row.version, row.letters, row.at, row.by = now_says.version, now_says.letters, now, by
    return len(right)
