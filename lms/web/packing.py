"""Live pages go out compressed, as the stored ones do."""

import gzip

import brotli
from flask import Flask, Response, g, request

SMALLEST = 1000
QUICK = 4


def install(app: Flask) -> None:
    """Compress each page after everything else has been said about it."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if response.mimetype != "text/html" or response.content_encoding or response.is_streamed:
        return response
    # A staff form carries a token: compressed beside typed words, its length would tell of it (BREACH).
    if g.get("shows_token"):
        return response
    body, accepted = response.get_data(), request.headers.get("Accept-Encoding", "")
    response.vary.add("Accept-Encoding")
    if len(body) < SMALLEST or response.status_code == 304:
        return response
    if "br" in accepted:
        response.set_data(brotli.compress(body, quality=QUICK))
        response.content_encoding = "br"
    elif "gzip" in accepted:
        response.set_data(gzip.compress(body, QUICK, mtime=0))
        response.content_encoding = "gzip"
    return response
