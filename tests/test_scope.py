"""Who sees which rows: applied to every ORM statement in one place, and nothing when nothing is said."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from lms import clock
from lms.accounts.models import Account, BrowserSession, RoleGrant, Throttle
from lms.accounts.sessions import start
from lms.accounts.throttle import failed
from lms.catalog.models import CatalogItem
from lms.catalog.queries import load
from lms.certificates.actions import revoke_certificate
from lms.certificates.models import Certificate, CertificateRevocation
from lms.db import NOBODY, PUBLIC, SCOPED, SYSTEM, UNSCOPED, Base, Scope, ScopedSession, hidden
from lms.people.actions import record_consent
from lms.people.models import Claim, Consent, Guardianship, HouseholdMember, Learner, Membership, Person
from lms.places.models import Unit
from lms.progress.models import ItemCompletion
from lms.queue import Job, enqueue
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion
from tests.cast import Cast, gather
from tests.conftest import SharedDatabase
from tests.story import SECRET, Home, home, learn_course


@dataclass(frozen=True)
class World:
    """One transaction in which people have done everything once; the tests look, and undo what they try."""

    connection: sa.Connection
    cast: Cast
    homes: tuple[Home, Home]


@pytest.fixture(scope="module")
def world(migrated: SharedDatabase) -> Iterator[World]:
    """Give two households, each with a person who earned a phiếu; the first one's was revoked."""
    with migrated.writer.connect() as connection:
        outer = connection.begin()
        migrated.connection = connection
        with migrated.session(SYSTEM, writes=True) as db:
            cast = gather(db)
            homes = home(db, "Nguyễn Thị Lan"), home(db, "Trần Văn Minh")
            _let_everything_happen(db, cast, homes)
            db.commit()
        yield World(connection, cast, homes)
        outer.rollback()


def _let_everything_happen(db: ScopedSession, cast: Cast, homes: tuple[Home, Home]) -> None:
    catalogue, now = load(db), clock.now()
    for each in homes:
        assert learn_course(db, each.doer, catalogue) is not None
        record_consent(db, each.person_id, "show_name", True, "Cho hiện tên", "learner", now)
        start(db, SECRET, now, account_id=cast.lan.id, learner_id=each.doer.learner_id)
    first = sa.select(Certificate.code).where(Certificate.person_id == homes[0].person_id)
    revoke_certificate(db, db.scalars(first).one(), reason="Nhầm tên", by="quan-tri", now=now)
    failed(db, [b"somebody"], now)
    enqueue(db, "tidy", now)


