"""Toy routes on the same server code: the practical limit of Flask, Flask-Login and SQLAlchemy Core.

They do the least that such a route can do and still keep the promise about durability; no check of
where a write comes from, no marking, no scope.
"""

import fcntl
import gzip
import os
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, redirect, render_template, request
from flask_login import LoginManager, UserMixin, current_user, login_user
from pysqlite3 import dbapi2
from werkzeug.wrappers import Response as AnyResponse

from lms.config import Config

PAGES = Path(__file__).parent / "pages"
META = sa.MetaData()
LEARNERS = sa.Table(
    "learners", META, sa.Column("id", sa.String, primary_key=True), sa.Column("name", sa.String)
)
ANSWERS = sa.Table(
    "answers",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("learner", sa.String, index=True),
    sa.Column("choice", sa.String),
)
_FIND = sa.select(LEARNERS.c.id, LEARNERS.c.name).where(LEARNERS.c.id == sa.bindparam("learner"))
_KEEP = sa.insert(ANSWERS)


class _Learner(UserMixin):  # type: ignore[misc]
    def __init__(self, id_: str) -> None:
        self.id = id_


def engine_for(path: Path, *, writes: bool) -> sa.Engine:
    """Open a toy database: WAL, FULL; writers queue on a file lock before BEGIN IMMEDIATE."""
    engine = sa.create_engine(f"sqlite:///{path}", module=dbapi2)

    @sa.event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=1", "busy_timeout=5000"):
            dbapi.execute(f"PRAGMA {pragma}")

    if writes:
        _queue(engine, os.open(f"{path}.queue", os.O_RDWR | os.O_CREAT, 0o600))
    else:
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _queue(engine: sa.Engine, descriptor: int) -> None:
    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @sa.event.listens_for(engine, "checkin")
    def leave(_dbapi: Any, _record: Any) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def create_app(config: Config) -> Flask:
    """Make the toy application on a database in the data folder."""
    app = Flask("bench.toys", template_folder=str(PAGES))
    app.secret_key = config.secret
    path = config.data / "toy.db"
    writer, reader = engine_for(path, writes=True), engine_for(path, writes=False)
    with writer.begin() as connection:
        META.create_all(connection)
    manager = LoginManager(app)
    manager.user_loader(_Learner)
    _add_answer(app, writer)
    _add_pages(app, reader)
    return app


def _add_answer(app: Flask, writer: sa.Engine) -> None:
    @app.get("/enter")
    def enter() -> AnyResponse:
        learner = token_hex(8)
        with writer.begin() as connection:
            connection.execute(sa.insert(LEARNERS), {"id": learner, "name": "Nguyễn Văn Thử"})
        login_user(_Learner(learner))
        return redirect("/pageread", 303)

    @app.post("/answer")
    def answer() -> AnyResponse:
        with writer.begin() as connection:
            row = connection.execute(_FIND, {"learner": current_user.id}).one()
            connection.execute(_KEEP, {"learner": row.id, "choice": request.form["chon"]})
        return redirect("/answer", 303)


def _add_pages(app: Flask, reader: sa.Engine) -> None:
    with app.app_context():
        body = render_template("page.html", name="", rows=range(40)).encode()
    stored, tag = gzip.compress(body, 9), f'"{sha256(body).hexdigest()[:20]}"'

    @app.get("/pageread")
    def pageread() -> str:
        with reader.connect() as connection:
            row = connection.execute(_FIND, {"learner": current_user.id}).one()
        return render_template("page.html", name=row.name, rows=range(40))

    @app.get("/cached")
    def cached() -> Response:
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
        return Response(stored, headers={"ETag": tag, "Content-Encoding": "gzip"}, mimetype="text/html")
