"""Two taps at once, on one page or in two tabs, do what one tap does."""

import sqlite3
from collections.abc import Callable

import pytest

from tests.browser.conftest import Opener
from tests.browser.people import Learner
from tests.browser.shortcuts import check_path, finish, start_check
from tests.browser.site import Site, right_key, wrong_key

pytestmark = pytest.mark.browser
TABLES = ("learners", "item_completions", "attempts", "answers", "hand_ins")
TAP_TWICE = "button => { button.click(); button.click(); }"
TAP_LATER = "button => { setTimeout(() => button.click(), 50); }"


def _count(site: Site) -> dict[str, int]:
    with sqlite3.connect(f"file:{site.data / 'lms.db'}?mode=ro", uri=True) as rows:
        counts = {table: rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    rows.close()
    return counts


def _added(site: Site, act: Callable[[], None]) -> dict[str, int]:
    before = _count(site)
    act()
    after = _count(site)
    return {table: after[table] - before[table] for table in TABLES if after[table] != before[table]}


def _tap_twice(who: Learner, words: str) -> None:
    with who.page.expect_navigation(wait_until="domcontentloaded"):
        who.find(words).evaluate(TAP_TWICE)


def _double_click(who: Learner, words: str) -> None:
    who.find(words).dblclick()
    who.page.wait_for_url("**/xong", wait_until="domcontentloaded")


def _tap_in_both(first: Learner, second: Learner, words: str) -> None:
    before = first.page.url, second.page.url
    for who in (first, second):
        who.find(words).evaluate(TAP_LATER)
    for who, was in zip((first, second), before, strict=True):
        who.page.wait_for_url(lambda url, was=was: url != was, wait_until="domcontentloaded")


def _ready_to_finish(who: Learner) -> None:
    lesson = who.site.course.modules[0].lessons[0]
    last = len(lesson.practice)
    who.open(f"/khoa-hoc/{who.site.course.slug}/{lesson.slug}/cau-{last}/{right_key(lesson.practice[-1])}")


def test_two_taps_on_xong_by_somebody_new_make_one_learner_and_one_completion(opened: Opener) -> None:
    who = opened()
    _ready_to_finish(who)
    assert _added(who.site, lambda: _tap_twice(who, "Xong bài")) == {"learners": 1, "item_completions": 1}
    assert who.heading.startswith("Xong bài")


@pytest.mark.parametrize("script", [True, False], ids=["script on", "script off"])
def test_two_taps_on_xong_by_a_learner_complete_once(opened: Opener, script: bool) -> None:
    who = opened(script=script)
    finish(who, who.site.course.modules[0].lessons[1])
    _ready_to_finish(who)
    assert _added(who.site, lambda: _double_click(who, "Xong bài")) == {"item_completions": 1}
    assert who.heading.startswith("Xong bài")


def test_a_new_person_s_two_tabs_on_xong_complete_once(opened: Opener) -> None:
    who = opened()
    finish(who, who.site.course.modules[0].lessons[1])
    other = Learner(who.page.context.new_page(), who.site)
    _ready_to_finish(who)
    _ready_to_finish(other)
    assert _added(who.site, lambda: _tap_in_both(who, other, "Xong bài")) == {"item_completions": 1}
    assert who.heading == other.heading


def test_two_taps_on_start_and_two_tabs_draw_one_paper(opened: Opener) -> None:
    who = opened()
    module = who.site.course.modules[0]
    finish(who, module.lessons[0])
    other = Learner(who.page.context.new_page(), who.site)
    for learner in (who, other):
        learner.open(check_path(who, module))
    assert _added(who.site, lambda: _tap_in_both(who, other, "Bắt đầu")) == {"attempts": 1}
    assert who.page.url == other.page.url
    who.open(check_path(who, module))
    assert _added(who.site, lambda: _tap_twice(who, "Làm tiếp")) == {}
    assert who.page.url == other.page.url


def test_two_taps_and_two_tabs_on_answer_keep_the_first_answer(opened: Opener) -> None:
    who = opened()
    module = who.site.course.modules[0]
    finish(who, module.lessons[0])
    path = start_check(who, module)
    other = Learner(who.page.context.new_page(), who.site)
    who.open(path)
    other.open(path)
    asked = who.site.question(module, who.heading)
    who.choose(right_key(asked))
    other.choose(wrong_key(asked))
    assert _added(who.site, lambda: _tap_twice(who, "Trả lời")) == {"answers": 1}
    assert _added(who.site, lambda: other.press("Trả lời")) == {}
    assert who.page.url == other.page.url
    who.open(path)
    chosen = asked.choice(right_key(asked))
    assert chosen
    assert "Câu này đã trả lời." in who.words
    assert who.page.locator("main p b").last.inner_html() == chosen.html


def test_the_last_answer_in_two_tabs_hands_in_once(opened: Opener) -> None:
    who = opened()
    module = who.site.course.modules[0]
    finish(who, module.lessons[0])
    who.open(start_check(who, module))
    for _ in range(module.draw - 1):
        who.choose(right_key(who.site.question(module, who.heading)))
        who.press("Trả lời")
    other = Learner(who.page.context.new_page(), who.site)
    other.open(who.path)
    for learner in (who, other):
        learner.choose(right_key(who.site.question(module, who.heading)))
    added = _added(who.site, lambda: _tap_in_both(who, other, "Trả lời"))
    assert added == {"answers": 1, "hand_ins": 1, "item_completions": 1}
    assert who.heading == other.heading == f"Đạt: đúng {module.draw} trên {module.draw} câu"
