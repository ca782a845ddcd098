"""The database: engines, types, scope, and where a transaction of a command or job ends.

Web requests end theirs in `lms/web/transaction.py`; nobody else commits.
"""

import fcntl
import os
import secrets
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Insert,
    LargeBinary,
    MetaData,
    TypeDecorator,
    Uuid,
    bindparam,
    create_engine,
    event,
    false,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.type_api import TypeEngine

SAFE_SQLITE = (3, 51, 3)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "trusted_schema": 0,
    "mmap_size": 0,
}


class Key(TypeDecorator[uuid.UUID]):
    """A UUID: 16 bytes on SQLite, native on PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> Any:
        """Turn the key into what the database stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> uuid.UUID | None:
        """Turn what the database stores into the key."""
        if value is None or isinstance(value, uuid.UUID):
            return value
        return uuid.UUID(bytes=bytes(value))


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses a naive value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive moment: every moment carries its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {uuid.UUID: Key, datetime: UtcDateTime}  # noqa: RUF012


def new_id() -> uuid.UUID:
    """Make a UUIDv7: 48 bits of milliseconds, then random bits (RFC 9562 §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


# ---- scope: who sees which rows -------------------------------------------------------------

Rule = Callable[["Scope"], ColumnElement[bool]]
T = TypeVar("T", bound=type)
F = TypeVar("F", bound=Callable[..., Any])
SCOPED: dict[type, Rule] = {}
PUBLIC: set[type] = set()
UNSCOPED: dict[str, str] = {}


@dataclass(frozen=True)
class Scope:
    """Whose rows may be seen: one browser's learner, its people, or a unit's paths."""

    is_system: bool = False
    learner: uuid.UUID | None = None
    household: uuid.UUID | None = None
    person: uuid.UUID | None = None
    account: uuid.UUID | None = None
    unit_paths: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[Any, ...]:
        """Return the criteria that every ORM statement of this viewer carries."""
        return _options(self)


# Building the criteria of every table takes a millisecond: people come again within minutes.
@lru_cache(maxsize=64)
def _options(scope: Scope) -> tuple[Any, ...]:
    return tuple(
        with_loader_criteria(model, rule(scope), include_aliases=True) for model, rule in SCOPED.items()
    )


NOBODY = Scope()
SYSTEM = Scope(is_system=True)


def same(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    """Return `column = value`; nothing at all for None, where SQL would look for rows without one."""
    return false() if value is None else column == value


def scoped(rule: Rule) -> Callable[[T], T]:
    """Declare which rows of a table a viewer sees."""

    def register(model: T) -> T:
        SCOPED[model] = rule
        _options.cache_clear()
        return model

    return register


def public(model: T) -> T:
    """Declare that a table holds nothing about people: everybody may read it."""
    PUBLIC.add(model)
    return model


def hidden(model: T) -> T:
    """Declare that only the system scope and listed functions read a table."""
    return scoped(lambda scope: false())(model)


def unscoped(reason: str) -> Callable[[F], F]:
    """List a function that reads past the scope, with the reason it may."""

    def register(function: F) -> F:
        UNSCOPED[f"{function.__module__}.{function.__qualname__}"] = reason
        return function

    return register


class ScopedSession(Session):
    """A session in which every ORM statement carries the viewer's scope; none set, no rows."""


@event.listens_for(ScopedSession, "do_orm_execute")
def _apply_scope(state: ORMExecuteState) -> None:
    scope: Scope = state.session.info.get("scope", NOBODY)
    if scope.is_system or state.is_column_load or state.is_insert:
        return
    state.statement = state.statement.options(*scope.options)


def insert_once(db: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless its natural key is there already; return whether it was inserted."""
    connection = db.connection()
    return connection.execute(_insert_once(model, connection.dialect.name), values).rowcount == 1


def insert_many_once(db: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of equal columns in one statement, those left out whose natural key is there already."""
    if rows:
        connection = db.connection()
        connection.execute(_insert_once(model, connection.dialect.name), rows)


@cache
def _insert_once(model: type[Base], dialect: str) -> Insert:
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = insert(model).on_conflict_do_nothing()
    # Without the option psycopg's count is read from a closed cursor, which says -1.
    return statement.execution_options(preserve_rowcount=True)


_TURN = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))


