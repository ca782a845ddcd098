"""A roster as the preview shows it: what would happen, what is wrong in which cell, what is left out."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.classrooms.drafts import CLASS, STAFF, Draft
from lms.classrooms.headings import PUPIL_FIELDS, STAFF_FIELDS
from lms.classrooms.importing import Outcome, outcome_of, staff_outcome
from lms.classrooms.known import BACK, CHANGED, MOVED, Copy, Room, SchoolRoster
from lms.classrooms.planning import WORDS, Plan, plan_pupils
from lms.classrooms.roster import read_pupils
from lms.classrooms.rows import ERROR, MENDED, NOTICE, Problem, Reading
from lms.classrooms.staff_list import read_staff
from lms.classrooms.staff_planning import StaffPlan, plan_staff
from lms.classrooms.table import Table, letters
from lms.mac import mac
from lms.places.queries import Place
from lms.vietnamese import fold

SHOWN = 100
"""Faulty rows, and notes, on one page; the page says how many more there are."""


@dataclass(frozen=True)
class Where:
    """Where a roster is read: a class, a whole school, or its staff; `unit` is the place of the address."""

    kind: str
    unit: Place
    school: Place

    @property
    def fields(self) -> Mapping[str, str]:
        """Return the fields that a file may hold, in the words of the screen."""
        return STAFF_FIELDS if self.kind == STAFF else PUPIL_FIELDS

    @property
    def who(self) -> str:
        """Return what one person of the list is called."""
        return "người" if self.kind == STAFF else "em"


@dataclass
class FaultyRow:
    """A row that stays out until it is mended: each faulty cell once, with its problems."""

    line: int
    number: int
    name: str
    cells: dict[int, list[Problem]] = field(default_factory=dict)
    others: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """A question about a row, with the people it may be."""

    line: int
    number: int
    name: str
    born_on: date | None
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Review:
    """Everything the preview shows."""

    where: Where
    draft: Draft
    reading: Reading[Any]
    plan: Plan | StaffPlan
    outcome: Outcome
    faulty: tuple[FaultyRow, ...]
    whole: tuple[Problem, ...]
    asked: tuple[Asked, ...]

    @property
    def faults_shown(self) -> tuple[FaultyRow, ...]:
        """Return the first faulty rows."""
        return self.faulty[:SHOWN]

    def notes(self, kind: str) -> list[Problem]:
        """Return what was mended or is worth a look, on rows that are taken."""
        bad = self.reading.bad_lines
        return [p for p in self.reading.problems if p.kind == kind and p.line not in bad]

    @property
    def mended(self) -> list[Problem]:
        """Return what we put right by ourselves."""
        return self.notes(MENDED)

    @property
    def noticed(self) -> list[Problem]:
        """Return what is worth a look."""
        return self.notes(NOTICE)

    @property
    def skipped(self) -> dict[str, list[int]]:
        """Return the numbers of the rows that are nobody, by reason."""
        found: dict[str, list[int]] = {}
        for line, reason in self.reading.skipped.items():
            if line not in self.draft.dropped:
                found.setdefault(reason, []).append(self.draft.table.row_number(line))
        return found

    @property
    def dropped(self) -> list[tuple[int, int, str]]:
        """Return line, number and name of the rows that were dropped by hand."""
        table = self.draft.table
        names = names_on(self.draft, self.reading, sorted(self.draft.dropped))
        return [(line, table.row_number(line), names[line]) for line in sorted(self.draft.dropped)]

    @property
    def arrivals(self) -> list[tuple[str, str, str]]:
        """Return pupils who come back or from another class: name, what, from where."""
        rooms = self.plan.known.rooms
        found = []
        for step in self.plan.steps:
            if step.kind == BACK:
                found.append((step.values.full_name, "trở lại", ""))
            elif step.kind == MOVED:
                left = [rooms[copy.unit_id] for copy in step.leaves]
                found.append((step.values.full_name, "chuyển từ", " và ".join(map(room_words, left))))
        return found

    @property
    def corrections(self) -> list[tuple[str, str]]:
        """Return people whose data change, and which."""
        changed = (step for step in self.plan.steps if step.kind == CHANGED)
        return [
            (step.values.full_name, ", ".join(WORDS[name] for name in step.changes) or "đối tượng")
            for step in changed
        ]

    @property
    def rooms_opened(self) -> list[str]:
        """Return the names of the classes that would be opened."""
        plan = self.plan
        return [plan.room_names[key] for key in plan.new_rooms] if isinstance(plan, Plan) else []

    @property
    def column_choices(self) -> list[tuple[str, str]]:
        """Return the columns of the table as choices of a select."""
        table, headings = self.draft.table, self.reading.headings
        width = max((len(row) for row in table.rows), default=0)
        columns = [c for c in range(width) if c in headings or _has_text(table, c)]
        names = [(c, letters(table.first_column + c), headings.get(c, "")) for c in columns]
        return [("", "không lấy")] + [(str(c), f"{at} “{name}”" if name else at) for c, at, name in names]


def _has_text(table: Table, column: int) -> bool:
    return any(table.text(line, column).strip() for line in range(min(len(table.rows), 40)))


def room_words(room: Room) -> str:
    """Return a class with its school year."""
    return f"lớp {room.name} năm học {room.first_year}–{room.first_year + 1}"


def person_ref(secret: bytes, person_id: uuid.UUID) -> str:
    """Return what stands for a person in the forms of a preview."""
    return mac(secret, "roster-person", person_id.bytes).hex()[:16]


def read_draft(where: Where, draft: Draft, today: date) -> Reading[Any]:
    """Read the table of a draft with what was typed over it."""
    if where.kind == STAFF:
        return read_staff(draft.table, draft.mapping, draft.edits, draft.dropped)
    name = where.unit.name if where.kind == CLASS else None
    return read_pupils(draft.table, draft.mapping, draft.edits, draft.dropped, name, on=today)


def plan_draft(
    where: Where,
    draft: Draft,
    reading: Reading[Any],
    known: SchoolRoster,
    *,
    leaving: Collection[uuid.UUID] = (),
) -> Plan | StaffPlan:
    """Compare what was read with what the school knows."""
    lines = [*reading.bad_lines, *draft.dropped]
    unread = {fold(name) for name in names_on(draft, reading, lines).values()}
    said: dict[str, Any] = {"answers": draft.answers, "leaving": frozenset(leaving), "unread": unread}
    if where.kind == STAFF:
        return plan_staff(known, reading.rows, **said)
    room = known.rooms[where.unit.id] if where.kind == CLASS else None
    return plan_pupils(known, reading.rows, draft.first_year, room=room, **said)


def review(
    where: Where, draft: Draft, reading: Reading[Any], plan: Plan | StaffPlan, secret: bytes
) -> Review:
    """Return what the preview shows."""
    faulty = _faulty(draft, reading)
    return Review(
        where,
        draft,
        reading,
        plan,
        staff_outcome(plan) if isinstance(plan, StaffPlan) else outcome_of(plan),
        tuple(faulty),
        tuple(p for p in reading.problems if p.kind == ERROR and not _is_row(reading, p.line)),
        tuple(_asked(where, draft, plan, secret)),
    )


def _is_row(reading: Reading[Any], line: int) -> bool:
    return line > (-1 if reading.header_line is None else reading.header_line)


def _faulty(draft: Draft, reading: Reading[Any]) -> Iterable[FaultyRow]:
    lines = sorted(line for line in reading.bad_lines if _is_row(reading, line))
    names = names_on(draft, reading, lines)
    rows = {line: FaultyRow(line, draft.table.row_number(line), names[line]) for line in lines}
    for problem in reading.problems:
        row = rows.get(problem.line)
        if row is None or problem.kind == MENDED:
            continue
        if problem.column is None or problem.kind != ERROR:
            row.others.append(problem)
        else:
            row.cells.setdefault(problem.column, []).append(problem)
    return rows.values()


def names_on(draft: Draft, reading: Reading[Any], lines: Iterable[int]) -> dict[int, str]:
    """Return the name that stands on each of these lines, as it stands."""
    columns = [
        reading.mapping[name]
        for name in ("full_name", "family_name", "given_name")
        if name in reading.mapping
    ]
    return {
        line: " ".join(
            " ".join(draft.edits.get((line, c), draft.table.text(line, c)) for c in columns).split()
        )
        for line in lines
    }


def _asked(where: Where, draft: Draft, plan: Plan | StaffPlan, secret: bytes) -> Iterable[Asked]:
    here = where.unit.id if where.kind == CLASS else None
    for question in plan.questions:
        options = tuple(
            (person_ref(secret, copy.person_id), _option(copy, plan.known, here)) for copy in question.options
        )
        row = question.row
        born_on = getattr(row, "born_on", None)
        yield Asked(row.line, draft.table.row_number(row.line), row.full_name, born_on, options)


def _option(copy: Copy, known: SchoolRoster, here: uuid.UUID | None) -> str:
    """Describe somebody known; of a pupil of another class a class's teacher reads name and class only."""
    room = known.rooms.get(copy.unit_id)
    born = f"sinh {copy.born_on:%d/%m/%Y}" if copy.born_on else "chưa có ngày sinh"
    told = [
        born if room and here in (None, copy.unit_id) else "",
        room_words(room) if room else "",
        f"điện thoại {copy.phone}" if copy.phone and not room else "",
        f"đã rời ngày {copy.left_on:%d/%m/%Y}" if copy.left_on else "",
    ]
    return f"Là {copy.full_name} đã có: {', '.join(part for part in told if part)}".removesuffix(": ")


def left_out(review: Review) -> Table:
    """Return the rows that stay out, under their headings, each with what is to be mended."""
    reading, draft = review.reading, review.draft
    headings = dict(sorted(reading.headings.items()))
    header = (*headings.values(), "Cần sửa")
    said: dict[int, list[str]] = {}
    for problem in reading.problems:
        if problem.kind == ERROR and _is_row(reading, problem.line):
            said.setdefault(problem.line, []).append(problem.message.split(": ", 1)[-1])
    for asked in review.asked:
        said[asked.line] = ["trùng tên với em đã có, chưa chọn là em nào"]
    rows = [_texts(draft, headings, line, said[line]) for line in sorted(said)]
    return Table((header, *rows), "Dòng còn lỗi")


def _texts(draft: Draft, columns: Iterable[int], line: int, messages: Sequence[str]) -> tuple[str, ...]:
    texts = (draft.edits.get((line, column), draft.table.text(line, column)) for column in columns)
    return (*texts, " ".join(messages))
