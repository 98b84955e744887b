"""`make bench`: every figure beside its yardstick, rounds interleaved, medians and their spread.

    python -m benchmarks [--rounds N] [--only checkin,redemption,…] [--decade URL_FULL URL_TENTH]

Prints a table and writes instance/bench.json: {name: {value, yardstick, ratio, spread, unit}}. It judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import stand

OUT = stand.ROOT / "instance" / "bench.json"
Figures = dict[str, dict[str, Any]]


def main() -> None:
    """Measure what is asked for, print it, and keep it."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", default="")
    asked.add_argument(
        "--decade", nargs=2, metavar=("FULL", "TENTH"), help="databases of `demo load --size decade`"
    )
    words = asked.parse_args()
    wanted = set(words.only.split(",")) - {""}
    print(stand.machine(), flush=True)
    figures: Figures = {}
    if not wanted or wanted & {"checkin", "redemption", "burst", "worker", "dashboards"}:
        on_postgresql(figures, words.rounds, wanted)
    if not wanted or "sqlite" in wanted:
        on_sqlite(figures, words.rounds)
    if words.decade or "pages" in wanted:
        ten_years(figures, *(words.decade or ()))
    for name, figure in figures.items():
        print(line(name, figure), flush=True)
    kept = json.loads(OUT.read_text()) if wanted and OUT.exists() else {}
    OUT.write_text(json.dumps({**kept, **figures, "machine": {"value": stand.machine()}}, indent=2) + "\n")
    print(f"→ {OUT.relative_to(stand.ROOT)}")


def line(name: str, figure: dict[str, Any]) -> str:
    """Return a figure as a line of the table."""
    ratio = f"{figure['ratio']:.2f}" if figure.get("ratio") is not None else "–"
    yardstick = f"{figure['yardstick']:.1f}" if figure.get("yardstick") is not None else "–"
    spread = f"± {figure['spread']:.0%}" if figure.get("spread") is not None else ""
    return f"{name:24} {figure['value']:>10.1f} {figure['unit']:8} yardstick {yardstick:>8}  ratio {ratio:>5} {spread}"


def figure(values: list[float], unit: str, yardsticks: list[float] | None = None) -> dict[str, Any]:
    """Return the median of the rounds, the median of the rounds' ratios, and how far apart the rounds were."""
    ratios = [value / yard for value, yard in zip(values, yardsticks, strict=True)] if yardsticks else values
    middle = statistics.median(ratios)
    return {
        "value": statistics.median(values),
        "yardstick": statistics.median(yardsticks) if yardsticks else None,
        "ratio": middle if yardsticks else None,
        "spread": (max(ratios) - min(ratios)) / 2 / middle if middle else 0.0,
        "unit": unit,
        "rounds": [round(one, 3) for one in ratios],
    }


@contextmanager
def product(url: str) -> Iterator[Any]:
    """Fill a database and stand inside the product with it; yields its engine."""
    os.environ.update(DATABASE_URL=url, SECRET_KEY=stand.SECRET)
    stand.flask("db", "upgrade", database=url)
    stand.flask("demo", "load", database=url)
    from app import create_app
    from benchmarks import filling
    from volunteer.db import db

    app = create_app()
    with app.app_context():
        filling.people(db.engine)
        yield db.engine
        db.engine.dispose()


