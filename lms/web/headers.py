"""What every reply says to the browser: policy, referrer, and whether it may be kept."""

from flask import Flask, Response, request

from lms.web.visitor import config

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
    )
)


def install(app: Flask) -> None:
    """Put the headers on every reply, errors and redirects included."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if config().is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in headers:
        # Whatever was made for one visitor is kept nowhere.
        headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
    if request.path.startswith(("/kiem-tra", "/phieu", "/nguoi-hoc", "/tai-khoan", "/tra-cuu")):
        headers.setdefault("X-Robots-Tag", "noindex")
    return response
