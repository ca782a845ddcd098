"""What a full name may look like: the one rule for every form that asks for one."""

from functools import lru_cache

from lms.vietnamese import nfc

LONGEST = 80
SIGNS = " '’-."
MARKS = (("\u0300", "\u0304"), ("\u0306", "\u030c"), ("\u031b", "\u031b"), ("\u0323", "\u0323"))
LETTERS = (("À", "ž"), ("ƀ", "ƀ"), ("Ƀ", "Ƀ"), ("Ơ", "ơ"), ("Ư", "ư"), ("Ạ", "ỹ"), *MARKS)
"""Latin-1, Latin Extended-A and what Vietnamese, Ba Na, Ê Đê, Gia Rai names add; then combining marks."""


class NameRefused(ValueError):
    """The name cannot be used; the message says why and what to type."""


def full_name(typed: str) -> str:
    """Return a typed name in NFC with single spaces, as its owner writes it.

    Not every person has họ – đệm – tên (H'Hen Niê, A Phúc), so two words are enough.
    Raises NameRefused.
    """
    name = " ".join(nfc(typed).split())
    if not name:
        raise NameRefused("Chưa nhập họ và tên.")
    if len(name) > LONGEST:
        raise NameRefused(f"Họ và tên dài quá {LONGEST} chữ. Viết ngắn lại.")
    if not all(c in SIGNS or _is_printable(c) for c in name):
        raise NameRefused("Họ và tên chỉ gồm chữ. Bỏ số và dấu lạ, ví dụ: Nguyễn Thị Lan.")
    if len(name.split()) < 2 or sum(c.isalpha() for c in name) < 2:
        raise NameRefused("Viết đủ họ và tên, ví dụ: Nguyễn Thị Lan, H'Hen Niê.")
    return name


@lru_cache(maxsize=1024)
def _is_printable(character: str) -> bool:
    """Tell the letters and marks that the fonts of the papers have from look-alikes and rare ones."""
    if character.isascii():
        return character.isalpha()
    return character not in "×÷" and any(low <= character <= high for low, high in LETTERS)
