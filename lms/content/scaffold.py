"""New files to fill in: they pass the check except for what must be written."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from lms.content.fields import IDENTIFIER
from lms.content.head import print_document
from lms.content.library import CourseDesc, ModuleDesc
from lms.content.problems import nearest
from lms.content.references import RESERVED_LESSONS, named
from lms.content.shelf import COURSES, QUIZZES, Reading


class ScaffoldRefused(ValueError):
    """A new file cannot be made; the message says why and what to do."""


def new_course(reading: Reading, identifier: str) -> list[Path]:
    """Write a course folder and return the new files, relative to the content root."""
    _refuse_taken(reading, identifier)
    order = max((course.order for course in reading.library.courses), default=0) + 1
    head = [
        ("title", "TODO: tên khóa học"),
        ("id", identifier),
        ("slug", identifier),
        ("order", str(order)),
        ("edition", "1"),
        ("audiences", "citizen, parent"),
        ("summary", "TODO: một câu nói học xong làm được gì"),
    ]
    file = COURSES / identifier / "khoa.md"
    return [_write(reading.root, file, print_document(head, ["TODO: hai, ba câu giới thiệu khóa học.", ""]))]


def new_module(reading: Reading, identifier: str, course_id: str) -> list[Path]:
    """Write a module with a first lesson and a bank of one question; return the new files."""
    course = _parent(course_id, reading.library.courses, "khóa học")
    _refuse_taken(reading, identifier)
    skill = next((skill.id for skill in reading.library.skills), "TODO")
    lesson_id = f"{identifier}-bai-1"
    folder = course.file.parent / _numbered(reading.root, course.file.parent, identifier)
    head = [
        ("title", "TODO: tên chủ đề"),
        ("id", identifier),
        ("slug", identifier),
        ("goal", "TODO: học xong làm được gì"),
        ("audiences", ", ".join(course.audiences)),
        ("skills", skill),
        ("required", "yes"),
    ]
    text = print_document(head, ["TODO: hai, ba câu giới thiệu chủ đề.", ""])
    return [
        _write(reading.root, folder / "chu-de.md", text),
        _write(reading.root, folder / f"01-{lesson_id}.md", _lesson(lesson_id, skill, course.audiences)),
        _write(
            reading.root,
            QUIZZES / course.file.parent.name / f"{identifier}.md",
            _bank(identifier, lesson_id, skill),
        ),
    ]


def new_lesson(reading: Reading, identifier: str, module_id: str) -> list[Path]:
    """Write a lesson at the end of a module and return the new file."""
    module = _parent(module_id, reading.library.modules(), "chủ đề")
    _refuse_taken(reading, identifier)
    if identifier in RESERVED_LESSONS:
        raise ScaffoldRefused(f"Mã “{identifier}” đã dành cho trang khác. Đặt mã khác.")
    folder = module.file.parent
    skill = next(iter(module.skills), "TODO")
    file = folder / f"{_numbered(reading.root, folder, identifier)}.md"
    return [_write(reading.root, file, _lesson(identifier, skill, module.audiences))]


Parent = TypeVar("Parent", CourseDesc, ModuleDesc)


def _parent(identifier: str, items: Iterable[Parent], kind: str) -> Parent:
    by_id = {item.id: item for item in items}
    if identifier not in by_id:
        known = ", ".join(by_id) or "chưa có"
        hint = nearest(identifier, list(by_id))
        raise ScaffoldRefused(f"Không có {kind} “{identifier}”. {hint}Các {kind}: {known}.")
    return by_id[identifier]


def _refuse_taken(reading: Reading, identifier: str) -> None:
    if not IDENTIFIER.fullmatch(identifier):
        raise ScaffoldRefused(
            f"Mã “{identifier}” chưa đúng dạng. "
            "Chỉ dùng chữ thường không dấu, số và gạch nối, như mat-khau-manh."
        )
    for item in named(reading):
        if item.id == identifier:
            raise ScaffoldRefused(f"Mã “{identifier}” đã dùng ở {item.file.as_posix()}. Đặt mã khác.")


def _numbered(root: Path, folder: Path, identifier: str) -> str:
    numbers = [int(path.name[:2]) for path in (root / folder).glob("[0-9][0-9]-*")]
    return f"{max(numbers, default=0) + 1:02d}-{identifier}"


def _write(root: Path, file: Path, text: str) -> Path:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise ScaffoldRefused(f"Đã có tệp {file.as_posix()}. Đổi tên tệp cũ, hoặc dùng mã khác.") from None
    return file


def _lesson(identifier: str, skill: str, audiences: Iterable[str]) -> str:
    head = [
        ("title", "TODO: tên bài"),
        ("id", identifier),
        ("slug", identifier),
        ("goal", "TODO: một việc làm được sau bài"),
        ("minutes", "5"),
        ("skills", skill),
        ("audiences", ", ".join(audiences)),
        ("required", "yes"),
    ]
    return print_document(head, _LESSON_BODY.split("\n"))


def _bank(module: str, lesson: str, skill: str) -> str:
    head = [
        ("title", "TODO: Bài kiểm tra"),
        ("id", f"kt-{module}"),
        ("module", module),
        ("draw", "1"),
        ("pass", "80"),
    ]
    body = _QUESTION.format(module=module, lesson=lesson, skill=skill)
    return print_document(head, body.split("\n"))


_LESSON_BODY = """TODO: một, hai câu mở đầu.

## TODO: tên phần một {#phan-mot}

TODO: mỗi phần một việc, không quá 120 tiếng.

## TODO: tên phần hai {#phan-hai}

TODO: việc làm ngay trên điện thoại.

> Hôm nay nhớ một điều: **TODO.**
"""

_QUESTION = """## TODO: câu hỏi? {{#{module}-cau-1}}
skill: {skill}
difficulty: 1
use: both
lesson: {lesson}

- [ ] a) TODO: phương án
      TODO: vì sao chưa đúng.
- [x] b) TODO: phương án đúng
      Đúng. TODO: vì sao.
- [ ] c) TODO: phương án khác
      TODO: vì sao chưa đúng.
- [?] d) Tôi chưa chắc
      Không sao. TODO: nên xem lại phần nào.

> TODO: giải thích chung.
"""
