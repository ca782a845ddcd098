"""Installations with the schema and the sample library, copied for each test."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ops_test.home import ROOT, Home


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One installation, made by the commands themselves; copied, never changed."""
    folder = tmp_path_factory.mktemp("ops")
    content = folder / "content"
    for name in ("courses", "quizzes"):
        shutil.copytree(ROOT / "tests" / "sample" / name, content / name)
    for name in ("templates", "certificates"):
        shutil.copytree(ROOT / name, content / name)
    home = Home(folder / "data", content)
    home.did("db", "upgrade")
    home.did("content", "sync")
    return home


@pytest.fixture
def home(installed: Home, tmp_path: Path) -> Home:
    """An installation of the test's own."""
    shutil.copytree(installed.data, tmp_path / "data")
    (tmp_path / "data").chmod(0o700)
    return Home(tmp_path / "data", installed.content)


@pytest.fixture
def empty(installed: Home, tmp_path: Path) -> Home:
    """A machine on which nothing was done yet."""
    return Home(tmp_path / "new", installed.content)


@pytest.fixture
def own_content(installed: Home, tmp_path: Path) -> Callable[[Home], Home]:
    """A function that gives a home a content folder that may be edited."""

    def give(home: Home) -> Home:
        shutil.copytree(installed.content, tmp_path / "content")
        return Home(home.data, tmp_path / "content")

    return give
