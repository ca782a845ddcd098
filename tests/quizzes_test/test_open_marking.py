"""A person marks open answers: the paper's mark follows, nothing earned is taken away, two are safe."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms import clock, content
from lms.catalog.actions import sync
from lms.catalog.catalogue import Question
from lms.catalog.models import CatalogItem
from lms.catalog.offer import Offer, prepare
from lms.certificates.models import Certificate
from lms.db import ScopedSession
from lms.progress.actions import Doer, complete_lesson
from lms.progress.models import ItemCompletion
from lms.quizzes.models import AnswerText, MarkChange, RubricMark
from lms.quizzes.open_answers import open_answers, questions_to_mark
from lms.quizzes.open_marking import Marked, Marker, PointsRefused, mark_open
from lms.quizzes.queries import OpenPaper, marks_of
from lms.quizzes.responses import best
from lms.quizzes.sitting_queries import people_in
from lms.quizzes.sittings import give_answer
from tests.awarding import doer_of, member
from tests.cast import Cast
from tests.kinds import library_of_kinds
from tests.quizzes_test.sitting_class import Room, open_room
from tests.story import ISSUER

LAN, HANH = Marker("Cô Lan"), Marker("Cô Hạnh")
FULL, NOTHING = {"a": 2, "b": 1, "c": 1}, {"a": 0, "b": 0, "c": 0}
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Offer:
    """Render once a library whose check is passed only with the open question."""
    root = library_of_kinds(tmp_path_factory.mktemp("kinds"), "draw: 9\npass: 100\n")
    return prepare(content.load(root), root)


@dataclass(frozen=True)
class Written:
    """A paper on which all is right and the open question answered."""

    room: Room
    doer: Doer
    code: str
    question: Question

    @property
    def paper(self) -> OpenPaper:
        return self.room.paper(self.doer, self.code)

    def mark(
        self, points: dict[str, int], seen: int = 0, by: Marker = LAN, minutes: int = 2
    ) -> Marked | None:
        """Mark the open answer so many minutes after the opening."""
        return mark_open(
            *(self.room.db, self.doer, self.paper.attempt_id, self.question.id, points, seen, by),
            *(self.room.catalogue, ISSUER, self.room.opened_at + minutes * MINUTE),
        )


@pytest.fixture
def room(db: ScopedSession, cast: Cast, kinds: Offer) -> Room:
    """Open a sitting of the module that has a question of each kind."""
    sync(db, kinds, clock.now(), retire=db.scalars(sa.select(CatalogItem.id)).all())
    return open_room(db, cast, "goi-lai", draw=10)


def write(room: Room, doer: Doer, words: str = "Chưa bấm đâu bà ơi.") -> Written:
    """Answer everything right, the open question in one's own words, and leave the paper open."""
    code = room.enter(doer)
    asked = {q.edition_id: q for q in room.module.bank}
    for row in room.paper(doer, code).rows:
        question = asked[row.edition_id]
        choice, text = best(question) or question.lines[0].key, None
        if question.kind == "open":
            choice, text = "-", words
        elif question.kind in {"text", "number"}:
            text = next(line.text for line in question.lines if line.key == choice)
        given = give_answer(
            *(room.db, doer, code, row.position, choice, 0, room.catalogue, ISSUER, room.opened_at), text=text
        )
        assert given is not None
        assert given.is_kept
    question = next(q for q in room.module.bank if q.kind == "open")
    return Written(room, doer, code, question)


@pytest.fixture
def an(room: Room, cast: Cast) -> Doer:
    """Give An, who has learned the lesson already: the check is all that is missing."""
    doer = doer_of(room.db, cast.an.id, cast.an.full_name)
    complete_lesson(room.db, doer, room.module.lessons[0], room.catalogue, ISSUER, room.opened_at)
    return doer


@pytest.fixture
def written(room: Room, an: Doer) -> Written:
    """Give An's paper, handed in."""
    found = write(room, an)
    paper = room.hand_in(an, found.code, room.opened_at + MINUTE)
    assert (paper.passed, paper.points, paper.out_of) == (False, 9, 10)
    return found


def count(db: Session, model: type) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_paper_not_handed_in_yet_is_marked_by_nobody(room: Room, an: Doer) -> None:
    found = write(room, an)
    assert found.mark(FULL) is None
    assert questions_to_mark(room.db, room.sitting.unit_id, {found.question.id}) == []
    assert open_answers(room.db, room.sitting.id, found.question.id) == []


