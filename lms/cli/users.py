"""`lms user`: who may sign in, and as what where."""

import json
import sys
import uuid

import click
from sqlalchemy.orm import Session

from lms import clock
from lms.accounts import actions, invitations, passwords, roles
from lms.accounts.models import ROLES
from lms.accounts.queries import Holder, Post, holders
from lms.accounts.roles import Actor, RoleRefused
from lms.cli import Failure, lms
from lms.cli.site import site, who
from lms.people.actions import add_person
from lms.people.names import NameRefused, full_name
from lms.places.queries import Place, place

UNIT_HELP = "Mã đơn vị: 12 chữ và số trong địa chỉ trang của đơn vị, hoặc ở lms user list."


@lms.group("user")
def user() -> None:
    """Tài khoản của thầy cô, cán bộ, người quản trị: thêm, mời, khóa, liệt kê."""


@user.command("add")
@click.argument("login", metavar="TÊN")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Vai trò.")
@click.option("--unit", "ref", default="", metavar="MÃ", help=f"Nơi giữ vai trò. {UNIT_HELP}")
@click.option(
    "--name", default="", metavar="HỌ-TÊN", help="Tên hiện trên trang; không có thì dùng tên đăng nhập."
)
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ dòng đầu của đầu vào chuẩn.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def add_command(login: str, role: str, ref: str, name: str, password_stdin: bool, quiet: bool) -> None:
    """Thêm một tài khoản; mật khẩu gõ hai lần, không hiện ra màn hình.

    Người quản trị đầu tiên của trang mới: lms user add TÊN --role admin
    """
    with site() as here:
        password = _from_stdin() if password_stdin else _asked()
        try:
            with here.database.transaction() as db:
                where = _place(db, role, ref)
                unit, person = where.id if where else None, _person(db, name)
                made = actions.open_account(db, login, name, password, role, clock.now(), unit, person)
                actions.note_opened(db, made, role, where, Actor(None, who()), clock.now())
        except (actions.AccountRefused, passwords.PasswordRefused, RoleRefused) as refused:
            raise Failure(str(refused)) from None
    if not quiet:
        said = f"vai trò {roles.role_words(role, where)}"
        click.echo(f"Đã thêm tài khoản “{made.login}” ({made.display_name}), {said}.")


@user.command("invite")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Vai trò.")
@click.option("--unit", "ref", default="", metavar="MÃ", help=f"Nơi giữ vai trò. {UNIT_HELP}")
@click.option("--name", required=True, metavar="HỌ-TÊN", help="Họ và tên của người được mời.")
def invite_command(role: str, ref: str, name: str) -> None:
    """Tạo một đường dẫn để một người tự mở tài khoản: dùng một lần, trong 7 ngày."""
    with site() as here:
        if not here.config.public_url:
            raise Failure("Đặt LMS_PUBLIC_URL trước (địa chỉ của trang học), để viết được đường dẫn.")
        try:
            with here.database.transaction() as db:
                where, by = _place(db, role, ref), Actor(None, who())
                secret = here.config.secret
                _, token = invitations.invite(db, secret, role, where, name, by, clock.now())
        except (RoleRefused, NameRefused) as refused:
            raise Failure(str(refused)) from None
    click.echo(f"{here.config.public_url}/loi-moi/{token}")


@user.command("disable")
@click.argument("login", metavar="TÊN")
def disable_command(login: str) -> None:
    """Khóa một tài khoản và đăng xuất nó ở mọi máy."""
    with site() as here:
        try:
            with here.database.transaction() as db:
                ended = actions.disable_account(db, login, clock.now(), Actor(None, who()))
        except actions.AccountRefused as refused:
            raise Failure(f"{refused} Xem danh sách: lms user list") from None
    click.echo(f"Đã khóa tài khoản “{actions.login_key(login)}”, đăng xuất {ended} phiên.")


@user.command("password")
@click.argument("login", metavar="TÊN")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ dòng đầu của đầu vào chuẩn.")
def password_command(login: str, password_stdin: bool) -> None:
    """Đặt mật khẩu mới cho người quên, và đăng xuất tài khoản đó ở mọi máy."""
    with site() as here:
        password = _from_stdin() if password_stdin else _asked()
        try:
            with here.database.transaction() as db:
                ended = actions.set_password(db, login, password, clock.now(), Actor(None, who()))
        except (actions.AccountRefused, passwords.PasswordRefused) as refused:
            raise Failure(str(refused)) from None
    click.echo(f"Đã đặt mật khẩu mới cho “{actions.login_key(login)}”, đăng xuất {ended} phiên.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def list_command(as_json: bool) -> None:
    """Liệt kê các tài khoản, vai trò và nơi giữ vai trò."""
    with site() as here, here.database.reading() as db:
        found = holders(db, clock.today())
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("Chưa có tài khoản nào. Thêm bằng: lms user add TÊN --role admin")


def _plain(one: Holder) -> dict[str, object]:
    return {
        "login": one.login,
        "display_name": one.display_name,
        "roles": one.roles,
        "posts": [
            {"role": post.role, "unit": post.place.ref if post.place else None, "where": post.where}
            for post in one.posts
        ],
        "made_at": one.made_at,
        "disabled_at": one.disabled_at,
    }


def _line(one: Holder) -> str:
    held = "; ".join(_post(post) for post in one.posts) or "không có vai trò"
    return f"{one.login} · {one.display_name} · {held}{' · đã khóa' if one.disabled_at else ''}"


def _post(post: Post) -> str:
    return f"{post.role}, {post.where} ({post.place.ref})" if post.place else post.role


def _place(db: Session, role: str, ref: str) -> Place | None:
    """Return the unit that was typed, if any. Raises Failure or RoleRefused when it does not fit the role."""
    where = place(db, ref, clock.today()) if ref else None
    if ref and where is None:
        raise Failure(f"Không có đơn vị mang mã {ref}. {UNIT_HELP}")
    try:
        roles.require_fit(role, where)
    except RoleRefused as refused:
        raise Failure(str(refused) + ("" if where else " Thêm --unit MÃ.")) from None
    return where


def _person(db: Session, name: str) -> uuid.UUID | None:
    """Make the person behind an account whose full name was given: a teacher is a witness."""
    try:
        return add_person(db, full_name(name), clock.now()).id
    except NameRefused:
        return None


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked() -> str:
    first = click.prompt("Mật khẩu", hide_input=True, default="", show_default=False)
    again = click.prompt("Gõ lại mật khẩu", hide_input=True, default="", show_default=False)
    if first != again:
        raise Failure("Hai lần gõ không giống nhau. Chạy lại và gõ chậm hơn.")
    return str(first)
