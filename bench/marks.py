"""Marking and drawing beside bare loops, and two hundred people who answer at once on both databases."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from bench import loads, wire
from bench.site import Site, make_twin, serving_product
from lms.catalog.catalogue import Question
from lms.quizzes.drawing import draw
from lms.quizzes.grading import grade
from tests.run import postgresql

BANK, COUNT, PAPERS = 500, 10, 300
PEOPLE = 200


def bank_of(site: Site) -> tuple[Question, ...]:
    """Return a bank of 500: the real questions again and again under ids of their own, over 12 skills."""
    real = [question for module in site.catalogue.modules.values() for question in module.bank]
    return tuple(
        replace(
            real[n % len(real)],
            id=f"q{n}",
            edition_id=f"e{n}",
            skill=f"skill-{n % 12}",
            difficulty=n % 3 + 1,
            near=f"near-{n // 5}" if n % 5 < 2 else "",
        )
        for n in range(BANK)
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    for _ in range(PAPERS):
        work()
    return (time.perf_counter() - begun) / PAPERS


def drawing(site: Site) -> tuple[float, float]:
    """Return the milliseconds of drawing a paper of 10 from 500, and of shuffling the 500 and their choices.

    A fifth of the bank was missed before and half was seen.
    """
    bank, source = bank_of(site), random.Random(7)
    missed = frozenset(question.id for question in bank[::5])
    seen = frozenset(question.id for question in bank[::2])

    def bare() -> None:
        for question in source.sample(bank, len(bank))[:COUNT]:
            keys = [choice.key for choice in question.choices]
            source.shuffle(keys)

    product = _seconds(lambda: draw(bank, COUNT, source, missed=missed, seen=seen))
    return product * 1000, _seconds(bare) * 1000


def marking(site: Site) -> tuple[float, float]:
    """Return the microseconds of marking a paper of 10, and of looking each key up in a dictionary."""
    bank, source = bank_of(site)[:COUNT], random.Random(7)
    paper = [(question, source.choice(question.choices).key) for question in bank]
    right = {(q.edition_id, c.key): c.is_right for q in bank for c in q.choices}

    def bare() -> int:
        return sum(right[question.edition_id, key] for question, key in paper)

    return _seconds(lambda: grade(paper)) * 1e6, _seconds(bare) * 1e6


def crowd(port: int, site: Site, seconds: float) -> wire.Load:
    """Let two hundred people answer at once for a while."""
    return wire.drive(port, [loads.answering(site) for _ in range(PEOPLE)], seconds)


def kept(url: str) -> int:
    """Return how many answers a database holds."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT count(*) FROM answers")).scalar_one()
    engine.dispose()
    return int(found)


@dataclass(frozen=True)
class Crowded:
    """What two hundred people at once met; `p99` is told as a multiple of 200 ÷ throughput."""

    rate: float
    p99: float
    errors: int
    lost: int


def crowded(url: str, port: int, site: Site, seconds: float) -> Crowded:
    """Measure two hundred people at once; what was acknowledged must stand in the database, once."""
    before = kept(url)
    load = crowd(port, site, seconds)
    lost = abs(kept(url) - before - load.done)
    return Crowded(load.rate, load.percentile(99) * load.rate / PEOPLE, load.errors, lost)


@contextmanager
def on_postgresql(site: Site, folder: Path) -> Iterator[tuple[str, int]]:
    """Serve a twin of the site on a PostgreSQL of its own; give its address and the server's port."""
    with postgresql() as server:
        engine = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE bench"))
        engine.dispose()
        url = f"{server}/bench"
        make_twin(site, url)
        folder.mkdir()
        shutil.copy(site.config.data / "secret.key", folder / "secret.key")
        with serving_product(folder, DATABASE_URL=url) as product:
            yield url, product.port
