"""From a request as Granian gives it (RSGI) to the environ of WSGI (PEP 3333)."""

import sys
from ipaddress import ip_address
from typing import Any

from granian.rsgi import Scope

from lms.serve.refusals import MALFORMED, Refused

Environ = dict[str, Any]

ONCE = {"HTTP_HOST", "HTTP_AUTHORIZATION", "CONTENT_TYPE", "CONTENT_LENGTH"}
FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_FORWARDED",
)
COMMON = {
    name: "HTTP_" + name.upper().replace("-", "_")
    for name in (
        *(
            "host",
            "user-agent",
            "accept",
            "accept-language",
            "accept-encoding",
            "connection",
            "cookie",
        ),
        *(
            "referer",
            "origin",
            "if-none-match",
            "if-modified-since",
            "cache-control",
            "priority",
        ),
        *(
            "upgrade-insecure-requests",
            "sec-fetch-site",
            "sec-fetch-mode",
            "sec-fetch-dest",
        ),
        *(
            "sec-fetch-user",
            "sec-ch-ua",
            "sec-ch-ua-mobile",
            "sec-ch-ua-platform",
            "save-data",
        ),
    )
} | {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def common(host: str, port: int, many_workers: bool) -> Environ:
    """Return the part of the environ that is equal for every request of a worker."""
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": many_workers,
        "wsgi.run_once": False,
        # The body is read whole beforehand, so reading to the end never waits.
        "wsgi.input_terminated": True,
    }


def from_scope(scope: Scope, base: Environ, trusted_proxies: int) -> Environ:
    """Return the environ of one request, all but `wsgi.input`.

    Raises Refused for an address that is no path, and for what must not stand twice.
    """
    path = scope.path
    if not path.startswith("/"):
        raise Refused(MALFORMED)
    environ = base.copy()
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = path if path.isascii() else path.encode().decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["SERVER_PROTOCOL"] = "HTTP/1.1" if scope.http_version == "1.1" else "HTTP/1.0"
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    environ["wsgi.url_scheme"] = scope.scheme
    _add_headers(environ, scope.headers.items())
    if scope.authority is not None and environ.get("HTTP_HOST") != scope.authority:
        raise Refused(MALFORMED)
    _look_through_proxies(environ, trusted_proxies)
    return environ


def _add_headers(environ: Environ, headers: list[tuple[str, str]]) -> None:
    for name, value in headers:
        key = COMMON.get(name)
        if key is None:
            # `X_Forwarded_For` would otherwise pass for `X-Forwarded-For`.
            if "_" in name:
                continue
            key = "HTTP_" + name.upper().replace("-", "_")
        if key not in environ:
            environ[key] = value
        elif key in ONCE:
            raise Refused(MALFORMED)
        else:
            environ[key] += ("; " if key == "HTTP_COOKIE" else ", ") + value


def _look_through_proxies(environ: Environ, trusted: int) -> None:
    """Believe the last `trusted` hops about the visitor; nobody downstream sees the rest."""
    if trusted:
        address = _hop(environ.get("HTTP_X_FORWARDED_FOR", ""), trusted)
        if _is_address(address):
            environ["REMOTE_ADDR"] = address
        scheme = _hop(environ.get("HTTP_X_FORWARDED_PROTO", ""), trusted)
        if scheme in {"http", "https"}:
            environ["wsgi.url_scheme"] = scheme
    for key in FORWARDED:
        environ.pop(key, None)


def _hop(value: str, trusted: int) -> str:
    hops = [hop.strip() for hop in value.split(",")]
    return hops[-trusted] if len(hops) >= trusted else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
