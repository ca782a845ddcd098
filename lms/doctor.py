"""The health sheet of an installation: what was looked at, what was found, what cures it."""

import fcntl
import os
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, make_url, select

from lms import backup, clock, content, queue, tables  # noqa: F401  (every table must be known)
from lms.accounts.models import BrowserSession
from lms.catalog.models import CatalogItem, CatalogState, RenderedPart
from lms.catalog.offer import prepare
from lms.certificates.models import Certificate
from lms.config import KNOWN, PACKAGE, Config
from lms.content.data import read_facts
from lms.content.problems import Problems
from lms.db import PRAGMAS, SAFE_SQLITE, Database, sqlite_module, unscoped
from lms.migrations import current, head

GOOD, WARN, BAD = "good", "warn", "bad"
MIB = 1 << 20
LITTLE_SPACE, NO_SPACE = 500 * MIB, 50 * MIB
SLOW_SYNC_MS = 50
BACKUP_AGE = timedelta(hours=26)
CLOCK_SLACK = timedelta(minutes=10)
BACKPORTED = ((3, 50, 7), (3, 44, 6))
"""Older lines of SQLite in which the WAL race was mended as well."""


@dataclass(frozen=True)
class Finding:
    """One line of the sheet; `cure` is empty where nothing is wrong."""

    name: str
    mark: str
    said: str
    cure: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined."""

    config: Config
    database: Database
    environ: Mapping[str, str]
    now: datetime


Check = Callable[[Patient], Iterator[Finding]]


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield the findings in order; a check that breaks is a finding itself."""
    yield Finding("Python", GOOD, f"{sys.version.split()[0]} trên {sys.platform}")
    for name, check in CHECKS.items():
        try:
            yield from check(patient)
        except Exception as error:
            yield Finding(name, BAD, f"không kiểm được: {error}", "Sửa lỗi này rồi chạy lại: lms doctor")


def _settings(patient: Patient) -> Iterator[Finding]:
    config = patient.config
    file = config.data / "lms.toml"
    written = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    values = {
        "DATABASE_URL": make_url(config.database_url).render_as_string(hide_password=True),
        "LMS_CONTENT_ROOT": config.content_root,
        "LMS_DATA": config.data,
        "LMS_PUBLIC_URL": config.public_url or "chưa đặt",
        "LMS_REQUIRE_REVIEW": "yes" if config.require_review else "no",
        "LMS_SITE_ADDRESS": config.site_address or "chưa đặt",
        "LMS_SITE_NAME": config.site_name,
        "LMS_SITE_PHONE": config.site_phone or "chưa đặt",
        "LMS_TRUSTED_PROXIES": config.trusted_proxies,
        "LMS_WORKERS": config.workers,
    }
    for name in sorted(KNOWN):
        source = (
            "biến môi trường" if patient.environ.get(name) else "lms.toml" if name in written else "mặc định"
        )
        yield Finding(name, GOOD, f"{values.get(name, '')} ({source})")


def _addresses(patient: Patient) -> Iterator[Finding]:
    config, name = patient.config, "địa chỉ và tên"
    if config.public_url:
        yield Finding(name, GOOD, f"phiếu in địa chỉ {config.public_url}")
    else:
        yield Finding(
            name,
            WARN,
            "chưa có LMS_PUBLIC_URL nên chưa cấp phiếu",
            "Đặt LMS_PUBLIC_URL rồi chạy: lms cert settle",
        )
    if config.site_name == Config.site_name:
        yield Finding(name, WARN, "trang chưa mang tên đơn vị", "Đặt LMS_SITE_NAME là tên trường hoặc xã.")
    if config.is_https and not config.trusted_proxies:
        yield Finding(
            name,
            WARN,
            "trang dùng https mà LMS_TRUSTED_PROXIES là 0: mọi người vào như từ một địa chỉ",
            "Đặt LMS_TRUSTED_PROXIES bằng số máy chủ trung gian (thường là 1).",
        )
    if config.trusted_proxies and not config.is_https:
        yield Finding(
            name,
            WARN,
            f"tin {config.trusted_proxies} máy chủ trung gian mà trang không dùng https",
            "Không có máy chủ trung gian thì đặt LMS_TRUSTED_PROXIES là 0, để không ai giả được địa chỉ.",
        )


