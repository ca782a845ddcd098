"""Short answers the server gives by itself, before or instead of the application."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Protocol

PAGE = (
    "<!doctype html><html lang=vi><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width'>"
    "<title>{title}</title><h1>{title}</h1><p>{text}</p></html>"
)


class Transport(Protocol):
    """What we use of Granian's `HTTPProtocol`; answering a second time does nothing."""

    def __call__(self) -> Awaitable[bytes]:
        """Read the whole body; raises RuntimeError when it is cut short."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Read the body in pieces; an empty one ends it."""

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        """Answer without a body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer with a body."""


@dataclass(frozen=True)
class Refusal:
    """One such answer: a status, a title and a sentence with the cure."""

    status: int
    title: str
    text: str
    retry_after: int = 0
    closes: bool = False

    def send(self, proto: Transport, method: str) -> None:
        """Answer with this page; without its body to HEAD."""
        headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'"),
            ("server", "lms"),
        ]
        if self.retry_after:
            headers.append(("retry-after", str(self.retry_after)))
        if self.closes:
            headers.append(("connection", "close"))
        if method == "HEAD":
            proto.response_empty(self.status, headers)
        else:
            page = PAGE.format(title=self.title, text=self.text)
            proto.response_bytes(self.status, headers, page.encode())


class Refused(Exception):
    """The request ends here with `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep what is to be answered."""
        super().__init__(refusal.title)
        self.refusal = refusal


MALFORMED = Refusal(
    400,
    "Yêu cầu không đúng dạng",
    "Mở lại trang từ đường dẫn được gửi, hoặc gõ lại địa chỉ.",
    closes=True,
)
TOO_SLOW = Refusal(
    408,
    "Mạng quá chậm",
    "Nội dung chưa gửi lên hết. Kiểm tra mạng rồi bấm gửi lại.",
    closes=True,
)
NO_LENGTH = Refusal(
    411,
    "Chưa rõ độ dài nội dung",
    "Trình duyệt không báo độ dài nội dung gửi lên. Gửi lại bằng trình duyệt khác.",
    closes=True,
)
BROKEN = Refusal(
    500,
    "Trang gặp trục trặc",
    "Đợi một phút rồi tải lại trang. Nếu vẫn vậy, báo cho người phụ trách trang.",
)
BUSY = Refusal(
    503,
    "Đang có rất nhiều người học cùng lúc",
    "Đợi khoảng 5 giây rồi tải lại trang. Những gì đã nộp xong vẫn còn nguyên.",
    retry_after=5,
)


def too_large(cap: int) -> Refusal:
    """Return the answer to a body of more than `cap` bytes."""
    size = f"{cap / 1024 / 1024:.1f}".rstrip("0").rstrip(".").replace(".", ",")
    text = f"Mỗi lần gửi được nhiều nhất {size} MB. Chia nhỏ tệp hoặc chọn tệp nhỏ hơn rồi gửi lại."
    return Refusal(413, "Nội dung gửi lên quá lớn", text, closes=True)