@pytest.fixture
def db(world: World) -> Iterator[ScopedSession]:
    """Give one test a session that sees everything, and undo what the test changes."""
    with world.connection.begin_nested() as savepoint:
        with ScopedSession(
            world.connection, info={"scope": SYSTEM}, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        savepoint.rollback()


@pytest.fixture
def homes(world: World) -> tuple[Home, Home]:
    """Give the two households."""
    return world.homes


@pytest.fixture
def cast(world: World) -> Cast:
    """Give the people of the tests."""
    return world.cast


def look(db: ScopedSession, scope: Scope, model: Any) -> int:
    """Return how many rows of a table a viewer sees."""
    held, db.info["scope"] = db.info.get("scope", NOBODY), scope
    try:
        return db.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()
    finally:
        db.info["scope"] = held


def of(home: Home) -> Scope:
    """Return the scope of the person of a household."""
    return Scope(learner=home.doer.learner_id, person=home.person_id, household=home.household.id)


@pytest.mark.parametrize("model", sorted(SCOPED, key=lambda model: model.__name__))
def test_a_viewer_without_scope_sees_no_row(
    db: ScopedSession, homes: tuple[Home, Home], model: type[Base]
) -> None:
    assert look(db, SYSTEM, model) > 0, "the test needs rows to hide"
    assert look(db, NOBODY, model) == 0
    assert look(db, NOBODY, aliased(model)) == 0
    stranger = Scope(learner=uuid.uuid4(), person=uuid.uuid4(), household=uuid.uuid4(), account=uuid.uuid4())
    assert look(db, stranger, model) == 0
    assert look(db, stranger, aliased(model)) == 0


def test_a_session_of_which_nothing_was_said_sees_no_row(world: World, homes: tuple[Home, Home]) -> None:
    with ScopedSession(world.connection, join_transaction_mode="create_savepoint") as silent:
        assert silent.scalars(sa.select(Person)).all() == []
        assert silent.scalars(sa.select(Certificate)).all() == []


def test_everybody_sees_what_is_public(db: ScopedSession, cast: Cast) -> None:
    assert look(db, NOBODY, CatalogItem) > 0
    assert look(db, NOBODY, Unit) > 0
    assert {model for model in PUBLIC if "person" in " ".join(model.__table__.columns.keys())} == set()


@pytest.mark.parametrize(
    "model", [Certificate, Consent, ItemCompletion, Attempt, PaperQuestion, Answer, HandIn, Claim, Learner]
)
def test_a_person_sees_its_own_rows_and_nobody_else_s(
    db: ScopedSession, homes: tuple[Home, Home], model: type[Base]
) -> None:
    first, second = homes
    everything = look(db, SYSTEM, model)
    assert look(db, of(first), model) == look(db, of(second), model) > 0
    assert look(db, of(first), model) * 2 == everything


def test_a_revocation_is_seen_by_whom_it_concerns(db: ScopedSession, homes: tuple[Home, Home]) -> None:
    assert [look(db, of(home), CertificateRevocation) for home in homes] == [1, 0]


def test_a_household_sees_its_people_without_their_results(
    db: ScopedSession, homes: tuple[Home, Home]
) -> None:
    door = Scope(household=homes[0].household.id)
    assert look(db, door, Person) == look(db, door, HouseholdMember) == 1
    for model in (Certificate, Consent, ItemCompletion, Attempt, Answer):
        assert look(db, door, model) == 0, model


def test_a_guest_sees_no_person_but_the_own_learner(db: ScopedSession, homes: tuple[Home, Home]) -> None:
    guest = Scope(learner=homes[0].doer.learner_id)
    assert look(db, guest, Learner) == 1
    assert look(db, guest, ItemCompletion) > 0
    assert [look(db, guest, model) for model in (Person, Certificate, Consent)] == [0, 0, 0]


def test_an_account_sees_itself_and_no_learner(
    db: ScopedSession, cast: Cast, homes: tuple[Home, Home]
) -> None:
    lan = Scope(account=cast.lan.id)
    assert look(db, lan, Account) == look(db, lan, RoleGrant) == 1
    assert look(db, lan, BrowserSession) == 2
    assert look(db, Scope(account=cast.minh.id), BrowserSession) == 0
    assert [look(db, lan, model) for model in (Person, Attempt, Certificate)] == [0, 0, 0]


def test_rosters_throttles_and_jobs_are_hidden_from_every_viewer(
    db: ScopedSession, cast: Cast, homes: tuple[Home, Home]
) -> None:
    everything = Scope(
        learner=homes[0].doer.learner_id,
        person=cast.an.id,
        household=homes[0].household.id,
        account=cast.admin.id,
        unit_paths=(cast.commune.path,),
    )
    hidden_tables = (Membership, Guardianship, Throttle, Job)
    assert [look(db, everything, model) for model in hidden_tables] == [0, 0, 0, 0]


def test_a_claim_that_was_undone_opens_nothing(db: ScopedSession, homes: tuple[Home, Home]) -> None:
    person = Scope(person=homes[0].person_id)
    assert look(db, person, ItemCompletion) > 0
    undo = sa.update(Claim).where(Claim.learner_id == homes[0].doer.learner_id)
    db.execute(undo.values(undone_at=clock.now()))
    assert look(db, person, ItemCompletion) == 0


def test_joins_aliases_and_subqueries_carry_the_scope_too(
    db: ScopedSession, homes: tuple[Home, Home]
) -> None:
    db.info["scope"] = of(homes[0])
    other = aliased(Person)
    assert db.scalars(sa.select(other.full_name)).all() == ["Nguyễn Thị Lan"]
    joined = sa.select(Attempt.id).join(Answer, Answer.attempt_id == Attempt.id)
    own = set(db.scalars(joined))
    db.info["scope"] = of(homes[1])
    assert own
    assert not own & set(db.scalars(joined))
    inside = sa.select(sa.func.count()).select_from(sa.select(Person.id).subquery())
    assert db.execute(inside).scalar_one() == 1
    there = sa.select(sa.exists().where(Person.full_name == "Nguyễn Thị Lan"))
    assert db.scalars(there).one() is False


def test_changing_and_deleting_reach_no_further_than_seeing(
    db: ScopedSession, homes: tuple[Home, Home]
) -> None:
    db.info["scope"] = of(homes[0])
    everybody = sa.update(Person).values(full_name="Ai Cũng Vậy")
    db.execute(everybody)
    db.execute(sa.delete(Job))
    db.info["scope"] = SYSTEM
    names = set(db.scalars(sa.select(Person.full_name)))
    assert "Trần Văn Minh" in names
    assert "Nguyễn Thị Lan" not in names
    assert look(db, SYSTEM, Job) == 1


def test_only_the_functions_listed_read_past_the_scope() -> None:
    assert {
        "lms.accounts.sessions.find",
        "lms.accounts.actions.credentials",
        "lms.certificates.queries.verdict",
        "lms.people.queries.household_by_code",
        "lms.quizzes.queries.paper_by_code",
    } <= UNSCOPED.keys()
    assert not {name for name in UNSCOPED if name.startswith("lms.web.")}, "screens never read past the scope"


def test_a_table_declared_hidden_is_hidden_by_its_rule() -> None:
    class Anything:
        pass

    try:
        hidden(Anything)
        assert str(SCOPED[Anything](Scope(unit_paths=("/",)))) == "false"
    finally:
        del SCOPED[Anything]
