"""`lms user`: who may sign in."""

import json
import sys
from dataclasses import asdict

import click

from lms import clock
from lms.accounts import actions, passwords
from lms.accounts.models import ROLES
from lms.accounts.queries import Holder, holders
from lms.cli import Failure, lms
from lms.cli.site import site


@lms.group("user")
def user() -> None:
    """Tài khoản của người quản lý trang: thêm, khóa, liệt kê."""


@user.command("add")
@click.argument("login", metavar="TÊN")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Vai trò.")
@click.option(
    "--name", default="", metavar="HỌ-TÊN", help="Tên hiện trên trang; không có thì dùng tên đăng nhập."
)
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ dòng đầu của đầu vào chuẩn.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def add_command(login: str, role: str, name: str, password_stdin: bool, quiet: bool) -> None:
    """Thêm một tài khoản; mật khẩu gõ hai lần, không hiện ra màn hình."""
    with site() as here:
        password = _from_stdin() if password_stdin else _asked()
        try:
            with here.database.transaction() as db:
                made = actions.open_account(db, login, name, password, role, clock.now())
        except (actions.AccountRefused, passwords.PasswordRefused) as refused:
            raise Failure(str(refused)) from None
    if not quiet:
        click.echo(f"Đã thêm tài khoản “{made.login}” ({made.display_name}), vai trò {role}.")


@user.command("disable")
@click.argument("login", metavar="TÊN")
def disable_command(login: str) -> None:
    """Khóa một tài khoản và đăng xuất nó ở mọi máy."""
    with site() as here:
        try:
            with here.database.transaction() as db:
                ended = actions.disable_account(db, login, clock.now())
        except actions.AccountRefused as refused:
            raise Failure(f"{refused} Xem danh sách: lms user list") from None
    click.echo(f"Đã khóa tài khoản “{actions.login_key(login)}”, đăng xuất {ended} phiên.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def list_command(as_json: bool) -> None:
    """Liệt kê các tài khoản và vai trò."""
    with site() as here, here.database.reading() as db:
        found = holders(db)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("Chưa có tài khoản nào. Thêm bằng: lms user add TÊN --role admin")


def _line(one: Holder) -> str:
    roles = ", ".join(one.roles) or "không có vai trò"
    return f"{one.login} · {one.display_name} · {roles}{' · đã khóa' if one.disabled_at else ''}"


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked() -> str:
    first = click.prompt("Mật khẩu", hide_input=True, default="", show_default=False)
    again = click.prompt("Gõ lại mật khẩu", hide_input=True, default="", show_default=False)
    if first != again:
        raise Failure("Hai lần gõ không giống nhau. Chạy lại và gõ chậm hơn.")
    return str(first)
