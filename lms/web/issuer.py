"""Whose name and address stand on what this site issues."""

from lms.certificates.actions import Issuer
from lms.web.visitor import config


def issuer() -> Issuer:
    """Return the issuer of this site."""
    return Issuer(name=config().site_name, public_url=config().public_url)
