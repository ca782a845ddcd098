"""Who lives in the demo: classes, pupils with their families, staff; plain values, no database."""

from dataclasses import dataclass
from datetime import date

from lms.demo import names
from lms.demo.names import Name
from lms.demo.rule import Rule

PROVINCE, COMMUNE = "Tỉnh Ví Dụ", "Xã Ví Dụ"
HOA_SEN, SAO_MAI = "hoa-sen", "sao-mai"
SCHOOLS = {HOA_SEN: ("Trường Tiểu học Hoa Sen", "TH"), SAO_MAI: ("Trường THCS Sao Mai", "THCS")}


@dataclass(frozen=True)
class Room:
    """A class: its school, its grade and how many pupils stand on its roster (0: none was loaded)."""

    name: str
    school: str
    grade: int
    size: int


ROOMS = (
    Room("4A", HOA_SEN, 4, 38),
    Room("4B", HOA_SEN, 4, 37),
    Room("5A", HOA_SEN, 5, 35),
    Room("6A", SAO_MAI, 6, 45),
    Room("6B", SAO_MAI, 6, 45),
    Room("7A", SAO_MAI, 7, 0),
)


@dataclass(frozen=True)
class Guardian:
    """A parent of record; the same key in two rows of one school is one person."""

    key: str
    full_name: str
    relation: str
    phone: str | None


@dataclass(frozen=True)
class Pupil:
    """A pupil of a class with the parents that the roster names."""

    key: str
    room: str
    full_name: str
    sort_name: str
    born_on: date
    guardians: tuple[Guardian, ...]


@dataclass(frozen=True)
class Employee:
    """A staff member on a school's list; `login` where there is an account, `role` and `place` what for."""

    school: str
    full_name: str
    audience: str
    login: str = ""
    role: str = "teacher"
    place: str = ""
    purpose: str = ""


STAFF = (
    Employee(
        *(HOA_SEN, "Trần Thị Hạnh", "staff", "hieu-truong", "school_admin", HOA_SEN),
        purpose="hiệu trưởng Tiểu học Hoa Sen: số liệu, duyệt giấy chứng nhận",
    ),
    Employee(
        *(HOA_SEN, "Nguyễn Thị Lan", "teacher", "lan", "teacher", "4A"),
        purpose="chủ nhiệm lớp 4A: danh sách, giao bài, ai chưa học, xác nhận",
    ),
    Employee(HOA_SEN, "Vi Thị Xuyến", "teacher"),
    Employee(HOA_SEN, "Phạm Văn Quyết", "teacher"),
    Employee(HOA_SEN, "Lương Thị Mận", "teacher"),
    Employee(HOA_SEN, "Đỗ Thị Tươi", "staff"),
    Employee(
        *(SAO_MAI, "Đỗ Văn Thành", "staff", "sao-mai", "school_admin", SAO_MAI),
        purpose="hiệu trưởng THCS Sao Mai: lớp 7A chờ danh sách, một đề nghị chờ duyệt",
    ),
    Employee(
        *(SAO_MAI, "Phạm Văn Minh", "teacher", "minh", "teacher", "6A"),
        purpose="chủ nhiệm lớp 6A",
    ),
    Employee(
        *(SAO_MAI, "Lê Thị Hoa", "teacher", "hoa", "teacher", "6B"),
        purpose="chủ nhiệm lớp 6B, cũng là mẹ của Đinh Thị An ở lớp 4A",
    ),
    Employee(SAO_MAI, "Y Thon Êban", "teacher"),
    Employee(SAO_MAI, "Cầm Thị Hoài", "teacher"),
    Employee(SAO_MAI, "Hồ Văn Lực", "staff"),
)
OTHERS = (
    Employee(
        *("", "Lý Văn Tư", "staff", "tu", "commune_officer", COMMUNE),
        purpose="Phòng Văn hóa – Xã hội xã: số liệu theo trường, không có tên người",
    ),
    Employee(
        *("", "Bùi Văn Sáng", "staff", "soan-bai", "author", ""),
        purpose="người soạn bài: bài làm nói gì về từng câu hỏi, chấm lại khi đáp án sai",
    ),
    Employee(
        *("", "Tòng Văn Thuận", "staff", "quan-tri", "admin", ""),
        purpose="quản trị trang: tài khoản và vai trò",
    ),
)

