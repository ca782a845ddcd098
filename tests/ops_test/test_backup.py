"""Backups: whole or refused, and no paper that was revoked stands again."""

import hashlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lms import backup, clock
from lms.backup import archive
from lms.certificates.models import Certificate
from lms.db import Database, sqlite_module
from lms.people.models import Learner
from tests.ops_test.home import Home

pytestmark = pytest.mark.server

WRITER = """
import sys
from lms import clock, tables
from lms.config import load
from lms.db import Database
from lms.people.actions import make_learner

database = Database(load().database_url)
print("ready", flush=True)
while True:
    with database.transaction() as db:
        make_learner(db, clock.now())
"""


def made(home: Home, *words: str) -> Path:
    return Path(json.loads(home.did("backup", "create", "--json", *words))["file"])


def state(home: Home) -> dict[str, bytes]:
    """Return every file of an installation, but for empty locks and what SQLite keeps beside."""
    files = (
        p for p in home.data.rglob("*") if p.is_file() and not p.name.endswith((".lock", ".queue", "-shm"))
    )
    return {str(p.relative_to(home.data)): p.read_bytes() for p in files if p.stat().st_size}


def codes_of(home: Home) -> list[str]:
    found: list[str] = []

    def read(database: Database) -> None:
        with database.reading() as db:
            found.extend(db.scalars(select(Certificate.code).order_by(Certificate.sequence)))

    home.with_database(read)
    return found


def issue(home: Home, name: str) -> str:
    home.finish_course(name)
    home.did("cert", "settle")
    return codes_of(home)[-1]


@contextmanager
def reopened(home: Home, file: Path) -> Iterator[tuple[Path, archive.Manifest]]:
    """Lay a backup out so that a test can put it together differently."""
    with archive.opened(file, home.data.parent) as found:
        yield found.folder, found.manifest


def seal_by_hand(folder: Path, names: list[tuple[str, bytes]]) -> Path:
    """Make a file with a right seal and any members, as somebody who knows the format would."""
    target = folder / "by-hand.lmsbackup"
    with zipfile.ZipFile(target, "w") as file:
        for name, body in names:
            file.writestr(name, body)
        file.comment = b"0" * 64
    body = target.read_bytes()[:-64]
    target.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    return target


