"""Files of every kind give the same table; what cannot be read is refused with the cure."""

import datetime
import io
import unicodedata
import zipfile

import pytest
from dirty_files import Formula, csv_text, ods, xlsx
from hypothesis import given
from hypothesis import strategies as st

from lms.classrooms.table import FileRefused, Table, letters
from lms.classrooms.workbook import read_pasted, read_table

ROWS = [
    ["STT", "Họ và tên", "Ngày sinh", "SĐT mẹ", "Nơi sinh"],
    [1, "Đặng Thị Hồng", datetime.date(2016, 5, 12), "0912000123", "Sơn La"],
    [2, "Lò Văn Én", datetime.date(2016, 2, 29), 912000124, "Lai Châu"],
]
TEXTS = (
    ("STT", "Họ và tên", "Ngày sinh", "SĐT mẹ", "Nơi sinh"),
    ("1", "Đặng Thị Hồng", "12/05/2016", "0912000123", ""),
    ("2", "Lò Văn Én", "29/02/2016", "912000124", ""),
)
CP1258_MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def cp1258(text: str) -> bytes:
    """Write windows-1258 as old programs did: vowels composed, tone marks after them."""
    written = ""
    for character in text:
        parts = unicodedata.normalize("NFD", character)
        tones = "".join(mark for mark in parts if mark in CP1258_MARKS)
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in CP1258_MARKS))
        written += base + tones
    return written.encode("cp1258")


@pytest.mark.server
@pytest.mark.parametrize("write", [xlsx, ods], ids=["xlsx", "ods"])
def test_workbooks_are_read_as_a_person_sees_them(write: object) -> None:
    assert callable(write)
    assert read_table(write(ROWS), "a").rows == TEXTS


