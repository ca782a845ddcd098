"""Facts that age: checked in the past, not expired."""

from datetime import date

from lms.content.shelf import Reading


def report(reading: Reading, today: date) -> None:
    """Report facts that have expired by `today`, and those checked after it."""
    if reading.facts is None:
        return
    for fact in reading.library.facts:
        if fact.expires < today:
            reading.facts.report(
                f"fact.{fact.id}.expires",
                f"Số liệu “{fact.id}” hết hạn ngày {fact.expires:%d/%m/%Y}. "
                "Kiểm tra lại theo nguồn, rồi sửa “checked” và “expires”.",
            )
        if fact.checked > today:
            reading.facts.report(
                f"fact.{fact.id}.checked", "Ngày kiểm tra ở tương lai. Ghi ngày đã thật sự kiểm tra."
            )
