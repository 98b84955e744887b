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
    start, _end = before(scope.start, scope.end)
    month = func.substr(cast(ServiceDay.on, String), 1, 7)
    now = ServiceDay.on >= scope.start
    rows = db.session.execute(
        select(now, month, Supplement.state, func.count())
        .join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
        .where(
            Supplement.area_path.startswith(scope.path),
            ServiceDay.on.between(start, scope.end),
            Supplement.state.in_(("effective", "rejected")),
        )
        .group_by(now, month, Supplement.state)
    ).all()
    found = {(at, state): int(count) for here, at, state, count in rows if here}
    earlier = sum(int(count) for here, _at, state, count in rows if not here and state == "effective")
    done, refused = (
        [found.get((at, state), 0) for at in labels(scope)] for state in ("effective", "rejected")
    )
    return Panel(
        title=_("补录"),
        value=sum(done),
        before=earlier,
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
