"""What a workbook says beyond the values of its cells: which are computed, which show a percentage."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.parsers import expat

Place = tuple[int, int]
"""Line and column of a sheet, counted from 0."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MOST_OF_AN_ARRAY = 10_000
_PERCENT = {"9", "10"}
"""Excel's own formats 0% and 0.00%."""
Element = Callable[[str, dict[str, str]], None]


@dataclass
class Look:
    """The cells of one sheet whose value is computed, and those shown as a percentage."""

    formulas: set[Place] = field(default_factory=set)
    shares: set[Place] = field(default_factory=set)


class Looks:
    """Looks at the sheets of one package that was counted and found well formed before."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Learn which file holds which sheet and which styles are percentages. Raises KeyError."""
        self._archive = archive
        self._parts = _parts(archive)
        self._percent = _percent_styles(archive)

    def of(self, name: str) -> Look:
        """Return how the cells of a sheet look. Raises KeyError when the package has no such sheet."""
        look = Look()
        at = [-1, -1]

        def element(tag: str, attributes: dict[str, str]) -> None:
            kind = _local(tag)
            if kind == "row":
                number = attributes.get("r", "")
                at[:] = [int(number) - 1 if number.isdecimal() else at[0] + 1, -1]
            elif kind == "c":
                at[:] = _place(attributes.get("r", "")) or (at[0], at[1] + 1)
                if attributes.get("s") in self._percent:
                    look.shares.add((at[0], at[1]))
            elif kind == "f":
                look.formulas.add((at[0], at[1]))
                look.formulas.update(_range(attributes.get("ref", "")))

        _parse(self._archive.read(self._parts[name]), element)
        return look


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the file of each sheet by its name."""
    targets: dict[str, str] = {}
    names: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            target = attributes.get("Target", "")
            whole = target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)
            targets[attributes.get("Id", "")] = whole

    def listed(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            link = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            names[attributes.get("name", "")] = link

    _parse(archive.read("xl/_rels/workbook.xml.rels"), relation)
    _parse(archive.read("xl/workbook.xml"), listed)
    return {name: targets[link] for name, link in names.items() if link in targets}


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    formats = set(_PERCENT)
    found: list[str] = []
    inside = [""]

    def element(tag: str, attributes: dict[str, str]) -> None:
        kind = _local(tag)
        if kind in {"cellXfs", "cellStyleXfs", "dxfs"}:
            inside[0] = kind
        elif kind == "numFmt" and "%" in attributes.get("formatCode", ""):
            formats.add(attributes.get("numFmtId", ""))
        elif kind == "xf" and inside[0] == "cellXfs":
            found.append(attributes.get("numFmtId", ""))

    _parse(archive.read("xl/styles.xml"), element)
    return {str(at) for at, number in enumerate(found) if number in formats}


def _parse(content: bytes, element: Element) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.Parse(content, True)


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _place(reference: str) -> Place | None:
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1


def _range(reference: str) -> list[Place]:
    """Return the cells of A1:B3; a range larger than any question sheet gives its corners."""
    first, _, last = reference.partition(":")
    begin, end = _place(first), _place(last)
    if begin is None or end is None:
        return []
    if (end[0] - begin[0] + 1) * (end[1] - begin[1] + 1) > _MOST_OF_AN_ARRAY:
        return [begin, end]
    return [(line, column) for line in range(begin[0], end[0] + 1) for column in range(begin[1], end[1] + 1)]
