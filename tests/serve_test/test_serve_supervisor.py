import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.serve_test.harness import ROOT, Running, environ, free_port, launch, lives, settings, wait_for

pytestmark = pytest.mark.server

JOBS = "tests.serve_test.echo:tick"


def jobs_pid(running: Running, other_than: int = 0) -> int:
    def fresh() -> int:
        written = running.data / "jobs.pid"
        text = written.read_text() if written.exists() else ""
        return int(text) if text and int(text) != other_than else 0

    return wait_for(fresh)


def test_the_server_says_where_it_runs_and_ends_with_zero(serving: Callable[..., Running]) -> None:
    running = serving()
    assert f"Trang học chạy ở http://127.0.0.1:{running.port} (dừng: Ctrl+C)" in running.said()
    assert running.stop() == 0


def test_a_killed_worker_comes_back(serving: Callable[..., Running]) -> None:
    running = serving()
    first = running.worker()
    os.kill(first, signal.SIGKILL)
    second = wait_for(running.worker)
    assert second != first
    assert lives(second)
    assert "Tự bật lại" in running.said()


def test_a_killed_jobs_process_comes_back(serving: Callable[..., Running]) -> None:
    running = serving(jobs=JOBS)
    first = jobs_pid(running)
    os.kill(first, signal.SIGKILL)
    second = jobs_pid(running, other_than=first)
    assert lives(second)
    assert not lives(first)
    assert running.worker()


def test_nothing_outlives_a_killed_supervisor(serving: Callable[..., Running]) -> None:
    running = serving(workers=2, jobs=JOBS)
    children = {jobs_pid(running)}
    wait_for(lambda: children.add(running.worker()) or len(children) == 3)
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    wait_for(lambda: not any(lives(pid) for pid in children), 3)


def test_a_child_ends_when_its_parents_end_of_the_pipe_closes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lms.serve.leash", JOBS]
    child = subprocess.Popen(command, cwd=ROOT, env=environ(tmp_path), stdin=subprocess.PIPE)
    wait_for((tmp_path / "jobs.pid").exists)
    assert child.poll() is None
    child.communicate()
    assert child.wait(3) == -signal.SIGTERM


def test_a_request_under_way_is_answered_before_the_server_stops(serving: Callable[..., Running]) -> None:
    running = serving()
    answers: list[tuple[int, dict[str, str], bytes]] = []
    asking = threading.Thread(
        target=lambda: answers.append(running.request("GET", "/sleep?seconds=1.5")), daemon=True
    )
    asking.start()
    wait_for((running.data / "asleep").exists)
    assert running.stop() == 0
    asking.join(5)
    assert [(status, body) for status, _, body in answers] == [(200, b"awake")]


def test_connections_that_never_end_do_not_hold_up_the_stop(serving: Callable[..., Running]) -> None:
    running = serving(workers=2, jobs=JOBS)
    sent = [
        b"",
        b"GET / HTTP/1.1\r\nHost: hoc.vn\r\n",
        b"GET / HTTP/1.1\r\nHost: hoc.vn\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: hoc.vn\r\nContent-Length: 9\r\n\r\n",
        b"GET /large HTTP/1.1\r\nHost: hoc.vn\r\n\r\n",
    ]
    connections = [socket.create_connection(("127.0.0.1", running.port)) for _ in sent]
    for connection, text in zip(connections, sent, strict=True):
        connection.sendall(text)
    time.sleep(0.2)
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 10
    for connection in connections:
        connection.close()


def test_ctrl_c_in_a_terminal_stops_every_process(tmp_path: Path) -> None:
    wanted = settings(jobs=JOBS)
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serve_test.launch", wanted.to_json()],
            cwd=ROOT,
            env=environ(tmp_path),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    running = Running(process, wanted.port, tmp_path)
    worker = wait_for(running.worker)
    jobs = jobs_pid(running)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(10) == 0
    assert not lives(worker)
    assert not lives(jobs)
    assert "Traceback" not in running.said()


def test_a_second_server_on_the_same_data_is_refused_in_words(serving: Callable[..., Running]) -> None:
    running = serving()
    command = [sys.executable, "-m", "tests.serve_test.launch", settings().to_json()]
    second = subprocess.run(command, cwd=ROOT, env=environ(running.data), capture_output=True, check=False)
    assert second.returncode == 2
    assert f"máy chủ khác chạy (tiến trình {running.process.pid})" in second.stderr.decode()
    assert running.worker()
    assert running.stop() == 0
    again = launch(running.data, settings())
    wait_for(again.worker)
    assert again.stop() == 0


def test_an_application_that_cannot_start_ends_the_server_in_words(tmp_path: Path) -> None:
    running = launch(tmp_path, settings(app_factory="tests.serve_test.echo:broken_app", jobs=JOBS))
    assert running.process.wait(20) == 2
    assert "không mở được cơ sở dữ liệu" in running.said()
    assert running.said().count("không khởi động được") == 1
    assert "Traceback" not in running.said()
    assert not (tmp_path / "jobs.pid").exists()


def test_a_taken_port_is_refused_in_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        running = launch(tmp_path, settings(port=other.getsockname()[1]))
        assert running.process.wait(20) == 2
    assert "Thử cổng khác" in running.said()


def test_the_command_refuses_an_unknown_host_in_words(tmp_path: Path) -> None:
    arguments = ["--host", "khong-co.invalid", "--port", str(free_port()), "--no-jobs"]
    command = [sys.executable, "-m", "lms.cli", "serve", *arguments]
    refused = subprocess.run(command, cwd=ROOT, env=environ(tmp_path), capture_output=True, check=False)
    assert refused.returncode == 2
    assert "khong-co.invalid" in refused.stderr.decode()
    assert "Traceback" not in refused.stderr.decode()
