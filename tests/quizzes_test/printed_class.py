"""A class with a test on paper, for tests: pupils, versions, and typing what they answered."""

import secrets
import uuid
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from lms import clock
from lms.accounts.models import Account
from lms.catalog.catalogue import Catalogue, Module
from lms.people.actions import add_person
from lms.people.memberships import join_unit
from lms.people.models import Person
from lms.places.models import Unit
from lms.quizzes.printing import LETTERS, make_versions
from lms.quizzes.sheet_entry import Saved, TypedRow, make_test, save_entry
from lms.quizzes.sheets import ENTRIES, Line, PaperTest, lines
from tests.cast import OPENED
from tests.story import SECRET

RANDOM = secrets.SystemRandom()
Rows = Mapping[uuid.UUID, tuple[str, str]]


def pupil(db: Session, unit: Unit, name: str) -> Person:
    """Put a new pupil, who never learned anything here, into a class."""
    person = add_person(db, name, clock.now())
    join_unit(db, person.id, unit.id, "student", name, OPENED)
    return person


def printed(
    db: Session,
    unit: Unit,
    module: Module,
    account: Account,
    versions: int = 2,
    count: int = 3,
    held_on: date | None = None,
) -> PaperTest:
    """Make a test of a class, every version of which asks the same."""
    test, is_new = make_test(
        db,
        unit.id,
        module,
        make_versions(module.bank, count, versions, RANDOM, alike=True),
        ref=secrets.token_hex(6),
        held_on=held_on,
        by=account.id,
        now=clock.now(),
    )
    assert is_new
    return test


def answers(catalogue: Catalogue, test: PaperTest, code: str, *, wrong: int = 0, blank: int = 0) -> str:
    """Return the letters of a version: the first wrong, then some blank, then right ones."""
    letters = []
    for place, asked in enumerate(test.versions[code]):
        question = catalogue.questions[asked.edition_id]
        right = next(c.key for c in question.lines if c.is_right)
        key = next(k for k in asked.keys if k != right) if place < wrong else right
        letters.append("-" if wrong <= place < wrong + blank else LETTERS[asked.keys.index(key)])
    return "".join(letters)


def type_once(
    db: Session, test: PaperTest, number: int, rows: Rows, shown: Rows | None = None, by: str = "Cô Lan"
) -> Saved:
    """Type rows in one entry, on a grid that showed nothing, or what is given."""
    sent = {who: TypedRow((shown or {}).get(who, ("", "")), typed) for who, typed in rows.items()}
    return save_entry(db, test, number, sent, by, clock.now())


def type_twice(db: Session, test: PaperTest, rows: Rows) -> None:
    """Type the same rows in both entries."""
    for number in ENTRIES:
        type_once(db, test, number, rows)


def by_name(db: Session, test: PaperTest) -> dict[str, Line]:
    """Return the lines of a test by the name of the pupil."""
    return {line.pupil.full_name: line for line in lines(db, SECRET, test, clock.today())}
