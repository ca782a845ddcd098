"""One server on one data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lms.serve.settings import StartError


@contextmanager
def only_server(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which names our process, while the block runs.

    Raises StartError when another server holds it. A server that was killed leaves no lock behind.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise StartError(
                f"Thư mục dữ liệu {path.parent} đang có một máy chủ khác chạy "
                f"(tiến trình {pid or 'không rõ'}). "
                "Dừng máy chủ đó trước, hoặc đặt LMS_DATA sang thư mục khác."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)
