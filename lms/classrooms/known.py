"""What a school knows of its people when a roster is read: classes, its own copies, ties. Plain values."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

PUPIL, PARENT = "student", "parent"
STAFF_AUDIENCES = ("teacher", "staff")
NEW, JOINS, MOVED, BACK, CHANGED, SAME = "new", "joins", "moved", "back", "changed", "same"


@dataclass(frozen=True)
class Room:
    """A class of the school; `is_unused` when no pupil has ever been in it."""

    unit_id: uuid.UUID
    ref: str
    name: str
    key: str
    first_year: int
    opened_on: date
    is_unused: bool = False


@dataclass(frozen=True)
class Copy:
    """A person in one unit of the school, as that unit knows them: a membership."""

    id: uuid.UUID
    person_id: uuid.UUID
    unit_id: uuid.UUID
    audience: str
    full_name: str
    sort_key: bytes
    phone: str | None
    sector_code: str | None
    born_on: date | None
    joined_on: date
    left_on: date | None


@dataclass(frozen=True)
class Values:
    """What a unit's own copy of a person holds."""

    full_name: str
    sort_key: bytes
    phone: str | None = None
    sector_code: str | None = None
    born_on: date | None = None


@dataclass(frozen=True)
class Tie:
    """A guardianship, standing or ended."""

    id: uuid.UUID
    guardian_id: uuid.UUID
    pupil_id: uuid.UUID
    relation: str
    valid_from: date
    valid_to: date | None


@dataclass
class SchoolRoster:
    """One school: its classes, every copy of its people, who is whose guardian."""

    school_id: uuid.UUID
    rooms: dict[uuid.UUID, Room]
    copies: Iterable[Copy]
    ties: Iterable[Tie]
    by_person: dict[uuid.UUID, list[Copy]] = field(init=False)
    by_unit: dict[uuid.UUID, list[Copy]] = field(init=False)
    guardians: dict[uuid.UUID, list[Tie]] = field(init=False)
    wards: dict[uuid.UUID, list[Tie]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the copies by person and unit, the ties by pupil and guardian."""
        self.by_person, self.by_unit = defaultdict(list), defaultdict(list)
        self.guardians, self.wards = defaultdict(list), defaultdict(list)
        for copy in self.copies:
            self.by_person[copy.person_id].append(copy)
            self.by_unit[copy.unit_id].append(copy)
        for tie in self.ties:
            self.guardians[tie.pupil_id].append(tie)
            self.wards[tie.guardian_id].append(tie)

    def room_named(self, key: str, first_year: int) -> Room | None:
        """Return the class with this key in a school year, or None."""
        found = (r for r in self.rooms.values() if (r.key, r.first_year) == (key, first_year))
        return next(found, None)

    def standing(self, person_id: uuid.UUID, audience: str, unit_id: uuid.UUID | None = None) -> list[Copy]:
        """Return where a person is now, of an audience, in one unit or in any."""
        return [
            copy
            for copy in self.by_person.get(person_id, ())
            if copy.left_on is None and copy.audience == audience and unit_id in (None, copy.unit_id)
        ]

    def latest(self, person_id: uuid.UUID, audiences: tuple[str, ...]) -> Copy | None:
        """Return the copy to go by: a standing one before an ended one, the newest first."""
        held = [copy for copy in self.by_person.get(person_id, ()) if copy.audience in audiences]
        return max(held, key=lambda copy: (copy.left_on is None, copy.joined_on, copy.id), default=None)

    def guardians_of(self, pupil_id: uuid.UUID) -> list[Tie]:
        """Return the standing guardianships of a pupil, oldest first."""
        standing = (tie for tie in self.guardians.get(pupil_id, ()) if tie.valid_to is None)
        return sorted(standing, key=lambda tie: (tie.valid_from, tie.id))

    def pupils_in(self, unit_id: uuid.UUID) -> list[Copy]:
        """Return the pupils who are in a class now, in name order."""
        here = (c for c in self.by_unit.get(unit_id, ()) if c.audience == PUPIL and c.left_on is None)
        return sorted(here, key=lambda copy: (copy.sort_key, copy.id))
