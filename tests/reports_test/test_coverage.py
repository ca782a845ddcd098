"""Figures counted by hand: twins, a guardian of three, a teacher who is a parent next door."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Course, Edition
from lms.catalog.queries import load as load_catalogue
from lms.classrooms.actions import open_classroom
from lms.db import ScopedSession
from lms.people.actions import add_person, claim, make_learner
from lms.people.memberships import guard, join_unit
from lms.people.merging import merge_person
from lms.people.models import Membership
from lms.places.actions import open_unit
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from lms.progress.actions import Doer, complete_lesson, witness_check
from lms.reports.coverage import CoverageRow, coverage, figures
from lms.reports.evidence import AUDIENCES, FAMILY, Asked
from lms.reports.queries import Count, people, progress_rows, waiting
from lms.reports.totals import Total, TotalRefused, declare, declared
from tests.story import ISSUER, guest, learn_course, learn_module, take_check

START = date(2026, 9, 5)
KNOWN = datetime(2026, 11, 15, 13, tzinfo=UTC)
TODAY = date(2026, 11, 15)


def on(day: int, month: int, hour: int = 8) -> datetime:
    """Return a moment of the autumn of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


class Town:
    """A commune with two schools and everybody whom the table counts."""

    def __init__(self, db: Session) -> None:
        self.db, self.catalogue = db, load_catalogue(db)
        self.commune = self._unit("commune", "Xã Đếm Tay", None)
        self.hoa_sen = self._unit("school", "Trường Hoa Sen", self.commune)
        self.sao_mai = self._unit("school", "Trường Sao Mai", self.commune)
        for name, school in (("4A", self.hoa_sen), ("4B", self.hoa_sen), ("6A", self.sao_mai)):
            opened = open_classroom(db, school, name, 2026, on(1, 8))
            setattr(self, f"room_{name.lower()}", opened.unit_id)
        self._people()
        self._learning()

    def _unit(self, kind: str, name: str, parent: Unit | None) -> Unit:
        return open_unit(
            self.db, kind, name, type=kind, opened_on=date(2026, 8, 1), now=on(1, 8), parent=parent
        )

    def place(self, unit: Unit | object) -> Place:
        """Return a unit as a place."""
        found = place_by_id(self.db, getattr(unit, "id", unit), TODAY)
        assert found is not None
        return found

    def person(self, name: str) -> Doer:
        """Make a person with a learner."""
        person, learner = add_person(self.db, name, on(1, 9)), make_learner(self.db, on(1, 9))
        claim(self.db, learner, person.id, "test", on(1, 9))
        return Doer(learner, person.id, name)

    def seat(self, who: Doer, audience: str, *units: object, since: date = START) -> None:
        """Put somebody into units."""
        for unit in units:
            join_unit(self.db, who.person_id, unit, audience, who.full_name or "", since)  # type: ignore[arg-type]

    def _people(self) -> None:
        a, b, c = self.room_4a, self.room_4b, self.room_6a  # type: ignore[attr-defined]
        self.binh, self.chau = self.person("Ngô Gia Bình"), self.person("Ngô Gia Châu")
        self.giang, self.nam = self.person("Bùi Hương Giang"), self.person("Lý Hoài Nam")
        self.ha, self.oanh = self.person("Đỗ Thu Hà"), self.person("Vũ Kim Oanh")
        self.lien, self.quan = self.person("Hồ Bích Liên"), self.person("Cao Minh Quân")
        phuc = add_person(self.db, "Mai Hồng Phúc", on(1, 9))
        self.phuc = Doer(guest(self.db, on(1, 9)).learner_id, phuc.id, phuc.full_name)
        for pupil, room in (
            (self.binh, a), (self.giang, a), (self.nam, a), (self.chau, b), (self.ha, b), (self.phuc, b),
            (self.lien, c), (self.quan, c),
        ):  # fmt: skip
            self.seat(pupil, "student", room)
        self.seat(self.oanh, "student", b, since=date(2026, 11, 10))
        self.db.execute(
            update(Membership)
            .where(Membership.person_id == self.nam.person_id)
            .values(left_on=date(2026, 10, 31))
        )
        self.duyen, self.khai, self.sau = (
            self.person("Trịnh Thị Duyên"),
            self.person("Bùi Văn Khải"),
            self.person("Tạ Thị Sáu"),
        )
        self.hoa, on_roster = self.person("Lê Thị Hoa"), add_person(self.db, "Lê Thị Hoa", on(1, 9))
        self.seat(self.duyen, "parent", a, b)
        self.seat(self.khai, "parent", a, b, c)
        self.seat(self.sau, "parent", b)
        self.seat(Doer(self.hoa.learner_id, on_roster.id, "Lê Thị Hoa"), "parent", a)
        for guardian, pupil in (
            (self.duyen, self.binh), (self.duyen, self.chau), (self.khai, self.giang), (self.khai, self.ha),
            (self.khai, self.lien), (self.sau, self.phuc),
        ):  # fmt: skip
            guard(self.db, guardian.person_id, pupil.person_id, "người giám hộ", START)  # type: ignore[arg-type]
        guard(self.db, on_roster.id, self.giang.person_id, "mẹ", START)  # type: ignore[arg-type]
        self.lan, self.minh = self.person("Phan Thị Lan"), self.person("Đoàn Minh")
        self.seat(self.lan, "teacher", self.hoa_sen.id)
        self.seat(self.hoa, "teacher", self.sao_mai.id)
        self.seat(self.minh, "teacher", self.sao_mai.id)
        self.hoa_on_roster = on_roster.id

    def _learning(self) -> None:
        for who, when in (
            (self.nam, on(1, 10)), (self.hoa, on(10, 10)), (self.khai, on(12, 10)), (self.binh, on(15, 10)),
            (self.oanh, on(11, 11)),
        ):  # fmt: skip
            learn_course(self.db, who, self.catalogue, when)
        for module in self.course.modules:
            witness_check(self.db, self.binh, module, self.lan.person_id, on(20, 10))  # type: ignore[arg-type]
        lesson = self.course.lessons[0]
        complete_lesson(self.db, self.duyen, lesson, self.catalogue, ISSUER, on(12, 10))
        take_check(self.db, self.sau, self.course.modules[0], self.catalogue, on(13, 10), wrong=3)
        at_one_machine = replace(self.quan, partner_id=self.lien.learner_id)
        for module in self.course.modules:
            learn_module(self.db, at_one_machine, module, self.catalogue, on(16, 10))
        as_guest = Doer(self.phuc.learner_id)
        learn_course(self.db, as_guest, self.catalogue, on(20, 10))
        claim(self.db, self.phuc.learner_id, self.phuc.person_id, "test", on(14, 11))  # type: ignore[arg-type]
        merge_person(self.db, self.hoa.person_id, self.hoa_on_roster, "test", on(5, 11))  # type: ignore[arg-type]

    @property
    def course(self) -> Course:
        """Return the course everybody takes."""
        return self.catalogue.courses[0]

    def rows(
        self, by: str, as_of: date = TODAY, known_at: datetime = KNOWN, course: Course | None = None
    ) -> dict[tuple[str, str], CoverageRow]:
        """Return the commune's rows by name and audience."""
        found = coverage(
            self.db, self.place(self.commune), by, AUDIENCES, course or self.course, as_of, known_at
        )
        return {(row.place.name, row.audience): row for row in found}


