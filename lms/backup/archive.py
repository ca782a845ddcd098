"""The file of a backup: a ZIP without compression, sealed so that one changed byte is noticed.

The manifest names every member with its digest and is keyed with the installation's secret. The last
64 bytes, the comment of the ZIP, are the SHA-256 of all bytes before them.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from typing import Any

from lms.mac import mac

SUFFIX = ".lmsbackup"
FORMAT = 1
MANIFEST, SECRET, SETTINGS = "manifest.json", "secret.key", "lms.toml"
SQLITE, POSTGRESQL = "lms.db", "lms.dump"
_MEMBERS = {MANIFEST, SECRET, SETTINGS, SQLITE, POSTGRESQL}
_SEAL = 64
_BLOCK = 1 << 20
_LARGEST_NOTE = 1 << 20
# ZIP knows no date before 1980; the moment of the backup stands in the manifest.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BackupRefused(Exception):
    """A backup cannot be made, trusted or restored; the message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `files` are the SHA-256 of its members by name."""

    made_at: datetime
    product: str
    schema: str
    counts: Mapping[str, int]
    register_head: str
    files: Mapping[str, str]

    def to_json(self, secret: bytes) -> str:
        """Return the manifest as text, keyed with the installation's secret."""
        said = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        said["key"] = _keyed(said, secret)
        return json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True)


@dataclass(frozen=True)
class Opened:
    """A sealed backup laid out in a folder: its manifest, the members there, the secret inside."""

    manifest: Manifest
    folder: Path
    names: frozenset[str]
    secret: bytes


def sha256(path: Path) -> str:
    """Return the digest of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path, manifest: Manifest, secret: bytes) -> Path:
    """Pack the files of `folder` that the manifest names into one sealed file there, safe on disk."""
    (folder / MANIFEST).write_text(manifest.to_json(secret), encoding="utf-8")
    draft = folder / f"draft{SUFFIX}"
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        _pack(file, folder, (MANIFEST, *manifest.files))
        file.flush()
        length = file.seek(0, os.SEEK_END) - _SEAL
        file.seek(length)
        file.write(_digest(draft, length))
        file.flush()
        os.fsync(file.fileno())
    return draft


def publish(draft: Path, target: Path) -> Path:
    """Give a sealed file its name and return it; a name that is taken gets a number."""
    for number in range(1, 1000):
        free = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        try:
            os.link(draft, free)
        except FileExistsError:
            continue
        except OSError:
            # Memory cards with FAT know no links.
            if free.exists():
                continue
            draft.rename(free)
        sync_folder(free.parent)
        return free
    raise BackupRefused(f"Không đặt được tên cho tệp trong {target.parent}. Dọn bớt tệp cũ.")


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[Opened]:
    """Lay a backup out in a folder under `scratch`, gone afterwards.

    Raises BackupRefused when it is no backup, or any byte of it is not as it was written.
    """
    _refuse_changed(path)
    with workshop(scratch) as folder:
        try:
            names = _unpack(path, folder)
            yield _read(folder, names)
        except (zipfile.BadZipFile, NotImplementedError, EOFError):
            raise BackupRefused(_not_a_backup(path)) from None


@contextmanager
def workshop(parent: Path) -> Iterator[Path]:
    """Give a folder that only this process reads, on the same disk as `parent`, gone afterwards."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".dang-lam-", dir=parent) as folder:
        yield Path(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _pack(file: Any, folder: Path, names: tuple[str, ...]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            with (folder / name).open("rb") as source, archive.open(_entry(folder, name), "w") as member:
                shutil.copyfileobj(source, member, _BLOCK)
        archive.comment = b"0" * _SEAL


def _entry(folder: Path, name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o600 << 16
    entry.file_size = (folder / name).stat().st_size
    return entry


def _digest(path: Path, length: int) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while length and (block := file.read(min(_BLOCK, length))):
            digest.update(block)
            length -= len(block)
    return digest.hexdigest().encode()


def _refuse_changed(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(max(0, size - _SEAL))
            seal = file.read(_SEAL)
    except OSError as error:
        raise BackupRefused(f"Không mở được {path}: {error.strerror}. Xem lại đường dẫn.") from None
    if start != b"PK\x03\x04" or size < _SEAL:
        raise BackupRefused(_not_a_backup(path))
    if not compare_digest(_digest(path, size - _SEAL), seal):
        raise BackupRefused(
            f"Tệp {path.name} bị hỏng hoặc đã bị sửa: dấu kiểm ở cuối tệp không khớp. "
            "Dùng bản sao lưu khác, hoặc chép lại tệp từ nơi cất."
        )


def _not_a_backup(path: Path) -> str:
    return f"{path.name} không phải tệp sao lưu của phần mềm này. Chọn tệp có đuôi {SUFFIX}."


def _unpack(path: Path, folder: Path) -> frozenset[str]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if set(names) - _MEMBERS or len(set(names)) != len(names):
            raise BackupRefused(_not_a_backup(path))
        if any(e.compress_type != zipfile.ZIP_STORED or e.flag_bits & 1 for e in entries):
            raise BackupRefused(_not_a_backup(path))
        for entry in entries:
            with archive.open(entry) as source, (folder / entry.filename).open("xb") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    return frozenset(names)


def _read(folder: Path, names: frozenset[str]) -> Opened:
    if not {MANIFEST, SECRET} <= names or len(names & {SQLITE, POSTGRESQL}) != 1:
        raise BackupRefused("Tệp sao lưu thiếu phần bên trong. Dùng bản sao lưu khác.")
    secret = (folder / SECRET).read_bytes()
    manifest = _manifest(folder / MANIFEST, secret)
    if set(manifest.files) != names - {MANIFEST}:
        raise BackupRefused("Bảng kê trong tệp sao lưu không phải của tệp này. Dùng bản sao lưu khác.")
    for name, digest in manifest.files.items():
        if sha256(folder / name) != digest:
            raise BackupRefused(f"Phần {name} trong tệp sao lưu không khớp bảng kê. Dùng bản sao lưu khác.")
    return Opened(manifest, folder, names, secret)


def _manifest(path: Path, secret: bytes) -> Manifest:
    wrong = BackupRefused("Bảng kê trong tệp sao lưu không phải của tệp này. Dùng bản sao lưu khác.")
    try:
        if path.stat().st_size > _LARGEST_NOTE:
            raise wrong
        said = json.loads(path.read_text(encoding="utf-8"))
        key = str(said.pop("key"))
        if said.pop("format") != FORMAT:
            raise BackupRefused("Tệp sao lưu do phần mềm mới hơn làm ra. Cài bản mới hơn rồi chạy lại.")
        if not compare_digest(_keyed(said | {"format": FORMAT}, secret), key):
            raise wrong
        return Manifest(**said | {"made_at": datetime.fromisoformat(said["made_at"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise wrong from None


def _keyed(said: Mapping[str, Any], secret: bytes) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return mac(secret, "backup-manifest", text).hex()
