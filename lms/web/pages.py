"""The pages that everybody needs: home, help, the first hour after a scam, looks, search, own data."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.catalog.queries import file_of
from lms.vietnamese import fold, nfc
from lms.web.access import everyone
from lms.web.assets import FOREVER
from lms.web.assigned import nearest, own_tasks
from lms.web.catalog import catalogue
from lms.web.learn import done_by_visitor, next_lesson, step_address
from lms.web.prefs import remember
from lms.web.stored import stored_page
from lms.web.transaction import db
from lms.web.visitor import config, has_cookie, visitor

blueprint = Blueprint("pages", __name__)
LONGEST_QUERY = 100


@blueprint.get("/")
@everyone
def home() -> str | Response:
    """Show one main action; a known learner sees what is due first, or where to go on."""
    if has_cookie() and visitor.is_known:
        done = done_by_visitor()
        lesson, own = next_lesson(done), own_tasks(done)
        return render_template(
            "home/known.html",
            visitor=visitor,
            done=done,
            task=nearest(own),
            rooms={each.group.audience for each in own},
            lesson=lesson,
            course=catalogue().course_by_id[lesson.course_id] if lesson else None,
            courses=catalogue().courses,
        )
    first = next(iter(catalogue().lessons.values()), None)
    return stored_page(
        catalogue().revision,
        lambda: render_template("home/unknown.html", courses=catalogue().courses, first=first),
    )


@blueprint.get("/bi-lua")
@everyone
def scammed() -> Response:
    """Show what to do in the first hour after a scam."""
    page = catalogue().page("trang-bi-lua")
    if page is None:
        abort(404)
    return stored_page(
        catalogue().revision,
        lambda: render_template("pages/scammed.html", page=page, today=clock.today()),
    )


@blueprint.get("/tro-giup")
@everyone
def help_page() -> Response:
    """Show how to get help."""
    return stored_page(catalogue().revision, lambda: render_template("pages/help.html"))


@blueprint.get("/co-that-khong")
@everyone
def genuine() -> Response:
    """Tell how to know this site from a fake one."""
    return stored_page(catalogue().revision, lambda: render_template("pages/genuine.html"))


@blueprint.get("/du-lieu")
@everyone
def own_data() -> str:
    """Tell what is kept about the visitor, and how to leave."""
    done = done_by_visitor()
    return render_template("pages/own_data.html", visitor=visitor, done=done, catalogue=catalogue())


@blueprint.get("/da-thoat")
@everyone
def left() -> Response:
    """Say that the machine is clean for the next person."""
    return stored_page(catalogue().revision, lambda: render_template("pages/left.html"))


@blueprint.get("/tim")
@everyone
def search() -> str:
    """Find lessons by words, with or without diacritics."""
    typed = nfc(request.args.get("q", "")).strip()[:LONGEST_QUERY]
    words = fold(typed).split()
    found = [
        (lesson, step_address(catalogue().course_by_id[lesson.course_id], lesson))
        for lesson in catalogue().lessons.values()
        if words and all(word in lesson.search_text for word in words)
    ]
    return render_template("pages/search.html", typed=typed, found=found, courses=catalogue().course_by_id)


@blueprint.get("/tuy-chon")
@everyone
def looks() -> str:
    """Offer sizes and contrast on a page of their own."""
    return render_template("pages/looks.html", back=own_path(request.args.get("ve")))


@blueprint.post("/tuy-chon")
@everyone
def change_looks() -> AnyResponse:
    """Keep a size or contrast and return to where the visitor was."""
    response = redirect(own_path(request.form.get("ve")), 303)
    remember(response, request.form.get("co"), request.form.get("tp"), secure=config().is_https)
    return response


def own_path(typed: str | None) -> str:
    """Return a path of this site to go back to; anything else becomes the home page."""
    if not typed or not typed.startswith("/") or typed.startswith(("//", "/\\")):
        return "/"
    if any(ord(c) < 33 or c == "\\" for c in typed):
        return "/"
    parts = urlsplit(typed)
    return typed if not parts.scheme and not parts.netloc else "/"


@blueprint.get("/tep/<folder>/<path:name>")
@everyone
def content_file(folder: str, name: str) -> Response:
    """Send a picture or recording of a lesson, or a part of it; its address changes with its bytes."""
    found = file_of(db(), folder, name)
    if found is None:
        abort(404)
    headers = {"Cache-Control": FOREVER, "Content-Security-Policy": "default-src 'none'; sandbox"}
    response = Response(found.body, headers=headers, content_type=found.media_type)
    response.set_etag(folder)
    response.make_conditional(request, accept_ranges=True, complete_length=len(found.body))
    return response


@blueprint.get("/robots.txt")
@everyone
def robots() -> Response:
    """Ask search engines to stay out of what concerns persons."""
    people = (
        "/tra-cuu/",
        "/kiem-tra/",
        "/phieu",
        "/nguoi-hoc",
        "/vao-lop",
        "/lop-em",
        "/bai-co-giao",
        "/moi",
    )
    work = ("/tai-khoan", "/loi-moi", "/gv", "/truong", "/xa", "/qt")
    body = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in (*people, *work))
    return Response(body, content_type="text/plain; charset=utf-8")
