"""Every kind of page of a school: axe-core finds nothing, nothing scrolls sideways, is too small or cut."""

import pytest
from playwright.sync_api import Browser

from tests.browser.audit import audit
from tests.browser.page_checks import (
    Findings_by_kind,
    devices,
    test_a_reader_s_own_text_spacing_cuts_nothing,
    test_axe_finds_nothing_in_both_themes_at_both_widths,
    test_buttons_and_rows_are_48_px_high_and_every_link_24_px,
    test_no_page_scrolls_sideways_at_320_px_with_the_largest_text,
    test_no_text_is_smaller_than_16_px_at_the_smallest_size,
)
from tests.browser.school_page_kinds import Village, every_school_page_kind

pytestmark = pytest.mark.browser
LEAST_KINDS = 100
__all__ = [
    "test_a_reader_s_own_text_spacing_cuts_nothing",
    "test_axe_finds_nothing_in_both_themes_at_both_widths",
    "test_buttons_and_rows_are_48_px_high_and_every_link_24_px",
    "test_no_page_scrolls_sideways_at_320_px_with_the_largest_text",
    "test_no_text_is_smaller_than_16_px_at_the_smallest_size",
]


@pytest.fixture(scope="module")
def pages(chromium: Browser, village: Village) -> Findings_by_kind:
    """Walk once through all kinds of pages and measure each."""
    with devices(chromium, village.site, script=True) as opener:
        walk = every_school_page_kind(opener, village.told, "Đàm Thị Sen")
        return {kind: audit(who.page) for kind, who in walk}


def test_every_kind_of_page_was_reached(pages: Findings_by_kind) -> None:
    assert len(pages) >= LEAST_KINDS