def members(file: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as opened:
        return [(name, opened.read(name)) for name in opened.namelist()]


def refused(home: Home, file: Path, said: str) -> None:
    """Check that a file is refused in words by both commands, and that nothing changes."""
    before = state(home)
    verify, restore = (
        home.lms("backup", "verify", str(file)),
        home.lms("backup", "restore", str(file), "--yes"),
    )
    assert (verify.exit_code, restore.exit_code) == (1, 1)
    assert said in verify.output
    assert said in restore.output
    assert "ngoài dự kiến" not in verify.output + restore.output
    assert state(home) == before


# ---- making -----------------------------------------------------------------------------------


def test_a_backup_holds_everything_and_only_its_owner_reads_it(home: Home) -> None:
    (home.data / "lms.toml").write_text('LMS_SITE_NAME = "Trường Hoa Sen"\n', encoding="utf-8")
    file = made(home)
    assert {name for name, _ in members(file)} == {"lms.db", "secret.key", "lms.toml", "manifest.json"}
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    assert "Bản sao lưu dùng được" in home.did("backup", "verify", str(file))
    assert list(file.parent.iterdir()) == [file]


def test_a_second_backup_in_the_same_second_does_not_overwrite_the_first(home: Home) -> None:
    config, database, now = home.config(), home.database(), clock.now()
    files = {backup.create(config, database, now) for _ in range(3)}
    database.close()
    assert len(files) == 3
    assert all(file.exists() for file in files)


def test_a_backup_made_while_another_process_writes_is_whole(home: Home) -> None:
    writer = home.start("-c", WRITER)
    assert writer.stdout
    try:
        assert writer.stdout.readline() == "ready\n"
        files = [made(home) for _ in range(4)]
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    counts = [backup.verify(file, home.data).manifest.counts["learners"] for file in files]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_backup_of_the_database_under_test_is_whole(migrated: Database, home: Home, tmp_path: Path) -> None:
    file = backup.create(home.config(), migrated, clock.now(), folder=tmp_path / "usb")
    checked = backup.verify(file, tmp_path)
    assert checked.manifest.counts["catalog_items"] > 0
    assert checked.broken == ()


def test_the_restore_of_postgresql_is_explained_step_by_step(home: Home) -> None:
    file = made(home)
    config = replace(home.config(), database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(backup.BackupRefused, match=r"pg_restore --clean[\s\S]+lms db upgrade"):
        backup.restore(config, file, clock.now())


def test_a_database_that_contradicts_itself_is_not_passed_off_as_a_backup(home: Home) -> None:
    database = home.data / "lms.db"
    body = bytearray(database.read_bytes())
    body[body.rindex(b"trang-bi-lua")] ^= 1
    database.write_bytes(body)
    result = home.lms("backup", "create")
    assert result.exit_code == 1
    assert "trong bản sao lưu" in result.output
    assert list((home.data / "backups").iterdir()) == []
    assert home.lms("db", "upgrade").exit_code == 0


def test_a_database_that_cannot_be_opened_is_refused_in_words(home: Home) -> None:
    (home.data / "lms.db").write_bytes(b"gone" * 5000)
    for words in (("backup", "create"), ("db", "upgrade"), ("user", "list")):
        result = home.lms(*words)
        assert result.exit_code == 1
        assert "Không dùng được cơ sở dữ liệu" in result.output
        assert "lms doctor" in result.output


# ---- damage -----------------------------------------------------------------------------------


def test_one_changed_byte_anywhere_is_noticed(home: Home) -> None:
    file = made(home)
    body = file.read_bytes()
    before = state(home)
    places = [4 + (len(body) - 5) * number // 29 for number in range(30)]
    for place in places:
        changed = bytearray(body)
        changed[place] ^= 1
        other = home.data.parent / "changed.lmsbackup"
        other.write_bytes(changed)
        with pytest.raises(backup.BackupRefused, match="bị hỏng hoặc đã bị sửa"):
            backup.restore(home.config(), other, clock.now())
    assert len(set(places)) == 30
    assert state(home) == before


@pytest.mark.parametrize("left", [0, 3, 70, 5000, -1])
def test_a_truncated_backup_is_refused(home: Home, left: int) -> None:
    file = made(home)
    short = home.data.parent / "short.lmsbackup"
    short.write_bytes(file.read_bytes()[:left])
    refused(home, short, "short.lmsbackup")


def test_what_is_no_backup_is_refused(home: Home) -> None:
    text = home.data.parent / "text.lmsbackup"
    text.write_text("xin chào " * 100, encoding="utf-8")
    refused(home, text, "không phải tệp sao lưu")
    photos = home.data.parent / "anh.zip"
    with zipfile.ZipFile(photos, "w") as file:
        file.writestr("a.jpg", b"x" * 200)
    refused(home, photos, "bị hỏng hoặc đã bị sửa")


def test_the_manifest_of_another_backup_is_refused(home: Home) -> None:
    first = made(home)
    issue(home, "Nguyễn Thị Lan")
    second = dict(members(made(home)))
    mixed = [(name, second[name] if name == "manifest.json" else body) for name, body in members(first)]
    refused(home, seal_by_hand(home.data.parent, mixed), "Phần lms.db trong tệp sao lưu không khớp")


def test_a_manifest_that_was_edited_is_refused(home: Home) -> None:
    parts = dict(members(made(home)))
    said = json.loads(parts["manifest.json"])
    said["counts"]["learners"] += 1
    parts["manifest.json"] = json.dumps(said).encode()
    refused(home, seal_by_hand(home.data.parent, list(parts.items())), "không phải của tệp này")


@pytest.mark.parametrize("name", ["../evil", "/evil", "backups/evil", "..\\evil", "lms.db"])
def test_a_backup_that_would_write_elsewhere_is_refused(home: Home, name: str) -> None:
    parts = members(made(home))
    with pytest.warns(UserWarning, match="Duplicate") if name == "lms.db" else nullcontext():
        crafted = seal_by_hand(home.data.parent, [*parts, (name, b"evil")])
    refused(home, crafted, "không phải tệp sao lưu")
    assert not list(home.data.parent.rglob("*evil*"))


def test_a_backup_of_a_newer_version_is_refused(home: Home) -> None:
    with reopened(home, made(home)) as (folder, manifest):
        (folder / "manifest.json").unlink()
        newer = archive.seal(folder, replace(manifest, schema="9999"), home.config().secret)
        refused(home, newer, "mới hơn phần mềm này")


def test_a_backup_of_another_installation_is_refused_where_data_is(home: Home, empty: Home) -> None:
    empty.did("db", "upgrade")
    foreign = made(empty)
    issue(home, "Nguyễn Thị Lan")
    before = state(home)
    result = home.lms("backup", "restore", str(foreign), "--yes")
    assert result.exit_code == 1
    assert "một nơi cài đặt khác" in result.output
    assert "LMS_DATA" in result.output
    assert state(home) == before


# ---- restoring --------------------------------------------------------------------------------


def test_a_restore_brings_everything_back_and_keeps_what_was_there(home: Home) -> None:
    first = issue(home, "Nguyễn Thị Lan")
    file = made(home)
    later = issue(home, "Trần Văn Bình")
    said = home.did("backup", "restore", str(file), "--yes")
    assert codes_of(home) == [first]
    assert f"1 phiếu cấp sau bản sao lưu không còn trong sổ: {later}" in said
    kept = next((home.data / "backups").glob("truoc-khoi-phuc-*"))
    assert str(kept) in said
    home.did("backup", "restore", str(kept), "--yes")
    assert codes_of(home) == [first, later]
    assert home.did("cert", "audit") == "Sổ phiếu liền mạch.\n"


def test_an_old_backup_never_revives_a_revoked_certificate(home: Home) -> None:
    code, other = issue(home, "Nguyễn Thị Lan"), issue(home, "Trần Văn Bình")
    file = made(home)
    home.did("cert", "revoke", code, "--reason", "Cấp nhầm người")
    said = home.did("backup", "restore", str(file), "--yes")
    assert "Đã giữ lại 1 lần thu hồi" in said
    answer = home.lms("cert", "verify", code)
    assert (answer.exit_code, answer.output.split(".")[0]) == (1, "ĐÃ THU HỒI")
    assert "Cấp nhầm người" in answer.output
    assert home.did("cert", "verify", other).startswith("CÓ THẬT")


def test_a_replaced_paper_that_stands_again_is_named(home: Home) -> None:
    code = issue(home, "Nguyễn Thị Lan")
    file = made(home)
    home.did("cert", "replace", code, "--name", "Nguyễn Thị Lân")
    said = home.did("backup", "restore", str(file), "--yes")
    assert f"1 phiếu đã được thay nay lại có giá trị: {code}" in said


def test_a_new_machine_gets_the_data_the_secret_and_the_settings(home: Home, empty: Home) -> None:
    (home.data / "lms.toml").write_text('LMS_SITE_NAME = "Trường Hoa Sen"\n', encoding="utf-8")
    code = issue(home, "Nguyễn Thị Lan")
    file = made(home)
    empty.did("backup", "restore", str(file), "--yes")
    assert codes_of(empty) == [code]
    assert (empty.data / "secret.key").read_bytes() == (home.data / "secret.key").read_bytes()
    assert (empty.data / "secret.key").stat().st_mode & 0o077 == 0
    assert (empty.data / "lms.db").stat().st_mode & 0o077 == 0
    assert empty.config().site_name == "Trường Hoa Sen"
    assert empty.did("cert", "verify", code).startswith("CÓ THẬT")


def test_settings_of_the_machine_stay(home: Home) -> None:
    file = made(home)
    (home.data / "lms.toml").write_text('LMS_SITE_NAME = "Tên mới"\n', encoding="utf-8")
    home.did("backup", "restore", str(file), "--yes")
    assert home.config().site_name == "Tên mới"


def test_a_database_that_cannot_be_read_is_set_aside_and_replaced(home: Home) -> None:
    code = issue(home, "Nguyễn Thị Lan")
    file = made(home)
    (home.data / "lms.db").write_bytes(b"gone" * 5000)
    for beside in home.data.glob("lms.db-*"):
        beside.unlink()
    said = home.did("backup", "restore", str(file), "--yes")
    assert "không đọc được các lần thu hồi" in said
    assert codes_of(home) == [code]
    aside = next((home.data / "backups").glob("du-lieu-hong-*"))
    assert (aside / "lms.db").read_bytes() == b"gone" * 5000


def test_a_restore_asks_first(home: Home) -> None:
    file = made(home)
    before = state(home)
    result = home.lms("backup", "restore", str(file), stdin="vâng\n")
    assert result.exit_code == 1
    assert "Chưa thay gì." in result.output
    assert state(home) == before
    assert "Đã khôi phục" in home.did("backup", "restore", str(file), stdin="khôi phục\n")


HOLDER = """
import fcntl, sys
held = open(sys.argv[1], "a")
fcntl.flock(held, fcntl.LOCK_SH if sys.argv[2] == "shared" else fcntl.LOCK_EX)
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(home: Home, name: str, how: str) -> Iterator[None]:
    holder = home.start("-c", HOLDER, str(home.data / name), how)
    assert holder.stdout
    try:
        assert holder.stdout.readline() == "ready\n"
        yield
    finally:
        holder.communicate()


@pytest.mark.parametrize(
    ("name", "how", "said"),
    [
        ("serve.lock", "alone", "Khôi phục chỉ làm được khi máy chủ đã dừng."),
        ("jobs.lock", "shared", "Việc nền đang chạy"),
        ("lms.db.queue", "alone", "Đang có lệnh khác ghi dữ liệu."),
    ],
)
def test_nothing_is_restored_while_others_work(home: Home, name: str, how: str, said: str) -> None:
    file = made(home)
    with held(home, name, how):
        before = state(home)
        result = home.lms("backup", "restore", str(file), "--yes")
        assert state(home) == before
    assert result.exit_code == 1
    assert said in result.output


def test_nothing_is_restored_under_a_program_that_has_the_database_open(home: Home) -> None:
    file = made(home)
    rows = home.count(Learner)
    reader = sqlite_module().connect(str(home.data / "lms.db"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM learners").fetchone()
    result = home.lms("backup", "restore", str(file), "--yes")
    reader.close()
    assert result.exit_code == 1
    assert "Còn chương trình khác đang mở cơ sở dữ liệu" in result.output
    assert home.count(Learner) == rows


def test_a_restore_killed_at_any_moment_leaves_old_or_new(home: Home) -> None:
    first = issue(home, "Nguyễn Thị Lan")
    file = made(home)
    second = issue(home, "Trần Văn Bình")
    seen = set()
    for number in range(4):
        trial = Home(home.data.parent / f"trial-{number}", home.content)
        shutil.copytree(home.data, trial.data)
        running = trial.start("-m", "lms.cli", "backup", "restore", str(file), "--yes")
        time.sleep(0.9 + number * 0.4)
        running.kill()
        running.communicate()
        seen.add(tuple(codes_of(trial)))
    assert seen <= {(first,), (first, second)}


# ---- keeping ----------------------------------------------------------------------------------


def names(since: datetime, days: int, at: str = "023000") -> list[str]:
    return [f"sao-luu-{since - timedelta(days=back):%Y%m%d}-{at}.lmsbackup" for back in range(days)]


def test_of_the_nightly_backups_seven_days_five_weeks_and_twelve_months_stay() -> None:
    every = names(datetime(2026, 11, 22), 500)
    stay = sorted(backup.kept(every), reverse=True)
    assert stay[:7] == every[:7]
    weekly = ["20261122", "20261115", "20261108", "20261101", "20261025"]
    monthly = ["20261031", "20260930", "20260831", "20260131", "20251231"]
    kept = {name[8:16] for name in stay}
    assert kept.issuperset(weekly + monthly)
    assert "20251130" not in kept
    assert len(stay) == 7 + 4 + 11


def test_the_last_backup_of_a_day_is_its_backup_and_the_three_newest_stay() -> None:
    days = [datetime(2026, 11, day) for day in (17, 18)]
    early, late = ([names(day, 1, at)[0] for day in days] for at in ("023000", "101500"))
    again = late[1].replace(".lmsbackup", "-2.lmsbackup")
    assert backup.kept([*early, *late]) == {early[1], *late}
    assert backup.kept([*early, *late, again]) == {early[1], late[0], late[1], again}


def test_pruning_leaves_strangers_and_the_newest_of_each_other_kind(tmp_path: Path) -> None:
    others = [f"truoc-nang-cap-202611{day:02}-080000.lmsbackup" for day in range(1, 8)]
    strangers = ["ghi-chu.txt", "sao-luu-cua-toi.lmsbackup", "sao-luu-20269999-023000.lmsbackup"]
    for name in [*others, *strangers, *names(datetime(2026, 11, 22), 2)]:
        (tmp_path / name).touch()
    gone = backup.prune(tmp_path, clock.now())
    assert [path.name for path in gone] == others[:2]
    assert all((tmp_path / name).exists() for name in strangers)


def test_what_a_killed_backup_left_is_cleared_after_a_day(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".dang-lam-cu", tmp_path / ".dang-lam-moi"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "lms.db").touch()
    os.utime(old, (1, 1))
    backup.prune(tmp_path, clock.now())
    assert (old.exists(), fresh.exists()) == (False, True)
