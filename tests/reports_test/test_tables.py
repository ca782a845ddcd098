"""Nothing that somebody typed runs in the officer's spreadsheet; numbers, dates, phones stay so."""

import csv
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from lms.reports.tables import LONGEST_CELL, Cell, Share, Sheet, csv_chunks, guarded, write_csv, write_xlsx
from tests.source import sources

MORNING = datetime(2026, 11, 22, 2, 12, tzinfo=UTC)
STARTERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "\t", "\r")
CORPUS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://xau.example","Bấm")',
    "+84900000001",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "|calc",
    " =1+1",
    '"=1+1',
    "Lan;=1+1",
    'Lan";=1+1;"',
    "Lan\n=1+1",
    "Lan\r\n=1+1",
    "=",
    "{=1+1}",
    "'=1+1",
)
PLAIN = ("Nguyễn Thị Lan", "", "H'Hen Niê", "Đinh – Hoa", "a=b", "4A", "Trần-Lê", "0900000001", "12,5", "😀")
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def as_excel_reads(body: bytes, delimiter: str) -> Iterator[str]:
    """Yield the cells of a CSV as a spreadsheet with this delimiter parts them."""
    text = body.decode("utf-8-sig")
    for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
        yield from row


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """Write a CSV with a header of the same width."""
    file = BytesIO()
    write_csv(file, ["cột"] * len(rows[0]), rows)
    return file.getvalue()


def runs(cell: str) -> bool:
    """Tell whether a spreadsheet could take a cell for a formula."""
    return cell.startswith(STARTERS) or (cell.lstrip(" \t\r\n\"'").startswith(STARTERS) and cell[0] != "'")


