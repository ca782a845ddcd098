"""What must hold of every kind of page; the two walks through the site import these tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from tests.browser.audit import Findings, prepare
from tests.browser.devices import Guard, open_device
from tests.browser.people import Learner
from tests.browser.site import Site

Findings_by_kind = dict[str, Findings]


@contextmanager
def devices(chromium: Browser, site: Site, *, script: bool) -> Iterator[Callable[[], Learner]]:
    """Open computers of one site; each has stayed at home and complained of nothing at the end."""
    guards: list[Guard] = []

    def opener() -> Learner:
        guard = open_device(chromium, "computer", script=script)
        prepare(guard.context)
        guards.append(guard)
        return Learner(guard.page, site)

    yield opener
    for guard in guards:
        guard.context.close()
        guard.insist()


def _all(pages: Findings_by_kind, what: str) -> dict[str, list[str]]:
    return {kind: found for kind, findings in pages.items() if (found := getattr(findings, what))}


def test_axe_finds_nothing_in_both_themes_at_both_widths(pages: Findings_by_kind) -> None:
    assert _all(pages, "axe") == {}


def test_no_page_scrolls_sideways_at_320_px_with_the_largest_text(pages: Findings_by_kind) -> None:
    assert _all(pages, "sideways") == {}


def test_buttons_and_rows_are_48_px_high_and_every_link_24_px(pages: Findings_by_kind) -> None:
    assert _all(pages, "small_targets") == {}


def test_no_text_is_smaller_than_16_px_at_the_smallest_size(pages: Findings_by_kind) -> None:
    assert _all(pages, "small_text") == {}


def test_a_reader_s_own_text_spacing_cuts_nothing(pages: Findings_by_kind) -> None:
    assert _all(pages, "cut_text") == {}
