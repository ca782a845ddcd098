"""The school's certificate: issued to a class's people in class order, numbered in the school's register."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from lms.catalog.catalogue import Course
from lms.certificates.actions import Issuer
from lms.certificates.models import COURSE, Certificate
from lms.certificates.queries import standing_numbers
from lms.certificates.register import (
    REGISTER,
    append,
    last_register_number,
    register_mark,
    register_number,
    successions,
)
from lms.clock import local_date
from lms.codes import new_code
from lms.db import take_turn
from lms.people.names import LETTERS, MARKS
from lms.places.queries import Place
from lms.vietnamese import nfc

COURSE_DESIGN = "giay-chung-nhan"
HOW: Final = {
    2: "Bài kiểm tra làm trước sự chứng kiến của giáo viên",
    3: "Thao tác thật trước sự chứng kiến của giáo viên",
}
"""What the paper says of each level. The witness is named in the school's own pages only."""
LONGEST_TITLE = 60
_SIGNS = "–—…“”’"


class SignatureRefused(ValueError):
    """What would stand under the signature cannot be printed; the message says why."""


@dataclass(frozen=True)
class Signer:
    """Whose name stands on the paper: the account that approved, under the title it gave."""

    name: str
    title: str


@dataclass(frozen=True)
class Room:
    """The class as the paper names it: 4A, of the school, in 2026–2027."""

    name: str
    school: Place
    year: str


@dataclass(frozen=True)
class Holder:
    """Who gets a certificate, under the name the class knows, and for what."""

    person_id: uuid.UUID
    full_name: str
    level: int
    edition: int
    modules: tuple[tuple[str, datetime], ...]
    completed_at: datetime


def issue_course_certificates(
    db: Session,
    issuer: Issuer,
    signer: Signer,
    room: Room,
    course: Course,
    audience: str,
    holders: Sequence[Holder],
    *,
    by: str,
    now: datetime,
) -> dict[uuid.UUID, Certificate]:
    """Issue the school's certificate to each holder in the order given; return them by person.

    The numbers follow each other without a gap, whatever fails fails as a whole. Whoever holds one for
    this course, audience and edition already gets no second one.
    """
    take_turn(db, REGISTER)
    held = standing_numbers(db, [holder.person_id for holder in holders])
    mark, year = register_mark(db, room.school), local_date(now).year
    number = last_register_number(db, room.school.id, year)
    earlier = {
        edition: successions(db, [h.person_id for h in holders], course.id, audience, edition)
        for edition in {holder.edition for holder in holders}
    }
    issued: dict[uuid.UUID, Certificate] = {}
    for holder in holders:
        if (holder.person_id, course.id, audience, holder.edition) in held or holder.person_id in issued:
            continue
        number += 1
        payload = _words(issuer, signer, room, course, holder, now) | {
            "audience": audience,
            "register_number": register_number(number, year, mark),
        }
        issued[holder.person_id] = append(
            db,
            payload,
            person_id=holder.person_id,
            succession=earlier[holder.edition].get(holder.person_id, 0),
            replaces=None,
            by=by,
            now=now,
            unit_id=room.school.id,
        )
    return issued


def _words(
    issuer: Issuer, signer: Signer, room: Room, course: Course, holder: Holder, now: datetime
) -> dict[str, Any]:
    modules = [{"title": t, "completed_on": local_date(at).isoformat()} for t, at in holder.modules]
    return {
        "v": 1,
        "kind": COURSE,
        "code": new_code(),
        "holder_name": holder.full_name,
        "class_name": room.name,
        "school_year": room.year,
        "course_id": course.id,
        "course_title": course.title,
        "course_edition": holder.edition,
        "modules": modules,
        "completed_on": local_date(holder.completed_at).isoformat(),
        "issued_on": local_date(now).isoformat(),
        "issuer": room.school.name,
        "public_url": issuer.public_url,
        "design": COURSE_DESIGN,
        "level": holder.level,
        "how": HOW[holder.level],
        "signer_name": signer.name,
        "signer_title": signer.title,
    }


def signing_title(typed: str) -> str:
    """Return a typed title as the paper bears it: “Hiệu trưởng”, “KT. Hiệu trưởng, Phó Hiệu trưởng”.

    Raises SignatureRefused.
    """
    title = " ".join(nfc(typed).split())
    if not title:
        raise SignatureRefused("Chưa ghi chức danh. Giấy ghi đúng chức danh của người ký.")
    if len(title) > LONGEST_TITLE:
        raise SignatureRefused(f"Chức danh dài quá {LONGEST_TITLE} chữ. Viết ngắn lại.")
    if sum(c.isalpha() for c in title) < 2 or not can_be_printed(title):
        raise SignatureRefused("Chức danh chỉ gồm chữ và dấu câu, ví dụ: Hiệu trưởng.")
    return title


def can_be_printed(words: str) -> bool:
    """Tell whether the fonts of the papers have every letter, so that what is frozen can be printed."""
    known = (*LETTERS, *MARKS)
    return all(
        (c.isascii() and c.isprintable()) or c in _SIGNS or any(low <= c <= high for low, high in known)
        for c in words
    )
