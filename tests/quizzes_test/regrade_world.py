"""The sample library with its questions corrected as authors do, and checks taken yesterday."""

import json
import uuid
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.models import Regrade
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.content.editions import edition_id
from lms.db import Database, new_id
from lms.progress.actions import Doer
from lms.quizzes.actions import answer, start_attempt
from lms.quizzes.mark_changes import standings
from lms.quizzes.marking import edition
from lms.quizzes.marking import mark as mark_of
from lms.quizzes.models import Answer, AnswerText, Attempt, HandIn, MarkChange, PaperQuestion
from lms.quizzes.queries import paper_by_id
from lms.quizzes.regrade_actions import By, Step, carry_out, decide
from lms.quizzes.regrade_plan import Plan, dry_run
from lms.quizzes.regrading import case_of
from lms.quizzes.responses import best
from tests.story import ISSUER

QUESTION, OTHER, THIRD = "db-dau-cong", "db-go-nham", "db-so-la"
MODULE = "danh-ba"
DAY = timedelta(days=1)
BY = By("Nguyễn Thị Mai", "Đáp án cũ ghi nhầm.")
Edit = Callable[[dict[str, Any]], None]


def publish(db: Session, offer: Offer, **edits: Edit) -> Offer:
    """Sync the offer with some questions (named with _ for -) edited; return what was offered."""
    changed = {key.replace("_", "-"): edit for key, edit in edits.items()}
    questions, ids = [], {}
    for one in offer.questions:
        if one.item_id in changed:
            rendered = deepcopy(one.rendered or {})
            changed[one.item_id](rendered)
            text = json.dumps(_canonical(rendered), ensure_ascii=False, sort_keys=True)
            one = replace(one, id=edition_id(text), text=text, rendered=rendered)
            ids[one.item_id] = one.id
        questions.append(one)
    items = [replace(item, edition_id=ids.get(item.id, item.edition_id)) for item in offer.items]
    new = replace(offer, questions=questions, items=items)
    sync(db, new, clock.now())
    return new


def _canonical(rendered: dict[str, Any]) -> dict[str, Any]:
    lines = [
        line
        | {"right": line["is_right"], "unsure": line["is_unsure"], "text": line.get("text") or line["html"]}
        for line in rendered["choices"]
    ]
    return {"kind": "single", **rendered, "choices": lines}


def key(*right: str) -> Edit:
    """Mark these choices right, and no other."""

    def edit(rendered: dict[str, Any]) -> None:
        for line in rendered["choices"]:
            line["is_right"] = line["key"] in right

    return edit


def without(gone: str) -> Edit:
    """Take a choice out."""

    def edit(rendered: dict[str, Any]) -> None:
        rendered["choices"] = [line for line in rendered["choices"] if line["key"] != gone]

    return edit


def reversed_order(rendered: dict[str, Any]) -> None:
    """Put the choices the other way round, “Tôi chưa chắc” last."""
    *lines, unsure = rendered["choices"]
    rendered["choices"] = [*reversed(lines), unsure]


def reworded(rendered: dict[str, Any]) -> None:
    """Say everything in other words."""
    rendered["html"] = rendered["text"] = "Hỏi bằng câu khác?"
    for line in rendered["choices"]:
        line["html"] = line["text"] = f"Chữ mới {line['key']}"


def with_another(rendered: dict[str, Any]) -> None:
    """Add a wrong choice."""
    extra = rendered["choices"][0] | {"key": "e", "html": "Ý thêm", "text": "Ý thêm", "is_right": False}
    rendered["choices"].insert(1, extra)


def as_text(*accepted: str) -> Edit:
    """Make it a question answered in words."""

    def edit(rendered: dict[str, Any]) -> None:
        unsure = rendered["choices"][-1]
        lines = [
            unsure | {"key": letter, "text": words, "html": words, "is_right": True, "is_unsure": False}
            for letter, words in zip("abc", accepted, strict=False)
        ]
        rendered |= {"kind": "text", "choices": [*lines, unsure]}

    return edit


def all_of(*edits: Edit) -> Edit:
    """Do several edits one after the other."""

    def edit(rendered: dict[str, Any]) -> None:
        for one in edits:
            one(rendered)

    return edit


