"""Authors' files as clean text: UTF-8, NFC, plain line ends; what is not so is said plainly."""

import re
from pathlib import Path

from lms.content.problems import Problems
from lms.vietnamese import nfc

MAX_BYTES = 256 * 1024
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b|\?\?\?")


def read_text(root: Path, file: Path, problems: Problems) -> str | None:
    """Return the text of `root/file` in NFC with `\\n` line ends; None when it cannot be read."""
    try:
        raw = (root / file).read_bytes()
    except OSError:
        problems.add(file, 1, "Không mở được tệp này. Kiểm tra tên tệp và quyền đọc.")
        return None
    if len(raw) > MAX_BYTES:
        problems.add(file, 1, "Tệp lớn hơn 256 KB. Chia thành nhiều tệp ngắn.")
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        problems.add(file, 1, "Tệp có dấu BOM ẩn ở đầu. Lưu lại với mã “UTF-8”, không chọn “UTF-8 with BOM”.")
        raw = raw[3:]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(file, line, "Chữ ở dòng này không phải mã UTF-8. Mở tệp, chọn lưu lại với mã UTF-8.")
        return None
    return _clean(file, text.replace("\r\n", "\n"), problems)


def report_unfinished(file: Path, text: str, problems: Problems) -> None:
    """Report lines that still carry TODO, FIXME, XXX or three question marks."""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _UNFINISHED.search(line):
            problems.add(file, number, f"Còn dấu việc chưa xong “{found[0]}”. Viết nốt rồi bỏ dấu này.")


def _clean(file: Path, text: str, problems: Problems) -> str:
    composed = nfc(text)
    if composed != text:
        line = next(n for n, part in enumerate(text.split("\n"), 1) if nfc(part) != part)
        problems.add(
            file,
            line,
            "Chữ có dấu viết bằng mã rời (NFD). Chuyển tệp sang Unicode dựng sẵn (NFC) rồi lưu lại.",
        )
    for number, line_text in enumerate(composed.split("\n"), 1):
        if hidden := _HIDDEN.search(line_text):
            code = f"U+{ord(hidden[0]):04X}"
            problems.add(file, number, f"Có ký tự ẩn {code} trong dòng. Xóa đoạn quanh đó rồi gõ lại.")
    return _HIDDEN.sub("", composed)
