"""Requests that no page of this site leads to: answered in words, never with a fault of the server."""

import io
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from tests.browser_double import Reader
from tests.web_test.story import LESSON, address_of_check, faults, fields, keep_name

ELSEWHERE = [
    "//lua-dao.example",
    "/\\lua-dao.example",
    "\\\\lua-dao.example",
    "/////lua-dao.example",
    "\\/lua-dao.example",
    "https://lua-dao.example",
    "https:lua-dao.example",
    "HTTPS:/lua-dao.example",
    "http:///lua-dao.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "%2f%2flua-dao.example",
    "/\t/lua-dao.example",
    "/\n/lua-dao.example",
    "\t//lua-dao.example",
    " //lua-dao.example",
    "/ /lua-dao.example",
    "//hoc.example.vn@lua-dao.example",
    "//lua-dao.example%2f..",
    "/\r\nSet-Cookie: a=b",
    "lua-dao.example",
    "@lua-dao.example",
    "//[::1",
    "/\x00/lua-dao.example",
    "／／lua-dao.example",
    "",
]


def _as_a_browser(location: str) -> str:
    """Return the host where a browser would go: it takes out tabs and breaks and turns backslashes."""
    cleaned = "".join(c for c in location.strip() if c not in "\t\r\n").replace("\\", "/")
    return urlsplit(urljoin("http://localhost/tuy-chon", cleaned)).netloc


