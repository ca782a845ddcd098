"""Pupils come in: the own name, three pictures; a second pupil at the same machine."""

import unicodedata
import uuid
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import sessions, throttle
from lms.classrooms.door import Pupil, classes_of, code_of, is_at_home, name_of, pupils
from lms.classrooms.pictures import ASKED, PICTURES, rounds, secret_pictures
from lms.people.actions import AlreadyClaimed
from lms.places.queries import Place
from lms.progress.queries import done_items
from lms.vietnamese import nfc, sort_key
from lms.web import door
from lms.web.access import everyone, named
from lms.web.catalog import catalogue
from lms.web.household import give_results, has_unnamed_results, learner_of
from lms.web.transaction import after_rollback, db
from lms.web.visitor import config, hold, keep_name, keep_token, visitor

blueprint = Blueprint("pupil_door", __name__)
Page = tuple[str, int]
FREE_SLIPS = 5
TRY_AGAIN = "Chưa đúng hình. Thử lại nhé."
ASK_TEACHER = "Nhờ cô xem lại hình bí mật giúp em."
PUPIL_HOME = "/lop-em"
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


@dataclass(frozen=True)
class Pad:
    """A pupil before the twelve pictures: where the taps go, and where the names are."""

    lop: Place
    pupil: Pupil
    action: str
    names: str

    def page(self, taps: tuple[str, ...] = (), problem: str = "") -> str:
        """Return the page that asks for the next picture."""
        return render_template(
            "pupil_door/pictures.html", pad=self, taps=taps, problem=problem, pictures=PICTURES, asked=ASKED
        )

    @property
    def key(self) -> bytes:
        """Return what counts the wrong tries: the pupil's own, so that one child locks out nobody else."""
        return pictures_key(self.lop.id, self.pupil.person_id)


def pictures_key(unit_id: uuid.UUID, person_id: uuid.UUID) -> bytes:
    """Return the throttle of a pupil's pictures."""
    return throttle.key(config().secret, "pupil-pictures", unit_id.hex, person_id.hex)


@blueprint.after_request
def _keep_out_of_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# ---- the own name -----------------------------------------------------------------------------


@blueprint.get("/vao-lop/ten")
@everyone
def names() -> str | Response:
    """Show the short names of the class whose code was typed here."""
    found = door.opened()
    if found is None:
        return redirect(url_for("joining.enter"))
    return _names_page(found.lop, _pupils(found.lop), url_for("pupil_door.choose"), "/vao-lop", None)


def _pupils(lop: Place) -> list[Pupil]:
    return pupils(db(), config().secret, lop.id, clock.today())


def _names_page(lop: Place, among: list[Pupil], action: str, back: str, first: str | None) -> str:
    letters: dict[str, list[Pupil]] = defaultdict(list)
    for pupil in among:
        letters[_letter(pupil.short_name)].append(pupil)
    groups = [
        (letter, sorted(letters[letter], key=lambda pupil: sort_key(pupil.short_name, pupil.short_name)))
        for letter in sorted(letters, key=sort_key)
    ]
    return render_template(
        "pupil_door/names.html", lop=lop, groups=groups, action=action, back=back, first=first
    )


def _letter(name: str) -> str:
    """Return the letter a name is looked for under: Á is A, Ấ is Â."""
    marks = unicodedata.normalize("NFD", nfc(name[:1]).upper())
    return nfc("".join(mark for mark in marks if mark not in TONES))


def _find(among: list[Pupil], ref: str) -> Pupil:
    """Return the pupil a ref stands for; one of another class is answered as one that does not exist."""
    found = next((pupil for pupil in among if pupil.ref == ref), None)
    if found is None:
        abort(404)
    return found


@blueprint.post("/vao-lop/ten")
@everyone
def choose() -> Response:
    """Keep which name was tapped, for the page of the pictures."""
    found = door.opened()
    if found is None:
        return redirect(url_for("joining.enter"), 303)
    pupil = _find(_pupils(found.lop), request.form.get("em", ""))
    response = redirect(url_for("pupil_door.pictures"), 303)
    door.open_for(response, found.code, pupil.ref)
    return response


