"""One round: product and limit one after the other, for every goal that time can move."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bench import classes, floors, loads, marks, papers, wire
from bench.classes import SIZES, Classes
from bench.goals import GOALS, Pair, Verdict
from bench.page import Pages
from bench.site import LOGINS, Server, Site, copy_of, serving_product
from bench.wire import Load, Script

LEARNERS, CROWD = 16, 64
TOY_ROWS_MS = 0.64
"""What 50 learners × 13 items cost as HTML: docs/do-luong.md, goal 7."""


@dataclass
class Figures:
    """What the rounds found, by goal."""

    pairs: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    loads: list[float] = field(default_factory=list)
    """The machine's load average, once a round."""

    def add(self, key: str, product: float, limit: float = 1.0) -> None:
        """Note one round's figures of a goal."""
        self.pairs[key].append((product, limit))

    def verdicts(self) -> list[Verdict]:
        """Return every goal that was measured, in the order of the list."""
        return [Verdict(goal, tuple(self.pairs[key])) for key, goal in GOALS.items() if self.pairs[key]]


@dataclass
class Bench:
    """The servers, where they work, and how long each load lasts."""

    site: Site
    product: Server
    toys: Server
    folder: Path
    certificate: str
    classes: Classes
    seconds: float
    batch: int
    figures: Figures
    press: floors.BarePress = field(default_factory=floors.BarePress)
    rounds: int = 0

    def round(self) -> None:
        """Measure everything once."""
        self.rounds += 1
        alone = self._answers()
        self._crowd()
        self._beside_sign_ins(alone)
        self._sign_ins()
        self._pages()
        self._papers()
        self._classes()
        self._tables()
        self._marks()
        self._start()
        self.figures.loads.append(os.getloadavg()[0])

    def _many(self, server: Server, script: Callable[[], Script], count: int, share: float = 1) -> Load:
        load = wire.drive(server.port, [script() for _ in range(count)], self.seconds * share)
        self.figures.add("client", load.client_cpu)
        return load

    def _answering(self, count: int, beside: Iterable[Script] = ()) -> Load:
        """Answer for a while; whatever was acknowledged must stand in the database, once."""
        before = self._kept()
        scripts = [loads.answering(self.site) for _ in range(count)]
        load = wire.drive(self.product.port, [*scripts, *beside], self.seconds)
        self.figures.add("answers_lost", abs(self._kept() - before - load.done))
        self.figures.add("client", load.client_cpu)
        return load

    def _kept(self) -> int:
        engine = sa.create_engine(self.site.config.database_url)
        with engine.connect() as connection:
            found = connection.execute(sa.text("SELECT count(*) FROM answers")).scalar_one()
        engine.dispose()
        return int(found)

    def _answers(self) -> Load:
        product = self._answering(LEARNERS)
        toy = self._many(self.toys, loads.toy_answering, LEARNERS)
        raw = floors.raw_commits(self.folder, self.seconds / 2)
        self.figures.add("answers", product.rate, toy.rate)
        self.figures.add("answers_raw", product.rate, raw)
        self.figures.add("p99", product.percentile(99) * 1000, product.percentile(50) * 1000)
        return product

    def _crowd(self) -> None:
        load = self._answering(CROWD)
        self.figures.add("errors_64", load.errors)
        self.figures.add("p99_64", load.percentile(99) * 1000, CROWD / load.rate * 1000)

    def _beside_sign_ins(self, alone: Load) -> None:
        """Answer while eight people sign in all the time."""
        others = (_uncounted(loads.signing_in(login)) for login in LOGINS)
        load = self._answering(LEARNERS, others)
        self.figures.add("answers_beside", load.rate, alone.rate)
        self.figures.add("p99_beside", load.percentile(99) * 1000, alone.percentile(99) * 1000)

    def _sign_ins(self) -> None:
        one = wire.drive(self.product.port, [loads.signing_in(LOGINS[0])], self.seconds / 2)
        verify = floors.verify_seconds(max(5, int(8 * self.seconds)))
        self.figures.add("sign_in", one.percentile(50) * 1000, verify * 1000)
        many = wire.drive(self.product.port, [loads.signing_in(login) for login in LOGINS], self.seconds)
        self.figures.add("sign_ins", many.rate, floors.verifies_at_once(self.seconds / 2))

    def _pages(self) -> None:
        site, person = self.site, self.site.person_cookie
        start = wire.once(self.product.port, wire.request("POST", site.check, person, form=""))
        question = f"{start.header('location')}/cau-1"
        read = self._many(self.toys, loads.toy_reading, LEARNERS, 0.7).rate
        look_up = f"/tra-cuu/{self.certificate}"
        for key, path in (("lesson", site.lesson), ("question", question), ("home_known", "/")):
            self.figures.add(key, self._page(path, person), read)
        self.figures.add("look_up", self._page(look_up), read)
        cached = self._many(self.toys, lambda: loads.reading("/cached"), LEARNERS, 0.7).rate
        paths = {"home": "/", "guest_lesson": site.lesson, "sign_in_page": "/dang-nhap"}
        for key, path in paths.items():
            self.figures.add(key, self._page(path), cached)
        self.figures.add("not_304", sum(not self._knows_304(path) for path in paths.values()))

    def _page(self, path: str, cookie: str = "") -> float:
        load = self._many(self.product, lambda: loads.reading(path, cookie), LEARNERS, 0.7)
        assert not load.errors, path
        return load.rate

    def _knows_304(self, path: str) -> bool:
        tag = wire.once(self.product.port, wire.request("GET", path)).header("etag")
        again = wire.request("GET", path, If_None_Match=tag)
        return bool(tag) and wire.once(self.product.port, again).status == 304

    def _papers(self) -> None:
        seconds, size = papers.product_batch(self.batch)
        self.figures.add("pdf_batch", seconds, papers.bare_batch(self.press, self.batch))
        self.figures.add("pdf_size", size)
        self.figures.add("pdf_first", papers.first_ms())

    def _classes(self) -> None:
        """Open the page of each class, one after the other, and a toy page beside."""
        cookie, took = self.classes.cookie, {}
        scripts = {size: loads.reading(page, cookie) for size, page in self.classes.pages.items()}
        for size, script in scripts.items():
            load = wire.drive(self.product.port, [script], self.seconds / 2)
            assert not load.errors, size
            took[size] = load.percentile(50) * 1000
        toy = wire.drive(self.toys.port, [loads.toy_reading()], self.seconds / 2)
        small, middle, large = (took[size] for size in SIZES)
        self.figures.add("class_growth", large, small)
        self.figures.add("class_300", middle, small)
        self.figures.add("class_page", large, toy.percentile(50) * 1000 + TOY_ROWS_MS)
        page = wire.request("GET", self.classes.pages[SIZES[-1]], cookie, Accept_Encoding="gzip")
        self.figures.add("class_kb", len(wire.once(self.product.port, page).body) / 1024)

    def _tables(self) -> None:
        self.figures.add("csv", *classes.csv_rates(self.site, self.classes))
        self.figures.add("csv_mb", classes.csv_growth(self.site, self.classes))
        self.figures.add("xlsx", classes.product_workbook(), classes.bare_workbook())
        seconds, megabytes = classes.import_figures(self.site, self.folder)
        self.figures.add("import", seconds, classes.raw_import(self.folder))
        self.figures.add("import_mb", megabytes)

    def _marks(self) -> None:
        """Draw, mark, and send a whole check in one request."""
        drawn, shuffled = marks.drawing(self.site)
        self.figures.add("draw", drawn)
        self.figures.add("draw_bare", drawn, shuffled)
        self.figures.add("mark", *marks.marking(self.site))
        pages = Pages(self.site, self.folder / f"page-{self.rounds}")
        whole, alone, commits, more = pages.once()
        pages.close()
        self.figures.add("page", whole, alone)
        self.figures.add("page_commits", commits)
        self.figures.add("page_again", more)

    def _start(self) -> None:
        with serving_product(copy_of(self.site, self.folder / f"start-{self.rounds}")) as server:
            product = server.start_seconds
        self.figures.add("start", product, floors.import_seconds())

    def busiest(self) -> float:
        """Return the most memory the product took while answers, sign-ins and PDFs came together."""
        most, done = [self.product.memory()], threading.Event()

        def watch() -> None:
            while not done.wait(0.1):
                most.append(self.product.memory())

        watcher = threading.Thread(target=watch)
        watcher.start()
        pdf = f"/phieu/{self.certificate}.pdf"
        scripts = [loads.answering(self.site) for _ in range(LEARNERS)]
        scripts += [loads.signing_in(login) for login in LOGINS]
        scripts += [loads.reading(pdf, self.site.person_cookie) for _ in range(4)]
        wire.drive(self.product.port, scripts, self.seconds)
        time.sleep(0.2)
        done.set()
        watcher.join()
        return max(most)


def _uncounted(script: Script) -> Script:
    """Run a script whose requests stay out of the figures."""
    ask = next(script)
    while True:
        reply = yield wire.Ask(ask.sent, ask.status, counts=False)
        ask = script.send(reply)