@pytest.fixture
def town(db: ScopedSession) -> Town:
    """Give the town."""
    return Town(db)


# (members, taken part, completed, with help only, level 2, level 3), counted on paper.
BY_HAND = {
    ("4A", FAMILY): (2, 2, 1, 0, 0, 0),
    ("4A", "student"): (2, 1, 1, 0, 1, 0),
    ("4A", "parent"): (3, 3, 2, 0, 0, 0),
    ("4B", FAMILY): (4, 3, 1, 0, 0, 0),
    ("4B", "student"): (4, 2, 2, 0, 0, 0),
    ("4B", "parent"): (3, 3, 1, 0, 0, 0),
    ("6A", FAMILY): (2, 1, 1, 0, 0, 0),
    ("6A", "student"): (2, 2, 2, 2, 0, 0),
    ("6A", "parent"): (1, 1, 1, 0, 0, 0),
    ("Trường Hoa Sen", FAMILY): (6, 5, 2, 0, 0, 0),
    ("Trường Hoa Sen", "student"): (6, 3, 3, 0, 1, 0),
    ("Trường Hoa Sen", "parent"): (4, 4, 2, 0, 0, 0),
    ("Trường Hoa Sen", "teacher"): (1, 0, 0, 0, 0, 0),
    ("Trường Hoa Sen", "staff"): (0, 0, 0, 0, 0, 0),
    ("Trường Sao Mai", FAMILY): (2, 1, 1, 0, 0, 0),
    ("Trường Sao Mai", "student"): (2, 2, 2, 2, 0, 0),
    ("Trường Sao Mai", "parent"): (1, 1, 1, 0, 0, 0),
    ("Trường Sao Mai", "teacher"): (2, 1, 1, 0, 0, 0),
    ("Trường Sao Mai", "staff"): (0, 0, 0, 0, 0, 0),
    ("Xã Đếm Tay", FAMILY): (8, 6, 3, 0, 0, 0),
    ("Xã Đếm Tay", "student"): (8, 5, 5, 2, 1, 0),
    ("Xã Đếm Tay", "parent"): (4, 4, 2, 0, 0, 0),
    ("Xã Đếm Tay", "teacher"): (3, 1, 1, 0, 0, 0),
    ("Xã Đếm Tay", "staff"): (0, 0, 0, 0, 0, 0),
}


