"""Opens the ZIP inside .xlsx and .ods by hand: everything is counted before anything is believed.

Runs in the child (workbook_child). What comes out is a new archive of the counted XML alone, so that the
reader of spreadsheets sees nothing that was not checked here.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple
from xml.parsers import expat

from lms.classrooms.table import FileRefused

MOST_BYTES = 50 * 1024 * 1024
MOST_MEMBERS = 2_000
MOST_RATIO = 100
SMALL = 1024 * 1024
"""Below this the ratio is not looked at: an empty sheet packs very well."""

SAVE_AGAIN = "Mở tệp bằng Excel, chọn Lưu thành (Save As) dạng .xlsx, rồi nạp lại."
BROKEN = f"Tệp bị hỏng hoặc chưa tải xong. {SAVE_AGAIN}"
BOMB = "Tệp nén bất thường: mở ra sẽ lớn quá mức. Chép riêng danh sách sang tệp mới rồi nạp lại."
NESTED = "Trong tệp có tệp khác nhúng vào. Chép riêng danh sách sang tệp mới rồi nạp lại."
LOCKED = "Tệp đặt mật khẩu. Mở bằng Excel, bỏ mật khẩu, lưu lại rồi nạp."
MACROS = "Tệp có macro. Trong Excel chọn Lưu thành (Save As) dạng .xlsx thường, rồi nạp lại."
LINKS = (
    "Tệp lấy số liệu từ tệp khác. Trong Excel mở Dữ liệu (Data) → Sửa liên kết (Edit Links) → "
    "Ngắt liên kết (Break Link), lưu rồi nạp lại."
)
NOT_A_TABLE = f"Tệp này không phải bảng tính. {SAVE_AGAIN}"
OTHERS = {
    "word/": "Đây là tệp Word. Chép bảng danh sách vào Excel, hoặc chép rồi dán vào ô ở trang này.",
    "ppt/": "Đây là tệp trình chiếu. Chép danh sách vào Excel rồi nạp lại.",
    "index/": "Đây là tệp Numbers. Chọn Xuất sang Excel (.xlsx) rồi nạp lại.",
    "xl/workbook.bin": f"Tệp .xlsb chưa đọc được. {SAVE_AGAIN}",
}

_END, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_END_SIZE, _ENTRY_SIZE, _LOCAL_SIZE = 22, 46, 30
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_STORED, _DEFLATED = 0, 8
_CHUNK = 1 << 16
_XML = (".xml", ".rels")
_UNREAD = ("customxml/", "docprops/", "xl/theme/", "xl/drawings/", "xl/charts/", "configurations2/")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_PACKED = re.compile(r"\.(zip|xls[xmb]?|ods|docx?|pptx?|jar|7z|rar|gz)$")


class Member(NamedTuple):
    """One file of an archive, as its directory says."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    unpacked: int
    offset: int


def clean_package(data: bytes) -> bytes:
    """Return the XML of a workbook as a new archive, after everything in it was counted and looked at.

    Raises FileRefused.
    """
    members, directory_start = _directory(data)
    _check_names(members)
    starts = _check_places(data, members, directory_start)
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    for member in members:
        files[member.name] = _unpacked(data, member, starts[member.name], left)
        left -= len(files[member.name])
    unpacked = MOST_BYTES - left
    if unpacked > SMALL and unpacked > MOST_RATIO * len(data):
        raise FileRefused(BOMB)
    _check_kind(files)
    _check_contents(files)
    return _packed_again(files)


def _directory(data: bytes) -> tuple[list[Member], int]:
    end = _end_of_directory(data)
    disk, first_disk, here, total, size, start, _ = struct.unpack_from("<4H2LH", data, end + 4)
    if disk or first_disk or here != total or start + size > end:
        raise FileRefused(BROKEN)
    if total > MOST_MEMBERS:
        raise FileRefused(BOMB)
    members, at = [], start
    for _ in range(total):
        member, at = _entry(data, at, start + size)
        members.append(member)
    if at != start + size or not members:
        raise FileRefused(BROKEN)
    return members, start


def _end_of_directory(data: bytes) -> int:
    at = data.rfind(_END, max(0, len(data) - _END_SIZE - _LONGEST_COMMENT))
    while at >= 0:
        if at + _END_SIZE <= len(data):
            (comment,) = struct.unpack_from("<H", data, at + 20)
            if at + _END_SIZE + comment == len(data):
                return at
        at = data.rfind(_END, 0, at)
    raise FileRefused(BROKEN)


