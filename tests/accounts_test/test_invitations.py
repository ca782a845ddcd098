"""One-time links: an account and a role, once, for a week."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lms import migrations
from lms.accounts import invitations, sessions
from lms.accounts.actions import AccountRefused, credentials, disable_account, open_account
from lms.accounts.agents import agent_words
from lms.accounts.invitations import InvitationRefused, accept, accept_with, hash_for, invite, look_up
from lms.accounts.models import Account, Invitation, RoleGrant, StaffAct
from lms.accounts.passwords import PasswordRefused
from lms.accounts.roles import Actor, RoleRefused
from lms.db import Database, ScopedSession
from lms.people.models import Membership, Person
from lms.people.names import NameRefused
from tests.accounts_test.test_roles import as_place
from tests.cast import PASSWORD, Cast, known_hash
from tests.conftest import SERVER, made_database
from tests.story import SECRET

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
MAI = "Vũ Thị Mai"


def invited(db: ScopedSession, cast: Cast, **more: object) -> str:
    """Invite Vũ Thị Mai to teach 4B and return the token."""
    by = Actor(cast.head.id, "Cô Hạnh")
    return invite(db, SECRET, "teacher", as_place(db, cast.class_4b), MAI, by, NOW, **more)[1]  # type: ignore[arg-type]


def accepted(db: ScopedSession, token: str, login: str = "mai") -> Account:
    """Open an account by a token."""
    return accept(db, SECRET, token, login, known_hash(), NOW)


def test_an_invitation_opens_an_account_with_its_role_and_a_person_behind_it(
    db: ScopedSession, cast: Cast
) -> None:
    account = accepted(db, invited(db, cast))
    stands = sessions.standing(db, account.id)
    assert stands is not None
    assert [(g.role, g.path) for g in stands.grants] == [("teacher", cast.class_4b.path)]
    assert stands.name == MAI
    person = db.scalars(sa.select(Person).where(Person.id == stands.person_id)).one()
    assert person.full_name == MAI
    assert credentials(db, "mai") == (account.id, known_hash())


def test_the_account_is_the_person_on_the_roster_it_was_made_for(db: ScopedSession, cast: Cast) -> None:
    persons = db.scalar(sa.select(sa.func.count()).select_from(Person))
    by, school = Actor(None, "lms"), as_place(db, cast.hoa_sen)
    _, token = invite(db, SECRET, "teacher", school, "Đinh Thị An", by, NOW, cast.an.id)
    assert accepted(db, token).person_id == cast.an.id
    assert db.scalar(sa.select(sa.func.count()).select_from(Person)) == persons


def test_a_link_opens_once_and_then_says_so(db: ScopedSession, cast: Cast) -> None:
    token = invited(db, cast)
    accepted(db, token)
    with pytest.raises(InvitationRefused, match=r"đã được dùng.*Nhờ nhà trường gửi lời mời mới") as refused:
        accepted(db, token, "mai-hai")
    assert refused.value.is_known
    assert credentials(db, "mai-hai") is None


def test_a_link_that_nobody_made_is_too_old_or_was_taken_back_opens_nothing(
    db: ScopedSession, cast: Cast
) -> None:
    token = invited(db, cast)
    for wrong, secret, now, words, known in (
        (token[:-1], SECRET, NOW, "Không có lời mời", False),
        ("", SECRET, NOW, "Không có lời mời", False),
        (token, b"x" * 32, NOW, "Không có lời mời", False),
        (token, SECRET, NOW + timedelta(days=7), "quá hạn 7 ngày", True),
    ):
        with pytest.raises(InvitationRefused, match=words) as refused:
            look_up(db, secret, wrong, now)
        assert refused.value.is_known is known
        assert "Nhờ nhà trường gửi lời mời mới." in str(refused.value)
    assert look_up(db, SECRET, token, NOW + timedelta(days=7, seconds=-1)).full_name == MAI
    ref = db.scalars(sa.select(Invitation.ref)).one()
    assert invitations.revoke(db, ref, as_place(db, cast.hoa_sen), Actor(None, "lms"), NOW)
    with pytest.raises(InvitationRefused, match="rút lại"):
        look_up(db, SECRET, token, NOW)


def test_looking_uses_nothing_up(db: ScopedSession, cast: Cast) -> None:
    token = invited(db, cast)
    for _ in range(3):
        assert look_up(db, SECRET, token, NOW).role_words == "giáo viên lớp 4B"
    assert accepted(db, token).login == "mai"


def test_neither_the_link_nor_its_token_can_be_read_from_the_database(db: ScopedSession, cast: Cast) -> None:
    token = invited(db, cast)
    row = db.scalars(sa.select(Invitation)).one()
    assert len(token) >= 43
    assert len(row.token_mac) == 32
    kept = [str(getattr(row, column.key)) for column in Invitation.__table__.columns]
    assert not [value for value in kept if token in value]


def test_inviting_the_same_person_again_makes_the_first_link_useless(db: ScopedSession, cast: Cast) -> None:
    first, second = invited(db, cast), invited(db, cast)
    with pytest.raises(InvitationRefused, match="rút lại"):
        look_up(db, SECRET, first, NOW)
    assert accepted(db, second)


def test_two_on_the_roster_of_the_same_name_each_keep_their_link(db: ScopedSession, cast: Cast) -> None:
    first = invited(db, cast, person_id=cast.lan_person.id)
    second = invited(db, cast, person_id=cast.hoa_person.id)
    assert look_up(db, SECRET, first, NOW).person_id == cast.lan_person.id
    assert look_up(db, SECRET, second, NOW).person_id == cast.hoa_person.id


def test_an_invitation_of_another_school_cannot_be_taken_back(db: ScopedSession, cast: Cast) -> None:
    token = invited(db, cast)
    ref = db.scalars(sa.select(Invitation.ref)).one()
    assert not invitations.revoke(db, ref, as_place(db, cast.sao_mai), Actor(None, "lms"), NOW)
    assert not invitations.revoke(db, "0" * 12, None, Actor(None, "lms"), NOW)
    assert look_up(db, SECRET, token, NOW).full_name == MAI


@pytest.mark.parametrize("name", ["", "Mai", "Mai123 456", "x" * 90])
def test_an_invitation_without_a_full_name_is_refused(db: ScopedSession, cast: Cast, name: str) -> None:
    with pytest.raises(NameRefused):
        invite(db, SECRET, "teacher", as_place(db, cast.hoa_sen), name, Actor(None, "lms"), NOW)


def test_an_invitation_to_a_role_that_does_not_fit_the_place_is_refused(
    db: ScopedSession, cast: Cast
) -> None:
    with pytest.raises(RoleRefused):
        invite(db, SECRET, "school_admin", as_place(db, cast.class_4a), MAI, Actor(None, "lms"), NOW)
    assert db.scalars(sa.select(Invitation.id)).all() == []


@pytest.mark.parametrize("login", ["", "LAN", "có dấu/gạch", "..", "x" * 61, "<b>"])
def test_a_login_that_is_taken_or_odd_uses_nothing_up(db: ScopedSession, cast: Cast, login: str) -> None:
    token = invited(db, cast)
    savepoint = db.begin_nested()
    with pytest.raises(AccountRefused):
        accepted(db, token, login)
    savepoint.rollback()
    assert accepted(db, token).login == "mai"


def test_a_weak_password_is_refused_before_anything_slow(db: ScopedSession, cast: Cast) -> None:
    one = look_up(db, SECRET, invited(db, cast), NOW)
    with pytest.raises(PasswordRefused, match="ít nhất 15"):
        hash_for(one, "mai", "123456")
    assert hash_for(one, "mai", PASSWORD).startswith("$argon2id$")


# ---- an account that is there already -----------------------------------------------------------


def test_an_account_that_is_there_takes_the_role_and_stays_one_account(db: ScopedSession, cast: Cast) -> None:
    accounts = db.scalar(sa.select(sa.func.count()).select_from(Account))
    accept_with(db, SECRET, invited(db, cast), Actor(cast.minh.id, "Thầy Minh"), NOW)
    stands = sessions.standing(db, cast.minh.id)
    assert stands is not None
    assert {(g.role, g.path) for g in stands.grants} == {
        ("teacher", cast.sao_mai.path),
        ("teacher", cast.class_4b.path),
    }
    assert stands.person_id is not None, "a teacher is a witness"
    assert db.scalar(sa.select(sa.func.count()).select_from(Account)) == accounts
    said = db.scalars(sa.select(StaffAct).where(StaffAct.act == "role.grant")).one()
    assert (said.by, said.account_id) == ("Thầy Minh, theo lời mời của Cô Hạnh", cast.minh.id)


def roster_copy(db: ScopedSession, cast: Cast, name: str) -> Person:
    """Put a person of this name on the staff list of Hoa Sen, as an import makes it."""
    from lms.people.actions import add_person
    from lms.people.memberships import join_unit

    person = add_person(db, name, NOW)
    join_unit(db, person.id, cast.hoa_sen.id, "teacher", name, NOW.date())
    return person


def test_the_account_s_person_takes_the_place_on_the_roster_of_the_same_name(
    db: ScopedSession, cast: Cast
) -> None:
    copy = roster_copy(db, cast, "LÊ THỊ HOA")
    by = Actor(cast.head.id, "Cô Hạnh")
    _, token = invite(db, SECRET, "teacher", as_place(db, cast.hoa_sen), "Lê Thị Hoa", by, NOW, copy.id)
    accept_with(db, SECRET, token, Actor(cast.hoa.id, "Chị Hoa"), NOW)
    db.expire_all()
    holders = db.scalars(
        sa.select(Membership.person_id).where(
            Membership.unit_id == cast.hoa_sen.id, Membership.full_name == "LÊ THỊ HOA"
        )
    )
    assert holders.all() == [cast.hoa_person.id]


def test_a_person_of_another_name_on_the_roster_stays_apart(db: ScopedSession, cast: Cast) -> None:
    copy = roster_copy(db, cast, "Phan Thị Hòa")
    by = Actor(cast.head.id, "Cô Hạnh")
    _, token = invite(db, SECRET, "teacher", as_place(db, cast.hoa_sen), "Phan Thị Hòa", by, NOW, copy.id)
    accept_with(db, SECRET, token, Actor(cast.hoa.id, "Chị Hoa"), NOW)
    db.expire_all()
    assert copy.id in db.scalars(sa.select(Membership.person_id)).all()
    assert db.scalars(sa.select(Account.person_id).where(Account.login == "hoa")).one() == cast.hoa_person.id


def test_a_person_with_an_account_is_told_to_use_it_and_a_disabled_one_is_no_obstacle(
    db: ScopedSession, cast: Cast
) -> None:
    token = invited(db, cast, person_id=cast.lan_person.id)
    savepoint = db.begin_nested()
    with pytest.raises(AccountRefused, match="đã có tài khoản “lan”"):
        accepted(db, token)
    savepoint.rollback()
    disable_account(db, "lan", NOW)
    assert accepted(db, token).person_id == cast.lan_person.id


def test_a_disabled_officer_s_invitations_open_nothing(db: ScopedSession, cast: Cast) -> None:
    token = invited(db, cast)
    disable_account(db, "hieu-truong", NOW)
    with pytest.raises(InvitationRefused, match="rút lại"):
        accepted(db, token)


# ---- two tabs at once, on real connections ------------------------------------------------------


def _two_tabs(url: str) -> tuple[list[str], int, int]:
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as db:
        by = Actor(open_account(db, "quan-tri", "Quản trị", PASSWORD, "admin", NOW).id, "Quản trị")
        _, token = invite(db, SECRET, "author", None, MAI, by, NOW)
    told: list[str] = []
    hashed, start = known_hash(), threading.Barrier(4)

    def tab(login: str) -> None:
        if database.is_sqlite:
            start.wait()
        try:
            with database.transaction() as db:
                if not database.is_sqlite:
                    # Connected first, so that all four look before any of them writes.
                    db.connection()
                    start.wait()
                accept(db, SECRET, token, login, hashed, NOW)
        except (InvitationRefused, AccountRefused) as refused:
            told.append(str(refused))

    threads = [threading.Thread(target=tab, args=(login,)) for login in ("mai", "mai", "mai-2", "mai-3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as db:
        accounts = db.scalar(sa.select(sa.func.count()).select_from(Account)) or 0
        granted = db.scalar(
            sa.select(sa.func.count()).select_from(RoleGrant).where(RoleGrant.role == "author")
        )
    database.close()
    return told, accounts, granted or 0


def test_of_four_tabs_at_once_one_opens_an_account(tmp_path: object) -> None:
    if SERVER:
        with made_database() as url:
            told, accounts, granted = _two_tabs(url)
    else:
        told, accounts, granted = _two_tabs(f"sqlite:///{tmp_path}/own.db")
    assert (accounts, granted) == (2, 1)
    assert len(told) == 3
    assert all("được dùng" in words for words in told)


# ---- browsers in words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36", "Chrome trên Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge trên Windows"),
        ("Mozilla/5.0 (Linux; Android 9; SM-J400F) Chrome/109.0 Mobile Safari/537.36", "Chrome trên Android"),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/120 Mobile Zalo android/1", "Zalo trên Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1", "Safari trên iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Gecko/20100101 Firefox/130.0", "Firefox trên máy Mac"),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/120 Chrome/120", "Cốc Cốc trên Windows"),
        ("", "Trình duyệt trên máy chưa rõ loại"),
        ("<script>alert(1)</script>", "Trình duyệt trên máy chưa rõ loại"),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_the_words_of_its_owner(said: str, words: str) -> None:
    assert agent_words(said) == words
