"""The cover on the dashboard."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from rewards.cover import figures
from rewards.cover.models import CoverDay
from volunteer.dashboards import Panel, Scope, panel
from volunteer.db import db
from volunteer.i18n import _


@panel("cover", order=55)
def cover(scope: Scope) -> Panel:
    """How much of the points people hold the shelves can take, at the end of the time asked for."""
    now, before = _at(scope, scope.end), _at(scope, scope.start - timedelta(days=1))
    return Panel(
        title=_("积分覆盖率"),
        value=now.percent or 0 if now else 0,
        unit=_("%"),
        before=before.percent if before else None,
        source=_(
            "每晚量一次：架上的礼遇 {funded|number} 分，大家手里 {outstanding|number} 分。",
            funded=now.funded if now else 0,
            outstanding=now.outstanding if now else 0,
        ),
    )


def _at(scope: Scope, on: date) -> figures.Cover | None:
    """What was measured last in the area up to that night."""
    found = select(CoverDay).where(CoverDay.area_path == scope.path, CoverDay.on <= on + timedelta(days=1))
    row = db.session.scalar(found.order_by(CoverDay.on.desc()).limit(1))
    return figures.Cover(row.outstanding, row.funded, row.on) if row else None
