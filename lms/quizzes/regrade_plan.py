"""The dry run of a regrade: every mark, completion and certificate that would change, without names."""

import uuid
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue
from lms.catalog.models import Regrade
from lms.certificates.actions import Issuer
from lms.db import unscoped
from lms.quizzes.foreseeing import Consequence, Foresight
from lms.quizzes.mark_changes import Change, Standing, change_of, changed_already, standings
from lms.quizzes.marking import mark
from lms.quizzes.models import MarkChange
from lms.quizzes.queries import paper_by_id
from lms.quizzes.regrading import Case, Scanned, scan
from lms.quizzes.responses import is_valid, words

_mark = MarkChange.__table__


@dataclass(frozen=True)
class Line:
    """One mark that would change, and what follows from it."""

    change: Change
    follows: Consequence


@dataclass
class Plan:
    """What a regrade would change; `is_partial` says that there are more answers than were looked at.

    `removed` counts answers that the new edition does not know; what they earned stands. `erased` counts
    typed answers whose words are gone.
    """

    case: Case
    looked_at: int = 0
    up: int = 0
    down: int = 0
    even: int = 0
    passes: int = 0
    kept_passes: int = 0
    checks: int = 0
    modules: int = 0
    certificates: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    erased: int = 0
    lines: list[Line] = field(default_factory=list)
    is_partial: bool = False

    @property
    def changed(self) -> int:
        """Return how many marks change."""
        return self.up + self.down + self.even

    @property
    def same(self) -> int:
        """Return how many marks stay."""
        return self.looked_at - self.changed

    def words_of(self, choice: str) -> tuple[str, ...]:
        """Return an answer that was removed in the words of an edition that had it, as HTML."""
        given = (one for one in self.case.rejudging.given.values() if is_valid(one, choice))
        return next((words(one, choice) for one in given), ())


def dry_run(
    db: Session,
    case: Case,
    catalogue: Catalogue,
    issuer: Issuer,
    now: datetime,
    *,
    lines: int | None = None,
    answers: int | None = None,
) -> Plan:
    """Return what would change if the case were decided now; writes nothing.

    `lines` is how many marks to list, `answers` how many answers to look at; None: all.
    """
    judged = {**catalogue.judged, **dict.fromkeys(case.editions, case.to.edition_id if case.to else None)}
    catalogue, plan = replace(catalogue, judged=judged), Plan(case)
    foresight = Foresight(catalogue, issuer, now)
    for scanned in scan(lambda: nullcontext(db), case, at_most=answers):
        changes = changes_in(db, scanned, catalogue, now)
        _add(plan, scanned, changes)
        follows = foresight.of(db, [change for change in changes if change.is_new_pass])
        for change in changes:
            _tell(plan, Line(change, follows.get(change.was.attempt_id, Consequence())), lines)
    plan.is_partial = answers is not None and plan.looked_at >= answers
    return plan


def _add(plan: Plan, scanned: Scanned, changes: list[Change]) -> None:
    plan.looked_at += scanned.looked_at
    plan.removed.update(scanned.removed)
    plan.erased += scanned.erased
    directions = Counter(change.direction for change in changes)
    plan.up, plan.down, plan.even = (
        plan.up + directions[1],
        plan.down + directions[-1],
        plan.even + directions[0],
    )
    plan.passes += sum(change.is_new_pass for change in changes)
    plan.kept_passes += sum(change.is_kept_pass for change in changes)


def _tell(plan: Plan, line: Line, most: int | None) -> None:
    plan.checks += line.follows.checks
    plan.modules += len(line.follows.modules)
    plan.certificates.update(line.follows.certificates)
    if most is None or len(plan.lines) < most:
        plan.lines.append(line)


def changes_in(
    db: Session,
    scanned: Scanned,
    catalogue: Catalogue,
    decided_at: datetime,
    regrade: Regrade | None = None,
) -> list[Change]:
    """Return what becomes of the marks of a stretch of answers, as they stand now.

    A mark that may have been given after the decision is made anew from the whole paper, by `catalogue`.
    """
    if not scanned.changes:
        return []
    held = standings(db, scanned.changes)
    done = changed_already(db, scanned.changes, regrade) if regrade is not None else set[uuid.UUID]()
    changes = []
    for attempt_id, ruling in scanned.changes.items():
        was = held.get(attempt_id)
        if was is None or attempt_id in done:
            continue
        anew = ruling.is_untold or was.may_follow(decided_at)
        change = marked_anew(db, was, catalogue) if anew else change_of(was, ruling)
        if change is not None:
            changes.append(change)
    return changes


def marked_anew(db: Session, was: Standing, catalogue: Catalogue) -> Change | None:
    """Mark a whole paper again; None when its mark is as it should be."""
    paper = paper_by_id(db, was.attempt_id)
    if paper is None:
        return None
    score = mark(db, paper, catalogue)
    if (Fraction(was.points, was.scale), was.out_of // was.scale) == (score.points, score.out_of):
        return None
    return Change(was, *score.parts, score.passes(was.pass_percent))


@dataclass(frozen=True)
class Progress:
    """How far a regrade is: marks changed, marks left; `has_more` when there are more than were counted."""

    done: int
    left: int
    has_more: bool = False


@unscoped("counts marks without names; the caller is an author or the system")
def progress(db: Session, case: Case, regrade: Regrade, catalogue: Catalogue, answers: int) -> Progress:
    """Count what a regrade has changed and what it has left, looking at so many answers."""
    changed = select(func.count()).select_from(_mark).where(_mark.c.regrade_id == regrade.id)
    done, left, looked_at = db.connection().execute(changed).scalar_one(), 0, 0
    for scanned in scan(lambda: nullcontext(db), case, regrade, at_most=answers):
        left += len(changes_in(db, scanned, catalogue, regrade.at, regrade))
        looked_at += scanned.looked_at
    return Progress(done, left, has_more=left > 0 and looked_at >= answers)
