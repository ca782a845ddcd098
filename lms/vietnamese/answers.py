"""What counts as the same Vietnamese answer: habits of writing are forgiven, what can deceive is not."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 2000
_WIDE: dict[int, int | str] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
# Ð and ɖ are keyed for Đ by old keyboards; the two short hyphens look and mean the same as the plain one.
_HABITS = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ", "‐": "-", "‑": "-"})
_UNSEEN = re.compile("[\u034f\ufe00-\ufe0f]")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TONE = re.compile(f"[{_TONES}]")
_VOWELS = re.compile(rf"(?:[aeiouyAEIOUY][\u0302\u0306\u031b{_TONES}]*)+")
_SHORT_I = re.compile(rf"(h|k|l|m|qu|s|t|v)y([{_TONES}]?)")
_DASHES = re.compile("[–—−]")
_FORGIVEN = frozenset(".,;:!?…'\"`´‘’‚‛“”„‟‹›«»()[]{}-‒–—―−/·•")
_LINK = re.compile(
    r"(?:https?://)?(?:[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@)?"
    r"(?:[a-z0-9_-]+\.)+[a-z][a-z0-9_-]*(?::[0-9]+)?(?:[/?#]\S*)?",
    re.ASCII | re.IGNORECASE,
)
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_PATH = re.compile(r"[/?#]")
_AFTER_LINK = ".,;:!?)]}'\"’”»…"
_COUNTRIES = (
    "vn",
    "us",
    "uk",
    "eu",
    "cn",
    "jp",
    "kr",
    "sg",
    "tw",
    "ru",
    "io",
    "co",
    "me",
    "tv",
    "cc",
    "ws",
    "pw",
)
_FREE = (
    "tk",
    "ml",
    "ga",
    "cf",
    "gq",
    "ly",
    "gl",
    "gd",
    "xyz",
    "top",
    "site",
    "online",
    "store",
    "shop",
    "club",
)
_OTHERS = (
    "vip",
    "asia",
    "mobi",
    "name",
    "pro",
    "link",
    "live",
    "icu",
    "click",
    "work",
    "life",
    "world",
    "page",
)
_NEWER = (
    "app",
    "dev",
    "blog",
    "tech",
    "space",
    "website",
    "fun",
    "bet",
    "win",
    "loan",
    "money",
    "bank",
    "press",
)
_OLD = ("com", "net", "org", "info", "biz", "edu", "gov", "mil", "int", "finance", "cloud", "host", "news")
_ENDINGS = frozenset(_COUNTRIES + _FREE + _OTHERS + _NEWER + _OLD)
_NUMBER = re.compile(r"[0-9]+(?:(?:[.,]| *[–—/:-] *| +)[0-9]+)*")
_WORD = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*[\u0300-\u036f]*|[\u0300-\u036f]+")


def same_answer(typed: str, accepted: str, *, plain_letters: bool = False, names: Sequence[str] = ()) -> bool:
    """Tell whether `typed` is the answer `accepted`, which the author wrote with all its marks.

    Forgiven: composed or combining letters, where in a syllable the tone stands (hoà, hòa), case, spaces,
    hidden characters, full-width forms, punctuation and hyphens at the ends and between words, emoji; i for
    y after h k l m qu s t v at the end of a syllable (kĩ, kỹ: one sound, both in use, QĐ 1989/QĐ-BGDĐT of
    2018, art. 9); what only groups the digits of one number (0900 000 001, 1.500.000).

    Exact: letters, marks and tones; every digit, in its order; symbols (% @ # * + and so on); addresses, of
    which case, http(s):// or www. on one side only and one closing / are forgiven, and whose path keeps its
    case; `names`, of which only case, the number of spaces and the place of the tone are forgiven.

    `plain_letters` also takes a syllable without any mark for the marked one (mat khau). A syllable that
    carries a mark must carry all the right ones: “mật khau” is taken, “mặt khau” and “mât khau” are not.
    """
    if len(typed) > LONGEST or len(accepted) > LONGEST:
        return False
    known = _names(names)
    one, other = _settled(typed), _settled(accepted)
    given, wanted = list(_tokens(one, known)), list(_tokens(other, known))
    if not given and not wanted:
        return one == other != ""
    return len(given) == len(wanted) and all(
        _same(part, its, plain_letters) for part, its in zip(given, wanted, strict=True)
    )


def tidy(text: str) -> str:
    """Return typed words composed, with single spaces, without hidden characters and full-width forms."""
    seen = "".join(c for c in _UNSEEN.sub("", text) if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen.translate(_WIDE).translate(_HABITS)).split())


@dataclass(frozen=True)
class _Token:
    """A part of an answer: a word, whose marks a switch may leave out, or something exact.

    `scheme` is set only for an address that was written with one.
    """

    kind: str
    text: str
    scheme: str = ""


def _same(typed: _Token, accepted: _Token, plain_letters: bool) -> bool:
    if typed.kind != accepted.kind:
        return False
    if typed.scheme and accepted.scheme and typed.scheme != accepted.scheme:
        return False
    if typed.text == accepted.text:
        return True
    return plain_letters and typed.kind == "word" and typed.text == _plain(accepted.text)


def _tokens(text: str, names: re.Pattern[str] | None) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        place, tokens = _next(text, place, names)
        yield from tokens


def _next(text: str, place: int, names: re.Pattern[str] | None) -> tuple[int, list[_Token]]:
    if found := _link(text, place):
        return place + len(found), [_address(found)]
    if names and (name := names.match(text, place)):
        return name.end(), [_Token("name", _lower(name[0]))]
    if number := _NUMBER.match(text, place):
        return number.end(), [*_sign(text, place), *(_Token("number", n) for n in _numbers(number[0]))]
    if word := _WORD.match(text, place):
        return word.end(), [_Token("word", _word(word[0]))]
    character = text[place]
    forgiven = character == " " or character in _FORGIVEN or _is_emoji(character)
    return place + 1, [] if forgiven else [_Token("symbol", character)]


def _link(text: str, place: int) -> str:
    """Return the address that begins here, or nothing: TP.HCM and v.v. are none."""
    before = text[place - 1] if place else ""
    if before.isalnum() or before in {"_", "-", "@"}:
        return ""
    found = _LINK.match(text, place)
    if not found:
        return ""
    link = found[0].rstrip(_AFTER_LINK)
    if _SCHEME.match(link) or "@" in link or link.lower().startswith("www."):
        return link
    labels = _PATH.split(link)[0].split(":")[0].lower().split(".")
    many = len(labels) > 2 and all(len(label) > 1 for label in labels)
    return link if many or labels[-1] in _ENDINGS else ""


def _address(link: str) -> _Token:
    scheme = _SCHEME.match(link)
    bare = (link[scheme.end() :] if scheme else link).removesuffix("/")
    path = _PATH.search(bare)
    host, rest = (bare[: path.start()], bare[path.start() :]) if path else (bare, "")
    return _Token("address", host.lower().removeprefix("www.") + rest, scheme[1].lower() if scheme else "")


def _names(names: Sequence[str]) -> re.Pattern[str] | None:
    settled = sorted({_settled(name) for name in names} - {""}, key=len, reverse=True)
    if not settled:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, settled))})(?![^\W_])", re.IGNORECASE)


def _sign(text: str, place: int) -> list[_Token]:
    """Return what turns the number here into another one: a minus, or a point before its first digit."""
    before, further = text[place - 1 : place], text[max(place - 2, 0) : max(place - 1, 0)]
    if not before or further.isalnum() or further in {".", ","}:
        return []
    if _DASHES.sub("-", before) == "-":
        return [_Token("sign", "-")]
    return [_Token("sign", ".")] if before in {".", ","} else []


def _numbers(run: str) -> list[str]:
    """Return the numbers in a run of digits, each without what only groups its digits."""
    groups = re.findall(r"[0-9]+", run)
    signs = [_DASHES.sub("-", sign.strip() or " ") for sign in re.findall(r"[^0-9]+", run)]
    found: list[str] = []
    while not (number := _whole(groups, signs)):
        cut = signs.index(" ") + 1
        found += _numbers(_joined(groups[:cut], signs[: cut - 1]))
        groups, signs = groups[cut:], signs[cut:]
    return [*found, number]


def _whole(groups: list[str], signs: list[str]) -> str:
    """Return a run of digits as one number or date, or nothing when its spaces part several."""
    if _is_one_number(groups, set(signs)):
        return "".join(groups)
    if _is_date(groups, signs):
        return "/".join(groups)
    return "" if " " in signs else _joined(groups, ["."] if signs == [","] else signs)


def _is_one_number(groups: list[str], signs: set[str]) -> bool:
    """Tell 1.500.000, 0900 000 001, 1900.0001 and 123 456 from 1,5 and from 5 10 15."""
    if len(signs) == 1 and signs <= {" ", ".", ","}:
        if 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(g) == 3 for g in groups[1:]):
            return True
        least = {" ": 3, ".": 4, ",": 99}[next(iter(signs))]
        if all(len(group) >= least for group in groups) and sum(map(len, groups)) >= 6:
            return True
    is_code = len(groups[0]) > 1 and groups[0][0] == "0" and sum(map(len, groups)) >= 8
    return is_code and bool(signs) and signs <= {" ", ".", "-"} and not _is_date(groups, list(signs))


def _is_date(groups: list[str], signs: list[str]) -> bool:
    return (
        len(set(signs)) == 1
        and signs[0] in {"/", "-", "."}
        and [len(group) for group in groups[2:]] == [4]
        and all(len(group) < 3 for group in groups[:2])
    )


def _joined(groups: list[str], signs: list[str]) -> str:
    return groups[0] + "".join(sign + group for sign, group in zip(signs, groups[1:], strict=True))


def _is_emoji(character: str) -> bool:
    return "\u2600" <= character <= "\u27bf" or "\U0001f000" <= character <= "\U0001faff"


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())


def _settled(text: str) -> str:
    """Return tidy words with the tone of each run of vowels on its last letter: hòa as hoà."""
    spread = unicodedata.normalize("NFD", tidy(text))
    return unicodedata.normalize("NFC", _VOWELS.sub(_tone_last, spread))


def _tone_last(found: re.Match[str]) -> str:
    tones = _TONE.findall(found[0])
    return _TONE.sub("", found[0]) + tones[0] if len(tones) == 1 else found[0]


def _word(text: str) -> str:
    spread = unicodedata.normalize("NFD", text.lower())
    short = _SHORT_I.fullmatch(spread)
    return unicodedata.normalize("NFC", f"{short[1]}i{short[2]}" if short else spread)


def _plain(word: str) -> str:
    kept = (c for c in unicodedata.normalize("NFD", word.replace("đ", "d")) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept))
