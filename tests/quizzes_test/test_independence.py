"""Helped work stays level 1: two at one machine are both credited, and neither was seen doing it alone."""

from dataclasses import replace

import sqlalchemy as sa

from lms import clock
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.progress.models import ItemCompletion
from lms.progress.queries import done_items
from lms.quizzes.independence import passed_alone, witness_own_check
from tests.cast import Cast
from tests.story import known, learn_module, take_check


def test_what_two_did_together_is_witnessed_for_neither_until_each_does_it_alone(
    db: ScopedSession, cast: Cast
) -> None:
    catalogue, now = load(db), clock.now()
    module = catalogue.courses[0].modules[0]
    first, second = known(db, "Trần Thị Na"), known(db, "Lê Văn Tý")
    learn_module(db, replace(first, partner_id=second.learner_id), module, catalogue)
    witness = cast.lan_person.id
    for doer in (first, second):
        done = done_items(db, doer.learner_id, doer.person_id)
        assert (done[module.id].level, done[module.id].mode) == (1, "assisted")
        assert not witness_own_check(db, doer, module, witness, now)

    take_check(db, second, module, catalogue)
    people = [doer.person_id for doer in (first, second) if doer.person_id]
    assert passed_alone(db, people, [module.id]) == {(second.person_id, module.id)}
    assert not witness_own_check(db, first, module, witness, now)
    assert witness_own_check(db, second, module, witness, now)
    assert not witness_own_check(db, second, module, witness, now)
    done = done_items(db, second.learner_id, second.person_id)
    assert (done[module.id].level, done[module.id].mode) == (2, "supervised")
    seen = sa.select(ItemCompletion.witness_id).where(ItemCompletion.level == 2)
    assert set(db.scalars(seen)) == {witness}


def test_a_failed_check_and_a_guests_check_are_nobodys_own(db: ScopedSession, cast: Cast) -> None:
    catalogue, now = load(db), clock.now()
    module = catalogue.courses[0].modules[0]
    doer = known(db, "Trần Thị Na")
    take_check(db, doer, module, catalogue, wrong=module.draw)
    assert not witness_own_check(db, doer, module, cast.lan_person.id, now)
    assert not witness_own_check(db, replace(doer, person_id=None), module, cast.lan_person.id, now)
    assert passed_alone(db, [], [module.id]) == set()
