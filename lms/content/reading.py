"""Reads the whole library, and says what makes it unusable."""

from pathlib import Path

from lms.content import references
from lms.content.courses import read_courses, read_pages
from lms.content.data import read_facts, read_frameworks, read_skills
from lms.content.library import Library, QuizDesc
from lms.content.problems import ContentErrors, Problems
from lms.content.quizzes import read_bank
from lms.content.shelf import PASSED_OVER, QUIZZES, Reading, Shelf


def load(root: Path) -> Library:
    """Read the library under `root`; raises ContentErrors with every mistake that makes it unusable.

    Matters of wording, links and age do not stop it: those are for `check`.
    """
    problems = Problems()
    reading = read(root, problems)
    if len(problems):
        raise ContentErrors(list(problems))
    return reading.library


def read(root: Path, problems: Problems) -> Reading:
    """Read as much as can be read, adding each mistake to `problems`."""
    shelf = Shelf(root, problems, {})
    banks = _read_banks(shelf)
    by_module: dict[str, QuizDesc] = {}
    for bank in banks:
        by_module.setdefault(bank.module, bank)
    facts, fact_table = read_facts(root, problems)
    skills, skill_table = read_skills(root, problems)
    library = Library(
        courses=read_courses(shelf, by_module),
        pages=read_pages(shelf),
        skills=skills,
        facts=facts,
        frameworks=read_frameworks(root, problems),
    )
    reading = Reading(root, library, shelf.documents, banks, skill_table, fact_table)
    references.report(reading, problems)
    return reading


def _read_banks(shelf: Shelf) -> tuple[QuizDesc, ...]:
    banks = []
    for file in shelf.files(QUIZZES):
        if file.name not in PASSED_OVER:
            shelf.problems.add(file, 1, "Tệp câu hỏi phải nằm trong thư mục của khóa học. Chuyển vào đó.")
    for folder in shelf.folders(QUIZZES):
        for file in shelf.files(folder):
            if file.suffix != ".md":
                shelf.problems.add(file, 1, "Thư mục này chỉ chứa tệp câu hỏi .md. Chuyển hoặc xóa tệp.")
            elif found := read_bank(shelf.root, file, shelf.problems):
                shelf.documents[file] = found[0]
                banks.append(found[1])
    return tuple(banks)
