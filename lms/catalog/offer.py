"""From the authors' library to rows: rendered, hashed and ready for one short transaction."""

import hashlib
import mimetypes
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lms.catalog.rendered import rendered_question
from lms.content.editions import canonical, edition_id
from lms.content.library import (
    CourseDesc,
    LessonDesc,
    Library,
    ModuleDesc,
    PageDesc,
    QuestionDesc,
    QuizDesc,
    SkillDesc,
    StepDesc,
)
from lms.content.render import Renderer, render_variants
from lms.vietnamese import fold


@dataclass(frozen=True)
class OfferedItem:
    """A row of the catalogue as this library wants it."""

    id: str
    kind: str
    parent_id: str | None
    position: int
    title: str
    slug: str
    details: dict[str, Any]
    edition_id: str | None = None
    former_slugs: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfferedPart:
    """Rendered words of an item, one row a variant."""

    item_id: str
    part: str
    variant: int
    position: int
    title: str
    valid_until: date | None
    html: str
    audio: list[dict[str, Any]]


@dataclass(frozen=True)
class OfferedEdition:
    """The canonical text of a lesson or question; `rendered` only for questions."""

    id: str
    item_id: str
    text: str
    rendered: dict[str, Any] | None


@dataclass(frozen=True)
class OfferedFile:
    """A picture or recording, content-addressed by its folder's digest."""

    folder: str
    name: str
    media_type: str
    body: bytes


@dataclass
class Offer:
    """Everything a sync writes."""

    items: list[OfferedItem] = field(default_factory=list)
    parts: list[OfferedPart] = field(default_factory=list)
    lessons: list[OfferedEdition] = field(default_factory=list)
    questions: list[OfferedEdition] = field(default_factory=list)
    courses: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    files: list[OfferedFile] = field(default_factory=list)
    skills: tuple[SkillDesc, ...] = ()


def prepare(library: Library, root: Path) -> Offer:
    """Render and hash a checked library read from `root`; takes seconds, touches no database."""
    with Renderer() as renderer:
        return _Preparer(library, root, renderer).prepare()


