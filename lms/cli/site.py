"""The installation that a command works on: its settings and its database."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DatabaseError, OperationalError

from lms import tables  # noqa: F401  (every table must be known)
from lms.cli import Failure
from lms.config import Config, load
from lms.db import Database
from lms.migrations import WrongSchema, require_current


@dataclass(frozen=True)
class Site:
    """Settings and database of one installation."""

    config: Config
    database: Database


@contextmanager
def site(*, any_schema: bool = False) -> Iterator[Site]:
    """Open the installation for one command; raises Failure when its database cannot be used."""
    config = load()
    database = Database(config.database_url)
    try:
        if not any_schema:
            require_current(database)
        yield Site(config, database)
    except WrongSchema as wrong:
        raise Failure(str(wrong)) from None
    except DatabaseError as error:
        # Their kin, such as IntegrityError, speak of one statement, not of the database.
        if type(error) not in (DatabaseError, OperationalError):
            raise
        raise Failure(
            f"Không dùng được cơ sở dữ liệu ({error.orig}). Xem lại DATABASE_URL, rồi chạy: lms doctor"
        ) from error
    finally:
        database.close()


def who() -> str:
    """Return who types the command, for the record."""
    try:
        return f"lms: {getpass.getuser()}"
    except (KeyError, OSError):
        return "lms"
