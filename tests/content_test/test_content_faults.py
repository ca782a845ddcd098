"""Each fault an author can make is planted once in a good library; the check must point at its line."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from content_faults import (
    ALSO,
    FACTS,
    FAULTS,
    IDS,
    LESSON,
    MODULE,
    OTHER_BANK,
    OTHER_MODULE,
    PICTURE,
    SECOND,
    THIRD,
    Fault,
)

from lms.content import Problem, check
from lms.content.render import Renderer

SAMPLE = Path(__file__).parents[1] / "sample"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """One child for all these checks: its start is the slow part."""
    with Renderer() as shared:
        yield shared


def _library(tmp_path: Path) -> Path:
    return shutil.copytree(SAMPLE, tmp_path / "library")


def _without_register(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.file != Path(IDS)]


def test_the_sample_library_has_no_fault(renderer: Renderer) -> None:
    assert check(SAMPLE, TODAY, renderer=renderer) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_reported_once_at_its_line(
    fault: Fault, tmp_path: Path, renderer: Renderer
) -> None:
    root = _library(tmp_path)
    file, line = fault.plant(root)
    if fault.name == "an id that vanished":
        with (root / IDS).open("a", encoding="utf-8") as register:
            register.write("bai-da-mat\n")
    problems = check(root, TODAY, renderer=renderer)
    found = problems if file == Path(IDS) else _without_register(problems)
    if fault.name == "an id with capitals":
        found = [problem for problem in found if "chưa ghi vào" not in problem.message]
    assert [(problem.file, problem.line) for problem in found] == [(file, line)]
    assert fault.words in found[0].message
    vanished = [problem.message for problem in problems if problem.file == Path(IDS) and file != Path(IDS)]
    assert len(vanished) == (1 if fault.name in ALSO else 0)
    assert all(f"“{ALSO[fault.name]}”" in message for message in vanished)


def _write(name: str, raw: bytes) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)

    return edit


def _rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / name
        path.write_bytes(change(path.read_bytes()))

    return edit


def _decompose(raw: bytes) -> bytes:
    return raw.replace("Chữ nhỏ".encode(), b"Chu\xcc\x9b\xcc\x83 nh\x6f\xcc\x89", 1)


FOLDER = "courses/lam-quen/01-man-hinh"
# fmt: off
FILE_FAULTS = [
    ("a file with a BOM", _rewrite(LESSON, lambda raw: b"\xef\xbb\xbf" + raw), LESSON, 1, "BOM"),
    ("a file in NFD", _rewrite(LESSON, _decompose), LESSON, 11, "NFC"),
    ("a direction mark", _rewrite(LESSON, lambda raw: raw.replace(b"Xem l", "X\u202eem l".encode())),
     LESSON, 28, "U+202E"),
    ("a stray file", _write(f"{FOLDER}/ghi-chu.docx", b"x"), f"{FOLDER}/ghi-chu.docx", 1,
     "không thuộc bài nào"),
    ("sound without its step", _write(f"{FOLDER}/01-chu-to.khong-co.mp3", b"x"),
     f"{FOLDER}/01-chu-to.khong-co.mp3", 1, "âm thanh"),
    ("a heavy picture", _rewrite(PICTURE, lambda raw: raw.replace(b"</svg>", b" " * 21_000 + b"</svg>")),
     PICTURE, 1, "quá 20 KB"),
    ("a module folder without number", _write("courses/lam-quen/them/chu-de.md", b"title: x\n"),
     "courses/lam-quen/them", 1, "hai số"),
    ("a module folder without chu-de.md", _write("courses/lam-quen/03-them/.giu", b""),
     "courses/lam-quen/03-them", 1, "thiếu tệp chu-de.md"),
    ("a course folder without khoa.md", _write("courses/them/.giu", b""),
     "courses/them", 1, "thiếu tệp khoa.md"),
    ("a bank outside its folder", _write("quizzes/le.md", b"title: x\n"),
     "quizzes/le.md", 1, "thư mục của khóa học"),
    ("a table of data that is no TOML", _rewrite(FACTS, lambda raw: raw.replace(b'"12 trang"', b"12 trang")),
     FACTS, 12, "Dòng này viết sai"),
    ("a date that does not exist", _rewrite(FACTS, lambda raw: raw.replace(b"2027-04-30", b"2027-02-30")),
     FACTS, 9, "Dòng này viết sai"),
]
# fmt: on


@pytest.mark.parametrize(
    ("name", "edit", "file", "line", "words"), FILE_FAULTS, ids=[fault[0] for fault in FILE_FAULTS]
)
def test_a_faulty_file_is_named_in_words(
    name: str,
    edit: Callable[[Path], None],
    file: str,
    line: int,
    words: str,
    tmp_path: Path,
    renderer: Renderer,
) -> None:
    root = _library(tmp_path)
    edit(root)
    found = [p for p in check(root, TODAY, renderer=renderer) if "Không có số liệu" not in p.message]
    assert [(problem.file, problem.line) for problem in found] == [(Path(file), line)], name
    assert words in found[0].message


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path, renderer: Renderer) -> None:
    root = _library(tmp_path)
    path = root / OTHER_BANK
    path.write_bytes(path.read_bytes().replace("Dấu cộng".encode(), b"D\xe2u c\xf4ng", 1))
    problems = check(root, TODAY, renderer=renderer)
    assert (Path(OTHER_BANK), 15) in [(p.file, p.line) for p in problems if "UTF-8" in p.message]


def test_a_module_without_bank_and_a_bank_without_module_are_both_named(
    tmp_path: Path, renderer: Renderer
) -> None:
    root = _library(tmp_path)
    path = root / OTHER_BANK
    path.write_text(
        path.read_text(encoding="utf-8").replace("module: danh-ba", "module: danh-bo"), encoding="utf-8"
    )
    found = {(p.file.as_posix(), p.line): p.message for p in check(root, TODAY, renderer=renderer)}
    assert "Chủ đề chưa có câu hỏi" in found[(OTHER_MODULE, 2)]
    assert "Có phải “danh-ba”" in found[(OTHER_BANK, 3)]


def test_a_second_bank_of_a_module_is_named(tmp_path: Path, renderer: Renderer) -> None:
    root = _library(tmp_path)
    text = (
        (root / OTHER_BANK)
        .read_text(encoding="utf-8")
        .replace("{#db", "{#dc")
        .replace("kt-danh-ba", "kt-hai")
    )
    (root / "quizzes/lam-quen/danh-ba-2.md").write_text(text, encoding="utf-8")
    found = [p for p in check(root, TODAY, renderer=renderer) if "chưa ghi vào" not in p.message]
    assert [(p.file.as_posix(), p.line) for p in found] == [(OTHER_BANK, 3)]
    assert "đã có bộ câu hỏi ở quizzes/lam-quen/danh-ba-2.md" in found[0].message


def test_a_lesson_without_steps_is_named(tmp_path: Path, renderer: Renderer) -> None:
    root = _library(tmp_path)
    path = root / SECOND
    path.write_text(path.read_text(encoding="utf-8").replace("## ", ""), encoding="utf-8")
    assert (Path(SECOND), 1) in [
        (p.file, p.line) for p in check(root, TODAY, renderer=renderer) if "chưa có phần nào" in p.message
    ]


def test_a_retired_id_may_be_gone_but_may_not_come_back(tmp_path: Path, renderer: Renderer) -> None:
    root = _library(tmp_path)
    register = root / IDS
    text = register.read_text(encoding="utf-8")
    register.write_text(text + "retired bai-cu\n", encoding="utf-8")
    assert check(root, TODAY, renderer=renderer) == []
    register.write_text(text.replace("\nman-hinh\n", "\nretired man-hinh\n"), encoding="utf-8")
    assert [(p.file.as_posix(), p.line) for p in check(root, TODAY, renderer=renderer)] == [(MODULE, 2)]


def test_an_id_known_elsewhere_may_not_vanish(tmp_path: Path, renderer: Renderer) -> None:
    found = check(SAMPLE, TODAY, renderer=renderer, known_ids=frozenset({"man-hinh", "bai-trong-kho"}))
    assert ["bai-trong-kho" in p.message for p in found] == [True]


def test_with_require_review_every_module_and_lesson_needs_a_reviewer(renderer: Renderer) -> None:
    found = check(SAMPLE, TODAY, renderer=renderer, require_review=True)
    assert {p.file.as_posix() for p in found} == {MODULE, OTHER_MODULE, LESSON, SECOND, THIRD}
    assert all("thẩm định" in p.message for p in found)


def test_all_faults_are_reported_in_one_run_and_in_order(tmp_path: Path, renderer: Renderer) -> None:
    root = _library(tmp_path)
    chosen = [
        fault for fault in FAULTS if fault.name in {"a long sentence", "two right choices", "an expired fact"}
    ]
    expected = sorted(fault.plant(root) for fault in chosen)
    assert [(p.file, p.line) for p in check(root, TODAY, renderer=renderer)] == expected
    assert len(expected) == 3


def test_a_problem_prints_as_file_line_and_sentence() -> None:
    problem = Problem(Path("courses") / "x" / "01-z.md", 23, "Câu dài 34 tiếng.")
    assert str(problem) == "courses/x/01-z.md:23: Câu dài 34 tiếng."


@pytest.mark.server
@pytest.mark.parametrize(
    "nasty",
    [
        "[" * 50_000,
        "`" * 50_001,
        "." * 50_000 + "x",
        "## " + " " * 50_000 + "x",
        "> " * 300 + "x",
        "![" * 20_000,
        "{{" * 20_000,
        "*_" * 20_000 + "x",
    ],
    ids=["brackets", "back-ticks", "dots", "heading", "quotes", "pictures", "braces", "stars"],
)
def test_a_pathological_line_ends_soon_as_a_problem_of_its_file(
    nasty: str, tmp_path: Path, renderer: Renderer
) -> None:
    root = _library(tmp_path)
    path = root / LESSON
    path.write_text(
        path.read_text(encoding="utf-8").replace("Chưa vừa mắt thì kéo lại.", nasty), encoding="utf-8"
    )
    found = check(root, TODAY, renderer=renderer)
    assert {p.file for p in found} <= {Path(LESSON)}


def test_a_list_of_300_levels_is_a_problem(tmp_path: Path, renderer: Renderer) -> None:
    root = _library(tmp_path)
    nasty = "\n".join("    " * level + "- Bấm." for level in range(300))
    path = root / LESSON
    path.write_text(
        path.read_text(encoding="utf-8").replace("Chưa vừa mắt thì kéo lại.", nasty), encoding="utf-8"
    )
    assert any("tầng" in p.message for p in check(root, TODAY, renderer=renderer))
