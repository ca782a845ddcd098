"""The table of planted faults: one edit of the sample library, and the one problem it must give."""

from dataclasses import dataclass
from pathlib import Path

COURSE = "courses/lam-quen/khoa.md"
MODULE = "courses/lam-quen/01-man-hinh/chu-de.md"
OTHER_MODULE = "courses/lam-quen/02-danh-ba/chu-de.md"
LESSON = "courses/lam-quen/01-man-hinh/01-chu-to.md"
SECOND = "courses/lam-quen/01-man-hinh/02-sang-vua.md"
THIRD = "courses/lam-quen/02-danh-ba/01-luu-so.md"
PICTURE = "courses/lam-quen/01-man-hinh/hinh/banh-rang.svg"
BANK = "quizzes/lam-quen/man-hinh.md"
OTHER_BANK = "quizzes/lam-quen/danh-ba.md"
FACTS = "courses/facts.toml"
SKILLS = "courses/skills.toml"
IDS = "courses/ids.txt"
PAGE = "courses/bi-lua.md"

LONG = (
    "Kéo thật chậm chấm tròn nằm ở giữa thanh dài sang hẳn bên phải cho đến khi nào chữ to vừa mắt thì thôi."
)
MANY = "Bấm vào đây rồi chờ một lúc. " * 3 + "\n\n"


