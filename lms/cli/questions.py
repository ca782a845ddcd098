"""`lms content questions-in` and `questions-out`: questions from and for Moodle and Excel."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from lms.classrooms.legacy import refuse_legacy_font
from lms.classrooms.table import FileRefused
from lms.cli import Failure
from lms.cli.content import content as group
from lms.cli.content import root_option
from lms.cli.question_grid import read_grids
from lms.content import ids
from lms.content.bank_text import print_bank
from lms.content.exchange import REFUSED, Passage, printed
from lms.content.files import MAX_BYTES
from lms.content.gift import read_gift
from lms.content.gift_marks import GiftRefused, decoded
from lms.content.gift_text import write_gift
from lms.content.intake import Shelf
from lms.content.kinds import KIND
from lms.content.library import ModuleDesc, QuizDesc
from lms.content.problems import Problems, nearest
from lms.content.question_rows import HEADINGS_OF_HELP, HELP, NAME, NAME_OF_HELP, sheet_rows
from lms.content.question_sheet import NO_HEADINGS, read_sheets
from lms.content.reading import read
from lms.content.references import named
from lms.content.shelf import QUIZZES, Reading
from lms.reports.tables import Sheet, write_xlsx

MOST_DRAWN = 10
_ZIP = b"PK"
_JSON = click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
_QUIET = click.option("--quiet", is_flag=True, help="Chỉ in các câu không đi được.")
_FORCE = click.option("--force", is_flag=True, help="Thay tệp đã có.")
_FILE = click.Path(dir_okay=False, path_type=Path)


@group.command("questions-in")
@click.argument("file", metavar="TỆP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--module", "module_id", required=True, metavar="ID", help="Id của chủ đề nhận câu hỏi.")
@click.option("--out", type=_FILE, help="Ghi ra tệp này; không có thì là bộ câu hỏi của chủ đề.")
@_FORCE
@root_option
@_JSON
@_QUIET
@click.pass_context
def in_command(
    context: click.Context,
    file: Path,
    module_id: str,
    out: Path | None,
    force: bool,
    root: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Lấy câu hỏi từ tệp GIFT của Moodle hay bảng .xlsx thành một bộ câu hỏi.

    Câu nào không lấy được thì nêu dòng và cách sửa; còn câu như vậy thì mã thoát là 1.
    """
    reading = read(root, Problems())
    module = _module(reading, module_id)
    target = _target(reading, module, out, force)
    passage = _read(file, _shelf(reading, module))
    bank = _bank(module, passage)
    if passage.questions:
        text = print_bank(bank)
        if len(text.encode()) > MAX_BYTES:
            raise Failure("Bộ câu hỏi nặng quá 256 KB. Chia tệp thành nhiều phần, mỗi phần một chủ đề.")
        _write(target, partial(Path.write_text, data=text, encoding="utf-8", newline="\n"), force)
    written = target if passage.questions else None
    _tell(passage, file, written, out=False, as_json=as_json, quiet=quiet)
    if written and not (as_json or quiet):
        if module.quiz and bank.draw < module.quiz.draw:
            click.echo(f"Ít câu hơn bộ cũ nên mỗi lần kiểm tra nay rút {bank.draw} câu (draw).")
        click.echo(f"Đã ghi {target}. Viết vào chỗ ghi TODO, rồi chạy: lms content check --update-ids")
    context.exit(1 if passage.refused or not passage.questions else 0)


