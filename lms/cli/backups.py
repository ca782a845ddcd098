"""`lms backup`: make, check and restore copies of the whole site."""

import json
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from lms import backup, clock, queue
from lms.cli import Failure, lms
from lms.cli.site import site
from lms.config import Config, load
from lms.jobs import AlreadyHeld, present
from lms.serve import StartError
from lms.serve.lock import only_server

SHOWN = 10
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@lms.group("backup")
def backups() -> None:
    """Bản sao lưu của cả trang: tạo, kiểm tra, khôi phục."""


@backups.command("create")
@click.option(
    "--to",
    "folder",
    metavar="THƯ-MỤC",
    type=click.Path(file_okay=False, path_type=Path),
    help="Thư mục khác để cất, ví dụ trên ổ USB.",
)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def create_command(folder: Path | None, as_json: bool, quiet: bool) -> None:
    """Sao lưu cả trang vào một tệp và mở lại để kiểm tra; trang vẫn chạy bình thường."""
    with site() as here:
        try:
            made = backup.create(here.config, here.database, clock.now(), folder=folder)
        except backup.BackupRefused as refused:
            raise Failure(str(refused)) from None
        except OSError as error:
            raise Failure(f"Không ghi được bản sao lưu: {error.strerror}. Xem chỗ trống trên ổ.") from None
    if as_json:
        click.echo(json.dumps({"file": str(made), "bytes": made.stat().st_size}))
    elif not quiet:
        click.echo(f"Đã sao lưu và kiểm tra: {made}")
        click.echo(
            "Tệp này chứa dữ liệu của người học và khóa bí mật. Cất một bản ở máy khác, nơi khóa được."
        )


@backups.command("verify")
@click.argument("file", type=FILE, metavar="TỆP")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def verify_command(file: Path, as_json: bool) -> None:
    """Kiểm tra một bản sao lưu: còn nguyên từng byte, mở được, đủ số dòng."""
    try:
        checked = backup.verify(file, load().data)
    except backup.BackupRefused as refused:
        raise Failure(str(refused)) from None
    if as_json:
        click.echo(json.dumps(asdict(checked), ensure_ascii=False, default=str))
        return
    said = checked.manifest
    rows = sum(said.counts.values())
    click.echo(f"Bản sao lưu dùng được: {_moment(said.made_at)}, bản dữ liệu {said.schema}, {rows} dòng.")
    if checked.broken:
        click.echo(f"Lưu ý: sổ phiếu đã đứt {len(checked.broken)} chỗ từ lúc sao lưu. Chạy: lms cert audit")


@backups.command("restore")
@click.argument("file", type=FILE, metavar="TỆP")
@click.option("--yes", is_flag=True, help="Không hỏi lại.")
def restore_command(file: Path, yes: bool) -> None:
    """Thay dữ liệu đang có bằng một bản sao lưu; dữ liệu đang có được cất lại trước."""
    config = load()
    with ExitStack() as stack:
        _stop_others(stack, config)
        if not yes:
            click.echo(f"Dữ liệu trong {config.data} sẽ được cất lại, rồi thay bằng {file.name}.")
            if click.prompt("Gõ “khôi phục” để làm", default="", show_default=False) != "khôi phục":
                raise Failure("Chưa thay gì.")
        try:
            restored = backup.restore(config, file, clock.now())
        except backup.BackupRefused as refused:
            raise Failure(f"{refused}\nDữ liệu đang có vẫn như cũ.") from None
    click.echo(f"Đã khôi phục dữ liệu lúc {_moment(restored.manifest.made_at)}.")
    for line in _notes(restored):
        click.echo(line)


def _stop_others(stack: ExitStack, config: Config) -> None:
    try:
        stack.enter_context(only_server(config.data / "serve.lock"))
        stack.enter_context(present(config.data / queue.HEARTBEAT, alone=True))
    except StartError as running:
        raise Failure(f"{running} Khôi phục chỉ làm được khi máy chủ đã dừng.") from None
    except AlreadyHeld:
        raise Failure("Việc nền đang chạy (lms jobs ticker). Dừng nó rồi khôi phục.") from None


def _notes(restored: backup.Restored) -> list[str]:
    notes = []
    if restored.former:
        notes.append(f"Dữ liệu trước đó: {restored.former}")
    if restored.is_unread:
        notes.append("Dữ liệu trước đó hỏng, không đọc được các lần thu hồi phiếu. Thu hồi lại nếu có.")
    if restored.revocations:
        notes.append(f"Đã giữ lại {restored.revocations} lần thu hồi phiếu làm sau bản sao lưu.")
    if restored.lost:
        notes.append(
            f"{len(restored.lost)} phiếu cấp sau bản sao lưu không còn trong sổ: {_some(restored.lost)}"
        )
    if restored.reopened:
        notes.append(
            f"{len(restored.reopened)} phiếu đã được thay nay lại có giá trị: {_some(restored.reopened)}. "
            "Thay lại từng phiếu bằng: lms cert replace"
        )
    if restored.keeps_settings:
        notes.append("Giữ nguyên lms.toml đang có.")
    return notes


def _some(codes: tuple[str, ...]) -> str:
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%H:%M ngày %d/%m/%Y}"