@dataclass(frozen=True)
class Fault:
    """One edit of the sample and the one problem it must give, `offset` lines below the edit."""

    name: str
    file: str
    old: str
    new: str
    words: str
    offset: int = 0
    at: tuple[str, int] | None = None

    def plant(self, root: Path) -> tuple[Path, int]:
        """Edit the library and return where the problem must be."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        assert self.old in text, f"{self.name}: the sample no longer has {self.old!r}"
        line = text[: text.index(self.old)].count("\n") + 1 + self.offset
        path.write_text(text.replace(self.old, self.new, 1), encoding="utf-8")
        return (Path(self.at[0]), self.at[1]) if self.at else (Path(self.file), line)


# fmt: off
FAULTS = [
    # Heads
    Fault("an unknown key", LESSON, "minutes: 5", "minutes: 5\nminute: 5", "Có phải “minutes”", offset=1),
    Fault("a repeated key", LESSON, "minutes: 5", "minutes: 5\nminutes: 6", "viết hai lần", offset=1),
    Fault("a missing key", LESSON, "goal: Tự làm chữ trên điện thoại to lên\n", "", "Thiếu mục “goal”",
          at=(LESSON, 1)),
    Fault("an empty value", LESSON, "goal: Tự làm chữ trên điện thoại to lên", "goal:", "để trống"),
    Fault("a line that is no entry", LESSON, "minutes: 5", "minutes: 5\nNăm phút", "mục: nội dung", offset=1),
    Fault("no blank line after the head", LESSON, "required: yes\n\n", "required: yes\n", "dòng trống",
          offset=1),
    Fault("a title that is not first", COURSE, "title: Làm quen: điện thoại của nhà mình\nid: lam-quen\n",
          "id: lam-quen\ntitle: Làm quen: điện thoại của nhà mình\n", "dòng đầu tiên"),
    Fault("an unknown audience", LESSON, "citizen, parent, student", "citizen, parents, student",
          "Có phải “parent”"),
    Fault("minutes that are no number", LESSON, "minutes: 5", "minutes: năm", "số từ 1 đến 60"),
    Fault("a flag that is neither yes nor no", LESSON, "required: yes", "required: có", "yes hoặc no"),
    Fault("an id with capitals", PAGE, "id: trang-bi-lua", "id: Trang-Bi-Lua", "chưa đúng dạng"),
    Fault("a date that does not exist", LESSON, "required: yes", "reviewer: Cô Lan\nreviewed-on: 2026-02-30",
          "không phải ngày có thật", offset=1),
    Fault("a reviewer without a date", LESSON, "required: yes", "reviewer: Cô Lan", "thiếu “reviewed-on”"),
    Fault("a date without a reviewer", MODULE, "required: yes", "reviewed-on: 2026-11-02",
          "thiếu “reviewer”"),
    # Ids and addresses
    Fault("an id used twice", OTHER_BANK, "{#db-go-nham}", "{#mh-ra-nang}",
          "đã dùng ở quizzes/lam-quen/danh-ba.md:41", at=(BANK, 41)),
    Fault("an id that vanished", BANK, "draw: 3", "draw: 3", "đã từng dùng mà nay không thấy", at=(IDS, 21)),
    Fault("an id not yet written down", PAGE, "id: trang-bi-lua", "id: trang-moi", "--update-ids"),
    Fault("two lessons with one address", SECOND, "slug: sang-vua", "slug: chu-to", "đã dùng ở"),
    Fault("two modules with one address", OTHER_MODULE, "slug: danh-ba", "slug: man-hinh", "đã dùng ở"),
    Fault("a reserved address", SECOND, "slug: sang-vua", "slug: chu-de", "đã dành cho trang khác"),
    Fault("a former address that another lesson has", SECOND, "goal:", "former-slugs: chu-to\ngoal:",
          "đã dùng ở"),
    # Skills, modules, banks
    Fault("an unknown skill of a lesson", LESSON, "skills: chinh-man-hinh", "skills: chinh-man-hin",
          "Có phải “chinh-man-hinh”"),
    Fault("an unknown skill of a question", OTHER_BANK, "skill: luu-so", "skill: luu-to",
          "Không có kỹ năng “luu-to”"),
    Fault("a code that no framework has", SKILLS, "mau:1.2", "mau:9.9", "Không có mã khung “mau:9.9”"),
    Fault("a skill without a title", SKILLS, 'title = "Lưu được một số vào danh bạ và gọi lại"\n', "",
          "thiếu mục “title”", offset=-1),
    Fault("practice of an unknown lesson", BANK, "lesson: man-hinh-sang-vua", "lesson: man-hinh-sang",
          "Có phải “man-hinh-sang-vua”"),
    Fault("practice without a lesson", BANK, "use: practice\nlesson: man-hinh-chu-to", "use: practice",
          "thuộc một bài", offset=-3),
    Fault("a draw larger than the bank", OTHER_BANK, "draw: 3", "draw: 4", "chỉ có 3 câu"),
    # Steps
    Fault("a heading without an id", LESSON, "## Xem lại {#xem-lai}", "## Xem lại", "## Xem lại {#xem-lai}"),
    Fault("a step id used twice", LESSON, "{#xem-lai}", "{#keo-thanh}", "đã dùng trong tệp này"),
    Fault("a step id that is taken", LESSON, "{#xem-lai}", "{#cau-3}", "dành cho trang khác"),
    Fault("a heading of another level", LESSON, "Mở một tin nhắn cũ.", "# Mở\n\nMở một tin nhắn cũ.",
          "Chỉ dùng tiêu đề"),
    Fault("a step of more than 120 tiếng", LESSON, "Mở một tin nhắn cũ.", MANY * 7 + "Mở một tin nhắn cũ.",
          "quá 120", offset=-2),
    Fault("an empty step", LESSON, "Chỉnh chữ to lên một nấc rồi để như vậy đến hết ngày.\n", "",
          "chưa có nội dung", offset=-2),
    Fault("more than eight steps", SECOND, "## Kéo hình",
          "".join(f"## Phần {n} {{#phan-{n}}}\n\nBấm.\n\n" for n in range(1, 8)) + "## Kéo hình",
          "nhiều hơn 8", offset=28),
    Fault("no sentence to remember", LESSON,
          "> Hôm nay nhớ một điều: **chữ nhỏ thì chỉnh máy, không phải cố đọc.**\n", "", "thiếu câu cần nhớ",
          offset=2 - 1),
    Fault("two sentences to remember", LESSON, "## Làm ngay",
          "> Hôm nay nhớ một điều: **nữa.**\n\n## Làm ngay", "hơn một lần"),
    Fault("a sentence to remember without stars", LESSON, "**chữ nhỏ thì chỉnh máy, không phải cố đọc.**",
          "chỉnh máy.", "Viết đúng dạng"),
    # Words
    Fault("a long sentence", LESSON, "Chưa vừa mắt thì kéo lại.", LONG, "Câu dài 24 tiếng"),
    Fault("a long sentence on the second line", LESSON, "Chưa vừa mắt thì kéo lại.", f"Kéo lại.\n{LONG}",
          "Câu dài 24 tiếng", offset=1),
    Fault("a long sentence in a list", LESSON, "Kéo sang trái thì chữ nhỏ.", LONG, "Câu dài 24 tiếng"),
    Fault("a long feedback", BANK, "Cố đọc thì càng mỏi.", LONG, "Câu dài 24 tiếng"),
    Fault("a long stem", BANK, "Mục Cài đặt thường có hình gì?", "Trong máy, " + LONG[:-1] + "?",
          "không quá 25"),
    Fault("a paragraph of four sentences", LESSON, "Chưa vừa mắt thì kéo lại.", "Kéo. Xem. Kéo nữa. Xem lại.",
          "4 câu"),
    Fault("work left to do", LESSON, "Chưa vừa mắt thì kéo lại.", "TODO viết tiếp.", "chưa xong “TODO”"),
    Fault("question marks left", FACTS, "Đếm trên cuốn sổ (chuyện mẫu)", "???", "chưa xong “???”"),
    # Markdown
    Fault("raw HTML", LESSON, "Chưa vừa mắt", "<b>Chưa</b> vừa mắt", "thẻ HTML"),
    Fault("a table", LESSON, "Chưa vừa mắt thì kéo lại.", "| Kéo | Thả |", "Không dùng bảng"),
    Fault("a fenced block of unknown kind", LESSON, "Chưa vừa mắt thì kéo lại.",
          "```tin-nhan\nkenh: zalo\n```", "```tin-nhan chưa dùng được"),
    Fault("a rule", LESSON, "Chưa vừa mắt thì kéo lại.", "---", "đường kẻ ngang"),
    Fault("a list glued to its paragraph", LESSON, "Bấm vào:\n\n- Kéo", "Bấm vào:\n- Kéo",
          "dính vào đoạn trên", offset=1),
    # Links, pictures, sound
    Fault("a link to no page", THIRD, "(/bi-lua#lam-ngay)", "(/bi-lu)", "Có phải “/bi-lua”"),
    Fault("a link to no anchor", THIRD, "(/bi-lua#lam-ngay)", "(/bi-lua#lam-ngai)", "Có phải “lam-ngay”"),
    Fault("a link outside", THIRD, "(/bi-lua#lam-ngay)", "(https://vi-du.example)", "không được dùng"),
    Fault("a link without https", THIRD, "(/bi-lua#lam-ngay)", "(http://dichvucong.gov.vn)",
          "không được dùng"),
    Fault("a link without words", THIRD, "[trang một giờ đầu]", "[ ]", "chưa có chữ"),
    Fault("a picture without words", LESSON, "![Ô vuông có hình bánh răng, dưới ghi chữ Cài đặt]", "![]",
          "lời tả"),
    Fault("a picture that is missing", LESSON, "hinh/banh-rang.svg", "hinh/banh-rong.svg",
          "Có phải “hinh/banh-rang.svg”"),
    Fault("a picture from outside", LESSON, "hinh/banh-rang.svg", "https://vi-du.example/a.svg",
          "hinh/ten-hinh.svg"),
    Fault("a script in a picture", PICTURE, '<circle cx="80"', '<script>1</script><circle cx="80"',
          "<script>"),
    Fault("a style in a picture", PICTURE, "<title>", "<style>a{}</style>\n<title>", "<style>"),
    Fault("a style attribute", PICTURE, 'rx="14"', 'rx="14" style="fill:red"', "“style”"),
    Fault("an event in a picture", PICTURE, 'rx="14"', 'rx="14" onclick="x()"', "“onclick”"),
    Fault("a picture that fetches", PICTURE, "<title>",
          '<use href="https://vi-du.example/a.svg#b"/>\n<title>', "tệp khác"),
    Fault("a fill that fetches", PICTURE, 'rx="14"', 'rx="14" fill="url(https://vi-du.example/a)"',
          "nơi khác"),
    Fault("a picture without a size", PICTURE, ' width="160" height="120"', "", "width, height"),
    Fault("a picture with a DOCTYPE", PICTURE, "<svg ", '<!DOCTYPE svg [<!ENTITY a "b">]>\n<svg ', "DOCTYPE"),
    Fault("a broken picture", PICTURE, "</svg>", "", "không phải tệp SVG", offset=1),
    # Facts
    Fault("an unknown fact", SECOND, "so-lieu: gio-mo-cua", "so-lieu: gio-mo-cu", "Có phải “gio-mo-cua”"),
    Fault("a malformed fact", SECOND, "{{so-lieu: gio-mo-cua}}", "{{gio-mo-cua}}", "{{so-lieu: ma-so-lieu}}"),
    Fault("a fact in a question", BANK, "Cố đọc thì càng mỏi.", "Chờ {{so-lieu: gio-mo-cua}}.",
          "không cũ đi"),
    Fault("a fact in a head", COURSE, "Nhìn rõ màn hình,", "Mở {{so-lieu: gio-mo-cua}},", "không cũ đi"),
    Fault("a fact in a heading", LESSON, "## Xem lại", "## Xem {{so-lieu: gio-mo-cua}}", "không cũ đi"),
    Fault("an expired fact", FACTS, "expires = 2027-04-30", "expires = 2026-11-21",
          "hết hạn ngày 21/11/2026"),
    Fault("a fact checked in the future", FACTS, "checked = 2026-11-01", "checked = 2026-12-01", "tương lai"),
    Fault("a fact that holds too long", FACTS, "expires = 2027-04-30", "expires = 2030-04-30", "18 tháng"),
    Fault("a fact without a source", FACTS, 'source = "Đếm trên cuốn sổ (chuyện mẫu)"\n', "",
          "thiếu mục “source”", offset=-3),
    Fault("a fact that is not certain", FACTS, 'certainty = "V2"', 'certainty = "V3"', "V1 hoặc V2"),
    Fault("a fact with an unknown key", FACTS, 'certainty = "V2"', 'certainty = "V2"\nnotes = "x"',
          "Có phải “note”", offset=1),
    Fault("a fact with a date in quotes", FACTS, "checked = 2026-11-01", 'checked = "2026-11-01"',
          "không ngoặc kép"),
    Fault("a fact with marks", FACTS, '"12 trang"', '"**12** trang"', "chữ thường"),
    # Questions
    Fault("two right choices", BANK, "- [ ] c) Cố đọc", "- [x] c) Cố đọc", "2 đáp án đúng", at=(BANK, 7)),
    Fault("no right choice", BANK, "- [x] b) Mở Cài đặt", "- [ ] b) Mở Cài đặt", "0 đáp án đúng",
          at=(BANK, 7)),
    Fault("a choice without a key", BANK, "- [ ] c) Cố đọc", "- [ ] Cố đọc", "thiếu chữ cái"),
    Fault("two choices with one key", BANK, "- [ ] c) Cố đọc", "- [ ] a) Cố đọc", "dùng hai lần"),
    Fault("a choice without feedback", BANK, "      Cố đọc thì càng mỏi. Chỉnh máy nhanh hơn.\n", "",
          "thiếu lời giải thích", offset=-1),
    Fault("no “Tôi chưa chắc”", BANK, "- [?] d) Tôi chưa chắc\n      Không sao. Mở máy ra tìm thử ngay.\n",
          "", "0 phương án [?]", at=(BANK, 24)),
    Fault("“Tôi chưa chắc” in other words", BANK, "Tôi chưa chắc", "Chịu", "đúng chữ"),
    Fault("an unknown mark", BANK, "- [ ] c) Cố đọc", "- [o] c) Cố đọc", "[o]"),
    Fault("too few choices", BANK,
          "- [ ] c) Cố đọc thêm cho quen mắt\n      Cố đọc thì càng mỏi. Chỉnh máy nhanh hơn.\n", "",
          "cần 3 hoặc 4", at=(BANK, 7)),
    Fault("no explanation", BANK, "> Nhớ hình thì máy nào cũng tìm được.\n", "", "giải thích chung",
          at=(BANK, 24)),
    Fault("a question without an id", BANK, " {#mh-van-nho}", "", "thiếu mã"),
    Fault("a question without a skill", BANK, "skill: chinh-man-hinh\n", "", "thiếu “skill”", offset=-1),
    Fault("an unknown key of a question", BANK, "difficulty: 1", "difficulty: 1\nlevel: 1",
          "Không có mục “level”", offset=1),
    Fault("a use that does not exist", OTHER_BANK, "use: check", "use: exam", "practice, check, both"),
    Fault("a line that belongs nowhere", BANK, "- [ ] c) Cố đọc", "Chọn một.\n- [ ] c) Cố đọc",
          "Dòng này không phải"),
]
# fmt: on

# An edit that cannot help making a second problem: the id that goes is also one that is not written down.
ALSO = {
    "an id used twice": "db-go-nham",
    "an id not yet written down": "trang-bi-lua",
    "an id with capitals": "trang-bi-lua",
    "a question without an id": "mh-van-nho",
}
