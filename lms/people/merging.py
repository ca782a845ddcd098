"""Saying that a person of a roster is one known before: by the human they both are."""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.clock import local_date
from lms.db import new_id, take_turn, unscoped
from lms.people.models import Claim, Guardianship, Membership, PersonMerge

_claim, _member, _guard = Claim.__table__, Membership.__table__, Guardianship.__table__


class HasLearned(Exception):
    """The roster's person has results already: merging would move them."""


@unscoped("both persons were shown to, and chosen by, the human they are")
def merge_person(db: Session, kept: uuid.UUID, merged: uuid.UUID, by: str, now: datetime) -> None:
    """Give a roster person's memberships and guardianships to the person known before.

    What the kept person did counts in the moved memberships from now on (`linked_at`). A place that both
    hold is kept once. The same merge a second time changes nothing. Raises HasLearned.
    """
    if kept == merged:
        return
    take_turn(db, merged.bytes)
    standing = select(_claim.c.id).where(_claim.c.person_id == merged, _claim.c.undone_at.is_(None))
    if db.execute(standing.limit(1)).first():
        raise HasLearned
    places = _move_memberships(db, kept, merged, now)
    wards = _move_guardianships(db, kept, merged, now)
    if places or wards:
        moved = {"memberships": places, "guardianships": wards}
        db.add(PersonMerge(id=new_id(), kept_id=kept, merged_id=merged, at=now, by=by, moved=moved))
        db.flush()


@unscoped("both persons were chosen by the human they are")
def _move_memberships(db: Session, kept: uuid.UUID, merged: uuid.UUID, now: datetime) -> list[str]:
    rows = db.execute(select(_member).where(_member.c.person_id.in_((kept, merged)))).all()
    held = {(row.unit_id, row.audience) for row in rows if row.person_id == kept and row.left_on is None}
    moved = []
    for row in rows:
        if row.person_id != merged:
            continue
        change = update(Membership).where(_member.c.id == row.id)
        if row.left_on is None and (row.unit_id, row.audience) in held:
            db.connection().execute(change.values(left_on=local_date(now)))
        else:
            db.connection().execute(change.values(person_id=kept, linked_at=now))
            moved.append(str(row.id))
    return moved


@unscoped("both persons were chosen by the human they are")
def _move_guardianships(db: Session, kept: uuid.UUID, merged: uuid.UUID, now: datetime) -> list[str]:
    rows = db.execute(select(_guard).where(_guard.c.guardian_id.in_((kept, merged)))).all()
    own = [row for row in rows if row.guardian_id == kept]
    held = {row.pupil_id for row in own if row.valid_to is None}
    begun = {(row.pupil_id, row.valid_from): row.id for row in own}
    moved = []
    for row in rows:
        if row.guardian_id != merged:
            continue
        change = update(Guardianship).where(_guard.c.id == row.id)
        same = begun.get((row.pupil_id, row.valid_from))
        if same is not None and row.valid_to is None and row.pupil_id not in held:
            # One row for a pair and a day: the kept person's own stands again.
            again = update(Guardianship).where(_guard.c.id == same)
            db.connection().execute(again.values(valid_to=None, relation=row.relation))
        if row.valid_to is None and (same is not None or row.pupil_id in held):
            db.connection().execute(change.values(valid_to=local_date(now)))
        elif same is None:
            db.connection().execute(change.values(guardian_id=kept))
            moved.append(str(row.id))
    return moved
