"""One world for the tests that only look: everybody the access policy names, and what they own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lms import clock
from lms.accounts.sessions import start
from lms.catalog.models import ContentFile
from lms.catalog.queries import load as load_catalogue
from lms.config import load
from lms.db import SYSTEM, Database, ScopedSession
from lms.progress.actions import complete_lesson
from lms.quizzes.models import Attempt
from lms.web import create_app
from tests.cast import PASSWORD, Cast, gather
from tests.conftest import SharedDatabase
from tests.story import ISSUER, begin, guest, home, learn_course
from tests.web_test import school_world

PRINCIPALS = (
    *("nobody", "guest", "named", "house", "other", "pupil", "parent"),
    *("lan", "minh", "head", "officer2", "tu", "author", "admin"),
)


@dataclass(frozen=True)
class Visitors:
    """An application, the cookie of each visitor, and the names of things."""

    app: Flask
    cookies: dict[str, str]
    things: dict[str, str]

    def client(self, principal: str) -> FlaskClient:
        """Return a browser that holds a visitor's cookie."""
        client = self.app.test_client()
        if principal in self.cookies:
            client.set_cookie("phien", self.cookies[principal])
        return client

    def address(self, pattern: str) -> str:
        """Return an address with the names in braces replaced by the things themselves."""
        for name, thing in self.things.items():
            pattern = pattern.replace("{" + name + "}", thing)
        return pattern


@dataclass(frozen=True)
class World(Visitors):
    """Visitors on one transaction."""

    connection: sa.Connection


def furnish(database: Database, folder: Path) -> tuple[Flask, dict[str, str], dict[str, str]]:
    """Gather the world in a database with the sample library; return its application, cookies and things."""
    settings = load(
        {
            "LMS_DATA": str(folder / "data"),
            "LMS_PUBLIC_URL": ISSUER.public_url,
            "LMS_SITE_NAME": ISSUER.name,
        }
    )
    app = create_app(settings, database)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = True, False
    with database.transaction(SYSTEM) as db:
        cookies, things = _populate(db, settings.secret, gather(db))
    things["style"] = app.extensions["assets"].address("css/site.css").removeprefix("/static/")
    return app, cookies, things


@pytest.fixture(scope="module")
def world(migrated: SharedDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Gather the world in a transaction that is rolled back when the module's tests are done.

    It holds the writer's door, so a module that uses it uses no other database fixture.
    """
    with migrated.writer.connect() as connection:
        outer = connection.begin()
        migrated.connection = connection
        yield World(*furnish(migrated, tmp_path_factory.mktemp("world")), connection)
        outer.rollback()


def _populate(db: ScopedSession, secret: bytes, cast: Cast) -> tuple[dict[str, str], dict[str, str]]:
    now, catalogue = clock.now(), load_catalogue(db)
    first, second, stray = (
        home(db, "Quách Thị Ngọc Diệp", now, secret),
        home(db, "Trần Văn Bảy", now, secret),
        guest(db),
    )
    phieu, other_phieu = (learn_course(db, each.doer, catalogue) for each in (first, second))
    module = catalogue.courses[0].modules[0]
    complete_lesson(db, stray, module.lessons[0], catalogue, ISSUER, now)
    guest_attempt, _ = begin(db, stray, module)
    named_attempt = sa.select(Attempt.code).where(Attempt.learner_id == first.doer.learner_id)
    picture = db.execute(sa.select(ContentFile.folder, ContentFile.name)).first()
    assert phieu is not None
    assert other_phieu is not None
    assert picture is not None

    def cookie(**holds: object) -> str:
        return start(db, secret, now, **holds)[1]

    cookies = {
        "guest": cookie(learner_id=stray.learner_id),
        "named": cookie(learner_id=first.doer.learner_id, household_id=first.household.id),
        "house": cookie(household_id=first.household.id),
        "other": cookie(learner_id=second.doer.learner_id, household_id=second.household.id),
    }
    school_holds, school_things = school_world.populate(db, secret, cast, catalogue)
    cookies |= {name: cookie(**holds) for name, holds in school_holds.items()}
    cookies |= {
        name: cookie(account_id=account.id) for name, account in cast.accounts.items() if name in PRINCIPALS
    }
    things = {
        "guest-attempt": guest_attempt,
        "named-attempt": db.scalars(named_attempt).first() or "",
        "no-attempt": "0" * 32,
        "named-ref": first.ref,
        "other-ref": second.ref,
        "no-ref": "0" * 12,
        "named-code": first.code,
        "named-phieu": phieu.code,
        "other-phieu": other_phieu.code,
        "no-phieu": "0" * 16,
        "picture": f"{picture.folder}/{picture.name}",
        "password": PASSWORD,
        "han": f"{clock.today() + timedelta(days=14):%d/%m/%Y}",
    }
    return cookies, things | school_things
