"""The months of a dashboard."""

from __future__ import annotations

from volunteer.dashboards import periods
from volunteer.dashboards.registry import Scope


def labels(scope: Scope) -> list[str]:
    """The months of the scope as the axis names them."""
    return list(periods.months(scope.start, scope.end))
