"""Every kind of question, from the guide's examples to the mistakes an author makes."""

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import html5lib
import pytest
from content_faults import Fault
from kind_faults import CHECKED, FAULTS

from lms.content import check, load
from lms.content.kinds import KIND, UNSURE
from lms.content.library import KINDS, QuestionDesc
from lms.content.likeness import alike
from lms.content.preview import write_preview
from lms.content.problems import Problem, Problems
from lms.content.reading import read
from lms.content.render import Renderer
from lms.content.stats import statistics
from tests.kinds import BANK, GUIDE, blocks_of_the_guide, library_of_kinds

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """One child for all these checks."""
    with Renderer() as shared:
        yield shared


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one question of each kind; not to be changed."""
    return library_of_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def questions(kinds: Path) -> dict[str, QuestionDesc]:
    """The questions of the guide by kind."""
    return {question.kind: question for question in load(kinds).questions()}


def _planted(fault: Fault, kinds: Path, folder: Path) -> tuple[Path, tuple[Path, int]]:
    root = shutil.copytree(kinds, folder / "library")
    return root, fault.plant(root)


def _without_register(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if "ids.txt" not in str(problem)]


def test_the_guide_has_one_example_of_each_kind_and_all_pass_the_check(
    kinds: Path, renderer: Renderer
) -> None:
    assert [str(problem) for problem in check(kinds, TODAY, renderer=renderer)] == []
    assert [question.kind for question in load(kinds).questions()] == list(KINDS) == list(KIND)
    assert len(blocks_of_the_guide()) == len(KINDS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_a_question_is_reported_once_at_its_line(
    fault: Fault, kinds: Path, tmp_path: Path
) -> None:
    root, place = _planted(fault, kinds, tmp_path)
    problems = Problems()
    read(root, problems)
    assert [(p.file, p.line) for p in problems] == [place], [str(p) for p in problems]
    assert fault.words in next(iter(problems)).message


@pytest.mark.parametrize("fault", CHECKED, ids=lambda fault: fault.name)
def test_a_fault_that_does_not_stop_the_reading_is_found_by_the_check(
    fault: Fault, kinds: Path, tmp_path: Path, renderer: Renderer
) -> None:
    root, place = _planted(fault, kinds, tmp_path)
    found = _without_register(check(root, TODAY, renderer=renderer))
    assert [(p.file, p.line) for p in found] == [place], [str(p) for p in found]
    assert fault.words in found[0].message


def test_what_an_author_writes_is_read_with_its_marks_pairs_and_lines(
    questions: dict[str, QuestionDesc],
) -> None:
    assert [line.mark for line in questions["ordering"].choices] == ["3", "1", "4", "2", ""]
    assert [line.mark for line in questions["matrix"].choices] == ["k", "n", "k", "n", ""]
    assert [(column.key, column.text) for column in questions["matrix"].columns] == [
        ("n", "Nên làm"),
        ("k", "Không nên"),
    ]
    matching = questions["matching"]
    assert [line.pair for line in matching.choices] == [
        "Bắt vội", "Bắt giấu", "Đòi mã", "Bắt vội", "Hỏi thăm", "",
    ]  # fmt: skip
    assert [line.is_right for line in matching.choices] == [True] * 4 + [False] * 2
    assert [line.mark for line in questions["number"].choices] == ["1500000", "150000", "15000000", ""]
    assert questions["text"].names == ("OTP",)
    assert questions["text"].plain_letters
    assert len(questions["text"].hints) == 2
    assert questions["text"].picture.endswith("(hinh/tin-nhan-ma.svg)")
    assert questions["spot"].sender == "Số lạ"
    assert questions["true-false"].near == "hoi-ma-otp"
    assert [line.mark for line in questions["open"].choices] == ["2", "1", "1"]
    single = questions["single"]
    assert [line.line - single.line for line in single.choices] == [6, 8, 10, 12]


def test_each_kind_has_its_own_usual_credit(questions: dict[str, QuestionDesc]) -> None:
    assert {kind: q.credit for kind, q in questions.items() if q.credit != "exact"} == {
        "multiple": "proportional",
        "matching": "proportional",
        "matrix": "proportional",
        "spot": "penalised",
    }


def test_the_head_says_how_the_check_is_held(tmp_path: Path) -> None:
    head = "draw: 5\npass: 70\ntries: 3\nwait: 10\ncounts: latest\n"
    quiz = load(library_of_kinds(tmp_path, head)).modules()[0].quiz
    assert quiz is not None
    assert (quiz.draw, quiz.pass_percent, quiz.tries, quiz.wait, quiz.counts) == (5, 70, 3, 10, "latest")


def test_tolerance_is_kept_as_a_decimal_with_a_point(kinds: Path, tmp_path: Path) -> None:
    root = shutil.copytree(kinds, tmp_path / "library")
    path = root / BANK
    text = path.read_text(encoding="utf-8")
    for written, kept in (("0,5", "0.5"), ("1.000 đồng", "1000"), ("2", "2")):
        path.write_text(text.replace("unit: đồng", f"unit: đồng\ntolerance: {written}"), encoding="utf-8")
        assert [q.tolerance for q in load(root).questions() if q.kind == "number"] == [kept]


def test_a_genuine_message_has_nothing_suspicious(kinds: Path, tmp_path: Path) -> None:
    root = shutil.copytree(kinds, tmp_path / "library")
    path = root / BANK
    before, spot = path.read_text(encoding="utf-8").split("kind: spot")
    path.write_text(f"{before}kind: spot{spot.replace('- [x]', '- [ ]')}", encoding="utf-8")
    assert next(q for q in load(root).questions() if q.kind == "spot").choices[2].is_right is False


def test_the_preview_of_a_bank_shows_every_kind_in_plain_words(
    kinds: Path, renderer: Renderer, tmp_path: Path
) -> None:
    page = write_preview(read(kinds, Problems()), Path(BANK), TODAY, tmp_path)
    tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    said = " ".join(" ".join(tree.itertext()).split())
    assert [kind.name for kind in KIND.values() if kind.name not in said] == []
    for words in (
        "Chọn nhiều · đúng phần nào được điểm phần đó",
        "gõ không dấu cũng được · gõ đúng từng chữ: OTP",
        "a) Đến công an xã trình báo thứ 3",
        "“Đọc cho tôi dãy số vừa gửi đến” ⇒ Đòi mã",
        "e) ⇒ Hỏi thăm vế thừa",
        "Gửi ảnh thẻ căn cước cho người mới quen ⇒ Không nên",
        "Tin từ: Số lạ",
        "✓ Đáng ngờ",
        "Gợi ý: Chữ đầu tiên là chữ O.",
        "a) Khuyên chưa bấm đường dẫn, chưa chuyển tiền 2 điểm",
    ):
        assert words in said
    assert all((page.parent / image.get("src")).is_file() for image in tree.iter("img"))
    assert len(list(tree.iter("img"))) == 1


def test_the_figures_count_only_questions_that_can_evidence_a_skill(kinds: Path) -> None:
    rows = {row.skill: row for row in statistics(read(kinds, Problems()), TODAY).skills}
    both = rows["kiem-tra-bang-so-da-luu"]
    assert (both.questions, both.check, both.practice) == (2, 1, 2), "a matrix and a survey"
    assert (rows["dung-lai-khi-bi-giuc"].questions, rows["dung-lai-khi-bi-giuc"].check) == (3, 2), (
        "one is open"
    )


def test_the_guide_explains_messages_that_are_really_given() -> None:
    table = GUIDE.read_text(encoding="utf-8").rpartition("## Lời báo nào nghĩa là gì")[2]
    rows = re.findall(r"^\| ((?:[^|])+?) \| .+ \|$", table, re.MULTILINE)[1:]
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lms/content").glob("*.py"))
    source = source.replace("{UNSURE}", UNSURE)
    parts = [part.strip(" “”[]()") for row in rows for part in re.split(r"…|\b\d\b", row)]
    assert len(rows) > 20
    assert [part for part in parts if part not in source] == []


def test_questions_of_one_near_group_may_be_alike(questions: dict[str, QuestionDesc]) -> None:
    one = questions["number"]
    two = replace(one, id="khac", text=one.text.replace("tiền học", "tiền điện"))
    assert [(a.id, b.id) for a, b in alike((one, two))] == [(one.id, "khac")]
    grouped = [replace(question, near="so-tien") for question in (one, two)]
    assert list(alike(grouped)) == []
    assert list(alike((one, replace(two, use="practice")))) == []
    assert list(alike((one, replace(two, choices=questions["multiple"].choices)))) == []


def test_a_bank_of_500_questions_is_looked_through_in_a_second(questions: dict[str, QuestionDesc]) -> None:
    stems = [f"Việc {n % 20} rồi việc {n // 20} và máy {n * 7} thì nên hỏi ai {n}?" for n in range(500)]
    single = questions["single"]
    bank = [replace(single, id=f"c-{n}", text=stem) for n, stem in enumerate(stems)]
    bank.append(replace(bank[0], id="lap-lai"))
    began = time.perf_counter()
    assert ("c-0", "lap-lai") in [(a.id, b.id) for a, b in alike(bank)]
    assert time.perf_counter() - began < 2


def test_a_draft_without_anything_is_a_list_of_problems_not_an_exception(tmp_path: Path) -> None:
    for kind in KINDS:
        path = tmp_path / "quizzes" / "x" / f"{kind}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"title: x\n\n## \nkind: {kind}\n", encoding="utf-8")
    problems = Problems()
    reading = read(tmp_path, problems)
    assert {q.kind for bank in reading.banks for q in bank.questions} == set(KINDS)
    assert len(problems) > 3 * len(KINDS)