@group.command("questions-out")
@click.argument("module_id", metavar="CHỦ-ĐỀ")
@click.option("--gift", type=_FILE, metavar="TỆP", help="Ghi tệp GIFT cho Moodle.")
@click.option("--xlsx", type=_FILE, metavar="TỆP", help="Ghi bảng câu hỏi .xlsx.")
@_FORCE
@root_option
@_JSON
@_QUIET
@click.pass_context
def out_command(
    context: click.Context,
    module_id: str,
    gift: Path | None,
    xlsx: Path | None,
    force: bool,
    root: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Xuất bộ câu hỏi của một chủ đề ra GIFT hoặc .xlsx, và kê những gì không ghi được."""
    target = gift or xlsx
    if target is None or (gift and xlsx):
        raise click.UsageError("Chọn một trong hai: --gift TỆP hoặc --xlsx TỆP.")
    _refuse_existing(target, force)
    bank = _module(read(root, Problems()), module_id).quiz
    if bank is None:
        raise Failure(f"Chủ đề “{module_id}” chưa có bộ câu hỏi nào đọc được. Chạy: lms content check")
    write, passage = _gift(bank) if gift else _sheets(bank)
    if passage.questions:
        _write(target, write, force)
    written = target if passage.questions else None
    _tell(passage, bank.file, written, out=True, as_json=as_json, quiet=quiet)
    context.exit(1 if passage.refused else 0)


Writer = Callable[[Path], object]


def _gift(bank: QuizDesc) -> tuple[Writer, Passage]:
    text, passage = write_gift(bank.questions)
    return partial(Path.write_text, data=text, encoding="utf-8", newline="\n"), passage


def _sheets(bank: QuizDesc) -> tuple[Writer, Passage]:
    header, rows, passage = sheet_rows(bank.questions)
    widths = [16, 12, 60, *[30] * (len(header) - 3)]
    sheets = [
        Sheet(NAME, header, rows, widths=widths),
        Sheet(NAME_OF_HELP, HEADINGS_OF_HELP, HELP, widths=[24, 90]),
    ]
    return partial(write_xlsx, sheets=sheets), passage


def _module(reading: Reading, module_id: str) -> ModuleDesc:
    known = {module.id: module for module in reading.library.modules()}
    if module_id not in known:
        hint = nearest(module_id, list(known))
        raise Failure(f"Không có chủ đề “{module_id}”. {hint}Các chủ đề: {', '.join(known) or 'chưa có'}.")
    return known[module_id]


def _shelf(reading: Reading, module: ModuleDesc) -> Shelf:
    own = frozenset(question.id for question in module.quiz.questions) if module.quiz else frozenset()
    register = ids.read_register(reading.root, Problems())
    published = {*register.in_use, *register.retired} if register else set()
    every = frozenset(item.id for item in named(reading)) | published
    return Shelf(module.skills, own, every - own)


def _target(reading: Reading, module: ModuleDesc, out: Path | None, force: bool) -> Path:
    if out is None and module.quiz is not None and not force:
        raise Failure(
            f"Chủ đề đã có bộ câu hỏi {module.quiz.file.as_posix()}. "
            "Thêm --out TỆP để ghi riêng rồi chép các câu sang, hoặc --force để thay cả bộ."
        )
    bank = module.quiz.file if module.quiz else QUIZZES / module.file.parents[1].name / f"{module.id}.md"
    target = out or reading.root / bank
    _refuse_existing(target, force)
    return target


def _refuse_existing(target: Path, force: bool) -> None:
    if target.exists() and not target.is_file():
        raise Failure(f"{target} không phải một tệp thường nên không thay được. Chọn tên khác.")
    if target.exists() and not force:
        raise Failure(f"Đã có tệp {target}. Chọn tên khác, hoặc thêm --force để thay.")


def _read(file: Path, shelf: Shelf) -> Passage:
    data = file.read_bytes()
    try:
        if file.suffix.lower() != ".xlsx" and not data.startswith(_ZIP):
            refuse_legacy_font(decoded(data).split("\n"))
            return read_gift(data, shelf)
        grids = read_grids(data)
        refuse_legacy_font(text for grid in grids for row in grid.rows for text in row)
    except (GiftRefused, FileRefused) as refused:
        raise Failure(f"{file}: {refused}") from None
    passage = read_sheets(grids, shelf)
    if passage is None:
        raise Failure(f"{file}: {NO_HEADINGS}")
    return passage


def _bank(module: ModuleDesc, passage: Passage) -> QuizDesc:
    """Return the bank to write: the head of the present one, or a new head."""
    drawn = [one for one in passage.questions if one.in_check and KIND[one.kind].is_drawn]
    available = max(len({(bool(one.near), one.near or one.id) for one in drawn}), 1)
    known = module.quiz
    return QuizDesc(
        id=known.id if known else f"kt-{module.id}",
        module=module.id,
        title=known.title if known else "TODO: Bài kiểm tra",
        draw=min(known.draw if known else MOST_DRAWN, available),
        pass_percent=known.pass_percent if known else 80,
        questions=passage.questions,
        file=known.file if known else Path(),
        tries=known.tries if known else 0,
        wait=known.wait if known else 0,
        counts=known.counts if known else "best",
    )


def _write(target: Path, write: Writer, force: bool) -> None:
    draft = target.with_name(f".{target.name}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        _refuse_existing(target, force)
        draft.replace(target)
    except OSError as error:
        raise Failure(f"Không ghi được {target}: {error.strerror}. Chọn thư mục khác.") from None
    finally:
        draft.unlink(missing_ok=True)


def _tell(
    passage: Passage, file: Path, written: Path | None, *, out: bool, as_json: bool, quiet: bool
) -> None:
    if as_json:
        told = {
            "file": str(file),
            "out": str(written) if written else None,
            "questions": [question.id for question in passage.questions],
            "changed": passage.changed,
            "refused": passage.refused,
            "remarks": [asdict(remark) for remark in passage.remarks],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    remarks = [remark for remark in passage.remarks if not quiet or remark.kind == REFUSED]
    if not quiet:
        click.echo(passage.summary_out if out else passage.summary)
    for line in printed(file, remarks, out=out):
        click.echo(line)
