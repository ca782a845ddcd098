"""`lms db`: bring the database to this version."""

import json

import click

from lms import backup, clock, migrations
from lms.backup.copying import BEFORE_UPGRADE
from lms.cli import Failure, lms
from lms.cli.site import Site, site


@lms.group("db")
def database() -> None:
    """Cơ sở dữ liệu: nâng cấp, xem đang ở bản nào."""


@database.command("upgrade")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def upgrade_command(quiet: bool) -> None:
    """Tạo cơ sở dữ liệu, hoặc đưa nó lên bản của phần mềm này.

    Dữ liệu đang có được sao lưu và kiểm tra trước khi đổi.
    """
    with site(any_schema=True) as here:
        saved = save_before(here, migrations.head())
        before, after = migrations.upgrade(here.database)
    if quiet:
        return
    if saved:
        click.echo(f"Đã sao lưu trước khi nâng cấp: {saved}")
    if before == after:
        click.echo(f"Cơ sở dữ liệu đã ở bản mới nhất ({after}).")
    elif before is None:
        click.echo(f"Đã tạo cơ sở dữ liệu (bản {after}) trong {here.config.data}.")
    else:
        click.echo(f"Đã nâng cơ sở dữ liệu từ bản {before} lên bản {after}.")


@database.command("status")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.pass_context
def status_command(context: click.Context, as_json: bool) -> None:
    """Cho biết cơ sở dữ liệu đang ở bản nào; chưa phải bản mới nhất thì mã thoát là 1."""
    with site(any_schema=True) as here, here.database.reader.connect() as connection:
        found, wanted = migrations.current(connection), migrations.head()
        where = here.database.reader.url.render_as_string(hide_password=True)
    if as_json:
        click.echo(json.dumps({"database": where, "schema": found, "newest": wanted}))
    else:
        click.echo(f"{where}\nĐang ở bản {found or 'trống'}, phần mềm này dùng bản {wanted}.")
        if found != wanted:
            click.echo("Chạy: lms db upgrade")
    context.exit(0 if found == wanted else 1)


def save_before(here: Site, wanted: str | None) -> str:
    """Back up what is about to be migrated to the schema `wanted`; return the file, or "" for none.

    Nothing is saved of an empty database, of one that is there already, or of PostgreSQL.
    """
    with here.database.reader.connect() as connection:
        found = migrations.current(connection)
    migrations.refuse_newer(found)
    if found is None or found == wanted or not here.database.is_sqlite:
        return ""
    try:
        made = backup.create(here.config, here.database, clock.now(), prefix=BEFORE_UPGRADE)
    except backup.BackupRefused as refused:
        raise Failure(f"Chưa nâng cấp, vì không sao lưu được. {refused}") from None
    return str(made)
