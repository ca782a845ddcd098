"""`lms assign`: give a module or course to a class from the terminal."""

from datetime import date, datetime

import click

from lms import clock
from lms.accounts.acts import note_act
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load as load_catalogue
from lms.classrooms import assigning
from lms.classrooms.targets import target_of
from lms.cli import Failure, lms
from lms.cli.site import site, who
from lms.places.queries import Place, place

WHOM = {"student": "học sinh", "parent": "cha mẹ học sinh"}


@lms.command("assign")
@click.option("--class", "ref", required=True, metavar="MÃ-LỚP", help="Mã 12 ký tự trong địa chỉ trang lớp.")
@click.option("--item", "item_id", required=True, metavar="ID", help="Id của chủ đề hoặc khóa học.")
@click.option(
    "--audience",
    type=click.Choice(assigning.AUDIENCES),
    default="parent",
    show_default=True,
    help="Giao cho học sinh (student) hay gia đình (parent).",
)
@click.option(
    "--due", type=click.DateTime(["%Y-%m-%d"]), required=True, metavar="NĂM-THÁNG-NGÀY", help="Hạn, hết ngày."
)
@click.option("--advised", is_flag=True, help="Khuyến khích, không bắt buộc.")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def assign_command(ref: str, item_id: str, audience: str, due: datetime, advised: bool, quiet: bool) -> None:
    """Giao một chủ đề hoặc cả khóa cho một lớp; giao lần thứ hai không đổi gì."""
    now, due_on = clock.now(), due.date()
    try:
        assigning.check_due(due_on, clock.today())
        with site() as here, here.database.transaction() as db:
            room, catalogue = _class(place(db, ref, clock.today()), ref), load_catalogue(db)
            title = _title(catalogue, item_id)
            assigning.assign(db, room.id, item_id, audience, due_on, now, by=None, required=not advised)
            words = f"Giao “{title}” cho {WHOM[audience]} lớp {room.name}"
            note_act(db, "assign", words, by=who(), now=now, unit_id=room.id)
    except assigning.AssignRefused as refused:
        raise Failure(str(refused)) from None
    except assigning.AlreadyAssigned as already:
        _say_again(already.assignment.due_on, due_on, quiet)
        return
    if not quiet:
        click.echo(f"Đã giao “{title}” cho {WHOM[audience]} lớp {room.name}, hạn {due_on:%d/%m/%Y}.")


def _class(found: Place | None, ref: str) -> Place:
    if found is None or found.kind != "class":
        raise Failure(f"Không có lớp “{ref}”. Mã lớp là 12 ký tự cuối trong địa chỉ trang lớp: /gv/lop/….")
    return found


def _title(catalogue: Catalogue, item_id: str) -> str:
    target = target_of(catalogue, item_id)
    if not target.modules:
        offered = ", ".join([*catalogue.course_by_id, *catalogue.modules])
        raise Failure(f"Không có chủ đề hay khóa học “{item_id}”. Đang có: {offered}.")
    return target.title


def _say_again(standing: date, asked: date, quiet: bool) -> None:
    if standing != asked:
        raise Failure(
            f"Lớp đã được giao bài này, hạn {standing:%d/%m/%Y}. "
            "Muốn đổi hạn thì thu hồi ở trang lớp rồi giao lại."
        )
    if not quiet:
        click.echo("Lớp đã được giao bài này từ trước. Không đổi gì.")
