"""Passwords, the table that slows guessing down, and accounts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from lms.accounts import sessions, throttle
from lms.accounts.actions import AccountRefused, credentials, disable_account, login_key, open_account
from lms.accounts.models import Account, RoleGrant, Throttle
from lms.accounts.passwords import PasswordRefused, check_strength, hash_password, verify
from lms.db import ScopedSession
from tests.cast import PASSWORD, Cast, known_hash
from tests.story import SECRET, guest

NOW = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
COMPOSED, DECOMPOSED = (
    "ấm chén võng đèn dầu",
    "a\u0302\u0301m che\u0301n vo\u0303ng đe\u0300n da\u0302\u0300u",
)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "ít nhất 15"),
        ("a" * 14, "ít nhất 15"),
        ("a" * 129, "dài quá 128"),
        ("a" * 20, "dễ đoán"),
        ("123123123123123", "dễ đoán"),
        ("abcdefghijklmnopq", "dễ đoán"),
        ("nguyenthilanhuong", "tên đăng nhập"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_in_words(password: str, word: str) -> None:
    with pytest.raises(PasswordRefused, match=word):
        check_strength(password, "nguyenthilanhuong")


@pytest.mark.parametrize(
    "password", [PASSWORD, "bốn từ bất kỳ ghép lại", "x" * 10 + "abcdefgh" * 14 + "zyxwvu"]
)
def test_a_long_password_of_any_letters_is_taken(password: str) -> None:
    assert check_strength(password, "lan", "Cô Lan")


def test_a_password_fits_however_the_keyboard_composes_its_letters() -> None:
    assert COMPOSED != DECOMPOSED
    assert verify(known_hash(), COMPOSED)
    assert verify(known_hash(), DECOMPOSED)
    assert not verify(known_hash(), COMPOSED + " ")
    assert check_strength(DECOMPOSED) == check_strength(COMPOSED)


def test_no_password_fits_an_account_that_does_not_exist() -> None:
    assert not verify(None, PASSWORD)
    assert not verify("not a hash", PASSWORD)


def test_a_hash_is_argon2id_at_the_least_strength_allowed_and_salted() -> None:
    assert known_hash().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password(PASSWORD) != known_hash()


def test_no_work_is_done_for_a_password_longer_than_any() -> None:
    assert not verify(known_hash(), PASSWORD + "x" * 1_000_000)


def test_an_account_is_opened_once_for_a_login_however_it_is_spelt(db: ScopedSession) -> None:
    account = open_account(db, " Cô.Lan ", "Cô Lan", PASSWORD, "teacher", NOW)
    assert account.login == login_key("CÔ.lan") == "cô.lan"
    with pytest.raises(AccountRefused, match="đã có người dùng"):
        open_account(db, "CÔ . LAN", "Khác", PASSWORD, "teacher", NOW)
    found = credentials(db, "Cô.Lan")
    assert found is not None
    assert found[0] == account.id
    assert PASSWORD not in found[1]


@pytest.mark.parametrize(
    ("login", "role"), [("", "teacher"), ("  ", "teacher"), ("moi", "root"), ("moi", "")]
)
def test_an_account_without_login_or_with_an_unknown_role_is_refused(
    db: ScopedSession, login: str, role: str
) -> None:
    with pytest.raises(AccountRefused):
        open_account(db, login, "Mới", PASSWORD, role, NOW)
    assert db.scalars(sa.select(Account.id)).all() == []


def test_the_last_administrator_cannot_be_disabled(db: ScopedSession, cast: Cast) -> None:
    with pytest.raises(AccountRefused, match="cuối cùng"):
        disable_account(db, "quan-tri", NOW)
    db.add(RoleGrant(account_id=cast.lan.id, role="admin", unit_id=None, granted_at=NOW))
    db.flush()
    disable_account(db, "quan-tri", NOW)
    assert credentials(db, "quan-tri") is None
    with pytest.raises(AccountRefused, match="cuối cùng"):
        disable_account(db, "lan", NOW)


def test_a_disabled_account_has_no_roles_and_its_sessions_are_over(db: ScopedSession, cast: Cast) -> None:
    _, token = sessions.start(db, SECRET, NOW, account_id=cast.lan.id)
    stands = sessions.standing(db, cast.lan.id)
    assert stands is not None
    assert (stands.name, stands.person_id) == ("Cô Lan", cast.lan_person.id)
    assert [(grant.role, grant.path) for grant in stands.grants] == [("teacher", cast.class_4a.path)]
    assert disable_account(db, "lan", NOW) == 1
    assert sessions.standing(db, cast.lan.id) is None
    left = sessions.find(db, SECRET, token, NOW)
    assert left is None or left.account_id is None
    with pytest.raises(AccountRefused, match="Không có tài khoản"):
        disable_account(db, "khong-co", NOW)


def test_a_session_is_found_by_its_token_until_its_time_is_over(db: ScopedSession) -> None:
    learner = guest(db, NOW).learner_id
    _, token = sessions.start(db, SECRET, NOW, learner_id=learner)
    found = sessions.find(db, SECRET, token, NOW + timedelta(days=399))
    assert found is not None
    assert found.learner_id == learner
    assert sessions.find(db, SECRET, token, NOW + timedelta(days=400)) is None
    assert sessions.find(db, SECRET, token[:-1], NOW) is None
    assert sessions.find(db, b"x" * 32, token, NOW) is None


KEY = throttle.key(SECRET, "sign-in", "lan", "192.0.2.1")


def waits(db: ScopedSession, now: datetime) -> int:
    """Return how many seconds the next try has to wait."""
    try:
        throttle.check(db, {KEY: throttle.FREE}, now)
    except throttle.TooManyTries as wait:
        return wait.seconds
    return 0


def test_the_first_failures_are_free_and_from_there_the_wait_doubles(db: ScopedSession) -> None:
    seen = []
    for _ in range(10):
        throttle.failed(db, [KEY], NOW)
        seen.append(waits(db, NOW))
    assert seen[:4] == [0, 0, 0, 0]
    assert [a < b for a, b in pairwise(seen[4:])] == [True] * 5
    assert waits(db, NOW + timedelta(seconds=seen[-1])) == 0


def test_a_wait_never_grows_past_the_window_and_a_hundred_failures_fill_it(db: ScopedSession) -> None:
    for _ in range(throttle.HARD_LIMIT):
        throttle.failed(db, [KEY], NOW)
    assert waits(db, NOW) == 3601
    assert waits(db, NOW + throttle.WINDOW + timedelta(seconds=1)) == 0


def test_a_window_that_has_passed_starts_anew(db: ScopedSession) -> None:
    for _ in range(9):
        throttle.failed(db, [KEY], NOW)
    throttle.failed(db, [KEY], NOW + timedelta(hours=2))
    assert db.scalars(sa.select(Throttle.failures)).all() == [1]


def test_success_forgets_failures_of_this_key_only(db: ScopedSession) -> None:
    other = throttle.key(SECRET, "sign-in", "minh", "192.0.2.1")
    throttle.failed(db, [KEY, other], NOW)
    throttle.succeeded(db, [KEY])
    assert db.scalars(sa.select(Throttle.key)).all() == [other]


def test_neither_login_nor_address_can_be_read_from_a_throttle(db: ScopedSession) -> None:
    throttle.failed(db, [KEY], NOW)
    stored = db.scalars(sa.select(Throttle.key)).one()
    assert len(stored) == 32
    assert b"lan" not in stored
    assert b"192" not in stored
    assert throttle.key(SECRET, "sign-in", "la", "n192.0.2.1") != KEY
