"""A class sits a check before its teacher: a code on the board, a machine that dies, more time, the end."""

import re

import pytest

from lms.catalog.catalogue import Module
from tests.browser.conftest import Opener
from tests.browser.people import Learner
from tests.browser.site import right_key
from tests.browser.test_school_story import cards_of, come_in, sign_in

pytestmark = pytest.mark.browser


def open_sitting(teacher: Learner, room: str, module: Module) -> str:
    """Open a sitting of a module; return the code on the board."""
    teacher.open(room)
    teacher.press("Kiểm tra có thầy cô coi")
    teacher.page.select_option("#chu_de", value=module.id)
    teacher.press("Mở buổi kiểm tra")
    teacher.press("Chiếu mã lên màn hình lớn")
    shown = teacher.page.locator(".big-code").inner_text()
    teacher.page.go_back()
    return shown


def give(pupil: Learner, module: Module, name: str) -> None:
    """Answer the question on the page, rightly."""
    assert "Nộp trước" in pupil.words, name
    pupil.refuse_key()
    pupil.choose(right_key(pupil.site.question(module, pupil.heading)))
    pupil.press("Trả lời")


def test_a_pupil_whose_machine_dies_goes_on_at_another_without_script(at_school: Opener) -> None:
    teacher, machine, other = (at_school("computer", script=False) for _ in range(3))
    sign_in(teacher, "lan")
    room = teacher.page.locator("main a[href^='/gv/lop/']").first.get_attribute("href")
    assert room is not None
    class_code, [(name, pictures)] = cards_of(teacher, room)
    module = machine.site.course.modules[0]
    shown = open_sitting(teacher, room, module)

    come_in(machine, class_code, name, pictures)
    machine.press("Vào kiểm tra")
    machine.type("ma", shown)
    machine.press("Tiếp tục")
    machine.press("Bắt đầu")
    for _ in range(2):
        give(machine, module, name)
    teacher.press("Xem lại bây giờ")
    assert re.search(rf"Đang làm 2/{module.draw}, còn 1[0-4] phút", teacher.words)
    teacher.press_it(teacher.page.locator("tbody a.tap"))
    teacher.type("phut", "10")
    teacher.press("Thêm phút")
    assert re.search("Đang làm .* còn 2[0-4] phút", teacher.words)

    come_in(other, class_code, name, pictures)
    other.press("Vào kiểm tra")
    other.type("ma", shown)
    other.press("Tiếp tục")
    for _ in range(module.draw - 2):
        assert re.search("còn 2[0-4] phút", other.words)
        give(other, module, name)
    assert f"Đã trả lời đủ {module.draw} câu" in other.words
    other.press("Nộp bài")
    score = f"đúng {module.draw} trên {module.draw} câu"
    assert other.heading == f"Đạt: {score}"
    assert "Từng câu" not in other.words

    teacher.press("Đóng buổi")
    teacher.press("Đóng buổi")
    assert f"Đạt, {score}" in teacher.words
    machine.page.reload()
    assert machine.heading == f"Đạt: {score}"
    assert "Từng câu" in machine.words
