"""Pages equal for all: made once per catalogue, day and look, then sent as stored bytes."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import cast

import brotli
from flask import Response, current_app, g, request

from lms import clock
from lms.web.prefs import prefs

KEPT = 4000
Key = tuple[int, date, str, str, str]


@dataclass(frozen=True)
class Stored:
    """One page's bytes in three encodings, and its tag."""

    tag: str
    plain: bytes
    zipped: bytes
    brotli: bytes

    def encoded(self, accepted: str) -> tuple[bytes, str | None]:
        """Return the smallest bytes the browser can read, and their encoding."""
        if "br" in accepted:
            return self.brotli, "br"
        if "gzip" in accepted:
            return self.zipped, "gzip"
        return self.plain, None


class Store:
    """The pages of one process, oldest forgotten first."""

    def __init__(self) -> None:
        """Start empty."""
        self._pages: OrderedDict[Key, Stored] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], str]) -> Stored:
        """Return a page, making it when it is not held."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
                return page
        page = _store(make().encode())
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        return page


def _store(body: bytes) -> Stored:
    tag = hashlib.sha256(body).hexdigest()[:20]
    return Stored(tag, body, gzip.compress(body, 9, mtime=0), brotli.compress(body, quality=9))


def stored_page(revision: int, make: Callable[[], str], variant: str = "", *, keep: bool = True) -> Response:
    """Reply with a page that is the same for every visitor with this look, or with 304.

    Without `keep` it is made anew each time: for pages too many to hold.
    """
    # What the first visitor's address carries behind its “?” must not stand in everybody's page.
    g.is_for_all = True
    look = prefs()
    key = (revision, clock.today(), look.size, look.contrast, f"{request.path}{variant}")
    store = cast(Store, current_app.extensions["store"])
    page = store.get(key, make) if keep else _store(make().encode())
    body, encoding = page.encoded(request.headers.get("Accept-Encoding", ""))
    tag = f'"{page.tag}{"-" + encoding if encoding else ""}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Encoding"}
    if request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, headers=headers, content_type="text/html; charset=utf-8")
