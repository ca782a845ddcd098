"""The server is killed while sixteen learners answer: what was acknowledged is there afterwards, once."""

import random
import time

import pytest

from tests.durability_test.clients import Crowd
from tests.durability_test.holdings import assert_intact, doubles, half_done, losses
from tests.durability_test.site import Site

pytestmark = pytest.mark.server
LEARNERS = 16
KILLS = 10
"""On each of the two databases. Without a loss the chance of one per kill is under 0.15 (95 %)."""


def test_what_was_acknowledged_survives_a_killed_server(site: Site) -> None:
    chance, restarts = random.Random(), []
    site.start()
    crowd = Crowd(site.port, LEARNERS)
    for _ in range(KILLS):
        acknowledged = crowd.after(chance.randint(10, 80))
        time.sleep(chance.uniform(0, 0.05))
        site.kill()
        restarts.append(site.start())
        assert losses(site, acknowledged) == []
        assert_intact(site)
    ledger = crowd.stop()
    print(f"{KILLS} kills, {ledger.size} acknowledged, {ledger.replays} sent again,", end=" ")
    print(f"ready after {sorted(restarts)[KILLS // 2]:.1f} s, at worst {max(restarts):.1f} s")
    assert ledger.refusals == []
    assert ledger.replays > KILLS
    assert len(ledger.answers) > LEARNERS
    assert losses(site, ledger) == []
    assert doubles(site, ledger) == []
    assert half_done(site) == []
    learners = site.one("SELECT count(*) FROM learners")
    assert len(ledger.started) <= int(str(learners)) <= len(ledger.started) + LEARNERS


def test_the_kill_test_finds_a_server_that_replies_before_it_commits(site: Site) -> None:
    site.app_factory = "tests.durability_test.late:create_app"
    site.start()
    crowd = Crowd(site.port, LEARNERS)
    lost: list[object] = []
    for _ in range(4):
        acknowledged = crowd.after(20)
        site.kill()
        lost = losses(site, acknowledged)
        if lost:
            break
        site.start()
    site.stop()
    crowd.stop()
    assert lost, "a commit after the reply went unnoticed"
