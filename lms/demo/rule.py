"""Choices made by rule instead of chance, so that each run gives the same people and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Rule:
    """Chooses by the digest of a number and of what the choice is about; another number, other people."""

    number: int = 1

    def below(self, limit: int, *about: object) -> int:
        """Return a number from 0 to `limit` - 1."""
        words = "\n".join(map(str, (self.number, *about)))
        return int.from_bytes(blake2b(words.encode(), digest_size=8).digest()) % limit

    def pick(self, among: Sequence[T], *about: object) -> T:
        """Return one of several things."""
        return among[self.below(len(among), *about)]

    def share(self, percent: int, *about: object) -> bool:
        """Tell whether this one belongs to a share of all."""
        return self.below(100, *about) < percent
