"""Thirty files that mean harm, or are not what their name says; every one is refused in words."""

import io
import struct
import zipfile
import zlib

from dirty_files import ods_of, xlsx, zipped

GOOD = [["STT", "Họ và tên", "Lớp"], [1, "Nguyễn Thị An", "4A"]]
MEGA = 1024 * 1024


def hostile_files() -> dict[str, bytes]:
    """Return each file by what is wrong with it."""
    good = xlsx(GOOD)
    return {
        "a flat bomb": _with(good, "xl/worksheets/sheet1.xml", b"<c/>" * (60 * MEGA // 4)),
        "a small bomb of high ratio": _with(good, "xl/theme/theme1.xml", b"0" * (9 * MEGA)),
        "overlapping members": _overlapping(),
        "a bomb in a bomb": _with(good, "xl/media/more.zip", zipped({"a.xml": b"0" * MEGA})),
        "an archive that hides its name": _with(good, "xl/media/image1.png", zipped({"a.xml": b"0"})),
        "a size that lies": _patched(good, "xl/worksheets/sheet1.xml", size=10),
        "a checksum that lies": _patched(good, "xl/worksheets/sheet1.xml", crc=7),
        "a cell at the far corner": _far_cell("XFD1048576"),
        "sixteen thousand columns": _far_cell("XFD2"),
        "a million lines": _far_cell("A1000000"),
        "a DTD with entities": _with(good, "xl/sharedStrings.xml", _laughs()),
        "an entity from a file": _with(good, "xl/worksheets/sheet1.xml", _file_entity()),
        "a DTD in UTF-16": _with(good, "xl/sharedStrings.xml", _laughs().decode().encode("utf-16")),
        "links to other workbooks": _with(good, "xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
        "macros": _with(good, "xl/vbaProject.bin", b"\x01\x02"),
        "a locked member": _patched(good, "xl/workbook.xml", flags=1),
        "a workbook with a password": b"\xd0\xcf\x11\xe0"
        + bytes(600)
        + "EncryptedPackage".encode("utf-16-le"),
        "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(2_000)
        + "Workbook".encode("utf-16-le"),
        "a program named .xlsx": b"MZ\x90\x00" + bytes(4_000),
        "a path that climbs": _with(good, "../../etc/cron.d/x", b"x"),
        "an absolute path": _with(good, "/etc/passwd.xml", b"x"),
        "a download cut short": good[: len(good) * 2 // 3],
        "huge shared strings": _with(good, "xl/sharedStrings.xml", _long_string()),
        "three thousand members": zipped({f"xl/{number}.xml": "" for number in range(3_000)}),
        "the same member twice": _twice(),
        "a document": zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}),
        "any archive": zipped({"readme.txt": "x"}),
        "an open document of endless cells": _endless_cells(),
        "an open document of others' tables": ods_of(
            '<table:table table:name="a"><table:table-source/></table:table>'
        ),
        "an open document that never ends": ods_of('<table:table table:name="a"><table:table-row>"/x>'),
        "a web page": b"<html><table><tr><td>H\xe1\xbb\x8d t\xc3\xaan</td></tr></table></html>",
        "nothing but zip marks": b"PK\x03\x04" + b"PK\x05\x06" * 1_000,
        "deep nesting": _with(good, "xl/worksheets/sheet1.xml", b"<a>" * 300_000),
        "too heavy": b"x" * (5 * MEGA + 1),
        "no bytes": b"",
        "random bytes": bytes(range(1, 256)) * 40,
    }


def _with(package: bytes, name: str, content: bytes) -> bytes:
    """Return an archive with one member more, or with another content."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return target.getvalue()


def _patched(
    package: bytes, name: str, size: int | None = None, crc: int | None = None, flags: int | None = None
) -> bytes:
    """Return an archive whose directory says something untrue of a member."""
    data = bytearray(package)
    at = data.find(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(name)] != name.encode():
        at = data.index(b"PK\x01\x02", at + 4)
    for offset, value in ((24, size), (16, crc)):
        if value is not None:
            struct.pack_into("<L", data, at + offset, value)
    if flags is not None:
        struct.pack_into("<H", data, at + 8, flags)
    return bytes(data)


def _overlapping() -> bytes:
    """Return an archive of many members that all unpack the same bytes."""
    content = b"0" * MEGA
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    names = [f"xl/worksheets/sheet{number:03}.xml".encode() for number in range(200)]
    size, crc = len(packed), zlib.crc32(content)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, size, MEGA, len(names[0]), 0)
    body = local + names[0] + packed
    entries = b"".join(
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, size, MEGA, len(name), 0, 0, 0, 0, 0, 0
        )
        + name
        for name in names
    )
    count = len(names)
    return (
        body
        + entries
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entries), len(body), 0)
    )


def _far_cell(cell: str) -> bytes:
    row = int("".join(c for c in cell if c.isdigit()))
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Họ và tên</t></is></c></row>'
        f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>'
    )
    return _with(xlsx(GOOD), "xl/worksheets/sheet1.xml", sheet.encode())


def _laughs() -> bytes:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE sst [<!ENTITY a0 "ha">{lines}]>'
    return f'<?xml version="1.0"?>{doctype}<sst><si><t>&a9;</t></si></sst>'.encode()


def _file_entity() -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def _long_string() -> bytes:
    return b"<sst><si><t>" + b"A" * (48 * MEGA) + b"</t></si></sst>"


def _twice() -> bytes:
    return _with(xlsx(GOOD), "xl/workbook.xmX", b"<workbook/>").replace(
        b"xl/workbook.xmX", b"xl/workbook.xml"
    )


def _endless_cells() -> bytes:
    kind = 'office:value-type="string" table:number-columns-repeated="16000"'
    cell = f"<table:table-cell {kind}><text:p>x</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    return ods_of(f'<table:table table:name="a">{row}</table:table>')
