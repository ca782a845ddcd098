"""The fictional people of `lms demo` and their month, looked at in the database."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms import clock, codes
from lms.accounts import passwords, sessions
from lms.accounts.actions import credentials
from lms.accounts.models import Account
from lms.catalog.models import CatalogItem
from lms.certificates.models import COURSE, Certificate, Proposal, ProposalLine
from lms.classrooms.models import Assignment, Classroom, JoinRequest
from lms.classrooms.pictures import PICTURES, secret_pictures
from lms.classrooms.queries import class_by_code
from lms.classrooms.slips import OPEN, find_slip, slip_mac
from lms.db import SYSTEM, ScopedSession
from lms.demo import building
from lms.demo.building import Told
from lms.demo.people import KNOWN_FAMILIES, ROOMS
from lms.demo.village import PASSWORD
from lms.people.models import Guardianship, Learner, Membership, Person, PersonMerge
from lms.people.names import full_name
from lms.places.models import UnitDescription
from lms.progress.models import ItemCompletion
from lms.quizzes.models import Answer, Attempt, HandIn
from lms.reports.models import DeclaredTotal
from tests import cast
from tests.conftest import SharedDatabase
from tests.ops_test.demo_double import NOW, build, figures
from tests.story import SECRET


@pytest.fixture(scope="module")
def demo(migrated: SharedDatabase) -> Iterator[ScopedSession]:
    """Give a session that sees all of one demo; it holds the writer's door while the module runs."""
    with migrated.writer.connect() as connection:
        outer = connection.begin()
        migrated.connection = connection
        with migrated.session(SYSTEM, writes=True) as db:
            db.info["told"] = build(db)
            yield db
        outer.rollback()


def count(db: ScopedSession, of: type) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(of)) or 0


def members(db: ScopedSession, room: str, audience: str) -> list[Membership]:
    rows = (
        sa.select(Membership)
        .join(UnitDescription, UnitDescription.unit_id == Membership.unit_id)
        .where(UnitDescription.name == room, Membership.audience == audience, Membership.left_on.is_(None))
    )
    return list(db.scalars(rows))


def someone(db: ScopedSession, name: str) -> Person:
    return db.scalars(sa.select(Person).where(Person.full_name == name)).one()


def rooms_of(db: ScopedSession, person: Person) -> set[str]:
    rows = (
        sa.select(UnitDescription.name)
        .join(Membership, Membership.unit_id == UnitDescription.unit_id)
        .where(Membership.person_id == person.id, Membership.left_on.is_(None))
    )
    return set(db.scalars(rows))


# ---- who lives there --------------------------------------------------------------------------


def test_the_cast_of_the_tests_signs_in_with_its_logins_and_password(demo: ScopedSession) -> None:
    assert PASSWORD == cast.PASSWORD
    roles = {
        "lan": ("teacher", "class"),
        "hoa": ("teacher", "class"),
        "minh": ("teacher", "class"),
        "hieu-truong": ("school_admin", "school"),
        "sao-mai": ("school_admin", "school"),
        "tu": ("commune_officer", "commune"),
        "soan-bai": ("author", None),
        "quan-tri": ("admin", None),
    }
    for login, role in roles.items():
        found = credentials(demo, login)
        assert found is not None
        stands = sessions.standing(demo, found[0])
        assert stands is not None
        assert [(grant.role, grant.kind) for grant in stands.grants] == [role]
        assert (stands.person_id is None) == (login in {"tu", "soan-bai", "quan-tri"})
    assert len(set(demo.scalars(sa.select(Account.password_hash)))) == 1
    assert passwords.verify(credentials(demo, "lan")[1], PASSWORD)  # type: ignore[index]
    assert {login for login, _ in building.who_can_sign_in()} == roles.keys()


def test_every_roster_has_its_pupils_and_one_class_waits_for_its_own(demo: ScopedSession) -> None:
    assert count(demo, Classroom) == 6
    sizes = {room.name: len(members(demo, room.name, "student")) for room in ROOMS}
    assert sizes == {"4A": 38, "4B": 37, "5A": 35, "6A": 45, "6B": 45, "7A": 0}
    assert members(demo, "7A", "parent") == []
    assert set(demo.scalars(sa.select(DeclaredTotal.audience))) == {"student", "parent"}
    for room in ROOMS:
        names = [member.full_name for member in members(demo, room.name, "student")]
        assert len(set(names)) == len(names), room.name


def test_names_and_phones_are_made_by_rule_and_of_the_form_promised(demo: ScopedSession) -> None:
    named = set(demo.scalars(sa.select(Person.full_name)))
    assert [name for name in named if full_name(name) != name] == []
    phones = [phone for phone in demo.scalars(sa.select(Membership.phone)) if phone]
    assert len(phones) > 150
    assert [phone for phone in phones if not re.fullmatch(r"09\d\d000\d\d\d", phone)] == []
    owners = demo.execute(sa.select(Membership.phone, Membership.person_id).distinct()).all()
    assert max(Counter(row.phone for row in owners if row.phone).values()) == 1
    assert any(name.startswith("H'") for name in named)
    assert any(name.startswith(("Vàng", "Giàng", "Sùng", "Thào")) for name in named)


def test_pupils_are_as_old_as_their_grade(demo: ScopedSession) -> None:
    for room in ROOMS:
        years = {m.born_on.year for m in members(demo, room.name, "student") if m.born_on}
        assert years <= {2026 - 5 - room.grade}


