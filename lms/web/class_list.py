"""A class's list: reading it, and correcting one pupil by hand."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts.roles import Actor
from lms.classrooms.cells import Found, birthday_of, name_of, phone_of, sector_code_of
from lms.classrooms.correcting import (
    Correction,
    StandsElsewhere,
    correct_pupil,
    leave_class,
    stay_in_class,
)
from lms.classrooms.guardians import FATHER, GUARDIAN, MOTHER
from lms.classrooms.importing import apply_pupils, wait_for_turn
from lms.classrooms.known import SAME, Copy, Values
from lms.classrooms.planning import Plan, plan_pupils
from lms.classrooms.queries import classroom
from lms.classrooms.roll import PAGE, guardians_of, left_lately, pupil_behind, roll
from lms.classrooms.rosters import school_roster
from lms.classrooms.rows import ERROR, GuardianRow, PupilRow
from lms.people.memberships import Guardian
from lms.places.queries import Place, place_by_id
from lms.vietnamese import nfc, sort_key
from lms.web.access import at_class
from lms.web.classroom import page_number
from lms.web.roster_review import person_ref, room_words
from lms.web.transaction import db
from lms.web.visitor import config, visitor

blueprint = Blueprint("class_list", __name__)
RELATIONS = (MOTHER, FATHER, GUARDIAN)
LATER = 3
"""Guardians one pupil's form can add at a time."""


@dataclass(frozen=True)
class TypedGuardian:
    """One guardian of the form; `known` is who is corrected, None for a blank line."""

    key: str
    name: str = ""
    relation: str = MOTHER
    phone: str = ""
    is_removed: bool = False
    known: Guardian | None = None


@dataclass
class Typed:
    """What stands in the form of a pupil, and what is wrong with it."""

    name: str = ""
    born_on: str = ""
    code: str = ""
    sort_name: str = ""
    guardians: list[TypedGuardian] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def take(self, name: str, found: Found[str] | Found[date]) -> None:
        """Remember what is wrong with a field."""
        if found.kind == ERROR:
            self.errors.append((name, found.message[:1].upper() + found.message[1:]))


def _by() -> Actor:
    return Actor(visitor.account_id, visitor.account_name)


def _school(lop: Place) -> Place:
    found = place_by_id(db(), classroom(db(), lop.id).school_id, clock.today())
    if found is None:
        abort(404)
    return found


def _pupil(lop: Place, ref: str) -> Copy:
    found = pupil_behind(db(), config().secret, lop.id, ref)
    if found is None:
        abort(404)
    return found


@blueprint.get("/gv/lop/<lop>/danh-sach")
@at_class
def pupils(lop: Place) -> str:
    """Show who is in a class, with their guardians, and who left lately."""
    today, page, secret = clock.today(), page_number(), config().secret
    lines, has_more = roll(db(), secret, lop.id, today, page)
    return render_template(
        "roster/list.html",
        lop=lop,
        lines=lines,
        page=page,
        has_more=has_more,
        first=(page - 1) * PAGE,
        left=left_lately(db(), secret, lop.id, today) if page == 1 else [],
        said=request.args.get("da", ""),
    )


# ---- adding ---------------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/danh-sach/them")
@at_class
def add_form(lop: Place) -> str:
    """Ask for a pupil who is not on the list."""
    return _form(lop, None, Typed(guardians=_blank(LATER)))


@blueprint.post("/gv/lop/<lop>/danh-sach/them")
@at_class
def add(lop: Place) -> Response | tuple[str, int]:
    """Put a pupil into the class, by the rules of a roster of one row; the second tap changes nothing."""
    typed, row = _typed([])
    if row is None:
        return _form(lop, None, typed), 422
    school = _school(lop)
    wait_for_turn(db(), school.id)
    known = school_roster(db(), school.id)
    room = known.rooms[lop.id]
    plan = plan_pupils(known, [row], room.first_year, room=room)
    if plan.questions:
        answer = _answer(plan)
        if answer is None:
            typed.errors.append(("la_ai", "Chọn đây là em nào."))
            return _form(lop, None, typed, plan), 422
        plan = plan_pupils(known, [row], room.first_year, room=room, answers=answer)
    if plan.steps[0].kind == SAME and not plan.people:
        typed.errors.append(("ho_ten", f"Lớp đã có em {row.full_name}."))
        return _form(lop, None, typed), 422
    apply_pupils(db(), school, plan, _by(), clock.now(), lop.id)
    return redirect(url_for("class_list.pupils", lop=lop.ref, da="them"), 303)


def _answer(plan: Plan) -> dict[int, uuid.UUID | None] | None:
    question, typed = plan.questions[0], request.form.get("la_ai", "")
    refs = {person_ref(config().secret, copy.person_id): copy.person_id for copy in question.options}
    if typed == "moi":
        return {question.row.line: None}
    return {question.row.line: refs[typed]} if typed in refs else None


# ---- correcting -----------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/danh-sach/<em>")
@at_class
def edit_form(lop: Place, em: str) -> str:
    """Show what the class writes of a pupil, to be corrected."""
    pupil = _pupil(lop, em)
    typed = Typed(
        pupil.full_name,
        f"{pupil.born_on:%d/%m/%Y}" if pupil.born_on else "",
        pupil.sector_code or "",
        guardians=[
            TypedGuardian(_key(g), g.full_name, g.relation, g.phone or "", known=g)
            for g in _guardians(lop, pupil)
        ]
        + _blank(1),
    )
    return _form(lop, pupil, typed)


