"""Words of a GIFT question as words of a bank: its text formats, HTML, and signs Markdown would take."""

import html
import re
from dataclasses import dataclass, field

from lms.content.exchange import CHANGED, Refused, Remark
from lms.content.gift_marks import Piece, Span
from lms.content.intake import LONGEST_TEXT, clean, guarded

FORMATS = ("html", "markdown", "plain", "moodle")
_FORMAT = re.compile(rf"\[({'|'.join(FORMATS)})\]")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,20})\b[^<>]{0,500}>|<!--[^<>]{0,500}-->")
_BLOCK = re.compile(r"<(?:/?(?:p|div|li|ul|ol|tr|h[1-6])|br)\b[^<>]{0,500}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_WITH_MORE = re.compile(
    r"<(?:img|video|audio|iframe|object|embed|script|style|svg|math|table)\b|@@PLUGINFILE@@", re.IGNORECASE
)


@dataclass
class Words:
    """Turns parts of one question into lines of a bank, and remembers what it had to change."""

    piece: Piece
    title: str = ""
    format: str = "moodle"
    tags: dict[str, str] = field(default_factory=dict)
    changes: list[Remark] = field(default_factory=list)

    def stem(self, span: Span) -> str:
        """Return the words of the question; the format it names holds for its answers too."""
        if found := _FORMAT.match(span.bare):
            self.format = found[1]
        return self.of(span)

    def of(self, span: Span | None) -> str:
        """Return the words of a stem, a choice or feedback as Markdown on one line."""
        if span is None:
            return ""
        if len(span.raw) > 2 * LONGEST_TEXT:
            raise self.refuse(span, f"Có đoạn chữ dài quá {LONGEST_TEXT} chữ cái. Viết ngắn lại.")
        span, form = self._unmarked(span)
        text = span.text
        if text.count("\n") > span.raw.count("\n"):
            self.change(span, "Chỗ xuống dòng trong chữ nay là dấu cách.")
        if form in {"html", "moodle"}:
            text = self._without_tags(span, text)
        if form != "markdown":
            text = self._guarded(span, text)
        return clean(text)

    def typed(self, span: Span) -> str:
        """Return the words of an answer that is typed: no Markdown in it."""
        return clean(self._unmarked(span)[0].text)

    def change(self, place: Span, message: str) -> None:
        """Remember that something is not as it was; the same on one line counts once."""
        remark = Remark(self.piece.line(place), CHANGED, message)
        if remark not in self.changes:
            self.changes.append(remark)

    def refuse(self, place: Span, message: str) -> Refused:
        """Return the refusal of this question, at the line of `place`."""
        return Refused(self.piece.line(place), message)

    def _unmarked(self, span: Span) -> tuple[Span, str]:
        found = _FORMAT.match(span.bare)
        return (span.cut(found.end()), found[1]) if found else (span, self.format)

    def _without_tags(self, span: Span, text: str) -> str:
        if found := _WITH_MORE.search(text):
            raise self.refuse(
                span, f"Có hình, bảng hay phần nhúng ({found[0]}) không lấy được. Viết câu này bằng tay."
            )
        plain = html.unescape(_TAG.sub("", _BLOCK.sub(" ", text))) if _has_html(text) else text
        if clean(plain) != clean(text):
            self.change(span, "Đã bỏ thẻ HTML, chỉ giữ chữ.")
        return plain

    def _guarded(self, span: Span, text: str) -> str:
        """Put a backslash before signs that Markdown would take for marks."""
        safe = guarded(text)
        if safe != text:
            self.change(span, "Đã thêm dấu \\ trước các dấu * _ ` [ để chúng hiện ra như đã viết.")
        return safe


def _has_html(text: str) -> bool:
    return bool(_TAG.search(text) or _ENTITY.search(text))