class Pipe(io.RawIOBase):
    """A target that cannot be wound back, as a web server writes to: sizes come after the bytes."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.written += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


@pytest.mark.server
def test_a_workbook_that_a_web_service_streamed_is_read() -> None:
    pipe = Pipe()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(ROWS))) as made,
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in made.namelist():
            new.writestr(name, made.read(name))
        new.writestr("customXml/item1.xml", "<?xml version='1.0'?><x/>".encode("utf-16"))
    assert read_table(bytes(pipe.written), "a.xlsx").rows == TEXTS


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        cp1258,
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "utf-16 without its mark", "windows-1258"],
)
def test_text_is_read_in_every_encoding_and_with_every_separator(encode: object, separator: str) -> None:
    assert callable(encode)
    assert read_table(encode(csv_text(ROWS, separator)), "a.csv").rows == TEXTS


def test_pasted_text_is_read_the_same() -> None:
    assert read_pasted(csv_text(ROWS, "\t")).rows == TEXTS


def test_the_separator_is_the_one_of_the_header_not_of_the_titles() -> None:
    table = read_pasted("Trường A, xã B, tỉnh C\nNăm học, 2026, 2027\nHọ tên;Lớp\nLò Thị An;4A")
    assert table.rows[2:] == (("Họ tên", "Lớp"), ("Lò Thị An", "4A"))


def test_a_remark_full_of_commas_does_not_mislead_the_separator() -> None:
    table = read_table(f"Họ tên;Ghi chú\nLò Thị An;{'a,' * 400}".encode(), "a.csv")
    assert table.rows[1][0] == "Lò Thị An"


def test_excels_own_hint_names_the_separator() -> None:
    table = read_table("sep=;\nHọ tên;Lớp\nLò, Thị An;4A".encode(), "a.csv")
    assert table.rows == ((), ("Họ tên", "Lớp"), ("Lò, Thị An", "4A"))


def test_a_quote_without_its_twin_swallows_one_line_at_most_and_is_told() -> None:
    lines = ["Họ tên;Lớp", '"Lò Thị An;4A', "Cà Văn Bình;4A", 'Vàng "Tí" Chi;4A', "Lê Thị Dung;4A"]
    table = read_table("\n".join(lines).encode(), "a.csv")
    assert [row[0] for row in table.rows] == [
        "Họ tên",
        "Lò Thị An",
        "Cà Văn Bình",
        'Vàng "Tí" Chi',
        "Lê Thị Dung",
    ]
    assert table.notes == ('Dấu ngoặc kép (") lẻ ở dòng 2: đã bỏ dấu, xem lại các dòng này.',)


def test_two_stray_quotes_do_not_swallow_the_lines_between() -> None:
    lines = ["Họ tên;Lớp;SĐT mẹ", '"Lò Thị An;4A;', "Cà Văn Bình;4A;", 'Vàng Chi";4A;', "Lê Dung;4A;"]
    assert len(read_table("\n".join(lines).encode(), "a.csv").rows) == 5


def test_a_heading_may_break_its_line_inside_quotes() -> None:
    table = read_table('"Họ và\ntên",Lớp\nLò Thị An,4A\n'.encode(), "a.csv")
    assert table.rows == (("Họ và\ntên", "Lớp"), ("Lò Thị An", "4A"))
    assert table.cell(1, 0) == "A2"


@pytest.mark.parametrize("blank", ["\n;;\n", "\r\n;;\r\n\r\n"])
def test_empty_lines_at_the_end_are_no_lines(blank: str) -> None:
    assert len(read_table(f"Họ tên;Lớp\nLò Thị An;4A{blank * 500}".encode(), "a.csv").rows) == 2


@pytest.mark.parametrize(
    ("data", "font"),
    [
        ("NguyÔn V¨n An;4A\nTrÇn ThÞ Hång;4A\n§Æng Quèc B¶o;4A".encode("latin-1"), "VnTime"),
        ("Nguyeãn Vaên An;4A\nTraàn Thò Hoàng;4A\nÑaëng Quoác Baûo;4A".encode("latin-1"), "VNI"),
        ("NguyÔn V¨n An;4A\nTrÇn ThÞ Hång;4A".encode(), "VnTime"),
        ("Nguyeãn Vaên An;4A\nTraàn Thò Hoàng;4A".encode(), "VNI"),
    ],
    ids=["TCVN3 bytes", "VNI bytes", "TCVN3 as Unicode", "VNI as Unicode"],
)
def test_fonts_older_than_unicode_are_recognised(data: bytes, font: str) -> None:
    with pytest.raises(FileRefused, match=rf"phông .*{font}.* cũ\. Hãy chuyển sang Unicode"):
        read_table(b"Ho ten;Lop\n" + data, "a.csv")


@pytest.mark.server
def test_old_fonts_are_recognised_in_workbooks_too() -> None:
    with pytest.raises(FileRefused, match="VnTime"):
        read_table(xlsx([["Họ tên"], ["NguyÔn V¨n An"], ["TrÇn ThÞ Hång"], ["Lª V¨n B¶o"]]), "a.xlsx")


def test_names_of_all_peoples_are_not_taken_for_an_old_font() -> None:
    names = [
        "H'Hen Niê",
        "Y Moan Ênuôl",
        "Nguyễn Thị Huê",
        "Đỗ Hoài Quân",
        "Hoàng Khoa",
        "H’Bia Ayŭn",
        "Siu H'Nhoẽn",
    ]
    assert len(read_pasted("\n".join(["Họ tên", *names])).rows) == 8


def test_bytes_that_are_no_text_are_refused() -> None:
    for data in (bytes(range(256)) * 4, b"Ho ten\x00\x01\x02abc" * 50, b"\xff\xfe\x00"):
        with pytest.raises(FileRefused):
            read_table(data, "a.csv")


@pytest.mark.server
def test_a_formula_is_read_by_the_value_kept_and_never_computed() -> None:
    rows = [["Họ tên", "Lớp"], [Formula('="Lò"&" Thị An"', "Lò Thị An"), Formula("=1+1", "4A")]]
    assert read_table(xlsx(rows), "a.xlsx").rows[1] == ("Lò Thị An", "4A")


@pytest.mark.server
def test_cells_are_named_as_excel_names_them() -> None:
    table = read_table(xlsx([[], [], [None, "Họ tên", "Lớp"], [None, "Lò Thị An", "4A"]]), "a.xlsx")
    assert table.rows == (("Họ tên", "Lớp"), ("Lò Thị An", "4A"))
    assert (table.cell(0, 0), table.cell(1, 1)) == ("B3", "C4")
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@pytest.mark.server
def test_of_many_sheets_the_one_with_the_list_is_read() -> None:
    catalogues = {
        f"DM{number}": [["Mã", "Tên dân tộc"], [1, "Kinh"], [2, "Thái"]] * 50 for number in range(15)
    }
    table = read_table(xlsx([["Xem hướng dẫn"]], "Hướng dẫn", HocSinh=ROWS, **catalogues), "a.xlsx")
    assert (table.sheet, table.rows, table.notes) == ("HocSinh", TEXTS, ())


@pytest.mark.server
def test_of_two_lists_the_longer_is_read_and_that_is_said() -> None:
    book = xlsx(ROWS, "4A", **{"4B": [*ROWS, [3, "Cà Văn Bình", "", "", ""]]})
    table = read_table(book, "a.xlsx")
    assert (table.sheet, len(table.rows), table.sheets) == ("4B", 4, ("4A", "4B"))
    assert "“4A”, “4B”" in table.notes[0] and "đọc “4B”" in table.notes[0]
    assert read_table(book, "a.xlsx", sheet="4A").rows == TEXTS


def test_what_is_never_taken_does_not_leave_the_file() -> None:
    heading = (
        "Họ tên;Nơi sinh;Nghề nghiệp mẹ;Số định danh cá nhân;Dân tộc;Địa chỉ;Khuyết tật;Mã học sinh;Ghi chú"
    )
    line = "Lò Thị An;Sơn La;Nông dân;001216000123;Thái;Bản Mòn;Nghe kém;001216000124;001216000125"
    table = read_table(f"{heading}\n{line}".encode(), "a.csv")
    kept = " ".join(table.rows[1])
    assert kept.split() == ["Lò", "Thị", "An", "•" * 12]


def test_a_table_survives_being_kept() -> None:
    table = read_pasted(csv_text(ROWS, "\t"))
    assert Table.from_json(table.as_json()) == table


@pytest.mark.parametrize(("lines", "columns"), [(20_001, 1), (1, 301)])
def test_a_table_larger_than_any_roster_is_refused(lines: int, columns: int) -> None:
    row = ";".join(["x"] * columns)
    with pytest.raises(FileRefused, match="nhiều nhất đọc được"):
        read_table("\n".join([row] * lines).encode(), "a.csv")


@pytest.mark.server
def test_more_than_255_columns_are_read() -> None:
    assert (
        len(read_table(xlsx([["Họ tên", *[f"C{n}" for n in range(280)]], ["Lò Thị An"]]), "a").rows[0]) == 281
    )


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading_of_text(data: bytes) -> None:
    if not data.startswith(b"PK"):
        assert read_or_refused(data)


def read_or_refused(data: bytes) -> bool:
    """Tell whether a file gave rows, or a sentence."""
    try:
        return bool(read_table(data, "a.csv").rows)
    except FileRefused as refusal:
        return str(refusal).endswith((".", "?"))
