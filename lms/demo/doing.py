"""Doing the deeds of the month, each through the action that a screen would call."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.catalog.catalogue import Catalogue, Module, Question
from lms.certificates.actions import Issuer
from lms.classrooms.joining import BY_SLIP
from lms.classrooms.slips import find_slip, redeem, slip_mac
from lms.demo import month
from lms.demo.month import Deed
from lms.demo.people import staff_key
from lms.demo.village import Known, Village
from lms.people import actions as people
from lms.people.merging import merge_person
from lms.progress.actions import Doer, complete_lesson, settle_person
from lms.quizzes.actions import answer, start_attempt
from lms.quizzes.independence import witness_own_check
from lms.quizzes.queries import OpenPaper, paper_by_code
from lms.quizzes.responses import best

BY_LEARNER = "learner"
WITNESS_OF = {"4A": "lan", "6A": "minh"}
KNOWN_NEXT_DOOR = {"hoa": staff_key("hoa")}
"""Parents of record who are known as somebody else next door, and say so when they join."""
THINKING = timedelta(seconds=40)


@dataclass
class Doing:
    """The people of the demo at work."""

    db: Session
    village: Village
    catalogue: Catalogue
    issuer: Issuer
    secret: bytes
    doers: dict[str, Doer] = field(default_factory=dict)
    homes: dict[str, uuid.UUID] = field(default_factory=dict)
    slips: dict[str, str] = field(default_factory=dict)

    def do(self, deed: Deed) -> None:
        """Do one deed."""
        match deed.what:
            case month.OWN:
                self.doers[deed.who] = self._named(deed.who, deed.at)
            case month.GUEST:
                self.doers[deed.who] = Doer(people.make_learner(self.db, deed.at))
            case month.JOIN:
                self._join(deed)
            case month.LESSON:
                lesson = self.catalogue.lessons[deed.item]
                complete_lesson(self.db, self._doer(deed), lesson, self.catalogue, self.issuer, deed.at)
            case month.CHECK:
                self._take_check(deed, self.catalogue.modules[deed.item])
            case month.WITNESS:
                self._witness(deed)

    def _named(self, who: str, at: datetime) -> Doer:
        learner, known = people.make_learner(self.db, at), self.village.people[who]
        people.claim(self.db, learner, known.id, BY_LEARNER, at)
        return Doer(learner, known.id, known.full_name)

    def _doer(self, deed: Deed) -> Doer:
        mate = self.doers[deed.partner].learner_id if deed.partner else None
        return replace(self.doers[deed.who], partner_id=mate)

    def _join(self, deed: Deed) -> None:
        """Open the family's household with the children in it; what was learned as a guest is claimed."""
        if deed.who in KNOWN_NEXT_DOOR:
            of_record, before = self.village.people[deed.who], self.village.people[KNOWN_NEXT_DOOR[deed.who]]
            merge_person(self.db, before.id, of_record.id, BY_SLIP, deed.at)
            self.village.people[deed.who] = replace(of_record, id=before.id)
        known, guest = self.village.people[deed.who], self.doers.get(deed.who)
        self._enter_home(deed, known)
        if guest is None:
            self.doers[deed.who] = self._named(deed.who, deed.at)
            return
        people.claim(self.db, guest.learner_id, known.id, BY_LEARNER, deed.at)
        self.doers[deed.who] = replace(guest, person_id=known.id, full_name=known.full_name)
        settle_person(self.db, self.doers[deed.who], self.catalogue, self.issuer, deed.at)

    def _enter_home(self, deed: Deed, known: Known) -> None:
        """Use up the slips of the children for the household of whoever of the family came first."""
        children = self.village.children[deed.who]
        home = next((self.homes[child] for child in children if child in self.homes), None)
        if home is None:
            household, _ = people.open_household(self.db, self.secret, deed.at)
            home = household.id
        people.join_household(self.db, home, known.id, known.relation, deed.at)
        for child in children:
            if child not in self.homes:
                self._use_slip(child, home, deed.at)
                self.homes[child] = home

    def _use_slip(self, child: str, home: uuid.UUID, at: datetime) -> None:
        found = find_slip(self.db, slip_mac(self.secret, self.slips.pop(child)), at)
        if found is None or not redeem(self.db, found.id, home, at):
            raise LookupError(child)

    def _take_check(self, deed: Deed, module: Module) -> None:
        doer = self._doer(deed)
        code = start_attempt(self.db, doer, module, deed.at - THINKING * (module.draw + 1))
        paper = paper_by_code(self.db, code, doer.learner_id, doer.person_id)
        if paper is None:
            raise LookupError(code)
        wrong = _wrong(paper, deed.how)
        for row in paper.rows:
            key = given(self.catalogue.questions[row.edition_id], right=row.position > wrong)
            # The deed is the moment of handing in, so that nothing happens after now.
            at = deed.at - THINKING * (len(paper.rows) - row.position)
            answer(self.db, doer, code, row.position, key, self.catalogue, self.issuer, at)

    def _witness(self, deed: Deed) -> None:
        login = WITNESS_OF[deed.who.split("-")[0]]
        teacher = self.village.people[staff_key(login)]
        module = self.catalogue.modules[deed.item]
        witness_own_check(self.db, self.doers[deed.who], module, teacher.id, deed.at)


def given(question: Question, *, right: bool) -> str:
    """Return an answer to a question of any kind: the right one, or one that earns nothing."""
    if right or question.unsure is None:
        return best(question) or question.choices[0].key
    if question.kind in {"single", "true-false"}:
        return next(line.key for line in question.lines if not line.is_right)
    return question.unsure.key


def _wrong(paper: OpenPaper, how: str) -> int:
    """Return how many answers are wrong: none, one where that still passes, or more than may be."""
    out_of = len(paper.rows)
    if how == month.FAILS:
        return out_of // 2 + 1
    passes_with_one = (out_of - 1) * 100 >= paper.pass_percent * out_of
    return 1 if how == month.ONE_SLIP and passes_with_one else 0
