"""The school's certificate on paper: what it says, one page a person, a class in one file."""

import io
import json
import time
from typing import Any

import pytest
import typst
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from lms.certificates.pdf import DesignError, placeholders, render_class_pdf, render_pdf
from lms.codes import new_code
from tests.conftest import ROOT

DESIGNS = ROOT / "certificates"
DESIGN = "giay-chung-nhan"
LONG = "Nguyễn Phúc Hoàng Thanh Trúc Quỳnh Như Ngọc Bảo Trân Châu Anh"
Payload = dict[str, Any]


def payload(count: int = 2, /, **changes: object) -> Payload:
    """Return the frozen data of one certificate."""
    rows = [
        {"title": f"Nhận ra tin nhắn lừa đảo, phần {number}", "completed_on": "2026-11-03"}
        for number in range(1, count + 1)
    ]
    return {
        "v": 1,
        "kind": "course",
        "code": "1234567890123456",
        "holder_name": "H'Hen Niê Ktla",
        "class_name": "4A",
        "school_year": "2026–2027",
        "course_id": "an-toan",
        "course_title": "Phòng chống lừa đảo",
        "course_edition": 1,
        "audience": "student",
        "modules": rows,
        "completed_on": "2026-11-12",
        "issued_on": "2026-12-01",
        "issuer": "Trường Tiểu học Hoa Sen",
        "public_url": "https://hoc.truong.edu.vn",
        "design": DESIGN,
        "level": 2,
        "how": "Bài kiểm tra làm trước sự chứng kiến của giáo viên",
        "signer_name": "Nguyễn Thị Hạnh",
        "signer_title": "KT. Hiệu trưởng, Phó Hiệu trưởng",
        "register_number": "0012/2026-A1B2",
        **changes,
    }


def longest(count: int = 9) -> Payload:
    """Return a certificate of which every word is as long as words come."""
    return payload(
        count,
        holder_name=LONG,
        audience="parent",
        course_title="Sống an toàn trên môi trường số cùng con em trong gia đình và nhà trường",
        issuer="Trường Phổ thông Dân tộc bán trú Tiểu học và Trung học cơ sở Nguyễn Bỉnh Khiêm",
        register_number="0123/2026-79760123",
        replaces_number="0012/2026-79760123",
    )


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page as somebody would copy it, line ends made spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(data: Payload) -> str:
    (text,) = pages_of(render_pdf(data, DESIGNS, DESIGN))
    return text


def test_the_paper_says_who_what_when_before_whom_and_who_signs() -> None:
    text = text_of(payload())
    for words in [
        "Trường Tiểu học Hoa Sen Hưởng ứng phong trào Bình dân học vụ số",
        "GIẤY CHỨNG NHẬN HOÀN THÀNH KHÓA HỌC",
        "Chứng nhận H'Hen Niê Ktla Học sinh lớp 4A, năm học 2026–2027",
        "đã hoàn thành khóa học ngày 12/11/2026 Phòng chống lừa đảo",
        "Các chủ đề đã hoàn thành (ấn bản 1)",
        "03/11/2026 Nhận ra tin nhắn lừa đảo, phần 1",
        "Cách học: Bài kiểm tra làm trước sự chứng kiến của giáo viên",
        "Số vào sổ: 0012/2026-A1B2",
        "Mã tra cứu: 1234 5678 9012 3456",
        "hoc.truong.edu.vn/tra-cuu",
        "Ngày 01 tháng 12 năm 2026 KT. HIỆU TRƯỞNG PHÓ HIỆU TRƯỞNG Nguyễn Thị Hạnh",
        "không phải là văn bằng, chứng chỉ của hệ thống giáo dục quốc dân",
    ]:
        assert words in text, words
    for words in ["phổ cập", "cộng hòa", "độc lập", "thay giấy số", "tự học"]:
        assert words not in text.lower()


def test_a_successor_names_the_number_it_replaces_and_a_parent_is_called_so() -> None:
    text = text_of(longest())
    assert "Thay giấy số: 0012/2026-79760123" in text
    assert "Cha mẹ học sinh, người giám hộ của lớp 4A" in text


