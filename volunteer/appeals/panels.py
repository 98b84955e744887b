"""Appeals on the dashboard: how many were filed, and how many are past their day."""

from __future__ import annotations

from sqlalchemy import func, select

from volunteer import clock
from volunteer.appeals.models import Appeal
from volunteer.dashboards import Panel, Scope, panel
from volunteer.dashboards.periods import before, bounds_of
from volunteer.db import db
from volunteer.i18n import _


@panel("appeals", order=95)
def appeals(scope: Scope) -> Panel:
    """Appeals filed in the time, by what became of them."""
    start, end = bounds_of(scope.start, scope.end)
    first, _last = bounds_of(*before(scope.start, scope.end))
    now, late = Appeal.filed_at >= start, Appeal.due_on < clock.today()
    waits = Appeal.state.in_(("filed", "escalated"))
    rows = db.session.execute(
        select(now, Appeal.state, func.count(), func.count().filter(late, waits))
        .where(Appeal.area_path.startswith(scope.path), Appeal.filed_at >= first, Appeal.filed_at < end)
        .group_by(now, Appeal.state)
    ).all()
    found = {state: int(count) for here, state, count, _late in rows if here}
    earlier = sum(int(count) for here, _state, count, _late in rows if not here)
    overdue = sum(int(late) for _here, _state, _count, late in rows)
    return Panel(
        title=_("申诉"),
        value=sum(found.values()),
        before=earlier,
        unit=_("件"),
        source=_("这段时间里收到的申诉，包括“不是我”；超过十个工作日没有答复的，按今天算。"),
        heads=[_("状态"), (_("件数"), "number")],
        rows=[
            (str(_("等社区答复")), found.get("filed", 0)),
            (str(_("答复了")), found.get("answered", 0)),
            (str(_("等审计看")), found.get("escalated", 0)),
            (str(_("审计答复了")), found.get("final", 0)),
            (str(_("超过期限")), overdue),
        ],
    )
