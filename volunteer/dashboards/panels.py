"""Volunteers: how many there are, and how many are new each month."""

from __future__ import annotations

from sqlalchemy import and_, case, func, select

from volunteer import accounts
from volunteer.dashboards import periods
from volunteer.dashboards.registry import Chart, Panel, Scope, Series, panel
from volunteer.db import db
from volunteer.i18n import _


@panel("volunteers", order=10)
def volunteers(scope: Scope) -> Panel:
    """Registered volunteers at home in the area."""
    here = (accounts.User.area_path.startswith(scope.path), accounts.User.state == "active")
    registered = accounts.User.registered_at
    months = list(periods.months(scope.start, scope.end))
    within = [and_(registered >= first, registered < last) for first, last in map(periods.bounds, months)]
    counted = db.session.execute(
        select(func.count(), *(func.count(case((month, 1))) for month in within)).where(*here)
    ).one()
    total, new = counted[0], list(counted[1:])
    return Panel(
        title=_("志愿者"),
        value=total,
        unit=_("人"),
        source=_("已注册、可以服务的志愿者，按所在社区统计。"),
        chart=Chart(months, [Series(_("新注册"), new)], unit=_("人")),
        heads=[_("月份"), (_("新注册"), "number")],
        rows=list(zip(months, new, strict=True)),
    )
