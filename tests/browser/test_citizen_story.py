"""From home to a certificate that anybody can check: on a phone, on a computer, without script."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from tests.browser.conftest import Opener
from tests.browser.devices import Device
from tests.browser.people import Learner
from tests.browser.site import right_key, wrong_key

pytestmark = pytest.mark.browser
HOLDER = "Nguyễn Thị Lan"


@pytest.mark.parametrize(
    ("device", "script"), [("phone", True), ("computer", True), ("phone", False)], ids=str
)
def test_a_citizen_goes_from_home_to_a_checked_certificate(
    opened: Opener, device: Device, script: bool, tmp_path: Path
) -> None:
    learner = opened(device, script=script)
    _first_lesson(learner)
    _rest_of_first_module(learner)
    _second_module(learner)
    code = _keep(learner)
    paper = learner.download("Tải phiếu (PDF)", tmp_path)
    _reads_name_and_code(paper, code)
    stranger = opened(device, script=script)
    stranger.open(_path_in_qr(paper, learner.site.address, tmp_path))
    _checks(stranger, code)


def _first_lesson(learner: Learner) -> None:
    lesson = learner.site.course.modules[0].lessons[0]
    learner.open("/")
    learner.press("Học ngay")
    learner.read_steps(lesson)
    asked = learner.site.practice(learner.heading)
    learner.press("Trả lời")
    assert "Chọn một câu trả lời rồi bấm Trả lời." in learner.words
    learner.choose(wrong_key(asked))
    learner.press("Trả lời")
    assert learner.heading == "Chưa đúng."
    assert "Nên chọn" in learner.words
    learner.press("Làm lại câu này")
    learner.choose(right_key(asked))
    learner.press("Trả lời")
    assert learner.heading == "Đúng."
    if len(lesson.practice) > 1:
        learner.press("Câu tiếp theo")
        for number in range(2, len(lesson.practice) + 1):
            learner.choose(right_key(learner.site.practice(learner.heading)))
            learner.press("Trả lời")
            if number < len(lesson.practice):
                learner.press("Câu tiếp theo")
    learner.press("Xong bài")
    assert learner.heading == f"Xong bài: {lesson.title}"


def _rest_of_first_module(learner: Learner) -> None:
    module = learner.site.course.modules[0]
    for lesson in module.lessons[1:]:
        learner.press("Học bài tiếp")
        learner.read_steps(lesson)
        learner.practise(lesson)
        learner.press("Xong bài")
    learner.press("Làm bài kiểm tra")
    learner.take_check(module, wrong=2)
    assert learner.heading == f"Chưa đạt: đúng {module.draw - 2} trên {module.draw} câu"
    learner.press("Làm lại với đề khác")
    learner.answer_all(module)
    assert learner.heading == f"Đạt: đúng {module.draw} trên {module.draw} câu"
    assert f"Đã hoàn thành chủ đề {module.title}." in learner.words


def _second_module(learner: Learner) -> None:
    module = learner.site.course.modules[1]
    learner.press("Học tiếp")
    for lesson in module.lessons:
        learner.read_steps(lesson)
        learner.practise(lesson)
        learner.press("Xong bài")
        if lesson is not module.lessons[-1]:
            learner.press("Học bài tiếp")
    learner.press("Làm bài kiểm tra")
    learner.take_check(module)
    assert learner.heading == f"Đạt: đúng {module.draw} trên {module.draw} câu"


def _keep(learner: Learner) -> str:
    learner.press("Giữ kết quả")
    learner.type("ho_ten", HOLDER)
    learner.choose("minh", name="cua_ai")
    learner.press("Lưu")
    assert re.fullmatch(r"\d{4} \d{4}", learner.page.locator(".big-code").inner_text())
    learner.press("Đã chép xong")
    assert learner.heading == f"Đưa máy cho {HOLDER}"
    learner.open("/phieu")
    assert HOLDER in learner.words
    found = re.search(r"\d{4} \d{4} \d{4} \d{4}", learner.words)
    assert found
    return found[0]


def _reads_name_and_code(paper: Path, code: str) -> None:
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(paper).pages).split())
    assert HOLDER in text
    assert code in text


def _path_in_qr(paper: Path, address: str, folder: Path) -> str:
    subprocess.run(
        ["pdftoppm", "-r", "110", "-png", "-f", "1", "-l", "1", paper, folder / "sheet"], check=True
    )
    with Image.open(next(folder.glob("sheet*.png"))) as sheet:
        read = [barcode.text for barcode in zxingcpp.read_barcodes(sheet)]
    assert len(read) == 1, read
    assert read[0].startswith(f"{address}/tra-cuu/")
    return urlsplit(read[0]).path


def _checks(stranger: Learner, code: str) -> None:
    assert stranger.heading == "CÓ THẬT"
    assert code in stranger.words
    assert HOLDER not in stranger.page.content()
    stranger.type("ho_ten", "  nguyễn thị   LAN ")
    stranger.press("So họ tên")
    assert "KHỚP: họ tên" in stranger.words
    assert "KHÔNG KHỚP" not in stranger.words
    stranger.type("ho_ten", "Nguyễn Thị Lành")
    stranger.press("So họ tên")
    assert "KHÔNG KHỚP" in stranger.words
