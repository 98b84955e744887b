"""What a month has to have of statements before its books are closed."""

from __future__ import annotations

from sqlalchemy import func, select

from rewards.settlements import drawing
from rewards.settlements.models import FIXED, Statement
from volunteer import ledger
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger.closing import Ready


@ledger.closing.part("statements")
def statements(month: str) -> Ready:
    """Every partner with redemptions has its statement; what is not agreed yet may stay open if somebody says so."""
    missing = len(drawing.waiting(month))
    figures = {
        state: (int(count), int(points))
        for state, count, points in db.session.execute(
            select(Statement.state, func.count(), func.sum(Statement.points))
            .where(Statement.month == month)
            .group_by(Statement.state)
        )
    }
    unsigned = sum(count for state, (count, _points) in figures.items() if state not in FIXED)
    return Ready(
        missing=[_("{n} 家商家的账单还没有出", n=missing)] if missing else [],
        open=[_("{n} 份账单还没有核准", n=unsigned)] if unsigned else [],
        figures={
            "drawn": sum(count for count, _points in figures.values()),
            "points": sum(points for _count, points in figures.values()),
            "unsigned": unsigned,
            "paid": figures.get("paid", (0, 0))[0],
            "circulated": figures.get("circulated", (0, 0))[0],
        },
    )
