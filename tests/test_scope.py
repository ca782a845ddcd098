"""Who sees which rows: applied to every ORM statement in one place, and nothing when nothing is said."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from lms import clock
from lms.accounts.acts import note_act
from lms.accounts.models import Account, BrowserSession, Invitation, RoleGrant, StaffAct, Throttle
from lms.accounts.sessions import standing, start
from lms.accounts.throttle import failed
from lms.catalog.models import CatalogItem
from lms.catalog.queries import load
from lms.certificates.actions import revoke_certificate
from lms.certificates.models import Certificate, CertificateRevocation, Proposal, ProposalLine
from lms.classrooms.assigning import assign
from lms.classrooms.models import Assignment, Classroom, JoinRequest, PictureKey, RosterDraft, Slip
from lms.db import NOBODY, PUBLIC, SCOPED, SYSTEM, UNSCOPED, Base, Scope, ScopedSession, hidden, new_id
from lms.people.actions import add_person, record_consent
from lms.people.memberships import join_unit
from lms.people.merging import merge_person
from lms.people.models import (
    Claim,
    Consent,
    Guardianship,
    HouseholdMember,
    Learner,
    Membership,
    Person,
    PersonMerge,
)
from lms.places.models import Unit
from lms.progress.models import ItemCompletion
from lms.queue import Job, enqueue
from lms.quizzes.models import (
    Answer,
    AnswerChange,
    AnswerText,
    Attempt,
    ExtraMinutes,
    HandIn,
    MarkChange,
    PaperQuestion,
    PrintedResult,
    PrintedTest,
    RubricMark,
    Sitting,
    TypedSheet,
)
from lms.reports.models import DeclaredTotal
from lms.web.visitor import Visitor
from tests.cast import OPENED, Cast, gather, known_hash
from tests.conftest import SharedDatabase
from tests.marks import let_a_class_be_examined, let_marks_happen
from tests.story import SECRET, Home, home, learn_course

UNITS = ("commune", "hoa_sen", "sao_mai", "class_4a", "class_4b", "class_6a")
CLASSES = ("class_4a", "class_4b", "class_6a")
SEEN = {
    "lan": {"class_4a"},
    "head": {"hoa_sen", "class_4a", "class_4b"},
    "officer": {"sao_mai", "class_6a"},
    "hoa": set(),
    "minh": set(),
    "tu": set(),
    "author": set(),
    "admin": set(),
}
"""Of which units each role sees the people: a class, a school, and for the commune and the site none."""


@dataclass(frozen=True)
class World:
    """One transaction in which people have done everything once; the tests look, and undo what they try."""

    connection: sa.Connection
    cast: Cast
    homes: tuple[Home, Home]
    accounts: dict[str, Account]
    units: dict[uuid.UUID, str]


@pytest.fixture(scope="module")
def world(migrated: SharedDatabase) -> Iterator[World]:
    """Give two households, each with a person who earned a phiếu; the first one's was revoked."""
    with migrated.writer.connect() as connection:
        outer = connection.begin()
        migrated.connection = connection
        with migrated.session(SYSTEM, writes=True) as db:
            cast = gather(db)
            homes = home(db, "Quách Thị Diệp"), home(db, "Trần Văn Bảy")
            _let_everything_happen(db, cast, homes)
            units = {getattr(cast, name).id: name for name in UNITS}
            accounts = cast.accounts | {"officer": _officer_of(db, cast.sao_mai)}
            for unit_id in units:
                _let_a_unit_be_used(db, cast, unit_id, units[unit_id] in CLASSES)
            _let_staff_work(db, accounts)
            db.commit()
        yield World(connection, cast, homes, accounts, units)
        outer.rollback()


def _let_everything_happen(db: ScopedSession, cast: Cast, homes: tuple[Home, Home]) -> None:
    catalogue, now = load(db), clock.now()
    for each in homes:
        assert learn_course(db, each.doer, catalogue) is not None
        record_consent(db, each.person_id, "show_name", True, "Cho hiện tên", "learner", now)
        let_marks_happen(db, each.doer.learner_id, now)
        start(db, SECRET, now, account_id=cast.lan.id, learner_id=each.doer.learner_id)
    first = sa.select(Certificate.code).where(Certificate.person_id == homes[0].person_id)
    revoke_certificate(db, db.scalars(first).one(), reason="Nhầm tên", by="quan-tri", now=now)
    failed(db, [b"somebody"], now)
    enqueue(db, "tidy", now)


def _officer_of(db: ScopedSession, school: Unit) -> Account:
    now = clock.now()
    made = Account(
        id=new_id(), login="pho-hieu-truong", display_name="Cô Sáu", password_hash=known_hash(), made_at=now
    )
    db.add(made)
    db.flush()
    grant = RoleGrant(id=new_id(), account_id=made.id, role="school_admin", unit_id=school.id, granted_at=now)
    db.add(grant)
    db.flush()
    return made


