"""Whether the parts of a library fit together: ids, addresses, skills, banks and their modules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lms.content.library import CourseDesc, LessonDesc, ModuleDesc, PageDesc, QuestionDesc, QuizDesc
from lms.content.problems import Problems, nearest
from lms.content.prose import BRACES, FACT
from lms.content.shelf import Reading

Item = CourseDesc | ModuleDesc | LessonDesc | PageDesc | QuizDesc
RESERVED_LESSONS = ("chu-de", "tai-ve")


@dataclass(frozen=True)
class Named:
    """An id and the line that gives it."""

    kind: str
    id: str
    file: Path
    line: int


def report(reading: Reading, problems: Problems) -> None:
    """Report every part that does not fit."""
    _report_ids(reading, problems)
    _report_slugs(reading, problems)
    _report_skills(reading, problems)
    _report_frameworks(reading)
    _report_banks(reading, problems)
    _report_citations(reading, problems)


def named(reading: Reading) -> Iterator[Named]:
    """Yield every id of the library with its place; ids left out by their author are skipped."""
    for kind, item in _items(reading):
        if item.id:
            yield Named(kind, item.id, item.file, reading.documents[item.file].line("id"))
    for question in _questions(reading):
        if question.id:
            yield Named("câu hỏi", question.id, question.file, question.line)


def _items(reading: Reading) -> Iterator[tuple[str, Item]]:
    library = reading.library
    pairs: dict[str, Sequence[Item]] = {
        "khóa học": library.courses,
        "chủ đề": library.modules(),
        "bài học": library.lessons(),
        "trang": library.pages,
        "bài kiểm tra": reading.banks,
    }
    for kind, items in pairs.items():
        for item in items:
            yield kind, item


def _questions(reading: Reading) -> Iterator[QuestionDesc]:
    for bank in reading.banks:
        yield from bank.questions


def _report_ids(reading: Reading, problems: Problems) -> None:
    seen: dict[str, Named] = {}
    for item in named(reading):
        first = seen.setdefault(item.id, item)
        if first is not item:
            problems.add(
                item.file,
                item.line,
                f"Mã “{item.id}” đã dùng ở {first.file.as_posix()}:{first.line}. Đặt mã khác.",
            )


def _report_slugs(reading: Reading, problems: Problems) -> None:
    library = reading.library
    _report_taken(reading, library.courses, problems)
    _report_taken(reading, library.pages, problems)
    for course in library.courses:
        _report_taken(reading, course.modules, problems)
        _report_taken(reading, [lesson for module in course.modules for lesson in module.lessons], problems)
    for lesson in library.lessons():
        for key, slugs in (("slug", (lesson.slug,)), ("former-slugs", lesson.former_slugs)):
            for word in set(slugs) & set(RESERVED_LESSONS):
                problems.add(
                    lesson.file,
                    reading.documents[lesson.file].line(key),
                    f"Địa chỉ “{word}” đã dành cho trang khác. Đặt “{key}” khác.",
                )


def _report_taken(
    reading: Reading, items: Sequence[CourseDesc | ModuleDesc | LessonDesc | PageDesc], problems: Problems
) -> None:
    taken: dict[str, Path] = {}
    for key in ("slug", "former-slugs"):
        for item in items:
            for word in (item.slug,) if key == "slug" else getattr(item, "former_slugs", ()):
                first = taken.setdefault(word, item.file)
                if word and (first != item.file or (key == "former-slugs" and word == item.slug)):
                    problems.add(
                        item.file,
                        reading.documents[item.file].line(key),
                        f"Địa chỉ “{word}” đã dùng ở {first.as_posix()}. Đặt “{key}” khác.",
                    )


def _report_skills(reading: Reading, problems: Problems) -> None:
    known = [skill.id for skill in reading.library.skills]
    items: list[ModuleDesc | LessonDesc] = [*reading.library.modules(), *reading.library.lessons()]
    for item in items:
        for skill in item.skills:
            if skill not in known:
                line = reading.documents[item.file].line("skills")
                problems.add(item.file, line, _no_skill(skill, known))
    for question in _questions(reading):
        if question.skill and question.skill not in known:
            line = _meta_line(reading, question, "skill")
            problems.add(question.file, line, _no_skill(question.skill, known))


def _no_skill(skill: str, known: list[str]) -> str:
    return f"Không có kỹ năng “{skill}”. {nearest(skill, known)}Xem danh sách ở courses/skills.toml."


def _meta_line(reading: Reading, question: QuestionDesc, key: str) -> int:
    for number, text in reading.documents[question.file].numbered_body():
        if number > question.line and text.split(":")[0].strip() == key:
            return number
    return question.line


def _report_frameworks(reading: Reading) -> None:
    known = {f"{frame.id}:{code}" for frame in reading.library.frameworks for code, _ in frame.codes}
    if reading.skills is None or not known:
        return
    for skill in reading.library.skills:
        for code in skill.frameworks:
            if code not in known:
                reading.skills.report(
                    f"skill.{skill.id}.frameworks",
                    f"Không có mã khung “{code}”. Xem các mã ở courses/frameworks.",
                )


def _report_banks(reading: Reading, problems: Problems) -> None:
    modules = {module.id: module for module in reading.library.modules()}
    banks: dict[str, Path] = {}
    for bank in reading.banks:
        line = reading.documents[bank.file].line("module")
        module = modules.get(bank.module)
        first = banks.setdefault(bank.module, bank.file)
        if bank.module and module is None:
            hint = nearest(bank.module, list(modules))
            problems.add(bank.file, line, f"Không có chủ đề “{bank.module}”. {hint}Sửa mục “module”.")
        elif module and first != bank.file:
            problems.add(
                bank.file, line, f"Chủ đề này đã có bộ câu hỏi ở {first.as_posix()}. Gộp lại thành một tệp."
            )
        elif module and bank.file.parent.name != module.file.parent.parent.name:
            problems.add(
                bank.file,
                line,
                f"Bộ câu hỏi phải nằm trong quizzes/{module.file.parent.parent.name}. Chuyển tệp vào đó.",
            )
        if module:
            _report_lessons(reading, module, bank.questions, problems)
    for module in modules.values():
        if module.id and module.id not in banks:
            problems.add(
                module.file,
                reading.documents[module.file].line("id"),
                f"Chủ đề chưa có câu hỏi. Thêm tệp trong quizzes/{module.file.parent.parent.name} "
                f"có dòng “module: {module.id}”.",
            )


def _report_lessons(
    reading: Reading, module: ModuleDesc, questions: tuple[QuestionDesc, ...], problems: Problems
) -> None:
    known = [lesson.id for lesson in module.lessons]
    for question in questions:
        if question.lesson and question.lesson not in known:
            problems.add(
                question.file,
                _meta_line(reading, question, "lesson"),
                f"Chủ đề này không có bài “{question.lesson}”. {nearest(question.lesson, known)}"
                f"Các bài: {', '.join(known)}.",
            )


def _report_citations(reading: Reading, problems: Problems) -> None:
    known = [fact.id for fact in reading.library.facts]
    banks = {bank.file for bank in reading.banks}
    for file, document in reading.documents.items():
        for entry in document.entries:
            if "{{" in entry.value:
                problems.add(file, entry.line, _NOT_HERE)
        for number, text in document.numbered_body():
            for citation in BRACES.findall(text):
                is_body = file not in banks and not text.startswith("#")
                problem = _citation_problem(citation, known) if is_body else _NOT_HERE
                if problem:
                    problems.add(file, number, problem)


_NOT_HERE = "Số liệu {{…}} chỉ dùng trong đoạn văn của bài học. Viết chỗ này bằng chữ không cũ đi."


def _citation_problem(citation: str, known: list[str]) -> str:
    found = FACT.fullmatch(citation)
    if not found:
        return "Dấu {{ }} chưa đúng. Viết dạng {{so-lieu: ma-so-lieu}}."
    if found[1] in known:
        return ""
    hint = nearest(found[1], known)
    return f"Không có số liệu “{found[1]}”. {hint}Thêm vào courses/facts.toml, hoặc sửa mã."
