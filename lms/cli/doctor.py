"""`lms doctor`: is everything as it should be?"""

import json
import os
from dataclasses import asdict

import click

from lms import clock
from lms.cli import Failure, lms
from lms.config import ConfigError, load
from lms.db import Database
from lms.doctor import BAD, GOOD, WARN, Finding, Patient, examine

_SIGNS = {GOOD: "✔", WARN: "!", BAD: "✘"}


@lms.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--quiet", is_flag=True, help="Chỉ in chỗ cần để ý.")
@click.pass_context
def doctor_command(context: click.Context, as_json: bool, quiet: bool) -> None:
    """Khám cả nơi cài đặt; có chỗ hỏng (✘) thì mã thoát là 1."""
    try:
        config = load()
    except ConfigError as error:
        raise Failure(f"✘ cài đặt: {error}") from None
    database = Database(config.database_url)
    found = []
    try:
        for finding in examine(Patient(config, database, os.environ, clock.now())):
            found.append(finding)
            if not as_json and not (quiet and finding.mark == GOOD):
                click.echo(_line(finding))
    finally:
        database.close()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))
    context.exit(1 if any(finding.mark == BAD for finding in found) else 0)


def _line(finding: Finding) -> str:
    cure = f"\n    → {finding.cure}" if finding.cure else ""
    return f"{_SIGNS[finding.mark]} {finding.name}: {finding.said}{cure}"
