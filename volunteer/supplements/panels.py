"""Late hours on the dashboard: how many were recorded, and what part of all hours they are."""

from __future__ import annotations

from sqlalchemy import String, cast, func, select

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import labels
from volunteer.dashboards.periods import before
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.supplements.models import Supplement


@panel("supplements", order=45)
def supplements(scope: Scope) -> Panel:
    """Late hours by the day they are for, from agreed to recorded, and those turned down."""
    month = func.substr(cast(ServiceDay.on, String), 1, 7)
    rows = db.session.execute(
        select(month, Supplement.state, func.count())
        .join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
        .where(
            Supplement.area_path.startswith(scope.path),
            ServiceDay.on.between(scope.start, scope.end),
            Supplement.state.in_(("effective", "rejected")),
        )
        .group_by(month, Supplement.state)
    )
    found = {(at, state): int(count) for at, state, count in rows}
    done, refused = (
        [found.get((at, state), 0) for at in labels(scope)] for state in ("effective", "rejected")
    )
    start, end = before(scope.start, scope.end)
    earlier = (
        select(func.count())
        .select_from(Supplement)
        .join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
        .where(
            Supplement.area_path.startswith(scope.path),
            ServiceDay.on.between(start, end),
            Supplement.state == "effective",
        )
    )
    return Panel(
        title=_("补录"),
        value=sum(done),
        before=db.session.scalar(earlier) or 0,
        unit=_("条"),
        source=_("两位同意并公示过、已经记上的补录，按服务那天算；没有通过的另列。"),
        chart=Chart(
            labels(scope),
            [Series(_("记上的补录"), done, "warm"), Series(_("没有通过"), refused, "safe")],
            unit=_("条"),
        ),
        heads=[_("月份"), (_("记上的补录"), "number"), (_("没有通过"), "number")],
        rows=list(zip(labels(scope), done, refused, strict=True)),
    )
