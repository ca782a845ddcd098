"""The screens: a list of registrations, nothing else."""

from flask import Flask, g, request
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter

from lms import tables  # noqa: F401  (scope rules of every table)
from lms.catalog.queries import CatalogueCache
from lms.config import Config
from lms.db import Database
from lms.web import (
    access,
    account,
    admin,
    admin_accounts,
    admin_units,
    approvals,
    assets,
    assigned,
    assignment,
    awards,
    certificate,
    check,
    class_cards,
    class_list,
    classroom,
    errors,
    figures,
    filters,
    headers,
    health,
    household,
    invitation,
    join_requests,
    joining,
    learn,
    open_answers,
    origin,
    packing,
    pages,
    printed,
    printed_entry,
    pupil_door,
    questions,
    roster,
    school_classes,
    sitting_door,
    sitting_paper,
    sittings,
    slips,
    staff_accounts,
    totals,
    transaction,
    visitor,
    whole_check,
    workplace,
)
from lms.web.prefs import prefs
from lms.web.stored import Store

LARGEST_FORM = 64 * 1024
SCREENS = (
    pages,
    learn,
    check,
    whole_check,
    household,
    certificate,
    account,
    health,
    classroom,
    assignment,
    awards,
    approvals,
    assigned,
    joining,
    pupil_door,
    slips,
    class_cards,
    join_requests,
    invitation,
    workplace,
    staff_accounts,
    figures,
    totals,
    admin,
    admin_units,
    admin_accounts,
    roster,
    class_list,
    school_classes,
    sittings,
    sitting_door,
    sitting_paper,
    open_answers,
    printed,
    printed_entry,
    questions,
)


class Number(IntegerConverter):
    """A number in an address, in its one spelling: no 01, no digits of other scripts."""

    regex = "[1-9][0-9]{0,2}"


def create_app(config: Config, database: Database | None = None) -> Flask:
    """Make the application; raises UndeclaredRoute when a route does not say who may use it."""
    app = Flask("lms.web", static_folder=None, template_folder=str(config.templates))
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_PARTS=200)
    app.url_map.converters["so"] = Number
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["catalogue"], app.extensions["store"] = CatalogueCache(), Store()
    # Flask calls these backwards: the transaction ends first, then come cookies, headers, compression.
    packing.install(app)
    headers.install(app)
    visitor.install(app, config)
    transaction.install(app, database or Database(config.database_url))
    origin.install(app)
    errors.install(app)
    filters.install(app)
    assets.install(app)
    for screen in SCREENS:
        app.register_blueprint(screen.blueprint)
    app.context_processor(_for_every_page)
    app.jinja_env.globals["site"] = {
        "name": config.site_name,
        "phone": config.site_phone,
        "address": config.site_address,
        "public_url": config.public_url,
    }
    access.refuse_undeclared(app)
    return app


def _for_every_page() -> dict[str, object]:
    query = request.query_string.decode("ascii", "replace")
    keeps_query = query and request.method == "GET" and not g.get("is_for_all")
    here = f"{request.path}?{query}" if keeps_query else request.path
    return {"prefs": prefs(), "here": here, "compact": False}
