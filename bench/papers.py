"""Certificates: a batch through the product beside the bare libraries, and the first of a process."""

import json
import subprocess
import sys
import time

from bench.floors import BarePress
from bench.site import ROOT
from lms.certificates.pdf import placeholders, render_pdf
from lms.codes import new_code

BATCH = 100
DESIGNS = ROOT / "certificates"
_FIRST = """
import json, sys, time
from lms.certificates.pdf import render_pdf
from pathlib import Path
payload, designs = json.loads(sys.argv[1]), Path(sys.argv[2])
begun = time.perf_counter()
render_pdf(payload, designs)
sys.stdout.write(str(time.perf_counter() - begun))
"""


def payloads(count: int) -> list[dict[str, object]]:
    """Return frozen data of that many certificates, each with a code and a name of its own."""
    modules = [
        {"title": title, "completed_on": "2026-05-12"}
        for title in ("Gọi video cho con cháu", "Mật khẩu và khóa màn hình")
    ]
    same = {
        "v": 1,
        "kind": "self_study",
        "course_title": "Kỹ năng số cơ bản",
        "course_edition": 1,
        "audience": "citizen",
        "modules": modules,
        "completed_on": "2026-05-20",
        "issued_on": "2026-05-20",
        "issuer": "Trường Tiểu học Hoa Sen",
        "public_url": "http://127.0.0.1:8000",
        "how": "Tự học, không có người chứng kiến",
    }
    return [same | {"code": new_code(), "holder_name": f"Lê Thị Thử {n}"} for n in range(count)]


def product_batch(count: int = BATCH) -> tuple[float, float]:
    """Return the seconds of a batch through the product, and the size of its largest file in KB."""
    batch = payloads(count)
    begun = time.perf_counter()
    sizes = [len(render_pdf(payload, DESIGNS)) for payload in batch]
    return time.perf_counter() - begun, max(sizes) / 1024


def bare_batch(press: BarePress, count: int = BATCH) -> float:
    """Return the seconds of a batch of equal pages through the libraries alone."""
    batch = [placeholders(payload) for payload in payloads(count)]
    begun = time.perf_counter()
    for values in batch:
        press.page(json.dumps(values | {"qr": press.qr(str(values["address"]))}, ensure_ascii=False))
    return time.perf_counter() - begun


def first_ms() -> float:
    """Return the milliseconds of the first certificate of a new process, imports left out."""
    payload = json.dumps(payloads(1)[0])
    command = [sys.executable, "-c", _FIRST, payload, str(DESIGNS)]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return float(said) * 1000