# ---- the pictures -----------------------------------------------------------------------------


@blueprint.get("/vao-lop/hinh")
@everyone
def pictures() -> str | Response:
    """Ask for the first of the three pictures."""
    pad = _own_pad()
    return pad.page() if pad else redirect(url_for("pupil_door.names"))


def _own_pad() -> Pad | None:
    found = door.opened()
    if found is None or not found.pupil_ref:
        return None
    pupil = next((p for p in _pupils(found.lop) if p.ref == found.pupil_ref), None)
    address = url_for("pupil_door.tap")
    return Pad(found.lop, pupil, address, url_for("pupil_door.names")) if pupil else None


@blueprint.post("/vao-lop/hinh")
@everyone
def tap() -> Response | Page:
    """Take a picture; the third one right lets the pupil in."""
    pad = _own_pad()
    if pad is None:
        return redirect(url_for("pupil_door.names"), 303)
    now = clock.now()
    return _asked_again(pad, now) or _let_in(pad.pupil, now)


def _asked_again(pad: Pad, now: datetime) -> Page | None:
    """Return the page that follows a tap, or None when the three pictures are right."""
    taps = tuple(t for t in (*request.form.getlist("da_bam"), request.form.get("hinh", "")) if t in PICTURES)
    if len(taps) < ASKED:
        return pad.page(taps), 200
    try:
        had_failures = throttle.check(db(), {pad.key: FREE_SLIPS}, now)
    except throttle.TooManyTries as wait:
        return pad.page(problem=f"{ASK_TEACHER} Hoặc chờ {wait.seconds} giây rồi bấm lại."), 429
    known = rounds(db(), pad.lop.id).get(pad.pupil.person_id, 0)
    if taps != secret_pictures(config().secret, pad.lop.id, pad.pupil.person_id, known):
        after_rollback(lambda own: throttle.failed(own, [pad.key], now))
        is_often = throttle.failures(db(), pad.key, now) + 1 >= FREE_SLIPS
        return pad.page(problem=ASK_TEACHER if is_often else TRY_AGAIN), 422
    if had_failures:
        throttle.succeeded(db(), [pad.key])
    return None


def _let_in(pupil: Pupil, now: datetime) -> Response:
    """Begin a new session for a pupil; a household stays open only where it is the pupil's own.

    What was learned here without a name is set aside, and offered to the pupil once.
    """
    household_id = visitor.household_id
    if household_id is not None and not is_at_home(db(), household_id, pupil.person_id):
        household_id = None
    unnamed = visitor.learner_id if has_unnamed_results() else None
    if visitor.session_id is not None:
        sessions.end(db(), now, visitor.session_id)
    is_shared = household_id is None
    lasts = {"expires_at": now + sessions.ROOM_LIFE} if is_shared else {}
    _, token = sessions.start(
        db(),
        config().secret,
        now,
        learner_id=learner_of(pupil.person_id, now),
        household_id=household_id,
        set_aside_id=unnamed or (visitor.set_aside_id if household_id else None),
        **lasts,
    )
    keep_token(token, until_closed=is_shared)
    keep_name(name_of(db(), pupil.person_id), until_closed=is_shared)
    response = redirect(url_for("pupil_door.whose") if unnamed else PUPIL_HOME, 303)
    door.shut(response)
    return response


# ---- what was learned here before -------------------------------------------------------------


@blueprint.get("/vao-lop/bai-vua-hoc")
@named
def whose() -> str | Response:
    """Ask once whether what was learned on this machine without a name is this pupil's."""
    if visitor.set_aside_id is None:
        return redirect(PUPIL_HOME)
    done = done_items(db(), visitor.set_aside_id, None)
    lessons = [
        (catalogue().lessons[item].title, what.first_at)
        for item, what in done.items()
        if item in catalogue().lessons
    ]
    return render_template("pupil_door/whose.html", visitor=visitor, lessons=lessons)


