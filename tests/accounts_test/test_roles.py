"""Roles with a place: who may give which, and the last one who holds them."""

import threading
from datetime import UTC, datetime
from itertools import product

import pytest
import sqlalchemy as sa

from lms import migrations
from lms.accounts import roles, sessions
from lms.accounts.actions import AccountRefused, disable_account, enable_account, open_account
from lms.accounts.invitations import invite
from lms.accounts.models import ROLES, Account, Invitation, RoleGrant, StaffAct
from lms.accounts.roles import Actor, RoleRefused, fits, grant, may_give, revoke, role_words
from lms.accounts.sessions import Grant
from lms.db import Database, ScopedSession
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from tests.cast import OPENED, PASSWORD, Cast
from tests.conftest import SERVER, made_database
from tests.source import ROOT
from tests.story import SECRET

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
BY = Actor(None, "lms")


def as_place(db: ScopedSession, unit: Unit) -> Place:
    """Return a unit as the screens know it."""
    found = place_by_id(db, unit.id, NOW.date())
    assert found is not None
    return found


def held(db: ScopedSession, account: Account) -> set[tuple[str, str | None]]:
    """Return what an account may do now, and where."""
    stands = sessions.standing(db, account.id)
    return {(one.role, one.path) for one in stands.grants} if stands else set()


def test_a_role_is_held_only_where_it_means_something(db: ScopedSession, cast: Cast) -> None:
    units = {
        "class": cast.class_4a,
        "school": cast.hoa_sen,
        "commune": cast.commune,
        "site": None,
    }
    places = {name: as_place(db, unit) if unit else None for name, unit in units.items()}
    there = {(role, name) for role, name in product(ROLES, places) if fits(role, places[name])}
    assert there == {
        ("teacher", "class"),
        ("teacher", "school"),
        ("school_admin", "school"),
        ("commune_officer", "commune"),
        ("author", "site"),
        ("admin", "site"),
    }


def test_every_role_has_a_place_and_words_the_screens_use_too() -> None:
    assert set(roles.PLACES) == set(roles.WORDS) == set(ROLES)
    screens = (ROOT / "templates" / "_macros" / "words.html").read_text(encoding="utf-8")
    assert [words for role, words in roles.WORDS.items() if f'"{role}": "{words}"' not in screens] == []


def test_who_may_give_what_where(db: ScopedSession, cast: Cast) -> None:
    units = (cast.hoa_sen, cast.class_4a, cast.sao_mai, cast.class_6a, cast.commune)
    targets = [as_place(db, unit) for unit in units] + [None]

    def given(*grants: Grant) -> set[tuple[str, str]]:
        return {
            (role, where.name if where else "cả trang")
            for role, where in product(ROLES, targets)
            if may_give(grants, role, where)
        }

    officer = Grant("school_admin", cast.hoa_sen.path, "school")
    here = "Trường Tiểu học Hoa Sen"
    assert given(officer) == {("teacher", here), ("teacher", "4A"), ("school_admin", here)}
    everything = {(r, w.name if w else "cả trang") for r, w in product(ROLES, targets) if fits(r, w)}
    assert given(Grant("admin", None, None)) == everything
    for other in ("teacher", "commune_officer", "province_officer", "author"):
        assert given(Grant(other, cast.hoa_sen.path, "school"), Grant(other, None, None)) == set(), other
    assert given() == set()


def test_a_role_given_twice_is_one_role_and_one_line_of_the_record(db: ScopedSession, cast: Cast) -> None:
    room = as_place(db, cast.class_4b)
    assert grant(db, cast.lan.id, "teacher", room, BY, NOW)
    assert not grant(db, cast.lan.id, "teacher", room, BY, NOW)
    assert held(db, cast.lan) == {("teacher", cast.class_4a.path), ("teacher", cast.class_4b.path)}
    said = db.scalars(sa.select(StaffAct.what)).all()
    assert said == ["Giao vai trò giáo viên lớp 4B cho Cô Lan"]


def test_a_role_taken_back_is_gone_and_can_be_given_again(db: ScopedSession, cast: Cast) -> None:
    room = as_place(db, cast.class_4a)
    assert revoke(db, cast.lan.id, "teacher", room, BY, NOW)
    assert held(db, cast.lan) == set()
    assert not revoke(db, cast.lan.id, "teacher", room, BY, NOW)
    assert grant(db, cast.lan.id, "teacher", room, BY, NOW)
    assert held(db, cast.lan) == {("teacher", cast.class_4a.path)}
    assert (
        db.scalar(
            sa.select(sa.func.count()).select_from(RoleGrant).where(RoleGrant.account_id == cast.lan.id)
        )
        == 2
    )


