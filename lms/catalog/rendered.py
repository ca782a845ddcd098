"""A question as HTML and plain values: made when it is published, read back when it is shown."""

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from lms.catalog.catalogue import Choice, Column, Question

# Who shows questions reads them back only: the readers of authors' files stay out of its memory.
if TYPE_CHECKING:
    from lms.content.library import ChoiceDesc, QuestionDesc
    from lms.content.render import Renderer

_TAGS = re.compile(r"<[^>]+>")
_TYPED = ("text", "number")
_TUPLES = ("names", "hints")
_PLAIN = ("kind", "credit", "plain_letters", "tolerance", "unit", "sender", "picture")


def rendered_question(
    renderer: "Renderer", question: "QuestionDesc", image_base: str, sizes: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    """Return what QuestionEdition keeps: everything a page or the marking of an answer asks of a question.

    A picture gets its address under `image_base`.
    """
    asked = renderer.inline(question.text)
    picture = renderer.html(question.picture, image_base, sizes) if question.picture else ""
    return {
        "html": asked,
        "text": unescape(_TAGS.sub("", asked)),
        "explanation": renderer.html(question.explanation),
        "choices": [_choice(renderer, question, choice) for choice in question.choices],
        "kind": question.kind,
        "credit": question.credit,
        "columns": [{"key": c.key, "html": renderer.inline(c.text)} for c in question.columns],
        "plain_letters": question.plain_letters,
        "names": list(question.names),
        "tolerance": question.tolerance,
        "unit": question.unit,
        "hints": [renderer.inline(hint) for hint in question.hints],
        "sender": question.sender,
        "picture": picture,
    }


def question_of(
    question_id: str, edition_id: str, rendered: Mapping[str, Any], details: Mapping[str, Any]
) -> Question:
    """Put a question together from its edition's `rendered` and its item's `details`.

    Editions of before questions had kinds say nothing of what they lack: they are single.
    """
    known: dict[str, Any] = {name: rendered[name] for name in _PLAIN if name in rendered}
    known |= {name: tuple(rendered[name]) for name in _TUPLES if name in rendered}
    return Question(
        id=question_id,
        edition_id=edition_id,
        html=rendered["html"],
        text=rendered["text"],
        skill=details.get("skill", ""),
        difficulty=details.get("difficulty", 1),
        choices=tuple(Choice(**choice) for choice in rendered["choices"]),
        explanation=rendered["explanation"],
        columns=tuple(Column(**column) for column in rendered.get("columns", ())),
        near=details.get("near", ""),
        **known,
    )


def _choice(renderer: "Renderer", question: "QuestionDesc", choice: "ChoiceDesc") -> dict[str, Any]:
    # Words that typed answers are compared with are shown letter for letter, not read as Markdown.
    is_typed = question.kind in _TYPED and not choice.is_unsure
    return {
        "key": choice.key,
        "html": escape(choice.text, quote=False) if is_typed else renderer.inline(choice.text),
        "feedback": renderer.html(choice.feedback),
        "is_right": choice.is_right,
        "is_unsure": choice.is_unsure,
        # 1.500 is a thousand and a half to its author, 1.5 to a computer: a number is kept as it was read.
        "text": choice.mark if question.kind == "number" and choice.mark else choice.text,
        "mark": choice.mark,
        "pair": choice.pair,
        "pair_html": renderer.inline(choice.pair) if choice.pair else "",
    }
