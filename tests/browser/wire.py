"""What a page costs on the wire and in time, as Chromium itself counts."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400 * 1000 / 8,
    "uploadThroughput": 400 * 1000 / 8,
}
SLOWER_CPU = 6
PAINTED = """() => new Promise(done => {
  const told = entries => entries.find(e => e.name === "first-contentful-paint")?.startTime;
  const now = told(performance.getEntriesByType("paint"));
  if (now) return done(now);
  new PerformanceObserver(list => { const at = told(list.getEntries()); if (at) done(at); })
    .observe({ type: "paint", buffered: true });
})"""
SHIFTED = """() => new Promise(done => {
  let total = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { total += e.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(total), 300);
})"""


@dataclass
class Meter:
    """Counts the bytes, headers included, of everything a page fetches."""

    session: CDPSession
    bytes: int = 0
    requests: list[str] = field(default_factory=list)
    pictures: int = 0
    _kinds: dict[str, str] = field(default_factory=dict)

    def saw_response(self, event: dict[str, Any]) -> None:
        """Note what kind of thing was fetched; from the browser's own store it costs nothing."""
        self._kinds[event["requestId"]] = event["type"]
        if not event["response"].get("fromDiskCache"):
            self.requests.append(event["response"]["url"])

    def saw_end(self, event: dict[str, Any]) -> None:
        """Add what came over the wire."""
        size = int(event["encodedDataLength"])
        self.bytes += size
        if self._kinds.get(event["requestId"]) == "Image":
            self.pictures += size

    def reset(self) -> None:
        """Start counting anew."""
        self.bytes, self.pictures, self.requests = 0, 0, []


def meter(page: Page) -> Meter:
    """Put a meter on a page."""
    session = page.context.new_cdp_session(page)
    made = Meter(session)
    session.on("Network.responseReceived", made.saw_response)
    session.on("Network.loadingFinished", made.saw_end)
    session.send("Network.enable")
    return made


def slow_down(page: Page) -> None:
    """Make the network 400 kbit/s with 400 ms, and the processor six times slower."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
