"""The policy of the pages holds in a real browser: nothing injected runs, nothing foreign loads."""

import pytest
from playwright.sync_api import Browser

from tests.browser.devices import open_device
from tests.browser.site import Site

pytestmark = pytest.mark.browser
INJECTIONS = {
    "inline script": """() => {
      const s = document.createElement("script");
      s.append(document.createTextNode("window.injected = 1"));
      document.head.append(s);
    }""",
    "script of a data address": """() => {
      const s = document.createElement("script");
      try { s.src = "data:text/javascript,window.injected=1"; } catch { return; }
      document.head.append(s);
    }""",
    "handler in markup": """() => {
      try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.injected=1'>"); }
      catch { return; }
    }""",
    "style in markup": """() => {
      const e = document.createElement("style");
      e.append(document.createTextNode("body { display: none }"));
      document.head.append(e);
    }""",
}


@pytest.mark.parametrize("kind", INJECTIONS)
def test_what_is_injected_into_a_page_does_not_run(chromium: Browser, site: Site, kind: str) -> None:
    guard = open_device(chromium, "phone", script=True)
    guard.page.goto(site.at("/khoa-hoc"))
    guard.page.evaluate(INJECTIONS[kind])
    guard.page.wait_for_timeout(200)
    assert guard.page.evaluate("() => window.injected") is None
    assert guard.page.locator("h1").is_visible()
    assert any("The action has been blocked." in words for words in guard.complaints), guard.complaints
    guard.context.close()


def test_a_page_of_the_site_cannot_stand_in_a_frame_of_another(chromium: Browser, site: Site) -> None:
    guard = open_device(chromium, "phone", script=True)
    guard.page.goto("about:blank")
    guard.page.set_content(f'<iframe src="{site.address}/"></iframe>', wait_until="load")
    guard.page.wait_for_timeout(300)
    framed = guard.page.frames[1]
    assert framed.url.startswith("chrome-error://")
    assert framed.locator("#noi-dung").count() == 0
    guard.context.close()
