"""Roster files as schools really have them, made by rule from invented names; all the same on every run."""

import csv
import datetime
import io
import random
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

Rows = Sequence[Sequence[Any]]
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Lò", "Vàng", "Giàng", "Đặng", "Bùi", "Quàng")
MIDDLES = ("Văn", "Thị", "Minh", "Ngọc", "Hải", "Thu", "Quốc", "Bảo")
GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Én",
    "Giang",
    "Hoà",
    "Khánh",
    "Lan",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
    "Thuý",
)
OPEN_DOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"


def xlsx(rows: Rows, sheet: str = "Sheet1", **more_sheets: Rows) -> bytes:
    """Write a real workbook: dates as dates, numbers as numbers, `=…` as formulas with their value kept."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, content in {sheet: rows, **more_sheets}.items():
        page = book.add_worksheet(name)
        for line, row in enumerate(content):
            for column, value in enumerate(row):
                if isinstance(value, datetime.date):
                    page.write_datetime(line, column, _moment(value), day)
                elif isinstance(value, Formula):
                    page.write_formula(line, column, value.text, None, value.kept)
                elif isinstance(value, str):
                    page.write_string(line, column, value)
                elif value is not None:
                    page.write(line, column, value)
    book.close()
    return target.getvalue()


@dataclass(frozen=True)
class Formula:
    """A formula cell and the value that Excel kept beside it."""

    text: str
    kept: str | float


def _moment(day: datetime.date) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day)


def ods(rows: Rows) -> bytes:
    """Write an OpenDocument spreadsheet by hand, as LibreOffice would."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    return ods_of(f'<table:table table:name="4A">{lines}</table:table>')


def ods_of(tables: str) -> bytes:
    """Return an .ods whose sheets are given as XML."""
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<m:file-entry m:full-path="/" m:media-type="{OPEN_DOCUMENT}"/></m:manifest>'
    )
    return zipped({"mimetype": OPEN_DOCUMENT, "content.xml": content, "META-INF/manifest.xml": manifest})


def _ods_cell(value: Any) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    shown = f"<text:p>{escape(str(value))}</text:p>"
    if isinstance(value, datetime.date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}>{shown}</table:table-cell>"


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return target.getvalue()


def csv_text(rows: Rows, separator: str = ",") -> str:
    """Return the rows as CSV text, dates as Vietnamese write them."""
    target = io.StringIO()
    csv.writer(target, delimiter=separator).writerows([[_shown(value) for value in row] for row in rows])
    return target.getvalue()


def _shown(value: Any) -> str:
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def invented_name(number: int) -> str:
    """Return an invented name; 1,120 different ones."""
    family, rest = FAMILIES[number % 10], number // 10
    return f"{family} {MIDDLES[rest % 8]} {GIVEN[(number + rest) % 14]}"


# --- the class of 38 with twelve faults -------------------------------------------------------------------

HEADER = (
    "STT",
    "Họ và tên",
    "Ngày sinh",
    "Mã định danh\nBộ GD&ĐT",
    "Họ tên mẹ",
    "SĐT mẹ",
    "Họ tên bố",
    "SĐT bố",
    "Nơi sinh",
)
FIRST_PUPIL = 5
"""Excel's number of the first pupil's row: two title rows, an empty one, the header."""


@dataclass(frozen=True)
class Fault:
    """One fault of the workbook: its cell, what stands there, what is said, and the cure to type, if any."""

    cell: str
    value: Any
    kind: str
    says: str
    cure: str | None = None


FAULTS = (
    Fault("C12", "31/02/2016", "error", "ngày 31/02/2016 không có thật", "28/02/2016"),
    Fault("F15", "0912 000 1", "error", "có 8 chữ số, cần 10", "0912000115"),
    Fault("B18", "Lò Văn Sáu 2", "error", "có chữ số", "Lò Văn Sáu"),
    Fault("D20", "2400000002", "error", "trùng mã định danh với dòng 6", "2400000016"),
    Fault("D23", "2,4E+09", "error", "mất các chữ số cuối", "2400000019"),
    Fault("B26", "", "error", "chưa có họ và tên", "Quàng Thị Nội"),
    Fault("F8", 912000108, "mended", "thiếu số 0 đầu số điện thoại, đã thêm giúp"),
    Fault("H9", "+84 912 000 209", "mended", "mã nước 84"),
    Fault("B10", "ĐẶNG THỊ HỒNG", "mended", "Đặng Thị Hồng"),
    Fault("C30", 42428, "mended", "28/02/2016"),
    Fault("D33", "001216000123", "notice", "số định danh cá nhân"),
    Fault("F35", "0912000135 / 0987000135", "notice", "hai số điện thoại, lấy số đầu 0912000135"),
)
"""Six to mend by hand, four mended by us, two worth a look."""

