"""Sixteen at once, the same tap fifty times: what was acknowledged is there, and once."""

import pytest

from tests.durability_test.clients import (
    CHOICES,
    LESSONS,
    MODULE,
    QUESTIONS,
    Crowd,
    Tap,
    answer_path,
    device_key,
    tap,
    volley,
)
from tests.durability_test.holdings import assert_intact, doubles, half_done, losses, right_choices
from tests.durability_test.site import Site

pytestmark = pytest.mark.server


def begin(site: Site) -> tuple[str | None, str]:
    """Start a check as somebody new; return the cookie and the attempt's code."""
    reply = tap(site.port, None, MODULE, {"khoa": device_key()})
    assert reply.is_kept
    return reply.token, reply.location.removeprefix("/kiem-tra/")


def test_sixteen_learners_at_once_lose_nothing_and_double_nothing(site: Site) -> None:
    site.start()
    ledger = Crowd(site.port, 16, rounds=5).finish()
    assert ledger.refusals == []
    assert len(ledger.started) == 16 * 5
    assert len(ledger.answers) == 16 * 5 * QUESTIONS
    assert losses(site, ledger) == []
    assert doubles(site, ledger) == []
    assert half_done(site) == []
    assert site.one("SELECT count(*) FROM answers") == len(ledger.answers)
    assert site.one("SELECT count(*) FROM attempts") == site.one("SELECT count(*) FROM learners") == 80
    assert_intact(site)


def test_sixteen_tabs_on_one_attempt_keep_one_answer_a_question(running: Site) -> None:
    token, code = begin(running)
    paths = [answer_path(code, position) for position in range(1, QUESTIONS + 1)]
    taps = [Tap(token, path, {"chon": key}) for key in CHOICES for path in paths]
    replies = volley(running.port, taps + taps[:4])
    assert {reply.status for reply in replies} == {303}
    rows = running.rows(
        "SELECT question_id FROM answers JOIN attempts ON id = attempt_id WHERE code = :code", code=code
    )
    assert len(rows) == len(set(rows)) == QUESTIONS
    assert half_done(running) == []


def test_the_last_two_questions_answered_in_two_tabs_at_once_hand_the_paper_in(running: Site) -> None:
    token, code = begin(running)
    for position in range(1, QUESTIONS - 1):
        assert tap(running.port, token, answer_path(code, position), {"chon": "a"}).is_kept
    last = [Tap(token, answer_path(code, n), {"chon": "b"}) for n in (QUESTIONS - 1, QUESTIONS)]
    assert {reply.status for reply in volley(running.port, last)} == {303}
    assert half_done(running) == []


def test_fifty_starts_at_once_make_one_attempt(running: Site) -> None:
    token = tap(running.port, None, LESSONS["man-hinh-chu-to"], {"khoa": device_key()}).token
    before = running.one("SELECT count(*) FROM attempts")
    replies = volley(running.port, [Tap(token, MODULE)] * 50)
    assert len({reply.location for reply in replies}) == 1
    assert {reply.status for reply in replies} == {303}
    assert running.one("SELECT count(*) FROM attempts") == before + 1
    assert half_done(running) == []


def test_fifty_taps_on_done_at_once_make_one_completion(running: Site) -> None:
    token, _ = begin(running)
    before = running.one("SELECT count(*) FROM item_completions")
    replies = volley(running.port, [Tap(token, LESSONS["man-hinh-chu-to"])] * 50)
    assert {reply.status for reply in replies} == {303}
    assert running.one("SELECT count(*) FROM item_completions") == before + 1


@pytest.mark.parametrize("path", [MODULE, LESSONS["man-hinh-chu-to"]], ids=["start", "done"])
def test_first_taps_at_once_with_one_device_key_make_one_learner(running: Site, path: str) -> None:
    before = running.one("SELECT count(*) FROM learners")
    replies = volley(running.port, [Tap(None, path, {"khoa": device_key()})] * 16)
    assert {reply.status for reply in replies} == {303}
    assert running.one("SELECT count(*) FROM learners") == before + 1
    tokens = {reply.token for reply in replies}
    assert None not in tokens
    for token in tokens:
        assert tap(running.port, token, path).location == replies[0].location
    assert running.one("SELECT count(*) FROM learners") == before + 1


def test_a_name_kept_by_eight_taps_at_once_makes_one_person(running: Site) -> None:
    token = tap(running.port, None, LESSONS["man-hinh-chu-to"], {"khoa": device_key()}).token
    form = {"ho_ten": "Nguyễn Thị Hoa", "cua_ai": "minh"}
    before = running.rows("SELECT count(*) FROM persons UNION ALL SELECT count(*) FROM households")
    replies = volley(running.port, [Tap(token, "/nguoi-hoc/them", form)] * 8)
    assert {reply.status for reply in replies} == {303}
    led = sorted(str(reply.location) for reply in replies)
    assert led == ["/nguoi-hoc/ma"] + ["/nguoi-hoc/trao-may"] * 7, "the code is shown to the first tap"
    after = running.rows("SELECT count(*) FROM persons UNION ALL SELECT count(*) FROM households")
    assert [n for (n,) in after] == [n + 1 for (n,) in before]


def test_the_last_lesson_and_check_of_sixteen_people_in_two_tabs_each_give_sixteen_certificates(
    running: Site,
) -> None:
    last = [taps for letter in "ABCDEGHIKLMNOPQR" for taps in almost_finished(running, f"Lò Văn {letter}")]
    before = running.one("SELECT count(*) FROM certificates")
    assert {reply.status for reply in volley(running.port, last)} == {303}
    assert running.one("SELECT count(*) FROM certificates") == int(str(before)) + 16
    numbers = [number for (number,) in running.rows("SELECT sequence FROM certificates ORDER BY sequence")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert running.one("SELECT count(DISTINCT person_id) FROM certificates") == len(numbers)


def almost_finished(site: Site, name: str) -> list[Tap]:
    """Let somebody do everything but the last answer and the last lesson; return the taps for these."""
    token = tap(site.port, None, "/nguoi-hoc/them", {"ho_ten": name}).token
    assert token is not None
    answers = []
    for module in ("man-hinh", "danh-ba"):
        code = tap(site.port, token, f"/khoa-hoc/lam-quen/chu-de/{module}/kiem-tra").location
        code = code.removeprefix("/kiem-tra/")
        right = right_choices(site, code)
        answers += [Tap(token, answer_path(code, n), {"chon": right[n]}) for n in sorted(right)]
    *most, last_answer = answers
    lessons = [Tap(token, path) for path in (*LESSONS.values(), "/khoa-hoc/lam-quen/luu-so/xong")]
    *most_lessons, last_lesson = lessons
    for one in most + most_lessons:
        assert tap(site.port, token, one.path, one.form).is_kept
    return [last_answer, last_lesson]
