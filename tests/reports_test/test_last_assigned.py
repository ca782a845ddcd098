"""The figures open on what was assigned last at or under the unit."""

from datetime import date, timedelta

from lms import clock
from lms.catalog.queries import load
from lms.classrooms.assigning import assign, withdraw
from lms.db import ScopedSession
from lms.places.models import Unit
from lms.places.queries import Place, place_by_id
from lms.reports.queries import last_assigned
from tests.cast import Cast

DUE = date(2026, 12, 1)


def at(db: ScopedSession, unit: Unit) -> Place:
    found = place_by_id(db, unit.id, clock.today())
    assert found is not None
    return found


def test_the_last_standing_assignment_of_a_unit_is_its_own_or_that_of_a_class_below(
    db: ScopedSession, cast: Cast
) -> None:
    course, now = load(db).courses[0], clock.now()
    assert last_assigned(db, at(db, cast.commune)) is None
    assign(db, cast.class_4a.id, course.modules[0].id, "parent", DUE, now, by=None)
    later = assign(db, cast.class_4b.id, course.id, "student", DUE, now + timedelta(minutes=1), by=None)
    assert last_assigned(db, at(db, cast.class_4a)) == course.modules[0].id
    assert last_assigned(db, at(db, cast.hoa_sen)) == course.id
    assert last_assigned(db, at(db, cast.sao_mai)) is None
    withdraw(db, later, now)
    assert last_assigned(db, at(db, cast.commune)) == course.modules[0].id