def _schema(patient: Patient) -> Iterator[Finding]:
    with patient.database.reader.connect() as connection:
        found = current(connection)
    yield Finding("cơ sở dữ liệu", GOOD, "mở được")
    if found == head():
        yield Finding("bản dữ liệu", GOOD, f"{found}, mới nhất")
    else:
        yield Finding("bản dữ liệu", BAD, f"{found or 'trống'}, cần bản {head()}", "Chạy: lms db upgrade")


def _engine(patient: Patient) -> Iterator[Finding]:
    if patient.database.is_sqlite:
        yield _sqlite_version()
        yield from _sqlite_file(patient)
        return
    wanted = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    with patient.database.reader.connect() as connection:
        found = {name: connection.scalar(select(func.current_setting(name))) for name in wanted}
    if found == wanted:
        yield Finding("PostgreSQL", GOOD, "giữ được dữ liệu khi mất điện")
    else:
        odd = ", ".join(f"{name} = {value}" for name, value in found.items() if value != wanted[name])
        yield Finding("PostgreSQL", BAD, f"{odd}: mất điện là mất dữ liệu", "Đặt lại các mục này là on.")


def _sqlite_version() -> Finding:
    module = sqlite_module()
    version = tuple(int(part) for part in module.sqlite_version.split("."))
    said = f"{module.sqlite_version} (mô-đun {module.__name__.split('.')[0]})"
    mended = any(version[:2] == line[:2] and version >= line for line in BACKPORTED)
    if version >= SAFE_SQLITE or mended:
        return Finding("SQLite", GOOD, said)
    return Finding(
        "SQLite",
        WARN,
        f"{said} có lỗi hiếm làm hỏng tệp khi nhiều tiến trình cùng ghi",
        f"Cài pysqlite3, hoặc SQLite từ {'.'.join(map(str, SAFE_SQLITE))}.",
    )


@unscoped("checks the file and the settings of a connection, reads no row")
def _sqlite_file(patient: Patient) -> Iterator[Finding]:
    with patient.database.reader.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101
        rows = {name: driver.execute(f"PRAGMA {name}").fetchone() for name in PRAGMAS}
        said = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
    odd = [name for name, row in rows.items() if row is not None and row[0] != PRAGMAS[name]]
    if odd:
        yield Finding("kết nối", BAD, f"đặt sai: {', '.join(odd)}", "Cài lại phần mềm từ bản chính thức.")
    else:
        yield Finding("kết nối", GOOD, "nhật ký WAL, ghi xuống đĩa rồi mới trả lời")
    if said == ["ok"]:
        yield Finding("tệp dữ liệu", GOOD, "không thấy hỏng")
    else:
        cure = "Dừng máy chủ, rồi khôi phục bản gần nhất: lms backup restore TỆP"
        yield Finding("tệp dữ liệu", BAD, f"hỏng ({said[0]})", cure)


def _disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(patient.config.data).free
    said = f"còn trống {free // MIB} MB"
    cure = "Dọn bớt ổ đĩa, hoặc chuyển bản sao lưu cũ sang máy khác."
    mark = BAD if free < NO_SPACE else WARN if free < LITTLE_SPACE else GOOD
    yield Finding("ổ đĩa", mark, said, "" if mark == GOOD else cure)
    milliseconds = _sync_milliseconds(patient.config.data)
    slow = milliseconds > SLOW_SYNC_MS
    yield Finding(
        "ghi xuống đĩa",
        WARN if slow else GOOD,
        f"{milliseconds:.1f} ms mỗi lần",
        "Ổ ghi chậm: dùng ổ SSD, không dùng thẻ nhớ hay ổ mạng." if slow else "",
    )


def _sync_milliseconds(folder: Path) -> float:
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".thu-ghi-") as file:
        for _ in range(10):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def _modes(patient: Patient) -> Iterator[Finding]:
    if os.name != "posix":
        return
    data, secret = patient.config.data, patient.config.data / "secret.key"
    for path, mark, mode in ((data, WARN, "700"), (secret, BAD, "600")):
        if path.stat().st_mode & 0o077:
            cure = f"Chạy: chmod {mode} {path}"
            yield Finding("quyền đọc", mark, f"người khác trên máy đọc được {path.name}", cure)
        else:
            yield Finding("quyền đọc", GOOD, f"{path.name}: chỉ người chạy trang đọc được")


