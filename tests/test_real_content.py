"""The courses that ship: without a mistake, and every page of them a good page."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from lms import clock, content
from lms.catalog.actions import sync
from lms.catalog.catalogue import Catalogue
from lms.catalog.offer import prepare
from lms.catalog.queries import load as load_catalogue
from lms.config import load
from lms.db import SYSTEM
from lms.web import create_app
from tests.browser_double import Reader
from tests.conftest import ROOT, SharedDatabase

PRONOUNS = re.compile(r"(?<!kết )\b(?:bạn(?! bè)|quý vị|quý khách|bà con|cô bác)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(
    migrated: SharedDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Reader, Catalogue]]:
    """Give the site with the courses of this repository, in a transaction that is rolled back."""
    settings = load(
        {"LMS_DATA": str(tmp_path_factory.mktemp("real")), "LMS_PUBLIC_URL": "http://hoc.example.vn"}
    )
    offer = prepare(content.load(ROOT), ROOT)
    with migrated.writer.connect() as connection:
        outer = connection.begin()
        migrated.connection = connection
        with migrated.session(SYSTEM, writes=True) as db:
            retired = db.scalars(sa.text("SELECT id FROM catalog_items WHERE parent_id IS NULL")).all()
            sync(db, offer, clock.now(), retire=retired)
            db.commit()
            catalogue = load_catalogue(db)
        yield Reader(create_app(settings, migrated)), catalogue
        outer.rollback()


def test_the_courses_have_no_mistake() -> None:
    problems = content.check(ROOT, clock.today())
    assert [str(problem) for problem in problems] == []


def test_three_courses_ship_with_two_finished_modules_each(site: tuple[Reader, Catalogue]) -> None:
    _, catalogue = site
    assert [course.id for course in catalogue.courses] == [
        "ky-nang-so-co-ban", "phong-chong-lua-dao", "dich-vu-cong-truc-tuyen",
    ]  # fmt: skip
    for course in catalogue.courses:
        assert len(course.modules) >= 2
    for module in catalogue.modules.values():
        assert len(module.lessons) in {3, 4}, module.id
        assert len(module.bank) >= 8, module.id
        assert all(lesson.practice for lesson in module.lessons), module.id
    first = next(iter(catalogue.lessons.values()))
    assert first.module_id == catalogue.courses[0].modules[0].id


def test_every_question_has_one_right_choice_and_words_for_each(site: tuple[Reader, Catalogue]) -> None:
    _, catalogue = site
    for module in catalogue.modules.values():
        for question in (*module.bank, *(q for lesson in module.lessons for q in lesson.practice)):
            assert sum(c.is_right for c in question.choices) == 1, question.id
            assert all(re.sub(r"<[^>]+>", "", c.feedback).strip() for c in question.choices), question.id
            assert len({c.key for c in question.choices}) == len(question.choices) >= 3, question.id


def addresses(catalogue: Catalogue) -> Iterator[str]:
    """Yield the address of every page of the courses."""
    for course in catalogue.courses:
        top = f"/khoa-hoc/{course.slug}"
        yield top
        for module in course.modules:
            yield f"{top}/chu-de/{module.slug}"
            yield f"{top}/chu-de/{module.slug}/kiem-tra"
        for lesson in course.lessons:
            yield from (f"{top}/{lesson.slug}/{step.id}" for step in lesson.steps)
            for number, question in enumerate(lesson.practice, start=1):
                yield f"{top}/{lesson.slug}/cau-{number}"
                yield from (f"{top}/{lesson.slug}/cau-{number}/{c.key}" for c in question.choices)


@pytest.mark.server
def test_every_page_of_the_courses_is_a_good_page_without_a_pronoun(site: tuple[Reader, Catalogue]) -> None:
    reader, catalogue = site
    read, pronouns, links = 0, [], set()
    for address in ("/", "/khoa-hoc", "/bi-lua", *addresses(catalogue)):
        reader.get(address)
        read += 1
        if PRONOUNS.search(reader.words):
            pronouns.append(address)
        links |= {link for link in reader.links() if link.startswith("/")}
    assert read > 150
    assert pronouns == []
    broken = [link for link in sorted(links) if reader.client.get(link.split("#")[0]).status_code >= 400]
    assert broken == []


@pytest.mark.any_database
def test_no_stored_page_weighs_more_than_the_phones_of_learners_can_carry(
    site: tuple[Reader, Catalogue],
) -> None:
    reader, catalogue = site
    replies = {
        address: reader.client.get(address, headers={"Accept-Encoding": "br"})
        for address in addresses(catalogue)
        if not address.endswith("/kiem-tra")
    }
    assert {address for address, r in replies.items() if r.headers.get("Content-Encoding") != "br"} == set()
    assert {address: len(r.data) for address, r in replies.items() if len(r.data) > 6 * 1024} == {}


def test_every_picture_of_the_courses_is_there(site: tuple[Reader, Catalogue]) -> None:
    reader, catalogue = site
    pictures = {
        found
        for lesson in catalogue.lessons.values()
        for step in lesson.steps
        for found in re.findall(r'src="([^"]+)"', step.html(clock.today()))
    }
    assert {address for address in pictures if reader.client.get(address).status_code != 200} == set()
