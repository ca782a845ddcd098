"""`lms regrade`: judge what was answered by a corrected key, or drop a question; first as a dry run."""

import json
import re
import secrets
from html import unescape

import click

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.catalog.models import Regrade
from lms.catalog.queries import load as load_catalogue
from lms.certificates.actions import Issuer
from lms.cli import Failure, lms
from lms.cli.site import Site, site, who
from lms.quizzes.mark_changes import Change
from lms.quizzes.regrade_actions import By, carry_out, decide, latest, tidy_reason
from lms.quizzes.regrade_plan import Line, Plan, dry_run
from lms.quizzes.regrading import RegradeRefused, case_of

SHOWN = 20
_TAGS = re.compile(r"<[^>]+>")


@lms.command("regrade")
@click.argument("question", metavar="CÂU")
@click.option("--drop", is_flag=True, help="Bỏ câu này: không tính cho ai nữa.")
@click.option(
    "--from",
    "editions",
    multiple=True,
    metavar="BẢN",
    help="Chỉ chấm lại câu trả lời trên bản này (mấy chữ đầu của mã bản); có thể lặp lại.",
)
@click.option("--reason", default="", metavar="LÝ-DO", help="Vì sao; người học đọc ở trang kết quả.")
@click.option("--by", "name", default="", metavar="TÊN", help="Ai quyết định; mặc định: người gõ lệnh.")
@click.option("--apply", "is_applied", is_flag=True, help="Áp dụng. Không có thì chỉ xem trước.")
@click.option("--all", "shows_all", is_flag=True, help="Liệt kê mọi bài sẽ đổi.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def regrade_command(
    question: str,
    drop: bool,
    editions: tuple[str, ...],
    reason: str,
    name: str,
    is_applied: bool,
    shows_all: bool,
    as_json: bool,
) -> None:
    """Chấm lại một câu theo đáp án đã sửa, hoặc bỏ câu đó; không lấy lại của ai cái đã đạt."""
    by = By(name.strip() or who(), reason)
    with site() as here:
        try:
            if is_applied:
                tidy_reason(reason)
            told = _plan(here, question, drop, editions, SHOWN if not shows_all and not as_json else None)
            if as_json:
                click.echo(json.dumps(_plain(*told), ensure_ascii=False))
            else:
                _say(*told, is_applied=is_applied)
            if is_applied:
                _apply(here, question, drop, editions, by, quiet=as_json)
        except RegradeRefused as refused:
            raise Failure(str(refused)) from None


def _issuer(here: Site) -> Issuer:
    return Issuer(name=here.config.site_name, public_url=here.config.public_url)


def _plan(
    here: Site, question: str, drop: bool, editions: tuple[str, ...], lines: int | None
) -> tuple[Plan, Catalogue]:
    with here.database.reading() as db:
        catalogue = load_catalogue(db)
        case = case_of(db, question, drop=drop, only=editions)
        return dry_run(db, case, catalogue, _issuer(here), clock.now(), lines=lines), catalogue


def _say(plan: Plan, catalogue: Catalogue, *, is_applied: bool) -> None:
    case = plan.case
    click.echo(f"Câu {case.question_id}: {case.title}")
    if not case.is_needed:
        click.echo("Không có gì phải chấm lại: mọi bản của câu này chấm như nhau, hoặc đã được chấm lại.")
    else:
        how = f"theo bản {case.to.edition_id[:8]}" if case.to else "là bỏ câu này"
        click.echo(f"Chấm {how}; bản phải chấm lại: {', '.join(key[:8] for key in case.editions)}.")
        click.echo(
            f"{plan.looked_at} câu trả lời: {plan.up} bài lên điểm, {plan.down} bài xuống điểm, "
            f"{plan.even} bài giữ tỷ lệ, {plan.same} bài không đổi."
        )
        _say_consequences(plan, catalogue)
    for choice, count in sorted(plan.removed.items()):
        words = "; ".join(unescape(_TAGS.sub("", line)) for line in plan.words_of(choice))
        click.echo(f"{count} bài trả lời “{choice}” ({words}), nay không còn trong câu: giữ điểm cũ.")
    if plan.erased:
        click.echo(f"{plan.erased} câu trả lời gõ chữ nay đã xóa chữ: giữ điểm cũ.")
    for line in plan.lines:
        click.echo(f"  {_row(line, catalogue)}")
    if plan.changed > len(plan.lines):
        click.echo(f"  … còn {plan.changed - len(plan.lines)} bài. Thêm --all để xem hết.")
    if not is_applied and case.is_needed:
        extra = " --drop" if case.to is None else ""
        click.echo(
            f"Chưa đổi gì. Để áp dụng: lms regrade {case.question_id}{extra} --apply --reason 'Vì sao'"
        )


