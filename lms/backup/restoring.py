"""Putting a backup in the place of the present data, without reviving what was revoked since."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, inspect, make_url, select
from sqlalchemy.exc import DatabaseError

from lms.accounts.models import Account
from lms.backup.archive import (
    POSTGRESQL,
    SECRET,
    SETTINGS,
    SQLITE,
    BackupRefused,
    Manifest,
    Opened,
    opened,
    sync_folder,
)
from lms.backup.copying import BEFORE_RESTORE, check, create, folder_of
from lms.certificates.models import Certificate, CertificateRevocation
from lms.clock import VIETNAM
from lms.config import Config
from lms.db import Database, insert_once, sqlite_module, unscoped
from lms.migrations import upgrade
from lms.people.models import Learner, Person

_PRECIOUS = (Learner, Person, Account, Certificate)
_certificate, _revocation = Certificate.__table__, CertificateRevocation.__table__


@dataclass(frozen=True)
class Restored:
    """What a restore did: where the former data is, and what an administrator has to look at.

    `lost` are codes of certificates issued after the backup; `reopened` are codes whose successor is
    among them, so that the older paper stands again. With `is_unread` the former data could not be
    read, so nothing could be carried over from it.
    """

    manifest: Manifest
    former: Path | None
    revocations: int
    lost: tuple[str, ...]
    reopened: tuple[str, ...]
    is_unread: bool
    keeps_settings: bool


@dataclass(frozen=True)
class _Present:
    """What the present database says that a backup must not forget."""

    has_data: bool = False
    is_unread: bool = False
    certificates: tuple[tuple[UUID, str, UUID | None], ...] = ()
    revocations: tuple[dict[str, Any], ...] = ()


def restore(config: Config, path: Path, now: datetime) -> Restored:
    """Put a backup in the place of the present data; raises BackupRefused and changes nothing.

    The caller sees to it that neither server nor jobs run. The present data becomes a backup first.
    Revocations that it holds and the backup does not are carried over.
    """
    if not config.database_url.startswith("sqlite"):
        raise BackupRefused(_by_hand(path))
    target = Path(make_url(config.database_url).database or "").resolve()
    with _no_writers(target), opened(path, target.parent) as found:
        check(found)
        if POSTGRESQL in found.names:
            raise BackupRefused(_by_hand(path))
        present = _look(config, target)
        _refuse_foreign(config, found, present)
        former = _keep(config, target, present, now)
        staged = found.folder / SQLITE
        applied, lost, reopened = _carry_over(staged, present)
        _fold(staged)
        keeps_settings = (config.data / SETTINGS).exists()
        _replace(config, target, found, present)
    return Restored(found.manifest, former, applied, lost, reopened, present.is_unread, keeps_settings)


@contextmanager
def _no_writers(target: Path) -> Iterator[None]:
    """Hold the place of the writers of all processes, so that none of them writes to the old file."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(f"{target}.queue", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused("Đang có lệnh khác ghi dữ liệu. Chờ lệnh đó xong rồi chạy lại.") from None
        yield
    finally:
        os.close(descriptor)


def _look(config: Config, target: Path) -> _Present:
    if not target.exists():
        return _Present()
    database = Database(config.database_url)
    try:
        with database.reader.connect() as connection:
            return _present(connection)
    except DatabaseError:
        return _Present(has_data=True, is_unread=True)
    finally:
        database.close()


@unscoped("carries the register's codes and revocations over, whoever they belong to")
def _present(connection: Connection) -> _Present:
    names = set(inspect(connection).get_table_names())
    counted = [model.__table__ for model in _PRECIOUS if model.__tablename__ in names]
    rows = sum(connection.scalar(select(func.count()).select_from(t)) or 0 for t in counted)
    if not {Certificate.__tablename__, CertificateRevocation.__tablename__} <= names:
        return _Present(has_data=bool(rows))
    certificates = connection.execute(select(_certificate.c.id, _certificate.c.code, _certificate.c.replaces))
    revocations = connection.execute(select(_revocation)).mappings()
    return _Present(
        has_data=bool(rows),
        certificates=tuple((row.id, row.code, row.replaces) for row in certificates),
        revocations=tuple(dict(row) for row in revocations),
    )


