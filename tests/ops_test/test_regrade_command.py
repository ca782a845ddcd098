"""`lms regrade` from the author's file to the mark: looked at first, applied with a reason, once."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms import clock
from lms.accounts.models import StaffAct
from lms.catalog.models import Regrade
from lms.catalog.queries import load
from lms.db import Database
from lms.jobs import Runner, Site
from lms.queue import Job
from lms.quizzes.models import MarkChange
from lms.quizzes.regrade_actions import FINISH, By, decide
from tests.ops_test.home import Home
from tests.quizzes_test.regrade_world import MODULE, QUESTION, take
from tests.story import guest

REASON = "Đáp án cũ ghi nhầm."


def learned(home: Home, *choices: str) -> None:
    """Let guests take the check yesterday, each with a choice to the question."""

    def write(database: Database) -> None:
        with database.transaction() as db:
            catalogue, yesterday = load(db), clock.now() - timedelta(days=1)
            for choice in choices:
                module = catalogue.modules[MODULE]
                take(db, guest(db), module, catalogue, yesterday, db_dau_cong=choice)

    home.with_database(write)


def correct(home: Home, *edits: tuple[str, str]) -> None:
    """Edit the bank as its author does, and publish it."""
    bank = home.content / "quizzes" / "lam-quen" / "danh-ba.md"
    text = bank.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    bank.write_text(text, encoding="utf-8")
    home.did("content", "sync")


MOVED = (("- [x] b) Dấu cộng", "- [ ] b) Dấu cộng"), ("- [ ] c) Hình bánh răng", "- [x] c) Hình bánh răng"))


@pytest.fixture
def edited(home: Home, own_content: Callable[[Home], Home]) -> Home:
    """An installation whose bank may be edited."""
    return own_content(home)


def test_a_corrected_key_is_looked_at_then_applied_with_a_reason(edited: Home) -> None:
    learned(edited, "c", "b", "a")
    correct(edited, *MOVED)
    said = edited.did("regrade", QUESTION)
    assert "3 câu trả lời: 1 bài lên điểm, 1 bài xuống điểm, 0 bài giữ tỷ lệ, 1 bài không đổi." in said
    assert "1 bài chưa đạt thành đạt" in said
    assert "1 bài nay dưới mức đạt, vẫn giữ kết quả đạt" in said
    assert "Lưu số người nhà  2/3 → 3/3  thành đạt" in said
    assert "Chưa đổi gì." in said
    assert (edited.count(Regrade), edited.count(MarkChange)) == (0, 0)

    refused = edited.lms("regrade", QUESTION, "--apply")
    assert (refused.exit_code, edited.count(Regrade)) == (1, 0)
    assert "Chưa ghi lý do" in refused.output

    applied = edited.did("regrade", QUESTION, "--apply", "--reason", REASON, "--by", "Nguyễn Thị Mai")
    assert "Đã đổi điểm 2 bài, trong đó 1 bài thành đạt." in applied
    again = edited.did("regrade", QUESTION, "--apply", "--reason", REASON)
    assert "Lần chấm lại trước đã xong. Không đổi gì." in again
    assert (edited.count(Regrade), edited.count(MarkChange)) == (1, 2)

    def noted(database: Database) -> None:
        with database.reading() as db:
            what = db.scalars(sa.select(StaffAct.what).where(StaffAct.act == "regrade")).one()
            assert what == f"Chấm lại câu hỏi {QUESTION}. Lý do: {REASON}"
            assert db.execute(sa.select(Regrade.by, Regrade.reason)).one() == ("Nguyễn Thị Mai", REASON)

    edited.with_database(noted)


def test_choices_shuffled_and_reworded_in_the_source_change_no_mark(edited: Home) -> None:
    learned(edited, "a", "b", "c", "d")
    bank = (edited.content / "quizzes" / "lam-quen" / "danh-ba.md").read_text(encoding="utf-8")
    start, end = bank.index("- [ ] a) Hình mặt trời"), bank.index("- [?] d) Tôi chưa chắc")
    a, b, c = (f"- [{part}" for part in bank[start:end].split("- [")[1:])
    correct(edited, (bank[start:end], c + a + b), ("Hình mặt trời\n", "Hình ông mặt trời\n"))
    said = edited.did("regrade", QUESTION)
    assert "Không có gì phải chấm lại" in said
    assert json.loads(edited.did("regrade", QUESTION, "--json"))["marks"] == []
    assert edited.lms("regrade", QUESTION, "--apply", "--reason", REASON).exit_code == 0
    assert (edited.count(Regrade), edited.count(MarkChange)) == (0, 0)


def test_a_dropped_question_and_long_lists_are_told_as_asked(edited: Home) -> None:
    learned(edited, *("a" * 22))
    said = edited.did("regrade", QUESTION, "--drop")
    assert "là bỏ câu này" in said
    assert "… còn 2 bài. Thêm --all để xem hết." in said
    assert edited.did("regrade", QUESTION, "--drop", "--all").count("2/3 → 2/2  thành đạt") == 22
    told = json.loads(edited.did("regrade", QUESTION, "--drop", "--json"))
    assert (told["up"], told["passes"], len(told["marks"]), told["to"]) == (22, 22, 22, None)
    edited.did("regrade", QUESTION, "--drop", "--apply", "--reason", REASON)
    assert edited.count(MarkChange) == 22


def test_a_removed_choice_is_told_in_its_words(edited: Home) -> None:
    learned(edited, "a", "a")
    bank = (edited.content / "quizzes" / "lam-quen" / "danh-ba.md").read_text(encoding="utf-8")
    start, end = bank.index("- [ ] a) Hình mặt trời"), bank.index("- [x] b) Dấu cộng")
    extra = "- [ ] e) Hình con cá\n      Con cá không thêm được số.\n"
    correct(edited, (bank[start:end], extra))
    said = edited.did("regrade", QUESTION)
    assert "2 bài trả lời “a” (Hình mặt trời), nay không còn trong câu: giữ điểm cũ." in said


def test_an_unknown_question_and_edition_are_refused_in_words(edited: Home) -> None:
    unknown = edited.lms("regrade", "khong-co")
    assert (unknown.exit_code, "Không có câu hỏi mang mã" in unknown.output) == (1, True)
    edition = edited.lms("regrade", QUESTION, "--from", "zz")
    assert (edition.exit_code, "không chỉ đúng một bản" in edition.output) == (1, True)


def test_what_a_decision_left_is_done_by_the_job_that_it_put_into_the_queue(
    edited: Home, tmp_path: Path
) -> None:
    learned(edited, "c", "b")
    correct(edited, *MOVED)

    def broken_off(database: Database) -> None:
        with database.transaction() as db:
            decide(db, QUESTION, By("Nguyễn Thị Mai", REASON), clock.now() - timedelta(minutes=5), ref="dut")
        runner = Runner(Site(database, edited.config()))
        while runner.run_next():
            pass
        with database.reading() as db:
            job = db.scalars(sa.select(Job).where(Job.name == FINISH)).one()
            assert (job.state, job.error) == ("done", None)

    edited.with_database(broken_off)
    assert edited.count(MarkChange) == 2
