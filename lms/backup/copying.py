"""Making a backup of the running site, and checking one by opening it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, NullPool, create_engine, func, inspect, select, table
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from lms.backup.archive import (
    POSTGRESQL,
    SECRET,
    SETTINGS,
    SQLITE,
    SUFFIX,
    BackupRefused,
    Manifest,
    Opened,
    opened,
    publish,
    seal,
    sha256,
    workshop,
)
from lms.certificates.models import Certificate
from lms.certificates.queries import broken_links
from lms.clock import VIETNAM
from lms.config import Config
from lms.db import Database, sqlite_module, unscoped
from lms.migrations import NewerDatabase, current, refuse_newer

NIGHTLY, BEFORE_UPGRADE, BEFORE_RESTORE = "sao-luu", "truoc-nang-cap", "truoc-khoi-phuc"


@dataclass(frozen=True)
class Checked:
    """A backup that is what it was when it was made; `broken` are certificates whose link was broken then."""

    manifest: Manifest
    broken: tuple[str, ...]


@dataclass(frozen=True)
class _Content:
    """What a database holds at one moment, to compare a copy with."""

    schema: str
    counts: Mapping[str, int]
    register_head: str


def folder_of(config: Config) -> Path:
    """Return where an installation keeps its backups."""
    return config.data / "backups"


def create(
    config: Config,
    database: Database,
    now: datetime,
    *,
    folder: Path | None = None,
    prefix: str = NIGHTLY,
) -> Path:
    """Copy the running site into one checked file and return it; nobody waits meanwhile.

    Raises BackupRefused, and leaves no file, when the copy is not whole.
    """
    folder = folder or folder_of(config)
    with workshop(folder) as shop:
        name = SQLITE if database.is_sqlite else POSTGRESQL
        content = (_copy if database.is_sqlite else _dump)(database, shop / name)
        for beside in (SECRET, SETTINGS):
            if (config.data / beside).exists():
                shutil.copyfile(config.data / beside, shop / beside)
        names = [n for n in (name, SECRET, SETTINGS) if (shop / n).exists()]
        files = {n: sha256(shop / n) for n in names}
        manifest = Manifest(now, _version(), content.schema, content.counts, content.register_head, files)
        draft = seal(shop, manifest, config.secret)
        verify(draft, shop)
        stamp = now.astimezone(VIETNAM).strftime("%Y%m%d-%H%M%S")
        return publish(draft, folder / f"{prefix}-{stamp}{SUFFIX}")


def verify(path: Path, scratch: Path) -> Checked:
    """Open a backup in a folder under `scratch` and compare everything; raises BackupRefused."""
    with opened(path, scratch) as found:
        return check(found)


def check(found: Opened) -> Checked:
    """Check the database inside a backup laid out; raises BackupRefused."""
    try:
        refuse_newer(found.manifest.schema)
    except NewerDatabase as newer:
        raise BackupRefused(str(newer)) from None
    if POSTGRESQL in found.names:
        _run(["pg_restore", "--list", str(found.folder / POSTGRESQL)])
        return Checked(found.manifest, ())
    try:
        with looking_at(found.folder / SQLITE) as connection:
            return _check_copy(found.manifest, connection)
    except DatabaseError as error:
        raise BackupRefused(f"Cơ sở dữ liệu trong bản sao lưu bị hỏng ({error.orig}).") from None


@contextmanager
def looking_at(path: Path) -> Iterator[Connection]:
    """Open a SQLite file that nobody else uses, without writing a byte beside it."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    module = sqlite_module()
    engine = create_engine(
        "sqlite://", module=module, creator=lambda: module.connect(address, uri=True), poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection


@unscoped("a backup is the whole database, whoever its rows belong to")
def _check_copy(manifest: Manifest, connection: Connection) -> Checked:
    said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if said != ["ok"]:
        raise BackupRefused(f"Cơ sở dữ liệu trong bản sao lưu bị hỏng ({said[0]}).")
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise BackupRefused("Cơ sở dữ liệu trong bản sao lưu có dòng trỏ tới dòng không còn.")
    held = _content(connection)
    if held != _Content(manifest.schema, manifest.counts, manifest.register_head):
        raise BackupRefused("Số dòng trong bản sao lưu không khớp bảng kê của nó.")
    with Session(connection) as db:
        broken = tuple(broken_links(db)) if Certificate.__tablename__ in held.counts else ()
    return Checked(manifest, broken)


@unscoped("a backup is the whole database, whoever its rows belong to")
def _content(connection: Connection) -> _Content:
    names = sorted(inspect(connection).get_table_names())
    counts = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
    head = ""
    if Certificate.__tablename__ in counts:
        last = select(Certificate.__table__.c.chain).order_by(Certificate.__table__.c.sequence.desc())
        head = connection.scalar(last.limit(1)) or ""
    return _Content(current(connection) or "", counts, head)


@unscoped("a backup is the whole database, whoever its rows belong to")
def _copy(database: Database, target: Path) -> _Content:
    """Copy SQLite in one step: step by step, each outside write would make the copy begin anew."""
    copy = sqlite_module().connect(str(target))
    try:
        with database.reader.connect() as connection:
            # The first read opens the snapshot which the copy then takes as well.
            content = _content(connection)
            source = connection.connection.driver_connection
            assert source is not None  # noqa: S101
            source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
    except (DatabaseError, sqlite_module().DatabaseError) as error:
        raise BackupRefused(
            f"Không sao chép được cơ sở dữ liệu ({error}). Kiểm tra ổ đĩa rồi chạy: lms doctor"
        ) from None
    finally:
        copy.close()
    return content


@unscoped("a backup is the whole database, whoever its rows belong to")
def _dump(database: Database, target: Path) -> _Content:
    """Let pg_dump write the same snapshot that is counted here."""
    with database.reader.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        content = _content(connection)
        snapshot = connection.scalar(select(func.pg_export_snapshot()))
        _run(
            [
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot}",
                f"--file={target}",
                f"--dbname={_conninfo(database)}",
            ],
            PGPASSWORD=database.reader.url.password,
        )
    return content


def _conninfo(database: Database) -> str:
    """Return where the database is, as libpq writes it; without the password, which others could list."""
    url = database.reader.url
    parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **url.query}
    return make_conninfo("", **{name: str(value) for name, value in parts.items() if value})


def _run(command: list[str], **environ: str | None) -> None:
    if not shutil.which(command[0]):
        raise BackupRefused(f"Máy này chưa có {command[0]}. Cài gói postgresql-client rồi chạy lại.")
    own = os.environ | {name: value for name, value in environ.items() if value}
    ended = subprocess.run(command, env=own, capture_output=True, text=True)
    if ended.returncode:
        raise BackupRefused(f"{command[0]} báo lỗi: {ended.stderr.strip()}")


def _version() -> str:
    try:
        return version("binh-dan-hoc-vu-so")
    except PackageNotFoundError:
        return "chưa cài đặt"
