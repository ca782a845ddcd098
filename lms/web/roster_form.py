"""What was said in the form of a preview: cells typed anew, rows dropped, columns chosen, who is who."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from lms.classrooms.drafts import Draft
from lms.classrooms.table import LONGEST_CELL, MOST_COLUMNS
from lms.vietnamese import nfc
from lms.web.roster_review import Review, person_ref

NEW = "moi"
_CELL = re.compile(r"o-([0-9]{1,5})-([0-9]{1,3})")


def said_in(form: MultiDict[str, str], shown: Review, secret: bytes) -> Draft:
    """Return the draft with what the form says; what was not on the page stays as it was."""
    draft = shown.draft
    return replace(
        draft,
        edits=_edits(form, draft),
        dropped=_dropped(form, draft),
        mapping=_mapping(form, shown),
        answers=_answers(form, shown, secret),
    )


def leaving_in(form: MultiDict[str, str], shown: Review, secret: bytes) -> frozenset[uuid.UUID]:
    """Return who of the absent was ticked as having left."""
    ticked = set(form.getlist("roi"))
    return frozenset(c.person_id for c in shown.plan.absent if person_ref(secret, c.person_id) in ticked)


def _edits(form: MultiDict[str, str], draft: Draft) -> Mapping[tuple[int, int], str]:
    edits = dict(draft.edits)
    for name, typed in form.items():
        found = _CELL.fullmatch(name)
        if found is None:
            continue
        line, column = int(found[1]), int(found[2])
        if line >= len(draft.table.rows) or column >= MOST_COLUMNS:
            continue
        text = nfc(typed).strip()[:LONGEST_CELL]
        if text == draft.table.text(line, column).strip():
            edits.pop((line, column), None)
        else:
            edits[(line, column)] = text
    return edits


def _dropped(form: MultiDict[str, str], draft: Draft) -> frozenset[int]:
    on_page = set(_lines(form.getlist("dong"), draft))
    ticked = {line for line in on_page if f"bo-{line}" in form}
    return (draft.dropped - on_page) | ticked


def _lines(typed: Iterable[str], draft: Draft) -> Iterable[int]:
    numbers = (int(text) for text in typed if re.fullmatch(r"[0-9]{1,5}", text))
    return (line for line in numbers if line < len(draft.table.rows))


def _mapping(form: MultiDict[str, str], shown: Review) -> Mapping[str, int] | None:
    """Return the columns chosen, None as long as they are those we found."""
    names = [name for name in shown.where.fields if f"cot-{name}" in form]
    if not names:
        return shown.draft.mapping
    chosen = {name: form[f"cot-{name}"] for name in names}
    mapping = {name: int(at) for name, at in chosen.items() if re.fullmatch(r"[0-9]{1,3}", at)}
    return shown.draft.mapping if mapping == shown.reading.mapping else mapping


def _answers(form: MultiDict[str, str], shown: Review, secret: bytes) -> Mapping[int, uuid.UUID | None]:
    answers = dict(shown.draft.answers)
    for question in shown.plan.questions:
        typed = form.get(f"hoi-{question.row.line}")
        refs = {person_ref(secret, copy.person_id): copy.person_id for copy in question.options}
        if typed == NEW:
            answers[question.row.line] = None
        elif typed in refs:
            answers[question.row.line] = refs[typed]
    return answers
