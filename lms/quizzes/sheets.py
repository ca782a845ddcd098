"""The printed tests of a class, and how far each pupil's answer sheet is: reading only."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.models import CatalogItem
from lms.catalog.queries import EMPTY, check_of
from lms.classrooms.door import MOST_PUPILS, pupil_ref
from lms.clock import local_date
from lms.db import unscoped
from lms.people.models import Membership
from lms.quizzes.models import Attempt, HandIn, MarkChange, PrintedResult, PrintedTest, TypedSheet
from lms.quizzes.printing import (
    Sheet,
    Slip,
    TypedSlip,
    Version,
    Versions,
    compare,
    read_code,
    read_letters,
    read_versions,
)
from lms.quizzes.queries import Mark

FIRST, SECOND = ENTRIES = (1, 2)
NOTHING, ONCE, FAULTY, DIFFERS, READY, LANDED = "nothing", "once", "faulty", "differs", "ready", "landed"
_result, _attempt = PrintedResult.__table__, Attempt.__table__
_hand_in, _change = HandIn.__table__, MarkChange.__table__


@dataclass(frozen=True)
class PaperTest:
    """A test printed for a class, with its versions by code."""

    id: uuid.UUID
    ref: str
    unit_id: uuid.UUID
    module_id: str
    made_at: datetime
    held_on: date | None
    versions: dict[str, Version]

    @property
    def count(self) -> int:
        """Return how many questions each version asks."""
        return len(next(iter(self.versions.values())))

    @property
    def is_alike(self) -> bool:
        """Tell whether every version asks the same questions."""
        return len({frozenset(a.question_id for a in version) for version in self.versions.values()}) == 1


@dataclass(frozen=True)
class Pupil:
    """A pupil of the class since the test was made; `ref` stands for the pupil in forms."""

    person_id: uuid.UUID
    full_name: str
    ref: str
    has_left: bool


@dataclass(frozen=True)
class Entry:
    """What was typed of one sheet, once: as it is kept, and as it reads."""

    version: str
    letters: str
    sheet: Sheet | None
    code_problem: str = ""
    letters_problem: str = ""


@dataclass(frozen=True)
class Line:
    """A pupil with what was typed, and the mark once it has become a result."""

    pupil: Pupil
    first: Entry | None
    second: Entry | None
    mark: Mark | None
    slips: tuple[Slip, ...]

    def entry(self, number: int) -> Entry | None:
        """Return the first or the second entry."""
        return self.first if number == FIRST else self.second

    @cached_property
    def state(self) -> str:
        """Return how far the sheet is: nothing, once, faulty, differs, ready, landed."""
        typed = [entry for entry in (self.first, self.second) if entry is not None]
        if self.mark is not None:
            return LANDED
        if not typed:
            return NOTHING
        if any(entry.sheet is None for entry in typed):
            return FAULTY
        if len(typed) == 1:
            return ONCE
        return DIFFERS if self.slips else READY


# ---- tests --------------------------------------------------------------------------------------


def paper_tests(db: Session, unit_id: uuid.UUID, limit: int) -> list[PaperTest]:
    """Return the tests printed for a class, the newest first, within the viewer's scope."""
    rows = select(PrintedTest).where(PrintedTest.unit_id == unit_id)
    found = db.scalars(rows.order_by(PrintedTest.made_at.desc(), PrintedTest.id.desc()).limit(limit))
    return [as_test(row) for row in found]


def paper_test(db: Session, unit_id: uuid.UUID, ref: str) -> PaperTest | None:
    """Return the test of a class that a ref stands for, within the viewer's scope."""
    rows = select(PrintedTest).where(PrintedTest.unit_id == unit_id, PrintedTest.ref == ref)
    found = db.scalars(rows).one_or_none()
    return as_test(found) if found else None


def as_test(row: PrintedTest) -> PaperTest:
    """Return a row as a value."""
    versions = read_versions(row.versions)
    return PaperTest(row.id, row.ref, row.unit_id, row.module_id, row.made_at, row.held_on, versions)


