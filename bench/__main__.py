"""`python -m bench`: run the rounds, print the table. Exit 0 unless --strict and a goal fails."""

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import browser, items, marks, regrade, report, wire
from bench.classes import SIZES, make_classes
from bench.counts import count_class, take_counts
from bench.rounds import Bench, Figures
from bench.site import make_site, serving_product, serving_toys

ROUNDS, SECONDS, BATCH, VISITS = 5, 2.0, 100, 3
QUICK_ROUNDS, QUICK_SECONDS, QUICK_BATCH, QUICK_VISITS = 2, 0.4, 10, 1


def main() -> int:
    """Measure and report; return the exit code."""
    options = _options()
    begun = time.monotonic()
    with TemporaryDirectory(prefix="lms-bench-") as folder, ExitStack() as stack:
        figures = _measure(Path(folder), stack, quick=options.quick)
    sys.stdout.write(report.table(figures) + "\n")
    sys.stdout.write(f"Đo trong {time.monotonic() - begun:.0f} giây.\n")
    if options.json:
        options.json.write_text(report.as_json(figures) + "\n", encoding="utf-8")
    failed = any(not verdict.passes for verdict in figures.verdicts())
    return 1 if failed and options.strict else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Đo sản phẩm cạnh các mức của nó.")
    parser.add_argument("--quick", action="store_true", help="2 vòng ngắn, chỉ để thử.")
    parser.add_argument("--strict", action="store_true", help="Mã thoát 1 khi có dòng không đạt.")
    parser.add_argument("--json", type=Path, metavar="TỆP", help="Ghi mọi con số của mọi vòng vào tệp.")
    return parser.parse_args()


def _measure(folder: Path, stack: ExitStack, *, quick: bool) -> Figures:
    figures = Figures()
    _say("Chuẩn bị dữ liệu…")
    site = make_site(folder / "product")
    figures.add("content", site.build_seconds)
    _say("Đếm lệnh SQL…")
    counts = take_counts(site)
    for key, found in (("answer", counts.answer), ("last", counts.last), ("lesson", counts.lesson)):
        figures.add(f"sql_{key}", found.statements)
    figures.add("sql_sign_in", counts.sign_in.statements)
    figures.add("commits_answer", counts.answer.commits)
    made = make_classes(site)
    figures.add("sql_class", count_class(site, made.pages[SIZES[-1]], made.cookie).statements)
    bench = Bench(
        site=site,
        product=stack.enter_context(serving_product(site.config.data)),
        toys=stack.enter_context(serving_toys(folder / "toys")),
        folder=folder,
        certificate=counts.certificate,
        classes=made,
        seconds=QUICK_SECONDS if quick else SECONDS,
        batch=QUICK_BATCH if quick else BATCH,
        figures=figures,
    )
    idle, toy_idle = _idle(bench)
    figures.add("idle", idle, toy_idle)
    rounds = QUICK_ROUNDS if quick else ROUNDS
    for number in range(1, rounds + 1):
        _say(f"Vòng {number}/{rounds}…")
        bench.round()
    figures.add("peak", bench.busiest(), idle)
    _say("Đo chấm lại và phân tích câu hỏi…")
    _marks(bench, folder, quick=quick)
    _say("Đo trong trình duyệt…")
    _visit(bench, QUICK_VISITS if quick else VISITS)
    return figures


def _marks(bench: Bench, folder: Path, *, quick: bool) -> None:
    """Measure two hundred people at once on both databases, a regrade and an item analysis."""
    site, figures = bench.site, bench.figures
    here = marks.crowded(site.config.database_url, bench.product.port, site, bench.seconds)
    figures.add("errors_200", here.errors + here.lost)
    figures.add("p99_200", here.p99)
    with marks.on_postgresql(site, folder / "postgresql") as (url, port):
        there = marks.crowded(url, port, site, bench.seconds)
    figures.add("errors_200_pg", there.errors + there.lost)
    figures.add("p99_200_pg", there.p99)
    figures.add("rate_200_pg", there.rate, here.rate)
    share = 20 if quick else 1
    for name in ("regrade", "items"):
        (folder / name).mkdir()
    file = regrade.furnish(folder / "regrade", regrade.ATTEMPTS // share)
    seconds, changed = regrade.product_seconds(file)
    figures.add("regrade", seconds, regrade.bare_seconds(file, changed))
    crowd = items.make_crowd(site, folder / "items" / "data", items.ANSWERS // share)
    figures.add("items", *items.analysis_seconds(crowd))


def _idle(bench: Bench) -> tuple[float, float]:
    """Return the memory of both servers after every worker has sent its first pages."""
    for server, page in ((bench.product, "/"), (bench.toys, "/cached")):
        server.settled_memory()
        for _ in range(40):
            wire.once(server.port, wire.request("GET", page))
    return bench.product.settled_memory(), bench.toys.settled_memory()


def _visit(bench: Bench, times: int) -> None:
    """Weigh the lesson page and a question page in a browser, beside a static page."""
    site, port = bench.site, bench.product.port
    start = wire.once(port, wire.request("POST", site.check, site.person_cookie, form=""))
    pages = {
        "lesson": (f"http://127.0.0.1:{port}{site.lesson}", ""),
        "question": (f"http://127.0.0.1:{port}{start.header('location')}/cau-1", site.person_cookie),
    }
    static = f"http://127.0.0.1:{bench.toys.port}/cached"
    with browser.chromium() as chromium:
        for _ in range(times):
            limit, _ = browser.visit_twice(chromium, static)
            for key, (address, cookie) in pages.items():
                first, again = browser.visit_twice(chromium, address, cookie)
                bench.figures.add(f"{key}_kb", first.kilobytes)
                bench.figures.add(f"{key}_requests", first.requests)
                bench.figures.add(f"{key}_repeat_kb", again.kilobytes)
                bench.figures.add(f"{key}_lcp", first.lcp, limit.lcp)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
