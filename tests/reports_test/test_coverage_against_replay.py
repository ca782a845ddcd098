"""The one statement of a figure equals a replay of every event, whatever the roster and the events."""

import random
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Course, Edition
from lms.catalog.queries import load as load_catalogue
from lms.classrooms.actions import open_classroom
from lms.clock import local_date
from lms.db import ScopedSession, new_id
from lms.people.actions import add_person, make_learner
from lms.people.memberships import guard, join_unit
from lms.people.merging import HasLearned, merge_person
from lms.people.models import Claim, Guardianship, Membership, PersonMerge
from lms.places.actions import open_unit
from lms.places.models import Unit
from lms.places.queries import place_by_id
from lms.progress.models import ItemCompletion
from lms.progress.rules import Done, course_done
from lms.quizzes.models import Attempt, HandIn
from lms.reports.coverage import coverage
from lms.reports.evidence import AUDIENCES, FAMILY, Asked
from lms.reports.queries import Count

FIRST = datetime(2026, 8, 1, tzinfo=UTC)
DAYS = 110
SEEDS = range(30)


@dataclass
class Chance:
    """A world of a few schools, drawn from a seed."""

    db: Session
    pick: random.Random

    def moment(self) -> datetime:
        """Draw a moment; often one at which it is another day in Việt Nam than in UTC."""
        return FIRST + timedelta(days=self.pick.randrange(DAYS), hours=self.pick.choice([1, 16, 17, 18, 23]))

    def some(self, share: float) -> bool:
        """Draw yes with this share."""
        return self.pick.random() < share

    def units(self) -> tuple[Unit, list[uuid.UUID], list[uuid.UUID]]:
        """Make a commune, its schools and their classes, one of them of last year."""

        def unit(kind: str, name: str, parent: Unit | None = None) -> Unit:
            return open_unit(self.db, kind, name, type=kind, opened_on=FIRST.date(), now=FIRST, parent=parent)

        commune = unit("commune", "Xã Thử Đếm")
        schools = [unit("school", f"Trường {n}", commune) for n in range(2)]
        rooms = [
            open_classroom(self.db, school, f"{n + 1}A", 2026, FIRST) for school in schools for n in range(2)
        ]
        rooms.append(open_classroom(self.db, schools[0], "5C", 2025, FIRST))
        return commune, [s.id for s in schools], [room.unit_id for room in rooms]

    def people(self, schools: list[uuid.UUID], rooms: list[uuid.UUID]) -> list[uuid.UUID]:
        """Make people, seat each anywhere for a while, tie some as guardians."""
        people = [add_person(self.db, f"Người {n}", FIRST).id for n in range(14)]
        for person in people:
            for _ in range(self.pick.randint(1, 3)):
                audience = self.pick.choice(["student", "parent", "parent", "teacher", "staff"])
                unit = self.pick.choice(schools if audience in {"teacher", "staff"} else rooms)
                self._seat(person, unit, audience)
        for _ in range(12):
            guardian, pupil = self.pick.sample(people, 2)
            since = local_date(self.moment())
            guard(self.db, guardian, pupil, "mẹ", since)
            if self.some(0.2):
                self.db.execute(
                    sa.update(Guardianship)
                    .where(Guardianship.guardian_id == guardian, Guardianship.valid_to.is_(None))
                    .values(valid_to=since + timedelta(days=self.pick.randrange(40)))
                )
        return people

    def _seat(self, person: uuid.UUID, unit: uuid.UUID, audience: str) -> None:
        held = sa.select(Membership.id).where(
            Membership.person_id == person, Membership.unit_id == unit, Membership.left_on.is_(None)
        )
        if self.db.execute(held.where(Membership.audience == audience)).first():
            return
        row = join_unit(self.db, person, unit, audience, "Người", local_date(self.moment()))
        if self.some(0.25):
            row.left_on = row.joined_on + timedelta(days=self.pick.randrange(1, 60))
            self.db.flush()

    def learning(self, people: list[uuid.UUID], items: list[str], modules: list[str]) -> None:
        """Let learners complete things; let people claim them, and some take it back."""
        for _ in range(22):
            learner = make_learner(self.db, FIRST)
            for item in self.pick.sample(items, self.pick.randint(0, len(items))):
                for level in self.pick.sample([0, 1, 2, 3], self.pick.choice([1, 1, 2])):
                    self._complete(learner, item, level)
            if self.some(0.3):
                self._hand_in(learner, self.pick.choice(modules))
            claimed = self.moment()
            if self.some(0.3):
                undone = claimed + timedelta(days=self.pick.randrange(30))
                self._claim(learner, self.pick.choice(people), claimed, undone)
                claimed = undone + timedelta(days=self.pick.randrange(10))
            if self.some(0.8):
                self._claim(learner, self.pick.choice(people), claimed, None)

    def _complete(self, learner: uuid.UUID, item: str, level: int) -> None:
        mode = self.pick.choice(["alone", "assisted"]) if level < 2 else "supervised"
        row = ItemCompletion(
            id=new_id(), learner_id=learner, item_id=item, at=self.moment(), level=level, mode=mode
        )
        self.db.add(row)

    def _claim(self, learner: uuid.UUID, person: uuid.UUID, at: datetime, undone_at: datetime | None) -> None:
        self.db.add(
            Claim(id=new_id(), learner_id=learner, person_id=person, at=at, by="test", undone_at=undone_at)
        )
        self.db.flush()

    def _hand_in(self, learner: uuid.UUID, module: str) -> None:
        attempt = Attempt(
            id=new_id(), code=uuid.uuid4().hex, learner_id=learner, module_id=module, number=1,
            started_at=FIRST, out_of=3, pass_percent=80, language="vi", audience="citizen", level=0,
            mode="alone",
        )  # fmt: skip
        self.db.add(attempt)
        self.db.flush()
        at = self.moment()
        self.db.add(HandIn(attempt_id=attempt.id, points=0, out_of=3, passed=False, at=at))

    def merges(self, people: list[uuid.UUID]) -> None:
        """Merge some who never learned into some who did."""
        learned = set(self.db.scalars(sa.select(Claim.person_id).where(Claim.undone_at.is_(None))))
        for person in people:
            if learned and person not in learned and self.some(0.6):
                try:
                    kept = self.pick.choice(sorted(learned))
                    merge_person(self.db, kept, person, "test", self.moment())
                except HasLearned:
                    continue

    def course(self, real: Course, items: list[str]) -> Course:
        """Draw the editions of a course, sometimes none, sometimes one that asks nothing."""
        moments = sorted(self.moment() for _ in range(self.pick.randint(0, 3)))
        editions = tuple(
            Edition(number, tuple(self.pick.sample(items, self.pick.randint(0, 2))), at)
            for number, at in enumerate(moments, start=1)
        )
        return replace(real, editions=editions)


