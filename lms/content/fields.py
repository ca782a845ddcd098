"""Typed values of a head; each odd value is one problem, and reading goes on with a stand-in."""

import re
from dataclasses import dataclass
from datetime import date

from lms.content.head import Document
from lms.content.problems import Problems, nearest
from lms.vietnamese import slug

AUDIENCES = ("citizen", "parent", "teacher", "staff", "student")
IDENTIFIER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Fields:
    """Reads values by key from the head of `document`."""

    document: Document
    problems: Problems

    def report(self, key: str, message: str) -> None:
        """Report a mistake on the line of `key`."""
        self.problems.add(self.document.file, self.document.line(key), message)

    def has(self, key: str) -> bool:
        """Tell whether the head has the line `key`."""
        return any(entry.key == key for entry in self.document.entries)

    def text(self, key: str, default: str | None = None) -> str:
        """Return the text of `key`; required when there is no default."""
        value = self.document.get(key)
        if value:
            return value
        if self.has(key):
            self.report(key, f"Mục “{key}” để trống. Điền vào, hoặc xóa cả dòng nếu không bắt buộc.")
        elif default is None:
            self.report("", f"Thiếu mục “{key}” ở phần đầu. Thêm một dòng “{key}: …”.")
        return default or ""

    def identifier(self, key: str) -> str:
        """Return an id or slug: small unaccented letters and digits joined by hyphens."""
        value = self.text(key)
        if value and not IDENTIFIER.fullmatch(value):
            self.report(key, f"“{value}” chưa đúng dạng. {_shape(value)}")
        return value

    def identifiers(self, key: str) -> tuple[str, ...]:
        """Return a list of ids or slugs; empty when the line is missing."""
        values = self.many(key) if self.has(key) else ()
        for value in values:
            if not IDENTIFIER.fullmatch(value):
                self.report(key, f"“{value}” chưa đúng dạng. {_shape(value)}")
        return values

    def many(self, key: str) -> tuple[str, ...]:
        """Return the comma separated values of a required line."""
        values = tuple(part.strip() for part in self.text(key).split(",") if part.strip())
        if len(set(values)) != len(values):
            self.report(key, f"Mục “{key}” có tên viết hai lần. Bỏ bớt một.")
        return tuple(dict.fromkeys(values))

    def audiences(self) -> tuple[str, ...]:
        """Return the audiences, in the order of the product."""
        values = self.many("audiences")
        for value in values:
            if value not in AUDIENCES:
                hint = nearest(value, list(AUDIENCES))
                self.report(
                    "audiences", f"Không có đối tượng “{value}”. {hint}Chỉ dùng: {', '.join(AUDIENCES)}."
                )
        return tuple(value for value in AUDIENCES if value in values)

    def whole(self, key: str, low: int, high: int) -> int:
        """Return a whole number between `low` and `high`."""
        value = self.text(key)
        if not value:
            return low
        if not (value.isascii() and value.isdecimal() and low <= int(value[:9]) <= high):
            self.report(key, f"Mục “{key}” phải là số từ {low} đến {high}, đang là “{value}”.")
            return low
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        """Return yes or no."""
        value = self.text(key, "yes" if default else "no")
        if value not in {"yes", "no"}:
            self.report(key, f"Mục “{key}” chỉ nhận yes hoặc no, đang là “{value}”.")
        return value == "yes"

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return one of the words allowed; the first of them when the line is missing."""
        value = self.text(key, allowed[0])
        if value not in allowed:
            hint = nearest(value, list(allowed))
            self.report(key, f"Mục “{key}” chỉ nhận {', '.join(allowed)}, đang là “{value}”. {hint}".strip())
            return allowed[0]
        return value

    def review(self) -> tuple[str, date | None]:
        """Return who really reviewed the text and when; both or none."""
        reviewer, reviewed_on = self.text("reviewer", ""), self._day("reviewed-on")
        if reviewer and not self.has("reviewed-on"):
            self.report("reviewer", "Có “reviewer” mà thiếu “reviewed-on”. Thêm ngày thẩm định.")
        if self.has("reviewed-on") and not self.has("reviewer"):
            self.report("reviewed-on", "Có “reviewed-on” mà thiếu “reviewer”. Thêm tên người thẩm định.")
        return reviewer, reviewed_on

    def _day(self, key: str) -> date | None:
        value = self.text(key, "")
        if not value:
            return None
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.report(key, f"“{value}” không phải ngày có thật. Viết năm-tháng-ngày, như 2026-11-21.")
        return None


def _shape(value: str) -> str:
    hint = slug(value)
    advice = "Chỉ dùng chữ thường không dấu, số và gạch nối"
    return f"{advice}, như “{hint}”." if hint else f"{advice}."
