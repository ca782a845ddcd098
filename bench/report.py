"""The table and the JSON of a run."""

import json
import os
import platform
from dataclasses import asdict
from statistics import median

from bench.goals import Verdict
from bench.rounds import Figures


def table(figures: Figures) -> str:
    """Return the report as a table, one line a goal, with FAIL where a bound is broken."""
    titles = ("Mục", "Đo gì", "Sản phẩm", "So với", "Mức", "Tỷ lệ", "Ngưỡng", "Vòng đạt", "Kết quả")
    rows = [titles, *(_row(verdict) for verdict in figures.verdicts())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*(line.rstrip() for line in lines), "", *_foot(figures)])


def _row(verdict: Verdict) -> tuple[str, ...]:
    goal, (product, limit) = verdict.goal, verdict.medians
    sign = "≥" if goal.at_least else "≤"
    bounded = goal.bound is not None
    return (
        goal.number,
        goal.words,
        _number(product),
        goal.against or "–",
        "–" if goal.exact else _number(limit),
        "–" if goal.exact else f"{verdict.figure:.2f}",
        f"{sign} {goal.bound:g}" if bounded else "–",
        f"{verdict.rounds_passed}/{len(verdict.pairs)}" if bounded else "–",
        ("đạt" if verdict.passes else "FAIL") if bounded else "–",
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}".replace(",", ".")
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _foot(figures: Figures) -> list[str]:
    failed = [verdict for verdict in figures.verdicts() if not verdict.passes]
    loads = ", ".join(f"{load:.1f}" for load in figures.loads)
    return [
        f"Tải trung bình của máy sau mỗi vòng: {loads} (số lõi: {os.cpu_count()}).",
        f"Không đạt: {len(failed)} trên {len(figures.verdicts())} dòng." if failed else "Mọi dòng đều đạt.",
    ]


def as_json(figures: Figures) -> str:
    """Return every figure of every round, with the machine it was taken on."""
    goals = [
        asdict(verdict.goal) | {"rounds": verdict.pairs, "figure": verdict.figure, "passes": verdict.passes}
        for verdict in figures.verdicts()
    ]
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
    load = median(figures.loads) if figures.loads else None
    return json.dumps(
        {"machine": machine, "load_average": figures.loads, "median_load": load, "goals": goals},
        ensure_ascii=False,
        indent=1,
    )
