"""Settings: checked at the start, each by its name with the values allowed; the secret made once."""

import os
import stat
from pathlib import Path

import pytest

from lms.config import KNOWN, ConfigError, load


@pytest.fixture
def data(tmp_path: Path) -> dict[str, str]:
    """Give an environment with a data folder only."""
    return {"LMS_DATA": str(tmp_path / "data")}


def test_nothing_needs_to_be_set(data: dict[str, str]) -> None:
    config = load(data)
    assert config.database_url == f"sqlite:///{data['LMS_DATA']}/lms.db"
    assert (config.public_url, config.is_https, config.require_review) == ("", False, False)
    assert config.workers >= 1
    assert (config.content_root / "courses").is_dir()
    assert config.templates.is_dir()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://may/lms"),
        ("DATABASE_URL", "lms.db"),
        ("LMS_PUBLIC_URL", "hoc.truong.edu.vn"),
        ("LMS_PUBLIC_URL", "ftp://hoc.truong.edu.vn"),
        ("LMS_PUBLIC_URL", "https://hoc.truong.edu.vn/hoc"),
        ("LMS_REQUIRE_REVIEW", "true"),
        ("LMS_TRUSTED_PROXIES", "6"),
        ("LMS_TRUSTED_PROXIES", "-1"),
        ("LMS_TRUSTED_PROXIES", "một"),
        ("LMS_TRUSTED_PROXIES", "²"),
        ("LMS_WORKERS", "0"),
        ("LMS_WORKERS", "65"),
        ("LMS_WORKERS", "2.5"),
    ],
)
def test_an_odd_value_is_refused_by_its_name(data: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load(data | {name: value})


def test_a_content_root_without_courses_is_refused(data: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="courses"):
        load(data | {"LMS_CONTENT_ROOT": str(tmp_path)})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////srv/lms.db", "sqlite:////srv/lms.db"),
    ],
)
def test_a_database_is_named_as_its_makers_write_it(data: dict[str, str], typed: str, kept: str) -> None:
    assert load(data | {"DATABASE_URL": typed}).database_url == kept


def test_a_public_address_loses_its_last_slash_and_decides_about_https(data: dict[str, str]) -> None:
    config = load(data | {"LMS_PUBLIC_URL": "https://hoc.truong.edu.vn/"})
    assert (config.public_url, config.is_https) == ("https://hoc.truong.edu.vn", True)


def test_the_file_in_the_data_folder_counts_and_the_environment_counts_more(data: dict[str, str]) -> None:
    folder = Path(data["LMS_DATA"])
    folder.mkdir()
    (folder / "lms.toml").write_text('LMS_SITE_NAME = "Trường Hoa Sen"\nLMS_WORKERS = 3\n', encoding="utf-8")
    assert (load(data).site_name, load(data).workers) == ("Trường Hoa Sen", 3)
    assert load(data | {"LMS_SITE_NAME": "Xã Thử"}).site_name == "Xã Thử"
    assert load(data | {"LMS_SITE_NAME": ""}).site_name == "Trường Hoa Sen"


@pytest.mark.parametrize("text", ["LMS_SITE_NAMES = 'a'", "site_name = 'a'", "LMS_DATA = '/x'"])
def test_an_unknown_name_in_the_file_is_refused_with_the_names_allowed(
    data: dict[str, str], text: str
) -> None:
    folder = Path(data["LMS_DATA"])
    folder.mkdir()
    (folder / "lms.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(data)
    assert all(name in str(refused.value) for name in KNOWN - {"LMS_DATA"})


@pytest.mark.parametrize("body", [b"LMS_SITE_NAME = ", b"\xff\xfe", b"[[["])
def test_a_file_that_cannot_be_read_is_told_by_its_name(data: dict[str, str], body: bytes) -> None:
    folder = Path(data["LMS_DATA"])
    folder.mkdir()
    (folder / "lms.toml").write_bytes(body)
    with pytest.raises(ConfigError, match=r"lms\.toml"):
        load(data)


def test_the_secret_is_made_once_for_its_owner_only_and_differs_between_installations(
    data: dict[str, str], tmp_path: Path
) -> None:
    first = load(data)
    assert len(first.secret) == 32
    path = Path(data["LMS_DATA"]) / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(data).secret == first.secret
    assert load({"LMS_DATA": str(tmp_path / "other")}).secret != first.secret
    assert first.secret.hex() not in repr(first)
    assert str(first.secret) not in repr(first)


@pytest.mark.parametrize("short", [b"", b"changeme", b"x" * 31])
def test_a_short_secret_is_refused(data: dict[str, str], short: bytes) -> None:
    folder = Path(data["LMS_DATA"])
    folder.mkdir()
    (folder / "secret.key").write_bytes(short)
    with pytest.raises(ConfigError, match=r"secret\.key"):
        load(data)


def test_the_data_folder_is_closed_to_others(data: dict[str, str]) -> None:
    held = os.umask(0o022)
    try:
        load(data)
    finally:
        os.umask(held)
    assert stat.S_IMODE(Path(data["LMS_DATA"]).stat().st_mode) == 0o700
