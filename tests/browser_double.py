"""A test client that behaves like a browser and proofreads every page it fetches."""

from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

HOUSE = "{http://www.w3.org/1999/xhtml}"
TYPED = {"input", "select", "textarea"}
SILENT = {"hidden", "submit", "button"}
REDIRECTS = {301, 302, 303, 308}


class Reader:
    """Follows no redirect by itself; says where a write comes from, as browsers do."""

    def __init__(self, app: Flask) -> None:
        """Open a browser with no cookies."""
        self.client = app.test_client()
        self.page: Element | None = None

    def get(self, address: str, status: int = 200, **headers: str) -> TestResponse:
        """Fetch an address, insist on the status and proofread the page."""
        response = self.client.get(address, headers=headers)
        return self._read(response, status)

    def post(
        self, address: str, data: dict[str, Any] | None = None, status: int = 303, **headers: str
    ) -> TestResponse:
        """Send a form from a page of this site."""
        said = {"Sec-Fetch-Site": "same-origin"} | headers
        return self._read(self.client.post(address, data=data or {}, headers=said), status)

    def follow(self, response: TestResponse, status: int = 200) -> TestResponse:
        """Go where a reply leads, as far as it leads."""
        while response.status_code in REDIRECTS:
            response = self.client.get(response.headers["Location"])
        return self._read(response, status)

    def _read(self, response: TestResponse, status: int) -> TestResponse:
        assert response.status_code == status, f"{response.status_code}: {response.text[:400]}"
        if response.mimetype == "text/html" and response.data and response.status_code not in REDIRECTS:
            self.page = proofread(response.text)
        return response

    @property
    def words(self) -> str:
        """Return the words of the main part of the last page."""
        assert self.page is not None
        main = self.page.find(f".//{HOUSE}main")
        assert main is not None
        return " ".join(" ".join(main.itertext()).split())

    def links(self) -> list[str]:
        """Return every address the last page leads to."""
        assert self.page is not None
        return [a.get("href", "") for a in self.page.iter(f"{HOUSE}a")]


def proofread(text: str) -> Element:
    """Return a page as a tree, having insisted on what every page of the house must be."""
    parser = html5lib.HTMLParser(strict=False)
    page: Element = parser.parse(text)
    faults = list(parser.errors)
    assert not faults, f"not valid HTML5: {faults[:3]}"
    assert page.get("lang") == "vi"
    headings = ["".join(h.itertext()).strip() for h in page.iter(f"{HOUSE}h1")]
    assert len(headings) == 1, headings
    title = "".join(t.text or "" for t in page.iter(f"{HOUSE}title"))
    heading = " ".join(headings[0].split())
    assert title.removeprefix("Lỗi: ").startswith(heading), (title, heading)
    twice = [key for key, n in Counter(e.get("id") for e in page.iter() if e.get("id")).items() if n > 1]
    assert not twice, f"ids used twice: {twice}"
    _check_forms(page)
    for element in page.iter():
        assert not element.get("style"), "inline style"
        assert not [name for name in element.attrib if name.startswith("on")], "inline handler"
    return page


def _check_forms(page: Element) -> None:
    labelled = {label.get("for") for label in page.iter(f"{HOUSE}label")}
    inside = {id(e) for label in page.iter(f"{HOUSE}label") for e in label.iter()}
    for form in page.iter(f"{HOUSE}form"):
        assert form.get("action"), "a form without an action"
        for element in form.iter():
            name = element.tag.removeprefix(HOUSE)
            if name in TYPED and element.get("type") not in SILENT:
                known = element.get("id") in labelled or id(element) in inside or element.get("aria-label")
                assert known, f"a field without a label: {element.get('name')}"