@pytest.mark.parametrize("role", ["admin", "commune_officer", "root", ""])
def test_a_role_that_does_not_fit_the_place_is_refused_in_words(
    db: ScopedSession, cast: Cast, role: str
) -> None:
    with pytest.raises(RoleRefused, match=r"[Vv]ai trò"):
        grant(db, cast.lan.id, role, as_place(db, cast.hoa_sen), BY, NOW)
    assert held(db, cast.lan) == {("teacher", cast.class_4a.path)}


def test_the_last_administrator_keeps_the_role_whoever_takes_it(db: ScopedSession, cast: Cast) -> None:
    for by in (BY, Actor(cast.admin.id, "Quản trị"), Actor(cast.head.id, "Cô Hạnh")):
        with pytest.raises(RoleRefused, match="cuối cùng"):
            revoke(db, cast.admin.id, "admin", None, by, NOW)
    grant(db, cast.lan.id, "admin", None, BY, NOW)
    assert revoke(db, cast.admin.id, "admin", None, BY, NOW)
    with pytest.raises(RoleRefused, match="cuối cùng"):
        revoke(db, cast.lan.id, "admin", None, BY, NOW)


def test_an_administrator_who_is_disabled_does_not_count_as_one_left(db: ScopedSession, cast: Cast) -> None:
    grant(db, cast.lan.id, "admin", None, BY, NOW)
    disable_account(db, "lan", NOW)
    with pytest.raises(RoleRefused, match="cuối cùng"):
        revoke(db, cast.admin.id, "admin", None, BY, NOW)
    enable_account(db, "lan", NOW)
    assert revoke(db, cast.admin.id, "admin", None, BY, NOW)


def test_a_school_officer_cannot_leave_the_school_without_one(db: ScopedSession, cast: Cast) -> None:
    school, herself = as_place(db, cast.hoa_sen), Actor(cast.head.id, "Cô Hạnh")
    with pytest.raises(RoleRefused, match="cán bộ trường cuối cùng"):
        revoke(db, cast.head.id, "school_admin", school, herself, NOW)
    grant(db, cast.lan.id, "school_admin", school, BY, NOW)
    assert revoke(db, cast.head.id, "school_admin", school, herself, NOW)
    assert revoke(db, cast.lan.id, "school_admin", school, Actor(cast.admin.id, "Quản trị"), NOW)


def test_with_the_right_to_invite_go_the_invitations_that_wait(db: ScopedSession, cast: Cast) -> None:
    school = as_place(db, cast.hoa_sen)
    invite(db, SECRET, "teacher", school, "Vũ Thị Mai", Actor(cast.head.id, "Cô Hạnh"), NOW)
    invite(db, SECRET, "teacher", school, "Bùi Văn Nam", Actor(cast.admin.id, "Quản trị"), NOW)
    revoke(db, cast.head.id, "school_admin", school, BY, NOW)
    waiting = db.scalars(sa.select(Invitation.full_name).where(Invitation.revoked_at.is_(None))).all()
    assert waiting == ["Bùi Văn Nam"]


def test_a_role_is_written_with_its_place(db: ScopedSession, cast: Cast) -> None:
    assert role_words("teacher", as_place(db, cast.class_4a)) == "giáo viên lớp 4A"
    assert role_words("school_admin", as_place(db, cast.hoa_sen)) == "cán bộ Trường Tiểu học Hoa Sen"
    assert role_words("admin", None) == "quản trị"
    assert NOW.date() > OPENED


# ---- two at once, on real connections ----------------------------------------------------------


def _race(url: str) -> tuple[list[str], int]:
    """Let two administrators each take the other's role, and disable the other, at the same moment."""
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as db:
        ids = [open_account(db, name, name, PASSWORD, "admin", NOW).id for name in ("một", "hai", "ba")]
    told: list[str] = []
    start = threading.Barrier(3)

    def take(what: int) -> None:
        start.wait()
        try:
            with database.transaction() as db:
                if what == 2:
                    disable_account(db, "ba", NOW)
                else:
                    revoke(db, ids[what], "admin", None, BY, NOW)
        except (RoleRefused, AccountRefused) as refused:
            told.append(str(refused))

    threads = [threading.Thread(target=take, args=(what,)) for what in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as db:
        left = sa.select(sa.func.count(sa.distinct(Account.id))).join(
            RoleGrant, RoleGrant.account_id == Account.id
        )
        standing = left.where(RoleGrant.revoked_at.is_(None), Account.disabled_at.is_(None))
        count = db.scalar(standing) or 0
    database.close()
    return told, count


def test_of_three_administrators_taken_away_at_once_one_stays(tmp_path: object) -> None:
    if SERVER:
        with made_database() as url:
            told, left = _race(url)
    else:
        told, left = _race(f"sqlite:///{tmp_path}/own.db")
    assert left == 1
    assert len(told) == 1
    assert "cuối cùng" in told[0]
