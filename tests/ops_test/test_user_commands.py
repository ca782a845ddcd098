"""`lms user` and `lms audit`: the first administrator, invitations, places, the record."""

import json
import re
from datetime import date

import pytest

from lms import clock
from lms.accounts.models import Account, Invitation
from lms.people.models import Person
from lms.places.actions import open_unit
from tests.ops_test.home import Home

STRONG = "ấm chén võng đèn dầu"


@pytest.fixture
def school(home: Home) -> str:
    """Open a school on the site and return its code."""
    refs: list[str] = []

    def opened(database: object) -> None:
        with database.transaction() as db:  # type: ignore[attr-defined]
            day, now = date(2026, 8, 1), clock.now()
            unit = open_unit(db, "school", "Trường Tiểu học Hoa Sen", type="TH", opened_on=day, now=now)
            refs.append(unit.ref)

    home.with_database(opened)
    return refs[0]


def test_the_first_administrator_is_made_on_an_empty_site(home: Home) -> None:
    assert "lms user add TÊN --role admin" in home.did("user", "list")
    words = ("user", "add", "quan-tri", "--role", "admin")
    assert "Đã thêm tài khoản “quan-tri” (quan-tri), vai trò quản trị." in home.did(
        *words, stdin=f"{STRONG}\n" * 2
    )
    assert home.did("user", "list") == "quan-tri · quan-tri · admin\n"


def test_a_role_with_a_place_asks_for_it_and_is_listed_with_it(home: Home, school: str) -> None:
    words = ("user", "add", "co-lan", "--role", "school_admin", "--name", "Nguyễn Thị Lan")
    missing = home.lms(*words, "--password-stdin", stdin=f"{STRONG}\n")
    assert missing.exit_code == 1
    assert "Thêm --unit MÃ." in missing.output
    unknown = home.lms(*words, "--unit", "0" * 12, "--password-stdin", stdin=f"{STRONG}\n")
    assert (unknown.exit_code, home.count(Account), home.count(Person)) == (1, 0, 0)
    home.did(*words, "--unit", school, "--password-stdin", stdin=f"{STRONG}\n")
    assert home.did("user", "list") == (
        f"co-lan · Nguyễn Thị Lan · school_admin, Trường Tiểu học Hoa Sen ({school})\n"
    )
    (one,) = json.loads(home.did("user", "list", "--json"))
    assert one["posts"] == [{"role": "school_admin", "unit": school, "where": "Trường Tiểu học Hoa Sen"}]
    assert home.count(Person) == 1


def test_an_invitation_is_printed_as_a_link_of_this_site(home: Home, school: str) -> None:
    words = ("user", "invite", "--role", "teacher", "--unit", school, "--name", "Vũ Thị Mai")
    link = home.lms(*words, LMS_PUBLIC_URL="https://hoc.example.vn").output
    assert re.fullmatch(r"https://hoc\.example\.vn/loi-moi/[\w-]{43}\n", link)
    assert home.count(Invitation) == 1
    nowhere = home.lms(*words, LMS_PUBLIC_URL=None)
    assert nowhere.exit_code == 1
    assert "Đặt LMS_PUBLIC_URL" in nowhere.output
    assert home.count(Invitation) == 1


@pytest.mark.parametrize(
    ("role", "name", "words"),
    [("admin", "Vũ Thị Mai", "không giao ở nơi này"), ("teacher", "Mai", "đủ họ và tên")],
)
def test_an_invitation_that_makes_no_sense_is_refused_in_words(
    home: Home, school: str, role: str, name: str, words: str
) -> None:
    refused = home.lms("user", "invite", "--role", role, "--unit", school, "--name", name)
    assert refused.exit_code == 1
    assert words in refused.output
    assert home.count(Invitation) == 0


def test_a_forgotten_password_is_set_anew(home: Home) -> None:
    home.did("user", "add", "co-lan", "--role", "author", "--password-stdin", stdin=f"{STRONG}\n")
    weak = home.lms("user", "password", "co-lan", "--password-stdin", stdin="123456\n")
    assert weak.exit_code == 1
    said = home.did("user", "password", "Co-Lan", "--password-stdin", stdin="bốn cái ghế mây cũ\n")
    assert "Đã đặt mật khẩu mới cho “co-lan”" in said
    unknown = home.lms("user", "password", "khong-co", "--password-stdin", stdin=f"{STRONG}\n")
    assert "Không có tài khoản" in unknown.output


def test_the_record_tells_who_did_what_where_and_since_when(home: Home, school: str) -> None:
    assert home.did("audit", "list") == "Chưa có việc nào được ghi.\n"
    home.did("user", "add", "quan-tri", "--role", "admin", "--password-stdin", stdin=f"{STRONG}\n")
    home.did("user", "invite", "--role", "teacher", "--unit", school, "--name", "Vũ Thị Mai")
    lines = home.did("audit", "list").splitlines()
    assert len(lines) == 2
    assert "Mời Vũ Thị Mai làm giáo viên Trường Tiểu học Hoa Sen" in lines[0]
    assert "Thêm tài khoản quan-tri, vai trò quản trị" in lines[1]
    (one,) = json.loads(home.did("audit", "list", "--unit", school, "--json"))
    assert (one["act"], one["unit"]) == ("invitation.make", school)
    assert one["by"].startswith("lms")
    assert len(home.did("audit", "list", "--limit", "1").splitlines()) == 1
    assert len(home.did("audit", "list", "--since", f"{clock.today()}").splitlines()) == 2
    assert home.did("audit", "list", "--since", "2999-01-01") == "Chưa có việc nào được ghi.\n"


def test_a_unit_or_date_that_does_not_exist_is_refused_in_words(home: Home) -> None:
    unknown = home.lms("audit", "list", "--unit", "0" * 12)
    assert (unknown.exit_code, "Không có đơn vị" in unknown.output) == (1, True)
    odd = home.lms("audit", "list", "--since", "22/11")
    assert (odd.exit_code, "viết ngày như 2026-11-22" in odd.output) == (2, True)
