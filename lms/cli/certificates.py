"""`lms cert`: the register of certificates from the terminal."""

import json
import uuid
from dataclasses import asdict
from pathlib import Path

import click

from lms import clock, codes
from lms.catalog.catalogue import Catalogue
from lms.catalog.queries import load as load_catalogue
from lms.certificates import actions
from lms.certificates.actions import PAPER
from lms.certificates.models import COURSE, SELF_STUDY
from lms.certificates.pdf import DesignError, render_pdf
from lms.certificates.queries import Verdict, broken_links, register_lines, verdict
from lms.cli import Failure, lms
from lms.cli.site import Site, site, who
from lms.people.names import NameRefused
from lms.people.queries import claimed_people, learners_of
from lms.progress.actions import Doer, settle_person

BATCH = 100
_FIELDS = {
    "holder_name": "Họ tên",
    "class_name": "Lớp",
    "course_title": "Khóa học",
    "completed_on": "Hoàn thành",
    "issued_on": "Ngày cấp",
    "issuer": "Nơi cấp",
    "how": "Cách học",
    "register_number": "Số vào sổ",
    "replaces_number": "Thay giấy số",
    "signer_name": "Người ký",
    "signer_title": "Chức danh",
}
_STATES = {"stands": "còn giá trị", "revoked": "đã thu hồi", "replaced": "đã được thay"}


@lms.group("cert")
def cert() -> None:
    """Phiếu và giấy chứng nhận: tra cứu, liệt kê, in, thay, thu hồi, cấp phần còn thiếu."""


@cert.command("verify")
@click.argument("code", metavar="MÃ")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.pass_context
def verify_command(context: click.Context, code: str, as_json: bool) -> None:
    """Tra một mã; mã thoát là 0 chỉ khi giấy có thật và còn giá trị."""
    with site() as here:
        found = _find(here, _parsed(code))
    word, note = _word(found)
    payload = found.payload if found else {}
    if as_json:
        click.echo(json.dumps({"answer": word, "note": note, "certificate": payload}, ensure_ascii=False))
    else:
        click.echo(f"{word}. {note}".strip())
        if found:
            click.echo(f"  Loại giấy: {PAPER[found.kind]}")
        for key, label in _FIELDS.items():
            if payload.get(key):
                click.echo(f"  {label}: {payload[key]}")
    context.exit(0 if found and found.stands else 1)


@cert.command("revoke")
@click.argument("code", metavar="MÃ")
@click.option("--reason", required=True, metavar="LÝ-DO", help="Vì sao thu hồi; hiện ở trang tra cứu.")
def revoke_command(code: str, reason: str) -> None:
    """Thu hồi một phiếu hay giấy chứng nhận; không lấy lại được."""
    with site() as here:
        try:
            with here.database.transaction() as db:
                taken = actions.revoke_certificate(
                    db, _parsed(code), reason=reason, by=who(), now=clock.now()
                )
                paper = PAPER[taken.kind]
        except actions.CertificateRefused as refused:
            raise Failure(f"{refused} Xem lại: lms cert verify “{code}”") from None
    click.echo(f"Đã thu hồi {paper} {codes.group(_parsed(code))}. Trang tra cứu đã ghi như vậy.")


@cert.command("replace")
@click.argument("code", metavar="MÃ")
@click.option("--name", required=True, metavar="HỌ-TÊN", help="Họ tên đúng.")
def replace_command(code: str, name: str) -> None:
    """Cấp tờ mới thay tờ ghi sai tên; tờ cũ ghi là đã được thay. Giấy của trường có số vào sổ mới."""
    with site() as here:
        try:
            with here.database.transaction() as db:
                made = actions.replace_certificate(
                    db, _parsed(code), by=who(), now=clock.now(), holder_name=name
                )
        except (actions.CertificateRefused, NameRefused) as refused:
            raise Failure(str(refused)) from None
    paper = PAPER[made.kind].capitalize()
    number = f", số vào sổ {made.register_number}" if made.register_number else ""
    old = codes.group(_parsed(code))
    click.echo(f"{paper} mới: {codes.group(made.code)}{number}. {paper} {old} đã được thay.")


@cert.command("pdf")
@click.argument("code", metavar="MÃ")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Tệp PDF sẽ ghi.",
)
def pdf_command(code: str, target: Path) -> None:
    """In một phiếu hay giấy chứng nhận còn giá trị ra tệp PDF."""
    with site() as here:
        found = _find(here, _parsed(code))
        if found is None or not found.stands:
            word, note = _word(found)
            raise Failure(f"{word}. {note} Chỉ in giấy còn giá trị.")
        try:
            designs = here.config.designs
            body = render_pdf(found.payload, designs, str(found.payload["design"]))
        except DesignError as error:
            raise Failure(str(error)) from None
    draft = target.with_name(f".{target.name}.tmp")
    try:
        draft.write_bytes(body)
        draft.replace(target)
    except OSError as error:
        raise Failure(f"Không ghi được {target}: {error.strerror}. Chọn thư mục khác.") from None
    click.echo(f"Đã ghi {target} ({len(body)} byte).")


