"""A teacher types the answer sheets of 35 pupils by the keyboard alone, twice; the slips are found."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lms.db import ScopedSession
from tests.browser.devices import open_device
from tests.browser.people import Learner
from tests.browser.site import Site, running_site
from tests.browser.test_school_story import sign_in
from tests.cast import gather
from tests.classrooms_test.dirty_files import invented_name
from tests.quizzes_test.printed_class import pupil

pytestmark = pytest.mark.browser
PUPILS, QUESTIONS, VERSIONS = 35, 10, 2
KEYS_A_MINUTE, MINUTES = 120, 6
"""A slow typist, who looks at the sheet; how long one entry of the class may take at that pace."""
ALL_SEEN = """() => {
  const rows = [...document.querySelectorAll('.typing li')].map(row => row.getBoundingClientRect());
  return [rows.length, rows.every(row => row.top >= 0 && row.bottom <= innerHeight)];
}"""


@pytest.fixture
def paper_school(tmp_path: Path) -> Iterator[Site]:
    """Serve the cast of the tests, with 35 pupils in 4A."""

    def fill(db: ScopedSession, _now: datetime) -> None:
        cast = gather(db)
        for number in range(PUPILS - 1):
            pupil(db, cast.class_4a, invented_name(number))

    with running_site(tmp_path / "school", fill) as running:
        yield running


def fill_class(teacher: Learner, sheets: list[tuple[str, str]]) -> None:
    """Fill in every sheet, as somebody without script does, and save."""
    fields = teacher.page.locator(".typing input[data-full]").all()
    assert [field.input_value() for field in fields] == [""] * 2 * PUPILS, "the first entry is not shown"
    for field, words in zip(fields, (words for sheet in sheets for words in sheet), strict=True):
        field.fill(words)
    teacher.press("Lưu")


def type_class(teacher: Learner, sheets: list[tuple[str, str]]) -> int:
    """Type every sheet from the first field on and send with Enter; return the number of keys pressed."""
    keyboard = teacher.page.keyboard
    teacher.page.locator(".typing input[data-full]").first.focus()
    for code, letters in sheets[:-1]:
        keyboard.type(code + letters)
    code, letters = sheets[-1]
    keyboard.type(code + letters)
    with teacher.page.expect_navigation(wait_until="domcontentloaded"):
        keyboard.press("Enter")
    return sum(len(code + letters) for code, letters in sheets) + 1


def test_35_sheets_are_typed_twice_by_keyboard_and_every_slip_is_found_before_anything_counts(
    chromium: Browser, paper_school: Site
) -> None:
    guards = [open_device(chromium, "computer", script=script) for script in (True, False)]
    teacher, officer = (Learner(guard.page, paper_school) for guard in guards)
    sign_in(teacher, "lan")
    room = teacher.page.locator("main a[href^='/gv/lop/']").first.get_attribute("href")
    teacher.open(f"{room}/de-giay/moi")
    module = max(paper_school.catalogue.modules.values(), key=lambda m: len(m.bank))
    teacher.page.select_option("#chu_de", module.id)
    teacher.type("so_cau", str(QUESTIONS))
    teacher.press("Làm đề")
    test = teacher.path
    codes = teacher.page.locator(".facts dd").first.inner_text().split(", ")
    assert len(codes) == VERSIONS

    # Letters that every question has, small and large and as digits, with blanks.
    hands = ["ABCABCABCA", "abcabcabca", "1231231231", "-1A2b3c0AB"]
    sheets = [(codes[n % VERSIONS], hands[n % len(hands)]) for n in range(PUPILS)]
    teacher.open(f"{test}/nhap")
    assert teacher.page.evaluate(ALL_SEEN) == [PUPILS, True]
    begun = time.monotonic()
    keys = type_class(teacher, sheets)
    took = time.monotonic() - begun
    assert f"Đã lưu {PUPILS} trên {PUPILS} em." in teacher.words
    assert keys == PUPILS * (4 + QUESTIONS) + 1
    assert keys / KEYS_A_MINUTE <= MINUTES
    print(f"\n{PUPILS} sheets of {QUESTIONS}: {keys} keys, {took:.1f} s here,", end=" ")
    print(f"{keys / KEYS_A_MINUTE:.1f} minutes an entry at {KEYS_A_MINUTE} keys a minute")

    first = teacher.page.locator(".typed-letters").first
    first.evaluate("field => { field.focus(); field.setSelectionRange(0, 1); }")
    teacher.page.keyboard.type("d")
    place = first.evaluate("field => [field.value, field.selectionStart, document.activeElement === field]")
    assert place == ["DBCABCABCA", 1, True], "a letter is corrected where it stands"

    slipped = list(sheets)
    slipped[3] = (sheets[3][0], "BCCABCABCA")
    slipped[7] = (codes[0] if sheets[7][0] == codes[1] else codes[1], sheets[7][1])
    code, letters = sheets[11]
    slipped[11] = (code[:3] + str((int(code[3]) + 1) % 10), letters)
    sign_in(officer, "hieu-truong")
    officer.open(f"{test}/nhap-lai")
    fill_class(officer, slipped)
    assert "Cần sửa 1 chỗ" in officer.words
    assert "Mã đề có một số gõ sai, hoặc hai số đổi chỗ." in officer.words
    wrong = officer.page.locator(".typing [aria-invalid]")
    wrong.fill(sheets[11][0])
    officer.press("Lưu")
    assert "Cần sửa" not in officer.words

    officer.press("Đối chiếu hai lần nhập")
    assert "chưa đứng tên người chấm được" in officer.words
    assert not officer.has("Ghi kết quả 33 em")

    teacher.open(f"{test}/doi-chieu")
    assert "2 em có chỗ khác nhau" in teacher.words
    assert "33 em hai lần giống nhau" in teacher.words
    slips = teacher.page.locator("fieldset.slip")
    told = slips.locator("legend").first.inner_text()
    assert " ".join(told.split()) == "Câu 1: lần một trống, lần hai B"
    for slip in slips.all():
        slip.locator("label.choice").first.click()
    teacher.press("Lưu các chỗ đã chọn")
    teacher.press(f"Ghi kết quả {PUPILS} em")
    assert f"Đã ghi kết quả {PUPILS} em." in teacher.words
    assert f"{PUPILS} trên {PUPILS} em" in teacher.words
    teacher.open(f"{test}/nhap")
    assert teacher.page.locator(".typing input[data-full]").count() == 0
    for guard in guards:
        guard.context.close()
        guard.insist()
