"""Figures for editors: which skills have enough questions, what lessons weigh, how old facts are."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from lms.content.kinds import KIND
from lms.content.library import LessonDesc
from lms.content.prose import PICTURE
from lms.content.shelf import Reading
from lms.content.wording import words

ENOUGH_QUESTIONS = 3


@dataclass(frozen=True)
class SkillRow:
    """Questions on one skill in one module: all, marked ones that a check draws, in practice."""

    skill: str
    module: str
    questions: int
    check: int
    practice: int

    @property
    def is_thin(self) -> bool:
        """Tell whether the check has too few questions to evidence the skill."""
        return self.check < ENOUGH_QUESTIONS


@dataclass(frozen=True)
class LessonRow:
    """What a lesson costs a reader: steps, tiếng, bytes of text and of pictures."""

    lesson: str
    module: str
    steps: int
    words: int
    text_bytes: int
    picture_bytes: int


@dataclass(frozen=True)
class FactRow:
    """How long ago a fact was checked and how long it still holds, in days; negative is expired."""

    fact: str
    age_days: int
    days_left: int


@dataclass(frozen=True)
class Statistics:
    """All figures of a library."""

    counts: dict[str, int]
    skills: tuple[SkillRow, ...]
    lessons: tuple[LessonRow, ...]
    facts: tuple[FactRow, ...]


def statistics(reading: Reading, today: date) -> Statistics:
    """Count everything on `today`; facts that expire first stand first."""
    facts = (
        FactRow(fact.id, (today - fact.checked).days, (fact.expires - today).days)
        for fact in reading.library.facts
    )
    return Statistics(
        counts=counts(reading),
        skills=tuple(_skills(reading)),
        lessons=tuple(_lessons(reading)),
        facts=tuple(sorted(facts, key=lambda row: (row.days_left, row.fact))),
    )


def counts(reading: Reading) -> dict[str, int]:
    """Count courses, modules, lessons, questions, pages and facts."""
    library = reading.library
    return {
        "courses": len(library.courses),
        "modules": len(library.modules()),
        "lessons": len(library.lessons()),
        "questions": len(library.questions()),
        "pages": len(library.pages),
        "facts": len(library.facts),
    }


def _skills(reading: Reading) -> list[SkillRow]:
    rows = []
    for module in reading.library.modules():
        questions = module.quiz.questions if module.quiz else ()
        total = Counter(question.skill for question in questions)
        check = Counter(
            question.skill for question in questions if question.in_check and KIND[question.kind].is_drawn
        )
        practice = Counter(question.skill for question in questions if question.in_practice)
        rows += [
            SkillRow(skill, module.id, total[skill], check[skill], practice[skill])
            for skill in dict.fromkeys((*module.skills, *total))
        ]
    return sorted(rows, key=lambda row: (row.skill, row.module))


def _lessons(reading: Reading) -> list[LessonRow]:
    return [
        _lesson(reading, module.id, lesson)
        for module in reading.library.modules()
        for lesson in module.lessons
    ]


def _lesson(reading: Reading, module: str, lesson: LessonDesc) -> LessonRow:
    document = reading.documents[lesson.file]
    facts = {fact.id: fact.text for fact in reading.library.facts}
    names = {name for _, text in document.numbered_body() for _, name, _ in PICTURE.findall(text)}
    pictures = [reading.root / lesson.file.parent / name for name in names]
    return LessonRow(
        lesson=lesson.id,
        module=module,
        steps=len(lesson.steps),
        words=words(tuple(document.numbered_body()), facts),
        text_bytes=len("\n".join(document.body).encode()),
        picture_bytes=sum(path.stat().st_size for path in pictures if path.is_file()),
    )
