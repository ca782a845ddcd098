"""`lms demo`: a fictional school with a month of learning, to try the product with."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import click

from lms import clock, codes
from lms.certificates.actions import Issuer
from lms.cli import Failure, lms
from lms.cli.site import Site, site, who
from lms.config import Config
from lms.demo import building
from lms.demo.building import Told
from lms.demo.month import Deed
from lms.demo.village import PASSWORD

LOCAL = "http://127.0.0.1:8000"
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@lms.command("demo")
@click.option(
    *("--seed", "number"),
    type=click.IntRange(1, 1_000_000),
    default=1,
    metavar="SỐ",
    help="Số khác thì ra người khác, việc khác; cùng một số thì luôn như nhau.",
)
@click.option(
    "--if-empty",
    is_flag=True,
    help="Trang đã có người, hay có địa chỉ công khai, thì thôi; không coi là lỗi.",
)
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def demo_command(number: int, if_empty: bool, quiet: bool) -> None:
    """Dựng một xã tưởng tượng: hai trường, 200 học sinh và gia đình, một tháng học.

    Chỉ chạy trên trang trống. Ai cũng biết mật khẩu của trang mẫu: chỉ để xem thử.
    """
    with site() as here:
        with here.database.reading() as db:
            is_built, is_empty = building.is_built(db), building.is_empty(db)
        if not is_built and (why := _reason_not_to(here.config, is_empty, if_empty)):
            _leave_alone(why, if_empty, quiet)
            return
        told = None if is_built else _build(here, number, quiet)
    if quiet:
        return
    click.echo(_sentence(told) if told else "Trang mẫu đã có sẵn.")
    _say_who_signs_in(here.config.public_url or LOCAL)
    if told:
        _say_what_to_try(here.config.public_url or LOCAL, told)


def _reason_not_to(config: Config, is_empty: bool, if_empty: bool) -> str:
    """Return why no demo is built, or "": people are there, or strangers could come in unasked."""
    if not is_empty:
        return "Trang này đã có người học."
    if if_empty and urlsplit(config.public_url or LOCAL).hostname not in THIS_MACHINE:
        return f"Trang này có địa chỉ công khai {config.public_url}, mà mật khẩu của trang mẫu ai cũng biết."
    return ""


def _leave_alone(why: str, if_empty: bool, quiet: bool) -> None:
    if not if_empty:
        raise Failure(
            f"{why} Lệnh demo chỉ chạy trên trang trống. "
            "Muốn xem thử, dùng thư mục dữ liệu khác, ví dụ: export LMS_DATA=trang-mau, "
            "rồi lms db upgrade, lms content sync, lms demo"
        )
    if not quiet:
        click.echo(f"{why} Không dựng trang mẫu. Xem ai đăng nhập được: lms user list")


def _build(here: Site, number: int, quiet: bool) -> Told:
    config = here.config
    issuer = Issuer(config.site_name, config.public_url)
    try:
        with here.database.transaction() as db:
            return building.build(
                db, issuer, config.secret, number, clock.now(), who(), _silent if quiet else _watch
            )
    except building.NoContent:
        raise Failure("Trang chưa có khóa học nào. Chạy: lms content sync, rồi chạy lại lms demo") from None
    except building.NotEmpty:
        raise Failure("Có người vừa vào học trên trang này. Lệnh demo chỉ chạy trên trang trống.") from None


def _silent(deeds: Iterable[Deed], _count: int) -> Iterable[Deed]:
    return deeds


def _watch(deeds: Iterable[Deed], count: int) -> Iterator[Deed]:
    with click.progressbar(deeds, length=count, label="Đang dựng trang mẫu") as bar:
        yield from bar


def _sentence(told: Told) -> str:
    return (
        f"Đã dựng trang mẫu: 2 trường, 6 lớp, {told.pupils} học sinh, {told.people} người, "
        f"{told.deeds} việc học trong một tháng, {told.certificates} giấy chứng nhận. "
        "Mọi tên người, tên nơi đều tưởng tượng."
    )


def _say_who_signs_in(address: str) -> None:
    click.echo(f"\nĐăng nhập ở {address}/dang-nhap, mật khẩu chung: {PASSWORD}")
    for login, purpose in building.who_can_sign_in():
        click.echo(f"  {login:<12} {purpose}")
    click.echo("Ai cũng biết mật khẩu này: đừng mở trang mẫu ra ngoài máy đang dùng.")


def _say_what_to_try(address: str, told: Told) -> None:
    click.echo("\nXem thử:")
    for at, what in (
        ("/", "trang đầu, học ngay không cần đăng nhập"),
        ("/vao-lop", f"học sinh vào lớp 4A bằng mã {codes.group(told.class_code)}"),
        ("", f"em {told.pupil}: {', '.join(told.pictures)}"),
        (f"/moi/{told.slip_code}", f"phiếu mời gia đình em {told.slip_of}, dùng một lần"),
        ("/gv", "nơi làm việc của thầy cô, sau khi đăng nhập"),
    ):
        click.echo(f"  {address + at if at else '':<48} {what}")
