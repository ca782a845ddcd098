"""The classes of the world that the access policy speaks of: who is there, what lies in them."""

from datetime import timedelta

import sqlalchemy as sa

from lms import clock
from lms.accounts.invitations import invite
from lms.accounts.models import Account, RoleGrant
from lms.accounts.roles import Actor
from lms.catalog.catalogue import Catalogue
from lms.certificates.course_certificates import Room
from lms.certificates.models import Proposal
from lms.classrooms.assigning import assign
from lms.classrooms.door import pupil_ref
from lms.classrooms.drafts import CLASS, SCHOOL, STAFF, keep_draft
from lms.classrooms.models import Classroom, JoinRequest
from lms.classrooms.requests import Asked, ask_to_join
from lms.classrooms.slips import make_slips
from lms.classrooms.workbook import read_pasted
from lms.classrooms.years import first_year_of
from lms.db import ScopedSession, new_id
from lms.people.actions import add_person, join_household, open_household
from lms.places.models import Unit
from lms.progress.actions import Doer
from lms.progress.proposing import approve, propose
from tests.awarding import SIGNER, doer_of, learn_before, member, place_of
from tests.cast import Cast, known_hash
from tests.quizzes_test.printed_class import printed
from tests.story import ISSUER
from tests.web_test.sitting_world import let_classes_sit

PUPILS = {"4a": "Lương Gia Khiêm", "4b": "Sùng Thị Dở", "6a": "Quàng Văn Ún"}
"""A second pupil of each class; An of 4A is the `pupil` of the policy."""
WAITING = {"4a": "Bàn Thị Nhàn", "4b": "Tẩn Thị Mẩy", "6a": "Chảo Thị Sến"}
"""Who asked to join each class and waits."""
MOTHERS = {"4a": "Vừ Thị Súa", "6a": "Vừ Thị Dua"}
"""Who was given the school's certificate."""
SECRETS = {
    "hoa-sen": {"Đinh Thị An", PUPILS["4a"], PUPILS["4b"], WAITING["4a"], WAITING["4b"], MOTHERS["4a"]},
    "sao-mai": {PUPILS["6a"], WAITING["6a"], MOTHERS["6a"]},
}
"""Names that stand on no page of anybody who is not of the school."""


def open_officer(db: ScopedSession, school: Unit, login: str, name: str) -> Account:
    """Open an account of a school officer."""
    now = clock.now()
    made = Account(id=new_id(), login=login, display_name=name, password_hash=known_hash(), made_at=now)
    db.add(made)
    db.flush()
    grant = {"account_id": made.id, "role": "school_admin", "unit_id": school.id, "granted_at": now}
    db.add(RoleGrant(id=new_id(), **grant))
    db.flush()
    return made


def populate(
    db: ScopedSession, secret: bytes, cast: Cast, catalogue: Catalogue
) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
    """Fill three classes of two schools; return what each new visitor's session holds, and the things."""
    officer = open_officer(db, cast.sao_mai, "sao-mai", "Lý Văn Sáu")
    things = _units(cast) | {"login": cast.lan.login, "officer-login": officer.login}
    for short in ("4a", "4b", "6a"):
        unit = getattr(cast, f"class_{short}")
        doer = member(db, unit, PUPILS[short])
        learn_before(db, doer, catalogue, cast.lan_person.id)
        things |= _of_class(db, secret, cast, catalogue, short, unit, doer)
    an = doer_of(db, cast.an.id, cast.an.full_name)
    things |= {"an": pupil_ref(secret, cast.class_4a.id, cast.an.id)}
    things |= _approved(db, cast, catalogue, an, officer)
    things |= _invited(db, secret, cast)
    things |= _drafts(db, cast, officer)
    module = catalogue.courses[0].modules[0]
    things["de-giay-4a"] = printed(db, cast.class_4a, module, cast.lan).ref
    things["de-giay-6a"] = printed(db, cast.class_6a, module, cast.lan).ref
    things |= let_classes_sit(db, cast, catalogue) | {"cau": module.bank[0].id}
    return _sessions(db, secret, cast, an, officer), things


def _units(cast: Cast) -> dict[str, str]:
    refs = {name: getattr(cast, f"class_{name}").ref for name in ("4a", "4b", "6a")}
    return refs | {
        "hoa-sen": cast.hoa_sen.ref,
        "sao-mai": cast.sao_mai.ref,
        "xa": cast.commune.ref,
        "no-unit": "f" * 12,
    }


