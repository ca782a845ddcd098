"""A school year in an address that no school has."""

import pytest
from flask import Flask

from lms.config import Config
from lms.db import ScopedSession
from tests.cast import Cast
from tests.web_test.joining import signed_in


@pytest.mark.parametrize("typed", ["0000", "0001", "99999", "x", "²026"])
def test_a_year_that_is_none_shows_the_classes_of_this_year(
    app: Flask, db: ScopedSession, settings: Config, cast: Cast, typed: str
) -> None:
    officer = signed_in(app, db, settings, cast.head)
    officer.get(f"/truong/{cast.hoa_sen.ref}/lop?nam={typed}")
    assert "4A" in officer.words
