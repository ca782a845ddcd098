"""Installations on SQLite and on PostgreSQL with the sample library, one a test or one a module."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms import clock, migrations
from lms.catalog.actions import sync
from lms.db import Database
from tests.durability_test.site import Site

KINDS = ("SQLite", "PostgreSQL")
MakeUrl = Callable[[str], str]


def furnish(url: str, offer: object) -> None:
    """Put the schema and the sample library into an empty database."""
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as db:
        sync(db, offer, clock.now())  # type: ignore[arg-type]
    database.close()


class Server:
    """A PostgreSQL server that copies databases from one with the sample library."""

    def __init__(self, address: str) -> None:
        """Remember where it is."""
        self.address = address
        self.names: list[str] = []

    def copy(self, template: str = "template0") -> str:
        """Make a database and return its address."""
        name = f"lms_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        self.names.append(name)
        return f"{self.address}/{name}"

    def drop(self) -> None:
        """Drop what was made."""
        for name in reversed(self.names):
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Run a statement outside any transaction."""
        engine = sa.create_engine(f"{self.address}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def make_url(offer: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeUrl]:
    """Give a function that makes a furnished database of a kind and returns its address."""
    address = os.environ.get("LMS_TEST_POSTGRESQL_SERVER")
    assert address, "set LMS_TEST_POSTGRESQL_SERVER to a PostgreSQL server's address, or use `make test`"
    server = Server(address)
    file = tmp_path_factory.mktemp("furnished") / "lms.db"
    furnish(f"sqlite:///{file}", offer)
    template = server.copy()
    furnish(template, offer)

    def make(kind: str) -> str:
        if kind == "PostgreSQL":
            return server.copy(template.rpartition("/")[2])
        return f"sqlite:///{shutil.copy(file, tmp_path_factory.mktemp('db') / 'lms.db')}"

    yield make
    server.drop()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, make_url: MakeUrl) -> str:
    """Give the address of a furnished database of the test's own, on each kind in turn."""
    return make_url(request.param)


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[Site]:
    """Give an installation of the test's own; the test starts it."""
    site = Site(tmp_path, url)
    yield site
    site.stop()


@pytest.fixture(scope="module", params=KINDS)
def running(
    request: pytest.FixtureRequest, make_url: MakeUrl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Give a server that the tests of a module share, on each kind of database in turn."""
    site = Site(tmp_path_factory.mktemp("data"), make_url(request.param), workers=3)
    site.start()
    yield site
    site.stop()