def _let_a_unit_be_used(db: ScopedSession, cast: Cast, unit_id: uuid.UUID, is_class: bool) -> None:
    """Put one row into each table that says of which unit its rows are."""
    now = clock.now()
    someone = add_person(db, "Lò Văn Tám", now)
    join_unit(db, someone.id, unit_id, "citizen", someone.full_name, OPENED)
    note_act(db, "look", "xem danh sách", by="lms", now=now, unit_id=unit_id)
    total: dict[str, Any] = {
        "audience": "student",
        "number": 38,
        "counted_on": OPENED,
        "source": "Sổ đăng bộ",
    }
    db.add(DeclaredTotal(id=new_id(), unit_id=unit_id, recorded_at=now, **total))
    if is_class:
        _let_a_class_be_used(db, cast, unit_id, someone, now)
    db.flush()


def _let_a_class_be_used(
    db: ScopedSession, cast: Cast, unit_id: uuid.UUID, pupil: Person, now: datetime
) -> None:
    course = load(db).courses[0]
    assign(db, unit_id, course.modules[0].id, "student", clock.local_date(now), now, by=cast.lan.id)
    own, later = {"id": new_id(), "unit_id": unit_id}, now + timedelta(days=7)
    typed = {"own_name": "Lò Thị Chín", "child_name": "Lò Văn Tám", "relation": "mẹ"}
    db.add(JoinRequest(**own, ref=unit_id.hex[-12:], person_id=pupil.id, at=now, **typed))
    db.add(PictureKey(unit_id=unit_id, person_id=pupil.id, round=1, set_at=now))
    db.add(Slip(**own, pupil_id=pupil.id, code_mac=unit_id.bytes, made_at=now, expires_at=later))
    list_of = {"course_id": course.id, "audience": "student", "made_at": now, "made_by": cast.lan.id}
    db.add(Proposal(**own, ref=unit_id.hex[-12:], note="", **list_of))
    db.flush()
    named = {"full_name": pupil.full_name, "sort_key": pupil.sort_key}
    db.add(ProposalLine(proposal_id=own["id"], person_id=pupil.id, level=2, **named))
    landed = sa.select(PrintedResult.attempt_id)
    attempt = db.scalars(sa.select(Attempt.id).where(Attempt.id.not_in(landed)).limit(1)).one()
    let_a_class_be_examined(db, unit_id, course.modules[0].id, cast.lan.id, pupil.id, attempt, now)


def _let_staff_work(db: ScopedSession, accounts: dict[str, Account]) -> None:
    """Let everybody who signs in leave an act and a draft without a place, and one be invited and merged."""
    now = clock.now()
    later = now + timedelta(days=1)
    for name, account in accounts.items():
        note_act(db, "sign-in", "đăng nhập", by=account.display_name, now=now, account_id=account.id)
        draft = {"kind": "pupils", "file_name": "lop.xlsx", "made_at": now, "expires_at": later, "body": {}}
        unit = db.scalars(sa.select(Unit.id).limit(1)).one()
        db.add(RosterDraft(id=new_id(), ref=name, unit_id=unit, account_id=account.id, **draft))
    link = {"role": "teacher", "full_name": "Lý Thị Mười", "made_at": now, "expires_at": later}
    db.add(Invitation(id=new_id(), ref="0" * 12, token_mac=b"link", **link))
    known_before, of_record = (add_person(db, "Vàng A Páo", now) for _ in range(2))
    school = db.scalars(sa.select(Unit.id).where(Unit.kind == "school").limit(1)).one()
    join_unit(db, of_record.id, school, "parent", of_record.full_name, OPENED)
    db.add(
        Guardianship(
            id=new_id(),
            guardian_id=of_record.id,
            pupil_id=add_person(db, "Vàng Thị Mỷ", now).id,
            relation="bố",
            valid_from=OPENED,
        )
    )
    db.flush()
    merge_person(db, known_before.id, of_record.id, "learner", now)


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
    "model",
    [
        Certificate,
        Consent,
        ItemCompletion,
        Attempt,
        PaperQuestion,
        Answer,
        AnswerChange,
        AnswerText,
        HandIn,
        MarkChange,
        RubricMark,
        Claim,
        Learner,
    ],
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


def staff(db: ScopedSession, world: World, name: str) -> Scope:
    """Return the scope that the screens give an account."""
    account = world.accounts[name]
    found = standing(db, account.id)
    assert found is not None
    return Visitor(account_id=account.id, grants=found.grants).scope


