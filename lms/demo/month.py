"""What everybody does in the month before now: a list of deeds in the order of time; no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from lms.catalog.catalogue import Course, Module
from lms.clock import VIETNAM, local_date
from lms.demo.people import Guardian, Pupil, staff_key
from lms.demo.rule import Rule

MONTH = timedelta(days=30)
JOIN, GUEST, OWN, LESSON, CHECK, WITNESS = "join", "guest", "own", "lesson", "check", "witness"
ALL_RIGHT, ONE_SLIP, FAILS = "all right", "one slip", "fails"
NOTHING, ONE_LESSON, FAILED, MODULE, COURSE = range(5)
"""How far somebody comes: not begun, one lesson, a check not passed, the module, the whole course."""


@dataclass(frozen=True)
class Deed:
    """One thing that somebody does: `who` is the key of a person, `item` of a lesson or module."""

    at: datetime
    who: str
    what: str
    item: str = ""
    how: str = ALL_RIGHT
    partner: str = ""


@dataclass(frozen=True)
class Month:
    """The days before now, as far back as a month or the beginning of the school year."""

    now: datetime
    starts: datetime

    def at(self, days_ago: float, hour: int, minute: int = 0) -> datetime:
        """Return a moment of the month: a day as far back as its share of it, never later than now."""
        whole = min(self.now - self.starts, MONTH)
        day = local_date(self.now - whole * (days_ago / MONTH.days))
        moment = datetime.combine(day, time(hour, minute), VIETNAM)
        return max(self.starts, min(moment, self.now - timedelta(minutes=1)))

    def hours_ago(self, hours: int) -> datetime:
        """Return a moment of today or yesterday, never before the school year."""
        return max(self.starts, self.now - timedelta(hours=hours))


@dataclass(frozen=True)
class Habit:
    """How a class's pupils get on, in percent of all: course, module, failed check, one lesson."""

    course: int
    module: int
    failed: int
    one_lesson: int
    room_days_ago: int
    pairs: int
    families: int
    families_from: int


HABITS = {
    "4A": Habit(40, 22, 6, 14, 13, 3, 72, 19),
    "4B": Habit(0, 45, 5, 15, 12, 0, 50, 16),
    "5A": Habit(0, 4, 0, 4, 0, 0, 28, 6),
    "6A": Habit(44, 20, 6, 10, 15, 0, 52, 18),
    "6B": Habit(0, 62, 10, 15, 9, 8, 34, 14),
}
WITNESSED = {"4A": (2, 12), "6A": (1, 9)}
"""Of which classes the teacher saw checks done: how many days ago, how many pupils."""


@dataclass
class Diary:
    """The deeds of the month as they are thought up."""

    rule: Rule
    month: Month
    course: Course
    deeds: list[Deed] = field(default_factory=list)
    latest: dict[str, datetime] = field(default_factory=dict)

    def write(self, at: datetime, who: str, what: str, item: str = "", how: str = "", mate: str = "") -> None:
        """Append a deed, not before what the same person did last and not after now."""
        at = self.latest[who] = max(min(at, self.month.now), self.latest.get(who, at))
        self.deeds.append(Deed(at, who, what, item, how or ALL_RIGHT, mate))

    def in_order(self) -> tuple[Deed, ...]:
        """Return the deeds in the order of time; a person's own order stays."""
        return tuple(sorted(self.deeds, key=lambda deed: deed.at))


def plan(rule: Rule, month: Month, course: Course, pupils: Sequence[Pupil]) -> Diary:
    """Think up the month of every class, family, staff member and visitor."""
    diary = Diary(rule, month, course)
    for room in HABITS:
        own = [pupil for pupil in pupils if pupil.room == room]
        reached = {pupil.key: reach(rule, pupil) for pupil in own}
        _pupils(diary, room, own, reached)
        _witness(diary, room, own, reached)
    _families(diary, pupils)
    _staff_and_visitors(diary)
    return diary


def reach(rule: Rule, pupil: Pupil) -> int:
    """Return how far a pupil comes."""
    habit, drawn = HABITS[pupil.room], rule.below(100, "pupil", pupil.key)
    for share, stage in (
        (habit.course, COURSE),
        (habit.module, MODULE),
        (habit.failed, FAILED),
        (habit.one_lesson, ONE_LESSON),
    ):
        if drawn < share:
            return stage
        drawn -= share
    return NOTHING


def _pupils(diary: Diary, room: str, own: Sequence[Pupil], reached: Mapping[str, int]) -> None:
    """Begin in the computer room, two at one machine here and there; go on at home."""
    habit = HABITS[room]
    mates = dict(_pairs([p.key for p in own if reached[p.key] == MODULE], habit.pairs))
    helped = set(mates.values())
    for pupil in own:
        stage, key = reached[pupil.key], pupil.key
        if stage == NOTHING:
            continue
        minute = diary.rule.below(20, "room", key)
        begun = diary.month.at(habit.room_days_ago or 3, 8, minute)
        if key in helped:
            continue
        mate = mates.get(key, "")
        diary.write(begun, key, OWN)
        if mate:
            diary.write(begun, mate, OWN)
        later = habit.room_days_ago - 1 - diary.rule.below(3, "home", key)
        _learn(diary, key, stage, begun, max(later, 1), 17 + diary.rule.below(3, "hour", key), mate)


