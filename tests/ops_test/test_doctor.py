"""The health sheet: what is wrong is found, named and given a cure."""

import fcntl
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from lms import clock, queue
from lms.config import KNOWN
from lms.doctor import BAD, GOOD, WARN, Finding, Patient, examine
from tests.ops_test.home import Home

pytestmark = pytest.mark.server


def sheet(home: Home, **environ: str | None) -> tuple[int, dict[str, dict[str, str]]]:
    result = home.lms("doctor", "--json", **environ)
    return result.exit_code, {one["name"]: one for one in json.loads(result.output)}


def test_a_healthy_site_passes_and_the_secret_is_never_shown(home: Home) -> None:
    home.did("backup", "create")
    result = home.lms("doctor", LMS_SITE_NAME="Trường Hoa Sen")
    assert result.exit_code == 0, result.output
    assert "✘" not in result.output
    assert "LMS_SITE_NAME: Trường Hoa Sen (biến môi trường)" in result.output
    secret = home.config().secret
    assert secret.hex() not in result.output
    assert repr(secret) not in result.output


def test_every_setting_is_listed_with_where_it_came_from(home: Home) -> None:
    (home.data / "lms.toml").write_text('LMS_SITE_PHONE = "024 3000 0000"\n', encoding="utf-8")
    _, found = sheet(home)
    assert found.keys() >= KNOWN
    assert found["LMS_SITE_PHONE"]["said"] == "024 3000 0000 (lms.toml)"
    assert found["LMS_WORKERS"]["said"].endswith("(mặc định)")


def test_the_password_of_the_database_is_not_shown(home: Home) -> None:
    result = home.lms("doctor", DATABASE_URL="postgresql://lan:bi-mat-lam@127.0.0.1:1/none")
    assert result.exit_code == 1
    assert "bi-mat-lam" not in result.output
    assert "✘ cơ sở dữ liệu: không kiểm được" in result.output


def test_a_machine_before_its_first_upgrade_is_told_what_to_run(empty: Home) -> None:
    code, found = sheet(empty)
    assert code == 1
    assert found["bản dữ liệu"]["mark"] == BAD
    assert found["bản dữ liệu"]["cure"] == "Chạy: lms db upgrade"


def test_a_secret_that_others_may_read_is_found(home: Home) -> None:
    (home.data / "secret.key").chmod(0o644)
    result = home.lms("doctor", "--quiet")
    assert result.exit_code == 1
    assert re.search(r"✘ quyền đọc: .*secret\.key\n    → Chạy: chmod 600", result.output)


def test_files_that_differ_from_what_is_taught_are_found(
    home: Home, own_content: Callable[[Home], Home]
) -> None:
    home = own_content(home)
    assert sheet(home)[1]["bản đang dạy"]["mark"] == GOOD
    lesson = home.content / "courses" / "bi-lua.md"
    lesson.write_text(lesson.read_text("utf-8") + "\nThêm một câu.\n", encoding="utf-8")
    found = sheet(home)[1]["bản đang dạy"]
    assert (found["mark"], found["cure"]) == (WARN, "Chạy: lms content sync")
    lesson.write_text("hỏng", encoding="utf-8")
    code, after = sheet(home)
    assert (code, after["nội dung"]["mark"]) == (1, BAD)


def findings(home: Home, days: int) -> dict[str, Finding]:
    """Examine a home on a day before or after today."""
    database = home.database()
    patient = Patient(home.config(), database, home.environ, clock.now() + timedelta(days=days))
    found = {finding.name: finding for finding in examine(patient)}
    database.close()
    return found


def test_a_backup_that_is_too_old_is_found(home: Home) -> None:
    home.did("backup", "create")
    assert findings(home, 0)["sao lưu"].mark == GOOD
    late = findings(home, 2)["sao lưu"]
    assert late.mark == WARN
    assert "48 giờ" in late.said


def test_a_clock_behind_what_was_already_recorded_is_found(home: Home) -> None:
    assert findings(home, 0)["đồng hồ"].mark == GOOD
    assert findings(home, -400)["đồng hồ"].mark == BAD


def test_facts_that_have_run_out_are_found(home: Home) -> None:
    old = findings(home, 3000)["số liệu"]
    assert old.mark == WARN
    assert "2 số liệu hết hạn" in old.said


@pytest.mark.parametrize(("age", "mark"), [(5, GOOD), (600, BAD), (None, BAD)])
def test_a_server_whose_jobs_do_not_run_is_found(home: Home, age: int | None, mark: str) -> None:
    beat = home.data / queue.HEARTBEAT
    if age is not None:
        beat.touch()
        moment = clock.now().timestamp() - age
        os.utime(beat, (moment, moment))
    with (home.data / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert sheet(home)[1]["việc nền"]["mark"] == mark
    assert "việc nền" not in sheet(home)[1]


@pytest.mark.parametrize(
    ("address", "proxies", "warned"),
    [
        ("https://hoc.example.vn", "0", True),
        ("https://hoc.example.vn", "1", False),
        ("http://hoc.example.vn", "1", True),
        ("http://hoc.example.vn", "0", False),
    ],
)
def test_proxies_that_do_not_fit_the_address_are_found(
    home: Home, address: str, proxies: str, warned: bool
) -> None:
    said = home.lms("doctor", LMS_PUBLIC_URL=address, LMS_TRUSTED_PROXIES=proxies).output
    assert (
        re.search(r"^! .*máy chủ trung gian|^! .*LMS_TRUSTED_PROXIES", said, re.MULTILINE) is not None
    ) == warned