def test_the_families_that_schools_really_meet_are_there(demo: ScopedSession) -> None:
    assert rooms_of(demo, someone(demo, "Phan Thị Thúy")) == {"4A", "4B"}
    twins = [someone(demo, name) for name in ("Trịnh Gia Bảo", "Trịnh Gia Bách")]
    births = [demo.scalars(sa.select(Membership.born_on).filter_by(person_id=t.id)).one() for t in twins]
    assert births[0] == births[1]
    assert rooms_of(demo, someone(demo, "Lò Thị Pành")) == {"4A", "4B", "5A"}
    mother = demo.scalars(sa.select(Membership).where(Membership.full_name == "Y Bia")).one()
    assert mother.phone is None
    wards = set(demo.scalars(sa.select(Guardianship.pupil_id)))
    alone = [m for m in members(demo, "4A", "student") if m.person_id not in wards]
    assert someone(demo, "Giàng Thị Sua").id in {member.person_id for member in alone}
    assert len(KNOWN_FAMILIES) == 8


def test_a_teacher_who_is_a_parent_at_the_other_school_is_one_human(demo: ScopedSession) -> None:
    merge = demo.scalars(sa.select(PersonMerge)).one()
    hoa = demo.scalars(sa.select(Account).where(Account.login == "hoa")).one()
    assert merge.kept_id == hoa.person_id
    kept = demo.scalars(sa.select(Person).where(Person.id == merge.kept_id)).one()
    assert rooms_of(demo, kept) == {"4A", "Trường THCS Sao Mai"}
    linked = demo.scalars(sa.select(Membership.linked_at).where(Membership.linked_at.is_not(None))).one()
    assert linked == merge.at < NOW


# ---- what they did ----------------------------------------------------------------------------


def test_everything_happened_in_the_month_before_now(demo: ScopedSession) -> None:
    moments = [
        *demo.scalars(sa.select(ItemCompletion.at)),
        *demo.scalars(sa.select(Attempt.started_at)),
        *demo.scalars(sa.select(Answer.at)),
        *demo.scalars(sa.select(HandIn.at)),
        *demo.scalars(sa.select(Assignment.made_at)),
        *demo.scalars(sa.select(Certificate.issued_at)),
        *demo.scalars(sa.select(JoinRequest.at)),
    ]
    assert len(moments) > 2000
    assert NOW - timedelta(days=31) < min(moments) < max(moments) <= NOW
    issued = demo.scalars(sa.select(Certificate.issued_at).order_by(Certificate.sequence)).all()
    assert list(issued) == sorted(issued)


def test_nobody_answers_before_the_paper_is_drawn_or_learns_before_being_there(demo: ScopedSession) -> None:
    early = sa.select(Answer.at).join(Attempt).where(Answer.at < Attempt.started_at)
    assert demo.scalars(early).all() == []
    unborn = sa.select(ItemCompletion.at).join(Learner).where(ItemCompletion.at < Learner.made_at)
    assert demo.scalars(unborn).all() == []


def test_classes_differ_some_are_done_some_half_some_not_begun(demo: ScopedSession) -> None:
    module = demo.scalars(
        sa.select(CatalogItem.id).where(CatalogItem.kind == "module").order_by(CatalogItem.position)
    ).first()
    of = figures(demo)
    for room in ("4A", "4B", "6A", "6B"):
        here = of[room, "student"]
        assert here["-"] > 0, "somebody has not begun"
        assert 0 < here[module or ""] < len(members(demo, room, "student"))
        assert max(here.values()) > here[module or ""], "somebody is half way"
        assert 0 < of[room, "parent"][module or ""] < len(members(demo, room, "parent"))
    passed = Counter(demo.scalars(sa.select(HandIn.passed)))
    assert passed[True] > passed[False] > 20


def test_pupils_at_one_machine_are_both_credited_as_helped(demo: ScopedSession) -> None:
    rows = sa.select(ItemCompletion).where(ItemCompletion.mode == "assisted")
    by_item = Counter((row.item_id, row.at) for row in demo.scalars(rows))
    assert by_item
    assert all(number % 2 == 0 for number in by_item.values())


def test_one_list_became_certificates_and_one_waits(demo: ScopedSession) -> None:
    told: Told = demo.info["told"]
    issued = demo.scalars(sa.select(Certificate).where(Certificate.kind == COURSE)).all()
    assert len(issued) == told.certificates > 5
    assert {certificate.level for certificate in issued} == {2}
    lists = {bool(one.decided_at): one for one in demo.scalars(sa.select(Proposal))}
    assert lists.keys() == {True, False}
    lines = Counter(demo.scalars(sa.select(ProposalLine.proposal_id)))
    assert lines[lists[True].id] == told.certificates
    assert lines[lists[False].id] > 5
    assert {one.audience for one in lists.values()} == {"student"}


def test_one_mother_waits_for_the_teacher(demo: ScopedSession) -> None:
    request = demo.scalars(sa.select(JoinRequest)).one()
    assert request.decided_at is None
    assert request.pupil_id == someone(demo, "Giàng Thị Sua").id


def test_what_is_printed_opens_what_it_says(demo: ScopedSession) -> None:
    told: Told = demo.info["told"]
    place = class_by_code(demo, told.class_code, clock.local_date(NOW))
    assert place is not None
    assert place.name == "4A"
    assert codes.parse_short(codes.group(told.class_code)) == told.class_code
    pupil = someone(demo, told.pupil)
    shown = tuple(PICTURES[key] for key in secret_pictures(SECRET, place.id, pupil.id))
    assert told.pictures == shown
    slip = find_slip(demo, slip_mac(SECRET, told.slip_code), NOW)
    assert slip is not None
    assert (slip.state, slip.unit_id) == (OPEN, place.id)
    assert someone(demo, told.slip_of).id == slip.pupil_id