@pytest.mark.parametrize("name", ["H'Hen Niê Ktla", LONG, LONG.upper(), "Y Ƀlô ƀă", "Č’Ĕ Ĭ Ŏ Ŭ ñ č ĕ ĭ ŏ ŭ"])
@pytest.mark.parametrize("modules", [1, 9, 40])
def test_any_name_and_any_number_of_modules_stay_on_one_page(name: str, modules: int) -> None:
    text = text_of(longest(modules) | {"holder_name": name})
    assert name in text
    shown = text.count("Nhận ra tin nhắn lừa đảo, phần")
    assert shown == modules or f"và {modules - shown} chủ đề khác, xem ở trang tra cứu" in text
    assert shown >= min(modules, 8)


def test_the_qr_code_of_the_drawn_page_reads_as_the_address_of_this_certificate() -> None:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[DESIGNS / "fonts"]
    )
    folder = DESIGNS / DESIGN
    compiler = typst.Compiler(folder / "design.typ", root=folder, font_paths=fonts)
    data = json.dumps(placeholders(payload()))
    image = Image.open(io.BytesIO(compiler.compile(format="png", ppi=110, sys_inputs={"data": data})))
    (code,) = zxingcpp.read_barcodes(image.convert("L"))
    assert code.text == "https://hoc.truong.edu.vn/tra-cuu/1234567890123456"


def test_the_file_is_tagged_vietnamese_titled_and_declares_pdf_ua() -> None:
    class_list = render_class_pdf([payload(), payload(holder_name="A Phúc")], DESIGNS)
    for pdf, title in (
        (render_pdf(payload(), DESIGNS, DESIGN), "H'Hen Niê Ktla"),
        (class_list, "Lớp 4A, 2 giấy"),
    ):
        reader = PdfReader(io.BytesIO(pdf))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"].startswith("vi")
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
        assert reader.metadata is not None
        assert reader.metadata.title == f"Giấy chứng nhận hoàn thành khóa học – {title}"
        assert reader.metadata.author == "Trường Tiểu học Hoa Sen"


def test_a_class_of_forty_five_is_one_light_file_of_a_page_each_in_the_order_given() -> None:
    people = [payload(3, holder_name=f"Trần Thị Số {'I' * n}", code=new_code()) for n in range(1, 46)]
    render_class_pdf(people[:1], DESIGNS)
    started = time.monotonic()
    pdf = render_class_pdf(people, DESIGNS)
    print(f"45 pages: {time.monotonic() - started:.2f} s, {len(pdf) / 45:.0f} bytes each")
    assert len(pdf) <= 45 * 30_000
    texts = pages_of(pdf)
    assert len(texts) == 45
    assert all(person["holder_name"] in text for person, text in zip(people, texts, strict=True))


def test_one_page_weighs_at_most_thirty_kilobytes() -> None:
    assert len(render_pdf(longest(), DESIGNS, DESIGN)) <= 30_000


def test_a_page_of_a_class_says_what_the_same_paper_says_alone() -> None:
    alone, beside = longest(), payload()
    assert pages_of(render_class_pdf([alone, beside], DESIGNS)) == [text_of(alone), text_of(beside)]


def test_markup_in_a_name_or_a_title_is_printed_literally() -> None:
    odd = "Lò #pagebreak() *Văn* $x^2$ [A]"
    text = text_of(payload(holder_name=odd, signer_name=odd, course_title=odd))
    assert text.count(odd) == 3


@pytest.mark.parametrize(
    ("payloads", "sentence"),
    [
        ([payload(), payload(design="mau-khac")], "thuộc nhiều mẫu khác nhau"),
        ([], "thuộc nhiều mẫu khác nhau"),
        ([payload(register_number="")], "thiếu “register_number”"),
        ([payload(signer_name=None)], "thiếu “signer_name”"),
        ([payload(audience="teacher")], "“audience” là “teacher”, chỉ nhận student, parent"),
        ([payload(kind="khac")], "“kind” là “khac”"),
    ],
)
def test_what_cannot_be_printed_is_answered_with_a_sentence(payloads: list[Payload], sentence: str) -> None:
    with pytest.raises(DesignError, match=sentence):
        render_class_pdf(payloads, DESIGNS)
