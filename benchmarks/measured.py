"""A figure: what was measured beside its yardstick, in the middle of the rounds, and how far apart they were."""

from __future__ import annotations

import statistics
from typing import Any

Figures = dict[str, dict[str, Any]]


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


def line(name: str, found: dict[str, Any]) -> str:
    """Return a figure as a line of the table."""
    value = f"{found['value']:.2f}" if found["value"] < 10 else f"{found['value']:.1f}"
    ratio = f"{found['ratio']:.2f}" if found.get("ratio") is not None else "–"
    yardstick = f"{found['yardstick']:.2f}" if found.get("yardstick") is not None else "–"
    spread = f"± {found['spread']:.0%}" if found.get("spread") is not None else ""
    more = " ".join(f"{key} {one}" for key, one in found.get("each", {}).items())
    return f"{name:28} {value:>10} {found['unit']:8} yardstick {yardstick:>8}  ratio {ratio:>5} {spread} {more}".rstrip()
