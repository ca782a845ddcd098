"""`lms content stats --remarks`: what answers say, on the lines of the authors' files."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from lms import clock
from lms.catalog.catalogue import Module
from lms.catalog.queries import load
from lms.content.editions import canonical, edition_id
from lms.content.problems import Problems
from lms.content.reading import read
from lms.content.remarks import FORMER, Remark, Said, remarks
from lms.db import Database, new_id
from lms.people.actions import make_learner
from lms.quizzes.models import Answer, Attempt, HandIn, PaperQuestion
from tests.ops_test.home import ROOT, Home

BANK = "quizzes/lam-quen/man-hinh.md"
SAMPLE = ROOT / "tests" / "sample"


def answer_papers(home: Home, papers: int = 60) -> Module:
    """Hand in papers on which everybody takes the first wrong line of the first question."""
    found: list[Module] = []

    def write(database: Database) -> None:
        with database.transaction() as db:
            module = next(m for m in load(db).modules.values() if m.id == "man-hinh")
            found.append(module)
            for number in range(papers):
                _write_paper(db, module, number)

    home.with_database(write)
    return found[0]


def _write_paper(db: object, module: Module, number: int) -> None:
    now, attempt = clock.now(), new_id()
    own = {"learner_id": make_learner(db, now), "module_id": module.id, "number": 1}  # type: ignore[arg-type]
    fixed = {"pass_percent": 80, "language": "vi", "audience": "citizen", "level": 0, "mode": "alone"}
    rows = {Attempt: [{"id": attempt, "code": attempt.hex, "started_at": now, "out_of": 3} | own | fixed]}
    for position, question in enumerate(module.bank[:3], start=1):
        of = {"attempt_id": attempt, "question_id": question.id, "edition_id": question.edition_id}
        wrong = next(c.key for c in question.choices if not c.is_right and not c.is_unsure)
        right = next(c.key for c in question.choices if c.is_right)
        choice = wrong if position == 1 or number % (position + 1) == 0 else right
        rows.setdefault(PaperQuestion, []).append(of | {"position": position, "choice_order": "a,b,c,d"})
        rows.setdefault(Answer, []).append(of | {"choice": choice, "at": now})
    rows[HandIn] = [{"attempt_id": attempt, "points": 2, "out_of": 3, "passed": False, "at": now}]
    for model, values in rows.items():
        db.connection().execute(insert(model), values)  # type: ignore[attr-defined]


def line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def test_remarks_stand_on_the_line_they_are_about(home: Home) -> None:
    module = answer_papers(home)
    question, path = module.bank[0], home.content / BANK
    result = home.lms("content", "stats", "--remarks", "--root", str(home.content))
    assert result.exit_code == 0, result.output
    *said, summary = result.output.splitlines()
    places = [re.fullmatch(r"(.+?):(\d+): n=60: .+\.", line) for line in said]
    assert all(places), said
    assert [(m[1], int(m[2])) for m in places if m] == sorted((m[1], int(m[2])) for m in places if m)
    heading = line_of(path, f"{{#{question.id}}}")
    hard = next(line for line in said if "Quá khó" in line)
    assert hard.startswith(f"{BANK}:{heading}: n=60: Quá khó: trung bình chỉ được 0 % số điểm.")
    ahead = next(line for line in said if "(sai) hơn" in line)
    assert f" {next(c.key for c in question.choices if not c.is_right)}) (sai)" in ahead
    number = int(ahead.split(":")[1])
    written = path.read_text(encoding="utf-8").splitlines()[number - 1]
    assert re.match(r"- \[ \] [a-d]\) ", written), f"{number}: {written}"
    assert heading < number < heading + 15
    assert said[0].startswith(f"{BANK}:1: n=60: Điểm trung bình ")
    assert "60 bài làm, 3 câu hỏi" in summary


def test_the_last_count_is_told_until_a_new_one_is_asked_for(home: Home) -> None:
    assert "Chưa có bài kiểm tra nào đã nộp" in home.did("content", "stats", "--remarks")
    answer_papers(home, 9)
    assert "0 câu nên xem lại, 3 câu chưa đủ 10 bài" in home.did("content", "stats", "--remarks")
    answer_papers(home, 40)
    assert "9 bài làm" in home.did("content", "stats", "--remarks"), "what the night has counted"
    assert "49 bài làm" in home.did("content", "stats", "--remarks", "--count")
    answer_papers(home, 1)
    assert home.did("jobs", "run", "count-items") == "count-items: đã đếm 50 bài làm, 3 câu hỏi\n"
    told = json.loads(home.did("content", "stats", "--remarks", "--json"))
    assert told["papers"] == 50
    assert told["counted_at"].startswith("20")
    assert {(one["file"], one["n"]) for one in told["remarks"]} == {(BANK, 50)}
    assert all(one["line"] > 0 and one["message"] for one in told["remarks"])


def test_an_edited_question_keeps_its_remarks_with_a_note(
    home: Home, own_content: Callable[[Home], Home]
) -> None:
    home = own_content(home)
    question = answer_papers(home).bank[0]
    path = home.content / BANK
    text = path.read_text(encoding="utf-8")
    heading = f"{{#{question.id}}}"
    path.write_text(text.replace(f"? {heading}", f" nhỉ? {heading}"), encoding="utf-8")
    said = home.did("content", "stats", "--remarks").splitlines()
    of_question = [line for line in said if "Quá khó" in line or "(sai) hơn" in line]
    assert len(of_question) == 2
    assert all(line.endswith(FORMER) for line in of_question)
    assert not said[0].endswith(FORMER)


def test_counting_belongs_to_remarks(home: Home) -> None:
    result = home.lms("content", "stats", "--count")
    assert result.exit_code == 2
    assert "--count chỉ dùng cùng --remarks." in result.output


def test_without_remarks_no_database_is_asked(tmp_path: Path, empty: Home) -> None:
    assert "câu" in empty.did("content", "stats")
    refused = empty.lms("content", "stats", "--remarks")
    assert refused.exit_code == 1
    assert "lms db upgrade" in refused.output


def test_a_line_that_is_gone_hands_its_remark_to_the_question() -> None:
    library = read(SAMPLE, Problems()).library
    question = library.questions()[0]
    own = {"item_id": question.id, "n": 12, "edition_id": edition_id(canonical(question))}
    said = [Said(message="Hai.", key="y", **own), Said(message="Một.", **own)]  # type: ignore[arg-type]
    assert remarks(library, said) == [
        Remark(question.file, question.line, 12, "Hai."),
        Remark(question.file, question.line, 12, "Một."),
    ]
    assert remarks(library, [replace(said[0], item_id="khong-con")]) == []


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_every_line_of_a_question_can_carry_a_remark(place: int) -> None:
    library = read(SAMPLE, Problems()).library
    question = library.questions()[0]
    choice = question.choices[place]
    made = remarks(library, [Said(question.id, 10, "Thử.", choice.key, "khác")])
    written = (SAMPLE / question.file).read_text(encoding="utf-8").splitlines()[made[0].line - 1]
    assert f"{choice.key}) {choice.text}" in written
    assert str(made[0]) == f"{question.file.as_posix()}:{made[0].line}: n=10: Thử. {FORMER}"
