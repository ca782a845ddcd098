"""Building the demo on an empty site, in the caller's transaction, and saying what can be tried."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.accounts.acts import note_act
from lms.accounts.models import StaffAct
from lms.catalog.catalogue import Catalogue, Course
from lms.catalog.queries import load as load_catalogue
from lms.certificates.actions import Issuer
from lms.classrooms.actions import renew_class_code
from lms.classrooms.pictures import PICTURES, secret_pictures
from lms.classrooms.years import first_year_of, school_year
from lms.clock import VIETNAM, local_date
from lms.demo import papers
from lms.demo.doing import Doing
from lms.demo.month import Deed, Month, plan
from lms.demo.people import OTHERS, STAFF, pupils
from lms.demo.rule import Rule
from lms.demo.village import Village, settle
from lms.people.models import Learner, Person
from lms.places.models import Unit

BUILT = "demo"
TRIED_PUPIL = "4A-0"
CODE_LIFE = timedelta(days=60)
Watch = Callable[[Iterable[Deed], int], Iterable[Deed]]
"""Passes the deeds on one by one, showing how many of them are done."""


class NotEmpty(Exception):
    """Somebody learns, or a school was opened, on this site already."""


class NoContent(Exception):
    """No course was published on this site."""


@dataclass(frozen=True)
class Told:
    """What the demo holds and what opens it."""

    pupils: int
    people: int
    deeds: int
    certificates: int
    class_code: str
    pupil: str
    pictures: tuple[str, ...]
    slip_of: str
    slip_code: str


def who_can_sign_in() -> list[tuple[str, str]]:
    """Return each login of the demo and what it is for."""
    return [(who.login, who.purpose) for who in (*STAFF, *OTHERS) if who.login]


def is_built(db: Session) -> bool:
    """Tell whether this site is the demo."""
    return db.scalars(select(StaffAct.id).where(StaffAct.act == BUILT).limit(1)).first() is not None


def is_empty(db: Session) -> bool:
    """Tell whether nobody learns here and no school was opened; accounts of administrators may be there."""
    return not any(db.scalar(select(func.count()).select_from(of)) for of in (Learner, Person, Unit))


def build(
    db: Session, issuer: Issuer, secret: bytes, number: int, now: datetime, by: str, watch: Watch
) -> Told:
    """Make the people, the places and their month. Raises NotEmpty or NoContent, with nothing made."""
    if not is_empty(db):
        raise NotEmpty
    catalogue = load_catalogue(db)
    course = _main_course(catalogue)
    rule, year = Rule(number), school_year(db, first_year_of(local_date(now)))
    month = Month(now, datetime.combine(year.starts_on, time(0), VIETNAM))
    everybody = pupils(rule, year.first_year)
    village = settle(db, everybody, year.first_year, year.starts_on, month.starts)
    _keep_codes_open(db, village, local_date(now))
    doing = Doing(db, village, catalogue, issuer, secret)
    papers.declare(doing, month)
    papers.hand_out_slips(doing, month, everybody)
    papers.give(doing, month, course)
    deeds = plan(rule, month, course, everybody).in_order()
    for deed in watch(deeds, len(deeds)):
        doing.do(deed)
    papers.let_a_mother_ask(doing, month)
    issued = papers.propose_and_approve(doing, month, course, year.name)
    note_act(db, BUILT, "Dựng trang mẫu với người và việc học tưởng tượng", by=by, now=now)
    return _told(doing, len(everybody), len(deeds), issued)


def _keep_codes_open(db: Session, village: Village, today: date) -> None:
    """Let the class codes be tried in the summer holidays too."""
    for room in village.classes.values():
        if room.code_until < today + CODE_LIFE:
            renew_class_code(db, room, today + CODE_LIFE)


def _main_course(catalogue: Catalogue) -> Course:
    """Return the course that the schools give: the first, whose figures open first."""
    if not catalogue.courses:
        raise NoContent
    return catalogue.courses[0]


def _told(doing: Doing, pupils_: int, deeds: int, issued: int) -> Told:
    village = doing.village
    room, pupil = village.classes["4A"], village.people[TRIED_PUPIL]
    pictures = secret_pictures(doing.secret, room.unit_id, pupil.id)
    waiting = next(key for key in doing.slips if key.startswith("4A") and _has_parents(village, key))
    return Told(
        pupils=pupils_,
        people=doing.db.scalar(select(func.count()).select_from(Person)) or 0,
        deeds=deeds,
        certificates=issued,
        class_code=room.code,
        pupil=pupil.full_name,
        pictures=tuple(PICTURES[picture] for picture in pictures),
        slip_of=village.people[waiting].full_name,
        slip_code=doing.slips[waiting],
    )


def _has_parents(village: Village, pupil: str) -> bool:
    return any(pupil in children for children in village.children.values())
