"""The register: issue once, replace, revoke; a chain that shows any change."""

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lms import clock
from lms.catalog.queries import load
from lms.certificates.actions import CertificateRefused, replace_certificate, revoke_certificate
from lms.certificates.frozen import canonical, link
from lms.certificates.models import Certificate
from lms.certificates.queries import broken_links, verdict
from tests.story import known, learn_course


@pytest.fixture
def issued(db: Session) -> Certificate:
    certificate = learn_course(db, known(db, "Nguyen Thi Lan"), load(db))
    assert certificate is not None
    return certificate


def test_a_certificate_says_what_was_frozen(db: Session, issued: Certificate) -> None:
    found = verdict(db, issued.code)
    assert found is not None
    assert found.stands
    assert found.payload == json.loads(issued.payload)
    assert issued.payload == canonical(found.payload)


def test_a_code_nobody_has_is_unknown(db: Session, issued: Certificate) -> None:
    assert verdict(db, "0" * 16) is None
    assert verdict(db, issued.code[:-1]) is None


def test_a_correction_issues_a_successor_and_keeps_the_first(db: Session, issued: Certificate) -> None:
    new = replace_certificate(db, issued.code, by="officer", now=clock.now(), holder_name="Nguyễn Thị Lan")
    old, later = verdict(db, issued.code), verdict(db, new.code)
    assert old is not None
    assert later is not None
    assert (old.stands, old.replaced_by, later.stands) == (False, new.code, True)
    assert old.payload["holder_name"] == "Nguyen Thi Lan"
    assert later.payload["holder_name"] == "Nguyễn Thị Lan"
    assert new.replaces == issued.id


def test_only_the_standing_one_is_replaced_or_revoked(db: Session, issued: Certificate) -> None:
    new = replace_certificate(db, issued.code, by="officer", now=clock.now(), holder_name="Nguyễn Thị Lan")
    for act in (
        lambda: replace_certificate(db, issued.code, by="officer", now=clock.now()),
        lambda: revoke_certificate(db, issued.code, reason="nhầm", by="officer", now=clock.now()),
        lambda: revoke_certificate(db, new.code, reason="   ", by="officer", now=clock.now()),
        lambda: revoke_certificate(db, "0" * 16, reason="nhầm", by="officer", now=clock.now()),
    ):
        with pytest.raises(CertificateRefused):
            act()
    revoke_certificate(db, new.code, reason="cấp nhầm người", by="officer", now=clock.now())
    with pytest.raises(CertificateRefused):
        revoke_certificate(db, new.code, reason="lần nữa", by="officer", now=clock.now())
    found = verdict(db, new.code)
    assert found is not None
    assert (found.stands, found.reason) == (False, "cấp nhầm người")


def test_the_chain_follows_from_line_to_line(db: Session, issued: Certificate) -> None:
    for name in ("Trần Văn Minh", "H'Hen Niê"):
        learn_course(db, known(db, name), load(db))
    assert list(broken_links(db)) == []
    lines = db.scalars(select(Certificate).order_by(Certificate.sequence)).all()
    assert [line.sequence for line in lines] == [1, 2, 3]
    assert lines[1].chain == link(lines[0].chain, lines[1].payload)


def test_the_chain_shows_a_line_that_somebody_changed(db: Session, issued: Certificate) -> None:
    later = learn_course(db, known(db, "Trần Văn Minh"), load(db))
    assert later is not None
    dialect = db.connection().dialect.name
    guards = ["guard_certificates_update"] if dialect == "sqlite" else ["guard_certificates"]
    for guard in guards:
        on = "" if dialect == "sqlite" else " ON certificates"
        db.execute(text(f"DROP TRIGGER {guard}{on}"))
    forged = issued.payload.replace("Nguyen Thi Lan", "Nguyen Thi Hoa")
    db.execute(text("UPDATE certificates SET payload = :p WHERE code = :c"), {"p": forged, "c": issued.code})
    assert list(broken_links(db)) == [issued.code]


def test_the_register_refuses_to_be_edited(db: Session, issued: Certificate) -> None:
    for statement in ("UPDATE certificates SET level = 3", "DELETE FROM certificates"):
        with pytest.raises(Exception, match="events are appended, never edited"), db.begin_nested():
            db.execute(text(statement))
