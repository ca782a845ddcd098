"""What a roster would change in a school, worked out before anything is written. Pure.

Nobody is removed by absence: who stands in a class and not in the file is shown, and leaves only where
somebody says so. An empty cell says nothing: what the school knows stays.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lms.classrooms.actions import class_key
from lms.classrooms.families import Families, GuardianStep, Who
from lms.classrooms.known import (
    BACK,
    CHANGED,
    MOVED,
    NEW,
    PARENT,
    PUPIL,
    SAME,
    Copy,
    Room,
    SchoolRoster,
    Values,
)
from lms.classrooms.matching import Doubt, Face, Found, Matcher, Sought
from lms.classrooms.rows import PupilRow
from lms.vietnamese import fold, sort_key

WORDS = {
    "full_name": "họ và tên",
    "sort_key": "tên dùng để xếp",
    "phone": "điện thoại",
    "sector_code": "mã định danh",
    "born_on": "ngày sinh",
}
Answers = Mapping[int, uuid.UUID | None]


@dataclass(frozen=True)
class PupilStep:
    """One pupil of the file: who it is, what the class writes of them, what is new.

    `kind`: NEW; MOVED from the classes of `leaves`; BACK after having left; CHANGED in `changes`; SAME.
    `copy` is the class's standing copy, None where it is to be made.
    """

    line: int
    who: Who
    kind: str
    room_key: str
    values: Values
    copy: Copy | None = None
    changes: tuple[str, ...] = ()
    leaves: tuple[Copy, ...] = ()
    guardians: tuple[GuardianStep, ...] = ()


@dataclass(frozen=True)
class Question:
    """A row that may be one of several pupils; it stays out until somebody says which, or none."""

    row: PupilRow
    options: tuple[Copy, ...]


@dataclass(frozen=True)
class Plan:
    """Everything a roster would change; `rooms` are the classes it names, None where one is to be opened."""

    known: SchoolRoster
    first_year: int
    rooms: Mapping[str, Room | None]
    room_names: Mapping[str, str]
    steps: tuple[PupilStep, ...]
    questions: tuple[Question, ...]
    elsewhere: tuple[PupilRow, ...]
    absent: tuple[Copy, ...]
    leaving: tuple[Copy, ...]
    closings: tuple[Copy, ...]

    def of_kind(self, kind: str) -> tuple[PupilStep, ...]:
        """Return the pupils of one kind."""
        return tuple(step for step in self.steps if step.kind == kind)

    @property
    def new_rooms(self) -> tuple[str, ...]:
        """Return the keys of the classes that are to be opened, in the order of the file."""
        return tuple(dict.fromkeys(s.room_key for s in self.steps if self.rooms[s.room_key] is None))

    @property
    def guardians(self) -> dict[Who, str]:
        """Return what is new of each guardian named, one human once; SAME where nothing is."""
        kinds: dict[Who, str] = {}
        for step in (g for pupil in self.steps for g in pupil.guardians):
            if kinds.get(step.who, SAME) == SAME:
                kinds[step.who] = step.kind
        return kinds

    @property
    def people(self) -> int:
        """Return how many people this would write: none when the same file comes again."""
        changed = {step.who for step in self.steps if step.kind != SAME}
        grown_ups = {who for who, kind in self.guardians.items() if kind != SAME}
        return len(changed) + len(grown_ups)

    @property
    def changes_anything(self) -> bool:
        """Tell whether confirming this would write anything."""
        return bool(self.people or self.leaving)

    @property
    def fingerprint(self) -> str:
        """Return a digest of what was shown, so that only what was seen is confirmed."""
        told = hashlib.sha256()
        for step in self.steps:
            guardians = [(g.who, g.kind, g.full_name, g.relation, g.phone) for g in step.guardians]
            told.update(repr((step.line, step.who, step.kind, step.room_key, step.values)).encode())
            told.update(repr((step.changes, [copy.id for copy in step.leaves], guardians)).encode())
        told.update(repr([copy.id for copy in (*self.leaving, *self.closings)]).encode())
        return told.hexdigest()[:32]


def plan_pupils(
    known: SchoolRoster,
    rows: Sequence[PupilRow],
    first_year: int,
    *,
    room: Room | None = None,
    answers: Answers | None = None,
    leaving: AbstractSet[uuid.UUID] = frozenset(),
    unread: AbstractSet[str] = frozenset(),
) -> Plan:
    """Return what a roster would change, for one class, or for a whole school where the rows name classes.

    `answers`: whom the row of a line is, None for somebody new, where that was asked. `leaving`: persons
    among the absent who really left. `unread`: folded names on rows that are not read yet, who are not
    absent.
    """
    placed, elsewhere = _place(rows, room)
    rooms = {key: room or known.room_named(key, first_year) for _, key in placed}
    if room is not None:
        rooms[room.key] = room
    families = Families(known)
    found = _match(known, placed, rooms, families, answers or {}, first_year, wide=room is None)
    steps = tuple(_steps(known, placed, rooms, families, found))
    questions = tuple(
        Question(row, _options(known, doubt.options))
        for row, _ in placed
        if isinstance(doubt := found[row.line], Doubt)
    )
    absent = tuple(_absent(known, rooms, steps, questions, unread))
    gone = tuple(copy for copy in absent if copy.person_id in leaving)
    return Plan(
        known,
        first_year,
        rooms,
        {key: room.name if room else row.class_name or "" for row, key in reversed(placed)},
        steps,
        questions,
        elsewhere,
        absent,
        gone,
        tuple(closings(known, steps, gone)),
    )


def _place(
    rows: Sequence[PupilRow], room: Room | None
) -> tuple[list[tuple[PupilRow, str]], tuple[PupilRow, ...]]:
    """Return the rows with the class each belongs to, and those of no class or of another one."""
    placed, elsewhere = [], []
    for row in rows:
        key = class_key(row.class_name) if row.class_name else (room.key if room else "")
        if key and (room is None or key == room.key):
            placed.append((row, key))
        else:
            elsewhere.append(row)
    return placed, tuple(elsewhere)


def _match(
    known: SchoolRoster,
    placed: Sequence[tuple[PupilRow, str]],
    rooms: Mapping[str, Room | None],
    families: Families,
    answers: Answers,
    first_year: int,
    *,
    wide: bool,
) -> dict[int, Found]:
    by_line = {row.line: (row, rooms[key]) for row, key in placed}

    def is_unchanged(line: int, person: uuid.UUID) -> bool:
        row, room = by_line[line]
        copy = _copy_in(known, person, room)
        return (
            copy is not None
            and not _changes(copy, _values(row, copy))
            and families.says_nothing_new(row.guardians, person, room)
        )

    sought = [
        Sought(row.line, row.full_name, _spot(rooms[key], key), row.sector_code, row.born_on)
        for row, key in placed
    ]
    matcher = Matcher(sought, _faces(known, first_year), is_unchanged, fixed_mark=True, wide=wide)
    return matcher.pairs(answers)


def _spot(room: Room | None, key: str) -> uuid.UUID | str:
    return room.unit_id if room else key


def _faces(known: SchoolRoster, first_year: int) -> Iterator[Face]:
    """Yield the pupils of the school where they are now, or where they last were."""
    for person in known.by_person:
        copy = known.latest(person, (PUPIL,))
        if copy is None:
            continue
        held = known.standing(person, PUPIL) or [c for c in known.by_person[person] if c.audience == PUPIL]
        years = {known.rooms[c.unit_id].first_year for c in held}
        yield Face(
            person,
            copy.full_name,
            frozenset(c.unit_id for c in held),
            copy.sector_code,
            copy.born_on,
            max(years) < first_year,
        )


def _options(known: SchoolRoster, people: Iterable[uuid.UUID]) -> tuple[Copy, ...]:
    held = (known.latest(person, (PUPIL,)) for person in people)
    return tuple(copy for copy in held if copy is not None)


def _copy_in(known: SchoolRoster, person: Who | None, room: Room | None) -> Copy | None:
    if room is None or not isinstance(person, uuid.UUID):
        return None
    return next(iter(known.standing(person, PUPIL, room.unit_id)), None)


def _steps(
    known: SchoolRoster,
    placed: Sequence[tuple[PupilRow, str]],
    rooms: Mapping[str, Room | None],
    families: Families,
    found: Mapping[int, Found],
) -> Iterator[PupilStep]:
    codes = {copy.sector_code for copy in known.copies if copy.sector_code}
    for row, key in placed:
        person = found[row.line]
        if isinstance(person, Doubt):
            continue
        if person is None:
            yield _new_pupil(row, key, rooms[key], families, codes)
        else:
            yield _known_pupil(known, row, person, key, rooms[key], families)


def _new_pupil(
    row: PupilRow, key: str, room: Room | None, families: Families, codes: AbstractSet[str]
) -> PupilStep:
    code = None if row.sector_code in codes else row.sector_code
    values = Values(row.full_name, sort_key(row.full_name, row.sort_name), row.phone, code, row.born_on)
    guardians = families.steps(row.guardians, None, room, key, brings_own=False)
    return PupilStep(row.line, row.line, NEW, key, values, guardians=guardians)


def _known_pupil(
    known: SchoolRoster, row: PupilRow, person: uuid.UUID, key: str, room: Room | None, families: Families
) -> PupilStep:
    copy = _copy_in(known, person, room)
    held = copy or known.latest(person, (PUPIL,))
    values = _values(row, held)
    leaves = () if copy else _left_behind(known, person, room)
    changes = _changes(held, values) if held else ()
    arrival = MOVED if leaves else BACK
    stays = CHANGED if changes else SAME
    guardians = families.steps(row.guardians, person, room, key, brings_own=copy is None)
    kind = stays if copy else arrival
    return PupilStep(row.line, person, kind, key, values, copy, changes, leaves, guardians)


def _left_behind(known: SchoolRoster, person: uuid.UUID, room: Room | None) -> tuple[Copy, ...]:
    """Return where a pupil who comes into a class stood till now, later school years left alone."""
    year = room.first_year if room else None
    return tuple(
        copy
        for copy in known.standing(person, PUPIL)
        if year is None or known.rooms[copy.unit_id].first_year <= year
    )


def _values(row: PupilRow, held: Copy | None) -> Values:
    """Return what is to be written: what the row says, and where it says nothing what is known."""
    if held is None:
        key = sort_key(row.full_name, row.sort_name)
        return Values(row.full_name, key, row.phone, row.sector_code, row.born_on)
    is_same = not row.sort_name and row.full_name == held.full_name
    key = held.sort_key if is_same else sort_key(row.full_name, row.sort_name)
    return Values(
        row.full_name,
        key,
        row.phone or held.phone,
        row.sector_code or held.sector_code,
        row.born_on or held.born_on,
    )


def _changes(held: Copy, values: Values) -> tuple[str, ...]:
    changed = [name for name in WORDS if getattr(held, name) != getattr(values, name)]
    if "full_name" in changed and "sort_key" in changed:
        changed.remove("sort_key")
    return tuple(changed)


def _absent(
    known: SchoolRoster,
    rooms: Mapping[str, Room | None],
    steps: Iterable[PupilStep],
    questions: Iterable[Question],
    unread: AbstractSet[str],
) -> Iterator[Copy]:
    seen = {step.who for step in steps} | {copy.person_id for q in questions for copy in q.options}
    for room in rooms.values():
        for copy in known.pupils_in(room.unit_id) if room else ():
            if copy.person_id not in seen and fold(copy.full_name) not in unread:
                yield copy


def closings(known: SchoolRoster, steps: Sequence[PupilStep], gone: Sequence[Copy]) -> Iterator[Copy]:
    """Yield the copies of guardians in a class that none of their children stays in; `gone` leave it."""
    left = [*gone, *(copy for step in steps for copy in step.leaves)]
    leaving = {(copy.person_id, copy.unit_id) for copy in left}
    named = {(g.who, g.copy.unit_id) for step in steps for g in step.guardians if g.copy}
    done: set[uuid.UUID] = set()
    for pupil in left:
        for tie in known.guardians_of(pupil.person_id):
            for copy in known.standing(tie.guardian_id, PARENT, pupil.unit_id):
                key = (tie.guardian_id, pupil.unit_id)
                if copy.id not in done and key not in named and not has_ward(known, key, leaving):
                    done.add(copy.id)
                    yield copy


def has_ward(
    known: SchoolRoster, key: tuple[uuid.UUID, uuid.UUID], leaving: AbstractSet[tuple[uuid.UUID, uuid.UUID]]
) -> bool:
    """Tell whether a guardian (first of the key) has a child in a class (second) who is not leaving it."""
    guardian, unit = key
    return any(
        tie.valid_to is None
        and (tie.pupil_id, unit) not in leaving
        and known.standing(tie.pupil_id, PUPIL, unit)
        for tie in known.wards.get(guardian, ())
    )