@blueprint.post("/gv/lop/<lop>/danh-sach/<em>")
@at_class
def edit(lop: Place, em: str) -> Response | tuple[str, int]:
    """Write a pupil as the form says."""
    pupil = _pupil(lop, em)
    typed, row = _typed(_guardians(lop, pupil))
    if row is None:
        return _form(lop, pupil, typed), 422
    is_same = row.full_name == pupil.full_name and not row.sort_name
    key = pupil.sort_key if is_same else sort_key(row.full_name, row.sort_name)
    values = Values(row.full_name, key, pupil.phone, row.sector_code, row.born_on)
    corrections = [
        Correction(g.known.person_id if g.known else None, told, g.is_removed)
        for g in typed.guardians
        if (told := _told(g)) is not None
    ]
    correct_pupil(db(), _school(lop), lop.id, pupil.person_id, values, corrections, _by(), clock.now())
    return redirect(url_for("class_list.pupils", lop=lop.ref, da="sua"), 303)


def _guardians(lop: Place, pupil: Copy) -> list[Guardian]:
    return guardians_of(db(), lop.id, [pupil.person_id], clock.today()).get(pupil.person_id, [])


def _key(guardian: Guardian) -> str:
    return f"g{person_ref(config().secret, guardian.person_id)}"


def _blank(number: int) -> list[TypedGuardian]:
    return [TypedGuardian(f"m{n}", relation=RELATIONS[n]) for n in range(number)]


def _typed(known: list[Guardian]) -> tuple[Typed, PupilRow | None]:
    """Return what was typed, and the row it makes, None when something is wrong."""
    form = request.form
    typed = Typed(form.get("ho_ten", ""), form.get("ngay_sinh", ""), form.get("ma", ""))
    typed.sort_name = " ".join(nfc(form.get("ten_xep", "")).split())[:80]
    name, born_on = name_of(typed.name), birthday_of(typed.born_on, clock.today())
    code = sector_code_of(typed.code)
    typed.take("ho_ten", name)
    if typed.born_on.strip() and born_on.value is None:
        typed.errors.append(("ngay_sinh", born_on.message or "Ghi như 12/05/2016, hoặc để trống."))
    typed.take("ma", code)
    lines: list[tuple[str, Guardian | None]] = [(_key(guardian), guardian) for guardian in known]
    lines += [(f"m{n}", None) for n in range(LATER) if f"m{n}-ten" in form]
    typed.guardians = [_typed_guardian(typed, key, guardian) for key, guardian in lines]
    if typed.errors or name.value is None:
        return typed, None
    told = tuple(row for g in typed.guardians if not g.known and (row := _told(g)))
    return typed, PupilRow(0, name.value, None, born_on.value, code.value, typed.sort_name, guardians=told)


def _typed_guardian(typed: Typed, key: str, known: Guardian | None) -> TypedGuardian:
    form = request.form
    relation = form.get(f"{key}-la", "")
    guardian = TypedGuardian(
        key,
        form.get(f"{key}-ten", ""),
        relation if relation in RELATIONS or (known and relation == known.relation) else GUARDIAN,
        form.get(f"{key}-sdt", ""),
        f"{key}-bo" in form,
        known,
    )
    if guardian.is_removed or not (guardian.name.strip() or guardian.phone.strip() or known):
        return guardian
    typed.take(f"{key}-ten", name_of(guardian.name))
    typed.take(f"{key}-sdt", phone_of(guardian.phone))
    return guardian


def _told(guardian: TypedGuardian) -> GuardianRow | None:
    name = name_of(guardian.name).value
    if guardian.is_removed and guardian.known:
        return GuardianRow(guardian.known.full_name, guardian.relation, guardian.known.phone)
    return GuardianRow(name, guardian.relation, phone_of(guardian.phone).value) if name else None


def _form(lop: Place, pupil: Copy | None, typed: Typed, plan: Plan | None = None) -> str:
    options = []
    for copy in plan.questions[0].options if plan else ():
        room = plan.known.rooms.get(copy.unit_id) if plan else None
        born = f", sinh {copy.born_on:%d/%m/%Y}" if copy.born_on else ""
        told = f"Là em {copy.full_name}{born} đã có ở {room_words(room) if room else 'trường'}"
        options.append((person_ref(config().secret, copy.person_id), told))
    return render_template(
        "roster/pupil.html",
        lop=lop,
        pupil=pupil,
        em=request.view_args.get("em", "") if request.view_args else "",
        typed=typed,
        relations=RELATIONS,
        options=options,
    )


# ---- leaving --------------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/danh-sach/<em>/roi-lop")
@at_class
def leave_form(lop: Place, em: str) -> str | Response:
    """Ask whether a pupil really left."""
    pupil = _pupil(lop, em)
    if pupil.left_on is not None:
        return redirect(url_for("class_list.pupils", lop=lop.ref))
    return render_template("roster/leave.html", lop=lop, pupil=pupil, em=em)


@blueprint.post("/gv/lop/<lop>/danh-sach/<em>/roi-lop")
@at_class
def leave(lop: Place, em: str) -> Response:
    """Let a pupil leave the class today; what was learned stays theirs."""
    pupil = _pupil(lop, em)
    leave_class(db(), _school(lop), lop.id, pupil.person_id, _by(), clock.now())
    return redirect(url_for("class_list.pupils", lop=lop.ref, da="roi"), 303)


@blueprint.post("/gv/lop/<lop>/danh-sach/<em>/o-lai")
@at_class
def stay(lop: Place, em: str) -> Response:
    """Take back that a pupil left."""
    pupil = _pupil(lop, em)
    try:
        stay_in_class(db(), _school(lop), lop.id, pupil.person_id, _by(), clock.now())
    except StandsElsewhere:
        return redirect(url_for("class_list.pupils", lop=lop.ref, da="lop-khac"), 303)
    return redirect(url_for("class_list.pupils", lop=lop.ref, da="lay-lai"), 303)
