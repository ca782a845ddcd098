"""Every route, every method, every visitor, own things and others': as the policy says, and no other way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms import clock
from lms.accounts import sessions
from lms.config import Config
from lms.db import SYSTEM, Database
from lms.web.access import UndeclaredRoute, everyone, refuse_undeclared, right_of, signed_in
from tests.conftest import ROOT
from tests.web_test.conftest import PRINCIPALS, World
from tests.web_test.school_world import PUPILS, SECRETS, WAITING

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Line:
    """One line of the policy."""

    method: str
    address: str
    form: str
    expected: dict[str, int]


def policy() -> Iterator[Line]:
    """Yield the lines of the policy."""
    for text in (ROOT / "tests" / "access_policy.txt").read_text(encoding="utf-8").splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        said = re.fullmatch(rf"(GET|POST) +(.+?) +((?:\d{{3}} ?){{{len(PRINCIPALS)}}})", text)
        assert said, f"not a line of the policy: {text}"
        address, _, form = said[2].partition("#")
        expected = dict(zip(PRINCIPALS, map(int, said[3].split()), strict=True))
        yield Line(said[1], address, form, expected)


LINES = tuple(policy())


def send(world: World, client: FlaskClient, line: Line, method: str | None = None) -> TestResponse:
    """Send what a line describes; what it writes is undone."""
    fields = dict(parse_qsl(line.form, keep_blank_values=True))
    data = {world.address(name): world.address(value) for name, value in fields.items()}
    if data.get("token") == "{token}":
        data["token"] = form_token(client)
    method = method or line.method
    with world.connection.begin_nested() as savepoint:
        said = {"data": data} if method == "POST" else {}
        address = world.address(line.address)
        response = client.open(address, method=method, headers=SAME_SITE, buffered=True, **said)
        savepoint.rollback()
    return response


TOKENS: dict[str, str] = {}
ANSWERS: dict[str, list[tuple[Line, int, bytes]]] = {}
"""What was asked before in this process: the world does not change, so it is asked once."""


def form_token(client: FlaskClient) -> str:
    """Return the token of an account's forms, or anything for a visitor without an account."""
    cookie = client.get_cookie("phien")
    key = cookie.value if cookie else ""
    if key not in TOKENS:
        found = re.search(r'name="token" value="([^"]+)"', client.get("/tai-khoan").text)
        TOKENS[key] = found[1] if found else "-"
    return TOKENS[key]


def answers(world: World, principal: str) -> list[tuple[Line, int, bytes]]:
    """Return what every line of the policy answers a visitor: the status and the page."""
    if principal not in ANSWERS:
        replies = ((line, send(world, world.client(principal), line)) for line in LINES)
        ANSWERS[principal] = [(line, reply.status_code, reply.data) for line, reply in replies]
    return ANSWERS[principal]


ON_BOTH = {"named", "pupil", "lan", "head", "author"}
"""Whose lines are asked on both databases: one for each way to a scope."""


@pytest.mark.parametrize(
    "principal",
    [pytest.param(who, marks=() if who in ON_BOTH else pytest.mark.any_database) for who in PRINCIPALS],
)
def test_every_route_answers_each_visitor_as_the_policy_says(world: World, principal: str) -> None:
    surprises = [
        f"{line.method} {line.address}#{line.form}: {status}, not {line.expected[principal]}"
        for line, status, _ in answers(world, principal)
        if status != line.expected[principal]
    ]
    assert surprises == []


@pytest.mark.any_database
@pytest.mark.parametrize("principal", ["lan", "head", "officer2", "admin"])
def test_no_account_s_form_is_taken_without_the_token_of_its_own_session(
    world: World, principal: str
) -> None:
    stranger = form_token(world.client("minh"))
    taken = [
        f"{line.address}#{line.form}: {reply.status_code}"
        for line in LINES
        if "{token}" in line.form and line.expected[principal] not in {403, 404}
        for token in ("", stranger)
        for reply in [
            send(world, world.client(principal), replace(line, form=line.form.replace("{token}", token)))
        ]
        if reply.status_code != 403
    ]
    assert taken == []


def _rule(world: World, line: Line) -> Rule:
    path = urlsplit(world.address(line.address)).path
    rule, _ = world.app.url_map.bind("localhost").match(path, method=line.method, return_rule=True)
    return rule


