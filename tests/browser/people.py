"""What a person does with a page: reads, presses, chooses, types."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response

from lms.catalog.catalogue import Lesson, Module, Question
from tests.browser.site import Site, right_key, wrong_key

KEY_WORDS = re.compile(r"\bcorrect\b|is_right|data-right|dap-an|\bscore\b", re.IGNORECASE)
Chooser = Callable[[Question], str]


class Learner:
    """Somebody with a device, on the site; script on or off makes no difference here."""

    def __init__(self, page: Page, site: Site) -> None:
        """Sit down before an empty page."""
        self.page, self.site = page, site

    @property
    def heading(self) -> str:
        """Return the words of the h1."""
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def words(self) -> str:
        """Return the words of the main part."""
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def path(self) -> str:
        """Return the path of the page."""
        return urlsplit(self.page.url).path

    def open(self, path: str) -> Response:
        """Go to an address of the site."""
        answer = self.page.goto(self.site.at(path), wait_until="domcontentloaded")
        assert answer is not None
        return answer

    def find(self, words: str) -> Locator:
        """Return the link or button with these words in the main part."""
        exact = re.compile(rf"^\s*{re.escape(words)}\s*$")
        return self.page.locator("main a, main button").filter(has_text=exact).first

    def has(self, words: str) -> bool:
        """Tell whether there is a link or button with these words."""
        return self.find(words).count() > 0

    def press(self, words: str) -> None:
        """Press a link or button and wait for the page it leads to."""
        self.press_it(self.find(words))

    def press_it(self, what: Locator) -> None:
        """Press something that leads to a page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            what.click()

    def choose(self, key: str, name: str = "chon") -> None:
        """Tap the row of a choice."""
        self.page.locator(f"label.choice:has(input[name={name}][value='{key}'])").click()

    def type(self, field: str, words: str) -> None:
        """Type into a field."""
        self.page.fill(f"#{field}", words)

    def read_steps(self, lesson: Lesson) -> None:
        """Read a lesson from its first step to the button that ends the reading."""
        for number, step in enumerate(lesson.steps, start=1):
            assert self.heading == step.title
            assert f"Phần {number} trên {len(lesson.steps)}" in self.words
            if number < len(lesson.steps):
                self.press("Tiếp tục")
        if lesson.practice:
            self.press(f"Luyện tập {len(lesson.practice)} câu")

    def practise(self, lesson: Lesson, chooser: Chooser = right_key) -> None:
        """Answer the practice questions and read each explanation, up to the button “Xong bài”."""
        for number in range(1, len(lesson.practice) + 1):
            self.choose(chooser(self.site.practice(self.heading)))
            self.press("Trả lời")
            if number < len(lesson.practice):
                self.press("Câu tiếp theo")

    def learn(self, lesson: Lesson) -> None:
        """Go through a whole lesson from its address."""
        self.open(f"/khoa-hoc/{self.site.course.slug}/{lesson.slug}")
        self.read_steps(lesson)
        self.practise(lesson)
        self.press("Xong bài")
        assert self.heading == f"Xong bài: {lesson.title}"

    def take_check(self, module: Module, wrong: int = 0) -> None:
        """Start the module's check and answer every question, the first `wrong` of them wrongly."""
        if not self.path.endswith("/kiem-tra"):
            self.open(f"/khoa-hoc/{self.site.course.slug}/chu-de/{module.slug}/kiem-tra")
        self.press("Bắt đầu")
        self.answer_all(module, wrong)

    def answer_all(self, module: Module, wrong: int = 0) -> None:
        """Answer the questions of a paper that has started."""
        for number in range(1, module.draw + 1):
            assert f"câu {number} trên {module.draw}" in self.words
            self.refuse_key()
            asked = self.site.question(module, self.heading)
            self.choose(wrong_key(asked) if number <= wrong else right_key(asked))
            self.press("Trả lời")

    def refuse_key(self) -> None:
        """Insist that nothing in the page of a question tells which choice is right."""
        html = self.page.content()
        assert not KEY_WORDS.search(html), KEY_WORDS.search(html)
        rows = self.page.locator("label.choice")
        shapes = {
            re.sub(r'value="[^"]*"|id="[^"]*"', "", row.evaluate("e => e.outerHTML").split("<span")[0])
            for row in rows.all()
        }
        assert len(shapes) == 1, shapes

    def keep_result(self, name: str, *, mine: bool = True) -> str:
        """Put a name to what was learned; return the code of the household shown."""
        self.open("/giu-ket-qua")
        self.type("ho_ten", name)
        if self.page.locator("input[name=cua_ai]").count():
            self.choose("minh" if mine else "khac", name="cua_ai")
        self.press("Lưu")
        assert self.heading == "Chép lại mã của nhà"
        return self.page.locator(".big-code").inner_text()

    def download(self, words: str, folder: Path) -> Path:
        """Press a button that gives a file; return where it was put."""
        with self.page.expect_download() as waiting:
            self.find(words).click()
        target = folder / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target