@blueprint.post("/vao-lop/bai-vua-hoc")
@named
def answer_whose() -> Response:
    """Give the results without a name to the pupil, or leave them without a name for good."""
    assert visitor.person_id is not None  # noqa: S101
    learner_id, now = visitor.set_aside_id, clock.now()
    if learner_id is not None and request.form.get("cua_ai") == "em":
        hold(now, set_aside_id=None)
        with suppress(AlreadyClaimed):
            give_results(learner_id, visitor.person_id, visitor.full_name or "", now)
    elif learner_id is not None and visitor.household_id is None:
        hold(now, set_aside_id=None)
    return redirect(PUPIL_HOME, 303)


# ---- two pupils at one machine ----------------------------------------------------------------


@blueprint.get("/vao-lop/hai-ban")
@named
def partner_names() -> str | Response:
    """Show the names of the pupil's own class, for the second one at this machine."""
    lop = _own_class()
    if lop is None:
        return redirect(url_for("joining.enter"))
    others = [p for p in _pupils(lop) if p.person_id != visitor.person_id]
    return _names_page(lop, others, url_for("pupil_door.choose_partner"), PUPIL_HOME, visitor.full_name)


def _own_class() -> Place | None:
    assert visitor.person_id is not None  # noqa: S101
    return next(iter(classes_of(db(), visitor.person_id, clock.today())), None)


@blueprint.post("/vao-lop/hai-ban")
@named
def choose_partner() -> Response:
    """Keep which name the second pupil tapped."""
    lop = _own_class()
    if lop is None:
        return redirect(url_for("joining.enter"), 303)
    pupil = _find(_pupils(lop), request.form.get("em", ""))
    if pupil.person_id == visitor.person_id:
        abort(404)
    response = redirect(url_for("pupil_door.partner_pictures"), 303)
    door.open_for(response, code_of(db(), lop.id), pupil.ref)
    return response


@blueprint.get("/vao-lop/hai-ban/hinh")
@named
def partner_pictures() -> str | Response:
    """Ask the second pupil for the first picture."""
    pad = _partner_pad()
    return pad.page() if pad else redirect(url_for("pupil_door.partner_names"))


def _partner_pad() -> Pad | None:
    found, lop = door.opened(), _own_class()
    if found is None or lop is None or found.lop.id != lop.id:
        return None
    pupil = next((p for p in _pupils(lop) if p.ref == found.pupil_ref), None)
    if pupil is None or pupil.person_id == visitor.person_id:
        return None
    return Pad(lop, pupil, url_for("pupil_door.partner_tap"), url_for("pupil_door.partner_names"))


@blueprint.post("/vao-lop/hai-ban/hinh")
@named
def partner_tap() -> Response | Page:
    """Take a picture of the second pupil; from the third right one on both learn, helping each other."""
    pad = _partner_pad()
    if pad is None:
        return redirect(url_for("pupil_door.partner_names"), 303)
    now = clock.now()
    again = _asked_again(pad, now)
    if again is not None:
        return again
    hold(now, partner_id=learner_of(pad.pupil.person_id, now))
    _keep_names(visitor.full_name or "", name_of(db(), pad.pupil.person_id))
    response = redirect(PUPIL_HOME, 303)
    door.shut(response)
    return response


@blueprint.post("/vao-lop/hai-ban/ve-cho")
@named
def partner_leaves() -> Response:
    """Let the second pupil go back to the own place: from now on the first learns alone."""
    if visitor.partner_id is not None:
        hold(clock.now(), partner_id=None)
        _keep_names(visitor.full_name or "")
    return redirect(PUPIL_HOME, 303)


def _keep_names(*full_names: str) -> None:
    """Show who learns in the header: one in full, two by their given names, kept on one line."""
    given = [name.split()[-1] for name in full_names if name]
    shown = full_names[0] if len(given) == 1 else "\N{NO-BREAK SPACE}và\N{NO-BREAK SPACE}".join(given)
    keep_name(shown, until_closed=visitor.household_id is None)
