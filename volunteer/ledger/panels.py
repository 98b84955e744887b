"""Points issued, redeemed, expired, and held by vouchers not used yet."""

from __future__ import annotations

from sqlalchemy import func, select

from volunteer.dashboards import Chart, Panel, Scope, Series, panel
from volunteer.dashboards.monthly import by_month, labels
from volunteer.dashboards.periods import before
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger.models import Posting


@panel("points", order=50)
def points(scope: Scope) -> Panel:
    """Every point that moved in the area, by what moved it."""
    here = (Posting.area_path.startswith(scope.path),)
    total = func.sum(Posting.amount)
    start, end = before(scope.start, scope.end)
    moved = by_month(scope, Posting.on, total, here, split=Posting.move)
    empty = [0] * len(labels(scope))

    def month(move: str) -> list[int]:
        return moved.get(move, empty)

    issued = [a - b for a, b in zip(month("award"), month("reversal"), strict=True)]
    held = dict(
        db.session.execute(
            select(Posting.move, total).where(*here, Posting.on <= scope.end).group_by(Posting.move)
        ).all()
    )
    holding = held.get("claim", 0) - held.get("release", 0) - held.get("redeem", 0)
    return Panel(
        title=_("发出的积分"),
        value=sum(issued),
        before=db.session.scalar(
            select(total).where(*here, Posting.move == "award", Posting.on.between(start, end))
        )
        or 0,
        unit=_("分"),
        source=_("积分账本逐笔相加；另有 {holding|number} 分押在还没用的券里。", holding=holding),
        chart=Chart(
            labels(scope),
            [
                Series(_("发出"), issued, "green"),
                Series(_("核销"), month("redeem"), "care"),
                Series(_("过期"), month("expire"), "warm"),
            ],
            unit=_("分"),
        ),
        heads=[
            _("月份"),
            (_("发出"), "number"),
            (_("核销"), "number"),
            (_("退回"), "number"),
            (_("过期"), "number"),
        ],
        rows=[
            (name, issued[at], month("redeem")[at], month("release")[at], month("expire")[at])
            for at, name in enumerate(labels(scope))
        ],
    )
