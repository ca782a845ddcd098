"""The catalogue as the screens read it: frozen, in memory, one per revision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property


@dataclass(frozen=True)
class Recording:
    """A recorded voice beside a step: its address, media type and size in bytes."""

    address: str
    media_type: str
    size: int

    @property
    def size_words(self) -> str:
        """Return the size as people read it: 0,2 MB."""
        return f"{max(self.size / 1_000_000, 0.1):.1f} MB".replace(".", ",")


@dataclass(frozen=True)
class Part:
    """Safe HTML by the last day on which each variant holds; the last one holds for ever."""

    id: str
    title: str
    variants: tuple[tuple[date | None, str], ...]
    audio: tuple[Recording, ...] = ()

    def html(self, on: date) -> str:
        """Return the words that hold on a date."""
        return next(html for until, html in self.variants if until is None or on <= until)


@dataclass(frozen=True)
class Choice:
    """One line of a question with its key, as HTML; see ChoiceDesc for what it stands for in each kind.

    `text` is the author's words: what typed answers are compared with. `pair_html` shows `pair`.
    """

    key: str
    html: str
    feedback: str
    is_right: bool
    is_unsure: bool
    text: str = ""
    mark: str = ""
    pair: str = ""
    pair_html: str = ""

    @property
    def reason(self) -> str:
        """Return the feedback without the “Đúng.” that authors begin with, where the page has said it."""
        return self.feedback.replace("<p>Đúng. ", "<p>", 1)


@dataclass(frozen=True)
class Column:
    """A column of a matrix: its key and HTML."""

    key: str
    html: str


@dataclass(frozen=True)
class Question:
    """One edition of a question, ready to show and to mark; see QuestionDesc for the fields."""

    id: str
    edition_id: str
    html: str
    text: str
    skill: str
    difficulty: int
    choices: tuple[Choice, ...]
    explanation: str
    kind: str = "single"
    credit: str = "exact"
    columns: tuple[Column, ...] = ()
    plain_letters: bool = False
    names: tuple[str, ...] = ()
    tolerance: str = "0"
    unit: str = ""
    hints: tuple[str, ...] = ()
    near: str = ""
    sender: str = ""
    picture: str = ""

    @property
    def unsure(self) -> Choice | None:
        """Return the choice “Tôi chưa chắc”, if the question has one."""
        return next((choice for choice in self.choices if choice.is_unsure), None)

    @property
    def lines(self) -> tuple[Choice, ...]:
        """Return the choices without “Tôi chưa chắc”."""
        return tuple(choice for choice in self.choices if not choice.is_unsure)

    def choice(self, key: str) -> Choice | None:
        """Return the choice with this key, or None."""
        return next((choice for choice in self.choices if choice.key == key), None)


@dataclass(frozen=True)
class Lesson:
    """A bài học: its steps, then its practice questions."""

    id: str
    course_id: str
    module_id: str
    slug: str
    title: str
    goal: str
    minutes: int
    required: bool
    remember: str
    is_reviewed: bool
    edition_id: str
    steps: tuple[Part, ...]
    practice: tuple[Question, ...]
    search_text: str = field(repr=False)

    def step_position(self, step_id: str) -> int | None:
        """Return the place of a step, from 0, or None."""
        return next((i for i, step in enumerate(self.steps) if step.id == step_id), None)


@dataclass(frozen=True)
class Module:
    """A chủ đề: lessons and one check."""

    id: str
    course_id: str
    slug: str
    title: str
    goal: str
    required: bool
    is_reviewed: bool
    text: Part
    lessons: tuple[Lesson, ...]
    check_id: str
    draw: int
    pass_percent: int
    bank: tuple[Question, ...]
    tries: int = 0
    wait: int = 0
    counts: str = "best"

    @property
    def opinions(self) -> int:
        """Return how many questions of opinion a check asks besides the drawn ones; they are not marked."""
        return sum(question.kind == "survey" for question in self.bank)

    @property
    def required_items(self) -> tuple[str, ...]:
        """Return the ids whose completion completes the module: required lessons and the check."""
        return (*(lesson.id for lesson in self.lessons if lesson.required), self.check_id)


@dataclass(frozen=True)
class Edition:
    """What a course asks in one edition, from a moment on."""

    number: int
    modules: tuple[str, ...]
    first_at: datetime


@dataclass(frozen=True)
class Course:
    """A khóa học and its editions, newest last."""

    id: str
    slug: str
    title: str
    summary: str
    audiences: tuple[str, ...]
    design: str
    text: Part
    modules: tuple[Module, ...]
    editions: tuple[Edition, ...]

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Return the lessons of all modules, in order."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)


@dataclass(frozen=True)
class Page:
    """A page that stands alone: its parts in order."""

    id: str
    slug: str
    title: str
    text: Part


@dataclass(frozen=True)
class Catalogue:
    """Everything that is offered now, with the addresses it had before."""

    revision: int
    courses: tuple[Course, ...]
    pages: tuple[Page, ...]
    former: Mapping[tuple[str, str, str], str]
    judged: Mapping[str, str | None] = field(default_factory=dict)
    """By which edition answers given on another one are judged; None: the question was dropped."""

    @cached_property
    def course_by_slug(self) -> dict[str, Course]:
        """Return the courses by address."""
        return {course.slug: course for course in self.courses}

    @cached_property
    def course_by_id(self) -> dict[str, Course]:
        """Return the courses by id."""
        return {course.id: course for course in self.courses}

    @cached_property
    def modules(self) -> dict[str, Module]:
        """Return the modules by id."""
        return {module.id: module for course in self.courses for module in course.modules}

    @cached_property
    def lessons(self) -> dict[str, Lesson]:
        """Return the lessons by id, in the order they are taught."""
        return {lesson.id: lesson for course in self.courses for lesson in course.lessons}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Return the questions of every check by edition id."""
        return {q.edition_id: q for module in self.modules.values() for q in module.bank}

    @cached_property
    def lesson_by_slug(self) -> dict[tuple[str, str], Lesson]:
        """Return the lessons by (course id, address)."""
        return {(lesson.course_id, lesson.slug): lesson for lesson in self.lessons.values()}

    @cached_property
    def module_by_slug(self) -> dict[tuple[str, str], Module]:
        """Return the modules by (course id, address)."""
        return {(module.course_id, module.slug): module for module in self.modules.values()}

    def page(self, page_id: str) -> Page | None:
        """Return the page with this id, or None."""
        return next((page for page in self.pages if page.id == page_id), None)
