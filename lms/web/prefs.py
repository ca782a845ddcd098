"""How a visitor wants pages to look: size and contrast, in one small cookie each."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

SIZES = ("nho", "vua", "to")
CONTRASTS = ("thuong", "cao")
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Prefs:
    """A size and a contrast, both of the values allowed."""

    size: str = "vua"
    contrast: str = "thuong"


def prefs() -> Prefs:
    """Return what the cookies say; anything odd counts as the usual."""
    size, contrast = request.cookies.get("co", ""), request.cookies.get("tp", "")
    return Prefs(
        size=size if size in SIZES else "vua",
        contrast=contrast if contrast in CONTRASTS else "thuong",
    )


def remember(response: Response, size: str | None, contrast: str | None, *, secure: bool) -> None:
    """Keep a choice for a year; a value that is not allowed is passed over."""
    for name, value, allowed in (("co", size, SIZES), ("tp", contrast, CONTRASTS)):
        if value is not None and value in allowed:
            response.set_cookie(name, value, max_age=YEAR, secure=secure, samesite="Lax", path="/")
