"""All questions of a paper in a sitting on one page, and handing it in."""

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.quizzes.marking import edition
from lms.quizzes.queries import OpenPaper
from lms.quizzes.sittings import hand_in_sitting
from lms.web.access import everyone, learner_write
from lms.web.catalog import catalogue
from lms.web.check import own_paper
from lms.web.issuer import issuer
from lms.web.sitting_steps import clock_of
from lms.web.transaction import db
from lms.web.visitor import doer

blueprint = Blueprint("sitting_paper", __name__)


def _own_paper(code: str) -> OpenPaper:
    """Return the visitor's own paper of a sitting, or end with 404."""
    paper = own_paper(code)
    if paper.sitting_id is None:
        abort(404)
    return paper


@blueprint.get("/kiem-tra/<ma>/nop")
@everyone
def overview(ma: str) -> str | Response:
    """Show which questions have an answer; once the time is over, only that the paper is to be seen."""
    paper, now = _own_paper(ma), clock.now()
    if paper.ended_at is not None:
        return redirect(url_for("check.result", ma=ma))
    module = catalogue().modules.get(paper.module_id)
    return render_template(
        "sittings/overview.html",
        code=ma,
        paper=paper,
        title=module.title if module else "bài của lớp",
        questions_of_paper=[(row, edition(db(), row.edition_id, catalogue())) for row in paper.rows],
        empty=sum(row.choice is None for row in paper.rows),
        is_over=paper.is_over(now),
        sitting_clock=clock_of(paper, now),
    )


@blueprint.post("/kiem-tra/<ma>/nop")
@learner_write
def hand_in(ma: str) -> Response:
    """Hand the paper in as it stands; a second tap leads to the same result."""
    now = clock.now()
    if _own_paper(ma).ended_at is None:
        hand_in_sitting(db(), doer(now), ma, catalogue(), issuer(), now)
    return redirect(url_for("check.result", ma=ma), 303)
