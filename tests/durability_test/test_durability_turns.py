"""Two writers who cannot see each other's unfinished work: the second waits, then sees it."""

import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.certificates.actions import Issuer
from lms.certificates.frozen import link
from lms.certificates.models import Certificate
from lms.db import Database
from lms.people import actions as people
from lms.people.models import Claim, Learner
from lms.progress.actions import Doer, complete_lesson, settle_person
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import Answered, answer, start_attempt
from lms.quizzes.models import Attempt, HandIn
from lms.quizzes.queries import paper_by_code
from tests.durability_test.conftest import KINDS, MakeUrl

pytestmark = pytest.mark.server
ISSUER = Issuer("Trường Tiểu học Hoa Sen", "http://hoc.example.vn")
SECRET = bytes(32)
One = TypeVar("One")
Two = TypeVar("Two")


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, make_url: MakeUrl) -> Iterator[Database]:
    """Give a furnished database that the tests here share; each looks at people of its own."""
    database = Database(make_url(request.param))
    # Connections are open beforehand: the second writer must not come late because it dials.
    with database.writer.connect(), database.writer.connect():
        pass
    yield database
    database.close()


@pytest.fixture(scope="module")
def catalogue(database: Database) -> Catalogue:
    """Give the sample library as the database holds it."""
    with database.reading() as db:
        return load(db)


def crosswise(
    database: Database, first: Callable[[Session], One], second: Callable[[Session], Two]
) -> tuple[One, Two]:
    """Do the first, and begin the second before the first is committed."""

    def later() -> Two:
        with database.transaction() as db:
            return second(db)

    with ThreadPoolExecutor() as threads:
        with database.transaction() as db:
            one = first(db)
            other = threads.submit(later)
            time.sleep(0.25)
        return one, other.result(20)


def count(database: Database, model: type, *where: sa.ColumnElement[bool]) -> int:
    """Return how many rows of a table there are."""
    with database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


def of(code: str) -> sa.ColumnElement[bool]:
    """Return the criterion for the hand-in of an attempt."""
    return HandIn.attempt_id.in_(sa.select(Attempt.id).where(Attempt.code == code))


def somebody(database: Database, name: str = "", phones: int = 1) -> list[Doer]:
    """Make a learner, or the learners of one person's phones."""
    now = clock.now()
    with database.transaction() as db:
        learners = [people.make_learner(db, now) for _ in range(phones)]
        if not name:
            return [Doer(learner) for learner in learners]
        person = people.add_person(db, name, now)
        for learner in learners:
            people.claim(db, learner, person.id, "learner", now)
        return [Doer(learner, person.id, name) for learner in learners]


def begun(database: Database, catalogue: Catalogue, doer: Doer, module: str, left: int) -> str:
    """Start the check of a module and answer rightly until so many questions are left."""
    with database.transaction() as db:
        code = start_attempt(db, doer, catalogue.modules[module], clock.now())
    for position in range(1, catalogue.modules[module].draw + 1 - left):
        with database.transaction() as db:
            reply(db, catalogue, doer, code, position)
    return code


def reply(db: Session, catalogue: Catalogue, doer: Doer, code: str, position: int) -> Answered | None:
    """Answer one question rightly."""
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    assert paper is not None
    row = paper.at(position)
    assert row is not None
    right = next(choice.key for choice in catalogue.questions[row.edition_id].choices if choice.is_right)
    return answer(db, doer, code, position, right, catalogue, ISSUER, clock.now())


def done(db: Session, catalogue: Catalogue, doer: Doer, lesson: str) -> None:
    """Confirm a lesson."""
    complete_lesson(db, doer, catalogue.lessons[lesson], catalogue, ISSUER, clock.now())


def test_the_last_two_answers_from_two_tabs_hand_the_paper_in(
    database: Database, catalogue: Catalogue
) -> None:
    (doer,) = somebody(database)
    code = begun(database, catalogue, doer, "man-hinh", left=2)
    one, two = crosswise(
        database,
        lambda db: reply(db, catalogue, doer, code, 2),
        lambda db: reply(db, catalogue, doer, code, 3),
    )
    assert one is not None
    assert one.score is None
    assert two is not None
    assert two.score is not None
    assert count(database, HandIn, of(code)) == 1


def test_the_last_answer_given_twice_hands_the_paper_in_once(
    database: Database, catalogue: Catalogue
) -> None:
    (doer,) = somebody(database)
    code = begun(database, catalogue, doer, "man-hinh", left=1)
    crosswise(
        database,
        lambda db: reply(db, catalogue, doer, code, 3),
        lambda db: answer(db, doer, code, 3, "d", catalogue, ISSUER, clock.now()),
    )
    assert count(database, HandIn, of(code)) == 1
    assert count(database, HandIn, of(code), HandIn.passed) == 1