def _of_class(
    db: ScopedSession,
    secret: bytes,
    cast: Cast,
    catalogue: Catalogue,
    short: str,
    unit: Unit,
    pupil: Doer,
) -> dict[str, str]:
    """Give a class an assignment, a parent who waits, an open slip and a list that waits."""
    assert pupil.person_id is not None
    now, course = clock.now(), catalogue.courses[0]
    due_on = clock.local_date(now) + timedelta(days=7)
    given = assign(db, unit.id, course.modules[0].id, "student", due_on, now, by=cast.lan.id)
    [(_, slip)] = make_slips(db, secret, unit, [pupil.person_id], cast.lan.id, now)
    request = _waits(db, secret, unit, pupil, WAITING[short])
    sent = propose(
        *(db, place_of(db, unit), course, "student", {pupil.person_id}, catalogue), by=cast.lan.id, now=now
    )
    room = db.scalars(sa.select(Classroom).where(Classroom.unit_id == unit.id)).one()
    return {
        f"bai-{short}": given.ref,
        f"em-{short}": pupil_ref(secret, unit.id, pupil.person_id),
        f"giay-moi-{short}": slip,
        f"xin-{short}": request.ref,
        f"de-nghi-{short}": sent.ref,
        f"ma-{short}": room.code,
        "chu-de": course.modules[0].id,
    }


def _waits(db: ScopedSession, secret: bytes, unit: Unit, pupil: Doer, name: str) -> JoinRequest:
    now = clock.now()
    household, _ = open_household(db, secret, now)
    parent = add_person(db, name, now)
    join_household(db, household.id, parent.id, "mẹ", now)
    asked = Asked(parent.id, name, pupil.full_name or "", "mẹ")
    assert ask_to_join(db, unit.id, household.id, asked, now)
    return db.scalars(sa.select(JoinRequest).where(JoinRequest.unit_id == unit.id)).one()


def _approved(
    db: ScopedSession, cast: Cast, catalogue: Catalogue, an: Doer, officer: Account
) -> dict[str, str]:
    """Let a list of parents of 4A and one of 6A be approved, so that papers can be printed."""
    course, now = catalogue.courses[0], clock.now()
    learn_before(db, an, catalogue, cast.lan_person.id)
    mother, other = (
        member(db, unit, MOTHERS[short], "parent")
        for short, unit in (("4a", cast.class_4a), ("6a", cast.class_6a))
    )
    found = {}
    for short, school, doer, by in (
        ("4a", cast.hoa_sen, mother, cast.head),
        ("6a", cast.sao_mai, other, officer),
    ):
        assert doer.person_id is not None
        learn_before(db, doer, catalogue, cast.lan_person.id)
        unit = getattr(cast, f"class_{short}")
        place, kept = place_of(db, unit), {doer.person_id}
        sent: Proposal = propose(db, place, course, "parent", kept, catalogue, by=cast.lan.id, now=now)
        room = Room(place.name, place_of(db, school), "2026–2027")
        assert approve(db, sent, room, SIGNER, kept, catalogue, ISSUER, by=by.id, now=now)
        found[f"da-duyet-{short}"] = sent.ref
    return found


def _invited(db: ScopedSession, secret: bytes, cast: Cast) -> dict[str, str]:
    """Invite a teacher to each school, and an author to the site."""
    now, by = clock.now(), Actor(cast.admin.id, cast.admin.display_name)
    found = {}
    for name, role, place in (
        ("hoa-sen", "teacher", place_of(db, cast.hoa_sen)),
        ("sao-mai", "teacher", place_of(db, cast.sao_mai)),
        ("trang", "author", None),
    ):
        invited, token = invite(db, secret, role, place, "Ngô Thị Bảy", by, now)
        found |= {f"loi-moi-{name}": token, f"rut-{name}": invited.ref}
    return found


def _drafts(db: ScopedSession, cast: Cast, officer: Account) -> dict[str, str]:
    """Let a roster be read in, and not written yet, by everybody who may."""
    now, table = clock.now(), read_pasted("Họ và tên\nHà Thị Chín")
    year = first_year_of(clock.local_date(now))
    found = {"nam": str(year)}
    for name, unit, account, kind in (
        ("ban-4a", cast.class_4a, cast.lan, CLASS),
        ("ban-6a", cast.class_6a, officer, CLASS),
        ("ban-hoa-sen", cast.hoa_sen, cast.head, SCHOOL),
        ("ban-sao-mai", cast.sao_mai, officer, SCHOOL),
        ("ban-thay-hoa-sen", cast.hoa_sen, cast.head, STAFF),
        ("ban-thay-sao-mai", cast.sao_mai, officer, STAFF),
    ):
        draft = keep_draft(db, unit.id, account.id, kind, "danh-sach.xlsx", table, year, now)
        found[name] = draft.ref
    return found


def _sessions(
    db: ScopedSession, secret: bytes, cast: Cast, an: Doer, officer: Account
) -> dict[str, dict[str, object]]:
    """Return what the pupil's machine, the mother's phone and the officer's PC hold."""
    now = clock.now()
    household, _ = open_household(db, secret, now)
    join_household(db, household.id, cast.hoa_person.id, "mẹ", now)
    hoa = doer_of(db, cast.hoa_person.id, cast.hoa_person.full_name)
    return {
        "pupil": {"learner_id": an.learner_id},
        "parent": {"learner_id": hoa.learner_id, "household_id": household.id},
        "officer2": {"account_id": officer.id},
    }
