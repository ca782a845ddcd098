"""Jobs as rows: what is due, who holds the lease, what became of it."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CursorResult, Select, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.db import Base, hidden, insert_once, new_id

LEASE = timedelta(minutes=10)
TRIES = 5
RETRY_AFTER = timedelta(minutes=5)
HEARTBEAT = "jobs.lock"
"""A file in the data folder, held and touched by whoever takes jobs from the queue."""
HEARTBEAT_SECONDS = 15


@hidden
class Job(Base):
    """One run of a named command, due at a moment; unique by (name, due)."""

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("name", "due"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    due: Mapped[datetime]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(index=True)
    tries: Mapped[int]
    term: Mapped[int]
    leased_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]


class LeaseLost(Exception):
    """Somebody else took the job over; this run's effect must not be kept."""


def enqueue(db: Session, name: str, due: datetime, arguments: dict[str, Any] | None = None) -> Job:
    """Put a job in the queue; the same name and moment a second time returns the first."""
    fresh = {"arguments": arguments or {}, "state": "waiting", "tries": 0, "term": 0}
    insert_once(db, Job, id=new_id(), name=name, due=due, **fresh)
    return db.scalars(select(Job).where(Job.name == name, Job.due == due)).one()


def is_anything_due(db: Session, now: datetime) -> bool:
    """Tell whether a job waits to be taken, without taking the writers' turn."""
    return db.scalar(_free(now).with_only_columns(Job.id)) is not None


def lease(db: Session, job: Job, now: datetime) -> Job:
    """Take a job for LEASE under a term of its own, which older runs do not hold."""
    job.state, job.leased_until = "running", now + LEASE
    job.term, job.tries = job.term + 1, job.tries + 1
    db.flush()
    return job


def lease_next(db: Session, now: datetime) -> Job | None:
    """Take the next due job; a lease that ran out may be taken over with a higher term.

    A job whose runs were all killed before they could say why is given up after TRIES.
    """
    free = _free(now).with_for_update(skip_locked=True)
    while job := db.scalars(free).one_or_none():
        if job.tries < TRIES:
            return lease(db, job, now)
        job.state, job.ended_at, job.leased_until = "failed", now, None
        job.error = job.error or "bị dừng giữa chừng nhiều lần"
        db.flush()
    return None


def _free(now: datetime) -> Select[Job]:
    free = or_(Job.leased_until.is_(None), Job.leased_until < now)
    waiting = Job.state.in_(("waiting", "running"))
    return select(Job).where(waiting, free, Job.due <= now).order_by(Job.due).limit(1)


def run(db: Session, job: Job, command: Callable[..., str], now: datetime) -> str:
    """Run a leased job and end it in the same transaction as its effect.

    Raises LeaseLost when the term has moved on, so that the caller rolls the effect back.
    """
    said = command(db, **job.arguments)
    ended = update(Job).where(Job.id == job.id, Job.term == job.term, Job.state == "running")
    result = db.execute(ended.values(state="done", ended_at=now, error=None))
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise LeaseLost(job.name)
    return said


def fail(db: Session, job_id: uuid.UUID, term: int, error: str, now: datetime) -> None:
    """Note that a run failed; it waits RETRY_AFTER, longer each time, or is given up after TRIES."""
    job = db.scalars(select(Job).where(Job.id == job_id, Job.term == term)).one_or_none()
    if job is None:
        return
    given_up = job.tries >= TRIES
    job.state, job.error = ("failed" if given_up else "waiting"), error
    job.leased_until = None if given_up else now + RETRY_AFTER * job.tries
    job.ended_at = now if given_up else None
    db.flush()
