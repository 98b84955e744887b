"""`make faults`: the long forms one after another; a table as they come, and instance/faults.json.

make faults ARGS="F02 F04 --short --engine sqlite --seed 7"
make faults ARGS="F22 --size runs=5000"
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.faults import everything
from tests.faults.registry import FAULTS, Run

WRITTEN = Path(__file__).resolve().parents[2] / "instance" / "faults.json"


def main() -> int:
    everything.load()
    asked = argparse.ArgumentParser(prog="make faults", description=__doc__)
    asked.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {' '.join(sorted(FAULTS))}; all when left out"
    )
    asked.add_argument("--short", action="store_true", help="the small forms that `make test` runs")
    asked.add_argument("--engine", choices=("sqlite", "postgresql"))
    asked.add_argument("--seed", type=int)
    asked.add_argument(
        "--size", nargs="+", type=_size, default=[], metavar="WHAT=MANY", help="larger, smaller"
    )
    given = asked.parse_args()
    if unknown := set(given.names) - set(FAULTS):
        asked.error(f"no fault is called {' '.join(sorted(unknown))}")

    runs: list[Run] = []
    for name in given.names or sorted(FAULTS):
        one = FAULTS[name]
        for engine in one.engines:
            if given.engine in (None, engine) and (one.short or not given.short):
                runs.append(_run(name, engine, given))
                _print(one.what, runs[-1])
    _write(runs)
    return any(run.ok is False for run in runs)


def _size(text: str) -> tuple[str, int]:
    what, _, many = text.partition("=")
    return what, int(many)


def _run(name: str, engine: str, given: argparse.Namespace) -> Run:
    try:
        return FAULTS[name].run(engine, long=not given.short, seed=given.seed, size=dict(given.size))
    except Exception as fault:
        traceback.print_exc()
        told = f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
        return Run(name, engine, told, FAULTS[name].target, False, given.seed or 0, 0.0)


def _print(what: str, run: Run) -> None:
    verdict = "skipped" if run.skipped else "ok" if run.ok else "FAILED"
    print(f"{verdict:<8}{run.name:<5}{run.engine:<11}{run.seconds:>6.1f} s  {what}")
    print(f"        {run.skipped or run.figure}   (target: {run.target})", flush=True)


def _write(runs: list[Run]) -> None:
    """One entry a fault, with each engine's run inside; faults that did not run this time keep what they had."""
    kept: dict[str, Any] = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    for name in dict.fromkeys(run.name for run in runs):
        mine = [run for run in runs if run.name == name]
        ran = [run for run in mine if not run.skipped]
        kept[name] = {
            "figure": "; ".join(f"{run.engine}: {run.figure or 'skipped'}" for run in mine),
            "target": mine[0].target,
            "ok": all(run.ok for run in ran) if ran else None,
            "seed": mine[0].seed,
            "skipped": "; ".join(run.skipped for run in mine if run.skipped) or None,
            "runs": [run.plain() for run in mine],
        }
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(dict(sorted(kept.items())), ensure_ascii=False, indent=1) + "\n")
    print(
        f"{len(runs)} runs, {sum(run.ok is False for run in runs)} failed, "
        f"{sum(bool(run.skipped) for run in runs)} skipped; written to {WRITTEN}"
    )


if __name__ == "__main__":
    sys.exit(main())
