"""One line of a sheet of questions, read by the names of its columns."""

from dataclasses import dataclass, field

from lms.content.exchange import CHANGED, Refused, Remark, shown
from lms.content.fields import IDENTIFIER
from lms.content.intake import clean, guarded
from lms.content.kinds import KIND
from lms.content.prose import PICTURE
from lms.content.question_grid import Columns, Grid
from lms.content.typed_answers import decimal_text
from lms.vietnamese import fold
from lms.vietnamese.numbers import parse_number

USES = {"practice": "luyện tập", "check": "kiểm tra", "both": "cả hai"}
_LEVELS = {
    1: ("1", "de", "nhan biet", "nb", "biet", "easy"),
    2: ("2", "vua", "trung binh", "tb", "thong hieu", "th", "hieu", "medium"),
    3: ("3", "kho", "van dung", "vd", "van dung cao", "vdc", "hard"),
}


@dataclass
class Row:
    """One line of a sheet, read by the names of its columns."""

    grid: Grid
    columns: Columns
    line: int
    changes: list[Remark] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Return the number that Excel shows before this line."""
        return self.grid.number(self.line)

    @property
    def is_ours(self) -> bool:
        """Tell whether our own writer made this row: its words are Markdown already."""
        return bool(self.plain("keys") and self.plain("id"))

    def at(self, column: int) -> str:
        """Return the text of a cell. Raises Refused for a formula."""
        if (self.line, column) in self.grid.formulas:
            cell = self.grid.cell(self.line, column)
            raise Refused(
                self.number, f"Ô {cell} là công thức. Chép rồi dán giá trị (Paste Values) vào ô ấy."
            )
        if (self.line, column) in self.grid.dates:
            text = self.grid.text(self.line, column)
            self.change(column, f"Excel cất ô này như ngày giờ, nay đọc là “{text}”.")
        return clean(self.grid.text(self.line, column))

    def plain(self, name: str) -> str:
        """Return the text under a heading; empty when there is no such column."""
        column = self.columns.single.get(name)
        return "" if column is None else self.at(column)

    def words(self, column: int | None) -> str:
        """Return what a learner reads; stars and lines of a teacher's sheet are no Markdown."""
        text = "" if column is None else self.at(column)
        if self.is_ours or not text:
            return text
        safe = guarded(text)
        if safe != text and column is not None:
            self.change(column, "Đã thêm dấu \\ trước các dấu * _ ` [ để chúng hiện ra như đã viết.")
        return safe

    def spread(self, name: str) -> str:
        """Return a value that may stand in one merged cell for several lines."""
        column = self.columns.single.get(name)
        if column is None:
            return ""
        spread = clean(self.grid.spread(self.line, column))
        return self.at(column) or spread

    def change(self, column: int, message: str) -> None:
        """Remember that a cell is not taken as it is; the same twice counts once."""
        remark = Remark(self.number, CHANGED, f"Ô {self.grid.cell(self.line, column)}: {message}")
        if remark not in self.changes:
            self.changes.append(remark)

    def refuse(self, name: str, message: str) -> Refused:
        """Return the refusal of this line, naming the cell at fault."""
        column = self.columns.single[name]
        return Refused(self.number, f"Ô {self.grid.cell(self.line, column)}: {message}")


def decimal(text: str, unit: str) -> str:
    """Return a number as a decimal with a point; empty when it is none."""
    number = parse_number(text, unit)
    return "" if number is None else decimal_text(number)


def skill(row: Row) -> str:
    """Return the id of the skill; other words are named as lost."""
    text = row.spread("skill")
    if not text or IDENTIFIER.fullmatch(text):
        return text
    row.change(row.columns.single["skill"], f"{shown(text)} không phải mã kỹ năng nên không giữ.")
    return ""


def difficulty(row: Row) -> int:
    """Return 1 to 3, or 0 when the sheet does not say."""
    text = row.spread("difficulty")
    words = fold(text).strip(" .")
    level = next((level for level, spellings in _LEVELS.items() if words in spellings), 0)
    if text and not level:
        row.change(row.columns.single["difficulty"], f"Mức độ {shown(text)} không rõ, nay là 2.")
    return level


def use(row: Row) -> str:
    """Return practice, check or both, or nothing."""
    text = row.plain("use")
    use = next((use for use, words in USES.items() if fold(text) in {use, fold(words)}), "")
    if text and not use:
        row.change(row.columns.single["use"], f"{shown(text)} không rõ, nay dùng để kiểm tra.")
    return use


def credit(row: Row, kind: str) -> str:
    """Return how the mark is shared out."""
    text, allowed = row.plain("credit"), KIND[kind].credits
    if text and text not in allowed:
        row.change(
            row.columns.single["credit"], f"Cách cho điểm {shown(text)} không dùng được, nay là {allowed[0]}."
        )
    return text if text in allowed else allowed[0]


def tolerance(row: Row) -> str:
    """Return the tolerance as a decimal with a point. Raises Refused."""
    text = row.plain("tolerance")
    number = decimal(text, row.plain("unit")) if text else "0"
    if not number or number.startswith("-"):
        raise row.refuse("tolerance", f"Sai số {shown(text)} phải là số không âm. Viết như 5 hoặc 0,5.")
    return number


def picture(row: Row) -> str:
    """Return the line of Markdown that shows the picture; anything else is named as lost."""
    text = row.plain("picture")
    if not text or PICTURE.fullmatch(text):
        return text
    row.change(
        row.columns.single["picture"],
        "Hình không lấy được. Chép hình vào thư mục hinh của chủ đề rồi thêm lại.",
    )
    return ""