def _content(patient: Patient) -> Iterator[Finding]:
    root = patient.config.content_root
    today = clock.local_date(patient.now)
    problems = content.check(root, today, require_review=patient.config.require_review)
    yield from _facts(root, today)
    if problems:
        cure = "Chạy: lms content check"
        yield Finding("nội dung", BAD, f"{len(problems)} lỗi, lỗi đầu: {problems[0]}", cure)
        return
    yield Finding("nội dung", GOOD, "không có lỗi")
    offer = prepare(content.load(root), root)
    files = {(i.id, i.title, i.slug, i.edition_id) for i in offer.items}
    pages = {(p.item_id, p.part, p.variant, p.html) for p in offer.parts}
    with patient.database.reading() as db:
        revision = db.scalar(select(CatalogState.revision)) or 0
        live = select(CatalogItem.id, CatalogItem.title, CatalogItem.slug, CatalogItem.edition_id)
        held = {tuple(row) for row in db.execute(live.where(CatalogItem.retired_at.is_(None)))}
        parts = select(RenderedPart.item_id, RenderedPart.part, RenderedPart.variant, RenderedPart.html)
        shown = {tuple(row) for row in db.execute(parts)}
    if (files, pages) == (held, shown):
        yield Finding("bản đang dạy", GOOD, f"bản {revision}, đúng như các tệp")
    else:
        said = f"bản {revision} khác các tệp trong thư mục nội dung"
        yield Finding("bản đang dạy", WARN, said, "Chạy: lms content sync")


def _facts(root: Path, today: date) -> Iterator[Finding]:
    facts, _ = read_facts(root, Problems())
    old = [fact.id for fact in facts if fact.expires < today]
    cure = "Kiểm tra lại theo nguồn, sửa courses/facts.toml, rồi chạy: lms content sync"
    said = f"{len(old)} số liệu hết hạn: {', '.join(old)}" if old else f"{len(facts)} số liệu còn hạn"
    yield Finding("số liệu", WARN if old else GOOD, said, cure if old else "")


def _backups(patient: Patient) -> Iterator[Finding]:
    last = backup.newest(backup.folder_of(patient.config))
    if last is None:
        yield Finding("sao lưu", WARN, "chưa có bản nào", "Chạy: lms backup create")
        return
    path, made = last
    hours = int((patient.now - made).total_seconds() // 3600)
    late = patient.now - made > BACKUP_AGE
    yield Finding(
        "sao lưu",
        WARN if late else GOOD,
        f"bản gần nhất cách đây {hours} giờ: {path.name}",
        "Xem vì sao việc nightly-backup không chạy: lms jobs list" if late else "",
    )


def _clock(patient: Patient) -> Iterator[Finding]:
    newest = max(path.stat().st_mtime for path in PACKAGE.rglob("*.py"))
    with patient.database.reading() as db:
        columns = (Certificate.issued_at, CatalogState.synced_at, BrowserSession.made_at, queue.Job.ended_at)
        moments = [moment for column in columns if (moment := db.scalar(select(func.max(column))))]
    limit = max([newest, *(moment.timestamp() for moment in moments)])
    said = f"{patient.now.astimezone(clock.VIETNAM):%H:%M ngày %d/%m/%Y}"
    if patient.now.timestamp() < limit - CLOCK_SLACK.total_seconds():
        cure = "Đặt lại giờ của máy, bật tự động lấy giờ qua mạng."
        yield Finding("đồng hồ", BAD, f"{said}, sớm hơn việc đã ghi trên máy này", cure)
    else:
        yield Finding("đồng hồ", GOOD, said)


def _ticker(patient: Patient) -> Iterator[Finding]:
    data = patient.config.data
    if not _is_held(data / "serve.lock"):
        yield Finding("máy chủ", GOOD, "đang không chạy trên thư mục dữ liệu này")
        return
    beat = data / queue.HEARTBEAT
    age = patient.now.timestamp() - beat.stat().st_mtime if beat.exists() else None
    if age is not None and age < 4 * queue.HEARTBEAT_SECONDS:
        yield Finding("việc nền", GOOD, f"đang chạy, {age:.0f} giây trước")
    else:
        cure = "Khởi động lại lms serve, hoặc bật riêng: lms jobs ticker"
        yield Finding("việc nền", BAD, "máy chủ chạy mà việc nền không chạy", cure)


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


CHECKS: dict[str, Check] = {
    "cài đặt": _settings,
    "địa chỉ và tên": _addresses,
    "cơ sở dữ liệu": _schema,
    "máy dữ liệu": _engine,
    "ổ đĩa": _disk,
    "quyền đọc": _modes,
    "nội dung": _content,
    "sao lưu": _backups,
    "đồng hồ": _clock,
    "việc nền": _ticker,
}