@dataclass
class Replay:
    """Every event in memory, and the definitions of the product read word by word."""

    db: Session
    asked: Asked
    items: set[str]

    def __post_init__(self) -> None:
        read = lambda model: list(self.db.scalars(sa.select(model)))  # noqa: E731
        self.seats, self.guards, self.claims = read(Membership), read(Guardianship), read(Claim)
        self.completions, self.merged = read(ItemCompletion), read(PersonMerge)
        modules = {a.id: (a.learner_id, a.module_id) for a in read(Attempt)}
        self.tries = [(*modules[h.attempt_id], h.at) for h in read(HandIn)]
        self.past = set(self.db.scalars(sa.select(Unit.id).where(Unit.path.in_(self._past_paths()))))

    def _past_paths(self) -> list[str]:
        from lms.classrooms.models import Classroom

        rows = sa.select(Unit.path).join(Classroom, Classroom.unit_id == Unit.id)
        return list(self.db.scalars(rows.where(Classroom.first_year != 2026)))

    def same(self, person: uuid.UUID) -> uuid.UUID:
        """Return who a person is, as known then."""
        for merge in self.merged:
            if merge.merged_id == person and merge.at <= self.asked.known_at:
                return merge.kept_id
        return person

    def claimed(self, person: uuid.UUID) -> dict[uuid.UUID, datetime]:
        """Return the learners of a person as known then, with the moment each was claimed."""
        return {
            c.learner_id: c.at
            for c in self.claims
            if c.person_id == person
            and c.at <= self.asked.known_at
            and not (c.undone_at and c.undone_at <= self.asked.known_at)
        }

    def counts_by_then(self, moment: datetime) -> bool:
        """Tell whether a moment lies on the date asked about, or before, and was known."""
        return moment <= self.asked.known_at and local_date(moment) <= self.asked.as_of

    def evidence(self, person: uuid.UUID) -> tuple[bool, dict[str, Done], dict[str, bool]]:
        """Return whether a person took part, what is done, and which of it only with help."""
        learners, took = self.claimed(person), False
        done: dict[str, Done] = {}
        helped: dict[str, bool] = {}
        for event in self.completions:
            if event.learner_id not in learners or event.item_id not in self.items:
                continue
            at = max(event.at, learners[event.learner_id])
            if not self.counts_by_then(at):
                continue
            took, level, item = True, max(event.level, 1), event.item_id
            held = done.get(item)
            first = min(at, held.first_at) if held else at
            done[item] = Done(first, max(level, held.level if held else 0), "", at)
            helped[item] = helped.get(item, True) and event.mode == "assisted"
        for learner, module, at in self.tries:
            if learner in learners and module in self.items:
                took = took or self.counts_by_then(max(at, learners[learner]))
        return took, done, helped

    def rank(self, person: uuid.UUID) -> int:
        """Return how far a person came: 0, 1 took part, 2 with help, 3 alone, 4 level 2, 5 level 3."""
        took, done, helped = self.evidence(person)
        began = replace(self.asked.course, editions=self.asked.editions)
        found = course_done(began, done)
        if found is None:
            return 1 if took else 0
        with_help = any(helped[module] for module in found.edition.modules)
        return 2 if found.level == 1 and with_help else found.level + 2

    def members(self, units: set[uuid.UUID], audience: str) -> list[Membership]:
        """Return the seats of an audience on the date."""
        return [
            seat
            for seat in self.seats
            if seat.unit_id in units - self.past
            and seat.audience == audience
            and seat.joined_on <= self.asked.as_of
            and not (seat.left_on and seat.left_on <= self.asked.as_of)
        ]

    def count(self, units: set[uuid.UUID], audience: str) -> Count:
        """Return the figure of a unit that holds these units."""
        best: dict[uuid.UUID, int] = {}
        for seat in self.members(units, "student" if audience == FAMILY else audience):
            subject = self.same(seat.person_id)
            ranks = self.family(seat) if audience == FAMILY else [self.seated_rank(seat)]
            best[subject] = max([best.get(subject, 0), *ranks])
        ranks = list(best.values())
        return Count(
            members=len(ranks),
            taken_part=sum(r >= 1 for r in ranks),
            completed=sum(r >= 2 for r in ranks),
            helped=sum(r == 2 for r in ranks),
            level_2=sum(r >= 4 for r in ranks),
            level_3=sum(r == 5 for r in ranks),
        )

    def seated_rank(self, seat: Membership) -> int:
        """Return how far a person came as far as this unit knows."""
        if seat.linked_at and not self.counts_by_then(seat.linked_at):
            return 0
        return self.rank(self.same(seat.person_id))

    def family(self, pupil: Membership) -> list[int]:
        """Return how far each guardian of a pupil came."""
        found = []
        for tie in self.guards:
            on = self.asked.as_of
            if (
                tie.pupil_id != pupil.person_id
                or tie.valid_from > on
                or (tie.valid_to and tie.valid_to <= on)
            ):
                continue
            seats = [s for s in self.members({pupil.unit_id}, "parent") if s.person_id == tie.guardian_id]
            known = [s for s in seats if not s.linked_at or self.counts_by_then(s.linked_at)]
            if known or not seats:
                found.append(self.rank(self.same(tie.guardian_id)))
        return found


