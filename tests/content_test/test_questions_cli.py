"""`lms content questions-in` and `questions-out` as authors run them."""

import json
import os
import shutil
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from lms.cli.content import content
from lms.cli.questions import in_command, out_command
from lms.content.problems import Problems
from lms.content.reading import read
from lms.content.stats import counts
from lms.reports.tables import Sheet, write_xlsx
from tests.kinds import BANK, library_of_kinds

SAMPLE = Path(__file__).parents[1] / "sample"
GIFT = Path(__file__).parents[1] / "fixtures" / "questions" / "de-thi.gift"
EMPTY = "quizzes/lam-quen/danh-ba.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The sample, in which the module danh-ba has no bank."""
    copy = shutil.copytree(SAMPLE, tmp_path / "library")
    (copy / EMPTY).unlink()
    return copy


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one question of each kind; not to be changed."""
    return library_of_kinds(tmp_path_factory.mktemp("kinds"))


def _run(root: Path, *words: object) -> Result:
    assert {in_command.name, out_command.name} <= content.commands.keys()
    return CliRunner().invoke(content, [*map(str, words), "--root", str(root)], catch_exceptions=False)


def _refused(result: Result) -> list[str]:
    return [
        line.split(": ")[0].rpartition(":")[2] for line in result.output.splitlines() if ": Đã bỏ: " in line
    ]


def test_a_file_of_a_teacher_comes_in_and_says_line_by_line_what_became_of_it(root: Path) -> None:
    result = _run(root, "questions-in", GIFT, "--module", "danh-ba")
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert lines[0] == "Đã lấy 7 câu · đổi 1 · bỏ 4"
    assert _refused(result) == ["21", "27", "35", "40"]
    numbers = [
        int(line.removeprefix(f"{GIFT}:").split(":")[0]) for line in lines if line.startswith(str(GIFT))
    ]
    assert numbers == sorted(numbers)
    assert len(numbers) >= 12
    assert "Nhóm “Tin học/An toàn” không giữ" in lines[1]
    assert (root / EMPTY).is_file()


def test_the_new_bank_passes_the_check_but_for_its_todos_and_new_ids(root: Path) -> None:
    _run(root, "questions-in", GIFT, "--module", "danh-ba")
    problems = Problems()
    assert counts(read(root, problems))["questions"] > 7
    told = [problem.message for problem in problems if problem.file.as_posix() == EMPTY]
    assert told
    assert [message for message in told if "TODO" not in message] == []
    assert "skill: luu-so" in (root / EMPTY).read_text("utf-8")


def test_nothing_is_overwritten_without_being_told_to(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "cu.md"
    kept.write_text("của tôi", encoding="utf-8")
    bank = root / "quizzes/lam-quen/man-hinh.md"
    before = bank.read_bytes()
    taken = _run(root, "questions-in", GIFT, "--module", "danh-ba", "--out", kept)
    full = _run(root, "questions-in", GIFT, "--module", "man-hinh")
    out = _run(root, "questions-out", "man-hinh", "--gift", kept)
    assert [taken.exit_code, full.exit_code, out.exit_code] == [1, 1, 1]
    assert "--force" in taken.output
    assert "--out" in full.output
    assert (kept.read_text("utf-8"), bank.read_bytes()) == ("của tôi", before)
    _run(root, "questions-in", GIFT, "--module", "danh-ba", "--out", kept, "--force")
    assert kept.read_text("utf-8").startswith("title: ")


def test_what_is_no_plain_file_is_never_replaced(root: Path, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    taken = _run(root, "questions-in", GIFT, "--module", "danh-ba", "--out", pipe, "--force")
    out = _run(root, "questions-out", "man-hinh", "--gift", pipe, "--force")
    assert all("không phải một tệp thường" in result.output for result in (taken, out))
    assert pipe.is_fifo()


@pytest.mark.parametrize("form", ["gift", "xlsx"])
def test_the_bank_of_a_module_goes_out_and_comes_back_the_same(root: Path, tmp_path: Path, form: str) -> None:
    file, back = tmp_path / f"man-hinh.{form}", tmp_path / "back.md"
    out = _run(root, "questions-out", "man-hinh", f"--{form}", file)
    assert (out.exit_code, out.output.splitlines()) == (0, ["Đã ghi 5 câu · mất một phần 0 · không ghi 0"])
    assert _run(root, "questions-in", file, "--module", "man-hinh", "--out", back).exit_code == 0
    assert back.read_text("utf-8") == (root / "quizzes/lam-quen/man-hinh.md").read_text("utf-8")


def test_every_loss_of_gift_is_named_with_the_line_of_the_bank(kinds: Path, tmp_path: Path) -> None:
    result = _run(kinds, "questions-out", "goi-lai", "--gift", tmp_path / "a.gift", "--json")
    told = json.loads(result.output)
    bank = (kinds / BANK).read_text("utf-8").splitlines()
    lost = [(bank[remark["line"] - 1].split("{#")[1][:-1], remark["kind"]) for remark in told["remarks"]]
    assert result.exit_code == 1
    assert [name for name, kind in lost if kind == "refused"] == [
        "gl-thu-tu",
        "gl-nen-khong",
        "gl-tin-giao-hang",
        "gl-luc-nao",
    ]
    assert {name for name, kind in lost if kind == "changed"} == {
        "gl-mat-khau",
        "gl-ten-ma",
        "gl-so-tien",
        "gl-dau-hieu",
    }
    assert "2 gợi ý" in result.output
    assert "hình không ghi được" in result.output


def test_sheets_keep_hints_pictures_and_spelling_and_name_the_kinds_they_cannot_hold(
    kinds: Path, tmp_path: Path
) -> None:
    file, back = tmp_path / "a.xlsx", tmp_path / "back.md"
    out = json.loads(_run(kinds, "questions-out", "goi-lai", "--xlsx", file, "--json").output)
    assert (len(out["questions"]), out["changed"], out["refused"]) == (5, 0, 6)
    _run(kinds, "questions-in", file, "--module", "goi-lai", "--out", back)
    written = back.read_text("utf-8").split("\n## ")[1:]
    bank = (kinds / BANK).read_text("utf-8").split("\n## ")[1:]
    assert [block.strip() for block in written] == [block.strip() for block in bank[:5]]


def test_text_that_excel_would_run_stays_text(kinds: Path, tmp_path: Path) -> None:
    bank = (kinds / BANK).read_text("utf-8").replace("a) Chuyển một ít cho yên tâm", '=HYPERLINK("x")')
    root = shutil.copytree(kinds, tmp_path / "library")
    (root / BANK).write_text(
        bank.replace('- [ ] =HYPERLINK("x")', '- [ ] a) =HYPERLINK("x")'), encoding="utf-8"
    )
    file, back = tmp_path / "a.xlsx", tmp_path / "back.md"
    _run(root, "questions-out", "goi-lai", "--xlsx", file)
    result = _run(root, "questions-in", file, "--module", "goi-lai", "--out", back)
    assert result.exit_code == 0
    assert '- [ ] a) =HYPERLINK("x")' in back.read_text("utf-8")


def test_a_workbook_names_its_cells_and_refuses_formulas(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "de.xlsx"
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet("Đề")
        page.merge_range("B1:H1", "ĐỀ KIỂM TRA TIN HỌC")
        page.write_row("B3", ["STT", "Câu hỏi", "A", "B", "C", "D", "Đáp án"])
        page.write_row("B4", [1, "Bằng mấy?", 2, 4.5, 6, 8, "B"])
        page.write_row("B5", [2, "Tổng là?", 1, 3, 5, 7])
        page.write_formula("H5", "=B4", value="A")
        page.write_row("B7", [4, "Còn bao nhiêu pin?"])
        page.write_row("D7", [0.2, 0.555, 0.8], book.add_format({"num_format": "0.0%"}))
        page.write("H7", "A")
        page.write_row("B6", [3, "Đúng không?", True, False, "", "", "A"])
        hidden = book.add_worksheet("Ẩn")
        hidden.write_row("A1", ["Câu hỏi", "Đáp án"])
        hidden.hide()
    result = _run(root, "questions-in", file, "--module", "danh-ba", "--out", tmp_path / "moi.md")
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == "Đã lấy 3 câu · đổi 0 · bỏ 1"
    assert f"{file}:5: Đã bỏ: Ô H5 là công thức." in result.output
    text = (tmp_path / "moi.md").read_text("utf-8")
    assert "- [x] b) 4,5\n" in text
    assert "kind: true-false" in text
    assert "- [x] a) 20%\n" in text
    assert "- [ ] b) 55,5%\n" in text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.gift", "Trường học {T}".encode("utf-16-le"), "UTF-8"),
        ("a.gift", b"", "Đã lấy 0 câu"),
        ("a.xlsx", b"PK\x03\x04 hong", "Tệp bị hỏng"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0", ".xls"),
        ("a.xlsx", b"", "Tệp trống"),
        ("a.gift", "Tr­êng häc lµ g×? {T}\n\nHäc sinh cÇn g×? {F}".encode(), "phông .VnTime"),
    ],
)
def test_files_that_cannot_be_read_say_why(
    root: Path, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    result = _run(root, "questions-in", file, "--module", "danh-ba")
    assert result.exit_code == 1
    assert said in result.output
    assert not (root / EMPTY).exists()


def test_a_workbook_without_headings_of_questions_says_what_it_needs(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    write_xlsx(file, [Sheet("Danh sách", ["Họ và tên", "Lớp"], [["Nguyễn Văn An", "5A"]])])
    result = _run(root, "questions-in", file, "--module", "danh-ba")
    assert result.exit_code == 1
    assert "Cần ít nhất cột “Câu hỏi” và cột “Đáp án”" in result.output


def test_a_module_that_is_not_there_is_named_with_the_nearest(root: Path, tmp_path: Path) -> None:
    result = _run(root, "questions-out", "man-hinhh", "--gift", tmp_path / "a.gift")
    assert result.exit_code == 1
    assert "Có phải “man-hinh” không?" in result.output


def test_quiet_prints_only_what_stayed_behind(root: Path) -> None:
    result = _run(root, "questions-in", GIFT, "--module", "danh-ba", "--quiet")
    assert len(result.output.splitlines()) == len(_refused(result)) == 4
