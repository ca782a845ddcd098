"""The class's side of the school's certificate: who is ready, the list to send, the papers to print."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.catalog.catalogue import Course, Module
from lms.certificates import proposals
from lms.certificates.models import Proposal
from lms.certificates.proposals import Listed, ProposalRefused
from lms.certificates.queries import pages_of
from lms.classrooms.assigned import class_head
from lms.classrooms.assigning import AUDIENCES
from lms.classrooms.queries import classroom
from lms.mac import mac
from lms.places.queries import Place
from lms.progress.proposing import Candidate, eligible, propose, survey
from lms.vietnamese import slug
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("awards", __name__)
WHOM = {"student": "học sinh", "parent": "cha mẹ học sinh"}
TYPED = {"hoc-sinh": "student", "cha-me": "parent"}
IN_ADDRESS = {audience: typed for typed, audience in TYPED.items()}
SENT = 3
"""How many of the lists sent before a class's page tells of."""
Errors = list[tuple[str, str]]


@blueprint.get("/gv/lop/<lop>/de-nghi")
@at_class
def propose_form(lop: Place) -> str:
    """Show who of a class is ready for the school's certificate, who is not and why."""
    return _propose_page(lop)


def _propose_page(lop: Place, errors: Errors | None = None) -> str:
    found = survey(db(), lop.id, catalogue().courses, catalogue(), clock.today())
    course, audience = _asked(found)
    candidates = found.get((course.id, audience), []) if course else []
    sent = proposals.lists_of_class(db(), lop.id, course.id, audience) if course else []
    waiting = next((one for one in sent if one.is_waiting), None)
    if errors:
        ticked = set(request.form.getlist("nguoi"))
    elif waiting:
        ticked = {line_ref(lop.id, line.person_id) for line in proposals.lines(db(), waiting.id)}
    else:
        ticked = {line_ref(lop.id, one.person_id) for one in candidates if one.is_ready}
    return render_template(
        "awards/propose.html",
        lop=lop,
        course=course,
        audience=audience,
        choices=_choices(found),
        candidates=[(line_ref(lop.id, one.person_id), one) for one in candidates],
        ticked=ticked,
        sent=sent[:SENT],
        left_out={one.id: _left_out(one) for one in sent[:SENT]},
        waiting=waiting,
        confirm=_confirmations(lop, course, audience, candidates) if course else [],
        whom=WHOM,
        in_address=IN_ADDRESS,
        errors=errors or [],
    )


def _left_out(sent: Listed) -> list[str]:
    """Return the names of an approved list that got no certificate."""
    if sent.decision != proposals.APPROVED or sent.issued == sent.people:
        return []
    return [line.full_name for line in proposals.lines(db(), sent.id) if line.register_number is None]


def _confirmations(
    lop: Place, course: Course, audience: str, candidates: list[Candidate]
) -> list[tuple[Module, int, str | None]]:
    """Return the modules done but not witnessed, by how many, and the assignment in which to confirm them."""
    behind = [module for one in candidates for module in one.unwitnessed]
    given = class_head(db(), lop.id, clock.today()).given if behind else ()
    refs = {one.item_id: one.ref for one in given if one.audience == audience}
    return [
        (module, behind.count(module), refs.get(module.id, refs.get(course.id)))
        for module in course.modules
        if module in behind
    ]


def _asked(found: dict[tuple[str, str], list[Candidate]]) -> tuple[Course | None, str]:
    """Return the course and audience in the address; without them, the first for which somebody is ready."""
    course = catalogue().course_by_slug.get(request.values.get("khoa", ""))
    audience = TYPED.get(request.values.get("cho", ""))
    for other in catalogue().courses:
        for whom in AUDIENCES:
            fits = course in (None, other) and audience in (None, whom)
            if fits and any(one.is_ready for one in found[other.id, whom]):
                return other, whom
    return course or next(iter(catalogue().courses), None), audience or AUDIENCES[0]


@dataclass(frozen=True)
class Choice:
    """A course and audience to choose, with how many are ready and how many have the certificate."""

    course: Course
    audience: str
    ready: int
    held: int


def _choices(found: dict[tuple[str, str], list[Candidate]]) -> list[Choice]:
    return [
        Choice(
            course,
            audience,
            sum(one.is_ready for one in found[course.id, audience]),
            sum(one.number is not None for one in found[course.id, audience]),
        )
        for course in catalogue().courses
        for audience in AUDIENCES
    ]


@blueprint.post("/gv/lop/<lop>/de-nghi")
@at_class
def send_list(lop: Place) -> AnyResponse | tuple[str, int]:
    """Send the ticked ones to the school as one list; sent again while it waits, it replaces the first."""
    course = catalogue().course_by_slug.get(request.form.get("khoa", ""))
    audience = TYPED.get(request.form.get("cho", ""))
    if course is None or audience is None:
        abort(404)
    assert visitor.account_id is not None  # noqa: S101
    now, refs = clock.now(), set(request.form.getlist("nguoi"))
    ready = eligible(db(), lop.id, course, audience, catalogue(), clock.local_date(now))
    chosen = {one.person_id for one in ready if line_ref(lop.id, one.person_id) in refs}
    try:
        made = propose(db(), lop, course, audience, chosen, catalogue(), by=visitor.account_id, now=now)
    except ProposalRefused as refused:
        return _propose_page(lop, [("nguoi", str(refused))]), 422
    if made.made_at == now:
        what = (
            f"Đề nghị cấp {len(chosen)} giấy chứng nhận “{course.title}” cho {WHOM[audience]} lớp {lop.name}"
        )
        note("propose", what, lop.id)
    address = url_for("awards.propose_form", lop=lop.ref, khoa=course.slug, cho=IN_ADDRESS[audience])
    return redirect(address, 303)


@blueprint.get("/gv/lop/<lop>/giay-chung-nhan/<ref>.pdf")
@at_class
def class_papers(lop: Place, ref: str) -> Response:
    """Send the certificates of one of the class's lists as one PDF, in class order."""
    room = classroom(db(), lop.id)
    return papers(proposals.proposal(db(), ref, lop.id, room.school_id))


def papers(found: Proposal | None) -> Response:
    """Send what came of a list as one PDF, or end with 404."""
    pages = pages_of(db(), found.id) if found else []
    if found is None or not pages:
        abort(404)
    # Typst and its fonts are loaded by workers that draw, when they first do.
    from lms.certificates.pdf import render_class_pdf

    body = render_class_pdf([page.payload for page in pages], config().designs)
    name = f"giay-chung-nhan-lop-{slug(pages[0].payload['class_name'])}.pdf"
    return Response(
        body,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def line_ref(unit_id: uuid.UUID, person_id: uuid.UUID) -> str:
    """Return what stands for a member of a class in forms: nothing that is kept, nothing to be guessed."""
    return mac(config().secret, "proposed-person", unit_id.bytes + person_id.bytes).hex()[:12]


def title_of(course_id: str) -> str:
    """Return a course's title, also when the course is offered no more."""
    course = catalogue().course_by_id.get(course_id)
    return course.title if course else "Khóa học không còn trên trang"