def take_turn(db: Session, whose: bytes) -> None:
    """Wait for every other writer with the same key (16 bytes at least), until this transaction ends.

    SQLite's writers take turns anyway. PostgreSQL's do not see what the others have not committed, so
    that of two tabs with the last two answers neither would find the paper complete.
    """
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"key": int.from_bytes(whose[-8:], signed=True)})


# ---- engines ---------------------------------------------------------------------------------


class WriterQueue:
    """A file lock that writers of all processes wait on, so that nobody polls SQLite's own lock."""

    def __init__(self, path: Path) -> None:
        """Remember where the lock file is; it is made when first needed."""
        self.path = path

    def install(self, engine: Engine) -> None:
        """Make each transaction of this engine wait its turn, and leave when its connection returns."""

        @event.listens_for(engine, "begin")
        def take(connection: Any) -> None:
            descriptor = connection.info.get("queue")
            if descriptor is None:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                descriptor = connection.info["queue"] = os.open(self.path, flags, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        @event.listens_for(engine, "checkin")
        def leave(_dbapi: Any, record: Any) -> None:
            if (descriptor := record.info.get("queue")) is not None:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

        @event.listens_for(engine, "close")
        def forget(_dbapi: Any, record: Any) -> None:
            if (descriptor := record.info.pop("queue", None)) is not None:
                os.close(descriptor)


def sqlite_module() -> Any:
    """Return the SQLite driver: the bundled one where there is a wheel, else Python's own."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3 as dbapi2
    return dbapi2


# The parameters stay out of what an error says: they are names and telephones, and errors are logged.
def _sqlite_engine(url: str, *, writes: bool) -> Engine:
    engine = create_engine(url, module=sqlite_module(), pool_size=4, max_overflow=8, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        for name, wanted in PRAGMAS.items():
            dbapi.execute(f"PRAGMA {name}={wanted}")
            found = dbapi.execute(f"PRAGMA {name}").fetchone()
            # mmap_size answers nothing where the build leaves memory mapping out.
            if found is not None and next(iter(found)) != wanted:
                raise RuntimeError(f"SQLite refused {name}={wanted}, it says {found[0]}")
        if not writes:
            dbapi.execute("PRAGMA query_only=1")

    if writes:
        WriterQueue(Path(f"{engine.url.database}.queue")).install(engine)
    else:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _postgresql_engine(url: str, *, writes: bool) -> Engine:
    options = "-c timezone=UTC" + ("" if writes else " -c default_transaction_read_only=on")
    # A ping a request: after a crash of the database no request meets a dead connection.
    return create_engine(
        url,
        pool_size=4,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options},
    )


class Database:
    """One database with a door for readers, which cannot write, and a door for writers."""

    def __init__(self, url: str) -> None:
        """Make both engines; nothing is opened yet."""
        make = _sqlite_engine if url.startswith("sqlite") else _postgresql_engine
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.writer = make(url, writes=True)
        self.reader = make(url, writes=False)

    def session(self, scope: Scope, *, writes: bool) -> ScopedSession:
        """Open a session for this viewer; the caller ends it."""
        engine = self.writer if writes else self.reader
        return ScopedSession(engine, info={"scope": scope}, expire_on_commit=False)

    @contextmanager
    def transaction(self, scope: Scope = SYSTEM) -> Iterator[ScopedSession]:
        """Give a command or a job one transaction: returning commits, raising rolls back."""
        with self.session(scope, writes=True) as db:
            yield db
            db.commit()

    @contextmanager
    def reading(self, scope: Scope = SYSTEM) -> Iterator[ScopedSession]:
        """Give a command or a job a session that cannot write."""
        with self.session(scope, writes=False) as db:
            yield db

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()
