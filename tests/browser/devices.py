"""The devices of the stories, and the watch kept over what they fetch and what their console says."""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request

Device = Literal["phone", "computer", "narrow"]
SIZES: dict[Device, tuple[int, int]] = {"phone": (360, 740), "computer": (1280, 800), "narrow": (320, 640)}
LOOPBACK = "127.0.0.1"
# Chromium notes every page answered with 4xx; that a page is refused is asserted where it matters.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Guard:
    """A device's context and page, where it wanted to go, and what its console said."""

    context: BrowserContext
    page: Page
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def insist(self) -> None:
        """Fail when anything but this site was asked for, or the console holds a complaint."""
        assert not self.elsewhere, f"left loopback: {self.elsewhere}"
        assert not self.complaints, f"console: {self.complaints}"

    def saw_request(self, request: Request) -> None:
        """Note a request to any other host."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != LOOPBACK:
            self.elsewhere.append(request.url)

    def saw_message(self, message: ConsoleMessage) -> None:
        """Note a warning or an error of the console."""
        if message.type in {"warning", "error"} and not REFUSED.match(message.text):
            self.complaints.append(message.text)

    def saw_error(self, error: Error) -> None:
        """Note an error that a script did not catch."""
        self.complaints.append(str(error))


def open_device(browser: Browser, device: Device, *, script: bool) -> Guard:
    """Open an empty profile on a device, with script on or off."""
    width, height = SIZES[device]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=device == "phone",
        is_mobile=device == "phone",
        java_script_enabled=script,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        accept_downloads=True,
    )
    context.set_default_timeout(15_000)
    guard = Guard(context, context.new_page())
    context.on("request", guard.saw_request)
    context.on("console", guard.saw_message)
    context.on("weberror", lambda error: guard.saw_error(error.error))
    return guard
