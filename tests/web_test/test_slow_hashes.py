"""While a password is hashed, nobody waits: the writers' queue is free, on real doors."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from lms import clock, migrations
from lms.accounts import passwords
from lms.accounts.acts import note_act
from lms.accounts.invitations import invite
from lms.accounts.models import Account, StaffAct
from lms.accounts.roles import Actor
from lms.config import Config
from lms.db import Database
from lms.web import create_app
from tests.browser_double import Reader
from tests.cast import PASSWORD, gather
from tests.conftest import SERVER, made_database

NEW = "bốn cái ghế mây cũ"
PATIENCE = 20


@pytest.fixture
def real(tmp_path: object) -> Iterator[Database]:
    """Give a database with both its real doors and the people of the tests."""
    if SERVER:
        with made_database() as url:
            yield from _filled(Database(url))
        return
    yield from _filled(Database(f"sqlite:///{tmp_path}/own.db"))


def _filled(database: Database) -> Iterator[Database]:
    migrations.upgrade(database)
    with database.transaction() as db:
        gather(db)
    yield database
    database.close()


@contextmanager
def hashing_held_up() -> Iterator[None]:
    """Keep the one thread that hashes busy, as a slow machine with a queue of sign-ins would."""
    begun, done = threading.Event(), threading.Event()

    def occupy() -> None:
        begun.set()
        done.wait(PATIENCE)

    busy = passwords._ONE_AT_A_TIME.submit(occupy)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        done.set()
        busy.result(PATIENCE)


def wrote_meanwhile(database: Database, request: threading.Thread) -> bool:
    """Tell whether somebody else's write gets through while a request waits for its hash."""
    written = threading.Event()

    def write() -> None:
        with database.transaction() as db:
            note_act(db, "meanwhile", "Việc khác", by="lms", now=clock.now())
        written.set()

    with hashing_held_up():
        request.start()
        request.join(1)
        assert request.is_alive(), "the request must be waiting for its hash"
        writer = threading.Thread(target=write)
        writer.start()
        through = written.wait(5)
    request.join(PATIENCE)
    writer.join(PATIENCE)
    return through


def test_accepting_an_invitation_hashes_outside_the_writing_transaction(
    real: Database, settings: Config
) -> None:
    with real.transaction() as db:
        by = Actor(None, "lms")
        _, token = invite(db, settings.secret, "author", None, "Vũ Thị Mai", by, clock.now())
    reader = Reader(create_app(settings, real))
    typed = {"ten_dang_nhap": "mai", "mat_khau": NEW, "go_lai": NEW}
    request = threading.Thread(target=reader.post, args=(f"/loi-moi/{token}", typed))
    assert wrote_meanwhile(real, request)
    assert _count(real, Account, Account.login == "mai") == 1


def test_changing_a_password_hashes_outside_the_writing_transaction(real: Database, settings: Config) -> None:
    app: Flask = create_app(settings, real)
    reader = Reader(app)
    reader.post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": PASSWORD})
    token = reader.get("/tai-khoan").text.split('name="token" value="')[1].split('"')[0]
    typed = {"token": token, "mat_khau": PASSWORD, "mat_khau_moi": NEW, "go_lai": NEW}
    request = threading.Thread(target=reader.post, args=("/tai-khoan/mat-khau", typed))
    assert wrote_meanwhile(real, request)
    assert _count(real, StaffAct, StaffAct.act == "account.password") == 1
    Reader(app).post("/dang-nhap", {"ten_dang_nhap": "lan", "mat_khau": NEW})


def _count(database: Database, model: type, where: sa.ColumnElement[bool]) -> int:
    with database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model).where(where)) or 0
