"""The three pictures by which a pupil signs in: they follow from the site's secret; only a count is kept."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.classrooms.models import PictureKey
from lms.db import insert_once, unscoped
from lms.mac import mac

PICTURES: Mapping[str, str] = {
    "mat-troi": "mặt trời",
    "ngoi-sao": "ngôi sao",
    "bong-hoa": "bông hoa",
    "cai-cay": "cái cây",
    "con-ca": "con cá",
    "con-meo": "con mèo",
    "ngoi-nha": "ngôi nhà",
    "con-thuyen": "con thuyền",
    "cai-o": "cái ô",
    "qua-tao": "quả táo",
    "con-dieu": "con diều",
    "o-to": "ô tô",
}
"""Each picture's key, in the order of the pad, with its name; `_macros/pictures.html` draws them."""
ASKED = 3
_key = PictureKey.__table__


def secret_pictures(
    secret: bytes,
    unit_id: uuid.UUID,
    person_id: uuid.UUID,
    round: int = 0,  # noqa: A002  (the column's word)
) -> tuple[str, ...]:
    """Return the three different pictures of a pupil of a class, in order: one of 1,320 triples."""
    digest = mac(secret, "pupil-pictures", unit_id.bytes + person_id.bytes + round.to_bytes(4, "big"))
    number, left, chosen = int.from_bytes(digest, "big"), list(PICTURES), []
    for _ in range(ASKED):
        number, place = divmod(number, len(left))
        chosen.append(left.pop(place))
    return tuple(chosen)


@unscoped("the caller has found the class within its own scope, or by its code")
def rounds(db: Session, unit_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return how often pictures were set anew, of the pupils of a class of whom they were. One statement."""
    rows = db.execute(select(_key.c.person_id, _key.c.round).where(_key.c.unit_id == unit_id))
    return {row.person_id: row.round for row in rows}


@unscoped("the caller has found the class and its pupil within its own scope")
def set_anew(db: Session, secret: bytes, unit_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> None:
    """Give a pupil other pictures; the old ones open nothing any more."""
    held = rounds(db, unit_id).get(person_id, 0)
    known, next_round = secret_pictures(secret, unit_id, person_id, held), held + 1
    while secret_pictures(secret, unit_id, person_id, next_round) == known:
        next_round += 1
    if insert_once(db, PictureKey, unit_id=unit_id, person_id=person_id, round=next_round, set_at=now):
        return
    own = (_key.c.unit_id == unit_id) & (_key.c.person_id == person_id)
    db.connection().execute(update(PictureKey).where(own).values(round=next_round, set_at=now))