@pytest.mark.parametrize("there", ELSEWHERE)
def test_looks_lead_back_to_this_site_only(client: Reader, there: str) -> None:
    response = client.client.post(
        "/tuy-chon", data={"co": "to", "ve": there}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert response.status_code in {303, 400}
    if response.status_code == 303:
        assert _as_a_browser(response.headers["Location"]) == "localhost"
        assert response.headers.getlist("Set-Cookie")[0].startswith("co=to;")
    page = client.client.get("/tuy-chon", query_string={"ve": there})
    assert page.status_code in {200, 400}
    if page.status_code == 200:
        client.get(
            f"/tuy-chon?ve={there if there.isprintable() and '%' not in there and '#' not in there else '/'}"
        )
        assert {_as_a_browser(link) for link in client.links() if "lua-dao" in link} <= {"localhost"}


@pytest.mark.parametrize("here", ["/", LESSON, "/tim?q=mat%20khau", "/khoa-hoc/lam-quen"])
def test_looks_lead_back_to_where_the_visitor_was(client: Reader, here: str) -> None:
    assert client.post("/tuy-chon", {"co": "to", "ve": here}).headers["Location"] == here


def test_looks_are_kept_and_shown_on_every_page(client: Reader) -> None:
    client.post("/tuy-chon", {"co": "to", "tp": "cao", "ve": "/"})
    for address in ("/", LESSON, "/phieu", "/khong-co"):
        page = client.client.get(address).text
        assert 'data-co="to"' in page
        assert 'data-tp="cao"' in page
    client.post("/tuy-chon", {"co": "khổng lồ", "tp": "<b>", "ve": "/"})
    assert 'data-co="to"' in client.get("/").text


@pytest.mark.parametrize("value", ["khổng-lồ", "<script>", "to" * 500, ""])
def test_an_odd_looks_cookie_counts_as_the_usual(client: Reader, value: str) -> None:
    client.client.set_cookie("co", value)
    assert 'data-co="vua"' in client.get("/").text


@pytest.mark.parametrize(
    "typed", ["man hinh", "MAN HINH", "màn hình", "  mặt   trời ", "mat troi", "chữ to", "banh rang"]
)
def test_a_search_finds_lessons_without_diacritics_in_any_case(client: Reader, typed: str) -> None:
    client.get(f"/tim?q={typed}")
    assert "Thấy" in client.words
    assert [link for link in client.links() if link.startswith("/khoa-hoc/lam-quen/")]


@pytest.mark.parametrize(
    "typed", ["khongcotu", "xe máy bay", "<script>alert(1)</script>", "%", "_", "' OR 1=1 --", "a" * 5000]
)
def test_a_search_that_finds_nothing_says_so_and_shows_the_words_as_words(client: Reader, typed: str) -> None:
    response = client.client.get("/tim", query_string={"q": typed})
    assert response.status_code == 200
    assert "Không thấy bài nào" in response.text
    assert "<script>alert" not in response.text
    assert len(response.data) < 20_000


def test_an_empty_search_asks_for_words(client: Reader) -> None:
    client.get("/tim?q=%20")
    assert "Thấy" not in client.words
    assert fields(client)["q"].strip() == ""


NUL_AND_WORSE = [
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "%c0%af",
    "%1f",
    "%F0%9F%98%80",
    "a" * 3000,
    "..%2f..%2fetc%2fpasswd",
]
PLACES = [
    "/{}",
    "/khoa-hoc/{}",
    "/khoa-hoc/lam-quen/{}",
    "/khoa-hoc/lam-quen/chu-to/{}",
    "/khoa-hoc/lam-quen/chu-to/cau-1/{}",
    "/kiem-tra/{}",
    "/kiem-tra/{}/cau-1",
    "/kiem-tra/{}/ket-qua",
    "/tra-cuu/{}",
    "/tra-cuu?ma={}",
    "/tim?q={}",
    "/phieu/{}.pdf",
    "/nguoi-hoc/{}/bai-vua-hoc",
    "/tep/{}/hinh/a.png",
    "/tep/0000/{}",
    "/static/{}",
    "/tuy-chon?ve=/{}",
    "/khoa-hoc/lam-quen/chu-to/cau-1/chon?chon={}",
    "/?{}={}",
]


@pytest.mark.parametrize("place", PLACES)
def test_no_address_however_broken_makes_the_server_fail(client: Reader, place: str) -> None:
    keep_name(client, "Nguyễn Thị Lan")
    for odd in NUL_AND_WORSE:
        address = place.replace("{}", odd)
        for path in (address, address.upper() if "?" not in address else address):
            response = client.client.get(path)
            assert response.status_code < 500, (path, response.status_code)


FORMS = {
    "/nguoi-hoc/them": "ho_ten",
    "/mo-nha": "ma",
    "/dang-nhap": "ten_dang_nhap",
    "/tra-cuu/1234567812345678": "ho_ten",
    "/nguoi-hoc/chon": "nguoi",
    "/tuy-chon": "ve",
    "/khoa-hoc/lam-quen/chu-to/xong": "khoa",
    "/khoa-hoc/lam-quen/chu-de/man-hinh/kiem-tra": "khoa",
    "/thoat": "x",
}


@pytest.mark.parametrize(("address", "name"), FORMS.items())
def test_no_form_however_filled_makes_the_server_fail(client: Reader, address: str, name: str) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    bodies: list[dict[str, object]] = [
        {"data": {name: odd, "mat_khau": "x"}}
        for odd in (
            "\x00",
            "a\x00b",
            "\ud7ff\uffff",
            "‮abc",
            "a" * 60_000,
            "{{7777*7}}",
            "%s%n",
            "'\"><svg onload=1>",
        )
    ]
    bodies += [
        {
            "data": f"{name}=%ff%fe&{name}=2&mat_khau=%00".encode(),
            "content_type": "application/x-www-form-urlencoded",
        },
        {"data": b'{"a": 1}', "content_type": "application/json"},
        {"data": b"\xff\xfe\x00", "content_type": "application/octet-stream"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
        {"data": {name: (io.BytesIO(b"MZ"), "a.exe")}, "content_type": "multipart/form-data"},
        {"data": b"a=1", "content_type": "application/x-www-form-urlencoded; charset=utf-99"},
    ]
    for body in bodies:
        reader = Reader(client.client.application)
        keep_name(reader, "Nguyễn Thị Lan")
        response = reader.client.post(address, headers=own, **body)
        assert response.status_code < 500, (address, body, response.status_code)
        assert "<svg onload" not in response.text
        assert "54439" not in response.text


def test_a_nul_is_refused_wherever_it_stands(client: Reader) -> None:
    assert client.client.get("/tim?q=%00").status_code == 400
    assert client.client.get("/kiem-tra/%00").status_code == 400
    client.post("/nguoi-hoc/them", {"ho_ten": "Trần\x00 Lan"}, 400)
    assert "Quay lại trang trước" in client.words


def test_a_form_larger_than_any_of_ours_is_refused_in_words(client: Reader) -> None:
    client.post("/nguoi-hoc/them", {"ho_ten": "a" * 70_000}, 413)
    assert "quá lớn" in client.words
    many = {f"f{n}": "1" for n in range(2000)}
    response = client.client.post(
        "/nguoi-hoc/them",
        data=many,
        headers={"Sec-Fetch-Site": "same-origin"},
        content_type="multipart/form-data",
    )
    assert response.status_code == 413


@pytest.mark.parametrize(
    "host", ["lua-dao.example", "localhost:1", "hoc.example.vn.lua-dao.example", "[::1]"]
)
def test_a_wrong_host_stands_in_no_page_and_no_redirect(app: Flask, host: str) -> None:
    reader = Reader(app)
    reader.post("/khoa-hoc/lam-quen/chu-to/xong")
    for address in ("/", LESSON, "/hoc-ngay", "/phieu", "/khong-co", "/khoa-hoc/dien-thoai"):
        response = reader.client.get(address, headers={"Host": host, "X-Forwarded-Host": host})
        assert host not in response.text
        assert urlsplit(response.headers.get("Location", "")).netloc == ""


@pytest.mark.parametrize(
    ("address", "data", "field"),
    [
        ("/nguoi-hoc/them", {"ho_ten": "Lan"}, "ho_ten"),
        ("/mo-nha", {"ma": "12 34"}, "ma"),
        ("/dang-nhap", {"ten_dang_nhap": "co.lan", "mat_khau": ""}, "ten_dang_nhap"),
        ("/dang-nhap", {"ten_dang_nhap": "co.lan", "mat_khau": "chưa chắc là đúng"}, "ten_dang_nhap"),
    ],
)
def test_a_form_that_is_refused_names_the_field_and_loses_nothing_typed(
    client: Reader, address: str, data: dict[str, str], field: str
) -> None:
    response = client.post(address, data, 422)
    assert set(faults(client)) == {field}
    assert fields(client)[field] == data[field]
    assert response.text.split("<title>")[1].startswith("Lỗi: ")
    assert data.get("mat_khau", "") not in response.text or not data.get("mat_khau")


@pytest.mark.parametrize(
    "address",
    [
        "/tra-cuu?ma=12%2034",
        "/khoa-hoc/lam-quen/chu-to/cau-1/chon",
        "/khoa-hoc/lam-quen/chu-to/cau-1/chon?chon=z",
    ],
)
def test_a_question_asked_by_address_is_refused_the_same_way(client: Reader, address: str) -> None:
    client.get(address, 422)
    assert len(faults(client)) == 1
    if "ma=" in address:
        assert fields(client)["ma"] == "12 34"


def test_an_answer_may_be_sent_by_a_browser_that_tells_nothing_and_has_no_cookie(app: Flask) -> None:
    old = app.test_client()
    assert old.post("/khoa-hoc/lam-quen/chu-to/xong").status_code == 303
    strange = app.test_client()
    assert strange.post(address_of_check(Reader(app)), data={"chon": "a"}).status_code == 404
