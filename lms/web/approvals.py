"""The school's side of its certificate: lists that wait, the approval in one's own name, the papers."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.certificates import proposals
from lms.certificates.course_certificates import Room, SignatureRefused, Signer, signing_title
from lms.certificates.models import Proposal
from lms.certificates.proposals import Line, Listed, ProposalRefused
from lms.people.names import NameRefused, full_name
from lms.places.queries import Place
from lms.progress.proposing import Candidate, Witnessing, approve, survey, witnessings
from lms.web.access import at_school
from lms.web.acts import note
from lms.web.awards import WHOM, Errors, line_ref, papers, title_of
from lms.web.catalog import catalogue
from lms.web.issuer import issuer
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("approvals", __name__)
TITLES = ("Hiệu trưởng", "KT. Hiệu trưởng, Phó Hiệu trưởng", "Phó Hiệu trưởng")
OTHER = "khac"
SHOWN = 50
LONGEST_NOTE = 500


@blueprint.get("/truong/<truong>/giay-chung-nhan")
@at_school
def lists(truong: Place) -> str:
    """Show the lists that wait for the school, and those it has decided."""
    page = max(request.args.get("trang", 1, type=int), 1)
    decided = proposals.lists_of_school(
        db(), truong.id, waiting=False, limit=SHOWN + 1, skip=min(page - 1, 10_000) * SHOWN
    )
    return render_template(
        "awards/lists.html",
        truong=truong,
        waiting=proposals.lists_of_school(db(), truong.id, waiting=True),
        decided=decided[:SHOWN],
        page=page,
        has_more=len(decided) > SHOWN,
        title_of=title_of,
        whom=WHOM,
    )


@blueprint.get("/truong/<truong>/giay-chung-nhan/<ref>")
@at_school
def one_list(truong: Place, ref: str) -> str:
    """Show one list: names, levels, who witnessed; approve it or return it."""
    return _list_page(truong, _found(truong, ref))


@dataclass(frozen=True)
class Row:
    """A line of a list: who, by which checks before whom, and whether the certificate can still be issued."""

    ref: str
    line: Line
    candidate: Candidate | None
    seen: tuple[Witnessing, ...]

    @property
    def is_ready(self) -> bool:
        """Tell whether the certificate can be issued now."""
        return self.candidate is not None and self.candidate.is_ready


def _list_page(truong: Place, found: Proposal, errors: Errors | None = None) -> str:
    shown = proposals.listed(db(), found.id)
    rows = _rows(shown)
    typed = request.form
    return render_template(
        "awards/list.html",
        truong=truong,
        shown=shown,
        rows=rows,
        kept=set(typed.getlist("nguoi")) if errors else {row.ref for row in rows},
        errors=errors or [],
        typed=typed,
        titles=[*((title, title) for title in TITLES), (OTHER, "Chức danh khác, ghi ở ô dưới")],
        other=OTHER,
        signer=visitor.account_name,
        can_issue=bool(config().public_url),
        title_of=title_of,
        whom=WHOM,
    )


def _rows(shown: Listed) -> list[Row]:
    """Return the lines of a list; while it waits, with where each person stands today."""
    listed = proposals.lines(db(), shown.id)
    course = catalogue().course_by_id.get(shown.course_id)
    standing: dict[uuid.UUID, Candidate] = {}
    seen: dict[uuid.UUID, tuple[Witnessing, ...]] = {}
    if course is not None:
        seen = witnessings(db(), [line.person_id for line in listed], course)
        if shown.is_waiting:
            found = survey(db(), shown.unit_id, [course], catalogue(), clock.today())
            standing = {one.person_id: one for one in found[course.id, shown.audience]}
    return [
        Row(
            line_ref(shown.unit_id, line.person_id),
            line,
            standing.get(line.person_id),
            seen.get(line.person_id, ()),
        )
        for line in listed
    ]


@blueprint.post("/truong/<truong>/giay-chung-nhan/<ref>/duyet")
@at_school
def approve_list(truong: Place, ref: str) -> AnyResponse | tuple[str, int]:
    """Issue the certificates of a list in the name of the account that approves; a second time, none."""
    found = _found(truong, ref)
    back = redirect(url_for("approvals.one_list", truong=truong.ref, ref=ref), 303)
    if found.decided_at is not None:
        return back
    signer, errors = _signer()
    refs = set(request.form.getlist("nguoi"))
    kept = {
        line.person_id
        for line in proposals.lines(db(), found.id)
        if line_ref(found.unit_id, line.person_id) in refs
    }
    if not kept:
        errors.insert(0, ("danh-sach", "Chưa chọn ai để cấp giấy. Nếu cả danh sách chưa được, hãy trả lại."))
    if errors or signer is None:
        return _list_page(truong, found, errors), 422
    try:
        _issue(truong, found, signer, kept)
    except ProposalRefused as refused:
        return _list_page(truong, found, [("danh-sach", str(refused))]), 422
    return back


def _signer() -> tuple[Signer | None, Errors]:
    """Return who signs: the account's own name under the title typed; the tick says it agrees."""
    errors: Errors = []
    chosen = request.form.get("chuc_danh", "")
    is_other = chosen == OTHER
    title, name = "", ""
    try:
        title = signing_title(request.form.get("chuc_danh_khac", "") if is_other else chosen)
    except SignatureRefused as refused:
        errors.append(("chuc_danh_khac" if is_other else "chuc_danh", str(refused)))
    try:
        name = full_name(visitor.account_name)
    except NameRefused as refused:
        errors.append(
            ("dong_y", f"Tên tài khoản này chưa in được lên giấy. {refused} Nhờ người quản trị sửa tên.")
        )
    if request.form.get("dong_y") != "co":
        errors.append(("dong_y", "Đánh dấu vào ô này thì giấy mới được cấp."))
    return (None if errors else Signer(name, title)), errors


