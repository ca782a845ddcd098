"""What a page weighs and when it stands, in Chromium on a weak network (400 kbit/s, 400 ms, CPU ÷6)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, sync_playwright

SCREEN = {"width": 360, "height": 740}
WEAK = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CPU_SHARE = 6
SETTLED_MS = 500
_WATCH = """
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.lcp = entry.startTime })
  .observe({type: "largest-contentful-paint", buffered: true})
"""


@dataclass(frozen=True)
class Visit:
    """One visit to a page: bytes over the wire, requests, and the largest paint in milliseconds."""

    kilobytes: float
    requests: int
    lcp: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open a browser: the system's Chromium where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def visit_twice(browser: Browser, address: str, cookie: str = "") -> tuple[Visit, Visit]:
    """Visit a page in an empty profile, then again in the same one."""
    context = browser.new_context(viewport=SCREEN)
    try:
        if cookie:
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": address}])
        return _visit(context, address), _visit(context, address)
    finally:
        context.close()


def _visit(context: BrowserContext, address: str) -> Visit:
    page = context.new_page()
    page.add_init_script(_WATCH)
    session = context.new_cdp_session(page)
    wire = _listen(session)
    page.goto(address, wait_until="networkidle")
    # A paint is told a little after it happened, and the largest may not be the first.
    # Asked again from outside: the page's policy forbids waiting in it for a string of script.
    while not page.evaluate("window.lcp"):
        page.wait_for_timeout(SETTLED_MS)
    page.wait_for_timeout(SETTLED_MS)
    lcp = page.evaluate("window.lcp")
    page.close()
    return Visit(sum(wire.values()) / 1024, len(wire), float(lcp))


def _listen(session: CDPSession) -> dict[str, float]:
    """Make the network weak and the processor slow; return the bytes of each request as they come."""
    wire: dict[str, float] = {}

    def finished(event: dict[str, Any]) -> None:
        # What comes from the browser's own cache crosses no wire.
        if event["encodedDataLength"]:
            wire[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", WEAK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SHARE})
    return wire
