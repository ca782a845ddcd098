"""How templates write dates, codes and the HTML that the catalogue holds."""

from datetime import date, datetime
from urllib.parse import quote

from flask import Flask
from markupsafe import Markup

from lms.clock import VIETNAM
from lms.codes import group


def install(app: Flask) -> None:
    """Give templates the filters."""
    app.jinja_env.filters.update(
        {
            "day": day,
            "hour": hour,
            "moment": moment,
            "code_groups": group,
            "rendered": rendered,
            "quoted": quote,
        }
    )


def day(value: date | datetime | str) -> str:
    """Write a date as dd/mm/yyyy; a moment as its date in Việt Nam, an ISO text as its date."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(VIETNAM).date()
    return value.strftime("%d/%m/%Y")


def hour(value: datetime) -> str:
    """Write the time of day of a moment as HH:MM in Việt Nam."""
    return value.astimezone(VIETNAM).strftime("%H:%M")


def moment(value: datetime) -> str:
    """Write a moment as HH:MM dd/mm/yyyy in Việt Nam."""
    return value.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")


def rendered(html: str) -> Markup:
    """Pass on HTML of the catalogue, which was sanitised when it was synced; never anything typed."""
    return Markup(html)  # noqa: S704
