"""Getting far along without walking: the same requests the pages would send, in the same browser."""

import html
import re

from playwright.sync_api import APIResponse

from lms.catalog.catalogue import Lesson, Module
from tests.browser.people import Learner
from tests.browser.site import right_key, wrong_key

HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


def send(learner: Learner, path: str, **form: str) -> APIResponse:
    """Send a form of this site and follow where it leads."""
    answer = learner.page.request.post(
        learner.site.at(path), form=form, headers={"Origin": learner.site.address}
    )
    assert answer.ok, (path, answer.status, answer.text()[:300])
    return answer


def finish(learner: Learner, *lessons: Lesson) -> None:
    """Confirm lessons."""
    for lesson in lessons:
        send(learner, f"/khoa-hoc/{_course(learner, lesson)}/{lesson.slug}/xong")


def _course(learner: Learner, item: Lesson | Module) -> str:
    return learner.site.catalogue.course_by_id[item.course_id].slug


def check_path(learner: Learner, module: Module) -> str:
    """Return the address where the check of a module starts."""
    return f"/khoa-hoc/{_course(learner, module)}/chu-de/{module.slug}/kiem-tra"


def start_check(learner: Learner, module: Module) -> str:
    """Start the check of a module; return the path of its first question."""
    return _path(learner, send(learner, check_path(learner, module)))


def _path(learner: Learner, answer: APIResponse) -> str:
    return answer.url.removeprefix(learner.site.address)


def hand_in(learner: Learner, module: Module, wrong: int = 0) -> str:
    """Take the check of a module to its end; return the path of the result."""
    answer = send(learner, check_path(learner, module))
    for number in range(module.draw):
        words = HEADING.search(answer.text())
        assert words, answer.url
        asked = learner.site.question(module, html.unescape(re.sub(r"<[^>]+>", "", words[1])))
        chosen = wrong_key(asked) if number < wrong else right_key(asked)
        answer = send(learner, _path(learner, answer), chon=chosen)
    assert answer.url.endswith("/ket-qua")
    return _path(learner, answer)


def complete_course(learner: Learner) -> None:
    """Learn every lesson of the course and pass its checks."""
    for module in learner.site.course.modules:
        finish(learner, *module.lessons)
        hand_in(learner, module)


def add_person(learner: Learner, name: str, **fields: str) -> None:
    """Add a person to this phone; that person learns from now on."""
    send(learner, "/nguoi-hoc/them", ho_ten=name, **fields)
