"""What reading the folders gathers: documents by file, problems, and the library so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lms.content.data import Table
from lms.content.fields import Fields
from lms.content.files import read_text, report_unfinished
from lms.content.head import Document, parse
from lms.content.library import Library, QuizDesc
from lms.content.problems import Problems

COURSES = Path("courses")
QUIZZES = Path("quizzes")
PASSED_OVER = ("README.md", "LICENSE")


@dataclass
class Shelf:
    """Opens files of one content root and remembers every document it opened."""

    root: Path
    problems: Problems
    documents: dict[Path, Document]

    def open(self, file: Path, keys: tuple[str, ...]) -> tuple[Document, Fields] | None:
        """Read one Markdown file; None when it cannot be read at all."""
        text = read_text(self.root, file, self.problems)
        if text is None:
            return None
        report_unfinished(file, text, self.problems)
        document = parse(file, text, keys, self.problems)
        self.documents[file] = document
        return document, Fields(document, self.problems)

    def folders(self, parent: Path) -> list[Path]:
        """Return the folders in `parent` by name, hidden ones left out."""
        return [parent / path.name for path in self._entries(parent) if path.is_dir()]

    def files(self, parent: Path) -> list[Path]:
        """Return the files in `parent` by name, hidden ones left out."""
        return [parent / path.name for path in self._entries(parent) if path.is_file()]

    def _entries(self, parent: Path) -> list[Path]:
        folder = self.root / parent
        entries = folder.iterdir() if folder.is_dir() else ()
        return sorted(path for path in entries if not path.name.startswith((".", "~")))


@dataclass(frozen=True)
class Reading:
    """A library as far as it could be read, its documents, and every bank with or without a module."""

    root: Path
    library: Library
    documents: Mapping[Path, Document]
    banks: tuple[QuizDesc, ...]
    skills: Table | None
    facts: Table | None

    def picture_folder(self, file: Path) -> Path | None:
        """Return where the folder `hinh` of a document stands; None for a bank without its module."""
        module_of = {bank.file: bank.module for bank in self.banks}
        if file not in module_of:
            return file.parent
        folders = {module.id: module.file.parent for module in self.library.modules()}
        return folders.get(module_of[file])
