"""A second pupil who comes, or goes, in the middle of a check: what was helped is helped to its end."""

from dataclasses import replace

import pytest

from lms import clock
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.queries import load
from lms.db import ScopedSession
from lms.progress.actions import Doer
from lms.progress.queries import done_items
from lms.quizzes.actions import answer
from lms.quizzes.independence import passed_alone, witness_own_check
from tests.cast import Cast
from tests.story import ISSUER, begin, choice, known


def pass_in_two_parts(
    db: ScopedSession, before: Doer, after: Doer, module: Module, catalogue: Catalogue
) -> None:
    """Answer the first question as one doer and the rest as another, all right."""
    code, paper = begin(db, before, module)
    for row in paper.rows:
        doer = before if row.position == 1 else after
        key = choice(catalogue, row.edition_id, right=True)
        answer(db, doer, code, row.position, key, catalogue, ISSUER, clock.now())


@pytest.mark.parametrize("comes", [True, False])
def test_a_check_that_two_shared_in_part_is_nobody_s_own(db: ScopedSession, cast: Cast, comes: bool) -> None:
    catalogue = load(db)
    module = catalogue.courses[0].modules[0]
    alone, other = known(db, "Trần Thị Na"), known(db, "Lê Văn Tý")
    both = replace(alone, partner_id=other.learner_id)
    parts = (alone, both) if comes else (both, alone)
    pass_in_two_parts(db, *parts, module, catalogue)
    done = done_items(db, alone.learner_id, alone.person_id)
    assert done[module.check_id].mode == "assisted"
    assert alone.person_id is not None
    assert passed_alone(db, [alone.person_id], [module.id]) == set()
    assert not witness_own_check(db, alone, module, cast.lan_person.id, clock.now())
