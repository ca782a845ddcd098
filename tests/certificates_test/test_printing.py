"""What may be a name can be printed; what was released is not drawn otherwise."""

import hashlib

from lms.certificates.pdf import render_pdf
from lms.people.names import LETTERS, MARKS, full_name
from tests.conftest import ROOT

PAYLOAD = {
    "v": 1,
    "kind": "self_study",
    "code": "1372125147464002",
    "course_id": "c",
    "course_title": "Kỹ năng số cơ bản",
    "course_edition": 1,
    "audience": "citizen",
    "modules": [{"title": "Gọi video", "completed_on": "2026-11-21"}],
    "completed_on": "2026-11-22",
    "issued_on": "2026-11-22",
    "issuer": "Trường Tiểu học Hoa Sen",
    "public_url": "http://hoc.example.vn",
    "design": "phieu-tu-hoc",
    "level": 1,
    "how": "Tự học, không có người chứng kiến",
}
RELEASED = {
    "giay-chung-nhan": "85ca442df17016490416383352e5ceec8e9677d2be2f3bebaa48569b7c9fe288",
    "phieu-tu-hoc": "81c37ee595cc7b8f3a4c0d81adacdcce02ebe81cde089fec2ba13795616f23e2",
}
"""Designs that may have been issued with, by the SHA-256 of what they draw. A new look is a new folder."""


def test_every_letter_that_a_name_may_have_can_be_printed() -> None:
    letters = [chr(code) for low, high in LETTERS for code in range(ord(low), ord(high) + 1)]
    marks = {chr(code) for low, high in MARKS for code in range(ord(low), ord(high) + 1)}
    words = [f"e{c}b" if c in marks else f"{c}b" for c in letters if c not in "×÷"]
    for start in range(0, len(words), 12):
        name = full_name(" ".join(words[start : start + 12]))
        assert render_pdf(PAYLOAD | {"holder_name": name}, ROOT / "certificates").startswith(b"%PDF")


def test_a_released_design_is_never_drawn_otherwise() -> None:
    for design, digest in RELEASED.items():
        drawn = (ROOT / "certificates" / design / "design.typ").read_bytes()
        assert hashlib.sha256(drawn).hexdigest() == digest, "make a new folder for a new design"
