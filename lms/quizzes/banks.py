"""The banks as their authors look after them: every question ever published, its editions and regrades."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from lms.catalog.catalogue import Question
from lms.catalog.marking_key import key_of
from lms.catalog.models import CatalogItem, QuestionEdition, Regrade
from lms.catalog.queries import judged_until
from lms.catalog.rendered import question_of
from lms.db import unscoped
from lms.quizzes.models import Answer, MarkChange
from lms.quizzes.regrade_actions import regrades_of
from lms.quizzes.regrading import editions_of
from lms.quizzes.responses import best, words

COUNTED = 10_000
"""More answers of an edition than so many are “more than”."""
_answer, _mark = Answer.__table__, MarkChange.__table__


@dataclass(frozen=True)
class Row:
    """A question of a bank; `is_due` when its key was corrected and what was answered before was not."""

    id: str
    text: str
    kind: str
    use: str
    editions: int
    is_retired: bool
    is_due: bool
    is_dropped: bool


@dataclass(frozen=True)
class Bank:
    """The questions of a module's check, as they stand in the file."""

    id: str
    course: str
    module: str
    questions: tuple[Row, ...]


def banks(db: Session) -> list[Bank]:
    """Return the banks of every course in the order of teaching. Five statements."""
    kinds = ("course", "module", "check", "question")
    items = db.scalars(select(CatalogItem).where(CatalogItem.kind.in_(kinds)).order_by(CatalogItem.position))
    children: dict[str | None, list[CatalogItem]] = defaultdict(list)
    for item in items:
        children[item.parent_id].append(item)
    asked = [item for group in children.values() for item in group if item.kind == "question"]
    rows = _rows(db, asked, judged_until(db))
    return [
        Bank(check.id, course.title, module.title, tuple(rows[q.id] for q in children[check.id]))
        for course in children[None]
        for module in children[course.id]
        for check in children[module.id]
        if check.kind == "check" and children[check.id]
    ]


def _rows(db: Session, items: Sequence[CatalogItem], judged: Mapping[str, str | None]) -> dict[str, Row]:
    current = {item.edition_id: item.id for item in items if item.edition_id}
    numbers = select(QuestionEdition.item_id, func.count()).group_by(QuestionEdition.item_id)
    count = {row[0]: row[1] for row in db.execute(numbers)}
    wanted = [item.id for item in items if count.get(item.id, 0) > 1]
    loaded = _editions(db, wanted, current)
    due = _due(db, {item.id: item.edition_id or "" for item in items if item.id in wanted}, loaded, judged)
    return {
        item.id: Row(
            item.id,
            loaded[item.edition_id or ""].text if item.edition_id in loaded else item.title,
            loaded[item.edition_id or ""].kind if item.edition_id in loaded else "single",
            _use(item),
            count.get(item.id, 0),
            item.retired_at is not None,
            item.id in due,
            judged.get(item.edition_id or "", "") is None,
        )
        for item in items
    }


def _use(item: CatalogItem) -> str:
    if not item.details["in_check"]:
        return "practice"
    return "both" if item.details["practice_of"] else "check"


def _editions(db: Session, several: Sequence[str], current: Mapping[str, str]) -> dict[str, Question]:
    """Return every current edition, and all editions of the questions that have several."""
    rows = select(QuestionEdition).where(
        QuestionEdition.item_id.in_(several) | QuestionEdition.id.in_(list(current))
    )
    return {row.id: question_of(row.item_id, row.id, row.rendered, {}) for row in db.scalars(rows)}


@unscoped("looks only whether an edition was answered, by anybody")
def _due(
    db: Session,
    current: Mapping[str, str],
    loaded: Mapping[str, Question],
    judged: Mapping[str, str | None],
) -> set[str]:
    """Return the questions that have answers on an edition judged by another key than the current one."""
    owners = {}
    for key, question in loaded.items():
        target = loaded.get(current.get(question.id, ""))
        by = judged.get(key, key)
        if target is not None and by is not None and by in loaded and key_of(loaded[by]) != key_of(target):
            owners[key] = question.id
    if not owners:
        return set()
    answered = exists().where(_answer.c.edition_id == QuestionEdition.id)
    rows = select(QuestionEdition.id).where(QuestionEdition.id.in_(owners), answered)
    return {owners[key] for key in db.scalars(rows)}


