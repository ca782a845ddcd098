"""The catalogue as this process holds it, and finding things in it by address."""

from typing import NoReturn, cast

from flask import abort, current_app, redirect, request
from werkzeug.exceptions import HTTPException

from lms.catalog.catalogue import Catalogue, Course, Lesson, Module
from lms.catalog.queries import CatalogueCache
from lms.web.transaction import db


class Moved(HTTPException):
    """What was asked for has another address now."""

    def __init__(self, address: str) -> None:
        """Answer with 301."""
        super().__init__(response=redirect(address, 301))


def catalogue() -> Catalogue:
    """Return the catalogue, compared with the database once a second."""
    cache = cast(CatalogueCache, current_app.extensions["catalogue"])
    return cache.fresh() or cache.get(db())


def course_at(slug: str) -> Course:
    """Return a course by its address; an older address answers 301, an unknown one 404."""
    found = catalogue().course_by_slug.get(slug)
    if found is None:
        item = catalogue().former.get(("course", "", slug))
        now = catalogue().course_by_id.get(item or "")
        _moved(slug, now.slug if now else None)
    return found


def module_at(course: Course, slug: str) -> Module:
    """Return a module by its address; an older address answers 301, an unknown one 404."""
    found = catalogue().module_by_slug.get((course.id, slug))
    if found is None:
        now = catalogue().modules.get(catalogue().former.get(("module", course.id, slug), ""))
        _moved(slug, now.slug if now else None)
    return found


def lesson_at(course: Course, slug: str) -> Lesson:
    """Return a lesson by its address; an older address answers 301, an unknown one 404."""
    found = catalogue().lesson_by_slug.get((course.id, slug))
    if found is None:
        olds = (catalogue().former.get(("lesson", module.id, slug)) for module in course.modules)
        now = catalogue().lessons.get(next((old for old in olds if old), ""))
        _moved(slug, now.slug if now else None)
    return found


def _moved(old: str, new: str | None) -> NoReturn:
    if new is None:
        abort(404)
    parts = request.path.split("/")
    parts[parts.index(old)] = new
    raise Moved("/".join(parts))
