"""A teacher, a class, a school: from the teacher's Excel to the school's figure, and a computer room."""

import re
import time
from pathlib import Path

import pytest

from tests.browser.conftest import Opener
from tests.browser.people import Learner
from tests.browser.shortcuts import finish, hand_in
from tests.cast import PASSWORD
from tests.classrooms_test.dirty_files import CURES, class_of_38, invented_name, position, xlsx

pytestmark = pytest.mark.browser
STORED = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length,
]"""
MINUTES = 3


def sign_in(person: Learner, login: str) -> None:
    """Sign in with an account of the cast."""
    person.open("/dang-nhap")
    person.type("ten_dang_nhap", login)
    person.type("mat_khau", PASSWORD)
    person.press("Đăng nhập")
    assert person.heading == "Bàn làm việc"


def open_class(teacher: Learner, name: str) -> str:
    """Open a class in the teacher's school; return its address."""
    teacher.open("/gv")
    teacher.press("Tạo lớp đầu tiên" if teacher.has("Tạo lớp đầu tiên") else "Tạo thêm lớp")
    teacher.type("ten_lop", name)
    teacher.press("Tạo lớp")
    teacher.page.wait_for_url("**/gv/lop/**")
    return teacher.path.removesuffix("/nap")


def load_roster(teacher: Learner, room: str, file: Path) -> None:
    """Give the class its roster from a workbook, mending each cell where the preview asks."""
    teacher.open(f"{room}/nap")
    teacher.page.set_input_files("#tep", file)
    teacher.press("Xem trước")
    for cell, cure in CURES.items():
        field = teacher.page.locator("#o-{}-{}".format(*position(cell)))
        if field.count():
            field.fill(cure)
    check_again = teacher.page.locator("main button.second[value=kiem-tra]").first
    if teacher.page.locator("fieldset.faulty").count():
        teacher.press_it(check_again)
        assert "không còn dòng nào lỗi" in teacher.words
    teacher.press_it(teacher.page.locator("main button[value=nap]"))
    assert teacher.heading == "Đã nạp danh sách"


def assign_first(teacher: Learner, room: str, item: str) -> None:
    """Give an item to the families of the class, everything else as it stands."""
    teacher.open(f"{room}/giao-bai")
    teacher.choose(item, name="bai")
    teacher.press("Giao cho lớp")
    assert teacher.heading.startswith("Tin nhắn Zalo")


def figure(officer: Learner, school: str) -> dict[str, tuple[int, int, int]]:
    """Read the school's figures: audience → taken part, completed, members."""
    officer.open(school)
    found = {}
    for card in officer.page.locator("main .figure").all():
        words = " ".join(card.inner_text().split())
        done, base = re.search(r"(\d+) trên (\d+)", words).groups()  # type: ignore[union-attr]
        part = re.search(r"Đã tham gia: (\d+)", words)[1]  # type: ignore[index]
        found[card.locator(".card-title").inner_text()] = (int(part), int(done), int(base))
    return found


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Give the teacher's workbook: 38 pupils, twelve faults."""
    path = tmp_path / "danh sach.xlsx"
    path.write_bytes(class_of_38("6C"))
    return path


@pytest.mark.parametrize("script", [True, False], ids=["script on", "script off"])
def test_an_excel_with_twelve_faults_becomes_an_assigned_class_within_three_minutes(
    at_school: Opener, workbook: Path, script: bool
) -> None:
    teacher = at_school("computer", script=script)
    sign_in(teacher, "minh")
    begun = time.monotonic()
    room = open_class(teacher, "6C")
    load_roster(teacher, room, workbook)
    assert "38 em mới" in teacher.words
    module = teacher.site.course.modules[0]
    assign_first(teacher, room, module.id)
    message = teacher.page.locator("textarea").input_value()
    took = time.monotonic() - begun
    assert took < MINUTES * 60, took
    assert "Trang này không hỏi OTP, mật khẩu, số căn cước." in message
    assert f"\n{teacher.site.address}/vao-lop\n" in message
    assert module.title in message
    teacher.open(room)
    assert teacher.page.locator("table tbody tr").count() == 38
    assert "0 trên 38 gia đình đã xong" in teacher.words


