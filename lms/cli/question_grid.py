"""Question sheets as grids of texts: workbooks are opened in a child process, as rosters are."""

from lms.classrooms.workbook import ask_child, refuse_strange
from lms.content.question_grid import Grid

CHILD = "lms.cli.question_grid_child"


def read_grids(data: bytes) -> list[Grid]:
    """Return the visible sheets of an .xlsx file. Raises lms.classrooms.table.FileRefused."""
    refuse_strange(data)
    return [
        Grid(
            name=sheet["name"],
            rows=tuple(tuple(row) for row in sheet["rows"]),
            first_row=sheet["first_row"],
            first_column=sheet["first_column"],
            formulas=frozenset((line, column) for line, column in sheet["formulas"]),
            dates=frozenset((line, column) for line, column in sheet["dates"]),
            merged=tuple((top, left, bottom, right) for top, left, bottom, right in sheet["merged"]),
        )
        for sheet in ask_child(CHILD, data)["sheets"]
    ]