class _Preparer:
    """Walks a library once, from the courses down to the choices."""

    def __init__(self, library: Library, root: Path, renderer: Renderer) -> None:
        self.library, self.root, self.renderer = library, root, renderer
        self.offer = Offer(skills=library.skills)
        self.facts = {fact.id: fact for fact in library.facts}

    def prepare(self) -> Offer:
        for position, course in enumerate(self.library.courses):
            self._course(course, position)
        for position, page in enumerate(self.library.pages):
            self._page(page, position)
        return self.offer

    def _page(self, page: PageDesc, position: int) -> None:
        self.offer.items.append(OfferedItem(page.id, "page", None, position, page.title, page.slug, {}))
        self._part(page.id, "text", page.title, page.markdown)

    def _course(self, course: CourseDesc, position: int) -> None:
        details = {"summary": course.summary, "audiences": list(course.audiences), "design": course.design}
        self.offer.items.append(
            OfferedItem(
                course.id,
                "course",
                None,
                position,
                course.title,
                course.slug,
                details,
                former_slugs=course.former_slugs,
            )
        )
        self._part(course.id, "text", course.title, course.text)
        required = [module.id for module in course.modules if module.required]
        self.offer.courses.append((course.id, course.edition, {"modules": required}))
        for place, module in enumerate(course.modules):
            self._module(course, module, place)

    def _module(self, course: CourseDesc, module: ModuleDesc, position: int) -> None:
        details = {
            "goal": module.goal,
            "required": module.required,
            "audiences": list(module.audiences),
            "skills": list(module.skills),
            "is_reviewed": bool(module.reviewer),
        }
        self.offer.items.append(
            OfferedItem(
                module.id,
                "module",
                course.id,
                position,
                module.title,
                module.slug,
                details,
                former_slugs=module.former_slugs,
            )
        )
        media = _Media(self.root, module)
        self.offer.files.extend(media.files.values())
        self._part(module.id, "text", module.title, module.text, media)
        for place, lesson in enumerate(module.lessons):
            self._lesson(module, lesson, place, media)
        if module.quiz:
            self._check(module, module.quiz, media)

    def _lesson(self, module: ModuleDesc, lesson: LessonDesc, position: int, media: "_Media") -> None:
        text = canonical(lesson)
        edition = edition_id(text)
        words = " ".join((lesson.title, lesson.goal, *(f"{s.title} {s.markdown}" for s in lesson.steps)))
        details = {
            "goal": lesson.goal,
            "minutes": lesson.minutes,
            "required": lesson.required,
            "audiences": list(lesson.audiences),
            "skills": list(lesson.skills),
            "remember": self.renderer.inline(lesson.remember),
            "is_reviewed": bool(lesson.reviewer),
            "search_text": fold(words),
        }
        self.offer.items.append(
            OfferedItem(
                lesson.id,
                "lesson",
                module.id,
                position,
                lesson.title,
                lesson.slug,
                details,
                edition_id=edition,
                former_slugs=lesson.former_slugs,
            )
        )
        self.offer.lessons.append(OfferedEdition(edition, lesson.id, text, None))
        for place, step in enumerate(lesson.steps):
            opening = f"{lesson.opening}\n\n" if place == 0 and lesson.opening else ""
            words = opening + step.markdown
            self._part(lesson.id, step.id, step.title, words, media, place, media.recordings(step))

    def _check(self, module: ModuleDesc, quiz: QuizDesc, media: "_Media") -> None:
        details: dict[str, Any] = {"draw": quiz.draw, "pass_percent": quiz.pass_percent}
        # What says nothing is left out here and below, so that older rows are the same as new ones.
        rules = {"tries": quiz.tries, "wait": quiz.wait, "counts": quiz.counts.replace("best", "")}
        details |= {key: value for key, value in rules.items() if value}
        self.offer.items.append(OfferedItem(quiz.id, "check", module.id, 0, quiz.title, "", details))
        for position, question in enumerate(quiz.questions):
            self._question(quiz, question, position, media)

    def _question(self, quiz: QuizDesc, question: QuestionDesc, position: int, media: "_Media") -> None:
        text = canonical(question)
        edition = edition_id(text)
        details: dict[str, Any] = {
            "skill": question.skill,
            "difficulty": question.difficulty,
            "in_check": question.in_check,
            "practice_of": question.lesson if question.in_practice else None,
        }
        if question.near:
            details["near"] = question.near
        self.offer.items.append(
            OfferedItem(
                question.id, "question", quiz.id, position, question.text, "", details, edition_id=edition
            )
        )
        rendered = rendered_question(self.renderer, question, media.base, media.sizes)
        self.offer.questions.append(OfferedEdition(edition, question.id, text, rendered))

    def _part(
        self,
        item_id: str,
        part: str,
        title: str,
        markdown: str,
        media: "_Media | None" = None,
        position: int = 0,
        audio: list[dict[str, Any]] | None = None,
    ) -> None:
        base, sizes = (media.base, media.sizes) if media else ("", {})
        variants = render_variants(self.renderer, markdown, self.facts, image_base=base, sizes=sizes)
        for number, variant in enumerate(variants):
            self.offer.parts.append(
                OfferedPart(
                    item_id, part, number, position, title, variant.valid_until, variant.html, audio or []
                )
            )


class _Media:
    """The pictures and recordings of a module, and the address they are served at.

    The folder of the address is a digest of all their bytes, so browsers may keep them for ever.
    """

    def __init__(self, root: Path, module: ModuleDesc) -> None:
        voices = {voice for lesson in module.lessons for step in lesson.steps for voice in step.audio}
        named = {f"hinh/{picture.file.name}": picture.file for picture in module.pictures}
        named |= {f"tieng/{voice.name}": voice for voice in sorted(voices)}
        bodies = {name: (root / file).read_bytes() for name, file in named.items()}
        digest = hashlib.sha256()
        for name, body in bodies.items():
            digest.update(name.encode() + b"\0" + body + b"\0")
        folder = digest.hexdigest()[:16]
        self.base, self.sizes = f"/tep/{folder}/", module.picture_sizes()
        self.files = {name: OfferedFile(folder, name, _type(name), body) for name, body in bodies.items()}

    def recordings(self, step: StepDesc) -> list[dict[str, Any]]:
        """Return what the player of a step needs."""
        files = [self.files[f"tieng/{voice.name}"] for voice in step.audio]
        return [
            {"address": f"{self.base}{file.name}", "media_type": file.media_type, "size": len(file.body)}
            for file in files
        ]


def _type(name: str) -> str:
    if name.endswith(".opus"):
        return "audio/ogg"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
