"""A printed test as plain values: its versions and their letters, and what somebody types from a sheet."""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.catalog.catalogue import Question
from lms.codes import check_digit
from lms.quizzes.drawing import draw

KINDS = ("single", "true-false")
"""The kinds that a letter answers."""
LETTERS = "ABCD"
BLANK = "-"
CODE_LENGTH = 4
MOST_VERSIONS, MOST_QUESTIONS = 8, 40
TRIES = 20
"""How often a version is shuffled anew so that no two ask in the same order."""
LONGEST_TYPED = 60
# Typed on the digits of the keyboard, the letters are safe from every Vietnamese typing program.
_SPOKEN = str.maketrans({"1": "A", "2": "B", "3": "C", "4": "D", "0": "-", ".": "-", "–": "-", "_": "-"})
_SPACES = re.compile(r"\s")


class TypedSlip(ValueError):
    """What was typed cannot stand on a sheet of this test; the message says what to look at."""


@dataclass(frozen=True)
class Asked:
    """A question of a version: its edition, and the keys of its choices in the order of the letters."""

    question_id: str
    edition_id: str
    keys: tuple[str, ...]

    @property
    def letters(self) -> str:
        """Return the letters this question has: AB, ABC or ABCD."""
        return LETTERS[: len(self.keys)]


Version = tuple[Asked, ...]
Versions = Mapping[str, Version]


def printable(bank: Iterable[Question]) -> tuple[Question, ...]:
    """Return the questions of a bank that can be answered with one of four letters on paper."""
    return tuple(question for question in bank if _has_letters(question))


def _has_letters(question: Question) -> bool:
    is_short = 2 <= len(question.lines) <= len(LETTERS)
    return question.kind in KINDS and is_short and question.unsure is not None and not question.picture


def most_on_paper(bank: Iterable[Question]) -> int:
    """Return how many questions one version can ask: of a `near` group only one."""
    chosen = printable(bank)
    return len({question.near or question.id for question in chosen})


def left_out(bank: Iterable[Question]) -> Counter[str]:
    """Count the questions of a bank that stay out of print, by kind; with a picture as `picture`."""
    out = (question for question in bank if not _has_letters(question))
    return Counter("picture" if q.picture and q.kind in KINDS else q.kind for q in out)


# ---- making the versions ------------------------------------------------------------------------


def make_versions(
    bank: Sequence[Question], count: int, number: int, source: random.Random, *, alike: bool
) -> dict[str, Version]:
    """Draw `number` versions of `count` questions each, balanced over skills, under their codes.

    `alike` versions hold the same questions in another order, so that the class can be compared;
    otherwise each draws what the ones before it did not ask, as far as the bank reaches.
    """
    chosen = printable(bank)
    drawn: tuple[Question, ...] = ()
    made: list[Version] = []
    used: set[str] = set()
    for _ in range(number):
        if not alike or not drawn:
            paper = draw(chosen, count, source, seen=frozenset(used))
            drawn = tuple(one.question for one in paper)
            used |= {question.id for question in drawn}
        made.append(_shuffled(drawn, made, source))
    return dict(zip(_new_codes(number, source), made, strict=True))


def _shuffled(drawn: Sequence[Question], others: Sequence[Version], source: random.Random) -> Version:
    orders = {tuple(asked.question_id for asked in other) for other in others}
    for _ in range(TRIES):
        order = source.sample(drawn, len(drawn))
        if tuple(question.id for question in order) not in orders:
            break
    return tuple(Asked(q.id, q.edition_id, _lettered(q, source)) for q in order)


def _lettered(question: Question, source: random.Random) -> tuple[str, ...]:
    """Return the keys in the order of the letters; Đúng comes before Sai on every paper."""
    keys = [choice.key for choice in question.lines]
    return tuple(keys if question.kind == "true-false" else source.sample(keys, len(keys)))


def _new_codes(number: int, source: random.Random) -> list[str]:
    return [
        digits + check_digit(digits) for digits in map(str, sorted(source.sample(range(100, 1000), number)))
    ]


def written(versions: Versions) -> dict[str, list[list[Any]]]:
    """Return versions as the database keeps them."""
    return {
        code: [[asked.question_id, asked.edition_id, list(asked.keys)] for asked in version]
        for code, version in versions.items()
    }


