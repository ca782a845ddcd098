"""What people do on the sample library, through the actions themselves: learn, answer, earn."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue, Module
from lms.certificates.actions import Issuer
from lms.certificates.models import Certificate
from lms.people import actions as people
from lms.people.models import Household
from lms.progress.actions import Doer, complete_lesson
from lms.quizzes.actions import Answered, answer, start_attempt
from lms.quizzes.queries import OpenPaper, paper_by_code

ISSUER = Issuer("Trường Tiểu học Hoa Sen", "http://hoc.example.vn")
SECRET = b"a secret of the tests, 32 bytes!"


@dataclass(frozen=True)
class Home:
    """A household with its code and one named person in it."""

    household: Household
    code: str
    doer: Doer
    ref: str

    @property
    def person_id(self) -> uuid.UUID:
        """Return the id of the person."""
        assert self.doer.person_id is not None
        return self.doer.person_id


def guest(db: Session, now: datetime | None = None) -> Doer:
    """Make a guest's learner."""
    return Doer(people.make_learner(db, now or clock.now()))


def known(db: Session, name: str, now: datetime | None = None) -> Doer:
    """Make a learner who is a known person from the beginning."""
    now = now or clock.now()
    person, learner = people.add_person(db, name, now), people.make_learner(db, now)
    people.claim(db, learner, person.id, "learner", now)
    return Doer(learner, person.id, name)


def home(db: Session, name: str, now: datetime | None = None, secret: bytes = SECRET) -> Home:
    """Make a household and its first person."""
    now = now or clock.now()
    household, code = people.open_household(db, secret, now)
    doer = known(db, name, now)
    assert doer.person_id is not None
    ref = people.join_household(db, household.id, doer.person_id, "", now)
    return Home(household, code, doer, ref)


def begin(db: Session, doer: Doer, module: Module, now: datetime | None = None) -> tuple[str, OpenPaper]:
    """Start the check of a module; return the attempt's code and its paper."""
    code = start_attempt(db, doer, module, now or clock.now())
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    assert paper is not None
    return code, paper


def choice(catalogue: Catalogue, edition_id: str, *, right: bool) -> str:
    """Return the key of a right or a wrong choice of a question."""
    return next(c.key for c in catalogue.questions[edition_id].choices if c.is_right == right)


def take_check(
    db: Session,
    doer: Doer,
    module: Module,
    catalogue: Catalogue,
    now: datetime | None = None,
    *,
    wrong: int = 0,
) -> Answered:
    """Take the check of a module to its end, the first `wrong` answers being wrong."""
    now = now or clock.now()
    code, paper = begin(db, doer, module, now)
    answered = None
    for row in paper.rows:
        key = choice(catalogue, row.edition_id, right=row.position > wrong)
        answered = answer(db, doer, code, row.position, key, catalogue, ISSUER, now)
    assert answered is not None
    return answered


def learn_module(
    db: Session, doer: Doer, module: Module, catalogue: Catalogue, now: datetime | None = None
) -> None:
    """Confirm every required lesson of a module, then pass its check."""
    for lesson in module.lessons:
        if lesson.required:
            complete_lesson(db, doer, lesson, catalogue, ISSUER, now or clock.now())
    take_check(db, doer, module, catalogue, now)


def learn_course(
    db: Session, doer: Doer, catalogue: Catalogue, now: datetime | None = None
) -> Certificate | None:
    """Complete every module of the first course; return the phiếu that came of it."""
    course = catalogue.courses[0]
    for module in course.modules:
        learn_module(db, doer, module, catalogue, now)
    issued = select(Certificate).where(Certificate.person_id == doer.person_id)
    return db.scalars(issued).one_or_none()