_HOA = Guardian("hoa", "Lê Thị Hoa", "mẹ", names.phone(90))
_TWINS_MOTHER = Guardian("twins", "Phan Thị Thúy", "mẹ", names.phone(91))
_GRANDMOTHER = Guardian("three", "Lò Thị Pành", "người giám hộ", names.phone(92))
_NO_PHONE = Guardian("no-phone", "Y Bia", "mẹ", None)
KNOWN_FAMILIES: dict[tuple[str, int], tuple[str, tuple[Guardian, ...]]] = {
    ("4A", 0): ("Đinh Thị An", (_HOA,)),
    ("4A", 1): ("Trịnh Gia Bảo", (_TWINS_MOTHER,)),
    ("4B", 0): ("Trịnh Gia Bách", (_TWINS_MOTHER,)),
    ("4A", 2): ("Lò Văn Khánh", (_GRANDMOTHER,)),
    ("4B", 1): ("Lò Thị Kiều", (_GRANDMOTHER,)),
    ("5A", 0): ("Lò Văn Khôi", (_GRANDMOTHER,)),
    ("4A", 3): ("A Thút", (_NO_PHONE,)),
    ("4A", 4): ("Giàng Thị Sua", ()),
}
"""Families that a school really meets: a parent who teaches next door, twins in two classes, a guardian of
three, one without a phone, a pupil of whom no parent is known."""


def staff_key(login: str) -> str:
    """Return the key of a staff member, who may stand on a class's roster as a parent too."""
    return f"staff-{login}"


def pupils(rule: Rule, first_year: int) -> tuple[Pupil, ...]:
    """Return every pupil of the demo, class by class."""
    found: list[Pupil] = []
    for room in ROOMS:
        taken = {name for (where, _), (name, _) in KNOWN_FAMILIES.items() if where == room.name}
        for place in range(room.size):
            made = _pupil(rule, room, place, len(found), first_year, taken)
            taken.add(made.full_name)
            found.append(made)
    return tuple(found)


def _pupil(rule: Rule, room: Room, place: int, index: int, first_year: int, taken: set[str]) -> Pupil:
    key, twins = f"{room.name}-{place}", {("4A", 1), ("4B", 0)}
    known = KNOWN_FAMILIES.get((room.name, place))
    birth_index = -1 if (room.name, place) in twins else index
    born_on = names.birthday(rule, birth_index, room.grade, first_year)
    if known is not None:
        full_name, guardians = known
        return Pupil(key, room.name, full_name, "", born_on, guardians)
    tried = index
    name = names.child(rule, tried, rule.share(50, "girl", index))
    while name.full in taken:
        tried += 10_000
        name = names.child(rule, tried, rule.share(50, "girl", index))
    return Pupil(key, room.name, name.full, name.sort, born_on, _guardians(rule, index, name))


def _guardians(rule: Rule, index: int, child: Name) -> tuple[Guardian, ...]:
    """Return who the roster names: nobody, one parent, both, or a grandmother."""
    drawn = rule.below(100, "home", index)
    if drawn < 6:
        return ()
    if drawn < 10:
        elder = names.parent(rule, index + 5000, child, is_mother=True).full
        return (Guardian(f"g{index}", elder, "người giám hộ", _phone(rule, index, 0)),)
    mother, father = ((drawn < 60 or drawn >= 78), drawn >= 60)
    found = []
    for is_mother, listed in ((True, mother), (False, father)):
        if listed:
            name = names.parent(rule, index, child, is_mother).full
            relation = "mẹ" if is_mother else "bố"
            key = f"{'m' if is_mother else 'f'}{index}"
            found.append(Guardian(key, name, relation, _phone(rule, index, 0 if is_mother else 1)))
    return tuple(found)


def _phone(rule: Rule, index: int, which: int) -> str | None:
    return None if rule.share(10, "no phone", index, which) else names.phone(1000 + 2 * index + which)
