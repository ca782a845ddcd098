"""Fifty answers of one check sent in one request, beside one answer in one request."""

import time
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench.counts import counting
from bench.site import Site, copy_of
from lms.catalog.models import CatalogItem
from lms.db import Database
from lms.web import create_app

LENGTH = 50
BROWSER = {"Sec-Fetch-Site": "same-origin"}
_TAKEN = sa.text(
    "SELECT position, edition_id FROM paper_questions JOIN attempts ON id = attempt_id WHERE code = :code"
)


class Pages:
    """A copy of the site whose longest check asks fifty questions, and who takes it."""

    def __init__(self, site: Site, folder: Path) -> None:
        """Gather fifty questions in the first bank and raise its draw."""
        self.database = Database(f"sqlite:///{copy_of(site, folder) / 'lms.db'}")
        self.site, module = site, site.module
        with self.database.transaction() as db:
            items = db.scalars(sa.select(CatalogItem).where(CatalogItem.kind == "question")).all()
            for item in items[: LENGTH + 10]:
                item.parent_id = module.check_id
                item.details = item.details | {"in_check": True, "practice_of": None}
            check = db.scalars(sa.select(CatalogItem).where(CatalogItem.id == module.check_id)).one()
            check.details = check.details | {"draw": LENGTH}
            db.connection().execute(sa.text("UPDATE catalog_state SET revision = revision + 1"))
        self.client = create_app(site.config, self.database).test_client()

    def close(self) -> None:
        """Close the copy."""
        self.database.close()

    def _start(self) -> tuple[str, list[int]]:
        address = self.client.post(self.site.check, headers=BROWSER).headers["Location"]
        with self.database.reading() as db:
            taken = db.connection().execute(_TAKEN, {"code": address.rpartition("/")[2]}).all()
        return address, sorted(row.position for row in taken)

    def once(self) -> tuple[float, float, int, int]:
        """Return ms of fifty answers at once and of one alone, the commits, and what a replay added."""
        address, positions = self._start()
        assert len(positions) == LENGTH, len(positions)
        alone = []
        for position in positions[:5]:
            begun = time.perf_counter()
            self._send(f"{address}/cau-{position}", {"chon": self.site.choice})
            alone.append(time.perf_counter() - begun)
        # The rest of this paper, then a new one whole.
        self._send(f"{address}/ca-bai", {f"c{n}-chon": self.site.choice for n in positions})
        address, positions = self._start()
        form = {f"c{n}-chon": self.site.choice for n in positions}
        with counting(self.database) as count:
            begun = time.perf_counter()
            self._send(f"{address}/ca-bai", form)
            whole = time.perf_counter() - begun
        before = self._kept()
        self._send(f"{address}/ca-bai", form)
        return whole * 1000, median(alone) * 1000, count.commits, self._kept() - before

    def _send(self, address: str, form: dict[str, str]) -> None:
        reply = self.client.post(address, data=form, headers=BROWSER)
        assert reply.status_code == 303, reply.text[:500]

    def _kept(self) -> int:
        with self.database.reading() as db:
            return int(db.connection().execute(sa.text("SELECT count(*) FROM answers")).scalar_one())
