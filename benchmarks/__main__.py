"""`make bench`: every figure beside its yardstick, rounds interleaved, medians and their spread.

    python -m benchmarks [--rounds N] [--only checkin,redemption,…] [--full | --decade URL_FULL URL_TENTH]

Prints a table and writes instance/bench.json: {name: {value, yardstick, ratio, spread, unit}}. It judges nothing.
The parts: checkin redemption dashboards burst worker (one PostgreSQL, one server), sqlite, pages export (ten years).
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

from benchmarks import decade, stand
from benchmarks.measured import Figures, figure, line

OUT = stand.ROOT / "instance" / "bench.json"
GATE = {"checkin", "redemption", "dashboards", "burst", "worker"}
YEARS = {"pages", "export"}
#: Arrivals a second, for so many seconds: a service day's five minutes, and ten times as many for one.
BURSTS = ((20, 300), (200, 60))
#: The sample street's administrator, who reads the dashboards.
OFFICE = "13900000001"


def main() -> None:
    """Measure what is asked for, print it, and keep it."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", default="", metavar=",".join(sorted(GATE | YEARS | {"sqlite"})))
    asked.add_argument("--burst-seconds", type=int, help="shorter bursts, to try the bench itself")
    size = asked.add_mutually_exclusive_group()
    size.add_argument(
        "--full", action="store_true", help="fill ten years whole, and a tenth; else a tenth and a hundredth"
    )
    size.add_argument(
        "--decade", nargs=2, metavar=("FULL", "TENTH"), default=(),
        help="databases of `demo load --size decade`, under the key in SECRET_KEY or the bench's own",
    )  # fmt: skip
    words = asked.parse_args()
    wanted = set(words.only.split(",")) - {""} or GATE | YEARS | {"sqlite"}
    if strange := wanted - GATE - YEARS - {"sqlite"}:
        asked.error(f"no such part: {', '.join(sorted(strange))}")
    years_key = os.environ.get("SECRET_KEY", stand.SECRET)
    print(stand.machine(), flush=True)
    figures: Figures = {}
    if wanted & GATE:
        on_postgresql(figures, words.rounds, wanted, words.burst_seconds)
    if "sqlite" in wanted:
        on_sqlite(figures, words.rounds)
    if wanted & YEARS:
        # People are found by their phones under the key a database was filled with.
        os.environ["SECRET_KEY"] = years_key if words.decade else stand.SECRET
        ten_years(figures, words.rounds, wanted, words.decade, full=words.full)
    for name, found in figures.items():
        print(line(name, found), flush=True)
    kept = json.loads(OUT.read_text()) if words.only and OUT.exists() else {}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({**kept, **figures, "machine": {"value": stand.machine()}}, indent=2) + "\n")
    print(f"→ {OUT.relative_to(stand.ROOT)}")


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


def on_postgresql(figures: Figures, rounds: int, wanted: set[str], burst_seconds: int | None) -> None:
    """Check-ins, redemptions and the burst, on a PostgreSQL that keeps every commit."""
    with stand.postgres() as url, product(url) as engine:
        from benchmarks import answer, checkin, redemption

        checkin.install(engine)
        redemption.counters(engine)
        if "worker" in wanted:
            figures["start_s"] = figure([stand.start_seconds(url) for _round in range(rounds)], "s")
        with stand.server(url) as port:
            checkin.over_http(port, engine, count=2_000)  # connections, statements and the interpreter settle
            if "checkin" in wanted:
                pairs(
                    figures, "checkin", rounds, lambda: checkin.over_http(port, engine),
                    lambda: checkin.yardstick(url, engine), p99="checkin_p99_ms",
                )  # fmt: skip
            if "redemption" in wanted:
                pairs(
                    figures, "redemption", rounds, lambda: redemption.over_http(port, engine),
                    lambda: redemption.yardstick(url, engine), p99="redemption_p99_ms",
                )  # fmt: skip
            if "dashboards" in wanted:
                dashboards(figures, rounds, port, engine)
            if "burst" in wanted:
                bursts(figures, port, engine, burst_seconds)
            if "worker" in wanted:
                figures["worker_mb"] = {"value": stand.worker_mb(port), "unit": "MB"}
                for name, value in answer.weigh(port, engine).items():
                    figures[name] = {"value": value, "unit": "" if "requests" in name else "bytes"}


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

    cookie = readers.cookie(OFFICE)
    quiet, read, pages = [], [], []
    for n in range(rounds):
        quiet.append(checkin.over_http(port, engine).rate)
        with readers.of(port, cookie) as reading:
            read.append(checkin.over_http(port, engine).rate)
        pages.append(reading.a_second)
        print(
            f"  dashboards {n + 1}/{rounds}: {read[-1]:.0f}/s with {reading.a_second:.0f} pages a second,"
            f" {quiet[-1]:.0f}/s without",
            flush=True,
        )
    each = {"pages_a_second": round(statistics.median(pages), 1)}
    figures["dashboards_load_ratio"] = {**figure(read, "/s", quiet), "each": each}


def bursts(figures: Figures, port: int, engine: Any, seconds: int | None) -> None:
    """A service day's five minutes, and ten times as many people for one: slowest answers, and what went wrong."""
    from benchmarks import burst

    for rate, lasts in BURSTS:
        seen = burst.arrive(port, engine, rate, seconds or lasts)
        wrong = {"bad": burst.describe(seen.statuses), "missing": seen.missing, "again": seen.again}
        print(
            f"  burst {rate}/s: answered in {seen.seconds:.0f} s, {seen.statuses} {wrong},"
            f" half of the check-ins within {seen.percentile(0.5):.0f} ms",
            flush=True,
        )
        for share in (0.95, 0.99):
            figures[f"burst_{rate}_p{100 * share:.0f}_ms"] = {
                "value": seen.percentile(share),
                "unit": "ms",
                "each": wrong,
            }


def on_sqlite(figures: Figures, rounds: int) -> None:
    """The same check-in on the embedded database, one process."""
    with tempfile.TemporaryDirectory(prefix="liyu-bench-", dir="/var/tmp") as folder:
        file = Path(folder) / "bench.db"
        url = f"sqlite:///{file}"
        with product(url) as engine:
            from benchmarks import checkin, embedded

            count = 8_000
            # One writer at a time: what the scheduler seals meanwhile, the yardstick would wait for.
            with stand.server(url, workers=1, scheduler=False) as port:
                checkin.over_http(port, engine, count=2_000)
                pairs(
                    figures, "checkin_sqlite", rounds, lambda: checkin.over_http(port, engine, count),
                    lambda: embedded.yardstick(file, engine, count), p99="checkin_sqlite_p99_ms",
                )  # fmt: skip


def ten_years(figures: Figures, rounds: int, wanted: set[str], urls: tuple[str, ...], *, full: bool) -> None:
    """Milliseconds of SQL of pages and dashboards, how they grew from a tenth, and exports beside COPY."""
    from benchmarks import export, pages

    with decade.pair(urls, full=full) as both:
        found: Figures = {}
        if both.load_s is not None:
            found["decade_load_s"] = {"value": both.load_s, "unit": "s"}
        if "pages" in wanted:
            found |= pages.figures(both.large, both.small, max(rounds, 1))
        if "export" in wanted:
            found |= export.figures(both.large, rounds)
        print(f"  ten years: {both.stays} stays", flush=True)
        figures |= {f"{name}{both.mark}": one for name, one in found.items()}


if __name__ == "__main__":
    began = time.monotonic()
    sys.path.insert(0, str(stand.ROOT))
    main()
    print(f"{time.monotonic() - began:.0f} s in all")
