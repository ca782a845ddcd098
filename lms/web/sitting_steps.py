"""A paper of a sitting on the screen: until when, and which page comes next."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

from lms.quizzes.queries import OpenPaper


@dataclass(frozen=True)
class Clock:
    """Until when a paper may be answered, and how many whole minutes that is from now."""

    until: datetime
    left: int


def clock_of(paper: OpenPaper, now: datetime) -> Clock | None:
    """Return the clock of a paper; None outside a sitting."""
    if paper.closes_at is None:
        return None
    return Clock(paper.closes_at, max(int((paper.closes_at - now).total_seconds() // 60), 0))


def next_address(code: str, paper: OpenPaper, now: datetime, after: int = 0) -> str:
    """Return where a paper of a sitting goes on: its next question without an answer, else all of them.

    Questions up to `after` were passed by on purpose: they wait on the page of all questions.
    """
    if paper.ended_at is not None:
        return url_for("check.result", ma=code)
    empty = (row.position for row in paper.rows if row.choice is None and row.position > after)
    position = None if paper.is_over(now) else next(empty, None)
    if position is None:
        return url_for("sitting_paper.overview", ma=code)
    return url_for("check.question", ma=code, so=position)


def seen_number() -> int:
    """Return how many answers, or marks, of one thing the form's page had shown; 0 for none or nonsense."""
    typed = request.form.get("lan", "")
    return int(typed) if re.fullmatch("[0-9]{1,4}", typed, re.ASCII) else 0