def landed_counts(db: Session, tests: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many sheets of each test have become results, within the viewer's scope."""
    rows = (
        select(PrintedResult.test_id, func.count().label("landed"))
        .where(PrintedResult.test_id.in_(list(tests)))
        .group_by(PrintedResult.test_id)
    )
    return {row.test_id: row.landed for row in db.execute(rows)}


def tested_module(db: Session, test: PaperTest, catalogue: Catalogue) -> Module:
    """Return the module that was tested; one that is offered no more, by what is still known of it."""
    offered = catalogue.modules.get(test.module_id)
    if offered is not None:
        return offered
    check_id = check_of(db, test.module_id)
    rows = db.scalars(select(CatalogItem).where(CatalogItem.id.in_((test.module_id, check_id))))
    items = {row.id: row for row in rows}
    item, check = items[test.module_id], items[check_id]
    return Module(
        id=item.id,
        course_id=item.parent_id or "",
        slug=item.slug,
        title=item.title,
        goal=item.details["goal"],
        required=item.details["required"],
        is_reviewed=item.details["is_reviewed"],
        text=EMPTY,
        lessons=(),
        check_id=check_id,
        draw=check.details["draw"],
        pass_percent=check.details["pass_percent"],
        bank=(),
    )


def titles(db: Session, modules: Iterable[str]) -> dict[str, str]:
    """Return the titles of modules, also of those that are offered no more. One statement."""
    rows = select(CatalogItem.id, CatalogItem.title).where(CatalogItem.id.in_(list(modules)))
    return {row.id: row.title for row in db.execute(rows)}


# ---- the class and its sheets -------------------------------------------------------------------


def lines(db: Session, secret: bytes, test: PaperTest, on: date) -> list[Line]:
    """Return every pupil of the class with the state of the sheet, in name order. Four statements."""
    marks = results(db, test.id)
    typed: dict[tuple[uuid.UUID, int], TypedSheet] = {
        (row.person_id, row.entry): row
        for row in db.scalars(select(TypedSheet).where(TypedSheet.test_id == test.id))
    }
    return [
        line_of(
            pupil,
            typed.get((pupil.person_id, FIRST)),
            typed.get((pupil.person_id, SECOND)),
            marks.get(pupil.person_id),
            test.versions,
        )
        for pupil in pupils_of(db, secret, test, on)
    ]


def line_of(
    pupil: Pupil, first: TypedSheet | None, second: TypedSheet | None, mark: Mark | None, versions: Versions
) -> Line:
    """Put together what is known of one pupil's sheet."""
    one, other = (entry_of(row, versions) if row else None for row in (first, second))
    sheets = (one.sheet if one else None, other.sheet if other else None)
    slips = compare(sheets[0], sheets[1], versions) if sheets[0] and sheets[1] else ()
    return Line(pupil, one, other, mark, slips)


def entry_of(row: TypedSheet, versions: Versions) -> Entry:
    """Return an entry as it reads, or what is wrong with it."""
    code = letters = code_problem = letters_problem = ""
    try:
        code = read_code(row.version, versions)
    except TypedSlip as slip:
        code_problem = str(slip)
    try:
        # Without a readable code the letters are held against any version: all are of one length.
        letters = read_letters(row.letters, versions.get(code) or next(iter(versions.values())))
    except TypedSlip as slip:
        letters_problem = str(slip) if row.letters.strip() else "Chưa gõ câu trả lời."
    sheet = None if code_problem or letters_problem else Sheet(code, letters)
    return Entry(row.version, row.letters, sheet, code_problem, letters_problem)


def pupils_of(db: Session, secret: bytes, test: PaperTest, on: date) -> list[Pupil]:
    """Return who was a pupil of the class at any time since the test was made, or held, in name order."""
    made_on = local_date(test.made_at)
    since = min(made_on, test.held_on or made_on, on)
    rows = db.execute(
        select(Membership.person_id, Membership.full_name, Membership.left_on)
        .where(
            Membership.unit_id == test.unit_id,
            Membership.audience == "student",
            Membership.joined_on <= on,
            Membership.left_on.is_(None) | (Membership.left_on > since),
        )
        .order_by(Membership.sort_key, Membership.id)
        .limit(MOST_PUPILS)
    )
    found: dict[uuid.UUID, Pupil] = {}
    for person_id, name, left_on in rows:
        has_left = left_on is not None and left_on <= on
        if person_id not in found or not has_left:
            ref = pupil_ref(secret, test.unit_id, person_id)
            found[person_id] = Pupil(person_id, name, ref, has_left)
    return list(found.values())


@unscoped("the caller has found the test within its own scope")
def results(db: Session, test_id: uuid.UUID) -> dict[uuid.UUID, Mark]:
    """Return the mark of each sheet of a test that has become a result, as it holds now. Two statements."""
    rows = (
        select(_result.c.person_id, _result.c.attempt_id, _hand_in)
        .join(_hand_in, _hand_in.c.attempt_id == _result.c.attempt_id)
        .where(_result.c.test_id == test_id)
    )
    found = {row.attempt_id: row for row in db.connection().execute(rows)}
    later = (
        select(_change)
        .join(_result, _result.c.attempt_id == _change.c.attempt_id)
        .where(_result.c.test_id == test_id)
        .order_by(_change.c.at, _change.c.id)
    )
    changed = {row.attempt_id: row for row in db.connection().execute(later)}
    return {row.person_id: Mark.of(changed.get(row.attempt_id, row)) for row in found.values()}
