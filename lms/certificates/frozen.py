"""How a certificate is frozen: one spelling of its words, and the chain through the register."""

import hashlib
import json
from collections.abc import Mapping


def canonical(payload: Mapping[str, object]) -> str:
    """Return the one spelling of a payload: sorted keys, no spaces, letters as they came."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link(chain: str, payload: str) -> str:
    """Return the next link of the register's chain: SHA-256 over the link before and the payload."""
    return hashlib.sha256(f"{chain}\n{payload}".encode()).hexdigest()