# ---- one question ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """In what an edition differs from the one in use: its key, and lines by their letters."""

    key: bool
    asked: bool
    explained: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    reworded: tuple[str, ...]

    @property
    def is_only_order(self) -> bool:
        """Tell whether nothing differs but the order of the lines, or what no learner reads."""
        return not (self.key or self.asked or self.explained or self.added or self.removed or self.reworded)


@dataclass(frozen=True)
class EditionRow:
    """An edition: since when, how many answers it has, how it differs from the one in use.

    `answers` is None for more than COUNTED. `judged_by` is the edition that judges it; None: dropped.
    """

    question: Question
    first_at: datetime
    answers: int | None
    difference: Difference
    judged_by: str | None
    is_current: bool


@dataclass(frozen=True)
class RegradeRow:
    """A regrade with how many marks it changed."""

    regrade: Regrade
    marks: int


@dataclass(frozen=True)
class Sheet:
    """Everything an author sees of a question, but its figures."""

    item: CatalogItem
    check: CatalogItem | None
    question: Question | None
    editions: tuple[EditionRow, ...]
    regrades: tuple[RegradeRow, ...]

    @property
    def is_due(self) -> bool:
        """Tell whether answers are judged by another key than the one in use."""
        judges = {row.judged_by for row in self.editions if row.answers != 0}
        return any(row.question.edition_id in judges and row.difference.key for row in self.editions)


def sheet(db: Session, question_id: str) -> Sheet | None:
    """Return a question with its editions, newest first, and its regrades, newest first; None: unknown."""
    rows = select(CatalogItem).where(CatalogItem.id == question_id, CatalogItem.kind == "question")
    item = db.scalars(rows).one_or_none()
    if item is None:
        return None
    found = editions_of(db, question_id)
    check = db.scalars(select(CatalogItem).where(CatalogItem.id == item.parent_id)).one_or_none()
    current = found.get(item.edition_id or "")
    dates = select(QuestionEdition.id, QuestionEdition.first_at).where(QuestionEdition.item_id == question_id)
    since = {row.id: row.first_at for row in db.execute(dates)}
    judged = judged_until(db, question_id)
    editions = tuple(
        EditionRow(
            one,
            since[key],
            _answers(db, key),
            difference(one, current or one),
            judged.get(key, key),
            one is current,
        )
        for key, one in reversed(found.items())
    )
    history = tuple(RegradeRow(one, _marks(db, one)) for one in reversed(regrades_of(db, question_id)))
    return Sheet(item, check, current, tuple(sorted(editions, key=lambda e: not e.is_current)), history)


@unscoped("counts answers without names; the caller is an author")
def _answers(db: Session, edition_id: str) -> int | None:
    some = (
        select(_answer.c.attempt_id).where(_answer.c.edition_id == edition_id).limit(COUNTED + 1).subquery()
    )
    count = db.connection().execute(select(func.count()).select_from(some)).scalar_one()
    return None if count > COUNTED else count


@unscoped("counts marks without names; the caller is an author")
def _marks(db: Session, regrade: Regrade) -> int:
    counted = select(func.count()).select_from(_mark).where(_mark.c.regrade_id == regrade.id)
    return db.connection().execute(counted).scalar_one()


def difference(old: Question, new: Question) -> Difference:
    """Return in what one edition differs from another, line by line, by their letters."""
    before, after = ({line.key: line for line in one.choices} for one in (old, new))
    both = sorted(before.keys() & after.keys())
    said = {key: (before[key].html, before[key].pair_html, before[key].feedback) for key in both}
    return Difference(
        key_of(old) != key_of(new),
        (old.html, old.picture, old.sender) != (new.html, new.picture, new.sender),
        (old.explanation, old.hints) != (new.explanation, new.hints),
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(k for k in both if said[k] != (after[k].html, after[k].pair_html, after[k].feedback)),
    )


def key_in_words(question: Question) -> tuple[str, ...]:
    """Return the right answer of an edition as lines of HTML; none where nothing is right or wrong."""
    if question.kind in {"text", "number"}:
        return tuple(line.html for line in question.lines if line.is_right)
    return words(question, best(question)) if question.kind not in {"survey", "open"} else ()
