"""Passwords: Argon2id at OWASP's minimum, at most one hash at a time in a process."""

import os
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 15, 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
LAST_IN_LINE = 10
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$b7Uj0u0Ccb0zHFQ2hBZJ0w$7sZ8tYkq0lYJpKXJzKDh3n0o9bW3mYz8c0sQv6Qm7no"


def _step_back() -> None:
    """Let answers go before hashes on a busy processor; on Linux a thread may be nicer than its process."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST_IN_LINE)


# Only the hash itself runs here, without the interpreter's lock and outside any transaction, so that a
# thread that must wait for the processor holds nothing that others wait for.
_ONE_AT_A_TIME = ThreadPoolExecutor(1, "hash", initializer=_step_back)


class PasswordRefused(ValueError):
    """The password is too short, too long or too well known; the message says which."""


def check_strength(password: str, *personal: str) -> str:
    """Return the password in NFKC, or raise PasswordRefused. No composition rules (NIST 800-63B-4)."""
    password = unicodedata.normalize("NFKC", password)
    if len(password) < SHORTEST:
        raise PasswordRefused(
            f"Mật khẩu cần ít nhất {SHORTEST} chữ. "
            "Ghép bốn từ không liên quan, ví dụ như tên bốn món đồ trong nhà."
        )
    if len(password) > LONGEST:
        raise PasswordRefused(f"Mật khẩu dài quá {LONGEST} chữ.")
    squeezed = password.casefold().replace(" ", "")
    if len(set(squeezed)) < 6 or squeezed in "abcdefghijklmnopqrstuvwxyz01234567890123456789":
        raise PasswordRefused("Mật khẩu này quá dễ đoán. Ghép bốn từ không liên quan.")
    if any(len(word) > 3 and word.casefold() == squeezed for word in personal):
        raise PasswordRefused("Mật khẩu không được là tên đăng nhập hay họ tên.")
    return password


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password that `check_strength` returned."""
    return _ONE_AT_A_TIME.submit(_HASHER.hash, password).result()


def verify(stored: str | None, typed: str) -> bool:
    """Tell whether a typed password fits; takes the same time when there is no such account."""
    typed = unicodedata.normalize("NFKC", typed[:LONGEST])
    try:
        return _ONE_AT_A_TIME.submit(_HASHER.verify, stored or _DUMMY, typed).result() and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