def test_a_town_comes_out_as_it_was_counted_by_hand(town: Town) -> None:
    found = {key: row.count for by in ("class", "school", "commune") for key, row in town.rows(by).items()}
    of_classes = {key for key in found if len(key[0]) == 2 and key[1] in {"teacher", "staff"}}
    assert {key: count for key, count in found.items() if key not in of_classes} == {
        key: Count(*numbers) for key, numbers in BY_HAND.items()
    }
    assert {found[key] for key in of_classes} == {Count()}


def test_a_total_is_its_own_count_and_not_the_sum_of_its_rows(town: Town) -> None:
    rooms = town.rows("class")
    assert sum(rooms[room, "parent"].count.members for room in ("4A", "4B", "6A")) == 7
    assert town.rows("commune")["Xã Đếm Tay", "parent"].count.members == 4


def test_an_earlier_date_knows_neither_who_came_nor_what_was_claimed_or_linked_later(town: Town) -> None:
    october, november = town.rows("class", date(2026, 10, 30)), town.rows("class", date(2026, 11, 1))
    assert october["4A", "student"].count == Count(3, 2, 2, 0, 1, 0), "Nam was there, and had completed"
    assert november["4A", "student"].count == Count(2, 1, 1, 0, 1, 0), "Nam left the day before"
    assert october["4B", "student"].count == Count(3, 0, 0), "Phúc was a guest, Oanh elsewhere"
    assert october["4A", "parent"].count == Count(3, 2, 1), "the roster's Hoa was nobody known"
    assert town.rows("class", date(2026, 11, 13))["4B", "student"].count.completed == 1
    assert town.rows("class", date(2026, 11, 14))["4B", "student"].count.completed == 2


def test_what_was_known_then_stays_what_was_known_then(town: Town) -> None:
    as_of = date(2026, 11, 14)
    before, after = town.rows("class", as_of, on(14, 11, 7)), town.rows("class", as_of, on(14, 11, 9))
    assert before["4B", "student"].count.completed == 1
    assert after["4B", "student"].count.completed == 2


def test_a_declared_total_is_the_denominator_where_it_is_larger(town: Town) -> None:
    hoa_sen = town.place(town.hoa_sen)
    assert declare(town.db, hoa_sen, "student", 10, date(2026, 10, 1), "sổ đăng bộ", None, on(2, 10))
    row = town.rows("school")["Trường Hoa Sen", "student"]
    assert (row.base, row.rate, row.is_declared) == (10, 0.3, True)
    family = town.rows("school")["Trường Hoa Sen", FAMILY]
    assert (family.base, family.rate) == (10, 0.2), "families are counted by pupils"
    assert town.rows("school", date(2026, 9, 30))["Trường Hoa Sen", "student"].base == 6
    at_commune = figures(town.db, town.place(town.commune), Asked(town.course, TODAY, KNOWN))
    whole = at_commune.whole("student")
    assert (whole.count.members, whole.unlisted, whole.base) == (8, 4, 12)
    assert whole.rate == pytest.approx(5 / 12)


