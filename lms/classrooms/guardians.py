"""Reads the parents and guardians that a pupil's row names."""

import re
from dataclasses import replace

from lms.classrooms.cells import is_nothing, name_of, phone_of, same_person
from lms.classrooms.desk import Desk
from lms.classrooms.rows import ERROR, NOTICE, GuardianRow
from lms.vietnamese import fold

MOTHER, FATHER, GUARDIAN = "mẹ", "bố", "người giám hộ"
_KINDS = (("mother", MOTHER), ("father", FATHER), ("guardian", GUARDIAN))
_DEAD = re.compile(r"\((?:đã )?(?:mất|chết|qua đời)\)|\bđã mất\b", re.IGNORECASE)
_MOTHERS, _FATHERS = {"me", "ma", "me de"}, {"bo", "cha", "ba", "cha de", "bo de"}


def guardians_of(desk: Desk, line: int) -> tuple[GuardianRow, ...]:
    """Return the guardians of a row, mother first; a telephone without a name belongs to nobody."""
    named: list[GuardianRow] = []
    for kind, relation in _KINDS:
        found = _guardian(desk, line, kind, relation)
        if found is not None:
            named = _added(named, found)
    return tuple(_with_shared_phone(desk, line, named))


def note_phones_without_names(desk: Desk) -> None:
    """Say once, for the whole file, that telephones without any column of names are not taken."""
    if not any(desk.has(f"{kind}_name") for kind, _ in _KINDS):
        phones = [name for name in desk.fields if name.endswith("_phone") and desk.has(name)]
        if phones:
            column = desk.column(phones[0])
            heading = desk.header.headings.get(column if column is not None else -1, "")
            desk.tell_once(
                "phones",
                f"Cột “{heading}” có số điện thoại nhưng tệp không có tên cha mẹ: chưa lấy số. "
                "Thêm cột Họ tên mẹ hoặc Họ tên bố để lấy.",
            )


def _guardian(desk: Desk, line: int, kind: str, relation: str) -> GuardianRow | None:
    column, text = desk.column(f"{kind}_name"), desk.text(line, f"{kind}_name")
    if column is None:
        return None
    if _DEAD.search(text):
        desk.tell(NOTICE, line, column, f"{relation} ghi là đã mất: không lấy.")
        return None
    phone_column, phone_text = desk.column(f"{kind}_phone"), desk.text(line, f"{kind}_phone")
    if is_nothing(text):
        if not is_nothing(phone_text):
            desk.tell(
                NOTICE, line, phone_column, f"có số điện thoại nhưng chưa có tên {relation}: không lấy số."
            )
        return None
    found = name_of(text)
    if found.kind == ERROR:
        found = replace(found, message=f"{found.message} Chưa rõ thì để trống.")
    name = desk.take(line, column, found)
    phone = desk.take(line, phone_column, phone_of(phone_text))
    return GuardianRow(name, _relation(desk, line, relation), phone) if name else None


def _relation(desk: Desk, line: int, relation: str) -> str:
    if relation != GUARDIAN:
        return relation
    said = fold(desk.text(line, "guardian_relation"))
    return MOTHER if said in _MOTHERS else FATHER if said in _FATHERS else GUARDIAN


def _added(named: list[GuardianRow], found: GuardianRow) -> list[GuardianRow]:
    """Add a guardian; one who stands there already as mother or father is the same person."""
    for at, known in enumerate(named):
        if same_person(known.full_name, found.full_name):
            named[at] = replace(known, phone=known.phone or found.phone)
            return named
    return [*named, found]


def _with_shared_phone(desk: Desk, line: int, named: list[GuardianRow]) -> list[GuardianRow]:
    """Give the family's one telephone to the mother, else the father, else the guardian."""
    column, text = desk.column("contact_phone"), desk.text(line, "contact_phone")
    if column is None or is_nothing(text) or not any(desk.has(f"{kind}_name") for kind, _ in _KINDS):
        return named
    if not named and line in desk.bad_lines:
        return named
    if not named:
        desk.tell(NOTICE, line, column, "có số điện thoại nhưng chưa có tên cha mẹ: không lấy số.")
        return named
    phone = desk.take(line, column, phone_of(text))
    if phone is None or any(one.phone == phone for one in named):
        return named
    owner = next((one for one in named if one.phone is None), None)
    if owner is None:
        desk.tell(NOTICE, line, column, "cha mẹ đã có số riêng: không lấy số liên hệ này.")
        return named
    return [replace(one, phone=phone) if one is owner else one for one in named]
