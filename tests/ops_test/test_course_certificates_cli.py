"""The school's certificates from the terminal: checked, corrected, printed, listed without names."""

import json
import re
from pathlib import Path

import pytest

from lms.catalog.queries import load
from lms.db import Database
from tests.awarding import approved, ready_class, sent
from tests.cast import gather
from tests.ops_test.home import Home


@pytest.fixture
def code(home: Home) -> str:
    """Give the code of a certificate of a school."""

    def issue(database: Database) -> str:
        with database.transaction() as db:
            cast, catalogue = gather(db), load(db)
            made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, "Trần Thị Ái").values())
            done = approved(db, cast, catalogue, made)
            assert done is not None
            return done.issued[0].code

    return str(home.with_database(issue))


def test_a_school_s_certificate_is_verified_corrected_printed_and_revoked_by_its_own_name(
    home: Home, code: str, tmp_path: Path
) -> None:
    said = home.did("cert", "verify", code)
    assert said.startswith("CÓ THẬT.")
    for words in (
        "Loại giấy: giấy chứng nhận",
        "Lớp: 4A",
        "Số vào sổ: 0001/",
        "Người ký: Nguyễn Thị Hạnh",
        "Chức danh: Hiệu trưởng",
    ):
        assert words in said
    corrected = home.did("cert", "replace", code, "--name", "Trần Thị Ngọc Ái")
    new = re.search(r"Giấy chứng nhận mới: ([\d ]{19}), số vào sổ (0002/\S+)\. Giấy chứng nhận", corrected)
    assert new
    assert f"Giấy chứng nhận thay: {new[1]}" in home.lms("cert", "verify", code).output
    file = tmp_path / "giay.pdf"
    home.did("cert", "pdf", new[1], "-o", str(file))
    assert file.read_bytes().startswith(b"%PDF-")
    assert "Đã thu hồi giấy chứng nhận" in home.did("cert", "revoke", new[1], "--reason", "Nhầm lớp")
    assert "liền mạch" in home.did("cert", "audit")


def test_the_register_is_listed_by_kind_and_year_without_a_name(home: Home, code: str) -> None:
    home.did("cert", "revoke", code, "--reason", "Nhầm lớp")
    every = home.did("cert", "list").splitlines()
    assert ["phiếu" in line for line in every] == [True, False]
    (line,) = home.did("cert", "list", "--kind", "giay").splitlines()
    assert "0001/" in line
    assert line.endswith("đã thu hồi")
    said = json.loads(home.did("cert", "list", "--kind", "giay", "--json"))
    assert (said["code"], said["state"]) == (code, "revoked")
    assert "Ái" not in "".join(every)
    assert home.did("cert", "list", "--year", "1999") == ""
