"""Backups: made while the site runs, checked by opening them, restored without reviving what was revoked."""

from lms.backup.archive import BackupRefused, Manifest
from lms.backup.copying import Checked, create, folder_of, verify
from lms.backup.restoring import Restored, restore
from lms.backup.retention import kept, newest, prune

__all__ = [
    "BackupRefused",
    "Checked",
    "Manifest",
    "Restored",
    "create",
    "folder_of",
    "kept",
    "newest",
    "prune",
    "restore",
    "verify",
]
