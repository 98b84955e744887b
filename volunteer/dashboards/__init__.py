"""Pages of figures for offices, the inbox of what waits for a decision, and the audit trail.

Features bring their own panels and inbox items; this folder only lays them out and never counts by itself.
"""

from volunteer.dashboards import audit, exports, lists, monthly, periods
from volunteer.dashboards.registry import Chart, Item, Panel, Scope, Series, inbox, panel

__all__ = [
    "Chart",
    "Item",
    "Panel",
    "Scope",
    "Series",
    "audit",
    "exports",
    "inbox",
    "lists",
    "monthly",
    "panel",
    "periods",
]
