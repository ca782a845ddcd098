"""A write counts only when it comes from a page of this site; staff forms carry a token as well."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web_test.conftest import World
from tests.web_test.test_access import LINES, form_token

pytestmark = pytest.mark.any_database

OLD_BROWSERS_MAY = {
    "/khoa-hoc/lam-quen/chu-to/cau-1/chon": "guest",
    "/khoa-hoc/lam-quen/chu-to/xong": "guest",
    "/khoa-hoc/lam-quen/chu-de/man-hinh/kiem-tra": "guest",
    "/kiem-tra/{guest-attempt}/cau-1": "guest",
    "/kiem-tra/{guest-attempt}/ca-bai": "guest",
    "/kiem-tra/{bai-buoi-4a}/nop": "pupil",
}
"""A learner's own answers, and whose: the only writes that a browser which tells nothing may send."""


def _shape(address: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", address)


def _others() -> set[str]:
    """Return one address of every other POST that the access policy names, the first one."""
    first: dict[str, str] = {}
    for line in LINES:
        if line.method == "POST":
            address = line.address.partition("?")[0]
            first.setdefault(_shape(address), address)
    return {first[shape] for shape in first.keys() - {_shape(address) for address in OLD_BROWSERS_MAY}}


OTHERS = _others()
FORM = {
    "chon": "a",
    "c1-chon": "a",
    "ho_ten": "Phạm Thị Mới",
    "ma": "{named-code}",
    "co": "to",
    "nguoi": "{named-ref}",
}
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://lua-dao.example"},
    {"Origin": "http://localhost.lua-dao.example"},
    {"Origin": "http://localhost@lua-dao.example"},
    {"Origin": "null"},
    {"Origin": ""},
]


def post(
    world: World, client: FlaskClient, address: str, headers: dict[str, str], **more: str
) -> TestResponse:
    """Send a form that would be accepted from a page of this site; what it writes is undone."""
    data = {name: world.address(value) for name, value in FORM.items()} | more
    with world.connection.begin_nested() as savepoint:
        response = client.post(world.address(address), data=data, headers=headers)
        savepoint.rollback()
    return response


def test_every_post_of_the_site_is_tried_here(world: World) -> None:
    adapter = world.app.url_map.bind("localhost")
    tried = {
        adapter.match(world.address(address), method="POST", return_rule=True)[0].rule
        for address in OLD_BROWSERS_MAY.keys() | OTHERS
    }
    assert tried == {
        rule.rule for rule in world.app.url_map.iter_rules() if "POST" in (rule.methods or set())
    }


@pytest.mark.parametrize("who", ["guest", "lan", "admin"])
def test_a_write_from_another_site_is_refused(world: World, who: str) -> None:
    client = world.client(who)
    token = form_token(client)
    for address in sorted(OLD_BROWSERS_MAY.keys() | OTHERS):
        for headers in FOREIGN:
            response = post(world, client, address, headers, token=token)
            assert response.status_code == 403, (address, headers, response.status_code)
            assert "Set-Cookie" not in response.headers, (address, headers)


def test_only_a_learner_s_answers_may_come_from_a_browser_that_tells_nothing(world: World) -> None:
    answered = {
        address: post(world, world.client(OLD_BROWSERS_MAY.get(address, "guest")), address, {}).status_code
        for address in OLD_BROWSERS_MAY.keys() | OTHERS
    }
    assert answered == {address: 303 if address in OLD_BROWSERS_MAY else 403 for address in answered}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Origin": "http://hoc.example.vn"},
    ],
)
def test_a_write_from_this_site_is_accepted(world: World, headers: dict[str, str]) -> None:
    assert post(world, world.client("guest"), "/tuy-chon", headers).status_code == 303
    assert post(world, world.client("guest"), "/khoa-hoc/lam-quen/chu-to/xong", headers).status_code == 303


@pytest.mark.parametrize("address", ["/dang-xuat", "/dang-xuat-het"])
def test_a_staff_form_without_its_own_token_is_refused(world: World, address: str) -> None:
    def token_of(who: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', world.client(who).get("/tai-khoan").text)
        assert found
        return found[1]

    here = {"Sec-Fetch-Site": "same-origin"}
    own = token_of("lan")
    assert len(own) == 64
    for token in ("", "-", "0" * 64, own.upper(), own[:-1], token_of("minh"), "ổ khóa"):
        response = post(world, world.client("lan"), address, here, token=token)
        assert response.status_code == 403, token
    assert world.client("lan").post(address, headers=here).status_code == 403
    assert post(world, world.client("lan"), address, here, token=own).status_code == 303


def test_a_refused_write_keeps_nothing(world: World) -> None:
    client = world.client("guest")
    before = client.get("/du-lieu").text
    response = client.post(
        "/khoa-hoc/lam-quen/luu-so/xong", data={}, headers={"Origin": "https://lua-dao.example"}
    )
    assert response.status_code == 403
    assert client.get("/du-lieu").text == before
