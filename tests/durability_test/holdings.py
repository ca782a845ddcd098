"""What a database holds, beside what a ledger says was acknowledged."""

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from tests.durability_test.clients import QUESTIONS, Ledger
from tests.durability_test.site import Site

ANSWERS = """
SELECT attempts.code, paper_questions.position, answers.choice FROM answers
JOIN attempts ON attempts.id = answers.attempt_id
JOIN paper_questions ON paper_questions.attempt_id = answers.attempt_id
AND paper_questions.question_id = answers.question_id
"""
COMPLETIONS = """
SELECT attempts.code, item_completions.item_id FROM item_completions
JOIN attempts ON attempts.learner_id = item_completions.learner_id
"""
HAND_INS = "SELECT attempts.code FROM hand_ins JOIN attempts ON attempts.id = hand_ins.attempt_id"
EVENTS = ("answers", "hand_ins", "attempts", "item_completions", "learners")


def losses(site: Site, ledger: Ledger) -> list[object]:
    """Return everything acknowledged that the database does not hold once and as it was given."""
    answers = {(code, position): choice for code, position, choice in site.rows(ANSWERS)}
    attempts = Counter(code for (code,) in site.rows("SELECT code FROM attempts"))
    hand_ins = Counter(code for (code,) in site.rows(HAND_INS))
    completions = Counter((code, item) for code, item in site.rows(COMPLETIONS))
    lost: list[object] = [key for key, choice in ledger.answers.items() if answers.get(key) != choice]
    lost += [code for code in ledger.started if attempts[code] != 1]
    lost += [("handed in", code) for code in ledger.handed_in if hand_ins[code] != 1]
    lost += [("lesson", *key) for key in ledger.lessons if completions[key] != 1]
    return lost


def doubles(site: Site, ledger: Ledger) -> list[object]:
    """Return everything the database holds twice, or that nobody sent."""
    answers = Counter((code, position) for code, position, _ in site.rows(ANSWERS))
    found: list[object] = [key for key, count in answers.items() if count > 1 or key not in ledger.sent]
    found += [key for key, count in Counter(site.rows(HAND_INS)).items() if count > 1]
    found += [key for key, count in Counter(site.rows(COMPLETIONS)).items() if count > 1]
    found += site.rows(
        "SELECT learner_id, count(*) FROM attempts GROUP BY learner_id, module_id HAVING count(*) > 1"
    )
    return found


def half_done(site: Site) -> list[object]:
    """Return the attempts whose paper, answers and hand-in do not belong together."""
    papers = Counter(code for (code,) in site.rows("SELECT code FROM attempts"))
    rows = site.rows(
        "SELECT attempts.code FROM paper_questions JOIN attempts ON attempts.id = paper_questions.attempt_id"
    )
    drawn = Counter(code for (code,) in rows)
    answered = Counter(code for code, _, _ in site.rows(ANSWERS))
    ended = {code for (code,) in site.rows(HAND_INS)}
    found: list[object] = [code for code in papers if drawn[code] != QUESTIONS]
    return found + [code for code in papers if (answered[code] == QUESTIONS) != (code in ended)]


def right_choices(site: Site, code: str) -> dict[int, str]:
    """Return the right choice at each position of an attempt's paper."""
    rows = site.rows(
        "SELECT position, rendered FROM paper_questions "
        "JOIN attempts ON attempts.id = attempt_id "
        "JOIN question_editions ON question_editions.id = edition_id WHERE code = :code",
        code=code,
    )
    return {position: _right(rendered) for position, rendered in rows}


def _right(rendered: Any) -> str:
    question = json.loads(rendered) if isinstance(rendered, str) else rendered
    return next(str(choice["key"]) for choice in question["choices"] if choice["is_right"])


def assert_intact(site: Site) -> None:
    """Insist that the file is sound and that every kind of event there is refuses to be edited."""
    if site.kind == "sqlite":
        assert site.one("PRAGMA integrity_check") == "ok"
        assert site.rows("PRAGMA foreign_key_check") == []
    kinds = [table for table in EVENTS if site.one(f"SELECT count(*) FROM {table}")]
    assert "learners" in kinds
    for table in kinds:
        with pytest.raises(DatabaseError, match="appended, never edited"), site.database() as connection:
            connection.execute(sa.text(f"DELETE FROM {table}"))