def test_a_declared_total_smaller_than_the_roster_leaves_the_roster_standing(town: Town) -> None:
    hoa_sen = town.place(town.hoa_sen)
    declare(town.db, hoa_sen, "student", 5, date(2026, 10, 1), "sổ đăng bộ", None, on(2, 10), learned=3)
    row = town.rows("school")["Trường Hoa Sen", "student"]
    assert (row.base, row.is_declared, row.total_is_too_small) == (6, False, True)


def test_without_roster_and_total_there_is_no_rate_at_all(town: Town) -> None:
    row = town.rows("school")["Trường Sao Mai", "staff"]
    assert (row.base, row.rate, row.share(0)) == (None, None, None)
    declare(town.db, town.place(town.sao_mai), "staff", 4, TODAY, "quyết định biên chế", None, KNOWN)
    row = town.rows("school")["Trường Sao Mai", "staff"]
    assert (row.base, row.rate) == (4, 0.0), "four people of whom none completed is a rate"


def test_a_unit_names_its_parts_that_have_no_number(town: Town) -> None:
    open_classroom(town.db, town.hoa_sen, "4C", 2026, on(1, 9))
    asked = Asked(town.course, TODAY, KNOWN)
    school = figures(town.db, town.place(town.hoa_sen), asked)
    assert school.whole("student").blank == ("4C",)
    assert school.whole("teacher").blank == ()
    assert [place.name for place, _ in school.by_part()] == ["4A", "4B", "4C"]


def test_units_stand_in_the_order_of_their_names_with_numbers_by_value(town: Town) -> None:
    for name in ("10A", "9B"):
        open_classroom(town.db, town.hoa_sen, name, 2026, on(1, 9))
    asked = Asked(town.course, TODAY, KNOWN)
    school = figures(town.db, town.place(town.hoa_sen), asked)
    assert [place.name for place, _ in school.by_part()] == ["4A", "4B", "9B", "10A"]


def test_a_class_of_another_school_year_is_not_counted(town: Town) -> None:
    past = open_classroom(town.db, town.hoa_sen, "3A", 2025, on(1, 8))
    town.seat(town.person("Kiều Thị Cũ"), "student", past.unit_id)
    assert town.rows("school")["Trường Hoa Sen", "student"].count.members == 6
    assert ("3A", "student") not in town.rows("class")


def test_a_new_edition_takes_nothing_from_whom_completed_before_it(town: Town) -> None:
    first, (one, two) = town.course.editions[0], town.course.editions[0].modules
    small = replace(town.course, editions=(replace(first, modules=(one,)),))
    grown = replace(town.course, editions=(*small.editions, Edition(2, (one, two), on(12, 11))))
    learn_module(town.db, town.giang, town.course.modules[0], town.catalogue, on(2, 11))
    learn_module(town.db, town.ha, town.course.modules[0], town.catalogue, on(13, 11))
    before, after = town.rows("class", course=small), town.rows("class", course=grown)
    assert after["4A", "student"].count == before["4A", "student"].count == Count(2, 2, 2, 0, 1, 0)
    assert before["4B", "student"].count.completed == 3
    assert after["4B", "student"].count.completed == 2, "Hà came late for the first edition; Phúc did both"


def test_an_edition_that_came_later_says_nothing_about_an_earlier_date(town: Town) -> None:
    first = town.course.editions[0]
    easier = replace(town.course, editions=(first, Edition(2, first.modules[:1], on(12, 11))))
    harder = replace(town.course, editions=(first, Edition(2, ("chua-ai-hoc",), on(1, 9))))
    learn_module(town.db, town.giang, town.course.modules[0], town.catalogue, on(2, 11))
    assert town.rows("class", date(2026, 11, 11), course=easier)["4A", "student"].count.completed == 1
    assert town.rows("class", date(2026, 11, 12), course=easier)["4A", "student"].count.completed == 2
    assert town.rows("class", course=harder)["4A", "student"].count.completed == 0


def test_everybody_is_listed_once_a_seat_with_how_far_they_came(town: Town) -> None:
    asked = Asked(town.course, TODAY, KNOWN)
    listed = list(people(town.db, town.place(town.room_4a), asked))  # type: ignore[attr-defined]
    assert [(seat.full_name, seat.audience, seat.rank, seat.family) for seat in listed] == [
        ("Ngô Gia Bình", "student", 4, 1),
        ("Bùi Hương Giang", "student", 0, 3),
        ("Trịnh Thị Duyên", "parent", 1, None),
        ("Lê Thị Hoa", "parent", 3, None),
        ("Bùi Văn Khải", "parent", 3, None),
    ]
    moments = {seat.full_name: seat.completed_at for seat in listed if seat.completed_at}
    assert moments == {
        "Ngô Gia Bình": on(15, 10),
        "Lê Thị Hoa": on(5, 11),
        "Bùi Văn Khải": on(12, 10),
    }


