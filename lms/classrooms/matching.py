"""Which rows of a roster are which people known already; where that is not certain, a question.

Pure: no database. A pair once made is never made again, and nothing is guessed: a child that is taken
for another loses what it has learned, and a child taken for a new one is counted twice.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lms.vietnamese import fold, same_name


@dataclass(frozen=True)
class Sought:
    """Whom a row speaks of. `place` is where the row puts them; `mark` is what tells namesakes apart.

    The mark of a pupil is the birthday, which does not change (`fixed_mark`); of a staff member the phone.
    """

    line: int
    name: str
    place: Hashable
    code: str | None = None
    mark: Hashable = None


@dataclass(frozen=True)
class Face:
    """Somebody known: in which places, and whether all of them belong to a school year that is over."""

    id: uuid.UUID
    name: str
    places: frozenset[Hashable]
    code: str | None = None
    mark: Hashable = None
    is_from_before: bool = False


@dataclass(frozen=True)
class Doubt:
    """A row that may be one of several people, or nobody known; only a human can tell."""

    options: tuple[uuid.UUID, ...]


Found = uuid.UUID | None | Doubt
"""The person a row is, None for somebody new, or the question."""


class Matcher:
    """Pairs the rows of one file with the people of one school, the surest ways first."""

    def __init__(
        self,
        rows: Sequence[Sought],
        faces: Iterable[Face],
        is_unchanged: Callable[[int, uuid.UUID], bool],
        *,
        fixed_mark: bool,
        wide: bool,
    ) -> None:
        """Take the rows; `is_unchanged` tells whether a row says nothing new of a person.

        `wide`: the file holds the whole school, so that who stands in another place has moved.
        """
        self._rows = rows
        self._faces = {face.id: face for face in faces}
        self._is_unchanged, self._fixed_mark, self._wide = is_unchanged, fixed_mark, wide
        self._folded = {row.line: fold(row.name) for row in rows}
        self._by_code: dict[str, list[Face]] = defaultdict(list)
        self._by_name: dict[str, list[Face]] = defaultdict(list)
        for face in self._faces.values():
            if face.code:
                self._by_code[face.code].append(face)
            self._by_name[fold(face.name)].append(face)
        self._alike = Counter((self._folded[row.line], row.mark) for row in rows)
        self._found: dict[int, Found] = {}
        self._taken: set[uuid.UUID] = set()

    def pairs(self, answers: Mapping[int, uuid.UUID | None]) -> dict[int, Found]:
        """Return who each row is. An answer counts only where its question stands."""
        for row in self._rows:
            self._by_sector_code(row)
        self._by_group(lambda row: (row.place, self._folded[row.line], row.mark), self._same_mark_here)
        self._by_group(lambda row: (row.place, self._folded[row.line]), self._same_name_here)
        for row in self._open():
            self._by_likeness(row)
        for row in self._open():
            self._elsewhere(row)
        for row in self._open():
            self._found[row.line] = None
        self._answer(answers)
        return self._found

    def _open(self) -> list[Sought]:
        return [row for row in self._rows if row.line not in self._found]

    def _take(self, row: Sought, face: Face) -> None:
        self._found[row.line] = face.id
        self._taken.add(face.id)

    def _ask(self, row: Sought, faces: Iterable[Face]) -> None:
        self._found[row.line] = Doubt(tuple(face.id for face in faces))

    def _free(self, row: Sought) -> list[Face]:
        """Return the people of the same folded name whose code does not say that they are others."""
        return [
            face
            for face in self._by_name[self._folded[row.line]]
            if face.id not in self._taken and not (row.code and face.code and row.code != face.code)
        ]

    def _marks_differ(self, row: Sought, face: Face) -> bool:
        return bool(self._fixed_mark and row.mark and face.mark and row.mark != face.mark)

    def _by_sector_code(self, row: Sought) -> None:
        holders = [f for f in self._by_code.get(row.code or "", ()) if f.id not in self._taken]
        if len(holders) == 1 and self._is_plausible(row, holders[0]):
            self._take(row, holders[0])
        elif holders:
            self._ask(row, holders)

    def _is_plausible(self, row: Sought, face: Face) -> bool:
        """Tell a name that was corrected from a column that was sorted apart from the others."""
        return self._folded[row.line] == fold(face.name) or (row.mark is not None and row.mark == face.mark)

    def _same_mark_here(self, row: Sought) -> list[Face]:
        return [f for f in self._free(row) if row.mark and f.mark == row.mark and row.place in f.places]

    def _same_name_here(self, row: Sought) -> list[Face]:
        return [
            face
            for face in self._free(row)
            if row.place in face.places
            and (row.name == face.name or same_name(row.name, face.name))
            and not self._marks_differ(row, face)
        ]

    def _by_group(
        self, key: Callable[[Sought], Hashable], candidates: Callable[[Sought], list[Face]]
    ) -> None:
        groups: dict[Hashable, list[Sought]] = defaultdict(list)
        for row in self._open():
            groups[key(row)].append(row)
        for group in groups.values():
            self._pair_group(group, candidates)

    def _pair_group(self, group: list[Sought], candidates: Callable[[Sought], list[Face]]) -> None:
        """Pair namesakes: one with one; of several first those of whom nothing new is said."""
        if len(group) == 1 and len(only := candidates(group[0])) == 1:
            self._take(group[0], only[0])
            return
        rest = len(group)
        for row in group:
            exact = [face for face in candidates(row) if self._is_unchanged(row.line, face.id)]
            if exact and len(exact) <= rest:
                self._take(row, exact[0])
                rest -= 1
        for row in group:
            if row.line not in self._found and (left := candidates(row)):
                self._ask(row, left)

    def _free_here(self, row: Sought) -> list[Face]:
        return [face for face in self._free(row) if row.place in face.places]

    def _by_likeness(self, row: Sought) -> None:
        """Ask where one thing differs: the birthday, or the marks on the letters of the name."""
        alike = [
            face
            for face in self._free_here(row)
            if not (self._marks_differ(row, face) and not same_name(row.name, face.name))
        ]
        if alike:
            self._ask(row, alike)

    def _elsewhere(self, row: Sought) -> None:
        if not row.mark:
            return
        twins = [face for face in self._free(row) if face.mark == row.mark and row.place not in face.places]
        alone = len(twins) == 1 and self._alike[(self._folded[row.line], row.mark)] == 1
        if alone and (self._wide or twins[0].is_from_before):
            self._take(row, twins[0])
        elif twins:
            self._ask(row, twins)

    def _answer(self, answers: Mapping[int, uuid.UUID | None]) -> None:
        for row in self._rows:
            doubt = self._found[row.line]
            if not isinstance(doubt, Doubt) or row.line not in answers:
                continue
            chosen = answers[row.line]
            if chosen is None:
                self._found[row.line] = None
            elif chosen in doubt.options and chosen not in self._taken:
                self._take(row, self._faces[chosen])
