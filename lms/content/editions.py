"""The edition of a lesson or question: the exact words a learner saw, and their fingerprint."""

import json
from hashlib import sha256

from lms.content.library import LessonDesc, QuestionDesc
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
    return {
        "v": 1,
        "id": question.id,
        "kind": question.kind,
        "text": question.text,
        "skill": question.skill,
        "choices": [
            {
                "key": choice.key,
                "text": choice.text,
                "right": choice.is_right,
                "unsure": choice.is_unsure,
                "feedback": choice.feedback,
            }
            for choice in question.choices
        ],
        "explanation": question.explanation,
    }
