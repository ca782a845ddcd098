"""Sittings in the classes of the world that the access policy speaks of, and An's paper in one."""

from lms import clock
from lms.catalog.catalogue import Catalogue
from lms.db import ScopedSession
from lms.quizzes.sittings import enter_sitting, open_sitting
from tests.awarding import doer_of
from tests.cast import Cast


def let_classes_sit(db: ScopedSession, cast: Cast, catalogue: Catalogue) -> dict[str, str]:
    """Open a sitting of the first module in 4A, 4B and 6A, and of the second in 4A, which An is writing.

    Return the things: `buoi-4a`, `buoi-4b`, `buoi-6a` and `ma-buoi-4a`, `ma-buoi-6a`, their codes;
    `buoi-em-4a` and `bai-buoi-4a`, the sitting and the paper of An.
    """
    now, found = clock.now(), dict[str, str]()
    first, second = (module for course in catalogue.courses for module in course.modules[:2])
    who = (cast.lan.id, cast.lan_person.id)
    for short in ("4a", "4b", "6a"):
        sitting = open_sitting(db, getattr(cast, f"class_{short}").id, first, *who, 15, "", now)
        found |= {f"buoi-{short}": sitting.ref, f"ma-buoi-{short}": sitting.code}
    writing = open_sitting(db, cast.class_4a.id, second, *who, 15, "", now)
    paper = enter_sitting(db, doer_of(db, cast.an.id, cast.an.full_name), writing, second, now)
    return found | {"buoi-em-4a": writing.ref, "bai-buoi-4a": paper}