CURES = {fault.cell: fault.cure for fault in FAULTS if fault.cure is not None}


def class_of_38(class_name: str = "4A", *, mended: bool = False) -> bytes:
    """Return the workbook of 38 pupils with both parents, twelve faults (FAULTS), a total and a signature.

    `mended` writes the cures into the faulty cells: read so, no row is refused.
    """
    rows = [
        ["TRƯỜNG TIỂU HỌC HOA SEN"],
        [f"DANH SÁCH HỌC SINH LỚP {class_name} NĂM HỌC 2026-2027"],
        [],
        list(HEADER),
        *[_pupil(number) for number in range(1, 39)],
        ["", "Tổng cộng: 38 em"],
        ["", "Người lập", "", "", "", "", "Hiệu trưởng"],
        ["", "Cao Thị Bích"],
    ]
    for fault in FAULTS:
        line, column = position(fault.cell)
        rows[line][column] = fault.cure if mended and fault.cure is not None else fault.value
    return xlsx(rows, sheet=class_name)


def _pupil(number: int) -> list[Any]:
    row = FIRST_PUPIL + number - 1
    return [
        number,
        invented_name(number),
        datetime.date(2016, 1 + number % 12, 1 + number % 28),
        f"{2400000000 + number}",
        invented_name(200 + number),
        f"0912000{100 + row}",
        invented_name(400 + number),
        f"0912000{200 + row}",
        "Sơn La",
    ]


def position(cell: str) -> tuple[int, int]:
    """Return line and column, from 0, of a cell named as Excel does, of a table that starts at A1."""
    return int(cell[1:]) - 1, ord(cell[0]) - ord("A")


# --- dirty rows by the thousand ---------------------------------------------------------------------------


def dirty_rows(count: int, seed: int = 3) -> list[list[Any]]:
    """Return a school's table with every kind of dirt, header first; the same for the same seed."""
    chance = random.Random(seed)
    header = ["STT", "Mã lớp", "Mã định danh Bộ GD&ĐT", "HỌ VÀ  TÊN", "Ngày sinh", "Trạng thái", "Họ tên cha"]
    header += ["SĐT cha", "Họ tên mẹ", "SĐT mẹ", "Dân tộc", "Địa chỉ", "Ghi chú"]
    return [header, *[_dirty_row(chance, number) for number in range(1, count + 1)]]


def _dirty_row(chance: random.Random, number: int) -> list[Any]:
    if chance.random() < 0.03:
        return chance.choice([[], ["", "Tổng cộng", 35], ["LỚP 2B"], ["", "", "", "Người lập"], [number]])
    codes = [2400000000 + number, 2400000000 + number, 2400000001, "TAM-17", "001216000123", "2,4E+09"]
    birthdays = [datetime.date(2016, 5, 12), "12/5/16", "31/02/2016", 42428, "2016", "12-05-2016", ""]
    phones = [912000123, "0912000123", "+84 912 000 123", "0912.000.123/0987000456", "091200", "", "không"]
    return [
        number,
        chance.choice(["4A", "Lớp 4A", "6/1", "", "12.6"]),
        chance.choice(codes),
        dirty_name(chance, number),
        chance.choice(birthdays),
        chance.choice(["Đang học", "Đang học", "Chuyển đến", "Thôi học", ""]),
        dirty_name(chance, number + 300),
        chance.choice(phones),
        dirty_name(chance, number + 600),
        chance.choice(phones),
        "Kinh",
        "Bản Mòn",
        "",
    ]


def dirty_name(chance: random.Random, number: int) -> str:
    """Return an invented name in one of the ways in which names arrive."""
    name = invented_name(number)
    ways = [
        name,
        name,
        name,
        name.upper(),
        unicodedata.normalize("NFD", name),
        name.replace(" ", "\u00a0"),
        f" {name}\u200b ",
        name.replace("Đ", "Ð"),
        name.lower(),
        "",
        f"{name} 2",
        "H'Hen Niê",
        "Y Moan Ênuôl",
    ]
    return chance.choice(ways)


def texts_of(rows: Rows) -> list[list[str]]:
    """Return the rows as the texts that a table holds."""
    return [[_shown(value).strip() for value in row] for row in rows]


def pasted(lines: Iterable[str]) -> str:
    """Return lines whose cells are parted by `|` as text copied from a spreadsheet."""
    return "\n".join(line.replace("|", "\t") for line in lines)
