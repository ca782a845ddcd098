"""An installation on disk, and the commands an administrator types there."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from lms import clock, tables  # noqa: F401  (every table must be known)
from lms.catalog.queries import load as load_catalogue
from lms.cli import lms
from lms.config import Config, load
from lms.db import Database, insert_once, new_id
from lms.people.actions import add_person, claim, make_learner
from lms.progress.models import ItemCompletion

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://hoc.example.vn"


@dataclass(frozen=True)
class Home:
    """A data folder and a content folder of a test's own."""

    data: Path
    content: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"LMS_DATA": str(self.data), "LMS_CONTENT_ROOT": str(self.content), "LMS_PUBLIC_URL": ADDRESS}

    def lms(self, *words: str, stdin: str | None = None, **environ: str | None) -> Result:
        """Run a command in this process, as main() would."""
        clean = {name: None for name in os.environ if name.startswith(("LMS_", "DATABASE_URL"))}
        return CliRunner().invoke(lms, words, input=stdin, env=clean | self.environ | environ)

    def did(self, *words: str, stdin: str | None = None) -> str:
        """Run a command that has to succeed and return what it said."""
        result = self.lms(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.output

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start Python with these words in a process of its own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LMS_", "DATABASE_URL"))}
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=kept | self.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def config(self) -> Config:
        return load(self.environ)

    def database(self) -> Database:
        return Database(self.config().database_url)

    def finish_course(self, name: str) -> uuid.UUID:
        """Make a person who has completed the whole course but holds no certificate yet."""
        now, database = clock.now(), self.database()
        with database.transaction() as db:
            learner, person = make_learner(db, now), add_person(db, name, now)
            claim(db, learner, person.id, "test", now)
            for module in load_catalogue(db).courses[0].modules:
                for item in module.required_items:
                    row = {"learner_id": learner, "item_id": item, "at": now, "level": 1, "mode": "alone"}
                    insert_once(db, ItemCompletion, id=new_id(), **row)
        database.close()
        return person.id

    def count(self, model: type) -> int:
        """Return how many rows a table has."""
        from sqlalchemy import func, select

        database = self.database()
        with database.reading() as db:
            number = db.scalar(select(func.count()).select_from(model))
        database.close()
        return number or 0

    def with_database(self, work: Callable[[Database], object]) -> object:
        """Call something with the open database."""
        database = self.database()
        try:
            return work(database)
        finally:
            database.close()
