"""`lms content`: check, start, count and look at what authors write."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click

from lms.cli import Failure, lms
from lms.cli.remarks import print_remarks
from lms.clock import today
from lms.config import PACKAGE
from lms.content import checking, ids, scaffold
from lms.content.preview import NothingToPreview, write_preview
from lms.content.problems import Problems
from lms.content.reading import read
from lms.content.render import RenderFailed
from lms.content.shelf import Reading
from lms.content.stats import Statistics, counts, statistics

Command = TypeVar("Command", bound=Callable[..., object])
_NAMES = {
    "courses": "khóa học",
    "modules": "chủ đề",
    "lessons": "bài học",
    "questions": "câu hỏi",
    "pages": "trang",
    "facts": "số liệu",
}


def _root(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path:
    bundled = PACKAGE / "_bundle"
    root = value or (bundled if bundled.is_dir() else PACKAGE.parent)
    if not (root / "courses").is_dir():
        raise click.UsageError(
            f"Không thấy thư mục courses trong {root}. "
            "Chỉ đúng thư mục bằng --root, hoặc sửa LMS_CONTENT_ROOT."
        )
    return root.resolve()


def root_option(command: Command) -> Command:
    """Add `--root`: where the folders courses and quizzes stand."""
    option = click.option(
        "--root",
        envvar="LMS_CONTENT_ROOT",
        type=click.Path(path_type=Path),
        callback=_root,
        help="Thư mục chứa courses và quizzes.",
    )
    return option(command)


@lms.group("content")
def content() -> None:
    """Bài học và câu hỏi: kiểm tra, thêm mới, đếm, xem thử."""


@content.command("check")
@root_option
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
@click.option("--update-ids", is_flag=True, help="Ghi các mã mới vào courses/ids.txt trước khi kiểm tra.")
@click.option("--require-review", is_flag=True, help="Bài chưa có người thẩm định là lỗi.")
@click.pass_context
def check_command(
    context: click.Context, root: Path, as_json: bool, quiet: bool, update_ids: bool, require_review: bool
) -> None:
    """Tìm mọi lỗi trong bài học và câu hỏi; có lỗi thì mã thoát là 1."""
    problems = Problems()
    reading = read(root, problems)
    new = ids.update_register(reading) if update_ids else []
    must_review = require_review or os.environ.get("LMS_REQUIRE_REVIEW") == "yes"
    checking.report(reading, today(), problems, require_review=must_review)
    if as_json:
        found = [{"file": p.file.as_posix(), "line": p.line, "message": p.message} for p in problems]
        click.echo(
            json.dumps({"problems": found, "counts": counts(reading), "new_ids": new}, ensure_ascii=False)
        )
    else:
        for problem in problems:
            click.echo(str(problem))
        if new and not quiet:
            click.echo(f"Đã ghi {len(new)} mã mới vào {ids.FILE.as_posix()}.")
        if len(problems) or not quiet:
            click.echo(_summary(reading, len(problems)))
    context.exit(1 if len(problems) else 0)


@content.command("new")
@click.argument("kind", type=click.Choice(["course", "module", "lesson"]))
@click.argument("identifier", metavar="ID")
@click.option("--in", "parent", metavar="ID", help="Mã khóa học chứa chủ đề, hoặc chủ đề chứa bài học.")
@root_option
def new_command(kind: str, identifier: str, parent: str | None, root: Path) -> None:
    """Tạo khung khóa học, chủ đề hoặc bài học để viết tiếp vào chỗ ghi TODO."""
    reading = read(root, Problems())
    if kind != "course" and not parent:
        raise click.UsageError(f"Thêm --in và mã {'khóa học' if kind == 'module' else 'chủ đề'} chứa nó.")
    try:
        if kind == "course":
            files = scaffold.new_course(reading, identifier)
        elif kind == "module":
            files = scaffold.new_module(reading, identifier, parent or "")
        else:
            files = scaffold.new_lesson(reading, identifier, parent or "")
    except scaffold.ScaffoldRefused as error:
        raise Failure(str(error)) from None
    for file in files:
        click.echo(f"Đã tạo {file.as_posix()}")
    click.echo("Viết vào chỗ ghi TODO, rồi chạy: lms content check")


@content.command("stats")
@root_option
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--remarks", is_flag=True, help="In lời nhắc rút ra từ bài làm, theo tệp và dòng.")
@click.option("--count", "anew", is_flag=True, help="Đếm lại bài làm ngay; đi cùng --remarks.")
def stats_command(root: Path, as_json: bool, remarks: bool, anew: bool) -> None:
    """Đếm câu hỏi theo kỹ năng, độ nặng của bài, tuổi của số liệu; hoặc xem bài làm nói gì về câu hỏi."""
    if anew and not remarks:
        raise click.UsageError("--count chỉ dùng cùng --remarks.")
    if remarks:
        print_remarks(root, as_json=as_json, anew=anew)
        return
    figures = statistics(read(root, Problems()), today())
    click.echo(json.dumps(asdict(figures), ensure_ascii=False) if as_json else _table(figures))


@content.command("preview")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@root_option
def preview_command(file: Path, root: Path) -> None:
    """Dựng một bài hoặc một bộ câu hỏi thành trang để xem thử, in ra đường dẫn của trang."""
    path = file.resolve()
    if not path.is_relative_to(root):
        raise Failure(f"Tệp {file} không nằm trong {root}. Chỉ đúng thư mục bằng --root.")
    folder = Path(tempfile.mkdtemp(prefix="xem-thu-"))
    try:
        target = write_preview(read(root, Problems()), path.relative_to(root), today(), folder)
    except KeyError as error:
        raise Failure(f"Không có số liệu {error}. Chạy lms content check để biết dòng sai.") from None
    except (NothingToPreview, RenderFailed) as error:
        raise Failure(str(error)) from None
    click.echo(str(target))


def _summary(reading: Reading, number: int) -> str:
    total = ", ".join(f"{count} {_NAMES[name]}" for name, count in counts(reading).items())
    return f"Có {number} lỗi trong {total}." if number else f"Không có lỗi: {total}."


def _table(figures: Statistics) -> str:
    lines = ["Kỹ năng · chủ đề · số câu (kiểm tra, luyện tập)"]
    for skill in figures.skills:
        note = "  ← chưa đủ 3 câu kiểm tra" if skill.is_thin else ""
        lines.append(
            f"  {skill.skill} · {skill.module} · {skill.questions} ({skill.check}, {skill.practice}){note}"
        )
    lines += ["", "Bài học · số phần · số tiếng · chữ và hình (byte)"]
    for row in figures.lessons:
        lines.append(
            f"  {row.lesson} · {row.steps} phần · {row.words} tiếng · {row.text_bytes} + {row.picture_bytes}"
        )
    lines += ["", "Số liệu · đã kiểm tra · còn hạn (ngày)"]
    lines += [f"  {row.fact} · {row.age_days} · {row.days_left}" for row in figures.facts]
    return "\n".join(lines)
