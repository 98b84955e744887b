"""Service days held, and how many residents were served."""

from __future__ import annotations

from sqlalchemy import String, cast, func, select

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import labels
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
    # By date first: months are spelt out for a few thousand dates and not for every day held.
    dates = (
        select(ServiceDay.on, days.label("held"), people.label("reached"))
        .where(*here, ServiceDay.on.between(scope.start, scope.end))
        .group_by(ServiceDay.on)
        .subquery()
    )
    month = func.substr(cast(dates.c.on, String), 1, 7)
    rows = db.session.execute(
        select(month, func.sum(dates.c.held), func.sum(dates.c.reached)).group_by(month)
    )
    found = {at: (held, reached) for at, held, reached in rows}
    by_days, by_people = ([int(found.get(at, (0, 0))[which]) for at in labels(scope)] for which in (0, 1))
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
