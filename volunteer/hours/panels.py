"""Who is active, and the hours by the evidence they rest on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import by_month, labels
from volunteer.dashboards.periods import before
from volunteer.db import db
from volunteer.hours.models import ServiceRecord
from volunteer.i18n import _


def _here(scope: Scope) -> tuple[Any, Any]:
    return ServiceRecord.area_path.startswith(scope.path), ServiceRecord.state == "confirmed"


@panel("active", order=20)
def active(scope: Scope) -> Panel:
    """People with at least one confirmed record in the time."""
    people = func.count(func.distinct(ServiceRecord.volunteer_id))
    start, end = before(scope.start, scope.end)
    values = by_month(scope, ServiceRecord.on, people, _here(scope)).get(None, [0] * len(labels(scope)))
    return Panel(
        title=_("活跃志愿者"),
        value=db.session.scalar(
            select(people).where(*_here(scope), ServiceRecord.on.between(scope.start, scope.end))
        )
        or 0,
        before=db.session.scalar(select(people).where(*_here(scope), ServiceRecord.on.between(start, end)))
        or 0,
        unit=_("人"),
        source=_("这段时间里至少有一条已确认服务记录的人，每人只算一次。"),
        chart=Chart(labels(scope), [Series(_("当月活跃"), values)], unit=_("人")),
        heads=[_("月份"), (_("当月活跃"), "number")],
        rows=list(zip(labels(scope), values, strict=True)),
    )


@panel("hours", order=30)
def hours(scope: Scope) -> Panel:
    """Confirmed hours, split by evidence grade."""
    minutes = func.sum(ServiceRecord.minutes)
    start, end = before(scope.start, scope.end)
    split = by_month(scope, ServiceRecord.on, minutes, _here(scope), split=ServiceRecord.grade)
    empty = [0] * len(labels(scope))
    grades = {grade: [round(one / 60, 1) for one in split.get(grade, empty)] for grade in "ABC"}
    return Panel(
        title=_("服务时长"),
        value=sum(sum(values) for values in split.values()),
        before=db.session.scalar(select(minutes).where(*_here(scope), ServiceRecord.on.between(start, end)))
        or 0,
        hours=True,
        unit=_("小时"),
        source=_("已确认的服务记录。A：两次扫码；B：一次扫码加名单核对；C：补录。"),
        chart=Chart(
            labels(scope),
            [
                Series(_("A 两次扫码"), grades["A"], "green"),
                Series(_("B 名单核对"), grades["B"], "safe"),
                Series(_("C 补录"), grades["C"], "warm"),
            ],
            kind="stack",
            unit=_("小时"),
        ),
        heads=[_("月份"), ("A", "number"), ("B", "number"), ("C", "number")],
        rows=[(month, *(grades[grade][at] for grade in "ABC")) for at, month in enumerate(labels(scope))],
    )
