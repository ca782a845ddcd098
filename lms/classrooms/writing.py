"""The rows of people that a roster inserts and changes: gathered, then written a table at a time."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lms.classrooms.known import Copy, Tie, Values
from lms.db import new_id, unscoped
from lms.people.models import Guardianship, Membership, Person
from lms.places.models import Unit
from lms.places.queries import Place
from lms.vietnamese import fold

_folded = lru_cache(maxsize=1024)(fold)
_member, _person, _guard = Membership.__table__, Person.__table__, Guardianship.__table__
_unit = Unit.__table__
CHUNK = 400


@dataclass
class Writing:
    """The rows that one import inserts and changes, gathered so that each table is written once."""

    today: date
    now: datetime
    persons: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    renamed: list[dict[str, Any]] = field(default_factory=list)
    ties: list[dict[str, Any]] = field(default_factory=list)
    tied_again: list[dict[str, Any]] = field(default_factory=list)
    untied: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to write."""
        people = (self.persons, self.members, self.changed, self.closed)
        return not any((*people, self.ties, self.tied_again, self.untied))

    def person(self, values: Values) -> uuid.UUID:
        """Add a new person."""
        key = new_id()
        self.persons.append(
            {
                "id": key,
                "made_at": self.now,
                "full_name": values.full_name,
                "sort_key": values.sort_key,
                "search_text": _folded(values.full_name),
            }
        )
        return key

    def join(self, person_id: uuid.UUID, unit_id: uuid.UUID, audience: str, values: Values, on: date) -> None:
        """Put a person into a unit from a date on."""
        self.members.append(
            {"id": new_id(), "person_id": person_id, "unit_id": unit_id, "audience": audience}
            | {"joined_on": on, "search_text": _folded(values.full_name)}
            | vars(values)
        )

    def change(self, copy: Copy, values: Values) -> None:
        """Correct a unit's own copy, and the person's name where it was taken from that copy."""
        search_text = _folded(values.full_name)
        self.changed.append({"key": copy.id, "search_text": search_text} | vars(values))
        if values.full_name != copy.full_name:
            self.renamed.append(
                {
                    "key": copy.person_id,
                    "was": copy.full_name,
                    "full_name": values.full_name,
                    "sort_key": values.sort_key,
                    "search_text": search_text,
                }
            )

    def close(self, copy: Copy, on: date) -> None:
        """Let a person leave a unit."""
        self.closed.append({"key": copy.id, "left_on": max(on, copy.joined_on)})

    def reopen(self, copy: Copy) -> None:
        """Let it be as if a person had not left a unit."""
        self.closed.append({"key": copy.id, "left_on": None})

    def untie(self, tie: Tie, on: date) -> None:
        """End a guardianship."""
        self.untied.append({"key": tie.id, "valid_to": max(on, tie.valid_from)})

    def tie(self, guardian_id: uuid.UUID, pupil_id: uuid.UUID, relation: str, on: date) -> None:
        """Make somebody a pupil's guardian from a date on."""
        ends = {"guardian_id": guardian_id, "pupil_id": pupil_id}
        self.ties.append({"id": new_id(), "relation": relation, "valid_from": on} | ends)

    def tie_again(self, tie: Tie, relation: str) -> None:
        """Let a guardianship stand, under this relation."""
        self.tied_again.append({"key": tie.id, "relation": relation})


@unscoped("writes what the plan of a school says, which the caller has found within its own scope")
def write(db: Session, writing: Writing, school: Place) -> None:
    """Write what was gathered: who leaves first, because somebody may come back under the same key."""
    connection = db.connection()
    key = _member.c.id == bindparam("key")
    values: dict[str, Any] = {name: bindparam(name) for name in ("search_text", *Values.__dataclass_fields__)}
    again = update(Guardianship).where(_guard.c.id == bindparam("key"))
    work: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (update(Membership).where(key).values(left_on=bindparam("left_on")), writing.closed),
        (insert(Person), writing.persons),
        (insert(Membership), writing.members),
        (update(Membership).where(key).values(values), writing.changed),
        (insert(Guardianship), writing.ties),
        (again.values(relation=bindparam("relation"), valid_to=None), writing.tied_again),
        (again.values(valid_to=bindparam("valid_to")), writing.untied),
    )
    for statement, rows in work:
        if rows:
            connection.execute(statement, rows)
    _rename(db, writing.renamed, school)


@unscoped("corrects names of people whom this school alone knows")
def _rename(db: Session, renamed: Iterable[Mapping[str, Any]], school: Place) -> None:
    """Carry a corrected name to the person, unless another school knows them or they wrote it themselves."""
    rows = {row["key"]: row for row in renamed}
    keys = list(rows)
    strangers: set[uuid.UUID] = set()
    own = select(_unit.c.id).where(_unit.c.path.startswith(school.path, autoescape=True))
    for start in range(0, len(keys), CHUNK):
        elsewhere = select(_member.c.person_id).where(
            _member.c.person_id.in_(keys[start : start + CHUNK]), _member.c.unit_id.not_in(own)
        )
        strangers |= set(db.connection().execute(elsewhere).scalars())
    if known_here := [row for key, row in rows.items() if key not in strangers]:
        names: dict[str, Any] = {name: bindparam(name) for name in ("full_name", "sort_key", "search_text")}
        same = (_person.c.id == bindparam("key")) & (_person.c.full_name == bindparam("was"))
        db.connection().execute(update(Person).where(same).values(names), known_here)