def test_a_family_joins_by_slip_in_three_taps_and_the_figure_of_the_school_follows_exactly(
    at_school: Opener, workbook: Path
) -> None:
    teacher, officer, phone = at_school("computer"), at_school("computer"), at_school("phone")
    sign_in(teacher, "lan")
    room = teacher.page.locator("main a[href^='/gv/lop/']").first.get_attribute("href")
    assert room is not None
    workbook.write_bytes(class_of_38("4A"))
    load_roster(teacher, room, workbook)
    assign_first(teacher, room, phone.site.course.id)
    sign_in(officer, "hieu-truong")
    school = officer.page.locator("main a[href^='/truong/']").first.get_attribute("href")
    assert school is not None
    before = figure(officer, school)
    code = _slip_of(teacher, room, "Gia đình em")

    phone.open(f"/moi/{code}")
    phone.press_it(phone.page.locator(".person-button").first)
    guardian = phone.page.locator("main .lead b").inner_text()
    phone.press("Làm bài cô giao")
    assert phone.heading == "Bài cô giao"
    phone.press("Làm bài cô giao")
    assert phone.path.startswith(f"/khoa-hoc/{phone.site.course.slug}/")
    stranger = at_school("phone")
    stranger.open(f"/moi/{code}")
    assert "Phiếu này đã dùng rồi" in stranger.words
    assert guardian not in stranger.words

    modules = phone.site.course.modules
    for lesson in modules[0].lessons:
        phone.learn(lesson)
    phone.take_check(modules[0])
    assert _changed(before, figure(officer, school)) == {
        "Gia đình học sinh": (1, 0, 0),
        "Cha mẹ học sinh, người giám hộ (từng người)": (1, 0, 0),
    }
    for module in modules[1:]:
        finish(phone, *module.lessons)
        hand_in(phone, module)
    assert _changed(before, figure(officer, school)) == {
        "Gia đình học sinh": (1, 1, 0),
        "Cha mẹ học sinh, người giám hộ (từng người)": (1, 1, 0),
    }
    teacher.open(room)
    done = teacher.page.locator("tbody tr").filter(has_text="Đã xong")
    assert done.count() == 1
    assert "1 trên 39 gia đình đã xong" in teacher.words
    phone.open("/phieu")
    assert phone.site.course.title in phone.words


def _slip_of(teacher: Learner, room: str, words: str) -> str:
    """Print the slips of the class; return the code of the first one."""
    teacher.open(f"{room}/phieu-moi")
    teacher.press("Tạo phiếu để in")
    first = teacher.page.locator(".paper-card").filter(has_text=words).nth(1)
    return "".join(first.locator(".paper-code").inner_text().split())


def _changed(
    before: dict[str, tuple[int, int, int]], after: dict[str, tuple[int, int, int]]
) -> dict[str, tuple[int, ...]]:
    """Return by how much each figure moved, those that stand still left out."""
    moved = {
        name: tuple(new - old for new, old in zip(after[name], before[name], strict=True)) for name in before
    }
    return {name: by for name, by in moved.items() if any(by)}


def test_two_classes_in_a_row_at_one_computer_leave_nothing_behind(at_school: Opener, tmp_path: Path) -> None:
    teacher, machine = at_school("computer"), at_school("computer")
    sign_in(teacher, "minh")
    cards = []
    for name, first_pupil in (("6M", 0), ("6N", 200)):
        file = tmp_path / f"{name}.xlsx"
        names = [[invented_name(number)] for number in range(first_pupil, first_pupil + 40)]
        file.write_bytes(xlsx([["Họ và tên"], *names]))
        room = open_class(teacher, name)
        load_roster(teacher, room, file)
        cards.append((room, *cards_of(teacher, room)))
    (room, code, pupils), (_, next_code, next_pupils) = cards
    lesson = machine.site.course.modules[0].lessons[0]

    first, second = pupils[0], pupils[1]
    come_in(machine, code, *first)
    assert machine.heading == "Lớp em"
    machine.press("Thêm bạn ngồi cùng")
    _choose_and_tap(machine, *second)
    assert "Bài xong bây giờ ghi cho cả hai bạn." in machine.words
    finish(machine, lesson)
    machine.open("/lop-em")
    machine.press("Hết giờ")
    assert machine.page.context.cookies() == []
    assert machine.page.evaluate(STORED) == ["", 0, 0, 0, 0]

    machine.page.go_back()
    assert first[0] not in machine.words
    come_in(machine, next_code, *next_pupils[0])
    page = machine.page.content()
    assert first[0] not in page
    assert "Bài xong bây giờ ghi cho cả hai bạn." not in machine.words
    machine.open("/du-lieu")
    assert "Bài đã xong 0" in machine.words
    machine.open("/lop-em")
    machine.press("Hết giờ")

    for name, pictures in (first, second):
        come_in(machine, code, name, pictures)
        machine.open("/du-lieu")
        assert "Bài đã xong 1" in machine.words, name
        machine.open("/lop-em")
        if name == first[0]:
            machine.press("Hết giờ")
    teacher.open(f"{room}/het-gio")
    teacher.press("Hết giờ: đăng xuất cả lớp")
    assert "Đã đăng xuất 1 máy." in teacher.words
    machine.open("/lop-em")
    assert machine.heading == "Vào lớp"


def cards_of(teacher: Learner, room: str) -> tuple[str, list[tuple[str, list[str]]]]:
    """Read the class code and, of each card, the short name and the three pictures."""
    teacher.open(f"{room}/the")
    found = []
    for card in teacher.page.locator(".paper-card").all():
        pictures = [" ".join(words.split()) for words in card.locator(".secret span").all_inner_texts()]
        found.append((card.locator("h2").inner_text(), pictures))
    code = teacher.page.locator(".paper-card .paper-code").first.inner_text()
    return "".join(code.split()), found


def come_in(machine: Learner, code: str, name: str, pictures: list[str]) -> None:
    """Come into a class by its code, the own name and three pictures."""
    machine.open("/vao-lop")
    machine.type("ma", code)
    machine.press("Vào lớp")
    machine.press_it(machine.page.locator("main a").filter(has_text="Em là học sinh"))
    _choose_and_tap(machine, name, pictures)


def _choose_and_tap(machine: Learner, name: str, pictures: list[str]) -> None:
    machine.press(name)
    for picture in pictures:
        machine.press_it(machine.page.locator(".pad button").filter(has_text=picture))
