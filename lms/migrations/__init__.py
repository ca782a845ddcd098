"""Steps from one schema to the next: forward on SQLite and PostgreSQL, each in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from lms.db import Database


class NewerDatabase(Exception):
    """The database was made by a newer version of the product than this one."""


def upgrade(database: Database, target: str = "head") -> tuple[str | None, str | None]:
    """Bring the schema to `target`; return the revision before and after.

    Raises NewerDatabase when the schema is ahead of this version. A second time changes nothing.
    """
    with database.writer.connect() as connection:
        before = current(connection)
        refuse_newer(before)
        _run(connection, target)
        return before, current(connection)


def downgrade(database: Database, target: str) -> None:
    """Take the schema back to `target`; for tests of the steps, never for a running site."""
    with database.writer.connect() as connection:
        command.downgrade(_config(connection), target)
        connection.commit()


def is_current(database: Database) -> bool:
    """Tell whether the schema is the one this version works with."""
    with database.reader.connect() as connection:
        return current(connection) == head()


def current(connection: Connection) -> str | None:
    """Return the revision of a database, or None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the newest revision this version knows."""
    return ScriptDirectory(str(Path(__file__).parent)).get_current_head()


def _run(connection: Connection, target: str) -> None:
    command.upgrade(_config(connection), target)
    connection.commit()


def refuse_newer(revision: str | None) -> None:
    """Raise NewerDatabase when a revision is none that this version knows."""
    known = {script.revision for script in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerDatabase(
            f"Cơ sở dữ liệu (bản {revision}) mới hơn phần mềm này. Cài bản phần mềm mới hơn rồi chạy lại."
        )


def _config(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
