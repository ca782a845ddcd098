"""What staff do around the learning: assign, declare totals, hand out slips, propose, approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.accounts.acts import note_act
from lms.accounts.models import Account
from lms.catalog.catalogue import Course
from lms.certificates.course_certificates import Room, Signer
from lms.certificates.models import Proposal
from lms.certificates.proposals import lines
from lms.classrooms.assigning import assign
from lms.classrooms.requests import Asked, ask_to_join
from lms.classrooms.slips import make_slips
from lms.clock import local_date
from lms.db import new_id
from lms.demo.doing import Doing
from lms.demo.month import Month
from lms.demo.people import HOA_SEN, ROOMS, SAO_MAI, Pupil
from lms.people.actions import add_person, join_household, open_household
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from lms.progress.proposing import approve, eligible, propose
from lms.reports.models import DeclaredTotal

SLIPS_DAYS_AGO = 20.5
SOURCE = "Báo cáo đầu năm học của nhà trường"
DECLARED = (("student", 131), ("parent", 248))
"""What the school declares whose rosters are not all loaded: more than stand on them."""
TITLE = "Hiệu trưởng"


@dataclass(frozen=True)
class Given:
    """An assignment to be made: what, to whom, how long ago, due in how many days (minus: overdue)."""

    room: str
    by: str
    audience: str
    whole_course: bool
    days_ago: int
    due_in: int
    level: int = 1


GIVEN = (
    Given("4A", "lan", "student", True, 20, 6, level=2),
    Given("4A", "lan", "parent", True, 20, 6),
    Given("4B", "hieu-truong", "student", False, 17, -2),
    Given("4B", "hieu-truong", "parent", False, 17, -2),
    Given("5A", "hieu-truong", "parent", False, 7, 10),
    Given("6A", "minh", "student", True, 19, 4, level=2),
    Given("6A", "minh", "parent", True, 19, 4),
    Given("6B", "hoa", "student", False, 15, 3),
    Given("6B", "hoa", "parent", False, 15, 3),
)


def give(doing: Doing, month: Month, course: Course) -> None:
    """Make the assignments."""
    for each in GIVEN:
        at, unit = month.at(each.days_ago, 15, 10), doing.village.units[each.room]
        item = course if each.whole_course else course.modules[0]
        account = doing.village.accounts[each.by]
        due_on = local_date(month.now) + timedelta(days=each.due_in)
        assign(doing.db, unit.id, item.id, each.audience, due_on, at, by=account.id, level=each.level)
        whom = "học sinh" if each.audience == "student" else "cha mẹ học sinh"
        _note(doing, "assign", f"Giao “{item.title}” cho {whom} lớp {each.room}", account, unit, at)


def declare(doing: Doing, month: Month) -> None:
    """Let a school say how many people it has, and when and where it counted them."""
    at, account = month.at(24, 10), doing.village.accounts["sao-mai"]
    school = doing.village.units[SAO_MAI]
    for audience, number in DECLARED:
        row = DeclaredTotal(
            id=new_id(),
            unit_id=school.id,
            audience=audience,
            number=number,
            counted_on=local_date(at),
            source=SOURCE,
            recorded_at=at,
            recorded_by=account.id,
        )
        doing.db.add(row)
    doing.db.flush()
    _note(doing, "declare", "Khai tổng số học sinh, cha mẹ học sinh", account, school, at)


def hand_out_slips(doing: Doing, month: Month, pupils: Sequence[Pupil]) -> None:
    """Give every family a slip by which it joins."""
    at = month.at(SLIPS_DAYS_AGO, 9)
    for room in ROOMS:
        keys = {doing.village.people[p.key].id: p.key for p in pupils if p.room == room.name}
        unit = doing.village.units[room.name]
        made = make_slips(doing.db, doing.secret, unit, list(keys), None, at)
        doing.slips.update((keys[pupil_id], code) for pupil_id, code in made)


def let_a_mother_ask(doing: Doing, month: Month) -> None:
    """Let a mother whom no roster names join 4A by the class code; her request waits for the teacher."""
    db, at = doing.db, month.at(1, 20, 15)
    household, _ = open_household(db, doing.secret, at)
    mother = add_person(db, "Giàng Thị Dở", at)
    join_household(db, household.id, mother.id, "mẹ", at)
    asked = Asked(mother.id, mother.full_name, doing.village.people["4A-4"].full_name, "mẹ")
    ask_to_join(db, doing.village.units["4A"].id, household.id, asked, at)


def propose_and_approve(doing: Doing, month: Month, course: Course, year: str) -> int:
    """Let the lists of 6A wait and the one of 4A be approved; return how many certificates came of it."""
    _send(doing, course, "6A", "minh", month.at(1, 10))
    sent = _send(doing, course, "4A", "lan", month.hours_ago(3))
    if sent is None or not doing.issuer.public_url:
        return 0
    at, account = month.hours_ago(1), doing.village.accounts["hieu-truong"]
    school = _place(doing, HOA_SEN, at)
    room, signer = Room("4A", school, year), Signer(account.display_name, TITLE)
    kept = [line.person_id for line in lines(doing.db, sent.id)]
    catalogue, issuer = doing.catalogue, doing.issuer
    done = approve(doing.db, sent, room, signer, kept, catalogue, issuer, by=account.id, now=at)
    _note(doing, "approve", f"Duyệt cấp {len(kept)} giấy chứng nhận cho lớp 4A", account, school, at)
    return len(done.issued) if done else 0


def _send(doing: Doing, course: Course, room: str, by: str, at: datetime) -> Proposal | None:
    """Send a class's pupils whose checks the teacher saw to the school; nobody is ready, no list."""
    db, place, account = doing.db, _place(doing, room, at), doing.village.accounts[by]
    ready = eligible(db, place.id, course, "student", doing.catalogue, local_date(at))
    if not ready:
        return None
    people = [one.person_id for one in ready]
    sent = propose(db, place, course, "student", people, doing.catalogue, by=account.id, now=at)
    _note(
        doing, "propose", f"Đề nghị cấp giấy chứng nhận cho {len(people)} em lớp {room}", account, place, at
    )
    return sent


def _place(doing: Doing, key: str, at: datetime) -> Place:
    found = place_by_id(doing.db, doing.village.units[key].id, local_date(at))
    if found is None:
        raise LookupError(key)
    return found


def _note(doing: Doing, act: str, what: str, who: Account, where: Unit | Place, at: datetime) -> None:
    note_act(doing.db, act, what, by=who.display_name, now=at, account_id=who.id, unit_id=where.id)
