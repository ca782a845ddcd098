"""The check on every write: it must come from a page of this site."""

import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, abort, current_app, g, request
from flask_login import current_user

from lms.mac import mac
from lms.web.access import WITH_ACCOUNT, right_of, size_of
from lms.web.transaction import READS
from lms.web.visitor import config, visitor

TOKEN = "token"  # noqa: S105


def install(app: Flask) -> None:
    """Check each request before its view runs."""
    app.before_request(check_write)
    app.jinja_env.globals["form_token"] = form_token


def check_write() -> None:
    """Refuse a write from elsewhere with 403 (Sec-Fetch-Site, then Origin, then learner routes only).

    A NUL anywhere is refused with 400: PostgreSQL holds none in text, and a page cannot show one.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None:
        _allow_larger(view)
    if "\0" in request.path or any("\0" in value for value in request.values.values()):
        abort(400)
    if request.method in READS:
        return
    if view is None:
        return
    right = right_of(view)
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        if site not in {"same-origin", "none"}:
            abort(403, "origin")
    elif origin is not None:
        if not _is_own(origin):
            abort(403, "origin")
    elif right != "learner_write":
        abort(403, "origin")
    if right in WITH_ACCOUNT and not hmac.compare_digest(
        request.form.get(TOKEN, "").encode(), form_token().encode()
    ):
        abort(403, "token")


def _allow_larger(view: Callable[..., Any]) -> None:
    """Read a large form only for who has an account; asked before anything of it is read."""
    size = size_of(view)
    if size is not None and request.method not in READS and current_user.is_authenticated:
        request.max_content_length = request.max_form_memory_size = size.octets
        request.max_form_parts = size.parts


def _is_own(origin: str) -> bool:
    return origin in {f"http://{request.host}", f"https://{request.host}", config().public_url}


def form_token() -> str:
    """Return the token of a staff form, bound to the session; empty for everybody else."""
    if not current_user.is_authenticated or visitor.session_id is None:
        return "-"
    g.shows_token = True
    return mac(config().secret, "form-token", visitor.session_id.bytes).hex()
