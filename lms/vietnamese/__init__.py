"""Vietnamese letters, tones and names: comparing, sorting and addressing text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters that look like đ or b and have no decomposition in Unicode: eth, African D, Bana ƀ.
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d", "ƀ": "b"})
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʹ′`´ꞌ＇", "'"))
_ETH = str.maketrans({"ð": "đ", "ɖ": "đ"})
_NO_TONE, _TONES = 1, {"\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0301": 5, "\u0323": 6}
_VOWELS = frozenset("aeiouy")
_ALPHABET = "a ă â b ƀ c č d đ e ĕ ê ê̆ f g h i ĭ j k l m n ñ o ŏ ô ô̆ ơ ơ̆ p q r s t u ŭ ư ư̆ v w x y z"
# Below the letters: 0 ends a part, 1 parts letters from tones, 2-4 are space, apostrophe and hyphen.
_WEIGHT = {letter: 32 + rank for rank, letter in enumerate(_ALPHABET.split())}
_WEIGHT |= {" ": 2, "'": 3, "-": 4} | {str(digit): 10 + digit for digit in range(10)}
_STRANGE = 0xFD


def nfc(text: str) -> str:
    """Return `text` with composed letters, the only form the product stores."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return `text` without case, marks, hidden characters and doubled spaces, for searching.

    Folding twice gives the same as folding once.
    """
    folded = _fold_once(text)
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def slug(text: str) -> str:
    """Return `text` as an unaccented kebab-case address; empty when no Latin letter or digit is left."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def syllables(text: str) -> int:
    """Count the tiếng: words between spaces that hold a letter or a digit."""
    return sum(any(character.isalnum() for character in word) for word in text.split())


def same_name(a: str, b: str) -> bool:
    """Tell whether two names are the same but for case, spaces and where the tone mark stands.

    Hoà is Hòa, but Hoa is not Hòa.
    """
    return _letters_and_tones(a) == _letters_and_tones(b)


def sort_key(full_name: str, override: str = "") -> bytes:
    """Return bytes that sort names by given name with its tone, then middle name, then family name.

    `override` is the name to sort under when the given name does not stand last (H'Hen Niê, A Phúc).
    """
    if override.strip():
        return _part(override) + _part(full_name)
    words = _clean(full_name).split()
    given, middle, family = words[-1:], words[1:-1], words[:-1][:1]
    return b"".join(_part(" ".join(part)) for part in (given, middle, family))


@dataclass(frozen=True)
class _Letter:
    base: str
    tone: int


def _fold_once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN).translate(_APOSTROPHES)
    kept = (
        c for c in unicodedata.normalize("NFKD", plain) if unicodedata.category(c)[0] != "M" and _is_shown(c)
    )
    return " ".join(unicodedata.normalize("NFKC", "".join(kept)).split())


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) != "Cf"


def _clean(text: str) -> str:
    # NFKC turns no-break and full-width spaces into plain ones; hidden joiners and direction marks go.
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold().translate(_ETH)
    return " ".join("".join(filter(_is_shown, folded)).split())


def _letters(text: str) -> list[_Letter]:
    letters: list[_Letter] = []
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character):
            letters.append(_Letter(character, _NO_TONE))
        elif letters:
            letters[-1] = _with_mark(letters[-1], character)
    return [_Letter(nfc(letter.base), letter.tone) for letter in letters]


def _with_mark(letter: _Letter, mark: str) -> _Letter:
    if mark in _TONES and letter.base[0] in _VOWELS:
        return _Letter(letter.base, _TONES[mark])
    return _Letter(letter.base + mark, letter.tone)


def _tones(letters: list[_Letter]) -> list[int]:
    tones = [_NO_TONE]
    for letter in letters:
        if letter.base == " ":
            tones.append(_NO_TONE)
        elif letter.tone != _NO_TONE:
            tones[-1] = letter.tone
    return tones


def _letters_and_tones(name: str) -> tuple[str, list[int]]:
    letters = _letters(_clean(name))
    return "".join(letter.base for letter in letters), _tones(letters)


# The parts of names are few: a roster of thousands sorts three times as fast.
@lru_cache(maxsize=4096)
def _part(text: str) -> bytes:
    letters = _letters(_clean(text))
    weights = b"".join(_weight(letter.base) for letter in letters)
    return weights + b"\x01" + bytes(_tones(letters)) + b"\x00"


def _weight(base: str) -> bytes:
    known = _WEIGHT.get(base) or _WEIGHT.get(unicodedata.normalize("NFD", base)[0])
    return bytes([known]) if known else bytes([_STRANGE]) + base.encode("utf-8", "replace")
