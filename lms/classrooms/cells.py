"""What one cell may hold: names, birth dates, telephone numbers, codes; what we mend and what we refuse.

Messages are the end of a sentence that begins “Dòng 12, cột D:”.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Generic, TypeVar

from lms.classrooms.header import HIDDEN
from lms.classrooms.rows import ERROR, MENDED, NOTICE
from lms.people.names import NameRefused, full_name
from lms.vietnamese import nfc, same_name

V = TypeVar("V")

YOUNGEST, OLDEST = 3, 25
"""Years of age that pupils usually have."""

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u3000]+")
_HIDDEN_SIGNS = re.compile(r"[\x00-\x08\x0e-\x1f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DASHES = {"", "-", "--", "---", "–", "—", ".", "x", "0", "n/a", "#n/a", "null"}
_NOTHING = _DASHES | {"k", "ko", "không", "khong", "không có", "khong co", "không rõ", "đã mất", "mồ côi"}
_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d{1,3}\s*[.)]\s*(?=\D)")
_DMY = re.compile(
    r"^(?:ngày )?(\d{1,2})(?: ?[-/.,] ?| tháng | )(\d{1,2})(?: ?[-/.,] ?| năm | )(\d{4}|\d{2})$"
)
_YMD = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_TOGETHER = re.compile(r"^(\d{2})(\d{2})((?:19|20)\d{2})$")
_PART_OF_DATE = re.compile(r"^(?:\d{1,2}[-/.])?(?:19|20)\d{2}$")
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 60_000)
_OTHER_PHONE = re.compile(r"[/;,|]|\s[-–]\s|\bhoặc\b|\bvà\b")
_MOBILE = re.compile(r"^0[35789]\d{8}$")
_LANDLINE = re.compile(r"^02\d{8,9}$")
_CODE = re.compile(r"^\d{10}$")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Found(Generic[V]):
    """What a cell holds; `kind` and `message` are empty when nothing is to be said."""

    value: V | None = None
    kind: str = ""
    message: str = ""


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Return a cell's text in NFC with single spaces, without hidden signs; the eth typed for Đ becomes Đ."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = _HIDDEN_SIGNS.sub("", text).replace("Ð", "Đ").replace("Ɖ", "Đ").replace("ð", "đ")
    return _SPACES.sub(" ", nfc(shown)).strip()


def is_nothing(text: str) -> bool:
    """Tell the ways of writing that there is nothing: empty, a dash, x, 0, không có."""
    return len(text) < 12 and text.casefold() in _NOTHING


def letters_of(name: str) -> str:
    """Return the letters and marks of a name in a fixed order: the same for names that are the same."""
    return "".join(sorted(unicodedata.normalize("NFD", name.casefold())))


def same_person(a: str, b: str) -> bool:
    """Tell whether two names are the same name, quickly where they are not."""
    return a == b or (letters_of(a) == letters_of(b) and same_name(a, b))


def name_of(text: str) -> Found[str]:
    """Read a full name: capitals become a proper name, what cannot be a name is an error."""
    name = _NUMBERED.sub("", clean(text))
    if _DIGIT.search(name):
        return Found(None, ERROR, f"“{name}” có chữ số. Tên chỉ gồm chữ: bỏ số đi.")
    try:
        name = full_name(name)
    except NameRefused as error:
        return Found(None, ERROR, _not_a_name(name, error))
    proper = _proper(name)
    if proper != name:
        return Found(proper, MENDED, f"tên viết toàn chữ hoa hoặc chữ thường, đã viết lại là {proper}.")
    return Found(name)


def birthday_of(text: str, on: date) -> Found[date]:
    """Read a birth date as Vietnamese write it, in ISO, or as Excel's number of days; `on` is today."""
    shown = clean(text).lstrip("'")
    if is_nothing(shown):
        return Found()
    plain = _CLOCK.sub("", shown).casefold()
    if _PART_OF_DATE.match(plain):
        return Found(None, NOTICE, f"“{shown}” thiếu ngày sinh đầy đủ, không lấy. Có thể ghi như 12/05/2016.")
    serial = plain.removesuffix(".0")
    if serial.isascii() and serial.isdigit() and int(serial) in _EXCEL_DAYS and len(serial) == 5:
        day = _EXCEL_ZERO + timedelta(days=int(serial))
        return _plausible(day, on, MENDED, f"số {serial} là ngày {_shown(day)} theo cách Excel cất ngày.")
    numbers = _day_month_year(plain, on)
    if numbers is None:
        return Found(None, ERROR, f"“{shown}” không phải ngày. Ghi như 12/05/2016, hoặc để trống.")
    try:
        return _plausible(date(numbers[2], numbers[1], numbers[0]), on, "", "")
    except ValueError:
        return Found(None, ERROR, _not_a_day(shown, *numbers))


def phone_of(text: str) -> Found[str]:
    """Read a mobile number as ten digits; the first, where a cell holds two."""
    shown = clean(text)
    if is_nothing(shown):
        return Found()
    if shown == HIDDEN:
        return Found(None, ERROR, "đây là số 12 chữ số, không phải số điện thoại. Sửa lại số, hoặc để trống.")
    if _SCIENTIFIC.match(shown):
        return Found(None, ERROR, _lost_digits(shown, "số điện thoại"))
    first, *others = _numbers_in(shown) or [""]
    found = _one_phone(first, shown)
    if found.value and others:
        return Found(found.value, NOTICE, f"ô có hai số điện thoại, lấy số đầu {found.value}.")
    return found


