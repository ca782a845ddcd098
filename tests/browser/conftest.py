"""One Chromium and one site for all; every device is empty, stays on loopback, complains of nothing."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.devices import Device, Guard, open_device
from tests.browser.people import Learner
from tests.browser.site import Site, running_site

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