def test_progress_has_a_row_for_each_person_and_a_date_for_each_module(town: Town) -> None:
    modules = [module.id for module in town.course.modules]
    rows = list(progress_rows(town.db, town.room_4a, modules, TODAY))  # type: ignore[attr-defined]
    assert rows == [
        ["Ngô Gia Bình", "học sinh", "15/10/2026", "15/10/2026"],
        ["Bùi Hương Giang", "học sinh", "", ""],
        ["Trịnh Thị Duyên", "cha mẹ học sinh", "", ""],
        ["Lê Thị Hoa", "cha mẹ học sinh", "05/11/2026", "05/11/2026"],
        ["Bùi Văn Khải", "cha mẹ học sinh", "12/10/2026", "12/10/2026"],
    ]


def test_nobody_waiting_is_nobody_counted(town: Town) -> None:
    from lms.classrooms.models import JoinRequest

    stranger = town.person("Lưu Thị Xa")
    town.db.add(
        JoinRequest(
            ref="0123456789ab", unit_id=town.room_4a, person_id=stranger.person_id, own_name="Lưu Thị Xa",  # type: ignore[attr-defined]
            child_name="Bình", relation="mẹ", at=on(3, 11),
        )
    )  # fmt: skip
    town.db.flush()
    school = town.place(town.hoa_sen)
    assert [waiting(town.db, school, moment) for moment in (on(2, 11), on(4, 11))] == [0, 1]
    assert waiting(town.db, town.place(town.sao_mai), KNOWN) == 0
    assert town.rows("class")["4A", "parent"].count.members == 3


def test_the_latest_word_on_the_latest_date_holds_and_nothing_is_overwritten(town: Town) -> None:
    school, later = town.place(town.hoa_sen), timedelta(hours=1)

    def say(number: int, counted_on: date, now: datetime, source: str = "sổ đăng bộ") -> bool:
        return declare(town.db, school, "student", number, counted_on, source, None, now)

    def holds(known_at: datetime) -> Total | None:
        return declared(town.db, school, "school", TODAY, known_at).get((school.id, "student"))

    assert say(20, date(2026, 10, 1), on(2, 10))
    assert say(21, date(2026, 10, 1), on(2, 10) + later), "a correction of the same day"
    assert not say(21, date(2026, 10, 1), on(2, 10) + 2 * later), "the same tap again"
    assert say(25, date(2026, 11, 1), on(3, 11))
    known = [holds(moment) for moment in (on(1, 10), on(2, 10), on(3, 10), KNOWN)]
    assert [total.number if total else None for total in known] == [None, 20, 21, 25]
    assert say(0, date(2026, 11, 1), on(4, 11))
    assert holds(KNOWN) is None, "0 takes the total back"


@pytest.mark.parametrize(
    ("number", "counted_on", "source", "field", "said"),
    [
        (380, TODAY, "sổ", "number", "Số đã học (412) lớn hơn tổng số (380). Kiểm tra lại."),
        (-1, TODAY, "sổ", "number", "từ 0 đến 1.000.000"),
        (1_000_001, TODAY, "sổ", "number", "từ 0 đến 1.000.000"),
        (500, TODAY + timedelta(days=1), "sổ", "counted_on", "chưa tới"),
        (500, date(2026, 9, 1), "sổ", "counted_on", "mới hơn ngày này"),
        (500, TODAY, "   ", "source", "Chưa ghi nguồn"),
        (500, TODAY, "x" * 201, "source", "dài quá 200 chữ"),
    ],
)
def test_an_odd_total_is_refused_with_its_cure(
    town: Town, number: int, counted_on: date, source: str, field: str, said: str
) -> None:
    school = town.place(town.hoa_sen)
    declare(town.db, school, "parent", 450, date(2026, 10, 1), "sổ", None, on(2, 10))
    with pytest.raises(TotalRefused) as refused:
        declare(town.db, school, "parent", number, counted_on, source, None, KNOWN, learned=412)
    assert refused.value.field == field
    assert said in str(refused.value)
