"""Markdown to safe HTML; the only file that knows Python-Markdown and the sanitisers.

Three walls stand one behind the other: raw HTML is never read as HTML, bleach keeps a closed
list, and nh3, which is still maintained, keeps the same list again.
"""

import re
from collections.abc import Callable, Mapping
from importlib.metadata import version
from urllib.parse import urlsplit
from xml.etree import ElementTree

import bleach.sanitizer
import markdown
import nh3
from markdown.treeprocessors import Treeprocessor

RULES = 1
VERSION = ";".join([f"rules-{RULES}", *(f"{name}-{version(name)}" for name in ("Markdown", "bleach", "nh3"))])
MAX_BYTES = 256 * 1024
MAX_DEPTH = 50
ALLOWED_HOSTS = frozenset({"dichvucong.gov.vn", "binhdanhocvuso.gov.vn"})
SPAN_CLASSES = frozenset({"so-lieu", "dang-kiem-tra"})

_INLINE_TAGS = frozenset({"a", "code", "em", "span", "strong"})
_TAGS = _INLINE_TAGS | {"blockquote", "h2", "h3", "img", "li", "ol", "p", "ul"}
_ATTRIBUTES = {
    "a": {"href"},
    "code": {"class"},
    "h2": {"id"},
    "h3": {"id"},
    "img": {"alt", "height", "loading", "src", "width"},
    "ol": {"start"},
    "span": {"class"},
}
_CLASSES = {"code": frozenset({"nobreak"}), "span": SPAN_CLASSES}
_OWN_ADDRESS = re.compile(
    r"/(?:[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*/?)?(?:#[a-z0-9-]+)?"
)
_ANCHOR = re.compile(r"#[a-z0-9-]+")
_PICTURE = re.compile(r"(?:(?:/[A-Za-z0-9._-]+)+/)?hinh/[a-z0-9-]+\.svg")
_IDENTIFIER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEADING_ID = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")
_OPENING_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_INDENT_OR_QUOTE = re.compile(r"[ \t>]*")
_EMPTY_TAGS = frozenset({"br", "hr", "img"})
# Raw HTML stays text; what authors may not write is not even read, which also spares slow patterns.
_UNREAD_BLOCKS = ("code", "hr", "reference", "setextheader")
_UNREAD_INLINE = (
    "autolink",
    "automail",
    "html",
    "image_reference",
    "reference",
    "short_image_ref",
    "short_reference",
)


class MarkupTooComplex(ValueError):
    """A text is too long or nested too deeply to be rendered."""


def to_html(source: str, image_base: str = "", sizes: Mapping[str, tuple[int, int]] | None = None) -> str:
    """Render Markdown as safe HTML.

    A picture `hinh/x.svg` gets the address `image_base/hinh/x.svg`, and the width and height that
    `sizes` has for `hinh/x.svg`. Raises MarkupTooComplex over 256 KB or 50 levels.
    """
    _refuse_complex(source)
    try:
        return sanitise(_convert(_Converter, source, image_base, sizes or {}))
    except RecursionError:
        raise MarkupTooComplex("Bài lồng quá nhiều tầng. Viết lại cho phẳng hơn.") from None


def inline_html(source: str) -> str:
    """Render a text of one line as safe HTML without a paragraph around it; blocks stay text."""
    _refuse_complex(source)
    try:
        html = _convert(_line_converter, " ".join(source.split()), "", {})
        text = html.removeprefix("<p>").removesuffix("</p>")
        # A text without these two letters holds no tag and no entity: nothing to clean.
        return sanitise(text, _INLINE_TAGS) if "<" in text or "&" in text else text
    except RecursionError:
        raise MarkupTooComplex("Câu lồng quá nhiều tầng. Viết lại cho phẳng hơn.") from None


