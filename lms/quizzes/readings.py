"""How an answer counts in the figures of its question: by which edition, and whether under the key of now."""

from collections.abc import Hashable
from fractions import Fraction

from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Choice, Question
from lms.quizzes.analysis import Cell
from lms.quizzes.judging import TYPED, is_unsure, judge
from lms.quizzes.marking import edition, judged_by
from lms.quizzes.responses import match

Given = tuple[str, str | None, str | None]
"""An edition, the choice made on it, and the words typed where they have to be matched anew."""
UNMARKED = ("survey", "open")


def rematched(db: Session, catalogue: Catalogue) -> set[str]:
    """Return the editions whose typed answers are judged by another edition: their words are needed."""
    moved = {old for old, new in catalogue.judged.items() if new not in (None, old)}
    return {old for old in moved if edition(db, old, catalogue).kind in TYPED}


def item_key(question: Question) -> Hashable:
    """Return what makes two editions one item of the figures: the key, and every line that can be chosen.

    Stricter than lms.catalog.marking_key: a wrong choice more changes no mark, but whom the others draw.
    """
    is_typed = question.kind in TYPED
    lines = frozenset(
        (c.key, c.is_right, c.is_unsure, c.mark, _side(question, c), c.text if is_typed else "")
        for c in question.choices
    )
    typed = (question.plain_letters, question.names, question.tolerance, question.unit) if is_typed else ()
    return question.kind, question.credit, lines, typed


def _side(question: Question, choice: Choice) -> str:
    """Return which lines share the right side of a line, whatever its words."""
    return min(other.key for other in question.choices if other.pair == choice.pair) if choice.pair else ""


class Readings:
    """Turns counted answers into cells, as they are judged now; each edition is read once."""

    def __init__(self, db: Session, catalogue: Catalogue) -> None:
        """Remember the questions that are offered now and their keys."""
        self._db, self._catalogue = db, catalogue
        self._editions: dict[str, tuple[Question, Question | None, Hashable]] = {}
        self._keys = {question.id: item_key(question) for question in catalogue.questions.values()}

    def cell(self, given: Given, count: int) -> Cell:
        """Return the cell of an answer.

        Its item is the question's id where the key is that of now; answers under another key tell
        something about their people, nothing about the question as it is.
        """
        edition_id, choice, text = given
        asked, by, item = self._edition(edition_id)
        if by is None or asked.kind in UNMARKED:
            return Cell(item, choice, count, None)
        if not choice:
            return Cell(item, None, count, 0.0)
        earned = judge(asked, by, choice, text) or Fraction(0)
        if is_unsure(asked, choice):
            choice = by.unsure.key if by.unsure else choice
        elif text is not None and by.kind in TYPED:
            choice = match(by, text)
        return Cell(item, choice, count, float(earned))

    def _edition(self, edition_id: str) -> tuple[Question, Question | None, Hashable]:
        found = self._editions.get(edition_id)
        if found is None:
            asked = edition(self._db, edition_id, self._catalogue)
            by = judged_by(self._db, edition_id, self._catalogue)
            key = item_key(by) if by is not None else None
            item = asked.id if by is not None and key == self._keys.get(asked.id) else (asked.id, key)
            found = self._editions[edition_id] = asked, by, item
        return found
