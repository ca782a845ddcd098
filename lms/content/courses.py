"""Reads `courses/`: courses, modules, lessons and the pages that stand alone."""

import re
from collections.abc import Mapping
from pathlib import Path

from lms.content import lessons
from lms.content.head import Document
from lms.content.library import CourseDesc, LessonDesc, ModuleDesc, PageDesc, PictureDesc, QuizDesc
from lms.content.pictures import read_picture
from lms.content.shelf import COURSES, PASSED_OVER, Shelf

COURSE_KEYS = (
    "title",
    "id",
    "slug",
    "former-slugs",
    "order",
    "edition",
    "audiences",
    "summary",
    "design",
)
MODULE_KEYS = (
    "title",
    "id",
    "slug",
    "former-slugs",
    "goal",
    "audiences",
    "skills",
    "required",
    "reviewer",
    "reviewed-on",
)
LESSON_KEYS = (
    "title",
    "id",
    "slug",
    "former-slugs",
    "goal",
    "minutes",
    "skills",
    "audiences",
    "required",
    "reviewer",
    "reviewed-on",
)
PAGE_KEYS = ("title", "id", "slug")
DEFAULT_DESIGN = "mac-dinh"
_NUMBERED = re.compile(r"\d\d-[a-z0-9]+(?:-[a-z0-9]+)*")


def read_courses(shelf: Shelf, banks: Mapping[str, QuizDesc]) -> tuple[CourseDesc, ...]:
    """Read every course in the order its authors gave; `banks` is by module id."""
    courses = []
    for folder in shelf.folders(COURSES):
        if folder.name == "frameworks":
            continue
        if not (shelf.root / folder / "khoa.md").is_file():
            shelf.problems.add(folder, 1, "Thư mục khóa học thiếu tệp khoa.md. Thêm tệp, hoặc xóa thư mục.")
        elif course := _course(shelf, folder, banks):
            courses.append(course)
    return tuple(sorted(courses, key=lambda course: (course.order, course.id)))


def read_pages(shelf: Shelf) -> tuple[PageDesc, ...]:
    """Read the pages that stand alone: `courses/*.md`."""
    pages = []
    for file in shelf.files(COURSES):
        if file.suffix != ".md" or file.name in PASSED_OVER:
            continue
        if opened := shelf.open(file, PAGE_KEYS):
            document, fields = opened
            lessons.sections(document, shelf.problems)
            pages.append(
                PageDesc(
                    title=fields.text("title"),
                    id=fields.identifier("id"),
                    slug=fields.identifier("slug"),
                    markdown=_body(document),
                    file=file,
                )
            )
    return tuple(pages)


def _course(shelf: Shelf, folder: Path, banks: Mapping[str, QuizDesc]) -> CourseDesc | None:
    opened = shelf.open(folder / "khoa.md", COURSE_KEYS)
    if opened is None:
        return None
    document, fields = opened
    _report_strange(shelf, folder, {folder / "khoa.md"})
    return CourseDesc(
        title=fields.text("title"),
        id=fields.identifier("id"),
        slug=fields.identifier("slug"),
        former_slugs=fields.identifiers("former-slugs"),
        order=fields.whole("order", 1, 999),
        edition=fields.whole("edition", 1, 999),
        audiences=fields.audiences(),
        summary=fields.text("summary"),
        design=fields.text("design", DEFAULT_DESIGN),
        text=_body(document),
        modules=tuple(_modules(shelf, folder, banks)),
        file=document.file,
    )


def _modules(shelf: Shelf, course: Path, banks: Mapping[str, QuizDesc]) -> list[ModuleDesc]:
    modules = []
    for folder in shelf.folders(course):
        if not _NUMBERED.fullmatch(folder.name):
            shelf.problems.add(
                folder, 1, "Tên thư mục chủ đề phải như “01-mat-khau”: hai số, gạch nối, tên không dấu."
            )
        elif not (shelf.root / folder / "chu-de.md").is_file():
            shelf.problems.add(folder, 1, "Thư mục chủ đề thiếu tệp chu-de.md. Thêm tệp, hoặc xóa thư mục.")
        elif module := _module(shelf, folder, banks):
            modules.append(module)
    return modules