@pytest.mark.parametrize("typed", CORPUS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_a_csv_begins_a_formula_however_excel_parts_it(typed: str, delimiter: str) -> None:
    body = written([["Lan", typed, "Hoa"], [typed, typed, typed]])
    assert [cell for cell in as_excel_reads(body, delimiter) if cell and runs(cell)] == []
    assert [line for line in body.decode("utf-8-sig").splitlines() if line.startswith(STARTERS)] == []


@pytest.mark.parametrize("starter", STARTERS)
def test_an_apostrophe_stands_before_every_sign_that_begins_a_formula(starter: str) -> None:
    assert guarded(f"{starter}1").startswith("'")
    assert list(as_excel_reads(written([[f"{starter}1"]]), ","))[-1].startswith(f"'{starter}")


@pytest.mark.parametrize("typed", PLAIN)
def test_what_is_no_formula_comes_back_as_it_was_typed(typed: str) -> None:
    assert guarded(typed) == typed
    assert list(as_excel_reads(written([[typed, "x"]]), ",")) == ["cột", "cột", typed, "x"]


def test_a_csv_is_utf8_with_its_mark_and_every_cell_in_quotes() -> None:
    body = written([["Nguyễn Thị Lan", "12"], ['nói "vâng"', ""]])
    assert body == '\ufeff"cột","cột"\r\n"Nguyễn Thị Lan","12"\r\n"nói ""vâng""",""\r\n'.encode()


def test_a_header_is_guarded_as_a_row_is() -> None:
    assert b"".join(csv_chunks(["=1+1"], [])) == '\ufeff"\'=1+1"\r\n'.encode()


def test_a_csv_of_any_size_is_never_whole_in_memory() -> None:
    class Sink(BytesIO):
        size = 0

        def write(self, chunk: object) -> int:
            self.size += len(bytes(chunk))  # type: ignore[call-overload]
            return 0

    rows = (["Nguyễn Thị Lan", *["15/10/2026"] * 20] for _ in range(60_000))
    sink = Sink()
    tracemalloc.start()
    write_csv(sink, ["a"] * 21, rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sink.size > 15_000_000
    assert peak < 3_000_000


def workbook(tmp_path: Path, *sheets: Sheet) -> Path:
    """Write a workbook."""
    path = tmp_path / "b.xlsx"
    write_xlsx(path, sheets)
    return path


def part(path: Path, name: str) -> ElementTree.Element:
    """Return a part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(name))


def test_text_in_a_workbook_stays_text_whatever_it_looks_like(tmp_path: Path) -> None:
    typed = [text for text in (*CORPUS, *PLAIN, "http://xau.example", "mailto:a@b.vn") if text]
    path = workbook(tmp_path, Sheet("Lớp", ["Họ tên"], [[text] for text in typed]))
    read = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Lớp").to_python()
    assert [row[0] for row in read[1:]] == typed
    sheet = part(path, "xl/worksheets/sheet1.xml")
    assert list(sheet.iter(f"{XML}f")) == []
    assert list(sheet.iter(f"{XML}hyperlink")) == []
    assert {cell.get("t") for cell in sheet.iter(f"{XML}c")} == {"inlineStr"}


def test_phones_are_text_and_dates_numbers_and_shares_are_real(tmp_path: Path) -> None:
    row: list[Cell] = [
        "0900000001", 12, 0.5, Share(0.789), date(2026, 11, 22), MORNING, None,
    ]  # fmt: skip
    path = workbook(tmp_path, Sheet("S", ["a"] * 7, [row]))
    read = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("S").to_python()[1]
    assert read[:4] == ["0900000001", 12.0, 0.5, 0.789]
    assert read[4] == date(2026, 11, 22)
    assert read[5] == datetime(2026, 11, 22, 9, 12), "as the clock in Việt Nam says"
    assert len(read) == 6 or read[6] == ""
    codes = {form.get("formatCode") for form in part(path, "xl/styles.xml").iter(f"{XML}numFmt")}
    assert {"dd/mm/yyyy", "dd/mm/yyyy hh:mm", "0.0%"} <= codes


def test_a_sheet_is_frozen_filtered_and_printed_on_a4_landscape_without_merged_cells(tmp_path: Path) -> None:
    above = ("Tỷ lệ hoàn thành", "Trường Hoa Sen")
    path = workbook(tmp_path, Sheet("Theo lớp", ["Lớp", "Số"], [["4A", 1], ["4B", 2]], above, (12,)))
    sheet = part(path, "xl/worksheets/sheet1.xml")
    pane, setup = next(sheet.iter(f"{XML}pane")), next(sheet.iter(f"{XML}pageSetup"))
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "3")
    assert next(sheet.iter(f"{XML}autoFilter")).get("ref") == "A3:B5"
    assert (setup.get("paperSize"), setup.get("orientation"), setup.get("fitToHeight")) == (
        "9",
        "landscape",
        "0",
    )
    assert list(sheet.iter(f"{XML}mergeCell")) == []
    assert "$3:$3" in ElementTree.tostring(part(path, "xl/workbook.xml"), encoding="unicode")


def test_an_empty_table_is_a_workbook_all_the_same(tmp_path: Path) -> None:
    path = workbook(tmp_path, Sheet("Trống", ["Lớp"], []))
    assert CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Trống").to_python() == [["Lớp"]]


def test_odd_names_and_endless_text_are_cut_to_what_excel_takes(tmp_path: Path) -> None:
    path = workbook(tmp_path, Sheet("Lớp 6/1: [tổ *]? \\" + "x" * 40, ["a"], [["x" * 40_000]]))
    book = CalamineWorkbook.from_path(str(path))
    assert len(book.sheet_names[0]) <= 31
    assert not set(book.sheet_names[0]) & set("[]:*?/\\")
    assert len(book.get_sheet_by_index(0).to_python()[1][0]) == LONGEST_CELL


@pytest.mark.server
def test_a_workbook_of_many_rows_takes_the_memory_of_a_few(tmp_path: Path) -> None:
    rows: Iterator[list[Cell]] = (["Nguyễn Thị Lan", number, *["đã xong"] * 8] for number in range(20_000))
    tracemalloc.start()
    workbook(tmp_path, Sheet("S", ["a"] * 10, rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_nothing_else_in_the_product_writes_spreadsheets() -> None:
    writers = ("import xlsxwriter", "from xlsxwriter", "csv.writer", "csv.DictWriter", "openpyxl")
    found = {source.path for source in sources() if any(word in source.text for word in writers)}
    assert found == {"lms/reports/tables.py"}
