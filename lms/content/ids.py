"""Ids once published never vanish and never return with another meaning: `courses/ids.txt`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lms.content.files import read_text
from lms.content.problems import Problems
from lms.content.references import named
from lms.content.shelf import Reading

FILE = Path("courses/ids.txt")
_UPDATE = "lms content check --update-ids"


@dataclass(frozen=True)
class Register:
    """The ids ever published, with their lines; the retired ones apart."""

    in_use: Mapping[str, int]
    retired: Mapping[str, int]


def report(reading: Reading, elsewhere: frozenset[str], problems: Problems) -> None:
    """Report ids that vanished, came back after retirement, or are not yet written down.

    `elsewhere` are ids published by other ways, such as those of a running database.
    """
    register = read_register(reading.root, problems)
    found = {item.id: item for item in reversed(list(named(reading)))}
    if register is None:
        if found:
            problems.add(FILE, 1, f"Chưa có tệp ghi các mã đã dùng. Chạy: {_UPDATE}")
        return
    for identifier, line in register.in_use.items():
        if identifier not in found:
            problems.add(FILE, line, _vanished(identifier))
    for identifier in sorted(elsewhere - register.in_use.keys() - register.retired.keys() - found.keys()):
        problems.add(FILE, 1, _vanished(identifier))
    for item in found.values():
        if item.id in register.retired:
            problems.add(
                item.file, item.line, f"Mã “{item.id}” đã nghỉ dùng, không dùng lại được. Đặt mã khác."
            )
        elif item.id not in register.in_use:
            problems.add(
                item.file, item.line, f"Mã “{item.id}” chưa ghi vào {FILE.as_posix()}. Chạy: {_UPDATE}"
            )


def read_register(root: Path, problems: Problems) -> Register | None:
    """Read `courses/ids.txt`; None when there is no such file."""
    if not (root / FILE).is_file():
        return None
    text = read_text(root, FILE, problems) or ""
    in_use: dict[str, int] = {}
    retired: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        place = retired if words[0] == "retired" and len(words) == 2 else in_use
        if place is in_use and len(words) != 1:
            problems.add(FILE, number, "Mỗi dòng chỉ một mã, hoặc “retired” và một mã. Sửa dòng này.")
        elif words[-1] in in_use or words[-1] in retired:
            problems.add(FILE, number, f"Mã “{words[-1]}” ghi hai lần. Xóa một dòng.")
        else:
            place[words[-1]] = number
    return Register(in_use, retired)


def update_register(reading: Reading) -> list[str]:
    """Append the ids not yet written down and return them; nothing is ever removed."""
    register = read_register(reading.root, Problems()) or Register({}, {})
    known = register.in_use.keys() | register.retired.keys()
    new = sorted({item.id for item in named(reading)} - known)
    path = reading.root / FILE
    before = path.read_text(encoding="utf-8") if path.is_file() else _HEADING
    if new:
        gap = "" if before.endswith("\n") else "\n"
        path.write_text(before + gap + "".join(f"{identifier}\n" for identifier in new), encoding="utf-8")
    return new


_HEADING = """# Mọi mã đã từng đưa cho người học, mỗi dòng một mã. Không xóa dòng nào.
# Bỏ một bài, một câu: thêm chữ retired trước mã, như: retired bai-cu
"""


def _vanished(identifier: str) -> str:
    return (
        f"Mã “{identifier}” đã từng dùng mà nay không thấy. "
        f"Khôi phục bài hay câu đó, hoặc ghi “retired {identifier}” nếu thật sự bỏ."
    )
