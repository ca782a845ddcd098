"""The numbers a school writes on its certificates, and what corrects them."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.certificates.actions import CertificateRefused, replace_certificate, revoke_certificate
from lms.certificates.course_certificates import SignatureRefused, can_be_printed, signing_title
from lms.certificates.models import COURSE, Certificate
from lms.certificates.pdf import render_pdf
from lms.certificates.queries import broken_links, held, register_lines, verdict
from lms.certificates.register import register_mark
from lms.db import Scope
from lms.people.names import LETTERS, MARKS
from lms.places.models import Unit, UnitDescription
from lms.progress.actions import complete_lesson, witness_check
from lms.progress.proposing import approve, propose
from tests.awarding import SIGNER, approved, learn_before, member, place_of, ready_class, room_of, sent
from tests.cast import Cast
from tests.conftest import ROOT
from tests.story import ISSUER, take_check

IN_DECEMBER, IN_JANUARY = datetime(2026, 12, 31, 16, 59, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)


@pytest.fixture
def catalogue(db: Session) -> Catalogue:
    return load(db)


def issue(
    db: Session, cast: Cast, catalogue: Catalogue, *names: str, now: datetime | None = None
) -> list[Certificate]:
    made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, *names).values())
    done = approved(db, cast, catalogue, made, now=now)
    assert done is not None
    return list(done.issued)


def issue_elsewhere(db: Session, cast: Cast, catalogue: Catalogue, name: str) -> Certificate:
    """Issue one certificate at Sao Mai."""
    doer = member(db, cast.class_6a, name)
    learn_before(db, doer, catalogue, cast.hoa_person.id)
    assert doer.person_id is not None
    course, people = catalogue.courses[0], {doer.person_id}
    room = place_of(db, cast.class_6a)
    made = propose(db, room, course, "student", people, catalogue, by=cast.minh.id, now=clock.now())
    done = approve(
        db,
        made,
        room_of(db, cast.class_6a, cast.sao_mai),
        SIGNER,
        people,
        catalogue,
        ISSUER,
        by=cast.minh.id,
        now=clock.now(),
    )
    assert done is not None
    return done.issued[0]


def describe(db: Session, unit: Unit, **what: str) -> None:
    db.execute(update(UnitDescription).where(UnitDescription.unit_id == unit.id).values(**what))


def test_each_school_counts_for_itself_and_its_mark_tells_the_schools_apart(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    first, second = issue(db, cast, catalogue, "Trần Thị Ái", "Lò Văn Tám")
    third = issue_elsewhere(db, cast, catalogue, "Lò Văn Chín")
    (fourth,) = issue(db, cast, catalogue, "Nguyễn Văn Bình")
    mark, other = cast.hoa_sen.ref[:4].upper(), cast.sao_mai.ref[:4].upper()
    year = clock.today().year
    assert [one.register_number for one in (first, second, third, fourth)] == [
        f"0001/{year}-{mark}",
        f"0002/{year}-{mark}",
        f"0001/{year}-{other}",
        f"0003/{year}-{mark}",
    ]


def test_numbers_begin_anew_with_the_year_of_viet_nam(db: Session, cast: Cast, catalogue: Catalogue) -> None:
    (old,) = issue(db, cast, catalogue, "Trần Thị Ái", now=IN_DECEMBER)
    (new,) = issue(db, cast, catalogue, "Lò Văn Tám", now=IN_JANUARY)
    (next_one,) = issue(db, cast, catalogue, "Lò Văn Chín", now=IN_JANUARY)
    assert [(one.register_number or "")[:9] for one in (old, new, next_one)] == [
        "0001/2026",
        "0001/2027",
        "0002/2027",
    ]


def test_the_official_code_is_the_mark_once_the_school_has_one_and_counting_goes_on(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    issue(db, cast, catalogue, "Trần Thị Ái")
    describe(db, cast.hoa_sen, official_code="79760123")
    (second,) = issue(db, cast, catalogue, "Lò Văn Tám")
    assert (second.register_number or "").partition("/")[0] == "0002"
    assert (second.register_number or "").endswith("-79760123")


def test_two_schools_with_one_code_or_one_beginning_never_share_a_mark(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    for school in (cast.hoa_sen, cast.sao_mai):
        describe(db, school, official_code="79760123")
    issue(db, cast, catalogue, "Trần Thị Ái")
    other = issue_elsewhere(db, cast, catalogue, "Lò Văn Chín")
    assert (other.register_number or "").endswith(f"-{cast.sao_mai.ref[:4].upper()}")
    beginning = cast.sao_mai.ref[:4]
    describe(db, cast.hoa_sen, official_code="")
    db.execute(update(Unit).where(Unit.id == cast.hoa_sen.id).values(ref=f"{beginning}ffffffff"))
    assert register_mark(db, place_of(db, cast.hoa_sen)) == f"{beginning}ffff".upper()


def test_a_correction_gets_the_next_number_and_names_the_old_one(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    first, second = issue(db, cast, catalogue, "Trần Thị Ái", "Lò Văn Tám")
    new = replace_certificate(db, first.code, by="lms", now=clock.now(), holder_name="Lò Văn Tắm")
    words = json.loads(new.payload)
    assert (new.register_number or "")[:4] == "0003"
    assert words["register_number"] == new.register_number
    assert words["replaces_number"] == first.register_number
    assert (new.unit_id, new.kind, new.succession, new.replaces) == (
        cast.hoa_sen.id,
        COURSE,
        first.succession + 1,
        first.id,
    )
    found = verdict(db, first.code)
    assert found is not None
    assert (found.stands, found.replaced_by) == (False, new.code)
    assert json.loads(second.payload).get("replaces_number") is None
    (later,) = issue(db, cast, catalogue, "Nguyễn Văn Bình")
    assert (later.register_number or "")[:4] == "0004"
    assert list(broken_links(db)) == []


def test_a_revoked_or_replaced_one_is_refused_by_its_own_name(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    first, second = issue(db, cast, catalogue, "Trần Thị Ái", "Lò Văn Tám")
    revoke_certificate(db, first.code, reason="Nhầm", by="lms", now=clock.now())
    replace_certificate(db, second.code, by="lms", now=clock.now(), holder_name="Lò Văn Tắm")
    with pytest.raises(CertificateRefused, match="Giấy chứng nhận này đã bị thu hồi"):
        replace_certificate(db, first.code, by="lms", now=clock.now())
    with pytest.raises(CertificateRefused, match="giấy chứng nhận mới có mã khác"):
        revoke_certificate(db, second.code, reason="Nhầm", by="lms", now=clock.now())


def test_a_phieu_earned_by_checks_before_a_witness_does_not_say_there_was_none(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doer = member(db, cast.class_4a, "Trần Thị Ái")
    for module in catalogue.courses[0].modules:
        take_check(db, doer, module, catalogue)
        witness_check(db, doer, module, cast.lan_person.id, clock.now())
    for lesson in catalogue.courses[0].lessons:
        complete_lesson(db, doer, lesson, catalogue, ISSUER, clock.now())
    (phieu,) = held(db, doer.person_id) if doer.person_id else ()
    words = json.loads(phieu.certificate.payload)
    assert (words["level"], words["how"]) == (2, "Tự học, bài kiểm tra có người chứng kiến")
    assert render_pdf(words, ROOT / "certificates").startswith(b"%PDF")


def test_the_register_lists_both_kinds_without_names(db: Session, cast: Cast, catalogue: Catalogue) -> None:
    (paper,) = issue(db, cast, catalogue, "Trần Thị Ái")
    revoke_certificate(db, paper.code, reason="Nhầm", by="lms", now=clock.now())
    listed = list(register_lines(db))
    assert [(one.kind, one.state) for one in listed] == [("self_study", "stands"), ("course", "revoked")]
    assert [one.code for one in register_lines(db, COURSE)] == [paper.code]
    assert "Ái" not in repr(listed)


def test_an_officer_sees_the_school_s_papers_and_a_person_asks_for_its_own_only(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    first, second = issue(db, cast, catalogue, "Trần Thị Ái", "Lò Văn Tám")
    issue_elsewhere(db, cast, catalogue, "Lò Văn Chín")
    db.info["scope"] = Scope(person=first.person_id, unit_paths=(cast.hoa_sen.path,))
    seen = set(db.scalars(select(Certificate.id).where(Certificate.kind == COURSE)))
    assert seen == {first.id, second.id}
    assert {one.certificate.person_id for one in held(db, first.person_id)} == {first.person_id}


@pytest.mark.parametrize("typed", ["Hiệu trưởng", " KT.  Hiệu trưởng, Phó Hiệu trưởng ", "Q. Giám đốc"])
def test_a_title_is_kept_as_typed(typed: str) -> None:
    assert signing_title(typed) == " ".join(typed.split())


@pytest.mark.parametrize("typed", ["", "  ", "?!", "Hiệu trưởng 漢", "H" * 61, "Hiệu trưởng\u0007"])
def test_a_title_that_says_nothing_or_cannot_be_printed_is_refused(typed: str) -> None:
    with pytest.raises(SignatureRefused):
        signing_title(typed)


def test_what_can_be_printed_is_what_names_may_have_and_common_signs() -> None:
    assert can_be_printed("Trường Tiểu học “Hoa Sen” – điểm Ê Đê, số 2/4")
    assert all(can_be_printed(low + high) for low, high in (*LETTERS, *MARKS))
    assert not any(can_be_printed(odd) for odd in ("漢", "А", "😀", "\u200b", "a\nb"))