def test_the_policy_has_a_line_for_every_route_and_method(world: World) -> None:
    said = {(_rule(world, line).rule, line.method) for line in LINES}
    there = {
        (rule.rule, method)
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert said == there


@pytest.mark.any_database
@pytest.mark.parametrize("principal", ["nobody", "named", "lan", "head", "admin"])
def test_every_other_method_is_refused_whoever_asks(world: World, principal: str) -> None:
    client = world.client(principal)
    named: dict[str, set[str]] = {}
    addresses: dict[str, str] = {}
    for line in LINES:
        rule = _rule(world, line).rule
        named.setdefault(rule, set()).add(line.method)
        addresses.setdefault(rule, line.address.split("?")[0])
    surprises = []
    for rule, address in addresses.items():
        for method in METHODS:
            if method in named[rule]:
                continue
            response = client.open(world.address(address), method=method, headers=SAME_SITE)
            if response.status_code != 405 or not response.headers.get("Allow"):
                surprises.append(f"{method} {address}: {response.status_code}")
    assert surprises == []


@pytest.mark.any_database
@pytest.mark.parametrize("principal", ["nobody", "named", "lan"])
def test_head_answers_as_get_without_a_body_and_options_with_what_is_allowed(
    world: World, principal: str
) -> None:
    client = world.client(principal)
    first: dict[tuple[str, str, int], Line] = {}
    for line in LINES:
        first.setdefault((_rule(world, line).rule, line.method, line.expected[principal]), line)
    for (_, method, expected), line in first.items():
        if method == "GET":
            head = send(world, client, line, "HEAD")
            assert (head.status_code, head.data) == (expected, b""), line
        options = client.open(world.address(line.address), method="OPTIONS")
        assert options.status_code == 200, line
        assert method in (options.headers["Allow"] or ""), line


@pytest.mark.parametrize(
    ("principal", "theirs", "missing"),
    [
        ("other", "{named-attempt}", "{no-attempt}"),
        ("other", "{named-ref}", "{no-ref}"),
        ("other", "{named-phieu}", "{no-phieu}"),
        ("lan", "{4b}", "{no-unit}"),
        ("lan", "{6a}", "{no-unit}"),
        ("lan", "{hoa-sen}", "{no-unit}"),
        ("minh", "{6a}", "{no-unit}"),
        ("head", "{6a}", "{no-unit}"),
        ("officer2", "{4a}", "{no-unit}"),
        ("officer2", "{hoa-sen}", "{no-unit}"),
        ("tu", "{hoa-sen}", "{no-unit}"),
        ("admin", "{4a}", "{no-unit}"),
        ("admin", "{hoa-sen}", "{no-unit}"),
        ("lan", "{bai-4b}", "{no-ref}"),
        ("lan", "{bai-6a}", "{no-ref}"),
        ("lan", "{xin-6a}", "{no-ref}"),
        ("lan", "{em-4b}", "{no-ref}"),
        ("lan", "{em-6a}", "{no-ref}"),
        ("lan", "{ban-6a}", "{no-ref}"),
        ("head", "{de-nghi-6a}", "{no-ref}"),
        ("head", "{da-duyet-6a}", "{no-ref}"),
        ("head", "{ban-sao-mai}", "{no-ref}"),
        ("head", "{rut-sao-mai}", "{no-ref}"),
        ("lan", "{buoi-4b}", "{no-ref}"),
        ("lan", "{buoi-6a}", "{no-ref}"),
        ("lan", "{de-giay-6a}", "{no-ref}"),
        ("head", "{buoi-6a}", "{no-ref}"),
        ("head", "{de-giay-6a}", "{no-ref}"),
        ("pupil", "{buoi-6a}", "{no-ref}"),
        ("parent", "{bai-buoi-4a}", "{no-attempt}"),
        ("lan", "{bai-buoi-4a}", "{no-attempt}"),
    ],
)
def test_what_belongs_to_others_answers_word_for_word_as_what_does_not_exist(
    world: World, principal: str, theirs: str, missing: str
) -> None:
    compared = 0
    for line in LINES:
        said = line.address + line.form
        if theirs not in said or missing in said or line.expected[principal] != 404:
            continue
        twin = Line(
            line.method, line.address.replace(theirs, missing), line.form.replace(theirs, missing), {}
        )
        replies = [send(world, world.client(principal), each) for each in (line, twin)]
        bodies = [
            reply.text.replace(world.address(name), "…")
            for reply, name in zip(replies, (theirs, missing), strict=True)
        ]
        assert bodies[0] == bodies[1], line
        assert _lasting(replies[0]) == _lasting(replies[1]), line
        compared += 1
    assert compared


def _lasting(response: TestResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers if name not in {"Date", "Content-Length"}}


def test_another_household_s_people_and_results_stand_on_no_page(world: World) -> None:
    secret = {"Quách Thị Ngọc Diệp", world.things["named-ref"], world.things["named-phieu"]}
    for principal in ("nobody", "guest", "other", "pupil", "parent", "minh", "tu"):
        for line, _, page in answers(world, principal):
            if (
                line.method == "GET"
                and "{named-phieu}" not in line.address
                and "{named-ref}" not in line.address
            ):
                assert not [s for s in secret if s.encode() in page], (principal, line.address)


@pytest.mark.parametrize(
    ("principal", "strange"),
    [
        ("nobody", {"hoa-sen", "sao-mai"}),
        ("guest", {"hoa-sen", "sao-mai"}),
        ("other", {"hoa-sen", "sao-mai"}),
        ("lan", {"sao-mai"}),
        ("minh", {"hoa-sen", "sao-mai"}),
        ("head", {"sao-mai"}),
        ("officer2", {"hoa-sen"}),
        ("tu", {"hoa-sen", "sao-mai"}),
        ("admin", {"hoa-sen", "sao-mai"}),
    ],
)
def test_a_school_s_pupils_and_parents_stand_on_no_page_of_anybody_else(
    world: World, principal: str, strange: set[str]
) -> None:
    secret = {name for school in strange for name in SECRETS[school]}
    for line, _, page in answers(world, principal):
        # A slip and a phiếu open to whoever holds their code.
        if line.method == "GET" and not re.search(r"\{(giay-moi|\w+-phieu)", line.address):
            assert not [name for name in secret if name.encode() in page], line.address


def test_the_teacher_of_one_class_meets_no_pupil_of_the_next(world: World) -> None:
    beside, own, seen = {PUPILS["4b"], WAITING["4b"]}, {PUPILS["4a"], WAITING["4a"]}, set()
    for line, _, page in answers(world, "lan"):
        if line.method == "GET" and "{giay-moi" not in line.address:
            assert not [name for name in beside if name.encode() in page], line.address
            seen |= {name for name in own if name.encode() in page}
    assert seen == own, "the test needs pages that name pupils"


def test_a_route_without_a_declared_right_stops_the_start() -> None:
    app = Flask("anything", static_folder=None)
    app.add_url_rule("/moi", view_func=lambda: "", endpoint="new")
    with pytest.raises(UndeclaredRoute, match="/moi"):
        refuse_undeclared(app)


def test_a_route_declares_one_right_and_no_second() -> None:
    def view() -> str:
        return ""

    assert right_of(everyone(view)) == "everyone"
    with pytest.raises(UndeclaredRoute, match="two rights"):
        signed_in(view)


def test_addresses_are_unaccented_words_joined_by_hyphens_and_none_disappears(world: World) -> None:
    rules = sorted({re.sub(r"<\w+:", "<", rule.rule) for rule in world.app.url_map.iter_rules()})
    listed = (ROOT / "tests" / "urls.txt").read_text(encoding="utf-8").split()
    assert rules == sorted(listed), "an address lives for ever: list a new one, redirect an old one"
    words = [re.sub(r"<[^>]+>", "", part) for rule in rules for part in rule.split("/")]
    odd = [w for w in words if w and not re.fullmatch(r"[a-z]+(-[a-z]+)*-?(\.[a-z]+)?|\.pdf", w)]
    assert odd == []


def test_a_secret_of_another_installation_opens_nothing(world: World, settings: Config) -> None:
    database: Database = world.app.extensions["database"]
    with database.session(SYSTEM, writes=False) as db:
        ours = world.app.extensions["config"].secret
        token = world.cookies["named"]
        assert sessions.find(db, ours, token, clock.now()) is not None
        assert sessions.find(db, settings.secret, token, clock.now()) is None
