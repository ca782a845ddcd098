"""`lms demo`: on an empty site only, the same each time, on any day of the year."""

import re
import shutil
from collections import Counter
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from lms import clock
from lms.accounts.models import Account
from lms.certificates.models import Certificate, Proposal
from lms.classrooms.models import Classroom
from lms.classrooms.queries import class_by_code
from lms.db import ScopedSession
from lms.demo import building
from lms.demo.month import reach
from lms.demo.people import pupils
from lms.demo.rule import Rule
from lms.demo.village import PASSWORD
from lms.people.models import Learner, Membership, Person
from lms.places.models import Unit
from lms.progress.models import ItemCompletion
from tests.ops_test.demo_double import build, figures
from tests.ops_test.home import ADDRESS, ROOT, Home
from tests.story import known


@pytest.fixture(scope="session")
def built(installed: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    """An installation on which the command was typed once, and what it said."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(installed.data, folder)
    folder.chmod(0o700)
    home = Home(folder, installed.content)
    return home, home.did("demo")


def test_the_command_says_who_can_sign_in_and_what_to_try(built: tuple[Home, str]) -> None:
    _, said = built
    assert "2 trường, 6 lớp, 200 học sinh" in said
    assert PASSWORD in said
    for login in ("lan", "hoa", "minh", "tu", "hieu-truong", "sao-mai", "quan-tri"):
        assert re.search(rf"^  {login} +\S", said, re.MULTILINE), login
    assert f"{ADDRESS}/moi/" in said
    assert "đừng mở trang mẫu ra ngoài" in said


def test_a_second_time_it_says_so_and_changes_nothing(built: tuple[Home, str]) -> None:
    home, _ = built
    people, learners = home.count(Person), home.count(Learner)
    for words in (("demo",), ("demo", "--if-empty"), ("demo", "--seed", "7")):
        said = home.did(*words)
        assert said.startswith("Trang mẫu đã có sẵn.")
        assert PASSWORD in said
    assert home.did("demo", "--quiet") == ""
    assert (home.count(Person), home.count(Learner)) == (people, learners)


def test_a_site_in_use_is_left_alone_with_the_cure(home: Home) -> None:
    home.finish_course("Nguyễn Thị Lan")
    refused = home.lms("demo")
    assert refused.exit_code == 1
    assert "Trang này đã có người học. Lệnh demo chỉ chạy trên trang trống." in refused.output
    assert "LMS_DATA" in refused.output
    spared = home.lms("demo", "--if-empty")
    assert spared.exit_code == 0
    assert "Không dựng trang mẫu" in spared.output
    assert home.count(Person) == 1
    assert home.count(Account) == home.count(Classroom) == 0


@pytest.mark.server
def test_where_strangers_could_come_in_it_is_built_only_when_asked_for_by_itself(home: Home) -> None:
    spared = home.lms("demo", "--if-empty")
    assert spared.exit_code == 0
    assert "địa chỉ công khai" in spared.output
    assert home.count(Person) == home.count(Account) == 0
    local = home.lms("demo", "--if-empty", "--quiet", LMS_PUBLIC_URL="http://127.0.0.1:8000")
    assert (local.exit_code, local.output) == (0, "")
    assert home.count(Person) > 350


def test_without_content_nothing_is_built_and_the_command_to_run_is_named(empty: Home) -> None:
    empty.did("db", "upgrade")
    refused = empty.lms("demo")
    assert refused.exit_code == 1
    assert "lms content sync" in refused.output
    assert empty.count(Person) == empty.count(Account) == 0


@pytest.mark.server
def test_without_an_address_there_is_no_certificate_and_an_administrator_is_no_hindrance(home: Home) -> None:
    home.did("user", "add", "co-sau", "--role", "admin", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert home.lms("demo", "--quiet", LMS_PUBLIC_URL=None).exit_code == 0
    assert home.count(Certificate) == 0
    assert home.count(Proposal) == 2
    assert home.count(Person) > 350


@pytest.mark.server
def test_the_same_number_gives_the_same_people_and_figures_and_another_number_others(
    db: ScopedSession,
) -> None:
    def once() -> tuple[Counter[str], dict[tuple[str, str], Counter[str]]]:
        with db.begin_nested() as savepoint:
            build(db)
            names = Counter(db.scalars(sa.select(Membership.full_name)))
            found = figures(db)
            savepoint.rollback()
        db.expunge_all()
        return names, found

    first, again = once(), once()
    assert first == again
    assert first[1]["4A", "parent"]["-"] > 0
    ours, others = pupils(Rule(1), 2026), pupils(Rule(2), 2026)
    assert {p.full_name for p in ours} != {p.full_name for p in others}
    assert Counter(reach(Rule(1), p) for p in ours) != Counter(reach(Rule(2), p) for p in others)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 7, 31, 17, 5, tzinfo=UTC), id="the first minutes of a school year"),
        pytest.param(datetime(2026, 8, 20, 1, 0, tzinfo=UTC), id="its third week", marks=pytest.mark.server),
        pytest.param(
            datetime(2027, 6, 20, 14, 0, tzinfo=UTC), id="the summer after it", marks=pytest.mark.server
        ),
    ],
)
def test_the_demo_can_be_built_on_any_day_of_the_year(db: ScopedSession, now: datetime) -> None:
    told = build(db, now)
    assert class_by_code(db, told.class_code, clock.local_date(now)) is not None
    moments = [*db.scalars(sa.select(ItemCompletion.at)), *db.scalars(sa.select(Certificate.issued_at))]
    assert max(moments) <= now
    joined = set(db.scalars(sa.select(Membership.joined_on)))
    assert max(joined) <= clock.local_date(min(moments))


def test_a_site_with_people_is_refused_before_anything_is_made(db: ScopedSession) -> None:
    known(db, "Nguyễn Thị Lan")
    with pytest.raises(building.NotEmpty):
        build(db)
    assert db.scalars(sa.select(Unit)).all() == []


def test_the_plan_needs_no_database_and_holds_two_hundred_pupils() -> None:
    assert len(pupils(Rule(1), 2026)) == len(pupils(Rule(5), 2026)) == 200
    assert pupils(Rule(3), 2026) == pupils(Rule(3), 2026)


def test_make_run_builds_it_on_an_empty_site_only() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split("\nrun:")[1].split("\n\n")[0]
    steps = re.findall(r"/lms ([^\n]+)", recipe)
    assert steps == ["db upgrade", "content sync", "demo --if-empty", "serve"]
