"""Every test of the product: on SQLite, on a PostgreSQL of its own, with real servers and a browser.

Installs what is missing where it may, or says exactly what to install; a skipped test is a failure.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "tests" / "browser"
PACKAGES = {
    "postgresql": lambda: bool(postgresql_bin()),
    "chromium": lambda: bool(shutil.which("chromium")),
    "npm": lambda: bool(shutil.which("npm")),
    "poppler-utils": lambda: bool(shutil.which("pdftoppm")),
}
FAST = "not browser and not server"


def postgresql_bin() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


def install_missing() -> None:
    """Install the programs that the tests need, or say which to install."""
    missing = [name for name, is_there in PACKAGES.items() if not is_there()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
            check=True,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
        missing = [name for name, is_there in PACKAGES.items() if not is_there()]
    if missing:
        sys.exit(f"These tests need: {', '.join(missing)}. Install them and run again.")
    if not (HERE / "node_modules" / "axe-core" / "axe.min.js").exists():
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=HERE, check=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server of the tests' own on loopback and give its address."""
    programs = postgresql_bin()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="lms-pg-"))
    data, port = folder / "data", free_port()
    as_user = {}
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": folder} | as_user
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        **quiet,
    )
    options = f"-p {port} -k {folder} -h 127.0.0.1 -c max_connections=200"
    start = ["-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    subprocess.run([programs / "pg_ctl", *start], **quiet)
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    finally:
        subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def run(name: str, marker: str, environ: dict[str, str], workers: int) -> tuple[str, dict[str, int]]:
    """Run one part of the suite and return its counts."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", marker, f"--junitxml={report}", "--durations=5"]
        if workers:
            command += ["-n", str(workers), "--dist", "loadfile"]
        print(f"\n== {name}", flush=True)
        ended = subprocess.run(command, cwd=ROOT, env=os.environ | environ)
        counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        if report.exists():
            for suite in ET.parse(report).getroot().iter("testsuite"):
                for key in counts:
                    counts[key] += int(suite.get(key, "0"))
        if ended.returncode and not counts["failures"] + counts["errors"]:
            counts["errors"] += 1
    return name, counts


def main() -> int:
    """Run every part, print what ran, and fail on any failure or skip; `--programs` installs only."""
    install_missing()
    if "--programs" in sys.argv:
        return 0
    with postgresql() as server:
        both = {"LMS_TEST_POSTGRESQL_SERVER": server}
        parts = [
            run("SQLite", FAST, {}, 2),
            run("PostgreSQL", FAST, {"LMS_TEST_POSTGRESQL": server}, 2),
            run("Real servers, both databases", "server", both, 0),
            run("Chromium", "browser", both, 2),
        ]
    print()
    passed = failed = skipped = 0
    for name, counts in parts:
        bad = counts["failures"] + counts["errors"]
        good = counts["tests"] - bad - counts["skipped"]
        print(f"{name}: {good} passed, {bad} failed, {counts['skipped']} skipped")
        passed, failed, skipped = passed + good, failed + bad, skipped + counts["skipped"]
        if good == 0:
            failed += 1
            print(f"{name}: no test ran, which counts as a failure")
    if skipped:
        print("A skipped test counts as a failure.")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or skipped else 0


if __name__ == "__main__":
    sys.exit(main())