def _entry(data: bytes, at: int, end: int) -> tuple[Member, int]:
    if at + _ENTRY_SIZE > end or data[at : at + 4] != _ENTRY:
        raise FileRefused(BROKEN)
    flags, method = struct.unpack_from("<2H", data, at + 8)
    crc, packed, unpacked, name_size, extra, comment = struct.unpack_from("<3L3H", data, at + 16)
    (offset,) = struct.unpack_from("<L", data, at + 42)
    name_end = at + _ENTRY_SIZE + name_size
    after = name_end + extra + comment
    if after > end:
        raise FileRefused(BROKEN)
    raw = data[at + _ENTRY_SIZE : name_end]
    name = raw.decode("utf-8", "replace").replace("\\", "/")
    return Member(name, raw, flags, method, crc, packed, unpacked, offset), after


def _check_names(members: Iterable[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.name.casefold()
        if member.flags & _ENCRYPTED:
            raise FileRefused(LOCKED)
        if member.method not in (_STORED, _DEFLATED) or name in seen:
            raise FileRefused(BROKEN)
        if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
            raise FileRefused(f"Trong tệp có tên đường dẫn lạ. {SAVE_AGAIN}")
        seen.add(name)


def _check_places(data: bytes, members: list[Member], directory_start: int) -> dict[str, int]:
    """Return where the bytes of each member start; no two may share a byte."""
    starts: dict[str, int] = {}
    free_from = 0
    for member in sorted(members, key=lambda m: m.offset):
        at = member.offset
        if at < free_from or at + _LOCAL_SIZE > directory_start or data[at : at + 4] != _LOCAL:
            raise FileRefused(BROKEN)
        name_size, extra = struct.unpack_from("<2H", data, at + 26)
        if data[at + _LOCAL_SIZE : at + _LOCAL_SIZE + name_size] != member.raw_name:
            raise FileRefused(BROKEN)
        starts[member.name] = at + _LOCAL_SIZE + name_size + extra
        free_from = starts[member.name] + member.packed
        if free_from > directory_start:
            raise FileRefused(BROKEN)
    return starts


def _unpacked(data: bytes, member: Member, start: int, left: int) -> bytes:
    """Return a member's bytes, counted while they unpack: what the directory says is only compared."""
    packed = memoryview(data)[start : start + member.packed]
    if member.method == _STORED:
        if len(packed) > left:
            raise FileRefused(BOMB)
        content = bytes(packed)
    else:
        content = _inflated(packed, left)
    if len(content) != member.unpacked or zlib.crc32(content) != member.crc:
        raise FileRefused(BROKEN)
    return content


def _inflated(packed: memoryview, left: int) -> bytes:
    stream, parts, count = zlib.decompressobj(-zlib.MAX_WBITS), [], 0
    try:
        for at in range(0, len(packed), _CHUNK):
            part = stream.decompress(packed[at : at + _CHUNK], left - count + 1)
            count += len(part)
            if count > left:
                raise FileRefused(BOMB)
            parts.append(part)
    except zlib.error:
        raise FileRefused(BROKEN) from None
    if not stream.eof or stream.unused_data:
        raise FileRefused(BROKEN)
    return b"".join(parts)


def _check_kind(files: dict[str, bytes]) -> None:
    names = [name.casefold() for name in files]
    for start, words in OTHERS.items():
        if any(name.startswith(start) for name in names):
            raise FileRefused(words)
    if any("vbaproject" in name or name.startswith(("xl/macrosheets/", "basic/")) for name in names):
        raise FileRefused(MACROS)
    if any(name.startswith("xl/externallinks/") for name in names):
        raise FileRefused(LINKS)
    if any(_PACKED.search(name) or "/embeddings/" in name for name in names):
        raise FileRefused(NESTED)
    workbook = any(name.startswith("xl/workbook") for name in names)
    if not workbook and files.get("mimetype", b"").strip() != _OPEN_DOCUMENT:
        raise FileRefused(NOT_A_TABLE)


def _check_contents(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if content.startswith((_LOCAL, b"\xd0\xcf\x11\xe0")):
            raise FileRefused(NESTED)
        if not _is_read(name):
            continue
        # No spreadsheet program writes these; UTF-16 would hide them from this search.
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
            raise FileRefused(f"Tệp có khai báo lạ (DTD), có thể không an toàn. {SAVE_AGAIN}")
        _check_well_formed(content)
    if b"encryption-data" in files.get("META-INF/manifest.xml", b""):
        raise FileRefused(LOCKED)
    if b"<table:table-source" in files.get("content.xml", b""):
        raise FileRefused(LINKS)


def _check_well_formed(content: bytes) -> None:
    """Refuse XML whose tags do not close: the reader of spreadsheets looks for their end for ever."""
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError:
        raise FileRefused(BROKEN) from None


def _packed_again(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            if name == "mimetype" or _is_read(name):
                package.writestr(name, content)
    return target.getvalue()


def _is_read(name: str) -> bool:
    folded = name.casefold()
    return folded.endswith(_XML) and not folded.startswith(_UNREAD)
