"""The application as a worker serves it."""

from flask import Flask

from lms.config import Config
from lms.db import Database
from lms.migrations import NewerDatabase, current, head, refuse_newer
from lms.serve.settings import StartError
from lms.web import create_app


def open_site(config: Config) -> Flask:
    """Make the application on a database of this version's schema; raises StartError for any other.

    Asked here and not by the supervisor, which need not load the libraries of a database to keep watch.
    """
    database = Database(config.database_url)
    with database.reader.connect() as connection:
        revision = current(connection)
    try:
        refuse_newer(revision)
    except NewerDatabase as newer:
        raise StartError(str(newer)) from None
    if revision != head():
        raise StartError("Cơ sở dữ liệu chưa có hoặc còn ở bản cũ. Chạy: lms db upgrade")
    return create_app(config, database)
