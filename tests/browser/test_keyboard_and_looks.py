"""The keyboard alone is enough; size and contrast hold with and without script; the first hour prints."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.browser.conftest import Opener
from tests.browser.people import Learner
from tests.browser.school_page_kinds import Village, enter, first, sign_in
from tests.browser.site import right_key

pytestmark = pytest.mark.browser
MANY_TABS = 40
FOCUSED = "() => (document.activeElement.innerText || document.activeElement.value || '').trim()"
RING = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return { width: parseFloat(style.outlineWidth), style: style.outlineStyle,
           inside: box.top >= 0 && box.bottom <= innerHeight + 1 && box.width > 1 };
}"""


# What a hand can press: of the marks of one question the keyboard stops at one only.
WAITING = """() => {
  const marks = new Set();
  let number = 0;
  for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (!e.checkVisibility() || e.type === "hidden" || e.disabled || e.tabIndex < 0) continue;
    if (e.type === "radio") {
      if (marks.has(e.name)) continue;
      marks.add(e.name);
    }
    number += 1;
  }
  return number;
}"""
STOP = """() => {
  const e = document.activeElement, radio = e.type === "radio" ? document.getElementsByName(e.name)[0] : e;
  window.stops ??= new Set();
  if (e !== document.body) window.stops.add(radio);
  return window.stops.size;
}"""


def _everything_is_reached(who: Learner) -> None:
    """Press Tab through the whole page: each thing to press gets the focus once, and it is seen."""
    waiting, reached = who.page.evaluate(WAITING), 0
    assert waiting > 10
    for _ in range(waiting):
        who.page.keyboard.press("Tab")
        ring = who.page.evaluate(RING)
        focused = f"{who.path}: {who.page.evaluate(FOCUSED)}"
        assert ring["style"] == "solid", focused
        assert ring["width"] >= 3, focused
        assert ring["inside"], f"focus out of sight: {focused}"
        reached = who.page.evaluate(STOP)
    assert reached == waiting, who.path


def _tab_to(who: Learner, words: str) -> None:
    """Press Tab until the element with these words has the focus; at every stop the focus is seen."""
    for _ in range(MANY_TABS):
        who.page.keyboard.press("Tab")
        ring = who.page.evaluate(RING)
        focused = " ".join(who.page.evaluate(FOCUSED).split())
        assert ring["style"] == "solid", focused
        assert ring["width"] >= 3, focused
        assert ring["inside"], f"focus out of sight: {focused}"
        if focused == words:
            return
    raise AssertionError(f"{MANY_TABS} tabs did not reach “{words}”")


def _enter(who: Learner) -> None:
    with who.page.expect_navigation(wait_until="domcontentloaded"):
        who.page.keyboard.press("Enter")


def _go(who: Learner, words: str) -> None:
    _tab_to(who, words)
    _enter(who)


def _choose_by_key(who: Learner, key: str) -> None:
    """Tab into the choices, then move with the arrows to the one wanted."""
    for _ in range(MANY_TABS):
        who.page.keyboard.press("Tab")
        if who.page.evaluate("() => document.activeElement.type === 'radio'"):
            break
    who.page.keyboard.press("Space")
    for _ in range(6):
        if who.page.evaluate("() => document.querySelector('input[name=chon]:checked')?.value") == key:
            return
        who.page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows did not reach {key}")


def test_the_first_tab_leads_past_the_header_into_the_page(opened: Opener) -> None:
    who = opened("computer")
    who.open("/khoa-hoc")
    who.page.keyboard.press("Tab")
    assert who.page.evaluate(FOCUSED) == "Đến nội dung chính"
    assert who.page.evaluate(RING)["inside"]
    who.page.keyboard.press("Enter")
    assert who.page.evaluate("() => document.activeElement.id") == "noi-dung"
    who.page.keyboard.press("Tab")
    assert who.page.evaluate("() => !!document.activeElement.closest('main')")


def test_the_keyboard_alone_goes_through_a_lesson_and_a_check(opened: Opener) -> None:
    who = opened("computer")
    module = who.site.course.modules[0]
    lesson = module.lessons[0]
    who.open("/")
    _go(who, "Học ngay")
    for _ in lesson.steps[1:]:
        _go(who, "Tiếp tục")
    _go(who, f"Luyện tập {len(lesson.practice)} câu")
    for number in range(1, len(lesson.practice) + 1):
        _choose_by_key(who, right_key(who.site.practice(who.heading)))
        _go(who, "Trả lời")
        _go(who, "Câu tiếp theo" if number < len(lesson.practice) else "Xong bài")
    assert who.heading == f"Xong bài: {lesson.title}"
    who.open(f"/khoa-hoc/{who.site.course.slug}/chu-de/{module.slug}/kiem-tra")
    _go(who, "Bắt đầu")
    for _ in range(module.draw):
        _choose_by_key(who, right_key(who.site.question(module, who.heading)))
        _go(who, "Trả lời")
    assert who.heading == f"Đạt: đúng {module.draw} trên {module.draw} câu"


