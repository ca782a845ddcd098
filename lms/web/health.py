"""Two questions of a machine: does the process answer, and can it work?"""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from lms.migrations import is_current
from lms.web.access import everyone
from lms.web.catalog import catalogue
from lms.web.transaction import database

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@everyone
def alive() -> Response:
    """Answer that the process runs."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@everyone
def ready() -> tuple[Response, int]:
    """Answer whether the schema is this version's and there is content to learn."""
    try:
        schema = is_current(database())
        content = schema and bool(catalogue().courses)
    except SQLAlchemyError:
        schema = content = False
    good = schema and content
    return jsonify(status="ok" if good else "not ready", schema=schema, content=content), 200 if good else 503
