"""Who may use a route: every one declares it, or the app does not start."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort
from flask_login import current_user

from lms import clock
from lms.places.queries import Place, place
from lms.web.transaction import db
from lms.web.visitor import visitor

F = TypeVar("F", bound=Callable[..., Any])
DECLARED = "__access__"
LARGER = "__larger__"
WITH_ACCOUNT = {"signed_in", "staff", "at_class", "at_school", "at_commune", "author", "admin"}
"""Rights of accounts: their forms carry a token bound to the session."""


class UndeclaredRoute(RuntimeError):
    """A route has no declared right, or two."""


def everyone(view: F) -> F:
    """Let anybody use this route; what it shows is equal for all or the visitor's own."""
    return _declare(view, "everyone")


def learner_write(view: F) -> F:
    """Let anybody use this route to keep a learner's own answer or progress.

    These are the only POSTs that an old browser, which tells neither origin nor fetch site, may send.
    """
    return _declare(view, "learner_write")


def household(view: F) -> F:
    """Let this route be used only where a household was opened; elsewhere the door is shown."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if visitor.household_id is None:
            abort(403, "household")
        return view(*args, **kwargs)

    return _declare(checked, "household")  # type: ignore[return-value]


def named(view: F) -> F:
    """Let this route be used only by a learner who is a known person."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if visitor.person_id is None:
            abort(403, "named")
        return view(*args, **kwargs)

    return _declare(checked, "named")  # type: ignore[return-value]


def signed_in(view: F) -> F:
    """Let this route be used only by an account."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            abort(403, "signed_in")
        return view(*args, **kwargs)

    return _declare(checked, "signed_in")  # type: ignore[return-value]


def staff(view: F) -> F:
    """Let this route be used by an account that holds any role."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            abort(403, "signed_in")
        if not visitor.grants:
            abort(403, "staff")
        return view(*args, **kwargs)

    return _declare(checked, "staff")  # type: ignore[return-value]


def at_class(view: F) -> F:
    """Let this route be used by a teacher of the class in its address, or an officer of its school.

    The view gets the class as a `Place` in place of its ref `lop`. A class beyond the visitor's roles is
    answered as one that does not exist.
    """
    return _at(view, "at_class", "lop", "class", ("teacher", "school_admin"))


def at_school(view: F) -> F:
    """Let this route be used by an officer of the school in its address, which the view gets as `truong`."""
    return _at(view, "at_school", "truong", "school", ("school_admin",))


def at_commune(view: F) -> F:
    """Let this route be used by an officer of the commune in its address, which the view gets as `xa`."""
    return _at(view, "at_commune", "xa", "commune", ("commune_officer",))


def author(view: F) -> F:
    """Let this route be used by whoever writes the content, or an administrator."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            abort(403, "signed_in")
        if not visitor.roles & {"author", "admin"}:
            abort(403, "author")
        return view(*args, **kwargs)

    return _declare(checked, "author")  # type: ignore[return-value]


def admin(view: F) -> F:
    """Let this route be used by an administrator of the site."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            abort(403, "signed_in")
        if "admin" not in visitor.roles:
            abort(403, "admin")
        return view(*args, **kwargs)

    return _declare(checked, "admin")  # type: ignore[return-value]


def _at(view: F, right: str, name: str, kind: str, roles: tuple[str, ...]) -> F:
    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            abort(403, "signed_in")
        return view(*args, **kwargs | {name: place_for(roles, kind, kwargs[name])})

    return _declare(checked, right)  # type: ignore[return-value]


@dataclass(frozen=True)
class Size:
    """How much a form may hold: bytes altogether, and fields."""

    octets: int
    parts: int


def larger(size: Size) -> Callable[[F], F]:
    """Let a form of this route be larger than the others, for who has an account; stands below the right."""

    def register(view: F) -> F:
        setattr(view, LARGER, size)
        return view

    return register


def size_of(view: Callable[..., Any]) -> Size | None:
    """Return how large a form a view declares that it takes, or None for the common size."""
    found: Size | None = getattr(view, LARGER, None)
    return found


def place_for(roles: tuple[str, ...], kind: str, ref: str) -> Place:
    """Return the unit of a kind that one of the visitor's roles covers, or end with 404."""
    found = place(db(), ref, clock.today())
    if found is None or found.kind != kind or not visitor.may(roles, found.path):
        abort(404)
    return found


def _declare(view: F, right: str) -> F:
    if hasattr(view, DECLARED):
        raise UndeclaredRoute(f"{view.__name__} declares two rights")
    setattr(view, DECLARED, right)
    return view


def right_of(view: Callable[..., Any]) -> str | None:
    """Return the right a view declares, or None."""
    return getattr(view, DECLARED, None)


def refuse_undeclared(app: Flask) -> None:
    """Raise UndeclaredRoute when any route has no declared right."""
    missing = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if right_of(app.view_functions[rule.endpoint]) is None
    ]
    if missing:
        raise UndeclaredRoute(f"routes without a declared right: {', '.join(missing)}")
