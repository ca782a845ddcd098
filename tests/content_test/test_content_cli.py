"""`lms content` as authors run it."""

import json
import shutil
from pathlib import Path

import html5lib
import pytest
from click.testing import CliRunner, Result

from lms.cli.content import content

SAMPLE = Path(__file__).parents[1] / "sample"
LESSON = "courses/lam-quen/01-man-hinh/01-chu-to.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the sample whose facts do not expire while this test is young."""
    return shutil.copytree(SAMPLE, tmp_path / "library")


def _run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(content, [*words, "--root", str(root)], catch_exceptions=False)


def _mark(root: Path) -> None:
    path = root / LESSON
    path.write_text(
        path.read_text(encoding="utf-8").replace("Chưa vừa mắt", "TODO Chưa vừa mắt"), encoding="utf-8"
    )


def _without_age(output: str) -> list[str]:
    return [line for line in output.splitlines() if "hết hạn" not in line and "tương lai" not in line]


def test_check_prints_each_problem_with_file_and_line_and_exits_1(root: Path) -> None:
    _mark(root)
    result = _run(root, "check")
    assert result.exit_code == 1
    assert f"{LESSON}:26: Còn dấu việc chưa xong “TODO”. Viết nốt rồi bỏ dấu này." in result.output
    assert "1 khóa học, 2 chủ đề, 3 bài học, 9 câu hỏi" in result.output.splitlines()[-1]


def test_check_as_json_says_the_same(root: Path) -> None:
    _mark(root)
    result = _run(root, "check", "--json")
    answer = json.loads(result.output)
    assert {"file": LESSON, "line": 26} in [{k: p[k] for k in ("file", "line")} for p in answer["problems"]]
    assert answer["counts"]["questions"] == 9
    assert result.exit_code == 1


def test_update_ids_appends_what_is_new_and_keeps_what_was(root: Path) -> None:
    register = root / "courses/ids.txt"
    before = register.read_text(encoding="utf-8")
    page = root / "courses/bi-lua.md"
    (root / "courses/trang-hai.md").write_text(
        page.read_text(encoding="utf-8")
        .replace("trang-bi-lua", "trang-hai")
        .replace("slug: bi-lua", "slug: hai"),
        encoding="utf-8",
    )
    assert "chưa ghi vào" in _run(root, "check").output
    assert "Đã ghi 1 mã mới" in _run(root, "check", "--update-ids").output
    assert register.read_text(encoding="utf-8") == before + "trang-hai\n"
    assert "chưa ghi vào" not in _run(root, "check").output
    _run(root, "check", "--update-ids", "--quiet")
    assert register.read_text(encoding="utf-8") == before + "trang-hai\n"


def test_quiet_prints_problems_only(root: Path) -> None:
    lines = _without_age(_run(root, "check", "--quiet").output)
    assert [line for line in lines if not line.startswith("Có ")] == []


def test_a_folder_without_courses_is_a_wrong_use(tmp_path: Path) -> None:
    result = _run(tmp_path, "check")
    assert result.exit_code == 2
    assert "Không thấy thư mục courses" in result.output


def test_new_files_pass_the_check_except_for_what_must_be_written(root: Path) -> None:
    assert _run(root, "new", "course", "khoa-moi").exit_code == 0
    assert _run(root, "new", "module", "chu-de-moi", "--in", "khoa-moi").exit_code == 0
    assert _run(root, "new", "lesson", "bai-moi", "--in", "chu-de-moi").exit_code == 0
    assert (root / "courses/khoa-moi/01-chu-de-moi/02-bai-moi.md").is_file()
    lines = _without_age(_run(root, "check", "--update-ids").output)
    left = [line for line in lines if line.startswith(("courses/", "quizzes/")) and "TODO" not in line]
    assert left == []
    assert any("courses/khoa-moi/01-chu-de-moi/02-bai-moi.md:1:" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "answer", "code"),
    [
        (("new", "lesson", "man-hinh-chu-to", "--in", "man-hinh"), "đã dùng ở", 1),
        (("new", "lesson", "bai-moi", "--in", "man-hin"), "Có phải “man-hinh”", 1),
        (("new", "course", "Khóa mới"), "chưa đúng dạng", 1),
        (("new", "lesson", "bai-moi"), "Thêm --in", 2),
        (("new", "lesson", "tai-ve", "--in", "man-hinh"), "dành cho trang khác", 1),
    ],
)
def test_new_refuses_in_words(root: Path, words: tuple[str, ...], answer: str, code: int) -> None:
    result = _run(root, *words)
    assert result.exit_code == code
    assert answer in result.output


def test_stats_count_questions_by_skill_and_module(root: Path) -> None:
    figures = json.loads(_run(root, "stats", "--json").output)
    assert figures["skills"][0] == {
        "skill": "chinh-man-hinh",
        "module": "man-hinh",
        "questions": 5,
        "check": 4,
        "practice": 3,
    }
    assert (
        figures["lessons"][0]["picture_bytes"]
        == (root / "courses/lam-quen/01-man-hinh/hinh/banh-rang.svg").stat().st_size
    )
    assert {row["fact"] for row in figures["facts"]} == {"gio-mo-cua", "so-trang-danh-ba"}
    assert "luu-so · danh-ba · 4 (3, 2)" in _run(root, "stats").output


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (LESSON, "Kéo thanh cỡ chữ"),
        ("quizzes/lam-quen/danh-ba.md", "Dấu cộng"),
        ("courses/bi-lua.md", "Làm ngay"),
    ],
)
def test_preview_writes_one_page_that_stands_alone(root: Path, file: str, words: str) -> None:
    result = _run(root, "preview", str(root / file))
    assert result.exit_code == 0
    page = Path(result.output.strip())
    html = page.read_text(encoding="utf-8")
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    assert words in "".join(tree.itertext())
    assert all((page.parent / image.get("src")).is_file() for image in tree.iter("img"))
    assert list(tree.iter("script")) == []
    shutil.rmtree(page.parent)


def test_preview_of_a_file_outside_the_library_is_refused_in_words(root: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "la.md"
    stranger.write_text("title: x\n", encoding="utf-8")
    result = _run(root, "preview", str(stranger))
    assert result.exit_code == 1
    assert "không nằm trong" in result.output


def _example(readme: str) -> str:
    text = (SAMPLE.parents[1] / readme).read_text(encoding="utf-8")
    return text.split("```markdown\n")[1].split("```")[0]


def test_the_examples_in_the_authors_guides_pass_the_check(root: Path) -> None:
    module = root / "courses/lam-quen/03-goi-lai"
    module.mkdir()
    guide = root / "courses/lam-quen/02-danh-ba/chu-de.md"
    (module / "chu-de.md").write_text(
        guide.read_text(encoding="utf-8").replace("danh-ba", "goi-lai"), encoding="utf-8"
    )
    (module / "01-goi-lai.md").write_text(_example("courses/README.md"), encoding="utf-8")
    (root / "quizzes/lam-quen/goi-lai.md").write_text(_example("quizzes/README.md"), encoding="utf-8")
    lines = _without_age(_run(root, "check", "--update-ids", "--quiet").output)
    assert [line for line in lines if not line.startswith("Có ")] == []
    assert "\ngl-so-la\n" in (root / "courses/ids.txt").read_text(encoding="utf-8")
