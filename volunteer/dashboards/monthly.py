"""Sums by month, the same on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, cast, extract, select

from volunteer.dashboards import periods
from volunteer.dashboards.registry import Scope
from volunteer.db import db


def by_month(
    scope: Scope, on: Any, value: Any, where: Sequence[Any], split: Any = None
) -> dict[Any, list[int]]:
    """Return {split value: one number a month of the scope}; without a split, the one key None."""
    columns = [extract("year", on).label("y"), extract("month", on).label("m")]
    groups = [*columns] + ([split] if split is not None else [])
    rows = db.session.execute(
        select(*groups, cast(value, Integer).label("n"))
        .where(on.between(scope.start, scope.end), *where)
        .group_by(*groups)
    ).all()
    months = list(periods.months(scope.start, scope.end))
    found: dict[Any, list[int]] = {}
    for row in rows:
        key = row[2] if split is not None else None
        at = months.index(f"{int(row[0])}-{int(row[1]):02d}")
        found.setdefault(key, [0] * len(months))[at] = int(row[-1] or 0)
    return found


def labels(scope: Scope) -> list[str]:
    """The months of the scope as the axis names them."""
    return list(periods.months(scope.start, scope.end))
