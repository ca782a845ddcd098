"""Pages for what goes wrong: a sentence, the cure, one way out; details only in the log."""

import secrets
from typing import Any

from flask import Flask, current_app, render_template
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

WORDS = {
    400: ("Trang này chưa hiểu được yêu cầu.", "Quay lại trang trước rồi thử lại."),
    403: ("Chưa mở được trang này.", "Trang này cần mở từ chính trang học, hoặc cần đăng nhập trước."),
    404: ("Không có trang này.", "Có thể địa chỉ bị gõ thiếu."),
    405: ("Không mở trang này theo cách đó được.", "Quay lại trang trước rồi bấm nút trên trang."),
    413: (
        "Nội dung gửi lên quá lớn.",
        "Gửi tệp nhỏ hơn: bỏ bớt trang tính và hình không cần, hoặc chia thành nhiều tệp.",
    ),
    414: ("Địa chỉ quá dài.", "Gõ lại địa chỉ ngắn hơn."),
    429: ("Bấm nhanh quá.", "Chờ một phút rồi thử lại."),
    500: (
        "Máy chủ gặp lỗi.",
        "Lỗi này không phải của người dùng. Bài đã làm vẫn còn. Thử lại sau một phút.",
    ),
    503: ("Máy chủ đang bận.", "Chờ một phút rồi bấm lại. Bài đã làm vẫn còn."),
}
# Locked, full, read-only, restarting: it passes, and nothing was kept.
DATABASE_IS_AWAY = (OperationalError, PoolTimeout)
DOORS = {
    "household": (
        "Máy này chưa mở nhà nào.",
        "Gõ mã của nhà, hoặc thêm tên người học.",
        "/nguoi-hoc",
        "Ai đang học?",
    ),
    "named": (
        "Kết quả trên máy này chưa có tên.",
        "Ghi tên thì mới nhận được phiếu.",
        "/giu-ket-qua",
        "Giữ kết quả",
    ),
    "staff": (
        "Tài khoản này chưa được giao việc gì.",
        "Nhờ người quản trị hoặc nhà trường giao vai trò.",
        "/tai-khoan",
        "Về trang tài khoản",
    ),
    "author": (
        "Trang này dành cho người soạn bài.",
        "Nhờ người quản trị giao vai trò soạn bài.",
        "/gv",
        "Về bàn làm việc",
    ),
    "admin": (
        "Trang này dành cho người quản trị.",
        "Nhờ người quản trị của trang mở giúp.",
        "/gv",
        "Về bàn làm việc",
    ),
    "signed_in": (
        "Trang này dành cho thầy cô, cán bộ.",
        "Đăng nhập trước rồi mở lại.",
        "/dang-nhap",
        "Đăng nhập",
    ),
}


def install(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(Exception, _unknown)


def _known(error: HTTPException) -> Any:
    original = getattr(error, "original_exception", None)
    if original is not None:
        # A commit failed: Flask wraps what is raised after the view.
        return _unknown(original)
    if error.response is not None or (error.code or 500) < 400:
        return error
    status = error.code or 500
    title, cure = WORDS.get(status, WORDS[400])
    address, label = "/", "Về trang đầu"
    if status == 403 and error.description in DOORS:
        title, cure, address, label = DOORS[error.description]
    page = render_template(
        "error/error.html", title=title, cure=cure, address=address, label=label, number=None
    )
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(allowed)} if allowed else {}
    return page, status, headers


def _unknown(error: Exception) -> tuple[str, int, dict[str, str]]:
    number = secrets.token_hex(2).upper()
    current_app.logger.error("error %s", number, exc_info=error)
    is_away = isinstance(error, DATABASE_IS_AWAY)
    title, cure = WORDS[503 if is_away else 500]
    page = render_template(
        "error/error.html", title=title, cure=cure, address="/", label="Về trang đầu", number=number
    )
    return (page, 503, {"Retry-After": "60"}) if is_away else (page, 500, {})
