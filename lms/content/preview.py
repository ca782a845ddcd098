"""A page to look at before anything is published: one file, its pictures beside it."""

import shutil
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

from lms.content.lessons import sections
from lms.content.library import FactDesc
from lms.content.problems import Problems
from lms.content.quizzes import tokens
from lms.content.render import Renderer, render_variants
from lms.content.shelf import Reading

_MARK = {"x": "✓ Đúng", " ": "✗ Chưa đúng", "?": "? Chưa chắc"}


class NothingToPreview(ValueError):
    """The file is none of the library's documents."""


def write_preview(reading: Reading, file: Path, today: date, folder: Path) -> Path:
    """Write `folder/xem-thu.html` for one document, as it reads on `today`, and return its path.

    `file` is relative to the content root. Raises NothingToPreview and RenderFailed.
    """
    if file not in reading.documents:
        raise NothingToPreview(f"Không thấy bài “{file.as_posix()}” trong courses hay quizzes.")
    document = reading.documents[file]
    is_bank = any(bank.file == file for bank in reading.banks)
    with Renderer() as renderer:
        page = _Page(reading, renderer, today)
        parts = list(page.bank(file) if is_bank else page.lesson(file))
    pictures = reading.root / file.parent / "hinh"
    if pictures.is_dir():
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

    def bank(self, file: Path) -> Iterator[str]:
        for token in tokens(self.reading.documents[file]):
            html = self._html(token.text, inline=True)
            if token.kind == "question":
                yield f"<h2>{html}</h2>"
            elif token.kind == "choice":
                yield f"<p><b>{escape(token.key)})</b> {html} <small>{_MARK.get(token.mark, '')}</small></p>"
            elif token.kind == "feedback":
                yield f'<p class="loi">{html}</p>'
            elif token.kind == "explanation":
                yield f"<blockquote>{html}</blockquote>"

    def _html(self, text: str, inline: bool = False, sizes: dict[str, tuple[int, int]] | None = None) -> str:
        variants = render_variants(self.renderer, text, self.facts, sizes=sizes, inline=inline)
        return next(v.html for v in variants if v.valid_until is None or v.valid_until >= self.today)


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
