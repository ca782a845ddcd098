"""What an error of the database says is logged: it holds nobody's name."""

import pytest
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.db import ScopedSession
from lms.people.actions import add_person
from lms.people.memberships import join_unit
from tests.cast import OPENED, Cast


def test_an_error_of_the_database_tells_no_name_and_no_telephone(db: ScopedSession, cast: Cast) -> None:
    person = add_person(db, "Vũ Thị Mơ", clock.now())
    where = (person.id, cast.class_4a.id, "parent", "Vũ Thị Mơ", OPENED)
    join_unit(db, *where, phone="0900000777")
    with pytest.raises(IntegrityError) as refused:
        join_unit(db, *where, phone="0900000777")
    said = str(refused.value)
    assert "memberships" in said
    assert "Mơ" not in said
    assert "0900000777" not in said