def test_points_raise_the_mark_and_a_pass_by_them_settles_once(written: Written) -> None:
    assert written.mark(FULL) == Marked(is_new_pass=True)
    assert written.mark(FULL) == Marked(is_kept=False), "the second tap"
    db, module = written.room.db, written.room.module
    [mark] = marks_of(db, written.paper.attempt_id)
    assert (mark.points, mark.out_of) == (Fraction(10), Fraction(10))
    assert (mark.passed, mark.by) == (True, "Cô Lan")
    [change] = db.scalars(sa.select(MarkChange))
    assert (change.was_points, change.was_out_of, change.was_scale, change.was_passed) == (9, 10, 1, False)
    assert count(db, RubricMark) == 1
    noted = {row.item_id: row for row in db.scalars(sa.select(ItemCompletion))}
    assert (noted[module.check_id].level, noted[module.check_id].mode) == (2, "supervised")
    assert noted[module.id].level == 2
    assert count(db, Certificate) == 1


def test_points_may_be_changed_later_and_what_was_passed_stays_passed(written: Written) -> None:
    written.mark({"a": 1, "b": 1, "c": 0})
    assert not any(mark.passed for mark in marks_of(written.room.db, written.paper.attempt_id))
    assert written.mark(FULL, seen=1, by=HANH, minutes=3) == Marked(is_new_pass=True)
    assert written.mark(NOTHING, seen=2, minutes=4) == Marked()
    first, second, third = marks_of(written.room.db, written.paper.attempt_id)
    assert [mark.points for mark in (first, second, third)] == [9.5, 10, 9]
    assert third.passed
    assert second.by == "Cô Hạnh"
    assert count(written.room.db, RubricMark) == 3, "the earlier ones are kept"
    assert count(written.room.db, Certificate) == 1


def test_of_two_teachers_at_once_the_second_learns_of_the_firsts_points(written: Written) -> None:
    written.mark(FULL)
    assert written.mark(NOTHING, by=HANH) == Marked(is_kept=False, is_conflict=True)
    [answer] = open_answers(written.room.db, written.room.sitting.id, written.question.id)
    assert (answer.points, answer.marks) == (FULL, 1)
    assert written.mark(NOTHING, seen=answer.marks, by=HANH, minutes=3) == Marked()


def test_points_that_earn_nothing_more_write_no_new_mark(written: Written) -> None:
    assert written.mark(NOTHING) == Marked()
    assert (count(written.room.db, RubricMark), count(written.room.db, MarkChange)) == (1, 0)


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ({"a": 2, "b": 1}, {"c": "chưa cho điểm"}),
        ({"a": 3, "b": 1, "c": 1}, {"a": "từ 0 đến 2 điểm"}),
        ({"a": -1, "b": 1, "c": 1}, {"a": "từ 0 đến 2 điểm"}),
        ({**FULL, "z": 1}, {"z": "không có ý này"}),
    ],
)
def test_points_that_do_not_fit_the_criteria_are_refused(
    written: Written, points: dict[str, int], told: dict[str, str]
) -> None:
    with pytest.raises(PointsRefused) as refused:
        written.mark(points)
    problems = dict(refused.value.problems)
    assert problems.keys() == told.keys()
    assert all(words in problems[key] for key, words in told.items())
    assert count(written.room.db, RubricMark) == 0


def test_the_pile_counts_what_waits_and_shows_the_words_last_written(written: Written, cast: Cast) -> None:
    room, question = written.room, written.question
    other = write(room, member(room.db, cast.class_4a, "Vàng A Páo"), "Bà hỏi cô Lan đã.")
    row = next(row for row in other.paper.rows if row.question_id == question.id)
    given = give_answer(
        *(room.db, other.doer, other.code, row.position, "-", 1, room.catalogue, ISSUER, room.opened_at),
        text="Bà chờ cháu về nhé.",
    )
    assert given is not None
    assert given.is_kept
    room.hand_in(other.doer, other.code)
    written.mark(FULL)
    [pile] = questions_to_mark(room.db, room.sitting.unit_id, {question.id, "another"})
    assert (pile.sitting_ref, pile.answers, pile.marked) == (room.sitting.ref, 2, 1)
    texts = {answer.text: answer.points for answer in open_answers(room.db, room.sitting.id, question.id)}
    assert texts == {"Chưa bấm đâu bà ơi.": FULL, "Bà chờ cháu về nhé.": None}
    found, _ = people_in(room.db, room.sitting, clock.local_date(room.opened_at), {question.id})
    papers = {one.full_name: one.paper for one in found if one.paper}
    assert {name: paper.waiting for name, paper in papers.items()} == {"Đinh Thị An": 0, "Vàng A Páo": 1}
    mark = papers["Đinh Thị An"].mark
    assert mark is not None
    assert mark.points == 10


def test_erased_words_wait_for_nobody(written: Written) -> None:
    room = written.room
    room.db.execute(sa.delete(AnswerText).where(AnswerText.attempt_id == written.paper.attempt_id))
    assert questions_to_mark(room.db, room.sitting.unit_id, {written.question.id}) == []
