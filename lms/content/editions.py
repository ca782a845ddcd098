"""The edition of a lesson or question: the exact words a learner saw, and their fingerprint."""

import json
from collections.abc import Iterator
from hashlib import sha256

from lms.content.library import ChoiceDesc, LessonDesc, QuestionDesc
from lms.vietnamese import nfc


def canonical(item: LessonDesc | QuestionDesc) -> str:
    """Return what a learner may see of `item` as JSON: sorted keys, no spaces, NFC.

    Where it stands, its file, minutes and reviewer are left out: they change no edition.
    """
    value = _lesson(item) if isinstance(item, LessonDesc) else _question(item)
    return nfc(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def edition_id(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hex."""
    return sha256(text.encode("utf-8")).hexdigest()


def _lesson(lesson: LessonDesc) -> dict[str, object]:
    return {
        "v": 1,
        "id": lesson.id,
        "language": lesson.language,
        "title": lesson.title,
        "goal": lesson.goal,
        "opening": lesson.opening,
        "steps": [{"id": s.id, "title": s.title, "markdown": s.markdown} for s in lesson.steps],
        "remember": lesson.remember,
    }


def _question(question: QuestionDesc) -> dict[str, object]:
    plain: dict[str, object] = {
        "v": 1,
        "id": question.id,
        "kind": question.kind,
        "text": question.text,
        "skill": question.skill,
        "choices": [_choice(choice) for choice in question.choices],
        "explanation": question.explanation,
    }
    extras = {key: value for key, value in _extras(question) if value}
    # Version 1 is what questions were before they had kinds: such a question keeps its edition for ever.
    if question.kind == "single" and not extras:
        return plain
    return plain | {"v": 2, "credit": question.credit} | extras


def _choice(choice: ChoiceDesc) -> dict[str, object]:
    plain: dict[str, object] = {
        "key": choice.key,
        "text": choice.text,
        "right": choice.is_right,
        "unsure": choice.is_unsure,
        "feedback": choice.feedback,
    }
    return plain | {key: value for key, value in (("mark", choice.mark), ("pair", choice.pair)) if value}


def _extras(question: QuestionDesc) -> Iterator[tuple[str, object]]:
    yield "columns", [{"key": column.key, "text": column.text} for column in question.columns]
    yield "plain_letters", question.plain_letters
    yield "names", list(question.names)
    yield "tolerance", "" if question.tolerance == "0" else question.tolerance
    yield "unit", question.unit
    yield "hints", list(question.hints)
    yield "sender", question.sender
    yield "picture", question.picture
