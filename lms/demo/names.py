"""Names put together from lists of syllables, phones of a form that nobody was given."""

from dataclasses import dataclass
from datetime import date

from lms.demo.rule import Rule

FAMILY = (
    *("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương"),
    *("Lý", "Mai", "Tạ", "Cao", "Quách", "Đinh", "Lương"),
)
GIRLS_MIDDLE = ("Thị", "Thị Ngọc", "Ngọc", "Thu", "Khánh", "Minh", "Thanh", "Phương", "Bảo", "Thùy")
GIRLS = (
    *("Anh", "Châu", "Chi", "Diệp", "Dung", "Hà", "Hân", "Hương", "Khuê", "Linh", "Ly", "Mai", "My"),
    *("Nga", "Ngân", "Nhi", "Nhung", "Oanh", "Phúc", "Quyên", "Thảo", "Thơ", "Trà", "Trúc", "Uyên", "Yến"),
)
BOYS_MIDDLE = ("Văn", "Đức", "Gia", "Hữu", "Minh", "Quang", "Thành", "Tuấn", "Xuân", "Hoàng")
BOYS = (
    *("An", "Bách", "Cường", "Dũng", "Duy", "Đạt", "Hải", "Hiếu", "Hòa", "Huy", "Khang", "Khôi", "Kiên"),
    *("Lâm", "Long", "Nam", "Nghĩa", "Phong", "Quân", "Sơn", "Tài", "Thắng", "Tín", "Trung", "Việt", "Vinh"),
)
WOMEN = ("Bích", "Cúc", "Duyên", "Đào", "Gấm", "Hiền", "Hồng", "Huệ", "Lụa", "Nhàn", "Sen", "Thoa", "Vân")
MEN = ("Bình", "Chiến", "Công", "Định", "Hậu", "Hùng", "Khoa", "Lợi", "Mạnh", "Phú", "Sang", "Thịnh", "Toàn")

EDE_CLANS = ("Niê", "Mlô", "Êban", "Ayŭn", "Kbuôr")
EDE_GIRLS, EDE_BOYS = ("H'Hen", "H'Linh", "H'Bia", "H'Yun"), ("Y Thon", "Y Bhăm", "Y Jut", "Y Klơng")
HMONG_CLANS = ("Vàng", "Giàng", "Sùng", "Thào")
HMONG_GIRLS, HMONG_BOYS = ("Mỷ", "Sua", "Chia", "Dở"), ("Páo", "Sình", "Tủa", "Lử")
THAI_CLANS = ("Lò", "Cầm", "Quàng", "Tòng")
BANA_GIRLS, BANA_BOYS = ("Y Phượng", "Y Hlim", "Y Blưnh"), ("A Phúc", "A Thút", "A Byưr")
PEOPLES = ("ede", "hmong", "thai", "bana")
KINH = "kinh"


@dataclass(frozen=True)
class Name:
    """A full name; `sort` is the name to sort under where the given name does not stand last."""

    full: str
    family: str
    people: str = KINH
    sort: str = ""


def child(rule: Rule, index: int, is_girl: bool) -> Name:
    """Return the name of a pupil; about one in seven belongs to a smaller people."""
    people = rule.pick(PEOPLES, "people", index) if rule.share(14, "minority", index) else KINH
    given = rule.pick(GIRLS if is_girl else BOYS, "given", index)
    if people != KINH:
        return _of(rule, people, is_girl, given, index)
    family = rule.pick(FAMILY, "family", index)
    middle = rule.pick(GIRLS_MIDDLE if is_girl else BOYS_MIDDLE, "middle", index)
    return Name(f"{family} {middle} {given}", family)


def parent(rule: Rule, index: int, of: Name, is_mother: bool) -> Name:
    """Return the name of a pupil's parent: the father's family name is the child's."""
    given = rule.pick(WOMEN if is_mother else MEN, "parent", index, is_mother)
    if of.people != KINH:
        return _of(rule, of.people, is_mother, given, index + 1000)
    others = [family for family in FAMILY if family != of.family]
    family = rule.pick(others, "mother", index) if is_mother else of.family
    return Name(f"{family} {'Thị' if is_mother else 'Văn'} {given}", family)


def _of(rule: Rule, people: str, is_female: bool, given: str, index: int) -> Name:
    if people == "ede":
        first = rule.pick(EDE_GIRLS if is_female else EDE_BOYS, "ede", index)
        clan = rule.pick(EDE_CLANS, "clan", index)
        return Name(f"{first} {clan}", clan, people, first.removeprefix("H'").removeprefix("Y "))
    if people == "bana":
        full = rule.pick(BANA_GIRLS if is_female else BANA_BOYS, "bana", index)
        return Name(full, "", people)
    if people == "hmong":
        clan = rule.pick(HMONG_CLANS, "clan", index)
        last = rule.pick(HMONG_GIRLS if is_female else HMONG_BOYS, "hmong", index)
        return Name(f"{clan} {'Thị' if is_female else 'A'} {last}", clan, people)
    clan = rule.pick(THAI_CLANS, "clan", index)
    return Name(f"{clan} {'Thị' if is_female else 'Văn'} {given}", clan, people)


def phone(index: int) -> str:
    """Return a phone number of the form 09xx000xxx, another for each index below 90,000."""
    return f"09{10 + index // 1000 % 90}000{index % 1000:03d}"


def birthday(rule: Rule, index: int, grade: int, first_year: int) -> date:
    """Return a date of birth that fits a grade: six years old in the year in which grade 1 starts."""
    year = first_year - 5 - grade
    return date(year, 1 + rule.below(12, "month", index), 1 + rule.below(28, "day", index))
