import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.serve_test.harness import PATIENCE, Running, wait_for

pytestmark = pytest.mark.server

CLOSE = b"Host: hoc.vn\r\nConnection: close\r\n"


def environ_of(answer: tuple[int, dict[str, str], bytes]) -> dict[str, str]:
    assert answer[0] == 200
    return json.loads(answer[2])


def test_the_application_sees_the_request_as_pep_3333_says(server: Running) -> None:
    sent = "tên=Hoa".encode()
    headers = {"Content-Type": "text/plain", "Host": "hoc.truong.vn:81", "X-Ghi-Chu": "a"}
    environ = environ_of(server.request("POST", "/b%C3%A0i%2F1?q=%C3%A9&trang=2", sent, headers))
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/bài/1"
    assert environ["QUERY_STRING"] == "q=%C3%A9&trang=2"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["CONTENT_LENGTH"] == str(len(sent))
    assert environ["body"].encode("latin-1") == sent
    assert environ["HTTP_HOST"] == "hoc.truong.vn:81"
    assert environ["HTTP_X_GHI_CHU"] == "a"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["SERVER_PORT"] == str(server.port)
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert "HTTP_CONTENT_LENGTH" not in environ
    assert "HTTP_CONTENT_TYPE" not in environ


def test_headers_that_come_twice_are_joined_and_cookies_as_cookies(server: Running) -> None:
    lines = b"X-A: 1\r\nX-A: 2\r\nCookie: a=1\r\nCookie: b=2\r\n"
    answer = server.raw(b"GET / HTTP/1.1\r\n" + CLOSE + lines + b"\r\n")
    environ = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert environ["HTTP_X_A"] == "1, 2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_a_forwarded_address_is_not_believed_without_a_trusted_proxy(server: Running) -> None:
    headers = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X_Forwarded_For": "8.8.8.8"}
    environ = environ_of(server.request("GET", "/", headers=headers))
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert not [key for key in environ if "FORWARDED" in key]


def test_only_the_hops_of_trusted_proxies_are_believed(serving: Callable[..., Running]) -> None:
    running = serving({"LMS_TRUSTED_PROXIES": "2"})

    def seen(addresses: str, scheme: str = "https, http") -> tuple[str, str]:
        headers = {"X-Forwarded-For": addresses, "X-Forwarded-Proto": scheme, "X_Forwarded_For": "8.8.8.8"}
        environ = environ_of(running.request("GET", "/", headers=headers))
        return environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]

    assert seen("6.6.6.6, 113.160.1.2, 10.0.0.1") == ("113.160.1.2", "https")
    assert seen("2001:db8::7, 10.0.0.1") == ("2001:db8::7", "https")
    assert seen("10.0.0.1", "javascript, http") == ("127.0.0.1", "http")
    assert seen("khong-phai-dia-chi, 10.0.0.1") == ("127.0.0.1", "https")


