"""Five people learn on one phone in turn; results never mix, and who leaves leaves nothing behind."""

import pytest

from tests.browser.conftest import Opener
from tests.browser.people import Learner
from tests.browser.shortcuts import finish

pytestmark = pytest.mark.browser
FAMILY = ("Trần Văn Bình", "Lê Thị Hoa", "Trần Thị An", "Trần Văn Cường", "Nguyễn Thị Đào")
STORED = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length,
]"""


@pytest.mark.parametrize("script", [True, False], ids=["script on", "script off"])
def test_five_people_on_one_phone_never_mix_their_results(opened: Opener, script: bool) -> None:
    phone = opened("phone", script=script)
    lessons = phone.site.catalogue.course_by_slug["ky-nang-so-co-ban"].lessons
    for number, name in enumerate(FAMILY):
        _sit_down(phone, name, is_first=number == 0)
        finish(phone, *lessons[: number + 1])
    for number, name in enumerate(FAMILY):
        _take_over(phone, name)
        phone.open("/du-lieu")
        assert name in phone.words
        assert f"Bài đã xong {number + 1}" in phone.words
        phone.open("/nguoi-hoc")
        assert phone.page.locator(".person-button").count() == len(FAMILY)
        assert f"Đang học: {name}." in phone.words


def _sit_down(phone: Learner, name: str, *, is_first: bool) -> None:
    phone.open("/nguoi-hoc")
    phone.press("Ghi tên người học" if is_first else "Thêm người học")
    phone.type("ho_ten", name)
    phone.press("Lưu")
    if is_first:
        phone.press("Đã chép xong")
    assert phone.heading == f"Đưa máy cho {name}"
    phone.press("Đúng rồi, bắt đầu học")


def _take_over(phone: Learner, name: str) -> None:
    phone.open("/nguoi-hoc")
    phone.press_it(phone.page.locator(".person-button").filter(has_text=name))
    assert phone.heading == f"Đưa máy cho {name}"


def test_results_without_a_name_are_given_to_nobody_unasked(opened: Opener) -> None:
    phone = opened("phone")
    lesson = phone.site.course.modules[0].lessons[0]
    code = _household(phone)
    phone.page.context.clear_cookies()
    phone.learn(lesson)
    phone.open("/mo-nha")
    phone.type("ma", code)
    phone.press("Mở nhà")
    assert "Máy này có bài vừa học xong, chưa có tên." in phone.words
    for other, answer, done in ((1, "Của người khác, để riêng", 0), (0, "Của Trần Văn Bình", 1)):
        phone.page.context.clear_cookies()
        finish(phone, lesson)
        phone.open("/mo-nha")
        phone.type("ma", code)
        phone.press("Mở nhà")
        phone.press_it(phone.page.locator(".person-button").nth(other))
        assert phone.heading == "Bài vừa học là của ai?"
        phone.press(answer)
        assert phone.heading == f"Đưa máy cho {FAMILY[other]}"
        phone.open("/du-lieu")
        assert f"Bài đã xong {done}" in phone.words


def _household(phone: Learner) -> str:
    phone.open("/nguoi-hoc/them")
    phone.type("ho_ten", FAMILY[0])
    phone.press("Lưu")
    code = phone.page.locator(".big-code").inner_text()
    _sit_down(phone, FAMILY[1], is_first=False)
    return code


def test_the_name_in_the_header_is_that_of_the_person_who_learns_now(opened: Opener) -> None:
    phone = opened("phone")
    chip = phone.page.locator("[data-ten]")
    _sit_down(phone, FAMILY[0], is_first=True)
    assert chip.inner_text() == FAMILY[0]
    _sit_down(phone, FAMILY[1], is_first=False)
    assert chip.inner_text() == FAMILY[1]
    phone.page.go_back()
    phone.page.go_back()
    assert chip.inner_text() == FAMILY[1]


def test_the_next_person_at_a_shared_machine_sees_nothing_of_the_last(opened: Opener) -> None:
    phone = opened("phone")
    lesson = phone.site.course.modules[0].lessons[0]
    phone.learn(lesson)
    phone.keep_result(FAMILY[4])
    phone.press("Đã chép xong")
    visited = ["/", "/nguoi-hoc", "/du-lieu", "/phieu", f"/khoa-hoc/{phone.site.course.slug}", "/thoat"]
    for path in visited:
        phone.open(path)
    phone.press("Thoát khỏi máy này")
    assert phone.heading == "Đã thoát khỏi máy này"
    assert phone.page.context.cookies() == []
    assert phone.page.evaluate(STORED) == ["", 0, 0, 0, 0]
    _nothing_by_going_back(phone, len(visited))
    phone.open("/")
    assert phone.has("Học ngay")
    phone.open(f"/khoa-hoc/{phone.site.course.slug}")
    assert "Đã xong" not in phone.words


def _nothing_by_going_back(phone: Learner, times: int) -> None:
    for _ in range(times):
        phone.page.go_back(wait_until="domcontentloaded")
        html = phone.page.content()
        assert FAMILY[4] not in html, phone.path
        assert "Đào" not in html, phone.path
        assert "Đã xong" not in phone.words, phone.path
