"""Rosters that were read and not written yet: kept a day for the account that brought them.

What is never taken (birth place, identity number, address, jobs) the reader of the file has left out already.
Once written, only the rows left out stay, to be downloaded.
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms.classrooms.models import RosterDraft
from lms.classrooms.table import Table
from lms.db import insert_once, new_id

KEPT = timedelta(days=1)
LONGEST_NAME = 120
MOST_DRAFTS = 20
"""Of one account at a time; the oldest go."""
CLASS, SCHOOL, STAFF = "class", "school", "staff"


@dataclass(frozen=True)
class Draft:
    """A roster being looked at: the table and everything that was said about it.

    `edits` are cells typed anew, by line and column; `dropped` lines to leave out; `mapping` the columns
    chosen in place of those found; `answers` whom the row of a line is; `leaving` who of the absent left.
    `done` holds the numbers once it was written, and the table is then what was left out.
    """

    ref: str
    kind: str
    file_name: str
    made_at: datetime
    table: Table
    first_year: int
    edits: Mapping[tuple[int, int], str] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    mapping: Mapping[str, int] | None = None
    answers: Mapping[int, uuid.UUID | None] = field(default_factory=dict)
    leaving: frozenset[uuid.UUID] = frozenset()
    done: Mapping[str, int] | None = None


def keep_draft(
    db: Session,
    unit_id: uuid.UUID,
    account_id: uuid.UUID,
    kind: str,
    file_name: str,
    table: Table,
    first_year: int,
    now: datetime,
) -> Draft:
    """Keep a table for a day and return it under its ref."""
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1][:LONGEST_NAME]
    draft = Draft(secrets.token_hex(6), kind, name, now, table, first_year)
    insert_once(
        db,
        RosterDraft,
        id=new_id(),
        ref=draft.ref,
        unit_id=unit_id,
        account_id=account_id,
        kind=kind,
        file_name=name,
        made_at=now,
        expires_at=now + KEPT,
        body=_body(draft),
    )
    _forget_oldest(db, account_id)
    return draft


def _forget_oldest(db: Session, account_id: uuid.UUID) -> None:
    kept = (
        select(RosterDraft.id)
        .where(RosterDraft.account_id == account_id)
        .order_by(RosterDraft.made_at.desc(), RosterDraft.id.desc())
        .offset(MOST_DRAFTS)
    )
    oldest = list(db.scalars(kept))
    if oldest:
        db.execute(delete(RosterDraft).where(RosterDraft.id.in_(oldest)))


def draft_at(db: Session, unit_id: uuid.UUID, kind: str, ref: str, now: datetime) -> Draft | None:
    """Return the viewer's own draft of a kind at a unit, or None when there is none or its day is over."""
    row = db.scalars(
        select(RosterDraft).where(
            RosterDraft.ref == ref,
            RosterDraft.unit_id == unit_id,
            RosterDraft.kind == kind,
            RosterDraft.expires_at > now,
        )
    ).one_or_none()
    return _draft(row) if row else None


def change_draft(db: Session, draft: Draft) -> None:
    """Keep what was said about a draft."""
    db.execute(update(RosterDraft).where(RosterDraft.ref == draft.ref).values(body=_body(draft)))


def drop_draft(db: Session, draft: Draft) -> None:
    """Forget a draft; forgotten already, nothing changes."""
    db.execute(delete(RosterDraft).where(RosterDraft.ref == draft.ref))


def finish_draft(db: Session, draft: Draft, left_out: Table, numbers: Mapping[str, int]) -> None:
    """Keep of a draft that was written only what was left out, and the numbers."""
    said: dict[str, Any] = {"edits": {}, "dropped": frozenset(), "answers": {}, "leaving": frozenset()}
    change_draft(db, replace(draft, table=left_out, done=numbers, **said))


def forget_expired(db: Session, now: datetime) -> int:
    """Delete drafts whose day is over; return how many."""
    gone = delete(RosterDraft).where(RosterDraft.expires_at <= now).returning(RosterDraft.id)
    return len(db.execute(gone).all())


def _body(draft: Draft) -> dict[str, Any]:
    return {
        "table": draft.table.as_json(),
        "first_year": draft.first_year,
        "edits": [[line, column, text] for (line, column), text in draft.edits.items()],
        "dropped": sorted(draft.dropped),
        "mapping": dict(draft.mapping) if draft.mapping is not None else None,
        "answers": [[line, person.hex if person else None] for line, person in draft.answers.items()],
        "leaving": [person.hex for person in draft.leaving],
        "done": dict(draft.done) if draft.done is not None else None,
    }


def _draft(row: RosterDraft) -> Draft:
    body = row.body
    return Draft(
        row.ref,
        row.kind,
        row.file_name,
        row.made_at,
        Table.from_json(body["table"]),
        body["first_year"],
        {(line, column): text for line, column, text in body["edits"]},
        frozenset(body["dropped"]),
        body["mapping"],
        {line: uuid.UUID(hex=person) if person else None for line, person in body["answers"]},
        frozenset(uuid.UUID(hex=person) for person in body["leaving"]),
        body["done"],
    )
