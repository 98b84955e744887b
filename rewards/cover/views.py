"""How much of the points people hold the shelves can take: the street, its communities, the months, and what lies ahead."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from sqlalchemy import select

from rewards.cover import figures, forecast
from rewards.cover.models import CoverDay
from volunteer import access, clock, community, ledger, render
from volunteer.community import Area
from volunteer.db import db
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("cover", __name__)

render.navigate("courtesy", _("积分覆盖"), "cover.index", "dashboard.read", icon="shield", order=45)

#: The picture shows so many weeks.
WEEKS = 26


@pages.get("/office/cover", allow="dashboard.read")
def index() -> str:
    """The streets one reaches into, each with its communities."""
    mine = [hold.area_path for hold in access.holds() if "dashboard.read" in hold.rights and hold.area_path]
    paths = sorted({community.street_path(path) for path in mine})
    streets = db.session.scalars(select(Area).where(Area.path.in_(paths)).order_by(Area.id)).all()
    return render_template(
        "rewards/cover/index.html",
        streets=[_street(street) for street in streets],
        days=forecast.DAYS,
    )


def _street(street: Area) -> dict[str, object]:
    now = figures.standing(street.path)
    return {
        "area": street,
        "now": now,
        "numbers": ledger.tariff(clock.today(), street.path),
        "ahead": forecast.ahead(street.path, now) if now else None,
        "communities": _communities(street, now) if now else [],
        "weeks": _weeks(street),
    }


def _communities(street: Area, now: figures.Cover) -> list[tuple[str, figures.Cover]]:
    found = db.session.execute(
        select(Area.name, CoverDay.outstanding, CoverDay.funded)
        .join(CoverDay, CoverDay.area_path == Area.path)
        .where(Area.parent_id == street.id, CoverDay.on == now.on)
        .order_by(CoverDay.outstanding.desc(), Area.id)
    )
    return [(name, figures.Cover(outstanding, funded)) for name, outstanding, funded in found]


def _weeks(street: Area) -> list[tuple[object, int]]:
    """(day, per cent) of one night a week."""
    since = clock.today() - timedelta(weeks=WEEKS)
    rows = db.session.scalars(
        select(CoverDay)
        .where(CoverDay.area_path == street.path, CoverDay.on > since)
        .order_by(CoverDay.on.desc())
    ).all()
    weekly = [figures.Cover(row.outstanding, row.funded, row.on) for row in rows[::7]]
    return [(one.on, one.percent) for one in reversed(weekly) if one.percent is not None]
