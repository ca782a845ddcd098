"""The workbook of a unit's figures: summary, by class or school, people (for whoever may), definitions."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from lms.clock import VIETNAM
from lms.reports.coverage import CoverageRow, Figures
from lms.reports.evidence import ALONE, FAMILY, HELPED, NOTHING, OBSERVED, TAKEN_PART, WITNESSED
from lms.reports.queries import Seat
from lms.reports.tables import Cell, Share, Sheet, write_xlsx

AUDIENCE = {
    FAMILY: "Gia đình học sinh",
    "student": "Học sinh",
    "parent": "Cha mẹ học sinh, người giám hộ (từng người)",
    "teacher": "Giáo viên",
    "staff": "CBQL, nhân viên",
}
REACHED = {
    NOTHING: "Chưa học",
    TAKEN_PART: "Đang học",
    HELPED: "Hoàn thành, có người giúp",
    ALONE: "Hoàn thành",
    WITNESSED: "Hoàn thành, có chứng kiến",
    OBSERVED: "Hoàn thành, đã thao tác thật",
}
LEVEL = {HELPED: 1, ALONE: 1, WITNESSED: 2, OBSERVED: 3}
_PART = {"class": ("Theo lớp", "Lớp"), "school": ("Theo trường", "Trường")}
_NUMBERS = (
    "Đối tượng",
    "Trong danh sách",
    "Tổng số đã khai",
    "Đếm ngày",
    "Nguồn",
    "Mẫu số",
    "Đã tham gia",
    "Hoàn thành (từ mức 1)",
    "Tỷ lệ hoàn thành",
    "Trong đó có người giúp",
    "Từ mức 2 (có chứng kiến)",
    "Tỷ lệ từ mức 2",
    "Mức 3 (thao tác thật)",
    "Tỷ lệ mức 3",
    "Ghi chú",
)
_WIDTHS = (40, 11, 11, 12, 24, 9, 11, 12, 11, 12, 13, 11, 13, 11, 50)
_PEOPLE = (
    "Đơn vị",
    "Đối tượng",
    "Họ tên",
    "Số điện thoại",
    "Kết quả",
    "Mức",
    "Hoàn thành ngày",
    "Gia đình (với học sinh)",
)
DEFINITIONS = (
    ("Tỷ lệ hoàn thành", "Số người hoàn thành khóa học, từ mức 1, chia cho mẫu số."),
    ("Hoàn thành", "Xong mọi chủ đề mà khóa học đòi hỏi: các bài bắt buộc và bài kiểm tra đạt."),
    ("Đã tham gia", "Xong ít nhất một bài, hoặc nộp ít nhất một bài kiểm tra của khóa học."),
    (
        "Gia đình học sinh",
        "Học sinh có ít nhất một cha mẹ hoặc người giám hộ hoàn thành, chia cho số học sinh.",
    ),
    ("Cha mẹ (từng người)", "Mỗi cha mẹ, người giám hộ đếm một lần, dù có mấy con trong trường."),
    ("Mẫu số", "Số người trong danh sách vào ngày tính; hoặc tổng số nhà trường đã khai, khi số ấy lớn hơn."),
    ("Để trống", "Chưa có danh sách và chưa có tổng số thì không tính tỷ lệ."),
    ("Mức 1, tự học", "Tự học và đạt bài kiểm tra dưới tên mình; gồm cả người có người khác giúp."),
    ("Có người giúp", "Chỉ đạt khi học cùng người khác trên một máy; đếm riêng, không trộn với tự làm."),
    ("Mức 2, có chứng kiến", "Làm bài kiểm tra trước mặt thầy cô hoặc người của Tổ công nghệ số cộng đồng."),
    ("Mức 3, thao tác thật", "Làm việc thật, có người quan sát."),
    (
        "Đếm một lần",
        "Mỗi người đếm một lần trong mỗi đơn vị, nên tổng của trường có thể nhỏ hơn tổng các lớp.",
    ),
    ("Ngày tính", "Kết quả tính từ ngày học xong, hoặc ngày ghi tên nếu ghi tên sau."),
    ("Chưa đối chiếu", "Người xin vào lớp mà thầy cô chưa xác nhận đứng riêng, không nằm trong các số trên."),
)


def write_figures(
    file: BinaryIO | Path, figures: Figures, waiting: int, people: Iterable[Seat] | None = None
) -> None:
    """Write the workbook; `people` only for whoever may know them by name."""
    write_xlsx(file, _sheets(figures, waiting, people))


def _sheets(figures: Figures, waiting: int, people: Iterable[Seat] | None) -> Iterator[Sheet]:
    above = headings(figures)
    told = f"Chờ đối chiếu, chưa tính vào các số dưới đây: {waiting} cha mẹ xin vào lớp."
    lines = (*above, told) if waiting else above
    yield Sheet("Tổng hợp", _NUMBERS, map(numbers, figures.wholes), lines, _WIDTHS)
    if figures.parts:
        name, word = _PART[figures.parts[0].place.kind]
        rows = ([row.place.name, *numbers(row)] for row in figures.parts)
        yield Sheet(name, (word, *_NUMBERS), rows, above, (16, *_WIDTHS))
    if people is not None:
        yield Sheet("Từng người", _PEOPLE, map(_person, people), above, (24, 26, 28, 16, 28, 7, 16, 28))
    yield Sheet("Cách tính", ("Từ", "Nghĩa"), DEFINITIONS, (), (26, 110))


def headings(figures: Figures) -> tuple[str, ...]:
    """Return what stands above every table: whose figure, of which course, when, known when."""
    asked = figures.asked
    known = asked.known_at.astimezone(VIETNAM)
    return (
        f"Tỷ lệ hoàn thành khóa học “{asked.course.title}”",
        figures.unit.name,
        f"Tính đến ngày {asked.as_of:%d/%m/%Y}, theo dữ liệu lúc {known:%H:%M ngày %d/%m/%Y}",
    )


def numbers(row: CoverageRow) -> list[Cell]:
    """Return a row of the summary; what cannot be computed is empty, never 0."""
    count, total = row.count, row.total

    def told(number: int) -> Cell:
        return number if row.base else None

    def share(number: int) -> Cell:
        rate = row.share(number)
        return None if rate is None else Share(rate)

    return [
        AUDIENCE[row.audience],
        count.members,
        total.number if total else None,
        total.counted_on if total else None,
        total.source if total else None,
        row.base,
        told(count.taken_part),
        told(count.completed),
        share(count.completed),
        told(count.helped),
        told(count.level_2),
        share(count.level_2),
        told(count.level_3),
        share(count.level_3),
        remark(row),
    ]


def remark(row: CoverageRow) -> str:
    """Return what must be known beside a figure, in one line; empty when there is nothing."""
    said = []
    if row.base is None:
        said.append("Chưa có danh sách, chưa có tổng số: chưa tính tỷ lệ.")
    if row.is_declared:
        said.append("Mẫu số là tổng số đã khai, vì lớn hơn danh sách.")
    if row.total_is_too_small:
        said.append("Danh sách nhiều hơn tổng số đã khai: mẫu số là danh sách.")
    if row.unlisted:
        said.append(f"Mẫu số gồm {row.unlisted} người các đơn vị đã khai, chưa có trong danh sách.")
    if row.blank and row.base is not None and not row.is_declared:
        said.append(f"Chưa gồm: {', '.join(row.blank)}.")
    return " ".join(said)


def _person(seat: Seat) -> list[Cell]:
    return [
        seat.unit_name,
        AUDIENCE[seat.audience].removesuffix(" (từng người)"),
        seat.full_name,
        seat.phone,
        REACHED[seat.rank],
        LEVEL.get(seat.rank),
        seat.completed_at.astimezone(VIETNAM).date() if seat.completed_at else None,
        REACHED[seat.family] if seat.family is not None else None,
    ]
