"""From a class's witnessed checks to the school's certificates: who is ready, the list, the approval."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load
from lms.certificates.actions import revoke_certificate
from lms.certificates.models import COURSE, Certificate, Proposal, ProposalLine
from lms.certificates.proposals import ProposalRefused, lines, listed, send_back
from lms.certificates.queries import broken_links, pages_of
from lms.people.models import Membership
from lms.places.models import UnitDescription
from lms.progress.actions import witness_check
from lms.progress.proposing import approve, eligible, survey, witnessings
from lms.progress.queries import done_items, done_of_people
from tests.awarding import (
    SIGNER,
    approved,
    doer_of,
    learn,
    learn_before,
    member,
    ready_class,
    room_of,
    sent,
)
from tests.cast import Cast
from tests.story import ISSUER, Issuer

NAMES = ("Nguyễn Văn Bình", "H'Hen Niê", "Trần Thị Ái", "Nguyễn Thị Bình")
IN_ORDER = ["Trần Thị Ái", "Nguyễn Thị Bình", "Nguyễn Văn Bình", "H'Hen Niê"]


@pytest.fixture
def catalogue(db: Session) -> Catalogue:
    return load(db)


def names_of(db: Session, cast: Cast, catalogue: Catalogue, audience: str = "student") -> list[str]:
    found = eligible(db, cast.class_4a.id, catalogue.courses[0], audience, catalogue, clock.today())
    return [one.full_name for one in found]


def papers(db: Session) -> list[Certificate]:
    return list(
        db.scalars(select(Certificate).where(Certificate.kind == COURSE).order_by(Certificate.sequence))
    )


def test_only_who_did_every_check_before_a_witness_is_ready(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    alone, half, nothing = (member(db, cast.class_4a, f"{name} Thử") for name in ("Một", "Hai", "Ba"))
    ready_class(db, cast, catalogue, "Trần Thị Ái")
    learn(db, alone, catalogue)
    learn(db, half, catalogue)
    first, second = catalogue.courses[0].modules
    witness_check(db, half, first, cast.lan_person.id, clock.now())
    assert names_of(db, cast, catalogue) == ["Trần Thị Ái"]
    found = survey(db, cast.class_4a.id, catalogue.courses, catalogue, clock.today())
    of = {one.full_name: one for one in found[catalogue.courses[0].id, "student"]}
    assert (of["Một Thử"].missing, of["Một Thử"].unwitnessed) == ((), (first, second))
    assert of["Hai Thử"].unwitnessed == (second,)
    assert of["Ba Thử"].missing == (first, second)
    assert "Ba Thử" not in {one.full_name for one in found[catalogue.courses[0].id, "parent"]}
    assert nothing.person_id in {one.person_id for one in found[catalogue.courses[0].id, "student"]}


def test_a_guardian_of_the_class_is_ready_as_a_parent_not_as_a_pupil(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    hoa = doer_of(db, cast.hoa_person.id, "Lê Thị Hoa")
    learn_before(db, hoa, catalogue, cast.lan_person.id)
    assert names_of(db, cast, catalogue) == []
    assert names_of(db, cast, catalogue, "parent") == ["Lê Thị Hoa"]


def test_the_class_is_surveyed_as_each_of_its_people_is_alone(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, *NAMES[:2])
    learn(db, member(db, cast.class_4a, "Lò Văn Tám"), catalogue)
    items = [m.id for m in catalogue.courses[0].modules]
    together = done_of_people(db, [d.person_id for d in doers.values() if d.person_id], items)
    for doer in doers.values():
        assert doer.person_id is not None
        assert together[doer.person_id] == done_items(db, doer.learner_id, doer.person_id, items)
    assert len(together) == 2


def test_who_left_the_class_or_holds_the_certificate_is_not_ready(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, *NAMES[:2])
    gone = update(Membership).where(Membership.person_id == doers["Nguyễn Văn Bình"].person_id)
    db.execute(gone.values(left_on=clock.today()))
    assert names_of(db, cast, catalogue) == ["H'Hen Niê"]
    approved(db, cast, catalogue, sent(db, cast, catalogue, *doers.values()))
    assert names_of(db, cast, catalogue) == []


def test_a_name_that_cannot_stand_on_paper_is_told_and_not_proposed(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, "Trần Thị Ái", "Nguyễn Văn Án")
    written = update(Membership).where(Membership.person_id == doers["Nguyễn Văn Án"].person_id)
    db.execute(written.values(full_name="Nguyễn Văn Án (chuyển)"))
    assert names_of(db, cast, catalogue) == ["Trần Thị Ái"]
    found = survey(db, cast.class_4a.id, catalogue.courses, catalogue, clock.today())
    (odd,) = [one for one in found[catalogue.courses[0].id, "student"] if one.name_fault]
    assert "Họ và tên chỉ gồm chữ" in (odd.name_fault or "")


def test_a_class_has_one_open_list_and_sending_again_makes_it_what_is_sent_now(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, *NAMES)
    first = sent(db, cast, catalogue, *doers.values())
    assert [line.full_name for line in lines(db, first.id)] == IN_ORDER
    made_at = first.made_at
    again = sent(db, cast, catalogue, *doers.values())
    assert (again.id, again.made_at) == (first.id, made_at), "the same list sent again changes nothing"
    fewer = sent(db, cast, catalogue, doers["H'Hen Niê"], doers["Trần Thị Ái"])
    assert fewer.id == first.id
    assert [line.full_name for line in lines(db, first.id)] == ["Trần Thị Ái", "H'Hen Niê"]
    assert fewer.made_at > made_at


def test_who_is_not_ready_is_left_out_whatever_was_sent(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, "Trần Thị Ái")
    alone, stranger = member(db, cast.class_4a, "Lò Văn Tám"), member(db, cast.class_6a, "Lò Văn Chín")
    learn(db, alone, catalogue)
    learn_before(db, stranger, catalogue, cast.lan_person.id)
    made = sent(db, cast, catalogue, *doers.values(), alone, stranger)
    assert [line.full_name for line in lines(db, made.id)] == ["Trần Thị Ái"]
    with pytest.raises(ProposalRefused, match="Chưa chọn ai"):
        sent(db, cast, catalogue, alone, stranger)


def test_approval_issues_in_class_order_with_numbers_that_follow_each_other(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, *NAMES).values())
    now = datetime(2026, 12, 1, 3, tzinfo=UTC)
    done = approved(db, cast, catalogue, made, now=now)
    assert done is not None
    assert [json.loads(one.payload)["holder_name"] for one in done.issued] == IN_ORDER
    mark = cast.hoa_sen.ref[:4].upper()
    assert [one.register_number for one in papers(db)] == [f"000{n}/2026-{mark}" for n in (1, 2, 3, 4)]
    assert [line.register_number for line in lines(db, made.id)] == [
        one.register_number for one in done.issued
    ]
    assert {one.unit_id for one in done.issued} == {cast.hoa_sen.id}
    assert list(broken_links(db)) == []


def test_the_paper_freezes_class_school_course_level_and_who_signed(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, "H'Hen Niê").values())
    approved(db, cast, catalogue, made, now=datetime(2026, 12, 1, 3, tzinfo=UTC))
    (paper,) = papers(db)
    words = json.loads(paper.payload)
    course = catalogue.courses[0]
    assert words == {
        "v": 1,
        "kind": "course",
        "code": paper.code,
        "holder_name": "H'Hen Niê",
        "class_name": "4A",
        "school_year": "2026–2027",
        "course_id": course.id,
        "course_title": course.title,
        "course_edition": 1,
        "audience": "student",
        "modules": [{"title": m.title, "completed_on": clock.today().isoformat()} for m in course.modules],
        "completed_on": clock.today().isoformat(),
        "issued_on": "2026-12-01",
        "issuer": "Trường Tiểu học Hoa Sen",
        "public_url": ISSUER.public_url,
        "design": "giay-chung-nhan",
        "level": 2,
        "how": "Bài kiểm tra làm trước sự chứng kiến của giáo viên",
        "signer_name": "Nguyễn Thị Hạnh",
        "signer_title": "Hiệu trưởng",
        "register_number": paper.register_number,
    }
    assert "Lan" not in paper.payload, "the witness is not named on paper"


def test_approving_twice_issues_once(db: Session, cast: Cast, catalogue: Catalogue) -> None:
    made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, *NAMES).values())
    assert approved(db, cast, catalogue, made) is not None
    assert approved(db, cast, catalogue, made) is None
    assert len(papers(db)) == 4
    assert send_back(db, made, "Xem lại", cast.head.id, clock.now()) is False


def test_a_line_the_school_takes_out_or_no_longer_ready_gets_none_and_the_list_says_which(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, *NAMES)
    made = sent(db, cast, catalogue, *doers.values())
    gone = update(Membership).where(Membership.person_id == doers["H'Hen Niê"].person_id)
    db.execute(gone.values(left_on=clock.today()))
    kept = {d.person_id for name, d in doers.items() if name != "Nguyễn Thị Bình" and d.person_id}
    done = approved(db, cast, catalogue, made, kept)
    assert done is not None
    assert (done.taken_out, done.skipped) == (("Nguyễn Thị Bình",), ("H'Hen Niê",))
    assert len(done.issued) == len(papers(db)) == 2
    db.expire_all()
    shown = listed(db, made.id)
    assert shown.note == ("Trường bỏ khỏi danh sách: số 2. Không còn đủ điều kiện lúc duyệt: số 4.")
    assert (shown.people, shown.issued) == (4, 2)
    assert names_of(db, cast, catalogue) == ["Nguyễn Thị Bình"], "may be proposed again"


def test_a_list_of_which_nobody_is_left_is_not_approved(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, "Trần Thị Ái").values())
    with pytest.raises(ProposalRefused, match="Không có ai để cấp giấy"), db.begin_nested():
        approved(db, cast, catalogue, made, set())
    db.expire_all()
    assert made.decided_at is None
    assert papers(db) == []


def test_nothing_is_issued_without_an_address_or_in_a_name_the_fonts_lack(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    made = sent(db, cast, catalogue, *ready_class(db, cast, catalogue, "Trần Thị Ái").values())

    def try_with(issuer: Issuer) -> None:
        room = room_of(db, cast.class_4a, cast.hoa_sen)
        people = {line.person_id for line in lines(db, made.id)}
        approve(db, made, room, SIGNER, people, catalogue, issuer, by=cast.head.id, now=clock.now())

    with pytest.raises(ProposalRefused, match="LMS_PUBLIC_URL"):
        try_with(Issuer(ISSUER.name, ""))
    db.execute(
        update(UnitDescription).where(UnitDescription.unit_id == cast.hoa_sen.id).values(name="Trường 漢")
    )
    with pytest.raises(ProposalRefused, match="“Trường 漢” có chữ không in được"):
        try_with(ISSUER)
    assert papers(db) == []


def test_a_returned_list_says_why_and_the_class_may_send_another(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    doers = ready_class(db, cast, catalogue, *NAMES[:2])
    made = sent(db, cast, catalogue, *doers.values())
    with pytest.raises(ProposalRefused, match="Chưa ghi vì sao"):
        send_back(db, made, "  ", cast.head.id, clock.now())
    assert send_back(db, made, "  Thiếu em  Ái ", cast.head.id, clock.now())
    assert approved(db, cast, catalogue, made) is None
    other = sent(db, cast, catalogue, *doers.values())
    assert other.id != made.id
    db.expire_all()
    assert listed(db, made.id).note == "Thiếu em Ái"
    assert approved(db, cast, catalogue, other) is not None
    assert db.scalars(select(Proposal.decision).order_by(Proposal.made_at)).all() == ["returned", "approved"]


def test_one_person_proposed_by_two_classes_gets_one_certificate(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    from lms.people.memberships import join_unit
    from lms.progress.proposing import propose
    from tests.awarding import place_of
    from tests.cast import OPENED

    (doer,) = ready_class(db, cast, catalogue, "Trần Thị Ái").values()
    assert doer.person_id is not None
    join_unit(db, doer.person_id, cast.class_4b.id, "student", "Trần Thị Ái", OPENED)
    here = sent(db, cast, catalogue, doer)
    beside = propose(
        db,
        place_of(db, cast.class_4b),
        catalogue.courses[0],
        "student",
        {doer.person_id},
        catalogue,
        by=cast.lan.id,
        now=clock.now(),
    )
    assert approved(db, cast, catalogue, here) is not None
    with pytest.raises(ProposalRefused):
        approve(
            db,
            beside,
            room_of(db, cast.class_4b, cast.hoa_sen),
            SIGNER,
            {doer.person_id},
            catalogue,
            ISSUER,
            by=cast.head.id,
            now=clock.now(),
        )
    assert len(papers(db)) == 1


def test_after_a_revocation_the_same_person_may_be_certified_anew(
    db: Session, cast: Cast, catalogue: Catalogue
) -> None:
    (doer,) = ready_class(db, cast, catalogue, "Trần Thị Ái").values()
    first = sent(db, cast, catalogue, doer)
    done = approved(db, cast, catalogue, first)
    assert done is not None
    revoke_certificate(db, done.issued[0].code, reason="Ghi nhầm khóa", by="lms", now=clock.now())
    assert pages_of(db, first.id) == []
    assert names_of(db, cast, catalogue) == ["Trần Thị Ái"]
    again = approved(db, cast, catalogue, sent(db, cast, catalogue, doer))
    assert again is not None
    assert (again.issued[0].succession, again.issued[0].replaces) == (1, None)
    assert [one.register_number[:4] for one in papers(db) if one.register_number] == ["0001", "0002"]


def test_the_officer_reads_who_witnessed_and_when(db: Session, cast: Cast, catalogue: Catalogue) -> None:
    early = clock.now() - timedelta(days=3)
    doer = member(db, cast.class_4a, "Trần Thị Ái")
    course = learn_before(db, doer, catalogue, cast.lan_person.id, early)
    assert doer.person_id is not None
    (seen,) = witnessings(db, [doer.person_id], course)[doer.person_id]
    assert seen.witness == cast.lan_person.full_name
    assert clock.local_date(seen.at) == clock.local_date(early)


def test_a_line_is_the_class_s_own_copy_of_the_name(db: Session, cast: Cast, catalogue: Catalogue) -> None:
    doers = ready_class(db, cast, catalogue, "Trần Thị Ái")
    (doer,) = doers.values()
    changed = update(Membership).where(Membership.person_id == doer.person_id)
    db.execute(changed.values(full_name="Trần Thị Ngọc Ái"))
    made = sent(db, cast, catalogue, doer)
    held = db.scalars(select(ProposalLine.full_name).where(ProposalLine.proposal_id == made.id)).all()
    assert held == ["Trần Thị Ngọc Ái"]
    done = approved(db, cast, catalogue, made)
    assert done is not None
    assert json.loads(done.issued[0].payload)["holder_name"] == "Trần Thị Ngọc Ái"
