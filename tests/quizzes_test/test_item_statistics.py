"""Item statistics from the database: which papers count, by which key, and what is kept of them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from lms import clock
from lms.catalog.catalogue import Catalogue, Module, Question
from lms.catalog.models import CatalogItem, QuestionEdition, Regrade, RegradeEdition
from lms.catalog.queries import load
from lms.db import NOBODY, ScopedSession, new_id
from lms.people.actions import make_learner
from lms.quizzes.figures import Figures
from lms.quizzes.models import (
    Answer,
    AnswerChange,
    AnswerText,
    Attempt,
    HandIn,
    ItemStatistics,
    PaperQuestion,
    Sitting,
)
from lms.quizzes.readings import item_key
from lms.quizzes.statistics import all_figures, count, figures_of, figures_of_bank, recount
from tests.cast import Cast
from tests.conftest import SharedDatabase

NOW = clock.now()
Given = dict[str, str | None]


@dataclass
class Room:
    """Writes papers straight into the tables, as the engine would leave them."""

    db: ScopedSession
    catalogue: Catalogue
    module: Module

    def paper(
        self,
        given: Given,
        *,
        number: int = 1,
        mode: str = "alone",
        sitting: uuid.UUID | None = None,
        learner: uuid.UUID | None = None,
        handed_in: datetime | None = NOW,
        changes: Iterable[tuple[str, int, str]] = (),
        texts: Iterable[tuple[str, str]] = (),
        editions: dict[str, str] | None = None,
    ) -> uuid.UUID:
        attempt, learner = new_id(), learner or make_learner(self.db, NOW)
        edition = {q.id: q.edition_id for q in self.module.bank} | (editions or {})
        self.db.add(
            Attempt(
                id=attempt,
                code=attempt.hex,
                learner_id=learner,
                module_id=self.module.id,
                number=number,
                started_at=NOW,
                out_of=len(given),
                pass_percent=80,
                language="vi",
                audience="citizen",
                level=0,
                mode=mode,
                sitting_id=sitting,
            )
        )
        self.db.flush()
        rows: list[object] = []
        for position, (question, choice) in enumerate(given.items(), start=1):
            own = {"attempt_id": attempt, "question_id": question, "edition_id": edition[question]}
            rows.append(PaperQuestion(position=position, choice_order="a,b,c,d", **own))
            if choice is not None:
                rows.append(Answer(choice=choice, at=NOW, **own))
        rows += [
            AnswerChange(attempt_id=attempt, question_id=q, revision=n, choice=choice, at=NOW)
            for q, n, choice in changes
        ]
        rows += [AnswerText(attempt_id=attempt, question_id=q, revision=1, text=words) for q, words in texts]
        if handed_in is not None:
            rows.append(HandIn(attempt_id=attempt, points=0, out_of=len(given), passed=False, at=handed_in))
        self.db.add_all(rows)
        self.db.flush()
        return learner

    def papers(self, choices: Sequence[str | None], **given: str) -> None:
        """Write one paper for each choice of the first question; the second is right every other time."""
        for number, choice in enumerate(choices):
            self.paper({self.first.id: choice, self.second.id: "ab"[number % 2], **given})

    @property
    def first(self) -> Question:
        return self.module.bank[0]

    @property
    def second(self) -> Question:
        return self.module.bank[1]

    def figures(self, question: Question | None = None) -> Figures | None:
        wanted = (question or self.first).id
        counted = count(self.db, NOW)
        return next((one for one in counted.questions if one.question_id == wanted), None)

    def edition_of(self, question: Question, edition_id: str, **rendered: object) -> str:
        """Write another edition of a question, changed as said."""
        row = self.db.scalars(select(QuestionEdition).where(QuestionEdition.id == question.edition_id)).one()
        self.db.add(
            QuestionEdition(
                id=edition_id,
                item_id=question.id,
                language="vi",
                audience="all",
                text="{}",
                rendered=row.rendered | rendered,
                first_at=NOW,
            )
        )
        self.db.flush()
        return edition_id

    def lines(self, question: Question, **marks: bool) -> list[dict[str, object]]:
        """Return the choices of a question as an edition keeps them, some right or wrong instead."""
        row = self.db.scalars(select(QuestionEdition).where(QuestionEdition.id == question.edition_id)).one()
        return [c | {"is_right": marks.get(c["key"], c["is_right"])} for c in row.rendered["choices"]]

    def regrade(self, question: Question, old: str, new: str | None) -> None:
        regrade = Regrade(
            id=new_id(),
            ref=new_id().hex,
            question_id=question.id,
            to_edition_id=new,
            reason="thử",
            at=NOW,
            by="thử",
        )
        self.db.add(regrade)
        self.db.flush()
        self.db.add(RegradeEdition(regrade_id=regrade.id, edition_id=old))
        self.db.flush()


@pytest.fixture
def room(db: ScopedSession) -> Room:
    catalogue = load(db)
    return Room(db, catalogue, catalogue.courses[0].modules[0])


def right(question: Question) -> str:
    return next(choice.key for choice in question.choices if choice.is_right)


def wrong(question: Question) -> str:
    return next(c.key for c in question.choices if not c.is_right and not c.is_unsure)


def unsure(question: Question) -> str:
    assert question.unsure is not None
    return question.unsure.key


def sitting(db: ScopedSession, cast: Cast, module: Module) -> uuid.UUID:
    unit = db.scalars(sa.text("SELECT id FROM units").columns(Attempt.id)).first()
    account = db.scalars(sa.text("SELECT id FROM accounts").columns(Attempt.id)).first()
    person = db.scalars(sa.text("SELECT id FROM persons").columns(Attempt.id)).first()
    assert unit
    assert account
    assert person
    row = Sitting(
        id=new_id(),
        ref=new_id().hex,
        unit_id=unit,
        module_id=module.id,
        code=new_id().hex,
        form="",
        minutes=30,
        opened_at=NOW,
        opened_by=account,
        witness_id=person,
        closes_at=NOW,
        closed_at=None,
    )
    db.add(row)
    db.flush()
    return row.id


def test_first_tries_sittings_and_paper_count_other_papers_do_not(room: Room, cast: Cast) -> None:
    key, held = right(room.first), sitting(room.db, cast, room.module)
    one = {room.first.id: key}
    learner = room.paper(one)
    room.paper(one, learner=learner, number=2)
    room.paper(one, handed_in=None)
    room.paper(one, handed_in=NOW + timedelta(seconds=1))
    room.paper(one, mode="assisted")
    room.paper(one, learner=learner, number=3, sitting=held, mode="supervised")
    room.paper(one, learner=learner, number=4, mode="paper")
    figures = room.figures()
    assert figures is not None
    assert figures.n == 3
    assert count(room.db, NOW).papers == 3


def test_every_line_is_counted_and_what_nobody_said_too(room: Room) -> None:
    good, bad, chary = right(room.first), wrong(room.first), unsure(room.first)
    room.papers([good, good, good, bad, chary, None])
    figures = room.figures()
    assert figures is not None
    assert {line.key: line.count for line in figures.lines if line.count} == {good: 3, bad: 1, chary: 1}
    assert (figures.n, figures.unsure, figures.blank, figures.mean) == (6, 1, 1, 0.5)
    assert figures.rested == 6


def test_of_changed_answers_the_last_one_counts_and_only_in_a_sitting(room: Room, cast: Cast) -> None:
    good, bad, held = right(room.first), wrong(room.first), sitting(room.db, cast, room.module)
    question = room.first.id
    room.paper({question: bad}, sitting=held, changes=[(question, 2, bad), (question, 3, good)])
    room.paper({question: good}, sitting=held)
    figures = room.figures()
    assert figures is not None
    assert figures.mean == 1.0
    room.paper({question: bad}, changes=[(question, 2, good)])
    figures = room.figures()
    assert figures is not None
    assert figures.mean == pytest.approx(2 / 3)


def test_another_wording_of_the_same_key_belongs_to_the_same_figures(room: Room) -> None:
    lines = list(reversed(room.lines(room.first)))
    older = room.edition_of(room.first, "e" * 64, html="Chữ cũ", text="Chữ cũ", choices=lines)
    room.paper({room.first.id: right(room.first)})
    room.paper({room.first.id: right(room.first)}, editions={room.first.id: older})
    figures = room.figures()
    assert figures is not None
    assert (figures.n, figures.mean, figures.edition_id) == (2, 1.0, room.first.edition_id)


def test_answers_under_another_key_stay_out_unless_they_were_regraded(room: Room) -> None:
    good, bad = right(room.first), wrong(room.first)
    older = room.edition_of(room.first, "e" * 64, choices=room.lines(room.first, **{good: False, bad: True}))
    room.paper({room.first.id: good})
    for _ in range(3):
        room.paper({room.first.id: bad}, editions={room.first.id: older})
    figures = room.figures()
    assert figures is not None
    assert (figures.n, figures.mean) == (1, 1.0)
    room.regrade(room.first, older, room.first.edition_id)
    figures = room.figures()
    assert figures is not None
    assert (figures.n, figures.mean) == (4, 0.25)


def test_a_dropped_question_counts_neither_for_itself_nor_in_totals(room: Room) -> None:
    room.papers([right(room.first)] * 4)
    whole = figures_of_whole(room)
    assert whole.mean == pytest.approx(mean_of_second(room) / 2 + 0.5)
    room.regrade(room.first, room.first.edition_id, None)
    assert room.figures() is None
    assert figures_of_whole(room).mean == pytest.approx(mean_of_second(room))


def figures_of_whole(room: Room):  # type: ignore[no-untyped-def]
    return next(bank for bank in count(room.db, NOW).banks if bank.check_id == room.module.check_id)


def mean_of_second(room: Room) -> float:
    figures = room.figures(room.second)
    assert figures is not None
    assert figures.mean is not None
    return figures.mean


def test_typed_answers_that_were_regraded_are_matched_anew(room: Room) -> None:
    question = room.first
    lines = [
        {"key": "a", "html": "VNeID", "text": "VNeID", "feedback": "", "is_right": True, "is_unsure": False},
        {"key": "d", "html": "?", "text": "?", "feedback": "", "is_right": False, "is_unsure": True},
    ]
    more = [*lines, lines[0] | {"key": "b", "html": "định danh điện tử", "text": "định danh điện tử"}]
    old = room.edition_of(question, "e" * 64, kind="text", choices=lines)
    new = room.edition_of(question, "f" * 64, kind="text", choices=more)
    room.db.execute(sa.update(CatalogItem).where(CatalogItem.id == question.id).values(edition_id=new))
    for words, choice in (("Định danh điện tử", "-"), ("vneid", "a"), ("VssID", "-")):
        typed = {"texts": [(question.id, words)], "editions": {question.id: old}}
        room.paper({question.id: choice}, **typed)  # type: ignore[arg-type]
    room.paper({question.id: "d"}, editions={question.id: old}, texts=[(question.id, "VNeID")])
    assert room.figures() is None, "another key, not regraded"
    room.regrade(question, old, new)
    figures = room.figures()
    assert figures is not None
    assert {line.key: line.count for line in figures.lines} == {"a": 1, "b": 1, "d": 1, "-": 1}
    assert figures.mean == 0.5
    assert "định danh" not in str(figures.body()).lower(), "typed words are not kept"


def test_wording_and_order_change_no_key_but_each_mark_does(room: Room) -> None:
    question = room.first
    shuffled = replace(question, html="khác", choices=tuple(reversed(question.choices)), hints=("gợi ý",))
    assert item_key(shuffled) == item_key(question)
    fewer = replace(question, choices=question.choices[1:])
    other = replace(question, choices=tuple(replace(c, is_right=not c.is_right) for c in question.choices))
    assert (
        len({item_key(question), item_key(fewer), item_key(other), item_key(replace(question, credit="x"))})
        == 4
    )
    pairs = [replace(c, is_right=True, pair=p) for c, p in zip(question.choices, "xyyz", strict=True)]
    matching = replace(question, kind="matching", choices=tuple(pairs))
    renamed = tuple(replace(c, pair={"x": "X", "y": "Y", "z": "Z"}[c.pair]) for c in reversed(pairs))
    assert item_key(replace(matching, choices=renamed)) == item_key(matching)
    assert item_key(replace(matching, choices=(replace(pairs[0], pair="y"), *pairs[1:]))) != item_key(
        matching
    )


def test_a_count_is_kept_and_a_second_one_takes_its_place(
    room: Room, database: SharedDatabase, db: ScopedSession
) -> None:
    room.papers([right(room.first)] * 12)
    recount(database, NOW)
    room.papers([wrong(room.first)] * 12)
    recount(database, NOW)
    counted = recount(database, NOW)
    rows = db.scalar(select(func.count()).select_from(ItemStatistics))
    assert rows == len(counted.questions) + len(counted.banks)
    kept = figures_of(db, [room.first.id, room.second.id, "khong-co"])
    assert set(kept) == {room.first.id, room.second.id}
    assert (kept[room.first.id].n, kept[room.first.id].mean) == (24, 0.5)
    assert kept[room.first.id].counted_at == NOW
    bank = figures_of_bank(db, room.module.check_id)
    assert bank is not None
    assert (bank.n, bank.counted_at, bank.is_all_or_nothing) == (24, NOW, True)
    assert figures_of_bank(db, "khong-co") is None
    assert figures_of_bank(db, room.first.id) is None
    assert all_figures(db) == counted_again(counted)


def counted_again(counted):  # type: ignore[no-untyped-def]
    """Return a count as it is read back: with its moment, in the order of the ids."""
    at = counted.at
    questions = sorted((replace(q, counted_at=at) for q in counted.questions), key=lambda q: q.question_id)
    return replace(
        counted, questions=tuple(questions), banks=tuple(replace(b, counted_at=at) for b in counted.banks)
    )


def test_before_anything_was_handed_in_there_is_nothing_to_say(
    database: SharedDatabase, db: ScopedSession
) -> None:
    counted = recount(database, NOW)
    assert (counted.papers, counted.questions, counted.banks) == (0, (), ())
    assert all_figures(db).at is None


def test_authors_read_the_figures_whatever_their_scope(room: Room, database: SharedDatabase) -> None:
    room.papers([right(room.first)] * 10)
    recount(database, NOW)
    with database.session(NOBODY, writes=False) as anyone:
        assert anyone.scalars(select(ItemStatistics)).all() == []
        assert figures_of(anyone, [room.first.id])[room.first.id].n == 10
