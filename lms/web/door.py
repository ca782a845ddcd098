"""The class whose code was typed in this browser: a signed cookie of minutes, so that no address names it."""

import hmac
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from lms import clock
from lms.classrooms.queries import class_by_code
from lms.mac import mac
from lms.places.queries import Place, place_by_id
from lms.web.transaction import db
from lms.web.visitor import config

COOKIE = "lop"
PATH = "/vao-lop"
SECONDS = 20 * 60


@dataclass(frozen=True)
class Door:
    """A class that a code opened, the name of its school, and the pupil chosen, if any."""

    code: str
    lop: Place
    school: str
    pupil_ref: str


def opened() -> Door | None:
    """Return the class whose code was typed here some minutes ago, while that code still opens it."""
    code, _, rest = request.cookies.get(COOKIE, "").partition(".")
    ref, _, rest = rest.partition(".")
    until, _, signed = rest.partition(".")
    if not hmac.compare_digest(signed.encode(), _sign(code, ref, until).encode()):
        return None
    now = clock.now()
    if int(until) < now.timestamp():
        return None
    found = class_by_code(db(), code, clock.local_date(now))
    return Door(code, found, school_of(found), ref) if found else None


def school_of(lop: Place) -> str:
    """Return the name of a class's school."""
    school = place_by_id(db(), lop.parent_id, clock.today()) if lop.parent_id else None
    return school.name if school else config().site_name


def open_for(response: Response, code: str, pupil_ref: str = "") -> None:
    """Remember a class's code, which the caller has checked, and the pupil chosen in it."""
    until = str(int(clock.now().timestamp()) + SECONDS)
    response.set_cookie(
        COOKIE,
        f"{code}.{pupil_ref}.{until}.{_sign(code, pupil_ref, until)}",
        max_age=SECONDS,
        path=PATH,
        secure=config().is_https,
        httponly=True,
        samesite="Lax",
    )


def shut(response: Response) -> None:
    """Forget the class."""
    response.delete_cookie(COOKIE, path=PATH, secure=config().is_https, httponly=True, samesite="Lax")


def _sign(code: str, ref: str, until: str) -> str:
    return mac(config().secret, "class-door", f"{code}.{ref}.{until}").hex()
