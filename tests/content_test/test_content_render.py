"""The child that renders: answers, limits, new starts, and pages by validity."""

import contextlib
import time
from collections.abc import Iterator
from datetime import date

import pytest

from lms.content.library import FactDesc
from lms.content.render import Renderer, RenderFailed, Variant, render_variants
from lms.markup import inline_html, to_html

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """One child for the tests that do not stop it."""
    with Renderer() as shared:
        yield shared


def _fact(identifier: str, text: str, expires: date) -> FactDesc:
    return FactDesc(identifier, text, "ghi chú", "nguồn", "V1", date(2026, 1, 1), expires)


FACTS = {
    "phi": _fact("phi", "50.000 đồng", date(2027, 1, 31)),
    "gio": _fact("gio", "7 giờ", date(2027, 6, 30)),
    "xa": _fact("xa", "UBND xã", date(2027, 1, 31)),
}


def test_the_child_gives_what_the_room_below_gives(renderer: Renderer) -> None:
    source = "Bấm **Lưu**.\n\n![Hình](hinh/a.svg)\n\n- “một”\n"
    sizes = {"hinh/a.svg": (10, 20)}
    assert renderer.html(source, "/anh", sizes) == to_html(source, "/anh", sizes)
    assert renderer.inline("`a-b` & **c**") == inline_html("`a-b` & **c**")


def test_a_page_without_facts_has_one_variant_for_ever(renderer: Renderer) -> None:
    assert render_variants(renderer, "Chữ.", FACTS) == (Variant(None, "<p>Chữ.</p>"),)


def test_a_page_has_one_variant_for_each_span_in_which_its_facts_hold(renderer: Renderer) -> None:
    variants = render_variants(renderer, "{{so-lieu: phi}}, {{so-lieu: gio}}, {{ so-lieu:xa }}.", FACTS)
    assert variants == (
        Variant(date(2027, 1, 31), "<p>50.000 đồng, 7 giờ, UBND xã.</p>"),
        Variant(date(2027, 6, 30), "<p>đang kiểm tra lại, 7 giờ, đang kiểm tra lại.</p>"),
        Variant(None, "<p>đang kiểm tra lại, đang kiểm tra lại, đang kiểm tra lại.</p>"),
    )


def test_a_line_with_a_fact_has_variants_too(renderer: Renderer) -> None:
    variants = render_variants(renderer, "Mở lúc **{{so-lieu: gio}}**", FACTS, inline=True)
    assert [variant.html for variant in variants] == [
        "Mở lúc <strong>7 giờ</strong>",
        "Mở lúc <strong>đang kiểm tra lại</strong>",
    ]


def test_an_unknown_fact_is_never_rendered(renderer: Renderer) -> None:
    with pytest.raises(KeyError, match="khong-co"):
        render_variants(renderer, "{{so-lieu: khong-co}}", FACTS)


@pytest.mark.parametrize(
    "nasty",
    [
        "[" * 50_000,
        "[a](<b" * 6_000,
        "`" * 20_001,
        "![" * 20_000,
        "- " * 5_000 + "x",
        "<div>" * 20_000,
        "*_" * 20_000,
    ],
    ids=["brackets", "half links", "back-ticks", "half pictures", "lists", "divs", "stars"],
)
def test_a_pathological_text_ends_within_3_seconds_and_the_next_one_is_rendered(nasty: str) -> None:
    with Renderer(seconds=1) as renderer:
        assert renderer.inline("trước") == "trước"
        began = time.monotonic()
        with contextlib.suppress(RenderFailed):
            renderer.html(nasty)
        assert time.monotonic() - began < 3
    with Renderer() as renderer:
        assert renderer.inline("sau") == "sau"


def test_a_child_stopped_for_its_slowness_is_started_anew() -> None:
    with Renderer() as renderer:
        with pytest.raises(RenderFailed, match="quá 2 giây"):
            renderer.html("[" * 50_000)
        assert renderer.html("Tốt.") == "<p>Tốt.</p>"


def test_a_text_that_is_refused_does_not_stop_the_child(renderer: Renderer) -> None:
    with pytest.raises(RenderFailed, match="256 KB"):
        renderer.html("x" * 300_000)
    with pytest.raises(RenderFailed, match="tầng"):
        renderer.html("- " * 3_000 + "x")
    assert renderer.html("Tốt.") == "<p>Tốt.</p>"


def test_closing_stops_the_child() -> None:
    with Renderer() as renderer:
        renderer.inline("x")
        child = renderer._child
    assert child is not None
    assert child.poll() is not None
