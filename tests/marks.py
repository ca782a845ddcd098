"""One row in every table of marks: for tests of the schema and of who sees what."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.catalog.models import Regrade, RegradeEdition
from lms.db import new_id
from lms.quizzes.models import (
    Answer,
    AnswerChange,
    AnswerText,
    Attempt,
    ExtraMinutes,
    ItemStatistics,
    MarkChange,
    PrintedResult,
    PrintedTest,
    RubricMark,
    Sitting,
    TypedSheet,
)


def let_marks_happen(db: Session, learner_id: uuid.UUID, now: datetime) -> None:
    """Let an attempt of a learner be changed, marked by a person, and regraded."""
    attempt = db.scalars(sa.select(Attempt).where(Attempt.learner_id == learner_id).limit(1)).one()
    given = db.scalars(sa.select(Answer).where(Answer.attempt_id == attempt.id).limit(1)).one()
    own = {"attempt_id": attempt.id, "question_id": given.question_id}
    mark = {"points": 1, "out_of": 1, "scale": 1, "passed": True}
    was = {f"was_{name}": value for name, value in mark.items()}
    by = {"at": now, "by": "Người soạn bài"}
    held = db.scalars(sa.select(Regrade).limit(1)).one_or_none()
    regrade_id = held.id if held else new_id()
    if held is None:
        why = {"ref": regrade_id.hex[-12:], "reason": "Sửa đáp án"}
        db.add(Regrade(id=regrade_id, question_id=given.question_id, **why, **by))
        db.flush()
        db.add(RegradeEdition(regrade_id=regrade_id, edition_id=given.edition_id))
    db.add_all(
        [
            AnswerChange(**own, revision=2, choice="a", at=now),
            AnswerText(**own, revision=1, text="tắt máy"),
            RubricMark(**own, id=new_id(), points="a=1", **by),
            MarkChange(
                id=new_id(),
                attempt_id=attempt.id,
                regrade_id=regrade_id,
                reason="Sửa đáp án",
                **mark,
                **was,
                **by,
            ),
        ]
    )
    if db.scalars(sa.select(ItemStatistics).limit(1)).one_or_none() is None:
        db.add(ItemStatistics(item_id=given.question_id, counted_at=now, n=1, body={}))
    db.flush()


def let_a_class_be_examined(
    db: Session,
    unit_id: uuid.UUID,
    module_id: str,
    account_id: uuid.UUID,
    person_id: uuid.UUID,
    attempt_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Let a class have a sitting with extra minutes, and a printed test with a typed sheet."""
    own = {"unit_id": unit_id, "module_id": module_id, "ref": unit_id.hex[-12:]}
    sitting, printed = new_id(), new_id()
    timed = {"minutes": 15, "opened_at": now, "closes_at": now + timedelta(hours=1)}
    who = {"opened_by": account_id, "witness_id": person_id}
    db.add(Sitting(id=sitting, code=unit_id.hex[-8:], form="", **own, **timed, **who))
    db.add(PrintedTest(id=printed, made_at=now, made_by=account_id, versions={}, **own))
    db.flush()
    by = {"at": now, "by": "Cô Lan"}
    db.add(ExtraMinutes(sitting_id=sitting, person_id=person_id, minutes=5, **by))
    db.add(TypedSheet(test_id=printed, person_id=person_id, entry=1, version="1014", letters="ABC", **by))
    if attempt_id is not None:
        db.add(PrintedResult(test_id=printed, person_id=person_id, attempt_id=attempt_id))
    db.flush()