@cert.command("list")
@click.option("--kind", type=click.Choice(["phieu", "giay"]), help="Chỉ phiếu, hoặc chỉ giấy chứng nhận.")
@click.option("--year", type=int, metavar="NĂM", help="Chỉ những tờ cấp trong năm này.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def list_command(kind: str | None, year: int | None, as_json: bool) -> None:
    """Liệt kê sổ: mã, số vào sổ, khóa học, ngày cấp, còn giá trị không; không có họ tên."""
    wanted = {"phieu": SELF_STUDY, "giay": COURSE}.get(kind or "")
    with site() as here, here.database.reading() as db:
        for line in register_lines(db, wanted):
            on = clock.local_date(line.issued_at)
            if year is not None and on.year != year:
                continue
            if as_json:
                said = asdict(line) | {"issued_at": line.issued_at.isoformat()}
                click.echo(json.dumps(said, ensure_ascii=False))
            else:
                number = line.register_number or "-"
                words = (codes.group(line.code), PAPER[line.kind], number, line.course_id, f"{on:%d/%m/%Y}")
                click.echo("  ".join((*words, _STATES[line.state])))


@cert.command("settle")
@click.option("--quiet", is_flag=True, help="Chỉ in lỗi.")
def settle_command(quiet: bool) -> None:
    """Cấp những phiếu đã đủ điều kiện mà chưa cấp, ví dụ sau khi đặt LMS_PUBLIC_URL."""
    with site() as here:
        if not here.config.public_url:
            raise Failure(
                "Chưa có địa chỉ của trang, mà địa chỉ này in trên phiếu. "
                "Đặt LMS_PUBLIC_URL (ví dụ https://hoc.truong.edu.vn) rồi chạy lại."
            )
        with here.database.reading() as db:
            catalogue = load_catalogue(db)
        issued, last = 0, None
        while True:
            number, last = _settle_batch(here, catalogue, last)
            issued += number
            if last is None:
                break
    if not quiet:
        click.echo(f"Đã cấp {issued} phiếu." if issued else "Không có phiếu nào còn thiếu.")


@cert.command("audit")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@click.pass_context
def audit_command(context: click.Context, as_json: bool) -> None:
    """Tính lại cả sổ phiếu từ tờ đầu, tìm tờ bị sửa hay bị rút."""
    with site() as here, here.database.reading() as db:
        broken = list(broken_links(db))
    if as_json:
        click.echo(json.dumps({"broken": broken}))
    elif broken:
        click.echo(
            "Sổ phiếu không liền mạch từ các phiếu sau. Dừng cấp phiếu và so với bản sao lưu gần nhất:"
        )
        for code in broken:
            click.echo(f"  {codes.group(code)}")
    else:
        click.echo("Sổ phiếu liền mạch.")
    context.exit(1 if broken else 0)


def _settle_batch(here: Site, catalogue: Catalogue, after: uuid.UUID | None) -> tuple[int, uuid.UUID | None]:
    """Settle the next BATCH of persons, each in a transaction; return the number issued and the last one."""
    issuer = actions.Issuer(here.config.site_name, here.config.public_url)
    issued, last = 0, None
    with here.database.reading() as db:
        batch = list(claimed_people(db, after, BATCH))
    for person_id, name in batch:
        with here.database.transaction() as db:
            doer = Doer(learners_of(db, person_id)[0], person_id, name)
            issued += len(settle_person(db, doer, catalogue, issuer, clock.now()))
        last = person_id
    return issued, last


def _find(here: Site, code: str) -> Verdict | None:
    with here.database.reading() as db:
        return verdict(db, code)


def _parsed(typed: str) -> str:
    try:
        return codes.parse(typed)
    except codes.CodeSlip as slip:
        raise Failure(f"KHÔNG CÓ THẬT. {slip}") from None


def _word(found: Verdict | None) -> tuple[str, str]:
    if found is None:
        return "KHÔNG CÓ THẬT", "Sổ của trang này không có giấy nào mang mã ấy."
    if found.revoked_at:
        on = clock.local_date(found.revoked_at)
        return "ĐÃ THU HỒI", f"Thu hồi ngày {on:%d/%m/%Y}. Lý do: {found.reason}."
    if found.replaced_by:
        return "ĐÃ ĐƯỢC THAY", f"{PAPER[found.kind].capitalize()} thay: {codes.group(found.replaced_by)}."
    return "CÓ THẬT", ""
