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

FIXED = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
]
# A file is no document, and on a first visit every byte counts.
FIXED_OF_FILES = [("X-Content-Type-Options", "nosniff")]


def install(app: Flask) -> None:
    """Put the headers on every reply, errors and redirects included."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    # Looked through once: a list of headers is searched from its start for every name.
    said = {name.lower() for name, _ in headers}
    is_file = request.blueprint == "assets" and response.status_code < 400
    headers.extend([pair for pair in (FIXED_OF_FILES if is_file else FIXED) if pair[0].lower() not in said])
    if config().is_https and not is_file:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if "cache-control" not in said:
        # Whatever was made for one visitor is kept nowhere.
        headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
    if request.path.startswith(("/kiem-tra", "/phieu", "/nguoi-hoc", "/tai-khoan", "/tra-cuu", "/loi-moi")):
        headers["X-Robots-Tag"] = "noindex"
    return response
