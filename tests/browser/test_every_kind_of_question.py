"""Questions of every kind on a phone and by keyboard: without script, without dragging, clean for axe."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser

from lms.catalog.catalogue import Question
from lms.db import Database
from lms.quizzes.models import Attempt, PaperQuestion
from lms.quizzes.responses import best
from lms.web.asking import practice_order, refilled
from tests.browser.audit import Findings, audit
from tests.browser.audit import prepare as bring_axe
from tests.browser.devices import Device, open_device
from tests.browser.people import Learner
from tests.browser.site import Site, running_site
from tests.kinds import library_of_kinds
from tests.web_test.test_question_screens import COURSE, LESSON, WRONG

pytestmark = pytest.mark.browser
TABS = 40
ASKS_FOR = "() => document.activeElement.tagName + ' ' + (document.activeElement.name || '')"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the library that has a question of each kind."""
    library = library_of_kinds(tmp_path_factory.mktemp("kinds"))
    with running_site(tmp_path_factory.mktemp("site") / "data", library=library) as running:
        yield running


class Hands(Learner):
    """A learner on the site of kinds, and what a page of it takes."""

    def practice(self, kind: str) -> tuple[Question, str]:
        """Return the practice question of a kind and its address."""
        questions = self.site.catalogue.lessons["goi-lai-so-da-luu"].practice
        place = next(n for n, question in enumerate(questions, start=1) if question.kind == kind)
        return questions[place - 1], f"{LESSON}/cau-{place}"

    def put_in(self, form: dict[str, list[str]]) -> None:
        """Set the fields of a question as a form holds them, by taps and choices."""
        for name, values in form.items():
            for value in values:
                if self.page.locator(f"select[name='{name}']").count():
                    self.page.select_option(f"#{name}", value)
                elif self.page.locator(f"label.choice input[name='{name}']").count():
                    self.choose(value, name=name)
                elif name == "viet":
                    self.type(name, value)

    def tab_to(self, what: str) -> None:
        """Press Tab until a field or button has the focus."""
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(ASKS_FOR) == what:
                return
        raise AssertionError(f"{TABS} tabs did not reach {what}")


Giver = Callable[..., Hands]


@pytest.fixture
def hands(chromium: Browser, kinds: Site) -> Iterator[Giver]:
    """Give a function that hands an empty device to a new person."""
    guards = []

    def give(device: Device, *, script: bool = True) -> Hands:
        guard = open_device(chromium, device, script=script)
        bring_axe(guard.context)
        guards.append(guard)
        return Hands(guard.page, kinds)

    yield give
    for guard in guards:
        guard.context.close()
        guard.insist()


def _typed(question: Question, choice: str) -> str | None:
    found = question.choice(choice)
    return found.text if found and question.kind in {"text", "number"} else None


def _filled(question: Question, order: tuple[str, ...], choice: str) -> dict[str, list[str]]:
    return refilled(question, order, choice, _typed(question, choice))


def test_every_kind_of_question_is_clean_in_both_themes_at_every_width(hands: Giver) -> None:
    who, found = hands("computer"), dict[str, Findings]()
    for kind in ("multiple", "text", "matching", "spot", "open"):
        who.open(who.practice(kind)[1])
        for hint in who.page.locator("summary").all():
            hint.click()
        found[f"{kind}, asked"] = audit(who.page)
    for kind in ("number", "ordering", "matrix"):
        who.open(who.practice(kind)[1])
        who.press("Trả lời")
        found[f"{kind}, error"] = audit(who.page)
    for kind, choice in (("ordering", WRONG["ordering"][0]), ("open", "-")):
        who.open(f"{who.practice(kind)[1]}/{choice}")
        found[f"{kind}, explained"] = audit(who.page)
    _take_check(who, frozenset({"multiple", "spot", "matrix", "number"}))
    found["result"] = audit(who.page)
    faults = {kind: vars(said) for kind, said in found.items() if any(vars(said).values())}
    assert faults == {}
    assert len(found) == 11


def _take_check(who: Hands, wrong: frozenset[str] = frozenset()) -> None:
    """Answer every question of a check, these kinds wrongly."""
    who.open(f"{COURSE}/chu-de/goi-lai/kiem-tra")
    who.press("Bắt đầu")
    database = Database(f"sqlite:///{who.site.data / 'lms.db'}")
    while not who.path.endswith("/ket-qua"):
        code, place = who.path.split("/")[2], int(who.path.rsplit("-", 1)[1])
        with database.reading() as db:
            row = db.execute(
                sa.select(PaperQuestion.edition_id, PaperQuestion.choice_order)
                .join(Attempt, Attempt.id == PaperQuestion.attempt_id)
                .where(Attempt.code == code, PaperQuestion.position == place)
            ).one()
        question = who.site.catalogue.questions[row.edition_id]
        choice = WRONG[question.kind][0] if question.kind in wrong else best(question) or "b"
        who.put_in(_filled(question, tuple(row.choice_order.split(",")), choice))
        who.press("Trả lời")
    database.close()


def test_a_check_of_all_kinds_is_passed_on_a_phone_without_script(hands: Giver) -> None:
    who = hands("phone", script=False)
    _take_check(who)
    assert who.heading == "Đạt: đúng 9 trên 9 câu"


def test_things_are_put_in_order_and_matched_by_keyboard_alone_without_script(hands: Giver) -> None:
    who = hands("computer", script=False)
    for kind in ("ordering", "matching"):
        question, address = who.practice(kind)
        who.open(address)
        for name, (value,) in _filled(question, practice_order(question), best(question)).items():
            who.tab_to(f"SELECT {name}")
            for _ in range(int(value)):
                who.page.keyboard.press("ArrowDown")
            assert who.page.input_value(f"#{name}") == value
        who.tab_to("BUTTON ")
        with who.page.expect_navigation(wait_until="domcontentloaded"):
            who.page.keyboard.press("Enter")
        assert who.heading == "Đúng.", who.words


def test_a_piece_of_a_message_is_marked_and_a_hint_opened_by_the_space_bar(hands: Giver) -> None:
    who = hands("computer", script=False)
    question, address = who.practice("spot")
    who.open(address)
    for line in question.lines:
        who.tab_to("INPUT chon")
        if line.is_right:
            who.page.keyboard.press("Space")
    with who.page.expect_navigation(wait_until="domcontentloaded"):
        who.page.keyboard.press("Enter")
    assert who.heading == "Đúng."
    _, address = who.practice("text")
    who.open(address)
    assert not who.page.get_by_text("Chữ đầu tiên là chữ O").is_visible()
    for _ in range(2):
        who.tab_to("SUMMARY ")
        who.page.keyboard.press("Space")
    assert who.page.get_by_text("Chữ đầu tiên là chữ O").is_visible()
    who.tab_to("INPUT viet")
    who.page.keyboard.type("ma otp")
    with who.page.expect_navigation(wait_until="domcontentloaded"):
        who.page.keyboard.press("Enter")
    assert who.heading == "Đúng."
