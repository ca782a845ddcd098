"""Turn the frozen data of a certificate into a tagged PDF, by a Typst design in a closed folder."""

import io
import json
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import segno
import typst

from lms.certificates.models import COURSE, SELF_STUDY
from lms.codes import group

VERSION = 1
DEFAULT_DESIGN = "phieu-tu-hoc"
TITLES = {
    SELF_STUDY: "Phiếu ghi nhận kết quả tự học",
    COURSE: "Giấy chứng nhận hoàn thành khóa học",
}
QR_WORDS = {
    SELF_STUDY: "Mã QR mở trang tra cứu của phiếu này",
    COURSE: "Mã QR mở trang tra cứu của giấy chứng nhận này",
}
SCHOOL_KEYS = ("class_name", "school_year", "signer_name", "signer_title", "register_number")
"""What only a school's certificate says; empty on a phiếu."""
# Typst refuses to write a file that breaks a rule of PDF/UA-1, so a letter that the fonts lack or a
# picture without words stops the design instead of reaching a reader.
STANDARD: Final = "ua-1"
# Typst takes no time zone of the tz database, only a fixed offset.
VIETNAM = timezone(timedelta(hours=7))
AUDIENCES = {
    "student": "học sinh",
    "parent": "cha mẹ học sinh, người giám hộ",
    "teacher": "giáo viên",
    "staff": "cán bộ, nhân viên",
    "citizen": "người dân",
}
MEMBERS = {"student": "Học sinh", "parent": "Cha mẹ học sinh, người giám hộ của"}
# `import` and `include` may only name a .typ file of the design's folder: anything else could compose
# the name of a package, which Typst would fetch from the network. `dictionary` reaches `eval` by name.
_UNSAFE_SOURCE = re.compile(r'\b(?:import|include)\b(?!\s*"[^"@\\]*\.typ")|\b(?:eval|dictionary)\b')
_DESIGN_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MISSING_KEY = re.compile(r'dictionary does not contain key "([^"]*)"')
_NO_GLYPH = re.compile(r'the text [`"]+(.+?)[`"]+ could not be displayed')
_PLACE = re.compile(r"([\w.-]+\.typ):(\d+):\d+")


class DesignError(ValueError):
    """A design or the data given to it cannot make a page; the message says where, in Vietnamese."""


def render_pdf(payload: Mapping[str, object], designs: Path, design: str = DEFAULT_DESIGN) -> bytes:
    """Return the PDF of a certificate; the same payload and design give the same bytes.

    `payload` is the frozen data (version 1, dates in ISO form); `designs` is the folder holding one
    folder a design, and `fonts`. May be called from several threads. An edited design is used from the
    next call on; a changed font when the process starts again. Raises DesignError.
    """
    words = json.dumps(placeholders(payload), ensure_ascii=False)
    return _press(designs.resolve(), design).file({"data": words}, _noon(payload))


def render_class_pdf(payloads: Sequence[Mapping[str, object]], designs: Path) -> bytes:
    """Return one PDF with a page for each certificate, in the order given; one run of Typst.

    All must have been issued with one design, which prints what it finds in `papers`. Raises DesignError.
    """
    used = {_text(payload, "design") for payload in payloads}
    if len(used) != 1:
        raise DesignError("Các giấy này thuộc nhiều mẫu khác nhau. Tải riêng từng giấy.")
    words = json.dumps([placeholders(payload) for payload in payloads], ensure_ascii=False)
    last = max(payloads, key=lambda payload: _date(payload, "issued_on"))
    return _press(designs.resolve(), used.pop()).file({"papers": words}, _noon(last))


def render_design(folder: Path, fonts: Path, data: Mapping[str, str], moment: datetime) -> bytes:
    """Return the PDF of any design of the product, from texts it finds in `sys.inputs`; not a certificate.

    The same texts and moment give the same bytes. Raises DesignError.
    """
    return _press_in(folder.resolve(), fonts.resolve()).file(dict(data), moment)


def _noon(payload: Mapping[str, object]) -> datetime:
    """Return a moment of the day of issue: Typst writes UTC, and noon in Việt Nam is the same day there."""
    return datetime.combine(_date(payload, "issued_on"), time(12), tzinfo=VIETNAM)


def placeholders(payload: Mapping[str, object]) -> dict[str, object]:
    """Return the closed list of values a design may use, as `certificates/README.md` names them.

    Raises DesignError for a payload that lacks a field or holds an unknown audience.
    """
    if payload.get("v") != VERSION:
        raise DesignError(f"Dữ liệu của giấy có phiên bản {payload.get('v')}; máy này chỉ in phiên bản 1.")
    code, site = _text(payload, "code"), urlsplit(_text(payload, "public_url"))
    address = f"{site.geturl().rstrip('/')}/tra-cuu/{code}"
    title, kind, modules = _one_of(payload, "kind", TITLES), _text(payload, "kind"), _modules(payload)
    school = {key: _text(payload, key) if kind == COURSE else "" for key in SCHOOL_KEYS}
    return school | {
        "title": title,
        "site_name": _text(payload, "issuer"),
        "site_domain": site.netloc,
        "holder_name": _text(payload, "holder_name"),
        "course_title": _text(payload, "course_title"),
        "course_edition": str(payload.get("course_edition", "")),
        "audience": _one_of(payload, "audience", AUDIENCES),
        "modules": modules,
        "module_count": len(modules),
        "completed_on": _day(_date(payload, "completed_on")),
        "issued_on": _day(_date(payload, "issued_on")),
        "how": _text(payload, "how"),
        "code": group(code),
        "lookup": f"{site.netloc}/tra-cuu",
        "qr": _qr(address),
        "qr_alt": QR_WORDS[kind],
        "address": address,
        "member": _member(payload) if kind == COURSE else "",
        "replaces_number": payload.get("replaces_number", ""),
    }


