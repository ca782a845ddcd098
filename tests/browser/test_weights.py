"""What the pages weigh on the wire, and how soon the first sentence can be read on a slow phone."""

import http.client
from statistics import median

import pytest

from lms.catalog.catalogue import Lesson
from tests.browser.conftest import Opener
from tests.browser.people import Learner
from tests.browser.school_page_kinds import Village, enter, first, printed_slip, sign_in, tap
from tests.browser.site import Site, right_key
from tests.browser.wire import PAINTED, SHIFTED, Meter, meter, slow_down

pytestmark = pytest.mark.browser
KB = 1000
FIRST, FIRST_WITH_PICTURES, NEXT, AGAIN = 20 * KB, 50 * KB, 6 * KB, 8 * KB
MOST_REQUESTS = 8
SOON = 2000


def _step(site: Site, lesson: Lesson, number: int) -> str:
    course = site.catalogue.course_by_id[lesson.course_id]
    return f"/khoa-hoc/{course.slug}/{lesson.slug}/{lesson.steps[number].id}"


def _pictured(site: Site) -> str:
    """Return the address of the step with the most pictures."""
    found = [
        (step.variants[-1][1].count("<img"), _step(site, lesson, number))
        for lesson in site.catalogue.lessons.values()
        for number, step in enumerate(lesson.steps)
    ]
    most, path = max(found)
    assert most > 0
    return path


def _settle(who: Learner) -> None:
    who.page.wait_for_load_state("networkidle")


def _visit(who: Learner, wire: Meter, path: str) -> None:
    wire.reset()
    who.open(path)
    _settle(who)


def test_the_first_visit_to_a_lesson_is_light(opened: Opener) -> None:
    who = opened()
    wire = meter(who.page)
    _visit(who, wire, _step(who.site, who.site.course.lessons[0], 0))
    print(f"first visit: {wire.bytes} bytes, {len(wire.requests)} requests")
    assert 0 < wire.bytes <= FIRST, wire.requests
    assert len(wire.requests) <= MOST_REQUESTS, wire.requests


def test_the_first_visit_to_a_step_with_pictures_stays_within_its_weight(opened: Opener) -> None:
    who = opened()
    wire = meter(who.page)
    _visit(who, wire, _pictured(who.site))
    print(f"with pictures: {wire.bytes} bytes, of them {wire.pictures} of pictures")
    assert wire.pictures > 0
    assert wire.bytes - wire.pictures <= FIRST
    assert wire.bytes <= FIRST_WITH_PICTURES
    assert len(wire.requests) <= MOST_REQUESTS, wire.requests


def test_each_next_page_of_a_lesson_is_light(opened: Opener) -> None:
    who = opened()
    site, lesson = who.site, who.site.course.lessons[0]
    base = f"/khoa-hoc/{site.course.slug}/{lesson.slug}"
    wire = meter(who.page)
    _visit(who, wire, "/")
    weights = {}
    for path in (
        *(_step(site, lesson, number) for number in range(len(lesson.steps))),
        f"{base}/cau-1",
        f"{base}/cau-1/{right_key(lesson.practice[0])}",
        f"/khoa-hoc/{site.course.slug}",
        "/bi-lua",
    ):
        _visit(who, wire, path)
        weights[path] = wire.bytes - wire.pictures
    print(f"next pages: {min(weights.values())} to {max(weights.values())} bytes")
    assert {path: weight for path, weight in weights.items() if not 0 < weight <= NEXT} == {}


def _light(who: Learner, wire: Meter) -> int:
    """Return what the page now open has cost, and start anew."""
    _settle(who)
    weight = wire.bytes - wire.pictures
    wire.reset()
    return weight


def test_a_pupil_comes_into_the_class_by_light_pages(in_village: Opener, village: Village) -> None:
    who, told = in_village(), village.told
    wire = meter(who.page)
    who.open("/vao-lop")
    first_visit, weights = _light(who, wire), {}
    enter(who, told.class_code)
    weights["doors"] = _light(who, wire)
    who.press_it(who.page.locator("main a.press").first)
    weights["names"] = _light(who, wire)
    who.press_it(who.page.locator(".names button").filter(has_text=told.pupil.split()[-1]).first)
    weights["pictures"] = _light(who, wire)
    for number, picture in enumerate(told.pictures, start=1):
        tap(who, picture)
        weights[f"after picture {number}"] = _light(who, wire)
    assert who.heading == "Lớp em"
    print(f"the door of a class: {first_visit} bytes, then {weights}")
    assert 0 < first_visit <= FIRST
    assert {page: weight for page, weight in weights.items() if not 0 < weight <= NEXT} == {}


def test_a_family_comes_in_by_its_slip_and_sees_its_work_by_light_pages(in_village: Opener) -> None:
    teacher, who = in_village("computer"), in_village()
    sign_in(teacher, "lan")
    teacher.open(f"{first(teacher, '/gv/lop/')}/phieu-moi")
    teacher.press("Tạo phiếu để in")
    code = printed_slip(teacher)
    wire = meter(who.page)
    who.open(f"/moi/{code}")
    first_visit, weights = _light(who, wire), {}
    who.press_it(who.page.locator(".person-button").first)
    weights["joined"] = _light(who, wire)
    for path in ("/bai-co-giao", "/", "/vao-lop", f"/moi/{code}"):
        who.open(path)
        weights[path] = _light(who, wire)
    print(f"a slip: {first_visit} bytes, then {weights}")
    assert 0 < first_visit <= FIRST
    assert {page: weight for page, weight in weights.items() if not 0 < weight <= NEXT} == {}


def test_no_step_of_the_whole_library_weighs_more_than_a_next_page_may(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(site.address.rpartition(":")[2]), timeout=10)
    weights = {}
    for lesson in site.catalogue.lessons.values():
        for number in range(len(lesson.steps)):
            path = _step(site, lesson, number)
            connection.request("GET", path, headers={"Accept-Encoding": "br"})
            answer = connection.getresponse()
            headers = sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
            weights[path] = headers + len(answer.read())
            assert answer.status == 200, path
    connection.close()
    print(f"{len(weights)} steps: at most {max(weights.values())} bytes")
    assert {path: weight for path, weight in weights.items() if weight > NEXT} == {}


def test_a_repeated_visit_costs_almost_nothing(opened: Opener) -> None:
    who = opened()
    path = _step(who.site, who.site.course.lessons[0], 0)
    wire = meter(who.page)
    _visit(who, wire, path)
    who.page.goto("about:blank")
    _visit(who, wire, path)
    print(f"again: {wire.bytes} bytes, {len(wire.requests)} requests")
    assert 0 < wire.bytes <= AGAIN, wire.requests


def test_the_first_sentence_is_read_within_two_seconds_on_a_slow_phone(opened: Opener) -> None:
    times = []
    for _ in range(5):
        who = opened()
        slow_down(who.page)
        who.open(_step(who.site, who.site.course.lessons[0], 0))
        times.append(who.page.evaluate(PAINTED))
        assert who.page.evaluate(SHIFTED) == 0
        who.page.context.close()
        # Other work on this machine only ever adds time: what counts is the median of the best three.
        if len(times) >= 3 and median(sorted(times)[:3]) <= SOON:
            break
    print(f"first sentence after {[round(time) for time in times]} ms")
    assert median(sorted(times)[:3]) <= SOON, times


def test_nothing_moves_while_pictures_arrive(opened: Opener) -> None:
    who = opened()
    slow_down(who.page)
    who.open(_pictured(who.site))
    _settle(who)
    assert who.page.evaluate(SHIFTED) == 0
