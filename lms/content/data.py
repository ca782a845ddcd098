"""Reads the tables of data beside the courses: facts, skills, frameworks."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from lms.content.fields import IDENTIFIER
from lms.content.files import read_text, report_unfinished
from lms.content.library import FactDesc, FrameworkDesc, SkillDesc
from lms.content.problems import Problems, nearest

FACTS = Path("courses/facts.toml")
SKILLS = Path("courses/skills.toml")
FRAMEWORKS = Path("courses/frameworks")
CERTAINTIES = ("V1", "V2")
LONGEST_DAYS = 550
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=")
_LINE_OF_ERROR = re.compile(r"at line (\d+)")
_MARKS = re.compile(r"[*_`<>\[\]{}\\\n]")


@dataclass(frozen=True)
class Table:
    """A TOML file with the line of every header and key, by dotted name."""

    file: Path
    values: Mapping[str, object]
    lines: Mapping[str, int]
    problems: Problems

    def report(self, name: str, message: str) -> None:
        """Report a mistake on the line of `name`, or of the header above it."""
        line = self.lines.get(name) or self.lines.get(name.rpartition(".")[0]) or 1
        self.problems.add(self.file, line, message)

    def rows(self, kind: str, keys: tuple[str, ...]) -> dict[str, dict[str, object]]:
        """Return the tables `[kind.id]` by id, reporting odd ids, unknown and missing keys."""
        for name in self.values:
            if name != kind:
                self.report(name, f"Không có bảng “{name}”. Viết dạng [{kind}.ma-so].")
        tables = self.values.get(kind, {})
        rows = {k: v for k, v in tables.items() if isinstance(v, dict)} if isinstance(tables, dict) else {}
        for identifier, row in rows.items():
            self._check_row(f"{kind}.{identifier}", identifier, row, keys)
        return rows

    def _check_row(
        self, name: str, identifier: str, row: Mapping[str, object], keys: tuple[str, ...]
    ) -> None:
        if not IDENTIFIER.fullmatch(identifier):
            self.report(
                name, f"Mã “{identifier}” chưa đúng dạng. Chỉ dùng chữ thường không dấu, số và gạch nối."
            )
        for key in row:
            if key not in keys:
                hint = nearest(key, list(keys))
                self.report(
                    f"{name}.{key}", f"Không có mục “{key}”. {hint}Các mục dùng được: {', '.join(keys)}."
                )
        for key in keys:
            if row.get(key) in ("", None):
                self.report(
                    f"{name}.{key}", f"“{identifier}” thiếu mục “{key}”. Thêm một dòng {key} = … vào bảng."
                )


def read_facts(root: Path, problems: Problems) -> tuple[tuple[FactDesc, ...], Table | None]:
    """Read `courses/facts.toml`; a missing file is a library without facts."""
    table = _table(root, FACTS, problems)
    if table is None:
        return (), None
    rows = table.rows("fact", ("text", "note", "source", "certainty", "checked", "expires"))
    return tuple(_fact(table, identifier, row) for identifier, row in rows.items()), table


def read_skills(root: Path, problems: Problems) -> tuple[tuple[SkillDesc, ...], Table | None]:
    """Read `courses/skills.toml`."""
    table = _table(root, SKILLS, problems)
    if table is None:
        return (), None
    rows = table.rows("skill", ("title", "frameworks"))
    skills = []
    for identifier, row in rows.items():
        codes = row.get("frameworks")
        listed = codes if isinstance(codes, list) else []
        skills.append(SkillDesc(identifier, str(row.get("title", "")), tuple(str(code) for code in listed)))
    return tuple(skills), table


def read_frameworks(root: Path, problems: Problems) -> tuple[FrameworkDesc, ...]:
    """Read `courses/frameworks/*.toml`: title, status, and each code as [code."1.1"] with its title."""
    frameworks = []
    for path in sorted((root / FRAMEWORKS).glob("*.toml")):
        table = _table(root, FRAMEWORKS / path.name, problems)
        if table is None:
            continue
        codes = table.values.get("code", {})
        for key in ("title", "status"):
            if not table.values.get(key):
                table.report(key, f"Khung này thiếu mục “{key}”. Thêm một dòng {key} = “…”.")
        pairs = codes.items() if isinstance(codes, dict) else ()
        frameworks.append(
            FrameworkDesc(
                id=path.stem,
                title=str(table.values.get("title", "")),
                status=str(table.values.get("status", "")),
                codes=tuple((str(code), _words(row)) for code, row in pairs),
            )
        )
    return tuple(frameworks)


def _words(row: object) -> str:
    return str(row.get("title", "")) if isinstance(row, dict) else str(row)


def _table(root: Path, file: Path, problems: Problems) -> Table | None:
    if not (root / file).is_file():
        return None
    text = read_text(root, file, problems)
    if text is None:
        return None
    report_unfinished(file, text, problems)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        found = _LINE_OF_ERROR.search(str(error))
        line = int(found[1]) if found else _odd_date(text)
        problems.add(file, line, _BAD_TOML)
        return None
    return Table(file, values, _lines(text), problems)


_BAD_TOML = (
    'Dòng này viết sai. Chữ phải nằm trong ngoặc kép như text = "…", '
    "ngày viết trơn và có thật như checked = 2026-11-21, mỗi mã chỉ một bảng."
)


def _odd_date(text: str) -> int:
    # tomllib lets the error of an impossible date pass without its line.
    for number, line in enumerate(text.split("\n"), 1):
        try:
            tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue
        except ValueError:
            return number
    return 1


def _lines(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    header = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _HEADER.match(line):
            header = found[1].strip() + "."
            lines.setdefault(found[1].strip(), number)
        elif found := _KEY.match(line):
            lines.setdefault(header + found[1].strip('"'), number)
    return lines


def _fact(table: Table, identifier: str, row: Mapping[str, object]) -> FactDesc:
    name = f"fact.{identifier}"
    texts = {key: str(row.get(key, "")) for key in ("text", "note", "source", "certainty")}
    if _MARKS.search(texts["text"]):
        table.report(f"{name}.text", "Câu chữ của số liệu chỉ là chữ thường. Bỏ các dấu * _ ` < > [ ] { }.")
    if texts["certainty"] and texts["certainty"] not in CERTAINTIES:
        table.report(
            f"{name}.certainty",
            f"Mức chắc chắn “{texts['certainty']}” chưa được dùng trong bài. Chỉ dùng V1 hoặc V2.",
        )
    checked, expires = (_day(table, name, row, key) for key in ("checked", "expires"))
    if checked and expires and not 0 <= (expires - checked).days <= LONGEST_DAYS:
        table.report(
            f"{name}.expires", "Ngày hết hạn phải sau ngày kiểm tra và không quá 18 tháng. Sửa “expires”."
        )
    return FactDesc(id=identifier, checked=checked or date.min, expires=expires or date.max, **texts)


def _day(table: Table, name: str, row: Mapping[str, object], key: str) -> date | None:
    value = row.get(key)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value not in ("", None):
        table.report(f"{name}.{key}", f"“{key}” phải là ngày viết trơn, không ngoặc kép: {key} = 2026-11-21")
    return None
