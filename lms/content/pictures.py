"""Pictures beside the lessons: own drawings in SVG, small, without anything that acts or fetches."""

import re
from pathlib import Path
from xml.parsers import expat

from lms.content.library import PictureDesc
from lms.content.problems import Problems

MAX_BYTES = 20 * 1024
NAME = re.compile(r"hinh/[a-z0-9]+(?:-[a-z0-9]+)*\.svg")
_ELEMENTS = (
    "svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan "
    "linearGradient radialGradient stop clipPath mask pattern marker"
)
_FOREIGN = re.compile(r"url\(\s*[\"']?\s*(?!#)|javascript:|data:|https?:|//", re.IGNORECASE)


def read_picture(root: Path, file: Path, problems: Problems) -> PictureDesc | None:
    """Check one drawing and return its size; None, with problems, when it cannot be used."""
    if not NAME.fullmatch(f"hinh/{file.name}"):
        problems.add(file, 1, "Tên hình chỉ dùng chữ thường không dấu, số, gạch nối, đuôi .svg. Đổi tên tệp.")
        return None
    raw = (root / file).read_bytes()
    if len(raw) > MAX_BYTES:
        size = -(-len(raw) // 1024)
        problems.add(file, 1, f"Hình nặng {size} KB, quá 20 KB. Vẽ đơn giản hơn hoặc bỏ bớt nét.")
        return None
    drawing = _Drawing(file, problems)
    drawing.read(raw)
    if drawing.is_bad:
        return None
    return PictureDesc(f"hinh/{file.name}", file, drawing.width, drawing.height)


class _Drawing:
    """Walks an SVG with expat, which fetches nothing; entities are refused at their declaration."""

    def __init__(self, file: Path, problems: Problems) -> None:
        self.file, self.problems = file, problems
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.StartElementHandler = self._element
        self.width = self.height = self.depth = 0
        self.is_bad = False

    def read(self, raw: bytes) -> None:
        try:
            self.parser.Parse(raw, True)
        except expat.ExpatError as error:
            self._report(
                "Hình không phải tệp SVG đúng. Mở bằng phần mềm vẽ rồi lưu lại dạng SVG.", error.lineno
            )
        except _Refused:
            pass

    def _report(self, message: str, line: int | None = None) -> None:
        self.is_bad = True
        self.problems.add(self.file, line or self.parser.CurrentLineNumber, message)

    def _doctype(self, *_: object) -> None:
        self._report("Hình có phần khai báo DOCTYPE. Xóa dòng <!DOCTYPE …> trong tệp.")
        raise _Refused

    def _instruction(self, *_: object) -> None:
        self._report("Hình có lệnh xử lý <?…?>. Xóa dòng đó trong tệp.")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth == 0:
            self._root(name, attributes)
        self.depth += 1
        if name not in _ELEMENTS.split():
            self._report(f"Hình có phần <{name}> không được dùng (mã lệnh, kiểu, hình ngoài…). Xóa phần đó.")
        for key, value in attributes.items():
            self._attribute(key, value)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        self.width, self.height = (_pixels(attributes.get(key, "")) for key in ("width", "height"))
        if name != "svg":
            self._report("Hình không phải tệp SVG đúng. Mở bằng phần mềm vẽ rồi lưu lại dạng SVG.")
        elif not (self.width and self.height and "viewBox" in attributes):
            self._report("Thẻ <svg> phải có width, height (số) và viewBox. Thêm vào dòng này.")

    def _attribute(self, key: str, value: str) -> None:
        lower = key.lower()
        if lower.startswith("xmlns"):
            return
        if lower.startswith("on") or lower == "style":
            self._report(f"Hình có thuộc tính “{key}” không được dùng. Xóa đi, ghi màu bằng fill và stroke.")
        elif lower.rpartition(":")[2] in {"href", "src"} and not value.startswith("#"):
            self._report(f"Hình gọi tới tệp khác: “{value[:40]}”. Chỉ vẽ bằng nét trong chính tệp này.")
        elif _FOREIGN.search(value):
            self._report(f"Hình gọi tới nơi khác trong “{key}”. Chỉ dùng nét trong chính tệp này.")


class _Refused(Exception):
    """Stops the parser at once."""


def _pixels(value: str) -> int:
    found = re.fullmatch(r"(\d{1,4})(?:\.\d+)?(?:px)?", value.strip())
    return int(found[1]) if found else 0
