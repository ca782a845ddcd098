"""Short names of a class and the three pictures of a pupil: plain values."""

import re
import uuid
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from lms import clock
from lms.classrooms.models import PictureKey
from lms.classrooms.pictures import PICTURES, rounds, secret_pictures, set_anew
from lms.classrooms.short_names import short_names
from lms.db import ScopedSession
from tests.cast import Cast
from tests.conftest import ROOT
from tests.story import SECRET

WORDS = st.sampled_from(
    ["An", "Ân", "an", "Bình", "Thị", "Đinh", "Trần", "Văn", "H'Hen", "Niê", "Y", "A", "2", "1"]
)
NAMES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), max_size=30)


@pytest.mark.parametrize(
    ("full", "short"),
    [
        (["Đinh Thị An"], ["An (Đinh)"]),
        (["Đinh Thị An", "Trần Văn An"], ["An (Đinh)", "An (Trần)"]),
        (["Đinh Thị An", "Đinh Văn An"], ["An (Đinh Thị)", "An (Đinh Văn)"]),
        (["Đinh An", "Đinh Thị An"], ["An (Đinh)", "An (Đinh Thị)"]),
        (["Đinh Thị An", "Đinh Thị An", "Lê Nam"], ["An (Đinh Thị) 1", "An (Đinh Thị) 2", "Nam (Lê)"]),
        (["đinh thị an", "Đinh Thị An"], ["an (đinh thị) 1", "An (Đinh Thị) 2"]),
        (["Nguyễn Thị Ấn", "Nguyễn Thị Ân"], ["Ấn (Nguyễn)", "Ân (Nguyễn)"]),
        (
            ["H'Hen Niê", "A Phúc", "Y Moan Ênuôl", "Ka Hằng"],
            ["H'Hen Niê", "A Phúc", "Y Moan Ênuôl", "Ka Hằng"],
        ),
        (["Ksor H’Bŏ Khăp", "Rơ Châm Phước"], ["Ksor H’Bŏ Khăp", "Phước (Rơ)"]),
        (["A Phúc", "A Phúc"], ["A Phúc 1", "A Phúc 2"]),
        (["An"], ["An"]),
        (["  Đinh   Thị  An "], ["An (Đinh)"]),
        ([], []),
    ],
)
def test_a_short_name_is_as_long_as_the_class_needs(full: list[str], short: list[str]) -> None:
    assert short_names(full) == short


@given(NAMES)
def test_short_names_of_a_class_are_all_different_and_in_order(full: list[str]) -> None:
    short = short_names(full)
    assert len(short) == len(full)
    assert [name for name, n in Counter(s.casefold() for s in short).items() if n > 1] == []
    assert short == short_names(full)
    for whole, own in zip(full, short, strict=True):
        assert set(re.findall(r"\w+", whole)) & set(re.findall(r"\w+", own))


def test_a_pupil_has_three_different_pictures_and_all_triples_occur_about_equally() -> None:
    unit = uuid.UUID(int=7)
    drawn = [secret_pictures(SECRET, unit, uuid.UUID(int=n)) for n in range(3000)]
    assert all(len(set(three)) == 3 and set(three) <= PICTURES.keys() for three in drawn)
    for place in range(3):
        often = Counter(three[place] for three in drawn)
        assert len(often) == 12
        assert 180 < min(often.values()) <= max(often.values()) < 330
    assert len(set(drawn)) > 1000


def test_pictures_hang_on_the_site_the_class_the_pupil_and_the_round() -> None:
    unit, pupil = uuid.UUID(int=1), uuid.UUID(int=2)
    own = secret_pictures(SECRET, unit, pupil)
    assert own == secret_pictures(SECRET, unit, pupil, 0)
    others = [
        secret_pictures(b"another secret of the tests 32 b", unit, pupil),
        secret_pictures(SECRET, uuid.UUID(int=3), pupil),
        secret_pictures(SECRET, unit, uuid.UUID(int=4)),
        secret_pictures(SECRET, unit, pupil, 1),
    ]
    assert own not in others


def test_every_picture_is_drawn() -> None:
    drawn = (ROOT / "templates" / "_macros" / "pictures.html").read_text(encoding="utf-8")
    assert set(re.findall(r'id="hinh-([\w-]+)"', drawn)) == PICTURES.keys()


def test_setting_pictures_anew_always_changes_them_and_keeps_no_picture(
    db: ScopedSession, cast: Cast
) -> None:
    now, unit = clock.now(), cast.class_4a.id
    seen = [secret_pictures(SECRET, unit, cast.an.id)]
    for n in range(1, 30):
        set_anew(db, SECRET, unit, cast.an.id, now + timedelta(minutes=n))
        seen.append(secret_pictures(SECRET, unit, cast.an.id, rounds(db, unit)[cast.an.id]))
        assert seen[-1] != seen[-2]
    kept = db.execute(sa.select(PictureKey.__table__)).one()
    assert kept.round >= 29
    assert not {str(value) for value in kept} & PICTURES.keys()
    assert rounds(db, cast.class_4b.id) == {}
