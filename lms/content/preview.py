"""A page to look at before anything is published: one file, its pictures beside it."""

import shutil
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

from lms.content.kinds import KIND
from lms.content.lessons import sections
from lms.content.library import ChoiceDesc, FactDesc, QuestionDesc, QuizDesc
from lms.content.problems import Problems
from lms.content.render import Renderer, render_variants
from lms.content.shelf import Reading
from lms.content.typed_answers import vietnamese_text

_CREDIT = {
    "exact": "đúng hết mới được điểm",
    "proportional": "đúng phần nào được điểm phần đó",
    "penalised": "chọn sai bị trừ phần đã đúng",
}


class NothingToPreview(ValueError):
    """The file is none of the library's documents."""


def write_preview(reading: Reading, file: Path, today: date, folder: Path) -> Path:
    """Write `folder/xem-thu.html` for one document, as it reads on `today`, and return its path.

    `file` is relative to the content root. Raises NothingToPreview and RenderFailed.
    """
    if file not in reading.documents:
        raise NothingToPreview(f"Không thấy bài “{file.as_posix()}” trong courses hay quizzes.")
    document = reading.documents[file]
    bank = next((bank for bank in reading.banks if bank.file == file), None)
    with Renderer() as renderer:
        page = _Page(reading, renderer, today)
        parts = list(page.bank(bank) if bank else page.lesson(file))
    beside = reading.picture_folder(file)
    if beside and (pictures := reading.root / beside / "hinh").is_dir():
        shutil.copytree(pictures, folder / "hinh", dirs_exist_ok=True)
    target = folder / "xem-thu.html"
    title = escape(document.get("title"))
    target.write_text(_SHELL.format(title=title, body="\n".join(parts)), encoding="utf-8")
    return target


class _Page:
    def __init__(self, reading: Reading, renderer: Renderer, today: date) -> None:
        self.reading, self.renderer, self.today = reading, renderer, today
        self.facts: dict[str, FactDesc] = {fact.id: fact for fact in reading.library.facts}
        self.sizes = {module.file.parent: module.picture_sizes() for module in reading.library.modules()}

    def lesson(self, file: Path) -> Iterator[str]:
        for part in sections(self.reading.documents[file], Problems()):
            heading = f"<h2>{self._html(part.title, inline=True)}</h2>" if part.title else ""
            if heading or part.markdown:
                html = self._html(part.markdown, sizes=self.sizes.get(file.parent))
                yield f"<section>{heading}{html}</section>"

    def bank(self, bank: QuizDesc) -> Iterator[str]:
        folder = self.reading.picture_folder(bank.file)
        sizes = self.sizes.get(folder) if folder else None
        for question in bank.questions:
            yield f"<h2>{self._html(question.text, inline=True)}</h2>"
            yield f"<p><small>{escape(_about(question))}</small></p>"
            yield self._html(question.picture, sizes=sizes) if question.picture else ""
            if question.sender:
                yield f"<p>Tin từ: <b>{escape(question.sender)}</b></p>"
            for line in question.choices:
                yield f"<p><b>{escape(line.key)})</b> {self._line(question, line)}</p>"
                yield f'<p class="loi">{self._html(line.feedback, inline=True)}</p>' if line.feedback else ""
            for hint in question.hints:
                yield f"<p>Gợi ý: {self._html(hint, inline=True)}</p>"
            if question.explanation:
                yield f"<blockquote>{self._html(question.explanation, inline=True)}</blockquote>"

    def _line(self, question: QuestionDesc, line: ChoiceDesc) -> str:
        is_typed = question.kind in {"text", "number"}
        words = escape(line.text) if is_typed else self._html(line.text, inline=True)
        pair = f" ⇒ {self._html(line.pair, inline=True)}" if line.pair else ""
        return f"{words}{pair} <small>{escape(_meaning(question, line))}</small>"

    def _html(self, text: str, inline: bool = False, sizes: dict[str, tuple[int, int]] | None = None) -> str:
        variants = render_variants(self.renderer, text, self.facts, sizes=sizes, inline=inline)
        return next(v.html for v in variants if v.valid_until is None or v.valid_until >= self.today)


def _about(question: QuestionDesc) -> str:
    """Say in one line what kind of question it is and how it is marked."""
    said = [KIND[question.kind].name]
    if len(KIND[question.kind].credits) > 1:
        said.append(_CREDIT[question.credit])
    if question.plain_letters:
        said.append("gõ không dấu cũng được")
    if question.names:
        said.append(f"gõ đúng từng chữ: {', '.join(question.names)}")
    if question.tolerance != "0":
        said.append(f"sai số {vietnamese_text(question.tolerance)} {question.unit}".strip())
    elif question.unit:
        said.append(f"đơn vị {question.unit}")
    if question.near:
        said.append(f"nhóm gần giống: {question.near}")
    return " · ".join(said)


def _meaning(question: QuestionDesc, line: ChoiceDesc) -> str:
    if line.is_unsure:
        return "? Chưa chắc"
    columns = {column.key: column.text for column in question.columns}
    said = {
        "ordering": f"thứ {line.mark}",
        "matrix": f"⇒ {columns.get(line.mark, '')}",
        "open": f"{line.mark} điểm",
        "survey": "",
        "spot": "✓ Đáng ngờ" if line.is_right else "Bình thường",
        "matching": "" if line.is_right else "vế thừa",
    }
    return said.get(question.kind, "✓ Đúng" if line.is_right else "✗ Chưa đúng")


_SHELL = """<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Xem thử: {title}</title>
<style>
body {{ margin: 0 auto; max-width: 360px; padding: 16px; background: #fbf7ef; color: #17202a;
  font: 19px/1.6 system-ui, Roboto, "Segoe UI", "Noto Sans", sans-serif; }}
section {{ border-bottom: 2px dashed #d8cfbd; padding-bottom: 24px; }}
h1, h2 {{ line-height: 1.4; }}
img {{ max-width: 100%; height: auto; }}
blockquote {{ border-left: 6px solid #0b5e57; margin: 16px 0; padding: 4px 16px; background: #fff; }}
.nobreak {{ white-space: nowrap; }}
.loi {{ margin-left: 24px; color: #44525e; }}
</style>
<h1>{title}</h1>
{body}
</html>
"""
