"""Reads CSV, TSV and pasted text: the encoding, the separator, and quotes that must not swallow a file."""

import csv
import unicodedata
from collections.abc import Iterable

from lms.classrooms.header import find_header
from lms.classrooms.legacy import refuse_legacy_font
from lms.classrooms.table import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_LINES,
    FileRefused,
    Table,
    check_size,
    without_empty_end,
)
from lms.vietnamese import nfc

SEPARATORS = ("\t", ";", ",", "|")
SAVE_UTF8 = (
    "Không đọc được chữ trong tệp. Mở bằng Excel, chọn Lưu thành (Save As) dạng .xlsx "
    "hoặc “CSV UTF-8”, rồi nạp lại."
)
_HEAD_LINES = 30
_MOST_EMPTY = 10
"""So many times as many lines may be empty: spreadsheets like to save their whole depth."""
_MOST_LINES_IN_A_CELL = 5
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_delimited(data: bytes, name: str) -> Table:
    """Return the table of a CSV file, a TSV file or pasted text. Raises FileRefused."""
    return read_text(_decoded(data), name)


def read_text(text: str, name: str) -> Table:
    """Return the table of a text whose cells are parted by tab, `;`, `,` or `|`. Raises FileRefused."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > _MOST_EMPTY * MOST_LINES:
        check_size(text.count("\n"), 0)
    lines = text.split("\n")
    lines, told = _without_hint(lines)
    separator = told or _separator(lines[:_HEAD_LINES])
    rows, notes = _rows(lines, separator)
    kept = without_empty_end(rows)
    check_size(len(kept), max(map(len, kept), default=0))
    if sum(map(len, kept)) > MOST_CELLS:
        raise FileRefused("Bảng quá lớn. Chép riêng danh sách sang tệp mới rồi nạp lại.")
    return Table(kept, sheet=name, notes=tuple(notes))


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strictly(data, encoding)
    if b"\0" in data:
        return _strictly(data, _wide_encoding(data))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _from_code_page(data)


def _wide_encoding(data: bytes) -> str:
    """Guess UTF-16 without its mark: every second byte of Latin text is zero."""
    head = data[:4_000]
    high, low = head[1::2].count(0), head[0::2].count(0)
    if max(high, low) < len(head) // 6 or min(high, low) > len(head) // 50:
        raise FileRefused(SAVE_UTF8)
    return "utf-16-le" if high > low else "utf-16-be"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise FileRefused(SAVE_UTF8) from None
    if "\0" in text:
        raise FileRefused(SAVE_UTF8)
    return text


def _from_code_page(data: bytes) -> str:
    """Read windows-1258, whose tone marks follow their vowels; anything else that is old is refused."""
    try:
        text = nfc(data.decode("cp1258"))
    except UnicodeDecodeError:
        raise FileRefused(SAVE_UTF8) from None
    refuse_legacy_font([text])
    if any(unicodedata.category(c)[0] == "M" for c in text) or _has_controls(text):
        refuse_legacy_font([data.decode("cp1252", "replace")])
        raise FileRefused(SAVE_UTF8)
    return text


def _has_controls(text: str) -> bool:
    return any(c < " " and c not in "\t\n\r\f\v" for c in text)


def _without_hint(lines: list[str]) -> tuple[list[str], str]:
    """Take Excel's own first line `sep=;` for what it says; it stays, empty, so that rows keep numbers."""
    first = lines[0].strip().strip('"').casefold()
    if len(first) == 5 and first.startswith("sep="):
        return ["", *lines[1:]], first[4]
    return lines, ""


def _separator(lines: list[str]) -> str:
    """Return the separator by which the header is recognised best, or the one that stands most often."""

    def worth(separator: str) -> tuple[int, int]:
        try:
            header = find_header(_line_by_line(lines, separator)[0])
        except FileRefused:  # A line of prose with more commas than a table has columns.
            header = None
        return (header.score if header else 0, sum(line.count(separator) for line in lines))

    return max(SEPARATORS, key=worth)


def _rows(lines: list[str], separator: str) -> tuple[list[list[str]], list[str]]:
    """Return the rows; where a quote without its twin would swallow lines, read line by line and say so."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True):
            if any(_swallowed(cell, separator) for cell in row):
                raise csv.Error
            rows.append([_cell(text) for text in row])
            check_size(0, len(row))
    except csv.Error:
        return _line_by_line(lines, separator)
    return rows, []


def _swallowed(cell: str, separator: str) -> bool:
    breaks = cell.count("\n")
    return bool(breaks) and (breaks > _MOST_LINES_IN_A_CELL or cell.count(separator) > 1)


def _line_by_line(lines: Iterable[str], separator: str) -> tuple[list[list[str]], list[str]]:
    rows, odd = [], []
    for number, line in enumerate(lines, start=1):
        try:
            row = next(csv.reader([line], delimiter=separator, strict=True), [])
        except csv.Error:
            row = line.replace('"', "").split(separator)
            odd.append(str(number))
        check_size(0, len(row))
        rows.append([_cell(text) for text in row])
    return rows, [_odd_quotes(odd)] if odd else []


def _odd_quotes(numbers: list[str]) -> str:
    shown = ", ".join(numbers[:10]) + ("…" if len(numbers) > 10 else "")
    return f'Dấu ngoặc kép (") lẻ ở dòng {shown}: đã bỏ dấu, xem lại các dòng này.'


def _cell(text: str) -> str:
    return text.strip()[:LONGEST_CELL]
