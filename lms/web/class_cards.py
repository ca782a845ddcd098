"""What a teacher prints and renews for a class: pupils' cards, slips for families, the class's code."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import throttle
from lms.classrooms import slips
from lms.classrooms.actions import renew_class_code
from lms.classrooms.door import Pupil, end_lesson, end_sessions_of, open_machines, pupils
from lms.classrooms.joining import joined_pupils
from lms.classrooms.models import Classroom
from lms.classrooms.pictures import PICTURES, rounds, secret_pictures, set_anew
from lms.classrooms.queries import classroom
from lms.classrooms.years import school_year
from lms.places.queries import Place
from lms.web.access import at_class
from lms.web.acts import note
from lms.web.door import school_of
from lms.web.pupil_door import pictures_key
from lms.web.transaction import db
from lms.web.visitor import config, host, visitor

blueprint = Blueprint("class_cards", __name__)
Page = tuple[str, int]
A_PAGE = 48
"""Pupils on one screen: six sheets of eight cards, or eight sheets of six slips."""


@dataclass(frozen=True)
class Qr:
    """A QR code as the path of an SVG: black squares in a field of `size` by `size` modules."""

    size: int
    path: str


def qr(address: str) -> Qr:
    """Return the QR code of an address, with the quiet zone of four modules that readers need."""
    made = segno.make_qr(address, error="m")
    rows = enumerate(made.matrix_iter(border=4))
    squares = (f"M{x} {y}h1v1h-1z" for y, row in rows for x, dark in enumerate(row) if dark)
    return Qr(int(made.symbol_size(border=4)[0]), "".join(squares))


@dataclass(frozen=True)
class Card:
    """A pupil's card: the short name and the three pictures' keys."""

    pupil: Pupil
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One page of a class's pupils: which page of how many."""

    pupils: list[Pupil]
    number: int
    total: int


