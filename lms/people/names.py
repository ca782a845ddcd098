"""What a full name may look like: the one rule for every form that asks for one."""

import unicodedata

from lms.vietnamese import nfc

LONGEST = 80
SIGNS = " '’-."


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
    if not all(c in SIGNS or _is_latin(c) for c in name):
        raise NameRefused("Họ và tên chỉ gồm chữ. Bỏ số và dấu lạ, ví dụ: Nguyễn Thị Lan.")
    if len(name.split()) < 2:
        raise NameRefused("Viết đủ họ và tên, ví dụ: Nguyễn Thị Lan, H'Hen Niê.")
    return name


def _is_latin(character: str) -> bool:
    """Tell Latin letters and marks from look-alikes of other scripts, which no paper here could print."""
    return unicodedata.name(character, "").startswith(("LATIN ", "COMBINING "))
