import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typst
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from lms.certificates.pdf import DesignError, placeholders, render_pdf

ROOT = Path(__file__).resolve().parents[2]
DESIGNS = ROOT / "certificates"
DESIGN = DESIGNS / "phieu-tu-hoc"
NAMES = [
    "H'Hen Niê",
    "Y Moan Ênuôl",
    "A Phúc",
    "Ksor H'Bŏ Khăp",
    "Nguyễn Thị Hoàng Thanh Trúc Quỳnh Như",
    "NGUYỄN THỊ HOÀNG THANH TRÚC QUỲNH NHƯ",
    "NGUYỄN VĂN A",
    "Y Ƀlô ƀă",
    "Rơ Chăm Hê̆ Bô̆ Mơ̆",
    "Č’Ĕ Ĭ Ŏ Ŭ ñ č ĕ ĭ ŏ ŭ",
]
MARKUP = "Lò #pagebreak() *Văn* $x^2$ [A] <b> \\ _c_ @d `e`"

Payload = dict[str, Any]


def payload(count: int = 2, /, **changes: object) -> Payload:
    """Return the frozen data of one certificate."""
    rows = [
        {"title": f"Nhận ra tin nhắn lừa đảo, phần {number}", "completed_on": "2026-05-03"}
        for number in range(1, count + 1)
    ]
    return {
        "v": 1,
        "kind": "self_study",
        "code": "1234567890123456",
        "holder_name": "H'Hen Niê",
        "course_id": "an-toan",
        "course_title": "An toàn trên điện thoại",
        "course_edition": 1,
        "audience": "parent",
        "modules": rows,
        "completed_on": "2026-05-12",
        "issued_on": "2026-05-13",
        "issuer": "Trang học số Trường THCS Nguyễn Du",
        "public_url": "https://hoc.truong.edu.vn",
        "design": "phieu-tu-hoc",
        "level": 1,
        "how": "Tự học, không có người chứng kiến",
        **changes,
    }


def read(data: Payload) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(data, DESIGNS)))


def text_of(data: Payload) -> str:
    """Return the text of the page as somebody would copy it, line ends made spaces."""
    (page,) = read(data).pages
    return " ".join(page.extract_text().split())


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[[str], bytes]:
    """Return a function printing a page by a design of the given source, beside a secret file."""
    designs = tmp_path / "designs"
    shutil.copytree(DESIGNS / "fonts", designs / "fonts")
    (designs / "thu").mkdir()
    (designs / "secret.txt").write_text("bí mật", encoding="utf-8")
    head = '#set document(title: "Thử")\n#set text(font: "Noto Sans", lang: "vi")\n'

    def draw(source: str) -> bytes:
        (designs / "thu" / "design.typ").write_text(head + source, encoding="utf-8")
        return render_pdf(payload(), designs, "thu")

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_a_name_copied_from_the_page_is_the_name_that_was_given(name: str) -> None:
    name = unicodedata.normalize("NFC", name)
    assert f"Người học {name} đã tự học xong khóa học" in text_of(payload(holder_name=name))


def test_markup_in_a_name_a_course_and_a_module_is_printed_literally() -> None:
    rows = [{"title": MARKUP, "completed_on": "2026-05-03"}]
    text = text_of(payload(holder_name=MARKUP, course_title=MARKUP, modules=rows))
    assert text.count(MARKUP) == 3


def test_every_vietnamese_letter_and_those_of_other_peoples_can_be_printed_in_both_fonts() -> None:
    vowels = [unicodedata.normalize("NFC", v + t) for v in "aăâeêioôơuưy" for t in ("", *"̣̀́̃̉")]
    rare = [*"đƀčĕĭŏŭñ’ʼ", *(unicodedata.normalize("NFC", v + "̆") for v in "êôơưâ")]
    letters = "".join(vowels + rare)
    letters += letters.upper()
    for start in range(0, len(letters), 20):
        some = letters[start : start + 20]
        rows = [{"title": some, "completed_on": "2026-05-03"}]
        assert text_of(payload(holder_name=some, modules=rows)).count(some) == 2


def test_the_page_says_what_was_learned_when_how_and_that_it_confirms_nothing() -> None:
    text = text_of(payload())
    for words in [
        "Trang học số Trường THCS Nguyễn Du",
        "Hưởng ứng phong trào Bình dân học vụ số",
        "Phiếu ghi nhận kết quả tự học",
        "An toàn trên điện thoại",
        "Dành cho cha mẹ học sinh, người giám hộ. Ấn bản 1.",
        "03/05/2026 Nhận ra tin nhắn lừa đảo, phần 1",
        "Hoàn thành 12/05/2026",
        "Cấp phiếu 13/05/2026",
        "Tự học, không có người chứng kiến",
        "Mã số 1234 5678 9012 3456",
        "hoc.truong.edu.vn/tra-cuu",
        "Phiếu này ghi nhận kết quả tự học trên trang hoc.truong.edu.vn; không phải là văn bằng, "
        "chứng chỉ, cũng không phải xác nhận của cơ quan nhà nước.",
    ]:
        assert words in text
    for words in ["xác nhận phổ cập", "cộng hòa", "hiệu trưởng", "giấy chứng nhận"]:
        assert words not in text.lower()


