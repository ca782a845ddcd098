"""Two tabs start, answer, change and hand in, in any order, late and twice: a pure model says what stands.

The model knows nothing of the database: the first answer stands in a self-paced check and the last one hands
it in; in a sitting an answer that has seen the newest one takes its place until the paper is handed in or the
time is over.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.progress.models import ItemCompletion
from lms.quizzes.actions import answer, start_attempt
from lms.quizzes.models import Sitting
from lms.quizzes.queries import OpenPaper, paper_by_code
from lms.quizzes.sittings import enter_sitting, give_answer, give_minutes, hand_in_sitting, open_sitting
from tests.cast import gather
from tests.story import ISSUER, guest, known

MODULE = "man-hinh"
TABS = st.integers(0, 1)
POSITIONS = st.integers(1, 4)
KEYS = st.sampled_from("abcd")


@dataclass
class Model:
    """What stands, by position: the choice and how many answers it took; whether the paper is handed in."""

    size: int
    is_sitting: bool
    closes_at: datetime | None = None
    held: dict[int, tuple[str, int]] = field(default_factory=dict)
    ended: bool = False
    ended_at: datetime | None = None

    def end(self, now: datetime) -> None:
        """End once: at the deadline when that is over, whenever somebody comes by."""
        if not self.ended:
            self.ended, self.ended_at = True, min(now, self.closes_at or now)

    def is_over(self, now: datetime) -> bool:
        return self.ended or (self.closes_at is not None and now > self.closes_at)

    def give(self, position: int, choice: str, seen: int, now: datetime) -> None:
        if self.is_over(now):
            self.end(now)
            return
        held, revision = self.held.get(position, ("", 0))
        if not self.is_sitting:
            self.held.setdefault(position, (choice, 1))
            if len(self.held) == self.size:
                self.end(now)
        elif choice != held and revision == seen:
            self.held[position] = (choice, revision + 1)


@dataclass(frozen=True)
class Request:
    """One tap, as the browser sent it: it may come again at any time."""

    code: str
    position: int
    choice: str
    seen: int


class Machine(RuleBasedStateMachine):
    """Drives the actions and the model with the same taps, and compares after each."""

    is_sitting = False
    db: ScopedSession
    catalogue: Catalogue

    def __init__(self) -> None:
        super().__init__()
        self.module = self.catalogue.modules[MODULE]
        self.now = clock.now()
        self.doer = guest(self.db, self.now)
        self.models: dict[str, Model] = {}
        self.seen: list[dict[tuple[str, int], int]] = [{}, {}]
        self.sent: list[Request] = []
        self.code = ""

    @rule()
    def start(self) -> None:
        going_on = [code for code, model in self.models.items() if not model.ended]
        self.code = start_attempt(self.db, self.doer, self.module, self.now)
        assert not going_on or going_on == [self.code]
        self.models.setdefault(self.code, Model(self.paper().rows[-1].position, is_sitting=False))

    def paper(self, code: str = "") -> OpenPaper:
        found = paper_by_code(self.db, code or self.code, self.doer.learner_id, self.doer.person_id)
        assert found is not None
        return found

    @precondition(lambda self: self.code)
    @rule(tab=TABS)
    def look(self, tab: int) -> None:
        self.seen[tab] |= {(self.code, row.position): row.revision for row in self.paper().rows}

    @precondition(lambda self: self.code)
    @rule(tab=TABS, position=POSITIONS, key=KEYS)
    def give(self, tab: int, position: int, key: str) -> None:
        paper = self.paper()
        row = paper.at(position)
        if row is None or key not in row.choice_order:
            return
        seen = self.seen[tab].get((self.code, position), 0)
        request = Request(self.code, position, key, seen)
        self.sent.append(request)
        self.send(request)

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 1000))
    def replay(self, which: int) -> None:
        self.send(self.sent[which % len(self.sent)])

    def send(self, request: Request) -> None:
        answer(
            self.db,
            self.doer,
            request.code,
            request.position,
            request.choice,
            self.catalogue,
            ISSUER,
            self.now,
        )
        self.models[request.code].give(request.position, request.choice, request.seen, self.now)

    @rule(seconds=st.sampled_from([1, 200, 400]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def what_is_kept_is_what_the_model_holds(self) -> None:
        for code, model in self.models.items():
            paper = self.paper(code)
            kept = {row.position: (row.choice, row.revision) for row in paper.rows if row.choice is not None}
            assert kept == model.held
            assert paper.ended_at == model.ended_at
            if model.ended:
                assert paper.points == self.points(paper, model)
                assert paper.passed == (paper.points * 100 >= paper.pass_percent * model.size)

    def points(self, paper: OpenPaper, model: Model) -> int:
        right = {
            row.position: next(c.key for c in self.catalogue.questions[row.edition_id].choices if c.is_right)
            for row in paper.rows
        }
        return sum(model.held.get(position, ("", 0))[0] == key for position, key in right.items())

    @invariant()
    def a_pass_is_noted_once(self) -> None:
        passed = [code for code, model in self.models.items() if model.ended and self.paper(code).passed]
        noted = sa.select(sa.func.count()).select_from(ItemCompletion.__table__)
        of_check = ItemCompletion.__table__.c.item_id == self.module.check_id
        mine = ItemCompletion.__table__.c.learner_id == self.doer.learner_id
        assert self.db.connection().execute(noted.where(of_check, mine)).scalar_one() == bool(passed)


class SittingMachine(Machine):
    """The same taps in a sitting: answers change, a deadline runs, the teacher may give more time."""

    is_sitting = True
    sitting: Sitting

    def __init__(self) -> None:
        super().__init__()
        self.doer = known(self.db, "Lò Thị Mai", self.now)
        self.sitting = self._open()

    def _open(self) -> Sitting:
        raise NotImplementedError

    @rule()
    def start(self) -> None:
        self.code = enter_sitting(self.db, self.doer, self.sitting, self.module, self.now)
        paper = self.paper()
        self.models.setdefault(self.code, Model(len(paper.rows), is_sitting=True, closes_at=paper.closes_at))
        assert list(self.models) == [self.code], "a person has one paper in a sitting"

    def send(self, request: Request) -> None:
        give_answer(
            self.db,
            self.doer,
            request.code,
            request.position,
            request.choice,
            request.seen,
            self.catalogue,
            ISSUER,
            self.now,
        )
        self.models[request.code].give(request.position, request.choice, request.seen, self.now)

    @precondition(lambda self: self.code)
    @rule()
    def submit(self) -> None:
        hand_in_sitting(self.db, self.doer, self.code, self.catalogue, ISSUER, self.now)
        self.models[self.code].end(self.now)

    @precondition(lambda self: self.code)
    @rule(minutes=st.sampled_from([0, 5]))
    def more_time(self, minutes: int) -> None:
        assert self.doer.person_id is not None
        give_minutes(self.db, self.sitting, self.doer.person_id, minutes, "Cô Lan", self.now)
        model = self.models[self.code]
        if not model.ended:
            model.closes_at = self.paper().closes_at


FEW = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_a_self_paced_check_ends_as_the_model_says_whatever_the_taps(db: ScopedSession) -> None:
    class OnThisDatabase(Machine):
        pass

    OnThisDatabase.db, OnThisDatabase.catalogue = db, load(db)
    run_state_machine_as_test(OnThisDatabase, settings=FEW)


def test_a_sitting_ends_as_the_model_says_whatever_the_taps(db: ScopedSession) -> None:
    cast, catalogue = gather(db), load(db)
    teacher = known(db, "Nguyễn Thị Lan")
    assert teacher.person_id is not None
    witness = teacher.person_id

    class OnThisDatabase(SittingMachine):
        def _open(self) -> Sitting:
            for sitting in self.db.scalars(sa.select(Sitting).where(Sitting.closed_at.is_(None))):
                sitting.closed_at = self.now - timedelta(seconds=1)
            return open_sitting(self.db, cast.class_4a.id, self.module, cast.lan.id, witness, 5, "", self.now)

    OnThisDatabase.db, OnThisDatabase.catalogue = db, catalogue
    run_state_machine_as_test(OnThisDatabase, settings=FEW)
