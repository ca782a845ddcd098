"""The application as a worker serves it."""

from flask import Flask

from lms.config import Config
from lms.db import Database
from lms.migrations import WrongSchema, require_current
from lms.serve.settings import StartError
from lms.web import create_app


def open_site(config: Config) -> Flask:
    """Make the application on a database of this version's schema; raises StartError for any other.

    Asked here and not by the supervisor, which need not load the libraries of a database to keep watch.
    """
    database = Database(config.database_url)
    try:
        require_current(database)
    except WrongSchema as wrong:
        raise StartError(str(wrong)) from None
    return create_app(config, database)
