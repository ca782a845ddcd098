"""A class before its teacher: open a sitting, come in, answer, hand in, one step a function."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.catalogue import Catalogue, Module
from lms.catalog.queries import load
from lms.progress.actions import Doer
from lms.quizzes.models import Sitting
from lms.quizzes.queries import OpenPaper, paper_by_code
from lms.quizzes.sittings import Given, enter_sitting, give_answer, hand_in_sitting, open_sitting
from tests.cast import Cast
from tests.story import ISSUER, choice

MODULE = "man-hinh"


@dataclass(frozen=True)
class Room:
    """A sitting of 4A with what its steps need."""

    db: Session
    cast: Cast
    catalogue: Catalogue
    module: Module
    sitting: Sitting
    opened_at: datetime

    def enter(self, doer: Doer, now: datetime | None = None) -> str:
        """Begin somebody's paper; return its code."""
        return enter_sitting(self.db, doer, self.sitting, self.module, now or self.opened_at)

    def paper(self, doer: Doer, code: str) -> OpenPaper:
        """Return a paper as its owner finds it."""
        found = paper_by_code(self.db, code, doer.learner_id, doer.person_id)
        assert found is not None
        return found

    def key(self, doer: Doer, code: str, position: int, *, right: bool) -> str:
        """Return a right or a wrong choice of a question of a paper."""
        row = self.paper(doer, code).at(position)
        assert row is not None
        return choice(self.catalogue, row.edition_id, right=right)

    def give(
        self, doer: Doer, code: str, position: int, key: str, now: datetime | None = None, seen: int = 0
    ) -> Given:
        """Answer a question, having seen so many answers to it."""
        given = give_answer(
            *(self.db, doer, code, position, key, seen, self.catalogue, ISSUER), now or self.opened_at
        )
        assert given is not None
        return given

    def answer_all(self, doer: Doer, code: str, now: datetime | None = None, *, right: bool = True) -> None:
        """Answer every question."""
        for row in self.paper(doer, code).rows:
            self.give(doer, code, row.position, self.key(doer, code, row.position, right=right), now)

    def hand_in(self, doer: Doer, code: str, now: datetime | None = None) -> OpenPaper:
        """Hand a paper in; return it as it stands then."""
        hand_in_sitting(self.db, doer, code, self.catalogue, ISSUER, now or self.opened_at)
        return self.paper(doer, code)


def open_room(
    db: Session, cast: Cast, module_id: str = MODULE, minutes: int = 15, form: str = "", draw: int = 0
) -> Room:
    """Let cô Lan open a sitting of her class; `draw` asks for fewer questions than the bank says."""
    now, catalogue = clock.now(), load(db)
    module = catalogue.modules[module_id]
    module = replace(module, draw=draw or module.draw)
    sitting = open_sitting(
        *(db, cast.class_4a.id, module, cast.lan.id, cast.lan_person.id, minutes, form), now
    )
    return Room(db, cast, catalogue, module, sitting, now)
