"""What an administrator types: answers in words, exit codes, nothing half done."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from sqlalchemy import select, text

from lms import backup, clock
from lms.accounts.models import Account
from lms.catalog.models import CatalogItem
from lms.certificates.models import Certificate
from lms.cli import lms
from lms.cli.database import save_before
from lms.cli.site import Site
from lms.config import KNOWN
from lms.people.actions import make_learner
from tests.ops_test.home import ROOT, Home

PAGE = "trang-bi-lua"
STRONG = "ấm chén võng đèn dầu"
VIETNAMESE = re.compile(r"[à-ỹđ]")


def commands(group: click.Group = lms, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            child = group.get_command(context, name)
            assert child is not None
            yield (*path, name)
            if isinstance(child, click.Group):
                yield from commands(child, (*path, name))


def code_of(home: Home, name: str = "Nguyễn Thị Lan") -> str:
    home.finish_course(name)
    home.did("cert", "settle")
    found: list[str] = []

    def newest(database: object) -> None:
        with database.reading() as db:  # type: ignore[attr-defined]
            found.extend(db.scalars(select(Certificate.code).order_by(Certificate.sequence.desc())))

    home.with_database(newest)
    return found[0]


def remove_page(home: Home) -> None:
    (home.content / "courses" / "bi-lua.md").unlink()
    lesson = home.content / "courses" / "lam-quen" / "02-danh-ba" / "01-luu-so.md"
    lesson.write_text(
        re.sub(r"\[(.+?)\]\(/bi-lua[^)]*\)", r"\1", lesson.read_text("utf-8")), encoding="utf-8"
    )


@pytest.mark.parametrize("words", sorted(commands()), ids=" ".join)
def test_every_command_explains_itself_in_vietnamese_and_stands_in_the_manual(words: tuple[str, ...]) -> None:
    result = Home(Path("unused"), ROOT).lms(*words, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Cách dùng: lms {' '.join(words)}")
    assert VIETNAMESE.search(result.output.split("\n\n")[1])
    assert "Show this" not in result.output
    assert "Options:" not in result.output
    manual = (ROOT / "docs" / "lenh.md").read_text(encoding="utf-8")
    assert f"`lms {' '.join(words)}" in manual


def test_every_setting_has_its_meaning_and_default_in_the_manual() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.+) \| (.+) \|$", (ROOT / "docs/cai-dat.md").read_text("utf-8"), re.MULTILINE
    )
    settings = {name: (meaning, default) for name, meaning, default in rows if name in KNOWN}
    assert settings.keys() == KNOWN
    assert all(len(meaning) > 15 and default for meaning, default in settings.values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "ad"), "Không có lệnh “ad”. Có phải add không?"),
        (("user", "add"), "Thiếu TÊN."),
        (("user", "add", "lan"), "Thiếu --role."),
        (("user", "add", "lan", "--role", "vua"), "--role: chỉ nhận teacher"),
        (("user", "list", "--jsn"), "Không có tùy chọn --jsn. Có phải --json không?"),
        (("db", "upgrade", "nua"), "Thừa một phần ở cuối lệnh."),
        (("serve", "--port", "0"), "--port: chỉ nhận số nguyên từ 1 đến 65535."),
        (("backup", "verify", "khong-co"), "TỆP: không thấy tệp"),
    ],
)
def test_what_is_typed_wrong_is_explained_in_words(home: Home, words: tuple[str, ...], said: str) -> None:
    result = home.lms(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert f"Xem cách dùng: lms {words[0]}" in result.output
    assert "Usage" not in result.output


def test_an_odd_setting_stops_a_command_with_exit_code_two(home: Home) -> None:
    result = home.lms("db", "status", LMS_WORKERS="nhiều")
    assert result.exit_code == 2
    assert "LMS_WORKERS: “nhiều” không dùng được." in result.output


def test_the_command_line_runs_as_a_module(home: Home) -> None:
    environ = {**home.environ, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin"}
    command = [sys.executable, "-m", "lms.cli", "db", "status", "--json"]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["schema"] == json.loads(ended.stdout)["newest"]


# ---- the database -----------------------------------------------------------------------------


def test_an_upgrade_makes_folder_and_database_and_a_second_one_changes_nothing(empty: Home) -> None:
    assert empty.lms("db", "status").exit_code == 1
    assert "Đã tạo cơ sở dữ liệu" in empty.did("db", "upgrade")
    assert (empty.data / "lms.db").stat().st_size > 0
    assert empty.data.stat().st_mode & 0o077 == 0
    assert "đã ở bản mới nhất" in empty.did("db", "upgrade")
    assert not (empty.data / "backups").exists()


def test_a_database_of_a_newer_version_is_refused_in_words(home: Home) -> None:
    def advance(database: object) -> None:
        with database.transaction() as db:  # type: ignore[attr-defined]
            db.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    home.with_database(advance)
    for words in (("db", "upgrade"), ("user", "list")):
        result = home.lms(*words)
        assert result.exit_code == 1
        assert "mới hơn phần mềm này" in result.output


def test_data_is_saved_in_a_checked_backup_before_it_is_migrated(home: Home) -> None:
    config, database = home.config(), home.database()
    saved = save_before(Site(config, database), "a later schema")
    database.close()
    assert Path(saved).name.startswith("truoc-nang-cap-")
    assert backup.verify(Path(saved), config.data).manifest.counts["catalog_items"] > 0


def test_a_command_on_an_empty_database_says_what_to_run(empty: Home) -> None:
    result = empty.lms("user", "list")
    assert result.exit_code == 1
    assert "Chạy: lms db upgrade" in result.output


# ---- content ----------------------------------------------------------------------------------


def test_a_sync_publishes_what_changed_and_again_nothing(
    home: Home, own_content: Callable[[Home], Home]
) -> None:
    home = own_content(home)
    page = home.content / "courses" / "bi-lua.md"
    page.write_text(page.read_text("utf-8").replace("title: ", "title: Mới. ", 1), encoding="utf-8")
    said = json.loads(home.did("content", "sync", "--json"))
    assert (said["revision"], said["changed"], said["added"]) == (2, [PAGE], [])
    assert "Không có gì thay đổi (bản 2)." in home.did("content", "sync")


def test_content_with_a_mistake_is_not_published(home: Home, own_content: Callable[[Home], Home]) -> None:
    home = own_content(home)
    page = home.content / "courses" / "bi-lua.md"
    page.write_text(page.read_text("utf-8") + "\nGọi {{so-lieu: khong-co}}.\n", encoding="utf-8")
    result = home.lms("content", "sync")
    assert result.exit_code == 1
    assert re.search(r"courses/bi-lua\.md:\d+: Không có số liệu “khong-co”", result.output)
    assert home.lms("content", "sync").output == result.output


def test_content_nobody_reviewed_is_not_published_where_review_is_required(home: Home) -> None:
    result = home.lms("content", "sync", LMS_REQUIRE_REVIEW="yes")
    assert result.exit_code == 1
    assert "Chưa có người thẩm định" in result.output


def test_an_item_leaves_only_when_its_id_is_retired(home: Home, own_content: Callable[[Home], Home]) -> None:
    home = own_content(home)
    items = home.count(CatalogItem)
    remove_page(home)
    refused = home.lms("content", "sync")
    assert refused.exit_code == 1
    assert PAGE in refused.output
    said = json.loads(home.did("content", "sync", "--retire", PAGE, "--json"))
    assert said["retired"] == [PAGE]
    assert home.count(CatalogItem) == items


def test_an_id_retired_by_its_author_needs_no_naming(home: Home, own_content: Callable[[Home], Home]) -> None:
    home = own_content(home)
    remove_page(home)
    register = home.content / "courses" / "ids.txt"
    register.write_text(
        re.sub(rf"^{PAGE}$", f"retired {PAGE}", register.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
    )
    assert json.loads(home.did("content", "sync", "--json"))["retired"] == [PAGE]


# ---- accounts ---------------------------------------------------------------------------------


def test_an_account_is_opened_listed_and_disabled(home: Home) -> None:
    for login in ("co-lan", "thay-minh"):
        words = ("user", "add", login, "--role", "admin", "--name", "Cô Lan")
        assert "Đã thêm tài khoản" in home.did(*words, stdin=f"{STRONG}\n{STRONG}\n")
    assert "Đã khóa tài khoản “thay-minh”" in home.did("user", "disable", "Thay-Minh")
    listed = {one["login"]: one for one in json.loads(home.did("user", "list", "--json"))}
    assert listed["co-lan"]["roles"] == ["admin"]
    assert listed["thay-minh"]["disabled_at"]
    last = home.lms("user", "disable", "co-lan")
    assert last.exit_code == 1
    assert "người quản trị cuối cùng" in last.output


def test_a_password_is_never_shown_and_a_weak_or_mistyped_one_opens_nothing(home: Home) -> None:
    words = ("user", "add", "co-lan", "--role", "author")
    mistyped = home.lms(*words, stdin=f"{STRONG}\nkhác hẳn cái trên\n")
    weak = home.lms(*words, "--password-stdin", stdin="123456\n")
    assert mistyped.exit_code == weak.exit_code == 1
    assert "Hai lần gõ không giống nhau" in mistyped.output
    assert "Mật khẩu cần ít nhất 15 chữ" in weak.output
    assert STRONG not in mistyped.output
    assert home.count(Account) == 0


# ---- certificates -----------------------------------------------------------------------------


def test_what_was_earned_is_issued_once_the_site_has_its_address(home: Home) -> None:
    home.finish_course("Nguyễn Thị Lan")
    refused = home.lms("cert", "settle", LMS_PUBLIC_URL=None)
    assert refused.exit_code == 1
    assert "Đặt LMS_PUBLIC_URL" in refused.output
    assert "Đã cấp 1 phiếu." in home.did("cert", "settle")
    assert "Không có phiếu nào còn thiếu." in home.did("cert", "settle")
    assert home.count(Certificate) == 1


def test_a_certificate_is_verified_replaced_revoked_and_only_a_standing_one_printed(
    home: Home, tmp_path: Path
) -> None:
    code, file = code_of(home), tmp_path / "phieu.pdf"
    said = home.did("cert", "verify", code)
    assert said.startswith("CÓ THẬT")
    assert "Nguyễn Thị Lan" in said
    home.did("cert", "pdf", code, "-o", str(file))
    assert file.read_bytes().startswith(b"%PDF-")
    new = re.search(r"Phiếu mới: ([\d ]{19})", home.did("cert", "replace", code, "--name", "Nguyễn Thị Lân"))
    assert new
    old = home.lms("cert", "verify", code)
    assert (old.exit_code, old.output.split(".")[0]) == (1, "ĐÃ ĐƯỢC THAY")
    assert new[1] in old.output
    home.did("cert", "revoke", new[1], "--reason", "Cấp nhầm người")
    gone = home.lms("cert", "verify", new[1])
    assert (gone.exit_code, gone.output.split(".")[0]) == (1, "ĐÃ THU HỒI")
    assert "Cấp nhầm người" in gone.output
    file.unlink()
    assert home.lms("cert", "pdf", new[1], "-o", str(file)).exit_code == 1
    assert not file.exists()


def test_a_code_nobody_issued_is_not_genuine(home: Home) -> None:
    for code in ("0000 0000 0000 0000", "1234", "chữ"):
        result = home.lms("cert", "verify", code)
        assert result.exit_code == 1
        assert result.output.startswith("KHÔNG CÓ THẬT")


def test_a_certificate_changed_behind_the_programs_back_is_found(home: Home) -> None:
    code = code_of(home)
    assert "liền mạch" in home.did("cert", "audit")

    def forge(database: object) -> None:
        with database.transaction() as db:  # type: ignore[attr-defined]
            db.execute(text("DROP TRIGGER guard_certificates_update"))
            db.execute(text("UPDATE certificates SET payload = replace(payload, 'Lan', 'Lon')"))

    home.with_database(forge)
    result = home.lms("cert", "audit", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == {"broken": [code]}
    assert "sổ phiếu có 1 chỗ đứt" in home.lms("jobs", "run", "verify-register").output


def test_a_learner_without_a_person_settles_nothing(home: Home) -> None:
    def guest(database: object) -> None:
        with database.transaction() as db:  # type: ignore[attr-defined]
            make_learner(db, clock.now())

    home.with_database(guest)
    assert "Không có phiếu nào còn thiếu." in home.did("cert", "settle")
