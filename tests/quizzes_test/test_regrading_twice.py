"""Regrades one upon the other: what stands before a decision is what the one before made of it."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from lms import clock
from lms.catalog.offer import Offer
from lms.catalog.queries import load
from lms.db import Database, ScopedSession
from lms.quizzes.marking import mark as mark_of
from lms.quizzes.models import AnswerText
from lms.quizzes.queries import paper_by_id
from tests.quizzes_test.regrade_world import (
    DAY,
    MODULE,
    QUESTION,
    Mark,
    as_text,
    mark,
    publish,
    reworded,
    settle,
    take,
    typed,
)
from tests.story import guest


@pytest.fixture
def yesterday() -> datetime:
    """Give a moment long before any decision of the test."""
    return clock.now() - DAY


def test_typed_words_that_a_regrade_made_right_are_taken_out_whole_when_the_question_is_dropped(
    db: ScopedSession, database: Database, offer: Offer, yesterday: datetime
) -> None:
    publish(db, offer, db_dau_cong=as_text("dấu cộng"))
    module = load(db).modules[MODULE]
    said: list[tuple[str, str | None]] = [("-", "hình cộng"), ("-", "hình cộng")]
    both = typed(db, said, module.bank[0].edition_id, QUESTION, module, guest(db).learner_id, yesterday)
    publish(db, offer, db_dau_cong=as_text("hình cộng"))
    settle(database)
    assert [mark(db, each) for each in both] == [Mark(1, 1, passed=True)] * 2
    db.execute(sa.delete(AnswerText).where(AnswerText.attempt_id == both[1]))
    settle(database, drop=True)
    assert [mark(db, each) for each in both] == [Mark(0, 0, passed=True)] * 2


def test_a_paper_whose_questions_were_all_reworded_since_is_marked_in_one_statement_more(
    db: ScopedSession, database: Database, offer: Offer, yesterday: datetime
) -> None:
    catalogue = load(db)
    attempt = take(db, guest(db), catalogue.modules[MODULE], catalogue, yesterday, db_dau_cong="a")
    publish(db, offer, db_dau_cong=reworded, db_go_nham=reworded, db_so_la=reworded)
    now, paper = load(db), paper_by_id(db, attempt)
    assert paper is not None
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    sa.event.listen(database.writer, "before_cursor_execute", note)
    score = mark_of(db, paper, now)
    sa.event.remove(database.writer, "before_cursor_execute", note)
    assert (score.points, score.out_of) == (2, 3)
    assert len(asked) == 1, asked
