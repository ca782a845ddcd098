"""`lms report`: figures from the terminal, without anybody's name."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from lms import clock
from lms.catalog.catalogue import Course
from lms.catalog.queries import load as load_catalogue
from lms.cli import Failure, lms
from lms.cli.site import site
from lms.db import ScopedSession
from lms.places.queries import Place, place
from lms.reports.coverage import PARTS, CoverageRow, Figures, figures, share
from lms.reports.evidence import AUDIENCES, Asked
from lms.reports.figures_file import AUDIENCE, headings, remark, write_figures
from lms.reports.queries import waiting


@lms.group("report")
def report() -> None:
    """Số liệu: tỷ lệ hoàn thành khóa học."""


@report.command("coverage")
@click.option(
    "--unit", "ref", required=True, metavar="MÃ", help="Mã 12 ký tự trong địa chỉ trang của đơn vị."
)
@click.option("--course", "course_id", metavar="ID", help="Id của khóa học; không ghi thì là khóa đầu tiên.")
@click.option(
    "--audience", type=click.Choice(AUDIENCES), help="Chỉ một đối tượng; không ghi thì mọi đối tượng."
)
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="NĂM-THÁNG-NGÀY", help="Tính đến hết ngày nào."
)
@click.option(
    "--by", type=click.Choice(["class", "school"]), help="Kê từng lớp của trường, từng trường của xã."
)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Ghi bảng tính ra tệp này.")
def coverage_command(
    ref: str,
    course_id: str | None,
    audience: str | None,
    as_of: datetime | None,
    by: str | None,
    as_json: bool,
    xlsx: Path | None,
) -> None:
    """Tính tỷ lệ hoàn thành khóa học của một lớp, trường hoặc xã."""
    now, today = clock.now(), clock.today()
    asked_on = as_of.date() if as_of else today
    if asked_on > today:
        raise Failure("Ngày này chưa tới. Chọn hôm nay hoặc một ngày đã qua.")
    with site() as here, here.database.reading() as db:
        unit, course = _unit(db, ref, asked_on), _course(db, course_id)
        found = figures(db, unit, Asked(course, asked_on, now))
        rows = [row for row in _rows(found, by) if audience in (None, row.audience)]
        if xlsx is not None:
            _write(xlsx, found, waiting(db, unit, now))
    if as_json:
        click.echo(json.dumps(_said(found, rows), ensure_ascii=False))
        return
    for line in headings(found):
        click.echo(line)
    for row in rows:
        click.echo(_line(row))
    if xlsx is not None:
        click.echo(f"Đã ghi {xlsx}.")


def _unit(db: ScopedSession, ref: str, on: date) -> Place:
    found = place(db, ref, on)
    if found is None or found.kind not in ("class", *PARTS):
        raise Failure(
            f"Ngày {on:%d/%m/%Y} không có lớp, trường hay xã “{ref}”. "
            "Mã đứng trong địa chỉ trang: /gv/lop/<mã>, /truong/<mã>, /xa/<mã>."
        )
    return found


def _course(db: ScopedSession, course_id: str | None) -> Course:
    offered = [course for course in load_catalogue(db).courses if course.modules]
    if not offered:
        raise Failure("Chưa có khóa học nào. Chạy: lms content sync")
    found = next((c for c in offered if course_id in (None, c.id)), None)
    if found is None:
        raise Failure(f"Không có khóa học “{course_id}”. Đang có: {', '.join(c.id for c in offered)}.")
    return found


def _rows(found: Figures, by: str | None) -> tuple[CoverageRow, ...]:
    if by is None or by == found.unit.kind:
        return found.wholes
    if PARTS.get(found.unit.kind) != by:
        raise Failure("--by class kê các lớp của một trường, --by school kê các trường của một xã.")
    return found.parts


def _write(target: Path, found: Figures, number_waiting: int) -> None:
    draft = target.with_name(f".{target.name}.tmp")
    try:
        write_figures(draft, found, number_waiting)
        draft.replace(target)
    except OSError as error:
        raise Failure(f"Không ghi được {target}: {error.strerror}. Chọn thư mục khác.") from None


def _line(row: CoverageRow) -> str:
    head = f"{row.place.name} | {AUDIENCE[row.audience]}: "
    if row.base is None:
        return head + remark(row)
    count = row.count
    said = f"{count.completed} trên {row.base} ({share(count.completed, row.base)})"
    levels = f"đã tham gia {count.taken_part}, có người giúp {count.helped}"
    return f"{head}{said}; {levels}, mức 2: {count.level_2}, mức 3: {count.level_3}. {remark(row)}".strip()


def _said(found: Figures, rows: list[CoverageRow]) -> dict[str, Any]:
    asked = found.asked
    return {
        "unit": found.unit.ref,
        "name": found.unit.name,
        "course": asked.course.id,
        "as_of": asked.as_of.isoformat(),
        "known_at": asked.known_at.isoformat(),
        "rows": [
            {
                "unit": row.place.ref,
                "name": row.place.name,
                "audience": row.audience,
                "members": row.count.members,
                "declared": row.total.number if row.total else None,
                "base": row.base,
                "taken_part": row.count.taken_part,
                "completed": row.count.completed,
                "helped": row.count.helped,
                "level_2": row.count.level_2,
                "level_3": row.count.level_3,
                "rate": row.rate,
                "blank": list(row.blank),
            }
            for row in rows
        ],
    }
