"""One assignment of a class: who is behind, the message to send, what the teacher saw, taking it back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.catalog.catalogue import Module
from lms.classrooms.assigned import ClassHead, Given, assignment, class_head
from lms.classrooms.assigning import withdraw
from lms.classrooms.models import Assignment
from lms.classrooms.targets import Target, target_of
from lms.mac import mac
from lms.places.queries import Place
from lms.progress.actions import Doer
from lms.progress.witnessing import Pass, passes
from lms.quizzes.independence import passed_alone, witness_own_check
from lms.reports.classrooms import Family, Somebody, families
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.catalog import catalogue
from lms.web.classroom import WHOM, page_number, standings
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("assignment", __name__)


@dataclass(frozen=True)
class Asked:
    """An assignment with its class and what it asks for."""

    head: ClassHead
    given: Given
    target: Target


@blueprint.get("/gv/lop/<lop>/bai-giao/<bai>")
@at_class
def home(lop: Place, bai: str) -> str | Response:
    """Show who of the class has not started, is under way, is done."""
    asked = _asked(lop, bai)
    if asked is None:
        return _gone(lop)
    today, page = clock.today(), page_number()
    table, has_more = standings(lop, [(asked.given, asked.target)], page, today)
    groups = {name: [line for line in table if name == _group(line.cells[0].kind)] for name in GROUPS}
    return render_template(
        "assignment/assignment.html",
        lop=lop,
        asked=asked,
        groups=groups,
        total=len(table),
        whom=WHOM,
        page=page,
        has_more=has_more,
        today=today,
        confirmed=request.args.get("da_xac_nhan", type=int),
    )


GROUPS = {"new": "Chưa bắt đầu", "started": "Đang học", "done": "Đã xong"}


def _group(kind: str) -> str:
    return {"new": "new", "started": "started", "unwitnessed": "started"}.get(kind, "done")


def _asked(lop: Place, ref: str) -> Asked | None:
    """Return the assignment in the address; None when it was taken back; ends with 404 for an unknown one."""
    found = _found(lop, ref)
    head = class_head(db(), lop.id, clock.today())
    given = next((one for one in head.given if one.id == found.id), None)
    return Asked(head, given, target_of(catalogue(), given.item_id, given.title)) if given else None


def _found(lop: Place, ref: str) -> Assignment:
    found = assignment(db(), lop.id, ref)
    if found is None:
        abort(404)
    return found


def _gone(lop: Place) -> Response:
    return redirect(url_for("classroom.home", lop=lop.ref, thu_hoi=1))


@blueprint.get("/gv/lop/<lop>/bai-giao/<bai>/nhac")
@at_class
def remind(lop: Place, bai: str) -> str | Response:
    """Show the message to paste into the class's Zalo group; it names nobody and counts nobody."""
    asked = _asked(lop, bai)
    if asked is None:
        return _gone(lop)
    return render_template(
        "assignment/remind.html",
        lop=lop,
        asked=asked,
        public_url=config().public_url,
        writer=visitor.account_name,
        teacher=_called(visitor.account_name),
        is_new="moi" in request.args,
        code_is_over=asked.head.code_until < clock.today(),
        whom=WHOM,
    )


def _called(name: str) -> str:
    """Return how a message speaks of the teacher who writes it."""
    first = name.casefold().split()[:1]
    return first[0] if first and first[0] in {"cô", "thầy"} else "thầy/cô"


@blueprint.get("/gv/lop/<lop>/bai-giao/<bai>/thu-hoi")
@at_class
def withdraw_form(lop: Place, bai: str) -> str | Response:
    """Say what taking an assignment back does, before it is done."""
    asked = _asked(lop, bai)
    if asked is None:
        return _gone(lop)
    return render_template("assignment/withdraw.html", lop=lop, asked=asked, whom=WHOM)


@blueprint.post("/gv/lop/<lop>/bai-giao/<bai>/thu-hoi")
@at_class
def take_back(lop: Place, bai: str) -> Response:
    """Take an assignment back; a second time changes nothing."""
    found = _found(lop, bai)
    if withdraw(db(), found, clock.now()):
        title = target_of(catalogue(), found.item_id).title
        note("withdraw", f"Thu hồi “{title}” đã giao cho {WHOM[found.audience]} lớp {lop.name}", lop.id)
    return redirect(url_for("classroom.home", lop=lop.ref, thu_hoi=1), 303)


