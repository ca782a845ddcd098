"""What a page shows to ask a question, kind by kind; nothing in it tells which answer is right.

The keys of an author tell something: a left side has the key of its right side, and things are often
written in their right order. So a page sends places in its own order for them (`thu-1`, `o-a=2`), and
`answer_in` reads them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lms.catalog.catalogue import Choice, Question
from lms.quizzes.responses import (
    NOTHING,
    Response,
    keys,
    left_sides,
    pairs,
    read,
    right_order,
    right_sides,
)
from lms.vietnamese import fold

LISTS = ("single", "true-false", "survey")
"""Kinds answered by one mark of a list, of which “Tôi chưa chắc” is one."""
TYPED = ("text", "number", "open")
"""Kinds answered by words, which never stand in an address."""
CHOOSE = "Chọn một câu trả lời rồi bấm Trả lời."
Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Line:
    """Something to mark, to place or to choose: what is sent for it and the HTML that is read."""

    key: str
    html: str


@dataclass(frozen=True)
class Asked:
    """A question as a page asks it: in an order, with what was given so far and what was wrong with it.

    `lines` are choices, things, left sides, rows or pieces; `options` are what each of them gets: places,
    right sides or columns. `given` holds the fields of the form as they were sent.
    """

    kind: str
    html: str
    text: str
    picture: str
    sender: str
    unit: str
    hints: tuple[str, ...]
    lines: tuple[Line, ...]
    options: tuple[Line, ...]
    unsure: Line | None
    given: Form = field(default_factory=dict)
    faults: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    """What its fields are called by in front, where a page asks many questions."""

    def id(self, name: str) -> str:
        """Return what a field, or another part of the question, is called on the page."""
        return f"{self.prefix}{name}"

    @property
    def is_list(self) -> bool:
        """Tell whether one mark of a list answers it."""
        return self.kind in LISTS

    @property
    def is_typed(self) -> bool:
        """Tell whether words answer it."""
        return self.kind in TYPED

    @property
    def is_plain(self) -> bool:
        """Tell whether the page needs no more style than every page has."""
        return self.is_list and not self.picture and not self.hints

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields, in the order they stand on the page."""
        if self.is_typed:
            return ("viet",)
        if self.kind == "ordering":
            return tuple(f"thu-{line.key}" for line in self.lines)
        if self.kind in {"matching", "matrix"}:
            return tuple(f"o-{line.key}" for line in self.lines)
        return ("chon",)

    def first(self, name: str) -> str:
        """Return what was sent in a field, or nothing."""
        return next(iter(self.given.get(name, ())), "")

    def has(self, name: str, value: str) -> bool:
        """Tell whether a mark was set or an option chosen."""
        return value in self.given.get(name, ())

    def fault(self, name: str) -> str | None:
        """Return what is wrong with a field, or None."""
        return next((sentence for where, sentence in self.faults if where == name), None)


def ask(
    question: Question,
    order: Iterable[str] = (),
    *,
    given: Form | None = None,
    faults: Iterable[tuple[str, str]] = (),
    hints: bool = False,
    prefix: str = "",
) -> Asked:
    """Return what a page needs to ask a question; `order` is the paper's order of keys.

    The pieces of a message keep their place, and left sides and columns stand as written: of a matching
    question the right sides alone follow the order, so that it does not pair them.
    """
    placed = _placed(question.choices, order)
    asked = Asked(
        kind=question.kind,
        html=question.html,
        text=question.text,
        picture=question.picture,
        sender=question.sender,
        unit=question.unit,
        hints=question.hints if hints else (),
        lines=_lines(question, placed),
        options=_options(question, placed),
        unsure=Line(question.unsure.key, question.unsure.html) if question.unsure else None,
        given=given or {},
        prefix=prefix,
    )
    return _with_faults(asked, question, placed, faults)


def answer_in(question: Question, order: Iterable[str], form: Form) -> Response:
    """Read the answer from a form of the page that `ask` made in this order. Raises BadResponse."""
    return read(question, _in_keys(question, _placed(question.choices, order), form))


def _in_keys(question: Question, placed: list[Choice], form: Form) -> Form:
    if question.kind == "ordering":
        return dict(form) | {f"thu-{key}": form.get(f"thu-{n}", ()) for key, n in _places(placed).items()}
    if question.kind == "matching":
        sides = {n: key for key, n in _places(_sides(question, placed)).items()}
        names = [f"o-{line.key}" for line in left_sides(question)]
        return dict(form) | {name: [sides.get(n, "") for n in form.get(name, ())] for name in names}
    return form


