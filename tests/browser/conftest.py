"""One Chromium and one site for all; every device is empty, stays on loopback, complains of nothing."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from lms.demo.building import Told
from tests.browser.devices import Device, Guard, open_device
from tests.browser.people import Learner
from tests.browser.school_page_kinds import Village, demo
from tests.browser.site import Site, running_site
from tests.cast import gather

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
Opener = Callable[..., Learner]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the repository's own courses from a new data folder."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Site]:
    """Serve the same courses with the cast of the tests on it, anew for each story."""
    with running_site(tmp_path / "school", lambda db, _: gather(db)) as running:
        yield running


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Serve the same courses with the commune of `lms demo` on it, once for all who only look around."""
    data, told = tmp_path_factory.mktemp("village") / "data", list[Told]()
    with running_site(data, demo(data, told)) as running:
        yield Village(running, told[0])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one Chromium; each test opens devices of its own in it."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing: install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, site: Site) -> Iterator[Opener]:
    """Give a function that hands an empty device to a new person: `opened("phone", script=False)`."""
    yield from _openers(chromium, site)


@pytest.fixture
def at_school(chromium: Browser, school: Site) -> Iterator[Opener]:
    """Give the same function for the site of the schools."""
    yield from _openers(chromium, school)


@pytest.fixture
def in_village(chromium: Browser, village: Village) -> Iterator[Opener]:
    """Give the same function for the site of the demo."""
    yield from _openers(chromium, village.site)


def _openers(chromium: Browser, site: Site) -> Iterator[Opener]:
    guards: list[Guard] = []

    def give(device: Device = "phone", *, script: bool = True) -> Learner:
        guard = open_device(chromium, device, script=script)
        guards.append(guard)
        return Learner(guard.page, site)

    yield give
    for guard in guards:
        guard.context.close()
    for guard in guards:
        guard.insist()
