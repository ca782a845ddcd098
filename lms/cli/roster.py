"""`lms roster`: reading rosters in and writing them out, by the same rules as the screens."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from lms import clock
from lms.accounts.roles import Actor
from lms.classrooms.actions import class_key
from lms.classrooms.export import HEADER, format_of, roster_rows, texts
from lms.classrooms.importing import (
    Outcome,
    apply_pupils,
    apply_staff,
    outcome_of,
    staff_outcome,
    wait_for_turn,
)
from lms.classrooms.known import Room, SchoolRoster
from lms.classrooms.planning import Plan, plan_pupils
from lms.classrooms.roster import read_pupils
from lms.classrooms.rosters import school_roster
from lms.classrooms.rows import ERROR, Reading
from lms.classrooms.staff_list import read_staff
from lms.classrooms.staff_planning import StaffPlan, plan_staff
from lms.classrooms.table import FileRefused, Table
from lms.classrooms.workbook import read_table
from lms.classrooms.years import first_year_of
from lms.cli import Failure, lms
from lms.cli.site import site, who
from lms.places.queries import Place, place
from lms.reports.tables import Sheet, write_csv, write_xlsx

SHOWN = 50


@lms.group("roster")
def roster() -> None:
    """Danh sách lớp, danh sách thầy cô: nạp vào và xuất ra."""


@dataclass(frozen=True)
class Wish:
    """What the command was asked to read."""

    school: str
    class_name: str | None
    year: int
    staff: bool


@roster.command("import")
@click.argument("file", metavar="TỆP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--school", required=True, metavar="MÃ", help="Mã của trường, 12 ký tự trong địa chỉ /truong/…."
)
@click.option(
    "--class", "class_name", metavar="LỚP", help="Nạp vào một lớp đã có; không có thì theo cột Lớp."
)
@click.option("--year", type=int, metavar="NĂM", help="Năm bắt đầu năm học; không có thì năm học này.")
@click.option("--staff", is_flag=True, help="Tệp là danh sách thầy cô, nhân viên.")
@click.option("--dry-run", is_flag=True, help="Chỉ xem, không ghi.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def import_command(
    file: Path,
    school: str,
    class_name: str | None,
    year: int | None,
    staff: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Nạp một tệp danh sách; dòng lỗi ở lại ngoài và được nêu tên ô, cách sửa."""
    try:
        table = read_table(file.read_bytes(), file.name)
    except FileRefused as refused:
        raise Failure(str(refused)) from None
    wish = Wish(school, class_name, year or first_year_of(clock.today()), staff)
    reading = _read(wish, table)
    with site() as here:
        if dry_run:
            with here.database.reading() as db:
                plan, outcome = _look(db, wish, reading)
        else:
            with here.database.transaction() as db:
                plan, outcome = _write(db, wish, reading)
    told = _told(reading, plan, outcome, table, is_written=not dry_run)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _print(told, quiet=quiet)
    if told["refused"] or told["questions"]:
        sys.exit(1)


def _read(wish: Wish, table: Table) -> Reading[Any]:
    if wish.staff:
        return read_staff(table)
    return read_pupils(table, class_name=wish.class_name, on=clock.today())


def _look(db: Session, wish: Wish, reading: Reading[Any]) -> tuple[Plan | StaffPlan, Outcome]:
    known = school_roster(db, _school(db, wish.school).id)
    if wish.staff:
        plan = plan_staff(known, reading.rows)
        return plan, staff_outcome(plan)
    pupils = plan_pupils(known, reading.rows, wish.year, room=_room(known, wish))
    return pupils, outcome_of(pupils)


def _write(db: Session, wish: Wish, reading: Reading[Any]) -> tuple[Plan | StaffPlan, Outcome]:
    school = _school(db, wish.school)
    wait_for_turn(db, school.id)
    plan, _ = _look(db, wish, reading)
    by, now = Actor(None, who()), clock.now()
    if isinstance(plan, StaffPlan):
        return plan, apply_staff(db, school, plan, by, now)
    room = _room(plan.known, wish)
    return plan, apply_pupils(db, school, plan, by, now, room.unit_id if room else None)


def _school(db: Session, ref: str) -> Place:
    found = place(db, ref, clock.today())
    if found is None or found.kind != "school":
        raise Failure(
            f"Không có trường nào mang mã {ref}. Mã đứng trong địa chỉ trang của trường: /truong/…."
        )
    return found


