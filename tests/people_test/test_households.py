"""Names, claims and households."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms import clock
from lms.db import Scope
from lms.people import actions as people
from lms.people.models import Claim, Household, Learner
from lms.people.names import NameRefused, full_name
from lms.people.queries import household_by_code, learners_of, mates
from tests.conftest import SharedDatabase
from tests.story import SECRET, home


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nguyễn Thị Lan", "Nguyễn Thị Lan"),
        ("  nguyễn   thị  lan ", "nguyễn thị lan"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("H’Hen Niê", "H’Hen Niê"),
        ("A Phúc", "A Phúc"),
        ("Y Moan Ênuôl", "Y Moan Ênuôl"),
        ("Ksor H'Bŏ Khăp", "Ksor H'Bŏ Khăp"),
        ("Trần-Lê Văn Minh", "Trần-Lê Văn Minh"),
    ],
)
def test_a_name_is_kept_as_its_owner_writes_it(typed: str, kept: str) -> None:
    assert full_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Chưa nhập"),
        ("   ", "Chưa nhập"),
        ("Lan", "đủ họ và tên"),
        ("Lan 123", "chỉ gồm chữ"),
        ("0912 345 678", "chỉ gồm chữ"),
        ("Lan <script>", "chỉ gồm chữ"),
        ("Lan\x00 Anh", "chỉ gồm chữ"),
        ("Lan 😀 Anh", "chỉ gồm chữ"),
        ("Nguyễn Thị Lаn", "chỉ gồm chữ"),
        ("李 小龙", "chỉ gồm chữ"),
        ("Lan " * 40, "dài quá"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_in_words(typed: str, words: str) -> None:
    with pytest.raises(NameRefused, match=words):
        full_name(typed)


def test_the_code_opens_its_household_and_is_kept_nowhere(db: Session) -> None:
    made = home(db, "Nguyễn Thị Lan")
    assert household_by_code(db, people.code_mac(SECRET, made.code)) == made.household.id
    assert household_by_code(db, people.code_mac(b"another installation's secret....", made.code)) is None
    assert made.code.encode() not in db.scalars(select(Household.code_mac)).one()


def test_a_new_code_ends_the_old_one(db: Session) -> None:
    made = home(db, "Nguyễn Thị Lan")
    new = people.renew_code(db, made.household.id, SECRET, clock.now())
    assert household_by_code(db, people.code_mac(SECRET, made.code)) is None
    assert household_by_code(db, people.code_mac(SECRET, new)) == made.household.id


def test_a_household_sees_its_own_people_only(db: Session, database: SharedDatabase) -> None:
    lan, minh = home(db, "Nguyễn Thị Lan"), home(db, "Trần Văn Minh")
    with database.session(Scope(household=lan.household.id), writes=False) as viewer:
        assert [mate.full_name for mate in mates(viewer)] == ["Nguyễn Thị Lan"]
    with database.session(Scope(), writes=False) as nobody:
        assert mates(nobody) == []
    assert minh.ref != lan.ref


def test_the_same_device_key_makes_one_learner(db: Session) -> None:
    first = people.make_learner(db, clock.now(), b"k" * 32)
    assert people.make_learner(db, clock.now(), b"k" * 32) == first
    assert people.make_learner(db, clock.now(), b"l" * 32) != first
    assert db.scalar(select(func.count()).select_from(Learner)) == 2


def test_a_claim_is_made_once_and_never_for_two_people(db: Session) -> None:
    lan, minh = home(db, "Nguyễn Thị Lan"), home(db, "Trần Văn Minh")
    learner = people.make_learner(db, clock.now())
    people.claim(db, learner, lan.person_id, "learner", clock.now())
    people.claim(db, learner, lan.person_id, "learner", clock.now())
    with pytest.raises(people.AlreadyClaimed):
        people.claim(db, learner, minh.person_id, "learner", clock.now())
    standing = db.scalars(select(Claim.person_id).where(Claim.learner_id == learner)).all()
    assert standing == [lan.person_id]
    assert learner in learners_of(db, lan.person_id)


def test_a_claim_undone_may_be_made_for_the_right_person(db: Session) -> None:
    lan, minh = home(db, "Nguyễn Thị Lan"), home(db, "Trần Văn Minh")
    learner = people.make_learner(db, clock.now())
    people.claim(db, learner, lan.person_id, "learner", clock.now())
    people.undo_claim(db, learner, clock.now())
    people.claim(db, learner, minh.person_id, "learner", clock.now())
    assert learner in learners_of(db, minh.person_id)
    assert learner not in learners_of(db, lan.person_id)
    kept = db.scalar(select(func.count()).select_from(Claim).where(Claim.learner_id == learner))
    assert kept == 2, "a claim is undone, never deleted"


def test_a_household_takes_no_more_people_than_its_limit(db: Session) -> None:
    made = home(db, "Nguyễn Thị Lan")
    for number in range(people.HOUSEHOLD_LIMIT - 1):
        person = people.add_person(db, f"Nguyễn Văn {'ABCDEFGHIJK'[number]}", clock.now())
        people.join_household(db, made.household.id, person.id, "", clock.now())
    late = people.add_person(db, "Nguyễn Văn Muộn", clock.now())
    with pytest.raises(people.HouseholdFull):
        people.join_household(db, made.household.id, late.id, "", clock.now())
