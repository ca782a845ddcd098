"""What is measured on a page: axe-core's rules, and the geometry that axe does not know."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
THEMES = ("thuong", "cao")
WIDTHS = (360, 1280)
NARROW = 320

# The themes differ in colours alone: only these rules can tell another thing in the second one.
OF_COLOURS = ["color-contrast", "link-in-text-block"]

RUN_AXE = """async ([type, values]) => {
  const { violations } = await axe.run(document, {
    runOnly: { type, values }, resultTypes: ["violations"],
  });
  return violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
}"""

WIDE = """() => {
  const wide = document.scrollingElement.scrollWidth;
  if (wide <= 320) return [];
  const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 320.5);
  return ["page " + wide + " px", ...out.slice(-3).map(e => e.outerHTML.slice(0, 120))];
}"""

# A mark inside its row is not a target of its own: the row is the label.
SMALL_TARGETS = """() => {
  const tall = ".button, .tool, .row, .press, .rescue, .back, .call, .choice, .bottom li a, .crumbs a," +
    " input:not([type=radio]):not([type=checkbox]):not([type=hidden]), select, textarea, .errors a";
  const bad = [];
  for (const e of document.querySelectorAll("a, button, input, select, textarea, label.choice")) {
    const box = e.getBoundingClientRect();
    if (!e.checkVisibility() || !box.width) continue;
    if (e.matches(".skip, .hide, label.choice input, [type=hidden]")) continue;
    const least = e.matches(tall) ? 48 : 24;
    if (box.height < least - 0.1) bad.push(Math.round(box.height) + " px: " + e.outerHTML.slice(0, 120));
  }
  return bad;
}"""

SMALL_TEXT = """() => {
  const bad = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility() || e.closest(".hide")) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < 16) bad.add(size + " px: " + node.data.trim().slice(0, 60));
  }
  return [...bad];
}"""

# WCAG 1.4.12; a constructed style sheet is the reader's own, which the policy does not forbid.
SPACE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important;" +
    " word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}"""

CUT_TEXT = """() => {
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e);
    if (!e.checkVisibility() || !e.innerText?.trim() || e.closest(".hide, table.cards thead")) continue;
    const cutsX = style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1;
    const cutsY = style.overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1;
    if (cutsX || cutsY) bad.push(e.outerHTML.slice(0, 120));
  }
  return bad;
}"""

SET = "([name, value]) => document.documentElement.setAttribute(name, value)"


@dataclass
class Findings:
    """What was wrong with one kind of page; empty lists are good."""

    axe: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    small_targets: list[str] = field(default_factory=list)
    small_text: list[str] = field(default_factory=list)
    cut_text: list[str] = field(default_factory=list)


def prepare(context: BrowserContext) -> None:
    """Bring axe-core into every page of a device, before its own scripts and outside its policy."""
    context.add_init_script(path=str(AXE))


def audit(page: Page) -> Findings:
    """Measure the page as it stands in both themes, at both widths and at 320 px with the largest text."""
    found = Findings()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        for theme in THEMES:
            _set(page, "data-tp", theme)
            rules = ["tag", TAGS] if theme == THEMES[0] else ["rule", OF_COLOURS]
            told: list[Any] = page.evaluate(RUN_AXE, rules)
            found.axe += [f"{width} px, {theme}: {words}" for words in told]
    _set(page, "data-tp", "thuong")
    page.set_viewport_size({"width": NARROW, "height": 640})
    _set(page, "data-co", "nho")
    found.small_text = page.evaluate(SMALL_TEXT)
    found.small_targets = page.evaluate(SMALL_TARGETS)
    _set(page, "data-co", "to")
    found.sideways = page.evaluate(WIDE)
    page.evaluate(SPACE_TEXT)
    found.cut_text = page.evaluate(CUT_TEXT) + page.evaluate(WIDE)
    return found


def _set(page: Page, name: str, value: str) -> None:
    page.evaluate(SET, [name, value])
