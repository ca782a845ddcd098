"""A person's own phiếu and giấy chứng nhận, and the page on which anyone checks one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms import clock, codes
from lms.accounts import throttle
from lms.catalog.catalogue import Module
from lms.certificates import queries
from lms.certificates.actions import PAPER
from lms.certificates.models import COURSE, SELF_STUDY
from lms.classrooms.assigned import classes_of
from lms.people.actions import SHOW_NAME
from lms.people.queries import has_consented
from lms.progress.actions import Doer, settle_person
from lms.progress.models import WITNESSED
from lms.progress.rules import CourseDone, Done, course_done
from lms.vietnamese import fold, same_name
from lms.web.access import everyone, named
from lms.web.catalog import catalogue
from lms.web.issuer import issuer
from lms.web.learn import done_by_visitor
from lms.web.transaction import after_rollback, db
from lms.web.visitor import client_address, config, visitor

blueprint = Blueprint("certificate", __name__)
FREE_NAMES = 10


@blueprint.get("/phieu")
@everyone
def own() -> str:
    """Show what the visitor has earned and what is missing."""
    done = done_by_visitor()
    held = queries.held(db(), visitor.person_id) if visitor.person_id else []
    earned = {one.certificate.course_id for one in held if one.certificate.kind == SELF_STUDY}
    finished = {c.id: ended for c in catalogue().courses if (ended := course_done(c, done))}
    return render_template(
        "certificate/own.html",
        held=[(one.certificate, json.loads(one.certificate.payload), one.reason) for one in held],
        courses=catalogue().courses,
        done=done,
        earned=earned,
        finished=finished,
        school=_of_school(held, finished, done),
        waiting=bool(finished.keys() - earned),
        can_issue=bool(config().public_url),
        visitor=visitor,
    )


@dataclass(frozen=True)
class School:
    """What the visitor has of the school's certificates, and what of finished courses nobody witnessed."""

    audiences: frozenset[str]
    certified: frozenset[str]
    unwitnessed: Mapping[str, tuple[Module, ...]]


def _of_school(
    held: Sequence[queries.Held], finished: Mapping[str, CourseDone], done: Mapping[str, Done]
) -> School:
    standing = [one.certificate for one in held if one.certificate.kind == COURSE and one.reason is None]
    classes = classes_of(db(), visitor.person_id, clock.today()) if visitor.person_id else []
    modules = catalogue().modules
    return School(
        audiences=frozenset(one.audience for one in classes),
        certified=frozenset(one.course_id for one in standing),
        unwitnessed={
            course: tuple(
                modules[m] for m in ended.edition.modules if m in modules and done[m].level < WITNESSED
            )
            for course, ended in finished.items()
        },
    )


@blueprint.post("/phieu/nhan")
@named
def collect() -> AnyResponse:
    """Issue the phiếu that are earned but not issued yet, such as before the site had its address."""
    assert visitor.learner_id is not None  # noqa: S101
    doer = Doer(visitor.learner_id, visitor.person_id, visitor.full_name)
    settle_person(db(), doer, catalogue(), issuer(), clock.now())
    return redirect(url_for("certificate.own"), 303)


@blueprint.get("/phieu/<ma>.pdf")
@named
def download(ma: str) -> Response:
    """Send the visitor's own certificate as PDF, drawn from its frozen words."""
    assert visitor.person_id is not None  # noqa: S101
    certificate = queries.own(db(), visitor.person_id, ma)
    if certificate is None:
        abort(404)
    # Typst and its fonts are loaded by workers that draw, when they first do.
    from lms.certificates.pdf import render_pdf

    body = render_pdf(json.loads(certificate.payload), config().designs, certificate.design)
    kind = "giay-chung-nhan" if certificate.kind == COURSE else "phieu"
    name = f"{kind}-{certificate.code}.pdf"
    return Response(
        body,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/tra-cuu")
@everyone
def ask() -> str | AnyResponse:
    """Ask for a code, or lead a typed one to its page."""
    typed = request.args.get("ma", "").strip()
    if not typed:
        return render_template("certificate/ask.html", errors=[], typed="")
    try:
        code = codes.parse(typed)
    except codes.CodeSlip as slip:
        page = render_template("certificate/ask.html", errors=[("ma", str(slip))], typed=typed)
        return AnyResponse(page, 422, content_type="text/html; charset=utf-8")
    return redirect(url_for("certificate.check", ma=code), 303)


@blueprint.get("/tra-cuu/<ma>")
@everyone
def check(ma: str) -> str | tuple[str, int]:
    """Answer whether a certificate is genuine: CÓ THẬT, ĐÃ THU HỒI, KHÔNG CÓ THẬT or cannot tell."""
    return _check_page(ma)


def _check_page(
    typed: str, said: bool | None = None, error: str | None = None, status: int = 200
) -> tuple[str, int]:
    try:
        code = codes.parse(typed)
    except codes.CodeSlip as slip:
        if sum(c.isdigit() for c in typed) == codes.LENGTH:
            return render_template("certificate/missing.html", slip=str(slip), typed=typed), 404
        # Too short or too long is a slip of the fingers, not a forged paper.
        return render_template("certificate/ask.html", errors=[("ma", str(slip))], typed=typed), 404
    try:
        found = queries.verdict(db(), code)
    except Exception:
        # Whatever breaks here must never read as “không có thật”.
        return render_template("certificate/unknown.html"), 503
    if found is None:
        return render_template("certificate/missing.html", slip=None, typed=code), 404
    shows_name = found.payload["audience"] != "student" and has_consented(db(), found.person_id, SHOW_NAME)
    page = render_template(
        "certificate/check.html",
        found=found,
        shows_name=shows_name,
        said=said,
        error=error,
        paper=PAPER[found.payload["kind"]],
        code=code,
        name_typed=request.form.get("ho_ten", ""),
    )
    return page, status


@blueprint.post("/tra-cuu/<ma>")
@everyone
def compare(ma: str) -> tuple[str, int]:
    """Compare a typed name with the name on the certificate, without ever showing it."""
    try:
        code = codes.parse(ma)
    except codes.CodeSlip:
        return _check_page(ma)
    now = clock.now()
    key = throttle.key(config().secret, "certificate-name", code, client_address())
    try:
        throttle.check(db(), {key: FREE_NAMES}, now)
    except throttle.TooManyTries as wait:
        return _check_page(code, error=f"Thử nhiều lần quá. Chờ {wait.seconds} giây rồi thử lại.", status=429)
    typed = request.form.get("ho_ten", "").strip()
    if not typed:
        return _check_page(code, error="Gõ họ tên ghi trên giấy.", status=422)
    found = queries.verdict(db(), code)
    if found is None or not found.stands:
        return _check_page(code)
    matches = _fits(typed, found.payload["holder_name"])
    if not matches:
        after_rollback(lambda own: throttle.failed(own, [key], now))
    return _check_page(code, said=matches, status=200 if matches else 422)


def _fits(typed: str, name: str) -> bool:
    """Tell whether a typed name is the name on the paper; typed without diacritics, it need have none."""
    return same_name(typed, name) or (typed.isascii() and fold(typed).split() == fold(name).split())
