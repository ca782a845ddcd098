"""Markdown to safe HTML: what authors may write comes out, what attackers may write does not."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.markup import (
    ALLOWED_HOSTS,
    MAX_BYTES,
    VERSION,
    MarkupTooComplex,
    inline_html,
    is_allowed_address,
    sanitise,
    to_html,
)

TAGS = {"p", "strong", "em", "ul", "ol", "li", "blockquote", "code", "a", "img", "h2", "h3", "span"}
ATTRIBUTES = {"href", "rel", "src", "alt", "width", "height", "loading", "id", "class", "start"}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//vi-du.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    "<img srcset='https://vi-du.example/a.png 1x'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<form action='https://vi-du.example'><input name=otp><button>Gửi</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction='javascript:alert(1)'>x</button>",
    "<select onchange=alert(1)><option>1</option></select>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<body onload=alert(1)>",
    "<base href='https://vi-du.example/'>",
    "<link rel=stylesheet href='https://vi-du.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://vi-du.example'>",
    "<style>@import 'https://vi-du.example/x.css';</style>",
    "<p style='background:url(https://vi-du.example)'>x</p>",
    "<p class='nut chinh' id='noi-dung' data-khoa=1>x</p>",
    "<h2 id='__proto__'>x</h2>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='javascript:123'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='blob:https://vi-du.example/1'>x</a>",
    "<a href='//vi-du.example'>x</a>",
    "<a href='/\\vi-du.example'>x</a>",
    "<a href='\\\\vi-du.example'>x</a>",
    "<a href='https://dichvucong.gov.vn@vi-du.example/'>x</a>",
    "<a href='https://dichvucong.gov.vn.vi-du.example/'>x</a>",
    "<a href='https://vi-du.example/dichvucong.gov.vn'>x</a>",
    "<a href='https://dichvucong.gov.vn:8443/'>x</a>",
    "<a href='http://dichvucong.gov.vn/'>x</a>",
    "<a target=_blank onclick=alert(1) href='/bi-lua'>x</a>",
    "<a href='/dang-xuat?x=1'>x</a>",
    "<a href='/../../x'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert%281%29)",
    "[x](javascript&#58;alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//vi-du.example)",
    "[x](https://vi-du.example)",
    "[x]('onmouseover=alert(1)//)",
    '[x](/a"onmouseover="alert(1))',
    "[x]\n\n[x]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    "![x](https://vi-du.example/a.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](hinh/../../a.svg)",
    '![x" onerror="alert(1)](hinh/a.svg)',
    '![x](hinh/a.svg "\' onerror=alert(1)")',
    "<javascript:alert(1)>",
    "<https://vi-du.example>",
    "<a@vi-du.example>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!DOCTYPE html><html><head><title>x</title></head></html>",
    "<?php echo 1 ?>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<b/onclick=alert(1)>x",
    "<\x00script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
    "`</code><script>alert(1)</script>`",
    "> <img src=x onerror=alert(1)>",
    "- <script>alert(1)</script>",
    "## x <img src=x onerror=alert(1)> {#a}",
    '## x {#a" onclick="alert(1)}',
    "\x02klzzwxh:0000\x03<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def _assert_harmless(html: str) -> None:
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    for element in tree.iter():
        if element is tree:
            continue
        assert element.tag in TAGS, html
        for name, value in element.attrib.items():
            assert name in ATTRIBUTES, html
            if name == "href":
                assert is_allowed_address(value), html
            if name == "src":
                assert value.startswith(("hinh/", "/anh/hinh/")), html
                assert ".." not in value, html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_leaves_a_tag_attribute_or_scheme_outside_the_closed_list(payload: str) -> None:
    for html in (to_html(payload), to_html(payload, "/anh"), inline_html(payload), sanitise(payload)):
        _assert_harmless(html)


def test_the_corpus_is_large_enough_and_has_no_double() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


@given(st.text(alphabet="<>/\"'=&;:#()[]{}!`*_-\\ \nabjavscriptonerhlm\x00\u00a0", max_size=120))
def test_any_text_of_dangerous_letters_comes_out_harmless(text: str) -> None:
    _assert_harmless(to_html(text))
    _assert_harmless(sanitise(text))


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    html = to_html(text)
    assert sanitise(html) == html


def test_what_authors_may_write_comes_out() -> None:
    source = (
        "**Dừng.** *Tắt máy.*\n\n- một\n- hai\n\n1. ba\n2. bốn\n\n> trích\n\n## Tên {#ten}\n\n[x](/bi-lua)"
    )
    html = to_html(source)
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    found = [element.tag for element in tree.iter()][1:]
    assert found == [
        "p",
        "strong",
        "em",
        "ul",
        "li",
        "li",
        "ol",
        "li",
        "li",
        "blockquote",
        "p",
        "h2",
        "p",
        "a",
    ]
    assert '<h2 id="ten">Tên</h2>' in html
    assert '<a href="/bi-lua" rel="noopener">x</a>' in html


def test_raw_html_is_shown_as_text() -> None:
    assert to_html("Gõ <b>đậm</b>") == "<p>Gõ &lt;b&gt;đậm&lt;/b&gt;</p>"
    assert to_html("<div>khối</div>") == "<p>&lt;div&gt;khối&lt;/div&gt;</p>"


def test_a_picture_gets_its_address_its_size_and_waits_to_be_seen() -> None:
    html = to_html("![Hình “x”](hinh/a-b.svg)", "/bai/anh/", {"hinh/a-b.svg": (320, 200)})
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    assert tree.find(".//img").attrib == {
        "src": "/bai/anh/hinh/a-b.svg",
        "alt": "Hình “x”",
        "width": "320",
        "height": "200",
        "loading": "lazy",
    }


def test_an_address_in_code_stays_on_one_line_and_copies_as_it_is_written() -> None:
    assert inline_html("`vneid-cap-nhat.example`") == '<code class="nobreak">vneid-cap-nhat.example</code>'


def test_a_text_of_one_line_is_never_a_block() -> None:
    for text in ("- một", "1. một", "# một", "> một", "```\nmột\n```", "    một", "một\n\nhai"):
        assert "<" not in inline_html(text).replace("<code", "").replace("</code", "")
    assert inline_html("Bấm **Lưu** & chờ") == "Bấm <strong>Lưu</strong> &amp; chờ"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/bi-lua",
        "/bi-lua#lam-ngay",
        "/khoa-hoc/a/b/c",
        "#a",
        *(f"https://{h}/" for h in sorted(ALLOWED_HOSTS)),
    ],
)
def test_own_pages_and_allowed_hosts_may_be_linked(address: str) -> None:
    assert is_allowed_address(address)


def test_a_text_over_256_kb_or_50_levels_is_refused_in_words() -> None:
    with pytest.raises(MarkupTooComplex, match="256 KB"):
        to_html("ă" * (MAX_BYTES // 2 + 1))
    with pytest.raises(MarkupTooComplex, match="50 tầng"):
        to_html("\n".join("    " * level + "- x" for level in range(300)))
    with pytest.raises(MarkupTooComplex, match="50 tầng"):
        to_html(">" * 300 + " x")
    with pytest.raises(MarkupTooComplex, match="50 tầng"):
        sanitise("<div>" * 20_000)
    with pytest.raises(MarkupTooComplex, match="tầng"):
        to_html("- " * 3_000 + "x")


def test_a_deep_text_does_not_spoil_the_next_one() -> None:
    with pytest.raises(MarkupTooComplex):
        to_html("- " * 3_000 + "x")
    assert to_html("Bấm **Lưu**.") == "<p>Bấm <strong>Lưu</strong>.</p>"


def test_the_version_names_the_rules_and_every_library() -> None:
    assert [part.rpartition("-")[0] for part in VERSION.split(";")] == ["rules", "Markdown", "bleach", "nh3"]
