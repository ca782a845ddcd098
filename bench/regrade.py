"""A regrade of 100,000 attempts beside a bare loop that reads the same rows and inserts the same marks."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from lms import clock, content, migrations, tables  # noqa: F401  (every table must be known)
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Question
from lms.catalog.models import CatalogItem, QuestionEdition, Regrade
from lms.catalog.offer import prepare
from lms.catalog.queries import load
from lms.certificates.actions import Issuer
from lms.db import Database, new_id
from lms.people.models import Learner
from lms.quizzes.models import Answer, Attempt, HandIn, MarkChange, PaperQuestion
from lms.quizzes.regrade_actions import By, carry_out, decide
from lms.quizzes.regrading import BATCH

ROOT = Path(__file__).resolve().parents[1]
ATTEMPTS = 100_000
PASSED_ANEW = 200
"""One attempt of so many passes by the regrade: each is settled in a transaction of its own."""
ISSUER = Issuer("Trường Tiểu học Hoa Sen", "http://127.0.0.1:8000")
_SAID = "rrrrrrnnow"
"""What ten learners choose, over and over: the right choice of then, of now, or another one."""


def furnish(folder: Path, attempts: int = ATTEMPTS) -> Path:
    """Make a database of that many attempts at one check, whose first question has a corrected key."""
    file = folder / "regrade.db"
    database = Database(f"sqlite:///{file}")
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, prepare(content.load(ROOT), ROOT), clock.now())
    with database.reading() as db:
        catalogue = load(db)
    with database.transaction() as db:
        for start in range(0, attempts, 10_000):
            _attempts(db.connection(), catalogue, start, min(attempts, start + 10_000))
        _correct(db.connection(), _question(catalogue))
    database.close()
    return file


def _question(catalogue: Catalogue) -> Question:
    return catalogue.courses[0].modules[0].bank[0]


def _attempts(connection: sa.Connection, catalogue: Catalogue, start: int, end: int) -> None:
    module = catalogue.courses[0].modules[0]
    paper, at = module.bank[: module.draw], clock.now() - timedelta(days=2)
    learners, attempts, papers, answers, ends = [], [], [], [], []
    for n in range(start, end):
        learner, attempt = new_id(), new_id()
        learners.append({"id": learner, "made_at": at})
        attempts.append(
            {
                "id": attempt, "code": attempt.hex, "learner_id": learner, "module_id": module.id,
                "number": 1, "started_at": at, "out_of": len(paper), "pass_percent": 80, "language": "vi",
                "audience": "citizen", "level": 0, "mode": "alone",
            }
        )  # fmt: skip
        for question in paper:
            choice = _choices(question)["rnow".index(_SAID[n % 10])] if question is paper[0] else "a"
            answers.append(
                {"attempt_id": attempt, "question_id": question.id, "edition_id": question.edition_id}
                | {"choice": choice, "at": at}
            )
        is_near = n % PASSED_ANEW == _SAID.index("n")
        if is_near:
            papers += [
                {
                    "attempt_id": attempt,
                    "position": place,
                    "question_id": one.id,
                    "edition_id": one.edition_id,
                }
                | {"choice_order": "a,b,c,d"}
                for place, one in enumerate(paper, start=1)
            ]
        points = -(-80 * len(paper) // 100) - 1 if is_near else 1
        ends.append(
            {"attempt_id": attempt, "points": points, "out_of": len(paper), "scale": 1, "passed": False}
            | {"at": at}
        )
    written = (
        (Learner, learners),
        (Attempt, attempts),
        (PaperQuestion, papers),
        (Answer, answers),
        (HandIn, ends),
    )
    for model, rows in written:
        connection.execute(sa.insert(model), rows)


def _choices(question: Question) -> tuple[str, ...]:
    """Return the key that was right, the one that becomes right, and the others."""
    right = next(line.key for line in question.choices if line.is_right)
    return right, *(line.key for line in question.choices if line.key != right)


def _correct(connection: sa.Connection, question: Question) -> None:
    """Publish the question with another choice right."""
    held = sa.select(QuestionEdition.__table__).where(QuestionEdition.id == question.edition_id)
    row = dict(connection.execute(held).one()._mapping)
    for line in row["rendered"]["choices"]:
        line["is_right"] = line["key"] == _choices(question)[1]
    connection.execute(sa.insert(QuestionEdition), row | {"id": "c" * 64})
    item = sa.update(CatalogItem).where(CatalogItem.id == question.id)
    connection.execute(item.values(edition_id="c" * 64))


@contextmanager
def _copy(file: Path) -> Iterator[Database]:
    """Open a copy of the database, so that every round begins alike."""
    copy = file.with_name("round.db")
    shutil.copy(file, copy)
    database = Database(f"sqlite:///{copy}")
    with database.reading() as db:
        db.connection().execute(sa.select(sa.func.count()).select_from(Answer)).scalar()
    yield database
    database.close()
    for left in file.parent.glob("round.db*"):
        left.unlink()


def product_seconds(file: Path) -> tuple[float, int]:
    """Return how long deciding and carrying out take, and how many marks changed."""
    with _copy(file) as database:
        with database.reading() as db:
            question = _question(load(db))
        begun = time.perf_counter()
        with database.transaction() as db:
            by = By("bench", "Đáp án cũ ghi nhầm.")
            regrade = decide(db, question.id, by, clock.now(), ref="bench")
        assert regrade is not None
        marks = sum(step.marks for step in carry_out(database, regrade, ISSUER, clock.now))
        return time.perf_counter() - begun, marks


def bare_seconds(file: Path, marks: int) -> float:
    """Return how long it takes to read the answers with their marks and to insert so many, and no more."""
    with _copy(file) as database:
        with database.transaction() as db:
            question = _question(load(db)).id
            row = {"id": new_id(), "ref": "bare", "question_id": question, "reason": "", "by": ""}
            db.connection().execute(sa.insert(Regrade), row | {"at": clock.now(), "to_edition_id": None})
        editions = sa.select(QuestionEdition.id).where(QuestionEdition.item_id == question)
        rows = (
            sa.select(Answer.attempt_id, Answer.choice, HandIn.points, HandIn.out_of)
            .join(HandIn, HandIn.attempt_id == Answer.attempt_id)
            .where(Answer.edition_id.in_(editions))
        )
        begun = time.perf_counter()
        with database.reading() as db:
            found = db.connection().execute(rows).all()[:marks]
        for start in range(0, len(found), BATCH):
            with database.transaction() as db:
                part = [_bare(one, row["id"]) for one in found[start : start + BATCH]]
                db.connection().execute(sa.insert(MarkChange), part)
        return time.perf_counter() - begun


def _bare(row: sa.Row[tuple[object, ...]], regrade_id: object) -> dict[str, object]:
    same = {"points": row[2], "out_of": row[3], "scale": 1, "passed": False}
    was = {"was_points": row[2], "was_out_of": row[3], "was_scale": 1, "was_passed": False}
    return (
        {"id": new_id(), "attempt_id": row[0], "regrade_id": regrade_id, "at": clock.now()}
        | {"by": "bench", "reason": "Đáp án cũ ghi nhầm."}
        | same
        | was
    )
