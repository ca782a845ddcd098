"""Takes a list without any header for what it is: names, perhaps numbers before them and birthdays behind."""

import re

from lms.classrooms.header import Header, Rows
from lms.classrooms.headings import NUMBER

MOST_COLUMNS = 4
_SAMPLE = 60
_NAME = re.compile(r"^(?:\d{1,3}[.)]\s*)?[^\W\d_]+(?:['’-][^\W\d_]+)*(?: [^\W\d_]+(?:['’-][^\W\d_]+)*){1,5}$")
_DAY = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})$")
_COUNT = re.compile(r"^\d{1,3}[.)]?$")


def plain_list(rows: Rows) -> Header | None:
    """Return which column holds names when nothing stands over the columns, or None when it is not plain."""
    sample = [row for row in rows[:_SAMPLE] if any(text.strip() for text in row)]
    width = max(map(len, sample), default=0)
    if not 1 <= width <= MOST_COLUMNS:
        return None
    mapping: dict[str, int] = {}
    for column in range(width):
        values = [text for row in sample if column < len(row) and (text := " ".join(row[column].split()))]
        for field, shape in (("full_name", _NAME), ("born_on", _DAY), (NUMBER, _COUNT)):
            if values and sum(bool(shape.match(text)) for text in values) * 5 >= len(values) * 4:
                mapping.setdefault(field, column)
                break
    return Header(-1, -1, {}, mapping) if "full_name" in mapping else None