@dataclass(frozen=True)
class Candidate:
    """Somebody who passed a check that nobody has confirmed; `ref` stands for them in the form."""

    ref: str
    who: Somebody
    family: Family
    passed: Pass


@blueprint.get("/gv/lop/<lop>/bai-giao/<bai>/xac-nhan")
@at_class
def witness_form(lop: Place, bai: str) -> str | Response | tuple[str, int]:
    """Offer those whose check nobody has confirmed; then name the chosen ones and ask once more."""
    asked = _asked(lop, bai)
    if asked is None:
        return _gone(lop)
    found, has_more = families(db(), lop.id, clock.today(), page_number())
    waiting = _waiting(asked.given, asked.target.modules, found)
    module = _module(asked.target)
    if module is None:
        return _list_page(lop, asked, waiting, has_more)
    refs = set(request.args.getlist("nguoi"))
    chosen = [one for one in waiting[module.id] if one.ref in refs]
    if not chosen:
        return _list_page(lop, asked, waiting, has_more, error="Chọn ít nhất một người."), 422
    return render_template(
        "assignment/witness_confirm.html",
        lop=lop,
        asked=asked,
        module=module,
        chosen=chosen,
        page=page_number(),
        can_witness=visitor.account_person_id is not None,
        writer=visitor.account_name,
    )


def _list_page(
    lop: Place, asked: Asked, waiting: dict[str, list[Candidate]], has_more: bool, error: str = ""
) -> str:
    return render_template(
        "assignment/witness.html",
        lop=lop,
        asked=asked,
        waiting=waiting,
        error=error,
        page=page_number(),
        has_more=has_more,
        can_witness=visitor.account_person_id is not None,
        whom=WHOM,
    )


def _module(target: Target) -> Module | None:
    """Return the module whose check is spoken of, or None where none of this assignment is named."""
    typed = request.values.get("chu_de", "")
    return next((module for module in target.modules if module.id == typed), None)


def _waiting(given: Given, modules: Sequence[Module], found: Sequence[Family]) -> dict[str, list[Candidate]]:
    """Return by module who passed its check before nobody, in the class's order. Two statements.

    Nobody is a witness of their own check, and what two did together waits until each did it alone.
    """
    people = {who.person_id: (who, family) for family in found for who in family.those(given.audience)}
    people.pop(visitor.account_person_id or uuid.UUID(int=0), None)
    held = passes(db(), people.keys(), [module.check_id for module in modules])
    alone = passed_alone(db(), people.keys(), [module.id for module in modules])
    return {
        module.id: [
            Candidate(_ref(who), who, family, one)
            for person_id, (who, family) in people.items()
            if (one := held.get((person_id, module.check_id))) and not one.is_witnessed
            if (person_id, module.id) in alone
        ]
        for module in modules
    }


def _ref(who: Somebody) -> str:
    """Return what stands for a member in forms: nothing that is kept, nothing to be guessed."""
    return mac(config().secret, "class-member", who.member_id.bytes).hex()[:12]


@blueprint.post("/gv/lop/<lop>/bai-giao/<bai>/xac-nhan")
@at_class
def witness(lop: Place, bai: str) -> Response:
    """Note that these checks were done before the teacher; a second time changes nothing."""
    asked = _asked(lop, bai)
    module = _module(asked.target) if asked else None
    if asked is None or module is None:
        abort(404)
    if visitor.account_person_id is None:
        return redirect(url_for("assignment.witness_form", lop=lop.ref, bai=bai), 303)
    refs, now = set(request.form.getlist("nguoi")), clock.now()
    found, _ = families(db(), lop.id, clock.local_date(now), page_number())
    chosen = [one for one in _waiting(asked.given, [module], found)[module.id] if one.ref in refs]
    # One order for everybody: of two teachers at once neither waits for the other in a circle.
    chosen.sort(key=lambda one: one.who.person_id)
    doers = [Doer(one.passed.learner_id, one.who.person_id) for one in chosen]
    count = sum(witness_own_check(db(), doer, module, visitor.account_person_id, now) for doer in doers)
    if count:
        words = f"Xác nhận {count} bài kiểm tra “{module.title}” làm trước mặt, lớp {lop.name}"
        note("witness", words, lop.id)
    address = url_for("assignment.home", lop=lop.ref, bai=bai, da_xac_nhan=count)
    return redirect(address, 303)