def read_versions(kept: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, Version]:
    """Return versions as they were made, in the order of their codes."""
    return {
        code: tuple(Asked(question, edition, tuple(keys)) for question, edition, keys in kept[code])
        for code in sorted(kept)
    }


# ---- reading what is typed ----------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """A readable answer sheet: its version, and a letter or a blank for each question."""

    version: str
    letters: str


def as_typed(text: str) -> str:
    """Return what was typed as it is kept while nobody can read it: composed, trimmed of excess."""
    return unicodedata.normalize("NFKC", text.replace("\0", ""))[:LONGEST_TYPED].strip("\r\n")


def read_code(typed: str, versions: Versions) -> str:
    """Return the version that a typed code names; a test of one version needs none. Raises TypedSlip."""
    code = _SPACES.sub("", as_typed(typed))
    if not code and len(versions) == 1:
        return next(iter(versions))
    if not code:
        raise TypedSlip("Chưa gõ mã đề.")
    if not (code.isascii() and code.isdigit()):
        raise TypedSlip(f"Mã đề chỉ có số, không có “{code[:12]}”.")
    if len(code) != CODE_LENGTH:
        raise TypedSlip(f"Mã đề có {CODE_LENGTH} số, đã gõ {len(code)}.")
    if code in versions:
        return code
    if check_digit(code) != "0":
        raise TypedSlip("Mã đề có một số gõ sai, hoặc hai số đổi chỗ.")
    raise TypedSlip(f"Bài này không có mã đề {code}. Các mã: {', '.join(versions)}.")


def read_letters(typed: str, version: Version) -> str:
    """Return a letter for each question, “-” for a blank. Raises TypedSlip.

    A B C D may be typed small, or as 1 2 3 4; a blank as - . 0 or a space. Spaces that part groups of
    letters are left out where the rest fits.
    """
    text = as_typed(typed).upper()
    if any(ord(char) > 127 and char != "–" for char in text):
        raise TypedSlip(
            "Bộ gõ tiếng Việt đã đổi chữ. Tắt bộ gõ rồi gõ lại, hoặc gõ 1 2 3 4 thay cho A B C D."
        )
    together = _SPACES.sub("", text)
    text = together if len(together) == len(version) else _SPACES.sub(BLANK, text)
    text = text.translate(_SPOKEN)
    if len(text) != len(version):
        raise TypedSlip(f"Bài có {len(version)} câu, đã gõ {len(text)}. Câu bỏ trống gõ dấu -")
    for number, (letter, asked) in enumerate(zip(text, version, strict=True), start=1):
        if letter != BLANK and letter not in asked.letters:
            raise TypedSlip(f"Câu {number} chỉ có {', '.join(asked.letters)}, không có “{letter}”.")
    return text


def chosen_keys(letters: str, version: Version) -> tuple[str | None, ...]:
    """Return the key that each letter stands for in a version; None for a blank."""
    return tuple(
        None if letter == BLANK else asked.keys[LETTERS.index(letter)]
        for letter, asked in zip(letters, version, strict=True)
    )


# ---- comparing two entries ----------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """A place where two entries differ: question `position`, or 0 for the code; `options` may be right."""

    position: int
    first: str
    second: str
    options: tuple[str, ...]


def compare(first: Sheet, second: Sheet, versions: Versions) -> tuple[Slip, ...]:
    """Return where two entries of one sheet differ, the code first."""
    slips = []
    if first.version != second.version:
        slips.append(Slip(0, first.version, second.version, tuple(versions)))
    papers = (versions[first.version], versions[second.version])
    for number, (one, other) in enumerate(zip(first.letters, second.letters, strict=True), start=1):
        if one != other:
            letters = max((paper[number - 1].letters for paper in papers), key=len)
            slips.append(Slip(number, one, other, (*letters, BLANK)))
    return tuple(slips)


def settled(sheet: Sheet, choices: Mapping[int, str]) -> Sheet:
    """Return an entry with what the teacher read on the paper, by position (0 for the code)."""
    letters = "".join(choices.get(number, letter) for number, letter in enumerate(sheet.letters, start=1))
    return Sheet(choices.get(0, sheet.version), letters)