def _pairs(keys: Sequence[str], count: int) -> Iterator[tuple[str, str]]:
    yield from zip(keys[: 2 * count : 2], keys[1 : 2 * count : 2], strict=False)


def _learn(
    diary: Diary, who: str, stage: int, begun: datetime, later: float, hour: int, mate: str = ""
) -> None:
    """Do the first lesson when begun, the rest of the module on a later day, the other modules after."""
    first, *others = diary.course.modules
    lessons = [lesson.id for lesson in first.lessons if lesson.required]
    diary.write(begun + timedelta(minutes=9), who, LESSON, lessons[0], mate=mate)
    if stage == ONE_LESSON:
        return
    evening = diary.month.at(later, hour, diary.rule.below(40, "minute", who))
    for turn, lesson in enumerate(lessons[1:], start=1):
        diary.write(evening + timedelta(minutes=6 * turn), who, LESSON, lesson, mate=mate)
    _check(diary, who, first, evening + timedelta(minutes=30), stage, mate)
    if stage == COURSE:
        for count, module in enumerate(others, start=1):
            soonest = diary.latest[who] + timedelta(minutes=15)
            day = max(soonest, diary.month.at(max(later - 3 * count, 1), hour))
            for turn, lesson_of in enumerate(module.lessons):
                diary.write(day + timedelta(minutes=6 * turn), who, LESSON, lesson_of.id, mate=mate)
            _check(diary, who, module, day + timedelta(minutes=40), stage, mate)


def _check(diary: Diary, who: str, module: Module, at: datetime, stage: int, mate: str) -> None:
    """Take a check: one in four fails the first time and passes when trying again."""
    if stage == FAILED:
        diary.write(at, who, CHECK, module.id, FAILS, mate)
        return
    if diary.rule.share(25, "again", who, module.id):
        diary.write(at, who, CHECK, module.id, FAILS, mate)
        at += timedelta(minutes=8)
    how = ONE_SLIP if diary.rule.share(35, "slip", who, module.id) else ALL_RIGHT
    diary.write(at, who, CHECK, module.id, how, mate)


def _witness(diary: Diary, room: str, own: Sequence[Pupil], reached: Mapping[str, int]) -> None:
    """Let the teacher see checks done again in the computer room, module by module."""
    if room not in WITNESSED:
        return
    days_ago, count = WITNESSED[room]
    done = [pupil.key for pupil in own if reached[pupil.key] == COURSE][:count]
    for turn, key in enumerate(done):
        for module in diary.course.modules:
            diary.write(diary.month.at(days_ago, 9, turn), key, WITNESS, module.id)


def _families(diary: Diary, pupils: Sequence[Pupil]) -> None:
    seen: set[str] = set()
    for pupil in pupils:
        habit = HABITS[pupil.room]
        for turn, guardian in enumerate(g for g in pupil.guardians if g.phone and g.key not in seen):
            seen.add(guardian.key)
            about = ("family", pupil.key, turn)
            if guardian.key == "hoa" or diary.rule.share(habit.families // (turn + 1), *about):
                _parent(diary, guardian, habit.families_from)


def _parent(diary: Diary, guardian: Guardian, from_day: int) -> None:
    """Join by the family's slip on one of the days after the module was given; most then go on."""
    rule, key = diary.rule, guardian.key
    day = from_day - rule.below(max(from_day - 2, 1), "day", key)
    at = diary.month.at(day, 19 + rule.below(2, "hour", key), rule.below(50, "minute", key))
    if rule.share(7, "before", key):
        # Some learned as a guest before the module was given: “đã học trước” once they are known.
        early = diary.month.at(27, 20, rule.below(50, "early", key))
        diary.write(early, key, GUEST)
        _learn(diary, key, MODULE, early, 27, 21)
        diary.write(at, key, JOIN)
        return
    diary.write(at, key, JOIN)
    drawn = 80 if key == "hoa" else rule.below(100, "stage", key)
    bounds = ((8, NOTHING), (20, ONE_LESSON), (28, FAILED), (60, MODULE), (100, COURSE))
    stage = next(stage for bound, stage in bounds if drawn < bound)
    if stage != NOTHING:
        _learn(diary, key, stage, at, max(day - 1, 1), 20)


def _staff_and_visitors(diary: Diary) -> None:
    for turn, login in enumerate(("lan", "minh", "hieu-truong")):
        at = diary.month.at(22 - turn, 16, 10 * turn)
        diary.write(at, staff_key(login), OWN)
        _learn(diary, staff_key(login), COURSE if turn < 2 else MODULE, at, 20 - turn, 20)
    for turn in range(9):
        at = diary.month.at(28 - 3 * turn, 20, turn)
        diary.write(at, f"visitor-{turn}", GUEST)
        _learn(diary, f"visitor-{turn}", ONE_LESSON, at, 1, 20)
