"""What the people of a measurement do, request by request."""

import secrets
from urllib.parse import quote

from bench.site import PASSWORD, Site
from bench.wire import Ask, Script, request


def answering(site: Site) -> Script:
    """Take a check again and again, as a guest: start, answer every question, start anew.

    Only the answers are counted; starting is part of the work and of the time.
    """
    key = f"khoa={secrets.token_hex(16)}"
    reply = yield Ask(request("POST", site.check, form=key), 303, counts=False)
    cookie = reply.cookie
    start = request("POST", site.check, cookie, form="")
    while True:
        attempt = reply.header("location")
        for number in range(1, site.draw + 1):
            sent = request("POST", f"{attempt}/cau-{number}", cookie, form=f"chon={site.choice}")
            yield Ask(sent, 303)
        reply = yield Ask(start, 303, counts=False)


def toy_answering() -> Script:
    """Answer on the toy, as a learner signed in there."""
    reply = yield Ask(request("GET", "/enter"), 303, counts=False)
    sent = request("POST", "/answer", reply.cookie, form="chon=a")
    while True:
        yield Ask(sent, 303)


def reading(path: str, cookie: str = "", status: int = 200) -> Script:
    """Ask for one page again and again."""
    sent = request("GET", path, cookie)
    while True:
        yield Ask(sent, status)


def toy_reading() -> Script:
    """Ask for the toy's page with one select, as a learner signed in there."""
    reply = yield Ask(request("GET", "/enter"), 303, counts=False)
    sent = request("GET", "/pageread", reply.cookie)
    while True:
        yield Ask(sent)


def signing_in(login: str) -> Script:
    """Sign in again and again, each time as a browser without a session."""
    form = f"ten_dang_nhap={quote(login)}&mat_khau={quote(PASSWORD)}"
    sent = request("POST", "/dang-nhap", form=form)
    while True:
        yield Ask(sent, 303)
