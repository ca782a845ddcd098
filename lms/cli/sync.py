"""`lms content sync`: publish what the authors' files say."""

import json
from dataclasses import asdict

import click

from lms import clock, content
from lms.catalog.actions import ContentRefused, SyncReport, sync
from lms.catalog.offer import Offer, prepare
from lms.cli import Failure
from lms.cli.content import content as group
from lms.cli.site import site
from lms.config import Config
from lms.content import ids
from lms.content.problems import Problems
from lms.content.render import RenderFailed


@group.command("sync")
@click.option("--retire", metavar="MÃ", multiple=True, help="Cho nghỉ một mã đã công bố (gõ được nhiều lần).")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def sync_command(retire: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Đưa bài học và câu hỏi trong thư mục nội dung lên trang học.

    Nội dung còn lỗi thì không đổi gì.
    """
    with site() as here:
        root = here.config.content_root
        register = ids.read_register(root, Problems())
        offer = _prepared(here.config, frozenset(retire), register)
        named = {*retire, *(register.retired if register else ())}
        try:
            with here.database.transaction() as db:
                report = sync(db, offer, clock.now(), retire=named)
        except ContentRefused as refused:
            raise Failure(str(refused)) from None
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
    elif not quiet:
        click.echo(_sentence(report))


def _prepared(config: Config, retire: frozenset[str], register: ids.Register | None) -> Offer:
    found = content.check(config.content_root, clock.today(), require_review=config.require_review)
    # An id retired by hand here has vanished from the files on purpose.
    lines = {register.in_use.get(name) for name in retire} - {None} if register else set()
    problems = [p for p in found if not (p.file == ids.FILE and p.line in lines)]
    if problems:
        listed = "\n".join(str(problem) for problem in problems)
        raise Failure(f"{listed}\nNội dung còn {len(problems)} lỗi nên chưa đưa lên. Sửa rồi chạy lại.")
    try:
        return prepare(content.load(config.content_root), config.content_root)
    except (content.ContentErrors, RenderFailed) as error:
        raise Failure(str(error)) from None


def _sentence(report: SyncReport) -> str:
    if report.is_unchanged:
        return f"Không có gì thay đổi (bản {report.revision})."
    lines = [
        f"Đã đưa lên bản {report.revision}: "
        f"thêm {len(report.added)}, đổi {len(report.changed)}, nghỉ {len(report.retired)} mục."
    ]
    if report.changed:
        lines.append(f"Đổi: {', '.join(report.changed)}")
    if report.retired:
        lines.append(f"Nghỉ: {', '.join(report.retired)}")
    lines += [
        f"Đáp án câu “{key}” đã đổi. Điểm cũ chưa đổi theo. Xem trước bằng: lms regrade {key}"
        for key in report.rekeyed
    ]
    return "\n".join(lines)
