"""The names by which children choose themselves on a screen: “An (Đinh)”, never more than is needed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from lms.vietnamese import nfc

# What names of the highlands begin with: A Phúc, Y Moan Ênuôl, Ka Hằng, Ha Krong.
_FIRST_WORDS = frozenset({"a", "h", "k", "y", "ha", "ka"})
_APOSTROPHES = frozenset("'’‘ʼ`")
# Letters of Ba Na, Ê Đê, Gia Rai, Mnông and K'Ho that no Vietnamese word has.
_HIGHLAND_LETTERS = frozenset("ƀčĕĭŏŭñ")


def short_names(full_names: Sequence[str]) -> list[str]:
    """Return a short name for each full name, all different, in the order given.

    Given name with the family name; where two are alike, with the middle names; where even those are, with
    a number. Names without họ – đệm – tên (H'Hen Niê, A Phúc) stay whole.
    """
    names = [" ".join(nfc(name).split()) for name in full_names]
    short = [_with_family(name) for name in names]
    for i in _alike(short):
        short[i] = _with_middle(names[i])
    return _numbered(short)


def _with_family(name: str) -> str:
    words = name.split()
    return name if _stays_whole(name) else f"{words[-1]} ({words[0]})"


def _with_middle(name: str) -> str:
    words = name.split()
    return name if _stays_whole(name) else f"{words[-1]} ({' '.join(words[:-1])})"


def _stays_whole(name: str) -> bool:
    words = name.casefold().split()
    if len(words) < 2 or words[0] in _FIRST_WORDS:
        return True
    return any(c in _APOSTROPHES or c in _HIGHLAND_LETTERS for c in name.casefold())


def _alike(short: Iterable[str]) -> list[int]:
    places: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(short):
        places[name.casefold()].append(i)
    return [i for group in places.values() if len(group) > 1 for i in group]


def _numbered(short: Sequence[str]) -> list[str]:
    """Put a number behind names that are still alike; one that stands there already is passed over."""
    often = Counter(name.casefold() for name in short)
    taken = {name for name, times in often.items() if times == 1}
    numbered = []
    for name in short:
        own, number = name, 0
        while often[name.casefold()] > 1 and (number == 0 or own.casefold() in taken):
            number += 1
            own = f"{name} {number}"
        taken.add(own.casefold())
        numbered.append(own)
    return numbered