def test_the_last_lesson_and_the_last_answer_together_complete_the_module(
    database: Database, catalogue: Catalogue
) -> None:
    (doer,) = somebody(database)
    code = begun(database, catalogue, doer, "man-hinh", left=1)
    with database.transaction() as db:
        done(db, catalogue, doer, "man-hinh-chu-to")
    crosswise(
        database,
        lambda db: done(db, catalogue, doer, "man-hinh-sang-vua"),
        lambda db: reply(db, catalogue, doer, code, 3),
    )
    own = ItemCompletion.learner_id == doer.learner_id
    assert count(database, ItemCompletion, own, ItemCompletion.item_id == "man-hinh") == 1


def test_a_course_finished_on_two_phones_at_once_gives_its_person_one_certificate(
    database: Database, catalogue: Catalogue
) -> None:
    phone, tablet = somebody(database, "Đinh Thị An", phones=2)
    code = begun(database, catalogue, phone, "man-hinh", left=1)
    begun(database, catalogue, tablet, "danh-ba", left=0)
    with database.transaction() as db:
        for lesson in ("man-hinh-chu-to", "man-hinh-sang-vua"):
            done(db, catalogue, phone, lesson)
    crosswise(
        database,
        lambda db: reply(db, catalogue, phone, code, 3),
        lambda db: done(db, catalogue, tablet, "danh-ba-luu-so"),
    )
    assert count(database, Certificate, Certificate.person_id == phone.person_id) == 1


def test_collecting_twice_at_once_issues_one_certificate(database: Database, catalogue: Catalogue) -> None:
    nowhere = Issuer("Trang học thử", "")
    (doer,) = somebody(database, "Đinh Thị An")
    for module in ("man-hinh", "danh-ba"):
        begun(database, catalogue, doer, module, left=0)
    for lesson in catalogue.lessons.values():
        with database.transaction() as db:
            complete_lesson(db, doer, lesson, catalogue, nowhere, clock.now())
    one, two = crosswise(
        database,
        lambda db: settle_person(db, doer, catalogue, ISSUER, clock.now()),
        lambda db: settle_person(db, doer, catalogue, ISSUER, clock.now()),
    )
    assert (len(one), len(two)) == (1, 0)
    assert count(database, Certificate, Certificate.person_id == doer.person_id) == 1


def test_certificates_of_sixteen_people_at_once_stand_in_one_unbroken_register(
    database: Database, catalogue: Catalogue
) -> None:
    doers = [somebody(database, f"Nguyễn Văn Thứ {number}")[0] for number in range(16)]
    for doer in doers:
        for module in ("man-hinh", "danh-ba"):
            begun(database, catalogue, doer, module, left=0)
        with database.transaction() as db:
            for lesson in ("man-hinh-chu-to", "man-hinh-sang-vua"):
                done(db, catalogue, doer, lesson)

    def finish(doer: Doer) -> None:
        with database.transaction() as db:
            done(db, catalogue, doer, "danh-ba-luu-so")

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(finish, doers))
    with database.reading() as db:
        held = db.scalars(sa.select(Certificate).order_by(Certificate.sequence)).all()
    assert [certificate.sequence for certificate in held] == list(range(1, len(held) + 1))
    assert {doer.person_id for doer in doers} <= {certificate.person_id for certificate in held}
    chain = ""
    for certificate in held:
        chain = link(chain, certificate.payload)
        assert certificate.chain == chain


def test_two_starts_at_once_draw_one_paper(database: Database, catalogue: Catalogue) -> None:
    (doer,) = somebody(database)
    module = catalogue.modules["man-hinh"]
    one, two = crosswise(
        database,
        lambda db: start_attempt(db, doer, module, clock.now()),
        lambda db: start_attempt(db, doer, module, clock.now()),
    )
    assert one == two
    assert count(database, Attempt, Attempt.learner_id == doer.learner_id) == 1


def test_two_first_taps_with_one_device_key_make_one_learner(database: Database) -> None:
    key = secrets.token_bytes(32)
    one, two = crosswise(
        database,
        lambda db: people.make_learner(db, clock.now(), key),
        lambda db: people.make_learner(db, clock.now(), key),
    )
    assert one == two
    assert count(database, Learner, Learner.device_key == key) == 1


def test_a_learner_claimed_twice_at_once_belongs_to_the_first(database: Database) -> None:
    (doer,) = somebody(database)
    an, binh = (somebody(database, name)[0].person_id for name in ("An", "Bình"))

    def claim(person: uuid.UUID | None) -> Callable[[Session], None]:
        assert person is not None
        return lambda db: people.claim(db, doer.learner_id, person, "learner", clock.now())

    with pytest.raises(people.AlreadyClaimed):
        crosswise(database, claim(an), claim(binh))
    crosswise(database, claim(an), claim(an))
    assert count(database, Claim, Claim.learner_id == doer.learner_id) == 1


def test_a_household_never_gets_the_code_of_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([7, 7, 8, 8, 7, 9])
    monkeypatch.setattr(secrets, "randbelow", lambda limit: next(drawn))
    with database.transaction() as db:
        _, first = people.open_household(db, SECRET, clock.now())
        household, second = people.open_household(db, SECRET, clock.now())
        third = people.renew_code(db, household.id, SECRET, clock.now())
    assert [code[:7] for code in (first, second, third)] == ["0000007", "0000008", "0000009"]
