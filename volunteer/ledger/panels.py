"""Points issued, redeemed, expired, and held by vouchers not used yet."""

from __future__ import annotations

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import labels
from volunteer.dashboards.periods import before
from volunteer.i18n import _
from volunteer.ledger import rollups

#: Earlier than any point.
BEGINNING = "2000-01"
MANY = 24


@panel("points", order=50)
def points(scope: Scope) -> Panel:
    """Every point that moved in the area, by what moved it."""
    months = labels(scope)
    everything = rollups.moved(scope.path, (BEGINNING, months[-1]))

    def month(move: str) -> list[int]:
        return [everything.get((name, move), 0) for name in months]

    def ever(move: str) -> int:
        return sum(points for (_month, one), points in everything.items() if one == move)

    given, taken = (("award", "adjustment"), ("reversal", "deduction"))
    issued = [
        sum(gain) - sum(loss)
        for gain, loss in zip(
            zip(*map(month, given), strict=True), zip(*map(month, taken), strict=True), strict=True
        )
    ]
    holding = ever("claim") - ever("release") - ever("redeem") + ever("unredeem") + ever("clawback")
    return Panel(
        title=_("发出的积分"),
        value=sum(issued),
        before=rollups.moved_between(scope.path, "award", *before(scope.start, scope.end)),
        unit=_("分"),
        source=_("积分账本逐笔相加；另有 {holding|number} 分押在还没用的券里。", holding=holding),
        chart=Chart(
            months,
            [
                Series(_("发出"), issued, "green"),
                Series(_("已核销"), month("redeem"), "care"),
                Series(_("过期"), month("expire"), "warm"),
            ],
            # Three bars a month are a blur once there are many months.
            kind="line" if len(months) > MANY else "bar",
            unit=_("分"),
        ),
        heads=[
            _("月份"),
            (_("发出"), "number"),
            (_("已核销"), "number"),
            (_("退回"), "number"),
            (_("过期"), "number"),
        ],
        rows=list(zip(months, issued, month("redeem"), month("release"), month("expire"), strict=True)),
    )