def take(
    db: Session,
    doer: Doer,
    module: Module,
    catalogue: Catalogue,
    now: datetime,
    **choices: str,
) -> uuid.UUID:
    """Take a check whose answers are right save those named (with _ for -); return the attempt's id."""
    said = {key.replace("_", "-"): choice for key, choice in choices.items()}
    code = start_attempt(db, doer, module, now)
    attempt_id = db.scalars(sa.select(Attempt.id).where(Attempt.code == code)).one()
    rows = sa.select(PaperQuestion).where(PaperQuestion.attempt_id == attempt_id)
    for row in db.scalars(rows.order_by(PaperQuestion.position)).all():
        given = edition(db, row.edition_id, catalogue)
        choice = said.get(row.question_id, best(given))
        answer(db, doer, code, row.position, choice, catalogue, ISSUER, now)
    return attempt_id


@dataclass(frozen=True)
class Mark:
    """The mark of an attempt that holds."""

    points: Fraction
    out_of: int
    passed: bool


def mark(db: Session, attempt_id: uuid.UUID) -> Mark:
    """Return the mark of an attempt, having insisted that marking its paper anew gives the same."""
    held = standings(db, [attempt_id])[attempt_id]
    paper = paper_by_id(db, attempt_id)
    assert paper is not None
    anew = mark_of(db, paper, load(db))
    assert (anew.points, anew.out_of) == (Fraction(held.points, held.scale), held.out_of // held.scale)
    return Mark(Fraction(held.points, held.scale), held.out_of // held.scale, held.passed)


def plan(db: Session, question: str = QUESTION, *, drop: bool = False) -> Plan:
    """Return the dry run of a question."""
    return dry_run(db, case_of(db, question, drop=drop), load(db), ISSUER, clock.now())


def settle(
    database: Database, question: str = QUESTION, *, drop: bool = False, by: By = BY, ref: str = ""
) -> tuple[Regrade | None, Step]:
    """Decide a regrade and carry it out; return it and what was changed."""
    with database.transaction() as db:
        regrade = decide(db, question, by, clock.now(), ref=ref or new_id().hex[-12:], drop=drop)
    return regrade, finish(database, regrade) if regrade else Step(0)


def finish(database: Database, regrade: Regrade) -> Step:
    """Carry a regrade out to its end; return what was changed."""
    steps = list(carry_out(database, regrade, ISSUER, clock.now))
    return Step(sum(step.marks for step in steps), sum(step.passes for step in steps))


def count(db: Session, model: type, *where: sa.ColumnElement[bool]) -> int:
    """Return how many rows of a table there are."""
    return db.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


def typed(
    db: Session,
    attempts: Sequence[tuple[str, str | None]],
    edition_of: str,
    question: str,
    module: Module,
    learner: uuid.UUID,
    now: datetime,
) -> list[uuid.UUID]:
    """Write attempts at one typed question, given as (key it matched, words or None); return their ids."""
    made = []
    for number, (choice, words) in enumerate(attempts, start=1):
        attempt = Attempt(
            id=new_id(), code=new_id().hex, learner_id=learner, module_id=module.id, number=number,
            started_at=now, out_of=1, pass_percent=80, language="vi", audience="citizen",
            level=0, mode="alone",
        )  # fmt: skip
        db.add(attempt)
        db.flush()
        own = {"attempt_id": attempt.id, "question_id": question}
        db.add(PaperQuestion(**own, position=1, edition_id=edition_of, choice_order="a"))
        db.add(Answer(**own, edition_id=edition_of, choice=choice, at=now))
        if words is not None:
            db.add(AnswerText(**own, revision=1, text=words))
        right = choice == "a"
        db.add(HandIn(attempt_id=attempt.id, points=int(right), out_of=1, scale=1, passed=right, at=now))
        db.flush()
        made.append(attempt.id)
    return made


def changes(db: Session, attempt_id: uuid.UUID) -> list[MarkChange]:
    """Return the later marks of an attempt, oldest first."""
    rows = sa.select(MarkChange).where(MarkChange.attempt_id == attempt_id)
    return list(db.scalars(rows.order_by(MarkChange.at, MarkChange.id)))
