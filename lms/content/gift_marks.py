"""GIFT letter by letter: pieces between blank lines, escaped signs, comments, and where each sign stands.

GIFT has no paper of its own: what Moodle's importer does is what it means. Where that importer would go on
with something else than the author wrote, this one stops.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lms.content.exchange import Refused

MOST_BYTES = 1024 * 1024
MOST_MARKS = 60
"""So many answers no question of ours may have; more are not even looked at."""
_ESCAPED = re.compile(r"\\([\\~=#{}:n])")
_HELD = "\0\0"
_ID = re.compile(r"\[id:((?:\\\]|[^\]]){1,200})\]")
_TAG = re.compile(r"\[tag:((?:\\\]|[^\]]){1,200})\]")
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
SAVE_UTF8 = (
    "Tệp không phải mã UTF-8 nên chữ có dấu sẽ hỏng. Mở tệp bằng Notepad, chọn Lưu thành (Save As), "
    "ô Mã hóa (Encoding) chọn UTF-8, rồi nạp lại."
)


class GiftRefused(ValueError):
    """The file cannot be read at all; the message says why and what to do."""


def decoded(data: bytes) -> str:
    """Return the text of a GIFT file with `\\n` line ends; UTF-8 with or without BOM, or UTF-16 with one.

    Raises GiftRefused.
    """
    if len(data) > MOST_BYTES:
        raise GiftRefused("Tệp nặng quá 1 MB. Chia thành nhiều tệp, mỗi tệp một chủ đề.")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise GiftRefused(SAVE_UTF8) from None
    if "\0" in text:
        raise GiftRefused(SAVE_UTF8)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def without_hidden(text: str) -> tuple[str, list[int]]:
    """Return the text without signs nobody sees, and the lines that had some."""
    lines = text.split("\n")
    odd = [number for number, line in enumerate(lines, 1) if _HIDDEN.search(line)]
    return (_HIDDEN.sub("", text), odd) if odd else (text, [])


def unescaped(text: str) -> str:
    """Return what the author means: without the backslashes before signs."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def masked(text: str) -> str:
    """Return a text of the same length in which escaped signs are gone."""
    return _ESCAPED.sub(_HELD, text)


@dataclass(frozen=True)
class Span:
    """A part of a piece: its letters, the same with escaped signs gone, and where it starts."""

    raw: str
    bare: str
    start: int

    @classmethod
    def of(cls, raw: str) -> "Span":
        """Look at a text from its beginning."""
        return cls(raw, masked(raw), 0)

    def cut(self, begin: int, end: int | None = None) -> "Span":
        """Return the letters from `begin` to `end`, without the spaces around them."""
        last = len(self.raw) if end is None else end
        while begin < last and self.bare[begin].isspace():
            begin += 1
        while last > begin and self.bare[last - 1].isspace():
            last -= 1
        return Span(self.raw[begin:last], self.bare[begin:last], self.start + begin)

    def part(self, sign: str) -> tuple["Span", "Span | None"]:
        """Cut at the first `sign`; the second part is None when there is none."""
        before, found, _ = self.bare.partition(sign)
        return (self.cut(0, len(before)), self.cut(len(before) + len(sign)) if found else None)

    @property
    def text(self) -> str:
        """Return the words as the author means them."""
        return unescaped(self.raw)

    def __bool__(self) -> bool:
        """Tell whether any letter is left."""
        return bool(self.raw)


@dataclass
class Piece:
    """The lines between two blank lines, comments apart."""

    first: int
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)

    @cached_property
    def whole(self) -> Span:
        """Return everything but the comments."""
        return Span.of("\n".join(self.lines)).cut(0)

    def line(self, place: Span | int) -> int:
        """Return the line of the file on which a part of this piece starts."""
        at = place if isinstance(place, int) else place.start
        return self.numbers[max(bisect_right(self._starts, at) - 1, 0)] if self.numbers else self.first

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line) + 1
        return starts

    @property
    def last(self) -> int:
        """Return the last line."""
        return max([self.first, *self.numbers[-1:], *(number for number, _ in self.comments[-1:])])

    @property
    def id(self) -> str:
        """Return what stands in [id:…]."""
        return next((_plain(found[1]) for _, text in self.comments if (found := _ID.search(text))), "")

    @property
    def tags(self) -> list[str]:
        """Return what stands in each [tag:…]."""
        return [_plain(tag) for _, text in self.comments for tag in _TAG.findall(text)]


def pieces(text: str) -> Iterator[Piece]:
    """Cut a file at its blank lines."""
    piece: Piece | None = None
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare:
            if piece:
                yield piece
            piece = None
            continue
        piece = piece or Piece(number)
        if bare.startswith("//"):
            piece.comments.append((number, bare[2:]))
        else:
            piece.lines.append(bare)
            piece.numbers.append(number)
    if piece:
        yield piece


def _plain(word: str) -> str:
    return word.replace("\\]", "]").strip()


@dataclass(frozen=True)
class Mark:
    """One answer: the sign before it, and everything up to the next sign."""

    sign: str
    body: Span
    line: int


def marks(piece: Piece, answers: Span) -> list[Mark]:
    """Cut the answers at each `~` and `=`, refusing signs that are letters of a word rather than marks."""
    places = [found.start() for found in re.finditer("[~=]", answers.bare)]
    if not places:
        return []
    if len(places) > MOST_MARKS:
        raise Refused(piece.first, f"Câu có {len(places)} phương án, quá nhiều. Chia thành nhiều câu.")
    if answers.bare[: places[0]].strip():
        raise Refused(piece.line(answers), "Trước phương án đầu tiên phải có dấu = hoặc ~. Thêm dấu ấy.")
    _refuse_letters(piece, answers, places)
    ends = [*places[1:], len(answers.bare)]
    return [
        Mark(answers.bare[at], answers.cut(at + 1, end), piece.line(answers.start + at))
        for at, end in zip(places, ends, strict=True)
    ]


def _refuse_letters(piece: Piece, answers: Span, places: list[int]) -> None:
    """Refuse what Moodle would read as one more answer: http://x?a=b, x = 5.

    A mark follows a space or begins a line; where answers stand a line each, all marks begin lines; where
    marks touch their words, one with spaces on both sides is a letter.
    """
    bare = answers.bare
    begins = [not bare[bare.rfind("\n", 0, at) + 1 : at].strip() for at in places]
    a_line_each = sum(begins[1:]) > 0
    touches = any(_touches(bare, at) for at in places)
    for at, begin in zip(places, begins, strict=True):
        inside = at > 0 and not bare[at - 1].isspace()
        apart = bare[at] == "=" and touches and not begin and not _touches(bare, at)
        if inside or apart or (a_line_each and not begin):
            sign = bare[at]
            raise Refused(
                piece.line(answers.start + at),
                f"Dấu {sign} đứng giữa chữ: Moodle hiểu là thêm một phương án. "
                f"Nếu là chữ thì viết \\{sign}; nếu là phương án mới thì xuống dòng trước dấu {sign}.",
            )


def _touches(bare: str, at: int) -> bool:
    return at + 1 < len(bare) and not bare[at + 1].isspace()
