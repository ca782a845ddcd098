"""Numbers as Vietnamese write them: 1.500.000, 1,5 triệu, 2 tỷ, 500k, 1tr5."""

import re
from decimal import Decimal

from lms.vietnamese.answers import tidy

LONGEST = 60
_MOST_DIGITS = 18
_MAGNITUDES = {
    **dict.fromkeys(("chục", "chuc"), Decimal(10)),
    **dict.fromkeys(("trăm", "tram"), Decimal(100)),
    **dict.fromkeys(("nghìn", "nghin", "ngàn", "ngan", "ngìn", "k"), Decimal(1000)),
    **dict.fromkeys(("triệu", "trieu", "tr"), Decimal(1_000_000)),
    **dict.fromkeys(("tỷ", "tỉ", "ty", "ti"), Decimal(1_000_000_000)),
}
_SPELLINGS = (
    ("đồng", "dong", "đ", "d", "₫", "vnđ", "vnd", "việt nam đồng", "viet nam dong", "đồng việt nam"),
    ("%", "phần trăm", "phan tram"),
    ("giây", "giay", "s"),
    ("phút", "phut", "ph", "p", "'"),
    ("giờ", "gio", "h", "g", "tiếng", "tieng", "tiếng đồng hồ", "giờ đồng hồ"),
    ("ngày", "ngay"),
    ("tuần", "tuan", "tuần lễ"),
    ("tháng", "thang"),
    ("năm", "nam"),
    ("số", "so", "chữ số", "chu so", "con số"),
    ("chữ", "chu", "ký tự", "kí tự", "ky tu", "ki tu", "chữ cái"),
    ("người", "nguoi"),
    ("tuổi", "tuoi"),
    ("lần", "lan", "lượt"),
    ("kg", "kí", "ký", "cân", "ki-lô-gam", "kilôgam"),
    ("km", "cây số", "ki-lô-mét", "kilômét"),
    ("m", "mét", "met"),
    ("°c", "độ c", "độ", "do", "do c"),
)
_BEFORE = ("vnđ", "vnd", "₫")
_HALF = ("rưỡi", "ruoi")
_SIGN = re.compile(r"([-−–+]|(?:âm|am)\b)?\s*")
_FIGURES = re.compile(r"[0-9]+(?:[., ][0-9]+)*|[.,][0-9]+")
_WORD = re.compile(r" ?([^\W\d_]+)")
_REST = re.compile(r"[0-9]{1,3}$")


def parse_number(text: str, unit: str = "") -> Decimal | None:
    """Return the number typed, in `unit`, or None when it cannot be told.

    Points or spaces before every three digits group them and a comma divides (1.500.000; 1,5), as is usual
    in Việt Nam. Where that cannot be meant the other reading is taken: 1.5 is one and a half, 1,500,000 one
    and a half million; a comma before three digits that end in 0 groups them (50,000), unless nghìn, triệu
    or tỷ follows. The unit may be left out or follow in any usual spelling; another unit gives None. With a
    unit that begins with a magnitude (triệu đồng), 1,5 triệu and 1500000 đồng are 1.5.
    """
    if len(text) > LONGEST:
        return None
    words = tidy(text).lower().rstrip(".,;!? ")
    if sum(c.isdigit() for c in words) > _MOST_DIGITS:
        return None
    sign = _SIGN.match(words)
    negative = sign is not None and sign[1] is not None and sign[1] != "+"
    scale, base = _unit(unit)
    amount, has_base = _without(words[sign.end() :] if sign else words, base)
    read = _amount(amount, takes_k=not base.startswith("k"))
    if read is None:
        return None
    value, has_magnitude = read
    value = value / scale if has_magnitude or has_base else value
    return -value if negative else value


def _unit(unit: str) -> tuple[Decimal, str]:
    """Split “triệu đồng” into a million and “đồng”."""
    scale, words = Decimal(1), tidy(unit).lower().split()
    while words and words[0] in _MAGNITUDES:
        scale *= _MAGNITUDES[words.pop(0)]
    return scale, " ".join(words)


def _without(text: str, unit: str) -> tuple[str, bool]:
    """Return the text without its unit, and whether it had one."""
    spellings = next((group for group in _SPELLINGS if unit in group), (unit,)) if unit else ()
    for spelling in sorted(spellings, key=len, reverse=True):
        before = text[: -len(spelling)]
        if text.endswith(spelling) and not (spelling[0].isalpha() and before[-1:].isalpha()):
            return before.strip(), True
        if spelling in _BEFORE and text.startswith(spelling):
            return text.removeprefix(spelling).strip(), True
    return text, False


def _amount(text: str, *, takes_k: bool) -> tuple[Decimal, bool] | None:
    """Return the value of “1 triệu 500 nghìn” or “1tr5”, and whether it names a magnitude."""
    total, ceiling, place = Decimal(0), None, 0
    while place < len(text) or ceiling is None:
        figures = _FIGURES.match(text, place)
        if not figures:
            return None
        magnitude, end = _magnitude(text, figures.end(), takes_k)
        value = _figures(figures[0], is_multiplied=magnitude is not None)
        if value is None or (ceiling is not None and magnitude is None):
            return None
        if magnitude is None:
            return (value, False) if end == len(text) else None
        if ceiling is not None and (value * magnitude >= ceiling or value != int(value)):
            return None
        value, end = _with_rest(text, end, value)
        total, ceiling = total + value * magnitude, magnitude
        place = end + (text[end : end + 1] == " ")
    return total, True


def _magnitude(text: str, place: int, takes_k: bool) -> tuple[Decimal | None, int]:
    """Return the product of the magnitudes that follow (trăm nghìn), or None, and where they end."""
    product = None
    while (word := _WORD.match(text, place)) and word[1] in _MAGNITUDES and (takes_k or word[1] != "k"):
        product = (product or Decimal(1)) * _MAGNITUDES[word[1]]
        place = word.end()
    return product, place


def _with_rest(text: str, place: int, value: Decimal) -> tuple[Decimal, int]:
    """Add what follows a magnitude without naming its own: 1tr5, 2 tỷ rưỡi."""
    word = _WORD.match(text, place)
    if word and word[1] in _HALF:
        return value + Decimal("0.5"), word.end()
    if rest := _REST.match(text, place):
        return value + Decimal(f"0.{rest[0]}"), rest.end()
    return value, place


def _figures(text: str, *, is_multiplied: bool) -> Decimal | None:
    groups, marks = re.findall(r"[0-9]+", text), re.findall(r"[^0-9]", text)
    if _is_grouped(groups, marks, is_multiplied):
        return Decimal("".join(groups))
    if not marks or marks[-1] == " " or marks.count(marks[-1]) > 1:
        return None
    whole = groups[:-1] if len(groups) == len(marks) + 1 else []
    if len(whole) > 1 and not (len(set(marks[:-1])) == 1 and _are_threes(whole)):
        return None
    return Decimal(f"{''.join(whole) or '0'}.{groups[-1]}")


def _is_grouped(groups: list[str], marks: list[str], is_multiplied: bool) -> bool:
    """Tell whether the marks only group the digits by threes."""
    if not marks:
        return True
    if len(groups) != len(marks) + 1 or len(set(marks)) > 1 or not _are_threes(groups):
        return False
    return marks != [","] or (groups[1].endswith("0") and not is_multiplied)


def _are_threes(groups: list[str]) -> bool:
    return len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])