def test_head_has_the_headers_and_no_body(server: Running) -> None:
    answer = server.raw(b"HEAD /wrong-length HTTP/1.1\r\n" + CLOSE + b"\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"content-length: 5000" in head
    assert body == b""


def test_a_stream_is_sent_whole_and_closed(server: Running) -> None:
    status, headers, body = server.request("GET", "/stream")
    assert (status, body, headers["content-length"]) == (206, b"zero one two", "12")
    cookies = server.raw(b"GET /stream HTTP/1.1\r\n" + CLOSE + b"\r\n").count(b"set-cookie: ")
    assert cookies == 2
    assert (server.data / "closed").exists()


def test_a_length_the_application_got_wrong_does_not_bend_the_connection(server: Running) -> None:
    _, headers, body = server.request("GET", "/wrong-length")
    assert (headers["content-length"], body) == ("5", b"short")


def test_a_fault_of_the_application_is_answered_in_words_and_the_next_page_comes(server: Running) -> None:
    for path in ("/fail", "/fail"):
        status, _, body = server.request("GET", path)
        assert status == 500
        assert "tải lại trang" in body.decode()
        assert "ValueError" not in body.decode()
    assert "ValueError: a fault of the application" in server.said()
    assert server.request("GET", "/")[0] == 200


def test_an_application_that_tries_to_exit_does_not_stop_its_lane(server: Running) -> None:
    assert server.request("GET", "/leave")[0] == 500
    assert server.request("GET", "/")[0] == 200


def test_a_body_over_the_cap_is_refused_in_words(server: Running) -> None:
    for size in (1024 * 1024 + 1, 3 * 1024 * 1024):
        status, headers, body = server.request("POST", "/", b"x" * size)
        assert (status, headers["connection"]) == (413, "close")
        assert "1 MB" in body.decode()
    assert environ_of(server.request("POST", "/", b"x" * 1024 * 1024))["CONTENT_LENGTH"] == str(1024 * 1024)


def test_a_workbook_may_be_larger_than_other_forms_up_to_a_cap_of_its_own(server: Running) -> None:
    path = "/gv/lop/0123456789ab/nap"
    taken = environ_of(server.request("POST", path, b"x" * 5 * 1024 * 1024))
    assert taken["CONTENT_LENGTH"] == str(5 * 1024 * 1024)
    status, _, body = server.request("POST", path, b"x" * (6 * 1024 * 1024 + 1))
    assert (status, "6 MB" in body.decode()) == (413, True)
    assert server.request("POST", f"{path}/0123456789ab", b"x" * 2 * 1024 * 1024)[0] == 413


def test_large_bodies_fill_so_much_memory_until_they_are_answered_and_no_more(
    serving: Callable[..., Running],
) -> None:
    server = serving(body_seconds=PATIENCE)
    claim = b"POST /nap HTTP/1.1\r\n" + CLOSE + b"Content-Length: %d\r\n\r\nx" % (6 * 1024 * 1024)
    with ExitStack() as waiting:
        for _ in range(10):
            slow = waiting.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            slow.sendall(claim)
        time.sleep(0.5)
        assert server.raw(claim).startswith(b"HTTP/1.1 503")
        assert server.request("POST", "/", b"x" * 1000)[0] == 200
    wait_for(lambda: _is_taken(server, b"x" * 6 * 1024 * 1024))


def _is_taken(server: Running, body: bytes) -> bool:
    """Tell whether a large body is taken; a server that refuses may close before it was all sent."""
    try:
        return server.request("POST", "/nap", body)[0] == 200
    except ConnectionError:
        return False


def test_a_claim_of_gigabytes_is_refused_without_waiting_for_them(server: Running) -> None:
    began = time.monotonic()
    answer = server.raw(b"POST / HTTP/1.1\r\n" + CLOSE + b"Content-Length: 9000000000\r\n\r\nx")
    assert answer.startswith(b"HTTP/1.1 413")
    assert time.monotonic() - began < 1


def test_a_body_that_does_not_come_in_time_is_refused_in_words(server: Running) -> None:
    for claimed in (b"10", b"2000000"):
        began = time.monotonic()
        answer = server.raw(b"POST / HTTP/1.1\r\n" + CLOSE + b"Content-Length: " + claimed + b"\r\n\r\nabc")
        assert 0.9 < time.monotonic() - began < PATIENCE / 2
        assert answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 413"))
        assert "gửi lại" in answer.decode()


def test_headers_that_do_not_come_in_time_close_the_connection(server: Running) -> None:
    began = time.monotonic()
    assert server.raw(b"GET / HTTP/1.1\r\nHost: hoc.vn\r\nX-A") == b""
    assert 1.5 < time.monotonic() - began < PATIENCE / 2


def test_requests_that_could_be_read_in_two_ways_are_refused(server: Running) -> None:
    chunk = b"3\r\nabc\r\n0\r\n\r\n"
    twisted = {
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk: b"411",
        b"Transfer-Encoding: chunked\r\n\r\n" + chunk: b"411",
        b"Transfer-Encoding: gzip\r\n\r\nabc": b"400",
        b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": b"400",
        b"Content-Length: -1\r\n\r\nabcd": b"400",
        b"Host: khac.vn\r\n\r\n": b"400",
    }
    for rest, status in twisted.items():
        answer = server.raw(b"POST / HTTP/1.1\r\n" + CLOSE + rest)
        assert answer.startswith(b"HTTP/1.1 " + status), rest
        assert answer.count(b"HTTP/1.1 ") == 1


def test_an_address_that_is_no_path_of_this_site_is_refused(server: Running) -> None:
    for line in (b"GET http://khac.vn/ HTTP/1.1", b"OPTIONS * HTTP/1.1", b"CONNECT khac.vn:443 HTTP/1.1"):
        assert server.raw(line + b"\r\n" + CLOSE + b"\r\n").startswith(b"HTTP/1.1 400"), line


def test_a_body_cut_short_never_reaches_the_application(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + CLOSE + b"Content-Length: 10\r\n\r\nabc")
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
    assert not answer.startswith(b"HTTP/1.1 200")
    assert server.request("GET", "/")[0] == 200


def test_many_requests_on_one_connection_are_answered_in_order(server: Running) -> None:
    wanted = 30
    lines = [b"GET /%d HTTP/1.1\r\nHost: hoc.vn\r\n\r\n" % number for number in range(wanted)]
    answer = server.raw(b"".join(lines) + b"GET /last HTTP/1.1\r\n" + CLOSE + b"\r\n")
    places = [answer.find(b'"PATH_INFO": "/%d"' % number) for number in range(wanted)]
    assert -1 not in places
    assert places == sorted(places)
    wait_for(lambda: server.request("GET", "/")[0] == 200)