@pytest.mark.parametrize(
    "seed", [*SEEDS[:10], *(pytest.param(n, marks=pytest.mark.server) for n in SEEDS[10:])]
)
def test_every_figure_equals_the_replay_of_its_events(db: ScopedSession, seed: int) -> None:
    chance = Chance(db, random.Random(seed))
    real = load_catalogue(db).courses[0]
    items = [module.id for module in real.modules] + [lesson.id for lesson in real.lessons]
    commune, schools, rooms = chance.units()
    people = chance.people(schools, rooms)
    chance.learning(people, items, [module.id for module in real.modules])
    chance.merges(people)
    course = chance.course(real, items)
    db.flush()
    below = {u.id: u.path for u in db.scalars(sa.select(Unit).where(Unit.path.startswith(commune.path)))}
    for as_of, known_at in _questions(chance):
        asked = Asked(course, as_of, known_at)
        replay = Replay(db, asked, set(items))
        top = place_by_id(db, commune.id, as_of)
        assert top is not None
        for kind in ("class", "school", "commune"):
            for row in coverage(db, top, kind, AUDIENCES, course, as_of, known_at):
                units = {unit for unit, path in below.items() if path.startswith(row.place.path)}
                expected = replay.count(units, row.audience)
                assert row.count == expected, (row.place.name, row.audience, as_of, known_at)
                assert row.base is None or row.count.completed <= row.count.taken_part <= row.base


def _questions(chance: Chance) -> list[tuple[date, datetime]]:
    end = FIRST + timedelta(days=DAYS + 1)
    drawn = [(local_date(moment := chance.moment()), moment + timedelta(hours=3)) for _ in range(2)]
    return [(local_date(end), end), (local_date(chance.moment()), end), *drawn]
