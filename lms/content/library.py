"""What the authors' files say, as frozen values: no database, no HTML.

Every `file` is relative to the content root.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class FactDesc:
    """A fact that ages: its words, where they come from, and until when they hold."""

    id: str
    text: str
    note: str
    source: str
    certainty: str
    checked: date
    expires: date


@dataclass(frozen=True)
class SkillDesc:
    """A can-do statement and its codes in official frameworks, as `framework:code`."""

    id: str
    title: str
    frameworks: tuple[str, ...]


@dataclass(frozen=True)
class FrameworkDesc:
    """An official framework as data: its codes and what has been compared."""

    id: str
    title: str
    status: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PictureDesc:
    """A drawing beside the lessons of a module; lessons call it by `name`, as `hinh/x.svg`."""

    name: str
    file: Path
    width: int
    height: int


@dataclass(frozen=True)
class StepDesc:
    """One page of a lesson; `markdown` is its source without the heading."""

    id: str
    title: str
    markdown: str
    line: int
    audio: tuple[Path, ...] = ()


@dataclass(frozen=True)
class LessonDesc:
    """One Markdown file: an opening, then steps; `remember` is its one sentence to keep."""

    id: str
    slug: str
    former_slugs: tuple[str, ...]
    title: str
    goal: str
    minutes: int
    skills: tuple[str, ...]
    audiences: tuple[str, ...]
    required: bool
    opening: str
    steps: tuple[StepDesc, ...]
    remember: str
    reviewer: str
    reviewed_on: date | None
    file: Path
    language: str = "vi"


KINDS = (
    "single",
    "multiple",
    "true-false",
    "text",
    "number",
    "ordering",
    "matching",
    "matrix",
    "spot",
    "survey",
    "open",
)
"""The kinds of questions as authors write them; a question without `kind` is single."""
CREDITS = ("exact", "proportional", "penalised")


@dataclass(frozen=True)
class ChoiceDesc:
    """One line of a question with its key; what it stands for depends on the kind.

    A choice (single, multiple, true-false, survey), words or a number to accept or expect (text, number),
    a thing to put in place `mark` (ordering), a thing that belongs to `pair` (matching), a row whose right
    column is `mark` (matrix), a piece of a message (spot), a criterion worth `mark` points (open).
    `is_unsure` marks “Tôi chưa chắc”, neither right nor wrong.
    """

    key: str
    text: str
    is_right: bool
    is_unsure: bool
    feedback: str
    mark: str = ""
    pair: str = ""
    line: int = 0


@dataclass(frozen=True)
class ColumnDesc:
    """A column of a matrix: its key and words."""

    key: str
    text: str


@dataclass(frozen=True)
class QuestionDesc:
    """One question of a bank; `use` is practice, check or both.

    `plain_letters` accepts typed words without diacritics; `names` are written letter for letter all the
    same. `tolerance` and the numbers to accept are decimals as text with a point. `near` names a group of
    questions that never stand on one paper. `picture` is one line of Markdown, `sender` who sent the
    message of a spot question.
    """

    id: str
    text: str
    skill: str
    difficulty: int
    use: str
    lesson: str
    choices: tuple[ChoiceDesc, ...]
    explanation: str
    file: Path
    line: int
    kind: str = "single"
    credit: str = "exact"
    columns: tuple[ColumnDesc, ...] = ()
    plain_letters: bool = False
    names: tuple[str, ...] = ()
    tolerance: str = "0"
    unit: str = ""
    hints: tuple[str, ...] = ()
    near: str = ""
    sender: str = ""
    picture: str = ""

    @property
    def in_check(self) -> bool:
        """Tell whether the check of the module may draw this question."""
        return self.use in {"check", "both"}

    @property
    def in_practice(self) -> bool:
        """Tell whether this question stands at the end of its lesson."""
        return self.use in {"practice", "both"}


@dataclass(frozen=True)
class QuizDesc:
    """The bank of a module: how many questions a check draws, what share passes (percent).

    `tries` limits the attempts (0: no limit), `wait` is the minutes between two of them, `counts` says
    which one's mark is shown: best or latest.
    """

    id: str
    module: str
    title: str
    draw: int
    pass_percent: int
    questions: tuple[QuestionDesc, ...]
    file: Path
    tries: int = 0
    wait: int = 0
    counts: str = "best"


@dataclass(frozen=True)
class ModuleDesc:
    """A chủ đề: lessons and one bank."""

    id: str
    slug: str
    former_slugs: tuple[str, ...]
    title: str
    goal: str
    audiences: tuple[str, ...]
    skills: tuple[str, ...]
    required: bool
    text: str
    lessons: tuple[LessonDesc, ...]
    quiz: QuizDesc | None
    reviewer: str
    reviewed_on: date | None
    file: Path
    pictures: tuple[PictureDesc, ...] = ()

    def picture_sizes(self) -> dict[str, tuple[int, int]]:
        """Return width and height of each drawing by the name lessons use."""
        return {picture.name: (picture.width, picture.height) for picture in self.pictures}


@dataclass(frozen=True)
class CourseDesc:
    """A khóa học; `edition` is raised by hand when what it asks changes."""

    id: str
    slug: str
    former_slugs: tuple[str, ...]
    title: str
    order: int
    edition: int
    audiences: tuple[str, ...]
    summary: str
    design: str
    text: str
    modules: tuple[ModuleDesc, ...]
    file: Path


@dataclass(frozen=True)
class PageDesc:
    """A page that stands alone, such as “Đã lỡ bị lừa: một giờ đầu”."""

    id: str
    slug: str
    title: str
    markdown: str
    file: Path


@dataclass(frozen=True)
class Library:
    """Everything the content folders say, in the order it is taught."""

    courses: tuple[CourseDesc, ...]
    pages: tuple[PageDesc, ...]
    skills: tuple[SkillDesc, ...]
    facts: tuple[FactDesc, ...]
    frameworks: tuple[FrameworkDesc, ...]

    def modules(self) -> tuple[ModuleDesc, ...]:
        """Return every module, course by course."""
        return tuple(module for course in self.courses for module in course.modules)

    def lessons(self) -> tuple[LessonDesc, ...]:
        """Return every lesson, module by module."""
        return tuple(lesson for module in self.modules() for lesson in module.lessons)

    def questions(self) -> tuple[QuestionDesc, ...]:
        """Return every question, bank by bank."""
        return tuple(q for module in self.modules() if module.quiz for q in module.quiz.questions)
