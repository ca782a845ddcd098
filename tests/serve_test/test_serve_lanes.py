import asyncio
import socket
import statistics
import threading
import time
from collections.abc import Callable

import pytest

from lms.serve.lanes import is_slow
from tests.serve_test.harness import PATIENCE, Running, wait_for

pytestmark = pytest.mark.server

SLOW_CLIENTS = 200
NORMAL_PAGES = 20


def test_passwords_files_and_whole_classes_take_the_slow_lane_and_nothing_else_does() -> None:
    assert is_slow("POST", "/dang-nhap")
    assert is_slow("POST", "/loi-moi/abc")
    assert is_slow("POST", "/tai-khoan/mat-khau")
    assert is_slow("POST", "/gv/lop/0123456789ab/nap")
    assert is_slow("POST", "/truong/0123456789ab/giay-chung-nhan/0123456789ab/duyet")
    assert is_slow("GET", "/qt/cau-hoi/bdh-duong-dan/cham-lai")
    assert is_slow("POST", "/qt/cau-hoi/bdh-duong-dan/cham-lai")
    assert is_slow("POST", "/gv/lop/0123456789ab/de-giay/0123456789ab/ghi-nhan")
    assert is_slow("POST", "/gv/lop/0123456789ab/kiem-tra/0123456789ab/dong")
    for name in ("giay-chung-nhan/1.pdf", "so-lieu.xlsx", "thieu.csv"):
        assert is_slow("GET", f"/truong/0123456789ab/{name}")
    assert not is_slow("GET", "/dang-nhap")
    assert not is_slow("GET", "/loi-moi/abc")
    assert not is_slow("GET", "/gv/lop/0123456789ab/nap")
    assert not is_slow("POST", "/tai-khoan/hoc")
    assert not is_slow("POST", "/kiem-tra/abc/1")


def test_a_busy_slow_lane_does_not_hold_the_pages(serving: Callable[..., Running]) -> None:
    running = serving()
    slow = threading.Thread(target=running.request, args=("GET", "/sleep.pdf?seconds=3"))
    slow.start()
    wait_for((running.data / "asleep").exists)
    began = time.monotonic()
    assert running.request("GET", "/")[0] == 200
    assert time.monotonic() - began < 1
    assert slow.is_alive()
    slow.join()


def test_a_full_lane_answers_at_once_that_it_is_busy(serving: Callable[..., Running]) -> None:
    running = serving(fast_queue=2, slow_queue=1)
    answers: list[tuple[float, tuple[int, dict[str, str], bytes]]] = []

    def ask(path: str) -> None:
        began = time.monotonic()
        answer = running.request("GET", path)
        answers.append((time.monotonic() - began, answer))

    asking = [threading.Thread(target=ask, args=("/sleep?seconds=2",))]
    asking += [threading.Thread(target=ask, args=("/pid",)) for _ in range(6)]
    asking[0].start()
    wait_for((running.data / "asleep").exists)
    for thread in asking[1:]:
        thread.start()
    assert running.request("GET", "/sleep.pdf?seconds=0")[0] == 200
    for thread in asking:
        thread.join()
    refused = [(seconds, answer) for seconds, answer in answers if answer[0] == 503]
    assert len(refused) == 4
    assert max(seconds for seconds, _ in refused) < 1.5
    assert {headers["retry-after"] for _, (_, headers, _) in refused} == {"5"}
    assert all("tải lại trang" in body.decode() for _, (_, _, body) in refused)
    assert [status for _, (status, _, _) in answers].count(200) == 3
    assert running.request("GET", "/")[0] == 200


def test_six_hundred_slow_clients_leave_the_pages_quick(serving: Callable[..., Running]) -> None:
    running = serving(workers=2)
    seconds, held = asyncio.run(pages_beside_slow_clients(running.port))
    assert held == 3 * SLOW_CLIENTS
    assert len(seconds) == NORMAL_PAGES
    assert statistics.median(seconds) < 1
    assert max(seconds) < 1


async def pages_beside_slow_clients(port: int) -> tuple[list[float], int]:
    head = b"GET / HTTP/1.1\r\nHost: hoc.vn\r\nX-Slow: "
    body = b"POST / HTTP/1.1\r\nHost: hoc.vn\r\nContent-Length: 1000\r\n\r\n"
    read = b"GET /large HTTP/1.1\r\nHost: hoc.vn\r\n\r\n"
    clients = [await slow_client(port, first) for first in (head, body, read) for _ in range(SLOW_CLIENTS)]
    async with asyncio.timeout(PATIENCE):
        for reader, _ in clients[2 * SLOW_CLIENTS :]:
            await reader.readexactly(1)
    dripping = asyncio.create_task(drip(clients[: 2 * SLOW_CLIENTS]))
    seconds = [await normal_page(port) for _ in range(NORMAL_PAGES)]
    dripping.cancel()
    held = sum(not reader.at_eof() and not writer.is_closing() for reader, writer in clients)
    for _, writer in clients:
        writer.transport.abort()
    return seconds, held


async def slow_client(port: int, first: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    # A reader that takes 16 bytes ahead and is never read from: the server's answer has to wait.
    reader, writer = await asyncio.open_connection(sock=connection, limit=16)
    writer.write(first)
    return reader, writer


async def drip(clients: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    while True:
        for _, writer in clients:
            writer.write(b"a")
        await asyncio.sleep(0.5)


async def normal_page(port: int) -> float:
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: hoc.vn\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    await asyncio.sleep(0.1)
    return time.monotonic() - began - 0.1