def _member(payload: Mapping[str, object]) -> str:
    """Return who the holder is at the school: “Học sinh lớp 4A”."""
    return f"{_one_of(payload, 'audience', MEMBERS)} lớp {_text(payload, 'class_name')}"


class _Press:
    """One design kept ready in this process, printing one file at a time."""

    def __init__(self, folder: Path, fonts: Path) -> None:
        self._folder = folder
        # No folder of this name exists, so packages installed for other uses are not seen either.
        nowhere = folder / "no-packages"
        self._lock = threading.Lock()
        self._compiler = typst.Compiler(
            folder / "design.typ",
            root=folder,
            font_paths=_fonts(fonts),
            ignore_system_fonts=True,
            package_path=nowhere,
            package_cache_path=nowhere,
        )

    def file(self, data: dict[str, str], moment: datetime) -> bytes:
        _refuse_unsafe(self._folder)
        try:
            with self._lock:
                pdf = self._compiler.compile(
                    format="pdf", sys_inputs=data, timestamp=moment, pdf_standards=STANDARD
                )
        except typst.TypstError as error:
            raise DesignError(_explain(error)) from error
        if not isinstance(pdf, bytes):
            raise DesignError("Mẫu giấy không tạo ra một tệp PDF.")
        return pdf


def _press(designs: Path, design: str) -> _Press:
    if not _DESIGN_NAME.fullmatch(design) or not (designs / design / "design.typ").is_file():
        raise DesignError(f"Không có mẫu giấy “{design}”. Mỗi mẫu là một thư mục có tệp design.typ.")
    return _press_in(designs / design, designs / "fonts")


@lru_cache(maxsize=16)
def _press_in(folder: Path, fonts: Path) -> _Press:
    return _Press(folder, fonts)


@lru_cache(maxsize=4)
def _fonts(folder: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _refuse_unsafe(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_symlink():
            raise DesignError(f"{name}: mẫu giấy không dùng được lối tắt. Chép hẳn tệp vào thư mục của mẫu.")
        if path.suffix != ".typ":
            continue
        source = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(source.splitlines(), start=1):
            if _UNSAFE_SOURCE.search(line):
                raise DesignError(
                    f"{name}:{number}: import và include chỉ nhận tên một tệp .typ trong thư mục của mẫu, "
                    "viết trong ngoặc kép trên cùng dòng; không dùng eval và dictionary."
                )


def _explain(error: typst.TypstError) -> str:
    place = _PLACE.search(error.diagnostic)
    where = f"{place[1]}:{place[2]}: " if place else ""
    if missing := _MISSING_KEY.search(error.message):
        return f"{where}không có chỗ điền “{missing[1]}”. Danh sách đầy đủ ở certificates/README.md."
    if letter := _NO_GLYPH.search(error.message):
        return f"{where}phông chữ của mẫu không có chữ “{letter[1]}”. Sửa chữ này hoặc thêm phông có nó."
    return f"{where}mẫu giấy có lỗi: {error.message}"


@lru_cache(maxsize=256)
def _qr(address: str) -> str:
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", border=0, dark="#17202A", xmldecl=False)
    return picture.getvalue().decode()


def _modules(payload: Mapping[str, object]) -> list[dict[str, str]]:
    rows = payload.get("modules")
    if not isinstance(rows, list):
        raise DesignError("Dữ liệu của giấy thiếu danh sách “modules”.")
    return [{"title": _text(row, "title"), "completed_on": _day(_date(row, "completed_on"))} for row in rows]


def _one_of(payload: Mapping[str, object], key: str, words: Mapping[str, str]) -> str:
    value = _text(payload, key)
    if value not in words:
        raise DesignError(f"Dữ liệu của giấy: “{key}” là “{value}”, chỉ nhận {', '.join(words)}.")
    return words[value]


def _text(payload: Mapping[str, object], key: str) -> str:
    value = payload.get(key)
    if not isinstance(value, str) or not value.strip():
        raise DesignError(f"Dữ liệu của giấy thiếu “{key}”.")
    return value


def _date(payload: Mapping[str, object], key: str) -> date:
    text = _text(payload, key)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DesignError(f"Dữ liệu của giấy: “{key}” không phải là ngày như 2026-05-31.") from error


def _day(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
