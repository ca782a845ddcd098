"""`lms serve`: the course site, until Ctrl+C."""

import sys
from dataclasses import replace

import click

from lms.cli import lms
from lms.config import load
from lms.serve import ServeSettings, StartError
from lms.serve import serve as run_server
from lms.serve.settings import BAD_START


@lms.command()
@click.option(
    "--host",
    default=ServeSettings.host,
    show_default=True,
    help="Địa chỉ lắng nghe; 0.0.0.0: mọi máy trong mạng.",
)
@click.option(
    "--port",
    default=ServeSettings.port,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Cổng.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Số tiến trình phục vụ; mặc định bằng số lõi của máy.",
)
@click.option("--no-jobs", is_flag=True, help="Không chạy việc nền (khi đã chạy ở nơi khác).")
@click.pass_context
def serve(context: click.Context, host: str, port: int, workers: int | None, no_jobs: bool) -> None:
    """Mở trang học cho mọi người vào, cùng các việc nền."""
    config = load()
    settings = ServeSettings(
        host=host,
        port=port,
        workers=workers or config.workers,
        debug=bool((context.obj or {}).get("debug")),
    )
    if no_jobs:
        settings = replace(settings, jobs="")
    try:
        code = run_server(config, settings, click.echo)
    except StartError as error:
        click.echo(str(error), err=True)
        code = BAD_START
    sys.exit(code)
