"""Item analysis of a million answers: the product beside a bare loop over the same rows."""

import random
import time
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from pysqlite3 import dbapi2

from bench.site import Site, copy_of
from lms import clock
from lms.db import Database
from lms.quizzes.statistics import recount

ANSWERS = 1_000_000
_AT_ONCE = 10_000
_LEARNER = "INSERT INTO learners (id, made_at) VALUES (?, ?)"
_ATTEMPT = (
    "INSERT INTO attempts (id, code, learner_id, module_id, number, started_at, out_of, pass_percent,"
    " language, audience, level, mode) VALUES (?, ?, ?, ?, 1, ?, ?, 80, 'vi', 'citizen', 0, 'alone')"
)
_PAPER = (
    "INSERT INTO paper_questions (attempt_id, position, question_id, edition_id, choice_order)"
    " VALUES (?, ?, ?, ?, 'a,b,c,d')"
)
_ANSWER = "INSERT INTO answers (attempt_id, question_id, edition_id, choice, at) VALUES (?, ?, ?, ?, ?)"
_HAND_IN = "INSERT INTO hand_ins (attempt_id, points, out_of, passed, at) VALUES (?, 0, ?, 0, ?)"


@dataclass(frozen=True)
class Crowd:
    """A copy of the measured site whose checks were taken until there were a million answers."""

    database_url: str
    path: Path


def make_crowd(site: Site, folder: Path, answers: int = ANSWERS) -> Crowd:
    """Fill a copy of the site in `folder` with papers of all its checks; takes about half a minute."""
    path = copy_of(site, folder) / "lms.db"
    with closing(dbapi2.connect(str(path), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=off")
        connection.execute("BEGIN")
        written = 0
        while written < answers:
            rows = _papers(site, min(_AT_ONCE, answers - written), written)
            for statement, values in rows.items():
                connection.executemany(statement, values)
            written += len(rows[_ANSWER])
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    return Crowd(f"sqlite:///{path}", path)


def _papers(site: Site, answers: int, seed: int) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of some papers; an able learner is right more often, whatever the question."""
    chance, modules = random.Random(seed), list(site.catalogue.modules.values())
    now = clock.now().replace(tzinfo=None).isoformat(" ")
    rows: dict[str, list[tuple[object, ...]]] = {
        s: [] for s in (_LEARNER, _ATTEMPT, _PAPER, _ANSWER, _HAND_IN)
    }
    while len(rows[_ANSWER]) < answers:
        module, ability = chance.choice(modules), chance.random()
        learner, attempt = uuid.uuid4().bytes, uuid.uuid4()
        drawn = chance.sample(module.bank, module.draw)
        rows[_LEARNER].append((learner, now))
        rows[_ATTEMPT].append((attempt.bytes, attempt.hex, learner, module.id, now, len(drawn)))
        rows[_HAND_IN].append((attempt.bytes, len(drawn), now))
        for position, question in enumerate(drawn, start=1):
            own = (question.id, question.edition_id)
            rows[_PAPER].append((attempt.bytes, position, *own))
            right = chance.random() < ability
            keys = [choice.key for choice in question.choices if choice.is_right == right]
            rows[_ANSWER].append((attempt.bytes, *own, chance.choice(keys), now))
    return rows


def analysis_seconds(crowd: Crowd) -> tuple[float, float]:
    """Return the seconds of counting everything and keeping it, and of a bare loop over the same rows.

    The bare loop asks the product's own statement through SQLAlchemy and does nothing with the rows: the
    rest is what the analysis costs.
    """
    database, asked = Database(crowd.database_url), []

    def hear(_c: object, _k: object, statement: str, values: object, *_rest: object) -> None:
        if "paper_questions" in statement:
            asked.append((statement, values))

    sa.event.listen(database.reader, "before_cursor_execute", hear)
    begun = time.perf_counter()
    counted = recount(database, clock.now())
    product = time.perf_counter() - begun
    sa.event.remove(database.reader, "before_cursor_execute", hear)
    statement, values = asked[-1]
    with database.reading() as db:
        begun = time.perf_counter()
        rows = db.connection().execution_options(yield_per=2000).exec_driver_sql(statement, values)
        answers = _exhaust(rows)
        limit = time.perf_counter() - begun
    database.close()
    assert answers == sum(figures.n for figures in counted.questions), answers
    return product, limit


def _exhaust(rows: Iterable[object]) -> int:
    count = 0
    for _row in rows:
        count += 1
    return count
