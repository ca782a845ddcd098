"""Opens a roster file, whatever it is: .xlsx and .ods in a child process, text here; nothing is believed."""

import json
import os
import subprocess
import sys
from pathlib import Path, PurePath
from typing import Any

from lms.classrooms.archive import LOCKED, SAVE_AGAIN
from lms.classrooms.delimited import read_delimited, read_text
from lms.classrooms.header import find_header, hide_private
from lms.classrooms.legacy import refuse_legacy_font
from lms.classrooms.table import FileRefused, Table, without_empty_end

MOST_BYTES = 5 * 1024 * 1024
CLOCK_SECONDS = 15.0
"""The child has 5 seconds of the processor; this is for a busy machine."""
PASTED = "Bảng đã dán"

_ZIP, _OLD_OFFICE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_WEB_PAGE = f"Tệp này là trang web đổi tên thành bảng tính. {SAVE_AGAIN}"
_OTHERS = (
    (b"%PDF", "Đây là tệp PDF. Chép bảng danh sách vào Excel, hoặc xin tệp Excel gốc."),
    (b"MZ", "Đây là tệp chương trình (.exe), không phải bảng tính. Đừng mở tệp này; xin lại tệp danh sách."),
    (b"\x7fELF", "Đây là tệp chương trình, không phải bảng tính. Xin lại tệp danh sách."),
    (b"\x89PNG", "Đây là ảnh, không phải bảng tính. Nạp tệp Excel."),
    (b"\xff\xd8\xff", "Đây là ảnh, không phải bảng tính. Nạp tệp Excel."),
    (b"Rar!", "Đây là tệp nén .rar. Mở ra rồi nạp tệp Excel bên trong."),
    (b"7z\xbc\xaf", "Đây là tệp nén .7z. Mở ra rồi nạp tệp Excel bên trong."),
    (b"\x1f\x8b", "Đây là tệp nén .gz. Mở ra rồi nạp tệp Excel bên trong."),
    (b"{\\rtf", "Đây là tệp văn bản Word. Chép bảng danh sách vào Excel rồi nạp lại."),
)
_MARKUP = (b"<?xml", b"<!doctype", b"<html", b"<table", b"<meta", b"mime-version:")


def read_table(data: bytes, file_name: str, sheet: str = "") -> Table:
    """Return the cells of a roster file as texts; `sheet` asks for one sheet of a workbook by name.

    Formulas are never computed: the value kept in the file counts. Columns that are never taken (birth
    place, jobs, addresses, identity numbers…) come out empty. Raises FileRefused.
    """
    _check_weight(data)
    if data.startswith(_ZIP):
        table = Table.from_json(ask_child("lms.classrooms.workbook_child", data, sheet)["table"])
    else:
        _refuse_others(data)
        table = _without_private(read_delimited(data, PurePath(file_name).stem))
    return _checked(table)


def read_pasted(text: str) -> Table:
    """Return the cells of a table that was pasted from a spreadsheet. Raises FileRefused."""
    if not text.strip():
        raise FileRefused("Chưa dán gì. Bôi đen bảng trong Excel, chép, rồi dán vào ô này.")
    _check_weight(text.encode("utf-8", "replace"))
    return _checked(_without_private(read_text(text.replace("\0", ""), PASTED)))


def _check_weight(data: bytes) -> None:
    if not data:
        raise FileRefused("Tệp trống. Chọn đúng tệp danh sách rồi nạp lại.")
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f}".replace(".", ",")
        raise FileRefused(
            f"Tệp nặng {size} MB, quá {MOST_BYTES // 1024 // 1024} MB. "
            "Xóa hình và các trang tính không dùng, hoặc chép riêng danh sách sang tệp mới rồi nạp lại."
        )


def _refuse_others(data: bytes) -> None:
    if data.startswith(_OLD_OFFICE):
        if _ENCRYPTED_PACKAGE in data:
            raise FileRefused(LOCKED)
        raise FileRefused(f"Tệp Excel kiểu cũ (.xls) chưa đọc được. Lưu lại dạng .xlsx: {_lower(SAVE_AGAIN)}")
    for start, words in _OTHERS:
        if data.startswith(start):
            raise FileRefused(words)
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise FileRefused(_WEB_PAGE)


def refuse_strange(data: bytes) -> None:
    """Raise FileRefused for a file that is empty, too heavy, or no workbook at all."""
    _check_weight(data)
    if not data.startswith(_ZIP):
        _refuse_others(data)
        raise FileRefused(f"Tệp này không phải bảng tính .xlsx. {SAVE_AGAIN}")


def ask_child(module: str, data: bytes, *words: str) -> dict[str, Any]:
    """Return the JSON answer of a module that reads `data` in a process of its own. Raises FileRefused."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=CLOCK_SECONDS,
            env=_environment(),
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout or b"{}")
    except (subprocess.TimeoutExpired, ValueError, OSError):
        answer = {}
    if not answer or "problem" in answer:
        raise FileRefused(answer.get("problem", _TOO_MUCH))
    return answer


_TOO_MUCH = (
    "Đọc tệp này tốn quá nhiều thời gian hoặc bộ nhớ: có thể có ô nằm rất xa bảng. "
    "Chép riêng bảng danh sách sang tệp mới rồi nạp lại."
)


def _environment() -> dict[str, str]:
    """Return what the child needs and no more: it opens strangers' files and is told no secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    here = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (here, os.environ.get("PYTHONPATH")) if part)
    return kept | {"PYTHONPATH": path}


def _without_private(table: Table) -> Table:
    rows = hide_private(table.rows, find_header(table.rows))
    return Table(without_empty_end(rows), table.sheet, notes=table.notes)


def _checked(table: Table) -> Table:
    if not table.rows:
        raise FileRefused("Tệp không có chữ nào. Chọn đúng tệp danh sách rồi nạp lại.")
    refuse_legacy_font(text for row in table.rows for text in row)
    return table


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