def _issue(truong: Place, found: Proposal, signer: Signer, kept: Collection[uuid.UUID]) -> None:
    assert visitor.account_id is not None  # noqa: S101
    shown, now = proposals.listed(db(), found.id), clock.now()
    room = Room(shown.class_name, truong, shown.school_year)
    done = approve(db(), found, room, signer, kept, catalogue(), issuer(), by=visitor.account_id, now=now)
    if done is None:
        return
    numbers = f"số {done.issued[0].register_number} đến {done.issued[-1].register_number}"
    words = (
        f"Cấp {len(done.issued)} giấy chứng nhận “{title_of(shown.course_id)}” cho {WHOM[shown.audience]} "
        f"lớp {shown.class_name}, {numbers}, ký: {signer.title}"
    )
    note("certify", words, truong.id)


@blueprint.post("/truong/<truong>/giay-chung-nhan/<ref>/tra-lai")
@at_school
def return_list(truong: Place, ref: str) -> AnyResponse | tuple[str, int]:
    """Return a list to its class with a note; a second time changes nothing."""
    found = _found(truong, ref)
    assert visitor.account_id is not None  # noqa: S101
    words = request.form.get("ly_do", "").replace("\r\n", "\n")
    if len(words) > LONGEST_NOTE:
        error = f"Lý do dài quá {LONGEST_NOTE} chữ. Viết ngắn lại."
        return _list_page(truong, found, [("ly_do", error)]), 422
    try:
        is_new = proposals.send_back(db(), found, words, visitor.account_id, clock.now())
    except ProposalRefused as refused:
        return _list_page(truong, found, [("ly_do", str(refused))]), 422
    if is_new:
        shown = proposals.listed(db(), found.id)
        what = f"Trả lại danh sách đề nghị “{title_of(shown.course_id)}” của lớp {shown.class_name}"
        note("return", what, truong.id)
    return redirect(url_for("approvals.one_list", truong=truong.ref, ref=ref), 303)


@blueprint.get("/truong/<truong>/giay-chung-nhan/<ref>.pdf")
@at_school
def school_papers(truong: Place, ref: str) -> Response:
    """Send the certificates of a list as one PDF, in class order."""
    return papers(_found(truong, ref))


def _found(truong: Place, ref: str) -> Proposal:
    """Return a list of one of the school's classes, or end with 404."""
    found = proposals.proposal(db(), ref, None, truong.id)
    if found is None:
        abort(404)
    return found