def _refuse_foreign(config: Config, found: Opened, present: _Present) -> None:
    if present.has_data and found.secret != config.secret:
        raise BackupRefused(
            "Đây là bản sao lưu của một nơi cài đặt khác, còn ở đây đang có dữ liệu. "
            "Đặt LMS_DATA sang một thư mục mới rồi khôi phục vào đó."
        )


def _keep(config: Config, target: Path, present: _Present, now: datetime) -> Path | None:
    """Make a backup of the present data; what cannot be read any more is copied as it lies."""
    if not present.has_data:
        return None
    if not present.is_unread:
        database = Database(config.database_url)
        try:
            return create(config, database, now, prefix=BEFORE_RESTORE)
        finally:
            database.close()
    stamp = now.astimezone(VIETNAM).strftime("%Y%m%d-%H%M%S")
    folder = folder_of(config) / f"du-lieu-hong-{stamp}"
    folder.mkdir(parents=True, mode=0o700)
    for path in _parts(target):
        shutil.copyfile(path, folder / path.name)
    return folder


def _carry_over(staged: Path, present: _Present) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Bring the backup to this version's schema and add the revocations that came after it."""
    database = Database(f"sqlite:///{staged}")
    try:
        upgrade(database)
        with database.transaction() as db:
            held = set(db.scalars(select(Certificate.id)))
            later = [row for row in present.revocations if row["certificate_id"] in held]
            applied = sum(insert_once(db, CertificateRevocation, **row) for row in later)
    finally:
        database.close()
    code_of = {key: code for key, code, _ in present.certificates}
    lost = [(code, replaces) for key, code, replaces in present.certificates if key not in held]
    reopened = tuple(code_of[replaces] for _, replaces in lost if replaces in held)
    return applied, tuple(code for code, _ in lost), reopened


def _replace(config: Config, target: Path, found: Opened, present: _Present) -> None:
    """Swap the files; the secret first, so that a run cut short here can simply be repeated."""
    if found.secret != config.secret:
        (found.folder / SECRET).chmod(0o600)
        (found.folder / SECRET).replace(config.data / SECRET)
    if SETTINGS in found.names and not (config.data / SETTINGS).exists():
        (found.folder / SETTINGS).replace(config.data / SETTINGS)
    if target.exists() and not present.is_unread:
        _fold(target)
    for path in _parts(target)[1:]:
        path.unlink()
    (found.folder / SQLITE).chmod(0o600)
    (found.folder / SQLITE).replace(target)
    sync_folder(target.parent)
    sync_folder(config.data)


def _parts(target: Path) -> list[Path]:
    """Return the file of a database and those that SQLite keeps beside it, as far as they exist."""
    names = (target, Path(f"{target}-wal"), Path(f"{target}-shm"))
    return [path for path in names if path == target or path.exists()]


def _fold(path: Path) -> None:
    """Bring a database into its one file; raises BackupRefused while somebody else has it open."""
    module = sqlite_module()
    connection = module.connect(str(path), timeout=1)
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except module.OperationalError:
        raise BackupRefused("Còn chương trình khác đang mở cơ sở dữ liệu. Đóng hết rồi chạy lại.") from None
    finally:
        connection.close()
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _by_hand(path: Path) -> str:
    return (
        "PostgreSQL được khôi phục bằng công cụ của chính nó. Dừng máy chủ, rồi chạy lần lượt:\n"
        f"  lms backup verify {path}\n"
        f"  unzip {path} lms.dump secret.key -d khoi-phuc\n"
        "  pg_restore --clean --if-exists --no-owner --single-transaction -d TÊN_CSDL khoi-phuc/lms.dump\n"
        "  Chép khoi-phuc/secret.key vào thư mục dữ liệu (LMS_DATA).\n"
        "  lms db upgrade\n"
        "Phiếu đã thu hồi sau lúc sao lưu phải được thu hồi lại: lms cert revoke MÃ --reason …"
    )