def _room(known: SchoolRoster, wish: Wish) -> Room | None:
    if wish.class_name is None:
        return None
    room = known.room_named(class_key(wish.class_name), wish.year)
    if room is None:
        year = f"{wish.year}–{wish.year + 1}"
        raise Failure(
            f"Trường chưa có lớp {wish.class_name} năm học {year}. "
            "Mở lớp trên trang, hoặc bỏ --class để các lớp trong tệp được mở."
        )
    return room


def _told(
    reading: Reading[Any], plan: Plan | StaffPlan, outcome: Outcome, table: Table, *, is_written: bool
) -> dict[str, Any]:
    refused = [
        {"row": table.row_number(p.line), "cell": p.cell, "value": p.value, "message": p.message}
        for p in reading.problems
        if p.kind == ERROR
    ]
    questions = [
        {"row": table.row_number(q.row.line), "name": q.row.full_name, "choices": len(q.options)}
        for q in plan.questions
    ]
    return {
        "written": is_written and bool(outcome.changes),
        "read": len(reading.rows),
        "skipped": len(reading.skipped),
        "refused": refused,
        "questions": questions,
        "absent": len(plan.absent),
        "changes": outcome.changes,
        "outcome": asdict(outcome),
        "words": outcome.words,
        "notes": list(reading.notes),
    }


def _print(told: dict[str, Any], *, quiet: bool) -> None:
    for problem in told["refused"][:SHOWN]:
        click.echo(problem["message"], err=True)
    if len(told["refused"]) > SHOWN:
        click.echo(f"Còn {len(told['refused']) - SHOWN} chỗ lỗi nữa.", err=True)
    for question in told["questions"][:SHOWN]:
        click.echo(
            f"Dòng {question['row']}: {question['name']} trùng tên với người đã có, chưa rõ là ai. "
            "Nạp dòng này trên trang để chọn.",
            err=True,
        )
    if quiet:
        return
    for note in told["notes"]:
        click.echo(note)
    click.echo(f"Đọc được {told['read']} dòng, để ngoài {len(told['refused']) + len(told['questions'])} chỗ.")
    if told["absent"]:
        click.echo(f"{told['absent']} người đang có không đứng trong tệp: không ai bị xóa.")
    click.echo(
        f"{'Đã ghi' if told['written'] else 'Sẽ ghi' if told['changes'] else 'Kết quả'}: {told['words']}."
    )


@roster.command("export")
@click.option("--school", metavar="MÃ", help="Mã của trường: mọi lớp của một năm học.")
@click.option("--class", "class_ref", metavar="MÃ", help="Mã của một lớp, trong địa chỉ /gv/lop/….")
@click.option("--year", type=int, metavar="NĂM", help="Năm bắt đầu năm học; không có thì năm học này.")
@click.option(
    "--out",
    required=True,
    metavar="TỆP",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Tệp .xlsx hoặc .csv.",
)
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def export_command(
    school: str | None, class_ref: str | None, year: int | None, out: Path, quiet: bool
) -> None:
    """Xuất danh sách học sinh và cha mẹ; nạp lại tệp này thì không có gì đổi."""
    ending = format_of(out.name)
    if ending is None:
        raise Failure("Tên tệp phải kết thúc bằng .xlsx hoặc .csv.")
    if (school is None) == (class_ref is None):
        raise Failure("Chọn một trong hai: --school hoặc --class.")
    with site() as here, here.database.reading() as db:
        rows = list(_rows(db, school, class_ref, year or first_year_of(clock.today())))
    with out.open("wb") as file:
        if ending == ".csv":
            write_csv(file, HEADER, map(texts, rows))
        else:
            write_xlsx(file, [Sheet("Danh sách", HEADER, rows, widths=[10, 26, 12, 22, *[22, 14] * 3, 18])])
    if not quiet:
        click.echo(f"Đã ghi {len(rows)} em vào {out}. Tệp có dữ liệu của trẻ em: cất nơi khóa được.")


def _rows(db: Session, school: str | None, class_ref: str | None, year: int) -> Any:
    if school is not None:
        known = school_roster(db, _school(db, school).id)
        rooms = [room for room in known.rooms.values() if room.first_year == year]
        return roster_rows(known, sorted(rooms, key=lambda room: room.key))
    found = place(db, class_ref or "", clock.today())
    if found is None or found.kind != "class" or found.parent_id is None:
        raise Failure(
            f"Không có lớp nào mang mã {class_ref}. Mã đứng trong địa chỉ trang của lớp: /gv/lop/…."
        )
    known = school_roster(db, found.parent_id)
    return roster_rows(known, [known.rooms[found.id]])
