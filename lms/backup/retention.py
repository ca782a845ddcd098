"""Which backups are kept: 7 days, 5 weeks, 12 months and the newest; of the automatic ones the newest."""

import re
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from lms.backup.copying import BEFORE_RESTORE, BEFORE_UPGRADE, NIGHTLY
from lms.clock import VIETNAM

DAYS, WEEKS, MONTHS = 7, 5, 12
NEWEST = 3
OTHERS = 5
_NAME = re.compile(rf"({NIGHTLY}|{BEFORE_UPGRADE}|{BEFORE_RESTORE})-(\d{{8}}-\d{{6}})(?:-(\d+))?\.lmsbackup")


def kept(names: Iterable[str]) -> set[str]:
    """Return which of these file names stay; a name that is no backup's stays."""
    stay, nightly, others = set[str](), dict[str, datetime](), dict[str, list[str]]()
    for name in names:
        found = _NAME.fullmatch(name)
        made = _moment(name)
        if found is None or made is None:
            stay.add(name)
        elif found[1] == NIGHTLY:
            nightly[name] = made
        else:
            others.setdefault(found[1], []).append(name)
    for same in others.values():
        stay |= set(sorted(same, key=_order, reverse=True)[:OTHERS])
    stay |= set(sorted(nightly, key=_order, reverse=True)[:NEWEST])
    for period, number in (("%Y-%m-%d", DAYS), ("%G-%V", WEEKS), ("%Y-%m", MONTHS)):
        last_of = {nightly[name].strftime(period): name for name in sorted(nightly, key=_order)}
        stay |= {last_of[key] for key in sorted(last_of, reverse=True)[:number]}
    return stay


def prune(folder: Path, now: datetime) -> list[Path]:
    """Delete the backups that need not be kept, and what killed runs left; return what was deleted."""
    there = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    stay = kept(path.name for path in there)
    gone = [path for path in there if path.name not in stay]
    for path in gone:
        path.unlink(missing_ok=True)
    for leftover in folder.glob(".dang-lam-*"):
        if leftover.stat().st_mtime < (now - timedelta(days=1)).timestamp():
            shutil.rmtree(leftover, ignore_errors=True)
    return sorted(gone)


def newest(folder: Path) -> tuple[Path, datetime] | None:
    """Return the newest backup in a folder and when it was made, or None."""
    made = [(moment, path) for path in folder.glob("*.lmsbackup") if (moment := _moment(path.name))]
    if not made:
        return None
    moment, path = max(made)
    return path, moment


def _moment(name: str) -> datetime | None:
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[2], "%Y%m%d-%H%M%S").replace(tzinfo=VIETNAM) if found else None
    except ValueError:
        return None


def _order(name: str) -> tuple[str, int]:
    found = _NAME.fullmatch(name)
    return (found[2], int(found[3] or 1)) if found else ("", 0)
