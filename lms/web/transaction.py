"""One database session a request, and the one place where a request's transaction ends.

Returning a status below 400 commits; anything else rolls back. A GET reads through a door that
cannot write. The reply leaves after the commit.
"""

from collections.abc import Callable
from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from lms.db import NOBODY, SYSTEM, Database, Scope, ScopedSession

READS = {"GET", "HEAD", "OPTIONS"}
Afterthought = Callable[[Session], None]


def install(app: Flask, database: Database) -> None:
    """Give the app its database and the ends of its transactions."""
    app.extensions["database"] = database
    app.after_request(_end)
    app.teardown_request(_close)


def database() -> Database:
    """Return the database of this app."""
    return cast(Database, current_app.extensions["database"])


def db() -> ScopedSession:
    """Return this request's session; it sees nothing until `set_scope` says whose rows."""
    if "db" not in g:
        g.db = database().session(NOBODY, writes=request.method not in READS)
    return cast(ScopedSession, g.db)


def set_scope(scope: Scope) -> None:
    """Say whose rows this request may see."""
    db().info["scope"] = scope


def after_rollback(thought: Afterthought) -> None:
    """Keep something although the request is refused, such as a failed try; in a transaction of its own."""
    g.setdefault("afterthoughts", []).append(thought)


def let_others_write() -> None:
    """Give the writers' turn back while this request reads a file; what it wrote so far is undone.

    Asking who the visitor is takes the turn of a POST at once, and SQLite has one writer at a time.
    """
    session: ScopedSession | None = g.get("db")
    if session is not None:
        session.rollback()


def _end(response: Response) -> Response:
    session: ScopedSession | None = g.get("db")
    if session is not None:
        if response.status_code < 400:
            session.commit()
        else:
            session.rollback()
        session.close()
    thoughts: list[Afterthought] = g.pop("afterthoughts", [])
    if response.status_code >= 400 and thoughts:
        with database().transaction(SYSTEM) as own:
            for thought in thoughts:
                thought(own)
    return response


def _close(_error: BaseException | None) -> None:
    session: ScopedSession | None = g.pop("db", None)
    if session is not None:
        session.close()
