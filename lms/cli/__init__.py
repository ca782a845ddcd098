"""The command `lms`: one group a room, Vietnamese sentences, exit codes 0 / 1 / 2."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from lms.cli.words import Group, sentence
from lms.config import ConfigError

MODULES = {
    "audit": ("audit",),
    "assign": ("assign",),
    "backup": ("backups",),
    "cert": ("certificates",),
    "content": ("content", "questions", "sync"),
    "db": ("database",),
    "demo": ("demo",),
    "doctor": ("doctor",),
    "jobs": ("jobs",),
    "regrade": ("regrade",),
    "report": ("report",),
    "roster": ("roster",),
    "serve": ("serve",),
    "user": ("users",),
}
"""The modules of `lms.cli` behind each command, imported when the command is asked for."""


class Failure(click.ClickException):
    """What the command found wrong, as a sentence with the cure; exit code 1."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """Print the sentence alone, without a prefix in English."""
        click.echo(self.message, err=True)


class Root(Group):
    """The top of the command line: loads what is asked for, says in words what went wrong."""

    group_class = Group

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*MODULES, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported the first time."""
        for module in MODULES.get(cmd_name, ()):
            import_module(f"lms.cli.{module}")
        return super().get_command(ctx, cmd_name)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = "lms", **extra: Any
    ) -> NoReturn:
        """Run the command that was typed and leave with its exit code; a stack trace only with --debug."""
        typed = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = super().main(typed, prog_name, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = error.exit_code
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else prog_name
            click.echo(f"{sentence(error)}\nXem cách dùng: {path} --help", err=True)
            code = error.exit_code
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except click.Abort:
            click.echo("Đã dừng.", err=True)
            code = 1
        except ConfigError as error:
            click.echo(f"Cài đặt chưa đúng. {error}", err=True)
            code = 2
        except Exception as error:
            if "--debug" in typed:
                raise
            click.echo(f"Có lỗi ngoài dự kiến: {error}. Chạy lại với --debug để xem chi tiết.", err=True)
            code = 1
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Hiện chi tiết kỹ thuật khi có lỗi.")
@click.pass_context
def lms(context: click.Context, debug: bool) -> None:
    """Bình dân học vụ số: chạy và chăm sóc một trang học."""
    context.obj = {"debug": debug}


def main() -> None:
    """Run the command line in UTF-8, whatever the terminal says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    lms()
