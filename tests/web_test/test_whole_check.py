"""The whole check on one page: kept at once, what is missing asked again, nothing kept twice."""

import pytest
import sqlalchemy as sa

from lms import clock, content
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue
from lms.catalog.models import CatalogItem
from lms.catalog.offer import Offer, prepare
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.quizzes.models import Answer, AnswerText, HandIn, PaperQuestion
from lms.quizzes.responses import best
from lms.web.asking import refilled
from tests.browser_double import HOUSE, Reader
from tests.kinds import library_of_kinds
from tests.web_test.story import faults

START = "/khoa-hoc/goi-an-toan/chu-de/goi-lai/kiem-tra"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Offer:
    """Render once the library that has a question of each kind."""
    root = library_of_kinds(tmp_path_factory.mktemp("kinds"))
    return prepare(content.load(root), root)


@pytest.fixture
def catalogue(db: ScopedSession, kinds: Offer) -> Catalogue:
    """Offer that library in place of the sample one."""
    sync(db, kinds, clock.now(), retire=db.scalars(sa.select(CatalogItem.id)).all())
    return load(db)


def started(client: Reader) -> str:
    """Start the check and return the address of the whole page."""
    return str(client.post(START).headers["Location"]) + "/ca-bai"


def right_form(db: ScopedSession, catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the form of the whole page with every answer right; any opinion."""
    form: dict[str, list[str]] = {}
    for row in db.scalars(sa.select(PaperQuestion)):
        question = catalogue.questions[row.edition_id]
        choice = best(question) or question.choices[0].key
        found = question.choice(choice)
        own = refilled(question, row.choice_order.split(","), choice, found.text if found else None)
        form |= {f"c{row.position}-{name}": values for name, values in own.items()}
    return form


def test_every_kind_is_asked_on_the_page_under_names_of_its_own(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    client.get(started(client))
    assert client.page is not None
    ids = [element.get("id") for element in client.page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    names = {field.get("name") for tag in ("input", "select") for field in client.page.iter(HOUSE + tag)}
    assert right_form(db, catalogue).keys() <= names


def test_the_whole_page_is_kept_marked_and_handed_in_at_once_and_only_once(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    address = started(client)
    form = right_form(db, catalogue)
    for _ in range(2):
        reply = client.post(address, form)
        assert reply.headers["Location"] == address.replace("ca-bai", "ket-qua")
    asked = db.scalar(sa.select(sa.func.count()).select_from(PaperQuestion))
    assert db.scalar(sa.select(sa.func.count()).select_from(Answer)) == asked == 10
    assert db.scalar(sa.select(sa.func.count()).select_from(AnswerText)) == 2
    ended = db.scalars(sa.select(HandIn)).one()
    assert (ended.points, ended.out_of, ended.passed) == (9, 9, True)
    client.get(address, 302)


def test_an_answer_that_cannot_be_read_is_told_and_everything_stays_on_the_page(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    address = started(client)
    form = right_form(db, catalogue)
    rows = {row.question_id: row for row in db.scalars(sa.select(PaperQuestion))}
    kind_of = {row.position: catalogue.questions[row.edition_id].kind for row in rows.values()}
    number = next(position for position, kind in kind_of.items() if kind == "number")
    page = client.post(address, form | {f"c{number}-viet": ["nhiều lắm"]}, 422).text
    assert list(faults(client)) == [f"c{number}-viet"]
    assert f"Câu {number}: " in client.words
    assert "nhiều lắm" in page
    assert db.scalar(sa.select(sa.func.count()).select_from(Answer)) == 0
    assert client.page is not None
    marked = [field for field in client.page.iter(f"{HOUSE}input") if field.get("checked") is not None]
    assert len(marked) > 5
    unsure = {f"c{number}-chua_chac": ["1"], f"c{number}-viet": [""]}
    assert client.post(address, form | unsure).headers["Location"].endswith("/ket-qua")
    ended = db.scalars(sa.select(HandIn)).one()
    assert (ended.points, ended.out_of) == (8, 9)


def test_a_part_of_the_page_may_be_sent_and_an_empty_page_keeps_nothing(
    client: Reader, db: ScopedSession, catalogue: Catalogue
) -> None:
    address = started(client)
    client.post(address, {}, 422)
    assert "Chưa trả lời câu nào." in client.words
    form = {name: value for name, value in right_form(db, catalogue).items() if name.startswith("c1-")}
    assert client.post(address, form).headers["Location"] == f"{address}?con=1"
    client.get(f"{address}?con=1")
    assert "Đã giữ các câu đã trả lời. Còn 9 câu chưa trả lời." in client.words
    assert db.scalar(sa.select(sa.func.count()).select_from(HandIn)) == 0