def test_everything_of_a_class_is_reached_by_the_keyboard(in_village: Opener) -> None:
    teacher = in_village("computer")
    sign_in(teacher, "minh")
    room = first(teacher, "/gv/lop/")
    teacher.open(room)
    given = first(teacher, f"{room}/bai-giao/")
    for path in (room, f"{room}/giao-bai", given, f"{given}/nhac", f"{room}/nap", f"{room}/so-lieu"):
        teacher.open(path)
        _everything_is_reached(teacher)


def test_everything_at_the_door_of_a_class_is_reached_by_the_keyboard(
    in_village: Opener, village: Village
) -> None:
    pupil = in_village("computer")
    enter(pupil, village.told.class_code)
    _everything_is_reached(pupil)
    pupil.open("/vao-lop/phu-huynh")
    _everything_is_reached(pupil)
    pupil.open("/vao-lop/ten")
    _everything_is_reached(pupil)
    pupil.press_it(pupil.page.locator(".names button").first)
    _everything_is_reached(pupil)


def test_a_mistake_takes_the_focus_to_what_must_be_mended(opened: Opener) -> None:
    who = opened("computer")
    who.open("/mo-nha")
    who.press("Mở nhà")
    assert who.page.title().startswith("Lỗi: ")
    assert who.page.evaluate("() => document.activeElement.hasAttribute('data-errors')")
    who.page.keyboard.press("Tab")
    who.page.keyboard.press("Enter")
    assert who.page.evaluate("() => document.activeElement.id") == "ma"


def _look(who: Learner) -> tuple[str | None, str | None, float]:
    root = who.page.locator("html")
    size = who.page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)")
    return root.get_attribute("data-co"), root.get_attribute("data-tp"), size


@pytest.mark.parametrize("script", [True, False], ids=["script on", "script off"])
def test_size_and_contrast_change_where_one_is_and_hold_on_the_next_page(
    opened: Opener, script: bool
) -> None:
    who = opened("narrow", script=script)
    who.open("/khoa-hoc")
    assert _look(who) == ("vua", "thuong", 18)
    header = who.page.locator("header")
    for name, value, look in (
        ("co", "to", ("to", "thuong", 22.5)),
        ("tp", "cao", ("to", "cao", 22.5)),
        ("co", "nho", ("nho", "cao", 16)),
    ):
        header.locator(f"button[name={name}][value={value}]").click()
        who.page.wait_for_selector(f"html[data-{name}={value}]")
        assert who.path == "/khoa-hoc"
        assert _look(who) == look
        who.open("/tro-giup")
        assert _look(who) == look
        who.open("/khoa-hoc")
    assert who.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


def test_the_page_of_sizes_leads_back_to_the_question_one_came_from(opened: Opener) -> None:
    who = opened("narrow", script=False)
    lesson = who.site.course.modules[0].lessons[0]
    path = f"/khoa-hoc/{who.site.course.slug}/{lesson.slug}/cau-1"
    who.open(path)
    who.press_it(who.page.get_by_role("link", name="Cỡ chữ"))
    who.choose("to", name="co")
    who.choose("cao", name="tp")
    who.press("Lưu")
    assert who.path == path
    assert _look(who) == ("to", "cao", 22.5)


@pytest.mark.parametrize("theme", ["thuong", "cao"])
def test_the_first_hour_after_a_scam_prints_on_two_sheets(opened: Opener, theme: str, tmp_path: Path) -> None:
    who = opened("computer")
    who.open("/bi-lua")
    who.page.evaluate("t => document.documentElement.setAttribute('data-tp', t)", theme)
    who.page.pdf(
        path=tmp_path / "bi-lua.pdf",
        format="A4",
        margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm"),
    )
    sheets = PdfReader(tmp_path / "bi-lua.pdf").pages
    text = " ".join(sheet.extract_text() for sheet in sheets)
    assert len(sheets) <= 2
    assert "Làm ngay, theo thứ tự" in text
    assert "Tương phản" not in text
