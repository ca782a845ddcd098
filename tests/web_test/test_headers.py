"""What every reply says to the browser, whatever became of the request."""

import gzip

import brotli
import pytest
from werkzeug.test import TestResponse

from tests.web_test.conftest import World

pytestmark = pytest.mark.any_database

ALWAYS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Cache-Control",
}
REPLIES = {
    "a stored page": ("GET", "/", 200),
    "a live page": ("GET", "/phieu", 200),
    "a lesson": ("GET", "/khoa-hoc/lam-quen/chu-to/mo-cai-dat", 200),
    "a redirect": ("GET", "/hoc-ngay", 302),
    "an old address": ("GET", "/khoa-hoc/dien-thoai", 301),
    "nothing there": ("GET", "/khong-co", 404),
    "not one's own": ("GET", "/kiem-tra/{guest-attempt}", 404),
    "a closed door": ("GET", "/tai-khoan", 403),
    "a write from elsewhere": ("POST", "/thoat", 403),
    "an odd method": ("DELETE", "/", 405),
    "a bad form": ("GET", "/tra-cuu?ma=1", 422),
    "options": ("OPTIONS", "/", 200),
    "health": ("GET", "/healthz", 200),
    "a picture": ("GET", "/tep/{picture}", 200),
    "a phiếu": ("GET", "/phieu/{named-phieu}.pdf", 200),
    "a slash too many": ("GET", "/phieu/", 404),
}


def reply(world: World, name: str) -> TestResponse:
    """Fetch one of the replies as a named learner and insist on its status."""
    method, address, status = REPLIES[name]
    response = world.client("named").open(world.address(address), method=method)
    assert response.status_code == status, name
    return response


@pytest.mark.parametrize("name", REPLIES)
def test_every_reply_carries_the_policy_and_says_whether_it_may_be_kept(world: World, name: str) -> None:
    response = reply(world, name)
    assert ALWAYS - set(response.headers.keys()) == set()
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    for header in ALWAYS:
        assert len(response.headers.getlist(header)) == 1, header


@pytest.mark.parametrize("name", sorted(set(REPLIES) - {"a picture"}))
def test_the_policy_lets_nothing_inline_or_foreign_run(world: World, name: str) -> None:
    said = dict(
        part.strip().split(" ", 1)
        for part in reply(world, name).headers["Content-Security-Policy"].split(";")
    )
    assert said["default-src"] == "'none'"
    assert said["script-src"] == said["style-src"] == said["form-action"] == "'self'"
    assert said["frame-ancestors"] == said["base-uri"] == "'none'"
    assert said["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(said)
    assert "http" not in str(said)


def test_a_picture_of_an_author_can_run_nothing_even_when_opened_alone(world: World) -> None:
    headers = reply(world, "a picture").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("name", sorted(set(REPLIES) - {"a stored page", "a lesson", "a picture"}))
def test_what_was_made_for_one_visitor_is_kept_nowhere(world: World, name: str) -> None:
    response = reply(world, name)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in response.headers["Vary"]


@pytest.mark.parametrize("name", ["a stored page", "a lesson"])
def test_pages_equal_for_all_may_be_kept_by_the_browser_but_are_asked_for_again(
    world: World, name: str
) -> None:
    response = world.client("nobody").get(REPLIES[name][1])
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Accept-Encoding"} <= set(response.headers["Vary"].split(", "))
    method, address, _ = REPLIES[name]
    same = world.client("nobody").open(
        address, method=method, headers={"If-None-Match": response.headers["ETag"]}
    )
    assert same.status_code == 304
    assert ALWAYS - set(same.headers.keys()) == set()


def test_a_known_learner_s_home_is_kept_nowhere(world: World) -> None:
    response = world.client("named").get("/")
    assert "Quách Thị Ngọc Diệp" in response.text
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("encoding", ["br", "gzip", None])
def test_a_lesson_travels_in_the_smallest_form_a_browser_reads(world: World, encoding: str | None) -> None:
    said = {"Accept-Encoding": encoding} if encoding else {}
    response = world.client("nobody").get("/khoa-hoc/lam-quen/chu-to/mo-cai-dat", headers=said)
    assert response.headers.get("Content-Encoding") == encoding
    if encoding:
        assert len(response.data) < 6 * 1024


@pytest.mark.parametrize(
    "address", ["/tra-cuu/{named-phieu}", "/phieu", "/nguoi-hoc", "/kiem-tra/{named-attempt}/ket-qua"]
)
def test_search_engines_keep_out_of_what_concerns_persons(world: World, address: str) -> None:
    response = world.client("named").get(world.address(address))
    assert response.status_code == 200
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_a_file_is_kept_for_ever_and_taken_for_nothing_else(world: World) -> None:
    style = world.client("nobody").get(world.address("/static/{style}"))
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert style.headers["X-Content-Type-Options"] == "nosniff"
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    mark = world.client("nobody").get("/favicon.ico")
    assert mark.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_that_breaks_says_so_in_words_with_a_number_and_no_detail(world: World) -> None:
    broken = world.app.view_functions["pages.help_page"]

    def breaks() -> str:
        raise RuntimeError("secret detail")

    world.app.view_functions["pages.help_page"] = breaks
    try:
        response = world.client("named").get("/tro-giup")
    finally:
        world.app.view_functions["pages.help_page"] = broken
    assert response.status_code == 500
    assert ALWAYS - set(response.headers.keys()) == set()
    assert "Mã lỗi" in response.text
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize(("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("", None)])
def test_a_live_page_goes_out_in_the_smallest_form_that_can_be_read(
    world: World, accepted: str, encoding: str | None
) -> None:
    page = world.client("named").get("/nguoi-hoc", headers={"Accept-Encoding": accepted})
    assert page.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in page.headers["Vary"]
    plain = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](page.data)
    assert plain.startswith(b"<!doctype html>")
    assert int(page.headers["Content-Length"]) == len(page.data)


def test_a_page_with_a_token_is_never_compressed(world: World) -> None:
    page = world.client("lan").get("/tai-khoan", headers={"Accept-Encoding": "br, gzip"})
    assert b'name="token"' in page.data
    assert "Content-Encoding" not in page.headers