def _say_consequences(plan: Plan, catalogue: Catalogue) -> None:
    click.echo(
        f"{plan.passes} bài chưa đạt thành đạt; thêm {plan.checks} lượt đạt bài kiểm tra, "
        f"{plan.modules} lượt hoàn thành chủ đề."
    )
    if plan.kept_passes:
        click.echo(f"{plan.kept_passes} bài nay dưới mức đạt, vẫn giữ kết quả đạt và những gì đã có.")
    for course_id, count in sorted(plan.certificates.items()):
        click.echo(f"Cấp thêm {count} phiếu “{catalogue.course_by_id[course_id].title}”.")


def _row(line: Line, catalogue: Catalogue) -> str:
    was, module = line.change.was, catalogue.modules.get(line.change.was.module_id)
    day = clock.local_date(was.ended_at)
    follows = [
        *(["thành đạt"] if line.change.is_new_pass else []),
        *(["vẫn giữ đạt"] if line.change.is_kept_pass else []),
        *(["xong chủ đề"] if line.follows.modules else []),
        *(f"cấp phiếu {catalogue.course_by_id[c].title}" for c in line.follows.certificates),
    ]
    title = module.title if module else was.module_id
    return "  ".join((f"{day:%d/%m/%Y}", title, _score(line.change), ", ".join(follows))).rstrip()


def _score(change: Change) -> str:
    was = change.was
    return f"{_part(was.points, was.out_of, was.scale)} → {_part(change.points, change.out_of, change.scale)}"


def _part(points: int, out_of: int, scale: int) -> str:
    shown = f"{points / scale:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"{shown}/{out_of // scale}"


def _plain(plan: Plan, catalogue: Catalogue) -> dict[str, object]:
    case = plan.case
    return {
        "question": case.question_id,
        "to": case.to.edition_id if case.to else None,
        "editions": list(case.editions),
        "answers": plan.looked_at,
        "up": plan.up,
        "down": plan.down,
        "even": plan.even,
        "same": plan.same,
        "passes": plan.passes,
        "kept_passes": plan.kept_passes,
        "checks": plan.checks,
        "modules": plan.modules,
        "certificates": dict(plan.certificates),
        "removed": dict(plan.removed),
        "erased": plan.erased,
        "marks": [_row(line, catalogue) for line in plan.lines],
    }


def _apply(here: Site, question: str, drop: bool, editions: tuple[str, ...], by: By, *, quiet: bool) -> None:
    """Decide and carry out; of a regrade broken off before, carry out the rest."""
    with here.database.transaction() as db:
        made = decide(db, question, by, clock.now(), ref=secrets.token_hex(6), drop=drop, only=editions)
        regrade = made or latest(db, question)
    if regrade is None:
        return
    marks, passes = _carry_out(here, regrade, quiet=quiet)
    if quiet:
        return
    if made is None and not marks:
        click.echo("Lần chấm lại trước đã xong. Không đổi gì.")
    else:
        click.echo(f"Đã đổi điểm {marks} bài, trong đó {passes} bài thành đạt. Điểm cũ được giữ lại.")


def _carry_out(here: Site, regrade: Regrade, *, quiet: bool) -> tuple[int, int]:
    marks = passes = 0
    steps = carry_out(here.database, regrade, _issuer(here), clock.now)
    with click.progressbar(steps, label="Đang chấm lại", hidden=quiet) as bar:
        for step in bar:
            marks, passes = marks + step.marks, passes + step.passes
    return marks, passes
