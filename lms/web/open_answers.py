"""Answers that pupils wrote in a sitting, marked by the teacher with criteria and without names."""

import re
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.catalog.catalogue import Question
from lms.mac import mac
from lms.places.queries import Place
from lms.progress.actions import doer_of
from lms.quizzes.marking import edition, judged_by
from lms.quizzes.models import Sitting
from lms.quizzes.open_answers import OpenAnswer, open_answers, questions_to_mark
from lms.quizzes.open_marking import Marker, PointsRefused, mark_open
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.issuer import issuer
from lms.web.sitting_steps import seen_number
from lms.web.sittings import found_sitting, open_questions, title_of
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("open_answers", __name__)


@dataclass(frozen=True)
class Sheet:
    """An answer among those to one question: `ref` stands for it in addresses, `number` on the page.

    One that the viewer wrote (`is_own`) is somebody else's to mark.
    """

    ref: str
    number: int
    answer: OpenAnswer
    is_own: bool

    @property
    def is_waiting(self) -> bool:
        """Tell whether the viewer has it still to mark."""
        return self.answer.points is None and not self.is_own

    @property
    def total(self) -> int:
        """Return the points given, 0 while nobody has marked it."""
        return sum((self.answer.points or {}).values())


@dataclass(frozen=True)
class Pile:
    """What a class wrote to one question of a sitting, in an order that tells nothing of who wrote what."""

    sitting: Sitting
    question_id: str
    sheets: tuple[Sheet, ...]

    def find(self, ref: str) -> Sheet | None:
        """Return the answer that a ref stands for, or None."""
        return next((sheet for sheet in self.sheets if sheet.ref == ref), None)

    def next_after(self, sheet: Sheet) -> Sheet | None:
        """Return the next answer that nobody has marked, beginning behind this one."""
        at = sheet.number
        behind = (*self.sheets[at:], *self.sheets[: at - 1])
        return next((one for one in behind if one.is_waiting), None)


@blueprint.get("/gv/lop/<lop>/cham-bai")
@at_class
def home(lop: Place) -> str:
    """List the questions that pupils of a class answered in words, with how many wait."""
    found = questions_to_mark(db(), lop.id, open_questions())
    return render_template(
        "sittings/to_mark.html",
        lop=lop,
        found=found,
        titles={module.id: module.title for module in catalogue().modules.values()},
        texts={question.id: question.text for question in catalogue().questions.values()},
    )


def _pile(lop: Place, ref: str, question_id: str) -> Pile:
    """Return the answers that an address names, or end with 404."""
    sitting = found_sitting(lop, ref)
    if question_id not in open_questions():
        abort(404)
    found = sorted(open_answers(db(), sitting.id, question_id), key=_ref)
    sheets = tuple(Sheet(_ref(one), number, one, _is_own(one)) for number, one in enumerate(found, start=1))
    if not sheets:
        abort(404)
    return Pile(sitting, question_id, sheets)


def _ref(one: OpenAnswer) -> str:
    return mac(config().secret, "open-answer", one.attempt_id.bytes + one.edition_id.encode()).hex()[:12]


def _is_own(one: OpenAnswer) -> bool:
    return one.person_id is not None and one.person_id == visitor.account_person_id


@blueprint.get("/gv/lop/<lop>/cham-bai/<ma>/<cau>")
@at_class
def pile(lop: Place, ma: str, cau: str) -> str:
    """List the answers to one question: which are marked, which wait."""
    found = _pile(lop, ma, cau)
    question = _criteria(found.sheets[0])
    return render_template(
        "sittings/pile.html",
        lop=lop,
        pile=found,
        title=title_of(found.sitting),
        question=question,
        most=sum(int(line.mark) for line in question.lines) if question else 0,
        first=next((sheet for sheet in found.sheets if sheet.is_waiting), None),
        is_done="xong" in request.args,
    )


def _criteria(sheet: Sheet) -> Question | None:
    """Return the edition that an answer is marked by; None when the question was dropped."""
    return judged_by(db(), sheet.answer.edition_id, catalogue())


@blueprint.get("/gv/lop/<lop>/cham-bai/<ma>/<cau>/<bai>")
@at_class
def sheet(lop: Place, ma: str, cau: str, bai: str) -> str:
    """Show one answer with the criteria, filled in as it was marked last."""
    found = _pile(lop, ma, cau)
    one = found.find(bai)
    if one is None:
        abort(404)
    typed = {key: str(points) for key, points in (one.answer.points or {}).items()}
    return _sheet_page(lop, found, one, typed)


def _sheet_page(
    lop: Place,
    found: Pile,
    one: Sheet,
    typed: dict[str, str],
    errors: tuple[tuple[str, str], ...] = (),
    *,
    is_conflict: bool = False,
) -> str:
    question = _criteria(one)
    if question is None or question.kind != "open":
        abort(404)
    return render_template(
        "sittings/sheet.html",
        lop=lop,
        pile=found,
        sheet=one,
        title=title_of(found.sitting),
        asked=edition(db(), one.answer.edition_id, catalogue()),
        question=question,
        typed=typed,
        errors=errors,
        is_conflict=is_conflict,
    )


@blueprint.post("/gv/lop/<lop>/cham-bai/<ma>/<cau>/<bai>")
@at_class
def give_points(lop: Place, ma: str, cau: str, bai: str) -> Response | tuple[str, int]:
    """Keep the points of one answer and lead to the next that waits; the same points change nothing."""
    found = _pile(lop, ma, cau)
    one = found.find(bai)
    question = _criteria(one) if one else None
    if one is None or question is None:
        abort(404)
    typed = {line.key: request.form.get(f"y-{line.key}", "") for line in question.lines}
    points = {key: int(value) for key, value in typed.items() if re.fullmatch(r"[0-9]{1,3}", value)}
    seen, now = seen_number(), clock.now()
    marker = Marker(visitor.account_name, visitor.account_id, visitor.account_person_id)
    try:
        marked = mark_open(
            *(db(), doer_of(db(), one.answer.learner_id), one.answer.attempt_id, cau, points, seen, marker),
            *(catalogue(), issuer(), now),
        )
    except PointsRefused as refused:
        problems = tuple((f"y-{key}", sentence) for key, sentence in refused.problems)
        return _sheet_page(lop, found, one, typed, problems), 422
    if marked is None:
        abort(404)
    if marked.is_conflict:
        return _sheet_page(lop, found, one, typed, is_conflict=True), 409
    if marked.is_kept:
        what = f"Chấm một câu trả lời viết, kiểm tra “{title_of(found.sitting)}”, lớp {lop.name}"
        note("mark-open", what, lop.id)
    following = found.next_after(one)
    if following is None:
        return redirect(url_for("open_answers.pile", lop=lop.ref, ma=ma, cau=cau, xong=1), 303)
    address = url_for("open_answers.sheet", lop=lop.ref, ma=ma, cau=cau, bai=following.ref)
    return redirect(address, 303)
