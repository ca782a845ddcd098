"""`lms audit`: what staff did."""

import json
from datetime import UTC, date, datetime, time

import click

from lms import clock
from lms.accounts.queries import Act, acts
from lms.cli import Failure, lms
from lms.cli.site import site
from lms.places.queries import place

MOST = 100_000


@lms.group("audit")
def audit() -> None:
    """Nhật ký: ai đã làm gì, ở đâu, lúc nào."""


@audit.command("list")
@click.option("--unit", "ref", default="", metavar="MÃ", help="Chỉ đơn vị này và bên trong nó.")
@click.option("--since", default="", metavar="NGÀY", help="Từ ngày này, viết như 2026-11-22.")
@click.option(
    "--limit", default=200, type=click.IntRange(1, MOST), help="Nhiều nhất bao nhiêu việc, mới nhất trước."
)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def list_command(ref: str, since: str, limit: int, as_json: bool) -> None:
    """Liệt kê những việc thầy cô, cán bộ đã làm, mới nhất trước."""
    start = _start(since)
    with site() as here, here.database.reading() as db:
        where = place(db, ref, clock.today()) if ref else None
        if ref and where is None:
            raise Failure(f"Không có đơn vị mang mã {ref}. Xem mã ở trang của đơn vị, hoặc: lms user list")
        path = where.path if where else None
        found = acts(db, clock.today(), path=path, since=start, limit=limit)
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        at = one.at.astimezone(clock.VIETNAM)
        click.echo(f"{at:%d/%m/%Y %H:%M} · {one.by} · {one.what}{' · ' + _where(one) if one.place else ''}")
    if not found:
        click.echo("Chưa có việc nào được ghi.")


def _start(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise click.BadParameter("--since: viết ngày như 2026-11-22.") from None
    return datetime.combine(day, time(), clock.VIETNAM).astimezone(UTC)


def _plain(one: Act) -> dict[str, object]:
    return {
        "at": one.at.isoformat(),
        "by": one.by,
        "act": one.act,
        "what": one.what,
        "unit": one.place.ref if one.place else None,
        "where": _where(one) or None,
    }


def _where(one: Act) -> str:
    if one.place is None:
        return ""
    return f"lớp {one.place.name}" if one.place.kind == "class" else one.place.name
