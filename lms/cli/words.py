"""Vietnamese for what click itself says: headings of help, and mistakes of typing."""

from collections.abc import Sequence
from typing import Any

import click

_HEADINGS = {"Options": "Tùy chọn", "Commands": "Lệnh", "Positional arguments": "Phần phải gõ"}
_KINDS = {
    "INTEGER RANGE": "SỐ",
    "INTEGER": "SỐ",
    "DIRECTORY": "THƯ-MỤC",
    "FILE": "TỆP",
    "PATH": "ĐƯỜNG-DẪN",
    "TEXT": "CHỮ",
}
_NOTES = {
    "Show this message and exit.": "Hiện hướng dẫn này.",
    "[default: ": "[mặc định: ",
    "; default: ": "; mặc định: ",
    "required]": "bắt buộc]",
    "[env var: ": "[biến môi trường: ",
}
_MISTAKES = {
    "Got unexpected extra argument": "Thừa một phần ở cuối lệnh.",
    "Missing command": "Thiếu tên lệnh.",
}


class Formatter(click.HelpFormatter):
    """Help with Vietnamese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how the command is typed."""
        args = args.replace("[OPTIONS]", "[TÙY CHỌN]").replace("COMMAND [ARGS]...", "LỆNH …")
        super().write_usage(prog, args, prefix or "Cách dùng: ")

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(_HEADINGS.get(heading, heading))

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options or commands with what they do."""
        super().write_dl(
            [(_translated(name, _KINDS), _translated(text, _NOTES)) for name, text in rows],
            col_max,
            col_spacing,
        )


class Context(click.Context):
    """A context whose help is Vietnamese."""

    formatter_class = Formatter


class Command(click.Command):
    """A command with Vietnamese help."""

    context_class = Context


class Group(click.Group):
    """A group with Vietnamese help; so are the commands and groups inside."""

    context_class = Context
    command_class = Command
    group_class: type[click.Group] | type[type] | None = type


def sentence(error: click.UsageError) -> str:
    """Return what was typed wrong, as a Vietnamese sentence with the cure."""
    match error:
        case click.MissingParameter():
            return f"Thiếu {_name(error)}."
        case click.BadParameter():
            return _bad_value(error)
        case click.NoSuchOption():
            return f"Không có tùy chọn {error.option_name}.{_perhaps(error.possibilities)}"
        case click.exceptions.NoSuchCommand():
            return f"Không có lệnh “{error.command_name}”.{_perhaps(error.possibilities)}"
        case click.BadOptionUsage():
            return f"Tùy chọn {error.option_name} gõ chưa đúng. Sau nó là một giá trị, nếu có."
    known = (said for start, said in _MISTAKES.items() if error.message.startswith(start))
    return next(known, error.message)


def _bad_value(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"{_name(error)}: chỉ nhận {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.IntRange):
        return f"{_name(error)}: chỉ nhận số nguyên từ {kind.min} đến {kind.max}."
    if isinstance(kind, click.Path) and kind.exists:
        return f"{_name(error)}: không thấy tệp hay thư mục này. Xem lại đường dẫn."
    return error.message


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return "một giá trị"
    return error.param.opts[-1] if isinstance(error.param, click.Option) else error.param.human_readable_name


def _perhaps(possibilities: Sequence[str] | None) -> str:
    return f" Có phải {', '.join(possibilities)} không?" if possibilities else ""


def _translated(text: str, words: dict[str, str]) -> str:
    for english, vietnamese in words.items():
        text = text.replace(english, vietnamese)
    return text
