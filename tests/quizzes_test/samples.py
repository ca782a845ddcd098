"""One question of each kind as plain values, for marking, reading and drawing."""

from collections.abc import Sequence
from typing import Any

from lms.catalog.catalogue import Choice, Column, Question


def line(key: str, words: str, **extra: Any) -> Choice:
    """Make a line whose HTML says its words."""
    pair = extra.get("pair", "")
    shown = {"is_right": False, "is_unsure": False, "feedback": "", "pair_html": pair} | extra
    return Choice(key=key, html=words, text=words, **shown)


def unsure(key: str) -> Choice:
    """Make the line “Tôi chưa chắc”."""
    return line(key, "Tôi chưa chắc", is_unsure=True)


def question(kind: str, lines: Sequence[Choice], name: str = "q", **extra: Any) -> Question:
    """Make a question of a kind."""
    known: dict[str, Any] = {"skill": "s", "difficulty": 1, "explanation": ""} | extra
    return Question(
        id=name, edition_id=f"e-{name}", html=name, text=name, choices=tuple(lines), kind=kind, **known
    )


def single(**extra: Any) -> Question:
    """Return a question whose right choice is b."""
    lines = [
        line("a", "Chuyển ngay"),
        line("b", "Gọi lại", is_right=True),
        line("c", "Nhắn hỏi"),
        unsure("d"),
    ]
    return question("single", lines, **extra)


def multiple(credit: str = "exact", **extra: Any) -> Question:
    """Return a question with four choices, of which a and c are right."""
    lines = [
        line("a", "Tắt máy", is_right=True),
        line("b", "Đọc mã"),
        line("c", "Gọi lại số đã lưu", is_right=True),
        line("d", "Bấm vào liên kết"),
        unsure("e"),
    ]
    return question("multiple", lines, credit=credit, **extra)


def true_false(**extra: Any) -> Question:
    """Return a question whose answer is Sai (b)."""
    return question("true-false", [line("a", "Đúng"), line("b", "Sai", is_right=True), unsure("c")], **extra)


def text(**extra: Any) -> Question:
    """Return a question about an address and an app; c and d are known wrong answers."""
    lines = [
        line("a", "dichvucong.gov.vn", is_right=True),
        line("b", "Cổng Dịch vụ công quốc gia", is_right=True),
        line("c", "dichvucong.com"),
        line("d", "Cống Dịch vụ công quốc gia"),
        unsure("e"),
    ]
    return question("text", lines, **extra)


def number(tolerance: str = "0", unit: str = "đồng", **extra: Any) -> Question:
    """Return a question whose answer is 1.500.000; 1.500 and 15.000.000 are known mistakes."""
    lines = [
        line("a", "1500000", is_right=True),
        line("b", "1500"),
        line("c", "15000000"),
        unsure("d"),
    ]
    return question("number", lines, tolerance=tolerance, unit=unit, **extra)


def ordering(credit: str = "exact", **extra: Any) -> Question:
    """Return a question whose right order is b, d, a, c."""
    lines = [
        line("a", "Trình báo", mark="3"),
        line("b", "Tắt mạng", mark="1"),
        line("c", "Kể cho người nhà", mark="4"),
        line("d", "Gọi ngân hàng", mark="2"),
        unsure("e"),
    ]
    return question("ordering", lines, credit=credit, **extra)


def matching(credit: str = "proportional", **extra: Any) -> Question:
    """Return a question with three rows, a and c of the same side; d is a side that fits nothing."""
    lines = [
        line("a", "Mã OTP", is_right=True, pair="Không đọc cho ai"),
        line("b", "Số tổng đài", is_right=True, pair="In sau thẻ"),
        line("c", "Mã PIN", is_right=True, pair="Không đọc cho ai"),
        line("d", "", pair="Đăng lên mạng"),
        unsure("e"),
    ]
    return question("matching", lines, credit=credit, **extra)


def matrix(credit: str = "proportional", **extra: Any) -> Question:
    """Return a question with three rows; columns n and k."""
    lines = [
        line("a", "Đọc mã OTP", mark="k"),
        line("b", "Gọi lại số đã lưu", mark="n"),
        line("c", "Bấm liên kết lạ", mark="k"),
        unsure("d"),
    ]
    columns = (Column("n", "Nên làm"), Column("k", "Không nên"))
    return question("matrix", lines, credit=credit, columns=columns, **extra)


def spot(right: str = "ac", credit: str = "penalised", **extra: Any) -> Question:
    """Return a message of four pieces, those in `right` suspicious."""
    pieces = {"a": "Tài khoản sắp khóa", "b": "Kính gửi khách hàng", "c": "Bấm vào đây", "d": "Trân trọng"}
    lines = [line(key, words, is_right=key in right) for key, words in pieces.items()]
    return question("spot", [*lines, unsure("e")], credit=credit, sender="Số lạ", **extra)


def survey(**extra: Any) -> Question:
    """Return a question of opinion."""
    return question("survey", [line("a", "Dễ"), line("b", "Vừa"), line("c", "Khó")], **extra)


def open_question(**extra: Any) -> Question:
    """Return a question that a person marks."""
    return question("open", [line("a", "Nói dừng lại", mark="2"), line("b", "Nói gọi ai", mark="1")], **extra)


def one_of_each() -> dict[str, Question]:
    """Return a question of every kind by the name of the kind."""
    made = [single(), multiple(), true_false(), text(), number(), ordering(), matching(), matrix(), spot()]
    return {each.kind: each for each in [*made, survey(), open_question()]}
