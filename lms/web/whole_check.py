"""A whole check on one page, sent at once: for a network that comes and goes."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.quizzes.actions import answer_many
from lms.quizzes.marking import edition
from lms.quizzes.queries import OpenPaper, PaperRow
from lms.quizzes.responses import BadResponse
from lms.quizzes.responses import Response as Given
from lms.web.access import everyone, learner_write
from lms.web.asking import Asked, Form, answer_in, ask
from lms.web.catalog import catalogue
from lms.web.check import own_paper
from lms.web.issuer import issuer
from lms.web.transaction import db
from lms.web.visitor import doer

blueprint = Blueprint("whole_check", __name__)


@dataclass(frozen=True)
class Part:
    """A question that has no answer yet, as the page asks it."""

    position: int
    asked: Asked


@blueprint.get("/kiem-tra/<ma>/ca-bai")
@everyone
def page(ma: str) -> str | Response:
    """Ask every question that has no answer yet."""
    paper = _self_paced(ma)
    if paper.ended_at is not None:
        return redirect(url_for("check.result", ma=ma))
    return _page(ma, paper, {}, {})


def _self_paced(code: str) -> OpenPaper:
    """Return the visitor's own paper, or end with 404: a sitting is answered one question at a time."""
    paper = own_paper(code)
    if paper.sitting_id is not None:
        abort(404)
    return paper


@blueprint.post("/kiem-tra/<ma>/ca-bai")
@learner_write
def send(ma: str) -> Response | tuple[str, int]:
    """Keep the answers of the page; when one cannot be read, keep none and show everything as it was sent."""
    paper, now = _self_paced(ma), clock.now()
    if paper.ended_at is not None:
        return redirect(url_for("check.result", ma=ma), 303)
    forms = {row.position: _form_of(row) for row in paper.rows if row.choice is None}
    given: dict[int, Given] = {}
    faults: dict[int, tuple[tuple[str, str], ...]] = {}
    for row in paper.rows:
        if forms.get(row.position):
            try:
                asked = edition(db(), row.edition_id, catalogue())
                given[row.position] = answer_in(asked, row.choice_order, forms[row.position])
            except BadResponse as bad:
                faults[row.position] = bad.problems
    if faults or not given:
        return _page(ma, paper, forms, faults), 422
    answered = answer_many(db(), doer(now), ma, given, catalogue(), issuer(), now)
    if answered is None:
        abort(404)
    if answered.paper.is_complete:
        return redirect(url_for("check.result", ma=ma), 303)
    return redirect(url_for("whole_check.page", ma=ma, con=1), 303)


def _form_of(row: PaperRow) -> Form:
    """Return what was sent for a question; empty when nothing was marked, chosen or typed."""
    prefix = f"c{row.position}-"
    sent = {
        name.removeprefix(prefix): values
        for name, values in request.form.to_dict(flat=False).items()
        if name.startswith(prefix)
    }
    return sent if any(value.strip() for values in sent.values() for value in values) else {}


def _page(
    code: str,
    paper: OpenPaper,
    forms: dict[int, Form],
    faults: dict[int, tuple[tuple[str, str], ...]],
) -> str:
    parts = [
        Part(
            row.position,
            ask(
                edition(db(), row.edition_id, catalogue()),
                row.choice_order,
                given=forms.get(row.position),
                faults=faults.get(row.position, ()),
                prefix=f"c{row.position}-",
            ),
        )
        for row in paper.rows
        if row.choice is None
    ]
    errors = [
        (part.asked.id(name), f"Câu {part.position}: {sentence}")
        for part in parts
        for name, sentence in part.asked.faults
    ]
    return render_template(
        "check/whole.html",
        code=code,
        paper=paper,
        parts=parts,
        errors=errors,
        is_empty=request.method == "POST" and not errors,
        is_rest="con" in request.args,
        module=catalogue().modules.get(paper.module_id),
    )