def _places(listed: Iterable[Choice]) -> dict[str, str]:
    known = (choice.key for choice in listed if not choice.is_unsure)
    return {key: str(place) for place, key in enumerate(known, start=1)}


def _sides(question: Question, placed: list[Choice]) -> list[Choice]:
    firsts = right_sides(question)
    return [choice for choice in placed if choice in firsts]


def _placed(choices: tuple[Choice, ...], order: Iterable[str]) -> list[Choice]:
    place = {key: number for number, key in enumerate(order)}
    return sorted(choices, key=lambda choice: place.get(choice.key, len(place)))


def _lines(question: Question, placed: list[Choice]) -> tuple[Line, ...]:
    listed: Iterable[Choice] = placed
    if question.kind in TYPED:
        listed = ()
    elif question.kind == "spot":
        listed = question.lines
    elif question.kind == "matching":
        listed = left_sides(question)
    elif question.kind not in LISTS:
        listed = [choice for choice in placed if not choice.is_unsure]
    sent = _places(listed) if question.kind == "ordering" else {}
    return tuple(Line(sent.get(choice.key, choice.key), choice.html) for choice in listed)


def _options(question: Question, placed: list[Choice]) -> tuple[Line, ...]:
    if question.kind == "ordering":
        return tuple(Line(str(n), str(n)) for n in range(1, len(question.lines) + 1))
    if question.kind == "matrix":
        return tuple(Line(column.key, column.html) for column in question.columns)
    if question.kind == "matching":
        sides = _sides(question, placed)
        sent = _places(sides)
        return tuple(Line(sent[choice.key], choice.pair_html) for choice in sides)
    return ()


def _with_faults(
    asked: Asked, question: Question, placed: list[Choice], faults: Iterable[tuple[str, str]]
) -> Asked:
    """Name each faulty field as the page does; the first one where a fault is of the whole."""
    known, sent = asked.fields, {}
    if question.kind == "ordering":
        sent = {f"thu-{key}": f"thu-{place}" for key, place in _places(placed).items()}
    named = ((sent.get(name, name), sentence) for name, sentence in faults)
    fitting = ((name if name in known else known[0], sentence) for name, sentence in named)
    if asked.is_list:
        fitting = ((name, CHOOSE) for name, _ in fitting)
    return replace(asked, faults=tuple(fitting))


def practice_order(question: Question) -> tuple[str, ...]:
    """Return the order of practice, equal for everybody: as written, but neither solved nor in pairs.

    Things to order and right sides stand by the alphabet, or against it where that is the answer.
    """
    if question.kind == "ordering":
        listed, solved = question.lines, right_order(question)
        found = [line.key for line in sorted(listed, key=lambda line: (fold(line.text), line.key))]
    elif question.kind == "matching":
        listed = right_sides(question)
        solved = tuple(line.key for line in listed)
        found = [line.key for line in sorted(listed, key=lambda line: (fold(line.pair), line.key))]
    else:
        return tuple(choice.key for choice in question.choices)
    return tuple(reversed(found) if tuple(found) == solved else found)


def refilled(
    question: Question, order: Iterable[str], choice: str, text: str | None = None
) -> dict[str, list[str]]:
    """Return the form of a page in this order as it was when this answer was given, to change it."""
    if question.kind in LISTS:
        return {"chon": [choice]}
    if question.unsure is not None and choice == question.unsure.key:
        return {"chua_chac": ["1"]}
    if question.kind in TYPED:
        return {"viet": [text or ""]}
    if question.kind == "ordering":
        place = _places(_placed(question.choices, order))
        return {f"thu-{place[key]}": [str(n)] for n, key in enumerate(keys(choice), start=1)}
    if question.kind == "matching":
        side = _places(_sides(question, _placed(question.choices, order)))
        return {f"o-{left}": [side[right]] for left, right in pairs(choice).items()}
    if question.kind == "matrix":
        return {f"o-{row}": [column] for row, column in pairs(choice).items()}
    return {"chon": list(keys(choice))} if choice != NOTHING else {"khong_co": ["1"]}
