"""What a pupil, a family and a teacher do at the door of a class, one step a function."""

import re
import uuid

import sqlalchemy as sa
from flask import Flask

from lms import clock
from lms.accounts.models import Account
from lms.accounts.sessions import start
from lms.classrooms.models import Classroom
from lms.classrooms.pictures import PICTURES, rounds, secret_pictures
from lms.config import Config
from lms.db import ScopedSession
from lms.people.actions import add_person
from lms.people.memberships import guard, join_unit
from lms.people.models import Person
from lms.places.models import Unit
from tests.browser_double import HOUSE, Reader
from tests.cast import OPENED


def signed_in(app: Flask, db: ScopedSession, settings: Config, account: Account) -> Reader:
    """Open a browser in which an account is signed in."""
    reader = Reader(app)
    _, token = start(db, settings.secret, clock.now(), account_id=account.id)
    db.commit()
    reader.client.set_cookie("phien", token)
    return reader


def staff_post(
    reader: Reader, form: str, address: str, data: dict[str, object] | None = None, status: int = 303
) -> str:
    """Send a staff form with the token of the page it stands on; return where it leads, or its text."""
    reader.get(form)
    assert reader.page is not None
    tokens = [e.get("value", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("name") == "token"]
    response = reader.post(address, {"token": tokens[0]} | (data or {}), status)
    return response.headers["Location"] if status == 303 else response.text


def code_of(db: ScopedSession, lop: Unit) -> str:
    """Return the code of a class as it is now."""
    return db.execute(sa.select(Classroom.code).where(Classroom.unit_id == lop.id)).scalar_one()


def add_pupil(db: ScopedSession, lop: Unit, name: str) -> Person:
    """Put a pupil into a class."""
    person = add_person(db, name, clock.now())
    join_unit(db, person.id, lop.id, "student", name, OPENED)
    db.commit()
    return person


def add_parent(db: ScopedSession, lop: Unit, name: str, pupil: Person, relation: str) -> Person:
    """Put a guardian of record of a pupil into a class."""
    person = add_person(db, name, clock.now())
    join_unit(db, person.id, lop.id, "parent", name, OPENED)
    guard(db, person.id, pupil.id, relation, OPENED)
    db.commit()
    return person


def buttons(reader: Reader, field: str) -> dict[str, str]:
    """Return the submit buttons of the last page with a field's name: their words → their values."""
    assert reader.page is not None
    found = {}
    for button in reader.page.iter(f"{HOUSE}button"):
        if button.get("name") == field:
            title = next((e for e in button.iter() if e.get("class") == "card-title"), button)
            found[" ".join("".join(title.itertext()).split())] = button.get("value", "")
    return found


def hidden(reader: Reader, field: str) -> list[str]:
    """Return the values of the hidden fields of the last page with a name."""
    assert reader.page is not None
    return [e.get("value", "") for e in reader.page.iter(f"{HOUSE}input") if e.get("name") == field]


def own_pictures(db: ScopedSession, settings: Config, lop: Unit, pupil: Person) -> tuple[str, ...]:
    """Return the three pictures on a pupil's card."""
    return secret_pictures(settings.secret, lop.id, pupil.id, rounds(db, lop.id).get(pupil.id, 0))


def wrong_pictures(right: tuple[str, ...]) -> tuple[str, ...]:
    """Return three pictures that are not the pupil's."""
    return tuple(key for key in PICTURES if key not in right)[:3]


def tap(reader: Reader, three: tuple[str, ...], address: str = "/vao-lop/hinh", status: int = 303) -> str:
    """Tap three pictures, each page carrying the taps before; return where the last reply leads."""
    for n in (0, 1):
        reader.post(address, {"da_bam": list(three[:n]), "hinh": three[n]}, 200)
        assert hidden(reader, "da_bam") == list(three[: n + 1])
    response = reader.post(address, {"da_bam": list(three[:2]), "hinh": three[2]}, status)
    return response.headers.get("Location", "")


def at_the_door(reader: Reader, code: str, name: str) -> None:
    """Type the class's code and tap a short name."""
    reader.follow(reader.post("/vao-lop", {"ma": code}))
    reader.get("/vao-lop/ten")
    reader.follow(reader.post("/vao-lop/ten", {"em": buttons(reader, "em")[name]}))


def come_in(reader: Reader, db: ScopedSession, settings: Config, lop: Unit, pupil: Person, name: str) -> str:
    """Sign a pupil in by code, name and pictures; return where it leads."""
    at_the_door(reader, code_of(db, lop), name)
    return tap(reader, own_pictures(db, settings, lop, pupil))


def printed_slip(teacher: Reader, lop: Unit, pupil_id: uuid.UUID | None = None, name: str = "") -> str:
    """Let the teacher print one pupil's slip; return its 16 digits."""
    address = f"/gv/lop/{lop.ref}/phieu-moi"
    teacher.get(address)
    assert teacher.page is not None
    refs = {
        " ".join("".join(label.itertext()).split()): label[0].get("value", "")
        for label in teacher.page.iter(f"{HOUSE}label")
    }
    ref = next(value for words, value in refs.items() if words.startswith(name))
    text = staff_post(teacher, address, address, {"em": [ref]}, 200)
    codes = re.findall(r'class="paper-code">\s*([\d ]{19})\s*<', text)
    assert len(codes) == 1
    return codes[0].replace(" ", "")


def standing(db: ScopedSession, model: type, *criteria: sa.ColumnElement[bool]) -> int:
    """Return how many rows a table has."""
    return db.scalar(sa.select(sa.func.count()).select_from(model).where(*criteria)) or 0
