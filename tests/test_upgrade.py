"""Databases of every release, brought to this version: nothing anybody did is lost or worth less."""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lms import migrations
from lms.catalog.queries import load
from lms.certificates.queries import broken_links, verdict
from lms.config import Config
from lms.db import Database
from lms.people.actions import code_mac
from lms.people.models import Person
from lms.people.queries import household_by_code, learners_of
from lms.progress.queries import done_items
from lms.quizzes.actions import mark
from lms.quizzes.models import Attempt, HandIn
from lms.quizzes.queries import paper_by_code
from lms.web import create_app
from tests.browser_double import Reader
from tests.conftest import ROOT
from tests.story import SECRET
from tests.test_schema import differences

FOLDER = ROOT / "tests" / "fixtures" / "databases"
RELEASES = sorted(path.stem for path in FOLDER.glob("*.sqlite"))


@pytest.fixture(params=RELEASES)
def expected(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give what is known of a release's database."""
    known: dict[str, Any] = json.loads((FOLDER / f"{request.param}.json").read_text(encoding="utf-8"))
    return known | {"release": request.param}


@pytest.fixture
def upgraded(expected: dict[str, Any], tmp_path: Path) -> Iterator[Database]:
    """Give a copy of a release's database at this version."""
    copy = tmp_path / "lms.db"
    shutil.copyfile(FOLDER / f"{expected['release']}.sqlite", copy)
    database = Database(f"sqlite:///{copy}")
    migrations.upgrade(database)
    yield database
    database.close()


def test_the_first_release_is_kept_and_small() -> None:
    assert "0.1.0" in RELEASES
    assert (FOLDER / "0.1.0.sqlite").stat().st_size < 300_000


def test_an_upgraded_database_equals_the_models(upgraded: Database) -> None:
    assert migrations.is_current(upgraded)
    assert differences(upgraded) == []
    with upgraded.reading() as db:
        assert db.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert db.execute(sa.text("PRAGMA foreign_key_check")).all() == []


def test_an_upgraded_database_still_refuses_to_edit_what_was_done(upgraded: Database) -> None:
    with upgraded.transaction() as db, pytest.raises(sa.exc.IntegrityError, match="never edited"):
        db.execute(sa.update(HandIn).values(points=3))


def test_every_certificate_still_says_what_it_said(upgraded: Database, expected: dict[str, Any]) -> None:
    with upgraded.reading() as db:
        found = {name: verdict(db, expected[name]) for name in ("stands", "replaced", "successor", "revoked")}
        assert all(found.values())
        assert {name: v.stands for name, v in found.items() if v} == {
            "stands": True, "replaced": False, "successor": True, "revoked": False,
        }  # fmt: skip
        assert found["replaced"] is not None
        assert found["replaced"].replaced_by == expected["successor"]
        assert found["revoked"] is not None
        assert found["revoked"].reason == "Cấp nhầm người"
        assert list(broken_links(db)) == []


def test_every_score_is_the_same_when_marked_again(upgraded: Database, expected: dict[str, Any]) -> None:
    points: dict[str, list[int]] = defaultdict(list)
    with upgraded.reading() as db:
        catalogue = load(db)
        ended = sa.select(Attempt.code, Attempt.learner_id, HandIn.points, HandIn.passed).join(
            HandIn, HandIn.attempt_id == Attempt.id
        )
        for row in db.execute(ended):
            paper = paper_by_code(db, row.code, row.learner_id, None)
            assert paper is not None
            again = mark(db, paper, catalogue)
            assert (again.points, again.passes(paper.pass_percent)) == (row.points, row.passed)
            points[paper.module_id].append(row.points)
    assert {module: sorted(found) for module, found in points.items()} == expected["points"]


def test_people_their_results_and_their_code_are_still_there(
    upgraded: Database, expected: dict[str, Any]
) -> None:
    with upgraded.reading() as db:
        assert set(expected["names"]) <= set(db.scalars(sa.select(Person.full_name)))
        assert household_by_code(db, code_mac(SECRET, expected["household_code"])) is not None
        first = db.scalars(sa.select(Person.id).where(Person.full_name == expected["names"][0])).one()
        learners = learners_of(db, first)
        assert len(learners) == 2
        assert sorted(done_items(db, learners[0], first)) == expected["completed_by_first"]


def test_the_pages_of_this_version_show_what_the_release_kept(
    upgraded: Database, expected: dict[str, Any], settings: Config
) -> None:
    reader = Reader(create_app(settings, upgraded))
    reader.get(f"/tra-cuu/{expected['stands']}")
    assert "CÓ THẬT" in reader.words
    assert expected["names"][0] in reader.words
    reader.get(f"/tra-cuu/{expected['revoked']}")
    assert "ĐÃ THU HỒI" in reader.words
    reader.get("/khoa-hoc/lam-quen/chu-to/mo-cai-dat")
    reader.post("/khoa-hoc/lam-quen/chu-to/xong")
