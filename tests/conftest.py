"""One database a worker with the schema and the sample library, one savepoint a test."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import settings as hypothesis_settings

from lms import clock, content, migrations
from lms.catalog.actions import sync
from lms.catalog.offer import prepare
from lms.catalog.queries import CatalogueCache
from lms.config import Config, load
from lms.db import SYSTEM, Database, Scope, ScopedSession
from lms.web import create_app
from lms.web.stored import Store
from tests.browser_double import Reader
from tests.cast import Cast, gather

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "sample"
SERVER = os.environ.get("LMS_TEST_POSTGRESQL", "")
"""The address of a PostgreSQL server for tests, without a database name; empty means SQLite."""


class SharedDatabase(Database):
    """A database whose sessions all join one outer transaction, which the test rolls back."""

    connection: sa.Connection

    def session(self, scope: Scope, *, writes: bool) -> ScopedSession:
        """Open a session within the test's transaction; its commit ends a savepoint only."""
        return ScopedSession(
            self.connection,
            info={"scope": scope},
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, run what touches a database: the rest is the same there and has run already."""
    if not SERVER:
        return
    touching = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching


def touches_database(item: pytest.Item) -> bool:
    """Tell whether a test asks for the database of the suite, or makes its own on the suite's server."""
    if item.get_closest_marker("any_database"):
        return False
    asked = set(getattr(item, "fixturenames", ()))
    return "fresh_url" in asked or hasattr(item.module, "made_database")  # type: ignore[attr-defined]


def pytest_report_header() -> str:
    """Say which database these tests run on."""
    return f"database: {'PostgreSQL' if SERVER else 'SQLite'}"


@pytest.fixture(scope="session")
def fresh_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a new, empty database."""
    if not SERVER:
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
        return
    with made_database() as url:
        yield url


class made_database:  # noqa: N801  (reads as a function at its use)
    """A new PostgreSQL database, dropped at the end."""

    def __enter__(self) -> str:
        """Make it and return its address."""
        self.name = f"lms_{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {self.name}")
        return f"{SERVER}/{self.name}"

    def __exit__(self, *error: object) -> None:
        """Drop it, whoever is still connected."""
        self._run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = sa.create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def offer() -> object:
    """Render the sample library once."""
    return prepare(content.load(SAMPLE), SAMPLE)


@pytest.fixture(scope="session")
def migrated(fresh_url: str, offer: object) -> Iterator[SharedDatabase]:
    """Give the database with the schema and the sample library in it."""
    database = SharedDatabase(fresh_url)
    migrations.upgrade(database)
    own = Database(fresh_url)
    with own.transaction() as db:
        sync(db, offer, clock.now())  # type: ignore[arg-type]
    own.close()
    yield database
    database.close()


@pytest.fixture
def database(migrated: SharedDatabase) -> Iterator[SharedDatabase]:
    """Give one test the database; what it writes is gone afterwards."""
    with migrated.writer.connect() as connection:
        outer = connection.begin()
        migrated.connection = connection
        yield migrated
        outer.rollback()


@pytest.fixture
def db(database: SharedDatabase) -> Iterator[ScopedSession]:
    """Give one test a session that sees everything."""
    with database.session(SYSTEM, writes=True) as session:
        yield session


def _settings(folder: Path) -> Config:
    return load(
        {
            "LMS_DATA": str(folder / "data"),
            "LMS_PUBLIC_URL": "http://hoc.example.vn",
            "LMS_SITE_NAME": "Trường Tiểu học Hoa Sen",
        }
    )


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    """Give settings with a data folder of the test's own."""
    return _settings(tmp_path)


@pytest.fixture(scope="session")
def whole_app(migrated: SharedDatabase, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Make the application once a worker: its addresses and screens are compiled once."""
    app = create_app(_settings(tmp_path_factory.mktemp("app")), migrated)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def app(whole_app: Flask, settings: Config, database: SharedDatabase) -> Flask:
    """Give the application on the test's database, with the test's secret and nothing in memory."""
    whole_app.extensions |= {"config": settings, "catalogue": CatalogueCache(), "store": Store()}
    return whole_app


@pytest.fixture
def client(app: Flask) -> Reader:
    """Give a browser double that proofreads every page it fetches."""
    return Reader(app)


@pytest.fixture
def cast(db: ScopedSession) -> Cast:
    """Gather the people of the tests: two schools of one commune and whoever belongs to them."""
    return gather(db)
