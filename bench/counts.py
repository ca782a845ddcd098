"""Figures that noise cannot move: statements and commits, counted while the application answers.

Each counted request comes after a pause in which the process forgets that it has just looked at the
catalogue's revision, so that the count is the worst one. BEGIN and COMMIT are not counted as statements.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bench.site import LOGINS, PASSWORD, Site
from lms.catalog.catalogue import Course, Module
from lms.catalog.queries import FRESH_SECONDS
from lms.db import Database
from lms.quizzes.queries import PaperRow
from lms.web import create_app

BROWSER = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Count:
    """Statements and commits of one stretch of work."""

    statements: int = 0
    commits: int = 0


@contextmanager
def counting(database: Database) -> Iterator[Count]:
    """Count what both doors of a database are asked while the block runs."""
    count = Count()

    def statement(_connection: object, _cursor: object, words: str, *_rest: object) -> None:
        count.statements += not words.startswith("BEGIN")

    def commit(_connection: object) -> None:
        count.commits += 1

    sa.event.listen(database.writer, "commit", commit)
    engines = (database.writer, database.reader)
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", statement)
    try:
        yield count
    finally:
        sa.event.remove(database.writer, "commit", commit)
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", statement)


@dataclass(frozen=True)
class Counts:
    """What was counted, and what the counting left behind for the other measurements."""

    answer: Count
    last: Count
    lesson: Count
    sign_in: Count
    certificate: str


def take_counts(site: Site) -> Counts:
    """Let a named person finish a whole course, counting on the way; its certificate stays."""
    database = Database(site.config.database_url)
    app = create_app(site.config, database)
    client = app.test_client()
    name, _, token = site.person_cookie.partition("=")
    client.set_cookie(name, token)
    course = site.catalogue.courses[0]
    try:
        client.get(site.lesson)
        lesson = _count(database, lambda: client.get(site.lesson))
        answers = [_pass_module(client, database, site, course, module) for module in course.modules]
        sign_in = _sign_in(app.test_client(), database)
        with database.reading() as db:
            code = db.connection().execute(sa.text("SELECT code FROM certificates")).scalar_one()
    finally:
        database.close()
    return Counts(answers[0][0], answers[-1][1], lesson, sign_in, code)


def count_class(site: Site, page: str, cookie: str) -> Count:
    """Count what a class page asks, the look-up of who is signed in included."""
    database = Database(site.config.database_url)
    client = create_app(site.config, database).test_client()
    name, _, token = cookie.partition("=")
    client.set_cookie(name, token)
    client.get(page)
    found = _count(database, lambda: client.get(page))
    database.close()
    return found


def _sign_in(client: FlaskClient, database: Database) -> Count:
    form = {"ten_dang_nhap": LOGINS[0], "mat_khau": PASSWORD}
    return _count(database, lambda: client.post("/dang-nhap", data=form, headers=BROWSER))


def _pass_module(
    client: FlaskClient, database: Database, site: Site, course: Course, module: Module
) -> tuple[Count, Count]:
    """Confirm the lessons and pass the check of a chủ đề; return the counts of its first and last answer."""
    for lesson in module.lessons:
        client.post(f"/khoa-hoc/{course.slug}/{lesson.slug}/xong", headers=BROWSER)
    start = f"/khoa-hoc/{course.slug}/chu-de/{module.slug}/kiem-tra"
    address = client.post(start, headers=BROWSER).headers["Location"]
    rows = _rows(database, address.rpartition("/")[2])

    def answer(row: PaperRow) -> TestResponse:
        question = site.catalogue.questions[row.edition_id]
        form = {"chon": next(choice.key for choice in question.choices if choice.is_right)}
        return client.post(f"{address}/cau-{row.position}", data=form, headers=BROWSER)

    first = _count(database, lambda: answer(rows[0]))
    for row in rows[1:-1]:
        answer(row)
    return first, _count(database, lambda: answer(rows[-1]))


def _rows(database: Database, code: str) -> list[PaperRow]:
    statement = sa.text(
        "SELECT position, question_id, edition_id FROM paper_questions JOIN attempts ON id = attempt_id"
        " WHERE code = :code ORDER BY position"
    )
    with database.reading() as db:
        rows = db.connection().execute(statement, {"code": code})
        return [PaperRow(row.position, row.question_id, row.edition_id, (), None) for row in rows]


def _count(database: Database, ask: Callable[[], TestResponse]) -> Count:
    time.sleep(FRESH_SECONDS)
    with counting(database) as count:
        reply = ask()
    assert reply.status_code in {200, 303}, reply.text
    return count
