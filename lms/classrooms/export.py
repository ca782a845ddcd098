"""A class's or school's roster as a table: read in again, it changes nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import PurePath

from lms.classrooms.guardians import FATHER, GUARDIAN, MOTHER
from lms.classrooms.known import PARENT, Copy, Room, SchoolRoster

HEADER = (
    "Lớp",
    "Họ và tên",
    "Ngày sinh",
    "Mã định danh Bộ GD&ĐT",
    "Họ tên mẹ",
    "SĐT mẹ",
    "Họ tên bố",
    "SĐT bố",
    "Họ tên người giám hộ",
    "SĐT người giám hộ",
    "Quan hệ với học sinh",
)
FORMATS = (".xlsx", ".csv")
Row = list[str | date | None]


def roster_rows(known: SchoolRoster, rooms: list[Room]) -> Iterator[Row]:
    """Yield the pupils of these classes in name order, with one mother, father and other guardian each."""
    for room in rooms:
        for pupil in known.pupils_in(room.unit_id):
            held = _guardians(known, pupil)
            mother, father = held.get(MOTHER), held.get(FATHER)
            other = next(((rel, copy) for rel, copy in held.items() if rel not in (MOTHER, FATHER)), None)
            row: Row = [room.name, pupil.full_name, pupil.born_on, pupil.sector_code]
            for copy in (mother, father, other[1] if other else None):
                row += [copy.full_name, copy.phone] if copy else [None, None]
            yield [*row, other[0] if other and other[0] != GUARDIAN else None]


def _guardians(known: SchoolRoster, pupil: Copy) -> dict[str, Copy]:
    held: dict[str, Copy] = {}
    for tie in known.guardians_of(pupil.person_id):
        copy = next(iter(known.standing(tie.guardian_id, PARENT, pupil.unit_id)), None)
        if copy is not None:
            held.setdefault(tie.relation, copy)
    return held


def texts(row: Row) -> list[str]:
    """Return a row as texts, dates as Vietnamese write them."""
    return [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell or "" for cell in row]


def format_of(name: str) -> str | None:
    """Return the ending of a file that can be written, or None."""
    ending = PurePath(name).suffix.casefold()
    return ending if ending in FORMATS else None
