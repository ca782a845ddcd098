"""Building the demo within a test's transaction, and counting what stands in it."""

from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa

from lms.certificates.actions import Issuer
from lms.db import ScopedSession
from lms.demo import building
from lms.demo.building import Told
from tests.ops_test.home import ADDRESS
from tests.story import SECRET

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def build(db: ScopedSession, now: datetime = NOW) -> Told:
    """Build the demo at a moment."""
    issuer = Issuer("Trang học thử", ADDRESS)
    return building.build(db, issuer, SECRET, 1, now, "a test", lambda deeds, _count: deeds)


def figures(db: ScopedSession) -> dict[tuple[str, str], Counter[str]]:
    """Return, for each class and audience, how many there are and how many have completed each item."""
    rows = db.execute(
        sa.text(
            "SELECT d.name, m.audience, c.item_id, count(DISTINCT m.person_id) AS people "
            "FROM memberships m JOIN unit_descriptions d ON d.unit_id = m.unit_id "
            "LEFT JOIN claims k ON k.person_id = m.person_id AND k.undone_at IS NULL "
            "LEFT JOIN item_completions c ON c.learner_id = k.learner_id "
            "WHERE m.left_on IS NULL GROUP BY d.name, m.audience, c.item_id"
        )
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        found.setdefault((row.name, row.audience), Counter())[row.item_id or "-"] = row.people
    return found
