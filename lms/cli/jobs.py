"""`lms jobs`: what runs by itself, and running it now."""

import json
from dataclasses import asdict
from datetime import datetime

import click

from lms import clock
from lms import jobs as work
from lms.cli import Failure, lms
from lms.cli.site import site

_STATES = {
    "never": "chưa chạy lần nào",
    "waiting": "đang chờ",
    "running": "đang chạy",
    "done": "xong",
    "failed": "hỏng",
}


@lms.group("jobs")
def jobs() -> None:
    """Việc nền: xem lịch, chạy ngay một việc."""


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def list_command(as_json: bool) -> None:
    """Liệt kê các việc nền: lần tới, lần vừa rồi, kết quả."""
    with site() as here, here.database.reading() as db:
        found = work.standings(db, clock.now())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        last = f"lần trước {_moment(one.last_at)}, " if one.last_at else ""
        error = f" ({one.error})" if one.error else ""
        click.echo(f"{one.name}: lần tới {_moment(one.next_due)}, {last}{_STATES[one.state]}{error}")


@jobs.command("run")
@click.argument("name", metavar="VIỆC")
def run_command(name: str) -> None:
    """Chạy ngay một việc, trong chính lệnh này."""
    with site() as here:
        try:
            said = work.Runner(work.Site(here.database, here.config)).run_now(name)
        except work.JobFailed as failed:
            raise Failure(f"{name}: {failed}") from failed
    click.echo(f"{name}: {said}")


@jobs.command("ticker")
def ticker_command() -> None:
    """Chạy việc nền đúng giờ cho tới khi bị dừng; lms serve tự bật sẵn việc này."""
    try:
        work.run_ticker()
    except work.AlreadyHeld:
        raise Failure("Dữ liệu đang được khôi phục. Chờ xong rồi chạy lại.") from None
    except KeyboardInterrupt:
        click.echo("Đã dừng việc nền.", err=True)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}"
