"""How much a request asks of the database, on real doors: few statements and one commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock, migrations
from lms.accounts.models import Account, BrowserSession
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue
from lms.catalog.offer import Offer
from lms.catalog.queries import CatalogueCache, load
from lms.certificates.models import Certificate
from lms.config import Config
from lms.db import Database
from lms.quizzes.models import Attempt, PaperQuestion
from lms.web import create_app
from tests.browser_double import Reader
from tests.cast import PASSWORD, gather
from tests.conftest import SERVER, made_database
from tests.story import choice
from tests.web_test.story import LESSON, address_of_check, answer_page, keep_name

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "REPLACE")
CHATTER = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET", "SHOW")


@dataclass
class Count:
    """What was sent since the count began."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def writes(self) -> list[str]:
        """Return the statements that change something."""
        return [s for s in self.statements if s.lstrip().upper().startswith(WRITES)]


@contextmanager
def counting(database: Database) -> Iterator[Count]:
    """Count what both doors of a database are sent."""
    count = Count()

    def sent(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.lstrip().upper().startswith(CHATTER):
            count.statements.append(statement)

    def committed(connection: object) -> None:
        count.commits += 1

    engines = (database.reader, database.writer)
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", sent)
        sa.event.listen(engine, "commit", committed)
    try:
        yield count
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", sent)
            sa.event.remove(engine, "commit", committed)


@pytest.fixture(scope="module")
def real(offer: Offer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give a database with both its real doors, content and accounts; what is written stays."""
    folder = tmp_path_factory.mktemp("real")
    if SERVER:
        with made_database() as url:
            yield from _filled(Database(url), offer)
        return
    yield from _filled(Database(f"sqlite:///{folder / 'lms.db'}"), offer)


def _filled(database: Database, offer: Offer) -> Iterator[Database]:
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, offer, clock.now())
        gather(db)
    yield database
    database.close()


@pytest.fixture
def site(real: Database, settings: Config) -> Flask:
    """Give the application on the real doors, its catalogue already in memory."""
    app = create_app(settings, real)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = True, False
    app.test_client().get("/khoa-hoc")
    return app


@pytest.fixture
def catalogue(real: Database) -> Catalogue:
    """Give the catalogue of the real database."""
    with real.reading() as db:
        return load(db)


def seen(real: Database, model: type) -> int:
    """Return how many rows a table has."""
    with real.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def right_choice(real: Database, catalogue: Catalogue, address: str) -> str:
    """Return the key of the right choice on a page of a check."""
    code, position = address.split("/")[2], int(address.rsplit("-", 1)[1])
    with real.reading() as db:
        edition = db.scalars(
            sa.select(PaperQuestion.edition_id)
            .join(Attempt, Attempt.id == PaperQuestion.attempt_id)
            .where(Attempt.code == code, PaperQuestion.position == position)
        ).one()
    return choice(catalogue, edition, right=True)


def test_a_lesson_page_asks_the_database_nothing_or_for_the_revision(real: Database, site: Flask) -> None:
    reader = Reader(site)
    reader.post("/khoa-hoc/lam-quen/chu-to/xong")
    for held in (True, False):
        if not held:
            site.extensions["catalogue"]._looked_at = 0.0
        with counting(real) as count:
            reader.get(LESSON)
        assert len(count.statements) == (0 if held else 1), count.statements
    assert "revision" in count.statements[0]


def test_a_catalogue_is_read_once_per_revision(real: Database) -> None:
    cache = CatalogueCache()
    with real.reading() as db:
        with counting(real) as first:
            loaded = cache.get(db)
        with counting(real) as second:
            assert cache.get(db) is loaded
    assert len(first.statements) > 1
    assert len(second.statements) == 1


@pytest.mark.parametrize(
    "address", ["/", "/khoa-hoc/lam-quen", "/khoa-hoc/lam-quen/chu-de/man-hinh", "/khoa-hoc"]
)
def test_a_page_of_a_known_learner_takes_at_most_three_statements(
    real: Database, site: Flask, address: str
) -> None:
    reader = Reader(site)
    reader.post("/khoa-hoc/lam-quen/chu-to/xong")
    keep_name(reader, "Nguyễn Thị Lan", "minh")
    with counting(real) as count:
        reader.get(address)
    assert len(count.statements) <= 3, count.statements
    assert count.commits == 0 or not count.writes


def test_an_answer_takes_at_most_six_statements_and_one_commit(
    real: Database, site: Flask, catalogue: Catalogue
) -> None:
    reader = Reader(site)
    keep_name(reader, "Nguyễn Thị Lan", None)
    address = address_of_check(reader)
    with counting(real) as count:
        reader.post(address, {"chon": "a"})
    print(f"an answer: {len(count.statements)} statements")
    assert len(count.statements) <= 6, count.statements
    assert count.commits == 1
    with counting(real) as again:
        reader.post(address, {"chon": "b"})
    assert len(again.statements) <= 6
    assert not [s for s in again.writes if "answers" in s and "CONFLICT" not in s]


def test_the_answer_that_ends_a_check_and_earns_a_phieu_takes_at_most_fourteen(
    real: Database, site: Flask, catalogue: Catalogue
) -> None:
    reader = Reader(site)
    keep_name(reader, "Trần Văn Minh", None)
    for lesson in ("chu-to", "luu-so"):
        reader.post(f"/khoa-hoc/lam-quen/{lesson}/xong")
    issued = seen(real, Certificate)
    for module in ("man-hinh", "danh-ba"):
        address = address_of_check(reader, module)
        while True:
            right = right_choice(real, catalogue, address)
            with counting(real) as count:
                address = answer_page(reader, address, right)
            if address.endswith("/ket-qua"):
                break
        print(f"the last answer: {len(count.statements)} statements")
        assert len(count.statements) <= 14, "\n".join(count.statements)
        assert count.commits == 1
    assert seen(real, Certificate) == issued + 1


def test_signing_in_takes_at_most_five_statements(real: Database, site: Flask) -> None:
    reader = Reader(site)
    with counting(real) as count:
        reader.post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": PASSWORD})
    print(f"signing in: {len(count.statements)} statements")
    assert len(count.statements) <= 5, count.statements
    assert count.commits == 1


def test_a_refused_request_keeps_nothing_but_the_failure(real: Database, site: Flask) -> None:
    reader = Reader(site)
    sessions = seen(real, BrowserSession)
    with counting(real) as count:
        reader.post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": "sai rồi nhé bạn ơi"}, 422)
    assert {s.split()[2] for s in count.writes if s.startswith("INSERT")} <= {"throttles"}
    assert seen(real, BrowserSession) == sessions
    assert seen(real, Account) == 7
