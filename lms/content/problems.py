"""What is wrong in the authors' files: where, and a sentence with the cure."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake; `file` is relative to the content root, `line` counts from 1."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Print as `file:line: câu`, which editors turn into a link."""
        return f"{self.file.as_posix()}:{self.line}: {self.message}"


class ContentErrors(ValueError):
    """The library cannot be used; `problems` says why, all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the mistakes, and print them one a line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Problems:
    """Collects the mistakes of one run; the same one twice counts once."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: set[Problem] = set()

    def add(self, file: Path, line: int, message: str) -> None:
        """Remember one mistake."""
        self._found.add(Problem(file, line, message))

    def __iter__(self) -> Iterator[Problem]:
        """Yield the mistakes by file and line."""
        return iter(sorted(self._found))

    def __len__(self) -> int:
        """Count the mistakes."""
        return len(self._found)


def nearest(word: str, known: list[str]) -> str:
    """Return `Có phải “x” không? ` when something known is like `word`, else nothing."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Có phải “{close[0]}” không? " if close else ""
