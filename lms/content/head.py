"""The head of a file: `key: value` lines, then one blank line, then the body."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lms.content.problems import Problems, nearest

_ENTRY = re.compile(r"([a-z][a-z0-9-]*)[ \t]*:(.*)")


@dataclass(frozen=True)
class Entry:
    """One line of a head."""

    key: str
    value: str
    line: int


@dataclass(frozen=True)
class Document:
    """A file read: its head, and its body as lines, the first of which is line `body_line`."""

    file: Path
    entries: tuple[Entry, ...]
    body: tuple[str, ...]
    body_line: int

    def get(self, key: str) -> str:
        """Return the value of `key`, empty when missing."""
        return next((entry.value for entry in self.entries if entry.key == key), "")

    def line(self, key: str) -> int:
        """Return the line of `key`; the first line of the file when missing."""
        return next((entry.line for entry in self.entries if entry.key == key), 1)

    def numbered_body(self) -> list[tuple[int, str]]:
        """Return the lines of the body with their numbers in the file."""
        return list(enumerate(self.body, self.body_line))


def parse(file: Path, text: str, known: Iterable[str], problems: Problems) -> Document:
    """Read the head of `text`, reporting unknown, repeated and malformed lines.

    A document printed by `print_document` is read back as it was.
    """
    lines = text.split("\n")
    entries: list[Entry] = []
    body_at = len(lines)
    for index, line in enumerate(lines):
        if not line.strip():
            body_at = index + 1
            break
        found = _ENTRY.fullmatch(line)
        if found:
            entries.append(Entry(found[1], found[2].strip(), index + 1))
        elif _starts_body(lines, index):
            problems.add(file, index + 1, _NO_BLANK)
            body_at = index
            break
        else:
            problems.add(file, index + 1, _NOT_AN_ENTRY)
    else:
        problems.add(file, len(lines), "Thiếu dòng trống sau phần đầu. Thêm một dòng trống.")
    kept = _checked(file, entries, list(known), problems)
    return Document(file, kept, tuple(lines[body_at:]), body_at + 1)


def print_document(entries: Iterable[tuple[str, str]], body: Iterable[str]) -> str:
    """Write a head and a body the way `parse` reads them."""
    return "\n".join([*(f"{key}: {value}" for key, value in entries), "", *body])


_NO_BLANK = (
    "Dòng này không có dạng “mục: nội dung”. "
    "Nếu bài bắt đầu từ đây: thiếu dòng trống sau phần đầu, thêm một dòng trống ở trên."
)
_NOT_AN_ENTRY = "Dòng này không có dạng “mục: nội dung”. Sửa lại, hoặc xóa đi."


def _starts_body(lines: list[str], index: int) -> bool:
    following = lines[index + 1] if index + 1 < len(lines) else ""
    return not _ENTRY.fullmatch(following)


def _checked(file: Path, entries: list[Entry], known: list[str], problems: Problems) -> tuple[Entry, ...]:
    kept: list[Entry] = []
    if entries and entries[0].key != "title" and any(entry.key == "title" for entry in entries):
        problems.add(file, entries[0].line, "Mục “title” phải đứng ở dòng đầu tiên. Chuyển lên đầu tệp.")
    for entry in entries:
        if entry.key not in known:
            hint = nearest(entry.key, known)
            problems.add(
                file, entry.line, f"Không có mục “{entry.key}”. {hint}Các mục dùng được: {', '.join(known)}."
            )
        elif any(entry.key == other.key for other in kept):
            problems.add(file, entry.line, f"Mục “{entry.key}” viết hai lần. Xóa một dòng.")
        else:
            kept.append(entry)
    return tuple(kept)