def sector_code_of(text: str) -> Found[str]:
    """Read the Ministry's code of ten digits; temporary ones are none yet."""
    shown = clean(text).lstrip("'")
    if shown == HIDDEN or (len(shown) == 12 and shown.isdigit()):
        message = "đây là số định danh cá nhân (12 chữ số), không nhập cột này và không lưu lại."
        return Found(None, NOTICE, message)
    if is_nothing(shown) or shown.upper().startswith("TAM"):
        return Found()
    if _SCIENTIFIC.match(shown):
        return Found(None, ERROR, _lost_digits(shown, "mã"))
    digits = re.sub(r"[ .\-]", "", shown.removesuffix(".0"))
    if _CODE.match(digits) and digits.isascii():
        return Found(digits)
    if _CODE.match(f"0{digits}") and digits.isascii():
        return Found(f"0{digits}", MENDED, f"thiếu số 0 đầu mã định danh, đã thêm giúp: 0{digits}.")
    return Found(None, ERROR, f"mã “{shown[:20]}” không phải 10 chữ số. Sửa theo CSDL ngành, hoặc để trống.")


def _not_a_name(name: str, error: NameRefused) -> str:
    foreign = next((c for c in name if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN")), "")
    if foreign:
        return f"“{name[:60]}” có chữ “{foreign}” của tiếng nước ngoài. Gõ lại tên."
    return f"“{name[:60]}”: {_lower(str(error))}"


def _proper(name: str) -> str:
    """Write a name with capitals first: NGUYỄN VĂN AN, nguyễn văn an; H'Hen and Y Moan stay."""
    if name.istitle():
        return name
    if name == name.lower():
        return "".join(_capitals(name))
    return " ".join(
        "".join(_capitals(word)) if sum(c.isalpha() for c in word) > 1 and word == word.upper() else word
        for word in name.split(" ")
    )


def _capitals(text: str) -> list[str]:
    written, starts = [], True
    for character in nfc(text):
        written.append(character.upper() if starts else character.lower())
        starts = not (character.isalpha() or unicodedata.combining(character))
    return written


def _day_month_year(text: str, on: date) -> tuple[int, int, int] | None:
    if found := _YMD.match(text):
        return int(found[3]), int(found[2]), int(found[1])
    found = _DMY.match(text) or _TOGETHER.match(text)
    if not found:
        return None
    year = int(found[3])
    if len(found[3]) == 2:
        year += 2000 if 2000 + year <= on.year else 1900
    return int(found[1]), int(found[2]), year


def _not_a_day(shown: str, day: int, month: int, year: int) -> str:
    if month > 12 >= day:
        right = f"{month:02}/{day:02}/{year}"
        return f"ngày {shown} có tháng {month}. Ghi ngày trước, tháng sau: có phải {right}?"
    return f"ngày {shown} không có thật. Sửa lại ngày, hoặc để trống."


def _plausible(day: date, on: date, kind: str, message: str) -> Found[date]:
    if day > on:
        return Found(None, ERROR, f"ngày sinh {_shown(day)} còn chưa tới. Sửa lại năm, hoặc để trống.")
    age = on.year - day.year - ((on.month, on.day) < (day.month, day.day))
    if not YOUNGEST <= age <= OLDEST:
        return Found(day, NOTICE, f"ngày sinh {_shown(day)}: {age} tuổi, xem lại có đúng không.")
    return Found(day, kind, message)


def _shown(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _numbers_in(shown: str) -> list[str]:
    """Return the digits of each telephone number in a cell."""
    found = []
    for part in _OTHER_PHONE.split(shown):
        digits = re.sub(r"[^0-9]", "", re.sub(r"\.0$", "", part.strip()))
        if len(digits) == 20:
            found += [digits[:10], digits[10:]]
        elif digits:
            found.append(digits)
    return found


def _one_phone(digits: str, shown: str) -> Found[str]:
    national = re.sub(r"^(?:00)?84(?=0?[235789]\d{8,9}$)", "", digits)
    number = national if national.startswith("0") else f"0{national}"
    if _MOBILE.match(number):
        if national != digits:
            return Found(number, MENDED, f"số điện thoại có mã nước 84, đã viết lại là {number}.")
        if number != national:
            return Found(number, MENDED, "thiếu số 0 đầu số điện thoại, đã thêm giúp.")
        return Found(number)
    if _LANDLINE.match(number):
        return Found(None, NOTICE, f"{number} là số máy bàn, không lấy. Có thể ghi số di động.")
    return Found(None, ERROR, _wrong_phone(digits, shown))


def _wrong_phone(digits: str, shown: str) -> str:
    cure = "Sửa lại số, hoặc để trống."
    if not digits:
        return f"“{shown[:40]}” không phải số điện thoại. {cure}"
    if len(digits) == 10 and digits.startswith("0"):
        return f"đầu số {digits[:3]} của {digits} không có. {cure}"
    if len(digits) == 11 and digits.startswith("01"):
        return f"{digits} là số 11 chữ số kiểu cũ (trước năm 2018). Ghi số mới 10 chữ số, hoặc để trống."
    return f"số điện thoại {digits[:20]} có {len(digits)} chữ số, cần 10. {cure}"


def _lost_digits(shown: str, what: str) -> str:
    return (
        f"Excel đã rút {what} thành {shown}, mất các chữ số cuối. "
        "Gõ lại số đầy đủ (đổi cột sang dạng Văn bản trước), hoặc để trống."
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