def on_postgresql(figures: Figures, rounds: int, wanted: set[str]) -> None:
    """Check-ins, redemptions and the burst, on a PostgreSQL that keeps every commit."""

    def want(name: str) -> bool:
        return not wanted or name in wanted

    with stand.postgres() as url, product(url) as engine:
        from benchmarks import burst, checkin, redemption

        checkin.install(engine)
        redemption.counters(engine)
        with stand.server(url) as port:
            figures["start_s"] = {"value": stand.start_seconds(url), "unit": "s"}
            warm(port, engine)
            if want("checkin"):
                pairs(
                    figures, "checkin", rounds, lambda: checkin.over_http(port, engine),
                    lambda: checkin.yardstick(url, engine), p99="checkin_p99_ms",
                )  # fmt: skip
            if want("redemption"):
                pairs(
                    figures, "redemption", rounds, lambda: redemption.over_http(port, engine),
                    lambda: redemption.yardstick(url, engine), p99="redemption_p99_ms",
                )  # fmt: skip
            if want("dashboards"):
                dashboards(figures, rounds, port, engine)
            if want("burst"):
                for rate, seconds in ((20, 60), (200, 60)):
                    seen = burst.arrive(port, engine, rate, seconds)
                    bad = burst.describe(seen.statuses)
                    figures[f"burst_{rate}_p95_ms"] = {
                        "value": seen.percentile(0.95),
                        "unit": "ms",
                        "bad": bad,
                    }
                    figures[f"burst_{rate}_p99_ms"] = {
                        "value": seen.percentile(0.99),
                        "unit": "ms",
                        "bad": bad,
                    }
            figures["worker_mb"] = {"value": stand.worker_mb(port), "unit": "MB"}
        figures["checkin_bytes"] = {"value": float(checkin.answer_bytes()), "unit": "bytes"}


def warm(port: int, engine: Any) -> None:
    """Let connections, statements and the interpreter settle before the first round."""
    from benchmarks import checkin

    checkin.over_http(port, engine, count=2_000)


def pairs(
    figures: Figures,
    name: str,
    rounds: int,
    ours: Callable[[], Any],
    yardstick: Callable[[], float],
    p99: str,
) -> None:
    """Take turns with the yardstick, and keep the rate and the slowest hundredth."""
    rates, yards, slow = [], [], []
    for n in range(rounds):
        yards.append(yardstick())
        run = ours()
        rates.append(run.rate)
        slow.append(run.percentile(0.99))
        print(
            f"  {name} {n + 1}/{rounds}: {rates[-1]:.0f}/s beside {yards[-1]:.0f}/s, p99 {slow[-1]:.0f} ms",
            flush=True,
        )
    figures[name] = figure(rates, "/s", yards)
    figures[p99] = figure(slow, "ms")


def dashboards(figures: Figures, rounds: int, port: int, engine: Any) -> None:
    """How fast check-ins go on while somebody reads the boards twenty times a second."""
    from benchmarks import checkin, readers

    quiet, read = [], []
    for _round in range(rounds):
        quiet.append(checkin.over_http(port, engine).rate)
        with readers.reading(port):
            read.append(checkin.over_http(port, engine).rate)
    figures["dashboards_load_ratio"] = figure(read, "/s", quiet)


def on_sqlite(figures: Figures, rounds: int) -> None:
    """The same check-in on the embedded database, one process."""
    with tempfile.TemporaryDirectory(prefix="liyu-bench-", dir="/var/tmp") as folder:
        file = Path(folder) / "bench.db"
        url = f"sqlite:///{file}"
        with product(url) as engine:
            from benchmarks import checkin, embedded

            count = 8_000
            with stand.server(url, workers=1) as port:
                warm(port, engine)
                pairs(
                    figures, "checkin_sqlite", rounds, lambda: checkin.over_http(port, engine, count),
                    lambda: embedded.yardstick(file, engine, count), p99="checkin_sqlite_p99_ms",
                )  # fmt: skip


def ten_years(figures: Figures, *urls: str) -> None:
    """Milliseconds of SQL of the pages at ten years' size, and how they grew from a tenth of it."""
    from benchmarks import pages

    for name, value in pages.figures(*urls).items():
        figures[name] = {"value": value, "unit": "×" if "growth" in name else "ms"}


if __name__ == "__main__":
    began = time.monotonic()
    sys.path.insert(0, str(stand.ROOT))
    main()
    print(f"{time.monotonic() - began:.0f} s in all")
