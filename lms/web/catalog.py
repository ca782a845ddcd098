"""The catalogue as this process holds it, and finding things in it by address."""

from typing import NoReturn, cast

from flask import abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException

from lms.catalog.catalogue import Catalogue, Course, Lesson, Module
from lms.catalog.queries import CatalogueCache
from lms.web.transaction import READS, db


class Moved(HTTPException):
    """What was asked for has another address now."""

    def __init__(self, address: str) -> None:
        """Answer with 301; with 308 where something was sent, so that it is sent again."""
        super().__init__(response=redirect(address, 301 if request.method in READS else 308))


def catalogue() -> Catalogue:
    """Return the catalogue, compared with the database once a second; one and the same in a request."""
    if "catalogue" not in g:
        cache = cast(CatalogueCache, current_app.extensions["catalogue"])
        g.catalogue = cache.fresh() or cache.get(db())
    return cast(Catalogue, g.catalogue)


def course_at(slug: str) -> Course:
    """Return a course by its address; an older address leads to the new one, an unknown one is 404."""
    found = catalogue().course_by_slug.get(slug)
    if found is None:
        now = catalogue().course_by_id.get(_former("course", "", slug))
        _moved(khoa=now.slug if now else None)
    return found


def module_at(course: Course, slug: str) -> Module:
    """Return a module by its address; an older address leads to the new one, an unknown one is 404."""
    found = catalogue().module_by_slug.get((course.id, slug))
    if found is None:
        now = catalogue().modules.get(_former("module", course.id, slug))
        _moved(khoa=_course_slug(now), chu_de=now.slug if now else None)
    return found


def lesson_at(course: Course, slug: str) -> Lesson:
    """Return a lesson by its address; an older address leads to the new one, an unknown one is 404."""
    found = catalogue().lesson_by_slug.get((course.id, slug))
    if found is None:
        now = catalogue().lessons.get(_former("lesson", course.id, slug))
        _moved(khoa=_course_slug(now), bai=now.slug if now else None)
    return found


def _former(kind: str, course_id: str, slug: str) -> str:
    return catalogue().former.get((kind, course_id, slug), "")


def _course_slug(item: Module | Lesson | None) -> str | None:
    return catalogue().course_by_id[item.course_id].slug if item else None


def _moved(**names: str | None) -> NoReturn:
    if None in names.values() or request.endpoint is None:
        abort(404)
    values = dict(request.view_args or {}) | names | request.args.to_dict()
    raise Moved(url_for(request.endpoint, **values))
