"""Rosters written: families as they are, once, all or nothing, and the same file again changes nothing."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.accounts.models import StaffAct
from lms.classrooms.importing import Outcome, apply_staff
from lms.classrooms.known import BACK, SAME
from lms.classrooms.rosters import school_roster
from lms.classrooms.rows import PupilRow, StaffRow
from lms.classrooms.staff_planning import StaffPlan, plan_staff
from lms.db import ScopedSession
from lms.people.memberships import join_unit, members
from lms.people.models import Guardianship, Membership, Person
from tests.cast import OPENED, Cast
from tests.classrooms_test.rolls import CLERK, Desk, desk, pupil

MAY, JUNE = date(2017, 5, 12), date(2017, 6, 1)


@pytest.fixture
def office(db: ScopedSession, cast: Cast) -> Desk:
    return desk(db, cast)


def twins() -> tuple[PupilRow, PupilRow]:
    mother = ("mẹ", "Hà Thị Na", "0900000001")
    return (
        pupil(1, "Lê An", MAY, mother, ("bố", "Lê Văn Tám"), room="4A"),
        pupil(2, "Lê Bình", MAY, mother, ("bố", "Lê Văn Tám"), room="4B"),
    )


def test_a_roster_makes_pupils_guardians_of_record_and_ties(office: Desk, cast: Cast) -> None:
    outcome = office.load(
        pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na", "0900000001"), ("bố", "Lê Văn Tám")),
        pupil(2, "Cao Tú", None, ("người giám hộ", "Cao Thị Xuyến", "0900000002"), code="0123456789"),
        pupil(3, "H'Hen Niê"),
        room=cast.class_4b,
    )
    assert (outcome.new, outcome.guardians_new, outcome.changes) == (3, 3, 6)
    assert office.names(cast.class_4b) == ["Lê An", "H'Hen Niê", "Cao Tú"]
    assert office.families(cast.class_4b) == {
        ("Lê An", "mẹ", "Hà Thị Na", "0900000001"),
        ("Lê An", "bố", "Lê Văn Tám", None),
        ("Cao Tú", "người giám hộ", "Cao Thị Xuyến", "0900000002"),
    }
    tu = office.person("Cao Tú")
    assert (tu.sector_code, tu.born_on, tu.search_text) == ("0123456789", None, "cao tu")


def test_the_first_roster_counts_from_the_opening_of_the_class_a_later_pupil_from_today(
    office: Desk, cast: Cast
) -> None:
    office.load(pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na")), room=cast.class_4b)
    office.load(pupil(1, "Lê An", MAY), pupil(2, "Cao Tú", JUNE), room=cast.class_4b)
    today = office.person("Cao Tú").joined_on
    assert today > OPENED
    assert office.person("Lê An").joined_on == OPENED
    assert office.person("Hà Thị Na", "parent").joined_on == OPENED
    assert len(office.pupils(cast.class_4b, today - timedelta(days=1))) == 1


def test_twins_in_two_classes_have_one_mother_who_is_in_both_and_two_fathers_without_a_phone(
    office: Desk, cast: Cast
) -> None:
    before = office.people()
    office.load(*twins())
    assert office.people() - before == 5
    assert office.person_ids("Hà Thị Na") == 1
    assert office.person_ids("Lê Văn Tám") == 2
    assert {f[2] for f in office.families(cast.class_4a)} >= {"Hà Thị Na", "Lê Văn Tám"}
    assert {f[2] for f in office.families(cast.class_4b)} == {"Hà Thị Na", "Lê Văn Tám"}


def test_a_guardian_of_three_is_one_human_with_three_ties_and_one_place_in_each_class(
    office: Desk, cast: Cast
) -> None:
    aunt = ("người giám hộ", "Phan Thị Tư", "0900000003")
    rows = [pupil(n, name, MAY, aunt, room=room) for n, (name, room) in enumerate(THREE)]
    assert office.load(*rows).guardians_new == 1
    places = sa.select(Membership.unit_id).where(Membership.full_name == "Phan Thị Tư")
    assert sorted(office.db.scalars(places)) == sorted([cast.class_4a.id, cast.class_4b.id])
    ties = (
        sa.select(sa.func.count())
        .select_from(Guardianship)
        .join(Person, Person.id == Guardianship.guardian_id)
    )
    assert office.db.scalar(ties.where(Person.full_name == "Phan Thị Tư")) == 3
    assert office.load(*rows) == Outcome(same=3)


THREE = (("Đỗ Nhất", "4A"), ("Đỗ Nhị", "4A"), ("Đỗ Tam", "4B"))


def test_a_mother_who_is_named_again_as_guardian_is_one_human(office: Desk, cast: Cast) -> None:
    row = pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na"), ("người giám hộ", "Hà Thị Na", "0900000001"))
    assert office.load(row, room=cast.class_4b).guardians_new == 1
    assert office.families(cast.class_4b) == {("Lê An", "mẹ", "Hà Thị Na", "0900000001")}
    assert office.load(row, room=cast.class_4b) == Outcome(same=1)


def test_the_same_file_again_changes_nothing_and_one_change_makes_one(office: Desk, cast: Cast) -> None:
    first, second = twins()
    office.load(first, second)
    people, acts = office.people(), office.acts()
    assert office.load(first, second) == Outcome(same=2)
    assert (office.people(), office.acts()) == (people, acts)
    moved_house = pupil(2, "Lê Bình", MAY, ("mẹ", "Hà Thị Na", "0900000009"), ("bố", "Lê Văn Tám"), room="4B")
    assert office.load(first, moved_house).changes == 1
    assert office.load(first, moved_house).changes == 0
    assert ("Lê Bình", "mẹ", "Hà Thị Na", "0900000009") in office.families(cast.class_4b)
    assert ("Lê An", "mẹ", "Hà Thị Na", "0900000001") in office.families(cast.class_4a)


def test_an_empty_cell_says_nothing_and_a_corrected_one_is_kept(office: Desk, cast: Cast) -> None:
    office.load(
        pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na", "0900000001"), code="1111111111"), room=cast.class_4b
    )
    assert office.load(pupil(1, "Lê An"), room=cast.class_4b) == Outcome(same=1)
    row = pupil(1, "Lê Văn An", JUNE, ("mẹ", "Hà Thị Nà"), code="1111111111")
    outcome = office.load(row, room=cast.class_4b, answers=office.first_answers(row, cast.class_4b))
    assert (outcome.changed, outcome.guardians_changed) == (1, 1)
    an = office.person("Lê Văn An")
    assert (an.born_on, an.sector_code) == (JUNE, "1111111111")
    assert office.families(cast.class_4b) == {("Lê Văn An", "mẹ", "Hà Thị Nà", "0900000001")}


def test_a_corrected_name_reaches_the_person_unless_another_school_knows_them(
    office: Desk, cast: Cast
) -> None:
    office.load(pupil(1, "Le An", MAY), pupil(2, "Cao Tu", JUNE), room=cast.class_4b)
    shared = office.person("Cao Tu").person_id
    join_unit(office.db, shared, cast.class_6a.id, "parent", "Cao Tu", OPENED)
    office.load(pupil(1, "Lê An", MAY), pupil(2, "Cao Tú", JUNE), room=cast.class_4b)
    names = {p.full_name for p in office.db.scalars(sa.select(Person))}
    assert {"Lê An", "Cao Tu"} <= names
    assert "Le An" not in names
    assert office.names(cast.class_4b) == ["Lê An", "Cao Tú"]


def test_nobody_is_deleted_by_absence_and_who_is_ticked_leaves_today_with_the_family(
    office: Desk, cast: Cast
) -> None:
    office.load(
        pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na", "0900000001")),
        pupil(2, "Lê Bình", JUNE, ("mẹ", "Hà Thị Na", "0900000001"), ("bố", "Lê Văn Tám")),
        pupil(3, "Cao Tú", JUNE),
        room=cast.class_4b,
    )
    stays = pupil(1, "Lê An", MAY)
    plan = office.plan(stays, room=cast.class_4b)
    assert [c.full_name for c in plan.absent] == ["Lê Bình", "Cao Tú"]
    assert office.load(stays, room=cast.class_4b) == Outcome(same=1)
    assert len(office.names(cast.class_4b)) == 3
    binh = office.person("Lê Bình").person_id
    assert office.load(stays, room=cast.class_4b, leaving={binh}).left == 1
    assert office.names(cast.class_4b) == ["Lê An", "Cao Tú"]
    assert office.names(cast.class_4b, "parent") == ["Hà Thị Na"]
    ended = office.db.scalars(sa.select(Guardianship.valid_to).where(Guardianship.pupil_id == binh))
    assert set(ended) == {None}


def test_a_name_on_a_row_that_could_not_be_read_is_not_called_absent(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Lê An", MAY), pupil(2, "Cao Tú", JUNE), room=cast.class_4b)
    plan = office.plan(pupil(1, "Lê An", MAY), room=cast.class_4b, unread={"cao tu"})
    assert plan.absent == ()


def test_a_child_who_moves_takes_the_guardians_along_and_leaves_the_old_class_on_the_day(
    office: Desk, cast: Cast
) -> None:
    office.load(
        pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na", "0900000001"), code="1111111111"), room=cast.class_4a
    )
    office.load(pupil(1, "Cao Tú", JUNE), room=cast.class_4b)
    moved = pupil(1, "Lê An", MAY, code="1111111111")
    outcome = office.load(moved, room=cast.class_4b)
    assert (outcome.moved, outcome.guardians_changed) == (1, 1)
    assert office.names(cast.class_4a) == ["Đinh Thị An"]
    assert "Hà Thị Na" not in office.names(cast.class_4a, "parent")
    assert ("Lê An", "mẹ", "Hà Thị Na", "0900000001") in office.families(cast.class_4b)
    today = office.person("Lê An").joined_on
    left = sa.select(Membership.left_on).where(
        Membership.unit_id == cast.class_4a.id, Membership.full_name == "Lê An"
    )
    assert office.db.scalars(left).one() == today
    assert office.load(moved, room=cast.class_4b) == Outcome(same=1)
    acts = (
        sa.select(StaffAct.what)
        .where(StaffAct.unit_id == cast.class_4a.id)
        .order_by(StaffAct.at, StaffAct.id)
    )
    assert "1 em chuyển sang lớp khác" in list(office.db.scalars(acts))[-1]


def test_who_comes_back_has_the_guardians_of_record_again(office: Desk, cast: Cast) -> None:
    row = pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na", "0900000001"))
    rest = pupil(2, "Cao Tú", JUNE)
    office.load(row, rest, room=cast.class_4b)
    office.load(rest, room=cast.class_4b, leaving={office.person("Lê An").person_id})
    assert office.names(cast.class_4b, "parent") == []
    people = office.people()
    assert [s.kind for s in office.plan(pupil(1, "Lê An", MAY), rest, room=cast.class_4b).steps] == [
        BACK,
        SAME,
    ]
    office.load(pupil(1, "Lê An", MAY), rest, room=cast.class_4b)
    assert office.families(cast.class_4b) == {("Lê An", "mẹ", "Hà Thị Na", "0900000001")}
    assert office.people() == people


def test_the_file_of_a_school_opens_the_classes_that_are_not_there_yet(office: Desk, cast: Cast) -> None:
    rows = [pupil(1, "Lê An", MAY, room="4A"), pupil(2, "Cao Tú", JUNE, room="Lớp 5C")]
    plan = office.plan(*rows)
    assert [plan.room_names[key] for key in plan.new_rooms] == ["Lớp 5C"]
    outcome = office.load(*rows)
    assert outcome.rooms_opened == 1
    known = school_roster(office.db, cast.hoa_sen.id)
    room = known.room_named("5c", 2026)
    assert room is not None
    assert [c.full_name for c in known.pupils_in(room.unit_id)] == ["Cao Tú"]
    assert known.pupils_in(room.unit_id)[0].joined_on == room.opened_on
    assert office.load(*rows) == Outcome(same=2)


def test_what_was_there_before_the_import_is_untouched_when_the_transaction_fails(
    office: Desk, cast: Cast
) -> None:
    before = office.people()
    bad = pupil(2, "Cao Tú", JUNE, ("mẹ", None))  # type: ignore[arg-type]
    with pytest.raises(Exception), office.db.begin_nested():  # noqa: B017
        office.load(pupil(1, "Lê An", MAY), bad, room=cast.class_4b)
    assert office.people() == before
    assert office.names(cast.class_4b) == []


def test_the_record_says_how_many_and_no_name(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na")), room=cast.class_4b)
    said = office.db.scalars(sa.select(StaffAct.what).where(StaffAct.unit_id == cast.class_4b.id)).one()
    assert "1 em mới" in said
    assert "Lê An" not in said
    assert "Hà Thị Na" not in said


# ---- staff ----------------------------------------------------------------------------------


def staff_plan(office: Desk, *rows: StaffRow, **said: object) -> StaffPlan:
    return plan_staff(school_roster(office.db, office.school.id), rows, **said)  # type: ignore[arg-type]


def load_staff(office: Desk, *rows: StaffRow, **said: object) -> Outcome:
    outcome = apply_staff(office.db, office.place, staff_plan(office, *rows, **said), CLERK, office.now)
    office.db.expire_all()
    return outcome


def test_a_staff_list_knows_who_is_there_adds_who_is_not_and_changes_nothing_twice(
    office: Desk, cast: Cast
) -> None:
    rows = (
        StaffRow(1, cast.lan_person.full_name, "teacher", phone="0900000011"),
        StaffRow(2, "Mai Văn Phú", "staff", "Kế toán", "0900000012"),
    )
    outcome = load_staff(office, *rows)
    assert (outcome.new, outcome.changed) == (1, 1)
    assert load_staff(office, *rows) == Outcome(same=2)
    lan = office.person(cast.lan_person.full_name, "teacher")
    assert (lan.person_id, lan.phone) == (cast.lan_person.id, "0900000011")


def test_a_teacher_who_is_a_parent_of_the_school_is_one_human(office: Desk, cast: Cast) -> None:
    office.load(pupil(1, "Lê An", MAY, ("mẹ", "Hà Thị Na", "0900000001")), room=cast.class_4b)
    load_staff(office, StaffRow(1, "Hà Thị Na", "teacher", phone="0900000001"))
    assert office.person_ids("Hà Thị Na") == 1
    office.load(pupil(2, "Cao Tú", JUNE, ("mẹ", cast.lan_person.full_name, "0900000011")), room=cast.class_4b)
    assert office.person_ids(cast.lan_person.full_name) == 2


def test_a_teacher_who_becomes_an_officer_leaves_one_audience_for_the_other(office: Desk, cast: Cast) -> None:
    assert load_staff(office, StaffRow(1, cast.lan_person.full_name, "staff")).changed == 1
    today = office.person(cast.lan_person.full_name, "staff").joined_on
    assert members(office.db, cast.hoa_sen.id, "teacher", today) == []
    assert load_staff(office, StaffRow(1, cast.lan_person.full_name, "staff")) == Outcome(same=1)


def test_who_is_not_on_the_staff_list_stays_until_ticked(office: Desk, cast: Cast) -> None:
    row = StaffRow(1, "Mai Văn Phú", "staff")
    load_staff(office, row)
    assert [c.full_name for c in staff_plan(office, row).absent] == [cast.lan_person.full_name]
    assert load_staff(office, row, leaving={cast.lan_person.id}).left == 1
    assert staff_plan(office, row).absent == ()
    assert [s.kind for s in staff_plan(office, StaffRow(1, cast.lan_person.full_name, "teacher")).steps] == [
        BACK
    ]
