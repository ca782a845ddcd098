"""Codes people copy by hand from paper: made at random, grouped, read back with slips caught."""

import secrets
import unicodedata

LENGTH = 16
SHORT_LENGTH = 8
GROUP = 4
# The table of order 10 in H. M. Damm's thesis (2004). Rows and columns all differ and no pair
# commutes, so one wrong digit or one swap of neighbours never leads back to 0.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
_DIGITS = frozenset("0123456789")
_SEPARATORS = frozenset(".．·_\t\r\n")
# Spaces, dashes of every kind, and the invisible marks that chat programs add when copying.
_SEPARATING_CATEGORIES = frozenset({"Zs", "Pd", "Cf"})


class CodeSlip(ValueError):
    """A typed code cannot be right; the message says what to look at, in Vietnamese."""


def new_code() -> str:
    """Return a new certificate code: 15 random digits and a check digit."""
    return _new(LENGTH)


def new_short_code() -> str:
    """Return a new household code: 7 random digits and a check digit."""
    return _new(SHORT_LENGTH)


def check_digit(digits: str) -> str:
    """Return the digit that `digits` must end with, by Damm's rule.

    Catches every single wrong digit and every swap of two neighbours. Raises ValueError for
    anything but the digits 0 to 9.
    """
    if not _DIGITS.issuperset(digits):
        raise ValueError("check_digit takes the digits 0 to 9 only")
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def group(code: str) -> str:
    """Return `code` in groups of four, as printed: `1234 5678 9012 3456`."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def parse(text: str) -> str:
    """Return the 16 digits of a typed certificate code.

    Spaces, dots, hyphens and full-width digits are accepted. Raises CodeSlip.
    """
    return _parse(text, LENGTH)


def parse_short(text: str) -> str:
    """Return the 8 digits of a typed household code, by the same rules as `parse`."""
    return _parse(text, SHORT_LENGTH)


def _new(length: int) -> str:
    digits = f"{secrets.randbelow(10 ** (length - 1)):0{length - 1}d}"
    return digits + check_digit(digits)


def _parse(text: str, length: int) -> str:
    code = "".join(char for char in text.translate(_FULL_WIDTH) if not _is_separator(char))
    for char in code:
        if char not in _DIGITS:
            raise CodeSlip(f"Mã chỉ gồm các số từ 0 đến 9, không có “{char}”. Xem lại từng số của mã.")
    if not code:
        raise CodeSlip(f"Mã có {length} số, chưa gõ số nào.")
    if len(code) < length:
        raise CodeSlip(f"Mã có {length} số, mới gõ {len(code)}.")
    if len(code) > length:
        raise CodeSlip(f"Mã có {length} số, đã gõ {len(code)}. Bớt số thừa.")
    if check_digit(code) != "0":
        raise CodeSlip("Có một số bị gõ sai hoặc hai số bị đổi chỗ. Xem lại từng số của mã.")
    return code


def _is_separator(char: str) -> bool:
    return char in _SEPARATORS or unicodedata.category(char) in _SEPARATING_CATEGORIES