def units_seen(db: ScopedSession, world: World, scope: Scope, model: Any) -> set[str]:
    """Return of which units a viewer sees rows of a table."""
    db.info["scope"] = scope
    try:
        seen = db.scalars(sa.select(model.unit_id).where(model.unit_id.is_not(None)))
        return {world.units.get(unit, "elsewhere") for unit in seen}
    finally:
        db.info["scope"] = SYSTEM


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("model", [Classroom, Assignment, JoinRequest, Proposal, Sitting, PrintedTest])
def test_what_a_class_keeps_is_seen_by_its_teacher_and_its_school(
    world: World, db: ScopedSession, model: Any, name: str
) -> None:
    assert units_seen(db, world, SYSTEM, model) == set(CLASSES)
    assert units_seen(db, world, staff(db, world, name), model) == SEEN[name] & set(CLASSES)


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("model", [Membership, DeclaredTotal, StaffAct])
def test_rosters_totals_and_acts_are_seen_at_and_below_the_own_place_only(
    world: World, db: ScopedSession, model: Any, name: str
) -> None:
    assert units_seen(db, world, SYSTEM, model) == set(UNITS)
    assert units_seen(db, world, staff(db, world, name), model) == SEEN[name]


@pytest.mark.parametrize("name", SEEN)
def test_the_names_on_a_list_are_seen_by_whoever_sees_the_list(
    world: World, db: ScopedSession, name: str
) -> None:
    for model in (ProposalLine, ExtraMinutes, TypedSheet, PrintedResult):
        assert look(db, SYSTEM, model) == len(CLASSES)
        assert look(db, staff(db, world, name), model) == len(SEEN[name] & set(CLASSES))


@pytest.mark.parametrize("name", SEEN)
def test_a_draft_is_seen_by_who_loaded_it_and_an_act_also_by_who_did_it(
    world: World, db: ScopedSession, name: str
) -> None:
    scope = staff(db, world, name)
    db.info["scope"] = scope
    assert db.scalars(sa.select(RosterDraft.ref)).all() == [name]
    own = sa.select(StaffAct.account_id).where(StaffAct.unit_id.is_(None))
    assert db.scalars(own).all() == [world.accounts[name].id]


def test_a_parent_sees_where_she_is_known_and_nobody_else_there(db: ScopedSession, cast: Cast) -> None:
    db.info["scope"] = Scope(person=cast.hoa_person.id)
    seen = db.execute(sa.select(Membership.person_id, Membership.unit_id)).all()
    assert set(seen) == {(cast.hoa_person.id, cast.class_4a.id), (cast.hoa_person.id, cast.sao_mai.id)}
    for model in (Classroom, Assignment, JoinRequest, Proposal, DeclaredTotal, StaffAct):
        assert look(db, Scope(person=cast.hoa_person.id), model) == 0, model


@pytest.mark.parametrize("where", UNITS)
@pytest.mark.parametrize("name", SEEN)
def test_a_certificate_is_seen_by_the_staff_of_the_place_that_it_names(
    world: World, db: ScopedSession, homes: tuple[Home, Home], name: str, where: str
) -> None:
    held = db.scalars(sa.select(Certificate).where(Certificate.person_id == homes[0].person_id)).one()
    row = {column.key: getattr(held, column.key) for column in Certificate.__table__.columns}
    unit_id = getattr(world.cast, where).id
    fresh = {"id": new_id(), "code": "1", "sequence": 999, "kind": "course", "unit_id": unit_id}
    db.execute(sa.insert(Certificate).values(**row | fresh))
    assert look(db, staff(db, world, name), Certificate) == (where in SEEN[name])


def test_people_behind_rosters_slips_links_throttles_and_jobs_are_hidden_from_every_viewer(
    db: ScopedSession, cast: Cast, homes: tuple[Home, Home]
) -> None:
    everything = Scope(
        learner=homes[0].doer.learner_id,
        person=cast.an.id,
        household=homes[0].household.id,
        account=cast.admin.id,
        unit_paths=(cast.commune.path,),
    )
    assert look(db, everything, Membership) > 0
    for model in (Guardianship, PictureKey, Slip, Invitation, PersonMerge, Throttle, Job):
        assert look(db, SYSTEM, model) > 0, "the test needs rows to hide"
        assert look(db, everything, model) == 0, model


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
    assert db.scalars(sa.select(other.full_name)).all() == ["Quách Thị Diệp"]
    joined = sa.select(Attempt.id).join(Answer, Answer.attempt_id == Attempt.id)
    own = set(db.scalars(joined))
    db.info["scope"] = of(homes[1])
    assert own
    assert not own & set(db.scalars(joined))
    inside = sa.select(sa.func.count()).select_from(sa.select(Person.id).subquery())
    assert db.execute(inside).scalar_one() == 1
    there = sa.select(sa.exists().where(Person.full_name == "Quách Thị Diệp"))
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
    assert "Trần Văn Bảy" in names
    assert "Quách Thị Diệp" not in names
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