def is_allowed_address(address: str) -> bool:
    """Tell whether a link may lead there: an own page, an anchor, or https on an allowed host."""
    if _OWN_ADDRESS.fullmatch(address) or _ANCHOR.fullmatch(address):
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = re.fullmatch(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~%/?=&#-]*)?", address)
    return bool(plain) and parts.hostname in ALLOWED_HOSTS


def sanitise(html: str, tags: frozenset[str] = frozenset(_TAGS)) -> str:
    """Return only what the closed list allows of `html`, cleaned twice.

    Raises MarkupTooComplex over 50 levels.
    """
    _refuse_deep_tags(html)
    attributes = {tag: _ATTRIBUTES[tag] - {"class"} for tag in tags if tag in _ATTRIBUTES}
    once = bleach.sanitizer.Cleaner(
        tags=tags, attributes=_keeps, protocols={"https"}, strip=True, strip_comments=True
    ).clean(html)
    return nh3.clean(
        once,
        tags=set(tags),
        attributes=attributes,
        attribute_filter=_second_opinion,
        allowed_classes={tag: set(names) for tag, names in _CLASSES.items() if tag in tags},
        url_schemes={"https"},
        link_rel="noopener",
        strip_comments=True,
    )


class _Pictures(Treeprocessor):  # type: ignore[misc]
    """Gives pictures their address and size, and drops those that are not our own drawings."""

    def __init__(self, md: markdown.Markdown) -> None:
        super().__init__(md)
        self.prepare("", {})

    def prepare(self, base: str, sizes: Mapping[str, tuple[int, int]]) -> None:
        self.base, self.sizes = base.rstrip("/"), sizes

    def run(self, root: ElementTree.Element) -> None:
        for image in root.iter("img"):
            name = image.get("src", "")
            image.attrib.pop("title", None)
            image.set("loading", "lazy")
            image.set("src", f"{self.base}/{name}" if self.base else name)
            if name in self.sizes:
                width, height = self.sizes[name]
                image.set("width", str(width))
                image.set("height", str(height))


class _Marks(Treeprocessor):  # type: ignore[misc]
    """Gives headings the id their author wrote, and keeps addresses in `code` on one line."""

    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            if element.tag in {"h2", "h3"}:
                _take_id(element)
            elif element.tag == "code":
                element.set("class", "nobreak")


def _take_id(heading: ElementTree.Element) -> None:
    last = heading[-1] if len(heading) else None
    text = (heading.text if last is None else last.tail) or ""
    if found := _HEADING_ID.search(text):
        heading.set("id", found[1])
        if last is None:
            heading.text = text[: found.start()]
        else:
            last.tail = text[: found.start()]


class _Converter(markdown.Markdown):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(extensions=["sane_lists"], output_format="html")
        self.preprocessors.deregister("html_block")
        for name in _UNREAD_BLOCKS:
            self.parser.blockprocessors.deregister(name)
        for name in _UNREAD_INLINE:
            self.inlinePatterns.deregister(name)
        self.pictures = _Pictures(self)
        self.treeprocessors.register(self.pictures, "pictures", 5)
        self.treeprocessors.register(_Marks(self), "marks", 4)


def _line_converter() -> _Converter:
    converter = _Converter()
    for name in ("hashheader", "indent", "olist", "quote", "ulist"):
        converter.parser.blockprocessors.deregister(name)
    return converter


_IDLE: dict[Callable[[], _Converter], list[_Converter]] = {_Converter: [], _line_converter: []}


def _convert(
    make: Callable[[], _Converter], source: str, image_base: str, sizes: Mapping[str, tuple[int, int]]
) -> str:
    # A converter that failed keeps half a state, and one is not for two threads: so it is taken out
    # while it works, and only a good one comes back.
    try:
        converter = _IDLE[make].pop()
    except IndexError:
        converter = make()
    converter.pictures.prepare(image_base, sizes)
    html = str(converter.reset().convert(source))
    _IDLE[make].append(converter)
    return html


def _keeps(tag: str, name: str, value: str) -> bool:
    if name not in _ATTRIBUTES.get(tag, ()):
        return False
    rules = {
        "alt": lambda: True,
        "class": lambda: value in _CLASSES[tag],
        "height": value.isdecimal,
        "href": lambda: is_allowed_address(value),
        "id": lambda: bool(_IDENTIFIER.fullmatch(value)),
        "loading": lambda: value == "lazy",
        "src": lambda: bool(_PICTURE.fullmatch(value)),
        "start": value.isdecimal,
        "width": value.isdecimal,
    }
    return rules[name]()


def _second_opinion(tag: str, name: str, value: str) -> str | None:
    return value if name == "rel" or _keeps(tag, name, value) else None


def _refuse_complex(source: str) -> None:
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        raise MarkupTooComplex("Bài dài hơn 256 KB. Chia thành nhiều bài ngắn.")
    for line in source.split("\n"):
        start = _INDENT_OR_QUOTE.match(line)
        lead = start[0].expandtabs(4) if start else ""
        if lead.count(">") + lead.count(" ") // 4 > MAX_DEPTH:
            raise MarkupTooComplex("Danh sách hoặc trích dẫn lồng quá 50 tầng. Viết lại cho phẳng hơn.")


def _refuse_deep_tags(html: str) -> None:
    depth = 0
    for closing, tag in _OPENING_TAG.findall(html):
        if tag.lower() not in _EMPTY_TAGS:
            depth = max(0, depth - 1) if closing else depth + 1
        if depth > MAX_DEPTH:
            raise MarkupTooComplex("Bài lồng quá 50 tầng. Viết lại cho phẳng hơn.")