def _sheet(lop: Place) -> Sheet:
    everybody = pupils(db(), config().secret, lop.id, clock.today())
    total = max(1, -(-len(everybody) // A_PAGE))
    number = request.args.get("trang", 1, type=int)
    number = number if 1 <= number <= total else 1
    return Sheet(everybody[(number - 1) * A_PAGE : number * A_PAGE], number, total)


def _pupil(lop: Place, ref: str) -> Pupil:
    """Return the pupil of this class that a ref stands for; one of another class does not exist."""
    among = pupils(db(), config().secret, lop.id, clock.today())
    found = next((pupil for pupil in among if pupil.ref == ref), None)
    if found is None:
        abort(404)
    return found


def _address(path: str) -> str:
    """Return the whole address of a page for paper; empty as long as the site has no address."""
    return f"{config().public_url}{path}" if config().public_url else ""


def _is_open(room: Classroom) -> bool:
    """Tell whether the class's code, and with it cards and slips, still opens anything."""
    return room.code_until >= clock.today()


# ---- the pupils' cards ------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/the")
@at_class
def cards(lop: Place) -> str:
    """Show the pupils' cards, eight a sheet; `em` shows one pupil's alone."""
    only = request.args.get("em", "")
    sheet = Sheet([_pupil(lop, only)], 1, 1) if only else _sheet(lop)
    room = classroom(db(), lop.id)
    address = _address("/vao-lop")
    return render_template(
        "class_cards/cards.html",
        lop=lop,
        school=school_of(lop),
        room=room,
        is_open=_is_open(room),
        cards=_cards(lop, sheet.pupils),
        sheet=sheet,
        only=only,
        names=PICTURES,
        qr=qr(address) if address else None,
        host=host(),
    )


def _cards(lop: Place, among: list[Pupil]) -> list[Card]:
    known, secret = rounds(db(), lop.id), config().secret
    return [
        Card(pupil, secret_pictures(secret, lop.id, pupil.person_id, known.get(pupil.person_id, 0)))
        for pupil in among
    ]


@blueprint.get("/gv/lop/<lop>/the/<ref>/hinh-moi")
@at_class
def confirm_pictures(lop: Place, ref: str) -> str:
    """Ask before a pupil's pictures are set anew."""
    return render_template("class_cards/new_pictures.html", lop=lop, pupil=_pupil(lop, ref))


@blueprint.post("/gv/lop/<lop>/the/<ref>/hinh-moi")
@at_class
def renew_pictures(lop: Place, ref: str) -> Response:
    """Give a pupil other pictures and lead to the card to print; the old ones open nothing any more."""
    pupil, now = _pupil(lop, ref), clock.now()
    set_anew(db(), config().secret, lop.id, pupil.person_id, now)
    end_sessions_of(db(), pupil.person_id, now)
    throttle.succeeded(db(), [pictures_key(lop.id, pupil.person_id)])
    note("pictures.renew", f"Đặt lại hình bí mật của một em lớp {lop.name}", lop.id)
    return redirect(url_for("class_cards.cards", lop=lop.ref, em=pupil.ref), 303)


# ---- slips for families -----------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/phieu-moi")
@at_class
def choose_slips(lop: Place) -> str:
    """Offer slips for the pupils whose family has not joined; `ai=ca-lop` ticks everybody."""
    return _slips_form(lop, [])


def _slips_form(lop: Place, errors: list[tuple[str, str]]) -> str:
    sheet, joined = _sheet(lop), joined_pupils(db(), lop.id)
    chosen = set(request.form.getlist("em"))
    everybody = request.args.get("ai") == "ca-lop"
    ticked = {
        p.ref
        for p in sheet.pupils
        if p.ref in chosen or everybody or (not chosen and p.person_id not in joined)
    }
    return render_template(
        "class_cards/choose_slips.html",
        lop=lop,
        sheet=sheet,
        joined=joined,
        ticked=ticked if request.method == "GET" else chosen,
        everybody=everybody,
        is_open=_is_open(classroom(db(), lop.id)),
        errors=errors,
        days=slips.DAYS,
    )


@blueprint.post("/gv/lop/<lop>/phieu-moi")
@at_class
def print_slips(lop: Place) -> str | Page:
    """Make the slips and show them for printing, now and never again: their codes are kept nowhere."""
    now = clock.now()
    wanted = set(request.form.getlist("em"))
    among = pupils(db(), config().secret, lop.id, clock.local_date(now))
    chosen = [pupil for pupil in among if pupil.ref in wanted]
    if len(chosen) < len(wanted):
        abort(404)
    if not chosen:
        return _slips_form(lop, [("em", "Chưa chọn em nào. Đánh dấu em cần in phiếu.")]), 422
    room = classroom(db(), lop.id)
    if not _is_open(room):
        return _slips_form(lop, [("em", "Năm học của lớp đã hết nên không in phiếu mới.")]), 422
    days = min(slips.DAYS, (room.code_until - clock.local_date(now)).days + 1)
    ids = [pupil.person_id for pupil in chosen]
    made = slips.make_slips(db(), config().secret, lop, ids, visitor.account_id, now, days)
    note("slips.make", f"In {len(made)} phiếu mời gia đình lớp {lop.name}", lop.id)
    return _slips_page(lop, chosen, dict(made), clock.local_date(now) + timedelta(days=days))


def _slips_page(lop: Place, chosen: list[Pupil], made: dict[uuid.UUID, str], until: date) -> str:
    printed = []
    for pupil in chosen:
        code = made[pupil.person_id]
        address = _address(url_for("slips.invite", ma=code))
        printed.append((pupil, code, qr(address) if address else None))
    return render_template(
        "class_cards/slips.html",
        lop=lop,
        school=school_of(lop),
        slips=printed,
        until=until,
        host=host(),
        teacher=visitor.account_name,
    )


# ---- the class's code -------------------------------------------------------------------------


@blueprint.get("/gv/lop/<lop>/ma")
@at_class
def code(lop: Place) -> str:
    """Show the class's code, large enough for the blackboard."""
    room = classroom(db(), lop.id)
    return render_template("class_cards/code.html", lop=lop, room=room, is_open=_is_open(room), host=host())


@blueprint.get("/gv/lop/<lop>/ma/moi")
@at_class
def confirm_code(lop: Place) -> str:
    """Ask before the class gets another code."""
    return render_template("class_cards/new_code.html", lop=lop, room=classroom(db(), lop.id))


@blueprint.post("/gv/lop/<lop>/ma/moi")
@at_class
def renew_code(lop: Place) -> Response:
    """Give the class another code until the end of its school year; the old one opens nothing any more.

    The form says which code it is about, so that a second tap does not renew the new one.
    """
    room = classroom(db(), lop.id)
    if request.form.get("ma") == room.code:
        renew_class_code(db(), room, school_year(db(), room.first_year).ends_on)
        note("code.renew", f"Đổi mã lớp {lop.name}", lop.id)
    return redirect(url_for("class_cards.code", lop=lop.ref), 303)


# ---- the end of a lesson in the computer room --------------------------------------------------


@blueprint.get("/gv/lop/<lop>/het-gio")
@at_class
def confirm_end(lop: Place) -> str:
    """Say on how many machines pupils of the class are signed in, before and after they are signed out."""
    return render_template(
        "class_cards/end_lesson.html",
        lop=lop,
        machines=open_machines(db(), lop.id, clock.today(), clock.now()),
        ended=request.args.get("may", type=int),
    )


@blueprint.post("/gv/lop/<lop>/het-gio")
@at_class
def end_of_lesson(lop: Place) -> Response:
    """Sign the whole class out of the machines of the school."""
    ended = end_lesson(db(), lop.id, clock.today(), clock.now())
    if ended:
        note("lesson.end", f"Hết giờ lớp {lop.name}: đăng xuất {ended} máy", lop.id)
    return redirect(url_for("class_cards.confirm_end", lop=lop.ref, may=ended), 303)
