"""An answered question as a page explains it: what was said, line by line, and what would have been right."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Choice, Question
from lms.quizzes.judging import TYPED, is_known, is_unsure, judge, judge_open
from lms.quizzes.marking import editions, rubric_of
from lms.quizzes.queries import Mark, OpenPaper, PaperRow, handed_in_mark, marks_of, texts_of
from lms.quizzes.responses import NOTHING, best, keys, left_sides, match, pairs
from lms.web.asking import LISTS


@dataclass(frozen=True)
class Told:
    """An answer in words. `lines` are (HTML, HTML of what it was paired with, or nothing).

    `typed` is what somebody wrote, to be escaped; `is_nothing` stands for “no suspicious place”.
    """

    lines: tuple[tuple[str, str], ...] = ()
    is_numbered: bool = False
    is_nothing: bool = False
    typed: str | None = None


@dataclass(frozen=True)
class Said:
    """One line of an answer: right, wrong, missed or plain (rightly left alone), with its feedback.

    `said` and `right` are what it got and should have got: a place, a right side or a column.
    """

    state: str
    html: str
    feedback: str
    said: str = ""
    right: str = ""


@dataclass(frozen=True)
class Reviewed:
    """A question after it was answered.

    `verdict`: right, partly, wrong, unsure, none (no answer), thanks (survey), open, dropped. `key` is the
    right answer where the lines do not tell it. `marks` are the points given to an open answer by
    criterion, None while nobody has marked it.
    """

    kind: str
    html: str
    verdict: str
    told: Told
    explanation: str
    points: Fraction | None = None
    feedback: str = ""
    lines: tuple[Said, ...] = ()
    key: Told | None = None
    key_feedback: str = ""
    criteria: tuple[Choice, ...] = ()
    marks: Mapping[str, int] | None = None
    sender: str = ""
    picture: str = ""
    unit: str = ""

    @property
    def some_right(self) -> bool:
        """Tell whether some line was right though not all were."""
        return self.verdict == "wrong" and any(line.state == "right" for line in self.lines)

    @property
    def is_unmatched(self) -> bool:
        """Tell whether words were typed that no line of the question is about."""
        return self.kind in TYPED and self.verdict == "wrong" and not self.feedback

    @property
    def is_plain(self) -> bool:
        """Tell whether the page needs no more style than every page has."""
        return self.kind in LISTS and not self.picture


def review(
    given: Question,
    by: Question | None,
    choice: str | None,
    text: str | None = None,
    marks: Mapping[str, int] | None = None,
) -> Reviewed:
    """Return what to tell of an answer given on one edition and judged by another; None: it was dropped.

    The question keeps the words it was asked in; marks, feedback and explanation are the judge's.
    """
    if by is None:
        return Reviewed(given.kind, given.html, "dropped", told(given, choice or "", text), "")
    question, said = _judging(given, by, choice or "", text)
    points = judge_open(given, by, dict(marks)) if marks is not None else judge(given, by, choice or "", text)
    verdict = _verdict(question, said, points) if choice is not None else "none"
    chosen = question.choice(said)
    return Reviewed(
        kind=question.kind,
        html=question.html,
        verdict=verdict,
        told=told(question, said, text) if choice is not None else Told(),
        explanation=question.explanation,
        points=points,
        feedback=chosen.reason if chosen else "",
        lines=_said_lines(question, said) if verdict not in {"unsure", "none"} else (),
        key=_key(question, verdict),
        key_feedback=_key_feedback(question),
        criteria=question.lines if question.kind == "open" else (),
        marks=marks,
        sender=question.sender,
        picture=question.picture,
        unit=question.unit,
    )


def _judging(given: Question, by: Question, choice: str, text: str | None) -> tuple[Question, str]:
    """Return the edition that judges, in the words of the one that asked, and the answer as it reads there.

    It follows lms.quizzes.judging: what the judging edition does not know is left to the one that asked.
    """
    if by.edition_id == given.edition_id or not is_known(given, by, choice):
        return given, choice
    if by.kind in TYPED and not is_unsure(given, choice):
        return (by, match(by, text)) if text is not None else (given, choice)
    if is_unsure(given, choice) and by.unsure is not None:
        choice = by.unsure.key
    words = {line.key: line.html for line in given.lines}
    choices = tuple(
        line if line.is_unsure else replace(line, html=words.get(line.key, line.html)) for line in by.choices
    )
    return replace(by, html=given.html, choices=choices), choice


def _verdict(question: Question, choice: str, points: Fraction | None) -> str:
    if question.kind in {"survey", "open"}:
        return "thanks" if question.kind == "survey" else "open"
    if question.unsure is not None and choice == question.unsure.key:
        return "unsure"
    if not points:
        return "wrong"
    return "right" if points == 1 else "partly"


def told(question: Question, choice: str, text: str | None = None) -> Told:
    """Return an answer in words, with nothing that tells whether it is right."""
    found = question.choice(choice)
    if found is not None and (found.is_unsure or question.kind in LISTS):
        return Told(((found.html, ""),))
    if question.kind in TYPED or question.kind == "open":
        return Told(((found.html, ""),) if found and text is None else (), typed=text)
    if choice == NOTHING:
        return Told(is_nothing=True)
    if question.kind in {"matching", "matrix"}:
        return Told(_paired(question, pairs(choice)))
    lines = tuple((line.html, "") for key in keys(choice) if (line := question.choice(key)))
    return Told(lines, is_numbered=question.kind == "ordering")


def _paired(question: Question, chosen: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    words = _words_of_options(question)
    return tuple(
        (line.html, words.get(chosen[line.key], "")) for line in left_sides(question) if line.key in chosen
    )


def _words_of_options(question: Question) -> dict[str, str]:
    if question.kind == "matrix":
        return {column.key: column.html for column in question.columns}
    return {line.key: line.pair_html for line in question.lines}


def _said_lines(question: Question, choice: str) -> tuple[Said, ...]:
    if question.kind in {"multiple", "spot"}:
        ticked = set(keys(choice))
        return tuple(_ticked(line, line.key in ticked) for line in question.lines)
    if question.kind == "ordering":
        return _ordered(question, keys(choice))
    if question.kind in {"matching", "matrix"}:
        return _chosen(question, pairs(choice))
    return ()


def _ticked(line: Choice, is_ticked: bool) -> Said:
    if is_ticked:
        return Said("right" if line.is_right else "wrong", line.html, line.reason)
    return Said("missed" if line.is_right else "plain", line.html, line.reason if line.is_right else "")


def _ordered(question: Question, given: tuple[str, ...]) -> tuple[Said, ...]:
    found = []
    for place, key in enumerate(given, start=1):
        line = question.choice(key)
        if line is not None:
            state = "right" if line.mark == str(place) else "wrong"
            found.append(Said(state, line.html, line.reason, said=str(place), right=line.mark))
    return tuple(found)


def _chosen(question: Question, given: Mapping[str, str]) -> tuple[Said, ...]:
    words, right = _words_of_options(question), pairs(best(question))
    found = []
    for line in left_sides(question):
        said, better = given.get(line.key, ""), right[line.key]
        # The same words may stand in several lines: which of them comes first is no matter.
        state = "right" if words.get(said) == words[better] else "wrong"
        found.append(Said(state, line.html, line.reason, words.get(said, ""), words.get(better, "")))
    return tuple(found)


def _key(question: Question, verdict: str) -> Told | None:
    """Return the right answer, but nothing where all is right, nothing is, or the lines have told it."""
    if verdict in {"right", "thanks", "open"}:
        return None
    if verdict in {"partly", "wrong"} and question.kind in {"multiple", "spot", "matching", "matrix"}:
        return None
    if question.kind in TYPED:
        return Told(tuple((line.html, "") for line in question.lines if line.is_right))
    return told(question, best(question))


def _key_feedback(question: Question) -> str:
    """Return why the right choice is right, where there is one to choose."""
    if question.kind not in LISTS:
        return ""
    return next((line.reason for line in question.lines if line.is_right), "")


def told_of(db: Session, paper: OpenPaper, row: PaperRow, question: Question) -> Told:
    """Return what was answered to a question of a paper, in words."""
    typed = _is_written(question)
    text = texts_of(db, paper.attempt_id).get(row.question_id) if typed else None
    return told(question, row.choice or "", text)


def reviewed_answers(
    db: Session, paper: OpenPaper, catalogue: Catalogue
) -> tuple[tuple[PaperRow, Reviewed], ...]:
    """Return the questions of a paper with their answers, each judged as it counts now."""
    known = editions(db, (row.edition_id for row in paper.rows), catalogue)
    asked = {row.position: known[row.edition_id] for row in paper.rows}
    judge_of = {row.position: catalogue.judged.get(row.edition_id, row.edition_id) for row in paper.rows}
    typed = any(_is_written(question) for question in asked.values())
    texts = texts_of(db, paper.attempt_id) if typed else {}
    by_hand = any(question.kind == "open" for question in asked.values())
    rubric = rubric_of(db, paper.attempt_id) if by_hand else {}
    return tuple(
        (
            row,
            review(
                asked[row.position],
                known[by] if (by := judge_of[row.position]) is not None else None,
                row.choice,
                texts.get(row.question_id),
                rubric.get(row.question_id),
            ),
        )
        for row in paper.rows
    )


def _is_written(question: Question) -> bool:
    return question.kind in TYPED or question.kind == "open"


def marks_so_far(db: Session, paper: OpenPaper) -> tuple[Mark, ...]:
    """Return the mark of a paper at its handing-in and every later one; the last one holds."""
    first = handed_in_mark(paper)
    return (*((first,) if first else ()), *marks_of(db, paper.attempt_id))


def score_words(points: Fraction | int, out_of: Fraction | int) -> str:
    """Write a score: “đúng 4 trên 5 câu”, or with part of a point “được 3,5 trên 5 điểm”."""
    if points.denominator == out_of.denominator == 1:
        return f"đúng {points} trên {out_of} câu"
    return f"được {_spoken(points)} trên {_spoken(out_of)} điểm"


def _spoken(points: Fraction | int) -> str:
    # Down, never up: who has not reached a mark does not read that mark.
    hundredths = points * 100 // 1
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".").replace(".", ",")
