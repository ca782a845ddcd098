"""Keyed digests of secrets, so that a copy of the database opens nothing by itself."""

import hashlib
import hmac


def mac(secret: bytes, purpose: str, value: str | bytes) -> bytes:
    """Return 32 bytes: HMAC-SHA-256 of a value under a key of its own for each purpose."""
    data = value.encode() if isinstance(value, str) else value
    key = hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
    return hmac.new(key, data, hashlib.sha256).digest()