def test_a_sentence_frozen_in_how_is_printed_as_it_stands() -> None:
    assert "Tự học ở nhà văn hóa thôn" in text_of(payload(how="Tự học ở nhà văn hóa thôn"))


@pytest.mark.parametrize("modules", [1, 9, 18, 60])
def test_any_number_of_modules_stays_on_one_page(modules: int) -> None:
    assert len(read(payload(modules)).pages) == 1


def test_modules_that_do_not_fit_are_counted_on_the_page() -> None:
    text = text_of(payload(60))
    shown = text.count("Nhận ra tin nhắn lừa đảo, phần")
    assert 9 < shown < 60
    assert f"và {60 - shown} chủ đề khác, xem ở trang tra cứu" in text


def test_nothing_is_left_out_of_a_course_of_nine_modules() -> None:
    assert text_of(payload(9)).count("Nhận ra tin nhắn lừa đảo, phần") == 9


def test_the_qr_code_of_the_drawn_page_reads_as_the_address_of_this_certificate() -> None:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[DESIGNS / "fonts"]
    )
    compiler = typst.Compiler(DESIGN / "design.typ", root=DESIGN, font_paths=fonts)
    data = json.dumps(placeholders(payload()))
    image = Image.open(io.BytesIO(compiler.compile(format="png", ppi=110, sys_inputs={"data": data})))
    (code,) = zxingcpp.read_barcodes(image.convert("L"))
    assert code.text == "https://hoc.truong.edu.vn/tra-cuu/1234567890123456"


def test_the_address_can_be_opened_from_the_file() -> None:
    (page,) = read(payload()).pages
    (link,) = [annotation.get_object() for annotation in page["/Annots"]]
    assert link["/A"]["/URI"] == "https://hoc.truong.edu.vn/tra-cuu/1234567890123456"


def test_the_file_is_tagged_vietnamese_titled_and_its_picture_has_words() -> None:
    reader = read(payload())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("vi")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Phiếu ghi nhận kết quả tự học – H'Hen Niê"
    assert reader.metadata.author == "Trang học số Trường THCS Nguyễn Du"
    figures = [element for element in _elements(root["/StructTreeRoot"]) if element.get("/S") == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == ["Mã QR mở trang tra cứu của phiếu này"]


def _elements(node: Any) -> list[Any]:
    node = node.get_object()
    if isinstance(node, list):
        return [found for child in node for found in _elements(child)]
    if not isinstance(node, dict):
        return []
    return [node, *_elements(node["/K"])] if "/K" in node else [node]


def test_the_file_declares_pdf_ua_and_embeds_only_the_fonts_of_the_repository() -> None:
    reader = read(payload())
    assert b"<pdfuaid:part>1</pdfuaid:part>" in reader.trailer["/Root"]["/Metadata"].get_data()
    (page,) = reader.pages
    names = {font["/BaseFont"].split("+")[1] for font in page["/Resources"]["/Font"].values()}
    assert names == {"NotoSans-Regular", "NotoSerifDisplay-Medium"}


def test_the_file_bears_the_day_of_issue_in_viet_nam_not_the_day_it_was_printed() -> None:
    metadata = read(payload()).metadata
    assert metadata is not None
    assert metadata.creation_date is not None
    assert metadata.creation_date.date() == date(2026, 5, 13)


def test_the_same_data_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib, json, pathlib, sys; from lms.certificates.pdf import render_pdf; "
        "data = json.load(sys.stdin); pdf = render_pdf(data, pathlib.Path(sys.argv[1])); "
        "sys.stdout.write(hashlib.sha256(pdf).hexdigest())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    render_pdf(payload(holder_name="A Phúc"), DESIGNS)
    here = hashlib.sha256(render_pdf(payload(), DESIGNS)).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", program, str(DESIGNS)],
        input=json.dumps(payload()),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout == here


def test_threads_printing_at_once_get_their_own_pages() -> None:
    people = [payload(holder_name=f"Người {number}") for number in range(12)]
    alone = [render_pdf(person, DESIGNS) for person in people]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda person: render_pdf(person, DESIGNS), people))
    assert together == alone
    assert len(set(together)) == 12


@pytest.mark.parametrize("modules", [2, 9])
def test_a_page_weighs_at_most_thirty_kilobytes(modules: int) -> None:
    longest = payload(
        modules, holder_name=NAMES[4], course_title="Sống an toàn trên môi trường số cùng con em"
    )
    assert len(render_pdf(longest, DESIGNS)) <= 30_000


