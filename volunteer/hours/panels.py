"""Who is active, and the hours by the evidence they rest on."""

from __future__ import annotations

from flask import g

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import labels
from volunteer.dashboards.periods import before
from volunteer.hours import sums
from volunteer.i18n import _


@panel("active", order=20)
def active(scope: Scope) -> Panel:
    """People with at least one confirmed record in the time."""
    months = labels(scope)
    found = _found(scope.path, tuple(months))
    values = [found[month]["people"] for month in months]
    return Panel(
        title=_("活跃志愿者"),
        value=sums.people(scope.path, scope.start, scope.end),
        before=sums.people(scope.path, *before(scope.start, scope.end)),
        unit=_("人"),
        source=_("这段时间里至少有一条已确认服务记录的人，每人只算一次。"),
        chart=Chart(months, [Series(_("当月活跃"), values)], unit=_("人")),
        heads=[_("月份"), (_("当月活跃"), "number")],
        rows=list(zip(months, values, strict=True)),
    )


@panel("hours", order=30)
def hours(scope: Scope) -> Panel:
    """Confirmed hours, split by evidence grade."""
    months = labels(scope)
    found = _found(scope.path, tuple(months))
    minutes = {grade: [found[month][f"minutes_{grade.lower()}"] for month in months] for grade in "ABC"}
    grades = {grade: [round(one / 60, 1) for one in values] for grade, values in minutes.items()}
    return Panel(
        title=_("服务时长"),
        value=sum(sum(values) for values in minutes.values()),
        before=sums.minutes_between(scope.path, *before(scope.start, scope.end)),
        hours=True,
        unit=_("小时"),
        source=_("已确认的服务记录。A：两次扫码；B：一次扫码加名单核对；C：补录。"),
        chart=Chart(
            months,
            [
                Series(_("A 两次扫码"), grades["A"], "green"),
                Series(_("B 名单核对"), grades["B"], "safe"),
                Series(_("C 补录"), grades["C"], "warm"),
            ],
            kind="stack",
            unit=_("小时"),
        ),
        heads=[_("月份"), ("A", "number"), ("B", "number"), ("C", "number")],
        rows=[(month, *(grades[grade][at] for grade in "ABC")) for at, month in enumerate(months)],
    )


def _found(area_path: str, months: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """The two panels read the same figures, once a request."""
    key = ("hours_by_month", area_path, months)
    if g.get("hours_found", (None,))[0] != key:
        g.hours_found = (key, sums.by_month(area_path, months))
    found: dict[str, dict[str, int]] = g.hours_found[1]
    return found
