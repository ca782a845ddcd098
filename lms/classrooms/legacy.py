"""Recognises Vietnamese typed for the fonts before Unicode (.VnTime, VNI-Times): junk to everybody else."""

import re
from collections.abc import Iterable

from lms.classrooms.table import FileRefused
from lms.vietnamese import nfc

# In TCVN3 these signs are letters (¨ ă, © â, ® đ, ª ê, Þ ị, Ô ễ…); no Unicode word has them after a letter.
_TCVN3 = re.compile(r"[A-Za-z][§¨©ª«¬®¯µ¶·¸¹»¼½¾\xad]|[§®][A-Za-z]|[a-z][À-ß×÷þç]")
# VNI writes the letter and then its marks as a second letter: Nguyeãn Vaên Toaøn.
_VNI = re.compile(r"[ae][à-öø-ýă]|o[âäåïøûëõ]|u[äåïøûëõ]", re.IGNORECASE)
_VIETNAMESE = re.compile(r"[ăđĩũơưạ-ỹ]", re.IGNORECASE)
_FEWEST_WORDS = 2
_MOST_LOOKED_AT = 2_000


def refuse_legacy_font(texts: Iterable[str]) -> None:
    """Raise FileRefused when the texts were typed for a font older than Unicode."""
    font = legacy_font(texts)
    if font:
        raise FileRefused(
            f"Tệp này dùng phông {font} cũ. Hãy chuyển sang Unicode (ví dụ bằng Unikey: Ctrl+Shift+F6, "
            "chọn bảng mã đích Unicode), lưu lại rồi nạp."
        )


def legacy_font(texts: Iterable[str]) -> str | None:
    """Return the old font that the texts were typed for (.VnTime or VNI), or None."""
    tcvn3 = vni = modern = 0
    for text, _ in zip(_not_plain(texts), range(_MOST_LOOKED_AT), strict=False):
        for word in nfc(text).split():
            if _TCVN3.search(word):
                tcvn3 += 1
            elif _VNI.search(word):
                vni += 1
            elif _VIETNAMESE.search(word):
                modern += 1
    if tcvn3 >= _FEWEST_WORDS and tcvn3 > modern:
        return ".VnTime (TCVN3)"
    if vni >= _FEWEST_WORDS and vni > modern:
        return "VNI"
    return None


def _not_plain(texts: Iterable[str]) -> Iterable[str]:
    return (text for text in texts if not text.isascii())