def _module(shelf: Shelf, folder: Path, banks: Mapping[str, QuizDesc]) -> ModuleDesc | None:
    opened = shelf.open(folder / "chu-de.md", MODULE_KEYS)
    if opened is None:
        return None
    document, fields = opened
    reviewer, reviewed_on = fields.review()
    identifier = fields.identifier("id")
    return ModuleDesc(
        title=fields.text("title"),
        id=identifier,
        slug=fields.identifier("slug"),
        former_slugs=fields.identifiers("former-slugs"),
        goal=fields.text("goal"),
        audiences=fields.audiences(),
        skills=fields.many("skills"),
        required=fields.flag("required", True),
        text=_body(document),
        lessons=tuple(_lessons(shelf, folder)),
        quiz=banks.get(identifier),
        reviewer=reviewer,
        reviewed_on=reviewed_on,
        file=document.file,
        pictures=tuple(_pictures(shelf, folder)),
    )


def _lessons(shelf: Shelf, folder: Path) -> list[LessonDesc]:
    found, used = [], {folder / "chu-de.md"}
    for file in shelf.files(folder):
        if file.suffix != ".md" or file.name == "chu-de.md":
            continue
        used.add(file)
        if not _NUMBERED.fullmatch(file.stem):
            shelf.problems.add(
                file, 1, "Tên tệp bài học phải như “01-khoa-man-hinh.md”: hai số, gạch nối, tên không dấu."
            )
        elif lesson := _lesson(shelf, file):
            found.append(lesson)
            used.update(path for step in lesson.steps for path in step.audio)
    _report_strange(shelf, folder, used)
    if not found:
        shelf.problems.add(folder / "chu-de.md", 1, "Chủ đề chưa có bài học nào. Thêm tệp “01-….md”.")
    return found


def _lesson(shelf: Shelf, file: Path) -> LessonDesc | None:
    opened = shelf.open(file, LESSON_KEYS)
    if opened is None:
        return None
    document, fields = opened
    reviewer, reviewed_on = fields.review()
    opening, *parts = lessons.sections(document, shelf.problems)
    return LessonDesc(
        title=fields.text("title"),
        id=fields.identifier("id"),
        slug=fields.identifier("slug"),
        former_slugs=fields.identifiers("former-slugs"),
        goal=fields.text("goal"),
        minutes=fields.whole("minutes", 1, 60),
        skills=fields.many("skills"),
        audiences=fields.audiences(),
        required=fields.flag("required", True),
        opening=opening.markdown,
        steps=lessons.steps(shelf.root, document, parts, shelf.problems),
        remember=lessons.remember(document, shelf.problems),
        reviewer=reviewer,
        reviewed_on=reviewed_on,
        file=file,
    )


def _pictures(shelf: Shelf, folder: Path) -> list[PictureDesc]:
    found = (read_picture(shelf.root, file, shelf.problems) for file in shelf.files(folder / "hinh"))
    return [picture for picture in found if picture]


def _report_strange(shelf: Shelf, folder: Path, used: set[Path]) -> None:
    for file in shelf.files(folder):
        if file in used or file.name in PASSED_OVER:
            continue
        if file.suffix in {".mp3", ".opus"}:
            message = "Tệp âm thanh không khớp phần nào. Đặt tên như “01-ten-bai.ma-phan.mp3”, hoặc xóa."
        else:
            message = "Tệp này không thuộc bài nào. Chuyển đi, đổi tên, hoặc xóa."
        shelf.problems.add(file, 1, message)


def _body(document: Document) -> str:
    return "\n".join(document.body).strip("\n")
