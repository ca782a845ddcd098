"""An answer sheet that was typed twice alike becomes a witnessed attempt, once."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Module, Question
from lms.certificates.actions import Issuer
from lms.clock import local_date
from lms.db import insert_once, take_turn, unscoped
from lms.people.actions import claim, make_learner
from lms.people.models import Claim, Person
from lms.progress.actions import Doer
from lms.quizzes.actions import hand_in, keep_all, last_number, write_attempt
from lms.quizzes.drawing import Drawn
from lms.quizzes.marking import edition
from lms.quizzes.models import PrintedResult
from lms.quizzes.printing import Sheet, chosen_keys
from lms.quizzes.queries import paper_by_code
from lms.quizzes.responses import Response
from lms.quizzes.sheets import READY, PaperTest, lines, tested_module

PAPER, BY_ROSTER = "paper", "roster"
_claim, _person = Claim.__table__, Person.__table__


@dataclass(frozen=True)
class Landed:
    """What landing made: how many results, and how many of them passed."""

    made: int
    passed: int


@dataclass(frozen=True)
class _Landing:
    """What every sheet of one landing shares."""

    test: PaperTest
    module: Module
    questions: Mapping[str, Question]
    catalogue: Catalogue
    issuer: Issuer
    now: datetime


def land(
    db: Session,
    secret: bytes,
    test: PaperTest,
    catalogue: Catalogue,
    issuer: Issuer,
    witness_id: uuid.UUID,
    now: datetime,
) -> Landed:
    """Turn every sheet whose two entries agree into an attempt at level 2, mode paper; each only once.

    Nobody is the witness of their own sheet. A second landing, or one at the same time, finds nothing
    left to do.
    """
    take_turn(db, test.id.bytes)
    day = local_date(now)
    ready = {
        line.pupil.person_id: line.first.sheet
        for line in lines(db, secret, test, day)
        if line.state == READY and line.first and line.first.sheet and line.pupil.person_id != witness_id
    }
    # All turns before the first certificate: whoever holds one of them waits for nothing that is held here.
    for person_id in sorted(ready):
        take_turn(db, person_id.bytes)
    doers = _doers(db, ready, witness_id, now)
    landing = _prepared(db, test, catalogue, issuer, now)
    passed = [_land_one(db, landing, doers[person_id], ready[person_id]) for person_id in sorted(ready)]
    return Landed(len(passed), sum(passed))


@unscoped("the caller has found these people in its own class")
def _doers(
    db: Session, people: Collection[uuid.UUID], witness_id: uuid.UUID, now: datetime
) -> dict[uuid.UUID, Doer]:
    """Return each person as whoever does the test: by the first learner, made where there is none."""
    names = select(_person.c.id, _person.c.full_name).where(_person.c.id.in_(people))
    own = (
        select(_claim.c.person_id, _claim.c.learner_id)
        .where(_claim.c.person_id.in_(people), _claim.c.undone_at.is_(None))
        .order_by(_claim.c.at.desc(), _claim.c.learner_id.desc())
    )
    learners: dict[uuid.UUID, uuid.UUID] = {row.person_id: row.learner_id for row in db.execute(own)}
    doers = {}
    for person_id, name in db.execute(names).all():
        learner_id = learners.get(person_id)
        if learner_id is None:
            learner_id = make_learner(db, now)
            claim(db, learner_id, person_id, BY_ROSTER, now)
        doers[person_id] = Doer(learner_id, person_id, name, witness_id=witness_id, done_as=PAPER)
    return doers


def _prepared(db: Session, test: PaperTest, catalogue: Catalogue, issuer: Issuer, now: datetime) -> _Landing:
    asked = {one.edition_id for version in test.versions.values() for one in version}
    questions = {key: edition(db, key, catalogue) for key in asked}
    return _Landing(test, tested_module(db, test, catalogue), questions, catalogue, issuer, now)


def _land_one(db: Session, landing: _Landing, doer: Doer, sheet: Sheet) -> bool:
    """Make the attempt of one sheet, mark it and settle what it earns; return whether it passed."""
    version = landing.test.versions[sheet.version]
    asked = [landing.questions[one.edition_id] for one in version]
    drawn = tuple(
        Drawn(question, (*one.keys, _unsure(question))) for question, one in zip(asked, version, strict=True)
    )
    number = last_number(db, doer, landing.module) + 1
    code = write_attempt(db, doer, landing.module, drawn, number, landing.now)
    paper = paper_by_code(db, code, doer.learner_id, doer.person_id)
    assert paper is not None  # noqa: S101
    keys = zip(chosen_keys(sheet.letters, version), asked, strict=True)
    given = {n: Response(key or _unsure(question)) for n, (key, question) in enumerate(keys, start=1)}
    paper = keep_all(db, paper, paper.rows, given, landing.now)
    told = hand_in(db, doer, paper, landing.catalogue, landing.issuer, landing.now)
    own = {"test_id": landing.test.id, "person_id": doer.person_id, "attempt_id": paper.attempt_id}
    if not insert_once(db, PrintedResult, **own):
        raise RuntimeError("a sheet landed beside the turn of its test")
    return told.score is not None and told.score.passes(paper.pass_percent)


def _unsure(question: Question) -> str:
    """Return the key of “Tôi chưa chắc”, which a row left blank stands for."""
    assert question.unsure is not None  # noqa: S101
    return question.unsure.key
