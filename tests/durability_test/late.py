"""The fault that the kill tests must find: an application that replies before it commits."""

import threading
import time

from flask import Flask

from lms.config import Config
from lms.db import Database, Scope, ScopedSession
from lms.web import create_app as create_honest_app

LATE_SECONDS = 0.04


class LateSession(ScopedSession):
    """Says that it has committed, and does so a moment later."""

    is_late = False

    def commit(self) -> None:
        """Return at once."""
        self.is_late = True
        threading.Thread(target=self._commit, daemon=True).start()

    def _commit(self) -> None:
        time.sleep(LATE_SECONDS)
        super().commit()
        super().close()

    def close(self) -> None:
        """Leave the closing to whoever commits."""
        if not self.is_late:
            super().close()


class LateDatabase(Database):
    """A database whose writing sessions commit late."""

    def session(self, scope: Scope, *, writes: bool) -> ScopedSession:
        """Open a session for this viewer."""
        if not writes:
            return super().session(scope, writes=False)
        return LateSession(self.writer, info={"scope": scope}, expire_on_commit=False)


def create_app(config: Config) -> Flask:
    """Make the product's application on a late database."""
    return create_honest_app(config, LateDatabase(config.database_url))
