"""Who is asking: the cookie, the session behind it, the learner, the person, the account."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import cast
from urllib.parse import quote, urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.local import LocalProxy

from lms import clock
from lms.accounts import sessions
from lms.accounts.sessions import Grant
from lms.config import Config
from lms.db import Scope, take_turn
from lms.mac import mac
from lms.people.actions import make_learner
from lms.progress.actions import Doer
from lms.web.transaction import READS, db, set_scope

COOKIE = "phien"
NAME_COOKIE = "ten"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Visitor(UserMixin):  # type: ignore[misc]
    """A browser's session with what it stands for; `is_authenticated` is true of accounts only."""

    session_id: uuid.UUID | None = None
    learner_id: uuid.UUID | None = None
    household_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    full_name: str | None = None
    account_id: uuid.UUID | None = None
    set_aside_id: uuid.UUID | None = None
    partner_id: uuid.UUID | None = None
    account_name: str = ""
    account_person_id: uuid.UUID | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def is_authenticated(self) -> bool:
        """Tell whether an account signed in here."""
        return self.account_id is not None

    @property
    def is_known(self) -> bool:
        """Tell whether anything was learned, opened or signed in from this browser."""
        return bool(self.learner_id or self.household_id or self.account_id)

    @property
    def is_named(self) -> bool:
        """Tell whether the learner is a known person."""
        return self.person_id is not None

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles of the account that signed in here."""
        return frozenset(grant.role for grant in self.grants)

    def may(self, roles: Collection[str], path: str) -> bool:
        """Tell whether one of these roles covers the unit with this path.

        A teacher's role covers the class it was given for, no other class of the school.
        """
        return any(g.role in roles and _covers(g, path) for g in self.grants)

    @property
    def scope(self) -> Scope:
        """Return whose rows this visitor sees: people's only where the role is to know them by name."""
        return Scope(
            learner=self.learner_id,
            household=self.household_id,
            person=self.person_id,
            account=self.account_id,
            unit_paths=tuple(g.path for g in self.grants if g.path and _sees_people(g)),
        )

    def get_id(self) -> str:
        """Return the account's id, as Flask-Login asks."""
        return str(self.account_id)


def _covers(grant: Grant, path: str) -> bool:
    if grant.path is None:
        return grant.role == "admin"
    return grant.path == path or (grant.role != "teacher" and path.startswith(grant.path))


def _sees_people(grant: Grant) -> bool:
    return grant.role == "school_admin" or (grant.role == "teacher" and grant.kind == "class")


def _current() -> Visitor:
    return cast(Visitor, current_user._get_current_object())


visitor = cast(Visitor, LocalProxy(_current))


class _Manager(LoginManager):  # type: ignore[misc]
    """Asks our own session only: a cookie of Flask-Login's making has no say here."""

    def _load_user(self) -> None:
        self._update_request_context_with_user(_load(request))


def install(app: Flask, config: Config) -> None:
    """Let Flask-Login find the visitor by our own session, never by Flask's cookie."""
    app.extensions["config"] = config
    manager = _Manager()
    manager.anonymous_user = Visitor
    # The page that says the database is away must not ask it who is there.
    manager.init_app(app, add_context_processor=False)
    app.after_request(_set_cookies)


def config() -> Config:
    """Return the settings of this app."""
    return cast(Config, current_app.extensions["config"])


def host() -> str:
    """Return the site's name on the network, as it is written on boards and slips."""
    return urlsplit(config().public_url).netloc


def cookie_name() -> str:
    """Return the session cookie's name; `__Host-` wherever the site is on https."""
    return f"__Host-{COOKIE}" if config().is_https else COOKIE


def _load(asked: Request) -> Visitor:
    token = asked.cookies.get(cookie_name())
    if not token or len(token) > 64:
        return Visitor()
    if asked.method not in READS:
        # Of two taps at once the second must see what the first did, such as a person added.
        take_turn(db(), sessions.token_mac(config().secret, token))
    found = sessions.find(db(), config().secret, token, clock.now())
    if found is None:
        if NAME_COOKIE in asked.cookies:
            keep_name(None)
        return Visitor()
    if asked.method not in READS and sessions.extend(db(), found, clock.now()):
        keep_token(token)
        if found.full_name:
            keep_name(found.full_name)
    stands = sessions.standing(db(), found.account_id) if found.account_id else None
    who = Visitor(
        session_id=found.session_id,
        learner_id=found.learner_id,
        household_id=found.household_id,
        person_id=found.person_id,
        full_name=found.full_name,
        set_aside_id=found.set_aside_id,
        partner_id=found.partner_id,
        account_id=found.account_id if stands else None,
        account_name=stands.name if stands else "",
        account_person_id=stands.person_id if stands else None,
        grants=stands.grants if stands else (),
    )
    set_scope(who.scope)
    return who


def has_cookie() -> bool:
    """Tell whether the browser shows a session at all; costs no statement."""
    return cookie_name() in request.cookies


def become(who: Visitor) -> None:
    """Let the rest of this request see with a visitor's eyes."""
    g._login_user = who
    set_scope(who.scope)


def doer(now: datetime) -> Doer:
    """Return whose event this is, making a guest's learner and session at the first one."""
    who = _current()
    if who.learner_id is None:
        who = hold(now, learner_id=make_learner(db(), now, device_key()))
    assert who.learner_id is not None  # noqa: S101
    return Doer(who.learner_id, who.person_id, who.full_name, who.partner_id)


def device_key() -> bytes | None:
    """Return the digest of the form's own random key, so that two first taps make one learner."""
    typed = request.form.get("khoa", "")
    return mac(config().secret, "device-key", typed) if len(typed) == 32 else None


def hold(now: datetime, **holds: uuid.UUID | None) -> Visitor:
    """Change what this browser's session holds, making the session when there is none."""
    who = _current()
    if who.session_id is None:
        session_id, token = sessions.start(db(), config().secret, now, **holds)
        keep_token(token)
    else:
        session_id = who.session_id
        sessions.hold(db(), session_id, **holds)
    changed = replace(who, session_id=session_id, **holds)  # type: ignore[arg-type]
    become(changed)
    return changed


def keep_token(token: str, *, until_closed: bool = False) -> None:
    """Send the session's cookie with the reply; on a shared machine it goes when the browser is closed."""
    g.new_token, g.token_age = token, None if until_closed else YEAR


def keep_name(name: str | None, *, until_closed: bool = False) -> None:
    """Send the name that the script shows in the header; None takes it away."""
    g.new_name, g.name_age = name, None if until_closed else YEAR


def leave() -> None:
    """Take every cookie of this visitor away with the reply."""
    g.new_token, g.new_name = None, None


def _set_cookies(response: Response) -> Response:
    if response.status_code >= 400:
        return response
    secure = config().is_https
    if "new_token" in g:
        if g.new_token is None:
            response.delete_cookie(cookie_name(), path="/", secure=secure, httponly=True, samesite="Lax")
        else:
            response.set_cookie(
                cookie_name(),
                g.new_token,
                max_age=g.token_age,
                secure=secure,
                httponly=True,
                samesite="Lax",
                path="/",
            )
    if "new_name" in g:
        if g.new_name is None:
            response.delete_cookie(NAME_COOKIE, path="/", secure=secure, samesite="Lax")
        else:
            response.set_cookie(
                NAME_COOKIE, quote(g.new_name), max_age=g.name_age, secure=secure, samesite="Lax", path="/"
            )
    return response


def client_address() -> str:
    """Return who asks, as far as the network tells: an IPv4 address, or the /64 of an IPv6 one.

    The server has already judged the proxies. A home line has a whole /64 to guess from.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))
