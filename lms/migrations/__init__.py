"""Steps from one schema to the next: forward on SQLite and PostgreSQL, each in one transaction."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from lms.db import Database

# Alembic is large: it is loaded when a schema is changed, not by everyone who asks which one it is.
if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
_VERSION = table("alembic_version", column("version_num"))


class WrongSchema(Exception):
    """The database does not have this version's schema; the message says what to do."""


class NewerDatabase(WrongSchema):
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
    from alembic import command

    with database.writer.connect() as connection:
        command.downgrade(_config(connection), target)
        connection.commit()


def is_current(database: Database) -> bool:
    """Tell whether the schema is the one this version works with."""
    with database.reader.connect() as connection:
        return current(connection) == head()


def require_current(database: Database) -> None:
    """Raise WrongSchema unless the schema is the one this version works with."""
    with database.reader.connect() as connection:
        revision = current(connection)
    refuse_newer(revision)
    if revision != head():
        raise WrongSchema("Cơ sở dữ liệu chưa có hoặc còn ở bản cũ. Chạy: lms db upgrade")


def current(connection: Connection) -> str | None:
    """Return the revision of a database, or None for an empty one."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()


def head() -> str | None:
    """Return the newest revision this version knows."""
    return max(_known(), default=None)


def _known() -> set[str]:
    """Return every revision of this version: they follow each other by number, as their files are named."""
    return {path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*_*.py")}


def _run(connection: Connection, target: str) -> None:
    from alembic import command

    command.upgrade(_config(connection), target)
    connection.commit()


def refuse_newer(revision: str | None) -> None:
    """Raise NewerDatabase when a revision is none that this version knows."""
    if revision is not None and revision not in _known():
        raise NewerDatabase(
            f"Cơ sở dữ liệu (bản {revision}) mới hơn phần mềm này. Cài bản phần mềm mới hơn rồi chạy lại."
        )


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config
