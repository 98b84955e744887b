"""Service days held, and how many residents were served."""

from __future__ import annotations

from sqlalchemy import func, select

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import by_month, labels
from volunteer.dashboards.periods import before
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days.models import ServiceDay


@panel("served", order=40)
def served(scope: Scope) -> Panel:
    """Served person-times (服务人次): residents served, each time counted."""
    here = (ServiceDay.area_path.startswith(scope.path), ServiceDay.state != "cancelled")
    people, days = func.coalesce(func.sum(ServiceDay.served), 0), func.count()
    start, end = before(scope.start, scope.end)
    empty = [0] * len(labels(scope))
    by_people = by_month(scope, ServiceDay.on, people, here).get(None, empty)
    by_days = by_month(scope, ServiceDay.on, days, here).get(None, empty)
    return Panel(
        title=_("服务人次"),
        value=sum(by_people),
        before=db.session.scalar(select(people).where(*here, ServiceDay.on.between(start, end))) or 0,
        unit=_("人次"),
        source=_("各场服务日结束后由组织者填报的服务人次；没有填报的不估算。"),
        chart=Chart(labels(scope), [Series(_("服务人次"), by_people, "care")], unit=_("人次")),
        heads=[_("月份"), (_("服务日"), "number"), (_("服务人次"), "number")],
        rows=list(zip(labels(scope), by_days, by_people, strict=True)),
    )