def test_each_committed_font_is_small_and_stands_beside_its_licence() -> None:
    fonts = sorted((DESIGNS / "fonts").glob("*.ttf"))
    assert [font.name for font in fonts] == ["NotoSans-Regular.ttf", "NotoSerifDisplay-Medium.ttf"]
    assert all(font.stat().st_size < 200_000 for font in fonts)
    licence = (DESIGNS / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_the_readme_lists_exactly_the_placeholders_there_are() -> None:
    readme = (DESIGNS / "README.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in readme.splitlines() if line.startswith("| `data.")}
    assert listed == {f"data.{name}" for name in placeholders(payload())}


def test_a_misspelt_placeholder_stops_the_design_and_names_its_line(drawn: Callable[[str], bytes]) -> None:
    with pytest.raises(DesignError) as error:
        drawn("#let data = json(bytes(sys.inputs.data))\n#data.holder_nmae")
    assert str(error.value).startswith("design.typ:4: không có chỗ điền “holder_nmae”.")


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/../secret.txt", "/secret.txt", "/etc/passwd", "../../designs/secret.txt"]
)
def test_a_design_cannot_read_a_file_outside_its_folder(path: str, drawn: Callable[[str], bytes]) -> None:
    with pytest.raises(DesignError, match=r"file not found|escape the project root"):
        drawn(f'#read("{path}")')


def test_a_design_can_read_a_file_of_its_own_folder(drawn: Callable[[str], bytes], tmp_path: Path) -> None:
    (tmp_path / "designs" / "thu" / "mau.typ").write_text('#let words = "của mẫu"', encoding="utf-8")
    page = PdfReader(io.BytesIO(drawn('#import "mau.typ": words\n#words'))).pages[0]
    assert page.extract_text() == "của mẫu"


def test_a_link_to_a_file_outside_the_folder_is_refused(
    drawn: Callable[[str], bytes], tmp_path: Path
) -> None:
    (tmp_path / "designs" / "thu" / "muon.txt").symlink_to(tmp_path / "designs" / "secret.txt")
    with pytest.raises(DesignError, match="không dùng được lối tắt"):
        drawn('#read("muon.txt")')


@pytest.mark.parametrize(
    "source",
    [
        '#import "@preview/cetz:0.3.0"',
        '#import "\\u{40}preview/cetz:0.3.0"',
        '#let name = "@" + "preview/cetz:0.3.0"\n#import name: *',
        '#include("@preview/" + "cetz:0.3.0")',
        '#eval("import" + " \\"@preview/cetz:0.3.0\\"")',
        '#import /* x */ ("@local/cetz:0.3.0")',
        '#import "mau.txt"',
        '#dictionary(std).at("ev" + "al")("1")',
    ],
)
def test_a_design_cannot_ask_for_a_package(source: str, drawn: Callable[[str], bytes]) -> None:
    with pytest.raises(DesignError, match=r"^design\.typ:\d: import và include chỉ nhận"):
        drawn(source)


def test_a_letter_the_fonts_lack_is_named_instead_of_printed_as_a_box() -> None:
    with pytest.raises(DesignError, match="không có chữ “漢”"):
        render_pdf(payload(holder_name="A 漢"), DESIGNS)


def test_an_edited_design_is_used_and_checked_again_from_the_next_page_on(
    drawn: Callable[[str], bytes],
) -> None:
    assert PdfReader(io.BytesIO(drawn("Trước"))).pages[0].extract_text() == "Trước"
    assert PdfReader(io.BytesIO(drawn("Sau"))).pages[0].extract_text() == "Sau"
    with pytest.raises(DesignError, match="không dùng eval"):
        drawn('#eval("1")')


@pytest.mark.parametrize("design", ["khong-co", "../certificates/phieu-tu-hoc", "fonts", ""])
def test_a_design_that_is_not_there_is_named(design: str) -> None:
    with pytest.raises(DesignError, match="Không có mẫu giấy"):
        render_pdf(payload(), DESIGNS, design)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"v": 2}, "Dữ liệu của giấy có phiên bản 2; máy này chỉ in phiên bản 1."),
        ({"holder_name": " "}, "Dữ liệu của giấy thiếu “holder_name”."),
        ({"issued_on": "13/05/2026"}, "Dữ liệu của giấy: “issued_on” không phải là ngày như 2026-05-31."),
        ({"audience": "everyone"}, "“audience” là “everyone”, chỉ nhận student"),
        ({"how": ""}, "Dữ liệu của giấy thiếu “how”."),
        ({"modules": None}, "Dữ liệu của giấy thiếu danh sách “modules”."),
        ({"modules": [{"title": "Một"}]}, "Dữ liệu của giấy thiếu “completed_on”."),
    ],
)
def test_data_that_cannot_be_printed_is_answered_with_a_sentence(changes: Payload, sentence: str) -> None:
    with pytest.raises(DesignError) as error:
        render_pdf(payload(**changes), DESIGNS)
    assert sentence in str(error.value)
